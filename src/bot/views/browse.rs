//! Choosing: countries, services, operators and the confirmation card.
//!
//! Invariant: what a button shows as a price is a hint; only the confirmation card's price, kept
//! under its nonce, is ever paid.

use crate::bot::callback::{Callback, Iso2, OperatorTag};
use crate::bot::html::{Html, cut, html, plain};
use crate::bot::keyboard::{Keyboard, Screen};
use crate::bot::views::Look;
use crate::shop::Page;
use crate::shop::browse::{CountryEntry, OperatorEntry, ServiceEntry, Shelf};
use crate::shop::buy::Quote;

/// Countries on one page.
const COUNTRIES_PER_PAGE: usize = 20;

/// Nothing is for sale yet: no catalogue was ever read.
pub(crate) fn nothing_to_sell(look: &Look) -> Screen {
    look.keyboard()
        .wide(&plain!(look.lang, "button-try-again"), Callback::Buy)
        .wide(&plain!(look.lang, "button-menu"), Callback::Menu)
        .under(html!(look.lang, "nothing-to-sell"))
}

/// The countries.
pub(crate) fn countries(look: &Look, countries: &[CountryEntry], page: usize) -> Screen {
    let pages = countries.len().div_ceil(COUNTRIES_PER_PAGE).max(1);
    let page = page.min(pages - 1);
    let buttons = countries
        .iter()
        .skip(page * COUNTRIES_PER_PAGE)
        .take(COUNTRIES_PER_PAGE)
        .filter_map(|entry| {
            let country = Iso2::new(&entry.country.iso2)?;
            Some((
                look.place(&entry.country),
                Callback::Services { country, page: 0 },
            ))
        })
        .collect();
    look.keyboard()
        .columns(2, buttons)
        .pager(page, pages, |page| Callback::Countries { page })
        .wide(&plain!(look.lang, "button-menu"), Callback::Menu)
        .under(html!(look.lang, "choose-country"))
}

/// `WhatsApp · Rp2.500`, or that it is sold out.
fn service_label(look: &Look, entry: &ServiceEntry) -> String {
    let name = cut(&entry.name, 24);
    if entry.in_stock() {
        let price = look.money(entry.from_price);
        plain!(
            look.lang,
            "label-service",
            name = name.as_ref(),
            price = price
        )
    } else {
        plain!(look.lang, "label-sold-out", name = name.as_ref())
    }
}

fn service_buttons(
    look: &Look,
    country: Iso2,
    services: &[ServiceEntry],
) -> Vec<(String, Callback)> {
    services
        .iter()
        .map(|entry| {
            let service = entry.id;
            (
                service_label(look, entry),
                Callback::Service { country, service },
            )
        })
        .collect()
}

/// Back to the countries where there are several, and to the menu.
fn with_ways_out(look: &Look, keyboard: Keyboard, several_countries: bool) -> Keyboard {
    let country = plain!(look.lang, "button-country");
    let menu = plain!(look.lang, "button-menu");
    let mut buttons = Vec::new();
    if several_countries {
        buttons.push((country, Callback::Countries { page: 0 }));
    }
    buttons.push((menu, Callback::Menu));
    keyboard.columns(2, buttons)
}

/// The services of a country.
pub(crate) fn services(
    look: &Look,
    entry: &CountryEntry,
    country: Iso2,
    page: &Page<ServiceEntry>,
    several_countries: bool,
) -> Screen {
    let keyboard = look
        .keyboard()
        .columns(2, service_buttons(look, country, &page.rows))
        .pager(page.page, page.pages, |page| Callback::Services {
            country,
            page,
        });
    with_ways_out(look, keyboard, several_countries).under(html!(
        look.lang,
        "choose-service",
        country = look.place(&entry.country)
    ))
}

/// What a typed text found.
pub(crate) fn found(
    look: &Look,
    entry: &CountryEntry,
    country: Iso2,
    text: &str,
    services: &[ServiceEntry],
    several_countries: bool,
) -> Screen {
    let text = cut(text.trim(), 40);
    let country_name = look.place(&entry.country);
    let keyboard = look
        .keyboard()
        .columns(2, service_buttons(look, country, services))
        .wide(
            &plain!(look.lang, "button-all-services"),
            Callback::Services { country, page: 0 },
        );
    let message = if services.is_empty() {
        html!(
            look.lang,
            "found-nothing",
            text = text.as_ref(),
            country = country_name
        )
    } else {
        html!(
            look.lang,
            "found",
            text = text.as_ref(),
            country = country_name
        )
    };
    with_ways_out(look, keyboard, several_countries).under(message)
}

/// `Telkomsel · Rp2.500 · 120 left`.
fn operator_label(look: &Look, entry: &OperatorEntry) -> String {
    let any = plain!(look.lang, "operator-any");
    let name = cut(entry.operator.as_deref().unwrap_or(&any), 28).into_owned();
    let price = look.money(entry.price);
    match entry.stock {
        Some(0) => plain!(look.lang, "label-sold-out", name = name),
        Some(stock) => plain!(
            look.lang,
            "label-operator-stock",
            name = name,
            price = price,
            stock = stock
        ),
        None => plain!(look.lang, "label-service", name = name, price = price),
    }
}

/// The operators of a service.
pub(crate) fn shelf(look: &Look, country: Iso2, shelf: &Shelf) -> Screen {
    let service = shelf.service.id;
    let operators = shelf
        .operators
        .iter()
        .map(|entry| {
            let operator = entry.operator.as_deref().map(OperatorTag::of);
            let callback = Callback::Offer {
                country,
                service,
                operator,
            };
            (operator_label(look, entry), callback)
        })
        .collect();
    look.keyboard()
        .columns(1, operators)
        .wide(
            &plain!(look.lang, "button-back"),
            Callback::Services { country, page: 0 },
        )
        .under(html!(
            look.lang,
            "choose-operator",
            service = shelf.service.name.as_str(),
            country = look.place(&shelf.country.country)
        ))
}

/// Sold out, with what is near.
pub(crate) fn sold_out(look: &Look, country: Iso2, name: &str, near: &[ServiceEntry]) -> Screen {
    let text = if near.is_empty() {
        html!(look.lang, "sold-out", service = name)
    } else {
        html!(look.lang, "sold-out-near", service = name)
    };
    look.keyboard()
        .columns(2, service_buttons(look, country, near))
        .wide(
            &plain!(look.lang, "button-all-services"),
            Callback::Services { country, page: 0 },
        )
        .wide(&plain!(look.lang, "button-menu"), Callback::Menu)
        .under(text)
}

/// What would be bought, as a heading: `WhatsApp · 🇮🇩 Indonesia · Telkomsel`.
fn quote_heading(look: &Look, quote: &Quote) -> Html {
    let any = plain!(look.lang, "operator-any-short");
    let operator = quote.choice.operator.as_deref().unwrap_or(&any);
    Html::bold(&format!(
        "{} · {} · {operator}",
        quote.service_name,
        look.place(&quote.country.country)
    ))
}

/// The confirmation card, or how much is missing.
pub(crate) fn quote(look: &Look, quote: &Quote) -> Screen {
    let heading = quote_heading(look, quote);
    let price = look.money(quote.price);
    let available = look.money(quote.available);
    let country = Iso2::new(&quote.choice.country);
    let back = country.map_or(Callback::Buy, |country| Callback::Service {
        country,
        service: quote.choice.service,
    });
    if let Some(missing) = quote.missing {
        let text = heading.paragraph(html!(
            look.lang,
            "quote-missing",
            price = price,
            available = available,
            missing = look.money(missing)
        ));
        return look
            .keyboard()
            .wide(&plain!(look.lang, "button-top-up"), Callback::Wallet)
            .wide(&plain!(look.lang, "button-back"), back)
            .under(text);
    }
    let cancel_rule = if quote.cancel_after.num_seconds() > 0 {
        html!(
            look.lang,
            "quote-cancel-later",
            wait = look.lang.span(quote.cancel_after)
        )
    } else {
        html!(look.lang, "quote-cancel-any-time")
    };
    let text = heading
        .paragraph(html!(
            look.lang,
            "quote-price",
            price = price.as_str(),
            available = available,
            after = look.money(quote.after)
        ))
        .paragraph(html!(
            look.lang,
            "quote-lifetime",
            lifetime = look.lang.span(quote.lifetime)
        ))
        .line(cancel_rule)
        .line(html!(look.lang, "quote-promise"));
    let nonce = quote.nonce.clone();
    look.keyboard()
        .wide(
            &plain!(look.lang, "button-confirm", price = price),
            Callback::Confirm { nonce },
        )
        .wide(&plain!(look.lang, "button-back"), back)
        .under(text)
}
