//! OTPCepat's words, byte for byte.

use std::time::Duration;

use chrono::TimeDelta;
use numshop::sandbox::upstream::OrderState;
use numshop::sandbox::upstream::dialect::Dialect;
use rstest::rstest;
use rust_decimal::Decimal;
use serde_json::Value;

use super::Bench;

const ORDER: &str = "action=get_order&operator_id=random&service_id=1&country_id=6";

async fn bench() -> Bench {
    Bench::new(Dialect::OtpCepat).await
}

#[tokio::test]
async fn lists_what_it_sells() {
    let bench = bench().await;
    assert_eq!(
        bench.get("action=getBalance").await,
        r#"{"status":"true","data":{"email":"shop@example.com","saldo":"5000000"}}"#
    );
    assert_eq!(
        bench.get("action=getCountries").await,
        r#"{"status":"true","data":[{"countryID":"0","countryName":"Russia"},{"countryID":"4","countryName":"Philippines"},{"countryID":"6","countryName":"Wakanda (Indo)"},{"countryID":"7","countryName":"Malaysia"},{"countryID":"10","countryName":"Vietnam"},{"countryID":"22","countryName":"India"}]}"#
    );
    assert_eq!(
        bench.get("action=getOperators&country_id=6").await,
        r#"{"status":true,"data":["random","telkomsel","indosat","axis","xl","three","smartfren"]}"#
    );
    let services = bench.get("action=getServices&country_id=6").await;
    assert!(services.starts_with(
        r#"{"status":"true","data":[{"serviceID":"1","serviceName":"Flip","price":"99"},{"serviceID":"2","serviceName":"Whatsapp","price":"3150"},"#
    ));
    let parsed: Value = serde_json::from_str(&services).unwrap();
    let mut names: Vec<&str> = parsed["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["serviceName"].as_str().unwrap())
        .collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    assert_eq!(
        bench.get("action=getSpecialServices").await,
        r#"{"status":true,"data":[{"serviceID":"9001","serviceName":"Whatsapp Premium","price":"6500"},{"serviceID":"9002","serviceName":"Telegram Fresh","price":"9800"},{"serviceID":"9003","serviceName":"OpenAI \/ ChatGPT","price":"2900"}]}"#
    );
}

#[tokio::test]
async fn a_purchase_from_order_to_done() {
    let bench = bench().await;
    assert_eq!(
        bench.get(ORDER).await,
        r#"{"status":"true","data":{"order_id":"7500001","number":"628997500001","price":99,"status":"Waiting SMS"}}"#
    );
    assert_eq!(
        bench.get("action=get_status&order_id=7500001").await,
        r#"{"status":true,"data":{"order_id":7500001,"number":"628997500001","serviceName":"Flip","status":"Waiting SMS","sms":null}}"#
    );
    bench.upstream.deliver("7500001", "Kode 4821").unwrap();
    assert_eq!(
        bench.get("action=get_status&order_id=7500001").await,
        r#"{"status":true,"data":{"order_id":7500001,"number":"628997500001","serviceName":"Flip","status":"Recieved","sms":"Kode 4821"}}"#
    );
    let success = r#"{"status":true,"msg":"success"}"#;
    assert_eq!(
        bench
            .get("action=set_status&order_id=7500001&status=3")
            .await,
        success
    );
    assert!(
        bench
            .get("action=get_status&order_id=7500001")
            .await
            .contains(r#""Waiting SMS","sms":null"#)
    );
    bench.upstream.deliver("7500001", "Kode 9137").unwrap();
    assert_eq!(
        bench
            .get("action=set_status&order_id=7500001&status=4")
            .await,
        success
    );
    assert_eq!(
        bench.get("action=get_status&order_id=7500001").await,
        r#"{"status":true,"data":{"order_id":7500001,"number":"628997500001","serviceName":"Flip","status":"Done","sms":"Kode 9137"}}"#
    );
    assert_eq!(bench.upstream.spent(), Decimal::from(99));
    bench.assert_balanced();
}

#[tokio::test]
async fn every_other_number_is_national_and_some_sms_are_wrapped() {
    let bench = bench().await;
    bench.get(ORDER).await;
    let gojek = "action=get_order&operator_id=axis&service_id=4&country_id=6";
    assert_eq!(
        bench.get(gojek).await,
        r#"{"status":"true","data":{"order_id":"7500002","number":"08997500002","price":850,"status":"Waiting SMS"}}"#
    );
    assert_eq!(
        bench.upstream.order("7500002").unwrap().number,
        "628997500002"
    );
    bench.upstream.deliver("7500002", "Kode OTP: 4821").unwrap();
    assert_eq!(
        bench.get("action=get_status&order_id=7500002").await,
        r#"{"status":true,"data":{"order_id":7500002,"number":"08997500002","serviceName":"Go-Jek","status":"Recieved","sms":"{\"sender\":\"Go-Jek\",\"text\":\"Kode OTP: 4821\"}"}}"#
    );
}

#[tokio::test]
async fn special_services_need_no_country() {
    let bench = bench().await;
    assert_eq!(
        bench
            .get("action=get_order&operator_id=random&service_id=9001")
            .await,
        r#"{"status":"true","data":{"order_id":"7500001","number":"628997500001","price":6500,"status":"Waiting SMS"}}"#
    );
}

#[rstest]
#[case("action=dance", r#"{"status":false,"msg":"BAD ACTION"}"#)]
#[case(
    "action=getOperators&country_id=99",
    r#"{"status":"false","msg":"WRONG COUNTRY ID"}"#
)]
#[case("action=getServices", r#"{"status":"false","msg":"WRONG COUNTRY ID"}"#)]
#[case(
    "action=get_order&service_id=1&country_id=6",
    r#"{"status":"false","msg":"INVALID OPERATOR"}"#
)]
#[case(
    "action=get_order&operator_id=random&service_id=x&country_id=6",
    r#"{"status":"false","msg":"INVALID SERVICE ID"}"#
)]
#[case(
    "action=get_order&operator_id=random&service_id=777&country_id=6",
    r#"{"status":"false","msg":"WRONG SERVICE ID"}"#
)]
#[case(
    "action=get_order&operator_id=random&service_id=1&country_id=7",
    r#"{"status":"false","msg":"WRONG SERVICE ID"}"#
)]
#[case(
    "action=get_order&operator_id=random&service_id=1&country_id=99",
    r#"{"status":"false","msg":"WRONG COUNTRY ID"}"#
)]
#[case(
    "action=get_order&operator_id=maxis&service_id=1&country_id=6",
    r#"{"status":"false","msg":"WRONG OPERATOR ID"}"#
)]
#[case(
    "action=get_status&order_id=abc",
    r#"{"status":"false","msg":"INVALID ORDER ID"}"#
)]
#[case(
    "action=get_status&order_id=1",
    r#"{"status":"false","msg":"WRONG ORDER ID"}"#
)]
#[case(
    "action=set_status&status=2",
    r#"{"status":"false","msg":"INVALID ORDER ID"}"#
)]
#[case(
    "action=set_status&order_id=1&status=2",
    r#"{"status":"false","msg":"WRONG ORDER ID"}"#
)]
#[case(
    "action=set_status&order_id=7500001&status=8",
    r#"{"status":"false","msg":"INVALID STATUS"}"#
)]
#[case(
    "action=set_status&order_id=7500001&status=3",
    r#"{"status":"false","msg":"WRONG STATUS"}"#
)]
#[case(
    "action=set_status&order_id=7500001&status=4",
    r#"{"status":"false","msg":"WRONG STATUS"}"#
)]
#[tokio::test]
async fn refuses(#[case] query: &str, #[case] answer: &str) {
    let bench = bench().await;
    bench.get(ORDER).await;
    assert_eq!(bench.get(query).await, answer);
    assert_eq!(bench.upstream.spent(), Decimal::from(99));
}

#[tokio::test]
async fn refuses_a_wrong_key_an_empty_purse_and_an_empty_shelf() {
    let bench = bench().await;
    let url = format!("{}?api_key=nope&{ORDER}", bench.upstream.url());
    let text = bench
        .client
        .get(url)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(text, r#"{"status":false,"msg":"You don't have Access!"}"#);
    bench.upstream.set_balance(Decimal::from(98));
    assert_eq!(
        bench.get(ORDER).await,
        r#"{"status":"false","msg":"NO BALANCE"}"#
    );
    bench.upstream.set_price("Flip", Decimal::from(98)).unwrap();
    bench.upstream.set_stock("Flip", 0).unwrap();
    assert_eq!(
        bench.get(ORDER).await,
        r#"{"status":"false","msg":"NO NUMBERS"}"#
    );
    bench.upstream.set_stock("Flip", 1).unwrap();
    assert!(bench.get(ORDER).await.contains(r#""price":98"#));
    assert_eq!(bench.upstream.balance(), Decimal::ZERO);
    bench.assert_balanced();
}

#[tokio::test]
async fn cancelling_pays_back_at_once_and_only_once() {
    let bench = bench().await;
    bench.get(ORDER).await;
    let cancel = "action=set_status&order_id=7500001&status=2";
    assert_eq!(
        bench.get(cancel).await,
        r#"{"status":true,"msg":"success"}"#
    );
    assert_eq!(
        bench.get(cancel).await,
        r#"{"status":"false","msg":"WRONG STATUS"}"#
    );
    assert!(
        bench
            .get("action=get_status&order_id=7500001")
            .await
            .contains(r#""status":"Cancel","sms":null"#)
    );
    assert_eq!(bench.upstream.balance(), Decimal::from(5_000_000));
    bench.assert_balanced();
}

#[tokio::test]
async fn the_upstream_may_cancel_and_numbers_run_out() {
    let bench = bench().await;
    bench.upstream.set_lifetime(Duration::from_secs(60));
    bench.get(ORDER).await;
    bench.get(ORDER).await;
    bench.upstream.cancel_by_upstream("7500001").unwrap();
    bench.clock.advance(TimeDelta::seconds(60));
    for id in ["7500001", "7500002"] {
        let query = format!("action=get_status&order_id={id}");
        assert!(bench.get(&query).await.contains(r#""status":"Cancel""#));
    }
    let states: Vec<OrderState> = bench
        .upstream
        .newest_orders(2)
        .iter()
        .map(|order| order.state)
        .collect();
    assert_eq!(states, [OrderState::Expired, OrderState::Cancelled]);
    assert_eq!(bench.upstream.spent(), Decimal::ZERO);
    bench.assert_balanced();
}
