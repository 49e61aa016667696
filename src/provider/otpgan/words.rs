//! What OTPGan's words mean.
//!
//! Invariant: only words that leave no doubt are translated; the rest is for the caller to judge.

use crate::provider::wire::envelope::Refusal;
use crate::provider::{ActivationState, CancelAnswer};

/// The error a refusal stands for; `text` is in lower case.
pub(super) fn refusal(text: &str) -> Option<Refusal> {
    let text = text.trim().trim_end_matches(['.', '!']);
    match text {
        "insufficient balance" => Some(Refusal::NoFunds),
        "service not found or inactive" | "order not found" => Some(Refusal::NotFound),
        // Its own upstream gave no number; nothing was taken.
        "failed to get number" => Some(Refusal::OutOfStock),
        "only pending orders can be cancelled"
        | "only orders with received otp can be finished" => Some(Refusal::Refused),
        // Its document has no text for a bad key.
        "unauthorized" => Some(Refusal::Refused),
        _ if text.contains("api key") || text.contains("api_key") => Some(Refusal::Refused),
        _ => None,
    }
}

/// What a refused cancellation means; `None` when it has nothing to do with the order's state.
pub(super) fn cancel(text: &str) -> Option<CancelAnswer> {
    let text = text.to_lowercase();
    if text.contains("only pending orders") || text.contains("already") {
        return Some(CancelAnswer::AlreadyClosed);
    }
    if refusal(&text).is_some() {
        return None;
    }
    Some(CancelAnswer::NotNow)
}

/// Whether the action that an answer names is a cancellation.
pub(super) fn is_cancel(action: &str) -> bool {
    matches!(
        action.to_lowercase().as_str(),
        "cancel" | "cancelled" | "canceled"
    )
}

/// Where an order stands, by its status word and by whether an SMS came with it.
///
/// An SMS outweighs every word: what was delivered is delivered.
pub(super) fn state(word: &str, has_sms: bool) -> Option<ActivationState> {
    let state = match word.trim().to_lowercase().as_str() {
        "pending" | "received" if has_sms => ActivationState::Received,
        // "received" without a readable code is asked about again.
        "pending" | "received" => ActivationState::Waiting,
        "completed" => ActivationState::Finished,
        "expired" | "cancelled" | "canceled" if has_sms => ActivationState::Finished,
        // It pays back what expired, by itself.
        "expired" | "cancelled" | "canceled" => ActivationState::Cancelled,
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
    #[case("Service not found or inactive", Some(Refusal::NotFound))]
    #[case("Insufficient balance", Some(Refusal::NoFunds))]
    #[case("Failed to get number", Some(Refusal::OutOfStock))]
    #[case("Only pending orders can be cancelled", Some(Refusal::Refused))]
    #[case(
        "Only orders with received OTP can be finished",
        Some(Refusal::Refused)
    )]
    #[case("Order not found.", Some(Refusal::NotFound))]
    #[case("Invalid API key", Some(Refusal::Refused))]
    // A path that is not there is no order that is not there.
    #[case("Not Found", None)]
    #[case("Cannot GET /order/status", None)]
    fn refusals(#[case] text: &str, #[case] expected: Option<Refusal>) {
        assert_eq!(refusal(&text.to_lowercase()), expected);
    }

    #[rstest]
    #[case(
        "Only pending orders can be cancelled",
        Some(CancelAnswer::AlreadyClosed)
    )]
    #[case("Order already cancelled", Some(CancelAnswer::AlreadyClosed))]
    #[case("Please wait 2 minutes", Some(CancelAnswer::NotNow))]
    #[case("Order not found", None)]
    #[case("Invalid API key", None)]
    fn refused_cancellations(#[case] text: &str, #[case] expected: Option<CancelAnswer>) {
        assert_eq!(cancel(text), expected);
    }

    #[rstest]
    #[case("pending", false, Some(ActivationState::Waiting))]
    #[case("pending", true, Some(ActivationState::Received))]
    #[case("received", true, Some(ActivationState::Received))]
    #[case("received", false, Some(ActivationState::Waiting))]
    #[case("COMPLETED", true, Some(ActivationState::Finished))]
    #[case("expired", false, Some(ActivationState::Cancelled))]
    #[case("expired", true, Some(ActivationState::Finished))]
    #[case("cancelled", false, Some(ActivationState::Cancelled))]
    #[case("cancelled", true, Some(ActivationState::Finished))]
    #[case("dreaming", true, Some(ActivationState::Received))]
    #[case("dreaming", false, None)]
    fn states(#[case] word: &str, #[case] sms: bool, #[case] expected: Option<ActivationState>) {
        assert_eq!(state(word, sms), expected);
    }
}
