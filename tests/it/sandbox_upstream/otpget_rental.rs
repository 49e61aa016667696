//! OTPGet's rentals: their JSON, byte for byte, and the real driver's life with them.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use numshop::clock::Clock;
use numshop::domain::id::UpstreamId;
use numshop::provider::otpget::rental::OtpGetRental;
use numshop::provider::rental::{
    Renewal, Renewed, RentalProvider, RentalPurchase, RentalState, Rented, UpstreamRental,
};
use numshop::provider::{ProviderError, PurchaseAnswer, Server};
use numshop::sandbox::upstream::ControlError;
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::sandbox::upstream::fault::{Fault, Scope, step};
use rstest::rstest;
use rust_decimal::Decimal;

use super::{Bench, bought, rejected};

const RENT: &str = "action=rentNumber&country_code=US&provider=1&duration_hours=720";

fn open(bench: &Bench, key: &str) -> OtpGetRental {
    OtpGetRental::new(bench.http(key, OtpGetRental::account))
}

async fn start() -> (Bench, OtpGetRental) {
    let bench = Bench::new(Dialect::OtpGet).await;
    let provider = open(&bench, bench.upstream.key());
    (bench, provider)
}

/// The status and the body that a request to the handler gets.
async fn get(bench: &Bench, query: &str) -> (u16, String) {
    let endpoint = format!("{}/rental-handler.php", bench.upstream.url());
    let response = bench.send(&endpoint, query).await.unwrap();
    let status = response.status().as_u16();
    (status, response.text().await.unwrap())
}

fn wanted(server: Server, duration_hours: u32, max_cost: u32) -> RentalPurchase {
    RentalPurchase {
        country_code: "US".to_owned(),
        server,
        duration_hours,
        max_cost: max_cost.into(),
    }
}

async fn rents(provider: &OtpGetRental, terms: &RentalPurchase) -> Rented {
    bought(provider.rent(terms).await)
}

async fn mine(provider: &OtpGetRental) -> UpstreamRental {
    provider.mine().await.unwrap().remove(0)
}

#[rstest]
#[case(
    "action=getRentalCountries&provider=2",
    200,
    r#"{"status":"200","countries":[{"id":"3","provider":"2","name":"United States","country_code":"US"},{"id":"4","provider":"2","name":"Netherlands","country_code":"NL"}]}"#
)]
#[case(
    "action=getRentalCountries&provider=3",
    400,
    r#"{"status":"400","message":"Invalid provider"}"#
)]
#[case(
    "action=getRentalPricing&country_code=NL&provider=2",
    200,
    r#"{"status":"200","pricing":[{"id":"1","duration_hours":"720","price":"780.00","country_name":"Netherlands"},{"id":"2","duration_hours":"4320","price":"3900.00","country_name":"Netherlands"},{"id":"3","duration_hours":"8640","price":"7200.00","country_name":"Netherlands"}]}"#
)]
#[case(
    "action=getRentalPricing&country_code=NL&provider=1",
    404,
    r#"{"status":"404","message":"No pricing found for this country and duration"}"#
)]
#[case(
    "action=getAvailableRentals&country_code=US&provider=1",
    200,
    r#"{"status":"200","available":[{"area_code":"202","area_title":"Washington, DC","available":3337,"min_month":0},{"area_code":"212","area_title":"New York, NY","available":41,"min_month":1}]}"#
)]
#[case(
    "action=getAvailableRentals&country_code=FR&provider=1",
    200,
    r#"{"status":"200","available":[]}"#
)]
#[case(
    "action=rentNumber&country_code=NL&provider=2&duration_hours=8640",
    200,
    r#"{"status":"200","phone":"+31970100002","order_id":"RNT90002","duration_hours":8640,"price_paid":"7200.00","new_balance":"4991960.00","expires":"2027-01-11 01:30:00"}"#
)]
#[case(
    "action=rentNumber&country_code=NL&provider=2&duration_hours=24",
    400,
    r#"{"status":"400","message":"Invalid duration for this provider"}"#
)]
#[case(
    "action=rentNumber&country_code=US&provider=1&duration_hours=13",
    400,
    r#"{"status":"400","message":"Invalid duration"}"#
)]
#[case(
    "action=rentNumber&country_code=US&provider=1",
    400,
    r#"{"status":"400","message":"Missing required parameters"}"#
)]
#[case(
    "action=rentNumber&country_code=FR&provider=1&duration_hours=720",
    404,
    r#"{"status":"404","message":"No pricing found for this country and duration"}"#
)]
#[case(
    "action=getMyRentals",
    200,
    r#"{"status":"200","rentals":[{"id":"90001","server":"1","phone_number":"12025550001","order_id":"RNT90001","status":"active","country_code":"US","expiry_time":"2026-02-15 01:30:00"}]}"#
)]
#[case(
    "action=getRentalSMS&order_id=RNT90001",
    200,
    r#"{"status":"200","messages":[{"from":"WhatsApp","text":"Kode 4821","code":"","timestamp":"2026-01-15T20:30:00Z"}]}"#
)]
#[case(
    "action=getRentalSMS&order_id=90001",
    404,
    r#"{"status":"404","message":"Rental not found or does not belong to you"}"#
)]
#[case(
    "action=renewRental&rental_id=90001&duration_hours=24",
    200,
    r#"{"status":"200","phone_number":"12025550001","duration_hours":24,"price_paid":"95.00","new_balance":"4999065.00","new_expiry":"2026-02-16 01:30:00"}"#
)]
#[case(
    "action=renewRental&rental_id=RNT90001&duration_hours=24",
    404,
    r#"{"status":"404","message":"Rental not found or does not belong to you"}"#
)]
#[case("action=dance", 400, r#"{"status":"400","message":"Invalid action"}"#)]
#[tokio::test]
async fn the_handler_speaks_json(#[case] query: &str, #[case] status: u16, #[case] body: &str) {
    let (bench, _) = start().await;
    let (_, rented) = get(&bench, RENT).await;
    assert_eq!(
        rented,
        r#"{"status":"200","phone":"12025550001","order_id":"RNT90001","duration_hours":720,"price_paid":"840.00","new_balance":"4999160.00","expires":"2026-02-15 01:30:00"}"#
    );
    bench.upstream.deliver("RNT90001", "Kode 4821").unwrap();
    assert_eq!(get(&bench, query).await, (status, body.to_owned()));
    bench.assert_balanced();
}

#[tokio::test]
async fn the_driver_sees_what_is_for_rent() {
    let (_bench, provider) = start().await;
    let countries = provider.countries().await.unwrap();
    let codes: Vec<_> = countries
        .iter()
        .map(|it| (it.server, it.country_code.as_str()))
        .collect();
    let (one, two) = (Server::One, Server::Two);
    assert_eq!(codes, [(one, "US"), (one, "GB"), (two, "US"), (two, "NL")]);
    let hours = async |server| -> Vec<u32> {
        let prices = provider.pricing("US", server).await.unwrap();
        prices.iter().map(|price| price.duration_hours).collect()
    };
    assert_eq!(hours(one).await, [12, 24, 168, 720, 4_320, 8_640]);
    assert_eq!(hours(two).await, [720, 4_320, 8_640]);
    assert_eq!(provider.pricing("FR", one).await.unwrap(), []);
    let areas = provider.stock("US", one).await.unwrap();
    let left: Vec<_> = areas
        .iter()
        .map(|it| (it.available, it.min_months))
        .collect();
    assert_eq!(left, [(3_338, Some(0)), (41, Some(1))]);
}

#[rstest]
#[case(Server::One, 12, 60)]
#[case(Server::One, 8_640, 7_600)]
#[case(Server::Two, 720, 780)]
#[tokio::test]
async fn a_rental_lives_its_time_and_longer(
    #[case] server: Server,
    #[case] hours: u32,
    #[case] price: u32,
) {
    let (bench, provider) = start().await;
    let terms = wanted(server, hours, price);
    let paid_until = bench.clock.now() + TimeDelta::hours(hours.into());
    let rented = rents(&provider, &terms).await;
    let known = bench.upstream.newest_rentals(1).remove(0);
    assert_eq!(rented.upstream_id.as_str(), known.order_id);
    assert_eq!(rented.number, known.number);
    assert_eq!(rented.cost.unwrap().amount, Decimal::from(price));
    // Its clock is not ours.
    assert_eq!(rented.expires.unwrap().near(paid_until), paid_until);

    let row = mine(&provider).await;
    assert_eq!(row.order_id, rented.upstream_id);
    assert_eq!(row.number.as_ref(), Some(&rented.number));
    assert_eq!(
        (row.state, row.expires),
        (RentalState::Active, rented.expires)
    );

    assert_eq!(provider.inbox(&row.order_id).await.unwrap(), []);
    bench
        .upstream
        .deliver(&known.order_id, "Your code is 482-193")
        .unwrap();
    let inbox = provider.inbox(&row.order_id).await.unwrap();
    assert_eq!(inbox.len(), 1);
    assert_eq!(inbox[0].code.as_deref(), Some("482193"));
    assert_eq!(inbox[0].at, Some(bench.clock.now()));

    let renewal = Renewal {
        rental_id: row.rental_id,
        terms: terms.clone(),
    };
    let renewed: Renewed = bought(provider.renew(&renewal).await);
    let paid_until = paid_until + TimeDelta::hours(hours.into());
    assert_eq!(renewed.expires.near(paid_until), paid_until);
    assert_eq!(renewed.number, Some(rented.number));
    assert_eq!(mine(&provider).await.expires, Some(renewed.expires));
    assert_eq!(bench.upstream.spent(), Decimal::from(2 * price));
    bench.assert_balanced();

    bench.clock.advance(TimeDelta::hours((2 * hours).into()));
    assert_eq!(mine(&provider).await.state, RentalState::Expired);
    let answer = provider.renew(&renewal).await;
    assert!(
        matches!(answer, PurchaseAnswer::Rejected(ProviderError::Refused(_))),
        "{answer:?}"
    );
    // What it got can still be read.
    assert_eq!(provider.inbox(&row.order_id).await.unwrap().len(), 1);
    assert_eq!(bench.upstream.spent(), Decimal::from(2 * price));
    bench.assert_balanced();
}

#[tokio::test]
async fn sms_come_by_themselves_until_the_end() {
    let (bench, provider) = start().await;
    let upstream = &bench.upstream;
    upstream.set_sms_after(Some(Duration::from_secs(60)));
    upstream.set_rental_sms_every(Some(Duration::from_secs(3_600)));
    let rented = rents(&provider, &wanted(Server::One, 12, 60)).await;
    let count = async || provider.inbox(&rented.upstream_id).await.unwrap().len();
    assert_eq!(count().await, 0);
    bench.clock.advance(TimeDelta::seconds(60));
    assert_eq!(count().await, 1);
    bench.clock.advance(TimeDelta::hours(2));
    assert_eq!(count().await, 3);
    bench.clock.advance(TimeDelta::days(9));
    assert_eq!(count().await, 12);
    let inbox = provider.inbox(&rented.upstream_id).await.unwrap();
    assert!(
        inbox
            .iter()
            .all(|sms| sms.code.is_some() && sms.from.is_some())
    );
    let times: Vec<DateTime<Utc>> = inbox.iter().filter_map(|sms| sms.at).collect();
    assert!(times.is_sorted() && times.len() == inbox.len());
}

#[tokio::test]
async fn a_rental_can_be_ended_by_hand() {
    let (bench, provider) = start().await;
    let rented = rents(&provider, &wanted(Server::Two, 720, 780)).await;
    let order = rented.upstream_id.as_str();
    bench.upstream.expire(order).unwrap();
    assert_eq!(mine(&provider).await.state, RentalState::Expired);
    assert!(bench.upstream.rentals()[0].is_over);
    let closed = Err(ControlError::OrderClosed);
    assert_eq!(bench.upstream.deliver(order, "late"), closed);
    assert_eq!(bench.upstream.expire(order), closed);
    let unknown = Err(ControlError::UnknownOrder);
    assert_eq!(bench.upstream.deliver("RNT1", "whose?"), unknown);
    assert_eq!(bench.upstream.expire("RNT1"), unknown);
    // Nobody is paid back for a rental.
    assert_eq!(bench.upstream.spent(), Decimal::from(780));
    bench.assert_balanced();
}

#[tokio::test]
async fn what_the_upstream_refuses_is_surely_not_rented() {
    let (bench, provider) = start().await;
    let upstream = &bench.upstream;
    let terms = wanted(Server::One, 12, 60);
    let refused = async |provider: &OtpGetRental| rejected(provider.rent(&terms).await);
    upstream.set_rental_stock(1, "US", 0).unwrap();
    assert_eq!(refused(&provider).await, ProviderError::OutOfStock);
    upstream.set_rental_stock(1, "US", 1).unwrap();
    upstream.set_balance(Decimal::from(59));
    assert_eq!(refused(&provider).await, ProviderError::NoFunds);
    upstream.set_balance(Decimal::from(60));
    upstream.set_fault(Fault::NoStock, Scope::on(step::RENT).once());
    assert_eq!(refused(&provider).await, ProviderError::OutOfStock);
    for status in [400, 401, 402, 403, 404, 500, 503] {
        upstream.set_fault(Fault::Complaint(status), Scope::on(step::RENT).once());
        refused(&provider).await;
    }
    upstream.set_rental_price(1, "US", 12, 61.into()).unwrap();
    let stranger = open(&bench, "not-a-key");
    for provider in [&provider, &stranger] {
        let before = upstream.requests(step::RENT);
        let answer = provider.rent(&terms).await;
        assert!(matches!(answer, PurchaseAnswer::NotSent(_)), "{answer:?}");
        assert_eq!(upstream.requests(step::RENT), before);
    }
    assert_eq!(upstream.rentals(), []);
    assert_eq!(
        upstream.set_rental_price(2, "US", 12, 1.into()),
        Err(ControlError::UnknownService)
    );
    assert_eq!(
        upstream.set_rental_stock(1, "NL", 1),
        Err(ControlError::UnknownService)
    );
}

#[rstest]
#[case(Fault::DroppedConnection)]
#[case(Fault::ServerError(504))]
#[case(Fault::Complaint(502))]
#[case(Fault::TruncatedJson)]
#[case(Fault::BrokenBody)]
#[case(Fault::EmptyBody)]
#[case(Fault::HtmlPage)]
#[case(Fault::RateLimited { retry_after_s: 0 })]
#[tokio::test]
async fn a_lost_answer_leaves_a_doubt_that_the_list_resolves(#[case] fault: Fault) {
    let (bench, provider) = start().await;
    let upstream = &bench.upstream;
    let terms = wanted(Server::One, 168, 310);
    upstream.set_fault(fault.clone(), Scope::on(step::RENT).once().after_work());
    let answer = provider.rent(&terms).await;
    let carried_out = upstream.rentals().len();
    assert!(matches!(answer, PurchaseAnswer::Ambiguous(_)), "{answer:?}");
    assert_eq!((upstream.requests(step::RENT), carried_out), (1, 1));
    let row = mine(&provider).await;
    assert_eq!(row.order_id.as_str(), upstream.rentals()[0].order_id);

    upstream.set_fault(fault, Scope::on(step::RENEW).once().after_work());
    let renewal = Renewal {
        rental_id: row.rental_id.clone(),
        terms,
    };
    let answer = provider.renew(&renewal).await;
    assert!(matches!(answer, PurchaseAnswer::Ambiguous(_)), "{answer:?}");
    assert_eq!(upstream.requests(step::RENEW), 1);
    assert_ne!(mine(&provider).await.expires, row.expires);
    assert_eq!(upstream.spent(), Decimal::from(620));
    bench.assert_balanced();
}

#[tokio::test]
async fn strangers_see_and_renew_no_rental_of_ours() {
    let (bench, provider) = start().await;
    bench.upstream.open_account("another-key", 5_000.into());
    let stranger = open(&bench, "another-key");
    let rented = rents(&provider, &wanted(Server::One, 720, 840)).await;
    assert_eq!(stranger.mine().await.unwrap(), []);
    let inbox = stranger.inbox(&rented.upstream_id).await.unwrap_err();
    assert!(matches!(inbox, ProviderError::NotFound(_)), "{inbox}");
    let renewal = Renewal {
        rental_id: mine(&provider).await.rental_id,
        terms: wanted(Server::One, 720, 840),
    };
    let answer = stranger.renew(&renewal).await;
    assert!(
        matches!(answer, PurchaseAnswer::Rejected(ProviderError::NotFound(_))),
        "{answer:?}"
    );
    let unknown = provider.inbox(&UpstreamId::from("RNT1")).await.unwrap_err();
    assert!(matches!(unknown, ProviderError::NotFound(_)), "{unknown}");
    bench.assert_balanced();
}

#[tokio::test]
async fn numbers_for_one_code_and_rentals_take_from_one_balance() {
    let (bench, provider) = start().await;
    bench.upstream.set_balance(Decimal::from(1_000));
    rents(&provider, &wanted(Server::One, 720, 840)).await;
    let endpoint = format!("{}/handler_api.php", bench.upstream.url());
    let word = async |query: &str| {
        let response = bench.send(&endpoint, query).await.unwrap();
        response.text().await.unwrap()
    };
    assert_eq!(word("action=getBalance").await, "ACCESS_BALANCE:160.00");
    let number = word("action=getNumber&service=101&country=92&type=1").await;
    assert!(number.starts_with("ACCESS_NUMBER:"), "{number}");
    let renewal = Renewal {
        rental_id: mine(&provider).await.rental_id,
        terms: wanted(Server::One, 24, 95),
    };
    let answer = provider.renew(&renewal).await;
    assert!(
        matches!(answer, PurchaseAnswer::Rejected(ProviderError::NoFunds)),
        "{answer:?}"
    );
    assert_eq!(bench.upstream.balance(), Decimal::from(50));
    bench.assert_balanced();
}
