//! The real binary, killed while a number is rented or a rental renewed, and started again.

use chrono::TimeDelta;
use numshop::sandbox::telegram::message::ChatMessage;
use numshop::sandbox::upstream::SimulatedUpstream;
use numshop::sandbox::upstream::fault::step;
use rstest::rstest;

use crate::harness::{ALEX, PATIENCE, eventually};
use crate::rig::{CREDIT, Rig};

const YOURS: &str = "Yours for";

/// A world in which OTPGet rents numbers out, and the binary running.
async fn open() -> Rig {
    let mut rig = Rig::furnish(crate::database::Database::fresh().await).await;
    rig.add_otpget().await;
    rig.start();
    rig
}

fn otpget(rig: &Rig) -> &SimulatedUpstream {
    rig.otpget.as_ref().unwrap()
}

/// From hello to the Confirm button of twelve hours in the United Kingdom.
async fn comes_to_confirm(rig: &Rig) {
    rig.joins(ALEX, CREDIT).await;
    eventually("there is something to rent", async || {
        let seq = rig.telegram.seq();
        rig.telegram.send_text(ALEX, "/rent").unwrap();
        let answer = rig
            .telegram
            .wait_after(ALEX, seq, ChatMessage::from_bot, PATIENCE)
            .await
            .unwrap();
        answer
            .buttons()
            .any(|button| button.text.contains("United Kingdom"))
    })
    .await;
    rig.presses(ALEX, "United Kingdom").await;
    rig.presses(ALEX, "12 h").await;
    rig.sees(ALEX, "Your balance:").await;
}

async fn rents(rig: &Rig) {
    comes_to_confirm(rig).await;
    rig.presses(ALEX, "Buy for").await;
    rig.sees(ALEX, YOURS).await;
}

/// Between the tap on Confirm and the card with the number: one number for one debit.
#[rstest]
#[case::after_the_price_is_held("C2", 0)]
#[case::after_the_call_was_answered("C4", 1)]
#[case::before_the_answer_is_written("C5", 1)]
#[case::before_the_card_is_edited("C6", 1)]
#[tokio::test]
async fn a_rental_goes_on(#[case] point: &str, #[case] rented: usize) {
    let mut rig = open().await;
    comes_to_confirm(&rig).await;
    rig.arm(point).await;
    rig.presses(ALEX, "Buy for").await;
    rig.has_died().await;
    assert_eq!(otpget(&rig).rentals().len(), rented);
    assert_eq!(rig.count(ALEX, YOURS), 0);
    match point {
        "C2" => assert_eq!(rig.states().await, ["held"]),
        "C6" => assert_eq!(rig.states().await, ["received"]),
        _ => assert_eq!(rig.states().await, ["placing"]),
    }
    rig.start();
    rig.sees(ALEX, YOURS).await;
    assert_eq!(otpget(&rig).rentals().len(), 1);
    assert_eq!(otpget(&rig).requests(step::RENT), 1);
    rig.finish(1, 0).await;
}

/// C3: the call was about to be sent. The list must miss the rental often enough.
#[tokio::test]
async fn a_rental_that_was_never_asked_for_is_paid_back_when_that_is_sure() {
    let mut rig = open().await;
    comes_to_confirm(&rig).await;
    rig.arm("C3").await;
    rig.presses(ALEX, "Buy for").await;
    rig.has_died().await;
    assert_eq!(otpget(&rig).requests(step::RENT), 0);
    rig.passes(TimeDelta::seconds(95));
    let read = "SELECT MAX(good_reads) FROM attempts";
    for reads in 1..=3 {
        rig.start();
        eventually("the list is read once more", async || {
            rig.number(read).await >= reads
        })
        .await;
        if reads < 3 {
            rig.kill().await;
            assert_eq!(rig.states().await, ["in_doubt"]);
            rig.passes(TimeDelta::seconds(11));
        }
    }
    rig.sees(ALEX, "never confirmed").await;
    rig.finish(0, 0).await;
}

/// A renewal that the upstream made and whose answer was lost with the process: the end tells.
#[rstest]
#[case::after_the_call_was_answered("C4")]
#[case::before_the_answer_is_written("C5")]
#[tokio::test]
async fn a_renewal_goes_on(#[case] point: &str) {
    let mut rig = open().await;
    rents(&rig).await;
    let before = otpget(&rig).rentals().remove(0);
    rig.presses(ALEX, "Renew").await;
    rig.sees(ALEX, "For how much longer?").await;
    rig.presses(ALEX, "24 h").await;
    rig.sees(ALEX, "stays the same").await;
    rig.arm(point).await;
    rig.presses(ALEX, "Buy for").await;
    rig.has_died().await;
    let after = otpget(&rig).rentals().remove(0);
    assert_eq!(after.expires_at, before.expires_at + TimeDelta::hours(24));
    assert_eq!(rig.states().await, ["received", "placing"]);
    rig.start();
    rig.sees(ALEX, "Renewed until").await;
    assert_eq!(otpget(&rig).requests(step::RENEW), 1);
    rig.finish(2, 0).await;
}

/// C7 to C9: an SMS to a rented number is written once and told at least once.
#[tokio::test]
async fn an_sms_to_a_rental_survives_the_process() {
    let mut rig = open().await;
    rents(&rig).await;
    rig.arm("C9").await;
    let order = otpget(&rig).rentals().remove(0).order_id;
    otpget(&rig)
        .deliver(&order, "Your code is 481-902")
        .unwrap();
    rig.has_died().await;
    rig.start();
    eventually("it was told again or marked", async || {
        let open = "SELECT COUNT(*) FROM outbox WHERE done_at_ms IS NULL";
        rig.number(open).await == 0
    })
    .await;
    assert_eq!(rig.number("SELECT COUNT(*) FROM sms").await, 1);
    rig.sees(ALEX, "481-902").await;
    rig.finish(1, 0).await;
}
