//! From the first tap to the confirmation card.
//!
//! Invariant: no money moves here; everything is read from memory or the database.

use crate::bot::callback::{Iso2, OperatorTag};
use crate::bot::context::{Context, Guest};
use crate::bot::dialogue;
use crate::bot::error::BotError;
use crate::bot::keyboard::Screen;
use crate::bot::views::{browse, menu};
use crate::shop::ShopError;
use crate::shop::browse::{CountryEntry, ServiceId};
use crate::shop::buy::Choice;

/// Services on one page: two columns that fit a phone.
const SERVICES_PER_PAGE: usize = 20;
/// What a search shows at most.
const FOUND: usize = 12;
/// What is offered in place of what is sold out.
const NEAR: usize = 6;
/// Nobody types a longer name; what is longer is no name.
const LONGEST_QUERY_UNITS: usize = 64;

/// Countries, or at once services where there is only one.
pub(super) async fn begin(context: &Context, guest: &Guest) -> Result<Screen, BotError> {
    let countries = context.shop.countries();
    match countries.as_slice() {
        [] => Ok(browse::nothing_to_sell(&guest.look)),
        [only] => match Iso2::new(&only.country.iso2) {
            Some(country) => services(context, guest, country, 0).await,
            None => Ok(browse::nothing_to_sell(&guest.look)),
        },
        several => Ok(browse::countries(&guest.look, several, 0)),
    }
}

/// A page of the countries.
pub(super) fn countries(context: &Context, guest: &Guest, page: usize) -> Screen {
    let countries = context.shop.countries();
    if countries.is_empty() {
        return browse::nothing_to_sell(&guest.look);
    }
    browse::countries(&guest.look, &countries, page)
}

/// A page of a country's services. The country is remembered for what is typed next.
pub(super) async fn services(
    context: &Context,
    guest: &Guest,
    country: Iso2,
    page: usize,
) -> Result<Screen, BotError> {
    let countries = context.shop.countries();
    let Some(entry) = entry(&countries, country) else {
        return Ok(menu::outdated(&guest.look));
    };
    if countries.len() > 1 {
        dialogue::keep_country(&context.shop, guest.chat(), country).await?;
    }
    let services = context
        .shop
        .services(guest.user.id, country.as_str(), page, SERVICES_PER_PAGE)
        .await?;
    Ok(browse::services(
        &guest.look,
        entry,
        country,
        &services,
        countries.len() > 1,
    ))
}

fn entry(countries: &[CountryEntry], country: Iso2) -> Option<&CountryEntry> {
    countries
        .iter()
        .find(|entry| entry.country.iso2 == country.as_str())
}

/// What a typed text finds: in the country looked at last, else in the one with most services.
pub(super) async fn search(
    context: &Context,
    guest: &Guest,
    text: &str,
) -> Result<Screen, BotError> {
    let countries = context.shop.countries();
    let remembered = if countries.len() > 1 {
        dialogue::read(&context.shop, guest.chat()).await?.country()
    } else {
        None
    };
    let entry = remembered
        .and_then(|country| entry(&countries, country))
        .or_else(|| countries.first());
    let found = entry.and_then(|entry| Some((entry, Iso2::new(&entry.country.iso2)?)));
    let Some((entry, country)) = found else {
        return Ok(browse::nothing_to_sell(&guest.look));
    };
    let query = crate::bot::html::cut(text.trim(), LONGEST_QUERY_UNITS);
    let services = context.shop.search(country.as_str(), &query, FOUND);
    Ok(browse::found(
        &guest.look,
        entry,
        country,
        &query,
        &services,
        countries.len() > 1,
    ))
}

/// A service's operators, or what is near where it is sold out.
pub(super) fn service(
    context: &Context,
    guest: &Guest,
    country: Iso2,
    service: ServiceId,
) -> Result<Screen, BotError> {
    let shelf = context.shop.shelf(country.as_str(), service)?;
    if shelf.operators.is_empty() || !shelf.service.in_stock() {
        return Ok(sold_out(
            context,
            guest,
            country,
            service,
            &shelf.service.name,
        ));
    }
    Ok(browse::shelf(&guest.look, country, &shelf))
}

fn sold_out(
    context: &Context,
    guest: &Guest,
    country: Iso2,
    service: ServiceId,
    name: &str,
) -> Screen {
    let near = context.shop.near(country.as_str(), service, NEAR);
    browse::sold_out(&guest.look, country, name, &near)
}

/// The confirmation card for a choice.
pub(super) async fn offer(
    context: &Context,
    guest: &Guest,
    country: Iso2,
    service: ServiceId,
    operator: Option<OperatorTag>,
) -> Result<Screen, BotError> {
    let shelf = context.shop.shelf(country.as_str(), service)?;
    let operator = match operator {
        None => None,
        Some(tag) => {
            let named = shelf
                .operators
                .iter()
                .filter_map(|entry| entry.operator.as_ref())
                .find(|name| OperatorTag::of(name) == tag);
            let Some(name) = named else {
                // The operator left the shelf since the button was drawn.
                return Ok(browse::shelf(&guest.look, country, &shelf));
            };
            Some(name.clone())
        }
    };
    let choice = Choice {
        service,
        country: country.as_str().to_owned(),
        operator,
    };
    match context.shop.quote(guest.user.id, choice).await {
        Ok(quote) => Ok(browse::quote(&guest.look, &quote)),
        Err(ShopError::SoldOut) => {
            let name = &shelf.service.name;
            Ok(sold_out(context, guest, country, service, name))
        }
        Err(refused) => Err(refused.into()),
    }
}
