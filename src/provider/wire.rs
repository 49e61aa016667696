//! Tolerant reading of what upstreams send: JSON from PHP hosts, where a scalar may be a string,
//! a number or a bool, an empty object is a list, and a list may be an object.
//!
//! Invariant: reading never panics, never goes through a float, and never quotes what it read in
//! an error, because an answer may hold a code or a phone number.

pub mod envelope;
pub mod number;
mod order;
pub mod sms;
pub mod token;

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeZone, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::de::{Deserialize, Deserializer, Visitor};
use serde_json::value::RawValue;

use super::ProviderError;

/// One JSON value that has been checked to be well-formed and is read further only when asked.
///
/// It has no `Debug` on purpose: it would print what the upstream sent.
#[derive(Clone, Copy)]
pub struct Json<'a>(&'a RawValue);

impl<'a> Json<'a> {
    /// Checks that `text` is one JSON document.
    ///
    /// # Errors
    /// [`ProviderError::Protocol`], saying where it breaks off but not what stands there.
    pub fn parse(text: &'a str) -> Result<Self, ProviderError> {
        serde_json::from_str(text)
            .map(Self)
            .map_err(|error| broken(&error))
    }

    /// A string, number or bool as text, trimmed; `None` for anything else and for empty text.
    #[must_use]
    pub fn text(self) -> Option<String> {
        let raw = self.0.get();
        let text = match raw.bytes().next()? {
            b'"' => serde_json::from_str::<AnyText>(raw).ok()?.0,
            b'{' | b'[' | b'n' => return None,
            _ => raw.to_owned(),
        };
        let trimmed = text.trim();
        (!trimmed.is_empty()).then(|| trimmed.to_owned())
    }

    /// A string as it was sent, or a number or bool as text. Unlike [`Json::text`] it keeps the
    /// white space around it, and it may be empty.
    #[must_use]
    pub fn raw_text(self) -> Option<String> {
        let raw = self.0.get();
        if raw.starts_with('"') {
            return Some(serde_json::from_str::<AnyText>(raw).ok()?.0);
        }
        self.text()
    }

    /// A decimal number, exactly as it was sent, be it a number or a string.
    /// Group separators, signs of currency and anything else that leaves a doubt give `None`.
    #[must_use]
    pub fn decimal(self) -> Option<Decimal> {
        let text = self.text()?;
        let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
        if text.bytes().all(plain) {
            return Decimal::from_str_exact(&text).ok();
        }
        let scientific = |byte: u8| plain(byte) || matches!(byte, b'e' | b'E' | b'+');
        if text.bytes().all(scientific) {
            return Decimal::from_scientific(&text).ok();
        }
        None
    }

    /// A whole number that is not negative: a stock, a count.
    #[must_use]
    pub fn count(self) -> Option<u64> {
        let value = self.decimal()?;
        if value.is_integer() {
            value.to_u64()
        } else {
            None
        }
    }

    /// What an envelope's `status` says; `None` for a word that is neither yes nor no.
    #[must_use]
    pub fn truth(self) -> Option<bool> {
        match self.text()?.to_ascii_lowercase().as_str() {
            "true" | "1" | "success" | "ok" => Some(true),
            "false" | "0" | "error" | "failed" | "fail" => Some(false),
            _ => None,
        }
    }

    /// Whether this is `null`.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.0.get() == "null"
    }

    /// An object; PHP's `[]` counts as an empty one.
    #[must_use]
    pub fn object(self) -> Option<Object<'a>> {
        let raw = self.0.get();
        if raw.starts_with('{') {
            let fields = serde_json::from_str::<BTreeMap<AnyText, &'a RawValue>>(raw).ok()?;
            let fields = fields.into_iter().map(|(key, value)| (key.0, Json(value)));
            return Some(Object(fields.collect()));
        }
        let empty = raw.starts_with('[') && self.rows()?.is_empty();
        empty.then(|| Object(BTreeMap::new()))
    }

    /// A list, or an object whose keys are all whole numbers (in their order), or `null`, which
    /// counts as an empty list. `None` for anything else.
    #[must_use]
    pub fn rows(self) -> Option<Vec<Self>> {
        let raw = self.0.get();
        match raw.bytes().next()? {
            b'n' => Some(Vec::new()),
            b'[' => {
                let rows = serde_json::from_str::<Vec<&'a RawValue>>(raw).ok()?;
                Some(rows.into_iter().map(Json).collect())
            }
            b'{' => {
                let mut rows = Vec::new();
                for (key, row) in self.object()?.0 {
                    rows.push((key.parse::<u64>().ok()?, row));
                }
                rows.sort_by_key(|(index, _)| *index);
                Some(rows.into_iter().map(|(_, row)| row).collect())
            }
            _ => None,
        }
    }

    /// The rows of a list, or those of a map, each with its key. `None` for anything else.
    #[must_use]
    pub fn keyed_rows(self) -> Option<Vec<(Option<String>, Self)>> {
        if self.0.get().starts_with('{') {
            return Some(self.object()?.keyed_rows());
        }
        let rows = self.rows()?.into_iter();
        Some(rows.map(|row| (None, row)).collect())
    }
}

/// An object's fields.
#[derive(Default)]
pub struct Object<'a>(BTreeMap<String, Json<'a>>);

impl<'a> Object<'a> {
    /// A field that is there and is not `null`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Json<'a>> {
        self.0.get(name).copied().filter(|value| !value.is_null())
    }

    /// A field that is there, be it `null`.
    #[must_use]
    pub fn get_or_null(&self, name: &str) -> Option<Json<'a>> {
        self.0.get(name).copied()
    }

    /// The text of the first of `names` that has one.
    #[must_use]
    pub fn text(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.get(name)?.text())
    }

    /// The number in the first of `names` that has one.
    #[must_use]
    pub fn decimal(&self, names: &[&str]) -> Option<Decimal> {
        names.iter().find_map(|name| self.get(name)?.decimal())
    }

    /// An id: like [`Object::text`], but the words that stand for "none" (`0`, `-`) are none.
    #[must_use]
    pub fn id(&self, names: &[&str]) -> Option<String> {
        names
            .iter()
            .filter_map(|name| self.get(name)?.text())
            .find(|id| !matches!(id.as_str(), "0" | "-" | "null" | "false" | "true"))
    }

    /// Every field that is not `null`, with its name.
    pub fn entries(&self) -> impl Iterator<Item = (&str, Json<'a>)> {
        let fields = self.0.iter().map(|(name, value)| (name.as_str(), *value));
        fields.filter(|(_, value)| !value.is_null())
    }

    /// Every field as the row of a map, in the order of their names.
    #[must_use]
    pub fn keyed_rows(&self) -> Vec<(Option<String>, Json<'a>)> {
        let fields = self.0.iter();
        fields.map(|(key, row)| (Some(key.clone()), *row)).collect()
    }

    /// Whether there is no field at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A price in a currency without cents in use, such as the rupiah.
///
/// There `1.250` is far more likely one thousand two hundred and fifty than one and a quarter, so
/// a fraction of exactly three digits is unreadable rather than a thousandth of the price.
#[must_use]
pub fn whole_currency_price(value: Json<'_>) -> Option<Decimal> {
    let amount = value.decimal()?;
    (!amount.is_sign_negative() && amount.scale() != 3).then_some(amount)
}

/// A moment as upstreams write it: RFC 3339, seconds since 1970, or a date and time without a
/// zone, which is taken to be at `zone`.
#[must_use]
pub fn moment(text: &str, zone: FixedOffset) -> Option<DateTime<Utc>> {
    zoned(text).or_else(|| {
        let local = zoneless(text)?;
        Some(zone.from_local_datetime(&local).single()?.to_utc())
    })
}

/// A moment that needs no zone from elsewhere: RFC 3339, or seconds since 1970.
#[must_use]
pub fn zoned(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.to_utc());
    }
    let is_epoch = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    DateTime::from_timestamp(text.parse().ok().filter(|_| is_epoch)?, 0)
}

/// A date and time without a zone.
#[must_use]
pub fn zoneless(text: &str) -> Option<NaiveDateTime> {
    let formats = [
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
        "%d-%m-%Y %H:%M:%S",
    ];
    formats
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text.trim(), format).ok())
}

fn broken(error: &serde_json::Error) -> ProviderError {
    let kind = if error.is_eof() {
        "JSON that breaks off"
    } else {
        "not JSON"
    };
    ProviderError::Protocol(format!(
        "{kind} at line {} column {}",
        error.line(),
        error.column()
    ))
}

/// A JSON string; half a surrogate pair in it, as PHP leaves when it cuts an emoji, becomes
/// U+FFFD instead of an error.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct AnyText(String);

impl<'de> Deserialize<'de> for AnyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(AnyTextVisitor)
    }
}

struct AnyTextVisitor;

impl Visitor<'_> for AnyTextVisitor {
    type Value = AnyText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<AnyText, E> {
        Ok(AnyText(text.to_owned()))
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<AnyText, E> {
        Ok(AnyText(String::from_utf8_lossy(bytes).into_owned()))
    }
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
    #[case(r#""12""#, Some("12"))]
    #[case("12", Some("12"))]
    #[case("true", Some("true"))]
    #[case(r#""  x ""#, Some("x"))]
    #[case("null", None)]
    #[case(r#""""#, None)]
    #[case("[]", None)]
    #[case(r#""a\ud83dz""#, Some("a\u{fffd}\u{fffd}\u{fffd}z"))]
    fn a_scalar_may_be_a_string_a_number_or_a_bool(#[case] json: &str, #[case] text: Option<&str>) {
        assert_eq!(Json::parse(json).unwrap().text().as_deref(), text);
    }

    #[rstest]
    #[case("0.15", Some("0.15"))]
    #[case("60.00", Some("60.00"))]
    #[case(r#""650""#, Some("650"))]
    #[case(
        "0.1000000000000000055511151231",
        Some("0.1000000000000000055511151231")
    )]
    #[case("1.5e3", Some("1500"))]
    #[case(r#""1,250""#, None)]
    #[case(r#""1_250""#, None)]
    #[case(r#""Rp 650""#, None)]
    #[case("true", None)]
    #[case(r#""""#, None)]
    #[case("1e400", None)]
    fn a_price_keeps_its_digits(#[case] json: &str, #[case] expected: Option<&str>) {
        let read = Json::parse(json).unwrap().decimal();
        assert_eq!(read.map(|amount| amount.to_string()).as_deref(), expected);
    }

    #[rstest]
    #[case("650", true)]
    #[case("650.5", true)]
    #[case(r#""650.00""#, true)]
    #[case(r#""1.250""#, false)]
    #[case("-1", false)]
    fn a_rupiah_price_that_could_be_thousands_is_unreadable(
        #[case] json: &str,
        #[case] readable: bool,
    ) {
        let price = whole_currency_price(Json::parse(json).unwrap());
        assert_eq!(price.is_some(), readable);
    }

    #[rstest]
    #[case("[1,2]", Some(2))]
    #[case(r#"{"10":"c","2":"b","0":"a"}"#, Some(3))]
    #[case("{}", Some(0))]
    #[case("null", Some(0))]
    #[case(r#"{"a":1}"#, None)]
    #[case(r#""x""#, None)]
    fn a_list_may_be_an_object_with_index_keys(#[case] json: &str, #[case] length: Option<usize>) {
        let rows = Json::parse(json).unwrap().rows();
        assert_eq!(rows.map(|rows| rows.len()), length);
    }

    #[test]
    fn index_keys_are_ordered_as_numbers() {
        let rows = Json::parse(r#"{"10":"c","2":"b"}"#)
            .unwrap()
            .rows()
            .unwrap();
        let texts: Vec<_> = rows.into_iter().filter_map(Json::text).collect();
        assert_eq!(texts, ["b", "c"]);
    }

    #[test]
    fn an_empty_list_is_an_empty_object() {
        assert!(Json::parse("[]").unwrap().object().unwrap().is_empty());
        assert!(Json::parse("[1]").unwrap().object().is_none());
    }

    #[rstest]
    #[case("2026-04-09 21:55:55", Some("2026-04-09T14:55:55Z"))]
    #[case("2026-04-09T21:55:55", Some("2026-04-09T14:55:55Z"))]
    #[case("2026-04-09T21:55:55Z", Some("2026-04-09T21:55:55Z"))]
    #[case("1775000000", Some("2026-03-31T23:33:20Z"))]
    #[case("soon", None)]
    fn a_time_without_a_zone_is_at_the_upstreams(
        #[case] text: &str,
        #[case] expected: Option<&str>,
    ) {
        let zone = FixedOffset::east_opt(7 * 3600).unwrap();
        let expected = expected.map(|text| text.parse::<DateTime<Utc>>().unwrap());
        assert_eq!(moment(text, zone), expected);
    }

    #[test]
    fn an_error_does_not_quote_the_answer() {
        let error = Json::parse(r#"{"sms":"code 123456","#).err().unwrap();
        assert_eq!(
            error,
            ProviderError::Protocol("JSON that breaks off at line 1 column 21".to_owned())
        );
    }

    proptest! {
        #[test]
        fn nothing_panics(text in any::<String>(), brackets in "[\\[{\"\\]}:,0-9eE.nul-]{0,40}") {
            for text in [text, brackets] {
                if let Ok(json) = Json::parse(text.trim()) {
                    let _ = (json.text(), json.raw_text(), json.decimal(), json.count());
                    let _ = (json.truth(), json.rows().is_some(), json.object().is_some());
                    let _ = (whole_currency_price(json), json.keyed_rows().is_some());
                }
                let _ = moment(&text, FixedOffset::east_opt(7 * 3600).unwrap());
            }
        }
    }
}
