//! Who runs the shop, and what they did, in words.
//!
//! Invariant: a role is named by what its holder may do.

use crate::admin::staff::page;
use crate::bot::callback::Callback;
use crate::bot::callback::staff::StaffPress;
use crate::bot::html::{Html, cut, html, plain};
use crate::bot::keyboard::Screen;
use crate::bot::views::Look;
use crate::bot::views::stars::person;
use crate::domain::act::Act;
use crate::domain::id::UserId;
use crate::domain::money::Money;
use crate::domain::role::Role;
use crate::shop::Page;
use crate::shop::account::User;
use crate::shop::staff::{ActView, RoleDraft};

/// More of a value nobody reads on a phone.
const LONGEST_VALUE_UNITS: usize = 160;

fn role_name(look: &Look, role: Option<Role>) -> String {
    match role {
        None => plain!(look.lang, "label-role-none"),
        Some(Role::Support) => plain!(look.lang, "label-role-support"),
        Some(Role::Admin) => plain!(look.lang, "label-role-admin"),
        Some(Role::Owner) => plain!(look.lang, "label-role-owner"),
    }
}

/// Everybody who has a role; who never wrote to the bot has no name.
pub(crate) fn members(look: &Look, members: &[(UserId, Option<User>, Role)]) -> Screen {
    let mut text = html!(look.lang, "role-list");
    for (id, user, role) in members {
        let name = user.as_ref().map_or_else(|| "—".to_owned(), person);
        text = text.line(html!(
            look.lang,
            "role-line",
            role = role_name(look, Some(*role)),
            name = name,
            id = Html::code(&id.to_string())
        ));
    }
    look.keyboard()
        .wide(&plain!(look.lang, "button-audit"), page(None, 0))
        .under(text.paragraph(html!(look.lang, "staff-usage")))
}

/// A role before it is given.
pub(crate) fn role_draft(look: &Look, draft: &RoleDraft) -> Screen {
    let text = html!(
        look.lang,
        "role-draft",
        name = person(&draft.user),
        id = Html::code(&draft.user.id.to_string()),
        before = role_name(look, draft.before),
        after = role_name(look, draft.after)
    );
    let nonce = draft.nonce.clone();
    look.keyboard()
        .wide(
            &plain!(look.lang, "button-role-set"),
            Callback::Staff(StaffPress::SetRole { nonce }),
        )
        .wide(
            &plain!(look.lang, "button-admin-discard"),
            Callback::Discard,
        )
        .under(text)
}

/// A role that was given or taken.
pub(crate) fn role_set(look: &Look, user: &User, role: Option<Role>) -> Screen {
    Screen::plain(html!(
        look.lang,
        "role-set",
        name = person(user),
        id = Html::code(&user.id.to_string()),
        role = role_name(look, role)
    ))
}

/// What whoever got or lost a role reads.
pub(crate) fn role_news(look: &Look, role: Option<&str>) -> Screen {
    Screen::plain(match role.and_then(Role::given) {
        Some(role) => html!(look.lang, "role-news", role = role_name(look, Some(role))),
        None => html!(look.lang, "role-news-none"),
    })
}

/// A page of what admins did.
pub(crate) fn acts(look: &Look, by: Option<UserId>, acts: &Page<ActView>) -> Screen {
    let mut text = html!(look.lang, "audit-title");
    if acts.rows.is_empty() {
        text = text.paragraph(html!(look.lang, "audit-none"));
    }
    for act in &acts.rows {
        text = text.paragraph(block(look, act));
    }
    look.keyboard()
        .pager(acts.page, acts.pages, |number| page(by, number))
        .under(text)
}

fn block(look: &Look, act: &ActView) -> Html {
    let lang = look.lang;
    let by = match &act.by {
        Some(user) => person(user),
        None => act.by_id.to_string(),
    };
    let mut text = html!(
        lang,
        "audit-head",
        act = act_name(look, act.act),
        subject = cut(&act.subject, LONGEST_VALUE_UNITS).as_ref(),
        ago = lang.ago(act.at, look.now),
        by = by
    );
    let value = |value: &Option<String>| match value.as_deref() {
        None => "—".to_owned(),
        Some(value) => act_value(look, act.act, value),
    };
    if act.before.is_some() || act.after.is_some() {
        text = text.line(html!(
            lang,
            "audit-change",
            before = value(&act.before),
            after = value(&act.after)
        ));
    }
    match &act.reason {
        Some(reason) => text.line(html!(
            lang,
            "move-memo",
            memo = cut(reason, LONGEST_VALUE_UNITS).as_ref()
        )),
        None => text,
    }
}

/// Sums are kept in minor units; the rest is shown as it was noted.
fn act_value(look: &Look, act: Act, value: &str) -> String {
    match value.parse() {
        Ok(minor) if act.is_about_money() => look.money(Money::minor(minor)),
        Ok(_) | Err(_) => cut(value, LONGEST_VALUE_UNITS).into_owned(),
    }
}

fn act_name(look: &Look, act: Act) -> String {
    let lang = look.lang;
    match act {
        Act::TopUp => plain!(lang, "label-act-topup"),
        Act::Deduct => plain!(lang, "label-act-deduct"),
        Act::Price => plain!(lang, "label-act-price"),
        Act::Provider => plain!(lang, "label-act-provider"),
        Act::Ruling => plain!(lang, "label-act-ruling"),
        Act::Balance => plain!(lang, "label-act-balance"),
        Act::Voucher => plain!(lang, "label-act-voucher"),
        Act::Request => plain!(lang, "label-act-request"),
        Act::StarsRefund => plain!(lang, "label-act-stars-refund"),
        Act::Recovery => plain!(lang, "label-act-recovery"),
        Act::Role => plain!(lang, "label-act-role"),
        Act::Freeze => plain!(lang, "label-act-freeze"),
        Act::Limit => plain!(lang, "label-act-limit"),
        Act::Service => plain!(lang, "label-act-service"),
        Act::Announcement => plain!(lang, "label-act-announcement"),
        Act::Maintenance => plain!(lang, "label-act-maintenance"),
        Act::Broadcast => plain!(lang, "label-act-broadcast"),
        Act::Backup => plain!(lang, "label-act-backup"),
        Act::OrderRefund => plain!(lang, "label-act-order-refund"),
        Act::Ban => plain!(lang, "label-act-ban"),
        Act::Note => plain!(lang, "label-act-note"),
        Act::Message => plain!(lang, "label-act-message"),
        Act::Number => plain!(lang, "label-act-number"),
        Act::Find => plain!(lang, "label-act-find"),
        Act::Export => plain!(lang, "label-act-export"),
    }
}
