//! Each driver, given bytes as the answers of its upstream, for every call it makes.
//!
//! Whatever they are: nothing panics, a call ends after a few requests, what comes out is not
//! much more than what went in, a purchase is sent once, it is `Bought` only with an id and a
//! number that stand there, and never `Rejected` where both do.

use std::num::NonZeroU32;
use std::time::Duration;

use numshop::domain::id::UpstreamId;
use numshop::provider::compat::Compat;
use numshop::provider::http::Http;
use numshop::provider::http::settings::{Account, Limits, Retries};
use numshop::provider::otpbuddy::OtpBuddy;
use numshop::provider::otpcepat::OtpCepat;
use numshop::provider::otpgan::OtpGan;
use numshop::provider::otpgan::services::Services;
use numshop::provider::otpget::OtpGet;
use numshop::provider::otpget::cheap::OtpGetCheap;
use numshop::provider::virtusim::VirtuSim;
use numshop::provider::virtusim::rows::PastOrder;
use numshop::provider::{
    Activation, Assortment, Bought, Cost, Provider, ProviderError, Purchase, PurchaseAnswer,
};
use secrecy::SecretString;
use tokio::runtime::{Builder, Runtime};
use url::Url;

use super::answers::{Answers, Given, holds_order, sells, shows};

/// No more requests than this belong to one call: OTPGet asks six suppliers, each twice if need be.
const MOST_REQUESTS: usize = 12;
/// Our key; no error may show it.
pub(crate) const KEY: &str = "an-invented-key";
pub(crate) const ORDER: &str = "7100001";
/// The longest error, in bytes: a cleaned text and what is said around it.
const LONGEST_ERROR: usize = 1_024;

/// One driver.
struct Subject {
    host: Host,
    open: fn(Http) -> Box<dyn Provider>,
    /// Country and service.
    wanted: [&'static str; 2],
}

/// Where a driver is sent, and what it may do there.
#[derive(Clone, Copy)]
pub(crate) struct Host {
    pub(crate) account: fn(Url, SecretString) -> Account,
    pub(crate) url: &'static str,
    /// How often it may ask to buy: more than once only where the first call is not known there.
    pub(crate) most_sales: usize,
    /// Whether it reads the price before it buys, and may turn back then.
    pub(crate) looks_first: bool,
}

impl Host {
    fn new(account: fn(Url, SecretString) -> Account, url: &'static str) -> Self {
        Self {
            account,
            url,
            most_sales: 1,
            looks_first: false,
        }
    }
}

/// VirtuSIM, both versions, and the calls that only it has.
pub fn virtusim(data: &[u8]) {
    let v2 = Subject {
        host: Host::new(VirtuSim::account, "http://upstream.invalid/v2/json.php"),
        open: |http| Box::new(VirtuSim::new(http)),
        wanted: ["Indonesia", "1"],
    };
    drive(data, &v2);
    let v1 = Subject {
        host: Host::new(VirtuSim::account, "http://upstream.invalid/json.php"),
        wanted: ["indo", "1"],
        ..v2
    };
    drive(data, &v1);
    let order = UpstreamId::from(ORDER);
    with(data, v2.host, async |http| {
        let history = VirtuSim::new(http).order_history().await;
        told(&history, |rows| rows.iter().map(of_past).sum())
    });
    with(data, v2.host, async |http| {
        let detail = VirtuSim::new(http).detail_order(&order).await;
        told(&detail, of_past)
    });
    with(data, v2.host, async |http| {
        of_answer(&VirtuSim::new(http).reactive_order(&order).await)
    });
}

/// OTPCepat.
pub fn otpcepat(data: &[u8]) {
    let subject = Subject {
        host: Host::new(OtpCepat::account, "http://upstream.invalid/handler_api.php"),
        open: |http| Box::new(OtpCepat::new(http)),
        wanted: ["6", "12"],
    };
    drive(data, &subject);
}

/// OTPGan, with the list of services that may be there.
pub fn otpgan(data: &[u8]) {
    let subject = Subject {
        host: Host::new(OtpGan::account, "http://upstream.invalid/api"),
        open: |http| Box::new(OtpGan::new(http, Services::Online)),
        wanted: ["6", "wa"],
    };
    drive(data, &subject);
}

/// OTPBuddy.
pub fn otpbuddy(data: &[u8]) {
    let subject = Subject {
        host: Host::new(OtpBuddy::account, "http://upstream.invalid/v1/api"),
        open: |http| Box::new(OtpBuddy::new(http)),
        wanted: ["in", "101"],
    };
    drive(data, &subject);
}

/// OTPGet's activations.
pub fn otpget(data: &[u8]) {
    let subject = Subject {
        host: Host::new(OtpGet::account, "http://upstream.invalid/stubs"),
        open: |http| Box::new(OtpGet::new(http)),
        wanted: ["1/33", "102"],
    };
    drive(data, &subject);
}

/// OTPGet's cheap numbers.
pub fn otpget_cheap(data: &[u8]) {
    let subject = Subject {
        host: Host::new(OtpGetCheap::account, "http://upstream.invalid/stubs"),
        open: |http| Box::new(OtpGetCheap::new(http)),
        wanted: ["1/2", "2"],
    };
    drive(data, &subject);
}

/// A host of the sms-activate family.
pub fn compat(data: &[u8]) {
    let subject = Subject {
        host: Host {
            most_sales: 2,
            ..Host::new(
                |url, key| Account::new("hero", url, key),
                "http://upstream.invalid/stubs/handler_api.php",
            )
        },
        open: |http| Box::new(Compat::new(http, "USD")),
        wanted: ["6", "wa"],
    };
    drive(data, &subject);
}

/// Makes every call of a driver, each with the answers from their beginning.
fn drive(data: &[u8], subject: &Subject) {
    let order = UpstreamId::from(ORDER);
    let open = subject.open;
    let [country, service] = subject.wanted;
    let purchase = Purchase {
        country_code: country.to_owned(),
        service_code: service.to_owned(),
        operator: None,
        max_cost: 100.into(),
    };
    with(data, subject.host, async |http| {
        told(&open(http).balance().await, of_cost)
    });
    with(data, subject.host, async |http| {
        told(&open(http).countries().await, |countries| {
            countries
                .iter()
                .map(|it| it.code.len() + it.name.len())
                .sum()
        })
    });
    with(data, subject.host, async |http| {
        told(&open(http).assortment(country).await, of_assortment)
    });
    with(data, subject.host, async |http| {
        let answer = open(http).buy(&purchase).await;
        settle().await;
        of_answer(&answer)
    });
    with(data, subject.host, async |http| {
        told(&open(http).status(&order).await, |activation| {
            assert_eq!(activation.upstream_id, order, "the status of another order");
            of_activation(activation)
        })
    });
    with(data, subject.host, async |http| {
        told(&open(http).open_orders().await, |orders| {
            orders.iter().flatten().map(of_activation).sum()
        })
    });
    with(data, subject.host, async |http| {
        told(&open(http).cancel(&order).await, |_| 0)
    });
    with(data, subject.host, async |http| {
        told(&open(http).resend(&order).await, |()| 0)
    });
    with(data, subject.host, async |http| {
        told(&open(http).finish(&order).await, |()| 0)
    });
}

/// What came out of a call.
pub(crate) struct Told {
    /// How many bytes all of it has.
    pub(crate) bytes: usize,
    /// Of a purchase.
    pub(crate) verdict: Option<Verdict>,
}

/// What a purchase came down to.
pub(crate) enum Verdict {
    /// An id and a number, both in the answer.
    Bought(Bought),
    /// Something else, with words that must stand in the answer.
    Shown(Vec<String>),
    NotSent,
    Rejected,
    Ambiguous,
}

/// Makes one call and checks what must hold of any.
pub(crate) fn with(data: &[u8], host: Host, call: impl AsyncFnOnce(Http) -> Told) {
    let answers = Answers::read(data);
    let url = Url::parse(host.url).expect("the URL of a host");
    let account = Account {
        limits: unlimited(),
        retries: at_once(),
        ..(host.account)(url, KEY.into())
    };
    let http = Http::over(answers.clone(), account).expect("the account of a subject");
    let told = RUNTIME.with(|runtime| runtime.block_on(call(http)));
    let given = answers.given();
    assert!(
        given.requests <= MOST_REQUESTS,
        "{} requests",
        given.requests
    );
    assert!(
        told.bytes <= 32 * given.bytes + 4_096,
        "{} bytes out of {}",
        told.bytes,
        given.bytes
    );
    assert!(given.sales.len() <= host.most_sales, "it bought again");
    if let Some(verdict) = &told.verdict {
        check_sale(verdict, &given, host);
    }
}

fn check_sale(verdict: &Verdict, given: &Given, host: Host) {
    match verdict {
        Verdict::Bought(bought) => {
            let mut sales = given.sales.iter();
            assert!(
                sales.any(|body| sells(body, bought)),
                "bought out of nothing"
            );
        }
        Verdict::Shown(words) => {
            let mut sales = given.sales.iter();
            assert!(
                sales.any(|body| shows(body, words)),
                "bought out of nothing"
            );
        }
        Verdict::Rejected => {
            let mut sales = given.sales.iter();
            assert!(
                !sales.any(|body| holds_order(body)),
                "an order was rejected"
            );
        }
        Verdict::NotSent if host.looks_first => assert!(given.sales.is_empty(), "it was sent"),
        Verdict::NotSent => assert_eq!(given.requests, 0, "it was sent"),
        Verdict::Ambiguous => assert!(given.requests > 0, "in doubt about nothing"),
    }
}

fn of_answer(answer: &PurchaseAnswer) -> Told {
    of_sale(answer, |bought| {
        check_number(&bought.number);
        assert!(!bought.upstream_id.as_str().is_empty(), "an empty id");
        let cost = bought.cost.as_ref().map_or(0, of_cost);
        let bytes = bought.upstream_id.as_str().len() + bought.number.len() + cost;
        (bytes, Verdict::Bought(bought.clone()))
    })
}

/// What came out of a purchase of whatever `of_bought` looks at.
pub(crate) fn of_sale<T>(
    answer: &PurchaseAnswer<T>,
    of_bought: impl FnOnce(&T) -> (usize, Verdict),
) -> Told {
    let (bytes, verdict) = match answer {
        PurchaseAnswer::Bought(bought) => of_bought(bought),
        PurchaseAnswer::NotSent(error) => (of_error(error), Verdict::NotSent),
        PurchaseAnswer::Rejected(error) => (of_error(error), Verdict::Rejected),
        PurchaseAnswer::Ambiguous(error) => (of_error(error), Verdict::Ambiguous),
    };
    Told {
        bytes,
        verdict: Some(verdict),
    }
}

pub(crate) fn told<T>(outcome: &Result<T, ProviderError>, size: impl FnOnce(&T) -> usize) -> Told {
    Told {
        bytes: outcome.as_ref().map_or_else(of_error, size),
        verdict: None,
    }
}

fn of_error(error: &ProviderError) -> usize {
    let text = format!("{error} {error:?}");
    assert!(!text.contains(KEY), "the key shows");
    assert!(
        text.len() <= 2 * LONGEST_ERROR,
        "an error of {} bytes",
        text.len()
    );
    text.len()
}

pub(crate) fn of_cost(cost: &Cost) -> usize {
    cost.amount.to_string().len() + cost.currency.len()
}

fn of_assortment(assortment: &Assortment) -> usize {
    let operators = assortment.operators.iter().map(String::len);
    let listings = assortment.listings.iter();
    let listings =
        listings.map(|row| row.service_code.len() + row.service_name.len() + of_cost(&row.cost));
    operators.chain(listings).sum()
}

fn of_activation(activation: &Activation) -> usize {
    if let Some(number) = &activation.number {
        check_number(number);
    }
    let texts = [
        &activation.number,
        &activation.sms,
        &activation.service_name,
    ];
    let texts: usize = texts.into_iter().flatten().map(String::len).sum();
    let state = format!("{:?}", activation.state);
    assert!(!state.contains(KEY), "the key shows");
    activation.upstream_id.as_str().len() + state.len() + texts
}

fn of_past(order: &PastOrder) -> usize {
    of_activation(&order.activation) + order.cost.as_ref().map_or(0, of_cost)
}

pub(crate) fn check_number(number: &str) {
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit());
    assert!(is_plain && (7..=15).contains(&number.len()), "not a number");
}

/// Lets tasks that a purchase started come to their end.
async fn settle() {
    for _ in 0..16 {
        tokio::task::yield_now().await;
    }
}

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime without I/O");
}

fn unlimited() -> Limits {
    let many = NonZeroU32::new(1_000_000).expect("a million is not zero");
    Limits {
        burst: many,
        ..Limits::per_second(many)
    }
}

fn at_once() -> Retries {
    Retries {
        count: 1,
        pause: Duration::ZERO,
        max_pause: Duration::ZERO,
    }
}
