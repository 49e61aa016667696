//! Limits and freezes: what users are told, and what admins see and set.
//!
//! Invariant: a refusal says which limit it is and when it is possible again, and that nothing was
//! charged.

use crate::bot::callback::Callback;
use crate::bot::callback::desk::DeskPress;
use crate::bot::callback::trust::TrustPress;
use crate::bot::html::{Html, cut, html, plain};
use crate::bot::keyboard::Screen;
use crate::bot::views::Look;
use crate::bot::views::order::title;
use crate::bot::views::stars::person;
use crate::domain::limits::Limit;
use crate::domain::money::Money;
use crate::domain::order::OrderState;
use crate::domain::product::Product;
use crate::shop::account::User;
use crate::shop::freeze::{Freeze, Target};
use crate::shop::limits::{LimitView, LimitWish, LimitsView, Reached};
use crate::shop::orders::OrderView;
use crate::shop::trust::TrustNews;

/// Units of a reason that are shown.
const REASON_UNITS: usize = 300;

/// Which limit is reached, and when it is possible again.
pub(crate) fn limited(look: &Look, reached: &Reached) -> Html {
    let lang = look.lang;
    let most = reached.most;
    let wait = reached.until.map(|until| lang.span(until - look.now));
    let wait = wait.unwrap_or_default();
    match (reached.limit, reached.until) {
        (Limit::NewOrders, _) => html!(lang, "refused-limit-new", most = most, wait = wait),
        (Limit::OpenOrders, _) => html!(lang, "refused-limit-open", most = most),
        (Limit::Spend, Some(_)) => {
            let most = look.money(Money::minor(most));
            html!(lang, "refused-limit-spend", most = most, wait = wait)
        }
        (Limit::Spend, None) => {
            let most = look.money(Money::minor(most));
            html!(lang, "refused-limit-price", most = most)
        }
        (Limit::Cancels, _) => html!(lang, "refused-cool-down", wait = wait),
        (Limit::CancelledShare, _) => html!(lang, "refused-limit-share", wait = wait),
        (Limit::TopUps, Some(_)) => {
            html!(lang, "refused-limit-top-ups", most = most, wait = wait)
        }
        (Limit::TopUps, None) => html!(lang, "refused-no-top-ups"),
    }
}

/// What is frozen, in the user's words.
pub(crate) fn frozen(look: &Look, freeze: &Freeze) -> Html {
    let lang = look.lang;
    let text = match freeze.target {
        Target::User(_) => html!(lang, "refused-frozen-user"),
        Target::Service(_) => html!(lang, "refused-frozen-service", service = &freeze.name),
        Target::Provider(_) | Target::All => html!(lang, "refused-frozen-all"),
    };
    with_reason(look, text, freeze.reason.as_deref())
}

fn with_reason(look: &Look, text: Html, reason: Option<&str>) -> Html {
    match reason {
        Some(reason) => {
            let reason = cut(reason, REASON_UNITS);
            text.line(html!(look.lang, "freeze-reason", reason = reason.as_ref()))
        }
        None => text,
    }
}

/// A message of this order was withheld: why, and what that means for the money.
pub(crate) fn withheld(look: &Look, order: &OrderView) -> Screen {
    let lang = look.lang;
    let price = look.money(order.price);
    let money = if order.is_withheld() {
        html!(lang, "withheld-refunded", price = price)
    } else if order.product == Product::Rental {
        html!(lang, "withheld-rental")
    } else if matches!(order.state, OrderState::Received | OrderState::Completed) {
        html!(lang, "withheld-further", price = price)
    } else {
        html!(lang, "withheld-late")
    };
    let text = html!(
        lang,
        "withheld-told",
        title = title(look, order),
        order = order.id.to_string()
    );
    look.keyboard()
        .wide(
            &plain!(lang, "button-terms"),
            Callback::Trust(TrustPress::Terms),
        )
        .under(text.paragraph(money))
}

/// A piece of news; `about` is the user of whom it tells, or who reads it.
pub(crate) fn news(look: &Look, news: &TrustNews, about: &User) -> Screen {
    let lang = look.lang;
    match news {
        TrustNews::Frozen { reason } => {
            let text = html!(lang, "freeze-told");
            Screen::plain(with_reason(look, text, reason.as_deref()))
        }
        TrustNews::Lifted => look
            .keyboard()
            .wide(&plain!(lang, "button-buy"), Callback::Buy)
            .under(html!(lang, "freeze-lifted-told")),
        TrustNews::WithheldFlag {
            order,
            user,
            ordered,
            named,
        } => look
            .keyboard()
            .wide(
                &plain!(lang, "button-user-card"),
                Callback::Desk(DeskPress::User { id: *user }),
            )
            .under(html!(
                lang,
                "withheld-flag",
                name = person(about),
                id = Html::code(&user.to_string()),
                order = order.to_string(),
                ordered = ordered,
                named = named
            )),
        // These are drawn from what they are about.
        TrustNews::Withheld { .. }
        | TrustNews::SupportPaper { .. }
        | TrustNews::SupportAnswered { .. }
        | TrustNews::SupportAnswer { .. } => Screen::plain(Html::default()),
    }
}

fn target_name(look: &Look, freeze: &Freeze) -> String {
    let lang = look.lang;
    match &freeze.target {
        Target::User(user) => format!("👤 {} {user}", cut(&freeze.name, 32)),
        Target::Service(_) => format!("📱 {}", cut(&freeze.name, 40)),
        Target::Provider(provider) => format!("🏭 {provider}"),
        Target::All => plain!(lang, "label-freeze-all"),
    }
}

/// Everything that is frozen, for admins.
pub(crate) fn freezes(look: &Look, freezes: &[Freeze]) -> Screen {
    let lang = look.lang;
    let mut text = if freezes.is_empty() {
        html!(lang, "freeze-none")
    } else {
        html!(lang, "freeze-list")
    };
    let mut keyboard = look.keyboard();
    for freeze in freezes {
        let name = target_name(look, freeze);
        let line = match freeze.target {
            Target::All => Html::bold(&name),
            Target::User(_) | Target::Service(_) | Target::Provider(_) => {
                let since = lang.ago(freeze.at, look.now);
                html!(lang, "freeze-row", what = name.as_str(), since = since)
            }
        };
        text = with_reason(look, text.paragraph(line), freeze.reason.as_deref());
        let target = freeze.target.clone();
        keyboard = keyboard.wide(
            &plain!(lang, "button-lift", what = name),
            Callback::Trust(TrustPress::Lift { target }),
        );
    }
    keyboard.under(text.paragraph(html!(lang, "freeze-usage")))
}

/// The name of a limit.
fn limit_name(look: &Look, limit: Limit) -> String {
    match limit {
        Limit::NewOrders => plain!(look.lang, "label-limit-new"),
        Limit::OpenOrders => plain!(look.lang, "label-limit-open"),
        Limit::Spend => plain!(look.lang, "label-limit-spend"),
        Limit::Cancels => plain!(look.lang, "label-limit-cancels"),
        Limit::CancelledShare => plain!(look.lang, "label-limit-share"),
        Limit::TopUps => plain!(look.lang, "label-limit-top-ups"),
    }
}

fn amount(look: &Look, limit: Limit, amount: i64) -> String {
    match limit {
        Limit::Spend => look.money(Money::minor(amount)),
        Limit::CancelledShare => format!("{amount} %"),
        Limit::NewOrders | Limit::OpenOrders | Limit::Cancels | Limit::TopUps => amount.to_string(),
    }
}

fn most(look: &Look, view: &LimitView) -> String {
    match view.most {
        Some(most) => amount(look, view.limit, most),
        None => plain!(look.lang, "label-limit-none"),
    }
}

/// What else a user's limits depend on.
#[derive(Clone, Copy)]
pub(crate) struct Facts {
    /// Whether the user is frozen.
    pub(crate) is_frozen: bool,
    /// Whether the one who looks may change anything.
    pub(crate) may_change: bool,
}

/// A user's limits, for the staff.
pub(crate) fn limits(look: &Look, view: &LimitsView, facts: Facts) -> Screen {
    let lang = look.lang;
    let user = view.user.id;
    let mut text = html!(
        lang,
        "limits-of",
        name = person(&view.user),
        id = Html::code(&user.to_string()),
        since = lang.ago(view.known_since, look.now)
    );
    if facts.is_frozen {
        text = text.line(html!(lang, "limits-frozen"));
    }
    let mut keyboard = look.keyboard();
    for row in &view.limits {
        let name = limit_name(look, row.limit);
        let (used, most) = (amount(look, row.limit, row.used), most(look, row));
        let own = if row.is_own { " ✎" } else { "" };
        let line = html!(
            lang,
            "limits-row",
            name = name.as_str(),
            used = used,
            most = format!("{most}{own}")
        );
        text = text.line(line);
        let press = TrustPress::Limit {
            user,
            limit: row.limit,
        };
        if facts.may_change {
            keyboard = keyboard.wide(&format!("{name}: {most}{own}"), Callback::Trust(press));
        }
    }
    if !facts.may_change {
        return Screen::plain(text);
    }
    let freeze = if facts.is_frozen {
        let target = Target::User(user);
        (
            plain!(lang, "button-unfreeze-user"),
            TrustPress::Lift { target },
        )
    } else {
        (
            plain!(lang, "button-freeze-user"),
            TrustPress::FreezeUser { user },
        )
    };
    keyboard
        .wide(&freeze.0, Callback::Trust(freeze.1))
        .under(text)
}

/// What one of them could be.
pub(crate) fn limit(look: &Look, view: &LimitsView, limit: Limit) -> Option<Screen> {
    let lang = look.lang;
    let user = view.user.id;
    let row = view.limits.iter().find(|row| row.limit == limit)?;
    let now = row.most.unwrap_or(0);
    let mut choices = match limit {
        Limit::CancelledShare => vec![0, 30, 50, 70, 90],
        Limit::Spend if now > 0 => vec![0, now / 2, now.saturating_mul(2), now.saturating_mul(5)],
        Limit::Spend => vec![0],
        Limit::NewOrders | Limit::OpenOrders | Limit::Cancels | Limit::TopUps => {
            vec![0, 1, now - 1, now + 1, now.saturating_mul(2), 50]
        }
    };
    choices.retain(|most| *most >= 0 && Some(*most) != row.most);
    choices.sort_unstable();
    choices.dedup();
    let set = |wish| Callback::Trust(TrustPress::SetLimit { user, limit, wish });
    let buttons = choices
        .into_iter()
        .map(|most| (amount(look, limit, most), set(LimitWish::Most(most))));
    let text = html!(
        lang,
        "limit-which",
        name = person(&view.user),
        limit = limit_name(look, limit),
        most = most(look, row),
        id = user.to_string(),
        word = limit.as_str()
    );
    let screen = look
        .keyboard()
        .columns(3, buttons.collect())
        .row([
            (
                plain!(lang, "button-limit-none").as_str(),
                set(LimitWish::None),
            ),
            (
                plain!(lang, "button-limit-usual").as_str(),
                set(LimitWish::AsEverybody),
            ),
        ])
        .wide(
            &plain!(lang, "button-back"),
            Callback::Trust(TrustPress::Limits { user }),
        )
        .under(text);
    Some(screen)
}
