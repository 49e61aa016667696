//! An upstream that means harm: answers without end, without shape or out of step, redirects that
//! fish for the key. Each ends in time, in an error of its kind, and tells nobody anything.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use futures_util::future::join_all;
use numshop::provider::http::reply::{Body, Reply};
use numshop::provider::http::settings::{Account, Timeouts};
use numshop::provider::http::{Ask, Call, Failure, Http, MAX_ANSWER_BYTES, MAX_CATALOGUE_BYTES};
use numshop::provider::{ProviderError, PurchaseAnswer};
use rstest::rstest;

use crate::provider_http::{Driver, id, purchase};
use crate::provider_server::{Answer, KEY, KEY_IN_URL, NUMBER, Upstream, assert_clean, quick};

/// What the sockets of both sides may hold beyond what was read.
const IN_SOCKETS: usize = 16 * 1024 * 1024;
/// A part of an endless body.
const PART: usize = 64 * 1024;
const CALLS: [Call; 4] = [Call::Read, Call::Catalogue, Call::Change, Call::Purchase];

/// Enough for a busy machine, where no time-out is meant.
const LONG: Duration = Duration::from_secs(60);
/// Where one is meant.
const SHORT: Duration = Duration::from_secs(4);

fn name(call: Call) -> &'static str {
    match call {
        Call::Read => "read",
        Call::OpenOrders => "open orders",
        Call::Catalogue => "catalogue",
        Call::Change => "change",
        Call::Purchase => "purchase",
    }
}

fn connect(upstream: &Upstream, patience: Duration) -> Http {
    let account = quick(Account::new("any", upstream.url("/api"), KEY.into()));
    let timeouts = Timeouts {
        connect: patience,
        read: patience,
        change: patience,
        purchase: patience,
        catalogue: patience,
    };
    Http::new(Account {
        timeouts,
        ..account
    })
    .unwrap()
}

/// Sends a request whose action is the name of the call.
async fn send(http: &Http, call: Call) -> Result<Reply, Failure> {
    let ask = Ask {
        call,
        path: "",
        query: &[("action", name(call))],
        json: None,
    };
    http.send(ask).await
}

/// Makes all calls at once and checks how they fail: with this text, in doubt where something
/// may have changed, with nothing of key and body in it.
async fn all_fail(upstream: &Upstream, patience: Duration, what: &str) {
    let http = connect(upstream, patience);
    let answers = join_all(CALLS.map(|call| send(&http, call))).await;
    for (call, answer) in CALLS.into_iter().zip(answers) {
        let failure = answer.err().unwrap();
        let shown = format!("{call:?}: {failure:?} {}", failure.error);
        let expected = match call {
            Call::Read | Call::OpenOrders | Call::Catalogue => {
                ProviderError::Unavailable(what.to_owned())
            }
            Call::Change | Call::Purchase => ProviderError::Ambiguous(what.to_owned()),
        };
        assert!(failure.sent && failure.error == expected, "{shown}");
        assert_clean(&shown);
    }
    for call in [Call::Change, Call::Purchase] {
        assert_eq!(upstream.seen(name(call)).len(), 1, "sent once");
    }
}

/// The head of an answer, with the key and a number in it.
fn head(headers: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nX-Echo: {KEY_IN_URL} {NUMBER}\r\n{headers}\r\n\r\n").into_bytes()
}

/// As much of a body as goes out at once, with a secret in it.
fn part() -> Vec<u8> {
    let mut part = format!("{KEY} {NUMBER} ").into_bytes();
    part.resize(PART, b' ');
    part
}

/// The beginning of a gzip stream, and a piece that unpacks to a megabyte as often as it comes.
fn endless_gzip() -> (Vec<u8>, Vec<u8>) {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut piece = || {
        gzip.write_all(&vec![b' '; 1024 * 1024]).unwrap();
        gzip.flush().unwrap();
        std::mem::take(gzip.get_mut())
    };
    (piece(), piece())
}

#[rstest]
#[case::plain("Content-Length: 2147483648", part())]
#[case::until_it_closes("Connection: close", part())]
#[case::in_chunks("Transfer-Encoding: chunked", [b"10000\r\n".as_slice(), &part(), b"\r\n"].concat())]
#[tokio::test]
async fn two_gigabytes_are_read_up_to_the_cap(#[case] headers: &str, #[case] part: Vec<u8>) {
    let upstream = Upstream::start().await;
    upstream.otherwise(Answer::Endless(head(headers), part, Duration::ZERO));
    all_fail(&upstream, LONG, "the answer is too large").await;
    let mut sent = upstream.hung_up_on(CALLS.len()).await;
    sent.sort_unstable();
    assert_eq!(
        sent.len(),
        CALLS.len(),
        "nothing that is too large is asked for again"
    );
    assert!(sent[2] < MAX_ANSWER_BYTES + IN_SOCKETS, "{sent:?}");
    assert!(sent[3] < MAX_CATALOGUE_BYTES + IN_SOCKETS, "{sent:?}");
}

#[tokio::test]
async fn a_compressed_body_without_end_is_unpacked_up_to_the_cap() {
    let (first, piece) = endless_gzip();
    assert!(piece.len() < 16 * 1024, "{} bytes", piece.len());
    let begin = [head("Content-Encoding: gzip"), first].concat();
    let upstream = Upstream::start().await;
    upstream.otherwise(Answer::Endless(begin, piece, Duration::ZERO));
    all_fail(&upstream, LONG, "the answer is too large").await;
    assert_eq!(upstream.hung_up_on(CALLS.len()).await.len(), CALLS.len());
}

#[rstest]
#[case("br")]
#[case("zstd")]
#[case("deflate")]
#[case("gzip, gzip")]
#[tokio::test]
async fn a_compression_that_nobody_asked_for_is_not_unpacked(#[case] coding: &str) {
    let upstream = Upstream::start().await;
    let headers = format!("Content-Encoding: {coding}\r\n");
    upstream.otherwise(Answer::http(200, &headers, b"\x1b\x03packed"));
    let reply = send(&connect(&upstream, LONG), Call::Read).await.unwrap();
    let Body::Text(text) = reply.body else {
        panic!("it was read as JSON");
    };
    assert_eq!(text, "\u{1b}\u{3}packed");
    let answer = Driver::VirtuSim
        .open(upstream.url("/"))
        .buy(&purchase())
        .await;
    assert!(matches!(answer, PurchaseAnswer::Ambiguous(_)), "{answer:?}");
}

#[rstest]
#[case::a_long_line(b"X-Filler: ".to_vec(), vec![b'a'; PART])]
#[case::many_lines(Vec::new(), b"X-Filler: a\r\n".repeat(1_000))]
#[case::a_chunk_size(b"Transfer-Encoding: chunked\r\n\r\n".to_vec(), vec![b'f'; PART])]
#[case::a_chunk_extension(b"Transfer-Encoding: chunked\r\n\r\n1;".to_vec(), vec![b'a'; PART])]
#[case::trailers(b"Transfer-Encoding: chunked\r\n\r\n0\r\n".to_vec(), b"X-Filler: a\r\n".repeat(1_000))]
#[tokio::test]
async fn what_stands_around_a_body_has_an_end_too(#[case] begin: Vec<u8>, #[case] part: Vec<u8>) {
    let begin = [b"HTTP/1.1 200 OK\r\n".to_vec(), begin].concat();
    let in_body = begin.windows(4).any(|four| four == b"\r\n\r\n");
    let upstream = Upstream::start().await;
    upstream.otherwise(Answer::Endless(begin, part, Duration::ZERO));
    let what = if in_body {
        "the answer broke off"
    } else {
        "the connection broke"
    };
    all_fail(&upstream, LONG, what).await;
    let sent = upstream.hung_up_on(upstream.all_seen().len()).await;
    let most = sent.into_iter().max().unwrap();
    assert!(most < MAX_ANSWER_BYTES + IN_SOCKETS, "{most}");
}

#[rstest]
#[case::never_answered(Answer::Stall(Vec::new()), "timed out")]
#[case::a_dripping_head(drip("HTTP/1.1 200 OK\r\nX-Filler: ", "a"), "timed out")]
#[case::forever_early(drip("", "HTTP/1.1 103 Early Hints\r\n\r\n"), "timed out")]
#[case::a_dripping_body(drip("HTTP/1.1 200 OK\r\n\r\n{", " "), "timed out while answering")]
#[case::zeros_of_a_chunk_size(
    drip("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "0000"),
    "timed out while answering"
)]
#[case::dripping_chunks(
    drip("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n"),
    "timed out while answering"
)]
#[tokio::test]
async fn a_slow_answer_ends_with_the_time_for_the_whole_call(
    #[case] answer: Answer,
    #[case] what: &str,
) {
    let upstream = Upstream::start().await;
    upstream.otherwise(answer);
    all_fail(&upstream, SHORT, what).await;
    assert_eq!(upstream.all_seen().len(), CALLS.len(), "it is asked once");
}

/// A byte or two again and again, each long before any pause could count as the end.
fn drip(begin: &str, part: &str) -> Answer {
    let [begin, part] = [begin, part].map(|bytes| bytes.as_bytes().to_vec());
    Answer::Endless(begin, part, Duration::from_millis(20))
}

fn thousands_of_headers() -> Vec<u8> {
    let mut headers = String::new();
    for number in 0..5_000 {
        write!(headers, "X-{number}: {KEY_IN_URL}\r\n").unwrap();
    }
    head(headers.trim_end())
}

#[rstest]
#[case::thousands_of_headers(thousands_of_headers(), "the connection broke")]
#[case::tls_garbage(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03\xff\xfe".to_vec(), "the connection broke")]
#[case::an_alert(b"\x15\x03\x01\x00\x02\x02\x46".to_vec(), "the connection broke")]
#[case::nothing(Vec::new(), "the connection broke")]
#[case::half_a_head(b"HTTP/1.1 200 OK\r\nContent-Le".to_vec(), "the connection broke")]
#[case::two_lengths(head("Content-Length: 2\r\nContent-Length: 7"), "the connection broke")]
#[case::a_length_below_zero(head("Content-Length: -1"), "the connection broke")]
#[case::a_length_beyond_all_numbers(
    head("Content-Length: 99999999999999999999"),
    "the connection broke"
)]
#[case::a_body_too_short([head("Content-Length: 900"), part()[..100].to_vec()].concat(), "the answer broke off")]
#[case::half_a_chunk([head("Transfer-Encoding: chunked"), b"ff\r\n{".to_vec()].concat(), "the answer broke off")]
#[case::no_chunk([head("Transfer-Encoding: chunked"), b"soon\r\n".to_vec()].concat(), "the answer broke off")]
#[case::gzip_garbage([head("Content-Encoding: gzip"), part()].concat(), "the answer broke off")]
#[tokio::test]
async fn an_answer_without_shape_is_a_broken_one(#[case] bytes: Vec<u8>, #[case] what: &str) {
    let upstream = Upstream::start().await;
    upstream.otherwise(Answer::Bytes(bytes));
    all_fail(&upstream, LONG, what).await;
}

#[tokio::test]
async fn bytes_behind_an_answer_are_never_the_next_answer() {
    let forged = r#"{"forged":true}"#;
    let length = forged.len();
    let both = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{{}}HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{forged}"
    );
    let upstream = Upstream::start().await;
    upstream
        .on("read", Answer::Stall(both.into_bytes()))
        .on("read", Answer::json(r#"{"true":1}"#));
    let http = connect(&upstream, LONG);
    for expected in ["{}", r#"{"true":1}"#, r#"{"true":1}"#] {
        let Body::Json(body) = send(&http, Call::Read).await.unwrap().body else {
            panic!("it was read as text");
        };
        assert_eq!(body, expected);
    }
}

#[rstest]
#[tokio::test]
async fn a_redirect_leads_neither_key_nor_referer_anywhere(
    #[values(200, 201, 300, 301, 302, 303, 307, 308, 399)] status: u16,
) {
    let upstream = Upstream::start().await;
    let elsewhere = Upstream::start().await;
    elsewhere.otherwise(Answer::json("{}"));
    for target in [elsewhere.url("/").to_string(), "/elsewhere".to_owned()] {
        let headers = format!(
            "Location: {target}\r\nRefresh: 0; url={target}\r\nContent-Location: {target}\r\n"
        );
        upstream.otherwise(Answer::http(status, &headers, b""));
        let http = connect(&upstream, LONG);
        for call in CALLS {
            let answer = send(&http, call).await;
            assert_eq!(answer.is_ok(), status < 300, "{call:?}");
            assert_clean(&format!("{:?}", answer.err()));
        }
    }
    let seen = upstream.all_seen();
    assert_eq!(seen.len(), 2 * CALLS.len());
    assert!(
        seen.iter()
            .all(|seen| seen.path == "/api" && seen.referer.is_none())
    );
    assert_eq!(elsewhere.all_seen().len(), 0);
}

/// Bodies that no purchase may be read out of.
fn shapeless() -> Vec<(&'static str, Vec<u8>)> {
    let deep = |open: &str, close: &str| {
        let [open, close] = [open, close].map(|side| side.repeat(100_000));
        format!("{open}1{close}").into_bytes()
    };
    let digits = "7".repeat(10_000);
    let within = |inner: &str| format!(r#"{{"status":true,"data":{inner}}}"#).into_bytes();
    vec![
        ("deep lists", deep("[", "]")),
        ("deep objects", deep(r#"{"data":"#, "}")),
        ("deep and open", "[{\"data\":".repeat(100_000).into_bytes()),
        (
            "deep data",
            within(&String::from_utf8(deep("[", "]")).unwrap()),
        ),
        ("one long number", digits.clone().into_bytes()),
        ("a long status", format!(r#"{{"status":{digits},"data":{{"id":7}}}}"#).into_bytes()),
        ("a long phone", within(&format!(r#"{{"id":7,"number":{digits}}}"#))),
        (
            "a long exponent",
            within(&format!(r#"{{"id":7,"number":1e{digits}}}"#)),
        ),
        ("only NUL", vec![0; 4_096]),
        (
            "NUL in between",
            [within(&format!("{{\"id\":\"7\0\",\"number\":\"{NUMBER}\"}}")), vec![0]].concat(),
        ),
        (
            "no UTF-8",
            [br#"{"status":true,"data":{"id":"#.as_slice(), b"\xff\xfe\x80", NUMBER.as_bytes()].concat(),
        ),
        (
            "no UTF-8 in texts",
            b"{\"status\":true,\"data\":{\"id\":\"\xff\",\"number\":\"\xfe\xfe\xfe\xfe\xfe\xfe\xfe\"}}".to_vec(),
        ),
    ]
}

#[rstest]
#[case::virtusim(Driver::VirtuSim)]
#[case::virtusim_v2(Driver::VirtuSimV2)]
#[case::otpcepat(Driver::OtpCepat)]
#[tokio::test]
async fn a_shapeless_body_is_a_doubt_or_an_error(#[case] driver: Driver) {
    for (what, body) in shapeless() {
        let upstream = Upstream::start().await;
        upstream.otherwise(Answer::http(200, "", &body));
        let provider = driver.open(upstream.url("/"));
        let answer = provider.buy(&purchase()).await;
        assert!(
            matches!(answer, PurchaseAnswer::Ambiguous(_)),
            "{what}: {answer:?}"
        );
        assert_eq!(upstream.all_seen().len(), 1, "{what}");
        let status = provider.status(&id()).await;
        assert_clean(&format!(
            "{answer:?} {status:?} {:?}",
            status.as_ref().err()
        ));
    }
}
