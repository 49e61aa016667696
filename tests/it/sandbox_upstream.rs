//! The simulated upstreams themselves, over real HTTP: what they say, what they refuse, how they
//! fail, and that their books balance.

mod compat;
mod faults;
mod otpbuddy;
mod otpcepat;
mod otpgan;
mod otpget;
mod otpget_mail;
mod otpget_rental;
mod panel;
mod virtusim;

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use numshop::clock::Clock;
use numshop::provider::http::Http;
use numshop::provider::http::settings::Account;
use numshop::provider::{Bought, Provider, ProviderError, Purchase, PurchaseAnswer};
use numshop::sandbox::upstream::SimulatedUpstream;
use numshop::sandbox::upstream::dialect::Dialect;
use reqwest::{Client, Response};
use secrecy::SecretString;
use url::Url;

use crate::provider_server::{limits, retries};

/// A clock that stands still unless it is moved.
#[derive(Debug, Default)]
struct StoppedClock {
    offset_s: AtomicI64,
}

impl StoppedClock {
    fn advance(&self, delta: TimeDelta) {
        self.offset_s
            .fetch_add(delta.num_seconds(), Ordering::SeqCst);
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> DateTime<Utc> {
        let start: DateTime<Utc> = "2026-01-15T20:30:00Z".parse().unwrap();
        start + TimeDelta::seconds(self.offset_s.load(Ordering::SeqCst))
    }
}

/// One simulated upstream, its clock, and a client that knows its key.
struct Bench {
    upstream: SimulatedUpstream,
    clock: Arc<StoppedClock>,
    client: Client,
}

impl Bench {
    async fn new(dialect: Dialect) -> Self {
        let clock = Arc::new(StoppedClock::default());
        let upstream = SimulatedUpstream::start(dialect, Arc::clone(&clock) as Arc<dyn Clock>)
            .await
            .unwrap();
        let client = Client::new();
        Self {
            upstream,
            clock,
            client,
        }
    }

    /// The way of a real driver to the simulation, with this key.
    fn http(&self, key: &str, usual: impl FnOnce(Url, SecretString) -> Account) -> Http {
        let url = self.upstream.url().parse().unwrap();
        let account = Account {
            limits: limits(),
            retries: retries(),
            ..usual(url, key.into())
        };
        Http::new(account).unwrap()
    }

    /// Sends a request with the right key to `endpoint`.
    async fn send(&self, endpoint: &str, query: &str) -> reqwest::Result<Response> {
        let url = format!("{endpoint}?api_key={}&{query}", self.upstream.key());
        self.client.get(url).send().await
    }

    /// The body that a request to the ordinary endpoint gets.
    async fn get(&self, query: &str) -> String {
        let response = self.send(&self.upstream.url(), query).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(
            response.headers()["content-type"],
            "text/html; charset=UTF-8"
        );
        response.text().await.unwrap()
    }

    /// The same at VirtuSIM's v2.
    async fn get_v2(&self, query: &str) -> String {
        let response = self.send(&self.upstream.url_v2(), query).await.unwrap();
        response.text().await.unwrap()
    }

    /// Funded less balance is what the orders cost, and all of it is in whole orders.
    fn assert_balanced(&self) {
        let upstream = &self.upstream;
        assert_eq!(upstream.funded() - upstream.balance(), upstream.spent());
    }
}

/// What was bought.
fn bought<T: Debug>(answer: PurchaseAnswer<T>) -> T {
    let PurchaseAnswer::Bought(bought) = answer else {
        panic!("{answer:?}");
    };
    bought
}

/// Why it was surely not bought.
fn rejected<T: Debug>(answer: PurchaseAnswer<T>) -> ProviderError {
    let PurchaseAnswer::Rejected(error) = answer else {
        panic!("{answer:?}");
    };
    error
}

/// Buys through a real driver.
async fn buys(provider: &dyn Provider, wanted: &Purchase) -> Bought {
    bought(provider.buy(wanted).await)
}

/// Tries to buy through a real driver, and is surely refused.
async fn is_refused(provider: &dyn Provider, wanted: &Purchase) -> ProviderError {
    rejected(provider.buy(wanted).await)
}
