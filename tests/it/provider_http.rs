//! What every upstream driver owes to the HTTP wrapper: a purchase is sent once and judged
//! rightly, limits hold, secrets stay in. Driven through both drivers over loopback.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use numshop::domain::id::UpstreamId;
use numshop::provider::http::settings::{Account, Limits};
use numshop::provider::http::{Ask, Call, Http};
use numshop::provider::otpcepat::OtpCepat;
use numshop::provider::virtusim::VirtuSim;
use numshop::provider::{Provider, ProviderError, Purchase, PurchaseAnswer};
use rstest::rstest;
use tokio::net::TcpListener;
use url::Url;

use crate::provider_server::{
    Answer, FAULTS, KEY, KEY_IN_URL, NUMBER, Upstream, assert_clean, limits, quick,
};

/// Which driver; the tests run with each.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Driver {
    VirtuSim,
    VirtuSimV2,
    OtpCepat,
}

impl Driver {
    pub(crate) fn open(self, base_url: Url) -> Box<dyn Provider> {
        let http = |account| Http::new(quick(account)).unwrap();
        match self {
            Self::VirtuSim => {
                Box::new(VirtuSim::new(http(VirtuSim::account(base_url, KEY.into()))))
            }
            Self::VirtuSimV2 => {
                let base_url = base_url.join("v2/").unwrap();
                Box::new(VirtuSim::new(http(VirtuSim::account(base_url, KEY.into()))))
            }
            Self::OtpCepat => {
                Box::new(OtpCepat::new(http(OtpCepat::account(base_url, KEY.into()))))
            }
        }
    }

    fn order_action(self) -> &'static str {
        match self {
            Self::VirtuSim | Self::VirtuSimV2 => "order",
            Self::OtpCepat => "get_order",
        }
    }

    fn status_action(self) -> &'static str {
        match self {
            Self::VirtuSim | Self::VirtuSimV2 => "status",
            Self::OtpCepat => "get_status",
        }
    }
}

pub(crate) fn purchase() -> Purchase {
    Purchase {
        country_code: "6".to_owned(),
        service_code: "1".to_owned(),
        operator: None,
        max_cost: 2_100.into(),
    }
}

pub(crate) fn id() -> UpstreamId {
    "7100001".into()
}

#[rstest]
#[tokio::test]
async fn a_useless_answer_to_a_purchase_is_ambiguous_and_sent_once(
    #[values(Driver::VirtuSim, Driver::OtpCepat)] driver: Driver,
    #[values(0, 1, 2, 3, 4, 5, 6)] part: usize,
) {
    for fault in &FAULTS[part * 3..part * 3 + 3] {
        let upstream = Upstream::start().await;
        upstream.on(driver.order_action(), Answer::fault(fault));
        let provider = driver.open(upstream.url("/"));
        let answer = provider.buy(&purchase()).await;
        assert!(
            matches!(answer, PurchaseAnswer::Ambiguous(_)),
            "{fault}: {answer:?}"
        );
        assert_eq!(upstream.seen(driver.order_action()).len(), 1, "{fault}");
        assert_clean(&format!("{answer:?}"));
    }
}

#[rstest]
#[tokio::test]
async fn a_useless_answer_to_anything_else_is_an_error_without_secrets(
    #[values(Driver::VirtuSim, Driver::VirtuSimV2, Driver::OtpCepat)] driver: Driver,
    #[values(0, 1, 2, 3, 4, 5, 6)] part: usize,
) {
    for fault in &FAULTS[part * 3..part * 3 + 3] {
        let upstream = Upstream::start().await;
        for action in ["set_status", driver.status_action()] {
            upstream.on(action, Answer::fault(fault));
        }
        for action in [
            "active_order",
            "balance",
            "getBalance",
            "getCountries",
            "list_country",
        ] {
            // The whole list is asked for with a larger cap and a longer time.
            let short = matches!(*fault, "slow" | "stalled");
            let fault = if short { "dropped" } else { fault };
            upstream.on(action, Answer::fault(fault));
        }
        // Each call has its own connection: after a 429 one sends nothing for a while.
        let open = || driver.open(upstream.url("/"));
        let (order, status, resend, finish) = (id(), open(), open(), open());
        let (cancel, balance, countries, open_orders) = (open(), open(), open(), open());
        let (status, resend, finish, cancel, balance, countries, open_orders) = tokio::join!(
            status.status(&order),
            resend.resend(&order),
            finish.finish(&order),
            cancel.cancel(&order),
            balance.balance(),
            countries.countries(),
            open_orders.open_orders(),
        );
        assert_eq!(upstream.seen("set_status").len(), 3, "{fault}");
        let certain = [
            status.unwrap_err(),
            resend.unwrap_err(),
            finish.unwrap_err(),
        ];
        let others = [
            cancel.err(),
            balance.err(),
            countries.err(),
            open_orders.err(),
        ];
        for error in certain.into_iter().chain(others.into_iter().flatten()) {
            assert_clean(&format!("{error} {error:?}"));
        }
        assert_clean(&format!("{:?}", open()));
    }
}

#[rstest]
#[case("html page", "Blocked")]
#[case("cloudflare text", "Blocked")]
#[case("cloudflare header", "Blocked")]
#[case("429 seconds", "RateLimited { retry_after: Some(7s) }")]
#[case("429 date", "RateLimited { retry_after: Some(30s) }")]
#[case("truncated json", "Protocol")]
#[case("broken off", "Unavailable")]
#[case("wrong types", "Protocol")]
#[case("empty", "Protocol")]
#[case("oversized", "Unavailable")]
#[case("gzip bomb", "Unavailable")]
#[case(
    "redirect",
    "Unavailable(\"HTTP 302: a redirect to localhost is not followed\")"
)]
#[case("dropped", "Unavailable")]
#[case("slow", "Unavailable(\"timed out\")")]
#[case("stalled", "Unavailable(\"timed out while answering\")")]
#[case("bare 502", "Unavailable(\"HTTP 502\")")]
#[case("bare 404", "Unavailable(\"HTTP 404\")")]
#[case("json 500", "Unavailable(\"HTTP 500: [key] [number]\")")]
#[case("null", "Protocol")]
#[case("plain text", "Protocol")]
#[tokio::test]
async fn a_useless_answer_to_a_read_has_its_kind(#[case] fault: &str, #[case] expected: &str) {
    let upstream = Upstream::start().await;
    upstream.on("status", Answer::fault(fault));
    let provider = Driver::VirtuSim.open(upstream.url("/"));
    let error = provider.status(&id()).await.unwrap_err();
    let shown = format!("{error:?}");
    assert!(shown.starts_with(expected), "{shown}");
}

#[rstest]
#[case("broken off")]
#[case("dropped")]
#[case("slow")]
#[case("oversized")]
#[tokio::test]
async fn a_lost_answer_to_a_change_leaves_a_doubt_and_is_not_repeated(#[case] fault: &str) {
    let upstream = Upstream::start().await;
    upstream.on("set_status", Answer::fault(fault));
    let provider = Driver::VirtuSim.open(upstream.url("/"));
    let error = provider.cancel(&id()).await.unwrap_err();
    assert!(matches!(error, ProviderError::Ambiguous(_)), "{error:?}");
    assert_eq!(upstream.seen("set_status").len(), 1);
}

#[rstest]
#[tokio::test]
async fn a_refused_connection_sends_nothing(
    #[values(Driver::VirtuSim, Driver::OtpCepat)] driver: Driver,
) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let provider = driver.open(Url::parse(&format!("http://{address}/")).unwrap());
    let answer = provider.buy(&purchase()).await;
    assert!(
        matches!(&answer, PurchaseAnswer::NotSent(ProviderError::Unavailable(text)) if text == "cannot connect"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_host_that_does_not_exist_was_sent_nothing() {
    let provider = Driver::OtpCepat.open(Url::parse("http://no-such-host.invalid/").unwrap());
    let answer = provider.buy(&purchase()).await;
    assert!(matches!(answer, PurchaseAnswer::NotSent(_)), "{answer:?}");
    assert_clean(&format!("{answer:?}"));
}

#[tokio::test]
async fn a_failed_tls_handshake_sends_nothing() {
    let upstream = Upstream::start().await;
    let url = upstream.url("/").as_str().replace("http:", "https:");
    // The server waits for an HTTP request that never comes: the connect time-out ends it.
    let answer = Driver::OtpCepat
        .open(Url::parse(&url).unwrap())
        .buy(&purchase())
        .await;
    assert!(matches!(answer, PurchaseAnswer::NotSent(_)), "{answer:?}");
    assert!(upstream.seen("get_order").is_empty());
}

#[tokio::test]
async fn reads_are_repeated_a_few_times() {
    let upstream = Upstream::start().await;
    upstream
        .on("status", Answer::fault("bare 502"))
        .on("status", Answer::fault("dropped"))
        .on("status", Answer::fixture("virtusim/status_pending.json"));
    let provider = Driver::VirtuSim.open(upstream.url("/"));
    assert!(provider.status(&id()).await.is_ok());
    assert_eq!(upstream.seen("status").len(), 3);
}

#[tokio::test]
async fn reads_are_not_repeated_for_ever() {
    let upstream = Upstream::start().await;
    upstream.on("status", Answer::fault("bare 502"));
    let provider = Driver::VirtuSim.open(upstream.url("/"));
    assert!(provider.status(&id()).await.is_err());
    assert_eq!(upstream.seen("status").len(), 3);
}

#[tokio::test]
async fn what_the_upstream_asks_us_to_wait_is_waited() {
    let upstream = Upstream::start().await;
    upstream.on("status", Answer::fault("429 seconds"));
    let provider = Driver::VirtuSim.open(upstream.url("/"));
    assert!(provider.status(&id()).await.is_err());
    let answer = provider.buy(&purchase()).await;
    let PurchaseAnswer::NotSent(ProviderError::RateLimited {
        retry_after: Some(left),
    }) = answer
    else {
        panic!("{answer:?}");
    };
    assert!(left <= Duration::from_secs(7));
    assert!(upstream.seen("order").is_empty());
}

#[rstest]
#[tokio::test]
async fn no_redirect_is_followed(
    #[values(Driver::VirtuSim, Driver::OtpCepat)] driver: Driver,
    #[values(301, 302, 303, 307, 308)] status: u16,
) {
    let upstream = Upstream::start().await;
    let elsewhere = Upstream::start().await;
    let action = driver.order_action();
    let target = elsewhere.url(&format!("/?action={action}"));
    upstream.on(
        action,
        Answer::http(status, &format!("Location: {target}\r\n"), b""),
    );
    let answer = driver.open(upstream.url("/")).buy(&purchase()).await;
    assert!(
        matches!(
            &answer,
            PurchaseAnswer::Ambiguous(ProviderError::Unavailable(_))
        ),
        "{answer:?}"
    );
    assert_eq!(upstream.seen(action).len(), 1);
    assert!(elsewhere.seen(action).is_empty());
}

#[tokio::test]
async fn a_catalogue_may_be_larger_than_an_order_but_not_without_end() {
    let upstream = Upstream::start().await;
    let row = r#"{"id":"1","name":"Twitter","price":"650","tersedia":"8179"}"#;
    let padded = format!(
        "{{\"status\":true,{}\"data\":[{row}]}}",
        " ".repeat(3 * 1024 * 1024)
    );
    upstream
        .on("services", Answer::json(&padded))
        .on("services", Answer::gzip_bomb(17 * 1024 * 1024));
    let provider = Driver::VirtuSim.open(upstream.url("/"));
    assert_eq!(provider.assortment("indo").await.unwrap().listings.len(), 1);
    let error = provider.assortment("indo").await.unwrap_err();
    assert_eq!(
        error,
        ProviderError::Unavailable("the answer is too large".to_owned())
    );
}

fn account(base_url: Url) -> Account {
    Account {
        key_param: "token",
        ..quick(Account::new("any", base_url, KEY.into()))
    }
}

#[tokio::test]
async fn a_request_carries_path_key_query_body_and_agent() {
    let upstream = Upstream::start().await;
    upstream.on("x", Answer::json("{}"));
    let http = Http::new(Account {
        user_agent: "shop/9".to_owned(),
        ..account(upstream.url("/v1/api/?fixed=1"))
    })
    .unwrap();
    let ask = Ask {
        call: Call::Change,
        path: "order/create",
        query: &[("action", "x"), ("name", "a&b")],
        json: Some(r#"{"service":"wa"}"#),
    };
    assert_eq!(http.send(ask).await.unwrap().status, 200);
    let seen = upstream.wait_for("x").await;
    assert_eq!(seen.method, "POST");
    assert_eq!(seen.path, "/v1/api/order/create");
    assert_eq!(seen.query["token"], KEY);
    assert_eq!(seen.query["fixed"], "1");
    assert_eq!(seen.query["name"], "a&b");
    assert_eq!(seen.user_agent, "shop/9");
    assert_eq!(seen.body, r#"{"service":"wa"}"#);
}

#[tokio::test]
async fn the_rate_is_kept_and_a_full_queue_sends_nothing() {
    let upstream = Upstream::start().await;
    upstream.on("x", Answer::json("{}"));
    let http = Http::new(Account {
        limits: Limits {
            per_second: NonZeroU32::new(20).unwrap(),
            burst: NonZeroU32::new(1).unwrap(),
            queue: Duration::from_secs(20),
            ..Limits::default()
        },
        ..account(upstream.url("/"))
    })
    .unwrap();
    let ask = Ask {
        call: Call::Read,
        path: "",
        query: &[("action", "x")],
        json: None,
    };
    let start = Instant::now();
    for _ in 0..5 {
        http.send(ask).await.unwrap();
    }
    assert!(start.elapsed() >= Duration::from_millis(190));

    let http = Http::new(Account {
        limits: Limits {
            per_second: NonZeroU32::MIN,
            burst: NonZeroU32::MIN,
            queue: Duration::from_millis(50),
            ..Limits::default()
        },
        ..account(upstream.url("/"))
    })
    .unwrap();
    http.send(ask).await.unwrap();
    let failure = http.send(ask).await.err().unwrap();
    assert!(!failure.sent);
    assert_eq!(
        failure.error,
        ProviderError::RateLimited { retry_after: None }
    );
}

#[tokio::test]
async fn a_slow_read_holds_up_other_reads_but_no_purchase() {
    let upstream = Upstream::start().await;
    upstream
        .on("status", Answer::fault("slow"))
        .on("order", Answer::fixture("virtusim/order.json"))
        .on("set_status", Answer::fixture("virtusim/set_status.json"));
    let account = Account {
        limits: Limits {
            reads: 1,
            ..limits()
        },
        ..quick(VirtuSim::account(upstream.url("/"), KEY.into()))
    };
    let provider = VirtuSim::new(Http::new(account).unwrap());
    let order = id();
    let reads = async { tokio::join!(provider.status(&order), provider.status(&order)) };
    let buying = async {
        upstream.wait_for("status").await;
        let answer = provider.buy(&purchase()).await;
        assert!(matches!(answer, PurchaseAnswer::Bought(_)), "{answer:?}");
        assert_eq!(upstream.seen("status").len(), 1);
    };
    let ((first, second), ()) = tokio::join!(reads, buying);
    assert!(first.is_err() && second.is_err());
}

#[rstest]
#[case::no_key("", "numshop", "http://127.0.0.1/")]
#[case::agent("key", "a\nb", "http://127.0.0.1/")]
#[case::scheme("key", "numshop", "ftp://127.0.0.1/")]
fn bad_settings_are_refused(#[case] key: &str, #[case] user_agent: &str, #[case] url: &str) {
    let refused = Http::new(Account {
        key: key.into(),
        user_agent: user_agent.to_owned(),
        ..account(Url::parse(url).unwrap())
    });
    assert!(matches!(refused, Err(ProviderError::Refused(_))));
}

#[test]
fn an_account_hides_its_key() {
    let url = Url::parse("https://sms.example/").unwrap();
    assert_clean(&format!("{:?}", account(url)));
}

#[test]
fn debug_shows_the_host_only() {
    let url = Url::parse(&format!(
        "https://user:{KEY_IN_URL}@sms.example/?k={KEY_IN_URL}"
    ))
    .unwrap();
    let shown = format!("{:?}", Http::new(account(url)).unwrap());
    assert_eq!(shown, "Http { host: Some(\"sms.example\"), .. }");
}

#[tokio::test]
async fn answers_hide_numbers_and_texts_in_debug() {
    let upstream = Upstream::start().await;
    upstream
        .on("order", Answer::fixture("virtusim/order.json"))
        .on("set_status", Answer::fixture("virtusim/set_status.json"))
        .on(
            "active_order",
            Answer::fixture("virtusim/active_order.json"),
        );
    let provider = Driver::VirtuSim.open(upstream.url("/"));
    let bought = provider.buy(&purchase()).await;
    let orders = provider.open_orders().await.unwrap().unwrap();
    assert_clean(&format!("{bought:?} {orders:?}"));
    let PurchaseAnswer::Bought(bought) = bought else {
        panic!("{bought:?}");
    };
    assert_eq!(bought.number, NUMBER);
}
