//! Keys, numbers, codes and SMS never leave a driver: not in an error, not in `Debug`, and not in
//! a log line, were it a library's at TRACE. Every call of every driver runs into every fault,
//! and many faults echo what they were sent.

mod ear;
mod faults;
mod long;

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Debug;
use std::time::Duration;

use numshop::config::{Config, Source};
use numshop::domain::id::UpstreamId;
use numshop::provider::compat::Compat;
use numshop::provider::http::Http;
use numshop::provider::http::settings::{Account, Retries, Timeouts};
use numshop::provider::otpbuddy::OtpBuddy;
use numshop::provider::otpcepat::OtpCepat;
use numshop::provider::otpgan::OtpGan;
use numshop::provider::otpgan::services::Services;
use numshop::provider::otpget::OtpGet;
use numshop::provider::otpget::cheap::OtpGetCheap;
use numshop::provider::virtusim::VirtuSim;
use numshop::provider::{Provider, ProviderError, Purchase, PurchaseAnswer};
use rstest::rstest;
use secrecy::SecretString;
use url::Url;

use self::ear::Ear;
use self::faults::{CODE, FAULTS, Place, SMS_WORD};
use crate::provider_server::{KEY, KEY_IN_URL, NUMBER, SECRETS, quick};

/// The calls of the trait.
const CALLS: [&str; 9] = [
    "balance",
    "countries",
    "assortment",
    "buy",
    "status",
    "open_orders",
    "cancel",
    "resend",
    "finish",
];
/// The calls that only VirtuSIM has.
const MORE: [&str; 3] = ["order_history", "detail_order", "reactive_order"];

/// A driver.
#[derive(Clone, Copy)]
struct Subject {
    path: &'static str,
    account: fn(Url, SecretString) -> Account,
    open: fn(Http) -> Box<dyn Provider>,
    country: &'static str,
    /// The calls that have nothing to ask the upstream.
    silent: &'static [&'static str],
}

const VIRTUSIM: Subject = Subject {
    path: "/json.php",
    account: VirtuSim::account,
    open: |http| Box::new(VirtuSim::new(http)),
    country: "indo",
    silent: &["balance", "countries"],
};
const VIRTUSIM_V2: Subject = Subject {
    path: "/v2/json.php",
    country: "Indonesia",
    silent: &[],
    ..VIRTUSIM
};
const OTPCEPAT: Subject = Subject {
    path: "/handler_api.php",
    account: OtpCepat::account,
    open: |http| Box::new(OtpCepat::new(http)),
    country: "6",
    silent: &["open_orders"],
};
const OTPGAN: Subject = Subject {
    path: "/api",
    account: OtpGan::account,
    open: |http| Box::new(OtpGan::new(http, Services::Online)),
    country: "6",
    silent: &["countries", "open_orders", "resend"],
};
const OTPBUDDY: Subject = Subject {
    path: "/v1/api",
    account: OtpBuddy::account,
    open: |http| Box::new(OtpBuddy::new(http)),
    country: "in",
    silent: &["countries", "open_orders", "resend", "finish"],
};
const OTPGET: Subject = Subject {
    path: "/stubs",
    account: OtpGet::account,
    open: |http| Box::new(OtpGet::new(http)),
    country: "1/33",
    silent: &["open_orders", "resend"],
};
const OTPGET_CHEAP: Subject = Subject {
    account: OtpGetCheap::account,
    open: |http| Box::new(OtpGetCheap::new(http)),
    country: "1/2",
    ..OTPGET
};
const COMPAT: Subject = Subject {
    path: "/stubs/handler_api.php",
    account: |url, key| Account::new("hero", url, key),
    open: |http| Box::new(Compat::new(http, "USD")),
    country: "6",
    silent: &[],
};

impl Subject {
    /// The way to `place`. The call's name is its user agent, so that the server can tell calls
    /// apart. After a 429 nothing is sent for a while, so that each call has a way of its own.
    fn http(&self, place: &Place, call: &str) -> Http {
        let account = (self.account)(place.url(self.path), KEY.into());
        let account = Account {
            user_agent: call.to_owned(),
            timeouts: Timeouts {
                connect: Duration::from_secs(5),
                read: place.patience(),
                change: place.patience(),
                purchase: place.patience(),
                catalogue: place.patience(),
            },
            retries: Retries {
                count: 1,
                pause: Duration::from_millis(1),
                max_pause: Duration::from_millis(1),
            },
            ..quick(account)
        };
        assert_hidden(&format!("{account:?} {account:#?}"));
        Http::new(account).unwrap()
    }

    /// Makes one of the [`CALLS`] and tells all that can be shown of how it ended.
    async fn call(&self, place: &Place, call: &str) -> String {
        let provider = (self.open)(self.http(place, call));
        let id = order();
        let ended = match call {
            "balance" => shown(provider.balance().await.as_ref().err()),
            "countries" => shown(provider.countries().await.as_ref().err()),
            "assortment" => shown(provider.assortment(self.country).await.as_ref().err()),
            "buy" => shown_answer(&provider.buy(&self.purchase()).await),
            "status" => {
                let status = provider.status(&id).await;
                format!("{status:?} {}", shown(status.as_ref().err()))
            }
            "open_orders" => {
                let orders = provider.open_orders().await;
                format!("{orders:?} {}", shown(orders.as_ref().err()))
            }
            "cancel" => shown(provider.cancel(&id).await.as_ref().err()),
            "resend" => shown(provider.resend(&id).await.as_ref().err()),
            "finish" => shown(provider.finish(&id).await.as_ref().err()),
            other => panic!("no such call: {other}"),
        };
        format!("{ended} {provider:?}")
    }

    fn purchase(&self) -> Purchase {
        Purchase {
            country_code: self.country.to_owned(),
            service_code: "1".to_owned(),
            operator: None,
            max_cost: 100.into(),
        }
    }
}

/// Makes one of the calls of [`MORE`].
async fn call_virtusim(place: &Place, call: &str) -> String {
    let provider = VirtuSim::new(VIRTUSIM_V2.http(place, call));
    let id = order();
    match call {
        "order_history" => {
            let orders = provider.order_history().await;
            format!("{orders:?} {}", shown(orders.as_ref().err()))
        }
        "detail_order" => {
            let order = provider.detail_order(&id).await;
            format!("{order:?} {}", shown(order.as_ref().err()))
        }
        "reactive_order" => shown_answer(&provider.reactive_order(&id).await),
        other => panic!("no such call: {other}"),
    }
}

/// Fails when a text shows a secret.
fn assert_hidden(text: &str) {
    for secret in SECRETS.iter().chain(&[CODE, SMS_WORD]) {
        assert!(!text.contains(secret), "{secret} shows in {text}");
    }
}

fn order() -> UpstreamId {
    "7100001".into()
}

fn shown_answer<T: Debug>(answer: &PurchaseAnswer<T>) -> String {
    let error = match answer {
        PurchaseAnswer::Bought(_) => None,
        PurchaseAnswer::NotSent(error)
        | PurchaseAnswer::Rejected(error)
        | PurchaseAnswer::Ambiguous(error) => Some(error),
    };
    format!("{answer:?} {answer:#?} {}", shown(error))
}

/// An error with everything behind it, in every way in which it can be shown.
fn shown(error: Option<&ProviderError>) -> String {
    let mut shown = Vec::new();
    let mut next = error.map(|error| error as &dyn Error);
    while let Some(error) = next {
        shown.push(format!("{error} {error:?} {error:#?}"));
        next = error.source();
    }
    shown.join(" ")
}

/// Runs every call into every fault; gives how many cases that were.
async fn runs_into_every_fault(subject: Subject, more: &[&str]) -> usize {
    let ear = Ear::listen();
    let mut cases = 0;
    for (name, fault) in FAULTS {
        let place = Place::new(fault).await;
        let trait_calls = CALLS.map(|call| subject.call(&place, call));
        let own_calls = more.iter().map(|call| call_virtusim(&place, call));
        let (ended, more_ended) = tokio::join!(
            futures_util::future::join_all(trait_calls),
            futures_util::future::join_all(own_calls)
        );
        for ended in ended.iter().chain(&more_ended) {
            assert_hidden(&format!("{name}: {ended}"));
            cases += 1;
        }
        if let Some(asked) = place.asked() {
            let calls = CALLS.iter().chain(more).copied();
            let expected: BTreeSet<String> = calls
                .filter(|call| !subject.silent.contains(call))
                .map(str::to_owned)
                .collect();
            assert_eq!(asked, expected, "{name}");
        }
    }
    ear.heard_the_libraries();
    for line in ear.lines() {
        assert_hidden(&line);
    }
    cases
}

#[rstest]
#[case::virtusim(VIRTUSIM, &[])]
#[case::virtusim_v2(VIRTUSIM_V2, &MORE)]
#[case::otpcepat(OTPCEPAT, &[])]
#[case::otpgan(OTPGAN, &[])]
#[case::otpbuddy(OTPBUDDY, &[])]
#[case::otpget(OTPGET, &[])]
#[case::otpget_cheap(OTPGET_CHEAP, &[])]
#[case::compat(COMPAT, &[])]
#[tokio::test]
async fn nothing_secret_leaves_a_driver(#[case] subject: Subject, #[case] more: &[&str]) {
    let cases = runs_into_every_fault(subject, more).await;
    assert_eq!(cases, FAULTS.len() * (CALLS.len() + more.len()));
    assert!(FAULTS.len() >= 40, "{} faults", FAULTS.len());
}

#[tokio::test]
async fn what_is_said_aloud_is_heard() {
    let ear = Ear::listen();
    log::trace!(target: "numshop::marker", "a line with {KEY}");
    log::debug!(target: "hyper", "code {CODE}");
    tracing::trace!(number = NUMBER, "a marker");
    tracing::trace_span!("inside", sms = "swordfish").in_scope(|| tracing::debug!("in a span"));
    // A task on another thread is not this test's.
    std::thread::spawn(|| log::error!("elsewhere"))
        .join()
        .unwrap();
    let lines = ear.lines();
    assert_eq!(lines.len(), 4, "{lines:?}");
    for line in lines {
        let seen = std::panic::catch_unwind(|| assert_hidden(&line));
        assert!(seen.is_err(), "{line}");
    }
}

#[test]
fn settings_show_no_key() {
    let url = format!("http://user:{KEY_IN_URL}@127.0.0.1/{KEY_IN_URL}?k={KEY_IN_URL}");
    let url = Url::parse(&url).unwrap();
    for subject in [
        VIRTUSIM,
        OTPCEPAT,
        OTPGAN,
        OTPBUDDY,
        OTPGET,
        OTPGET_CHEAP,
        COMPAT,
    ] {
        let account = (subject.account)(url.clone(), KEY.into());
        assert_hidden(&format!("{account:?} {account:#?}"));
        let provider = (subject.open)(Http::new(account).unwrap());
        assert_hidden(&format!("{provider:?} {provider:#?}"));
    }
    let keys = [
        "TELEGRAM_BOT_TOKEN",
        "API_KEY_VIRTUSIM",
        "API_KEY_OTPCEPAT",
        "API_KEY_OTPGET",
        "API_KEY_OTPBUDDY",
        "API_KEY_OTPGAN",
        "COMPAT_HERO_KEY",
    ];
    let token = format!("123456:{}", "kQ7x".repeat(9));
    let mut pairs = vec![
        ("OTPGAN_SERVICES", "online"),
        ("COMPAT_PROVIDERS", "hero"),
        ("COMPAT_HERO_CURRENCY", "USD"),
        ("RATE_USD", "16500"),
        ("RATE_PKR", "57"),
        ("RATE_INR", "190"),
    ];
    pairs.extend(keys.map(|name| (name, token.as_str())));
    let urls = [
        "VIRTUSIM_URL",
        "OTPCEPAT_URL",
        "OTPGET_URL",
        "OTPBUDDY_URL",
        "OTPGAN_URL",
    ];
    pairs.extend(urls.map(|name| (name, url.as_str())));
    pairs.push(("COMPAT_HERO_URL", url.as_str()));
    let source = Source::from_pairs(&pairs);
    let config = Config::from_source(&source).unwrap();
    assert_hidden(&format!("{source:?} {config:?} {config:#?}"));
}
