//! What admins are told without having asked.
//!
//! Invariant: an alert says what happened and what to do about it.

use crate::bot::html::{Html, html};
use crate::bot::keyboard::Screen;
use crate::bot::views::Look;

/// For admins: a number may be left upstream.
pub(crate) fn possible_orphan(look: &Look, order: &str, provider: &str, cost: &str) -> Screen {
    Screen::plain(html!(
        look.lang,
        "possible-orphan",
        order = order,
        provider = provider,
        cost = cost
    ))
}

/// For admins: a backup was put back, so nothing is sold.
pub(crate) fn restored(look: &Look, older: bool) -> Screen {
    Screen::plain(restored_text(look, older))
}

/// Why nothing is sold, and the way out.
pub(crate) fn restored_text(look: &Look, older: bool) -> Html {
    let why = if older {
        html!(look.lang, "recovery-older")
    } else {
        html!(look.lang, "recovery-moved")
    };
    why.paragraph(html!(look.lang, "recovery-what-to-do"))
}

/// Our balance at an upstream runs out.
pub(crate) fn low_balance(
    look: &Look,
    provider: &str,
    balance: &str,
    hours_left: Option<&str>,
) -> Screen {
    let mut text = html!(
        look.lang,
        "low-balance",
        provider = provider,
        balance = balance
    );
    if let Some(hours) = hours_left {
        text = text.line(html!(look.lang, "low-balance-lasts", hours = hours));
    }
    Screen::plain(text)
}
