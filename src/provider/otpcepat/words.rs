//! What OTPCepat's words mean.
//!
//! Invariant: only words that leave no doubt are translated; the rest is for the caller to judge.

use crate::provider::wire::envelope::Refusal;
use crate::provider::{ActivationState, CancelAnswer};

/// The error a refusal stands for; `text` is in lower case.
pub(super) fn refusal(text: &str) -> Option<Refusal> {
    match text.trim().trim_end_matches(['.', '!']) {
        "you don't have access" | "bad action" | "bad key" | "wrong status" | "invalid status" => {
            Some(Refusal::Refused)
        }
        "no balance" => Some(Refusal::NoFunds),
        "invalid operator" | "wrong operator id" | "invalid operator id" => Some(Refusal::NotFound),
        "invalid service id" | "wrong service id" => Some(Refusal::NotFound),
        "wrong country id" | "invalid country id" => Some(Refusal::NotFound),
        "invalid order id" | "wrong order id" => Some(Refusal::NotFound),
        // Not in its document, which has no word for an empty shelf; hosts of its kind use these.
        "no number"
        | "no numbers"
        | "no stock"
        | "out of stock"
        | "stok habis"
        | "stok kosong"
        | "number not available" => Some(Refusal::OutOfStock),
        _ => None,
    }
}

/// What a refused cancellation means; `None` when it has nothing to do with the order's state.
pub(super) fn cancel(text: &str) -> Option<CancelAnswer> {
    let text = text.to_lowercase();
    // Whole words: "setelah" (after) is not "telah" (already).
    if text
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| matches!(word, "sudah" | "telah" | "already"))
    {
        return Some(CancelAnswer::AlreadyClosed);
    }
    match text.trim() {
        "wrong status" | "invalid status" => Some(CancelAnswer::NotNow),
        _ if refusal(&text).is_some() => None,
        _ => Some(CancelAnswer::NotNow),
    }
}

/// Where an order stands, by its status word and by whether an SMS came with it.
///
/// An SMS outweighs every word: what was delivered is delivered.
pub(super) fn state(word: &str, has_sms: bool) -> Option<ActivationState> {
    let state = match word.trim().to_lowercase().as_str() {
        "waiting sms" | "recieved" | "received" if has_sms => ActivationState::Received,
        // "Recieved" without a readable SMS is asked about again.
        "waiting sms" | "recieved" | "received" => ActivationState::Waiting,
        "done" => ActivationState::Finished,
        "cancel" | "cancelled" | "canceled" | "refunded" if has_sms => ActivationState::Finished,
        "cancel" | "cancelled" | "canceled" | "refunded" => ActivationState::Cancelled,
        _ if has_sms => ActivationState::Received,
        _ => return None,
    };
    Some(state)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("You don't have Access!", Some(Refusal::Refused))]
    #[case("BAD ACTION", Some(Refusal::Refused))]
    #[case("NO BALANCE", Some(Refusal::NoFunds))]
    #[case("INVALID OPERATOR", Some(Refusal::NotFound))]
    #[case("INVALID SERVICE ID", Some(Refusal::NotFound))]
    #[case("WRONG SERVICE ID", Some(Refusal::NotFound))]
    #[case("WRONG OPERATOR ID", Some(Refusal::NotFound))]
    #[case("WRONG COUNTRY ID", Some(Refusal::NotFound))]
    #[case("INVALID ORDER ID", Some(Refusal::NotFound))]
    #[case("WRONG ORDER ID", Some(Refusal::NotFound))]
    #[case("WRONG STATUS", Some(Refusal::Refused))]
    #[case("INVALID STATUS", Some(Refusal::Refused))]
    #[case("Stok habis!", Some(Refusal::OutOfStock))]
    #[case("something else", None)]
    fn refusals(#[case] text: &str, #[case] expected: Option<Refusal>) {
        assert_eq!(refusal(&text.to_lowercase()), expected);
    }

    #[rstest]
    #[case("WRONG STATUS", Some(CancelAnswer::NotNow))]
    #[case("Please wait 2 minutes", Some(CancelAnswer::NotNow))]
    #[case("Order already cancelled", Some(CancelAnswer::AlreadyClosed))]
    #[case("WRONG ORDER ID", None)]
    #[case("You don't have Access!", None)]
    fn refused_cancellations(#[case] text: &str, #[case] expected: Option<CancelAnswer>) {
        assert_eq!(cancel(text), expected);
    }

    #[rstest]
    #[case("Waiting SMS", false, Some(ActivationState::Waiting))]
    #[case("Waiting SMS", true, Some(ActivationState::Received))]
    #[case("Recieved", true, Some(ActivationState::Received))]
    #[case("Received", true, Some(ActivationState::Received))]
    #[case("Recieved", false, Some(ActivationState::Waiting))]
    #[case("Cancel", false, Some(ActivationState::Cancelled))]
    #[case("Cancelled", false, Some(ActivationState::Cancelled))]
    #[case("Canceled", false, Some(ActivationState::Cancelled))]
    #[case("Refunded", false, Some(ActivationState::Cancelled))]
    #[case("Cancel", true, Some(ActivationState::Finished))]
    #[case("Done", true, Some(ActivationState::Finished))]
    #[case("Dreaming", false, None)]
    fn states(#[case] word: &str, #[case] sms: bool, #[case] expected: Option<ActivationState>) {
        assert_eq!(state(word, sms), expected);
    }
}
