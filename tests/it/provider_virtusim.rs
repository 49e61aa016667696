//! VirtuSIM: each documented answer and refusal, in both versions.

use chrono::{DateTime, Utc};
use numshop::domain::id::UpstreamId;
use numshop::provider::virtusim::VirtuSim;
use numshop::provider::{
    Activation, ActivationState, CancelAnswer, Provider, ProviderError, Purchase, PurchaseAnswer,
};
use proptest::prelude::*;
use rstest::rstest;

use crate::provider_server::{Answer, KEY, NUMBER, Upstream, assert_clean, timeouts};

const V1: &str = "/api/json.php";
const V2: &str = "/api/v2/json.php";

fn open(upstream: &Upstream, path: &str) -> VirtuSim {
    VirtuSim::new(upstream.http(path, VirtuSim::account))
}

fn id() -> UpstreamId {
    "7100001".into()
}

fn purchase(operator: Option<&str>) -> Purchase {
    Purchase {
        country_code: "indo".to_owned(),
        service_code: "1".to_owned(),
        operator: operator.map(str::to_owned),
        max_cost: 2_100.into(),
    }
}

#[tokio::test]
async fn services_are_listed_with_exact_prices_and_the_doubtful_ones_left_out() {
    let upstream = Upstream::start().await;
    upstream.on("services", Answer::fixture("virtusim/services.json"));
    let assortment = open(&upstream, V1).assortment("indo").await.unwrap();
    assert_eq!(assortment.operators, ["telkomsel", "axis", "indosat"]);
    let rows: Vec<_> = assortment
        .listings
        .iter()
        .map(|row| {
            let code = row.service_code.as_str();
            (
                code,
                row.service_name.as_str(),
                row.cost.amount.to_string(),
                row.stock,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("1", "Twitter", "650".to_owned(), Some(8179)),
            ("2", "WhatsApp", "2500".to_owned(), Some(0)),
            ("3", "Telegram", "1750.50".to_owned(), None),
        ]
    );
    assert!(
        assortment
            .listings
            .iter()
            .all(|row| row.cost.currency == "IDR")
    );
    let seen = upstream.wait_for("services").await;
    assert_eq!(seen.query["country"], "indo");
    assert_eq!(seen.query["api_key"], KEY);
    assert_eq!(seen.method, "GET");
    assert!(seen.user_agent.starts_with("numshop/"));
}

#[tokio::test]
async fn a_bare_list_of_services_is_read_too() {
    let upstream = Upstream::start().await;
    upstream.on(
        "services",
        Answer::fixture("virtusim/services_bare_list.json"),
    );
    let assortment = open(&upstream, V1).assortment("indo").await.unwrap();
    assert_eq!(assortment.listings.len(), 1);
}

#[tokio::test]
async fn version_2_sells_by_country_name() {
    let upstream = Upstream::start().await;
    upstream
        .on("services", Answer::fixture("virtusim/services_v2.json"))
        .on(
            "list_country",
            Answer::fixture("virtusim/list_country.json"),
        )
        .on(
            "list_operator",
            Answer::fixture("virtusim/list_operator.json"),
        )
        .on("balance", Answer::fixture("virtusim/balance.json"));
    let provider = open(&upstream, V2);
    let countries = provider.countries().await.unwrap();
    let codes: Vec<_> = countries
        .iter()
        .map(|country| country.code.as_str())
        .collect();
    assert_eq!(codes, ["Indonesia", "Russia"]);
    let assortment = provider.assortment("Russia").await.unwrap();
    assert_eq!(assortment.operators, ["mts", "beeline"]);
    assert_eq!(assortment.listings[0].service_code, "41");
    assert_eq!(
        upstream.wait_for("services").await.query["country"],
        "Russia"
    );
    assert_eq!(
        upstream.wait_for("list_operator").await.query["country"],
        "Russia"
    );
    assert!(provider.capabilities().balance);
    assert_eq!(
        provider.balance().await.unwrap().amount.to_string(),
        "125000.50"
    );
}

#[tokio::test]
async fn failing_operators_do_not_take_the_services_away() {
    let upstream = Upstream::start().await;
    upstream
        .on("services", Answer::fixture("virtusim/services_v2.json"))
        .on("list_operator", Answer::fault("html page"));
    let assortment = open(&upstream, V2).assortment("Russia").await.unwrap();
    assert!(assortment.operators.is_empty());
    assert_eq!(assortment.listings.len(), 1);
}

#[tokio::test]
async fn version_1_knows_one_country_and_no_balance() {
    let upstream = Upstream::start().await;
    let provider = open(&upstream, V1);
    assert!(!provider.capabilities().balance);
    assert!(matches!(
        provider.balance().await,
        Err(ProviderError::Refused(_))
    ));
    assert!(matches!(
        provider.order_history().await,
        Err(ProviderError::Refused(_))
    ));
    assert!(matches!(
        provider.detail_order(&id()).await,
        Err(ProviderError::Refused(_))
    ));
    let answer = provider.reactive_order(&id()).await;
    assert!(
        matches!(answer, PurchaseAnswer::NotSent(ProviderError::Refused(_))),
        "{answer:?}"
    );
    let countries = provider.countries().await.unwrap();
    assert_eq!(countries.len(), 1);
    assert_eq!(countries[0].code, "indo");
}

#[rstest]
#[case("order.json", Some("telkomsel"), "telkomsel", None)]
#[case("order_numbers.json", None, "any", Some("650"))]
#[tokio::test]
async fn a_bought_number_is_announced_ready(
    #[case] fixture: &str,
    #[case] operator: Option<&str>,
    #[case] sent: &str,
    #[case] cost: Option<&str>,
) {
    let upstream = Upstream::start().await;
    upstream
        .on("order", Answer::fixture(&format!("virtusim/{fixture}")))
        .on("set_status", Answer::fixture("virtusim/set_status.json"));
    let provider = open(&upstream, V1);
    let PurchaseAnswer::Bought(bought) = provider.buy(&purchase(operator)).await else {
        panic!("not bought");
    };
    assert_eq!(bought.upstream_id, id());
    assert_eq!(bought.number, NUMBER);
    let amount = bought.cost.map(|cost| cost.amount.to_string());
    assert_eq!(amount.as_deref(), cost);
    let order = upstream.wait_for("order").await;
    assert_eq!(
        (
            order.query["service"].as_str(),
            order.query["operator"].as_str()
        ),
        ("1", sent)
    );
    let ready = upstream.wait_for("set_status").await;
    assert_eq!(
        (ready.query["id"].as_str(), ready.query["status"].as_str()),
        ("7100001", "1")
    );
    assert_eq!(upstream.seen("order").len(), 1);
}

#[rstest]
#[case("dropped")]
#[case("slow")]
#[case("html page")]
#[tokio::test]
async fn a_failing_announcement_neither_delays_nor_doubts_the_number(#[case] fault: &str) {
    let upstream = Upstream::start().await;
    upstream
        .on("order", Answer::fixture("virtusim/order.json"))
        .on("set_status", Answer::fault(fault));
    let provider = open(&upstream, V1);
    let start = std::time::Instant::now();
    let answer = provider.buy(&purchase(None)).await;
    assert!(matches!(answer, PurchaseAnswer::Bought(_)), "{answer:?}");
    assert!(start.elapsed() < timeouts().change);
    upstream.wait_for("set_status").await;
}

#[rstest]
#[case("Saldo tidak cukup", ProviderError::NoFunds)]
#[case("Layanan tidak tersedia", ProviderError::OutOfStock)]
#[case("Layanan tidak ditemukan", ProviderError::NotFound("Layanan tidak ditemukan".to_owned()))]
#[case("API Key salah", ProviderError::Refused("API Key salah".to_owned()))]
#[case("Incorrect API Key", ProviderError::Refused("Incorrect API Key".to_owned()))]
#[case("Permintaan tidak sesuai", ProviderError::Refused("Permintaan tidak sesuai".to_owned()))]
#[case("A new rule", ProviderError::Refused("A new rule".to_owned()))]
#[tokio::test]
async fn a_refused_purchase_is_surely_not_bought(
    #[case] text: &str,
    #[case] expected: ProviderError,
    #[values(
        r#"{"status":false,"data":{"msg":"TEXT"}}"#,
        r#"{"status":false,"msg":"TEXT"}"#,
        r#"{"status":"false","message":"TEXT","data":[]}"#,
        r#"{"status":0,"error":{"message":"TEXT"},"data":null}"#
    )]
    shape: &str,
    #[values(200, 400)] status: u16,
) {
    let upstream = Upstream::start().await;
    let body = shape.replace("TEXT", text);
    upstream.on("order", Answer::http(status, "", body.as_bytes()));
    let answer = open(&upstream, V1).buy(&purchase(None)).await;
    let PurchaseAnswer::Rejected(error) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(error, expected);
    assert_eq!(upstream.seen("order").len(), 1);
}

#[rstest]
#[case(200, r#"{"status":false,"msg":"Gagal","data":{"id":"7100001"}}"#)]
#[case(
    200,
    r#"{"status":false,"msg":"Saldo tidak cukup","number":"6281234500001"}"#
)]
#[case(200, r#"{"status":true,"data":{"id":"7100001"}}"#)]
#[case(200, r#"{"status":true,"data":{"id":"7100001","number":"-"}}"#)]
#[case(200, r#"{"status":true,"data":{"number":"6281234500001"}}"#)]
#[case(200, r#"{"status":true,"data":[]}"#)]
#[case(200, r#"{"status":false}"#)]
#[case(200, r#"{"data":{"id":"7100001","number":"6281234500001"}}"#)]
#[case(500, r#"{"status":false,"msg":"A new rule"}"#)]
#[case(200, "[]")]
#[tokio::test]
async fn a_purchase_that_could_have_happened_is_ambiguous(#[case] status: u16, #[case] body: &str) {
    let upstream = Upstream::start().await;
    upstream.on("order", Answer::http(status, "", body.as_bytes()));
    let answer = open(&upstream, V1).buy(&purchase(None)).await;
    assert!(matches!(answer, PurchaseAnswer::Ambiguous(_)), "{answer:?}");
    assert_eq!(upstream.seen("order").len(), 1);
    assert!(upstream.seen("set_status").is_empty());
    assert_clean(&format!("{answer:?}"));
}

#[tokio::test]
async fn active_orders_come_in_one_call() {
    let upstream = Upstream::start().await;
    upstream.on(
        "active_order",
        Answer::fixture("virtusim/active_order.json"),
    );
    let orders = open(&upstream, V1).open_orders().await.unwrap().unwrap();
    let waiting = Activation {
        upstream_id: "7100001".into(),
        state: ActivationState::Waiting,
        number: Some(NUMBER.to_owned()),
        sms: None,
        service_name: Some("Twitter".to_owned()),
        others: Vec::new(),
        ends: None,
    };
    let received = Activation {
        upstream_id: "7100002".into(),
        state: ActivationState::Received,
        number: Some("6281234500002".to_owned()),
        sms: Some("Kode Anda 4821. Jangan beri tahu siapa pun.".to_owned()),
        service_name: Some("WhatsApp".to_owned()),
        others: Vec::new(),
        ends: None,
    };
    let code_only = Activation {
        upstream_id: "7100003".into(),
        state: ActivationState::Received,
        number: Some("6281234500003".to_owned()),
        sms: Some("9911".to_owned()),
        service_name: Some("Telegram".to_owned()),
        others: Vec::new(),
        ends: None,
    };
    assert!(orders == [waiting, received, code_only], "{orders:?}");
    assert_eq!(upstream.seen("active_order").len(), 1);
}

#[rstest]
#[case(r#"{"status":false,"msg":"No active orders"}"#)]
#[case(r#"{"status":false,"data":{"msg":"No active orders"}}"#)]
#[case(r#"{"status":true,"data":[]}"#)]
#[case(r#"{"status":true,"data":{}}"#)]
#[case(r#"{"status":true,"data":null}"#)]
#[tokio::test]
async fn no_active_orders_is_an_empty_list(#[case] body: &str) {
    let upstream = Upstream::start().await;
    upstream.on("active_order", Answer::json(body));
    let orders = open(&upstream, V1).open_orders().await.unwrap().unwrap();
    assert!(orders.is_empty());
}

#[rstest]
#[case(r#"{"status":false,"msg":"API Key salah"}"#)]
#[case(r#"{"status":true}"#)]
#[case(r#"{"status":true,"data":"none"}"#)]
#[case(r#"{"status":true,"data":[{"status":"Ready"}]}"#)]
#[case(r#"{"status":true,"data":["x"]}"#)]
#[case(r#"{"msg":"No active orders"}"#)]
#[tokio::test]
async fn what_is_not_surely_a_list_is_no_empty_list(#[case] body: &str) {
    let upstream = Upstream::start().await;
    upstream.on("active_order", Answer::json(body));
    assert!(open(&upstream, V1).open_orders().await.is_err());
}

#[rstest]
#[case("status_pending.json", ActivationState::Waiting, None)]
#[case(
    "status_success.json",
    ActivationState::Received,
    Some("Twitter code 4821")
)]
#[case("status_error.json", ActivationState::Cancelled, None)]
#[tokio::test]
async fn one_order_is_asked_about(
    #[case] fixture: &str,
    #[case] state: ActivationState,
    #[case] sms: Option<&str>,
) {
    let upstream = Upstream::start().await;
    upstream.on("status", Answer::fixture(&format!("virtusim/{fixture}")));
    let order = open(&upstream, V1).status(&id()).await.unwrap();
    assert_eq!(order.upstream_id, id());
    assert_eq!(order.state, state);
    assert_eq!(order.number.as_deref(), Some(NUMBER));
    assert_eq!(order.sms.as_deref(), sms);
    assert_eq!(upstream.wait_for("status").await.query["id"], "7100001");
}

#[tokio::test]
async fn the_status_of_another_order_is_not_taken() {
    let upstream = Upstream::start().await;
    upstream.on("status", Answer::fixture("virtusim/status_success.json"));
    let error = open(&upstream, V1)
        .status(&"7100009".into())
        .await
        .unwrap_err();
    assert!(matches!(error, ProviderError::Protocol(_)), "{error:?}");
}

#[tokio::test]
async fn an_unknown_order_and_an_unknown_word() {
    let upstream = Upstream::start().await;
    upstream
        .on(
            "status",
            Answer::json(r#"{"status":false,"msg":"Pesanan tidak ditemukan"}"#),
        )
        .on(
            "status",
            Answer::json(r#"{"status":true,"data":{"id":7100001,"status":"Meditating"}}"#),
        );
    let provider = open(&upstream, V1);
    let error = provider.status(&id()).await.unwrap_err();
    assert_eq!(
        error,
        ProviderError::NotFound("Pesanan tidak ditemukan".to_owned())
    );
    let order = provider.status(&id()).await.unwrap();
    assert_eq!(order.state, ActivationState::Other("Meditating".to_owned()));
}

#[rstest]
#[case(
    r#"{"status":true,"msg":"Success","data":{"id":1}}"#,
    CancelAnswer::Cancelled
)]
#[case(r#"{"status":false,"msg":"Gagal Cancel"}"#, CancelAnswer::NotNow)]
#[case(
    r#"{"status":false,"data":{"msg":"Gagal Cancel"}}"#,
    CancelAnswer::NotNow
)]
#[case(
    r#"{"status":false,"msg":"Pesanan sudah selesai"}"#,
    CancelAnswer::AlreadyClosed
)]
#[tokio::test]
async fn a_cancellation_is_answered(#[case] body: &str, #[case] expected: CancelAnswer) {
    let upstream = Upstream::start().await;
    upstream.on("set_status", Answer::json(body));
    assert_eq!(open(&upstream, V1).cancel(&id()).await.unwrap(), expected);
    assert_eq!(upstream.wait_for("set_status").await.query["status"], "2");
}

#[rstest]
#[case(r#"{"status":false,"msg":"API Key salah"}"#)]
#[case(r#"{"status":false,"msg":"Pesanan tidak ditemukan"}"#)]
#[case(r#"{"status":false}"#)]
#[case(r#"{"msg":"Gagal Cancel"}"#)]
#[tokio::test]
async fn a_cancellation_that_says_nothing_about_the_order_is_an_error(#[case] body: &str) {
    let upstream = Upstream::start().await;
    upstream.on("set_status", Answer::json(body));
    assert!(open(&upstream, V1).cancel(&id()).await.is_err());
}

#[tokio::test]
async fn another_sms_and_the_end_are_told() {
    let upstream = Upstream::start().await;
    upstream
        .on("set_status", Answer::fixture("virtusim/set_status.json"))
        .on("set_status", Answer::fixture("virtusim/set_status.json"))
        .on(
            "set_status",
            Answer::json(r#"{"status":false,"msg":"Permintaan tidak sesuai"}"#),
        );
    let provider = open(&upstream, V1);
    provider.resend(&id()).await.unwrap();
    provider.finish(&id()).await.unwrap();
    assert!(matches!(
        provider.finish(&id()).await,
        Err(ProviderError::Refused(_))
    ));
    let seen = upstream.seen("set_status");
    let codes: Vec<_> = seen
        .iter()
        .map(|seen| seen.query["status"].as_str())
        .collect();
    assert_eq!(codes, ["3", "4", "4"]);
}

#[tokio::test]
async fn the_past_is_told_in_universal_time() {
    let upstream = Upstream::start().await;
    upstream
        .on(
            "order_history",
            Answer::fixture("virtusim/order_history.json"),
        )
        .on(
            "detail_order",
            Answer::fixture("virtusim/detail_order.json"),
        );
    let provider = open(&upstream, V2);
    let history = provider.order_history().await.unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!(history[0].activation.state, ActivationState::Received);
    let midnight: DateTime<Utc> = "2026-04-09T17:00:00Z".parse().unwrap();
    assert_eq!(history[0].created_at, Some(midnight));
    assert_eq!(history[1].activation.state, ActivationState::Cancelled);
    assert_eq!(history[1].created_at, None);
    let order = provider.detail_order(&id()).await.unwrap();
    assert_eq!(order.cost.unwrap().amount.to_string(), "650");
}

#[tokio::test]
async fn a_number_is_taken_again_for_money() {
    let upstream = Upstream::start().await;
    upstream
        .on("reactive_order", Answer::fixture("virtusim/order.json"))
        .on("reactive_order", Answer::fault("dropped"));
    let provider = open(&upstream, V2);
    let answer = provider.reactive_order(&id()).await;
    assert!(matches!(answer, PurchaseAnswer::Bought(_)), "{answer:?}");
    let answer = provider.reactive_order(&id()).await;
    assert!(matches!(answer, PurchaseAnswer::Ambiguous(_)), "{answer:?}");
    assert_eq!(upstream.seen("reactive_order").len(), 2);
}

#[tokio::test]
async fn a_refusal_that_echoes_key_and_number_is_cleaned() {
    let upstream = Upstream::start().await;
    let body = format!("{{\"status\":false,\"msg\":\"No: {KEY} and 0812-3450-0001 {NUMBER}\"}}");
    upstream.on("order", Answer::json(&body));
    let answer = open(&upstream, V1).buy(&purchase(None)).await;
    let PurchaseAnswer::Rejected(error) = answer else {
        panic!("{answer:?}");
    };
    assert_clean(&format!("{error} {error:?}"));
    assert_eq!(
        error,
        ProviderError::Refused("No: [key] and [number]".to_owned())
    );
}

/// JSON that is near enough to the real answers to reach deep into the reading code.
fn any_answer() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        Just("1e999".to_owned()),
    ];
    let key = prop::sample::select(vec![
        "status",
        "data",
        "msg",
        "message",
        "id",
        "order_id",
        "number",
        "sms",
        "otp",
        "price",
        "name",
        "tersedia",
        "serviceID",
        "serviceName",
        "countryID",
        "0",
        "1",
        "saldo",
    ]);
    scalar.prop_recursive(4, 24, 4, move |inner| {
        let fields = prop::collection::vec((key.clone(), inner.clone()), 0..5);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|rows| format!("[{}]", rows.join(","))),
            fields.prop_map(|fields| {
                let fields: Vec<_> = fields
                    .into_iter()
                    .map(|(key, value)| format!("\"{key}\":{value}"))
                    .collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn no_answer_makes_a_driver_panic(
        body in prop_oneof![
            any_answer().prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..64),
        ],
        status in prop::sample::select(vec![200_u16, 400, 500]),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let upstream = Upstream::start().await;
            let actions = [
                "services", "order", "set_status", "status", "active_order", "balance",
                "list_country", "list_operator", "detail_order", "order_history", "reactive_order",
            ];
            for action in actions {
                upstream.on(action, Answer::http(status, "", &body));
            }
            let provider = open(&upstream, V2);
            let _ = provider.balance().await;
            let _ = provider.countries().await;
            let _ = provider.assortment("Indonesia").await;
            let _ = provider.status(&id()).await;
            let _ = provider.open_orders().await;
            let _ = provider.cancel(&id()).await;
            let _ = provider.order_history().await;
            let _ = provider.detail_order(&id()).await;
            let _ = provider.reactive_order(&id()).await;
            let answer = provider.buy(&purchase(None)).await;
            assert_eq!(upstream.seen("order").len(), 1);
            drop(answer);
        });
    }
}
