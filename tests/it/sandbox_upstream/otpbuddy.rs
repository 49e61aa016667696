//! OTPBuddy's words, byte for byte, and its numbers bought, cancelled and lost by the real driver.

use chrono::TimeDelta;
use numshop::provider::otpbuddy::OtpBuddy;
use numshop::provider::{
    ActivationState, Bought, CancelAnswer, Provider, ProviderError, Purchase, PurchaseAnswer,
};
use numshop::sandbox::upstream::OrderState;
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::sandbox::upstream::fault::{Fault, Scope, step};
use rstest::rstest;
use rust_decimal::Decimal;

use super::Bench;

const ID: &str = "63dca60000000000007ea5e1";

async fn bench() -> Bench {
    Bench::new(Dialect::OtpBuddy).await
}

/// The HTTP status and the body that a call gets.
async fn get(bench: &Bench, call: &str) -> (u16, String) {
    let (base, token) = (bench.upstream.url(), bench.upstream.key());
    let (call, query) = call.split_once('?').unwrap_or((call, ""));
    let url = format!("{base}/{call}?token={token}&{query}");
    let response = bench.client.get(url).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

fn ok(body: &str) -> (u16, String) {
    (200, body.to_owned())
}

#[tokio::test]
async fn lists_what_it_sells_under_two_names() {
    let bench = bench().await;
    assert_eq!(
        get(&bench, "getBalance").await,
        ok(r#"{"status":200,"data":{"balance":5000000}}"#)
    );
    let products = get(&bench, "getProducts").await;
    assert!(
        products
            .1
            .starts_with(r#"{"status":200,"data":{"amazon":{"id":"107","price":12},"#),
        "{products:?}"
    );
    assert!(products.1.contains(r#""whatsapp":{"id":"101","price":48}"#));
    assert_eq!(get(&bench, "getStatus").await, products);
}

#[tokio::test]
async fn a_purchase_from_number_to_sms() {
    let bench = bench().await;
    assert_eq!(
        get(&bench, "getNumber?server=in&product_id=101").await,
        ok(&format!(
            r#"{{"status":200,"data":{{"number":"916308300001","id":"{ID}"}}}}"#
        ))
    );
    let (sms, status) = (format!("getSms?id={ID}"), format!("getStatus?id={ID}"));
    let waiting = ok(r#"{"status":"210","message":"Waiting for SMS"}"#);
    assert_eq!(get(&bench, &sms).await, waiting);
    assert_eq!(get(&bench, &status).await, waiting);
    bench.upstream.deliver(ID, "Code: 4821").unwrap();
    assert_eq!(
        get(&bench, &sms).await,
        ok(r#"{"status":200,"message":"Code: 4821"}"#)
    );
    assert_eq!(
        get(&bench, &status).await,
        ok(r#"{"status":200,"message":"Success"}"#)
    );
    assert_eq!(bench.upstream.spent(), Decimal::from(48));
    bench.assert_balanced();
}

#[rstest]
#[case(
    "getNumber?sever=in&product_id=999",
    200,
    r#"{"status":"203","message":"Product not found"}"#
)]
#[case(
    "getNumber?product_id=101",
    200,
    r#"{"status":"206","message":"Invalid parameter"}"#
)]
#[case("getSms", 200, r#"{"status":"201","message":"Invalid id"}"#)]
#[case(
    "getSms?id=63dca6000000000000000000",
    200,
    r#"{"status":"201","message":"Invalid id"}"#
)]
#[case(
    "setStatus?id=63dca60000000000007ea5e1&status=3",
    200,
    r#"{"status":"206","message":"Invalid parameter"}"#
)]
#[case(
    "setStatus?id=63dca6&status=8",
    200,
    r#"{"status":"201","message":"Invalid id"}"#
)]
#[case("cancelNumber", 200, r#"{"status":"201","message":"Invalid id"}"#)]
#[tokio::test]
async fn refuses(#[case] call: &str, #[case] status: u16, #[case] answer: &str) {
    let bench = bench().await;
    let bought = get(&bench, "getNumber?sever=in&product_id=101").await;
    assert!(bought.1.contains(ID), "{bought:?}");
    assert_eq!(get(&bench, call).await, (status, answer.to_owned()));
    assert_eq!(bench.upstream.spent(), Decimal::from(48));
}

#[rstest]
#[case("setStatus?id=63dca60000000000007ea5e1&status=8")]
#[case("cancelNumber?id=63dca60000000000007ea5e1")]
#[tokio::test]
async fn both_calls_cancel_and_the_id_is_gone(#[case] cancel: &str) {
    let bench = bench().await;
    get(&bench, "getNumber?server=in&product_id=101").await;
    let gone = ok(r#"{"status":"201","message":"Invalid id"}"#);
    assert_eq!(
        get(&bench, cancel).await,
        ok(r#"{"status":200,"message":"Number cancelled"}"#)
    );
    assert_eq!(get(&bench, cancel).await, gone);
    assert_eq!(get(&bench, &format!("getStatus?id={ID}")).await, gone);
    assert_eq!(bench.upstream.spent(), Decimal::ZERO);
    bench.assert_balanced();
}

/// The real driver, pointed at the simulation.
fn driver(bench: &Bench, key: &str) -> OtpBuddy {
    OtpBuddy::new(bench.http(key, OtpBuddy::account))
}

async fn buys(provider: &OtpBuddy) -> PurchaseAnswer {
    let purchase = Purchase {
        country_code: "in".to_owned(),
        service_code: "101".to_owned(),
        operator: None,
        max_cost: 48.into(),
    };
    provider.buy(&purchase).await
}

async fn bought(provider: &OtpBuddy) -> Bought {
    let answer = buys(provider).await;
    let PurchaseAnswer::Bought(bought) = answer else {
        panic!("{answer:?}");
    };
    bought
}

#[tokio::test]
async fn the_driver_lists_buys_and_receives() {
    let bench = bench().await;
    let provider = driver(&bench, bench.upstream.key());
    assert_eq!(provider.balance().await.unwrap().currency, "INR");
    let listings = provider.assortment("in").await.unwrap().listings;
    assert_eq!(listings.len(), 10);
    let whatsapp = listings.iter().find(|row| row.service_code == "101");
    assert_eq!(whatsapp.unwrap().cost.amount, 48.into());
    let bought = bought(&provider).await;
    assert_eq!(bought.number, "916308300001");
    let id = bought.upstream_id;
    assert_eq!(
        provider.status(&id).await.unwrap().state,
        ActivationState::Waiting
    );
    bench
        .upstream
        .deliver(ID, "Order cancelled? Code: 4821")
        .unwrap();
    let seen = provider.status(&id).await.unwrap();
    assert_eq!(seen.state, ActivationState::Received);
    assert_eq!(seen.sms.as_deref(), Some("Order cancelled? Code: 4821"));
    // Too late to cancel: both calls say so.
    assert!(matches!(
        provider.cancel(&id).await,
        Err(ProviderError::Refused(_))
    ));
    assert_eq!(bench.upstream.requests("cancelNumber"), 1);
    bench.clock.advance(TimeDelta::minutes(20));
    assert!(provider.status(&id).await.unwrap().sms.is_some());
    assert_eq!(bench.upstream.orders()[0].state, OrderState::Finished);
    assert_eq!(bench.upstream.spent(), Decimal::from(48));
    bench.assert_balanced();
}

#[tokio::test]
async fn the_driver_cancels_but_takes_no_end_for_a_cancellation() {
    let bench = bench().await;
    let provider = driver(&bench, bench.upstream.key());
    let cancelled = bought(&provider).await.upstream_id;
    let expired = bought(&provider).await.upstream_id;
    assert_eq!(
        provider.cancel(&cancelled).await.unwrap(),
        CancelAnswer::Cancelled
    );
    assert!(matches!(
        provider.cancel(&cancelled).await,
        Err(ProviderError::NotFound(_))
    ));
    bench.clock.advance(TimeDelta::minutes(20));
    assert_eq!(
        provider.cancel(&expired).await.unwrap(),
        CancelAnswer::AlreadyClosed
    );
    for id in [&cancelled, &expired] {
        let seen = provider.status(id).await.unwrap();
        assert!(matches!(seen.state, ActivationState::Other(_)), "{seen:?}");
    }
    let states: Vec<_> = bench
        .upstream
        .orders()
        .iter()
        .map(|order| order.state)
        .collect();
    assert_eq!(states, [OrderState::Cancelled, OrderState::Expired]);
    assert_eq!(bench.upstream.spent(), Decimal::ZERO);
    bench.assert_balanced();
}

#[tokio::test]
async fn the_driver_tells_empty_shelves_purses_and_wrong_tokens_apart() {
    let bench = bench().await;
    let provider = driver(&bench, bench.upstream.key());
    bench.upstream.set_stock("whatsapp", 0).unwrap();
    assert!(matches!(
        buys(&provider).await,
        PurchaseAnswer::Rejected(ProviderError::OutOfStock)
    ));
    bench.upstream.set_stock("whatsapp", 5).unwrap();
    bench.upstream.set_balance(47.into());
    assert!(matches!(
        buys(&provider).await,
        PurchaseAnswer::Rejected(ProviderError::NoFunds)
    ));
    let stranger = driver(&bench, "nope");
    let refused = ProviderError::Refused("Invalid token".to_owned());
    let PurchaseAnswer::Rejected(error) = buys(&stranger).await else {
        panic!("a stranger bought");
    };
    assert_eq!(error, refused);
    assert_eq!(stranger.balance().await.unwrap_err(), refused);
    assert_eq!(bench.upstream.orders(), []);
}

#[tokio::test]
async fn the_driver_leaves_lost_answers_in_doubt() {
    let bench = bench().await;
    let provider = driver(&bench, bench.upstream.key());
    let lost = |action| Scope::on(action).once().after_work();
    bench
        .upstream
        .set_fault(Fault::DroppedConnection, lost(step::BUY));
    assert!(matches!(
        buys(&provider).await,
        PurchaseAnswer::Ambiguous(_)
    ));
    assert_eq!(bench.upstream.requests(step::BUY), 1);
    bench
        .upstream
        .set_fault(Fault::BrokenBody, lost(step::CANCEL));
    assert!(matches!(
        provider.cancel(&ID.into()).await,
        Err(ProviderError::Ambiguous(_))
    ));
    // It was cancelled, but nothing says so.
    let seen = provider.status(&ID.into()).await.unwrap();
    assert!(matches!(seen.state, ActivationState::Other(_)), "{seen:?}");
    assert_eq!(bench.upstream.orders()[0].state, OrderState::Cancelled);
    assert_eq!(bench.upstream.requests("cancelNumber"), 0);
}
