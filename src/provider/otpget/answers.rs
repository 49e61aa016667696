//! What OTPGet's two JSON handlers mean by their answers: `status` is a code, a string or a
//! number, and so perhaps is the HTTP status.
//!
//! Invariant: after a purchase only what its document calls a refusal is one; a code beyond 499
//! is one only with the words of a refusal that took no money.

use super::CURRENCY;
use super::handler::Handler;
use crate::provider::http::Call;
use crate::provider::http::reply::Reply;
use crate::provider::wire::envelope::{self, Envelope, Refusal, Words};
use crate::provider::wire::{Json, Object, whole_currency_price};
use crate::provider::{Cost, ProviderError};

/// What is said after a purchase.
pub(super) const SALE: Words = Words {
    refusal: refusal_of_a_sale,
    currency: CURRENCY,
};

/// What is said otherwise.
pub(super) const READ: Words = Words {
    refusal,
    currency: CURRENCY,
};

fn refusal(said: &str) -> Option<Refusal> {
    match said {
        "500" | "502" | "503" => Some(Refusal::Unavailable),
        said => refusal_of_a_sale(said),
    }
}

fn refusal_of_a_sale(said: &str) -> Option<Refusal> {
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    match said {
        "400" | "401" | "403" => Some(Refusal::Refused),
        "402" => Some(Refusal::NoFunds),
        "404" => Some(Refusal::NotFound),
        _ if has(&["insufficient balance", "low_balance", "no_balance"]) => Some(Refusal::NoFunds),
        _ if has(&["bad_key", "account_blocked"]) => Some(Refusal::Refused),
        _ if has(&["out of stock", "no stock", "out_of_stock", "no numbers"]) => {
            Some(Refusal::OutOfStock)
        }
        // Both come before anything is asked of a supplier, or with nothing deducted.
        _ if said.starts_with("database") || has(&["disabled"]) => Some(Refusal::Unavailable),
        _ => None,
    }
}

/// Asks for a list and reads its rows.
pub(super) async fn list<T>(
    handler: &Handler,
    call: Call,
    action: &str,
    query: &[(&str, &str)],
    name: &str,
    read: impl FnMut(Json<'_>) -> T,
) -> Result<Vec<T>, ProviderError> {
    let reply = handler.ask(call, action, query).await?;
    let envelope = success(handler, &reply)?;
    Ok(envelope.list(name)?.into_iter().map(read).collect())
}

/// Leaves out what could not be read, and says how much that was.
pub(super) fn readable<T>(handler: &Handler, what: &str, rows: Vec<Option<T>>) -> Vec<T> {
    let all = rows.len();
    let read: Vec<T> = rows.into_iter().flatten().collect();
    let unread = all - read.len();
    if unread > 0 {
        log::warn!("{}: {unread} {what} could not be read", handler.id());
    }
    read
}

/// Reads an answer that is not a refusal.
pub(super) fn success<'a>(
    handler: &Handler,
    reply: &'a Reply,
) -> Result<Envelope<'a>, ProviderError> {
    envelope::success(handler.http(), READ, reply)
}

/// The price of a row; one that leaves a doubt, or that is nothing, is none.
pub(super) fn price(row: &Object<'_>) -> Option<Cost> {
    let amount = whole_currency_price(row.get("price")?)?;
    (!amount.is_zero()).then(|| Cost {
        amount,
        currency: CURRENCY.to_owned(),
    })
}

/// The price as it is now, against what it was when it was offered.
pub(super) fn still(
    now: Option<&Cost>,
    max_cost: rust_decimal::Decimal,
) -> Result<(), ProviderError> {
    match now {
        Some(cost) if cost.amount <= max_cost => Ok(()),
        Some(_) => Err(ProviderError::PriceRose),
        None => Err(ProviderError::NotFound(
            "it is not in the price list any more".to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("401", Some(Refusal::Refused), true)]
    #[case("402", Some(Refusal::NoFunds), true)]
    #[case("404", Some(Refusal::NotFound), true)]
    #[case("500", Some(Refusal::Unavailable), false)]
    #[case("502", Some(Refusal::Unavailable), false)]
    #[case("503", Some(Refusal::Unavailable), false)]
    #[case(
        "database error, nothing was deducted",
        Some(Refusal::Unavailable),
        true
    )]
    #[case("supplier lost its database", None, false)]
    #[case("server 2 is currently disabled", Some(Refusal::Unavailable), true)]
    #[case(
        "insufficient balance. need: 840 — have: 12",
        Some(Refusal::NoFunds),
        true
    )]
    #[case("service out of stock", Some(Refusal::OutOfStock), true)]
    #[case("200", None, false)]
    #[case("202", None, false)]
    fn a_sale_is_refused_by_fewer_words(
        #[case] said: &str,
        #[case] expected: Option<Refusal>,
        #[case] of_a_sale: bool,
    ) {
        assert_eq!(refusal(said), expected);
        assert_eq!(refusal_of_a_sale(said), expected.filter(|_| of_a_sale));
    }
}
