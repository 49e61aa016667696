//! The SMS in an answer: whether there is one yet, and its text where it is wrapped in JSON.
//!
//! Invariant: the text of an SMS is never changed, only unwrapped.

use super::{Json, Object};

/// Fields that hold the whole text, then fields that hold only the code.
const TEXT_FIELDS: [&str; 5] = ["text", "sms", "message", "msg", "body"];
const CODE_FIELDS: [&str; 2] = ["code", "otp"];

/// JSON within JSON is unwrapped this often at most.
const MAX_DEPTH: u8 = 3;

/// The SMS in a field, or `None` while the field says in one of several ways that none has come.
///
/// The field may be a string, a number, a JSON document, a JSON document inside a string, or a
/// list of those, of which the last one counts.
#[must_use]
pub fn sms(field: Json<'_>) -> Option<String> {
    unwrapped(field, MAX_DEPTH)
}

fn unwrapped(field: Json<'_>, depth: u8) -> Option<String> {
    if let Some(text) = field.raw_text() {
        return from_text(&text, depth);
    }
    if depth == 0 || field.is_null() {
        return None;
    }
    if let Some(rows) = field.rows() {
        return rows
            .into_iter()
            .rev()
            .find_map(|row| unwrapped(row, depth - 1));
    }
    from_object(&field.object()?, depth - 1)
}

fn from_text(text: &str, depth: u8) -> Option<String> {
    let trimmed = text.trim();
    let lower = trimmed.to_lowercase();
    if matches!(
        lower.as_str(),
        "" | "-" | "null" | "false" | "[]" | "{}" | "waiting sms code" | "waiting sms"
    ) {
        return None;
    }
    if depth > 0 && trimmed.starts_with(['{', '[']) {
        let inner = Json::parse(trimmed).ok();
        if let Some(inner) = inner.and_then(|json| unwrapped(json, depth - 1)) {
            return Some(inner);
        }
    }
    Some(text.to_owned())
}

fn from_object(object: &Object<'_>, depth: u8) -> Option<String> {
    let first = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| unwrapped(object.get(name)?, depth))
    };
    with_code(first(&TEXT_FIELDS), first(&CODE_FIELDS))
}

/// One SMS of a text and the code that came beside it: a text that lacks the code would hide it
/// from the buyer.
#[must_use]
pub fn with_code(text: Option<String>, code: Option<String>) -> Option<String> {
    match (text, code) {
        (Some(text), Some(code)) if !holds(&text, &code) => Some(format!("{code}\n{text}")),
        (Some(text), _) => Some(text),
        (None, code) => code,
    }
}

fn holds(text: &str, code: &str) -> bool {
    let plain = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
    plain(text).contains(&plain(code))
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
    #[case("null", None)]
    #[case(r#""""#, None)]
    #[case(r#"" - ""#, None)]
    #[case(r#""Waiting SMS Code""#, None)]
    #[case("[]", None)]
    #[case("{}", None)]
    #[case(r#""Your code is 1234""#, Some("Your code is 1234"))]
    #[case(r#"" spaced \n""#, Some(" spaced \n"))]
    #[case("123456", Some("123456"))]
    #[case(
        r#""{\"text\":\"Code: 55-44\",\"code\":\"5544\"}""#,
        Some("Code: 55-44")
    )]
    #[case(r#""{\"text\":\"Hello\",\"code\":\"5544\"}""#, Some("5544\nHello"))]
    #[case(r#""{\"code\":5544}""#, Some("5544"))]
    #[case(
        r#""[{\"sms\":\"first 1111\"},{\"sms\":\"second 2222\"}]""#,
        Some("second 2222")
    )]
    #[case(r#"["one","two"]"#, Some("two"))]
    #[case(r#""{\"from\":\"Bank\"}""#, Some(r#"{"from":"Bank"}"#))]
    #[case(r#""[Shop] code 77""#, Some("[Shop] code 77"))]
    #[case(r#""{not json} 88""#, Some("{not json} 88"))]
    fn an_sms_is_unwrapped_and_kept(#[case] json: &str, #[case] expected: Option<&str>) {
        assert_eq!(sms(Json::parse(json).unwrap()).as_deref(), expected);
    }

    proptest! {
        #[test]
        fn nothing_panics(text in any::<String>(), json in "[\\[{\"\\]}:,0-9a-z\\\\]{0,60}") {
            for text in [text, json] {
                let quoted = serde_json::to_string(&text).unwrap();
                let _ = sms(Json::parse(&quoted).unwrap());
                if let Ok(json) = Json::parse(&text) {
                    let _ = sms(json);
                }
            }
        }
    }
}
