//! While something cannot be bought: the limit of an order that waits, what somebody wants to hear
//! of, and the news when it is there.
//!
//! Invariant: where a limit is named, it is said that no more than it is paid, and when it comes
//! back.

use crate::bot::callback::{Callback, Route};
use crate::bot::html::{Html, cut, html, plain};
use crate::bot::keyboard::Screen;
use crate::bot::views::Look;
use crate::domain::market::Country;
use crate::domain::money::Money;
use crate::shop::browse::ServerNumber;
use crate::shop::buy::Choice;
use crate::shop::queue::QueueQuote;
use crate::shop::watch::Watch;

/// `WhatsApp · 🇮🇩 Indonesia · Telkomsel`; any operator is not named.
fn name(
    look: &Look,
    service: &str,
    country: &Country,
    choice: &Choice,
    server: Option<ServerNumber>,
) -> String {
    let mut name = format!("{} · {}", cut(service, 40), look.place(country));
    if let Some(server) = server {
        name.push_str(" · ");
        name.push_str(&plain!(look.lang, "server", number = server.0));
    }
    if let Some(operator) = &choice.operator {
        name.push_str(" · ");
        name.push_str(&cut(operator, 40));
    }
    name
}

/// The card of an order that would wait.
pub(crate) fn queue(look: &Look, route: Route, country: &Country, quote: &QueueQuote) -> Screen {
    let service = &quote.service_name;
    let heading = Html::bold(&name(look, service, country, &quote.choice, quote.server));
    let limit = look.money(quote.limit);
    let back = Callback::Offer { route };
    let back = (plain!(look.lang, "button-back"), back);
    let others = (0_u8..).zip(&quote.limits);
    let too_high = |other: Money| quote.missing.is_some() && other > quote.limit;
    let others = others.filter(|(_, other)| **other != quote.limit && !too_high(**other));
    let others: Vec<_> = others
        .map(|(place, other)| {
            let label = plain!(look.lang, "button-other-limit", limit = look.money(*other));
            let limit = place;
            (label, Callback::Queue { route, limit })
        })
        .collect();
    if let Some(missing) = quote.missing {
        let text = heading.paragraph(html!(
            look.lang,
            "quote-missing",
            price = limit,
            available = look.money(quote.available),
            missing = look.money(missing)
        ));
        return look
            .keyboard()
            .columns(2, others)
            .wide(&plain!(look.lang, "button-top-up"), Callback::Wallet)
            .wide(&back.0, back.1)
            .under(text);
    }
    let text = heading
        .paragraph(html!(look.lang, "queue-promise", limit = limit.as_str()))
        .paragraph(html!(
            look.lang,
            "queue-hold",
            available = look.money(quote.available),
            after = look.money(quote.after),
            span = look.lang.span(quote.until - look.now)
        ));
    let nonce = quote.nonce.clone();
    let confirm = plain!(look.lang, "button-queue-confirm", limit = limit);
    look.keyboard()
        .wide(&confirm, Callback::Confirm { nonce })
        .columns(2, others)
        .wide(&back.0, back.1)
        .under(text)
}

/// What somebody wants to hear of; a press forgets it.
pub(crate) fn watches(look: &Look, watches: &[Watch]) -> Screen {
    if watches.is_empty() {
        return with_watches_gone(look);
    }
    let rows = watches.iter().map(|watch| {
        let (service, country) = (&watch.service_name, &watch.country);
        let name = name(look, service, country, &watch.choice, watch.server);
        let label = plain!(
            look.lang,
            "label-watch",
            name = cut(&name, 42).as_ref(),
            span = look.lang.span(watch.until - look.now)
        );
        (label, Callback::Unwatch { id: watch.id })
    });
    look.keyboard()
        .columns(1, rows.collect())
        .wide(&plain!(look.lang, "button-buy"), Callback::Buy)
        .wide(&plain!(look.lang, "button-menu"), Callback::Menu)
        .under(html!(look.lang, "watches"))
}

fn with_watches_gone(look: &Look) -> Screen {
    look.keyboard()
        .wide(&plain!(look.lang, "button-buy"), Callback::Buy)
        .wide(&plain!(look.lang, "button-menu"), Callback::Menu)
        .under(html!(look.lang, "watches-none"))
}

/// A refusal with the way to what somebody wants to hear of.
pub(crate) fn with_watches(look: &Look, text: Html) -> Screen {
    look.keyboard()
        .wide(&plain!(look.lang, "button-watches"), Callback::Watches)
        .wide(&plain!(look.lang, "button-menu"), Callback::Menu)
        .under(text)
}

/// The news that it can be bought again; `price` is `None` where it was gone again by now.
pub(crate) fn available(
    look: &Look,
    choice: &Choice,
    (service, country): (&str, &Country),
    server: Option<ServerNumber>,
    price: Option<Money>,
) -> Screen {
    let name = Html::bold(&name(look, service, country, choice, server));
    let text = match price {
        Some(price) => html!(
            look.lang,
            "available",
            name = name,
            price = look.money(price)
        ),
        None => html!(look.lang, "available-gone", name = name),
    };
    let keyboard = look.keyboard();
    let keyboard = match Route::of(choice, |_| server) {
        Some(route) if price.is_some() => {
            let label = plain!(look.lang, "button-buy-now");
            keyboard.wide(&label, Callback::Offer { route })
        }
        Some(route) => {
            let label = plain!(look.lang, "button-tell-again");
            keyboard.wide(&label, Callback::Tell { route })
        }
        None => keyboard,
    };
    keyboard
        .wide(&plain!(look.lang, "button-menu-below"), Callback::MenuBelow)
        .under(text)
}
