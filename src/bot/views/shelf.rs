//! One service in one country: its operators and servers, or what to do while it is sold out.
//!
//! Invariant: the order is the shop's, and the screen says what it is by.

use chrono::TimeDelta;

use crate::bot::callback::{Callback, Iso2, OperatorTag, Route};
use crate::bot::html::{Html, cut, html, plain};
use crate::bot::keyboard::{Keyboard, Screen};
use crate::bot::views::Look;
use crate::bot::views::browse::service_buttons;
use crate::domain::best::BestBy;
use crate::domain::money::Money;
use crate::shop::ShopError;
use crate::shop::browse::{OperatorEntry, ServerEntry, ServiceEntry, Shelf};

/// `Telkomsel · Rp2.500 · 120 left`.
fn operator_label(look: &Look, best_by: BestBy, entry: &OperatorEntry) -> String {
    let any = match best_by {
        BestBy::Price => plain!(look.lang, "operator-any"),
        BestBy::Balanced => plain!(look.lang, "operator-any-balanced"),
        BestBy::Success => plain!(look.lang, "operator-any-success"),
    };
    let name = cut(entry.operator.as_deref().unwrap_or(&any), 28);
    offer_label(look, &name, entry.price, entry.stock)
}

/// `Telkomsel · Rp2.500 · 12 left`, or that it is sold out.
pub(super) fn offer_label(look: &Look, name: &str, price: Money, stock: Option<u64>) -> String {
    let price = look.money(price);
    match stock {
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

/// `Server 2 · Rp2.500 · 120 left · 92% · 35 s`.
fn server_label(look: &Look, entry: &ServerEntry) -> String {
    let name = plain!(look.lang, "server", number = entry.server.0);
    let mut label = offer_label(look, &name, entry.price, entry.stock);
    if let Some(track) = entry.track {
        label.push_str(&format!(" · {}%", track.percent));
        if let Some(median) = track.median.and_then(|it| TimeDelta::from_std(it).ok()) {
            label.push_str(&format!(" · {}", look.lang.span(median)));
        }
    }
    label
}

/// The operators of a service.
pub(crate) fn shelf(look: &Look, country: Iso2, shelf: &Shelf, is_favourite: bool) -> Screen {
    let service = shelf.service.id;
    let heading = Html::bold(&format!(
        "{} · {}",
        shelf.service.name,
        look.place(&shelf.country.country)
    ));
    let mut text = heading.paragraph(match shelf.best_by {
        BestBy::Price => html!(look.lang, "choose-operator"),
        BestBy::Balanced => html!(look.lang, "choose-operator-balanced"),
        BestBy::Success => html!(look.lang, "choose-operator-success"),
    });
    if shelf.servers.iter().any(|entry| entry.track.is_some()) {
        text = text.paragraph(html!(look.lang, "choose-server"));
    }
    let mut operators: Vec<_> = shelf
        .operators
        .iter()
        .map(|entry| {
            let operator = entry.operator.as_deref().map(OperatorTag::of);
            let route = Route {
                country,
                service,
                operator,
                server: None,
            };
            (
                operator_label(look, shelf.best_by, entry),
                Callback::Offer { route },
            )
        })
        .collect();
    // "Any" stays on top, then the upstreams, then the operators.
    let servers = shelf.servers.iter().map(|entry| {
        let route = Route {
            country,
            service,
            operator: None,
            server: Some(entry.server),
        };
        (server_label(look, entry), Callback::Offer { route })
    });
    operators.splice(1.min(operators.len())..1.min(operators.len()), servers);
    let on = !is_favourite;
    let keyboard = look.keyboard().columns(1, operators).wide(
        &look.star(is_favourite),
        Callback::Star {
            country,
            service,
            on,
        },
    );
    with_other_countries(look, keyboard, &shelf.service)
        .wide(
            &plain!(look.lang, "button-back"),
            Callback::Services { country, page: 0 },
        )
        .under(text)
}

/// A way to the same service in other countries, where there are any.
fn with_other_countries(look: &Look, keyboard: Keyboard, service: &ServiceEntry) -> Keyboard {
    if service.countries < 2 {
        return keyboard;
    }
    let (service, page) = (service.id, 0);
    keyboard.wide(
        &plain!(look.lang, "button-other-countries"),
        Callback::Places { service, page },
    )
}

/// It cannot be bought now: being told, buying it once it can be, and what is near.
pub(crate) fn sold_out(
    look: &Look,
    route: Route,
    service: &ServiceEntry,
    near: &[ServiceEntry],
    why: &ShopError,
) -> Screen {
    let name = service.name.as_str();
    let text = if matches!(why, ShopError::Unavailable) {
        html!(look.lang, "unavailable", service = name)
    } else {
        html!(look.lang, "sold-out", service = name)
    };
    let text = if near.is_empty() {
        text
    } else {
        text.line(html!(look.lang, "sold-out-near"))
    };
    let limit = 0;
    let country = route.country;
    let keyboard = look
        .keyboard()
        .wide(
            &plain!(look.lang, "button-tell"),
            Callback::Tell { route, limit: None },
        )
        .wide(
            &plain!(look.lang, "button-queue"),
            Callback::Queue { route, limit },
        )
        .columns(2, service_buttons(look, Some(country), near));
    with_other_countries(look, keyboard, service)
        .wide(
            &plain!(look.lang, "button-all-services"),
            Callback::Services { country, page: 0 },
        )
        .wide(&plain!(look.lang, "button-menu"), Callback::Menu)
        .under(text)
}
