//! The sms-activate family: each answer and its variants, each refusal. What concerns an order that
//! was bought is in `orders`.

mod orders;

use numshop::domain::id::UpstreamId;
use numshop::provider::compat::Compat;
use numshop::provider::http::settings::Account;
use numshop::provider::{Provider, ProviderError, Purchase, PurchaseAnswer};
use rstest::rstest;

use crate::provider_server::{Answer, FAULTS, KEY, NUMBER, Upstream, assert_clean};

const V1: &str = "ACCESS_NUMBER:635468024:6281234500001";

fn open(upstream: &Upstream) -> Compat {
    let usual = |url, key| Account::new("hero", url, key);
    Compat::new(upstream.http("/stubs/handler_api.php", usual), "USD")
}

fn id() -> UpstreamId {
    "635468024".into()
}

fn purchase(operator: Option<&str>) -> Purchase {
    Purchase {
        country_code: "6".to_owned(),
        service_code: "wa".to_owned(),
        operator: operator.map(str::to_owned),
        max_cost: "0.1500".parse().unwrap(),
    }
}

fn fixture(name: &str) -> Answer {
    Answer::fixture(&format!("compat/{name}"))
}

/// Takes a purchase by the second version of the call; the news that the number is in use is
/// heard, too.
async fn sells(answer: Answer) -> Upstream {
    let upstream = Upstream::start().await;
    upstream
        .on("getNumberV2", answer)
        .on("setStatus", Answer::json("ACCESS_READY"));
    upstream
}

#[rstest]
#[case("ACCESS_BALANCE:12.5085", "12.5085")]
#[case("ACCESS_BALANCE: 12.50\n", "12.50")]
#[case(r#""ACCESS_BALANCE:7""#, "7")]
#[case(r#"{"balance":"4.68"}"#, "4.68")]
#[case(r#"{"balance":4.680}"#, "4.680")]
#[tokio::test]
async fn the_balance_keeps_its_digits(#[case] body: &str, #[case] amount: &str) {
    let upstream = Upstream::start().await;
    upstream.on("getBalance", Answer::json(body));
    let balance = open(&upstream).balance().await.unwrap();
    assert_eq!(balance.amount.to_string(), amount);
    assert_eq!(balance.currency, "USD");
    let seen = upstream.wait_for("getBalance").await;
    assert_eq!(seen.query["api_key"], KEY);
    assert_eq!(seen.path, "/stubs/handler_api.php");
}

#[rstest]
#[case("countries.json", &[("0", "Russia"), ("6", "Indonesia"), ("7", "Malaysia")])]
#[case("countries_list.json", &[("0", "Russia"), ("6", "Indonesia")])]
#[tokio::test]
async fn countries_that_are_shown_are_read(#[case] file: &str, #[case] rows: &[(&str, &str)]) {
    let upstream = Upstream::start().await;
    upstream
        .on("getCountries", fixture(file))
        .on("getServicesList", fixture("services.json"));
    let countries = open(&upstream).countries().await.unwrap();
    let read: Vec<_> = countries
        .iter()
        .map(|row| (row.code.as_str(), row.name.as_str()))
        .collect();
    assert_eq!(read, rows);
}

#[rstest]
#[tokio::test]
async fn prices_become_listings(#[values("6", "")] key: &str) {
    let upstream = Upstream::start().await;
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/compat/prices.json"
    );
    let prices = std::fs::read_to_string(file).unwrap();
    // Asked for one country, some hosts leave its key empty.
    let prices = prices.replacen("\"6\"", &format!("\"{key}\""), 1);
    upstream
        .on("getPrices", Answer::json(&prices))
        .on("getServicesList", fixture("services.json"))
        .on("getOperators", fixture("operators.json"));
    let assortment = open(&upstream).assortment("6").await.unwrap();
    assert_eq!(assortment.operators, ["telkomsel", "indosat"]);
    let rows: Vec<_> = assortment
        .listings
        .iter()
        .map(|row| {
            let name = row.service_name.as_str();
            let cost = row.cost.amount.to_string();
            (row.service_code.as_str(), name, cost, row.stock)
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("tg", "Telegram", "0.3350".to_owned(), Some(7)),
            ("wa", "Whatsapp", "0.15".to_owned(), Some(25)),
            ("zz", "zz", "1".to_owned(), None),
        ]
    );
    assert!(
        assortment
            .listings
            .iter()
            .all(|row| row.cost.currency == "USD")
    );
    assert_eq!(upstream.wait_for("getPrices").await.query["country"], "6");
    assert_eq!(
        upstream.wait_for("getOperators").await.query["country"],
        "6"
    );
}

#[tokio::test]
async fn the_names_are_read_once_for_all_countries() {
    let upstream = Upstream::start().await;
    upstream
        .on("getCountries", fixture("countries.json"))
        .on("getPrices", fixture("prices.json"))
        .on("getServicesList", fixture("services.json"))
        .on("getOperators", fixture("operators.json"));
    let provider = open(&upstream);
    provider.countries().await.unwrap();
    provider.assortment("6").await.unwrap();
    provider.assortment("6").await.unwrap();
    assert_eq!(upstream.seen("getServicesList").len(), 1);
}

#[tokio::test]
async fn a_host_that_tells_no_names_is_asked_once_a_reading() {
    let upstream = Upstream::start().await;
    upstream
        .on("getCountries", fixture("countries.json"))
        .on("getPrices", fixture("prices.json"))
        .on("getServicesList", Answer::json("BAD_ACTION"))
        .on("getServicesList", fixture("services.json"))
        .on("getOperators", fixture("operators.json"));
    let provider = open(&upstream);
    for (asked, name) in [(1, "tg"), (2, "Telegram")] {
        provider.countries().await.unwrap();
        for _ in 0..2 {
            let sold = provider.assortment("6").await.unwrap();
            assert_eq!(sold.listings[0].service_name, name);
        }
        assert_eq!(upstream.seen("getServicesList").len(), asked);
    }
}

#[rstest]
#[case("[]")]
#[case(r#"{"status":"success","countryOperators":[]}"#)]
#[case("BAD_ACTION")]
#[case(r#"{"status":"error","error":"OPERATORS_NOT_FOUND"}"#)]
#[tokio::test]
async fn without_operators_or_names_the_services_are_still_sold(#[case] operators: &str) {
    let upstream = Upstream::start().await;
    upstream
        .on("getPrices", fixture("prices.json"))
        .on("getServicesList", Answer::fault("html page"))
        .on("getOperators", Answer::json(operators));
    let assortment = open(&upstream).assortment("6").await.unwrap();
    assert!(assortment.operators.is_empty());
    assert_eq!(assortment.listings[1].service_name, "wa");
}

#[rstest]
#[case("[]")]
#[case("{}")]
#[case(r#"{"6":[]}"#)]
#[case(r#"{"7":{"wa":{"cost":1,"count":1}}}"#)]
#[tokio::test]
async fn a_country_may_sell_nothing(#[case] prices: &str) {
    let upstream = Upstream::start().await;
    upstream
        .on("getPrices", Answer::json(prices))
        .on("getServicesList", fixture("services.json"));
    let assortment = open(&upstream).assortment("6").await.unwrap();
    assert!(assortment.listings.is_empty());
}

#[tokio::test]
async fn a_number_is_bought_with_what_it_took_and_set_ready() {
    let upstream = sells(fixture("number_v2.json")).await;
    let answer = open(&upstream).buy(&purchase(Some("telkomsel"))).await;
    let PurchaseAnswer::Bought(bought) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(bought.upstream_id, id());
    assert_eq!(bought.number, NUMBER);
    let cost = bought.cost.unwrap();
    assert_eq!(
        (cost.amount.to_string().as_str(), cost.currency.as_str()),
        ("0.1512", "USD")
    );
    let seen = upstream.seen("getNumberV2");
    assert_eq!(seen.len(), 1);
    for (name, value) in [
        ("service", "wa"),
        ("country", "6"),
        ("operator", "telkomsel"),
        ("maxPrice", "0.15"),
    ] {
        assert_eq!(seen[0].query[name], value);
    }
    let ready = upstream.wait_for("setStatus").await;
    assert_eq!(
        (ready.query["id"].as_str(), ready.query["status"].as_str()),
        ("635468024", "1")
    );
}

#[rstest]
#[case(
    r#"{"activationId":"635468024","phoneNumber":6281234500001,"activationCost":null}"#,
    None
)]
#[case(
    r#"{"activationId":635468024,"phoneNumber":"+62 812-3450-0001","activationCost":0.10}"#,
    Some("0.10")
)]
#[case(
    r#"{"activationId":1,"phoneNumber":"081234500001","activationCost":"9","currency":"643"}"#,
    None
)]
#[case(
    r#"{"activationId":1,"phoneNumber":"081234500001","activationCost":"9","currency":"usd"}"#,
    Some("9")
)]
#[case(
    r#"{"status":"success","data":{"activationId":1,"phoneNumber":"6281234500001"}}"#,
    None
)]
#[case(V1, None)]
#[tokio::test]
async fn a_number_may_be_written_in_many_ways(#[case] body: &str, #[case] cost: Option<&str>) {
    let upstream = sells(Answer::json(body)).await;
    let answer = open(&upstream).buy(&purchase(None)).await;
    let PurchaseAnswer::Bought(bought) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(bought.number, NUMBER);
    let amount = bought.cost.map(|cost| cost.amount.to_string());
    assert_eq!(amount.as_deref(), cost);
    assert!(
        !upstream.seen("getNumberV2")[0]
            .query
            .contains_key("operator")
    );
}

#[rstest]
#[case("BAD_ACTION", 200)]
#[case(r#"{"title":"BAD_ACTION","details":"Unknown action","info":{}}"#, 400)]
#[tokio::test]
async fn a_host_without_the_second_version_is_remembered(#[case] body: &str, #[case] status: u16) {
    let upstream = sells(Answer::http(status, "", body.as_bytes())).await;
    upstream.on("getNumber", Answer::json(V1));
    let provider = open(&upstream);
    for times in 1..=2 {
        let answer = provider.buy(&purchase(None)).await;
        assert!(matches!(answer, PurchaseAnswer::Bought(_)), "{answer:?}");
        assert_eq!(upstream.seen("getNumber").len(), times);
    }
    assert_eq!(upstream.seen("getNumberV2").len(), 1);
    assert_eq!(upstream.seen("getNumber")[0].query["maxPrice"], "0.15");
}

#[tokio::test]
async fn an_unknown_action_that_carries_an_order_is_a_doubt() {
    let body = r#"{"title":"BAD_ACTION","info":{"activationId":635468024}}"#;
    let upstream = sells(Answer::json(body)).await;
    let answer = open(&upstream).buy(&purchase(None)).await;
    assert!(matches!(answer, PurchaseAnswer::Ambiguous(_)), "{answer:?}");
    assert_eq!(upstream.seen("getNumber").len(), 0);
}

#[tokio::test]
async fn only_a_surely_unknown_action_is_asked_for_in_the_old_way() {
    for fault in FAULTS {
        let upstream = sells(Answer::fault(fault)).await;
        upstream.on("getNumber", Answer::json(V1));
        let answer = open(&upstream).buy(&purchase(None)).await;
        assert!(
            matches!(answer, PurchaseAnswer::Ambiguous(_)),
            "{fault}: {answer:?}"
        );
        assert_eq!(upstream.seen("getNumberV2").len(), 1, "{fault}");
        assert_eq!(upstream.seen("getNumber").len(), 0, "{fault}");
        assert_clean(&format!("{answer:?}"));
    }
}

fn not_found(text: &str) -> ProviderError {
    ProviderError::NotFound(text.to_owned())
}

fn refused(text: &str) -> ProviderError {
    ProviderError::Refused(text.to_owned())
}

#[rstest]
#[case("BAD_KEY", refused("BAD_KEY"))]
#[case("NO_KEY", refused("NO_KEY"))]
#[case("BAD_SERVICE", not_found("BAD_SERVICE"))]
#[case("BAD_STATUS", refused("BAD_STATUS"))]
#[case("NO_NUMBERS", ProviderError::OutOfStock)]
#[case("NO_BALANCE", ProviderError::NoFunds)]
#[case("NO_ACTIVATION", not_found("NO_ACTIVATION"))]
#[case("WRONG_MAX_PRICE:0.5", ProviderError::PriceRose)]
#[case("BANNED:'2026-01-02 03-04-05'", refused("BANNED:'[number]'"))]
#[case("BAD_COUNTRY", refused("BAD_COUNTRY"))]
#[tokio::test]
async fn a_refused_purchase_is_surely_not_bought(
    #[case] text: &str,
    #[case] expected: ProviderError,
    #[values(
        (200, "TEXT\n"),
        (400, "TEXT"),
        (200, r#""TEXT""#),
        (404, r#"{"title":"TEXT","details":"For a reason","info":{"min":0.5}}"#),
        (200, r#"{"status":"error","error":"TEXT"}"#),
        (200, r#"{"status":"error","message":"TEXT","data":[]}"#)
    )]
    shape: (u16, &str),
) {
    let body = shape.1.replace("TEXT", text);
    let upstream = sells(Answer::http(shape.0, "", body.as_bytes())).await;
    let answer = open(&upstream).buy(&purchase(None)).await;
    let PurchaseAnswer::Rejected(error) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(error, expected);
    assert_eq!(upstream.seen("getNumberV2").len(), 1);
}

#[tokio::test]
async fn a_refusal_in_other_words_is_one_too() {
    let body = r#"{"title":"Bad Request","details":"The operator is not valid","info":{}}"#;
    let upstream = sells(Answer::http(400, "", body.as_bytes())).await;
    let answer = open(&upstream).buy(&purchase(None)).await;
    let PurchaseAnswer::Rejected(error) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(error, refused("Bad Request"));
}

#[rstest]
#[case(200, "ERROR_SQL")]
#[case(200, "ACCESS_NUMBER:635468024")]
#[case(200, "ACCESS_NUMBER:635468024:")]
#[case(200, "ACCESS_NUMBER::6281234500001")]
#[case(200, "MEDITATING")]
#[case(200, "NO_NUMBERS:635468024:6281234500001")]
#[case(500, V1)]
#[case(200, r#"{"activationId":635468024}"#)]
#[case(200, r#"{"activationId":null,"phoneNumber":null}"#)]
#[case(400, r#"{"title":"NO_NUMBERS","info":{"activationId":635468024}}"#)]
#[case(
    200,
    r#"{"status":"error","message":"NO_BALANCE","phoneNumber":"6281234500001"}"#
)]
#[case(500, r#"{"title":"Server error","details":"Try later","info":{}}"#)]
#[case(204, "")]
#[tokio::test]
async fn a_purchase_that_could_have_happened_is_ambiguous(#[case] status: u16, #[case] body: &str) {
    let upstream = sells(Answer::http(status, "", body.as_bytes())).await;
    let answer = open(&upstream).buy(&purchase(None)).await;
    assert!(matches!(answer, PurchaseAnswer::Ambiguous(_)), "{answer:?}");
    assert_eq!(upstream.seen("getNumberV2").len(), 1);
    assert_clean(&format!("{answer:?}"));
}
