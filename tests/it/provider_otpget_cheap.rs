//! OTPGet's cheap numbers: servers as countries, each answer and each refusal.

use numshop::domain::id::UpstreamId;
use numshop::provider::otpget::cheap::OtpGetCheap;
use numshop::provider::{
    ActivationState, CancelAnswer, Provider, ProviderError, Purchase, PurchaseAnswer,
};
use rstest::rstest;

use crate::provider_server::{Answer, FAULTS, NUMBER, Upstream, assert_clean};

fn open(upstream: &Upstream) -> OtpGetCheap {
    OtpGetCheap::new(upstream.http("/stubs/", OtpGetCheap::account))
}

fn id() -> UpstreamId {
    "C-77".into()
}

fn purchase() -> Purchase {
    Purchase {
        country_code: "1/2".to_owned(),
        service_code: "2".to_owned(),
        operator: None,
        max_cost: 50.into(),
    }
}

async fn bought_by(answer: Answer) -> (Upstream, PurchaseAnswer) {
    let upstream = Upstream::start().await;
    upstream.on("buyNumber", answer);
    let answer = open(&upstream).buy(&purchase()).await;
    assert_eq!(upstream.seen("buyNumber").len(), 1);
    assert_clean(&format!("{answer:?}"));
    (upstream, answer)
}

#[tokio::test]
async fn it_is_an_upstream_of_its_own() {
    let upstream = Upstream::start().await;
    upstream.on("getBalance", Answer::json("ACCESS_BALANCE:500.00"));
    let provider = open(&upstream);
    assert_eq!(provider.id().as_str(), "otpgetcheap");
    let balance = provider.balance().await.unwrap();
    assert_eq!(
        (
            balance.amount.to_string().as_str(),
            balance.currency.as_str()
        ),
        ("500.00", "PKR")
    );
    assert_eq!(
        upstream.wait_for("getBalance").await.path,
        "/stubs/cheap_handler.php"
    );
    assert_eq!(provider.capabilities().lifetime.as_secs(), 900);
    assert!(!provider.capabilities().resend);
    assert_eq!(provider.open_orders().await.unwrap(), None);
    assert!(matches!(
        provider.resend(&id()).await,
        Err(ProviderError::Refused(_))
    ));
}

#[rstest]
#[case("servers", &[("1/1", "Random Facebook - Free"), ("1/2", "Pakistan"), ("2/7", "United Kingdom")])]
#[case(r#"[{"id":2,"name":"Pakistan - Server 2"}]"#, &[("1/2", "Pakistan")])]
#[case("[]", &[])]
#[tokio::test]
async fn servers_are_countries(#[case] body: &str, #[case] rows: &[(&str, &str)]) {
    let upstream = Upstream::start().await;
    let answer = match body {
        "servers" => Answer::fixture("otpget_cheap/servers.json"),
        body => Answer::json(body),
    };
    upstream.on("getServers", answer);
    let countries = open(&upstream).countries().await.unwrap();
    let read: Vec<_> = countries
        .iter()
        .map(|row| (row.code.as_str(), row.name.as_str()))
        .collect();
    assert_eq!(read, rows);
}

#[rstest]
#[case("services", &[("2", "Any Other", "50.00")])]
#[case(r#"{"2":"Pakistan WhatsApp Server 2 - 40 PKR"}"#, &[("2", "WhatsApp", "40")])]
#[case(r#"{"9":"Pakistan Server 2 - 40 PKR"}"#, &[("9", "Any Other", "40")])]
// The purchase could not tell these apart; only the server's own offer is surely meant.
#[case(r#"{"1":"Pakistan Server 1 - 30 PKR","2":"Pakistan Server 2 - 40 PKR"}"#, &[("2", "Any Other", "40")])]
#[case(r#"{"2":"Random Facebook - Free"}"#, &[])]
#[case("NO_SERVICES", &[])]
#[tokio::test]
async fn a_server_has_one_offer(#[case] body: &str, #[case] rows: &[(&str, &str, &str)]) {
    let upstream = Upstream::start().await;
    let answer = match body {
        "services" => Answer::fixture("otpget_cheap/services.json"),
        body => Answer::json(body),
    };
    upstream.on("getServices", answer);
    let sold = open(&upstream).assortment("1/2").await.unwrap();
    let costs: Vec<_> = sold
        .listings
        .iter()
        .map(|row| row.cost.amount.to_string())
        .collect();
    let read: Vec<_> = sold
        .listings
        .iter()
        .zip(&costs)
        .map(|(row, cost)| {
            (
                row.service_code.as_str(),
                row.service_name.as_str(),
                cost.as_str(),
            )
        })
        .collect();
    assert_eq!(read, rows);
    let seen = upstream.wait_for("getServices").await;
    assert_eq!(
        (seen.query["server"].as_str(), seen.query["type"].as_str()),
        ("2", "1")
    );
}

#[rstest]
#[case("C-77,6281234500001,900")]
#[case("C-77, +6281234500001 ,900\n")]
#[case("C-77,6281234500001")]
#[tokio::test]
async fn a_number_is_bought(#[case] body: &str) {
    let (upstream, answer) = bought_by(Answer::json(body)).await;
    let PurchaseAnswer::Bought(bought) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!((bought.upstream_id, bought.number.as_str()), (id(), NUMBER));
    let seen = &upstream.seen("buyNumber")[0];
    assert_eq!(
        (seen.query["server"].as_str(), seen.query["type"].as_str()),
        ("2", "1")
    );
    assert!(!seen.query.contains_key("service"));
}

#[rstest]
#[case("BAD_KEY", ProviderError::Refused("BAD_KEY".to_owned()))]
#[case("ACCOUNT_BLOCKED", ProviderError::Refused("ACCOUNT_BLOCKED".to_owned()))]
#[case("BAD_SERVER", ProviderError::NotFound("BAD_SERVER".to_owned()))]
#[case("LOW_BALANCE", ProviderError::NoFunds)]
#[case("NO_BALANCE", ProviderError::NoFunds)]
#[case("NO_NUMBERS", ProviderError::OutOfStock)]
#[case("NO_SERVERS", ProviderError::OutOfStock)]
#[case("NO_SERVICES", ProviderError::OutOfStock)]
#[case("ERROR_PRICE_CHANGE", ProviderError::PriceRose)]
// Its document says that nothing was deducted then.
#[case("DATABASE_ERROR", ProviderError::Unavailable("DATABASE_ERROR".to_owned()))]
#[tokio::test]
async fn a_refused_purchase_is_surely_not_bought(
    #[case] text: &str,
    #[case] expected: ProviderError,
) {
    let (_, answer) = bought_by(Answer::json(text)).await;
    let PurchaseAnswer::Rejected(error) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(error, expected);
}

#[rstest]
#[case("C-77")]
#[case("C-77,,900")]
#[case(",6281234500001,900")]
#[case("Sorry, 6281234500001")]
#[case("Bought it,6281234500001,900")]
#[case("C-77,6281234500001,900,1")]
#[case("MEDITATING")]
#[tokio::test]
async fn a_purchase_that_could_have_happened_is_ambiguous(#[case] body: &str) {
    let (_, answer) = bought_by(Answer::json(body)).await;
    assert!(matches!(answer, PurchaseAnswer::Ambiguous(_)), "{answer:?}");
}

#[tokio::test]
async fn a_useless_answer_to_a_purchase_is_ambiguous() {
    for fault in FAULTS {
        let (_, answer) = bought_by(Answer::fault(fault)).await;
        assert!(
            matches!(answer, PurchaseAnswer::Ambiguous(_)),
            "{fault}: {answer:?}"
        );
    }
}

#[rstest]
#[case("STATUS_WAIT_CODE", ActivationState::Waiting, None)]
#[case("STATUS_OK:4821", ActivationState::Received, Some("4821"))]
#[case("STATUS_CANCEL", ActivationState::Cancelled, None)]
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
    assert_eq!(upstream.wait_for("getStatus").await.query["id"], "C-77");
}

#[tokio::test]
async fn an_order_is_cancelled_or_finished() {
    let upstream = Upstream::start().await;
    upstream
        .on("setStatus", Answer::json("EARLY_CANCEL_DENIED"))
        .on("setStatus", Answer::json("ACCESS_READY"))
        .on("setStatus", Answer::json("ACCESS_FINISH"));
    let provider = open(&upstream);
    assert_eq!(provider.cancel(&id()).await.unwrap(), CancelAnswer::NotNow);
    assert_eq!(
        provider.cancel(&id()).await.unwrap(),
        CancelAnswer::Cancelled
    );
    provider.finish(&id()).await.unwrap();
    let seen = upstream.seen("setStatus");
    let codes: Vec<_> = seen
        .iter()
        .map(|seen| seen.query["status"].as_str())
        .collect();
    assert_eq!(codes, ["8", "8", "6"]);
}
