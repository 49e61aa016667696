//! OTPCepat: each documented answer and refusal.

use numshop::domain::id::UpstreamId;
use numshop::provider::otpcepat::OtpCepat;
use numshop::provider::{
    ActivationState, CancelAnswer, Provider, ProviderError, Purchase, PurchaseAnswer,
};
use rstest::rstest;

use crate::provider_server::{Answer, KEY, NUMBER, Upstream, assert_clean};

fn open(upstream: &Upstream) -> OtpCepat {
    OtpCepat::new(upstream.http("/api/handler_api.php", OtpCepat::account))
}

fn id() -> UpstreamId {
    "553001".into()
}

fn purchase(country_code: &str, operator: Option<&str>) -> Purchase {
    Purchase {
        country_code: country_code.to_owned(),
        service_code: "12".to_owned(),
        operator: operator.map(str::to_owned),
        max_cost: 2_100.into(),
    }
}

#[tokio::test]
async fn the_balance_keeps_its_digits() {
    let upstream = Upstream::start().await;
    upstream.on("getBalance", Answer::fixture("otpcepat/balance.json"));
    let balance = open(&upstream).balance().await.unwrap();
    assert_eq!(
        (
            balance.amount.to_string().as_str(),
            balance.currency.as_str()
        ),
        ("9999999999", "IDR")
    );
    let seen = upstream.wait_for("getBalance").await;
    assert_eq!(seen.query["api_key"], KEY);
    assert_eq!(seen.path, "/api/handler_api.php");
}

#[tokio::test]
async fn countries_keep_their_names() {
    let upstream = Upstream::start().await;
    upstream.on("getCountries", Answer::fixture("otpcepat/countries.json"));
    let countries = open(&upstream).countries().await.unwrap();
    let rows: Vec<_> = countries
        .iter()
        .map(|row| (row.code.as_str(), row.name.as_str()))
        .collect();
    assert_eq!(rows, [("0", "Russia"), ("6", "Wakanda (Indo)")]);
}

fn sells(upstream: &Upstream) -> &Upstream {
    upstream
        .on("getServices", Answer::fixture("otpcepat/services.json"))
        .on("getOperators", Answer::fixture("otpcepat/operators.json"))
}

#[rstest]
#[case("6", &["0", "12", "900"])]
#[case("0", &["0", "12"])]
#[tokio::test]
async fn special_services_are_sold_in_indonesia(#[case] country: &str, #[case] codes: &[&str]) {
    let upstream = Upstream::start().await;
    sells(&upstream).on(
        "getSpecialServices",
        Answer::fixture("otpcepat/special_services.json"),
    );
    let assortment = open(&upstream).assortment(country).await.unwrap();
    let sold: Vec<_> = assortment
        .listings
        .iter()
        .map(|row| row.service_code.as_str())
        .collect();
    assert_eq!(sold, codes);
    assert_eq!(assortment.listings[1].service_name, "WhatsApp");
    assert_eq!(assortment.listings[1].cost.amount.to_string(), "2100");
    assert_eq!(assortment.listings[1].stock, None);
    assert_eq!(assortment.operators, ["telkomsel", "indosat"]);
    assert_eq!(
        upstream.wait_for("getServices").await.query["country_id"],
        country
    );
}

#[rstest]
#[case("html page")]
#[case("bare 502")]
#[case("truncated json")]
#[case("wrong types")]
#[tokio::test]
async fn failing_special_services_leave_the_ordinary_ones(#[case] fault: &str) {
    let upstream = Upstream::start().await;
    sells(&upstream).on("getSpecialServices", Answer::fault(fault));
    let assortment = open(&upstream).assortment("6").await.unwrap();
    assert_eq!(assortment.listings.len(), 2);
    assert_eq!(assortment.operators.len(), 2);
}

#[tokio::test]
async fn failing_operators_leave_the_services_but_not_the_other_way_round() {
    let upstream = Upstream::start().await;
    upstream
        .on("getServices", Answer::fixture("otpcepat/services.json"))
        .on("getServices", Answer::fault("html page"))
        .on("getOperators", Answer::fault("html page"));
    let provider = open(&upstream);
    assert!(provider.assortment("0").await.unwrap().operators.is_empty());
    assert!(matches!(
        provider.assortment("0").await,
        Err(ProviderError::Blocked(_))
    ));
}

#[rstest]
#[case("6", "081234500001", NUMBER)]
#[case("6", "6281234500001", NUMBER)]
#[case("0", "79001234567", "79001234567")]
#[case("7", "0123456789", "60123456789")]
#[tokio::test]
async fn a_number_is_bought(#[case] country: &str, #[case] sent: &str, #[case] number: &str) {
    let upstream = Upstream::start().await;
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/otpcepat/order.json"
    );
    let body = std::fs::read_to_string(folder)
        .unwrap()
        .replace("081234500001", sent);
    upstream.on("get_order", Answer::json(&body));
    let provider = open(&upstream);
    let PurchaseAnswer::Bought(bought) = provider.buy(&purchase(country, Some("telkomsel"))).await
    else {
        panic!("not bought");
    };
    assert_eq!(bought.upstream_id, id());
    assert_eq!(bought.number, number);
    assert_eq!(bought.cost.unwrap().amount.to_string(), "99");
    let seen = upstream.seen("get_order");
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].query["operator_id"], "telkomsel");
    assert_eq!(seen[0].query["service_id"], "12");
    assert_eq!(seen[0].query["country_id"], country);
}

#[tokio::test]
async fn any_operator_is_called_random() {
    let upstream = Upstream::start().await;
    upstream.on("get_order", Answer::fixture("otpcepat/order.json"));
    let answer = open(&upstream).buy(&purchase("6", None)).await;
    assert!(matches!(answer, PurchaseAnswer::Bought(_)), "{answer:?}");
    assert_eq!(
        upstream.wait_for("get_order").await.query["operator_id"],
        "random"
    );
}

fn not_found(text: &str) -> ProviderError {
    ProviderError::NotFound(text.to_owned())
}

fn refused(text: &str) -> ProviderError {
    ProviderError::Refused(text.to_owned())
}

#[rstest]
#[case("You don't have Access!", refused("You don't have Access!"))]
#[case("BAD ACTION", refused("BAD ACTION"))]
#[case("NO BALANCE", ProviderError::NoFunds)]
#[case("INVALID OPERATOR", not_found("INVALID OPERATOR"))]
#[case("INVALID SERVICE ID", not_found("INVALID SERVICE ID"))]
#[case("WRONG SERVICE ID", not_found("WRONG SERVICE ID"))]
#[case("WRONG OPERATOR ID", not_found("WRONG OPERATOR ID"))]
#[case("WRONG COUNTRY ID", not_found("WRONG COUNTRY ID"))]
#[case("A new rule", refused("A new rule"))]
#[tokio::test]
async fn a_refused_purchase_is_surely_not_bought(
    #[case] text: &str,
    #[case] expected: ProviderError,
    #[values(
        r#"{"status":"false","msg":"TEXT"}"#,
        r#"{"status":false,"message":"TEXT","data":null}"#,
        r#"{"status":"false","messages":["TEXT"],"data":[]}"#
    )]
    shape: &str,
) {
    let upstream = Upstream::start().await;
    upstream.on("get_order", Answer::json(&shape.replace("TEXT", text)));
    let answer = open(&upstream).buy(&purchase("6", None)).await;
    let PurchaseAnswer::Rejected(error) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(error, expected);
    assert_eq!(upstream.seen("get_order").len(), 1);
}

#[rstest]
#[case(r#"{"status":"false","msg":"NO BALANCE","data":{"order_id":"553001"}}"#)]
#[case(r#"{"status":"false","msg":"failed","data":{"number":"081234500001"}}"#)]
#[case(r#"{"status":"true","data":{"order_id":"553001"}}"#)]
#[case(r#"{"status":"true","data":{"order_id":null,"number":null}}"#)]
#[case(r#"{"status":"maybe","data":{"order_id":"553001","number":"081234500001"}}"#)]
#[tokio::test]
async fn a_purchase_that_could_have_happened_is_ambiguous(#[case] body: &str) {
    let upstream = Upstream::start().await;
    upstream.on("get_order", Answer::json(body));
    let answer = open(&upstream).buy(&purchase("6", None)).await;
    assert!(matches!(answer, PurchaseAnswer::Ambiguous(_)), "{answer:?}");
    assert_eq!(upstream.seen("get_order").len(), 1);
    assert_clean(&format!("{answer:?}"));
}

#[tokio::test]
async fn a_refusal_as_plain_text_is_understood() {
    let upstream = Upstream::start().await;
    upstream.on("get_order", Answer::json("NO BALANCE\n"));
    let answer = open(&upstream).buy(&purchase("6", None)).await;
    assert!(
        matches!(answer, PurchaseAnswer::Rejected(ProviderError::NoFunds)),
        "{answer:?}"
    );
}

#[rstest]
#[case("status_waiting.json", ActivationState::Waiting, None)]
#[case(
    "status_received.json",
    ActivationState::Received,
    Some("Your Flip code: 4821")
)]
#[case(
    "status_received_json.json",
    ActivationState::Received,
    Some("Your Flip code: 4821")
)]
#[case("status_cancel.json", ActivationState::Cancelled, None)]
#[case(
    "status_done.json",
    ActivationState::Finished,
    Some("Your Flip code: 4821")
)]
#[tokio::test]
async fn one_order_is_asked_about(
    #[case] fixture: &str,
    #[case] state: ActivationState,
    #[case] sms: Option<&str>,
) {
    let upstream = Upstream::start().await;
    upstream.on(
        "get_status",
        Answer::fixture(&format!("otpcepat/{fixture}")),
    );
    let order = open(&upstream).status(&id()).await.unwrap();
    assert_eq!(order.upstream_id, id());
    assert_eq!(order.state, state);
    assert_eq!(order.number.as_deref(), Some(NUMBER));
    assert_eq!(order.sms.as_deref(), sms);
    assert_eq!(order.service_name.as_deref(), Some("Flip"));
    assert_eq!(
        upstream.wait_for("get_status").await.query["order_id"],
        "553001"
    );
}

#[rstest]
#[case("INVALID ORDER ID")]
#[case("WRONG ORDER ID")]
#[tokio::test]
async fn an_unknown_order_is_not_found(#[case] text: &str) {
    let upstream = Upstream::start().await;
    upstream.on(
        "get_status",
        Answer::json(&format!("{{\"status\":\"false\",\"msg\":\"{text}\"}}")),
    );
    assert_eq!(
        open(&upstream).status(&id()).await.unwrap_err(),
        not_found(text)
    );
}

#[tokio::test]
async fn the_status_of_another_order_is_not_taken() {
    let upstream = Upstream::start().await;
    upstream.on("get_status", Answer::fixture("otpcepat/status_cancel.json"));
    let error = open(&upstream).status(&"553009".into()).await.unwrap_err();
    assert!(matches!(error, ProviderError::Protocol(_)), "{error:?}");
}

#[tokio::test]
async fn an_unknown_word_is_kept() {
    let upstream = Upstream::start().await;
    upstream.on(
        "get_status",
        Answer::json(r#"{"status":"true","data":{"status":"Dreaming"}}"#),
    );
    let order = open(&upstream).status(&id()).await.unwrap();
    assert_eq!(order.state, ActivationState::Other("Dreaming".to_owned()));
}

#[rstest]
#[case(r#"{"status":true,"msg":"success"}"#, CancelAnswer::Cancelled)]
#[case(r#"{"status":"false","msg":"WRONG STATUS"}"#, CancelAnswer::NotNow)]
#[case(r#"{"status":"false","msg":"Please wait"}"#, CancelAnswer::NotNow)]
#[case(
    r#"{"status":"false","msg":"already cancelled"}"#,
    CancelAnswer::AlreadyClosed
)]
#[tokio::test]
async fn a_cancellation_is_answered(#[case] body: &str, #[case] expected: CancelAnswer) {
    let upstream = Upstream::start().await;
    upstream.on("set_status", Answer::json(body));
    assert_eq!(open(&upstream).cancel(&id()).await.unwrap(), expected);
    let seen = upstream.wait_for("set_status").await;
    assert_eq!(
        (
            seen.query["order_id"].as_str(),
            seen.query["status"].as_str()
        ),
        ("553001", "2")
    );
}

#[tokio::test]
async fn a_cancellation_of_an_unknown_order_is_an_error() {
    let upstream = Upstream::start().await;
    upstream.on(
        "set_status",
        Answer::json(r#"{"status":"false","msg":"WRONG ORDER ID"}"#),
    );
    assert_eq!(
        open(&upstream).cancel(&id()).await.unwrap_err(),
        not_found("WRONG ORDER ID")
    );
}

#[tokio::test]
async fn another_sms_and_the_end_are_told() {
    let upstream = Upstream::start().await;
    upstream.on("set_status", Answer::fixture("otpcepat/set_status.json"));
    let provider = open(&upstream);
    provider.resend(&id()).await.unwrap();
    provider.finish(&id()).await.unwrap();
    let seen = upstream.seen("set_status");
    let codes: Vec<_> = seen
        .iter()
        .map(|seen| seen.query["status"].as_str())
        .collect();
    assert_eq!(codes, ["3", "4"]);
}

#[tokio::test]
async fn there_is_no_list_of_open_orders() {
    let upstream = Upstream::start().await;
    let provider = open(&upstream);
    assert!(provider.open_orders().await.unwrap().is_none());
    assert!(!provider.capabilities().batch_poll);
}
