//! OTPBuddy's list of products: a map from names to ids and prices, or a list of rows, with or
//! without an envelope around it.
//!
//! Invariant: an answer that is neither is an error, never an empty shop.

use super::{CURRENCY, WORDS};
use crate::provider::http::Http;
use crate::provider::http::reply::Reply;
use crate::provider::wire::{Json, envelope, whole_currency_price};
use crate::provider::{Cost, Listing, ProviderError};

/// One row and, in a map, its key.
type Row<'a> = (Option<String>, Json<'a>);

/// The rows of a list of products.
pub(super) fn rows<'a>(http: &Http, reply: &'a Reply) -> Result<Vec<Row<'a>>, ProviderError> {
    let envelope = envelope::open(http, WORDS, reply)?;
    let bare = envelope.root.keyed_rows();
    let is_map = envelope.data.is_none()
        && !bare.is_empty()
        && bare.iter().all(|(_, row)| row.object().is_some());
    if is_map && reply.bare_error().is_none() {
        return Ok(bare);
    }
    let envelope = envelope::success(http, WORDS, reply)?;
    let listed = envelope.data.filter(|data| !data.is_null());
    listed
        .and_then(Json::keyed_rows)
        .ok_or_else(|| ProviderError::Protocol("no list of products".to_owned()))
}

/// `None` for a row without an id, a name or a price.
pub(super) fn listing((key, row): Row<'_>) -> Option<Listing> {
    let fields = row.object()?;
    let name = fields.text(&["product_name", "name", "service"]).or(key)?;
    Some(Listing {
        service_code: fields.text(&["product_id", "id"])?,
        service_name: name,
        cost: Cost {
            // Paise have two digits; three would rather be thousands of rupees.
            amount: whole_currency_price(fields.get("price")?)?,
            currency: CURRENCY.to_owned(),
        },
        stock: None,
    })
}
