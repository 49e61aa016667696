//! What our balance at an upstream and its list prove, and what admins hear and decide.

use chrono::TimeDelta;
use numshop::domain::id::{OrderId, UpstreamId};
use numshop::domain::order::OrderState;
use numshop::provider::{Activation, ActivationState, CancelAnswer};
use numshop::shop::ShopError;
use numshop::shop::doubts::Ruling;
use numshop::shop::notice::Notice;
use numshop::shop::reconcile::Finding;
use rstest::rstest;

use crate::harness::eventually;
use crate::scripted::Buy;
use crate::shop_stage::{ADAM, ALEX, MAYA, PRICE, SARI, Stage};

/// What WhatsApp costs us, in millionths.
const COST: i64 = 4_000_000_000;
const SUSPENSE: &str = "provider:alpha:IDR:suspense";
const FLOAT: &str = "provider:alpha:IDR:float";
const COST_OF_GOODS: &str = "provider:alpha:IDR:cost_of_goods";

/// A minute passes, and the upstream is held against the books.
async fn minute(stage: &Stage) {
    stage.advance(TimeDelta::seconds(60));
    let alpha = stage
        .shop()
        .providers()
        .find(|it| it.id().as_str() == "alpha");
    let alpha = alpha.unwrap();
    stage.shop().reconcile(alpha.as_ref()).await.unwrap();
}

/// A shop that knows its balance at an upstream.
async fn known_balance() -> Stage {
    let stage = Stage::open().await;
    stage.alpha.was_paid_in(100_000);
    for _ in 0..2 {
        minute(&stage).await;
    }
    stage
}

/// The same without a list of orders.
async fn only_a_balance() -> Stage {
    let stage = known_balance().await;
    stage.alpha.has_no_list();
    stage
}

async fn in_doubt(stage: &Stage, sold: bool) -> OrderId {
    stage.alpha.next(Buy::Lose { sold });
    let order = stage.order(SARI, "WhatsApp").await;
    stage.until(order, OrderState::InDoubt).await;
    order
}

/// Lets time pass until the order's state is another one.
async fn settled(stage: &Stage, order: OrderId, steps: i32) -> OrderState {
    for _ in 0..steps {
        let before = stage.row(order).await.version;
        stage.advance(TimeDelta::seconds(11));
        eventually("it was looked at", async || {
            stage.row(order).await.version > before
        })
        .await;
        let state = stage.state(order).await;
        if state != OrderState::InDoubt {
            return state;
        }
    }
    OrderState::InDoubt
}

fn told(stage: &Stage, finding: &Finding) -> [usize; 2] {
    let notice = Notice::Finding {
        finding: finding.clone(),
    };
    [MAYA, ADAM].map(|admin| stage.courier.count(admin, &notice))
}

async fn until_told(stage: &Stage, finding: &Finding) {
    for admin in [MAYA, ADAM] {
        let finding = finding.clone();
        stage
            .until_brought(admin, Notice::Finding { finding })
            .await;
    }
}

#[tokio::test]
async fn an_sms_after_the_upstream_paid_back_is_delivered_and_costs_nothing() {
    let stage = known_balance().await;
    let order = stage.buy(SARI, "WhatsApp").await;
    assert_eq!(stage.account(FLOAT).await, -COST);
    let late = Activation {
        state: ActivationState::Cancelled,
        sms: Some("Your WhatsApp code: 481-902".to_owned()),
        ..stage.alpha.seen(1)
    };
    // The second look closes the order and books nothing more.
    for state in [OrderState::Received, OrderState::Completed] {
        stage.shop().observe(order, &late).await.unwrap();
        assert_eq!(stage.state(order).await, state);
        assert_eq!(stage.wallet(SARI).await, (20_000 - PRICE, 0));
        assert_eq!(stage.account(FLOAT).await, 0);
        assert_eq!(stage.account(COST_OF_GOODS).await, 0);
    }
    stage.finish().await;
}

#[tokio::test]
async fn a_balance_that_did_not_move_proves_that_nothing_was_bought() {
    let stage = only_a_balance().await;
    let order = in_doubt(&stage, false).await;
    // Long before the deadline of 180 seconds.
    assert_eq!(settled(&stage, order, 10).await, OrderState::Failed);
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    assert_eq!(stage.account(SUSPENSE).await, 0);
    assert_eq!(stage.alpha.purchases(), 1);
    stage.finish().await;
}

#[tokio::test]
async fn a_balance_that_fell_by_the_cost_lets_the_order_wait_for_its_deadline() {
    let stage = only_a_balance().await;
    let order = in_doubt(&stage, true).await;
    assert_eq!(settled(&stage, order, 15).await, OrderState::InDoubt);
    stage.advance(TimeDelta::seconds(30));
    stage.until(order, OrderState::Failed).await;
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    assert_eq!(stage.account(SUSPENSE).await, COST);

    // The upstream gives it back when nobody used the number.
    minute(&stage).await;
    stage.alpha.close(1);
    for _ in 0..2 {
        minute(&stage).await;
    }
    assert_eq!(stage.account(SUSPENSE).await, 0);
    assert_eq!(stage.account(FLOAT).await, 0);
    assert_eq!(stage.account(COST_OF_GOODS).await, 0);
    stage.finish().await;
}

#[tokio::test]
async fn a_refund_that_is_still_owed_may_hide_a_purchase() {
    let stage = only_a_balance().await;
    let first = in_doubt(&stage, true).await;
    stage.advance(TimeDelta::seconds(181));
    stage.until(first, OrderState::Failed).await;
    // The first number's cost comes back while the second is being bought: the balance is what
    // it was.
    stage.alpha.close(1);
    let second = in_doubt(&stage, true).await;
    assert_eq!(settled(&stage, second, 15).await, OrderState::InDoubt);
    stage.advance(TimeDelta::seconds(30));
    stage.until(second, OrderState::Failed).await;
    assert_eq!(stage.account(SUSPENSE).await, 2 * COST);
    for _ in 0..2 {
        minute(&stage).await;
    }
    // One of the two came back; the other may still.
    assert_eq!(stage.account(SUSPENSE).await, COST);
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    stage.finish().await;
}

/// The upstream closed a number and paid it back, and cannot be asked; meanwhile it sold another
/// one and the answer was lost. The balance is what it was.
#[tokio::test]
async fn a_refund_that_nobody_has_seen_yet_hides_no_purchase() {
    let stage = only_a_balance().await;
    let first = stage.buy(ALEX, "WhatsApp").await;
    stage.advance(TimeDelta::seconds(60));
    let second = in_doubt(&stage, true).await;
    stage.alpha.is_down(true);
    stage.alpha.close(1);
    assert_eq!(settled(&stage, second, 15).await, OrderState::InDoubt);
    stage.advance(TimeDelta::seconds(30));
    stage.until(second, OrderState::Failed).await;
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    assert_eq!(stage.account(SUSPENSE).await, COST);
    stage.alpha.is_down(false);
    stage.advance(TimeDelta::seconds(60));
    stage.until(first, OrderState::Cancelled).await;
    for _ in 0..2 {
        minute(&stage).await;
    }
    // The second number is still open there, and its cost is still gone.
    assert_eq!(stage.account(SUSPENSE).await, COST);
    assert_eq!(stage.shop().float_gaps().await.unwrap(), []);
    stage.finish().await;
}

#[tokio::test]
async fn what_came_back_before_we_knew_is_not_paid_in() {
    let stage = known_balance().await;
    let order = stage.buy(SARI, "WhatsApp").await;
    stage.alpha.is_down(true);
    stage.alpha.close(1);
    for _ in 0..4 {
        minute(&stage).await;
    }
    assert_eq!(stage.state(order).await, OrderState::Waiting);
    stage.alpha.is_down(false);
    stage.advance(TimeDelta::seconds(60));
    stage.until(order, OrderState::Cancelled).await;
    for _ in 0..3 {
        minute(&stage).await;
    }
    assert_eq!(stage.account(FLOAT).await, 0);
    assert_eq!(stage.shop().float_gaps().await.unwrap(), []);
    let amount = "4000 IDR".to_owned();
    let provider = "alpha".to_owned();
    for finding in [
        Finding::BalanceRose {
            provider: provider.clone(),
            amount: amount.clone(),
        },
        Finding::BalanceFell { provider, amount },
    ] {
        assert_eq!(told(&stage, &finding), [0, 0]);
    }
    stage.finish().await;
}

#[tokio::test]
async fn what_never_comes_back_becomes_a_cost_of_ours() {
    let stage = only_a_balance().await;
    let order = in_doubt(&stage, true).await;
    stage.advance(TimeDelta::seconds(181));
    stage.until(order, OrderState::Failed).await;
    for _ in 0..3 {
        minute(&stage).await;
    }
    assert_eq!(stage.account(SUSPENSE).await, COST);
    stage.advance(TimeDelta::hours(2));
    minute(&stage).await;
    assert_eq!(stage.account(SUSPENSE).await, 0);
    assert_eq!(stage.account(COST_OF_GOODS).await, COST);
    assert_eq!(stage.account(FLOAT).await, -COST);
    stage.finish().await;
}

#[tokio::test]
async fn without_a_list_nothing_else_is_bought_while_one_is_in_doubt() {
    let stage = only_a_balance().await;
    let order = in_doubt(&stage, false).await;
    eventually("the upstream waits for proof", async || {
        let standings = stage.shop().standings();
        standings.iter().any(|standing| standing.waits_for_proof)
    })
    .await;
    let choice = stage.choice("Telegram");
    let refused = stage.shop().quote(ALEX, choice.clone()).await;
    assert!(
        matches!(refused, Err(ShopError::Unavailable)),
        "{refused:?}"
    );
    assert_eq!(settled(&stage, order, 10).await, OrderState::Failed);
    stage.shop().quote(ALEX, choice).await.unwrap();
    assert_eq!(stage.alpha.purchases(), 1);
    stage.finish().await;
}

#[tokio::test]
async fn a_list_that_omits_is_not_believed_against_the_balance() {
    let stage = known_balance().await;
    stage.alpha.hides(1, true);
    let order = in_doubt(&stage, true).await;
    assert_eq!(settled(&stage, order, 15).await, OrderState::InDoubt);
    stage.advance(TimeDelta::seconds(30));
    stage.until(order, OrderState::Failed).await;
    assert_eq!(stage.account(SUSPENSE).await, COST);

    // The number surfaces after all: it is cancelled, and the admins hear of it once.
    stage.alpha.hides(1, false);
    let finding = Finding::OrphanCancelled {
        provider: "alpha".to_owned(),
        order,
    };
    for _ in 0..3 {
        minute(&stage).await;
    }
    until_told(&stage, &finding).await;
    assert!(!stage.alpha.is_open(1));
    assert_eq!(stage.account(SUSPENSE).await, 0);
    assert_eq!(stage.account(FLOAT).await, 0);
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    assert_eq!(told(&stage, &finding), [1, 1]);
    assert_eq!(stage.alpha.cancel_calls(), 1);
    stage.finish().await;
}

#[tokio::test]
async fn an_orphan_that_may_not_be_cancelled_yet_is_asked_again() {
    let stage = known_balance().await;
    stage.alpha.hides(1, true);
    let order = in_doubt(&stage, true).await;
    stage.advance(TimeDelta::seconds(181));
    stage.until(order, OrderState::Failed).await;
    stage.alpha.hides(1, false);
    stage.alpha.next_cancel(Ok(CancelAnswer::NotNow));
    minute(&stage).await;
    assert_eq!(stage.account(SUSPENSE).await, COST);
    minute(&stage).await;
    assert_eq!(stage.account(SUSPENSE).await, 0);
    stage.finish().await;
}

#[tokio::test]
async fn what_was_bought_past_the_shop_is_told_once_and_left_alone() {
    let stage = known_balance().await;
    let stranger = stage.alpha.sell_elsewhere("Shopee");
    let finding = Finding::Strangers {
        provider: "alpha".to_owned(),
        count: 1,
        example: stranger.to_string(),
    };
    minute(&stage).await;
    assert_eq!(told(&stage, &finding), [0, 0]);
    for _ in 0..4 {
        minute(&stage).await;
    }
    until_told(&stage, &finding).await;
    assert_eq!(told(&stage, &finding), [1, 1]);
    assert!(stage.alpha.is_open(stranger));
    let board = stage.shop().doubt_board().await.unwrap();
    assert_eq!(board.mismatches.len(), 1);
    let found = stage.shop().reconciliation().await.unwrap();
    assert!(!found.is_clean());
    // The admin says that it was them, by taking the difference into the books.
    let nonce = stage
        .shop()
        .draft_float(MAYA, &board.gaps[0])
        .await
        .unwrap();
    stage.shop().accept_float(MAYA, &nonce).await.unwrap();
    stage.finish().await;
}

#[rstest]
#[case::while_in_doubt(false)]
#[case::as_an_orphan(true)]
#[tokio::test]
async fn a_number_that_stood_there_before_is_not_taken(#[case] list_down: bool) {
    let stage = known_balance().await;
    let stranger = stage.alpha.sell_elsewhere("WhatsApp");
    for _ in 0..2 {
        minute(&stage).await;
    }
    accept_all(&stage).await;
    let order = in_doubt(&stage, false).await;
    stage.alpha.is_down(list_down);
    assert_eq!(settled(&stage, order, 20).await, OrderState::Failed);
    stage.alpha.is_down(false);
    for _ in 0..3 {
        minute(&stage).await;
    }
    assert!(stage.alpha.is_open(stranger));
    assert_eq!(stage.alpha.cancel_calls(), 0);
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    assert_eq!(stage.account(SUSPENSE).await, 0);
    stage.finish().await;
}

async fn accept_all(stage: &Stage) {
    let board = stage.shop().doubt_board().await.unwrap();
    for gap in &board.gaps {
        let nonce = stage.shop().draft_float(MAYA, gap).await.unwrap();
        stage.shop().accept_float(MAYA, &nonce).await.unwrap();
    }
}

#[tokio::test]
async fn what_the_operator_pays_in_is_noted() {
    let stage = known_balance().await;
    stage.alpha.was_paid_in(150_000);
    for _ in 0..3 {
        minute(&stage).await;
    }
    let finding = Finding::BalanceRose {
        provider: "alpha".to_owned(),
        amount: "50000 IDR".to_owned(),
    };
    until_told(&stage, &finding).await;
    assert_eq!(told(&stage, &finding), [1, 1]);
    assert_eq!(stage.shop().float_gaps().await.unwrap(), []);
    stage.finish().await;
}

#[tokio::test]
async fn a_balance_that_falls_by_itself_is_told_until_an_admin_takes_it_into_the_books() {
    let stage = known_balance().await;
    stage.alpha.was_paid_in(99_650);
    for _ in 0..3 {
        minute(&stage).await;
    }
    let finding = Finding::BalanceFell {
        provider: "alpha".to_owned(),
        amount: "350 IDR".to_owned(),
    };
    until_told(&stage, &finding).await;
    assert_eq!(told(&stage, &finding), [1, 1]);
    let differences = stage.shop().audit().await.unwrap();
    assert_eq!(differences.len(), 1);
    assert_eq!(differences[0].invariant, "I9");

    let gaps = stage.shop().float_gaps().await.unwrap();
    let nonce = stage.shop().draft_float(MAYA, &gaps[0]).await.unwrap();
    // Another admin's button is not hers.
    let refused = stage.shop().accept_float(ADAM, &nonce).await;
    assert!(matches!(refused, Err(ShopError::QuoteExpired)));
    stage.shop().accept_float(MAYA, &nonce).await.unwrap();
    assert_eq!(stage.account(COST_OF_GOODS).await, 350_000_000);
    let again = stage.shop().accept_float(MAYA, &nonce).await;
    assert!(matches!(again, Err(ShopError::QuoteExpired)));
    assert_eq!(stage.account(COST_OF_GOODS).await, 350_000_000);
    for _ in 0..2 {
        minute(&stage).await;
    }
    assert_eq!(stage.shop().float_gaps().await.unwrap(), []);
    stage.finish().await;
}

#[tokio::test]
async fn a_refund_that_comes_late_is_booked() {
    let stage = known_balance().await;
    let order = stage.buy(SARI, "WhatsApp").await;
    stage.alpha.is_down(true);
    stage.advance(TimeDelta::seconds(1_400));
    stage.until(order, OrderState::Expired).await;
    assert_eq!(stage.account(COST_OF_GOODS).await, COST);
    stage.alpha.is_down(false);
    minute(&stage).await;
    stage.alpha.close(1);
    for _ in 0..2 {
        minute(&stage).await;
    }
    assert_eq!(stage.account(COST_OF_GOODS).await, 0);
    assert_eq!(stage.account(FLOAT).await, 0);
    stage.finish().await;
}

#[tokio::test]
async fn buying_and_cancelling_leave_no_difference() {
    let stage = known_balance().await;
    let kept = stage.buy(SARI, "WhatsApp").await;
    let cancelled = stage.buy(ALEX, "WhatsApp").await;
    minute(&stage).await;
    stage.alpha.deliver(1, "Your code: 481-902");
    stage.until(kept, OrderState::Received).await;
    stage.advance(TimeDelta::seconds(60));
    stage.shop().cancel(ALEX, cancelled).await.unwrap();
    stage.until(cancelled, OrderState::Cancelled).await;
    for _ in 0..3 {
        minute(&stage).await;
    }
    assert_eq!(stage.shop().float_gaps().await.unwrap(), []);
    let found = stage.shop().reconciliation().await.unwrap();
    assert!(found.is_clean(), "{found:?}");
    stage.finish().await;
}

#[tokio::test]
async fn an_order_that_the_upstream_forgot_is_told() {
    let stage = known_balance().await;
    let order = stage.buy(SARI, "WhatsApp").await;
    stage.alpha.forgets(1);
    let finding = Finding::Missing {
        provider: "alpha".to_owned(),
        order,
    };
    for _ in 0..4 {
        minute(&stage).await;
    }
    until_told(&stage, &finding).await;
    assert_eq!(told(&stage, &finding), [1, 1]);
    // It never comes back, so at the end of its time the money does.
    stage.advance(TimeDelta::seconds(1_200));
    stage.until(order, OrderState::Expired).await;
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    stage.finish().await;
}

#[tokio::test]
async fn an_admin_can_say_that_nothing_was_bought() {
    let stage = Stage::open().await;
    stage.alpha.has_no_list();
    let order = in_doubt(&stage, false).await;
    assert_eq!(stage.wallet(SARI).await, (20_000 - PRICE, PRICE));
    let board = stage.shop().doubt_board().await.unwrap();
    assert_eq!(board.doubts.len(), 1);
    let shop = stage.shop();
    // It can be lost only once its user has the money.
    assert!(!shop.rule(MAYA, order, Ruling::Lost).await.unwrap());
    assert!(shop.rule(MAYA, order, Ruling::NotBought).await.unwrap());
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    assert!(!shop.rule(ADAM, order, Ruling::NotBought).await.unwrap());
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    assert!(shop.doubt_board().await.unwrap().is_empty());
    // The upstream sells again.
    stage.buy(ALEX, "Telegram").await;
    stage.finish().await;
}

#[tokio::test]
async fn an_admin_can_hand_over_the_number_that_was_bought() {
    let stage = Stage::open().await;
    stage.alpha.has_no_list();
    let order = in_doubt(&stage, true).await;
    let id = UpstreamId::from("1");
    let number = "628000000001".to_owned();
    let shop = stage.shop();
    assert!(
        shop.rule_bought(MAYA, order, id.clone(), number.clone())
            .await
            .unwrap()
    );
    stage.until(order, OrderState::Waiting).await;
    assert!(!shop.rule_bought(MAYA, order, id, number).await.unwrap());
    stage.alpha.deliver(1, "Your code: 481-902");
    stage.until(order, OrderState::Received).await;
    assert_eq!(stage.wallet(SARI).await, (20_000 - PRICE, 0));
    stage.finish().await;
}

#[tokio::test]
async fn an_admin_cannot_give_one_number_to_two() {
    let stage = Stage::open().await;
    let known = stage.buy(ALEX, "WhatsApp").await;
    stage.alpha.has_no_list();
    let order = in_doubt(&stage, false).await;
    let id = UpstreamId::from("1");
    let number = "628000000001".to_owned();
    let shop = stage.shop();
    assert!(!shop.rule_bought(MAYA, order, id, number).await.unwrap());
    assert_eq!(stage.state(order).await, OrderState::InDoubt);
    assert_eq!(stage.state(known).await, OrderState::Waiting);
    assert!(shop.rule(MAYA, order, Ruling::NotBought).await.unwrap());
    stage.finish().await;
}

#[tokio::test]
async fn an_admin_says_what_became_of_a_purchase_without_proof() {
    for (ruling, cost_of_goods) in [(Ruling::NotBought, 0), (Ruling::Lost, COST)] {
        let stage = Stage::open().await;
        stage.alpha.has_no_list();
        let order = in_doubt(&stage, true).await;
        stage.advance(TimeDelta::seconds(181));
        stage.until(order, OrderState::Failed).await;
        assert_eq!(stage.account(SUSPENSE).await, COST);
        let board = stage.shop().doubt_board().await.unwrap();
        assert_eq!(board.unproven.len(), 1);
        assert_eq!(board.unproven[0].cost, "4000 IDR");
        assert!(stage.shop().rule(MAYA, order, ruling).await.unwrap());
        assert!(!stage.shop().rule(MAYA, order, ruling).await.unwrap());
        assert_eq!(stage.account(SUSPENSE).await, 0);
        assert_eq!(stage.account(COST_OF_GOODS).await, cost_of_goods);
        assert_eq!(stage.wallet(SARI).await, (20_000, 0));
        stage.finish().await;
    }
}
