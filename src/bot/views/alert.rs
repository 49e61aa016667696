//! What admins are told without having asked.
//!
//! Invariant: an alert says what happened and what to do about it.

use crate::bot::html::html;
use crate::bot::keyboard::Screen;
use crate::bot::views::Look;
use crate::shop::reconcile::Finding;

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

/// An upstream and the books disagree, or agree again.
pub(crate) fn finding(look: &Look, finding: &Finding) -> Screen {
    let lang = look.lang;
    Screen::plain(match finding {
        Finding::Strangers {
            provider,
            count,
            example,
        } => html!(
            lang,
            "finding-strangers",
            provider = provider,
            count = *count,
            example = example
        ),
        Finding::Missing { provider, order } => html!(
            lang,
            "finding-missing",
            provider = provider,
            order = order.to_string()
        ),
        Finding::OrphanCancelled { provider, order } => html!(
            lang,
            "finding-orphan-cancelled",
            provider = provider,
            order = order.to_string()
        ),
        Finding::BalanceFell { provider, amount } => html!(
            lang,
            "finding-balance-fell",
            provider = provider,
            amount = amount
        ),
        Finding::BalanceRose { provider, amount } => html!(
            lang,
            "finding-balance-rose",
            provider = provider,
            amount = amount
        ),
        Finding::Audit { count, example } => {
            html!(lang, "finding-audit", count = *count, example = example)
        }
    })
}
