//! Rates on the admins' screens.
//!
//! Invariant: a rate is shown with its age and with who set it; an old one says so.

use rust_decimal::Decimal;

use crate::bot::callback::Callback;
use crate::bot::callback::pricing::PricingPress;
use crate::bot::html::{Html, html, plain};
use crate::bot::keyboard::Screen;
use crate::bot::views::Look;
use crate::bot::views::stars::person;
use crate::shop::prices::rates::{RateBy, RateView};

/// Steps around a rate, in tenths of a percent.
const STEPS: [i64; 6] = [-50, -20, -10, 10, 20, 50];

/// All rates.
pub(super) fn board(look: &Look, rates: &[RateView]) -> Screen {
    let lang = look.lang;
    let mut text = html!(lang, "rates-board");
    if rates.is_empty() {
        text = text.paragraph(html!(lang, "rates-none", currency = look.currency.code()));
    }
    for rate in rates {
        text = text.paragraph(block(look, rate));
    }
    let buttons = rates.iter().map(|rate| {
        let label = plain!(lang, "button-rate", currency = rate.currency.as_str());
        let press = PricingPress::Rate(rate.currency.clone());
        (label, Callback::Pricing(press))
    });
    look.keyboard()
        .columns(3, buttons.collect())
        .wide(
            &plain!(lang, "button-prices"),
            Callback::Pricing(PricingPress::Board),
        )
        .under(text.paragraph(html!(lang, "rates-usage")))
}

/// A text with how to set rates below.
pub(super) fn with_usage(look: &Look, text: Html) -> Screen {
    Screen::plain(text.paragraph(html!(look.lang, "rates-usage")))
}

/// A rate with its age and who set it, what else is said about it, and how much depends on it.
fn block(look: &Look, rate: &RateView) -> Html {
    let (lang, mut text) = (look.lang, aged(look, rate));
    if let Some(settings) = rate.settings {
        let settings = settings.normalize().to_string();
        text = text.line(html!(
            lang,
            "rates-settings-say",
            currency = rate.currency.as_str(),
            rate = settings
        ));
    }
    if rate.rate.is_none() {
        return text;
    }
    text.line(html!(lang, "rates-routes", routes = rate.routes))
}

/// A rate with its age and who set it.
pub(super) fn aged(look: &Look, rate: &RateView) -> Html {
    let lang = look.lang;
    let currency = rate.currency.as_str();
    let Some(value) = rate.rate else {
        return html!(
            lang,
            "rates-missing",
            currency = currency,
            routes = rate.routes
        );
    };
    let value = format!("{} {}", value.normalize(), look.currency);
    let mut text = html!(lang, "rates-rate", currency = currency, rate = value);
    let ago = match rate.since {
        Some(since) => lang.ago(since, look.now),
        None => plain!(lang, "ago-unknown"),
    };
    text = text.line(match &rate.by {
        RateBy::Settings | RateBy::Nobody => {
            html!(lang, "rates-by-settings", currency = currency, ago = ago)
        }
        RateBy::Admin(id, known) => {
            let who = known.as_ref().map_or_else(|| id.to_string(), person);
            html!(lang, "rates-by-admin", who = who, ago = ago)
        }
    });
    if rate.is_old {
        text = text.line(html!(lang, "rates-old"));
    }
    text
}

/// One rate, with others near it to choose from.
pub(super) fn rate(look: &Look, rate: &RateView) -> Screen {
    let lang = look.lang;
    let currency = || rate.currency.clone();
    let near = rate.rate.map(near).unwrap_or_default();
    let near = near.into_iter().map(|(step, value)| {
        let label = format!("{step} · {value}");
        let press = PricingPress::SetRate {
            currency: currency(),
            rate: value,
        };
        (label, Callback::Pricing(press))
    });
    let mut keyboard = look.keyboard().columns(2, near.collect()).wide(
        &plain!(lang, "button-prices-other"),
        Callback::Pricing(PricingPress::OtherRate(currency())),
    );
    if rate.settings.is_some() {
        keyboard = keyboard.wide(
            &plain!(lang, "button-rate-settings"),
            Callback::Pricing(PricingPress::ForgetRate(currency())),
        );
    }
    keyboard
        .wide(
            &plain!(lang, "button-rates"),
            Callback::Pricing(PricingPress::Rates),
        )
        .under(block(look, rate).paragraph(html!(lang, "rates-choose")))
}

/// Rates a little under and over this one, each with its step, as exact as this one is.
fn near(rate: Decimal) -> Vec<(String, Decimal)> {
    let scale = rate.normalize().scale().max(2);
    let steps = STEPS.iter().filter_map(|tenths| {
        let factor = Decimal::new(1_000 + tenths, 3);
        let value = rate.checked_mul(factor)?.round_dp(scale).normalize();
        let sign = if *tenths < 0 { "−" } else { "+" };
        let label = format!("{sign}{}%", Decimal::new(tenths.abs(), 1).normalize());
        (value > Decimal::ZERO && value != rate).then_some((label, value))
    });
    steps.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_rates_are_round_and_never_nothing() {
        let near_of = |text: &str| -> Vec<String> {
            let near = near(text.parse().unwrap()).into_iter();
            near.map(|(step, value)| format!("{step} {value}"))
                .collect()
        };
        assert_eq!(
            near_of("16500"),
            [
                "−5% 15675",
                "−2% 16170",
                "−1% 16335",
                "+1% 16665",
                "+2% 16830",
                "+5% 17325"
            ]
        );
        assert_eq!(near_of("0.01"), [] as [&str; 0]);
    }
}
