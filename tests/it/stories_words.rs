//! Stories of the upstreams that speak in words: a host of the sms-activate family, and OTPGet with
//! its cheap numbers.

use chrono::TimeDelta;
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::sandbox::upstream::fault::{Fault, Scope, step};
use numshop::sandbox::upstream::{OrderState, SimulatedUpstream};
use rstest::rstest;

use crate::harness::{Actor, Stage, eventually};

async fn alex(stage: &Stage) -> Actor<'_> {
    let alex = stage.alex();
    alex.says("/start").await;
    alex.funded(50_000).await;
    alex
}

fn hero(modern: bool) -> Dialect {
    let name = "hero";
    Dialect::Compat { name, modern }
}

fn states(upstream: &SimulatedUpstream) -> Vec<OrderState> {
    let orders = upstream.orders();
    orders.iter().map(|order| order.state).collect()
}

#[rstest]
#[tokio::test]
async fn a_host_of_the_family_sells_for_dollars(#[values(true, false)] modern: bool) {
    let stage = Stage::open_with(&[hero(modern)]).await;
    let hero = &stage.others[0];
    let alex = alex(&stage).await;
    // 9 cents at 16,500 rupiah, a quarter on top, rounded up.
    let card = alex.chooses_in("Indonesia", "vinted").await;
    assert!(card.text.contains("Rp1,900"), "{}", card.text);
    alex.presses("Buy for").await;
    alex.sees("Waiting for the SMS").await;
    hero.deliver_all(Some("Your code is 481-902"));
    let bell = alex.sees("Your code for").await;
    assert!(
        bell.spans("code").contains(&"481902".to_owned()),
        "{}",
        bell.text
    );
    alex.sees("Your SMS is here").await;
    alex.presses("Finish").await;
    alex.sees("Done.").await;
    eventually("the host is told", async || {
        states(hero) == [OrderState::Finished]
    })
    .await;
    assert_eq!(alex.balance().await, (48_100, 0));
    assert_eq!(hero.requests(step::READY), 1);
    stage.finish().await;
}

#[tokio::test]
async fn a_price_that_rose_is_told_and_costs_nothing() {
    let stage = Stage::open_with(&[hero(true)]).await;
    let hero = &stage.others[0];
    let alex = alex(&stage).await;
    let dearer = Fault::PriceChange { percent: 1 };
    hero.set_fault(dearer, Scope::on(step::BUY));
    alex.chooses_in("Indonesia", "vinted").await;
    alex.presses("Buy for").await;
    alex.sees("The price went up").await;
    assert_eq!(alex.balance().await, (50_000, 0));
    assert_eq!((hero.requests(step::BUY), hero.orders().len()), (1, 0));
    stage.finish().await;
}

#[tokio::test]
async fn a_number_of_otpget_is_cancelled_when_its_two_minutes_are_over() {
    let stage = Stage::open_with(&[Dialect::OtpGet]).await;
    let alex = alex(&stage).await;
    // 110 rupees at 57 rupiah, a quarter on top, rounded up.
    let card = alex.chooses_in("Pakistan", "WhatsApp").await;
    assert!(card.text.contains("Rp7,900"), "{}", card.text);
    alex.presses("Buy for").await;
    alex.sees("Waiting for the SMS").await;
    stage.later(TimeDelta::minutes(2));
    alex.taps("Cancel").await;
    alex.sees("Cancelled. Rp").await;
    assert_eq!(alex.balance().await, (50_000, 0));
    assert_eq!(states(&stage.others[0]), [OrderState::Cancelled]);
    stage.finish().await;
}

#[tokio::test]
async fn a_cheap_number_lives_for_a_quarter_of_an_hour() {
    let stage = Stage::open_with(&[Dialect::OtpGetCheap]).await;
    let alex = alex(&stage).await;
    // 50 rupees at 57 rupiah, a quarter on top, rounded up.
    let card = alex.chooses_in("Pakistan", "any other").await;
    assert!(card.text.contains("Rp3,600"), "{}", card.text);
    assert!(card.text.contains("15 min"), "{}", card.text);
    alex.presses("Buy for").await;
    alex.sees("Waiting for the SMS").await;
    stage.later(TimeDelta::minutes(15));
    alex.sees("No SMS came in time").await;
    assert_eq!(alex.balance().await, (50_000, 0));
    alex.skims().await;
    assert_eq!(states(&stage.others[0]), [OrderState::Expired]);
    stage.finish().await;
}
