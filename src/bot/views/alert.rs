//! What admins are told without having asked.
//!
//! Invariant: an alert says what happened and what to do about it.

use crate::bot::html::{Html, html};
use crate::bot::keyboard::Screen;
use crate::bot::views::Look;
use crate::shop::notice::Notice;
use crate::shop::reconcile::Finding;

/// What admins are told; `None` for what is not for them alone.
pub(crate) fn alert(look: &Look, notice: &Notice) -> Option<Screen> {
    match notice {
        Notice::PossibleOrphan {
            order,
            provider,
            cost,
        } => Some(possible_orphan(look, &order.to_string(), provider, cost)),
        Notice::LowBalance {
            provider,
            balance,
            hours_left,
        } => Some(low_balance(look, provider, balance, hours_left.as_deref())),
        Notice::Restored { older, upstream } => {
            Some(Screen::plain(restored_text(look, *older, *upstream)))
        }
        Notice::Finding { finding: found } => Some(finding(look, found)),
        Notice::ManyCancelled {
            provider,
            percent,
            limit,
        } => Some(many_cancelled(look, provider, [*percent, *limit])),
        Notice::Card { .. }
        | Notice::Sms { .. }
        | Notice::Refunded { .. }
        | Notice::Arrived { .. }
        | Notice::RentalEnds { .. }
        | Notice::RentalOver { .. }
        | Notice::Available { .. }
        | Notice::ToppedUp { .. }
        | Notice::Resume { .. }
        | Notice::Deducted { .. }
        | Notice::Request { .. }
        | Notice::Role { .. }
        | Notice::BroadcastOver { .. }
        | Notice::Stars { .. } => None,
    }
}

/// A number may be left upstream.
fn possible_orphan(look: &Look, order: &str, provider: &str, cost: &str) -> Screen {
    Screen::plain(html!(
        look.lang,
        "possible-orphan",
        order = order,
        provider = provider,
        cost = cost
    ))
}

/// Why nothing is sold, and the way out.
pub(crate) fn restored_text(look: &Look, older: bool, upstream: bool) -> Html {
    let why = if upstream {
        html!(look.lang, "recovery-upstream")
    } else if older {
        html!(look.lang, "recovery-older")
    } else {
        html!(look.lang, "recovery-moved")
    };
    why.paragraph(html!(look.lang, "recovery-what-to-do"))
}

/// Our balance at an upstream runs out.
fn low_balance(look: &Look, provider: &str, balance: &str, hours_left: Option<&str>) -> Screen {
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
fn finding(look: &Look, finding: &Finding) -> Screen {
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

/// Too many of an upstream's numbers are given back: so many of a hundred, and how many may be.
fn many_cancelled(look: &Look, provider: &str, [percent, limit]: [u32; 2]) -> Screen {
    Screen::plain(html!(
        look.lang,
        "many-cancelled",
        provider = provider,
        percent = i64::from(percent),
        limit = i64::from(limit)
    ))
}
