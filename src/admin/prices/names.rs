//! How scopes, markups and promotions are called on the admins' screens.
//!
//! Invariant: a name says the whole of a scope; what is set is told in full.

use chrono::TimeDelta;

use super::tag_of;
use crate::bot::callback::Iso2;
use crate::bot::callback::pricing::{Place, ScopeTag};
use crate::bot::html::{Html, cut, html, plain};
use crate::bot::views::Look;
use crate::domain::market::Country;
use crate::domain::pricing::promotion::{Off, Promotion};
use crate::domain::pricing::{Markup, Scope};
use crate::domain::product::Product;
use crate::shop::catalogue::NOWHERE;
use crate::shop::prices::Setting;
use crate::shop::prices::browse::{ScopeName, ServiceName};

/// A service with a sign for what is sold of it.
pub(super) fn service(service: &ServiceName) -> String {
    signed(&service.name, service.product)
}

/// A name with a sign for what is sold under it.
pub(super) fn signed(name: &str, product: Product) -> String {
    let name = cut(name, 32);
    match product {
        Product::Activation => name.into_owned(),
        Product::Rental | Product::Renewal => format!("⏳ {name}"),
        Product::Mailbox => format!("✉️ {name}"),
    }
}

/// A country; mailboxes are in none.
pub(super) fn country(look: &Look, country: &Country) -> String {
    if country.iso2 == NOWHERE {
        plain!(look.lang, "label-prices-mailboxes")
    } else {
        look.place(country)
    }
}

/// The parts of a scope in words: `WhatsApp · 🇮🇩 Indonesia · virtusim`.
pub(super) fn scope(look: &Look, name: &ScopeName) -> String {
    let key = name.scope.service.as_deref();
    let parts = [
        name.service
            .as_ref()
            .map(service)
            .or(key.map(str::to_owned)),
        name.country.as_deref().map(|it| country(look, it)),
        name.scope.provider.as_ref().map(ToString::to_string),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        plain!(look.lang, "label-prices-everything")
    } else {
        parts.join(" · ")
    }
}

/// As a button carries it; `None` for a service that was never sold here.
pub(super) fn tag(name: &ScopeName) -> Option<ScopeTag> {
    let Scope {
        provider,
        country,
        service,
    } = &name.scope;
    Some(ScopeTag {
        provider: provider.as_ref().map(tag_of),
        place: match country.as_deref() {
            None => None,
            Some(NOWHERE) => Some(Place::Nowhere),
            Some(code) => Some(Place::Country(Iso2::new(code)?)),
        },
        service: match service {
            None => None,
            Some(_) => Some(name.service.as_ref()?.id),
        },
    })
}

/// A markup in full.
pub(super) fn markup(look: &Look, markup: &Markup) -> Html {
    let text = html!(
        look.lang,
        "prices-markup",
        percent = markup.percent.normalize().to_string(),
        fixed = look.money(markup.fixed),
        step = look.money(markup.step)
    );
    if !markup.minimum.is_positive() {
        return text;
    }
    html!(
        look.lang,
        "prices-markup-least",
        markup = text,
        minimum = look.money(markup.minimum)
    )
}

/// How much is off.
pub(super) fn off(look: &Look, off: Off) -> String {
    match off {
        Off::Percent(percent) => format!("−{}%", percent.normalize()),
        Off::Fixed(amount) => format!("−{}", look.money(amount)),
    }
}

/// A promotion in full.
pub(super) fn promotion(look: &Look, promotion: &Promotion) -> Html {
    let (off, until) = (off(look, promotion.off), look.date(promotion.ends_at));
    // One that starts with its Confirm is not to come, though the screen was drawn before it.
    if promotion.starts_at - look.now > TimeDelta::minutes(1) {
        let from = look.date(promotion.starts_at);
        html!(
            look.lang,
            "prices-promo-coming",
            off = off,
            from = from,
            until = until
        )
    } else {
        html!(look.lang, "prices-promo-running", off = off, until = until)
    }
}

/// What is set, whatever it is.
pub(super) fn setting(look: &Look, setting: Option<&Setting>) -> Html {
    match setting {
        None => html!(look.lang, "prices-nothing-set"),
        Some(Setting::Markup(it)) => markup(look, it),
        Some(Setting::Promotion(it)) => promotion(look, it),
        Some(Setting::Rate(rate)) => {
            let rate = format!("{} {}", rate.normalize(), look.currency);
            html!(look.lang, "prices-rate-worth", rate = rate)
        }
    }
}
