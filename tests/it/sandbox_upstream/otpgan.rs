//! OTPGan's words, byte for byte, and its numbers bought, cancelled and lost by the real driver.

use chrono::TimeDelta;
use numshop::provider::otpgan::OtpGan;
use numshop::provider::otpgan::services::{Services, sold};
use numshop::provider::{
    ActivationState, Bought, CancelAnswer, Provider, ProviderError, Purchase, PurchaseAnswer,
};
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::sandbox::upstream::fault::{Fault, Scope, step};
use numshop::sandbox::upstream::{ControlError, OrderState};
use reqwest::Method;
use rstest::rstest;
use rust_decimal::Decimal;

use super::Bench;

const ID: &str = "5ccb1bf1-5b7d-4e8a-9c10-000000401641";
const OTHER: &str = "00000000-5b7d-4e8a-9c10-000000000000";

async fn bench() -> Bench {
    Bench::new(Dialect::OtpGan).await
}

/// Sends one request and tells its status and its body.
async fn ask(bench: &Bench, method: Method, path: &str, body: &str) -> (u16, String) {
    let (base, key) = (bench.upstream.url(), bench.upstream.key());
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let url = format!("{base}/{path}?api_key={key}&{query}");
    let request = bench.client.request(method, url).body(body.to_owned());
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let kind = response.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        status == 413 || kind.starts_with("application/json"),
        "{kind}"
    );
    (status, response.text().await.unwrap())
}

async fn get(bench: &Bench, path: &str) -> (u16, String) {
    ask(bench, Method::GET, path, "").await
}

async fn post(bench: &Bench, path: &str, body: &str) -> (u16, String) {
    ask(bench, Method::POST, path, body).await
}

fn ok(body: &str) -> (u16, String) {
    (200, body.to_owned())
}

#[tokio::test]
async fn lists_the_account_and_its_operators() {
    let bench = bench().await;
    assert_eq!(
        get(&bench, "account").await,
        ok(r#"{"status":true,"data":{"email":"shop@example.com","balance":5000000}}"#)
    );
    assert_eq!(
        get(&bench, "operators").await,
        ok(r#"{"status":true,"data":{"country":6,"operators":["AXIS","TSEL","ISAT","XL","TRI"]}}"#)
    );
}

#[tokio::test]
async fn a_purchase_from_order_to_completed() {
    let bench = bench().await;
    let bought = post(
        &bench,
        "order/create",
        r#"{"service":"wa","operator":"TSEL"}"#,
    )
    .await;
    assert_eq!(
        bought,
        ok(&format!(
            r#"{{"status":true,"data":{{"orderId":"{ID}","phoneNumber":"628994200001","operator":"TSEL","service":"wa","price":3900,"expiresAt":"2026-01-15T20:50:00.000Z"}}}}"#
        ))
    );
    let status = format!("order/status?order_id={ID}");
    let shown = |code: &str, word: &str| {
        ok(&format!(
            r#"{{"status":true,"data":{{"orderId":"{ID}","phoneNumber":"628994200001","otpCode":{code},"status":"{word}","operator":"TSEL","service":"wa","serviceName":"WhatsApp","price":3900,"expiresAt":"2026-01-15T20:50:00.000Z","createdAt":"2026-01-15T20:30:00.000Z"}}}}"#
        ))
    };
    assert_eq!(get(&bench, &status).await, shown("null", "pending"));
    bench
        .upstream
        .deliver(ID, "Kode WhatsApp Anda: 482-173")
        .unwrap();
    assert_eq!(get(&bench, &status).await, shown("\"482173\"", "received"));
    let finish = format!(r#"{{"order_id":"{ID}","action":"finish"}}"#);
    assert_eq!(
        post(&bench, "order/status", &finish).await,
        ok(&format!(
            r#"{{"status":true,"data":{{"orderId":"{ID}","action":"finish","message":"Order completed"}}}}"#
        ))
    );
    assert_eq!(get(&bench, &status).await, shown("\"482173\"", "completed"));
    assert_eq!(bench.upstream.spent(), Decimal::from(3_900));
    bench.assert_balanced();
}

#[rstest]
#[case(
    "order/create",
    r#"{"service":"zz"}"#,
    404,
    r#"{"status":false,"message":"Service not found or inactive"}"#
)]
#[case(
    "order/create",
    "{}",
    404,
    r#"{"status":false,"message":"Service not found or inactive"}"#
)]
#[case(
    "order/create",
    "service=wa",
    400,
    r#"{"error":{"message":"Invalid JSON"}}"#
)]
#[case(
    "order/create",
    r#"{"service":"wa","operator":"AIRTEL"}"#,
    502,
    r#"{"status":false,"message":"Failed to get number"}"#
)]
#[case(
    "order/status",
    r#"{"order_id":"5ccb1bf1-5b7d-4e8a-9c10-000000401641","action":"finish"}"#,
    400,
    r#"{"status":false,"message":"Only orders with received OTP can be finished"}"#
)]
#[case(
    "order/status",
    r#"{"order_id":"5ccb1bf1-5b7d-4e8a-9c10-000000401641","action":"resend"}"#,
    400,
    r#"{"status":false,"message":"Invalid action"}"#
)]
#[case(
    "order/status",
    r#"{"order_id":"00000000-5b7d-4e8a-9c10-000000000000","action":"cancel"}"#,
    404,
    r#"{"status":false,"message":"Order not found"}"#
)]
#[case("services", "", 404, r#"{"error":{"message":"Not Found"}}"#)]
#[tokio::test]
async fn refuses(
    #[case] path: &str,
    #[case] body: &str,
    #[case] status: u16,
    #[case] answer: &str,
) {
    let bench = bench().await;
    let wa = r#"{"service":"wa","operator":"Random"}"#;
    assert!(post(&bench, "order/create", wa).await.1.contains(ID));
    let refusal = post(&bench, path, body).await;
    assert_eq!(refusal, (status, answer.to_owned()));
    assert_eq!(bench.upstream.spent(), Decimal::from(3_900));
}

#[tokio::test]
async fn a_document_without_end_is_not_taken() {
    let bench = bench().await;
    let (status, _) = post(&bench, "order/create", &" ".repeat(65 * 1024)).await;
    assert_eq!(status, 413);
}

/// The real driver, pointed at the simulation.
fn driver(bench: &Bench, key: &str) -> OtpGan {
    let listed = vec![sold("wa", "WhatsApp", 3_000.into())];
    OtpGan::new(bench.http(key, OtpGan::account), Services::Listed(listed))
}

async fn buys(provider: &OtpGan) -> PurchaseAnswer {
    let purchase = Purchase {
        country_code: "6".to_owned(),
        service_code: "wa".to_owned(),
        operator: Some("TSEL".to_owned()),
        max_cost: 3_000.into(),
    };
    provider.buy(&purchase).await
}

async fn bought(provider: &OtpGan) -> Bought {
    let answer = buys(provider).await;
    let PurchaseAnswer::Bought(bought) = answer else {
        panic!("{answer:?}");
    };
    bought
}

#[tokio::test]
async fn the_driver_buys_receives_and_finishes() {
    let bench = bench().await;
    let provider = driver(&bench, bench.upstream.key());
    assert_eq!(provider.balance().await.unwrap().amount, 5_000_000.into());
    let listed = provider.assortment("6").await.unwrap();
    assert_eq!(listed.operators.len(), 5);
    assert_eq!(listed.listings[0].cost.amount, 3_000.into());
    let bought = bought(&provider).await;
    assert_eq!(bought.upstream_id.as_str(), ID);
    assert_eq!(bought.number, "628994200001");
    assert_eq!(bought.cost.unwrap().amount, 3_900.into());
    // The list was out of date.
    let listed = provider.assortment("6").await.unwrap();
    assert_eq!(listed.listings[0].cost.amount, 3_900.into());
    let id = bought.upstream_id;
    assert_eq!(
        provider.status(&id).await.unwrap().state,
        ActivationState::Waiting
    );
    assert!(matches!(
        provider.finish(&id).await,
        Err(ProviderError::Refused(_))
    ));
    bench.upstream.deliver(ID, "Kode: 4821").unwrap();
    let seen = provider.status(&id).await.unwrap();
    assert_eq!(seen.state, ActivationState::Received);
    assert_eq!(seen.sms.as_deref(), Some("4821"));
    assert_eq!(
        provider.cancel(&id).await.unwrap(),
        CancelAnswer::AlreadyClosed
    );
    provider.finish(&id).await.unwrap();
    assert_eq!(
        provider.status(&id).await.unwrap().state,
        ActivationState::Finished
    );
    assert_eq!(bench.upstream.spent(), Decimal::from(3_900));
    bench.assert_balanced();
}

#[tokio::test]
async fn the_driver_cancels_and_sees_what_ran_out() {
    let bench = bench().await;
    let provider = driver(&bench, bench.upstream.key());
    let cancelled = bought(&provider).await.upstream_id;
    let expired = bought(&provider).await.upstream_id;
    assert_eq!(
        provider.cancel(&cancelled).await.unwrap(),
        CancelAnswer::Cancelled
    );
    assert_eq!(
        provider.cancel(&cancelled).await.unwrap(),
        CancelAnswer::AlreadyClosed
    );
    bench.clock.advance(TimeDelta::minutes(20));
    for id in [&cancelled, &expired] {
        let seen = provider.status(id).await.unwrap();
        assert_eq!(seen.state, ActivationState::Cancelled);
    }
    let states: Vec<_> = bench
        .upstream
        .orders()
        .iter()
        .map(|order| order.state)
        .collect();
    assert_eq!(states, [OrderState::Cancelled, OrderState::Expired]);
    assert!(matches!(
        provider.status(&OTHER.into()).await,
        Err(ProviderError::NotFound(_))
    ));
    assert_eq!(bench.upstream.spent(), Decimal::ZERO);
    bench.assert_balanced();
}

#[tokio::test]
async fn the_driver_tells_empty_shelves_purses_and_wrong_keys_apart() {
    let bench = bench().await;
    let provider = driver(&bench, bench.upstream.key());
    bench.upstream.set_operator_stock("wa", "TSEL", 0).unwrap();
    assert!(matches!(
        buys(&provider).await,
        PurchaseAnswer::Rejected(ProviderError::OutOfStock)
    ));
    bench.upstream.set_stock("WhatsApp", 5).unwrap();
    bench.upstream.set_balance(3_899.into());
    assert!(matches!(
        buys(&provider).await,
        PurchaseAnswer::Rejected(ProviderError::NoFunds)
    ));
    let stranger = driver(&bench, "nope");
    let PurchaseAnswer::Rejected(error) = buys(&stranger).await else {
        panic!("a stranger bought");
    };
    assert_eq!(error, ProviderError::Refused("Invalid API key".to_owned()));
    assert_eq!(
        stranger.balance().await.unwrap_err(),
        ProviderError::Refused("Invalid API key".to_owned())
    );
    assert_eq!(bench.upstream.orders(), []);
}

#[tokio::test]
async fn the_driver_leaves_a_lost_answer_in_doubt_and_gets_the_sms_of_a_late_cancel() {
    let bench = bench().await;
    let provider = driver(&bench, bench.upstream.key());
    let lost = Scope::on(step::BUY).once().after_work();
    bench.upstream.set_fault(Fault::ServerError(502), lost);
    assert!(matches!(
        buys(&provider).await,
        PurchaseAnswer::Ambiguous(_)
    ));
    assert_eq!(bench.upstream.orders().len(), 1);
    bench
        .upstream
        .set_fault(Fault::SmsDuringCancel, Scope::on(step::CANCEL).order(ID));
    assert_eq!(
        provider.cancel(&ID.into()).await.unwrap(),
        CancelAnswer::AlreadyClosed
    );
    assert!(provider.status(&ID.into()).await.unwrap().sms.is_some());
    assert_eq!(
        bench.upstream.cancel_by_upstream(ID),
        Err(ControlError::HasSms)
    );
    assert_eq!(bench.upstream.requests(step::BUY), 1);
    assert_eq!(bench.upstream.requests("order/status"), 2);
}
