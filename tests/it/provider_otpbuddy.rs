//! OTPBuddy: each documented answer and code, and each way in which an answer is of no use.

use numshop::domain::id::UpstreamId;
use numshop::provider::otpbuddy::OtpBuddy;
use numshop::provider::{
    ActivationState, CancelAnswer, Provider, ProviderError, Purchase, PurchaseAnswer,
};
use rstest::rstest;

use crate::provider_server::{Answer, FAULTS, KEY, Upstream, assert_clean};

const ID: &str = "63dca6f1e2d3c4b5a6978899";
const INDIAN: &str = "916300012345";
const BALANCE: &str = "GET /v1/api/getBalance";
const PRODUCTS: &str = "GET /v1/api/getProducts";
const NUMBER: &str = "GET /v1/api/getNumber";
const SMS: &str = "GET /v1/api/getSms";
const STATUS: &str = "GET /v1/api/getStatus";
const SET_STATUS: &str = "GET /v1/api/setStatus";
const CANCEL: &str = "GET /v1/api/cancelNumber";

fn open(upstream: &Upstream) -> OtpBuddy {
    OtpBuddy::new(upstream.http("/v1/api", OtpBuddy::account))
}

fn id() -> UpstreamId {
    ID.into()
}

fn purchase() -> Purchase {
    Purchase {
        country_code: "in".to_owned(),
        service_code: "101".to_owned(),
        operator: None,
        max_cost: 48.into(),
    }
}

fn other(word: &str) -> ActivationState {
    ActivationState::Other(word.to_owned())
}

#[tokio::test]
async fn the_balance_is_in_rupees() {
    let upstream = Upstream::start().await;
    upstream.on(BALANCE, Answer::fixture("otpbuddy/balance.json"));
    let balance = open(&upstream).balance().await.unwrap();
    assert_eq!(balance.amount.to_string(), "42.5");
    assert_eq!(balance.currency, "INR");
    assert_eq!(upstream.wait_for(BALANCE).await.query["token"], KEY);
}

#[rstest]
#[case(Answer::fixture("otpbuddy/products_map.json"))]
#[case(Answer::fixture("otpbuddy/products_list.json"))]
#[case(Answer::json(
    r#"{"whatsapp":{"id":101,"price":"48"},"amazon":{"id":"112","price":12.50}}"#
))]
#[case(Answer::json(r#"{"status":"200","data":[{"product_name":"amazon","price":12.50,"product_id":112},{"product_name":"whatsapp","price":48,"product_id":101}]}"#))]
#[case(Answer::json(r#"{"status":200,"data":{"0":{"product_name":"amazon","price":12.50,"product_id":112},"1":{"product_name":"whatsapp","price":48,"product_id":101}}}"#))]
#[tokio::test]
async fn products_are_read_in_many_shapes(#[case] answer: Answer) {
    let upstream = Upstream::start().await;
    upstream.on(PRODUCTS, answer);
    let provider = open(&upstream);
    let countries = provider.countries().await.unwrap();
    assert_eq!(countries[0].code, "in");
    assert_eq!(countries[0].name, "India");
    let assortment = provider.assortment("in").await.unwrap();
    assert!(assortment.operators.is_empty());
    let mut rows: Vec<_> = assortment
        .listings
        .iter()
        .map(|row| {
            assert_eq!(row.cost.currency, "INR");
            let price = row.cost.amount.to_string();
            (row.service_code.as_str(), row.service_name.as_str(), price)
        })
        .collect();
    rows.sort();
    assert_eq!(
        rows,
        [
            ("101", "whatsapp", "48".to_owned()),
            ("112", "amazon", "12.50".to_owned())
        ]
    );
}

#[rstest]
#[case("bare 404")]
#[case("html page")]
#[case("wrong types")]
#[tokio::test]
async fn the_list_of_products_may_have_the_name_in_the_document(#[case] fault: &str) {
    let upstream = Upstream::start().await;
    upstream
        .on(PRODUCTS, Answer::fault(fault))
        .on(STATUS, Answer::fixture("otpbuddy/products_map.json"));
    let assortment = open(&upstream).assortment("in").await.unwrap();
    assert_eq!(assortment.listings.len(), 2);
    assert!(!upstream.wait_for(STATUS).await.query.contains_key("id"));
}

#[rstest]
#[case(r#"{"status":200,"data":"soon"}"#)]
#[case(r#"{"status":200,"data":null}"#)]
#[case(r#"{"status":206,"message":"Invalid parameter"}"#)]
#[case("{}")]
#[tokio::test]
async fn what_is_no_list_of_products_is_an_error(#[case] body: &str) {
    let upstream = Upstream::start().await;
    upstream
        .on(PRODUCTS, Answer::json(body))
        .on(STATUS, Answer::json(body));
    assert!(open(&upstream).assortment("in").await.is_err());
}

#[rstest]
#[case("916300012345")]
#[case("+91 63000 12345")]
#[case("6300012345")]
#[tokio::test]
async fn a_number_is_bought(#[case] number: &str) {
    let upstream = Upstream::start().await;
    let body = format!(r#"{{"status":"200","data":{{"number":"{number}","id":"{ID}"}}}}"#);
    upstream.on(NUMBER, Answer::json(&body));
    let answer = open(&upstream).buy(&purchase()).await;
    let PurchaseAnswer::Bought(bought) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(bought.upstream_id, id());
    assert_eq!(bought.number, INDIAN);
    assert_eq!(bought.cost, None);
    let seen = upstream.seen(NUMBER);
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].query["server"], "in");
    assert_eq!(seen[0].query["product_id"], "101");
}

#[rstest]
#[case("201", ProviderError::NotFound("a text".to_owned()))]
#[case("202", ProviderError::NoFunds)]
#[case("203", ProviderError::NotFound("a text".to_owned()))]
#[case("206", ProviderError::Refused("a text".to_owned()))]
#[tokio::test]
async fn a_refused_purchase_is_surely_not_bought(
    #[case] code: &str,
    #[case] expected: ProviderError,
    #[values(200, 400, 500)] status: u16,
    #[values(
        "{\"status\":CODE,\"message\":\"a text\"}",
        "{\"status\":\"CODE\",\"data\":{\"message\":\"a text\"}}"
    )]
    shape: &str,
) {
    let upstream = Upstream::start().await;
    let body = shape.replace("CODE", code);
    upstream.on(NUMBER, Answer::http(status, "", body.as_bytes()));
    let answer = open(&upstream).buy(&purchase()).await;
    let PurchaseAnswer::Rejected(error) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(error, expected);
    assert_eq!(upstream.seen(NUMBER).len(), 1);
}

#[rstest]
#[case(200, r#"{"status":202}"#, ProviderError::NoFunds)]
#[case(200, r#"{"status":203}"#, ProviderError::NotFound("status 203".to_owned()))]
#[case(
    500,
    r#"{"status":205,"message":"No numbers available"}"#,
    ProviderError::OutOfStock
)]
#[case(401, r#"{"status":401,"message":"Who are you"}"#, ProviderError::Refused("HTTP 401: Who are you".to_owned()))]
#[case(200, r#"{"status":206,"message":"Invalid token"}"#, ProviderError::Refused("Invalid token".to_owned()))]
#[tokio::test]
async fn a_refusal_may_say_less_or_more(
    #[case] status: u16,
    #[case] body: &str,
    #[case] expected: ProviderError,
) {
    let upstream = Upstream::start().await;
    upstream.on(NUMBER, Answer::http(status, "", body.as_bytes()));
    let answer = open(&upstream).buy(&purchase()).await;
    let PurchaseAnswer::Rejected(error) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(error, expected);
}

#[rstest]
#[case(r#"{"status":205,"message":"Server error"}"#)]
#[case(r#"{"status":"205"}"#)]
#[case(r#"{"status":204,"message":"Number expired"}"#)]
#[case(r#"{"status":210}"#)]
#[case(r#"{"status":999,"message":"A new rule"}"#)]
#[case(r#"{"status":202,"data":{"id":"63dca6"}}"#)]
#[case(r#"{"status":203,"data":{"number":"916300012345"}}"#)]
#[case(r#"{"status":200,"data":{"id":"63dca6"}}"#)]
#[case(r#"{"status":200,"data":{"number":"916300012345"}}"#)]
#[case(r#"{"status":200,"data":{"number":"soon","id":"63dca6"}}"#)]
#[case(r#"{"status":200}"#)]
#[tokio::test]
async fn a_purchase_that_could_have_happened_is_ambiguous(#[case] body: &str) {
    let upstream = Upstream::start().await;
    upstream.on(NUMBER, Answer::json(body));
    let answer = open(&upstream).buy(&purchase()).await;
    assert!(matches!(answer, PurchaseAnswer::Ambiguous(_)), "{answer:?}");
    assert_eq!(upstream.seen(NUMBER).len(), 1);
    assert!(!format!("{answer:?}").contains(INDIAN));
}

#[rstest]
#[case(
    Answer::fixture("otpbuddy/sms.json"),
    Some("Your Amazon OTP is 4821. Your order was cancelled.")
)]
#[case(
    Answer::fixture("otpbuddy/sms_data.json"),
    Some("Your Amazon OTP is 4821")
)]
#[case(
    Answer::json(r#"{"status":"200","data":{"message":"OTP 4821"}}"#),
    Some("OTP 4821")
)]
#[case(Answer::json(r#"{"status":200,"data":{"otp":"4821"}}"#), Some("4821"))]
#[case(Answer::json(r#"{"status":200,"data":{"code":4821}}"#), Some("4821"))]
#[case(Answer::json(r#"{"status":200,"data":"OTP 4821"}"#), Some("OTP 4821"))]
#[case(
    Answer::json(r#"{"status":200,"message":"success","data":{"sms":"OTP 4821"}}"#),
    Some("OTP 4821")
)]
#[case(
    Answer::json(r#"{"status":200,"message":"success","data":{"sms":"-"}}"#),
    None
)]
#[case(Answer::json(r#"{"status":200,"message":"Success."}"#), None)]
#[case(Answer::json(r#"{"status":200,"message":"","data":null}"#), None)]
#[case(
    Answer::json(r#"{"status":200,"message":"OTP 4821","data":{"message":"success"}}"#),
    Some("OTP 4821")
)]
#[case(Answer::json(r#"{"status":200,"message":"Waiting for SMS..."}"#), None)]
#[case(Answer::json(r#"{"status":200,"data":{"sms":"No SMS"}}"#), None)]
#[case(Answer::fixture("otpbuddy/waiting.json"), None)]
#[case(Answer::http(404, "", br#"{"status":210}"#), None)]
#[tokio::test]
async fn an_sms_is_found_wherever_it_stands(#[case] answer: Answer, #[case] sms: Option<&str>) {
    let upstream = Upstream::start().await;
    upstream.on(SMS, answer);
    let order = open(&upstream).status(&id()).await.unwrap();
    let state = match sms {
        Some(_) => ActivationState::Received,
        None => ActivationState::Waiting,
    };
    assert_eq!(order.state, state);
    assert_eq!(order.sms.as_deref(), sms);
    assert_eq!(upstream.wait_for(SMS).await.query["id"], ID);
    assert!(upstream.seen(STATUS).is_empty());
}

#[rstest]
// That a number ran out, or that its id leads nowhere, is no proof that it was paid back.
#[case(
    204,
    r#"{"status":204,"message":"Number expired"}"#,
    other("the number expired")
)]
#[case(204, r#"{"status":"201"}"#, other("an invalid id"))]
#[case(201, r#"{"status":201}"#, other("an invalid id"))]
#[case(201, r#"{"status":204}"#, other("the number expired"))]
#[case(204, r#"{"status":200}"#, other("no SMS is shown"))]
#[case(
    204,
    r#"{"status":200,"message":"Order cancelled"}"#,
    other("no SMS is shown")
)]
#[case(201, r#"{"status":210}"#, ActivationState::Waiting)]
#[case(
    204,
    r#"{"status":204,"message":"Number was not cancelled"}"#,
    other("the number expired")
)]
#[case(
    204,
    r#"{"status":204,"message":"Number cancelled and refunded"}"#,
    ActivationState::Cancelled
)]
#[case(
    201,
    r#"{"status":201,"data":{"message":"Order already canceled"}}"#,
    ActivationState::Cancelled
)]
#[tokio::test]
async fn an_order_is_cancelled_only_in_so_many_words(
    #[case] code: u16,
    #[case] status: &str,
    #[case] expected: ActivationState,
) {
    let upstream = Upstream::start().await;
    upstream
        .on(SMS, Answer::json(&format!(r#"{{"status":{code}}}"#)))
        .on(STATUS, Answer::json(status));
    let order = open(&upstream).status(&id()).await.unwrap();
    assert_eq!(order.state, expected);
    assert_eq!(order.sms, None);
    assert_eq!(upstream.wait_for(STATUS).await.query["id"], ID);
}

#[rstest]
#[case(200, r#"{"status":205}"#, "Unavailable")]
#[case(500, r#"{"status":"205","message":"Server error"}"#, "Unavailable")]
#[case(200, r#"{"status":206,"message":"Invalid token"}"#, "Refused")]
#[case(200, r#"{"status":202}"#, "NoFunds")]
// Of a product, which was not asked for: the order is not gone because of it.
#[case(200, r#"{"status":203,"message":"Product not found"}"#, "Protocol")]
#[case(200, r#"{"status":999}"#, "Protocol")]
#[case(404, r#"{"message":"Not Found"}"#, "Unavailable")]
#[tokio::test]
async fn an_answer_that_says_nothing_of_the_order_is_an_error(
    #[case] status: u16,
    #[case] body: &str,
    #[case] kind: &str,
    #[values(SMS, STATUS)] call: &str,
) {
    let upstream = Upstream::start().await;
    upstream
        .on(call, Answer::http(status, "", body.as_bytes()))
        .on(SMS, Answer::json(r#"{"status":204}"#));
    let error = open(&upstream).status(&id()).await.unwrap_err();
    assert!(format!("{error:?}").starts_with(kind), "{error:?}");
}

#[rstest]
#[case(
    r#"{"status":200,"message":"Number cancelled"}"#,
    CancelAnswer::Cancelled
)]
#[case(r#"{"status":"200"}"#, CancelAnswer::Cancelled)]
#[case(r#"{"status":200,"message":"success"}"#, CancelAnswer::Cancelled)]
#[case(
    r#"{"status":200,"data":{"message":"Order cancelled successfully"}}"#,
    CancelAnswer::Cancelled
)]
// A success that says something else is looked into.
#[case(
    r#"{"status":200,"message":"Your Amazon OTP is 4821"}"#,
    CancelAnswer::NotNow
)]
#[case(r#"{"status":200,"data":{"sms":"4821"}}"#, CancelAnswer::NotNow)]
#[case(
    r#"{"status":200,"message":"Number can not be cancelled"}"#,
    CancelAnswer::NotNow
)]
#[case(r#"{"status":200,"message":"Waiting for SMS"}"#, CancelAnswer::NotNow)]
#[case(
    r#"{"status":200,"message":"Your OTP is 4821","data":{"message":"success"}}"#,
    CancelAnswer::NotNow
)]
#[case(r#"{"status":210}"#, CancelAnswer::NotNow)]
#[case(r#"{"status":204}"#, CancelAnswer::AlreadyClosed)]
#[case(
    r#"{"status":201,"message":"Already cancelled"}"#,
    CancelAnswer::AlreadyClosed
)]
#[tokio::test]
async fn a_cancellation_is_answered(#[case] body: &str, #[case] expected: CancelAnswer) {
    let upstream = Upstream::start().await;
    upstream.on(SET_STATUS, Answer::json(body));
    assert_eq!(open(&upstream).cancel(&id()).await.unwrap(), expected);
    let seen = upstream.seen(SET_STATUS);
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].query["id"], ID);
    assert_eq!(seen[0].query["status"], "8");
    assert!(upstream.seen(CANCEL).is_empty());
}

#[rstest]
#[case(Answer::fault("bare 404"))]
#[case(Answer::fault("html page"))]
#[case(Answer::http(404, "", br#"{"message":"Cannot GET /v1/api/setStatus"}"#))]
#[case(Answer::http(405, "", b"no"))]
#[case(Answer::json(r#"{"status":206,"message":"Invalid parameter"}"#))]
#[tokio::test]
async fn the_newer_call_cancels_where_the_older_one_is_gone(#[case] gone: Answer) {
    let upstream = Upstream::start().await;
    upstream
        .on(SET_STATUS, gone)
        .on(CANCEL, Answer::fixture("otpbuddy/cancelled.json"));
    let answer = open(&upstream).cancel(&id()).await.unwrap();
    assert_eq!(answer, CancelAnswer::Cancelled);
    let seen = upstream.seen(CANCEL);
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].query["id"], ID);
    assert!(!seen[0].query.contains_key("status"));
}

#[rstest]
#[case(r#"{"status":201,"message":"Invalid id"}"#, "NotFound")]
#[case(r#"{"status":205}"#, "Unavailable")]
#[case(r#"{"status":999}"#, "Protocol")]
#[tokio::test]
async fn any_other_answer_to_a_cancellation_is_an_error(#[case] body: &str, #[case] kind: &str) {
    let upstream = Upstream::start().await;
    upstream.on(SET_STATUS, Answer::json(body));
    let error = open(&upstream).cancel(&id()).await.unwrap_err();
    assert!(format!("{error:?}").starts_with(kind), "{error:?}");
    assert!(upstream.seen(CANCEL).is_empty());
}

#[tokio::test]
async fn a_call_that_neither_name_knows_is_an_error() {
    let upstream = Upstream::start().await;
    upstream
        .on(SET_STATUS, Answer::json(r#"{"status":206,"message":"No"}"#))
        .on(CANCEL, Answer::fault("bare 404"));
    let error = open(&upstream).cancel(&id()).await.unwrap_err();
    assert_eq!(error, ProviderError::Refused("No".to_owned()));
}

#[rstest]
#[case("dropped")]
#[case("slow")]
#[tokio::test]
async fn a_cancellation_whose_answer_was_lost_is_in_doubt_and_not_sent_again(#[case] fault: &str) {
    let upstream = Upstream::start().await;
    upstream.on(SET_STATUS, Answer::fault(fault));
    let error = open(&upstream).cancel(&id()).await.unwrap_err();
    assert!(matches!(error, ProviderError::Ambiguous(_)), "{error:?}");
    assert_eq!(upstream.seen(SET_STATUS).len(), 1);
    assert!(upstream.seen(CANCEL).is_empty());
}

#[tokio::test]
async fn what_it_cannot_do_is_not_offered() {
    let upstream = Upstream::start().await;
    let provider = open(&upstream);
    let can = provider.capabilities();
    assert!(!can.resend && !can.finish && !can.batch_poll && can.balance);
    assert!(provider.resend(&id()).await.is_err());
    assert!(provider.finish(&id()).await.is_err());
    assert!(provider.open_orders().await.unwrap().is_none());
}

#[rstest]
#[tokio::test]
async fn a_useless_answer_is_a_doubt_or_an_error_without_secrets(
    #[values(0, 1, 2, 3, 4, 5, 6)] part: usize,
) {
    for fault in &FAULTS[part * 3..part * 3 + 3] {
        let upstream = Upstream::start().await;
        for action in [BALANCE, NUMBER, SMS, SET_STATUS, CANCEL] {
            upstream.on(action, Answer::fault(fault));
        }
        // Each call has its own connection: after a 429 one sends nothing for a while.
        let [buying, status, cancel, balance] = [(); 4].map(|()| open(&upstream));
        let (purchase, order) = (purchase(), id());
        let (bought, status, cancel, balance) = tokio::join!(
            buying.buy(&purchase),
            status.status(&order),
            cancel.cancel(&order),
            balance.balance(),
        );
        assert!(
            matches!(bought, PurchaseAnswer::Ambiguous(_)),
            "{fault}: {bought:?}"
        );
        assert_eq!(upstream.seen(NUMBER).len(), 1, "{fault}");
        assert_eq!(upstream.seen(SET_STATUS).len(), 1, "{fault}");
        let errors = [
            status.unwrap_err(),
            cancel.unwrap_err(),
            balance.unwrap_err(),
        ];
        assert_clean(&format!("{bought:?} {errors:?}"));
    }
}
