//! Money that users send by bank, e-wallet or QRIS, and what admins say to it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use numshop::domain::id::UserId;
use numshop::domain::money::Money;
use numshop::sandbox::telegram::message::ChatMessage;
use numshop::shop::request::{Decision, RequestState, Way};

use crate::harness::{ALEX, Actor, MAYA, SARI, Stage};

/// One grey pixel.
const RECEIPT: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// Two admins, Maya and Sari, who both said hello, and Alex.
async fn stage() -> Stage {
    let mut stage = Stage::open().await;
    stage.stop().await;
    stage.admins = vec![MAYA, SARI];
    stage.start().await;
    for person in [stage.alex(), stage.sari(), stage.maya()] {
        person.says("/start").await;
    }
    let sari = stage.sari().id();
    stage.shop().choose_language(sari, "en").await.unwrap();
    stage
}

/// From the wallet to what is to be paid, and how much that is.
async fn asks_to_send(person: &Actor<'_>, way: &str, amount: &str) -> (ChatMessage, i64) {
    person.says("/wallet").await;
    let asked = person.presses(way).await;
    assert!(asked.text.contains("between Rp10,000"), "{}", asked.text);
    let told = person.says(amount).await;
    let exact = told.spans("bold").remove(0);
    let digits: String = exact.chars().filter(char::is_ascii_digit).collect();
    (told, digits.parse().unwrap())
}

/// Sends the picture of a receipt.
async fn proves(stage: &Stage, person: &Actor<'_>) -> ChatMessage {
    let picture = STANDARD.decode(RECEIPT).unwrap();
    let user = person.id().0;
    stage.is_idle().await;
    stage.telegram.send_photo(user, picture.into()).unwrap();
    person.sees("Thank you!").await
}

#[tokio::test]
async fn a_transfer_is_credited_by_the_first_admin_who_says_so() {
    let stage = stage().await;
    let (alex, maya, sari) = (stage.alex(), stage.maya(), stage.sari());
    let (told, amount) = asks_to_send(&alex, "Bank or e-wallet", "50rb").await;
    assert!((50_001..=50_999).contains(&amount), "{amount}");
    assert!(told.text.contains("Bank Contoh 000"), "{}", told.text);
    let thanks = proves(&stage, &alex).await;
    assert!(
        thanks.text.contains("tell you as soon as"),
        "{}",
        thanks.text
    );
    let paper = maya.sees("says that they sent").await;
    assert!(paper.media.is_some(), "the receipt is shown");
    assert!(paper.text.contains("Alex @alex"), "{}", paper.text);
    sari.sees("says that they sent").await;
    let toast = maya.taps("came").await;
    assert!(toast.text.contains("Booked"), "{}", toast.text);
    alex.sees("was added to your wallet").await;
    assert_eq!(alex.balance().await, (amount, 0));
    for admin in [&maya, &sari] {
        let closed = admin.sees("✅ Maya @maya").await;
        assert_eq!(closed.buttons().count(), 0);
        assert!(closed.media.is_some(), "the receipt stays");
    }
    stage.finish().await;
}

#[tokio::test]
async fn admins_who_decide_at_once_move_the_money_once() {
    let stage = stage().await;
    let alex = stage.alex();
    let (_, amount) = asks_to_send(&alex, "QRIS", "25.000").await;
    proves(&stage, &alex).await;
    let request = stage.shop().open_request(alex.id()).await.unwrap().unwrap();
    let decisions = [
        (MAYA, Decision::Approve),
        (SARI, Decision::Reject),
        (MAYA, Decision::ApproveOther(Money::minor(1))),
        (SARI, Decision::Approve),
    ];
    let decided = decisions.map(|(admin, decision)| {
        stage
            .shop()
            .decide_request(UserId(admin), request.id, decision)
    });
    let decided = futures_util::future::join_all(decided).await;
    let firsts = decided.into_iter().filter(|it| *it.as_ref().unwrap());
    assert_eq!(firsts.count(), 1);
    let ended = stage.shop().request(request.id).await.unwrap();
    assert_eq!(ended.state, RequestState::Approved);
    assert_eq!(ended.decided_by, Some(UserId(MAYA)));
    assert_eq!(alex.balance().await, (amount, 0));
    for person in [alex, stage.maya(), stage.sari()] {
        person.skims().await;
    }
    stage.finish().await;
}

#[tokio::test]
async fn a_qris_code_asks_for_the_exact_amount() {
    let stage = stage().await;
    let alex = stage.alex();
    let (told, amount) = asks_to_send(&alex, "QRIS", "75000").await;
    let media = told.media.as_ref().unwrap();
    assert!(media.is_photo() && media.pixels.unwrap().0 >= 200);
    assert!(told.text.contains("ends in 24 h"), "{}", told.text);
    let request = stage.shop().open_request(alex.id()).await.unwrap().unwrap();
    assert_eq!(request.amount.as_minor(), amount);
    let qris = request.qris.unwrap();
    assert!(qris.contains(&format!("5405{amount}5802ID")), "{qris}");
    // The same request again, not a second one.
    alex.says("/wallet").await;
    let again = alex.presses("Bank or e-wallet").await;
    assert_eq!(again.spans("bold"), told.spans("bold"));
    alex.presses("Never mind").await;
    assert!(
        stage
            .shop()
            .open_request(alex.id())
            .await
            .unwrap()
            .is_none()
    );
    // A picture is no proof any more.
    let picture = STANDARD.decode(RECEIPT).unwrap();
    stage.telegram.send_photo(ALEX, picture.into()).unwrap();
    alex.sees("I can only read text").await;
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn another_amount_is_booked_after_a_second_look() {
    let stage = stage().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    asks_to_send(&alex, "Bank or e-wallet", "50000").await;
    proves(&stage, &alex).await;
    maya.sees("says that they sent").await;
    let asked = maya.presses("Another amount").await;
    assert!(asked.text.contains("Which amount came"), "{}", asked.text);
    let look = maya.says("30000").await;
    assert!(
        look.text.contains("Book Rp30,000 instead?"),
        "{}",
        look.text
    );
    assert_eq!(alex.balance().await, (0, 0));
    maya.taps("Book Rp30,000").await;
    alex.sees("Rp30,000 was added").await;
    maya.skims().await;
    stage.sari().skims().await;
    assert_eq!(alex.balance().await, (30_000, 0));
    stage.finish().await;
}

#[tokio::test]
async fn what_did_not_come_is_rejected_and_what_takes_too_long_ends() {
    let stage = stage().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    asks_to_send(&alex, "Bank or e-wallet", "50000").await;
    proves(&stage, &alex).await;
    maya.sees("says that they sent").await;
    maya.taps("Nothing came").await;
    alex.sees("could not find your").await;
    maya.sees("✖️ Maya @maya: nothing came").await;
    asks_to_send(&alex, "Bank or e-wallet", "50000").await;
    stage.later(TimeDelta::hours(25));
    stage.shop().expire_requests().await.unwrap();
    alex.sees("is over, and nothing was credited").await;
    assert_eq!(alex.balance().await, (0, 0));
    stage.sari().skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn amounts_tell_people_apart() {
    let stage = stage().await;
    let mut amounts = Vec::new();
    for id in 7_000..7_030 {
        stage.telegram.add_user(id, "Guest", None, "en");
        stage.person(id).says("/start").await;
        let asked = Money::minor(10_000);
        let request = stage
            .shop()
            .request_top_up(UserId(id), Way::Transfer, asked)
            .await;
        amounts.push(request.unwrap().amount);
    }
    amounts.sort();
    amounts.dedup();
    assert_eq!(amounts.len(), 30);
    let alex = stage.alex();
    alex.says("/wallet").await;
    alex.presses("Bank or e-wallet").await;
    for wrong in ["5", "99999999999"] {
        let asked = alex.says(wrong).await;
        assert!(
            asked.text.contains("How much would you like"),
            "{}",
            asked.text
        );
    }
    // Words mean something else.
    let found = alex.says("WhatsApp").await;
    assert!(found.text.contains("WhatsApp"), "{}", found.text);
    stage.finish().await;
}

#[tokio::test]
async fn an_admin_takes_money_out_with_a_reason() {
    let stage = Stage::open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    alex.says("/start").await;
    alex.funded(20_000).await;
    for unreasoned in ["/deduct", "/deduct @alex", "/deduct @alex 5000"] {
        let usage = maya.says(unreasoned).await;
        assert!(usage.text.contains("Nothing was taken"), "{unreasoned}");
    }
    let too_much = maya.says("/deduct @alex 20001 booked twice").await;
    assert!(too_much.text.contains("only Rp20,000"), "{}", too_much.text);
    let draft = maya.says("/deduct @alex 5000 booked <twice>").await;
    assert!(draft.text.contains("Rp20,000 → Rp15,000"), "{}", draft.text);
    assert!(draft.text.contains("booked <twice>"), "{}", draft.text);
    assert_eq!(alex.balance().await, (20_000, 0));
    maya.presses("Take Rp5,000").await;
    let told = alex.sees("was taken out of your wallet").await;
    assert!(told.text.contains("booked <twice>"), "{}", told.text);
    assert_eq!(alex.balance().await, (15_000, 0));
    let wallet = alex.says("/wallet").await;
    assert!(
        wallet.text.contains("-Rp5,000 · correction"),
        "{}",
        wallet.text
    );
    let foreign = alex.says("/deduct @maya 1 why not").await;
    assert!(
        foreign.text.contains("don't know that command"),
        "{}",
        foreign.text
    );
    stage.finish().await;
}

#[tokio::test]
async fn what_an_admin_moves_in_a_day_stays_under_the_limit() {
    let mut stage = Stage::open().await;
    stage.stop().await;
    stage.top_ups.admin_daily_cap = Some(Money::minor(50_000));
    stage.start().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    alex.says("/start").await;
    alex.funded(30_000).await;
    maya.says("/deduct @alex 10000 a slip").await;
    maya.presses("Take Rp10,000").await;
    alex.sees("was taken out").await;
    // 40,000 were moved; neither of these fits into what is left.
    maya.says("/topup @alex 10001").await;
    let refused = maya.presses("Book Rp10,001").await;
    assert!(
        refused.text.contains("daily limit of Rp50,000"),
        "{}",
        refused.text
    );
    maya.says("/voucher create 1001 10").await;
    let refused = maya.presses("Make the voucher").await;
    assert!(refused.text.contains("daily limit"), "{}", refused.text);
    assert_eq!(alex.balance().await, (20_000, 0));
    maya.says("/topup @alex 10000").await;
    maya.presses("Book Rp10,000").await;
    alex.sees("Rp10,000 was added").await;
    stage.later(TimeDelta::hours(23));
    maya.says("/deduct @alex 1 one more").await;
    let refused = maya.presses("Take Rp1").await;
    assert!(
        refused.text.contains("Nothing was booked"),
        "{}",
        refused.text
    );
    stage.later(TimeDelta::hours(2));
    maya.says("/deduct @alex 1 one more").await;
    maya.presses("Take Rp1").await;
    alex.sees("was taken out").await;
    assert_eq!(alex.balance().await, (29_999, 0));
    alex.skims().await;
    maya.skims().await;
    stage.finish().await;
}
