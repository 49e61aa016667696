//! Bugs that bots of this trade were seen with, each under its own name: ours has none of them.

use std::sync::Arc;

use chrono::TimeDelta;
use numshop::domain::money::Money;
use numshop::domain::order::{FailReason, OrderState};
use numshop::sandbox::telegram::keyboard::Action;
use numshop::sandbox::upstream::SimulatedUpstream;
use numshop::sandbox::upstream::fault::{Fault, Scope, step};
use numshop::shop::account::Visitor;
use numshop::shop::notice::Notice;
use numshop::shop::wallet::MovementKind;
use rstest::rstest;

use crate::harness::{Actor, PATIENCE, Stage, eventually};
use crate::scripted::listing;
use crate::shop_stage::{self, PRICE, SARI};

const SMS: &str = "Your WhatsApp code: 481-902. Don't share it";

/// Alex, with money.
async fn alex(stage: &Stage, rupiah: u32) -> Actor<'_> {
    let alex = stage.alex();
    alex.says("/start").await;
    alex.funded(rupiah).await;
    alex
}

/// What WhatsApp costs in Indonesia.
fn price_of_whatsapp(stage: &Stage) -> i64 {
    let catalogue = stage.shop().catalogue();
    let mut stands = catalogue.halls["ID"].stands.iter();
    let stand = stands.find(|stand| stand.name == "WhatsApp").unwrap();
    stand.offers[0].price.as_minor()
}

/// The upstream that sold the one number.
fn seller(stage: &Stage) -> &SimulatedUpstream {
    let mut both = [&stage.virtusim, &stage.otpcepat].into_iter();
    both.find(|upstream| !upstream.orders().is_empty()).unwrap()
}

fn purchases(stage: &Stage) -> u64 {
    stage.virtusim.requests(step::BUY) + stage.otpcepat.requests(step::BUY)
}

#[rstest]
#[case::five_taps_with_money_for_one(5, 1)]
#[case::sixty_four_taps_with_money_for_all(64, 64)]
#[tokio::test]
async fn five_taps_on_one_confirm_with_money_for_one(#[case] taps: usize, #[case] money_for: i64) {
    let stage = Stage::open().await;
    let price = price_of_whatsapp(&stage);
    let purse = price * money_for;
    let alex = alex(&stage, u32::try_from(purse).unwrap()).await;
    alex.chooses("WhatsApp").await;
    let (message, button) = alex.finds("Buy for").await;
    for _ in 0..taps {
        stage.telegram.press(alex.id().0, message, &button).unwrap();
    }
    alex.sees("Waiting for the SMS").await;
    alex.skims().await;
    let orders = stage.shop().orders(alex.id(), 0, 100).await.unwrap();
    assert_eq!(orders.rows.len(), 1);
    assert_eq!(alex.balance().await, (purse - price, price));
    assert_eq!(purchases(&stage), 1);
    stage.finish().await;
}

#[tokio::test]
async fn a_price_is_not_read_from_the_button_s_data() {
    let stage = Stage::open().await;
    let price = price_of_whatsapp(&stage);
    let alex = alex(&stage, 50_000).await;
    let card = alex.chooses("WhatsApp").await;
    let (_, label) = alex.finds("Buy for").await;
    let Action::Callback(data) = &card.button(&label).unwrap().action else {
        panic!("the button asks for nothing");
    };
    let (head, nonce) = data.rsplit_once('.').unwrap();
    let mine = head.strip_suffix(".y").unwrap();
    for forged in [
        format!("{data}.-5000"),
        format!("{data}.0"),
        format!("{head}.-5000"),
        format!("{head}.0"),
        format!("{mine}.y.{nonce}.price=1"),
        format!("{mine}.T.{nonce}"),
        format!("{mine}.P.{nonce}"),
        format!("{mine}.x.-1"),
        format!("{mine}.a.-1"),
        "buy:-5000".to_owned(),
        r#"{"service":"wa","price":-5000}"#.to_owned(),
        String::new(),
    ] {
        let seq = stage.telegram.seq();
        let telegram = &stage.telegram;
        telegram
            .press_forged(alex.id().0, card.id, &forged)
            .unwrap();
        let answered = telegram.wait_for_toast(alex.id().0, seq, |_| true, PATIENCE);
        answered.await.unwrap();
        assert_eq!(alex.balance().await, (50_000, 0), "{forged}");
    }
    let orders = stage.shop().orders(alex.id(), 0, 9).await.unwrap();
    assert!(orders.rows.is_empty());
    // The button itself costs what it shows.
    stage
        .telegram
        .press_forged(alex.id().0, card.id, data)
        .unwrap();
    alex.sees("Waiting for the SMS").await;
    assert_eq!(alex.balance().await, (50_000 - price, price));
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn five_taps_on_cancel_give_back_once() {
    let stage = Stage::open().await;
    let alex = alex(&stage, 50_000).await;
    alex.buys("WhatsApp").await;
    stage.later(TimeDelta::minutes(4));
    let (message, button) = alex.finds("Cancel").await;
    for _ in 0..5 {
        stage.telegram.press(alex.id().0, message, &button).unwrap();
    }
    alex.sees("Cancelled. Rp").await;
    alex.skims().await;
    assert_eq!(alex.balance().await, (50_000, 0));
    let movements = alex.wallet().await.movements.into_iter();
    let kinds: Vec<_> = movements.map(|movement| movement.kind).collect();
    let once = [
        MovementKind::Release,
        MovementKind::Hold,
        MovementKind::TopUp,
    ];
    assert_eq!(kinds, once);
    stage.finish().await;
}

/// One of the two lists its orders, the other is asked for each.
#[rstest]
#[case::listed("virtusim")]
#[case::asked_one_by_one("otpcepat")]
#[tokio::test]
async fn the_upstream_cancels_and_the_user_is_refunded(#[case] at: &str) {
    let stage = Stage::open().await;
    for (upstream, other) in [
        (&stage.virtusim, &stage.otpcepat),
        (&stage.otpcepat, &stage.virtusim),
    ] {
        if upstream.id() == at {
            other.set_fault(Fault::NoStock, Scope::on(step::BUY));
        }
    }
    // Both sell Facebook at the same price.
    let alex = alex(&stage, 50_000).await;
    alex.buys("Facebook").await;
    assert_ne!(alex.balance().await.1, 0);
    let upstream = seller(&stage);
    assert_eq!(upstream.id(), at);
    let order = upstream.newest_orders(1).remove(0).id;
    upstream.cancel_by_upstream(&order).unwrap();
    // The card tells it, and a message that rings.
    eventually("both say so", async || {
        let messages = stage.telegram.messages(alex.id().0);
        let told = messages
            .iter()
            .filter(|it| it.text.contains("Cancelled. Rp"));
        told.count() == 2
    })
    .await;
    alex.skims().await;
    assert_eq!(alex.balance().await, (50_000, 0));
    stage.finish().await;
}

#[rstest]
#[case::one(false)]
#[case::five_minutes_of_them(true)]
#[tokio::test]
async fn one_502_does_not_end_the_polling(#[case] for_minutes: bool) {
    let stage = Stage::open().await;
    let alex = alex(&stage, 50_000).await;
    alex.buys("WhatsApp").await;
    let upstream = seller(&stage);
    let polls = || upstream.requests(step::POLL);
    let scope = Scope::on(step::POLL);
    let scope = if for_minutes { scope } else { scope.once() };
    upstream.set_fault(Fault::ServerError(502), scope);
    let before = polls();
    eventually("the 502 was seen", async || polls() > before).await;
    upstream.deliver_all(Some("Code 551177"));
    if for_minutes {
        // Thirty seconds at a time, each seen by at least one poll.
        for _ in 0..10 {
            let before = polls();
            stage.later(TimeDelta::seconds(30));
            eventually("the upstream is asked again", async || polls() > before).await;
        }
        upstream.clear_faults();
        stage.later(TimeDelta::seconds(31));
    }
    alex.sees("Your code for WhatsApp").await;
    alex.sees("Your SMS is here").await;
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_slow_upstream_call_does_not_delay_another_user_s_start() {
    let stage = Stage::open().await;
    let alex = alex(&stage, 50_000).await;
    let sari = stage.sari();
    // Sold by VirtuSIM alone, whose list tells afterwards what became of it.
    alex.chooses("Telegram").await;
    stage
        .virtusim
        .set_fault(Fault::NoAnswer, Scope::everything());
    alex.presses("Buy for").await;
    eventually("the purchase is sent", async || purchases(&stage) == 1).await;
    let order = stage.shop().orders(alex.id(), 0, 1).await.unwrap().rows[0].id;
    // Others, and Alex too, are served while the call is under way.
    sari.says("/start").await;
    let wallet = alex.says("/wallet").await;
    assert!(wallet.text.contains("You can spend"), "{}", wallet.text);
    let view = stage.shop().order(alex.id(), order).await.unwrap();
    assert_eq!(view.state, OrderState::Placing, "the call is under way");
    assert_eq!(purchases(&stage), 1);
    // It breaks off; the upstream knows nothing of it.
    stage.virtusim.clear_faults();
    stage.virtusim.stop().await;
    stage.virtusim.restart().await.unwrap();
    let reads = || stage.virtusim.requests(step::POLL);
    for _ in 0..10 {
        let before = reads();
        stage.later(TimeDelta::seconds(11));
        eventually("the list is read", async || {
            reads() > before || alex.balance().await.1 == 0
        })
        .await;
    }
    alex.sees("is back in your wallet").await;
    assert_eq!(alex.balance().await, (50_000, 0));
    alex.skims().await;
    sari.skims().await;
    stage.maya().skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn one_user_who_blocked_the_bot_does_not_stop_other_people_s_codes() {
    let stage = Stage::open().await;
    let alex = alex(&stage, 50_000).await;
    alex.buys("WhatsApp").await;
    let sari = stage.sari();
    sari.says("/start").await;
    stage.shop().choose_language(sari.id(), "en").await.unwrap();
    sari.funded(50_000).await;
    sari.buys("WhatsApp").await;
    stage.telegram.block_bot(sari.id().0).unwrap();
    for upstream in [&stage.virtusim, &stage.otpcepat] {
        upstream.deliver_all(Some("Code 551177"));
    }
    alex.sees("Your code for WhatsApp").await;
    alex.sees("Your SMS is here").await;
    // Her code waits in the book, and is there when she comes back.
    eventually("her order is paid", async || sari.balance().await.1 == 0).await;
    stage.telegram.unblock_bot(sari.id().0).unwrap();
    sari.says("/orders").await;
    sari.sees("Your orders").await;
    sari.presses("code here").await;
    sari.sees("Your SMS is here").await;
    sari.sees("moved further down").await;
    alex.skims().await;
    sari.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_late_sms_does_not_overwrite_a_refunded_order() {
    let stage = shop_stage::Stage::open().await;
    let order = stage.buy(SARI, "WhatsApp").await;
    stage.advance(TimeDelta::seconds(1_201));
    stage.until(order, OrderState::Expired).await;
    stage.alpha.deliver(1, SMS);
    let seen = stage.alpha.seen(1);
    for _ in 0..2 {
        stage.shop().observe(order, &seen).await.unwrap();
    }
    // It is the user's, for nothing.
    stage
        .until_brought(SARI, Notice::Sms { order, index: 0 })
        .await;
    assert_eq!(stage.state(order).await, OrderState::Expired);
    assert_eq!(stage.view(order).await.sms.len(), 1);
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    stage.finish().await;
}

#[tokio::test]
async fn a_refund_pays_the_paid_price_and_not_today_s() {
    let stage = shop_stage::Stage::open().await;
    for cost in [8_000, 100] {
        let order = stage.buy(SARI, "WhatsApp").await;
        assert_eq!(stage.wallet(SARI).await, (20_000 - PRICE, PRICE));
        stage.alpha.sells(vec![listing("WhatsApp", cost, Some(50))]);
        stage.refresh().await;
        let today = stage.quote(SARI, "WhatsApp").await.price;
        assert_ne!(today, Money::minor(PRICE));
        stage.advance(TimeDelta::seconds(61));
        stage.shop().cancel(SARI, order).await.unwrap();
        stage.until(order, OrderState::Cancelled).await;
        assert_eq!(stage.wallet(SARI).await, (20_000, 0));
        stage
            .alpha
            .sells(vec![listing("WhatsApp", 4_000, Some(50))]);
        stage.refresh().await;
    }
    stage.finish().await;
}

#[rstest]
#[case::listed_up_to_twenty(Some(20))]
#[case::asked_one_by_one(None)]
#[tokio::test]
async fn the_21st_open_order_is_polled(#[case] listed: Option<usize>) {
    let stage = shop_stage::Stage::open().await;
    match listed {
        Some(most) => stage.alpha.lists_at_most(most),
        None => stage.alpha.has_no_list(),
    }
    stage.topup(SARI, 25 * PRICE - 20_000).await;
    let mut orders = Vec::new();
    for _ in 0..25 {
        orders.push(stage.buy(SARI, "WhatsApp").await);
    }
    assert_eq!(stage.wallet(SARI).await, (0, 25 * PRICE));
    for number in 1..=25 {
        stage.alpha.deliver(number, &format!("Code 55{number:04}"));
    }
    for order in orders {
        stage.until(order, OrderState::Received).await;
    }
    assert_eq!(stage.wallet(SARI).await, (0, 0));
    stage.finish().await;
}

#[tokio::test]
async fn an_exception_after_delivery_does_not_refund_a_delivered_number() {
    let mut stage = shop_stage::Stage::open().await;
    let order = stage.buy(SARI, "WhatsApp").await;
    // From the SMS on everything fails: bringing it, asking on, closing the number.
    stage.courier.panics(true);
    stage.alpha.deliver(1, SMS);
    stage.until(order, OrderState::Received).await;
    stage.alpha.panics(true);
    stage
        .until_brought(SARI, Notice::Sms { order, index: 0 })
        .await;
    stage.shop().resend(SARI, order).await.unwrap();
    stage.advance(TimeDelta::seconds(1_201));
    stage.until(order, OrderState::Completed).await;
    assert_eq!(stage.wallet(SARI).await, (15_000, 0));
    stage.courier.panics(false);
    stage.alpha.panics(false);
    stage.restart().await;
    let sms = Notice::Sms { order, index: 0 };
    let tried = stage.courier.count(SARI, &sms);
    eventually("the SMS is brought after all", async || {
        stage.advance(TimeDelta::seconds(1));
        stage.courier.count(SARI, &sms) > tried
    })
    .await;
    assert_eq!(stage.view(order).await.sms.len(), 1);
    assert_eq!(stage.wallet(SARI).await, (15_000, 0));
    stage.finish().await;
}

#[tokio::test]
async fn one_payment_does_not_credit_two_deposits() {
    let stage = Stage::open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    alex.says("/start").await;
    let draft = maya.says("/topup @alex 25000 transfer 17").await;
    let (_, button) = maya.finds("Book").await;
    let telegram = &stage.telegram;
    for _ in 0..5 {
        telegram.press(maya.id().0, draft.id, &button).unwrap();
    }
    // The same button in somebody else's hands is worth nothing.
    let seq = telegram.seq();
    telegram
        .press_forwarded(alex.id().0, maya.id().0, draft.id, &button)
        .unwrap();
    let toast = telegram.wait_for_toast(alex.id().0, seq, |_| true, PATIENCE);
    assert!(toast.await.unwrap().text.contains("somebody else"));
    alex.sees("Rp25,000 was added").await;
    maya.skims().await;
    alex.skims().await;
    assert_eq!(alex.balance().await, (25_000, 0));
    let told = telegram.messages(alex.id().0);
    let told = told.iter().filter(|it| it.text.contains("was added"));
    assert_eq!(told.count(), 1);
    stage.finish().await;
}

#[rstest]
#[case::fresh(TimeDelta::zero(), OrderState::Waiting)]
#[case::stale(TimeDelta::minutes(11), OrderState::Failed)]
#[tokio::test]
async fn an_order_debited_before_a_crash_is_recovered(
    #[case] away: TimeDelta,
    #[case] state: OrderState,
) {
    let mut stage = shop_stage::Stage::open().await;
    stage.stop_workers().await;
    let order = stage.order(SARI, "WhatsApp").await;
    assert_eq!(stage.wallet(SARI).await, (15_000, PRICE));
    stage.kill().await;
    stage.clock.advance(away);
    stage.start().await;
    stage.until(order, state).await;
    let stale = state == OrderState::Failed;
    if stale {
        assert_eq!(stage.view(order).await.reason, Some(FailReason::TooLate));
        stage.until_brought(SARI, Notice::Refunded { order }).await;
    }
    let expected = if stale { (20_000, 0) } else { (15_000, PRICE) };
    assert_eq!(stage.wallet(SARI).await, expected);
    assert_eq!(stage.alpha.purchases(), u32::from(!stale));
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_whole_row_write_does_not_erase_a_deposit_made_meanwhile() {
    let stage = shop_stage::Stage::open().await;
    let rename = |round: usize| {
        let visitor = Visitor {
            id: SARI,
            first_name: format!("Sari {round}"),
            username: Some("sari".to_owned()),
            language_code: Some("id".to_owned()),
        };
        let shop = Arc::clone(stage.shop());
        async move { shop.enter(&visitor).await.unwrap() }
    };
    let deposits = async {
        for _ in 0..20 {
            stage.topup(SARI, 1_000).await;
        }
    };
    let names = async {
        for round in 0..20 {
            rename(round).await;
            let language = if round % 2 == 0 { "en" } else { "id" };
            let chosen = stage.shop().choose_language(SARI, language);
            chosen.await.unwrap();
        }
    };
    // Rows of orders are written by users, workers and upstreams at the same time.
    let purchases = async {
        for number in 1..=4 {
            let order = stage.buy(SARI, "WhatsApp").await;
            let card = shop_stage::CARD;
            let (placed, ()) = tokio::join!(stage.shop().place_card(SARI, order, card), async {
                stage.alpha.deliver(number, SMS)
            });
            placed.unwrap();
            stage.until(order, OrderState::Received).await;
        }
    };
    tokio::join!(deposits, names, purchases);
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    let user = stage.shop().user(SARI).await.unwrap();
    assert_eq!(
        (user.first_name.as_str(), user.language.as_deref()),
        ("Sari 19", Some("id"))
    );
    stage.finish().await;
}
