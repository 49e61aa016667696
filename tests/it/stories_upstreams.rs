//! Stories of upstreams with ways of their own: one without a list of services, one that keeps
//! silent about refunds and takes another currency; and of several that fail at once.

use std::time::Duration;

use chrono::TimeDelta;
use numshop::domain::id::UserId;
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::sandbox::upstream::fault::{Fault, Scope, step};
use numshop::sandbox::upstream::{OrderState, SimulatedUpstream};
use numshop::shop::standing::DecisionChange;

use crate::harness::{Actor, MAYA, Stage, eventually};

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

#[tokio::test]
async fn one_dead_one_slow_one_sold_out_one_unpaid_and_the_fifth_sells() {
    let host = |name| Dialect::Compat { name, modern: true };
    let stage = Stage::open_with(&[host("slow"), host("fifth"), Dialect::OtpGet]).await;
    let [slow, fifth, otpget] = stage.others.as_slice() else {
        unreachable!("three were opened");
    };
    // With these costs everybody asks the same price: 4,000.
    stage.virtusim.set_price("WhatsApp", 3_200.into()).unwrap();
    otpget.set_price("201", 55.into()).unwrap();
    for host in [slow, fifth] {
        host.set_price("6:wa", "0.19".parse().unwrap()).unwrap();
    }
    for provider in stage.shop().providers() {
        stage.shop().refresh(provider.as_ref()).await.unwrap();
        let priority = i64::from(provider.id().as_str() != "fifth");
        let change = DecisionChange {
            priority: Some(priority),
            ..DecisionChange::default()
        };
        stage
            .shop()
            .decide(UserId(MAYA), provider.id(), change)
            .await
            .unwrap();
    }
    let alex = alex(&stage).await;
    let card = alex.chooses("WhatsApp").await;
    assert!(card.text.contains("Rp4,000"), "{}", card.text);
    stage.virtusim.stop().await;
    stage.otpcepat.set_balance(0.into());
    otpget.set_stock("201", 0).unwrap();
    slow.set_stock("6:wa", 0).unwrap();
    slow.set_fault(Fault::Slow(Duration::from_secs(1)), Scope::on(step::BUY));
    alex.presses("Buy for").await;
    alex.sees("Waiting for the SMS").await;
    let sold: Vec<usize> = [&stage.virtusim, &stage.otpcepat, otpget, slow, fifth]
        .map(|upstream| upstream.orders().len())
        .into();
    assert_eq!(sold, [0, 0, 0, 0, 1]);
    for asked in [&stage.otpcepat, otpget, slow, fifth] {
        assert_eq!(asked.requests(step::BUY), 1, "{}", asked.id());
    }
    assert_eq!(alex.balance().await, (46_000, 4_000));
    stage.virtusim.restart().await.unwrap();
    stage.maya().skims().await;
    alex.skims().await;
    stage.finish().await;
}
