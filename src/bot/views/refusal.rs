//! Every refusal of the shop in the user's words, in one exhaustive match.
//!
//! Invariant: each text says what happened to the money; where the shop refuses, nothing moved.

use crate::bot::callback::Callback;
use crate::bot::html::{Html, cut, html, plain};
use crate::bot::i18n::countdown;
use crate::bot::keyboard::Screen;
use crate::bot::views::{Look, desk, stars};
use crate::domain::money::AmountError;
use crate::domain::pricing::MarkupError;
use crate::domain::pricing::promotion::PromotionError;
use crate::shop::ShopError;
use crate::shop::prices::PricingError;
use crate::shop::staff::RoleError;

/// The text of a refusal; `None` for our own fault, which gets a number instead.
pub(crate) fn text(look: &Look, error: &ShopError) -> Option<Html> {
    let lang = look.lang;
    Some(match error {
        ShopError::NotSold => html!(lang, "refused-not-sold"),
        ShopError::SoldOut => html!(lang, "refused-sold-out"),
        ShopError::Unavailable => html!(lang, "refused-unavailable"),
        ShopError::Closed(why) => {
            let text = html!(lang, "refused-closed");
            match why {
                Some(why) => text.paragraph(Html::quote(why)),
                None => text,
            }
        }
        ShopError::Recovering => html!(lang, "refused-recovering"),
        ShopError::CoolDown(until) => {
            html!(
                lang,
                "refused-cool-down",
                wait = countdown(*until - look.now)
            )
        }
        ShopError::TooManyWaiting => html!(lang, "refused-too-many-waiting"),
        ShopError::NotEnoughMoney {
            price,
            available,
            missing,
        } => html!(
            lang,
            "quote-missing",
            price = look.money(*price),
            available = look.money(*available),
            missing = look.money(*missing)
        ),
        ShopError::QuoteExpired => html!(lang, "refused-quote-expired"),
        ShopError::PriceChanged => html!(lang, "refused-price-changed"),
        ShopError::NoSuchOrder => html!(lang, "refused-no-such-order"),
        ShopError::WrongState(_) => html!(lang, "refused-wrong-state"),
        ShopError::CancelTooEarly(from) => html!(
            lang,
            "refused-cancel-too-early",
            wait = countdown(*from - look.now)
        ),
        ShopError::CannotRenew => html!(lang, "refused-cannot-renew"),
        ShopError::NoResend => html!(lang, "refused-no-resend"),
        ShopError::UnknownUser => html!(lang, "refused-unknown-user"),
        ShopError::AmbiguousUser => html!(lang, "refused-ambiguous-user"),
        ShopError::Role(RoleError::Owner) => html!(lang, "refused-role-owner"),
        ShopError::Role(RoleError::Same) => html!(lang, "refused-role-same"),
        ShopError::Banned => html!(lang, "refused-banned"),
        ShopError::Goodwill(error) => desk::refusal(look, error),
        ShopError::TopUp(error) => stars::refusal(look, error),
        ShopError::Amount(error) => amount_text(look, error),
        ShopError::Markup(error) => markup_text(look, error),
        ShopError::Pricing(error) => pricing_text(look, error),
        ShopError::BalanceTooLarge => html!(lang, "refused-balance-too-large"),
        ShopError::KeyReused => html!(lang, "refused-key-reused"),
        ShopError::CannotWrite(_) => html!(lang, "refused-cannot-write"),
        ShopError::Internal(_) => return None,
    })
}

fn amount_text(look: &Look, error: &AmountError) -> Html {
    match error {
        AmountError::UnknownCurrency(text) | AmountError::NotANumber(text) => {
            html!(look.lang, "refused-not-a-number", text = text)
        }
        AmountError::NotPositive => html!(look.lang, "refused-not-positive"),
        AmountError::TooPrecise { decimals: 0 } => html!(look.lang, "refused-not-whole"),
        AmountError::TooPrecise { decimals } => html!(
            look.lang,
            "refused-too-precise",
            decimals = u64::from(*decimals)
        ),
        AmountError::TooLarge => html!(look.lang, "refused-too-large"),
    }
}

fn markup_text(look: &Look, error: &MarkupError) -> Html {
    match error {
        MarkupError::UnderCost => html!(look.lang, "refused-under-cost"),
        MarkupError::NoStep => html!(look.lang, "refused-no-step"),
        MarkupError::TooLarge => html!(look.lang, "refused-markup-too-large"),
    }
}

fn pricing_text(look: &Look, error: &PricingError) -> Html {
    let lang = look.lang;
    match error {
        PricingError::NoRule => html!(lang, "refused-no-rule"),
        PricingError::NoPromotion => html!(lang, "refused-no-promotion"),
        PricingError::Promotion(PromotionError::Nothing) => html!(lang, "refused-nothing-off"),
        PricingError::Promotion(PromotionError::Everything) => {
            html!(lang, "refused-everything-off")
        }
        PricingError::Promotion(PromotionError::Over) => html!(lang, "refused-promotion-over"),
        PricingError::Promotion(PromotionError::TooLong) => html!(lang, "refused-promotion-long"),
        PricingError::UnknownCurrency(code) => {
            let code = cut(code, 16);
            html!(lang, "refused-unknown-currency", currency = code.as_ref())
        }
        PricingError::NoRate => html!(lang, "refused-no-rate"),
        PricingError::NotSet => html!(lang, "refused-rate-not-set"),
        PricingError::NoChange => html!(lang, "refused-no-change"),
        PricingError::ChangedSince => html!(lang, "refused-changed-since"),
        PricingError::AsItIs => html!(lang, "refused-as-it-is"),
    }
}

/// A refusal as a message, with the way that leads on.
pub(crate) fn screen(look: &Look, error: &ShopError, text: Html) -> Screen {
    if matches!(error, ShopError::Banned) {
        return Screen::plain(text);
    }
    let mut keyboard = look.keyboard();
    if matches!(error, ShopError::NotEnoughMoney { .. }) {
        keyboard = keyboard.wide(&plain!(look.lang, "button-top-up"), Callback::Wallet);
    } else {
        keyboard = keyboard.wide(&plain!(look.lang, "button-buy"), Callback::Buy);
    }
    keyboard
        .wide(&plain!(look.lang, "button-menu"), Callback::Menu)
        .under(text)
}
