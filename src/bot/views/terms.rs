//! The terms and what is said about privacy.
//!
//! Invariant: an Accept button is for the very version above it.

use crate::bot::callback::trust::TrustPress;
use crate::bot::callback::{Callback, OperatorTag};
use crate::bot::html::{Html, html, plain};
use crate::bot::keyboard::Screen;
use crate::bot::views::Look;
use crate::domain::id::Nonce;

/// The terms. `version` is there where the user has not accepted it; `nonce` is the Confirm that
/// they stand in the way of.
pub(crate) fn terms(
    look: &Look,
    terms: Html,
    version: Option<&str>,
    nonce: Option<Nonce>,
) -> Screen {
    let lang = look.lang;
    let mut text = terms;
    let mut keyboard = look.keyboard();
    if let Some(version) = version {
        let question = if nonce.is_some() {
            html!(lang, "terms-before-buying")
        } else {
            html!(lang, "terms-question")
        };
        text = text.paragraph(question);
        let accept = TrustPress::Accept {
            version: OperatorTag::of(version),
            nonce,
        };
        keyboard = keyboard.wide(
            &plain!(lang, "button-terms-accept"),
            Callback::Trust(accept),
        );
    } else {
        text = text.paragraph(html!(lang, "terms-accepted"));
    }
    keyboard
        .row([
            (
                plain!(lang, "button-privacy").as_str(),
                Callback::Trust(TrustPress::Privacy),
            ),
            (plain!(lang, "button-menu").as_str(), Callback::MenuBelow),
        ])
        .under(text)
}

/// What is said about privacy.
pub(crate) fn privacy(look: &Look, privacy: Html) -> Screen {
    look.keyboard()
        .row([
            (
                plain!(look.lang, "button-terms").as_str(),
                Callback::Trust(TrustPress::Terms),
            ),
            (
                plain!(look.lang, "button-menu").as_str(),
                Callback::MenuBelow,
            ),
        ])
        .under(privacy)
}

/// The terms are accepted, and nothing else was asked for.
pub(crate) fn thanks(look: &Look) -> Screen {
    look.keyboard()
        .wide(&plain!(look.lang, "button-buy"), Callback::Buy)
        .wide(&plain!(look.lang, "button-menu"), Callback::Menu)
        .under(html!(look.lang, "terms-thanks"))
}
