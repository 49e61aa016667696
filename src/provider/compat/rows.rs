//! The rows of the family's JSON answers: countries, services, operators, prices, open orders.
//!
//! Invariant: an offer that cannot be read is left out; an order that cannot be read is an error.

use std::collections::HashMap;

use crate::domain::id::UpstreamId;
use crate::provider::wire::token::protocol;
use crate::provider::wire::{Json, Object, number, sms};
use crate::provider::{Activation, ActivationState, Cost, Listing, ProviderError, UpstreamCountry};

/// The family's words for "whichever operator".
const ANY_OPERATOR: [&str; 2] = ["any", "random"];

/// Countries from an object by id or a bare list; those that are hidden are left out.
pub(super) fn countries(json: Json<'_>) -> Result<Vec<UpstreamCountry>, ProviderError> {
    let rows: Vec<(Option<String>, Json<'_>)> = match (json.object(), json.rows()) {
        (Some(by_id), _) => {
            let rows = by_id.entries();
            rows.map(|(id, row)| (Some(id.to_owned()), row)).collect()
        }
        (None, Some(rows)) => rows.into_iter().map(|row| (None, row)).collect(),
        (None, None) => return Err(protocol("no list of countries")),
    };
    Ok(rows
        .into_iter()
        .filter_map(|(key, row)| country(key, &row.object()?))
        .collect())
}

fn country(key: Option<String>, row: &Object<'_>) -> Option<UpstreamCountry> {
    if row.get("visible").and_then(Json::truth) == Some(false) {
        return None;
    }
    Some(UpstreamCountry {
        // Russia may well be 0.
        code: row.text(&["id"]).or(key)?,
        name: row.text(&["eng", "name", "rus"])?,
    })
}

/// Service codes with the host's names for them.
pub(super) fn names(json: Json<'_>) -> Result<HashMap<String, String>, ProviderError> {
    let rows = json
        .object()
        .and_then(|root| root.get("services")?.rows())
        .ok_or_else(|| protocol("no list of services"))?;
    let pair = |row: Json<'_>| {
        let row = row.object()?;
        Some((row.text(&["code", "id"])?, row.text(&["name", "eng"])?))
    };
    Ok(rows.into_iter().filter_map(pair).collect())
}

/// The operators of a country; a host that knows none says so with an empty list.
pub(super) fn operators(json: Json<'_>, country: &str) -> Result<Vec<String>, ProviderError> {
    let root = json
        .object()
        .ok_or_else(|| protocol("no list of operators"))?;
    let by_country = root.get("countryOperators").and_then(Json::object);
    let rows = by_country
        .and_then(|countries| countries.get(country)?.rows())
        .unwrap_or_default();
    let names = rows.into_iter().filter_map(Json::text);
    Ok(names
        .filter(|name| !ANY_OPERATOR.contains(&name.to_lowercase().as_str()))
        .collect())
}

/// What is sold in a country, and how many rows could not be read.
pub(super) fn prices(
    json: Json<'_>,
    country: &str,
    currency: &str,
    names: &HashMap<String, String>,
) -> Result<(Vec<Listing>, usize), ProviderError> {
    let root = json
        .object()
        .ok_or_else(|| protocol("no table of prices"))?;
    // Asked for one country, some hosts leave its key empty.
    let services = [country, ""]
        .iter()
        .find_map(|key| root.get(key)?.object())
        .unwrap_or_default();
    let mut listings = Vec::new();
    let mut unread = 0;
    for (code, row) in services.entries() {
        match listing(code, row, currency, names) {
            Some(listing) => listings.extend(listing),
            None => unread += 1,
        }
    }
    Ok((listings, unread))
}

/// `Some(None)` is a row that reads well and sells nothing: the family lists what it could sell
/// some day at a price of zero.
fn listing(
    code: &str,
    row: Json<'_>,
    currency: &str,
    names: &HashMap<String, String>,
) -> Option<Option<Listing>> {
    let row = row.object()?;
    let amount = row.decimal(&["cost"])?;
    if amount.is_zero() {
        return Some(None);
    }
    if amount.is_sign_negative() {
        return None;
    }
    Some(Some(Listing {
        service_code: code.to_owned(),
        service_name: names.get(code).map_or(code, String::as_str).to_owned(),
        cost: Cost {
            amount,
            currency: currency.to_owned(),
        },
        stock: row.get("count").and_then(Json::count),
    }))
}

/// The list of open orders. One row that cannot be read spoils it: leaving it out would make an
/// order look absent.
pub(super) fn open_orders(
    json: Json<'_>,
    names: Option<&HashMap<String, String>>,
) -> Result<Vec<Activation>, ProviderError> {
    let rows = json
        .object()
        .and_then(|root| {
            ["activeActivations", "data"]
                .iter()
                .find_map(|name| root.get_or_null(name))
        })
        .and_then(Json::rows)
        .ok_or_else(|| protocol("no list of orders"))?;
    let order = |row: Json<'_>| {
        row.object()
            .and_then(|row| activation(&row, names))
            .ok_or_else(|| protocol("an order without an id"))
    };
    rows.into_iter().map(order).collect()
}

fn activation(row: &Object<'_>, names: Option<&HashMap<String, String>>) -> Option<Activation> {
    let id = row.id(&["activationId", "id"])?;
    let field = |name: &str| row.get(name).and_then(sms::sms);
    let sms = sms::with_code(field("smsText"), field("smsCode"));
    let country = row.text(&["countryCode", "country"]);
    let dial = country.as_deref().and_then(number::dial_code_by_id);
    let phone = row.text(&["phoneNumber", "phone"]);
    // Without the list of names the code says too little: an order must not look like another's.
    let service = names.zip(row.text(&["serviceCode", "service"]));
    Some(Activation {
        upstream_id: UpstreamId(id),
        state: match &sms {
            Some(_) => ActivationState::Received,
            None => ActivationState::Waiting,
        },
        number: phone.and_then(|raw| number::international(&raw, dial)),
        sms,
        service_name: service.map(|(names, code)| names.get(&code).cloned().unwrap_or(code)),
        others: Vec::new(),
        ends: None,
    })
}
