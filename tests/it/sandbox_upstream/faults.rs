//! Each fault: what the client sees, what the books say, whom it strikes.

use std::time::Duration;

use chrono::TimeDelta;
use numshop::sandbox::upstream::OrderState;
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::sandbox::upstream::fault::{Fault, Scope, step};
use rstest::rstest;
use rust_decimal::Decimal;
use tokio::time::{Instant, timeout};

use super::Bench;

const ORDER: &str = "action=order&service=2&operator=any";

async fn bench_with(fault: Fault, scope: Scope) -> Bench {
    let bench = Bench::new(Dialect::VirtuSim).await;
    bench.upstream.set_fault(fault, scope);
    bench
}

/// Whether a request fails without an answer that can be read whole.
async fn breaks(bench: &Bench, query: &str) -> bool {
    match bench.send(&bench.upstream.url(), query).await {
        Ok(response) => response.bytes().await.is_err(),
        Err(error) => {
            assert!(!error.is_connect(), "the server is up: {error}");
            true
        }
    }
}

#[rstest]
#[case(Scope::on(step::BUY).once(), 0)]
#[case(Scope::on("order").once().after_work(), 1)]
#[tokio::test]
async fn a_dropped_connection_before_or_after_buying(#[case] scope: Scope, #[case] bought: usize) {
    let bench = bench_with(Fault::DroppedConnection, scope).await;
    // On a connection that was used before, a client could be tempted to send it again by itself.
    bench.get("action=active_order").await;
    assert!(breaks(&bench, ORDER).await);
    assert_eq!(bench.upstream.orders().len(), bought);
    assert_eq!(bench.upstream.requests(step::BUY), 1);
    assert!(bench.get(ORDER).await.contains("number"));
    bench.assert_balanced();
}

#[tokio::test]
async fn no_answer_after_buying_holds_until_the_client_gives_up() {
    let bench = bench_with(Fault::NoAnswer, Scope::on(step::BUY).once().after_work()).await;
    let url = bench.upstream.url();
    let asked = bench.send(&url, ORDER);
    assert!(timeout(Duration::from_millis(300), asked).await.is_err());
    let orders = bench.upstream.orders();
    assert_eq!(orders.len(), 1);
    let listed = bench.get("action=active_order").await;
    assert!(listed.contains(&orders[0].number));
    assert_eq!(bench.upstream.spent(), Decimal::from(3_500));
}

#[tokio::test]
async fn stopping_breaks_held_connections_and_restarting_keeps_port_and_books() {
    let bench = bench_with(Fault::NoAnswer, Scope::on(step::BUY).once().after_work()).await;
    let url = bench.upstream.url();
    let stop = async {
        while bench.upstream.requests(step::BUY) == 0 {
            tokio::task::yield_now().await;
        }
        bench.upstream.stop().await;
    };
    let (broken, ()) = tokio::join!(breaks(&bench, ORDER), stop);
    assert!(broken);
    let refused = bench.send(&url, "action=active_order").await.unwrap_err();
    assert!(refused.is_connect());
    bench.upstream.restart().await.unwrap();
    bench.upstream.restart().await.unwrap();
    assert_eq!(bench.upstream.url(), url);
    assert!(bench.get("action=active_order").await.contains("Ready"));
}

#[tokio::test]
async fn a_slow_answer_is_right_but_late() {
    let delay = Duration::from_millis(150);
    let bench = bench_with(Fault::Slow(delay), Scope::on(step::BUY).once()).await;
    let started = Instant::now();
    assert!(bench.get(ORDER).await.contains("number"));
    assert!(started.elapsed() >= delay);
}

#[rstest]
#[case(
    Fault::ServerError(502),
    502,
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)]
#[case(Fault::Blocked, 403, "error code: 1020")]
#[case(Fault::RateLimited { retry_after_s: 7 }, 429, "Too Many Requests")]
#[case(
    Fault::WrongKey,
    200,
    r#"{"status":false,"data":{"msg":"API Key salah"}}"#
)]
#[tokio::test]
async fn answers_of_others_than_the_program(
    #[case] fault: Fault,
    #[case] status: u16,
    #[case] body: &str,
) {
    let limited = matches!(fault, Fault::RateLimited { .. });
    let bench = bench_with(fault, Scope::everything()).await;
    for query in [ORDER, "action=active_order"] {
        let response = bench.send(&bench.upstream.url(), query).await.unwrap();
        assert_eq!(response.status(), status);
        let retry_after = response.headers().get("retry-after").cloned();
        assert_eq!(retry_after.is_some_and(|value| value == "7"), limited);
        assert_eq!(response.text().await.unwrap(), body);
    }
    assert!(bench.upstream.orders().is_empty());
    bench.upstream.clear_faults();
    assert!(bench.get(ORDER).await.contains("number"));
}

#[tokio::test]
async fn a_server_error_after_buying_has_bought() {
    let scope = Scope::on(step::BUY).times(2).after_work();
    let bench = bench_with(Fault::ServerError(504), scope).await;
    for bought in 1..=2 {
        let response = bench.send(&bench.upstream.url(), ORDER).await.unwrap();
        assert_eq!(response.status(), 504);
        assert_eq!(bench.upstream.orders().len(), bought);
    }
    assert!(bench.get(ORDER).await.contains("number"));
    bench.assert_balanced();
}

#[tokio::test]
async fn unreadable_bodies_of_purchases_that_happened() {
    let bench = bench_with(Fault::TruncatedJson, Scope::on(step::BUY).once()).await;
    let half = bench.get(ORDER).await;
    assert!(
        half.starts_with(r#"{"status":true,"data":{"id":1000001,"#),
        "{half}"
    );
    assert!(serde_json::from_str::<serde_json::Value>(&half).is_err());
    bench
        .upstream
        .set_fault(Fault::BrokenBody, Scope::on(step::BUY).once());
    assert!(breaks(&bench, ORDER).await);
    bench
        .upstream
        .set_fault(Fault::EmptyBody, Scope::on(step::BUY).once());
    assert_eq!(bench.get(ORDER).await, "");
    bench
        .upstream
        .set_fault(Fault::HtmlPage, Scope::on(step::BUY).once().after_work());
    assert!(bench.get(ORDER).await.starts_with("<!DOCTYPE html>"));
    assert_eq!(bench.upstream.orders().len(), 4);
    bench.assert_balanced();
}

#[tokio::test]
async fn no_stock_strikes_buying_only() {
    let bench = bench_with(Fault::NoStock, Scope::everything()).await;
    assert_eq!(
        bench.get(ORDER).await,
        r#"{"status":false,"data":{"msg":"Layanan tidak tersedia"}}"#
    );
    let listed = bench.get("action=services&country=indo").await;
    assert!(listed.contains(r#""tersedia":"2264""#));
}

#[tokio::test]
async fn prices_change_between_the_list_and_the_order() {
    let scope = Scope::on(step::BUY);
    let bench = bench_with(Fault::PriceChange { percent: 33 }, scope).await;
    let twitter = "action=order&service=1&operator=any";
    bench
        .upstream
        .set_price("Twitter", Decimal::from(601))
        .unwrap();
    let listed = bench.get("action=services&country=indo").await;
    assert!(listed.contains(r#""name":"Twitter","price":"601""#));
    bench.get(twitter).await;
    // 799.33, rounded up.
    assert_eq!(bench.upstream.spent(), Decimal::from(800));
    bench.upstream.clear_faults();
    bench
        .upstream
        .set_fault(Fault::PriceChange { percent: 33 }, Scope::everything());
    let listed = bench.get("action=services&country=indo").await;
    assert!(listed.contains(r#""name":"Twitter","price":"800""#));
    bench.assert_balanced();
}

#[tokio::test]
async fn an_sms_during_the_cancel_of_one_order() {
    let scope = Scope::on("set_status").order("1000002");
    let bench = bench_with(Fault::SmsDuringCancel, scope).await;
    bench.get(ORDER).await;
    bench.get(ORDER).await;
    bench.clock.advance(TimeDelta::minutes(3));
    let cancelled = bench.get("action=set_status&id=1000001&status=2").await;
    assert!(cancelled.contains("dibatalkan"));
    assert_eq!(
        bench.get("action=set_status&id=1000002&status=2").await,
        r#"{"status":false,"msg":"Gagal Cancel"}"#
    );
    let order = bench.upstream.order("1000002").unwrap();
    assert_eq!((order.state, order.sms.len()), (OrderState::Received, 1));
    assert!(
        bench
            .get("action=active_order")
            .await
            .contains("Otp Diterima")
    );
    assert_eq!(bench.upstream.spent(), Decimal::from(3_500));
    bench.assert_balanced();
}

#[tokio::test]
async fn a_second_sms_nobody_asked_for() {
    let scope = Scope::on(step::POLL).order("1000001");
    let bench = bench_with(Fault::SecondSms, scope).await;
    bench.get(ORDER).await;
    bench.get(ORDER).await;
    bench.get("action=active_order").await;
    assert!(bench.upstream.order("1000001").unwrap().sms.is_empty());
    assert_eq!(bench.upstream.deliver_all(Some("Kode 1111")), 2);
    for _ in 0..2 {
        bench.get("action=active_order").await;
        assert_eq!(bench.upstream.order("1000001").unwrap().sms.len(), 2);
        assert_eq!(bench.upstream.order("1000002").unwrap().sms.len(), 1);
    }
}

#[tokio::test]
async fn the_web_server_refuses_other_paths_and_methods() {
    let bench = Bench::new(Dialect::VirtuSim).await;
    let url = bench.upstream.url();
    let elsewhere = bench.send(&url.replace("json", "yaml"), ORDER).await;
    assert_eq!(elsewhere.unwrap().status(), 404);
    let posted = bench.client.post(format!("{url}?{ORDER}")).send().await;
    assert_eq!(posted.unwrap().status(), 405);
    assert!(bench.upstream.orders().is_empty());
}
