//! A scripted upstream on loopback: it answers each action with the bytes it was told to and
//! keeps a record of every request.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use numshop::provider::http::Http;
use numshop::provider::http::settings::{Account, Limits, Retries, Timeouts};
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

use crate::harness::eventually;

/// The key of the tests; it is spelled differently in a URL.
pub(crate) const KEY: &str = "kQ7/zL+w9 dX";
/// The same, as it stands in a query.
pub(crate) const KEY_IN_URL: &str = "kQ7%2FzL%2Bw9+dX";
/// The same in base64.
pub(crate) const KEY_IN_BASE64: &str = "a1E3L3pMK3c5IGRY";
/// The number that all fixtures sell, in its two spellings.
pub(crate) const NUMBER: &str = "6281234500001";
pub(crate) const NATIONAL_NUMBER: &str = "081234500001";

/// The key and the number in all spellings, and parts of them.
pub(crate) const SECRETS: [&str; 9] = [
    KEY,
    KEY_IN_URL,
    KEY_IN_BASE64,
    "kQ7",
    NUMBER,
    NATIONAL_NUMBER,
    "812345",
    "8123-4",
    "812 34",
];

/// What to do with a request.
#[derive(Clone)]
pub(crate) enum Answer {
    /// Send these bytes, then close.
    Bytes(Vec<u8>),
    /// Send these bytes, then nothing more, and keep the connection open.
    Stall(Vec<u8>),
    /// Send the first bytes, then the second ones again and again, with this pause before each,
    /// until the client hangs up.
    Endless(Vec<u8>, Vec<u8>, Duration),
}

impl Answer {
    /// A whole response; `headers` are lines that end with CRLF.
    pub(crate) fn http(status: u16, headers: &str, body: &[u8]) -> Self {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n"
        );
        Self::Bytes([head.as_bytes(), body].concat())
    }

    /// JSON under the wrong content type, as PHP hosts send it.
    pub(crate) fn json(body: &str) -> Self {
        Self::http(
            200,
            "Content-Type: text/html; charset=UTF-8\r\n",
            body.as_bytes(),
        )
    }

    /// A file below `tests/fixtures`.
    pub(crate) fn fixture(path: &str) -> Self {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
        Self::json(&std::fs::read_to_string(format!("{folder}/{path}")).unwrap())
    }

    /// A compressed body of blanks, `size` bytes when unpacked.
    pub(crate) fn gzip_bomb(size: usize) -> Self {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&vec![b' '; size]).unwrap();
        let body = gzip.finish().unwrap();
        assert!(body.len() < size / 100);
        Self::http(200, "Content-Encoding: gzip\r\n", &body)
    }

    /// One of the ways in which an answer can be useless; see [`FAULTS`].
    pub(crate) fn fault(name: &str) -> Self {
        let http_date = "Retry-After: Wed, 21 Oct 2015 07:28:30 GMT\r\n\
                         Date: Wed, 21 Oct 2015 07:28:00 GMT\r\n";
        let page = format!("<!DOCTYPE html><title>Hello {KEY} {NUMBER}</title>");
        match name {
            "html page" => Self::http(200, "Content-Type: application/json\r\n", page.as_bytes()),
            "cloudflare text" => Self::http(403, "", b"error code: 1020"),
            "cloudflare header" => Self::http(503, "Server: cloudflare\r\n", b"go away"),
            "429 seconds" => Self::http(429, "Retry-After: 7\r\n", b"{\"status\":false}"),
            "429 date" => Self::http(429, http_date, b""),
            "truncated json" => {
                Self::json(&format!("{{\"status\":true,\"data\":{{\"id\":\"{NUMBER}"))
            }
            "broken off" => {
                let head = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n";
                Self::Bytes(format!("{head}{{\"status\":true,\"data\"").into_bytes())
            }
            "wrong types" => Self::json(r#"{"status":[true],"data":"text","msg":{"a":1}}"#),
            "empty" => Self::http(200, "", b""),
            "oversized" => Self::http(200, "", &vec![b' '; 1024 * 1024 + 1]),
            "gzip bomb" => Self::gzip_bomb(4 * 1024 * 1024),
            "redirect" => Self::http(
                302,
                &format!("Location: http://localhost:1/?{KEY_IN_URL}\r\n"),
                b"",
            ),
            "dropped" => Self::Bytes(Vec::new()),
            "slow" => Self::Stall(Vec::new()),
            "stalled" => Self::Stall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{".to_vec()),
            "bare 502" => Self::http(502, "", b"Bad Gateway"),
            "bare 404" => Self::http(404, "", b""),
            "json 500" => Self::http(
                500,
                "",
                format!("{{\"message\":\"{KEY} {NUMBER}\"}}").as_bytes(),
            ),
            "null" => Self::json("null"),
            "plain text" => Self::json(&format!("no idea {KEY} {NUMBER}")),
            "not http" => Self::Bytes(b"220 mail ready\r\n".to_vec()),
            other => panic!("no such fault: {other}"),
        }
    }
}

/// All faults. None of them tells whether a purchase took place.
pub(crate) const FAULTS: [&str; 21] = [
    "html page",
    "cloudflare text",
    "cloudflare header",
    "429 seconds",
    "429 date",
    "truncated json",
    "broken off",
    "wrong types",
    "empty",
    "oversized",
    "gzip bomb",
    "redirect",
    "dropped",
    "slow",
    "stalled",
    "bare 502",
    "bare 404",
    "json 500",
    "null",
    "plain text",
    "not http",
];

/// One request that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) user_agent: String,
    pub(crate) referer: Option<String>,
    pub(crate) body: String,
    pub(crate) path: String,
}

impl Seen {
    /// What a script and a test call it: the `action` it names, else its method and path.
    fn action(&self) -> String {
        let named = self.query.get("action").cloned();
        named.unwrap_or_else(|| format!("{} {}", self.method, self.path))
    }
}

#[derive(Default)]
struct Script {
    answers: HashMap<String, Vec<Answer>>,
    /// To every action that has none of its own.
    otherwise: Option<Answer>,
    seen: Vec<Seen>,
    /// How many bytes each endless answer could send before the client hung up.
    endless: Vec<usize>,
}

/// The server; it stops when dropped.
pub(crate) struct Upstream {
    address: SocketAddr,
    script: Arc<Mutex<Script>>,
    task: JoinHandle<()>,
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Upstream {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let script = Arc::new(Mutex::new(Script::default()));
        let shared = Arc::clone(&script);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self {
            address,
            script,
            task,
        }
    }

    /// Answers an action: with each of several answers in turn, and with the last one for good.
    pub(crate) fn on(&self, action: &str, answer: Answer) -> &Self {
        let mut script = self.script.lock().unwrap();
        script
            .answers
            .entry(action.to_owned())
            .or_default()
            .push(answer);
        drop(script);
        self
    }

    /// Answers every action that has no answer of its own.
    pub(crate) fn otherwise(&self, answer: Answer) {
        self.script.lock().unwrap().otherwise = Some(answer);
    }

    /// All requests so far.
    pub(crate) fn all_seen(&self) -> Vec<Seen> {
        self.script.lock().unwrap().seen.clone()
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    /// The way of a driver to this server, in an account with the `usual` settings but quick.
    pub(crate) fn http(
        &self,
        path: &str,
        usual: impl FnOnce(Url, SecretString) -> Account,
    ) -> Http {
        Http::new(quick(usual(self.url(path), KEY.into()))).unwrap()
    }

    /// The requests for an action so far.
    pub(crate) fn seen(&self, action: &str) -> Vec<Seen> {
        let script = self.script.lock().unwrap();
        let of_action = |seen: &&Seen| seen.action() == action;
        script.seen.iter().filter(of_action).cloned().collect()
    }

    /// Waits until the client has hung up on so many endless answers: how many bytes each of
    /// them could send.
    pub(crate) async fn hung_up_on(&self, answers: usize) -> Vec<usize> {
        eventually("the client hangs up", async || {
            self.script.lock().unwrap().endless.len() >= answers
        })
        .await;
        self.script.lock().unwrap().endless.clone()
    }

    /// Waits until an action was asked for.
    pub(crate) async fn wait_for(&self, action: &str) -> Seen {
        for _ in 0..500 {
            if let Some(seen) = self.seen(action).into_iter().next() {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("nobody asked for {action}");
    }
}

async fn serve(mut stream: TcpStream, script: Arc<Mutex<Script>>) {
    let Some(seen) = read_request(&mut stream).await else {
        return;
    };
    let action = seen.action();
    let answer = {
        let mut script = script.lock().unwrap();
        script.seen.push(seen);
        let answers = script.answers.get_mut(&action);
        match answers {
            Some(answers) if answers.len() > 1 => Some(answers.remove(0)),
            Some(answers) => answers.first().cloned(),
            None => script.otherwise.clone(),
        }
    };
    match answer {
        Some(Answer::Bytes(bytes)) => {
            // The client may hang up early, for instance on a body that is too large.
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Some(Answer::Stall(bytes)) => {
            let _ = stream.write_all(&bytes).await;
            let mut rest = [0; 64];
            while stream.read(&mut rest).await.is_ok_and(|read| read > 0) {}
        }
        Some(Answer::Endless(head, part, pause)) => {
            let mut sent = 0;
            let mut next = head;
            while stream.write_all(&next).await.is_ok() {
                sent += next.len();
                next.clone_from(&part);
                tokio::time::sleep(pause).await;
            }
            script.lock().unwrap().endless.push(sent);
        }
        None => panic!("no answer for {action:?} in the script"),
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head_end = loop {
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).await.ok()?;
        if read == 0 {
            return None;
        }
        bytes.extend_from_slice(&chunk[..read]);
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        })
    };
    let length: usize = header("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = bytes[head_end..].to_vec();
    body.resize(length, 0);
    let have = bytes.len() - head_end;
    stream.read_exact(&mut body[have..]).await.ok()?;
    let mut words = head.split_whitespace();
    let method = words.next().unwrap().to_owned();
    let url = Url::parse(&format!("http://host{}", words.next().unwrap())).unwrap();
    Some(Seen {
        method,
        query: url.query_pairs().into_owned().collect(),
        user_agent: header("user-agent").unwrap_or_default(),
        referer: header("referer"),
        body: String::from_utf8(body).unwrap(),
        path: url.path().to_owned(),
    })
}

/// Short enough for a test, long enough for a busy machine.
pub(crate) fn timeouts() -> Timeouts {
    Timeouts {
        connect: Duration::from_secs(2),
        read: Duration::from_secs(1),
        change: Duration::from_secs(1),
        purchase: Duration::from_secs(2),
        catalogue: Duration::from_secs(10),
    }
}

pub(crate) fn retries() -> Retries {
    Retries {
        count: 2,
        pause: Duration::from_millis(5),
        max_pause: Duration::from_millis(10),
    }
}

pub(crate) fn limits() -> Limits {
    Limits {
        burst: std::num::NonZeroU32::new(1000).unwrap(),
        ..Limits::default()
    }
}

/// An account that a test has the time for.
pub(crate) fn quick(usual: Account) -> Account {
    Account {
        timeouts: timeouts(),
        retries: retries(),
        limits: limits(),
        ..usual
    }
}

/// Fails when a text shows the key, a phone number or a code of the fixtures.
pub(crate) fn assert_clean(text: &str) {
    for secret in SECRETS.iter().chain(&["4821"]) {
        assert!(!text.contains(secret), "{secret} shows in {text}");
    }
}
