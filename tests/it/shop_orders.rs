//! Orders from quote to end, over upstreams that do what the test says.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use numshop::domain::id::{Nonce, OrderId};
use numshop::domain::limits::Limit;
use numshop::domain::money::Money;
use numshop::domain::order::{FailReason, OrderState};
use numshop::provider::{CancelAnswer, ProviderError};
use numshop::shop::ShopError;
use numshop::shop::notice::{Delivery, Notice};
use numshop::shop::orders::CancelOutcome;
use numshop::shop::wallet::MovementKind;
use rstest::rstest;
use tokio::sync::Notify;

use crate::harness::eventually;
use crate::scripted::{Buy, listing};
use crate::shop_stage::{ALEX, CARD, PRICE, SARI, Stage};

const SMS: &str = "Your WhatsApp code: 481-902. Don't share it";

fn sms(order: OrderId, index: usize) -> Notice {
    Notice::Sms { order, index }
}

#[tokio::test]
async fn a_code_is_paid_once_it_came() {
    let stage = Stage::open().await;
    let quote = stage.quote(SARI, "WhatsApp").await;
    assert_eq!(quote.price, Money::minor(PRICE));
    assert_eq!(quote.after, Money::minor(15_000));
    assert_eq!(quote.missing, None);
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    let order = stage.confirm(SARI, &quote).await.unwrap().order.id;
    stage.until(order, OrderState::Waiting).await;
    assert_eq!(stage.wallet(SARI).await, (15_000, PRICE));
    let view = stage.view(order).await;
    assert_eq!(view.number.as_deref(), Some("628000000001"));
    let lifetime = view.expires_at.unwrap() - view.created_at;
    assert!((TimeDelta::seconds(1_185)..TimeDelta::seconds(1_195)).contains(&lifetime));
    assert!(matches!(
        stage.shop().finish(SARI, order).await,
        Err(ShopError::WrongState(OrderState::Waiting))
    ));

    stage.alpha.deliver(1, SMS);
    stage.until(order, OrderState::Received).await;
    assert_eq!(stage.wallet(SARI).await, (15_000, 0));
    stage.until_brought(SARI, sms(order, 0)).await;
    let view = stage.view(order).await;
    assert_eq!(view.sms[0].text, SMS);
    assert_eq!(view.sms[0].code.as_deref(), Some("481902"));

    for _ in 0..2 {
        stage.shop().finish(SARI, order).await.unwrap();
    }
    assert_eq!(stage.state(order).await, OrderState::Completed);
    eventually("the upstream knows", async || stage.alpha.is_finished(1)).await;
    let kinds: Vec<_> = stage.shop().wallet(SARI, 9).await.unwrap().movements;
    let kinds: Vec<_> = kinds.into_iter().map(|movement| movement.kind).collect();
    assert_eq!(
        kinds,
        [
            MovementKind::Capture,
            MovementKind::Hold,
            MovementKind::TopUp
        ]
    );
    assert_eq!(stage.alpha.purchases(), 1);
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_button_makes_one_order() {
    let stage = Stage::open().await;
    let quote = stage.quote(SARI, "WhatsApp").await;
    let taps: Vec<_> = (0..64)
        .map(|_| {
            let (shop, nonce) = (Arc::clone(stage.shop()), quote.nonce.clone());
            tokio::spawn(async move { shop.confirm(SARI, &nonce, CARD).await.unwrap() })
        })
        .collect();
    let mut made = Vec::new();
    let mut new = 0;
    for tap in taps {
        let confirmed = tap.await.unwrap();
        new += usize::from(confirmed.is_new);
        made.push(confirmed.order.id);
    }
    made.dedup();
    assert_eq!((made.len(), new), (1, 1));
    stage.until(made[0], OrderState::Waiting).await;
    assert_eq!(stage.wallet(SARI).await, (15_000, PRICE));
    assert_eq!(stage.alpha.purchases(), 1);

    // The button still stands for that order after its offer has ended.
    stage.advance(TimeDelta::minutes(11));
    let late = stage.confirm(SARI, &quote).await.unwrap();
    assert!(!late.is_new);
    assert_eq!(late.order.id, made[0]);
    stage.finish().await;
}

#[tokio::test]
async fn a_refused_confirmation_moves_nothing() {
    let stage = Stage::open().await;
    let quote = stage.quote(SARI, "WhatsApp").await;
    let foreign = stage.confirm(ALEX, &quote).await.unwrap_err();
    assert!(matches!(foreign, ShopError::QuoteExpired), "{foreign}");
    let unknown = stage.shop().confirm(SARI, &Nonce::random(), CARD).await;
    assert!(matches!(unknown, Err(ShopError::QuoteExpired)));

    stage.alpha.sells(vec![listing("WhatsApp", 4_100, Some(1))]);
    stage.refresh().await;
    let rose = stage.confirm(SARI, &quote).await.unwrap_err();
    assert!(matches!(rose, ShopError::PriceChanged), "{rose}");
    stage.alpha.sells(vec![listing("WhatsApp", 4_000, Some(0))]);
    stage.refresh().await;
    let none = stage.confirm(SARI, &quote).await.unwrap_err();
    assert!(matches!(none, ShopError::SoldOut), "{none}");
    stage.alpha.sells(vec![listing("Telegram", 2_000, None)]);
    stage.refresh().await;
    let gone = stage.confirm(SARI, &quote).await.unwrap_err();
    assert!(matches!(gone, ShopError::NotSold), "{gone}");
    stage.alpha.sells(vec![listing("WhatsApp", 4_000, Some(9))]);
    stage.refresh().await;

    stage.advance(TimeDelta::minutes(10));
    let late = stage.confirm(SARI, &quote).await.unwrap_err();
    assert!(matches!(late, ShopError::QuoteExpired), "{late}");
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    assert_eq!(stage.wallet(ALEX).await, (20_000, 0));
    assert_eq!(stage.alpha.purchases(), 0);
    stage.finish().await;
}

#[tokio::test]
async fn a_price_that_fell_is_paid_as_it_is_when_the_number_is_bought() {
    let stage = Stage::open().await;
    let quote = stage.quote(SARI, "WhatsApp").await;
    stage.alpha.sells(vec![listing("WhatsApp", 1_000, Some(1))]);
    stage.refresh().await;
    let order = stage.confirm(SARI, &quote).await.unwrap().order;
    assert_eq!(order.price, Money::minor(PRICE));
    stage.until(order.id, OrderState::Waiting).await;
    assert_eq!(stage.view(order.id).await.price, Money::minor(1_300));
    assert_eq!(stage.wallet(SARI).await, (18_700, 1_300));
    stage.alpha.deliver(1, SMS);
    stage.until(order.id, OrderState::Received).await;
    assert_eq!(stage.wallet(SARI).await, (18_700, 0));
    stage.finish().await;
}

#[tokio::test]
async fn too_little_money_is_named_and_nothing_moves() {
    let stage = Stage::open().await;
    for _ in 0..4 {
        stage.buy(SARI, "WhatsApp").await;
    }
    assert_eq!(stage.wallet(SARI).await, (0, 20_000));
    let quote = stage.quote(SARI, "WhatsApp").await;
    assert_eq!(quote.missing, Some(Money::minor(PRICE)));
    let refused = stage.confirm(SARI, &quote).await.unwrap_err();
    let ShopError::NotEnoughMoney {
        price,
        available,
        missing,
    } = refused
    else {
        panic!("{refused}");
    };
    assert_eq!(price, Money::minor(PRICE));
    assert_eq!((available, missing), (Money::ZERO, price));
    assert_eq!(stage.shop().orders(SARI, 0, 9).await.unwrap().rows.len(), 4);
    // With money, the same button works.
    stage.topup(SARI, PRICE).await;
    let order = stage.confirm(SARI, &quote).await.unwrap().order.id;
    stage.until(order, OrderState::Waiting).await;
    stage.finish().await;
}

#[rstest]
#[case::rejected(Buy::Reject(ProviderError::OutOfStock))]
#[case::not_sent(Buy::NotSent)]
#[case::no_funds(Buy::Reject(ProviderError::NoFunds))]
#[case::price_rose(Buy::Reject(ProviderError::PriceRose))]
#[tokio::test]
async fn another_upstream_sells_at_the_same_price(#[case] refusal: Buy) {
    let (stage, first, second) = Stage::with_two().await;
    first.next(refusal);
    let order = stage.buy(SARI, "WhatsApp").await;
    assert_eq!((first.purchases(), second.purchases()), (1, 1));
    second.deliver(1, SMS);
    stage.until(order, OrderState::Received).await;
    stage.finish().await;
}

#[rstest]
#[case::no_stock(Buy::Reject(ProviderError::OutOfStock), FailReason::OutOfStock)]
#[case::down(Buy::NotSent, FailReason::UpstreamDown)]
#[case::no_funds(Buy::Reject(ProviderError::NoFunds), FailReason::UpstreamDown)]
#[case::price_rose(Buy::Reject(ProviderError::PriceRose), FailReason::PriceRose)]
#[tokio::test]
async fn where_nobody_sells_the_money_is_back(#[case] refusal: Buy, #[case] reason: FailReason) {
    let (stage, first, second) = Stage::with_two().await;
    first.next(Buy::Reject(ProviderError::OutOfStock));
    second.next(refusal);
    let order = stage.order(SARI, "WhatsApp").await;
    stage.until(order, OrderState::Failed).await;
    assert_eq!(stage.view(order).await.reason, Some(reason));
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    assert_eq!((first.purchases(), second.purchases()), (1, 1));
    stage.until_brought(SARI, Notice::Card { order }).await;
    stage.finish().await;
}

#[tokio::test]
async fn nothing_dearer_than_was_accepted_is_bought() {
    let (stage, first, second) = Stage::with_two().await;
    let quote = stage.quote(SARI, "WhatsApp").await;
    let go = Arc::new(Notify::new());
    let refusal = Buy::Reject(ProviderError::OutOfStock);
    first.next(Buy::Wait(Arc::clone(&go), Box::new(refusal)));
    let order = stage.confirm(SARI, &quote).await.unwrap().order.id;
    stage.until(order, OrderState::Placing).await;
    second.sells(vec![listing("WhatsApp", 6_000, Some(5))]);
    stage.refresh().await;
    go.notify_one();
    stage.until(order, OrderState::Failed).await;
    assert_eq!(second.purchases(), 0);
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    stage.finish().await;
}

#[tokio::test]
async fn a_cancellation_waits_for_its_time() {
    let stage = Stage::open().await;
    let order = stage.buy(SARI, "WhatsApp").await;
    let early = stage.shop().cancel(SARI, order).await.unwrap_err();
    assert!(matches!(early, ShopError::CancelTooEarly(_)), "{early}");
    let foreign = stage.shop().cancel(ALEX, order).await.unwrap_err();
    assert!(matches!(foreign, ShopError::NoSuchOrder), "{foreign}");
    assert_eq!(stage.alpha.cancel_calls(), 0);
    stage.advance(TimeDelta::seconds(61));
    let outcome = stage.shop().cancel(SARI, order).await.unwrap();
    assert_eq!(outcome, CancelOutcome::Asked);
    stage.until(order, OrderState::Cancelled).await;
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    let again = stage.shop().cancel(SARI, order).await.unwrap_err();
    assert!(matches!(
        again,
        ShopError::WrongState(OrderState::Cancelled)
    ));
    stage.until_brought(SARI, Notice::Card { order }).await;
    assert_eq!(stage.courier.count(SARI, &Notice::Refunded { order }), 0);
    stage.finish().await;
}

#[tokio::test]
async fn a_second_cancel_changes_nothing() {
    let stage = Stage::open().await;
    let order = stage.buy(SARI, "WhatsApp").await;
    stage.advance(TimeDelta::seconds(61));
    stage.alpha.is_down(true);
    for expected in [CancelOutcome::Asked, CancelOutcome::AlreadyAsked] {
        let outcome = stage.shop().cancel(SARI, order).await.unwrap();
        assert_eq!(outcome, expected);
    }
    eventually("the upstream was asked", async || {
        stage.alpha.cancel_calls() > 0
    })
    .await;
    assert_eq!(stage.wallet(SARI).await, (15_000, PRICE));
    stage.alpha.is_down(false);
    stage.advance(TimeDelta::seconds(6));
    stage.until(order, OrderState::Cancelled).await;
    stage.finish().await;
}

#[rstest]
#[case(Ok(CancelAnswer::NotNow))]
#[case(Ok(CancelAnswer::AlreadyClosed))]
#[case(Err(ProviderError::Refused("wait".to_owned())))]
#[tokio::test]
async fn an_sms_that_comes_while_cancelling_wins(
    #[case] refusal: Result<CancelAnswer, ProviderError>,
) {
    let stage = Stage::open().await;
    let order = stage.buy(SARI, "WhatsApp").await;
    stage.advance(TimeDelta::seconds(61));
    stage.alpha.next_cancel(refusal);
    stage.shop().cancel(SARI, order).await.unwrap();
    eventually("the upstream refused", async || {
        stage.alpha.cancel_calls() == 1
    })
    .await;
    stage.alpha.deliver(1, SMS);
    stage.until(order, OrderState::Received).await;
    assert_eq!(stage.wallet(SARI).await, (15_000, 0));
    stage.until_brought(SARI, sms(order, 0)).await;
    stage.finish().await;
}

#[tokio::test]
async fn a_blank_sms_is_none() {
    let stage = Stage::open().await;
    let order = stage.buy(SARI, "WhatsApp").await;
    stage.advance(TimeDelta::seconds(61));
    stage.alpha.deliver(1, " ");
    stage.alpha.next_cancel(Ok(CancelAnswer::NotNow));
    stage.shop().cancel(SARI, order).await.unwrap();
    eventually("the cancellation is put off", async || {
        let row = stage.row(order).await;
        stage.alpha.cancel_calls() == 1
            && row.next_action_at_ms > stage.shop().now().timestamp_millis() + 5_000
    })
    .await;
    assert_eq!(stage.state(order).await, OrderState::Cancelling);
    stage.advance(TimeDelta::seconds(16));
    stage.until(order, OrderState::Cancelled).await;
    assert_eq!(stage.alpha.cancel_calls(), 2);
    stage.finish().await;
}

#[tokio::test]
async fn an_order_in_placing_cannot_be_cancelled() {
    let stage = Stage::open().await;
    let go = Arc::new(Notify::new());
    stage
        .alpha
        .next(Buy::Wait(Arc::clone(&go), Box::new(Buy::Sell)));
    let order = stage.order(SARI, "WhatsApp").await;
    stage.until(order, OrderState::Placing).await;
    let refused = stage.shop().cancel(SARI, order).await.unwrap_err();
    assert!(matches!(
        refused,
        ShopError::WrongState(OrderState::Placing)
    ));
    go.notify_one();
    stage.until(order, OrderState::Waiting).await;
    stage.finish().await;
}

#[rstest]
#[case::reachable(false)]
#[case::unreachable(true)]
#[tokio::test]
async fn a_number_without_sms_expires_and_the_money_is_back(#[case] down: bool) {
    let stage = Stage::open().await;
    let order = stage.buy(SARI, "WhatsApp").await;
    stage.alpha.is_down(down);
    stage.advance(TimeDelta::seconds(1_201));
    if down {
        // Nobody knows whether an SMS came, so the deadline on the card decides.
        eventually("the order was put off", async || {
            stage.row(order).await.next_action_at_ms > stage.shop().now().timestamp_millis()
        })
        .await;
        assert_eq!(stage.wallet(SARI).await, (15_000, PRICE));
        stage.advance(TimeDelta::seconds(120));
    }
    stage.until(order, OrderState::Expired).await;
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    stage.until_brought(SARI, Notice::Refunded { order }).await;
    assert_eq!(stage.alpha.cancel_calls(), u32::from(!down));
    stage.finish().await;
}

#[tokio::test]
async fn an_sms_at_the_very_end_is_delivered() {
    let stage = Stage::open().await;
    let order = stage.buy(SARI, "WhatsApp").await;
    stage.alpha.is_down(true);
    stage.advance(TimeDelta::seconds(1_201));
    stage.alpha.deliver(1, SMS);
    stage.alpha.is_down(false);
    stage.advance(TimeDelta::seconds(10));
    stage.until(order, OrderState::Completed).await;
    assert_eq!(stage.wallet(SARI).await, (15_000, 0));
    stage.until_brought(SARI, sms(order, 0)).await;
    stage.finish().await;
}

#[rstest]
#[case::listed(true)]
#[case::asked_one_by_one(false)]
#[tokio::test]
async fn another_sms_comes_to_the_same_number(#[case] lists: bool) {
    let stage = Stage::open().await;
    if !lists {
        stage.alpha.has_no_list();
    }
    let order = stage.buy(SARI, "WhatsApp").await;
    assert!(matches!(
        stage.shop().resend(SARI, order).await,
        Err(ShopError::WrongState(OrderState::Waiting))
    ));
    stage.alpha.deliver(1, SMS);
    stage.until(order, OrderState::Received).await;
    for _ in 0..2 {
        stage.shop().resend(SARI, order).await.unwrap();
    }
    eventually("the upstream was told", async || {
        stage.alpha.resends(1) == 1
    })
    .await;
    stage.alpha.deliver(1, "code 7731");
    stage.until_brought(SARI, sms(order, 1)).await;
    let view = stage.view(order).await;
    assert_eq!(view.sms.len(), 2);
    assert!(view.can_resend && !view.awaits_another);
    assert_eq!(stage.wallet(SARI).await, (15_000, 0));
    assert_eq!(stage.alpha.resends(1), 1);
    stage.finish().await;
}

#[tokio::test]
async fn the_same_sms_seen_a_hundred_times_is_one() {
    let stage = Stage::open().await;
    let order = stage.buy(SARI, "WhatsApp").await;
    stage.alpha.deliver(1, SMS);
    let seen = stage.alpha.seen(1);
    let looks = (0..100).map(|_| stage.shop().observe(order, &seen));
    for look in futures_util::future::join_all(looks).await {
        look.unwrap();
    }
    stage.until_brought(SARI, sms(order, 0)).await;
    assert_eq!(stage.view(order).await.sms.len(), 1);
    let all = stage.courier.all(SARI);
    let rings = all
        .iter()
        .filter(|notice| matches!(notice, Notice::Sms { .. }));
    assert_eq!(rings.count(), 1);
    stage.finish().await;
}

#[tokio::test]
async fn a_strange_sms_is_delivered_too() {
    let stage = Stage::open().await;
    let order = stage.buy(SARI, "WhatsApp").await;
    // Longer than an index row of PostgreSQL, without repetition, and with a NUL.
    let text: String = (1..400_u64)
        .map(|i| format!("{:016x}", i.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
        .collect();
    stage.alpha.deliver(1, &format!("\0{text}"));
    stage.until(order, OrderState::Received).await;
    assert_eq!(stage.view(order).await.sms[0].text, text);
    stage.until_brought(SARI, sms(order, 0)).await;
    stage.finish().await;
}

#[rstest]
#[case::listed(true)]
#[case::asked_one_by_one(false)]
#[tokio::test]
async fn errors_for_a_long_time_end_no_polling(#[case] lists: bool) {
    let stage = Stage::open().await;
    if !lists {
        stage.alpha.has_no_list();
    }
    let order = stage.buy(SARI, "WhatsApp").await;
    stage.alpha.is_down(true);
    for _ in 0..12 {
        let before = stage.alpha.asked();
        stage.advance(TimeDelta::seconds(31));
        eventually("it is asked again", async || stage.alpha.asked() > before).await;
    }
    assert_eq!(stage.state(order).await, OrderState::Waiting);
    stage.alpha.is_down(false);
    stage.alpha.deliver(1, SMS);
    stage.advance(TimeDelta::seconds(31));
    stage.until(order, OrderState::Received).await;
    stage.finish().await;
}

#[tokio::test]
async fn a_driver_that_panics_ends_nothing_for_others() {
    let stage = Stage::open().await;
    stage.alpha.has_no_list();
    let order = stage.buy(SARI, "WhatsApp").await;
    stage.alpha.panics(true);
    stage.advance(TimeDelta::seconds(61));
    stage.shop().cancel(SARI, order).await.unwrap();
    eventually("the driver panicked", async || {
        stage.alpha.cancel_calls() > 0
    })
    .await;
    assert_eq!(stage.wallet(SARI).await, (15_000, PRICE));
    stage.alpha.panics(false);
    stage.advance(TimeDelta::seconds(31));
    stage.until(order, OrderState::Cancelled).await;
    stage.finish().await;
}

#[tokio::test]
async fn who_cannot_be_reached_delays_nobody() {
    let stage = Stage::open().await;
    let answers = [
        (SARI, Delivery::Unreachable),
        (ALEX, Delivery::Later(Duration::from_secs(30))),
    ];
    stage.courier.answers.lock().unwrap().extend(answers);
    let hers = stage.buy(SARI, "WhatsApp").await;
    let his = stage.buy(ALEX, "WhatsApp").await;
    stage.alpha.deliver(1, SMS);
    stage.alpha.deliver(2, SMS);
    stage.until_brought(SARI, sms(hers, 0)).await;
    stage.until_brought(ALEX, sms(his, 0)).await;
    eventually("nothing is due", async || {
        stage
            .shop()
            .due_notices(Vec::new(), 9)
            .await
            .unwrap()
            .is_empty()
    })
    .await;
    let before = stage.courier.count(ALEX, &sms(his, 0));
    stage.courier.answers.lock().unwrap().clear();
    stage.advance(TimeDelta::seconds(31));
    eventually("it is brought after all", async || {
        stage.courier.count(ALEX, &sms(his, 0)) > before
    })
    .await;
    assert_eq!(stage.courier.count(SARI, &sms(hers, 0)), 1);
    stage.finish().await;
}

#[tokio::test]
async fn whoever_gives_back_many_numbers_has_to_wait() {
    let stage = Stage::open().await;
    for _ in 0..5 {
        let order = stage.buy(SARI, "WhatsApp").await;
        stage.advance(TimeDelta::minutes(3));
        stage.shop().cancel(SARI, order).await.unwrap();
        stage.until(order, OrderState::Cancelled).await;
    }
    let (balance, purchases) = (stage.wallet(SARI).await, stage.alpha.purchases());
    let quote = stage.quote(SARI, "WhatsApp").await;
    let refused = stage.confirm(SARI, &quote).await.unwrap_err();
    // The first of the five was twelve minutes ago, and half an hour is what counts.
    let ShopError::Limited(reached) = refused else {
        panic!("{refused}");
    };
    assert_eq!(reached.limit, Limit::Cancels);
    let until = reached.until.unwrap();
    let wait = until - stage.shop().now();
    assert!(
        (TimeDelta::minutes(17)..=TimeDelta::minutes(18)).contains(&wait),
        "{wait}"
    );
    assert_eq!(stage.wallet(SARI).await, balance);
    assert_eq!(stage.alpha.purchases(), purchases);
    stage.advance(wait);
    stage.buy(SARI, "WhatsApp").await;
    stage.finish().await;
}
