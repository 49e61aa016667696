//! The real binary, killed around payments in Telegram Stars: each charge is credited once and
//! given back once, whatever gets lost.

use std::ops::RangeInclusive;

use numshop::sandbox::telegram::message::ChatMessage;
use numshop::sandbox::telegram::stars::{Bill, Payment};
use rstest::rstest;

use crate::harness::{ALEX, MAYA, PATIENCE, eventually};
use crate::rig::{CREDIT, Rig, STAR};

const CREDITED: &str = "SELECT COUNT(*) FROM transfers WHERE idempotency_key LIKE 'topup:stars:%'";

/// Alex has an invoice over 50 Stars.
async fn has_an_invoice(rig: &Rig) -> i32 {
    rig.joins(ALEX, CREDIT).await;
    rig.telegram.send_text(ALEX, "/wallet").unwrap();
    rig.presses(ALEX, "Telegram Stars").await;
    rig.presses(ALEX, "⭐ 50 ").await;
    rig.sees(ALEX, "Top up Rp10,000").await.id
}

async fn pays(rig: &Rig, invoice: i32) -> String {
    let query = rig.telegram.pay(ALEX, invoice).unwrap();
    let ended = rig.telegram.wait_for_payment(ALEX, &query, PATIENCE).await;
    match ended.unwrap() {
        Payment::Made { charge_id, .. } => charge_id,
        Payment::Declined(reason) => panic!("declined: {reason}"),
    }
}

/// C14: the word that a payment was made is lost with the process that got it, or never comes.
#[rstest]
#[case::before_it_is_stored("C0:2", true, 0..=0)]
#[case::after_it_is_stored("C1:2", false, 0..=1)]
#[case::after_it_is_credited("C14", false, 1..=1)]
#[case::after_it_is_credited_and_forgotten_by_telegram("C14", true, 1..=1)]
#[tokio::test]
async fn a_lost_payment_is_credited_once(
    #[case] point: &str,
    #[case] forgotten: bool,
    #[case] credited: RangeInclusive<i64>,
) {
    let mut rig = Rig::open().await;
    let invoice = has_an_invoice(&rig).await;
    // The first batch is the question before the payment; the word of it comes with the second.
    rig.arm(point).await;
    pays(&rig, invoice).await;
    rig.has_died().await;
    // A handler need not wait until its update is stored.
    let before = rig.number(CREDITED).await;
    assert!(credited.contains(&before));
    if forgotten {
        rig.telegram.forget_updates();
    }
    rig.start();
    rig.sees(ALEX, "Rp10,000 was added").await;
    rig.is_idle().await;
    assert_eq!(rig.number(CREDITED).await, 1);
    // What was told in the moment of the death is told again: nobody knows whether it arrived.
    let told = i64::try_from(rig.count(ALEX, "Rp10,000 was added")).unwrap();
    assert!((1..=1 + before).contains(&told), "told {told} times");
    rig.besides = 50 * STAR;
    rig.finish(0, 0).await;
}

/// C14 without a crash: the message never comes, and Telegram's list tells of it at the next start,
/// also where the process dies while it reads that list.
#[tokio::test]
async fn a_payment_that_nobody_told_of_is_found_at_the_start() {
    let mut rig = Rig::open().await;
    let invoice = has_an_invoice(&rig).await;
    rig.telegram.lose_payments(true);
    pays(&rig, invoice).await;
    pays(&rig, invoice).await;
    rig.is_idle().await;
    assert_eq!(rig.number(CREDITED).await, 0);
    rig.kill().await;
    rig.start_to_die_at("C14");
    rig.has_died().await;
    assert_eq!(rig.number(CREDITED).await, 1);
    rig.start();
    eventually("both payments are credited", async || {
        rig.number(CREDITED).await == 2
    })
    .await;
    // The whole list is known now: another start changes nothing.
    rig.is_idle().await;
    rig.kill().await;
    let asked = rig.telegram.requests("getStarTransactions");
    rig.start();
    eventually("the list is read again", async || {
        rig.telegram.requests("getStarTransactions") > asked
    })
    .await;
    rig.is_idle().await;
    assert_eq!(rig.number(CREDITED).await, 2);
    rig.besides = 100 * STAR;
    rig.finish(0, 0).await;
}

/// C15: Telegram returned the Stars, and the process dies before it can write that down. It asks
/// again, and "already refunded" is as good as done.
#[tokio::test]
async fn a_refund_is_repeated_and_done_once() {
    let mut rig = Rig::open().await;
    let invoice = has_an_invoice(&rig).await;
    let charge = pays(&rig, invoice).await;
    rig.sees(ALEX, "Rp10,000 was added").await;
    rig.arm("C15").await;
    let refund = format!("/refund {charge}");
    rig.telegram.send_text(MAYA, &refund).unwrap();
    rig.presses(MAYA, "Give 50 Stars back").await;
    rig.has_died().await;
    let refunding = "SELECT COUNT(*) FROM star_payments WHERE state = 'refunding'";
    assert_eq!(rig.number(refunding).await, 1);
    assert_eq!(rig.telegram.requests("refundStarPayment"), 1);
    rig.start();
    rig.sees(ALEX, "50 Stars are back with you").await;
    rig.sees(MAYA, "Given back").await;
    rig.is_idle().await;
    assert_eq!(rig.telegram.requests("refundStarPayment"), 2);
    let entries = rig.telegram.star_entries();
    assert_eq!(entries.iter().filter(|entry| entry.is_refund).count(), 1);
    let told = |message: &ChatMessage| matches!(message.bill, Some(Bill::Returned(_)));
    let told = rig.telegram.messages(ALEX).into_iter().filter(told).count();
    assert_eq!(told, 1, "Telegram's own word of it");
    let taken = "SELECT COUNT(*) FROM transfers WHERE kind = 'stars_refund'";
    assert_eq!(rig.number(taken).await, 1);
    rig.finish(0, 0).await;
}
