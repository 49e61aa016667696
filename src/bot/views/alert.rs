//! What admins are told without having asked.
//!
//! Invariant: an alert says what happened and what to do about it.

use crate::bot::html::html;
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
