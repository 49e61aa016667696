//! OTPGet's rentals: each answer and its variants, each refusal.

use chrono::{DateTime, NaiveDateTime, Utc};
use numshop::domain::id::UpstreamId;
use numshop::provider::otpget::rental::OtpGetRental;
use numshop::provider::rental::{
    Expiry, Renewal, Renewed, RentalProvider, RentalPurchase, RentalState, Rented,
};
use numshop::provider::{ProviderError, PurchaseAnswer, Server};
use rstest::rstest;

use crate::provider_server::{Answer, FAULTS, KEY, NUMBER, Upstream, assert_clean};

fn open(upstream: &Upstream) -> OtpGetRental {
    OtpGetRental::new(upstream.http("/stubs", OtpGetRental::account))
}

fn fixture(name: &str) -> Answer {
    Answer::fixture(&format!("otpget_rental/{name}"))
}

fn order() -> UpstreamId {
    "RX-5531".into()
}

fn terms() -> RentalPurchase {
    RentalPurchase {
        country_code: "ID".to_owned(),
        server: Server::One,
        duration_hours: 720,
        max_cost: 840.into(),
    }
}

fn renewal() -> Renewal {
    Renewal {
        rental_id: "27".into(),
        terms: terms(),
    }
}

fn zoneless(text: &str) -> Expiry {
    Expiry::Zoneless(NaiveDateTime::parse_from_str(text, "%F %T").unwrap())
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// An upstream whose price list is in order and that answers `action` so.
async fn upstream(action: &str, answer: Answer) -> Upstream {
    let upstream = Upstream::start().await;
    upstream
        .on("getRentalPricing", fixture("pricing.json"))
        .on(action, answer);
    upstream
}

async fn rented_by(answer: Answer) -> (Upstream, PurchaseAnswer<Rented>) {
    let upstream = upstream("rentNumber", answer).await;
    let answer = open(&upstream).rent(&terms()).await;
    assert_eq!(upstream.seen("rentNumber").len(), 1);
    assert_clean(&format!("{answer:?}"));
    (upstream, answer)
}

async fn renewed_by(answer: Answer) -> (Upstream, PurchaseAnswer<Renewed>) {
    let upstream = upstream("renewRental", answer).await;
    let answer = open(&upstream).renew(&renewal()).await;
    assert_eq!(upstream.seen("renewRental").len(), 1);
    assert_clean(&format!("{answer:?}"));
    (upstream, answer)
}

#[tokio::test]
async fn countries_are_listed_by_server() {
    let upstream = Upstream::start().await;
    upstream.on("getRentalCountries", fixture("countries.json"));
    let countries = open(&upstream).countries().await.unwrap();
    let rows: Vec<_> = countries
        .iter()
        .map(|row| (row.server, row.country_code.as_str(), row.name.as_str()))
        .collect();
    // A third server and a country without a code cannot be asked for.
    assert_eq!(
        rows,
        [
            (Server::One, "US", "United States"),
            (Server::One, "ID", "Indonesia"),
            (Server::Two, "US", "United States"),
        ]
    );
    let seen = upstream.wait_for("getRentalCountries").await;
    assert_eq!(seen.query["api_key"], KEY);
    assert_eq!(seen.path, "/stubs/rental-handler.php");
}

#[tokio::test]
async fn prices_keep_their_digits_shortest_first() {
    let upstream = Upstream::start().await;
    upstream.on("getRentalPricing", fixture("pricing.json"));
    let prices = open(&upstream).pricing("ID", Server::Two).await.unwrap();
    let rows: Vec<_> = prices
        .iter()
        .map(|row| (row.duration_hours, row.cost.amount.to_string()))
        .collect();
    let row = |hours, cost: &str| (hours, cost.to_owned());
    assert_eq!(
        rows,
        [row(12, "60"), row(720, "840.00"), row(4_320, "4200.50")]
    );
    assert!(prices.iter().all(|row| row.cost.currency == "PKR"));
    let seen = upstream.wait_for("getRentalPricing").await;
    assert_eq!(seen.query["country_code"], "ID");
    assert_eq!(seen.query["provider"], "2");
}

#[rstest]
#[case(
    404,
    r#"{"status":"404","message":"No pricing found for this country"}"#,
    true
)]
#[case(200, r#"{"status":"404","error":"No pricing available"}"#, true)]
#[case(200, r#"{"status":"200","pricing":[]}"#, true)]
#[case(200, r#"{"status":"200","pricing":null}"#, true)]
#[case(404, r#"{"status":"404","message":"No such page"}"#, false)]
#[case(
    503,
    r#"{"status":"503","message":"No pricing: server disabled"}"#,
    false
)]
#[case(200, r#"{"status":"200"}"#, false)]
#[tokio::test]
async fn no_prices_are_an_empty_list(#[case] status: u16, #[case] body: &str, #[case] well: bool) {
    let upstream = Upstream::start().await;
    upstream.on(
        "getRentalPricing",
        Answer::http(status, "", body.as_bytes()),
    );
    let prices = open(&upstream).pricing("ID", Server::One).await;
    assert_eq!(prices.ok(), well.then(Vec::new));
}

#[tokio::test]
async fn what_is_left_is_told_by_area() {
    let upstream = Upstream::start().await;
    upstream.on("getAvailableRentals", fixture("available.json"));
    let areas = open(&upstream).stock("US", Server::One).await.unwrap();
    let rows: Vec<_> = areas
        .iter()
        .map(|it| {
            (
                it.code.as_str(),
                it.title.as_str(),
                it.available,
                it.min_months,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("202", "Washington, DC", 3_338, Some(1)),
            ("", "", 12, Some(0)),
            ("212", "New York, NY", 0, None),
        ]
    );
}

#[tokio::test]
async fn a_number_is_rented() {
    let (upstream, answer) = rented_by(fixture("rented.json")).await;
    let PurchaseAnswer::Bought(rented) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(
        (rented.upstream_id, rented.number.as_str()),
        (order(), NUMBER)
    );
    let cost = rented.cost.unwrap();
    assert_eq!(
        (cost.amount.to_string().as_str(), cost.currency.as_str()),
        ("840.00", "PKR")
    );
    assert_eq!(rented.expires, Some(zoneless("2026-04-09 21:55:55")));
    let seen = &upstream.seen("rentNumber")[0];
    for (name, value) in [
        ("country_code", "ID"),
        ("provider", "1"),
        ("duration_hours", "720"),
    ] {
        assert_eq!(seen.query[name], value);
    }
    // The prices are read once, just before.
    assert_eq!(upstream.seen("getRentalPricing").len(), 1);
}

#[rstest]
#[case(r#"{"status":200,"phone":6281234500001,"order_id":5531}"#, None, None)]
#[case(
    r#"{"status":"200","data":{"phone":"081234500001","order_id":"5531","price_paid":840,"expires":"2026-04-09T21:55:55Z"}}"#,
    Some("840"),
    Some(Expiry::At(moment("2026-04-09T21:55:55Z")))
)]
#[case(
    r#"{"status":"200","phone_number":"+62 812-3450-0001","order_id":"5531","price_paid":"free","expires":"soon"}"#,
    None,
    None
)]
#[tokio::test]
async fn a_rental_comes_in_several_forms(
    #[case] body: &str,
    #[case] cost: Option<&str>,
    #[case] expires: Option<Expiry>,
) {
    let (_, answer) = rented_by(Answer::json(body)).await;
    let PurchaseAnswer::Bought(rented) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(
        (rented.upstream_id.as_str(), rented.number.as_str()),
        ("5531", NUMBER)
    );
    let taken = rented.cost.map(|cost| cost.amount.to_string());
    assert_eq!((taken.as_deref(), rented.expires), (cost, expires));
}

#[tokio::test]
async fn a_number_as_it_is_dialled_at_home_gets_its_country_s_code() {
    let body = r#"{"status":"200","phone":"2025550142","order_id":"5531"}"#;
    let upstream = upstream("rentNumber", Answer::json(body)).await;
    let american = RentalPurchase {
        country_code: "US".to_owned(),
        ..terms()
    };
    let PurchaseAnswer::Bought(rented) = open(&upstream).rent(&american).await else {
        panic!("not rented");
    };
    assert_eq!(rented.number, "12025550142");

    // A country's own code says nothing; its name in the list does.
    let body =
        r#"{"status":"200","countries":[{"provider":"2","name":"Pakistan","country_code":"33"}]}"#;
    let there = RentalPurchase {
        country_code: "33".to_owned(),
        server: Server::Two,
        ..terms()
    };
    let sold = r#"{"status":"200","phone":"03001234567","order_id":"5531"}"#;
    let upstream = Upstream::start().await;
    upstream
        .on("getRentalCountries", Answer::json(body))
        .on("getRentalPricing", fixture("pricing.json"))
        .on("rentNumber", Answer::json(sold));
    let provider = open(&upstream);
    provider.countries().await.unwrap();
    let PurchaseAnswer::Bought(rented) = provider.rent(&there).await else {
        panic!("not rented");
    };
    assert_eq!(rented.number, "923001234567");
}

fn refused(text: &str) -> ProviderError {
    ProviderError::Refused(text.to_owned())
}

fn not_found(text: &str) -> ProviderError {
    ProviderError::NotFound(text.to_owned())
}

fn unavailable(text: &str) -> ProviderError {
    ProviderError::Unavailable(text.to_owned())
}

#[rstest]
#[case("401", "Invalid API key", refused("Invalid API key"))]
#[case("403", "Account is blocked", refused("Account is blocked"))]
#[case(
    "400",
    "Missing required parameters",
    refused("Missing required parameters")
)]
#[case("400", "Invalid duration", refused("Invalid duration"))]
#[case("400", "No numbers available", ProviderError::OutOfStock)]
#[case("400", "This area is out of stock", ProviderError::OutOfStock)]
#[case("402", "Insufficient balance", ProviderError::NoFunds)]
#[case("402", "Please top up", ProviderError::NoFunds)]
#[case("404", "No pricing found", not_found("No pricing found"))]
#[case("404", "Rental not found", not_found("Rental not found"))]
#[case("500", "Database error", unavailable("Database error"))]
#[case(
    "503",
    "Server 2 is currently disabled",
    unavailable("Server 2 is currently disabled")
)]
#[tokio::test]
async fn a_refusal_is_surely_no_rental_and_no_renewal(
    #[case] status: &str,
    #[case] text: &str,
    #[case] expected: ProviderError,
) {
    let quoted = format!(r#"{{"status":"{status}","message":"{text}"}}"#);
    let number = format!(r#"{{"status":{status},"error":"{text}"}}"#);
    let bare = format!(r#"{{"message":"{text}"}}"#);
    let http = |body: &str| Answer::http(status.parse().unwrap(), "", body.as_bytes());
    for answer in [
        Answer::json(&quoted),
        Answer::json(&number),
        http(&quoted),
        http(&bare),
    ] {
        let (_, renting) = rented_by(answer.clone()).await;
        let (_, renewing) = renewed_by(answer).await;
        match (renting, renewing) {
            (PurchaseAnswer::Rejected(renting), PurchaseAnswer::Rejected(renewing)) => {
                assert_eq!((&renting, &renewing), (&expected, &expected));
            }
            (renting, renewing) => panic!("{renting:?} {renewing:?}"),
        }
    }
}

#[rstest]
#[case(200, r#"{"status":"200","order_id":"5531"}"#)]
#[case(200, r#"{"status":"200","phone":"6281234500001"}"#)]
#[case(200, r#"{"status":"200","phone":"soon","order_id":"5531"}"#)]
#[case(200, r#"{"status":"200","message":"Rented, see your account"}"#)]
#[case(
    200,
    r#"{"status":"402","message":"Insufficient balance","order_id":"5531"}"#
)]
#[case(
    404,
    r#"{"status":"404","message":"No pricing","data":{"phone":"6281234500001"}}"#
)]
#[case(200, r#"{"status":"502","message":"Upstream provider error"}"#)]
#[case(502, r#"{"status":"502","message":"Upstream provider error"}"#)]
#[case(500, r#"{"status":"500","message":"The supplier lost its database"}"#)]
#[case(503, r#"{"status":"503","message":"Try again"}"#)]
#[case(200, r#"{"status":"418","message":"I am a teapot"}"#)]
#[case(200, r#"{"message":"Rented"}"#)]
#[case(200, "Rented, see your account")]
#[tokio::test]
async fn a_rental_that_could_have_happened_is_ambiguous(#[case] status: u16, #[case] body: &str) {
    let (_, answer) = rented_by(Answer::http(status, "", body.as_bytes())).await;
    assert!(matches!(answer, PurchaseAnswer::Ambiguous(_)), "{answer:?}");
}

#[rstest]
#[case::rose(r#"{"status":"200","pricing":[{"duration_hours":"720","price":"840.01"}]}"#)]
#[case::gone(r#"{"status":"200","pricing":[{"duration_hours":"12","price":"60.00"}]}"#)]
#[case::none(r#"{"status":"404","message":"No pricing found"}"#)]
#[case::bad_key(r#"{"status":"401","message":"Invalid API key"}"#)]
#[case::html("<html>")]
#[tokio::test]
async fn nothing_is_rented_or_renewed_above_its_price(#[case] body: &str) {
    let upstream = Upstream::start().await;
    upstream.on("getRentalPricing", Answer::json(body));
    let provider = open(&upstream);
    let renting = provider.rent(&terms()).await;
    let renewing = provider.renew(&renewal()).await;
    match (renting, renewing) {
        (PurchaseAnswer::NotSent(renting), PurchaseAnswer::NotSent(renewing)) => {
            assert_eq!(renting, renewing);
            let rose = body.contains("840.01");
            assert_eq!(renting == ProviderError::PriceRose, rose, "{renting}");
        }
        (renting, renewing) => panic!("{renting:?} {renewing:?}"),
    }
    assert_eq!(upstream.seen("rentNumber").len(), 0);
    assert_eq!(upstream.seen("renewRental").len(), 0);
}

/// Runs into a fault with every call, each by a way of its own: after a 429 nothing is sent for a
/// while.
async fn runs_into(fault: &str) {
    let answer = Answer::fault(fault);
    let (renting, renewing) = tokio::join!(rented_by(answer.clone()), renewed_by(answer.clone()));
    let (renting, renewing) = (renting.1, renewing.1);
    assert!(
        matches!(renting, PurchaseAnswer::Ambiguous(_)),
        "{fault}: {renting:?}"
    );
    assert!(
        matches!(renewing, PurchaseAnswer::Ambiguous(_)),
        "{fault}: {renewing:?}"
    );
    let upstream = Upstream::start().await;
    upstream.otherwise(answer);
    let mut errors = vec![
        open(&upstream).pricing("ID", Server::One).await.err(),
        open(&upstream).mine().await.err(),
        open(&upstream).inbox(&order()).await.err(),
    ];
    // Long lists are waited for longer than a test should wait.
    if !matches!(fault, "slow" | "stalled") {
        errors.push(open(&upstream).countries().await.err());
        errors.push(open(&upstream).stock("ID", Server::One).await.err());
    }
    for error in errors {
        let error = error.unwrap_or_else(|| panic!("{fault} was read"));
        assert_clean(&format!("{fault}: {error} {error:?}"));
    }
}

#[tokio::test]
async fn a_useless_answer_is_an_error_without_secrets_and_a_doubt() {
    futures_util::future::join_all(FAULTS.map(runs_into)).await;
}

#[tokio::test]
async fn our_rentals_come_in_one_answer() {
    let upstream = Upstream::start().await;
    upstream.on("getMyRentals", fixture("mine.json"));
    let rentals = open(&upstream).mine().await.unwrap();
    assert_clean(&format!("{rentals:?}"));
    let ids: Vec<_> = rentals
        .iter()
        .map(|it| (it.rental_id.as_str(), it.order_id.as_str(), it.server))
        .collect();
    let (one, two) = (Some(Server::One), Some(Server::Two));
    assert_eq!(
        ids,
        [
            ("27", "RX-5531", one),
            ("26", "5530", two),
            ("25", "RX-5529", None),
            ("24", "RX-5528", None),
        ]
    );
    let numbers: Vec<_> = rentals.iter().map(|it| it.number.as_deref()).collect();
    assert_eq!(numbers, [Some(NUMBER), Some("12025550142"), None, None]);
    let states: Vec<_> = rentals.iter().map(|it| it.state.clone()).collect();
    assert_eq!(
        states,
        [
            RentalState::Active,
            RentalState::Expired,
            RentalState::Cancelled,
            RentalState::Other("dreaming".to_owned()),
        ]
    );
    let ends: Vec<_> = rentals.iter().map(|it| it.expires).collect();
    let expired = Expiry::At(moment("2026-03-01T00:00:00Z"));
    assert_eq!(
        ends,
        [
            Some(zoneless("2026-04-09 21:55:55")),
            Some(expired),
            None,
            None
        ]
    );
}

#[rstest]
#[case(r#"{"status":"200","rentals":[]}"#, true)]
#[case(r#"{"status":"200","rentals":null}"#, true)]
#[case(r#"{"status":"200","data":{"rentals":{}}}"#, true)]
#[case(r#"{"status":"200"}"#, false)]
#[case(r#"{"status":"401","message":"Invalid API key"}"#, false)]
#[case(
    r#"{"status":"200","rentals":[{"id":"27","order_id":"5531"},{"id":"28"}]}"#,
    false
)]
#[case(r#"{"status":"200","rentals":[null]}"#, false)]
#[tokio::test]
async fn only_a_list_that_was_read_says_that_there_are_none(
    #[case] body: &str,
    #[case] well: bool,
) {
    let upstream = Upstream::start().await;
    upstream.on("getMyRentals", Answer::json(body));
    let rentals = open(&upstream).mine().await;
    assert_eq!(rentals.ok(), well.then(Vec::new));
}

#[tokio::test]
async fn every_sms_is_read_with_its_code() {
    let upstream = Upstream::start().await;
    upstream.on("getRentalSMS", fixture("sms.json"));
    let inbox = open(&upstream).inbox(&order()).await.unwrap();
    assert_clean(&format!("{inbox:?}"));
    let rows: Vec<_> = inbox
        .iter()
        .map(|sms| {
            (
                sms.from.as_deref(),
                sms.text.as_str(),
                sms.code.as_deref(),
                sms.at,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (
                Some("WhatsApp"),
                "Your WhatsApp code: 482-193",
                Some("482193"),
                Some(moment("2026-03-09T20:57:32Z"))
            ),
            (
                None,
                "4821 is yours",
                Some("4821"),
                Some(moment("2026-03-09T16:02:00Z"))
            ),
            (Some("Shop"), "Thank you for your visit", None, None),
            (Some("Bank"), "7714", Some("7714"), None),
        ]
    );
    assert_eq!(
        upstream.wait_for("getRentalSMS").await.query["order_id"],
        "RX-5531"
    );
}

#[rstest]
#[case(
    404,
    r#"{"status":"404","message":"Rental not yours"}"#,
    not_found("Rental not yours")
)]
#[case(
    401,
    r#"{"status":"401","message":"Invalid API key"}"#,
    refused("Invalid API key")
)]
#[case(
    503,
    r#"{"status":"503","message":"Server 1 is disabled"}"#,
    unavailable("Server 1 is disabled")
)]
#[case(
    200,
    r#"{"status":"502","message":"Upstream error"}"#,
    unavailable("Upstream error")
)]
#[case(200, r#"{"status":"500"}"#, unavailable("status 500"))]
#[tokio::test]
async fn a_refused_read_is_an_error(
    #[case] status: u16,
    #[case] body: &str,
    #[case] expected: ProviderError,
) {
    let upstream = Upstream::start().await;
    upstream.on("getRentalSMS", Answer::http(status, "", body.as_bytes()));
    assert_eq!(open(&upstream).inbox(&order()).await.unwrap_err(), expected);
}

#[tokio::test]
async fn a_rental_is_renewed() {
    let (upstream, answer) = renewed_by(fixture("renewed.json")).await;
    let PurchaseAnswer::Bought(renewed) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(renewed.number.as_deref(), Some(NUMBER));
    assert_eq!(renewed.cost.unwrap().amount.to_string(), "840.00");
    assert_eq!(renewed.expires, zoneless("2026-05-09 21:55:55"));
    let seen = &upstream.seen("renewRental")[0];
    assert_eq!(seen.query["rental_id"], "27");
    assert_eq!(seen.query["duration_hours"], "720");
    // The end alone is enough.
    let body = r#"{"status":200,"new_expiry":"2026-05-09T21:55:55Z"}"#;
    let (_, answer) = renewed_by(Answer::json(body)).await;
    assert!(matches!(answer, PurchaseAnswer::Bought(_)), "{answer:?}");
}

#[rstest]
#[case(200, r#"{"status":"200"}"#)]
#[case(
    200,
    r#"{"status":"200","phone_number":"6281234500001","price_paid":"840.00"}"#
)]
#[case(200, r#"{"status":"200","new_expiry":"soon"}"#)]
#[case(200, r#"{"status":"200","new_expiry":"0001-01-01 00:00:00"}"#)]
#[case(
    200,
    r#"{"status":"402","message":"Insufficient balance","new_expiry":"2026-05-09 21:55:55"}"#
)]
#[case(
    404,
    r#"{"status":"404","message":"Rental not found","price_paid":"840.00"}"#
)]
#[case(502, r#"{"status":"502","message":"Upstream provider error"}"#)]
#[tokio::test]
async fn a_renewal_that_could_have_happened_is_ambiguous(#[case] status: u16, #[case] body: &str) {
    let (_, answer) = renewed_by(Answer::http(status, "", body.as_bytes())).await;
    assert!(matches!(answer, PurchaseAnswer::Ambiguous(_)), "{answer:?}");
}

#[tokio::test]
async fn rentals_bear_the_name_of_the_account_that_pays() {
    let upstream = Upstream::start().await;
    assert_eq!(open(&upstream).id().as_str(), "otpget");
}
