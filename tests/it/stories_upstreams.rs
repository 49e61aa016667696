//! Stories of upstreams with ways of their own: one without a list of services, one that keeps
//! silent about refunds and takes another currency.

use chrono::TimeDelta;
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::sandbox::upstream::fault::step;
use numshop::sandbox::upstream::{OrderState, SimulatedUpstream};

use crate::harness::{Actor, Stage, eventually};

async fn alex(stage: &Stage) -> Actor<'_> {
    let alex = stage.alex();
    alex.says("/start").await;
    alex.funded(50_000).await;
    alex
}

fn states(upstream: &SimulatedUpstream) -> Vec<OrderState> {
    let orders = upstream.orders();
    orders.iter().map(|order| order.state).collect()
}

#[tokio::test]
async fn otpgan_sells_what_the_operator_wrote_down() {
    let stage = Stage::open_with(&[Dialect::OtpGan]).await;
    let otpgan = &stage.others[0];
    otpgan.set_price("wa", 3_000.into()).unwrap();
    let alex = alex(&stage).await;
    alex.buys("WhatsApp").await;
    assert_eq!(states(otpgan), [OrderState::Waiting]);
    otpgan.deliver_all(Some("Your WhatsApp code is 481-902"));
    let bell = alex.sees("Your code for WhatsApp").await;
    assert!(
        bell.spans("code").contains(&"481902".to_owned()),
        "{}",
        bell.text
    );
    alex.sees("Your SMS is here").await;
    alex.presses("Finish").await;
    alex.sees("Done.").await;
    eventually("OTPGan is told", async || {
        states(otpgan) == [OrderState::Finished]
    })
    .await;
    assert_eq!(alex.balance().await, (46_200, 0));
    stage.finish().await;
}

#[tokio::test]
async fn a_cancellation_and_an_expiry_at_otpgan_give_the_money_back() {
    let stage = Stage::open_with(&[Dialect::OtpGan]).await;
    let otpgan = &stage.others[0];
    otpgan.set_price("wa", 3_000.into()).unwrap();
    let alex = alex(&stage).await;
    alex.buys("WhatsApp").await;
    alex.taps("Cancel").await;
    alex.sees("Cancelled. Rp").await;
    assert_eq!(alex.balance().await, (50_000, 0));
    alex.buys("WhatsApp").await;
    stage.later(TimeDelta::minutes(20));
    alex.sees("No SMS came in time").await;
    assert_eq!(alex.balance().await, (50_000, 0));
    alex.skims().await;
    assert_eq!(states(otpgan), [OrderState::Cancelled, OrderState::Expired]);
    stage.finish().await;
}

#[tokio::test]
async fn otpbuddy_sells_in_india_for_rupees() {
    let stage = Stage::open_with(&[Dialect::OtpBuddy]).await;
    let otpbuddy = &stage.others[0];
    let alex = alex(&stage).await;
    let card = alex.chooses_in("India", "amazon").await;
    // 12 rupees at 200 rupiah, and a quarter on top.
    assert!(card.text.contains("Rp3,000"), "{}", card.text);
    alex.presses("Buy for").await;
    alex.sees("Waiting for the SMS").await;
    otpbuddy.deliver_all(Some("Your Amazon order is cancelled. Code: 481902"));
    let bell = alex.sees("Your code for Amazon").await;
    assert!(
        bell.spans("code").contains(&"481902".to_owned()),
        "{}",
        bell.text
    );
    alex.sees("Your SMS is here").await;
    alex.presses("Finish").await;
    alex.sees("Done.").await;
    assert_eq!(alex.balance().await, (47_000, 0));
    stage.finish().await;
}

#[tokio::test]
async fn a_cancellation_at_otpbuddy_gives_the_money_back() {
    let stage = Stage::open_with(&[Dialect::OtpBuddy]).await;
    let alex = alex(&stage).await;
    alex.chooses_in("India", "amazon").await;
    alex.presses("Buy for").await;
    alex.sees("Waiting for the SMS").await;
    alex.taps("Cancel").await;
    alex.sees("Cancelled. Rp").await;
    assert_eq!(alex.balance().await, (50_000, 0));
    assert_eq!(stage.others[0].requests(step::CANCEL), 1);
    stage.finish().await;
}

#[tokio::test]
async fn a_number_of_otpbuddy_that_ran_out_gives_the_user_the_money_back_and_our_books_nothing() {
    let mut stage = Stage::open_with(&[Dialect::OtpBuddy]).await;
    let alex = alex(&stage).await;
    alex.chooses_in("India", "amazon").await;
    alex.presses("Buy for").await;
    alex.sees("Waiting for the SMS").await;
    stage.later(TimeDelta::minutes(20));
    // "Number expired" is no promise: the order waits for the deadline that the user was shown.
    let otpbuddy = &stage.others[0];
    eventually("the end was asked about", async || {
        otpbuddy.requests("getStatus") > 0 && otpbuddy.requests(step::CANCEL) > 0
    })
    .await;
    assert_eq!(alex.balance().await, (47_000, 3_000));
    stage.later(TimeDelta::minutes(3));
    alex.sees("No SMS came in time").await;
    assert_eq!(alex.balance().await, (50_000, 0));
    alex.skims().await;
    assert_eq!(states(otpbuddy), [OrderState::Expired]);
    stage.silent_refunds.insert("otpbuddy", 12.into());
    stage.finish().await;
}
