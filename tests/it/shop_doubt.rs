//! Purchases whose answer was lost, and processes that were: nothing is bought or paid twice.

use std::sync::Arc;

use chrono::TimeDelta;
use numshop::domain::id::OrderId;
use numshop::domain::order::{FailReason, OrderState};
use numshop::shop::notice::Notice;
use numshop::store::entity::attempts;
use rstest::rstest;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tokio::sync::Notify;

use crate::harness::eventually;
use crate::scripted::Buy;
use crate::shop_stage::{ADAM, ALEX, MAYA, PRICE, SARI, Stage};

const SMS: &str = "Your WhatsApp code: 481-902. Don't share it";

async fn good_reads(stage: &Stage, order: OrderId) -> i64 {
    let connection = stage.database.connect().await;
    let attempts = attempts::Entity::find()
        .filter(attempts::Column::OrderId.eq(order.0))
        .all(&connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    attempts.last().unwrap().good_reads
}

/// Moves on by `by` and waits until the doubt was looked at.
async fn look(stage: &Stage, order: OrderId, by: TimeDelta) {
    let before = stage.row(order).await.version;
    stage.advance(by);
    eventually("it was looked at", async || {
        stage.row(order).await.version > before
    })
    .await;
}

fn orphan(order: OrderId) -> Notice {
    Notice::PossibleOrphan {
        order,
        provider: "alpha".to_owned(),
        cost: "4000 IDR".to_owned(),
    }
}

async fn in_doubt(stage: &Stage, sold: bool) -> OrderId {
    stage.alpha.next(Buy::Lose { sold });
    let order = stage.order(SARI, "WhatsApp").await;
    stage.until(order, OrderState::InDoubt).await;
    assert_eq!(stage.wallet(SARI).await, (15_000, PRICE));
    order
}

#[tokio::test]
async fn an_order_that_the_list_shows_goes_on() {
    let stage = Stage::open().await;
    let order = in_doubt(&stage, true).await;
    stage.advance(TimeDelta::seconds(3));
    stage.until(order, OrderState::Waiting).await;
    assert!(stage.view(order).await.number.is_some());
    stage.alpha.deliver(1, SMS);
    stage.until(order, OrderState::Received).await;
    assert_eq!(stage.wallet(SARI).await, (15_000, 0));
    assert_eq!(stage.alpha.purchases(), 1);
    stage.finish().await;
}

#[rstest]
#[case::with_a_nul("71\u{0}0001".to_owned())]
#[case::with_a_line_break("71\n0001".to_owned())]
#[case::without_a_letter(String::new())]
#[case::without_end("7".repeat(10_000))]
#[tokio::test]
async fn an_id_that_cannot_be_kept_leaves_a_doubt_that_the_list_ends(#[case] id: String) {
    let stage = Stage::open().await;
    stage.alpha.next(Buy::Misname(id));
    let order = stage.order(SARI, "WhatsApp").await;
    stage.until(order, OrderState::InDoubt).await;
    stage.advance(TimeDelta::seconds(3));
    stage.until(order, OrderState::Waiting).await;
    assert_eq!(stage.row(order).await.upstream_id.as_deref(), Some("1"));
    assert_eq!(stage.alpha.purchases(), 1);
    stage.finish().await;
}

#[tokio::test]
async fn absence_needs_three_good_reads_and_time() {
    let stage = Stage::open().await;
    let order = in_doubt(&stage, false).await;
    for _ in 0..4 {
        look(&stage, order, TimeDelta::seconds(11)).await;
    }
    assert!(good_reads(&stage, order).await >= 3);
    assert_eq!(stage.state(order).await, OrderState::InDoubt);
    stage.advance(TimeDelta::seconds(60));
    stage.until(order, OrderState::Failed).await;
    let view = stage.view(order).await;
    assert_eq!(view.reason, Some(FailReason::NeverConfirmed));
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    stage.until_brought(SARI, Notice::Refunded { order }).await;
    assert_eq!(stage.account("provider:alpha:IDR:suspense").await, 0);
    assert_eq!(stage.courier.count(MAYA, &orphan(order)), 0);
    assert_eq!(stage.alpha.purchases(), 1);
    stage.finish().await;
}

#[rstest]
#[case::no_list(false)]
#[case::list_down(true)]
#[tokio::test]
async fn without_proof_the_deadline_pays_back(#[case] has_list: bool) {
    let stage = Stage::open().await;
    if !has_list {
        stage.alpha.has_no_list();
    }
    let order = in_doubt(&stage, true).await;
    stage.alpha.is_down(true);
    for _ in 0..10 {
        look(&stage, order, TimeDelta::seconds(11)).await;
    }
    // Time alone proves nothing.
    assert_eq!(good_reads(&stage, order).await, 0);
    assert_eq!(stage.state(order).await, OrderState::InDoubt);
    stage.advance(TimeDelta::seconds(80));
    stage.until(order, OrderState::Failed).await;
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    assert_eq!(
        stage.account("provider:alpha:IDR:suspense").await,
        4_000_000_000
    );
    stage.until_brought(SARI, Notice::Refunded { order }).await;
    for admin in [MAYA, ADAM] {
        stage.until_brought(admin, orphan(order)).await;
    }
    assert_eq!(stage.alpha.purchases(), 1);
    stage.finish().await;
}

#[tokio::test]
async fn a_driver_that_panics_while_buying_leaves_a_doubt() {
    let stage = Stage::open().await;
    stage.alpha.next(Buy::Panic);
    let order = stage.order(SARI, "WhatsApp").await;
    stage.until(order, OrderState::InDoubt).await;
    look(&stage, order, TimeDelta::seconds(11)).await;
    look(&stage, order, TimeDelta::seconds(11)).await;
    stage.advance(TimeDelta::seconds(80));
    stage.until(order, OrderState::Failed).await;
    assert_eq!(stage.alpha.purchases(), 1);
    stage.finish().await;
}

#[tokio::test]
async fn nothing_is_bought_on_a_route_in_doubt() {
    let stage = Stage::open().await;
    let order = in_doubt(&stage, false).await;
    let blocked = stage.order(ALEX, "WhatsApp").await;
    stage.until(blocked, OrderState::Failed).await;
    let view = stage.view(blocked).await;
    assert_eq!(view.reason, Some(FailReason::UpstreamDown));
    assert_eq!(stage.wallet(ALEX).await, (20_000, 0));
    assert_eq!(stage.alpha.purchases(), 1);
    stage.buy(ALEX, "Telegram").await;
    assert_eq!(stage.state(order).await, OrderState::InDoubt);
    stage.finish().await;
}

#[tokio::test]
async fn an_order_of_another_service_is_not_taken() {
    let stage = Stage::open().await;
    stage.alpha.sell_elsewhere("Telegram");
    let order = in_doubt(&stage, false).await;
    for _ in 0..3 {
        look(&stage, order, TimeDelta::seconds(11)).await;
    }
    assert_eq!(stage.state(order).await, OrderState::InDoubt);
    stage.advance(TimeDelta::seconds(70));
    stage.until(order, OrderState::Failed).await;
    stage.finish().await;
}

/// Two purchases whose calls are under way together.
async fn two_placing(stage: &Stage, [hers, his]: [Buy; 2]) -> ([Arc<Notify>; 2], [OrderId; 2]) {
    let go = [Arc::new(Notify::new()), Arc::new(Notify::new())];
    let mut orders = Vec::new();
    for ((user, buy), go) in [(SARI, hers), (ALEX, his)].into_iter().zip(&go) {
        stage.alpha.next(Buy::Wait(Arc::clone(go), Box::new(buy)));
        let order = stage.order(user, "WhatsApp").await;
        stage.until(order, OrderState::Placing).await;
        let expected = u32::try_from(orders.len()).unwrap() + 1;
        eventually("the call is sent", async || {
            stage.alpha.purchases() == expected
        })
        .await;
        orders.push(order);
    }
    (go, [orders[0], orders[1]])
}

#[tokio::test]
async fn one_number_ends_one_of_two_doubts() {
    let stage = Stage::open().await;
    let lost = [Buy::Lose { sold: false }, Buy::Lose { sold: true }];
    let (go, [hers, his]) = two_placing(&stage, lost).await;
    for (go, order) in go.iter().zip([hers, his]) {
        go.notify_one();
        stage.until(order, OrderState::InDoubt).await;
    }
    stage.advance(TimeDelta::seconds(3));
    // Nobody has seen the number, so the older order gets it.
    stage.until(hers, OrderState::Waiting).await;
    assert_eq!(stage.state(his).await, OrderState::InDoubt);
    for _ in 0..3 {
        look(&stage, his, TimeDelta::seconds(11)).await;
    }
    stage.advance(TimeDelta::seconds(60));
    stage.until(his, OrderState::Failed).await;
    assert_eq!(stage.wallet(ALEX).await, (20_000, 0));
    assert_eq!(stage.alpha.purchases(), 2);
    stage.finish().await;
}

#[tokio::test]
async fn an_entry_that_may_be_somebody_elses_proves_nothing() {
    let stage = Stage::open().await;
    let answers = [Buy::Lose { sold: false }, Buy::Sell];
    let (go, [hers, his]) = two_placing(&stage, answers).await;
    // This is hers, but as long as his call is under way it could be his as well.
    stage.alpha.sell_elsewhere("WhatsApp");
    go[0].notify_one();
    stage.until(hers, OrderState::InDoubt).await;
    for _ in 0..10 {
        look(&stage, hers, TimeDelta::seconds(11)).await;
    }
    assert_eq!(stage.state(hers).await, OrderState::InDoubt);
    go[1].notify_one();
    stage.until(his, OrderState::Waiting).await;
    stage.advance(TimeDelta::seconds(11));
    stage.until(hers, OrderState::Waiting).await;
    assert_eq!(stage.alpha.purchases(), 2);
    stage.finish().await;
}

#[rstest]
#[case::sold(true)]
#[case::not_sold(false)]
#[tokio::test]
async fn after_a_restart_a_purchase_under_way_is_in_doubt(#[case] sold: bool) {
    let mut stage = Stage::open().await;
    let never = Arc::new(Notify::new());
    stage.alpha.next(Buy::Wait(never, Box::new(Buy::Sell)));
    let order = stage.order(SARI, "WhatsApp").await;
    stage.until(order, OrderState::Placing).await;
    eventually("the call is sent", async || stage.alpha.purchases() == 1).await;
    stage.kill().await;
    if sold {
        stage.alpha.sell_elsewhere("WhatsApp");
    }
    stage.start().await;
    stage.until(order, OrderState::InDoubt).await;
    stage.restart().await;
    assert_eq!(stage.wallet(SARI).await, (15_000, PRICE));
    if sold {
        stage.advance(TimeDelta::seconds(3));
        stage.until(order, OrderState::Waiting).await;
    } else {
        for _ in 0..3 {
            look(&stage, order, TimeDelta::seconds(11)).await;
        }
        stage.advance(TimeDelta::seconds(80));
        stage.until(order, OrderState::Failed).await;
    }
    assert_eq!(stage.alpha.purchases(), 1);
    stage.finish().await;
}

#[tokio::test]
async fn after_a_restart_a_waiting_order_is_polled() {
    let mut stage = Stage::open().await;
    let order = stage.buy(SARI, "WhatsApp").await;
    stage.kill().await;
    stage.alpha.deliver(1, SMS);
    stage.start().await;
    stage.until(order, OrderState::Received).await;
    stage
        .until_brought(SARI, Notice::Sms { order, index: 0 })
        .await;

    // Its end comes while nobody is there.
    stage.kill().await;
    stage.clock.advance(TimeDelta::seconds(1_201));
    stage.start().await;
    stage.until(order, OrderState::Completed).await;
    assert_eq!(stage.wallet(SARI).await, (15_000, 0));
    stage.finish().await;
}

#[tokio::test]
async fn after_a_restart_a_number_that_ended_gives_the_money_back() {
    let mut stage = Stage::open().await;
    let order = stage.buy(SARI, "WhatsApp").await;
    stage.kill().await;
    stage.clock.advance(TimeDelta::hours(5));
    stage.start().await;
    stage.until(order, OrderState::Expired).await;
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    stage.finish().await;
}

#[tokio::test]
async fn after_a_restart_a_cancellation_goes_on() {
    let mut stage = Stage::open().await;
    let order = stage.buy(SARI, "WhatsApp").await;
    stage.advance(TimeDelta::seconds(61));
    stage.alpha.is_down(true);
    stage.shop().cancel(SARI, order).await.unwrap();
    stage.restart().await;
    assert_eq!(stage.state(order).await, OrderState::Cancelling);
    stage.alpha.is_down(false);
    stage.advance(TimeDelta::seconds(6));
    stage.until(order, OrderState::Cancelled).await;
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    stage.finish().await;
}
