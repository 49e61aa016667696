//! OTPGet's activations: each answer and its variants, each refusal.

use numshop::domain::id::UpstreamId;
use numshop::provider::otpget::OtpGet;
use numshop::provider::{
    ActivationState, CancelAnswer, Provider, ProviderError, Purchase, PurchaseAnswer,
};
use rstest::rstest;

use crate::provider_server::{Answer, FAULTS, KEY, NUMBER, Upstream, assert_clean};

fn open(upstream: &Upstream) -> OtpGet {
    OtpGet::new(upstream.http("/stubs", OtpGet::account))
}

fn id() -> UpstreamId {
    "90417".into()
}

fn purchase() -> Purchase {
    Purchase {
        country_code: "1/33".to_owned(),
        service_code: "102".to_owned(),
        operator: None,
        max_cost: "60.00".parse().unwrap(),
    }
}

fn fixture(name: &str) -> Answer {
    Answer::fixture(&format!("otpget/{name}"))
}

async fn bought_by(answer: Answer) -> (Upstream, PurchaseAnswer) {
    let upstream = Upstream::start().await;
    upstream.on("getNumber", answer);
    let answer = open(&upstream).buy(&purchase()).await;
    assert_eq!(upstream.seen("getNumber").len(), 1);
    assert_clean(&format!("{answer:?}"));
    (upstream, answer)
}

#[tokio::test]
async fn the_balance_keeps_its_digits() {
    let upstream = Upstream::start().await;
    upstream.on("getBalance", Answer::json("ACCESS_BALANCE:500.00"));
    let balance = open(&upstream).balance().await.unwrap();
    assert_eq!(
        (
            balance.amount.to_string().as_str(),
            balance.currency.as_str()
        ),
        ("500.00", "PKR")
    );
    let seen = upstream.wait_for("getBalance").await;
    assert_eq!(seen.query["api_key"], KEY);
    assert_eq!(seen.path, "/stubs/handler_api.php");
}

#[tokio::test]
async fn each_type_s_countries_are_counted_once() {
    let upstream = Upstream::start().await;
    // Every answer holds two types, whichever was asked for.
    upstream.on("getCountries", fixture("countries.json"));
    let countries = open(&upstream).countries().await.unwrap();
    let rows: Vec<_> = countries
        .iter()
        .map(|row| (row.code.as_str(), row.name.as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            ("1/33", "Canada"),
            ("1/92", "Pakistan"),
            ("2/33", "Indonesia")
        ]
    );
    let types: Vec<_> = upstream
        .seen("getCountries")
        .into_iter()
        .map(|seen| seen.query["type"].clone())
        .collect();
    assert_eq!(types, ["1", "2", "3", "4", "5", "6"]);
}

#[tokio::test]
async fn a_type_that_fails_takes_no_other_away() {
    let upstream = Upstream::start().await;
    upstream
        .on("getCountries", Answer::json("BAD_TYPE"))
        .on(
            "getCountries",
            Answer::json(r#"[{"id":"33","name":"Indonesia"}]"#),
        )
        .on("getCountries", Answer::json("[]"))
        .on("getCountries", Answer::json("ERROR_PROVIDER_4:down"));
    let countries = open(&upstream).countries().await.unwrap();
    assert_eq!(countries.len(), 1);
    assert_eq!(countries[0].code, "2/33");

    let upstream = Upstream::start().await;
    upstream.on("getCountries", Answer::json("BAD_KEY"));
    let error = open(&upstream).countries().await.unwrap_err();
    assert_eq!(error, refused("BAD_KEY"));
}

#[rstest]
#[tokio::test]
async fn services_are_names_with_prices(#[values(false, true)] wrapped: bool) {
    let upstream = Upstream::start().await;
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/otpget/services.json"
    );
    let mut services = std::fs::read_to_string(file).unwrap();
    if wrapped {
        services = format!("{{\"1\":{services}}}");
    }
    upstream.on("getServices", Answer::json(&services));
    let sold = open(&upstream).assortment("1/33").await.unwrap();
    assert!(sold.operators.is_empty());
    let rows: Vec<_> = sold
        .listings
        .iter()
        .map(|row| {
            let cost = row.cost.amount.to_string();
            (row.service_code.as_str(), row.service_name.as_str(), cost)
        })
        .collect();
    let row = |code, name, cost: &str| (code, name, cost.to_owned());
    assert_eq!(
        rows,
        [
            row("102", "WhatsApp", "60"),
            row("103", "Instagram", "55.50"),
            row("104", "Go - Jek", "12.00"),
        ]
    );
    assert!(
        sold.listings
            .iter()
            .all(|row| row.cost.currency == "PKR" && row.stock.is_none())
    );
    let seen = upstream.wait_for("getServices").await;
    assert_eq!(
        (seen.query["country"].as_str(), seen.query["type"].as_str()),
        ("33", "1")
    );
}

#[tokio::test]
async fn a_code_without_a_type_is_never_sent() {
    let upstream = Upstream::start().await;
    let provider = open(&upstream);
    assert!(matches!(
        provider.assortment("33").await,
        Err(ProviderError::NotFound(_))
    ));
    let purchase = Purchase {
        country_code: "33".to_owned(),
        ..purchase()
    };
    let answer = provider.buy(&purchase).await;
    assert!(matches!(answer, PurchaseAnswer::NotSent(_)), "{answer:?}");
}

#[rstest]
#[case("ACCESS_NUMBER:90417:6281234500001")]
#[case("ACCESS_NUMBER: 90417 : +62 812 3450 0001\n")]
#[case(r#""ACCESS_NUMBER:90417:6281234500001""#)]
#[tokio::test]
async fn a_number_is_bought(#[case] body: &str) {
    let (upstream, answer) = bought_by(Answer::json(body)).await;
    let PurchaseAnswer::Bought(bought) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!((bought.upstream_id, bought.number.as_str()), (id(), NUMBER));
    assert_eq!(bought.cost, None);
    let seen = &upstream.seen("getNumber")[0];
    for (name, value) in [
        ("service", "102"),
        ("country", "33"),
        ("type", "1"),
        ("maxPrice", "60"),
    ] {
        assert_eq!(seen.query[name], value);
    }
}

#[tokio::test]
async fn a_number_as_it_is_dialled_at_home_gets_its_country_s_code() {
    let upstream = Upstream::start().await;
    upstream
        .on("getCountries", fixture("countries.json"))
        .on("getNumber", Answer::json("ACCESS_NUMBER:90417:03001234567"));
    let provider = open(&upstream);
    provider.countries().await.unwrap();
    let purchase = Purchase {
        country_code: "1/92".to_owned(),
        ..purchase()
    };
    let PurchaseAnswer::Bought(bought) = provider.buy(&purchase).await else {
        panic!("not bought");
    };
    assert_eq!(bought.number, "923001234567");
}

fn not_found(text: &str) -> ProviderError {
    ProviderError::NotFound(text.to_owned())
}

fn refused(text: &str) -> ProviderError {
    ProviderError::Refused(text.to_owned())
}

fn unavailable(text: &str) -> ProviderError {
    ProviderError::Unavailable(text.to_owned())
}

#[rstest]
#[case("BAD_KEY", refused("BAD_KEY"))]
#[case("ACCOUNT_BLOCKED", refused("ACCOUNT_BLOCKED"))]
#[case("BAD_ACTION", refused("BAD_ACTION"))]
#[case("BAD_SERVICE", not_found("BAD_SERVICE"))]
#[case("BAD_COUNTRY", not_found("BAD_COUNTRY"))]
#[case("BAD_TYPE", refused("BAD_TYPE"))]
#[case("BAD_ID", not_found("BAD_ID"))]
#[case("BAD_STATUS", refused("BAD_STATUS"))]
#[case("NO_BALANCE", ProviderError::NoFunds)]
#[case("NO_NUMBERS", ProviderError::OutOfStock)]
#[case("NO_ACTIVATION", not_found("NO_ACTIVATION"))]
#[case("STATUS_ALREADY_CHANGED", refused("STATUS_ALREADY_CHANGED"))]
#[case("EARLY_CANCEL_DENIED", refused("EARLY_CANCEL_DENIED"))]
#[case("NO_SMS_RECEIVED", refused("NO_SMS_RECEIVED"))]
#[case("ERROR_PRICE_CHANGE", ProviderError::PriceRose)]
#[case("ERROR_PROVIDER_1:NO_NUMBERS", ProviderError::OutOfStock)]
#[case(
    "ERROR_PROVIDER_2:NO_BALANCE",
    unavailable("ERROR_PROVIDER_2:NO_BALANCE")
)]
#[case(
    "ERROR_PROVIDER_3:cURL error 28: timed out",
    unavailable("ERROR_PROVIDER_3:cURL error 28: timed out")
)]
#[case(
    r#"ERROR_PROVIDER_4:{"error":"bad: request","code":"X"}"#,
    unavailable(r#"ERROR_PROVIDER_4:{"error":"bad: request","code":"X"}"#)
)]
#[case("ERROR_PROVIDER_5:", unavailable("ERROR_PROVIDER_5:"))]
#[case("ERROR_PROVIDER_6", unavailable("ERROR_PROVIDER_6"))]
#[tokio::test]
async fn a_refused_purchase_is_surely_not_bought(
    #[case] text: &str,
    #[case] expected: ProviderError,
) {
    let (_, answer) = bought_by(Answer::json(&format!("{text}\n"))).await;
    let PurchaseAnswer::Rejected(error) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(error, expected);
}

#[rstest]
#[case("ACCESS_NUMBER:90417")]
#[case("ACCESS_NUMBER::6281234500001")]
#[case("ACCESS_NUMBER:90417:soon")]
#[case("ERROR_PROVIDER_1:ACCESS_NUMBER:90417:6281234500001")]
#[case(r#"ERROR_PROVIDER_3:{"phone":"6281234500001"}"#)]
#[case("MEDITATING")]
#[case("Number bought, see your account")]
#[tokio::test]
async fn a_purchase_that_could_have_happened_is_ambiguous(#[case] body: &str) {
    let (_, answer) = bought_by(Answer::json(body)).await;
    assert!(matches!(answer, PurchaseAnswer::Ambiguous(_)), "{answer:?}");
}

#[tokio::test]
async fn a_useless_answer_is_an_error_without_secrets_and_a_purchase_in_doubt() {
    for fault in FAULTS {
        let (upstream, answer) = bought_by(Answer::fault(fault)).await;
        assert!(
            matches!(answer, PurchaseAnswer::Ambiguous(_)),
            "{fault}: {answer:?}"
        );
        upstream
            .on("getStatus", Answer::fault(fault))
            .on("setStatus", Answer::fault(fault));
        let status = open(&upstream).status(&id()).await.map(|_| ()).unwrap_err();
        assert_clean(&format!("{fault}: {status} {status:?}"));
        match open(&upstream).cancel(&id()).await {
            // A sentence: the status will tell.
            Ok(answer) => assert_eq!(answer, CancelAnswer::NotNow, "{fault}"),
            Err(error) => assert_clean(&format!("{fault}: {error} {error:?}")),
        }
        assert_eq!(upstream.seen("setStatus").len(), 1, "{fault}");
    }
}

#[rstest]
#[case("STATUS_WAIT_CODE", ActivationState::Waiting, None)]
#[case("STATUS_OK:4821", ActivationState::Received, Some("4821"))]
#[case(
    "STATUS_OK:Your code: 4821",
    ActivationState::Received,
    Some("Your code: 4821")
)]
#[case("STATUS_OK:", ActivationState::Waiting, None)]
#[case("STATUS_CANCEL", ActivationState::Cancelled, None)]
#[case("STATUS_DREAM", ActivationState::Other("STATUS_DREAM".to_owned()), None)]
#[tokio::test]
async fn one_order_is_asked_about(
    #[case] body: &str,
    #[case] state: ActivationState,
    #[case] sms: Option<&str>,
) {
    let upstream = Upstream::start().await;
    upstream.on("getStatus", Answer::json(body));
    let order = open(&upstream).status(&id()).await.unwrap();
    assert_eq!((order.upstream_id, order.state), (id(), state));
    assert_eq!(order.sms.as_deref(), sms);
    assert_eq!(upstream.wait_for("getStatus").await.query["id"], "90417");
}

#[rstest]
#[case("ACCESS_READY", CancelAnswer::Cancelled)]
#[case("ACCESS_CANCEL", CancelAnswer::Cancelled)]
#[case("EARLY_CANCEL_DENIED", CancelAnswer::NotNow)]
#[case("BAD_STATUS", CancelAnswer::NotNow)]
#[case("Your number was cancelled and refunded", CancelAnswer::NotNow)]
#[case("STATUS_ALREADY_CHANGED", CancelAnswer::AlreadyClosed)]
#[case("ACCESS_FINISH", CancelAnswer::AlreadyClosed)]
#[case("ACCESS_ACTIVATION", CancelAnswer::AlreadyClosed)]
#[tokio::test]
async fn a_cancellation_is_answered(#[case] body: &str, #[case] expected: CancelAnswer) {
    let upstream = Upstream::start().await;
    upstream.on("setStatus", Answer::json(body));
    assert_eq!(open(&upstream).cancel(&id()).await.unwrap(), expected);
    let seen = upstream.wait_for("setStatus").await;
    assert_eq!(
        (seen.query["id"].as_str(), seen.query["status"].as_str()),
        ("90417", "8")
    );
}

#[rstest]
#[case("NO_ACTIVATION", not_found("NO_ACTIVATION"))]
#[case("BAD_KEY", refused("BAD_KEY"))]
#[case("MEDITATING", ProviderError::Protocol("MEDITATING in answer to a change".to_owned()))]
#[tokio::test]
async fn what_does_not_cancel_is_an_error(#[case] body: &str, #[case] expected: ProviderError) {
    let upstream = Upstream::start().await;
    upstream.on("setStatus", Answer::json(body));
    assert_eq!(open(&upstream).cancel(&id()).await.unwrap_err(), expected);
}

#[rstest]
#[case("ACCESS_FINISH", true)]
#[case("ACCESS_ACTIVATION", true)]
#[case("Activation completed", true)]
// Here it means that the order was cancelled.
#[case("ACCESS_READY", false)]
#[case("NO_SMS_RECEIVED", false)]
#[tokio::test]
async fn an_order_is_finished(#[case] body: &str, #[case] well: bool) {
    let upstream = Upstream::start().await;
    upstream.on("setStatus", Answer::json(body));
    assert_eq!(open(&upstream).finish(&id()).await.is_ok(), well);
    assert_eq!(upstream.wait_for("setStatus").await.query["status"], "6");
}

#[tokio::test]
async fn there_is_no_list_of_open_orders_and_no_second_sms() {
    let upstream = Upstream::start().await;
    let provider = open(&upstream);
    assert_eq!(provider.open_orders().await.unwrap(), None);
    assert!(matches!(
        provider.resend(&id()).await,
        Err(ProviderError::Refused(_))
    ));
    let can = provider.capabilities();
    assert!(!can.batch_poll && !can.resend && can.finish && can.balance);
    assert_eq!(can.cancel_after.as_secs(), 120);
}
