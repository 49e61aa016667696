//! Bytes as an upstream's answers, and what can be read in them without the code that is tested.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use http::StatusCode;
use numshop::provider::Bought;
use numshop::provider::http::Call;
use numshop::provider::http::transport::Transport;
use reqwest::Response;
use serde_json::Value;
use url::Url;

/// What stands between two answers.
const BETWEEN: &[u8] = b"\n%%\n";
const MOST_BODIES: usize = 8;
/// Where hosts put an order's id and its number.
const ID_FIELDS: [&str; 5] = ["activationId", "id", "order_id", "orderId", "id_order"];
const NUMBER_FIELDS: [&str; 4] = ["number", "phone", "phoneNumber", "phone_number"];
const LONGEST_DIAL_CODE: usize = 3;
/// An order is looked for this deep.
const DEPTH: u8 = 3;

/// The answers that a driver is given.
#[derive(Clone)]
pub(crate) struct Answers {
    status: StatusCode,
    bodies: Vec<Vec<u8>>,
    given: Arc<Mutex<Given>>,
}

/// What a driver was given.
#[derive(Clone, Default)]
pub(crate) struct Given {
    pub(crate) requests: usize,
    pub(crate) bytes: usize,
    /// What it was given for a purchase.
    pub(crate) sales: Vec<Vec<u8>>,
}

impl Answers {
    /// Reads an HTTP status, a line break, and the bodies: one for each request, then the last
    /// one for good. Without a status all is body.
    pub(crate) fn read(data: &[u8]) -> Self {
        let status = data
            .get(..3)
            .and_then(|code| StatusCode::from_bytes(code).ok());
        let after = status.and_then(|_| data.get(3..)?.strip_prefix(b"\n"));
        let (status, mut rest) = match (status, after) {
            (Some(status), Some(rest)) => (status, rest),
            _ => (StatusCode::OK, data),
        };
        let mut bodies = Vec::new();
        while bodies.len() + 1 < MOST_BODIES
            && let Some(at) = rest.windows(BETWEEN.len()).position(|four| four == BETWEEN)
        {
            bodies.push(rest[..at].to_vec());
            rest = &rest[at + BETWEEN.len()..];
        }
        bodies.push(rest.to_vec());
        Self {
            status,
            bodies,
            given: Arc::default(),
        }
    }

    pub(crate) fn given(&self) -> Given {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Given> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Transport for Answers {
    async fn carry(&self, call: Call, _: Url, _: Option<&str>) -> reqwest::Result<Response> {
        let mut given = self.lock();
        let at = given.requests.min(self.bodies.len() - 1);
        let body = self.bodies[at].clone();
        given.requests += 1;
        given.bytes += body.len();
        if call == Call::Purchase {
            given.sales.push(body.clone());
        }
        let mut response = http::Response::new(body);
        *response.status_mut() = self.status;
        Ok(response.into())
    }
}

/// Whether a body shows both the id and the number that were read in it.
pub(crate) fn sells(body: &[u8], bought: &Bought) -> bool {
    let raw = String::from_utf8_lossy(body);
    let id = bought.upstream_id.as_str();
    // The dialling code in front may be ours.
    let tail = &bought.number[bought.number.len().saturating_sub(6).max(LONGEST_DIAL_CODE)..];
    [raw.clone().into_owned(), unescaped(&raw)]
        .iter()
        .any(|text| {
            text.match_indices(id).any(|(at, id)| {
                let rest = format!("{} {}", &text[..at], &text[at + id.len()..]);
                let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
                digits.contains(tail)
            })
        })
}

/// Whether a body shows all of these words.
pub(crate) fn shows(body: &[u8], words: &[String]) -> bool {
    let raw = String::from_utf8_lossy(body);
    let plain = unescaped(&raw);
    let mut words = words.iter();
    words.all(|word| raw.contains(word.as_str()) || plain.contains(word.as_str()))
}

/// A text in which the escapes of JSON are undone, wherever they stand.
fn unescaped(text: &str) -> String {
    let mut units = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let code = rest
            .strip_prefix("\\u")
            .and_then(|hex| u16::from_str_radix(hex.get(..4)?, 16).ok());
        let (found, length) = match (
            code,
            rest.strip_prefix('\\').and_then(|rest| rest.chars().next()),
        ) {
            (Some(code), _) => {
                units.push(code);
                rest = &rest[6..];
                continue;
            }
            (None, Some('n')) => ('\n', 2),
            (None, Some('t')) => ('\t', 2),
            (None, Some('r')) => ('\r', 2),
            (None, Some('b')) => ('\u{8}', 2),
            (None, Some('f')) => ('\u{c}', 2),
            (None, Some(plain)) if plain.is_ascii() => (plain, 2),
            (None, Some(_) | None) => (c, c.len_utf8()),
        };
        units.extend_from_slice(found.encode_utf16(&mut [0; 2]));
        rest = &rest[length..];
    }
    // What is left of a pair of surrogates that was cut stands for three bytes that nobody reads.
    char::decode_utf16(units)
        .map(|c| c.map_or("\u{fffd}\u{fffd}\u{fffd}".to_owned(), String::from))
        .collect()
}

/// Whether a body that could be read holds an order: its id and its number.
pub(crate) fn holds_order(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let json = serde_json::from_str::<Value>(text);
    json.map_or_else(|_| is_sale(text), |json| holds(&json, DEPTH))
}

fn holds(json: &Value, depth: u8) -> bool {
    let inner = |value: &Value| depth > 0 && holds(value, depth - 1);
    match json {
        Value::Object(fields) => {
            let any = |names: &[&str], is: fn(&str) -> bool| {
                let texts = names.iter().filter_map(|name| scalar(fields.get(*name)?));
                texts.into_iter().any(|text| is(text.trim()))
            };
            any(&ID_FIELDS, is_id) && any(&NUMBER_FIELDS, is_number) || fields.values().any(inner)
        }
        Value::Array(rows) => rows.iter().any(inner),
        Value::String(text) => is_sale(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn is_id(text: &str) -> bool {
    !matches!(text, "" | "0" | "-" | "null" | "false" | "true")
}

fn is_number(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')');
    let digits = text.chars().filter(char::is_ascii_digit).count();
    text.chars().all(is_plain) && (7..=13).contains(&digits)
}

/// `ACCESS_NUMBER:id:phone`.
fn is_sale(text: &str) -> bool {
    let mut parts = text.trim().split(':').map(str::trim);
    parts.next() == Some("ACCESS_NUMBER")
        && parts.next().is_some_and(is_id)
        && parts.next().is_some_and(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        let given = Answers::read(b"503\none\n%%\n\n%%\nthree");
        assert_eq!(given.status, 503);
        assert_eq!(
            given.bodies,
            [b"one".to_vec(), Vec::new(), b"three".to_vec()]
        );
        for plain in ["503", "50\nx", "", "5x3\ny", "{\"a\":1}"] {
            let given = Answers::read(plain.as_bytes());
            assert_eq!(given.bodies.concat(), plain.as_bytes());
            assert_eq!(given.status, 200);
        }
    }

    #[test]
    fn an_order_is_found() {
        for (body, expected) in [
            (r#"{"id":7,"phone":"6281234500001"}"#, true),
            (r#" {"a":[{"orderId":"x","number":6281234500001}]}"#, true),
            ("ACCESS_NUMBER:7:6281234500001", true),
            (r#"{"id":0,"phone":"6281234500001"}"#, false),
            (r#"{"id":7,"phone":"12345"}"#, false),
            (r#"{"id":7,"a":{"phone":"6281234500001"}}"#, false),
            ("NO_NUMBERS", false),
        ] {
            assert_eq!(holds_order(body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn words_are_shown() {
        let words = ["7/1".to_owned(), "a@b.c".to_owned()];
        for (body, expected) in [
            (r#"{"id":"7/1","email":"a@b.c"}"#, true),
            (r#"{"id":"7\/1","email":"a\u0040b.c"}"#, true),
            (r#"{"id":"7/1","email":"ab.c"}"#, false),
        ] {
            assert_eq!(shows(body.as_bytes(), &words), expected, "{body}");
        }
    }

    #[test]
    fn a_sale_shows_its_id_and_its_number() {
        let bought = Bought {
            upstream_id: "7/1".into(),
            number: "6281234500001".to_owned(),
            cost: None,
            ends: None,
        };
        for (body, expected) in [
            (r#"{"id":"7\/1","n":"0812-3450-0001"}"#, true),
            (r#"{"id":"\u0037/1","n":"\u0030812 3450 0001"}"#, true),
            ("ACCESS_NUMBER:7/1:81234500001", true),
            (r#"{"id":"7/1","n":"0812"}"#, false),
            (r#"{"id":"71","n":"081234500001"}"#, false),
        ] {
            assert_eq!(sells(body.as_bytes(), &bought), expected, "{body}");
        }
    }
}
