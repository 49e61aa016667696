//! OTPGan: each documented answer and refusal, and each way in which an answer is of no use.

use numshop::domain::id::UpstreamId;
use numshop::provider::otpgan::OtpGan;
use numshop::provider::otpgan::services::{Services, sold};
use numshop::provider::{
    ActivationState, CancelAnswer, Provider, ProviderError, Purchase, PurchaseAnswer,
};
use rstest::rstest;

use crate::provider_server::{Answer, FAULTS, KEY, NUMBER, Upstream, assert_clean};

const ID: &str = "3f2a9c1e-5b7d-4e8a-9c10-0d5e6f7a8b9c";
const ACCOUNT: &str = "GET /api/account";
const OPERATORS: &str = "GET /api/operators";
const SERVICES: &str = "GET /api/services";
const CREATE: &str = "POST /api/order/create";
const STATUS: &str = "GET /api/order/status";
const CHANGE: &str = "POST /api/order/status";

fn open(upstream: &Upstream) -> OtpGan {
    let listed = vec![
        sold("wa", "WhatsApp", 2_400.into()),
        sold("tg", "Telegram", 5_000.into()),
    ];
    open_with(upstream, Services::Listed(listed))
}

fn open_with(upstream: &Upstream, services: Services) -> OtpGan {
    OtpGan::new(upstream.http("/api", OtpGan::account), services)
}

fn id() -> UpstreamId {
    ID.into()
}

fn purchase(operator: Option<&str>) -> Purchase {
    Purchase {
        country_code: "6".to_owned(),
        service_code: "wa".to_owned(),
        operator: operator.map(str::to_owned),
        max_cost: 2_400.into(),
    }
}

fn not_found(text: &str) -> ProviderError {
    ProviderError::NotFound(text.to_owned())
}

fn refused(text: &str) -> ProviderError {
    ProviderError::Refused(text.to_owned())
}

/// Slugs, names and prices.
async fn assortment(provider: &OtpGan) -> Vec<(String, String, String)> {
    let assortment = provider.assortment("6").await.unwrap();
    let rows = assortment.listings.into_iter();
    rows.map(|row| {
        assert_eq!(row.cost.currency, "IDR");
        let price = row.cost.amount.to_string();
        (row.service_code, row.service_name, price)
    })
    .collect()
}

#[tokio::test]
async fn the_balance_is_the_account_s() {
    let upstream = Upstream::start().await;
    upstream.on(ACCOUNT, Answer::fixture("otpgan/account.json"));
    let balance = open(&upstream).balance().await.unwrap();
    assert_eq!(balance.amount.to_string(), "50000");
    assert_eq!(balance.currency, "IDR");
    assert_eq!(upstream.wait_for(ACCOUNT).await.query["api_key"], KEY);
}

#[tokio::test]
async fn it_sells_in_indonesia_what_the_operator_wrote_down() {
    let upstream = Upstream::start().await;
    upstream.on(OPERATORS, Answer::fixture("otpgan/operators.json"));
    let provider = open(&upstream);
    let countries = provider.countries().await.unwrap();
    assert_eq!(countries.len(), 1);
    assert_eq!(countries[0].code, "6");
    assert_eq!(countries[0].name, "Indonesia");
    let assortment = provider.assortment("6").await.unwrap();
    assert_eq!(assortment.operators, ["AXIS", "TSEL", "ISAT", "XL", "TRI"]);
    let codes: Vec<_> = assortment
        .listings
        .iter()
        .map(|row| (row.service_code.as_str(), row.stock))
        .collect();
    assert_eq!(codes, [("wa", None), ("tg", None)]);
}

#[tokio::test]
async fn failing_operators_leave_the_services() {
    let upstream = Upstream::start().await;
    upstream.on(OPERATORS, Answer::fault("html page"));
    let assortment = open(&upstream).assortment("6").await.unwrap();
    assert!(assortment.operators.is_empty());
    assert_eq!(assortment.listings.len(), 2);
}

#[tokio::test]
async fn a_price_in_an_order_s_answer_is_learnt() {
    let upstream = Upstream::start().await;
    upstream
        .on(OPERATORS, Answer::fixture("otpgan/operators.json"))
        .on(CREATE, Answer::fixture("otpgan/order.json"));
    let provider = open(&upstream);
    assert_eq!(assortment(&provider).await[0].2, "2400");
    let answer = provider.buy(&purchase(None)).await;
    assert!(matches!(answer, PurchaseAnswer::Bought(_)), "{answer:?}");
    let row =
        |slug: &str, name: &str, price: &str| (slug.to_owned(), name.to_owned(), price.to_owned());
    assert_eq!(
        assortment(&provider).await,
        [row("wa", "WhatsApp", "2500"), row("tg", "Telegram", "5000")]
    );
}

#[rstest]
#[case(r#"{"status":true,"data":[{"slug":"wa","name":"WhatsApp","price":2500}]}"#)]
#[case(r#"{"status":true,"data":{"services":[{"code":"wa","serviceName":"WhatsApp","price":"2500"}]}}"#)]
#[case(r#"{"status":true,"services":[{"service":"wa","title":"WhatsApp","cost":2500}]}"#)]
#[case(r#"[{"id":1,"slug":"wa","name":"WhatsApp","price":2500},{"slug":"x","name":"X","price":"soon"}]"#)]
#[case(r#"{"status":true,"data":{"wa":{"id":7,"name":"WhatsApp","price":2500}}}"#)]
#[case(r#"{"success":true,"data":{"0":{"slug":"wa","name":"WhatsApp","price":2500},"1":{"slug":"tg","name":"Telegram","price":1,"active":false}}}"#)]
#[tokio::test]
async fn a_list_of_services_is_read_in_many_shapes(#[case] body: &str) {
    let upstream = Upstream::start().await;
    upstream
        .on(OPERATORS, Answer::fixture("otpgan/operators.json"))
        .on(SERVICES, Answer::json(body));
    let provider = open_with(&upstream, Services::Online);
    let row = ["wa", "WhatsApp", "2500"].map(str::to_owned);
    assert_eq!(assortment(&provider).await, [row.into()]);
}

#[rstest]
#[case(Answer::fault("bare 404"))]
#[case(Answer::json(r#"{"status":true,"data":"soon"}"#))]
#[case(Answer::json(r#"{"status":false,"message":"no"}"#))]
#[tokio::test]
async fn without_a_list_of_services_nothing_is_made_up(#[case] answer: Answer) {
    let upstream = Upstream::start().await;
    upstream
        .on(OPERATORS, Answer::fixture("otpgan/operators.json"))
        .on(SERVICES, answer);
    let provider = open_with(&upstream, Services::Online);
    assert!(provider.assortment("6").await.is_err());
}

#[rstest]
#[case(Some("TSEL"), r#"{"service":"wa","operator":"TSEL"}"#)]
#[case(None, r#"{"service":"wa"}"#)]
#[tokio::test]
async fn a_number_is_bought(#[case] operator: Option<&str>, #[case] body: &str) {
    let upstream = Upstream::start().await;
    upstream.on(CREATE, Answer::fixture("otpgan/order.json"));
    let answer = open(&upstream).buy(&purchase(operator)).await;
    let PurchaseAnswer::Bought(bought) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(bought.upstream_id, id());
    assert_eq!(bought.number, NUMBER);
    assert_eq!(bought.cost.unwrap().amount.to_string(), "2500");
    let seen = upstream.seen(CREATE);
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].body, body);
    assert_eq!(seen[0].query["api_key"], KEY);
}

#[rstest]
#[case(
    404,
    "Service not found or inactive",
    not_found("Service not found or inactive")
)]
#[case(400, "Insufficient balance", ProviderError::NoFunds)]
#[case(502, "Failed to get number", ProviderError::OutOfStock)]
#[case(401, "Invalid API key", refused("Invalid API key"))]
#[tokio::test]
async fn a_refused_purchase_is_surely_not_bought(
    #[case] status: u16,
    #[case] text: &str,
    #[case] expected: ProviderError,
    #[values(
        r#"{"status":false,"message":"TEXT"}"#,
        r#"{"status":false,"error":{"message":"TEXT"},"data":null}"#,
        r#"{"error":"TEXT"}"#,
        r#"{"success":false,"msg":"TEXT"}"#,
        r#"{"statusCode":400,"message":"TEXT","error":"Bad Request"}"#
    )]
    shape: &str,
) {
    for status in [200, status] {
        let upstream = Upstream::start().await;
        let body = shape.replace("TEXT", text);
        upstream.on(CREATE, Answer::http(status, "", body.as_bytes()));
        let answer = open(&upstream).buy(&purchase(None)).await;
        let PurchaseAnswer::Rejected(error) = answer else {
            panic!("HTTP {status}: {answer:?}");
        };
        assert_eq!(error, expected, "HTTP {status}");
        assert_eq!(upstream.seen(CREATE).len(), 1);
    }
}

#[rstest]
#[case(400, r#"{"message":"A new rule"}"#, "HTTP 400: A new rule")]
#[case(401, r#"{"error":{"message":"Who are you"}}"#, "HTTP 401: Who are you")]
#[case(400, r#"{"status":false,"message":"A new rule"}"#, "A new rule")]
#[case(200, r#"{"status":false,"msg":"A new rule"}"#, "A new rule")]
#[tokio::test]
async fn an_unknown_refusal_is_one_by_its_status(
    #[case] status: u16,
    #[case] body: &str,
    #[case] text: &str,
) {
    let upstream = Upstream::start().await;
    upstream.on(CREATE, Answer::http(status, "", body.as_bytes()));
    let answer = open(&upstream).buy(&purchase(None)).await;
    let PurchaseAnswer::Rejected(error) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(error, refused(text));
}

#[rstest]
#[case(500, r#"{"status":false,"message":"Internal error"}"#)]
#[case(502, r#"{"message":"Upstream failed"}"#)]
#[case(200, r#"{"message":"A new rule"}"#)]
#[case(
    400,
    r#"{"status":false,"message":"Insufficient balance","data":{"orderId":"3f2a"}}"#
)]
#[case(
    400,
    r#"{"status":false,"message":"x","data":{"phoneNumber":"081234500001"}}"#
)]
#[case(200, r#"{"status":true,"data":{"orderId":"3f2a"}}"#)]
#[case(200, r#"{"status":true,"data":{"orderId":null,"phoneNumber":null}}"#)]
#[case(200, r#"{"status":true}"#)]
#[case(429, r#"{"status":false,"message":"Too many requests"}"#)]
#[tokio::test]
async fn a_purchase_that_could_have_happened_is_ambiguous(#[case] status: u16, #[case] body: &str) {
    let upstream = Upstream::start().await;
    upstream.on(CREATE, Answer::http(status, "", body.as_bytes()));
    let answer = open(&upstream).buy(&purchase(None)).await;
    assert!(matches!(answer, PurchaseAnswer::Ambiguous(_)), "{answer:?}");
    assert_eq!(upstream.seen(CREATE).len(), 1);
    assert_clean(&format!("{answer:?}"));
}

#[rstest]
#[case("pending", ActivationState::Waiting, None)]
#[case("received", ActivationState::Received, Some("4821"))]
#[case("completed", ActivationState::Finished, Some("4821"))]
#[case("expired", ActivationState::Cancelled, None)]
#[case("cancelled", ActivationState::Cancelled, None)]
#[tokio::test]
async fn one_order_is_asked_about(
    #[case] word: &str,
    #[case] state: ActivationState,
    #[case] sms: Option<&str>,
) {
    let upstream = Upstream::start().await;
    let fixture = format!("otpgan/status_{word}.json");
    upstream.on(STATUS, Answer::fixture(&fixture));
    let order = open(&upstream).status(&id()).await.unwrap();
    assert_eq!(order.upstream_id, id());
    assert_eq!(order.state, state);
    assert_eq!(order.number.as_deref(), Some(NUMBER));
    assert_eq!(order.sms.as_deref(), sms);
    assert_eq!(order.service_name.as_deref(), Some("WhatsApp"));
    assert_eq!(upstream.wait_for(STATUS).await.query["order_id"], ID);
}

#[rstest]
#[case(
    r#"{"status":true,"data":{"status":"received","otpCode":"-"}}"#,
    ActivationState::Waiting,
    None
)]
#[case(
    r#"{"status":true,"data":{"status":"received","otpCode":4821}}"#,
    ActivationState::Received,
    Some("4821")
)]
#[case(r#"{"status":true,"data":{"status":"dreaming"}}"#, ActivationState::Other("dreaming".to_owned()), None)]
#[tokio::test]
async fn a_status_may_say_little(
    #[case] body: &str,
    #[case] state: ActivationState,
    #[case] sms: Option<&str>,
) {
    let upstream = Upstream::start().await;
    upstream.on(STATUS, Answer::json(body));
    let order = open(&upstream).status(&id()).await.unwrap();
    assert_eq!(order.state, state);
    assert_eq!(order.sms.as_deref(), sms);
}

#[rstest]
#[case(
    404,
    r#"{"status":false,"message":"Order not found"}"#,
    not_found("Order not found")
)]
// A path that is not there says nothing about the order.
#[case(404, r#"{"statusCode":404,"message":"Cannot GET /api/order/status","error":"Not Found"}"#,
    ProviderError::Unavailable("HTTP 404: Cannot GET /api/order/status".to_owned()))]
#[case(200, r#"{"status":true,"data":[]}"#,
    ProviderError::Protocol("the status of another order".to_owned()))]
#[tokio::test]
async fn an_order_that_is_not_shown_is_not_cancelled(
    #[case] status: u16,
    #[case] body: &str,
    #[case] expected: ProviderError,
) {
    let upstream = Upstream::start().await;
    upstream.on(STATUS, Answer::http(status, "", body.as_bytes()));
    let error = open(&upstream).status(&id()).await.unwrap_err();
    assert_eq!(error, expected);
}

#[tokio::test]
async fn the_status_of_another_order_is_not_taken() {
    let upstream = Upstream::start().await;
    upstream.on(STATUS, Answer::fixture("otpgan/status_cancelled.json"));
    let error = open(&upstream).status(&"another".into()).await.unwrap_err();
    assert!(matches!(error, ProviderError::Protocol(_)), "{error:?}");
}

#[rstest]
#[case(
    200,
    r#"{"status":true,"data":{"action":"cancel","message":"ok"}}"#,
    CancelAnswer::Cancelled
)]
#[case(200, r#"{"status":true}"#, CancelAnswer::Cancelled)]
#[case(
    400,
    r#"{"status":false,"message":"Only pending orders can be cancelled"}"#,
    CancelAnswer::AlreadyClosed
)]
#[case(
    400,
    r#"{"error":{"message":"Only pending orders can be cancelled"}}"#,
    CancelAnswer::AlreadyClosed
)]
#[case(400, r#"{"message":"Please wait"}"#, CancelAnswer::NotNow)]
#[tokio::test]
async fn a_cancellation_is_answered(
    #[case] status: u16,
    #[case] body: &str,
    #[case] expected: CancelAnswer,
) {
    let upstream = Upstream::start().await;
    upstream.on(CHANGE, Answer::http(status, "", body.as_bytes()));
    assert_eq!(open(&upstream).cancel(&id()).await.unwrap(), expected);
    let seen = upstream.seen(CHANGE);
    assert_eq!(seen.len(), 1);
    assert_eq!(
        seen[0].body,
        format!(r#"{{"order_id":"{ID}","action":"cancel"}}"#)
    );
}

#[rstest]
#[case(404, r#"{"status":false,"message":"Order not found"}"#, "NotFound")]
#[case(401, r#"{"status":false,"message":"Invalid API key"}"#, "Refused")]
#[case(500, r#"{"status":false,"message":"Oops"}"#, "Unavailable")]
#[case(200, r#"{"status":true,"data":{"orderId":"another"}}"#, "Protocol")]
#[case(200, r#"{"status":true,"data":{"action":"finish"}}"#, "Protocol")]
#[tokio::test]
async fn any_other_answer_to_a_cancellation_is_an_error(
    #[case] status: u16,
    #[case] body: &str,
    #[case] kind: &str,
) {
    let upstream = Upstream::start().await;
    upstream.on(CHANGE, Answer::http(status, "", body.as_bytes()));
    let error = open(&upstream).cancel(&id()).await.unwrap_err();
    assert!(format!("{error:?}").starts_with(kind), "{error:?}");
}

#[tokio::test]
async fn an_order_is_finished_and_gets_no_other_sms() {
    let upstream = Upstream::start().await;
    let refusal = r#"{"status":false,"message":"Only orders with received OTP can be finished"}"#;
    upstream
        .on(CHANGE, Answer::fixture("otpgan/finish.json"))
        .on(CHANGE, Answer::http(400, "", refusal.as_bytes()));
    let provider = open(&upstream);
    provider.finish(&id()).await.unwrap();
    assert_eq!(
        provider.finish(&id()).await.unwrap_err(),
        refused("Only orders with received OTP can be finished")
    );
    assert!(!provider.capabilities().resend);
    assert!(provider.resend(&id()).await.is_err());
    let seen = upstream.seen(CHANGE);
    assert_eq!(seen.len(), 2);
    assert_eq!(
        seen[0].body,
        format!(r#"{{"order_id":"{ID}","action":"finish"}}"#)
    );
}

#[tokio::test]
async fn there_is_no_list_of_open_orders() {
    let upstream = Upstream::start().await;
    let provider = open(&upstream);
    assert!(provider.open_orders().await.unwrap().is_none());
    assert!(!provider.capabilities().batch_poll);
}

#[rstest]
#[tokio::test]
async fn a_useless_answer_is_a_doubt_or_an_error_without_secrets(
    #[values(0, 1, 2, 3, 4, 5, 6)] part: usize,
) {
    for fault in &FAULTS[part * 3..part * 3 + 3] {
        let upstream = Upstream::start().await;
        for action in [ACCOUNT, CREATE, STATUS, CHANGE] {
            upstream.on(action, Answer::fault(fault));
        }
        // Each call has its own connection: after a 429 one sends nothing for a while.
        let [buying, status, finish, cancel, balance] = [(); 5].map(|()| open(&upstream));
        let (purchase, order) = (purchase(None), id());
        let (bought, status, finish, cancel, balance) = tokio::join!(
            buying.buy(&purchase),
            status.status(&order),
            finish.finish(&order),
            cancel.cancel(&order),
            balance.balance(),
        );
        assert!(
            matches!(bought, PurchaseAnswer::Ambiguous(_)),
            "{fault}: {bought:?}"
        );
        assert_eq!(upstream.seen(CREATE).len(), 1, "{fault}");
        assert_eq!(upstream.seen(CHANGE).len(), 2, "{fault}");
        let errors = [
            status.unwrap_err(),
            finish.unwrap_err(),
            cancel.unwrap_err(),
            balance.unwrap_err(),
        ];
        assert_clean(&format!("{bought:?} {errors:?}"));
    }
}
