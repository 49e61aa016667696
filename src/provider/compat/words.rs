//! What the words of the sms-activate family mean.
//!
//! Invariant: only words that leave no doubt are translated; the rest is for the caller to judge.

use crate::provider::wire::envelope::Refusal;
use crate::provider::wire::token::{Table, Token};

/// The family's words. Whether a number was bought before its database failed, nobody knows.
pub(super) const TABLE: Table = Table {
    refusal,
    doubtful: &["ERROR_SQL"],
};

/// "Nothing is waiting", which some hosts say instead of an empty list.
pub(super) const NONE_ACTIVE: [&str; 2] = ["NO_ACTIVATIONS", "NO_ACTIVATION"];

/// What the host says when it does not know an action.
pub(super) const UNKNOWN_ACTION: &str = "BAD_ACTION";

fn refusal(token: &Token) -> Option<Refusal> {
    Some(match token.word.as_str() {
        "NO_NUMBERS" => Refusal::OutOfStock,
        "NO_BALANCE" => Refusal::NoFunds,
        "BAD_SERVICE" | "NO_ACTIVATION" | "NO_ACTIVATIONS" | "WRONG_ACTIVATION_ID" => {
            Refusal::NotFound
        }
        "ERROR_SQL" => Refusal::Unavailable,
        "WRONG_MAX_PRICE" => Refusal::PriceRose,
        "EARLY_CANCEL_DENIED" | "BANNED" => Refusal::Refused,
        // BAD_KEY, NO_KEY, BAD_ACTION, BAD_STATUS, and what else a host of the family invents:
        // none of its words that begin so ever comes with a success.
        word if ["BAD_", "NO_", "WRONG_"]
            .iter()
            .any(|start| word.starts_with(start)) =>
        {
            Refusal::Refused
        }
        _ => return None,
    })
}

/// Whether a refused cancellation can be asked for again.
pub(super) fn not_now(word: &str) -> bool {
    matches!(word, "EARLY_CANCEL_DENIED" | "BAD_STATUS")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("BAD_KEY", Some(Refusal::Refused))]
    #[case("NO_KEY", Some(Refusal::Refused))]
    #[case("BAD_ACTION", Some(Refusal::Refused))]
    #[case("BAD_SERVICE", Some(Refusal::NotFound))]
    #[case("BAD_STATUS", Some(Refusal::Refused))]
    #[case("NO_NUMBERS", Some(Refusal::OutOfStock))]
    #[case("NO_BALANCE", Some(Refusal::NoFunds))]
    #[case("NO_ACTIVATION", Some(Refusal::NotFound))]
    #[case("WRONG_ACTIVATION_ID", Some(Refusal::NotFound))]
    #[case("ERROR_SQL", Some(Refusal::Unavailable))]
    #[case("EARLY_CANCEL_DENIED", Some(Refusal::Refused))]
    #[case("BANNED:'2026-01-02 03-04-05'", Some(Refusal::Refused))]
    #[case("WRONG_MAX_PRICE:0.5", Some(Refusal::PriceRose))]
    #[case("BAD_COUNTRY", Some(Refusal::Refused))]
    #[case("STATUS_WAIT_CODE", None)]
    #[case("ACCESS_READY", None)]
    #[case("MEDITATING", None)]
    fn refusals(#[case] text: &str, #[case] expected: Option<Refusal>) {
        let token = Token::read(text).unwrap();
        assert_eq!(refusal(&token), expected);
    }
}
