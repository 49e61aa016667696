//! Choosing: countries, services and the confirmation card.
//!
//! Invariant: what a button shows as a price is a hint; only the confirmation card's price, kept
//! under its nonce, is ever paid.

use crate::bot::callback::mailing::Mailing;
use crate::bot::callback::{Callback, Iso2, OperatorTag, Route};
use crate::bot::html::{Html, cut, html, plain};
use crate::bot::keyboard::{Keyboard, Screen};
use crate::bot::views::{Look, mailbox, rental};
use crate::domain::money::Money;
use crate::domain::product::Product;
use crate::shop::Page;
use crate::shop::browse::{CountryEntry, PlaceEntry, ServiceEntry};
use crate::shop::buy::Quote;
use crate::shop::habits::Again;

/// Countries on one page.
const COUNTRIES_PER_PAGE: usize = 20;

/// Nothing is for sale yet: no catalogue was ever read.
pub(crate) fn nothing_to_sell(look: &Look) -> Screen {
    look.keyboard()
        .wide(&plain!(look.lang, "button-try-again"), Callback::Buy)
        .wide(&plain!(look.lang, "button-menu"), Callback::Menu)
        .under(html!(look.lang, "nothing-to-sell"))
}

/// What leads the first screen.
#[derive(Default)]
pub(crate) struct Lead {
    /// Bought lately: one tap leads to the confirmation card.
    pub(crate) again: Vec<Again>,
    /// Favourites, and where each leads.
    pub(crate) favourites: Vec<(ServiceEntry, Callback)>,
}

/// `🔁 WhatsApp · 🇮🇩 · Rp2.500`, one in a row.
fn again_buttons(look: &Look, again: &[Again]) -> Vec<(String, Callback)> {
    again
        .iter()
        .filter_map(|again| {
            let label = plain!(
                look.lang,
                "label-again",
                service = cut(&again.service_name, 24).as_ref(),
                country = again.country.flag(),
                price = look.money(again.price)
            );
            let operator = again.choice.operator.as_deref();
            let route = Route {
                country: Iso2::new(&again.choice.country)?,
                service: again.choice.service,
                operator: operator.map(OperatorTag::of),
                server: None,
            };
            Some((label, Callback::Offer { route }))
        })
        .collect()
}

/// The countries, under what leads.
pub(crate) fn countries(
    look: &Look,
    lead: &Lead,
    countries: &[CountryEntry],
    page: usize,
) -> Screen {
    let pages = countries.len().div_ceil(COUNTRIES_PER_PAGE).max(1);
    let page = page.min(pages - 1);
    let buttons = countries
        .iter()
        .skip(page * COUNTRIES_PER_PAGE)
        .take(COUNTRIES_PER_PAGE)
        .filter_map(|entry| {
            let country = Iso2::new(&entry.country.iso2)?;
            let label = look.place(&entry.country);
            Some((label, Callback::Services { country, page: 0 }))
        })
        .collect();
    let favourites = lead.favourites.iter().map(|(entry, callback)| {
        let name = cut(&entry.name, 24);
        let label = plain!(look.lang, "label-favourite", name = name.as_ref());
        (label, callback.clone())
    });
    look.keyboard()
        .columns(1, again_buttons(look, &lead.again))
        .columns(2, favourites.collect())
        .columns(2, buttons)
        .pager(page, pages, |page| Callback::Countries { page })
        .columns(
            2,
            vec![
                (
                    plain!(look.lang, "button-by-service"),
                    Callback::Everywhere { page: 0 },
                ),
                (plain!(look.lang, "button-menu"), Callback::Menu),
            ],
        )
        .under(html!(look.lang, "choose-country"))
}

/// `WhatsApp · Rp2.500`, or that it is sold out.
fn priced_label(look: &Look, name: &str, from_price: Money, stock: Option<u64>) -> String {
    let name = cut(name, 24);
    if stock == Some(0) {
        plain!(look.lang, "label-sold-out", name = name.as_ref())
    } else {
        let price = look.money(from_price);
        plain!(
            look.lang,
            "label-service",
            name = name.as_ref(),
            price = price
        )
    }
}

/// Services as buttons: in one country, or in all for `None`.
pub(super) fn service_buttons(
    look: &Look,
    country: Option<Iso2>,
    services: &[ServiceEntry],
) -> Vec<(String, Callback)> {
    services
        .iter()
        .map(|entry| {
            let service = entry.id;
            let callback = match country {
                Some(country) => Callback::Service { country, service },
                None => Callback::Places { service, page: 0 },
            };
            let label = priced_label(look, &entry.name, entry.from_price, entry.stock);
            (label, callback)
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
    again: &[Again],
    page: &Page<ServiceEntry>,
    several_countries: bool,
) -> Screen {
    let country = Iso2::new(&entry.country.iso2);
    let keyboard = look
        .keyboard()
        .columns(1, again_buttons(look, again))
        .columns(2, service_buttons(look, country, &page.rows));
    let keyboard = match country {
        Some(country) => keyboard.pager(page.page, page.pages, |page| Callback::Services {
            country,
            page,
        }),
        None => keyboard,
    };
    with_ways_out(look, keyboard, several_countries).under(html!(
        look.lang,
        "choose-service",
        country = look.place(&entry.country)
    ))
}

/// The services of all countries.
pub(crate) fn everywhere(look: &Look, page: &Page<ServiceEntry>) -> Screen {
    let keyboard = look
        .keyboard()
        .columns(2, service_buttons(look, None, &page.rows))
        .pager(page.page, page.pages, |page| Callback::Everywhere { page });
    with_ways_out(look, keyboard, true).under(html!(look.lang, "choose-service-anywhere"))
}

/// The countries that sell a service.
pub(crate) fn places(look: &Look, service: &ServiceEntry, page: &Page<PlaceEntry>) -> Screen {
    let buttons = page
        .rows
        .iter()
        .filter_map(|place| {
            let name = look.place(&place.country);
            let callback = Callback::Service {
                country: Iso2::new(&place.country.iso2)?,
                service: service.id,
            };
            let label = priced_label(look, &name, place.from_price, place.stock);
            Some((label, callback))
        })
        .collect();
    let id = service.id;
    look.keyboard()
        .columns(1, buttons)
        .pager(page.page, page.pages, |page| Callback::Places {
            service: id,
            page,
        })
        .columns(
            2,
            vec![
                (
                    plain!(look.lang, "button-all-services"),
                    Callback::Everywhere { page: 0 },
                ),
                (plain!(look.lang, "button-menu"), Callback::Menu),
            ],
        )
        .under(html!(
            look.lang,
            "choose-place",
            service = service.name.as_str()
        ))
}

/// What a typed text found.
pub(crate) struct Found<'f> {
    /// What was typed.
    pub(crate) text: &'f str,
    /// The country that was looked at, if any was.
    pub(crate) here: Option<&'f CountryEntry>,
    /// What there is in it.
    pub(crate) services: Vec<ServiceEntry>,
    /// What there is in other countries, where it has nothing.
    pub(crate) elsewhere: Vec<ServiceEntry>,
}

/// What a typed text found.
pub(crate) fn found(look: &Look, found: &Found<'_>, several_countries: bool) -> Screen {
    let lang = look.lang;
    let text = cut(found.text, 40);
    let text = text.as_ref();
    let country = found.here.and_then(|entry| Iso2::new(&entry.country.iso2));
    let place = found.here.map(|entry| look.place(&entry.country));
    let (nothing_here, nothing_at_all) = (found.services.is_empty(), found.elsewhere.is_empty());
    let message = match place {
        Some(country) if !nothing_here => html!(lang, "found", text = text, country = country),
        Some(country) if !nothing_at_all => {
            html!(lang, "found-elsewhere", text = text, country = country)
        }
        Some(country) if !several_countries => {
            html!(lang, "found-nothing", text = text, country = country)
        }
        _ if nothing_at_all => html!(lang, "found-nothing-anywhere", text = text),
        _ => html!(lang, "found-anywhere", text = text),
    };
    let all = match country {
        Some(country) => Callback::Services { country, page: 0 },
        None => Callback::Everywhere { page: 0 },
    };
    let keyboard = look
        .keyboard()
        .columns(2, service_buttons(look, country, &found.services))
        .columns(2, service_buttons(look, None, &found.elsewhere))
        .wide(&plain!(lang, "button-all-services"), all);
    with_ways_out(look, keyboard, several_countries).under(message)
}

/// What would be bought, as a heading: `WhatsApp · 🇮🇩 Indonesia · Telkomsel`.
fn quote_heading(look: &Look, quote: &Quote) -> Html {
    if let Some(hours) = quote.hours {
        let span = look.lang.hours(hours);
        let what = if quote.is_renewal {
            plain!(look.lang, "renewal-title", span = span)
        } else {
            plain!(look.lang, "rental-title", span = span)
        };
        return Html::bold(&format!("{what} · {}", look.place(&quote.country.country)));
    }
    if quote.product == Product::Mailbox {
        let title = plain!(
            look.lang,
            "mailbox-title",
            service = quote.service_name.as_str()
        );
        let domain = quote.choice.operator.as_deref().unwrap_or_default();
        return Html::bold(&format!("{title} · @{domain}"));
    }
    let any = plain!(look.lang, "operator-any-short");
    let operator = quote.choice.operator.as_deref().unwrap_or(&any);
    let server = quote
        .server
        .map(|server| plain!(look.lang, "server", number = server.0));
    let route = server.as_deref().unwrap_or(operator);
    Html::bold(&format!(
        "{} · {} · {route}",
        quote.service_name,
        look.place(&quote.country.country)
    ))
}

/// The confirmation card, or how much is missing.
pub(crate) fn quote(look: &Look, quote: &Quote) -> Screen {
    quote_under(look, quote, quote_heading(look, quote))
}

/// A quote for what the user could not pay before.
pub(crate) fn resumed(look: &Look, quote: &Quote) -> Screen {
    let heading = html!(look.lang, "quote-resumed").paragraph(quote_heading(look, quote));
    quote_under(look, quote, heading)
}

fn quote_under(look: &Look, quote: &Quote, heading: Html) -> Screen {
    let price = look.money(quote.price);
    let available = look.money(quote.available);
    let country = Iso2::new(&quote.choice.country);
    let back = match quote.product {
        Product::Rental | Product::Renewal => rental::quote_back(quote),
        Product::Mailbox => Callback::Mail(Mailing::Service {
            service: quote.choice.service,
        }),
        Product::Activation => country.map_or(Callback::Buy, |country| Callback::Service {
            country,
            service: quote.choice.service,
        }),
    };
    let route = Route::of(&quote.choice, |_| quote.server);
    let cheaper = route.filter(|_| quote.has_limits_below).map(|route| {
        let label = plain!(look.lang, "button-cheaper");
        (label, Callback::Cheaper { route })
    });
    let cheaper = Vec::from_iter(cheaper);
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
            .columns(1, cheaper)
            .wide(&plain!(look.lang, "button-back"), back)
            .under(text);
    }
    let after = look.money(quote.after);
    let text = heading.paragraph(match quote.was {
        Some(was) => html!(
            look.lang,
            "quote-price-promo",
            was = look.money(was.price),
            price = price.as_str(),
            until = look.date(was.until),
            available = available,
            after = after
        ),
        None => html!(
            look.lang,
            "quote-price",
            price = price.as_str(),
            available = available,
            after = after
        ),
    });
    let text = match quote.product {
        Product::Rental | Product::Renewal => rental::quote_lines(look, quote, text),
        Product::Mailbox => mailbox::quote_lines(look, quote, text),
        Product::Activation => number_lines(look, quote, text),
    };
    let nonce = quote.nonce.clone();
    look.keyboard()
        .wide(
            &plain!(look.lang, "button-confirm", price = price),
            Callback::Confirm { nonce },
        )
        .columns(1, cheaper)
        .wide(&plain!(look.lang, "button-back"), back)
        .under(text)
}

/// What a quote for a code says besides its price.
fn number_lines(look: &Look, quote: &Quote, text: Html) -> Html {
    let cancel_rule = if quote.cancel_after.num_seconds() > 0 {
        html!(
            look.lang,
            "quote-cancel-later",
            wait = look.lang.span(quote.cancel_after)
        )
    } else {
        html!(look.lang, "quote-cancel-any-time")
    };
    text.paragraph(html!(
        look.lang,
        "quote-lifetime",
        lifetime = look.lang.span(quote.lifetime)
    ))
    .line(cancel_rule)
    .line(html!(look.lang, "quote-promise"))
}
