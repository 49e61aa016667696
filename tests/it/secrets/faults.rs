//! Everything that can go wrong on the way to an upstream and back, with as many secrets in it as
//! there is room for.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

use crate::provider_server::{
    Answer, KEY, KEY_IN_BASE64, KEY_IN_URL, NATIONAL_NUMBER, NUMBER, Upstream,
};

/// A code that is no part of a port or a time, and a word of the SMS around it.
pub(super) const CODE: &str = "73914826";
pub(super) const SMS_WORD: &str = "swordfish";

/// One of them.
#[derive(Clone, Copy)]
pub(super) enum Fault {
    /// One of [`crate::provider_server::FAULTS`].
    Usual(&'static str),
    /// A status, a header line, and a body in which `@` stands for the echo of a request, `$` for
    /// the same in JSON, and `%` for an SMS.
    Echo(u16, &'static str, &'static str),
    /// The same without the frame of HTTP.
    Raw(&'static str),
    /// Nobody listens.
    Refuses,
    /// Nobody has this name.
    NoSuchHost,
    /// It hangs up before it has read anything.
    Resets,
    /// HTTP where TLS was asked for.
    SpeaksNoTls,
}

use Fault::{Echo, Raw, Usual};

pub(super) const FAULTS: [(&str, Fault); 60] = [
    ("html page", Usual("html page")),
    ("cloudflare text", Usual("cloudflare text")),
    ("cloudflare header", Usual("cloudflare header")),
    ("429 seconds", Usual("429 seconds")),
    ("429 date", Usual("429 date")),
    ("truncated json", Usual("truncated json")),
    ("broken off", Usual("broken off")),
    ("wrong types", Usual("wrong types")),
    ("empty", Usual("empty")),
    ("oversized", Usual("oversized")),
    ("gzip bomb", Usual("gzip bomb")),
    ("redirect", Usual("redirect")),
    ("dropped", Usual("dropped")),
    ("slow", Usual("slow")),
    ("stalled", Usual("stalled")),
    ("bare 502", Usual("bare 502")),
    ("bare 404", Usual("bare 404")),
    ("json 500", Usual("json 500")),
    ("null", Usual("null")),
    ("plain text", Usual("plain text")),
    ("not http", Usual("not http")),
    ("refused connection", Fault::Refuses),
    ("no such host", Fault::NoSuchHost),
    ("reset", Fault::Resets),
    ("no tls", Fault::SpeaksNoTls),
    ("echo in text", Echo(200, "", "@")),
    ("echo in a bad request", Echo(400, "", "@")),
    ("echo in a server error", Echo(500, "", "@")),
    (
        "echo in a page",
        Echo(403, "Server: cloudflare", "<pre>@</pre>"),
    ),
    ("echo in headers", Echo(500, "X-Request: @", "")),
    ("echo in a wait", Echo(429, "Retry-After: @", "@")),
    (
        "echo in a redirect",
        Echo(302, "Location: http://6281234500001.example/@", "@"),
    ),
    (
        "echo in a bad redirect",
        Echo(307, "Location: http://@", "@"),
    ),
    (
        "echo in an unknown encoding",
        Echo(200, "Content-Encoding: @", "@"),
    ),
    (
        "echo that is no gzip",
        Echo(200, "Content-Encoding: gzip", "@"),
    ),
    (
        "echo in a message",
        Echo(200, "", r#"{"status":false,"message":"$"}"#),
    ),
    (
        "echo in msg",
        Echo(200, "", r#"{"status":"false","data":{"msg":"$"}}"#),
    ),
    (
        "echo in a title",
        Echo(400, "", r#"{"title":"$","details":"$"}"#),
    ),
    (
        "echo in an error",
        Echo(502, "", r#"{"error":{"message":"$"}}"#),
    ),
    (
        "echo in a status",
        Echo(200, "", r#"{"status":"$","data":{"status":"$"}}"#),
    ),
    (
        "echo in a known refusal",
        Echo(200, "", r#"{"status":false,"msg":"API key $ not found"}"#),
    ),
    (
        "echo in a bad token",
        Echo(401, "", r#"{"status":401,"message":"Invalid token $"}"#),
    ),
    ("echo in a string", Echo(200, "", r#""$""#)),
    (
        "echo in keys",
        Echo(200, "", r#"{"status":true,"data":{"$":"$"}}"#),
    ),
    (
        "echo in rows",
        Echo(200, "", r#"{"status":true,"data":["$",{"id":"$"}]}"#),
    ),
    (
        "echo that breaks off",
        Echo(200, "", r#"{"status":true,"data":{"id":"$"#),
    ),
    ("echo of a bad key", Echo(200, "", "BAD_KEY:@")),
    ("echo of a ban", Echo(200, "", "BANNED:'@'")),
    ("echo of a supplier", Echo(200, "", "ERROR_PROVIDER_1:@")),
    ("echo of a state", Echo(200, "", "STATUS_ODD:@")),
    ("echo of a balance", Echo(200, "", "ACCESS_BALANCE:@")),
    ("echo of a sale", Echo(200, "", "ACCESS_NUMBER:@")),
    (
        "echo of an access key",
        Echo(400, "", r#"{"title":"BAD_KEY:$"}"#),
    ),
    (
        "sms in an unclear status",
        Echo(
            200,
            "",
            r#"{"status":"maybe","data":{"sms":"%","otp":"73914826"}}"#,
        ),
    ),
    (
        "sms in an odd code",
        Echo(
            200,
            "",
            r#"{"status":999,"data":{"message":"%","sms":"%"}}"#,
        ),
    ),
    ("sms in a word", Echo(200, "", "STATUS_OK:%")),
    (
        "sms that breaks off",
        Echo(
            200,
            "",
            r#"{"status":true,"data":[{"id":"7100001","sms":"%"#,
        ),
    ),
    ("echo in the first line", Raw("HTTP/1.1 2@0 OK\r\n\r\n")),
    (
        "echo in a bad header",
        Raw("HTTP/1.1 200 OK\r\n@ @\r\n\r\n"),
    ),
    (
        "echo in a bad chunk",
        Raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n@\r\n@\r\n"),
    ),
];

/// What a host would echo of a request: its URL as it was sent and as it was understood.
fn echo() -> String {
    let spaced = "+62 812 3450 0001 or 0812-3450-0001";
    format!(
        "/?api_key={KEY_IN_URL}&token={KEY_IN_URL}&id={NUMBER}&n={NATIONAL_NUMBER} key {KEY} \
         Basic {KEY_IN_BASE64} {spaced} code {CODE}"
    )
}

fn filled(text: &str) -> String {
    let in_json = echo().replace('/', "\\/");
    let sms = format!("Your {SMS_WORD} code is {CODE}");
    text.replace('%', &sms)
        .replace('@', &echo())
        .replace('$', &in_json)
}

/// A host at which one fault is at home.
pub(super) enum Place {
    Answers(Upstream),
    /// The same, but nobody waits for the answers.
    Tarries(Upstream),
    Elsewhere(String, Option<JoinHandle<()>>),
}

impl Place {
    pub(super) async fn new(fault: Fault) -> Self {
        let answer = match fault {
            Usual(name) => Answer::fault(name),
            Echo(status, header, body) => {
                let header = match header {
                    "" => String::new(),
                    header => format!("{}\r\n", filled(header)),
                };
                Answer::http(status, &header, filled(body).as_bytes())
            }
            Raw(bytes) => Answer::Bytes(filled(bytes).into_bytes()),
            Fault::Refuses => {
                let (address, _) = listener().await;
                return Self::Elsewhere(format!("http://{address}"), None);
            }
            Fault::NoSuchHost => {
                return Self::Elsewhere("http://no-such-host.invalid".to_owned(), None);
            }
            Fault::Resets => return Self::hangs_up("http").await,
            Fault::SpeaksNoTls => return Self::hangs_up("https").await,
        };
        let upstream = Upstream::start().await;
        upstream.otherwise(answer);
        if matches!(fault, Usual("slow" | "stalled")) {
            return Self::Tarries(upstream);
        }
        Self::Answers(upstream)
    }

    /// What is left unread when a connection closes makes it a reset. To whoever asks for TLS it
    /// says something first.
    async fn hangs_up(scheme: &str) -> Self {
        let (address, listener) = listener().await;
        let is_rude = scheme == "https";
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.readable().await.unwrap();
                if is_rude {
                    let _ = stream.try_write(filled("HTTP/1.1 400 @\r\n\r\n").as_bytes());
                }
            }
        });
        Self::Elsewhere(format!("{scheme}://{address}"), Some(task))
    }

    pub(super) fn url(&self, path: &str) -> Url {
        match self {
            Self::Answers(upstream) | Self::Tarries(upstream) => upstream.url(path),
            Self::Elsewhere(base, _) => Url::parse(&format!("{base}{path}")).unwrap(),
        }
    }

    /// How long a call may take: what does not answer is not waited for.
    pub(super) fn patience(&self) -> Duration {
        match self {
            Self::Tarries(_) => Duration::from_millis(200),
            Self::Answers(_) | Self::Elsewhere(..) => Duration::from_secs(20),
        }
    }

    /// The user agents that asked, where that can be told.
    pub(super) fn asked(&self) -> Option<BTreeSet<String>> {
        match self {
            Self::Answers(upstream) => {
                let seen = upstream.all_seen().into_iter();
                Some(seen.map(|seen| seen.user_agent).collect())
            }
            Self::Tarries(_) | Self::Elsewhere(..) => None,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Self::Elsewhere(_, Some(task)) = self {
            task.abort();
        }
    }
}

async fn listener() -> (SocketAddr, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    (listener.local_addr().unwrap(), listener)
}
