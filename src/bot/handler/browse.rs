//! From the first tap to the confirmation card.
//!
//! Invariant: no money moves here; everything is read from memory or the database.

use crate::bot::callback::{Callback, Iso2, OperatorTag, Route};
use crate::bot::context::{Context, Guest};
use crate::bot::dialogue;
use crate::bot::error::BotError;
use crate::bot::keyboard::Screen;
use crate::bot::views::browse::{Found, Lead};
use crate::bot::views::{browse, menu, shelf};
use crate::shop::ShopError;
use crate::shop::browse::{CountryEntry, ServiceEntry, ServiceId};
use crate::shop::buy::Choice;
use crate::shop::habits::Habits;

/// Services on one page: two columns that fit a phone.
const SERVICES_PER_PAGE: usize = 20;
/// Countries of one service on one page.
const PLACES_PER_PAGE: usize = 12;
/// Favourites that lead the first screen.
const FAVOURITES: usize = 6;
/// What a search shows at most.
const FOUND: usize = 12;
/// What is offered in place of what is sold out.
const NEAR: usize = 6;
/// Nobody types a longer name; what is longer is no name.
const LONGEST_QUERY_UNITS: usize = 64;

/// What the Buy button opens: what was bought lately, the favourites, and the countries; where
/// there is only one country, its services at once.
pub(super) async fn begin(context: &Context, guest: &Guest) -> Result<Screen, BotError> {
    dialogue::no_question(&context.shop, guest.chat()).await?;
    let countries = context.shop.countries();
    match countries.as_slice() {
        [only] => match Iso2::new(&only.country.iso2) {
            Some(country) => services(context, guest, country, 0).await,
            None => Ok(browse::nothing_to_sell(&guest.look)),
        },
        _ => self::countries(context, guest, 0).await,
    }
}

/// A page of the countries.
pub(super) async fn countries(
    context: &Context,
    guest: &Guest,
    page: usize,
) -> Result<Screen, BotError> {
    let countries = context.shop.countries();
    if countries.is_empty() {
        return Ok(browse::nothing_to_sell(&guest.look));
    }
    let lead = if page == 0 {
        lead(context, &context.shop.habits(guest.user.id).await?)
    } else {
        Lead::default()
    };
    Ok(browse::countries(&guest.look, &lead, &countries, page))
}

/// What leads the first screen. A favourite opens in the country looked at last, if it is sold
/// there.
fn lead(context: &Context, habits: &Habits) -> Lead {
    let country = dialogue::of(habits).country();
    let favourites = context.shop.favourites(habits).into_iter();
    let favourites = favourites.take(FAVOURITES).map(|entry| {
        let service = entry.id;
        let here = country.filter(|country| context.shop.shelf(country.as_str(), service).is_ok());
        let callback = match here {
            Some(country) => Callback::Service { country, service },
            None => Callback::Places { service, page: 0 },
        };
        (entry, callback)
    });
    Lead {
        again: context.shop.again(habits),
        favourites: favourites.collect(),
    }
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
    let habits = context.shop.habits(guest.user.id).await?;
    let several = countries.len() > 1;
    let mut again = Vec::new();
    if several {
        dialogue::keep_country(&context.shop, &habits, guest.chat(), country).await?;
    } else if page == 0 {
        again = context.shop.again(&habits);
    }
    let services = context
        .shop
        .services(&habits, country.as_str(), page, SERVICES_PER_PAGE)?;
    Ok(browse::services(
        &guest.look,
        entry,
        &again,
        &services,
        several,
    ))
}

fn entry(countries: &[CountryEntry], country: Iso2) -> Option<&CountryEntry> {
    countries
        .iter()
        .find(|entry| entry.country.iso2 == country.as_str())
}

/// A page of the services of all countries.
pub(super) async fn everywhere(
    context: &Context,
    guest: &Guest,
    page: usize,
) -> Result<Screen, BotError> {
    let habits = context.shop.habits(guest.user.id).await?;
    let services = context.shop.everywhere(&habits, page, SERVICES_PER_PAGE);
    if services.rows.is_empty() {
        return Ok(browse::nothing_to_sell(&guest.look));
    }
    Ok(browse::everywhere(&guest.look, &services))
}

/// The countries that sell a service, or its operators where there is only one country.
pub(super) async fn places(
    context: &Context,
    guest: &Guest,
    service: ServiceId,
    page: usize,
) -> Result<Screen, BotError> {
    let (entry, places) = context.shop.places(service, page, PLACES_PER_PAGE)?;
    if let ([only], 1) = (places.rows.as_slice(), places.pages)
        && let Some(country) = Iso2::new(&only.country.iso2)
    {
        return self::service(context, guest, country, service).await;
    }
    Ok(browse::places(&guest.look, &entry, &places))
}

/// What a typed text finds: in the country looked at last, else in all.
pub(super) async fn search(
    context: &Context,
    guest: &Guest,
    text: &str,
) -> Result<Screen, BotError> {
    let shop = &context.shop;
    let countries = shop.countries();
    let query = crate::bot::html::cut(text.trim(), LONGEST_QUERY_UNITS);
    let here = match countries.as_slice() {
        [] => return Ok(browse::nothing_to_sell(&guest.look)),
        [only] => Some(only),
        several => {
            let habits = shop.habits(guest.user.id).await?;
            let looked_at = dialogue::of(&habits).country();
            looked_at.and_then(|country| entry(several, country))
        }
    };
    let several = countries.len() > 1;
    let mut found = Found {
        text: &query,
        here,
        services: here.map_or_else(Vec::new, |entry| {
            shop.search(&entry.country.iso2, &query, FOUND)
        }),
        elsewhere: Vec::new(),
    };
    if several && found.services.is_empty() {
        found.elsewhere = shop.search_everywhere(&query, FOUND);
    }
    Ok(browse::found(&guest.look, &found, several))
}

/// A service's operators, or what is near where it is sold out.
pub(super) async fn service(
    context: &Context,
    guest: &Guest,
    country: Iso2,
    service: ServiceId,
) -> Result<Screen, BotError> {
    let shelf = context.shop.shelf(country.as_str(), service)?;
    if shelf.operators.is_empty() || !shelf.service.in_stock() {
        let route = Route {
            country,
            service,
            operator: None,
            server: None,
        };
        return Ok(sold_out(
            context,
            guest,
            route,
            &shelf.service,
            &ShopError::SoldOut,
        ));
    }
    let habits = context.shop.habits(guest.user.id).await?;
    let is_favourite = habits.is_favourite(service);
    Ok(shelf::shelf(&guest.look, country, &shelf, is_favourite))
}

fn sold_out(
    context: &Context,
    guest: &Guest,
    route: Route,
    service: &ServiceEntry,
    why: &ShopError,
) -> Screen {
    let near = context.shop.near(route.country.as_str(), service.id, NEAR);
    shelf::sold_out(&guest.look, route, service, &near, why)
}

/// What a button stands for; `None` where its operator left the shelf since it was drawn.
pub(super) fn choice(context: &Context, route: Route) -> Result<Option<Choice>, ShopError> {
    let shop = &context.shop;
    let operator = match route.operator {
        None => None,
        Some(tag) => {
            let shelf = shop.shelf(route.country.as_str(), route.service)?;
            let mut names = shelf.operators.into_iter().filter_map(|it| it.operator);
            match names.find(|name| OperatorTag::of(name) == tag) {
                Some(name) => Some(name),
                None => return Ok(None),
            }
        }
    };
    Ok(Some(Choice {
        service: route.service,
        country: route.country.as_str().to_owned(),
        operator,
        server: route.server.and_then(|number| shop.server(number).cloned()),
    }))
}

/// The confirmation card for a button.
pub(super) async fn offer(
    context: &Context,
    guest: &Guest,
    route: Route,
) -> Result<Screen, BotError> {
    match choice(context, route)? {
        Some(choice) => quote(context, guest, choice).await,
        None => service(context, guest, route.country, route.service).await,
    }
}

/// The confirmation card for a choice, or what to do while it cannot be bought.
pub(super) async fn quote(
    context: &Context,
    guest: &Guest,
    choice: Choice,
) -> Result<Screen, BotError> {
    let shop = &context.shop;
    let route = Route::of(&choice, |server| shop.server_number(server));
    let refused = match (shop.quote(guest.user.id, choice).await, route) {
        (Ok(quote), _) => {
            shop.note_missing(guest.user.id, &quote).await?;
            return Ok(browse::quote(&guest.look, &quote));
        }
        (Err(refused @ (ShopError::SoldOut | ShopError::Unavailable)), Some(route)) => {
            let shelf = shop.shelf(route.country.as_str(), route.service)?;
            return Ok(sold_out(context, guest, route, &shelf.service, &refused));
        }
        (Err(refused), _) => refused,
    };
    Err(refused.into())
}
