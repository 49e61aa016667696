//! The language of plain words that many hosts speak: `ACCESS_NUMBER:id:phone`, `BAD_KEY`,
//! `STATUS_OK:code`; and the JSON in which the same hosts answer longer questions.
//!
//! Invariant: what a word means is said by its host's table and nowhere else; a purchase is
//! `Bought` only with an id and a number, `Rejected` only for a refusal that could be read and
//! carries neither; whatever else was sent is `Ambiguous`.

use rust_decimal::Decimal;

use super::envelope::Refusal;
use super::order::{self, ID_FIELDS, NUMBER_FIELDS};
use super::{Json, Object, number};
use crate::domain::id::UpstreamId;
use crate::provider::http::reply::{Body, Reply};
use crate::provider::http::{Failure, Http};
use crate::provider::{Activation, ActivationState, Bought, Cost, ProviderError, PurchaseAnswer};

/// So many digits in a row could be a phone number or an order's id.
const MIN_ID_DIGITS: usize = 7;

/// Where an answer may be wrapped once more.
const INNER_FIELDS: [&str; 2] = ["data", "info"];
/// Where hosts put the text of a refusal: the word first, then what explains it.
const REFUSAL_FIELDS: [&str; 5] = ["title", "error", "message", "msg", "details"];

/// A word and what follows its first colon, which may hold colons and JSON of its own.
///
/// It has no `Debug` on purpose: it would print codes and numbers.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// Capitals, digits and underscores: `STATUS_OK`.
    pub word: String,
    /// What follows, trimmed; `None` without a colon.
    pub tail: Option<String>,
}

impl Token {
    /// Reads a word; `None` for a text that does not begin with one.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let (word, tail) = match text.split_once(':') {
            Some((word, tail)) => (word.trim_end(), Some(tail.trim().to_owned())),
            None => (text, None),
        };
        let is_word = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        let begins_well = word.starts_with(|c: char| c.is_ascii_uppercase());
        (begins_well && word.len() > 1 && word.bytes().all(is_word)).then(|| Self {
            word: word.to_owned(),
            tail,
        })
    }

    /// What follows the colon, without quotes around it; `None` when that is nothing.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        let tail = self.tail.as_deref()?.trim_matches('\'').trim();
        (!tail.is_empty()).then_some(tail)
    }

    /// The whole token, as it was sent.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.tail {
            Some(tail) => format!("{}:{tail}", self.word),
            None => self.word.clone(),
        }
    }

    /// Whether what follows could be an order's id or number.
    fn carries_order(&self) -> bool {
        let Some(tail) = &self.tail else { return false };
        let digits = tail.split(|c: char| !c.is_ascii_digit());
        let long = digits.map(str::len).any(|length| length >= MIN_ID_DIGITS);
        let fields = Json::parse(tail).ok().and_then(Json::object);
        long || fields.is_some_and(|fields| OrderParts::of_fields(&fields).is_some_order())
    }
}

/// One host's words.
#[derive(Clone, Copy)]
pub struct Table {
    /// Gives the error a token stands for; `None` for one that does not refuse anything.
    pub refusal: fn(&Token) -> Option<Refusal>,
    /// Refusals after which a number may have been bought all the same.
    pub doubtful: &'static [&'static str],
}

/// What a host said.
pub enum Said<'a> {
    /// A word.
    Token(Token),
    /// A JSON document, not a string.
    Json(Json<'a>),
    /// Any other text that is not empty.
    Text(&'a str),
    /// Nothing, with HTTP 204, which is how some hosts say yes.
    NoContent,
}

impl<'a> Said<'a> {
    fn of(reply: &'a Reply) -> Result<Self, ProviderError> {
        let text = match &reply.body {
            Body::Text(text) if text.is_empty() && reply.status == 204 => {
                return Ok(Self::NoContent);
            }
            Body::Text(text) if text.is_empty() => return Err(protocol("empty answer")),
            Body::Text(text) => text,
            Body::Json(text) if text.starts_with('"') => {
                // A word as a JSON string.
                let word = Json::parse(text)?.text();
                return word
                    .and_then(|word| Token::read(&word))
                    .map(Self::Token)
                    .ok_or_else(|| protocol("a string where a word belongs"));
            }
            Body::Json(text) => return Json::parse(text).map(Self::Json),
        };
        Ok(Token::read(text).map_or(Self::Text(text), Self::Token))
    }

    /// Whether an order stands anywhere in it.
    fn holds_order(&self) -> bool {
        match self {
            Self::Json(json) => order::is_in(*json),
            Self::Token(_) | Self::Text(_) | Self::NoContent => false,
        }
    }

    /// The word, unless something else was said.
    ///
    /// # Errors
    /// [`ProviderError::Protocol`].
    pub fn token(self) -> Result<Token, ProviderError> {
        match self {
            Self::Token(token) => Ok(token),
            Self::Json(_) | Self::Text(_) | Self::NoContent => {
                Err(protocol("no word where one belongs"))
            }
        }
    }

    /// The JSON document, unless something else was said.
    ///
    /// # Errors
    /// [`ProviderError::Protocol`].
    pub fn json(self) -> Result<Json<'a>, ProviderError> {
        match self {
            Self::Json(json) => Ok(json),
            Self::Token(_) | Self::Text(_) | Self::NoContent => {
                Err(protocol("no JSON where it belongs"))
            }
        }
    }
}

/// Why a host refused.
enum Refused {
    /// By a word of its table.
    InWords(Token, Refusal),
    /// In a text that no table knows.
    Otherwise(ProviderError),
}

/// Reads an answer that is not a refusal.
///
/// # Errors
/// The refusal if it is one; else what the HTTP status says; else [`ProviderError::Protocol`].
pub fn read<'a>(http: &Http, table: Table, reply: &'a Reply) -> Result<Said<'a>, ProviderError> {
    let said = Said::of(reply).map_err(|error| reply.bare_error().unwrap_or(error))?;
    match refused(http, table, reply, &said) {
        Some(Refused::InWords(token, refusal)) => Err(refusal.with(http.clean(&token.text()))),
        Some(Refused::Otherwise(error)) => Err(error),
        None => match reply.bare_error() {
            Some(error) => Err(error),
            None => Ok(said),
        },
    }
}

fn refused(http: &Http, table: Table, reply: &Reply, said: &Said<'_>) -> Option<Refused> {
    match said {
        Said::Token(token) => {
            let refusal = (table.refusal)(token)?;
            Some(Refused::InWords(token.clone(), refusal))
        }
        Said::Json(json) => {
            let fields = json.object()?;
            let texts = || {
                let fields = &fields;
                REFUSAL_FIELDS
                    .iter()
                    .filter_map(|name| fields.text(&[name]))
            };
            let known = texts().find_map(|text| {
                let token = Token::read(&text)?;
                let refusal = (table.refusal)(&token)?;
                Some(Refused::InWords(token, refusal))
            });
            known.or_else(|| unknown_refusal(http, reply, &fields, texts().next()))
        }
        Said::Text(_) | Said::NoContent => None,
    }
}

/// A refusal in a text that no table knows: one with a title, one that says `status: false`, or
/// whatever came with an HTTP error.
fn unknown_refusal(
    http: &Http,
    reply: &Reply,
    fields: &Object<'_>,
    text: Option<String>,
) -> Option<Refused> {
    let says_no = fields.get("status").and_then(Json::truth) == Some(false);
    let text = text.map(|text| http.clean(&text))?;
    let error = match reply.bare_error() {
        Some(ProviderError::Unavailable(status)) => {
            ProviderError::Unavailable(format!("{status}: {text}"))
        }
        Some(_) => ProviderError::Refused(text),
        None if says_no || fields.get("title").is_some() => ProviderError::Refused(text),
        None => return None,
    };
    Some(Refused::Otherwise(error))
}

/// What an answer to a purchase carries of an order.
#[derive(Default)]
pub struct OrderParts {
    /// The order's id upstream.
    pub id: Option<String>,
    /// The phone number as it was sent.
    pub number: Option<String>,
    /// What it took.
    pub cost: Option<Cost>,
}

impl OrderParts {
    /// Two parts as they stand in a text; empty ones are none.
    #[must_use]
    pub fn of_texts(id: Option<&str>, number: Option<&str>) -> Self {
        let own = |part: Option<&str>| {
            let part = part?.trim();
            (!part.is_empty()).then(|| part.to_owned())
        };
        Self {
            id: own(id),
            number: own(number),
            cost: None,
        }
    }

    /// `ACCESS_NUMBER:id:phone`; nothing for another word.
    #[must_use]
    pub fn of_token(token: &Token) -> Self {
        if token.word != "ACCESS_NUMBER" {
            return Self::default();
        }
        let mut parts = token.tail.as_deref().unwrap_or_default().split(':');
        Self::of_texts(parts.next(), parts.next())
    }

    /// The fields of a JSON answer.
    #[must_use]
    pub fn of_fields(fields: &Object<'_>) -> Self {
        let inner = INNER_FIELDS
            .iter()
            .filter_map(|name| fields.get(name)?.object());
        let inner: Vec<Object<'_>> = inner.collect();
        let find = |names: &[&str]| {
            let inside = || inner.iter().find_map(|fields| fields.id(names));
            fields.id(names).or_else(inside)
        };
        Self {
            id: find(&ID_FIELDS),
            number: find(&NUMBER_FIELDS),
            cost: None,
        }
    }

    fn is_some_order(&self) -> bool {
        self.id.is_some() || self.number.is_some()
    }
}

/// Judges the answer to a purchase call; `parts` finds an order in what was said, and `dial` is
/// the dialling code of the country that was asked for.
#[must_use]
pub fn purchase(
    http: &Http,
    table: Table,
    answer: Result<Reply, Failure>,
    parts: impl Fn(&Said<'_>) -> OrderParts,
    dial: Option<&str>,
) -> PurchaseAnswer {
    let reply = match answer {
        Ok(reply) => reply,
        Err(failure) if failure.sent => return PurchaseAnswer::Ambiguous(failure.error),
        Err(failure) => return PurchaseAnswer::NotSent(failure.error),
    };
    let said = match Said::of(&reply) {
        Ok(said) => said,
        Err(error) => return PurchaseAnswer::Ambiguous(reply.bare_error().unwrap_or(error)),
    };
    let order = parts(&said);
    let carries_order = order.is_some_order() || said.holds_order();
    match refused(http, table, &reply, &said) {
        Some(Refused::InWords(token, _)) if carries_order || token.carries_order() => {
            doubt("a refusal that carries an order")
        }
        Some(Refused::Otherwise(_)) if carries_order => doubt("a refusal that carries an order"),
        Some(Refused::InWords(token, refusal)) => {
            let error = refusal.with(http.clean(&token.text()));
            if table.doubtful.contains(&token.word.as_str()) {
                PurchaseAnswer::Ambiguous(error)
            } else {
                PurchaseAnswer::Rejected(error)
            }
        }
        Some(Refused::Otherwise(error)) if reply.status < 500 => PurchaseAnswer::Rejected(error),
        Some(Refused::Otherwise(error)) => PurchaseAnswer::Ambiguous(error),
        None => bought(&reply, order, dial),
    }
}

fn bought(reply: &Reply, order: OrderParts, dial: Option<&str>) -> PurchaseAnswer {
    if let Some(error) = reply.bare_error() {
        return PurchaseAnswer::Ambiguous(error);
    }
    let number = order
        .number
        .and_then(|raw| number::international(&raw, dial));
    match (order.id, number) {
        (Some(id), Some(number)) => PurchaseAnswer::Bought(Bought {
            upstream_id: UpstreamId(id),
            number,
            cost: order.cost,
            ends: None,
        }),
        _ => doubt("a success without a readable id and number"),
    }
}

fn doubt(what: &str) -> PurchaseAnswer {
    PurchaseAnswer::Ambiguous(protocol(what))
}

/// The word by which an answer refuses, if it does so by one of the table's.
#[must_use]
pub fn refusing_word(http: &Http, table: Table, reply: &Reply) -> Option<String> {
    let said = Said::of(reply).ok()?;
    match refused(http, table, reply, &said)? {
        Refused::InWords(token, _) => Some(token.word),
        Refused::Otherwise(_) => None,
    }
}

/// Whether a change took effect: one of `yes`, HTTP 204, or JSON with a good `status`.
///
/// # Errors
/// As [`read`], and [`ProviderError::Protocol`] with a word that says something else.
pub fn changed(
    http: &Http,
    table: Table,
    reply: &Reply,
    yes: &[&str],
) -> Result<(), ProviderError> {
    match read(http, table, reply)? {
        Said::Token(token) if yes.contains(&token.word.as_str()) => Ok(()),
        Said::Token(token) => {
            let word = http.clean(&token.word);
            Err(ProviderError::Protocol(format!(
                "{word} in answer to a change"
            )))
        }
        Said::NoContent => Ok(()),
        Said::Json(json) => {
            let status = json
                .object()
                .and_then(|fields| fields.get("status")?.truth());
            match status {
                Some(true) => Ok(()),
                Some(false) | None => Err(protocol("a change whose answer says nothing")),
            }
        }
        Said::Text(_) => Err(protocol("a sentence where a word belongs")),
    }
}

/// Where an order stands, by the word for it and the code that came with it.
#[must_use]
pub fn activation(http: &Http, id: &UpstreamId, token: &Token) -> Activation {
    let code = token.value().map(str::to_owned);
    let (state, sms) = match token.word.as_str() {
        // Without a code it is asked about again.
        "STATUS_OK" if code.is_none() => (ActivationState::Waiting, None),
        "STATUS_OK" => (ActivationState::Received, code),
        // The code after WAIT_RETRY is the one that came before another was asked for.
        "STATUS_WAIT_CODE" | "STATUS_WAIT_RETRY" | "STATUS_WAIT_RESEND" => {
            (ActivationState::Waiting, None)
        }
        "STATUS_CANCEL" | "ACCESS_CANCEL" => (ActivationState::Cancelled, None),
        word => (ActivationState::Other(http.clean(word)), None),
    };
    Activation {
        upstream_id: id.clone(),
        state,
        number: None,
        sms,
        service_name: None,
        others: Vec::new(),
        ends: None,
    }
}

/// `ACCESS_BALANCE:500.00`, also with a space after the colon, or `{"balance":"4.68"}`.
///
/// # Errors
/// [`ProviderError::Protocol`].
pub fn balance(said: &Said<'_>) -> Result<Decimal, ProviderError> {
    let amount = match said {
        Said::Token(token) if token.word == "ACCESS_BALANCE" => token
            .value()
            .and_then(|text| Decimal::from_str_exact(text).ok()),
        Said::Json(json) => json
            .object()
            .and_then(|fields| fields.decimal(&["balance"])),
        Said::Token(_) | Said::Text(_) | Said::NoContent => None,
    };
    amount.ok_or_else(|| protocol("a balance that is not a plain number"))
}

/// An answer that could not be understood.
#[must_use]
pub fn protocol(what: &str) -> ProviderError {
    ProviderError::Protocol(what.to_owned())
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop where it is"
)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("NO_NUMBERS", Some(("NO_NUMBERS", None)))]
    #[case(" STATUS_OK: 12:34 \n", Some(("STATUS_OK", Some("12:34"))))]
    #[case("BANNED:'soon'", Some(("BANNED", Some("soon"))))]
    #[case("STATUS_OK:", Some(("STATUS_OK", None)))]
    #[case("ERROR_PROVIDER_3:{\"a\":\"b:c\"}", Some(("ERROR_PROVIDER_3", Some("{\"a\":\"b:c\"}"))))]
    #[case("Not a word", None)]
    #[case("null", None)]
    #[case("123,62812", None)]
    #[case("A", None)]
    #[case("", None)]
    fn words_and_what_follows(#[case] text: &str, #[case] expected: Option<(&str, Option<&str>)>) {
        let token = Token::read(text);
        let read = token
            .as_ref()
            .map(|token| (token.word.as_str(), token.value()));
        assert_eq!(read, expected);
    }

    #[rstest]
    #[case("NO_NUMBERS", false)]
    #[case("BANNED:'2026-01-02 03-04-05'", false)]
    #[case("WRONG_MAX_PRICE:0.5", false)]
    #[case("ERROR_PROVIDER_1:timeout after 30000 ms", false)]
    #[case("ERROR_PROVIDER_1:ACCESS_NUMBER:123:6281234500001", true)]
    #[case("ERROR_PROVIDER_1:{\"id\":7}", true)]
    #[case("ERROR_PROVIDER_1:{\"code\":7}", false)]
    fn a_refusal_may_carry_an_order(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(Token::read(text).unwrap().carries_order(), expected);
    }

    proptest! {
        #[test]
        fn nothing_panics(text in any::<String>(), words in "[A-Z_:{}\"0-9', ]{0,40}") {
            for text in [text, words] {
                if let Some(token) = Token::read(&text) {
                    let _ = (token.value().map(str::len), token.text(), token.carries_order());
                    prop_assert!(!token.word.contains(':'));
                }
            }
        }
    }
}
