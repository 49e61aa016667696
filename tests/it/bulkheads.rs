//! One upstream that takes everything and answers nothing never holds up what goes on at another.

use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::StreamExt;
use numshop::domain::order::{FailReason, OrderState};
use numshop::provider::Provider;
use numshop::sandbox::upstream::fault::{Fault, Scope, step};
use numshop::shop::notice::Notice;
use numshop::store::entity::orders;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use tokio::task::JoinSet;

use crate::harness::{self, eventually};
use crate::scripted::listing;
use crate::shop_stage::{ALEX, PRICE, SARI, Stage};

/// More than orders may be in hand at once.
const MANY: usize = 280;
/// More than may wait for one upstream.
const TOO_MANY: usize = 600;
const SMS: &str = "Your Facebook code: 481-902. Don't share it";

/// Sari buys at one upstream, Alex at the other.
async fn with_two_sellers() -> Stage {
    let stage = Stage::open().await;
    stage.alpha.sells(vec![listing("WhatsApp", 4_000, None)]);
    stage.beta.sells(vec![listing("Facebook", 2_000, None)]);
    stage.refresh().await;
    stage
}

/// At the other upstream a number is bought, asked about, given back: the whole life of an order.
async fn everything_goes_on_at_the_other(stage: &Stage) {
    let order = stage.buy(ALEX, "Facebook").await;
    let sold = stage.beta.purchases();
    stage.beta.deliver(sold, SMS);
    stage.until(order, OrderState::Received).await;
    stage
        .until_brought(ALEX, Notice::Sms { order, index: 0 })
        .await;
    let order = stage.buy(ALEX, "Facebook").await;
    stage.advance(TimeDelta::seconds(61));
    stage.shop().cancel(ALEX, order).await.unwrap();
    stage.until(order, OrderState::Cancelled).await;
}

/// Waits until all orders are in a state, a quarter after the other.
async fn until_all(stage: &Stage, state: OrderState) {
    let connection = stage.database.connect().await;
    for quarter in 1..=4 {
        eventually(&format!("{quarter} quarters are {state}"), async || {
            let rows = orders::Entity::find().filter(orders::Column::State.eq(state.as_str()));
            let count = rows
                .filter(orders::Column::UserId.eq(SARI.0))
                .count(&connection);
            usize::try_from(count.await.unwrap()).unwrap() >= MANY * quarter / 4
        })
        .await;
    }
    connection.close().await.unwrap();
}

#[tokio::test]
async fn hundreds_of_calls_that_hang_hold_up_nothing_elsewhere() {
    let stage = with_two_sellers().await;
    stage
        .topup(SARI, i64::try_from(MANY).unwrap() * PRICE)
        .await;
    stage.alpha.hangs(true);
    let orders = futures_util::stream::iter(0..MANY)
        .map(|_| stage.order(SARI, "WhatsApp"))
        .buffer_unordered(16);
    assert_eq!(orders.count().await, MANY);
    eventually("all purchases are sent", async || {
        stage.alpha.hanging() == MANY
    })
    .await;
    everything_goes_on_at_the_other(&stage).await;
    stage.alpha.hangs(false);
    until_all(&stage, OrderState::Waiting).await;

    // Their time is over all at once, and none of the calls that say so is answered.
    stage.alpha.hangs(true);
    stage.advance(TimeDelta::minutes(20));
    eventually("what became of each is asked", async || {
        stage.alpha.hanging() >= MANY
    })
    .await;
    everything_goes_on_at_the_other(&stage).await;
    stage.alpha.hangs(false);
    until_all(&stage, OrderState::Expired).await;
    assert_eq!(
        stage.wallet(SARI).await,
        (20_000 + i64::try_from(MANY).unwrap() * PRICE, 0)
    );
    stage.finish().await;
}

#[tokio::test]
async fn an_upstream_for_which_too_many_wait_gets_no_purchase() {
    let stage = with_two_sellers().await;
    let waiting = stage.buy(SARI, "WhatsApp").await;
    stage.alpha.hangs(true);
    let is_alpha = |it: &&Arc<dyn Provider>| it.id() == stage.alpha.id();
    let alpha = stage.shop().providers().find(is_alpha).map(Arc::clone);
    let alpha = alpha.unwrap();
    let mut crowd = JoinSet::new();
    for _ in 0..TOO_MANY {
        let alpha = Arc::clone(&alpha);
        crowd.spawn(async move { alpha.open_orders().await.is_ok() });
    }
    eventually("they all wait", async || stage.alpha.hanging() >= TOO_MANY).await;

    let order = stage.order(SARI, "WhatsApp").await;
    stage.until(order, OrderState::Failed).await;
    assert_eq!(
        stage.view(order).await.reason,
        Some(FailReason::UpstreamDown)
    );
    assert_eq!(stage.alpha.purchases(), 1, "it was not asked");
    stage.advance(TimeDelta::seconds(61));
    stage.shop().cancel(SARI, waiting).await.unwrap();
    everything_goes_on_at_the_other(&stage).await;
    assert_eq!(stage.alpha.cancel_calls(), 0, "it was put off");

    stage.alpha.hangs(false);
    assert!(crowd.join_all().await.into_iter().all(|answered| answered));
    stage.advance(TimeDelta::seconds(6));
    stage.until(waiting, OrderState::Cancelled).await;
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    stage.finish().await;
}

#[tokio::test]
async fn a_connection_that_is_never_answered_holds_up_nobody_else() {
    let stage = harness::Stage::open().await;
    let (alex, sari, maya) = (stage.alex(), stage.sari(), stage.maya());
    for user in [alex, sari] {
        user.says("/start").await;
        let language = stage.shop().choose_language(user.id(), "en").await;
        language.unwrap();
        user.funded(50_000).await;
    }
    maya.says("/providers set virtusim priority=1").await;
    let virtusim = &stage.virtusim;
    virtusim.set_fault(Fault::NoAnswer, Scope::on(step::BUY).after_work());
    virtusim.set_fault(Fault::NoAnswer, Scope::everything());
    let asked = stage.virtusim.requests(step::BUY);
    sari.chooses("Facebook").await;
    sari.presses("Buy for").await;
    eventually("the purchase is sent", async || {
        stage.virtusim.requests(step::BUY) > asked
    })
    .await;

    maya.says("/providers set otpcepat priority=2").await;
    alex.buys("Facebook").await;
    let sold = stage.otpcepat.newest_orders(1).remove(0);
    stage.otpcepat.deliver(&sold.id, SMS).unwrap();
    alex.sees("Your code for Facebook").await;
    alex.buys("Facebook").await;
    stage.later(TimeDelta::minutes(2));
    alex.taps("Cancel").await;
    alex.sees("Cancelled. Rp").await;

    // It recovers, and its list shows what it sold without a word.
    stage.virtusim.clear_faults();
    stage.virtusim.stop().await;
    stage.virtusim.restart().await.unwrap();
    eventually("its number is found", async || {
        let orders = stage.shop().orders(sari.id(), 0, 1).await.unwrap();
        stage.later(TimeDelta::seconds(1));
        orders.rows[0].state == OrderState::Waiting
    })
    .await;
    sari.sees("Waiting for the SMS").await;
    assert_eq!(stage.virtusim.requests(step::BUY), asked + 1);
    for user in [alex, sari, maya] {
        user.skims().await;
    }
    stage.finish().await;
}
