//! OTPGet's activations and cheap numbers: their words, byte for byte, and the real drivers' life
//! with them.

use chrono::TimeDelta;
use numshop::provider::otpget::OtpGet;
use numshop::provider::otpget::cheap::OtpGetCheap;
use numshop::provider::{
    ActivationState, Bought, CancelAnswer, Provider, ProviderError, Purchase, PurchaseAnswer,
};
use numshop::sandbox::upstream::OrderState;
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::sandbox::upstream::fault::{Fault, Scope, step};
use rstest::rstest;
use rust_decimal::Decimal;

use super::{Bench, buys, is_refused};

/// One of the two handlers, with its driver and something to buy.
struct Handler {
    bench: Bench,
    file: &'static str,
    provider: Box<dyn Provider>,
    wanted: Purchase,
    /// The offer's id.
    offer: &'static str,
}

impl Handler {
    async fn open(dialect: Dialect) -> Self {
        let bench = Bench::new(dialect).await;
        let key = bench.upstream.key();
        let cheap = dialect == Dialect::OtpGetCheap;
        let provider: Box<dyn Provider> = if cheap {
            Box::new(OtpGetCheap::new(bench.http(key, OtpGetCheap::account)))
        } else {
            Box::new(OtpGet::new(bench.http(key, OtpGet::account)))
        };
        let (file, country, offer, cost) = if cheap {
            ("cheap_handler.php", "1/2", "2", 50)
        } else {
            ("handler_api.php", "1/92", "101", 110)
        };
        Self {
            bench,
            file,
            provider,
            wanted: Purchase {
                country_code: country.to_owned(),
                service_code: offer.to_owned(),
                operator: None,
                max_cost: cost.into(),
            },
            offer,
        }
    }

    /// What a request to this handler's file gets.
    async fn get(&self, query: &str) -> String {
        let endpoint = format!("{}/{}", self.bench.upstream.url(), self.file);
        let response = self.bench.send(&endpoint, query).await.unwrap();
        assert_eq!(response.status(), 200);
        response.text().await.unwrap()
    }

    async fn buy(&self) -> Bought {
        buys(self.provider.as_ref(), &self.wanted).await
    }

    async fn rejected(&self) -> ProviderError {
        is_refused(self.provider.as_ref(), &self.wanted).await
    }
}

const BUY: &str = "action=getNumber&service=101&country=92&type=1";

#[rstest]
#[case("action=getBalance", "ACCESS_BALANCE:4999890.00")]
#[case("action=dance", "BAD_ACTION")]
#[case(
    "action=getCountries&type=1",
    r#"{"1":[{"id":"92","name":"Pakistan"},{"id":"62","name":"Indonesia"}]}"#
)]
#[case("action=getCountries&type=6", r#"{"6":[]}"#)]
#[case("action=getCountries&type=7", "BAD_TYPE")]
#[case(
    "action=getServices&country=62&type=1",
    r#"{"201":"WhatsApp - 92 PKR","202":"Telegram - 128 PKR"}"#
)]
#[case(
    "action=getServices&country=7&type=2",
    r#"{"1":{"301":"WhatsApp \u2014 \u20a8268.00","302":"Telegram \u2014 \u20a8310.00"}}"#
)]
#[case("action=getServices&country=7&type=1", "BAD_COUNTRY")]
#[case("action=getServices&country=7", "BAD_TYPE")]
#[case("action=getNumber&service=999&country=92&type=1", "BAD_SERVICE")]
#[case("action=getNumber&service=201&country=92&type=1", "BAD_SERVICE")]
#[case(
    "action=getNumber&service=101&country=92&type=1&maxPrice=109",
    "ERROR_PRICE_CHANGE"
)]
#[case(
    "action=getNumber&service=101&country=92&type=1&maxPrice=110",
    "ACCESS_NUMBER:90002:923990090002"
)]
#[case(
    "action=getNumber&service=302&country=7&type=2",
    r#"ERROR_PROVIDER_2:{"status":"error","message":"Sorry: no numbers"}"#
)]
#[case("action=getStatus&id=90001", "STATUS_WAIT_CODE")]
#[case("action=getStatus&id=1", "NO_ACTIVATION")]
#[case("action=getStatus&id=x", "BAD_ID")]
#[case("action=setStatus&id=90001&status=6", "NO_SMS_RECEIVED")]
#[case("action=setStatus&id=90001&status=8", "EARLY_CANCEL_DENIED")]
#[case("action=setStatus&id=90001&status=4", "BAD_STATUS")]
#[tokio::test]
async fn the_activations_speak_in_words(#[case] query: &str, #[case] answer: &str) {
    let handler = Handler::open(Dialect::OtpGet).await;
    assert_eq!(handler.get(BUY).await, "ACCESS_NUMBER:90001:923990090001");
    assert_eq!(handler.get(query).await, answer);
    handler.bench.assert_balanced();
}

#[rstest]
#[case("action=getBalance", "ACCESS_BALANCE:4999950.00")]
#[case(
    "action=getServers",
    r#"{"1":[{"id":"2","name":"Pakistan - Server 2"},{"id":"1","name":"Random Facebook - Free"},{"id":"3","name":"Indonesia - Server 3"}]}"#
)]
#[case(
    "action=getServices&server=2&type=1",
    r#"{"2":"Pakistan Server 2 \u2014 \u20a850.00"}"#
)]
#[case(
    "action=getServices&server=1",
    r#"{"1":"Random Facebook \u2014 Free"}"#
)]
#[case("action=getServices&server=9&type=1", "BAD_SERVER")]
#[case("action=buyNumber&server=3&type=1", "41002,628940041002,900")]
#[case("action=buyNumber&server=3&type=2", "BAD_SERVER")]
#[case("action=getStatus&id=41001", "STATUS_WAIT_CODE")]
#[case("action=setStatus&id=41001&status=8", "EARLY_CANCEL_DENIED")]
#[case("action=setStatus&id=41001&status=3", "NO_SMS_RECEIVED")]
#[tokio::test]
async fn the_cheap_numbers_speak_in_words(#[case] query: &str, #[case] answer: &str) {
    let handler = Handler::open(Dialect::OtpGetCheap).await;
    let bought = handler.get("action=buyNumber&server=2&type=1").await;
    assert_eq!(bought, "41001,923980041001,900");
    assert_eq!(handler.get(query).await, answer);
    handler.bench.assert_balanced();
}

#[tokio::test]
async fn a_success_is_worded_in_several_ways() {
    let handler = Handler::open(Dialect::OtpGet).await;
    let mut words = Vec::new();
    for id in 90_001..=90_003 {
        handler.get(BUY).await;
        handler
            .bench
            .upstream
            .deliver(&id.to_string(), "Kode 4821")
            .unwrap();
        words.push(
            handler
                .get(&format!("action=setStatus&id={id}&status=3"))
                .await,
        );
        let again = handler
            .get(&format!("action=setStatus&id={id}&status=8"))
            .await;
        assert_eq!(again, "STATUS_ALREADY_CHANGED");
    }
    assert_eq!(
        words,
        [
            "ACCESS_FINISH",
            "ACCESS_ACTIVATION",
            "Activation completed successfully"
        ]
    );
    handler.bench.assert_balanced();
}

#[tokio::test]
async fn the_drivers_read_what_is_sold() {
    let handler = Handler::open(Dialect::OtpGet).await;
    let countries = handler.provider.countries().await.unwrap();
    let rows: Vec<_> = countries
        .iter()
        .map(|row| (row.code.as_str(), row.name.as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            ("1/92", "Pakistan"),
            ("1/62", "Indonesia"),
            ("2/7", "Malaysia"),
            ("2/10", "Vietnam")
        ]
    );
    for (code, name, cost) in [("1/92", "WhatsApp", "110"), ("2/7", "WhatsApp", "268.00")] {
        let sold = handler.provider.assortment(code).await.unwrap();
        assert_eq!(sold.listings[0].service_name, name);
        assert_eq!(sold.listings[0].cost.amount.to_string(), cost);
    }

    let cheap = Handler::open(Dialect::OtpGetCheap).await;
    let countries = cheap.provider.countries().await.unwrap();
    assert_eq!(
        (countries[0].code.as_str(), countries[0].name.as_str()),
        ("1/2", "Pakistan")
    );
    let sold = cheap.provider.assortment("1/2").await.unwrap();
    assert_eq!(sold.listings.len(), 1);
    assert_eq!(sold.listings[0].service_name, "Any Other");
    assert_eq!(sold.listings[0].cost.amount.to_string(), "50.00");
    // What is free cannot be priced.
    assert!(
        cheap
            .provider
            .assortment("1/1")
            .await
            .unwrap()
            .listings
            .is_empty()
    );
}

#[rstest]
#[tokio::test]
async fn from_purchase_to_finish(
    #[values(Dialect::OtpGet, Dialect::OtpGetCheap)] dialect: Dialect,
) {
    let handler = Handler::open(dialect).await;
    let provider = &handler.provider;
    // Each order is closed in other words.
    for _ in 0..3 {
        let bought = handler.buy().await;
        let id = &bought.upstream_id;
        let order = handler.bench.upstream.order(id.as_str()).unwrap();
        assert_eq!(bought.number, order.number);
        assert_eq!(
            provider.status(id).await.unwrap().state,
            ActivationState::Waiting
        );
        assert!(provider.finish(id).await.is_err(), "without an SMS");
        handler
            .bench
            .upstream
            .deliver(id.as_str(), "Kode 4821")
            .unwrap();
        let seen = provider.status(id).await.unwrap();
        assert_eq!(
            (seen.state, seen.sms.as_deref()),
            (ActivationState::Received, Some("4821"))
        );
        assert_eq!(
            provider.cancel(id).await.unwrap(),
            CancelAnswer::AlreadyClosed
        );
        provider.finish(id).await.unwrap();
        let order = handler.bench.upstream.order(id.as_str()).unwrap();
        assert_eq!(order.state, OrderState::Finished);
        assert_eq!(
            provider.status(id).await.unwrap().sms.as_deref(),
            Some("4821")
        );
    }
    handler.bench.assert_balanced();
}

#[rstest]
#[tokio::test]
async fn a_cancellation_is_refused_at_first_and_then_pays_back(
    #[values(Dialect::OtpGet, Dialect::OtpGetCheap)] dialect: Dialect,
) {
    let handler = Handler::open(dialect).await;
    let provider = &handler.provider;
    for _ in 0..3 {
        let id = handler.buy().await.upstream_id;
        assert_eq!(provider.cancel(&id).await.unwrap(), CancelAnswer::NotNow);
        handler.bench.clock.advance(TimeDelta::minutes(2));
        let answer = provider.cancel(&id).await.unwrap();
        // After a sentence the status decides.
        assert!(
            matches!(answer, CancelAnswer::Cancelled | CancelAnswer::NotNow),
            "{answer:?}"
        );
        assert_eq!(
            provider.status(&id).await.unwrap().state,
            ActivationState::Cancelled
        );
        assert_eq!(
            provider.cancel(&id).await.unwrap(),
            CancelAnswer::AlreadyClosed
        );
    }
    assert_eq!(handler.bench.upstream.spent(), Decimal::ZERO);
    handler.bench.assert_balanced();
}

#[rstest]
#[tokio::test]
async fn a_number_runs_out_and_is_paid_back(
    #[values(Dialect::OtpGet, Dialect::OtpGetCheap)] dialect: Dialect,
) {
    let handler = Handler::open(dialect).await;
    let id = handler.buy().await.upstream_id;
    let lifetime = TimeDelta::from_std(handler.provider.capabilities().lifetime).unwrap();
    handler
        .bench
        .clock
        .advance(lifetime - TimeDelta::seconds(1));
    let state = || async { handler.provider.status(&id).await.unwrap().state };
    assert_eq!(state().await, ActivationState::Waiting);
    handler.bench.clock.advance(TimeDelta::seconds(1));
    assert_eq!(state().await, ActivationState::Cancelled);
    assert_eq!(handler.bench.upstream.spent(), Decimal::ZERO);
}

#[rstest]
#[tokio::test]
async fn what_cannot_be_bought_is_surely_not_bought(
    #[values(Dialect::OtpGet, Dialect::OtpGetCheap)] dialect: Dialect,
) {
    let handler = Handler::open(dialect).await;
    let upstream = &handler.bench.upstream;
    upstream.set_stock(handler.offer, 0).unwrap();
    assert_eq!(handler.rejected().await, ProviderError::OutOfStock);
    upstream.set_stock(handler.offer, 9).unwrap();
    upstream.set_fault(Fault::WrongKey, Scope::on(step::BUY).once());
    assert_eq!(
        handler.rejected().await,
        ProviderError::Refused("BAD_KEY".to_owned())
    );
    if dialect == Dialect::OtpGet {
        // The cheap numbers take no limit.
        let dearer = Fault::PriceChange { percent: 10 };
        upstream.set_fault(dearer, Scope::on(step::BUY).once());
        assert_eq!(handler.rejected().await, ProviderError::PriceRose);
    }
    upstream.set_balance(49.into());
    assert_eq!(handler.rejected().await, ProviderError::NoFunds);
    assert_eq!(upstream.orders().len(), 0);
    handler.bench.assert_balanced();
}

#[rstest]
#[tokio::test]
async fn a_lost_answer_is_a_doubt(
    #[values(Dialect::OtpGet, Dialect::OtpGetCheap)] dialect: Dialect,
    #[values(Fault::DroppedConnection, Fault::EmptyBody, Fault::ServerError(502))] fault: Fault,
) {
    let handler = Handler::open(dialect).await;
    let lost = Scope::on(step::BUY).once().after_work();
    handler.bench.upstream.set_fault(fault, lost);
    let answer = handler.provider.buy(&handler.wanted).await;
    assert!(matches!(answer, PurchaseAnswer::Ambiguous(_)), "{answer:?}");
    assert_eq!(handler.bench.upstream.requests(step::BUY), 1);
    assert_eq!(handler.bench.upstream.orders().len(), 1);
}

#[tokio::test]
async fn half_an_answer_is_no_number() {
    let handler = Handler::open(Dialect::OtpGet).await;
    let lost = Scope::on(step::BUY).once();
    handler.bench.upstream.set_fault(Fault::TruncatedJson, lost);
    let answer = handler.provider.buy(&handler.wanted).await;
    assert!(matches!(answer, PurchaseAnswer::Ambiguous(_)), "{answer:?}");
}
