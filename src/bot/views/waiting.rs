//! While something cannot be bought, or is too dear: the limit of an order that waits, what
//! somebody wants to hear of, and the news when it is there.
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

/// What a button that names a watch has room for, besides the time.
const LABEL_NAME_UNITS: usize = 46;

/// What somebody waits for.
pub(crate) struct Subject<'s> {
    /// The service's name.
    pub(crate) service: &'s str,
    /// The country.
    pub(crate) country: &'s Country,
    /// The upstream's number, where one was asked for.
    pub(crate) server: Option<ServerNumber>,
    /// What was chosen.
    pub(crate) choice: &'s Choice,
}

impl Subject<'_> {
    /// `WhatsApp · 🇮🇩 Indonesia · Telkomsel`; any operator is not named.
    fn name(&self, look: &Look) -> String {
        let mut name = format!("{} · {}", cut(self.service, 40), look.place(self.country));
        if let Some(server) = self.server {
            name.push_str(" · ");
            name.push_str(&plain!(look.lang, "server", number = server.0));
        }
        if let Some(operator) = &self.choice.operator {
            name.push_str(" · ");
            name.push_str(&cut(operator, 40));
        }
        name
    }
}

/// The card of an order that would wait.
pub(crate) fn queue(look: &Look, route: Route, country: &Country, quote: &QueueQuote) -> Screen {
    let subject = Subject {
        service: &quote.service_name,
        country,
        server: quote.server,
        choice: &quote.choice,
    };
    let heading = Html::bold(&subject.name(look));
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

/// It is too dear: being told once it costs less, and buying it then.
pub(crate) fn cheaper(
    look: &Look,
    route: Route,
    subject: &Subject<'_>,
    price: Money,
    limits: &[Money],
) -> Screen {
    let text = Html::bold(&subject.name(look)).paragraph(html!(
        look.lang,
        "cheaper",
        price = look.money(price)
    ));
    let limits = limits.iter().map(|limit| {
        let label = plain!(look.lang, "button-tell-below", limit = look.money(*limit));
        let limit = Some(*limit);
        (label, Callback::Tell { route, limit })
    });
    let buy = Callback::Queue { route, limit: 0 };
    look.keyboard()
        .columns(2, limits.collect())
        .wide(&plain!(look.lang, "button-queue-below"), buy)
        .wide(&plain!(look.lang, "button-back"), Callback::Offer { route })
        .under(text)
}

/// What somebody wants to hear of; a press forgets it.
pub(crate) fn watches(look: &Look, watches: &[Watch]) -> Screen {
    if watches.is_empty() {
        return with_watches_gone(look);
    }
    let rows = watches.iter().map(|watch| {
        let subject = Subject {
            service: &watch.service_name,
            country: &watch.country,
            server: watch.server,
            choice: &watch.choice,
        };
        let limit = watch
            .limit
            .map(|limit| format!(" · ≤ {}", look.money(limit)));
        let limit = limit.unwrap_or_default();
        let room = LABEL_NAME_UNITS.saturating_sub(limit.encode_utf16().count());
        let name = format!("{}{limit}", cut(&subject.name(look), room));
        let span = look.lang.span(watch.until - look.now);
        let label = plain!(look.lang, "label-watch", name = name, span = span);
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

/// The news that it can be bought again, or is cheap enough; `price` is `None` where it was gone
/// again by now.
pub(crate) fn available(
    look: &Look,
    subject: &Subject<'_>,
    price: Option<Money>,
    limit: Option<Money>,
) -> Screen {
    let lang = look.lang;
    let name = Html::bold(&subject.name(look));
    let is_dearer = |price: &Money| limit.is_some_and(|limit| *price > limit);
    let text = match price.map(|price| (look.money(price), is_dearer(&price))) {
        None => html!(lang, "available-gone", name = name),
        Some((price, true)) => html!(lang, "available-dearer", name = name, price = price),
        Some((price, false)) if limit.is_some() => {
            html!(lang, "available-cheaper", name = name, price = price)
        }
        Some((price, false)) => html!(lang, "available", name = name, price = price),
    };
    let mut keyboard = look.keyboard();
    if let Some(route) = Route::of(subject.choice, |_| subject.server) {
        if price.is_some() {
            let label = plain!(lang, "button-buy-now");
            keyboard = keyboard.wide(&label, Callback::Offer { route });
        }
        if price.is_none_or(|price| is_dearer(&price)) {
            let label = plain!(lang, "button-tell-again");
            keyboard = keyboard.wide(&label, Callback::Tell { route, limit });
        }
    }
    keyboard
        .wide(&plain!(look.lang, "button-menu-below"), Callback::MenuBelow)
        .under(text)
}
