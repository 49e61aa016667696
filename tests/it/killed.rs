//! The real binary, killed at the worst moments and started again: one story for each moment at
//! which a crash hurts, named as the fail points in the code are.
//!
//! C14 and C15, which belong to payments in Stars, C17 and C18 have files of their own.

use std::ops::RangeInclusive;
use std::process::Command;
use std::time::Duration;

use chrono::TimeDelta;
use numshop::sandbox::upstream::OrderState;
use numshop::sandbox::upstream::fault::{Fault, Scope, step};
use numshop::store::{Store, work};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};

use crate::harness::{ALEX, MAYA, PATIENCE, SARI, eventually};
use crate::rig::Rig;

const SMS: &str = "Your WhatsApp code is 481-902";
const CODE: &str = "Your code for WhatsApp";

/// The SMS comes, and Alex reads the code.
async fn the_code_comes(rig: &Rig) {
    rig.sees(ALEX, "Waiting for the SMS").await;
    assert_eq!(rig.virtusim.deliver_all(Some(SMS)), 1);
    rig.sees(ALEX, CODE).await;
    rig.sees(ALEX, "Your SMS is here").await;
}

/// Alex's number can be cancelled, and the next life of the binary ends at `point`.
async fn can_cancel(point: &str) -> Rig {
    let mut rig = Rig::open().await;
    rig.buys(ALEX).await;
    rig.is_idle().await;
    rig.kill().await;
    rig.passes(TimeDelta::minutes(4));
    rig.start_to_die_at(point);
    rig
}

/// Between the tap on Confirm and the card that shows the number: one number for one debit.
#[rstest]
#[case::before_the_update_is_stored("C0", 0)]
#[case::after_it_is_stored("C1", 0)]
#[case::after_the_price_is_held("C2", 0)]
#[case::after_the_call_was_answered("C4", 1)]
#[case::before_the_answer_is_written("C5", 1)]
#[case::before_the_card_is_edited("C6", 1)]
#[tokio::test]
async fn a_purchase_goes_on(#[case] point: &str, #[case] sold: usize) {
    let mut rig = Rig::open().await;
    rig.comes_to_confirm(ALEX).await;
    rig.arm(point).await;
    rig.presses(ALEX, "Buy for").await;
    rig.has_died().await;
    assert_eq!(rig.virtusim.orders().len(), sold);
    assert_eq!(rig.count(ALEX, "Waiting for the SMS"), 0);
    let stored = rig
        .number("SELECT COUNT(*) FROM inbox WHERE handled_at_ms IS NULL")
        .await;
    match point {
        "C0" => {
            // Only Telegram knows of the tap.
            assert_eq!((stored, rig.states().await), (0, vec![]));
            assert_eq!(rig.telegram.pending_updates(), 1);
        }
        "C1" => assert_eq!((stored, rig.telegram.pending_updates()), (1, 1)),
        "C2" => assert_eq!(rig.states().await, ["held"]),
        "C6" => assert_eq!(rig.states().await, ["waiting"]),
        _ => assert_eq!(rig.states().await, ["placing"]),
    }
    rig.start();
    the_code_comes(&rig).await;
    assert_eq!(rig.count(ALEX, CODE), 1);
    rig.finish(1, 1).await;
}

/// C2 again, but the binary comes back when the offer is out of date: nothing is bought.
#[tokio::test]
async fn a_hold_that_nothing_came_of_in_time_is_released() {
    let mut rig = Rig::open().await;
    rig.comes_to_confirm(ALEX).await;
    rig.arm("C2").await;
    rig.presses(ALEX, "Buy for").await;
    rig.has_died().await;
    rig.passes(TimeDelta::minutes(11));
    rig.start();
    rig.sees(ALEX, "We could not place this order in time")
        .await;
    rig.finish(0, 0).await;
}

/// C3: the purchase was about to be sent. It cannot be told from one that was, so the upstream's
/// list must miss it often enough, however often the process dies meanwhile.
#[tokio::test]
async fn a_purchase_that_was_never_sent_is_paid_back_when_that_is_sure() {
    let mut rig = Rig::open().await;
    rig.comes_to_confirm(ALEX).await;
    rig.arm("C3").await;
    rig.presses(ALEX, "Buy for").await;
    rig.has_died().await;
    assert_eq!(rig.virtusim.requests(step::BUY), 0);
    assert_eq!(rig.states().await, ["placing"]);
    rig.passes(TimeDelta::seconds(95));
    let read = "SELECT MAX(good_reads) FROM attempts";
    for reads in 1.. {
        rig.start();
        eventually("the upstream's list is read once more", async || {
            rig.number(read).await >= reads
        })
        .await;
        // The third one that misses the order is proof enough.
        if reads == 3 {
            break;
        }
        rig.kill().await;
        assert_eq!(rig.states().await, ["in_doubt"]);
        rig.passes(TimeDelta::seconds(11));
    }
    rig.sees(ALEX, "The supplier never confirmed the purchase")
        .await;
    let suspense = "SELECT COUNT(*) FROM transfers WHERE kind = 'cost'";
    assert_eq!(rig.number(suspense).await, 0);
    rig.finish(0, 0).await;
}

/// C4 again: the bytes left and no answer ever comes.
#[tokio::test]
async fn during_the_purchase_call_nothing_is_bought_twice() {
    let mut rig = Rig::open().await;
    rig.comes_to_confirm(ALEX).await;
    let lost = Scope::on(step::BUY).once().after_work();
    rig.virtusim.set_fault(Fault::NoAnswer, lost);
    rig.presses(ALEX, "Buy for").await;
    eventually("the upstream sold a number", async || {
        rig.virtusim.orders().len() == 1
    })
    .await;
    rig.kill().await;
    rig.start();
    // The list shows an order that nobody knows: it is Alex's.
    the_code_comes(&rig).await;
    rig.finish(1, 1).await;
}

/// From the SMS at the upstream to the message in the chat: paid once, told at least once.
#[rstest]
#[case::the_sms_is_not_written("C7", 0, 1..=1)]
#[case::the_message_is_not_sent("C8", 0, 1..=1)]
#[case::the_message_is_sent_and_not_marked("C9", 1, 1..=2)]
#[tokio::test]
async fn a_code_arrives(
    #[case] point: &str,
    #[case] told: usize,
    #[case] messages: RangeInclusive<usize>,
) {
    let mut rig = Rig::open().await;
    rig.buys(ALEX).await;
    rig.arm(point).await;
    assert_eq!(rig.virtusim.deliver_all(Some(SMS)), 1);
    rig.has_died().await;
    assert_eq!(rig.count(ALEX, CODE), told);
    let written = rig.number("SELECT COUNT(*) FROM sms").await;
    assert_eq!(written, i64::from(point != "C7"));
    rig.start();
    rig.sees(ALEX, CODE).await;
    rig.sees(ALEX, "Your SMS is here").await;
    rig.is_idle().await;
    let count = rig.count(ALEX, CODE);
    assert!(messages.contains(&count), "{count} messages with the code");
    rig.finish(1, 1).await;
}

/// A cancellation that was asked for is carried through, and the money comes back once.
#[rstest]
#[case::before_the_upstream_is_asked("C10", 0)]
#[case::after_it_agreed("C11", 1)]
#[tokio::test]
async fn a_cancellation_goes_on(#[case] point: &str, #[case] asked: u64) {
    let mut rig = can_cancel(point).await;
    rig.presses(ALEX, "Cancel").await;
    rig.has_died().await;
    assert_eq!(rig.states().await, ["cancelling"]);
    assert_eq!(rig.virtusim.requests(step::CANCEL), asked);
    rig.start();
    rig.sees(ALEX, "Cancelled.").await;
    let order = rig.virtusim.orders().remove(0);
    assert_eq!(order.state, OrderState::Cancelled);
    assert_eq!(order.refunded, order.charged);
    let released = "SELECT COUNT(*) FROM transfers WHERE kind = 'release'";
    assert_eq!(rig.number(released).await, 1);
    rig.finish(0, 1).await;
}

/// The SMS comes just before the upstream reads our cancellation: what the upstream says wins.
#[rstest]
#[case::after_the_refusal("C11")]
#[case::before_the_sms_is_written("C12")]
#[tokio::test]
async fn an_sms_during_the_cancellation_is_the_users(#[case] point: &str) {
    let mut rig = can_cancel(point).await;
    let meanwhile = Scope::on(step::CANCEL).once();
    rig.virtusim.set_fault(Fault::SmsDuringCancel, meanwhile);
    rig.presses(ALEX, "Cancel").await;
    rig.has_died().await;
    assert_eq!(rig.states().await, ["cancelling"]);
    rig.start();
    rig.sees(ALEX, CODE).await;
    rig.sees(ALEX, "Your SMS is here").await;
    assert_eq!(rig.count(ALEX, CODE), 1);
    rig.finish(1, 1).await;
}

/// C12 again: the upstream agreed and the money is back. An answer that was under way all the
/// while brings an SMS; it costs nothing, for the user or for us.
#[rstest]
#[case::before_the_sms_is_written("C7", 0)]
#[case::before_it_is_told("C8", 1)]
#[tokio::test]
async fn an_sms_after_the_money_is_back_is_free(#[case] point: &str, #[case] codes: usize) {
    let mut rig = can_cancel(point).await;
    let order = rig.virtusim.orders().remove(0).id;
    // It closes the number at once and says so later. Asked for the number meanwhile, it takes
    // even longer, and then tells what is true by then.
    let late = Scope::on(step::CANCEL).once().after_work();
    let agrees = Fault::Slow(Duration::from_secs(2));
    rig.virtusim.set_fault(agrees, late);
    let asked = Scope::on(step::POLL).order(&order).once();
    let tells = Fault::Slow(Duration::from_secs(6));
    rig.virtusim.set_fault(tells, asked);
    rig.presses(ALEX, "Cancel").await;
    rig.sees(ALEX, "Cancelled.").await;
    rig.virtusim.deliver_late(&order, SMS).unwrap();
    rig.has_died().await;
    assert_eq!(rig.states().await, ["cancelled"]);
    let written = rig.number("SELECT COUNT(*) FROM sms").await;
    assert_eq!(written, i64::try_from(codes).unwrap());
    assert_eq!(rig.count(ALEX, CODE), 0);
    rig.start();
    if codes > 0 {
        rig.sees(ALEX, CODE).await;
    }
    rig.is_idle().await;
    assert_eq!(rig.count(ALEX, CODE), codes);
    assert_eq!(rig.states().await, ["cancelled"]);
    let back = "SELECT COUNT(*) FROM transfers WHERE kind IN ('release', 'cost_refund')";
    assert_eq!(rig.number(back).await, 2);
    rig.finish(0, 1).await;
}

/// C13: the time of three numbers is over, and the process dies when one of them is settled.
#[tokio::test]
async fn a_sweep_that_was_half_done_is_done() {
    let mut rig = Rig::open().await;
    rig.people = vec![ALEX, SARI, MAYA];
    for user in rig.people.clone() {
        rig.buys(user).await;
    }
    rig.is_idle().await;
    rig.kill().await;
    rig.passes(TimeDelta::minutes(21));
    // The upstream answers late for the last two, so that the sweep cannot be done at once.
    for order in &rig.virtusim.orders()[1..] {
        let late = Fault::Slow(PATIENCE);
        rig.virtusim
            .set_fault(late, Scope::everything().order(&order.id));
    }
    rig.start_to_die_at("C13");
    rig.has_died().await;
    assert_eq!(rig.states().await, ["expired", "waiting", "waiting"]);
    rig.virtusim.clear_faults();
    rig.start();
    for user in rig.people.clone() {
        rig.sees(user, "No SMS came in time").await;
    }
    rig.is_idle().await;
    assert_eq!(rig.states().await, ["expired", "expired", "expired"]);
    let released = "SELECT COUNT(*) FROM transfers WHERE kind = 'release'";
    assert_eq!(rig.number(released).await, 3);
    rig.finish(0, 3).await;
}

/// C16: the writer of the database that the binary made waits for the disk at each commit.
#[tokio::test]
async fn what_is_committed_is_on_the_disk() {
    let mut rig = Rig::open().await;
    rig.comes_to_confirm(ALEX).await;
    rig.is_idle().await;
    if let Some(folder) = rig.database.folder() {
        // The journal stands beside the file of the running binary.
        assert!(folder.join("numshop.db-wal").exists());
    }
    rig.kill().await;
    let store = Store::open(rig.database.url(), &crate::database::key())
        .await
        .unwrap();
    let settings: &[(&str, &[&str])] = if rig.database.is_sqlite() {
        &[
            ("PRAGMA journal_mode", &["wal"]),
            // 2 is FULL: the journal is synced at every commit.
            ("PRAGMA synchronous", &["2"]),
            ("PRAGMA foreign_keys", &["1"]),
        ]
    } else {
        &[("SHOW synchronous_commit", &["on", "remote_apply"])]
    };
    for (question, answers) in settings {
        let answer = store.write(move |tx| {
            work(async move {
                let asked = Statement::from_string(tx.get_database_backend(), *question);
                let row = tx.query_one_raw(asked).await?.unwrap();
                let word: Result<String, _> = row.try_get_by_index(0);
                let number = || row.try_get_by_index::<i64>(0).map(|it| it.to_string());
                Ok::<_, numshop::store::StoreError>(word.or_else(|_| number())?)
            })
        });
        let answer = answer.await.unwrap();
        assert!(answers.contains(&answer.as_str()), "{question}: {answer}");
    }
    store.close().await;
    rig.database.drop().await;
}

#[tokio::test]
async fn between_hold_and_code_the_order_goes_on() {
    let mut rig = Rig::open().await;
    rig.buys(ALEX).await;
    rig.kill().await;
    assert_eq!(rig.virtusim.deliver_all(Some(SMS)), 1);
    rig.start();
    rig.sees(ALEX, CODE).await;
    rig.sees(ALEX, "Your SMS is here").await;
    rig.finish(1, 1).await;
}

#[tokio::test]
async fn a_stop_by_signal_ends_within_its_time_and_exits_well() {
    let mut rig = Rig::open().await;
    rig.comes_to_confirm(ALEX).await;
    let mut child = rig.take_child();
    let id = child.id().unwrap().to_string();
    let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
    assert!(sent.success());
    let status = tokio::time::timeout(std::time::Duration::from_secs(10), child.wait())
        .await
        .expect("it stops")
        .unwrap();
    assert!(status.success());
}
