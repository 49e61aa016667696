//! What is sold out: people are told once it is back, or it is bought for them, once and for no
//! more than they agreed to.

use std::sync::Arc;

use chrono::TimeDelta;
use numshop::domain::id::{Nonce, OrderId, UserId};
use numshop::domain::money::Money;
use numshop::domain::order::{FailReason, OrderState};
use numshop::provider::ProviderError;
use numshop::shop::ShopError;
use numshop::shop::notice::Notice;
use rstest::rstest;

use crate::harness::eventually;
use crate::scripted::{Buy, listing};
use crate::shop_stage::{ADAM, ALEX, CARD, MAYA, PRICE, SARI, Stage};

/// A shop in which WhatsApp is sold out; it last cost [`PRICE`].
async fn sold_out() -> Stage {
    let stage = Stage::open().await;
    restocked(&stage, 4_000, Some(0)).await;
    let refused = stage.shop().quote(SARI, stage.choice("WhatsApp")).await;
    assert!(matches!(refused, Err(ShopError::SoldOut)), "{refused:?}");
    stage
}

async fn restocked(stage: &Stage, cost: i64, stock: Option<u64>) {
    stage.alpha.sells(vec![
        listing("WhatsApp", cost, stock),
        listing("Telegram", 2_000, None),
        listing("Shopee", 1_000, Some(0)),
    ]);
    stage.refresh().await;
}

async fn limit(stage: &Stage, user: UserId, place: usize) -> (Nonce, Money) {
    let choice = stage.choice("WhatsApp");
    let quote = stage.shop().quote_queue(user, choice, place).await.unwrap();
    (quote.nonce, quote.limit)
}

/// Confirms to buy WhatsApp once it is back, for today's price at most.
async fn queue(stage: &Stage, user: UserId) -> OrderId {
    let (nonce, _) = limit(stage, user, 0).await;
    let confirmed = stage.shop().confirm(user, &nonce, CARD).await.unwrap();
    assert!(confirmed.is_new);
    confirmed.order.id
}

/// Waits until an order was tried and stands in line again.
async fn is_in_line(stage: &Stage, order: OrderId) {
    eventually("it is in line", async || {
        let row = stage.row(order).await;
        row.state == "held" && Some(row.next_action_at_ms) == row.queued_until_ms
    })
    .await;
}

fn news(stage: &Stage) -> Notice {
    Notice::Available {
        choice: stage.choice("WhatsApp"),
        service_name: "WhatsApp".to_owned(),
        limit: None,
    }
}

#[tokio::test]
async fn who_wants_to_hear_is_told_once() {
    let stage = sold_out().await;
    for _ in 0..3 {
        let choice = stage.choice("WhatsApp");
        stage.shop().watch(SARI, &choice, None).await.unwrap();
    }
    let mine = stage.shop().watches(SARI).await.unwrap();
    assert_eq!(mine.len(), 1);
    let span = mine[0].until - stage.shop().now();
    assert!(TimeDelta::hours(23) < span && span <= TimeDelta::hours(24));
    stage.shop().restock().await.unwrap();
    assert_eq!(stage.courier.count(SARI, &news(&stage)), 0);
    restocked(&stage, 4_000, Some(9)).await;
    stage.until_brought(SARI, news(&stage)).await;
    assert_eq!(stage.shop().watches(SARI).await.unwrap(), []);
    for _ in 0..3 {
        stage.advance(TimeDelta::hours(1));
        restocked(&stage, 4_000, Some(9)).await;
        stage.shop().restock().await.unwrap();
    }
    stage.finish_told(SARI, 1).await;
}

impl Stage {
    /// Ends, and checks how often somebody heard that WhatsApp is back.
    async fn finish_told(self, user: UserId, times: usize) {
        eventually("no notice is under way", async || {
            let due = self.shop().due_notices(Vec::new(), 1).await.unwrap();
            due.is_empty()
        })
        .await;
        assert_eq!(self.courier.count(user, &news(&self)), times);
        self.finish().await;
    }
}

#[tokio::test]
async fn no_more_are_told_than_there_are_numbers_and_the_oldest_first() {
    let stage = sold_out().await;
    let choice = stage.choice("WhatsApp");
    for user in [SARI, ALEX, ADAM] {
        stage.shop().watch(user, &choice, None).await.unwrap();
    }
    restocked(&stage, 4_000, Some(1)).await;
    stage.until_brought(SARI, news(&stage)).await;
    stage.advance(TimeDelta::minutes(9));
    stage.shop().restock().await.unwrap();
    assert_eq!(stage.shop().watches(ALEX).await.unwrap().len(), 1);
    // Sari has had her time, and the number is still there.
    stage.advance(TimeDelta::minutes(1));
    stage.shop().restock().await.unwrap();
    stage.until_brought(ALEX, news(&stage)).await;
    assert_eq!(stage.shop().watches(ADAM).await.unwrap().len(), 1);
    assert_eq!(stage.courier.count(SARI, &news(&stage)), 1);
    stage.finish_told(ADAM, 0).await;
}

#[tokio::test]
async fn a_watch_is_forgotten_by_hand_and_by_time() {
    let stage = sold_out().await;
    let choice = stage.choice("WhatsApp");
    stage.shop().watch(SARI, &choice, None).await.unwrap();
    stage.shop().watch(ALEX, &choice, None).await.unwrap();
    let hers = stage.shop().watches(SARI).await.unwrap()[0].id;
    stage.shop().unwatch(ALEX, hers).await.unwrap();
    assert_eq!(stage.shop().watches(SARI).await.unwrap().len(), 1);
    for _ in 0..2 {
        stage.shop().unwatch(SARI, hers).await.unwrap();
    }
    assert_eq!(stage.shop().watches(SARI).await.unwrap(), []);
    stage.advance(TimeDelta::hours(24));
    assert_eq!(stage.shop().watches(ALEX).await.unwrap(), []);
    stage.shop().tidy().await.unwrap();
    restocked(&stage, 4_000, Some(9)).await;
    stage.shop().restock().await.unwrap();
    assert_eq!(stage.courier.count(SARI, &news(&stage)), 0);
    stage.finish_told(ALEX, 0).await;
}

#[tokio::test]
async fn nobody_waits_for_everything() {
    let stage = sold_out().await;
    let operators = ["A", "B", "C", "D", "E"].map(|name| Some(name.to_owned()));
    for operator in operators {
        let mut choice = stage.choice("WhatsApp");
        choice.operator = operator;
        stage.shop().watch(SARI, &choice, None).await.unwrap();
        stage.shop().watch(SARI, &choice, None).await.unwrap();
    }
    let one_more = stage
        .shop()
        .watch(SARI, &stage.choice("WhatsApp"), None)
        .await;
    assert!(matches!(one_more, Err(ShopError::TooManyWaiting)));
    assert_eq!(stage.shop().watches(SARI).await.unwrap().len(), 5);
    stage.finish().await;
}

#[tokio::test]
async fn what_is_back_is_bought_once_for_the_price_of_that_moment() {
    let stage = sold_out().await;
    let order = queue(&stage, SARI).await;
    assert_eq!(stage.wallet(SARI).await, (15_000, PRICE));
    is_in_line(&stage, order).await;
    let view = stage.view(order).await;
    assert!(view.queued_until.is_some() && view.cancel_from.is_some());
    assert_eq!(stage.alpha.purchases(), 0);
    restocked(&stage, 3_000, Some(5)).await;
    stage.until(order, OrderState::Waiting).await;
    stage.until_brought(SARI, Notice::Arrived { order }).await;
    // 3,000 and a quarter, in steps of a hundred.
    assert_eq!(stage.wallet(SARI).await, (16_200, 3_800));
    stage.alpha.deliver(1, "code 4711");
    stage.until(order, OrderState::Received).await;
    for _ in 0..3 {
        restocked(&stage, 3_000, Some(5)).await;
        stage.shop().restock().await.unwrap();
    }
    assert_eq!(stage.wallet(SARI).await, (16_200, 0));
    assert_eq!(stage.alpha.purchases(), 1);
    assert_eq!(stage.courier.count(SARI, &Notice::Arrived { order }), 1);
    stage.finish().await;
}

#[tokio::test]
async fn nothing_is_bought_above_the_limit() {
    let stage = sold_out().await;
    let (_, low) = limit(&stage, SARI, 0).await;
    let (nonce, high) = limit(&stage, SARI, 1).await;
    assert_eq!((low, high), (Money::minor(5_000), Money::minor(6_300)));
    let order = stage.shop().confirm(SARI, &nonce, CARD).await.unwrap();
    let order = order.order.id;
    assert_eq!(stage.wallet(SARI).await, (13_700, 6_300));
    is_in_line(&stage, order).await;
    restocked(&stage, 6_000, Some(5)).await;
    stage.shop().restock().await.unwrap();
    is_in_line(&stage, order).await;
    assert_eq!(stage.alpha.purchases(), 0);
    restocked(&stage, 5_000, Some(5)).await;
    stage.until(order, OrderState::Waiting).await;
    assert_eq!(stage.wallet(SARI).await, (13_700, 6_300));
    stage.finish().await;
}

#[tokio::test]
async fn what_never_comes_is_paid_back_and_told() {
    let stage = sold_out().await;
    let order = queue(&stage, SARI).await;
    is_in_line(&stage, order).await;
    stage.advance(TimeDelta::hours(23));
    stage.shop().restock().await.unwrap();
    assert_eq!(stage.state(order).await, OrderState::Held);
    stage.advance(TimeDelta::hours(1));
    stage.until(order, OrderState::Failed).await;
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    let reason = stage.view(order).await.reason;
    assert_eq!(reason, Some(FailReason::QueuedInVain));
    stage.until_brought(SARI, Notice::Refunded { order }).await;
    restocked(&stage, 4_000, Some(5)).await;
    stage.shop().restock().await.unwrap();
    assert_eq!(stage.alpha.purchases(), 0);
    stage.finish().await;
}

#[tokio::test]
async fn who_leaves_the_line_has_their_money_back() {
    let stage = sold_out().await;
    for _ in 0..7 {
        let order = queue(&stage, SARI).await;
        stage.shop().cancel(SARI, order).await.unwrap();
        assert_eq!(stage.state(order).await, OrderState::Cancelled);
        assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    }
    restocked(&stage, 4_000, Some(5)).await;
    stage.shop().restock().await.unwrap();
    assert_eq!(stage.alpha.purchases(), 0);
    // No upstream saw any of this, so nobody has to cool down.
    stage.buy(SARI, "WhatsApp").await;
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn five_taps_make_one_hold() {
    let stage = sold_out().await;
    let (first, _) = limit(&stage, SARI, 0).await;
    let (second, _) = limit(&stage, SARI, 2).await;
    let taps: Vec<_> = (0..5)
        .map(|_| {
            let (shop, nonce) = (Arc::clone(stage.shop()), first.clone());
            tokio::spawn(async move { shop.confirm(SARI, &nonce, CARD).await.unwrap() })
        })
        .collect();
    let mut made = Vec::new();
    for tap in taps {
        made.push(tap.await.unwrap().order.id);
    }
    // Another limit for the same is the same wish.
    let other = stage.shop().confirm(SARI, &second, CARD).await.unwrap();
    assert!(!other.is_new);
    made.push(other.order.id);
    made.dedup();
    assert_eq!(made.len(), 1);
    assert_eq!(stage.wallet(SARI).await, (15_000, PRICE));
    stage.finish().await;
}

#[tokio::test]
async fn a_wallet_that_does_not_cover_the_limit_holds_nothing() {
    let stage = sold_out().await;
    let (nonce, _) = limit(&stage, MAYA, 0).await;
    let refused = stage.shop().confirm(MAYA, &nonce, CARD).await;
    assert!(matches!(refused, Err(ShopError::NotEnoughMoney { .. })));
    assert_eq!(stage.wallet(MAYA).await, (0, 0));
    stage.finish().await;
}

#[tokio::test]
async fn the_oldest_is_served_first_and_nobody_storms_the_upstream() {
    let stage = sold_out().await;
    let hers = queue(&stage, SARI).await;
    let his = queue(&stage, ALEX).await;
    for order in [hers, his] {
        is_in_line(&stage, order).await;
    }
    restocked(&stage, 4_000, Some(1)).await;
    stage.until(hers, OrderState::Waiting).await;
    // The list still says that there is one, but that one was sold.
    stage.shop().restock().await.unwrap();
    is_in_line(&stage, his).await;
    assert_eq!(stage.alpha.purchases(), 1);
    // Now it lists one that it does not sell.
    stage.alpha.next(Buy::Reject(ProviderError::OutOfStock));
    restocked(&stage, 4_000, Some(1)).await;
    eventually("it is tried", async || stage.alpha.purchases() == 2).await;
    is_in_line(&stage, his).await;
    for _ in 0..5 {
        restocked(&stage, 4_000, Some(1)).await;
        stage.shop().restock().await.unwrap();
        is_in_line(&stage, his).await;
    }
    assert_eq!(stage.alpha.purchases(), 2);
    assert_eq!(stage.wallet(ALEX).await, (15_000, PRICE));
    let view = stage.view(his).await;
    assert_eq!(view.queued_until, Some(view.deadline_at));
    stage.advance(TimeDelta::minutes(5));
    stage.shop().restock().await.unwrap();
    stage.until(his, OrderState::Waiting).await;
    assert_eq!(stage.alpha.purchases(), 3);
    stage.finish().await;
}

/// Where the process is killed.
enum Killed {
    AfterTheHold,
    AfterItIsDue,
    DuringTheCall,
}

#[rstest]
#[case::after_the_hold(Killed::AfterTheHold)]
#[case::after_it_is_due(Killed::AfterItIsDue)]
#[case::during_the_call(Killed::DuringTheCall)]
#[tokio::test]
async fn killed_between_any_two_steps_it_is_bought_once(#[case] killed: Killed) {
    let mut stage = sold_out().await;
    let order = match killed {
        Killed::AfterTheHold => {
            stage.stop_workers().await;
            let order = queue(&stage, SARI).await;
            restocked(&stage, 4_000, Some(5)).await;
            order
        }
        Killed::AfterItIsDue => {
            let order = queue(&stage, SARI).await;
            is_in_line(&stage, order).await;
            stage.stop_workers().await;
            restocked(&stage, 4_000, Some(5)).await;
            stage.shop().restock().await.unwrap();
            let row = stage.row(order).await;
            assert_ne!(Some(row.next_action_at_ms), row.queued_until_ms);
            order
        }
        Killed::DuringTheCall => {
            let order = queue(&stage, SARI).await;
            is_in_line(&stage, order).await;
            stage.alpha.next(Buy::Lose { sold: true });
            restocked(&stage, 4_000, Some(5)).await;
            stage.until(order, OrderState::InDoubt).await;
            order
        }
    };
    stage.restart().await;
    stage.advance(TimeDelta::seconds(11));
    stage.until(order, OrderState::Waiting).await;
    stage.until_brought(SARI, Notice::Arrived { order }).await;
    assert_eq!(stage.wallet(SARI).await, (15_000, PRICE));
    stage.alpha.deliver(1, "code 4711");
    stage.until(order, OrderState::Received).await;
    assert_eq!(stage.wallet(SARI).await, (15_000, 0));
    assert_eq!(stage.alpha.purchases(), 1);
    stage.finish().await;
}

#[tokio::test]
async fn orders_that_wait_come_before_people_who_want_to_hear() {
    let stage = sold_out().await;
    let choice = stage.choice("WhatsApp");
    stage.shop().watch(ALEX, &choice, None).await.unwrap();
    let order = queue(&stage, SARI).await;
    is_in_line(&stage, order).await;
    restocked(&stage, 4_000, Some(1)).await;
    stage.until(order, OrderState::Waiting).await;
    assert_eq!(stage.courier.count(ALEX, &news(&stage)), 0);
    restocked(&stage, 4_000, Some(0)).await;
    stage.finish_told(ALEX, 0).await;
}
