//! Money that comes in as Telegram Stars, and goes back.

use chrono::TimeDelta;
use numshop::sandbox::telegram::limits::Fault;
use numshop::sandbox::telegram::message::ChatMessage;
use numshop::sandbox::telegram::stars::{Bill, Payment};

use crate::harness::{ALEX, Actor, PATIENCE, SARI, Stage, eventually, stars};

/// From the wallet to an invoice over 100 Stars, which bring Rp20,000.
pub(crate) async fn gets_invoice(person: &Actor<'_>) -> ChatMessage {
    person.says("/wallet").await;
    person.presses("Telegram Stars").await;
    person.presses("⭐ 100 → Rp20,000").await
}

async fn charge(person: &Actor<'_>, invoice: &ChatMessage) -> String {
    match person.pays(invoice.id).await {
        Payment::Made { charge_id, .. } => charge_id,
        Payment::Declined(reason) => panic!("declined: {reason}"),
    }
}

/// Alex has paid an invoice over 100 Stars.
async fn alex_paid(stage: &Stage) -> (Actor<'_>, String) {
    let alex = stage.alex();
    alex.says("/start").await;
    let invoice = gets_invoice(&alex).await;
    let charge = charge(&alex, &invoice).await;
    alex.sees("Rp20,000 was added to your wallet").await;
    (alex, charge)
}

fn declined(payment: Payment) -> String {
    match payment {
        Payment::Declined(reason) => reason,
        Payment::Made { .. } => panic!("this must not be paid"),
    }
}

#[tokio::test]
async fn stars_fill_the_wallet() {
    let stage = Stage::open().await;
    let alex = stage.alex();
    alex.says("/start").await;
    let invoice = gets_invoice(&alex).await;
    assert!(
        invoice.text.contains("100 Stars bring Rp20,000"),
        "{}",
        invoice.text
    );
    let Some(Bill::Invoice(bill)) = &invoice.bill else {
        panic!("this is no invoice");
    };
    assert_eq!((bill.stars, bill.start_parameter.as_str()), (100, "stars"));
    assert!(bill.payload.starts_with(&format!("stars:{ALEX}:")));
    let charge = charge(&alex, &invoice).await;
    let news = alex.sees("Rp20,000 was added to your wallet").await;
    assert!(news.text.contains("⭐ 100"), "{}", news.text);
    assert_eq!(alex.balance().await, (20_000, 0));
    let support = alex.says("/paysupport").await;
    assert!(support.spans("code").contains(&charge), "{}", support.text);
    stage.finish().await;
}

#[tokio::test]
async fn any_number_of_stars_can_be_typed() {
    let stage = Stage::open().await;
    let alex = stage.alex();
    alex.says("/start").await;
    alex.says("/wallet").await;
    alex.presses("Telegram Stars").await;
    let asked = alex.presses("Another amount").await;
    assert!(asked.text.contains("between 1 and 10000"), "{}", asked.text);
    let again = alex.says("99999999999").await;
    assert!(again.text.contains("between 1 and 10000"), "{}", again.text);
    let invoice = alex.says("75 ⭐").await;
    assert!(invoice.text.contains("Top up Rp15,000"), "{}", invoice.text);
    charge(&alex, &invoice).await;
    alex.sees("Rp15,000 was added").await;
    // The question is answered: a number is the name of a service again.
    let found = alex.says("75").await;
    assert!(found.bill.is_none(), "{}", found.text);
    alex.says("/wallet").await;
    alex.presses("Telegram Stars").await;
    alex.presses("Another amount").await;
    let found = alex.says("WhatsApp").await;
    assert!(found.text.contains("WhatsApp"), "{}", found.text);
    let found = alex.says("50").await;
    assert!(found.bill.is_none(), "{}", found.text);
    assert_eq!(alex.balance().await, (15_000, 0));
    stage.finish().await;
}

#[tokio::test]
async fn nobody_else_can_pay_an_invoice() {
    let stage = Stage::open().await;
    let (alex, sari) = (stage.alex(), stage.sari());
    alex.says("/start").await;
    sari.says("/start").await;
    let invoice = gets_invoice(&alex).await;
    // A forwarded copy leads Sari to offers of her own.
    let copy = stage.telegram.forward_invoice(SARI, ALEX, invoice.id);
    let link = copy.unwrap().unwrap_err();
    assert!(link.ends_with("?start=stars"), "{link}");
    let offers = sari.says("/start stars").await;
    assert!(offers.buttons().any(|it| it.text.starts_with("⭐ 100")));
    // A client of her own making gets no further.
    let query = stage.telegram.pay_forged(SARI, ALEX, invoice.id).unwrap();
    let ended = stage.telegram.wait_for_payment(SARI, &query, PATIENCE);
    let reason = declined(ended.await.unwrap());
    assert!(reason.contains("orang lain"), "{reason}");
    assert_eq!(stage.telegram.star_entries(), []);
    assert_eq!(sari.balance().await, (0, 0));
    stage.finish().await;
}

#[tokio::test]
async fn an_old_invoice_is_declined() {
    let stage = Stage::open().await;
    let alex = stage.alex();
    alex.says("/start").await;
    let invoice = gets_invoice(&alex).await;
    stage.later(TimeDelta::hours(25));
    let reason = declined(alex.pays(invoice.id).await);
    assert!(reason.contains("out of date"), "{reason}");
    assert!(reason.contains("Nothing was paid"), "{reason}");
    assert_eq!(stage.telegram.star_entries(), []);
    stage.finish().await;
}

#[tokio::test]
async fn a_changed_rate_declines_what_was_promised_before() {
    let mut stage = Stage::open().await;
    stage.alex().says("/start").await;
    let invoice = gets_invoice(&stage.alex()).await;
    stage.stop().await;
    stage.top_ups.stars = Some(stars(300));
    stage.start().await;
    let reason = declined(stage.alex().pays(invoice.id).await);
    assert!(reason.contains("another amount by now"), "{reason}");
    stage.stop().await;
    stage.top_ups.stars = None;
    stage.start().await;
    let reason = declined(stage.alex().pays(invoice.id).await);
    assert!(reason.contains("out of date"), "{reason}");
    let wallet = stage.alex().says("/wallet").await;
    assert!(wallet.buttons().all(|it| !it.text.contains("Stars")));
    let outdated = stage.alex().presses("⭐ 100").await;
    assert!(outdated.text.contains("not offered"), "{}", outdated.text);
    assert_eq!(stage.telegram.star_entries(), []);
    stage.finish().await;
}

#[tokio::test]
async fn a_payment_brings_what_its_invoice_promised_though_the_rate_changed() {
    let mut stage = Stage::open().await;
    stage.alex().says("/start").await;
    let invoice = gets_invoice(&stage.alex()).await;
    stage.telegram.lose_payments(true);
    charge(&stage.alex(), &invoice).await;
    stage.stop().await;
    // Even where no Stars are taken any more.
    stage.top_ups.stars = None;
    stage.start().await;
    stage.alex().sees("Rp20,000 was added").await;
    assert_eq!(stage.alex().balance().await, (20_000, 0));
    stage.finish().await;
}

#[tokio::test]
async fn each_charge_is_credited_once() {
    let stage = Stage::open().await;
    let alex = stage.alex();
    alex.says("/start").await;
    let invoice = gets_invoice(&alex).await;
    let Payment::Made { update_id, .. } = alex.pays(invoice.id).await else {
        panic!("this is not declined");
    };
    alex.sees("Rp20,000 was added").await;
    let update = update_id.unwrap();
    stage.telegram.redeliver(update).unwrap();
    stage.telegram.duplicate(update).unwrap();
    stage.shop().wake().stars.notify_one();
    stage.is_idle().await;
    assert_eq!(alex.balance().await, (20_000, 0));
    // The same invoice, paid again, is another payment.
    charge(&alex, &invoice).await;
    alex.sees("You can spend Rp40,000").await;
    // One more whose word is lost: Telegram's list has it.
    stage.telegram.lose_payments(true);
    charge(&alex, &invoice).await;
    stage.shop().wake().stars.notify_one();
    alex.sees("You can spend Rp60,000").await;
    assert_eq!(stage.telegram.star_entries().len(), 3);
    stage.finish().await;
}

#[tokio::test]
async fn hundreds_of_lost_payments_are_found() {
    let stage = Stage::open().await;
    let alex = stage.alex();
    alex.says("/start").await;
    let invoice = gets_invoice(&alex).await;
    stage.telegram.lose_payments(true);
    for _ in 0..130 {
        charge(&alex, &invoice).await;
    }
    stage.shop().wake().stars.notify_one();
    alex.sees("You can spend Rp2,600,000").await;
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn admins_give_stars_back() {
    let stage = Stage::open().await;
    let (alex, charge) = alex_paid(&stage).await;
    let maya = stage.maya();
    let list = maya.says("/refund @alex").await;
    assert!(list.spans("code").contains(&charge), "{}", list.text);
    let draft = maya.says(&format!("/refund {charge}")).await;
    assert!(draft.text.contains("Rp20,000 → Rp0"), "{}", draft.text);
    maya.presses("Give 100 Stars back").await;
    maya.sees("You are told how it went").await;
    maya.sees("✅ Given back").await;
    let news = alex.sees("100 Stars are back with you").await;
    assert!(news.text.contains("Rp20,000 left"), "{}", news.text);
    assert_eq!(alex.balance().await, (0, 0));
    let again = maya.says(&format!("/refund {charge}")).await;
    assert!(again.text.contains("was given back"), "{}", again.text);
    // The list that tells of the refund changes nothing more.
    stage.shop().wake().stars.notify_one();
    maya.skims().await;
    assert_eq!(alex.balance().await, (0, 0));
    stage.finish().await;
}

#[tokio::test]
async fn a_refund_that_telegram_refuses_leaves_the_money_where_it_was() {
    let stage = Stage::open().await;
    let (alex, charge) = alex_paid(&stage).await;
    let maya = stage.maya();
    stage.telegram.refuse_refunds(true);
    maya.says(&format!("/refund {charge}")).await;
    maya.presses("Give 100 Stars back").await;
    maya.sees("Telegram refused to give back").await;
    assert_eq!(alex.balance().await, (20_000, 0));
    stage.telegram.refuse_refunds(false);
    maya.says(&format!("/refund {charge}")).await;
    maya.presses("Give 100 Stars back").await;
    alex.sees("are back with you").await;
    maya.sees("✅ Given back").await;
    assert_eq!(alex.balance().await, (0, 0));
    let wallet = alex.says("/wallet").await;
    for line in [
        "+Rp20,000 · Stars could not be given back",
        "-Rp20,000 · Stars given back",
    ] {
        assert!(wallet.text.contains(line), "{line}: {}", wallet.text);
    }
    maya.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn what_was_spent_is_not_given_back() {
    let stage = Stage::open().await;
    let (alex, charge) = alex_paid(&stage).await;
    alex.buys("WhatsApp").await;
    let refused = stage.maya().says(&format!("/refund {charge}")).await;
    assert!(
        refused.text.contains("Nothing was given back"),
        "{}",
        refused.text
    );
    let users_cannot = alex.says(&format!("/refund {charge}")).await;
    assert!(
        users_cannot.text.contains("don't know that command"),
        "{}",
        users_cannot.text
    );
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn stars_that_telegram_gives_back_by_itself_leave_the_wallet() {
    let stage = Stage::open().await;
    stage.maya().says("/start").await;
    let (alex, charge) = alex_paid(&stage).await;
    stage.telegram.give_back(ALEX, &charge).unwrap();
    alex.sees("are back with you").await;
    stage.maya().sees("by itself. The money left").await;
    assert_eq!(alex.balance().await, (0, 0));
    stage.finish().await;
}

#[tokio::test]
async fn what_the_wallet_does_not_cover_is_taken_later() {
    let stage = Stage::open().await;
    stage.maya().says("/start").await;
    let (alex, charge) = alex_paid(&stage).await;
    alex.buys("WhatsApp").await;
    let (available, held) = alex.balance().await;
    stage.telegram.give_back(ALEX, &charge).unwrap();
    stage.maya().sees("does not hold that much").await;
    assert_eq!(alex.balance().await, (available, held));
    alex.funded(10_000).await;
    stage.shop().wake().stars.notify_one();
    stage.maya().sees("by itself. The money left").await;
    assert_eq!(alex.balance().await, (available - 10_000, held));
    alex.skims().await;
    stage.maya().skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn trouble_with_a_payment_reaches_the_admins() {
    let stage = Stage::open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    alex.says("/start").await;
    maya.says("/start").await;
    let sent = alex.says("/paysupport I paid <twice>").await;
    assert!(sent.text.contains("have your message"), "{}", sent.text);
    let call = maya.sees("writes:").await;
    assert!(
        call.text.contains("I paid <twice>") && call.text.contains("Alex @alex"),
        "{}",
        call.text
    );
    maya.presses("Answer").await;
    maya.says("It is credited now").await;
    let answer = alex.sees("Support answers:").await;
    assert!(answer.text.contains("It is credited now"));
    maya.sees("Answered by Maya").await;
    stage.finish().await;
}

#[tokio::test]
async fn telegram_is_asked_again_until_it_answers() {
    let stage = Stage::open().await;
    stage.maya().says("/start").await;
    let (alex, charge) = alex_paid(&stage).await;
    let admin = stage.maya().id();
    stage.telegram.set_fault(Some(Fault::Status(502))).await;
    let draft = stage.shop().draft_refund(admin, &charge).await.unwrap();
    let begun = stage.shop().begin_refund(admin, &draft.nonce).await;
    assert!(begun.unwrap().is_new);
    let begun = stage.shop().begin_refund(admin, &draft.nonce).await;
    assert!(!begun.unwrap().is_new, "a second tap begins nothing");
    eventually("Telegram was asked in vain", async || {
        stage.telegram.requests("refundStarPayment") > 0
    })
    .await;
    assert_eq!(alex.balance().await, (0, 0));
    assert_eq!(stage.telegram.star_entries().len(), 1);
    stage.telegram.set_fault(None).await;
    stage.shop().wake().stars.notify_one();
    alex.sees("are back with you").await;
    stage.maya().sees("✅ Given back").await;
    assert_eq!(stage.telegram.star_entries().len(), 2);
    stage.finish().await;
}
