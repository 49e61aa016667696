//! VirtuSIM's words, byte for byte.

use std::time::Duration;

use chrono::TimeDelta;
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::sandbox::upstream::fault::step;
use numshop::sandbox::upstream::{ControlError, OrderState};
use rstest::rstest;
use rust_decimal::Decimal;
use serde_json::Value;

use super::Bench;

const ORDER: &str = "action=order&service=2&operator=telkomsel";

async fn bench() -> Bench {
    Bench::new(Dialect::VirtuSim).await
}

#[tokio::test]
async fn lists_services_in_v1_and_v2() {
    let bench = bench().await;
    let v1 = bench.get("action=services&country=indo").await;
    assert!(v1.starts_with(
        r#"{"status":true,"data":[{"id":"1","name":"Twitter","price":"650","tersedia":"8179","category":"OTP"},{"id":"2","name":"WhatsApp","price":"3500","tersedia":"2264","category":"OTP"},"#
    ), "{v1}");
    let parsed: Value = serde_json::from_str(&v1).unwrap();
    let rows = parsed["data"].as_array().unwrap();
    assert!(rows.len() >= 40);
    for popular in ["WhatsApp", "Telegram", "Gojek", "Shopee", "TikTok"] {
        let named = rows.iter().filter(|row| row["name"] == popular).count();
        assert_eq!(named, 1, "{popular}");
    }
    assert_eq!(
        bench
            .get_v2("action=services&country=Malaysia&service=grab")
            .await,
        r#"{"status":true,"data":[{"id":"504","name":"Grab","price":"4900","tersedia":"512","category":"OTP","country":"Malaysia","status":"1","is_promo":0}]}"#
    );
}

#[tokio::test]
async fn a_purchase_from_order_to_finish() {
    let bench = bench().await;
    assert_eq!(
        bench.get("action=active_order").await,
        r#"{"status":false,"msg":"No active orders"}"#
    );
    assert_eq!(
        bench.get(ORDER).await,
        r#"{"status":true,"data":{"id":1000001,"number":"628991000001","operator":"telkomsel","service_id":"2","service_name":"WhatsApp"}}"#
    );
    assert_eq!(bench.upstream.balance(), Decimal::from(4_996_500));
    assert_eq!(
        bench.get("action=status&id=1000001").await,
        r#"{"status":true,"data":{"id":"1000001","status":"Pending","number":"628991000001","sms":"Waiting SMS Code","service_name":"WhatsApp"}}"#
    );
    assert_eq!(
        bench.get("action=set_status&id=1000001&status=1").await,
        r#"{"status":true,"msg":"Status berhasil diubah","data":{"id":"1000001","status":"1"}}"#
    );
    assert!(
        bench
            .get("action=status&id=1000001")
            .await
            .contains(r#""Processing""#)
    );
    assert_eq!(
        bench.get("action=active_order").await,
        r#"{"status":true,"data":[{"id":"1000001","status":"Ready","number":"628991000001","otp":"-","sms":"","service_name":"WhatsApp"}]}"#
    );
    receive_resend_and_finish(&bench).await;
    let order = bench.upstream.order("1000001").unwrap();
    assert_eq!(order.sms, ["Kode: 123-456 é", "Kode: 654-321"]);
    assert_eq!(order.state, OrderState::Finished);
    assert_eq!(bench.upstream.spent(), Decimal::from(3_500));
    assert_eq!(bench.upstream.requests("active_order"), 6);
    assert_eq!(bench.upstream.requests("set_status"), 3);
    assert_eq!(bench.upstream.requests(step::RESEND), 1);
    bench.assert_balanced();
}

/// The second half of that purchase.
async fn receive_resend_and_finish(bench: &Bench) {
    bench
        .upstream
        .deliver("1000001", "Kode: 123-456 é")
        .unwrap();
    assert_eq!(
        bench.get("action=active_order").await,
        r#"{"status":true,"data":[{"id":"1000001","status":"Otp Diterima","number":"628991000001","otp":"123456","sms":"Kode: 123-456 \u00e9","service_name":"WhatsApp"}]}"#
    );
    assert_eq!(
        bench.get("action=set_status&id=1000001&status=3").await,
        r#"{"status":true,"msg":"Menunggu SMS berikutnya","data":{"id":"1000001","status":"3"}}"#
    );
    assert!(
        bench
            .get("action=active_order")
            .await
            .contains(r#""Ready""#)
    );
    bench.upstream.deliver("1000001", "Kode: 654-321").unwrap();
    assert!(
        bench
            .get("action=active_order")
            .await
            .contains(r#""otp":"654321""#)
    );
    assert_eq!(
        bench.get("action=set_status&id=1000001&status=4").await,
        r#"{"status":true,"msg":"Pesanan selesai","data":{"id":"1000001","status":"4"}}"#
    );
    assert_eq!(
        bench.get("action=active_order").await,
        r#"{"status":false,"msg":"No active orders"}"#
    );
    assert_eq!(
        bench.get("action=status&id=1000001").await,
        r#"{"status":true,"data":{"id":"1000001","status":"Success","number":"628991000001","sms":"Kode: 654-321","service_name":"WhatsApp"}}"#
    );
}

#[tokio::test]
async fn v2_knows_more_actions() {
    let bench = bench().await;
    assert_eq!(
        bench.get_v2("action=balance").await,
        r#"{"status":true,"data":{"balance":"5000000"}}"#
    );
    assert_eq!(
        bench.get_v2("action=list_country").await,
        r#"{"status":true,"data":[{"id":"1","country_code":"ID","country_name":"Indonesia","img_link":"\/assets\/flags\/id.png"},{"id":"2","country_code":"MY","country_name":"Malaysia","img_link":"\/assets\/flags\/my.png"},{"id":"3","country_code":"PH","country_name":"Philippines","img_link":"\/assets\/flags\/ph.png"}]}"#
    );
    assert_eq!(
        bench.get_v2("action=list_operator&country=Indonesia").await,
        r#"{"status":true,"data":["any","telkomsel","axis","indosat"]}"#
    );
    assert_eq!(
        bench.get_v2("action=order_history").await,
        r#"{"status":true,"data":[]}"#
    );
    bench.get_v2(ORDER).await;
    let detail = r#"{"id":1000001,"service_id":"2","service_name":"WhatsApp","number":"628991000001","operator":"telkomsel","price":"3500","status":"Pending","sms":"Waiting SMS Code","created_at":"2026-01-16 03:30:00"}"#;
    assert_eq!(
        bench.get_v2("action=detail_order&id=1000001").await,
        format!(r#"{{"status":true,"data":{detail}}}"#)
    );
    assert_eq!(
        bench.get_v2("action=order_history").await,
        format!(r#"{{"status":true,"data":[{detail}]}}"#)
    );
    bench.upstream.deliver_invented("1000001").unwrap();
    bench.get_v2("action=set_status&id=1000001&status=4").await;
    assert_eq!(
        bench.get_v2("action=reactive_order&id=1000001").await,
        r#"{"status":true,"data":{"id":1000002,"number":"628991000001","operator":"telkomsel","service_id":"2","service_name":"WhatsApp"}}"#
    );
    assert_eq!(bench.upstream.spent(), Decimal::from(7_000));
    bench.assert_balanced();
}

#[rstest]
#[case("action=services", "Permintaan tidak sesuai")]
#[case("action=services&country=Malaysia", "Permintaan tidak sesuai")]
#[case("action=balance", "Permintaan tidak sesuai")]
#[case("action=order", "Permintaan tidak sesuai")]
#[case("action=order&service=2&operator=maxis", "Permintaan tidak sesuai")]
#[case("action=order&service=99999&operator=any", "Layanan tidak ditemukan")]
#[case("action=order&service=501&operator=any", "Layanan tidak ditemukan")]
#[case("action=status&id=1000001", "Pesanan tidak ditemukan")]
#[case("action=status&id=abc", "Pesanan tidak ditemukan")]
#[case("action=status", "Permintaan tidak sesuai")]
#[case("action=dance", "Permintaan tidak sesuai")]
#[tokio::test]
async fn refuses_inside_data(#[case] query: &str, #[case] text: &str) {
    let bench = bench().await;
    let expected = format!(r#"{{"status":false,"data":{{"msg":"{text}"}}}}"#);
    assert_eq!(bench.get(query).await, expected);
    assert_eq!(bench.upstream.spent(), Decimal::ZERO);
}

#[rstest]
#[case("action=set_status&id=7&status=2", "Pesanan tidak ditemukan")]
#[case("action=set_status&id=1000001", "Permintaan tidak sesuai")]
#[case("action=set_status&id=1000001&status=9", "Permintaan tidak sesuai")]
#[case("action=set_status&id=1000001&status=3", "Permintaan tidak sesuai")]
#[case("action=set_status&id=1000001&status=4", "Permintaan tidak sesuai")]
#[case("action=set_status&id=1000001&status=2", "Gagal Cancel")]
#[tokio::test]
async fn set_status_refuses_at_the_top(#[case] query: &str, #[case] text: &str) {
    let bench = bench().await;
    bench.get(ORDER).await;
    let expected = format!(r#"{{"status":false,"msg":"{text}"}}"#);
    assert_eq!(bench.get(query).await, expected);
    assert_eq!(bench.upstream.spent(), Decimal::from(3_500));
}

#[tokio::test]
async fn a_wrong_key_is_refused_in_two_languages() {
    let bench = bench().await;
    let ask = async |endpoint: String| {
        let url = format!("{endpoint}?api_key=nope&{ORDER}");
        bench
            .client
            .get(url)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
    };
    assert_eq!(
        ask(bench.upstream.url()).await,
        r#"{"status":false,"data":{"msg":"API Key salah"}}"#
    );
    assert_eq!(
        ask(bench.upstream.url_v2()).await,
        r#"{"status":false,"data":{"msg":"Incorrect API Key"}}"#
    );
    assert!(bench.upstream.orders().is_empty());
}

#[tokio::test]
async fn too_little_money_and_no_stock() {
    let bench = bench().await;
    bench.upstream.set_balance(Decimal::from(3_499));
    assert_eq!(
        bench.get(ORDER).await,
        r#"{"status":false,"data":{"msg":"Saldo tidak cukup"}}"#
    );
    bench.upstream.set_balance(Decimal::from(100_000));
    bench.upstream.set_stock("whatsapp", 0).unwrap();
    bench
        .upstream
        .set_operator_stock("WhatsApp", "axis", 1)
        .unwrap();
    let none = r#"{"status":false,"data":{"msg":"Layanan tidak tersedia"}}"#;
    assert_eq!(bench.get(ORDER).await, none);
    let any = "action=order&service=2&operator=any";
    assert!(bench.get(any).await.contains(r#""operator":"axis""#));
    assert_eq!(bench.get(any).await, none);
    assert_eq!(
        bench.upstream.set_stock("Nothing", 1),
        Err(ControlError::UnknownService)
    );
    assert_eq!(
        bench.upstream.set_operator_stock("2", "maxis", 1),
        Err(ControlError::UnknownOperator)
    );
    bench.assert_balanced();
}

#[tokio::test]
async fn cancelling_is_refused_at_first_and_then_pays_back() {
    let bench = bench().await;
    bench.get(ORDER).await;
    let cancel = "action=set_status&id=1000001&status=2";
    let refused = r#"{"status":false,"msg":"Gagal Cancel"}"#;
    bench.clock.advance(TimeDelta::seconds(119));
    assert_eq!(bench.get(cancel).await, refused);
    bench.clock.advance(TimeDelta::seconds(1));
    assert_eq!(
        bench.get(cancel).await,
        r#"{"status":true,"msg":"Pesanan berhasil dibatalkan","data":{"id":"1000001","status":"2"}}"#
    );
    assert_eq!(bench.upstream.balance(), Decimal::from(5_000_000));
    assert_eq!(bench.get(cancel).await, refused);
    assert_eq!(
        bench.get("action=status&id=1000001").await,
        r#"{"status":true,"data":{"id":"1000001","status":"Error","number":"628991000001","sms":"-","service_name":"WhatsApp"}}"#
    );
    let order = bench.upstream.order("1000001").unwrap();
    assert_eq!(order.state, OrderState::Cancelled);
    assert_eq!(order.refunded, order.charged);
    bench.assert_balanced();
}

#[tokio::test]
async fn an_order_with_an_sms_cannot_be_cancelled() {
    let bench = bench().await;
    bench.upstream.set_cancel_after(Duration::ZERO);
    bench.get(ORDER).await;
    bench.upstream.deliver_invented("1000001").unwrap();
    let cancel = "action=set_status&id=1000001&status=2";
    let refused = r#"{"status":false,"msg":"Gagal Cancel"}"#;
    assert_eq!(bench.get(cancel).await, refused);
    // Nor while another SMS is awaited.
    bench.get("action=set_status&id=1000001&status=3").await;
    assert_eq!(bench.get(cancel).await, refused);
    assert_eq!(
        bench.upstream.cancel_by_upstream("1000001"),
        Err(ControlError::HasSms)
    );
    assert_eq!(bench.upstream.spent(), Decimal::from(3_500));
}

#[tokio::test]
async fn expiry_pays_back_what_got_no_sms() {
    let bench = bench().await;
    bench.get(ORDER).await;
    bench.get(ORDER).await;
    bench.upstream.deliver_invented("1000002").unwrap();
    bench.clock.advance(TimeDelta::seconds(20 * 60 - 1));
    assert_eq!(bench.upstream.spent(), Decimal::from(7_000));
    bench.clock.advance(TimeDelta::seconds(1));
    assert_eq!(
        bench.get("action=active_order").await,
        r#"{"status":false,"msg":"No active orders"}"#
    );
    let states: Vec<OrderState> = bench
        .upstream
        .orders()
        .iter()
        .map(|order| order.state)
        .collect();
    assert_eq!(states, [OrderState::Expired, OrderState::Finished]);
    assert_eq!(bench.upstream.spent(), Decimal::from(3_500));
    assert_eq!(
        bench.upstream.deliver("1000001", "too late"),
        Err(ControlError::OrderClosed)
    );
    bench.assert_balanced();
}

#[tokio::test]
async fn an_sms_comes_by_itself_when_told_to() {
    let bench = bench().await;
    bench.upstream.set_sms_after(Some(Duration::from_secs(30)));
    bench.get(ORDER).await;
    let state = || bench.upstream.order("1000001").unwrap();
    bench.clock.advance(TimeDelta::seconds(29));
    assert_eq!(state().state, OrderState::Waiting);
    bench.clock.advance(TimeDelta::seconds(1));
    assert_eq!(state().state, OrderState::Received);
    bench.get("action=set_status&id=1000001&status=3").await;
    assert_eq!(state().state, OrderState::Waiting);
    bench.clock.advance(TimeDelta::seconds(30));
    assert_eq!(state().sms.len(), 2);
    assert_ne!(state().sms[0], state().sms[1]);
}

#[tokio::test]
async fn an_sms_that_came_before_expiry_counts_even_if_nobody_looked() {
    let bench = bench().await;
    bench.upstream.set_sms_after(Some(Duration::from_secs(60)));
    bench.get(ORDER).await;
    bench.clock.advance(TimeDelta::hours(3));
    let order = bench.upstream.order("1000001").unwrap();
    assert_eq!((order.state, order.sms.len()), (OrderState::Finished, 1));
    bench.assert_balanced();
}

#[tokio::test]
async fn accounts_do_not_see_each_other() {
    let bench = bench().await;
    bench
        .upstream
        .open_account("second-key", Decimal::from(10_000));
    bench.get(ORDER).await;
    let url = format!("{}?api_key=second-key&", bench.upstream.url());
    let ask = async |query: &str| {
        let response = bench.client.get(format!("{url}{query}")).send().await;
        response.unwrap().text().await.unwrap()
    };
    assert_eq!(
        ask("action=active_order").await,
        r#"{"status":false,"msg":"No active orders"}"#
    );
    assert_eq!(
        ask("action=set_status&id=1000001&status=1").await,
        r#"{"status":false,"msg":"Pesanan tidak ditemukan"}"#
    );
    ask(ORDER).await;
    assert_eq!(bench.upstream.spent(), Decimal::from(3_500));
}

#[tokio::test]
async fn ten_thousand_open_orders_are_one_answer() {
    let bench = bench().await;
    bench.upstream.set_balance(Decimal::from(100_000_000));
    bench.upstream.set_stock("WhatsApp", 30_000).unwrap();
    let requests = (0..10_000).map(|_| bench.get(ORDER));
    let answers = futures_util::stream::iter(requests);
    let bought = futures_util::StreamExt::buffer_unordered(answers, 64);
    let bought: Vec<String> = futures_util::StreamExt::collect(bought).await;
    assert_eq!(bought.len(), 10_000);
    let listed: Value = serde_json::from_str(&bench.get("action=active_order").await).unwrap();
    assert_eq!(listed["data"].as_array().unwrap().len(), 10_000);
    assert_eq!(bench.upstream.deliver_all(None), 10_000);
    assert_eq!(bench.upstream.deliver_all(None), 0);
    assert_eq!(bench.upstream.requests(step::BUY), 10_000);
    bench.clock.advance(TimeDelta::minutes(20));
    assert_eq!(
        bench.get("action=active_order").await,
        r#"{"status":false,"msg":"No active orders"}"#
    );
    bench.assert_balanced();
}
