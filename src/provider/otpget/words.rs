//! What OTPGet's words mean, at its activations and its cheap numbers alike.
//!
//! Invariant: only words that leave no doubt are translated; the rest is for the caller to judge.
//! Here `ACCESS_READY` means *cancelled*, unlike in the sms-activate family.

use crate::provider::wire::envelope::Refusal;
use crate::provider::wire::token::{Table, Token};

/// OTPGet's words. All of them come without an order: a price that changed cancels by itself, a
/// failed database has deducted nothing, and what a supplier of theirs answered sold nothing.
pub(super) const TABLE: Table = Table {
    refusal,
    doubtful: &[],
};

/// What `setStatus` answers when an order is cancelled and paid back.
pub(super) const CANCELLED: [&str; 2] = ["ACCESS_READY", "ACCESS_CANCEL"];
/// What it answers when an order is complete.
pub(super) const COMPLETED: [&str; 2] = ["ACCESS_FINISH", "ACCESS_ACTIVATION"];

fn refusal(token: &Token) -> Option<Refusal> {
    Some(match token.word.as_str() {
        "BAD_KEY" | "ACCOUNT_BLOCKED" | "BAD_ACTION" | "BAD_TYPE" | "BAD_STATUS" => {
            Refusal::Refused
        }
        "STATUS_ALREADY_CHANGED" | "EARLY_CANCEL_DENIED" | "NO_SMS_RECEIVED" => Refusal::Refused,
        "BAD_SERVICE" | "BAD_COUNTRY" | "BAD_SERVER" | "BAD_ID" | "NO_ACTIVATION" => {
            Refusal::NotFound
        }
        "NO_BALANCE" | "LOW_BALANCE" => Refusal::NoFunds,
        "NO_NUMBERS" | "NO_SERVERS" | "NO_SERVICES" => Refusal::OutOfStock,
        "ERROR_PRICE_CHANGE" => Refusal::PriceRose,
        "DATABASE_ERROR" => Refusal::Unavailable,
        word if word.starts_with("ERROR_PROVIDER") => supplier(token.value().unwrap_or_default()),
        _ => return None,
    })
}

/// What the raw text of one of OTPGet's own suppliers comes down to. Their money and their keys
/// are not ours, so an empty shelf is all that matters of it.
fn supplier(raw: &str) -> Refusal {
    let raw = raw.to_lowercase().replace('_', " ");
    let empty = ["no numbers", "no free phones", "out of stock"];
    if empty.iter().any(|words| raw.contains(words)) {
        Refusal::OutOfStock
    } else {
        Refusal::Unavailable
    }
}

/// Whether a refused cancellation can be asked for again.
pub(super) fn not_now(word: &str) -> bool {
    matches!(word, "EARLY_CANCEL_DENIED" | "BAD_STATUS")
}

/// Whether a refused cancellation says that the order is closed.
pub(super) fn is_closed(word: &str) -> bool {
    word == "STATUS_ALREADY_CHANGED"
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("BAD_KEY", Some(Refusal::Refused))]
    #[case("BAD_ID", Some(Refusal::NotFound))]
    #[case("BAD_SERVER", Some(Refusal::NotFound))]
    #[case("LOW_BALANCE", Some(Refusal::NoFunds))]
    #[case("NO_NUMBERS", Some(Refusal::OutOfStock))]
    #[case("ERROR_PRICE_CHANGE", Some(Refusal::PriceRose))]
    #[case("ERROR_PROVIDER_3:NO_NUMBERS", Some(Refusal::OutOfStock))]
    #[case(
        "ERROR_PROVIDER_1:{\"error\":\"no free phones\"}",
        Some(Refusal::OutOfStock)
    )]
    #[case("ERROR_PROVIDER_6:NO_BALANCE", Some(Refusal::Unavailable))]
    #[case("ERROR_PROVIDER_6:", Some(Refusal::Unavailable))]
    #[case("DATABASE_ERROR", Some(Refusal::Unavailable))]
    #[case("ACCESS_READY", None)]
    #[case("MEDITATING", None)]
    fn refusals(#[case] text: &str, #[case] expected: Option<Refusal>) {
        assert_eq!(refusal(&Token::read(text).unwrap()), expected);
    }
}
