//! The rows of OTPGet's JSON answers: places to buy at, and services with their prices in words.
//!
//! Invariant: a price that leaves a doubt is no price; what has none is left out.

use rust_decimal::Decimal;

use super::CURRENCY;
use crate::provider::wire::token::protocol;
use crate::provider::wire::{Json, Object};
use crate::provider::{Cost, Listing, ProviderError};

/// A country or a server, by its number there.
pub(super) struct Place {
    /// The number of its type, 1 to 6.
    pub(super) kind: String,
    /// Its own number.
    pub(super) id: String,
    /// Its name.
    pub(super) name: String,
}

impl Place {
    /// Our code for it: both numbers.
    pub(super) fn code(&self) -> String {
        format!("{}/{}", self.kind, self.id)
    }
}

/// The type and the number that a code is made of.
pub(super) fn parts_of(code: &str) -> Option<(&str, &str)> {
    code.split_once('/')
}

/// Places by their types; a list without types is all of type `kind`.
pub(super) fn places(json: Json<'_>, kind: &str) -> Result<Vec<Place>, ProviderError> {
    let Some(by_kind) = json.object() else {
        let rows = json.rows().ok_or_else(|| protocol("no list of places"))?;
        return Ok(rows
            .into_iter()
            .filter_map(|row| place(row, kind))
            .collect());
    };
    let lists = by_kind.entries();
    let places = lists.flat_map(|(kind, list)| {
        let rows = list.rows().unwrap_or_default().into_iter();
        rows.filter_map(move |row| place(row, kind))
    });
    Ok(places.collect())
}

fn place(row: Json<'_>, kind: &str) -> Option<Place> {
    let row = row.object()?;
    Some(Place {
        kind: kind.to_owned(),
        id: row.text(&["id"])?,
        name: row.text(&["name"])?,
    })
}

/// Services by their numbers, and how many could not be read. They may be wrapped once more:
/// `{"1":{"102":"…"}}`.
pub(super) fn services(json: Json<'_>) -> Result<(Vec<Listing>, usize), ProviderError> {
    let root = json
        .object()
        .ok_or_else(|| protocol("no list of services"))?;
    let inner: Vec<Object<'_>> = root.entries().filter_map(|(_, row)| row.object()).collect();
    let fields = inner.iter().chain([&root]).flat_map(Object::entries);
    let mut listings = Vec::new();
    let mut unread = 0;
    for (code, row) in fields.filter(|(_, row)| row.object().is_none()) {
        match row.text().as_deref().and_then(named_price) {
            Some((name, amount)) => listings.push(Listing {
                service_code: code.to_owned(),
                service_name: name.to_owned(),
                cost: Cost {
                    amount,
                    currency: CURRENCY.to_owned(),
                },
                stock: None,
            }),
            None => unread += 1,
        }
    }
    Ok((listings, unread))
}

/// `WhatsApp - 60 PKR`, `WhatsApp — ₨60.50`: what stands before the last dash, and the price.
fn named_price(text: &str) -> Option<(&str, Decimal)> {
    let dashes = [" - ", "—", "–"];
    let (at, dash) = dashes
        .iter()
        .filter_map(|dash| Some((text.rfind(dash)?, dash)))
        .max_by_key(|(at, _)| *at)?;
    let name = text.get(..at)?.trim();
    let price = price(text.get(at + dash.len()..)?)?;
    (!name.is_empty()).then_some((name, price))
}

fn price(text: &str) -> Option<Decimal> {
    let lower = text.trim().to_lowercase();
    let mut amount = lower.as_str();
    for sign in ["pkr", "₨", "rs.", "rs"] {
        amount = amount.strip_prefix(sign).unwrap_or(amount).trim();
        amount = amount.strip_suffix(sign).unwrap_or(amount).trim();
    }
    // Only digits and one point: a comma could be either, so it makes the price unreadable.
    let plain = amount
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let amount = Decimal::from_str_exact(amount).ok().filter(|_| plain)?;
    (!amount.is_zero()).then_some(amount)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("WhatsApp - 60 PKR", Some(("WhatsApp", "60")))]
    #[case("WhatsApp — ₨60.50", Some(("WhatsApp", "60.50")))]
    #[case("WhatsApp—₨ 60", Some(("WhatsApp", "60")))]
    #[case("Go - Jek - 55.00 pkr", Some(("Go - Jek", "55.00")))]
    #[case("Go-Jek – Rs. 55", Some(("Go-Jek", "55")))]
    #[case("Go-Jek - PKR 55", Some(("Go-Jek", "55")))]
    #[case("WhatsApp - 1,250 PKR", None)]
    #[case("WhatsApp - 0 PKR", None)]
    #[case("WhatsApp - Free", None)]
    #[case("WhatsApp - -5 PKR", None)]
    #[case("WhatsApp 60 PKR", None)]
    #[case(" - 60 PKR", None)]
    fn a_name_and_a_price(#[case] text: &str, #[case] expected: Option<(&str, &str)>) {
        let read = named_price(text);
        let read = read.map(|(name, amount)| (name, amount.to_string()));
        let read = read.as_ref().map(|(name, amount)| (*name, amount.as_str()));
        assert_eq!(read, expected);
    }

    proptest! {
        #[test]
        fn nothing_panics(text in any::<String>(), dashes in "[—–a₨ 0-9.PKRrs-]{0,20}") {
            for text in [text, dashes] {
                if let Some((_, amount)) = named_price(&text) {
                    prop_assert!(amount > Decimal::ZERO);
                }
            }
        }
    }
}
