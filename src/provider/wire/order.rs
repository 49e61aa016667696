//! Where an order stands in an answer: an id and a phone number.
//!
//! Invariant: no answer in which both stand together is taken for a refusal, wherever they stand.

use super::token::Token;
use super::{Json, Object, number};

/// Where hosts put an order's id: its own names first.
pub(super) const ID_FIELDS: [&str; 5] = ["activationId", "order_id", "orderId", "id_order", "id"];
/// Where hosts put its number.
pub(super) const NUMBER_FIELDS: [&str; 4] = ["phoneNumber", "phone_number", "phone", "number"];

/// An answer is searched this deep: each level is read anew.
const DEPTH: u8 = 4;

/// Whether an order's id and number stand together somewhere in a value.
pub(super) fn is_in(json: Json<'_>) -> bool {
    within(json, DEPTH)
}

/// The same of the fields of an answer.
pub(super) fn is_in_fields(fields: &Object<'_>) -> bool {
    within_fields(fields, DEPTH)
}

/// Whether a text is `ACCESS_NUMBER:id:phone`.
pub(super) fn is_in_text(text: &str) -> bool {
    let tail = Token::read(text)
        .filter(|token| token.word == "ACCESS_NUMBER")
        .and_then(|token| token.tail);
    let mut parts = tail.iter().flat_map(|tail| tail.split(':'));
    let id = parts.next().is_some_and(|id| !id.trim().is_empty());
    id && parts.next().is_some_and(number::may_be_number)
}

fn within(json: Json<'_>, depth: u8) -> bool {
    if let Some(text) = json.text() {
        return is_in_text(&text);
    }
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    match json.object() {
        Some(fields) => within_fields(&fields, depth),
        None => {
            let rows = json.rows().into_iter().flatten();
            rows.into_iter().any(|row| within(row, depth))
        }
    }
}

fn within_fields(fields: &Object<'_>, depth: u8) -> bool {
    // Any of them: one may be filled with something else while the number stands in another.
    let is_number = |name: &&str| {
        let text = fields.id(&[name]);
        text.is_some_and(|text| number::may_be_number(&text))
    };
    let is_here = fields.id(&ID_FIELDS).is_some() && NUMBER_FIELDS.iter().any(is_number);
    is_here || fields.entries().any(|(_, inner)| within(inner, depth))
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop where it is"
)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(r#"{"id":7,"number":"6281234500001"}"#, true)]
    #[case(r#"{"a":[{"b":{"orderId":"x","phone":6281234500001}}]}"#, true)]
    #[case(r#"{"a":[null,"ACCESS_NUMBER:7:6281234500001"]}"#, true)]
    #[case(r#"{"id":7,"a":{"number":"6281234500001"}}"#, false)]
    #[case(r#"{"id":0,"number":"6281234500001"}"#, false)]
    #[case(r#"{"error":{"id":"E7","number":404}}"#, false)]
    #[case(r#"{"message":"ACCESS_NUMBER:7"}"#, false)]
    #[case(r#"{"id":7,"number":"0812****0001"}"#, true)]
    #[case(r#"{"id":7,"phone":"hidden 00001","number":"6281234500001"}"#, true)]
    #[case("[]", false)]
    fn an_order_is_found(#[case] json: &str, #[case] expected: bool) {
        assert_eq!(is_in(Json::parse(json).unwrap()), expected);
    }

    #[test]
    fn a_deep_answer_ends_the_search() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(!is_in(Json::parse(&deep).unwrap()));
    }
}
