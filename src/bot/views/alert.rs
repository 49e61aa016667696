//! What admins are told without having asked.
//!
//! Invariant: an alert says what happened and what to do about it.

use crate::bot::callback::Callback;
use crate::bot::callback::alerting::Alerting;
use crate::bot::callback::pricing::PricingPress;
use crate::bot::html::{Html, html, plain};
use crate::bot::keyboard::Screen;
use crate::bot::views::Look;
use crate::shop::alerts::{Alert, AlertKind, Trouble};
use crate::shop::notice::{Notice, OldRate};
use crate::shop::reconcile::Finding;
use crate::shop::request::RequestId;

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
        Notice::Restored { older, upstream } => Some(under(
            look,
            &[Alerting::Recovery],
            restored_text(look, *older, *upstream),
        )),
        Notice::Alert { alert: raised } => Some(trouble(look, raised)),
        Notice::Solved { alert: solved } => Some(over(look, solved)),
        Notice::Finding { finding: found } => Some(finding(look, found)),
        Notice::ManyCancelled {
            provider,
            percent,
            limit,
        } => Some(many_cancelled(look, provider, [*percent, *limit])),
        Notice::OldRates { rates } => Some(old_rates(look, rates)),
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
        | Notice::Admin { .. }
        | Notice::Request { .. }
        | Notice::Trust { .. }
        | Notice::Role { .. }
        | Notice::BroadcastOver { .. }
        | Notice::Stars { .. } => None,
    }
}

/// A number may be left upstream.
fn possible_orphan(look: &Look, order: &str, provider: &str, cost: &str) -> Screen {
    let text = html!(
        look.lang,
        "possible-orphan",
        order = order,
        provider = provider,
        cost = cost
    );
    under(look, &[Alerting::Doubts], text)
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
    under(look, &[Alerting::Providers], text)
}

/// An upstream and the books disagree, or agree again.
fn finding(look: &Look, finding: &Finding) -> Screen {
    let lang = look.lang;
    let text = match finding {
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
    };
    under(look, &[Alerting::Doubts], text)
}

/// A text with the ways to what it is about.
fn under(look: &Look, ways: &[Alerting], text: Html) -> Screen {
    let lang = look.lang;
    let mut keyboard = look.keyboard();
    for way in ways {
        let label = match way {
            Alerting::Providers => plain!(lang, "button-alert-providers"),
            Alerting::Doubts => plain!(lang, "button-alert-doubts"),
            Alerting::Recovery => plain!(lang, "button-alert-recovery"),
            Alerting::Request { id } => plain!(lang, "button-alert-request", id = id.0),
            Alerting::Disk => plain!(lang, "button-alert-disk"),
            Alerting::BackUp => plain!(lang, "button-alert-backup"),
        };
        keyboard = keyboard.wide(&label, Callback::Alert(*way));
    }
    keyboard.under(text)
}

/// Where a kind of trouble is looked into.
fn ways(alert: &Alert) -> Vec<Alerting> {
    match alert.kind {
        AlertKind::LowBalance | AlertKind::ProviderDown => vec![Alerting::Providers],
        AlertKind::InDoubt | AlertKind::Audit => vec![Alerting::Doubts],
        AlertKind::Disk => vec![Alerting::Disk],
        AlertKind::Backup => vec![Alerting::BackUp],
        AlertKind::TopUpWaiting => {
            let ids = alert.troubles.iter().filter_map(|it| it.about.parse().ok());
            ids.map(|id| Alerting::Request { id: RequestId(id) })
                .collect()
        }
    }
}

/// What a trouble is about, by the name that people know it by.
fn about(look: &Look, kind: AlertKind, trouble: &Trouble) -> String {
    let about = trouble.about.as_str();
    match kind {
        AlertKind::InDoubt => plain!(look.lang, "order-number", id = about),
        AlertKind::TopUpWaiting => plain!(look.lang, "alert-request", id = about),
        AlertKind::LowBalance
        | AlertKind::ProviderDown
        | AlertKind::Audit
        | AlertKind::Disk
        | AlertKind::Backup => about.to_owned(),
    }
}

/// Something is wrong: what it is about, each in a line.
fn trouble(look: &Look, alert: &Alert) -> Screen {
    let lang = look.lang;
    let count = alert.count;
    let first = alert.troubles.first();
    let detail = first.map_or("", |trouble| trouble.detail.as_str());
    let mut text = match alert.kind {
        AlertKind::LowBalance => html!(lang, "alert-low-balance", count = count),
        AlertKind::ProviderDown => html!(lang, "alert-provider-down", count = count),
        AlertKind::InDoubt => html!(lang, "alert-in-doubt", count = count),
        AlertKind::Audit => html!(lang, "alert-audit"),
        AlertKind::TopUpWaiting => html!(lang, "alert-topup-waiting", count = count),
        AlertKind::Disk => html!(lang, "alert-disk", megabytes = detail),
        AlertKind::Backup => html!(lang, "alert-backup", reason = detail),
    };
    for trouble in &alert.troubles {
        let (about, detail) = (about(look, alert.kind, trouble), trouble.detail.as_str());
        let line = match alert.kind {
            AlertKind::ProviderDown | AlertKind::InDoubt | AlertKind::TopUpWaiting => {
                html!(lang, "alert-line", about = about, minutes = detail)
            }
            AlertKind::LowBalance | AlertKind::Audit | AlertKind::Disk | AlertKind::Backup => {
                continue;
            }
        };
        text = text.line(line);
    }
    if count > alert.troubles.len() {
        let more = count - alert.troubles.len();
        text = text.line(html!(lang, "doubts-more", count = more));
    }
    under(look, &ways(alert), text)
}

/// Something that was wrong is not any more.
fn over(look: &Look, alert: &Alert) -> Screen {
    let lang = look.lang;
    let names = alert.troubles.iter().map(|it| about(look, alert.kind, it));
    let mut names = names.collect::<Vec<_>>().join(", ");
    if alert.count > alert.troubles.len() {
        names.push_str(" …");
    }
    Screen::plain(match alert.kind {
        AlertKind::LowBalance => html!(lang, "solved-low-balance", names = names),
        AlertKind::ProviderDown => html!(lang, "solved-provider-down", names = names),
        AlertKind::InDoubt => html!(lang, "solved-in-doubt", names = names),
        AlertKind::Audit => html!(lang, "solved-audit"),
        AlertKind::Disk => html!(lang, "solved-disk"),
        AlertKind::TopUpWaiting => html!(lang, "solved-topup-waiting", names = names),
        AlertKind::Backup => html!(lang, "solved-backup"),
    })
}

/// How much room is left on the disk.
pub(crate) fn room(look: &Look, free: Option<u64>) -> Screen {
    Screen::plain(match free {
        Some(free) => html!(look.lang, "disk-room", size = look.lang.size(free)),
        None => html!(look.lang, "disk-unknown"),
    })
}

/// Prices are made by rates that nobody looked at for long.
fn old_rates(look: &Look, rates: &[OldRate]) -> Screen {
    let lang = look.lang;
    let mut text = html!(lang, "old-rates");
    for rate in rates {
        text = text.line(html!(
            lang,
            "old-rates-one",
            currency = rate.currency.as_str(),
            rate = format!("{} {}", rate.rate, look.currency),
            ago = lang.ago(rate.since, look.now)
        ));
    }
    let press = Callback::Pricing(PricingPress::Rates);
    look.keyboard()
        .wide(&plain!(lang, "button-rates"), press)
        .under(text)
}

/// Too many of an upstream's numbers are given back: so many of a hundred, and how many may be.
fn many_cancelled(look: &Look, provider: &str, [percent, limit]: [u32; 2]) -> Screen {
    let text = html!(
        look.lang,
        "many-cancelled",
        provider = provider,
        percent = i64::from(percent),
        limit = i64::from(limit)
    );
    under(look, &[Alerting::Providers], text)
}
