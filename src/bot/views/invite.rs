//! Inviting others, in words.
//!
//! Invariant: what is promised is what the operator grants, to the last limit.

use crate::bot::callback::Callback;
use crate::bot::html::{Html, html, plain};
use crate::bot::keyboard::Screen;
use crate::bot::views::Look;
use crate::domain::referral::RewardOf;
use crate::shop::referral::Invitation;

/// One's own link, what it brings and what it brought.
pub(crate) fn invitation(look: &Look, invitation: &Invitation, link: &str) -> Screen {
    let lang = look.lang;
    let terms = &invitation.terms;
    let percent = terms.percent.normalize().to_string();
    let first = i64::from(terms.first);
    let promise = match terms.of {
        RewardOf::Purchases => html!(lang, "invite-purchases", percent = percent, first = first),
        RewardOf::TopUps => html!(lang, "invite-topups", percent = percent, first = first),
    };
    let mut text = html!(lang, "invite-title").paragraph(promise);
    if let Some(cap) = terms.cap {
        text = text.line(html!(lang, "invite-cap", cap = look.money(cap)));
    }
    text = text.paragraph(Html::code(link)).paragraph(html!(
        lang,
        "invite-so-far",
        came = lang.count(invitation.came),
        earned = look.money(invitation.earned)
    ));
    look.keyboard()
        .copy(&plain!(lang, "button-invite-copy"), link)
        .wide(&plain!(lang, "button-wallet"), Callback::Wallet)
        .under(text)
}

/// Inviting brings nothing here.
pub(crate) fn off(look: &Look) -> Screen {
    look.keyboard()
        .wide(&plain!(look.lang, "button-menu"), Callback::Menu)
        .under(html!(look.lang, "invite-off"))
}
