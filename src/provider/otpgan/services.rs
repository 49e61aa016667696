//! What OTPGan sells and for how much, though its document has no call for it: the operator's
//! list, corrected by the prices that orders bring, or a call that somebody may have found.
//!
//! Invariant: what is learnt lives in memory and changes nothing but the price of a listing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use rust_decimal::Decimal;

use super::CURRENCY;
use crate::domain::id::ProviderId;
use crate::provider::wire::envelope::Envelope;
use crate::provider::wire::{Json, whole_currency_price};
use crate::provider::{Cost, Listing, ProviderError};

/// Where the services and their prices come from.
#[derive(Clone, Debug)]
pub enum Services {
    /// The operator wrote them down.
    Listed(Vec<Listing>),
    /// `GET /services`, which the document does not know. How it answers is a guess: a list of
    /// rows or a map of them, under `data`, `data.services` or `services`.
    Online,
}

/// A service that it sells, by the slug that it wants to be sent; `price` is in rupiah.
#[must_use]
pub fn sold(slug: &str, name: &str, price: Decimal) -> Listing {
    Listing {
        service_code: slug.to_owned(),
        service_name: name.to_owned(),
        cost: Cost {
            amount: price,
            currency: CURRENCY.to_owned(),
        },
        stock: None,
    }
}

/// The prices that orders brought, by service.
#[derive(Debug, Default)]
pub(super) struct Learnt(Mutex<HashMap<String, Decimal>>);

impl Learnt {
    /// Keeps what a number of this service cost last.
    pub(super) fn note(&self, slug: &str, price: Decimal) {
        let mut prices = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        prices.insert(slug.to_owned(), price);
    }

    /// The listings with those prices.
    pub(super) fn applied_to(&self, listings: &[Listing]) -> Vec<Listing> {
        let prices = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut listings = listings.to_vec();
        for listing in &mut listings {
            if let Some(price) = prices.get(&listing.service_code) {
                listing.cost.amount = *price;
            }
        }
        listings
    }
}

/// Reads what `GET /services` may answer.
pub(super) fn read(
    id: &ProviderId,
    envelope: &Envelope<'_>,
) -> Result<Vec<Listing>, ProviderError> {
    let inner = envelope.fields().and_then(|data| data.get("services"));
    let listed = inner
        .or(envelope.data)
        .or_else(|| envelope.root.get("services"));
    let rows = listed
        .and_then(Json::keyed_rows)
        .ok_or_else(|| ProviderError::Protocol("no list of services".to_owned()))?;
    let sent = rows.len();
    let listings: Vec<_> = rows.into_iter().filter_map(listing).collect();
    if listings.len() < sent {
        let unread = sent - listings.len();
        log::warn!("{id}: {unread} of {sent} services could not be read or are not sold");
    }
    Ok(listings)
}

/// `None` for a row without a slug, a name or a price, and for one that says it is not sold.
fn listing((key, row): (Option<String>, Json<'_>)) -> Option<Listing> {
    let Some(fields) = row.object() else {
        // A map from slugs to prices.
        let slug = key?;
        let price = whole_currency_price(row)?;
        return Some(sold(&slug, &slug, price));
    };
    let active = ["active", "isActive", "is_active"]
        .iter()
        .find_map(|name| fields.get(name)?.truth());
    if active == Some(false) {
        return None;
    }
    let slug = fields
        .text(&["slug", "code", "serviceCode", "service_code", "service"])
        .or_else(|| key.clone().filter(|key| key.parse::<u64>().is_err()))
        .or_else(|| fields.text(&["id", "serviceId", "service_id"]))
        .or(key)?;
    let name = fields
        .text(&["name", "serviceName", "service_name", "title"])
        .unwrap_or_else(|| slug.clone());
    let price = ["price", "cost", "harga"]
        .iter()
        .find_map(|name| whole_currency_price(fields.get(name)?))?;
    Some(sold(&slug, &name, price))
}
