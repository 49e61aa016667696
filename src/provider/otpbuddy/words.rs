//! What OTPBuddy's codes and words mean.
//!
//! Invariant: where a code and what is said beside it do not go together, nothing is called
//! cancelled.

use crate::provider::wire::envelope::{Envelope, Refusal};
use crate::provider::wire::sms;
use crate::provider::{CancelAnswer, ProviderError};

/// Codes of the answers' `status`.
const WAITING: u64 = 210;
const UNKNOWN_ID: u64 = 201;
const EXPIRED: u64 = 204;
const BAD_PARAMETER: u64 = 206;

/// Words that say that an order was cancelled, and words that change nothing about that.
const CLOSED: [&str; 3] = ["cancelled", "canceled", "refunded"];
const BESIDE: [&str; 16] = [
    "the",
    "your",
    "number",
    "order",
    "activation",
    "amount",
    "is",
    "was",
    "has",
    "been",
    "already",
    "and",
    "balance",
    "success",
    "successful",
    "successfully",
];

/// What an answer about an order says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// It went well; with `getSms` there is an SMS.
    Success,
    /// No SMS yet.
    Waiting,
    /// The order was cancelled, in so many words.
    Cancelled,
    /// The number's time is over.
    Expired,
    /// There is no order under this id, or none any more.
    UnknownId,
    /// Anything else.
    Unclear,
}

/// What the answer to a cancellation says.
pub(super) enum Understood {
    /// It was looked at.
    Answer(CancelAnswer),
    /// The call is not there, or not in this form.
    NoSuchCall(ProviderError),
}

/// The error a refusal stands for, by its text in lower case or by its code.
///
/// There is no code for an empty shelf, so texts come first. 204 and 210 speak of an order that
/// exists and are no refusals of anything.
pub(super) fn refusal(said: &str) -> Option<Refusal> {
    match said.trim().trim_end_matches(['.', '!']) {
        "201" => Some(Refusal::NotFound),
        "202" => Some(Refusal::NoFunds),
        "203" => Some(Refusal::NotFound),
        "205" => Some(Refusal::Unavailable),
        "206" => Some(Refusal::Refused),
        // Not in its document; hosts of its kind use these.
        "no number"
        | "no numbers"
        | "no number available"
        | "no numbers available"
        | "number not available"
        | "numbers not available"
        | "out of stock" => Some(Refusal::OutOfStock),
        said if said.contains("token") || said == "unauthorized" => Some(Refusal::Refused),
        _ => None,
    }
}

/// What an answer about an order says.
pub(super) fn status(envelope: &Envelope<'_>) -> Status {
    let code = envelope.code;
    // With a success the message may be the SMS, and an SMS may speak of cancellations.
    if envelope.ok == Some(true) {
        return Status::Success;
    }
    if envelope.message.as_deref().is_some_and(is_cancelled) {
        return Status::Cancelled;
    }
    match code {
        Some(WAITING) => Status::Waiting,
        Some(EXPIRED) => Status::Expired,
        Some(UNKNOWN_ID) => Status::UnknownId,
        _ => Status::Unclear,
    }
}

/// What the answer to a cancellation comes down to; `None` when it is about something else.
pub(super) fn cancellation(envelope: &Envelope<'_>) -> Option<CancelAnswer> {
    match status(envelope) {
        Status::Success => {
            // A success that says something else, perhaps an SMS, has to be looked into.
            let agrees = texts(envelope).all(|text| is_done(&text) || is_cancelled(&text));
            Some(if agrees {
                CancelAnswer::Cancelled
            } else {
                CancelAnswer::NotNow
            })
        }
        Status::Waiting => Some(CancelAnswer::NotNow),
        Status::Cancelled | Status::Expired => Some(CancelAnswer::AlreadyClosed),
        Status::UnknownId | Status::Unclear => None,
    }
}

/// Whether an answer complains about how it was called.
pub(super) fn is_bad_call(envelope: &Envelope<'_>) -> bool {
    envelope.code == Some(BAD_PARAMETER)
}

/// The SMS in a success: the first text that is neither its word for success nor for "not yet".
pub(super) fn sms_in(envelope: &Envelope<'_>) -> Option<String> {
    texts(envelope).find(|text| !is_done(text) && !is_not_yet(text))
}

/// What stands to be read in the places in which an SMS was seen.
fn texts(envelope: &Envelope<'_>) -> impl Iterator<Item = String> {
    let inner = envelope.data.and_then(sms::sms);
    let outer = envelope.root.get("message").and_then(sms::sms);
    inner.into_iter().chain(outer)
}

/// Whether a text says that an order was cancelled, and says nothing else.
fn is_cancelled(text: &str) -> bool {
    let text = text.to_lowercase();
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let is_said = words.iter().any(|word| CLOSED.contains(word));
    let beside = words.iter().filter(|word| !CLOSED.contains(word));
    is_said && beside.into_iter().all(|word| BESIDE.contains(word))
}

fn is_done(text: &str) -> bool {
    matches!(
        bare(text).as_str(),
        "success" | "successful" | "ok" | "done"
    )
}

/// Whether a text says that no SMS has come; the document gives only the code for it.
fn is_not_yet(text: &str) -> bool {
    matches!(
        bare(text).as_str(),
        "waiting" | "waiting for sms" | "waiting for otp" | "no sms" | "sms not received"
    )
}

fn bare(text: &str) -> String {
    text.trim().trim_end_matches(['.', '!']).to_lowercase()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("201", Some(Refusal::NotFound))]
    #[case("202", Some(Refusal::NoFunds))]
    #[case("203", Some(Refusal::NotFound))]
    #[case("204", None)]
    #[case("205", Some(Refusal::Unavailable))]
    #[case("206", Some(Refusal::Refused))]
    #[case("210", None)]
    #[case("No numbers available!", Some(Refusal::OutOfStock))]
    #[case("Invalid token", Some(Refusal::Refused))]
    #[case("something else", None)]
    fn refusals(#[case] said: &str, #[case] expected: Option<Refusal>) {
        assert_eq!(refusal(&said.to_lowercase()), expected);
    }

    #[rstest]
    #[case("cancelled", true)]
    #[case("Number cancelled successfully!", true)]
    #[case("Order has been canceled and refunded.", true)]
    #[case("Your order was already cancelled", true)]
    #[case("Number can not be cancelled", false)]
    #[case("Number was not cancelled", false)]
    #[case("SMS received, so the order cannot be refunded", false)]
    #[case("Number expired", false)]
    #[case("number", false)]
    #[case("", false)]
    fn only_plain_words_say_that_it_is_cancelled(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(is_cancelled(text), expected);
    }

    #[rstest]
    #[case(
        r#"{"status":200,"message":"Your order 55 was cancelled"}"#,
        Status::Success
    )]
    #[case(r#"{"status":"200"}"#, Status::Success)]
    #[case(r#"{"status":"210"}"#, Status::Waiting)]
    #[case(r#"{"status":201,"message":"Invalid id"}"#, Status::UnknownId)]
    #[case(r#"{"status":204,"message":"Number expired"}"#, Status::Expired)]
    #[case(r#"{"status":204,"message":"Number cancelled"}"#, Status::Cancelled)]
    #[case(
        r#"{"status":201,"data":{"message":"Order refunded"}}"#,
        Status::Cancelled
    )]
    #[case(r#"{"status":205}"#, Status::Unclear)]
    #[case(r#"{"status":999}"#, Status::Unclear)]
    #[case(r#"{"message":"hello"}"#, Status::Unclear)]
    fn statuses(#[case] answer: &str, #[case] expected: Status) {
        let envelope = Envelope::read(answer).ok();
        assert_eq!(envelope.map(|envelope| status(&envelope)), Some(expected));
    }
}
