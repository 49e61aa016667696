//! What admins see.
//!
//! Invariant: what a Confirm would do stands above it, with the state before and after.

use crate::bot::callback::Callback;
use crate::bot::html::{Html, html, plain};
use crate::bot::keyboard::Screen;
use crate::bot::views::Look;
use crate::bot::views::stars::person as name;
use crate::shop::topup::{TopUpBooked, TopUpDraft};

/// A top-up before its Confirm.
pub(super) fn topup_draft(look: &Look, draft: &TopUpDraft) -> Screen {
    let amount = look.money(draft.amount);
    let mut text = html!(
        look.lang,
        "topup-draft",
        name = name(&draft.user),
        id = Html::code(&draft.user.id.to_string()),
        amount = amount.as_str(),
        before = look.money(draft.before),
        after = look.money(draft.after)
    );
    if let Some(memo) = &draft.memo {
        text = text.line(html!(look.lang, "move-memo", memo = memo));
    }
    if let Some(same) = draft.same {
        text = text.line(html!(
            look.lang,
            "topup-same",
            by = same
                .by
                .map_or_else(|| "?".to_owned(), |admin| admin.to_string()),
            ago = look.lang.ago(same.at, look.now)
        ));
    }
    let nonce = draft.nonce.clone();
    let book = if draft.same.is_some() {
        plain!(look.lang, "button-admin-book-again", amount = amount)
    } else {
        plain!(look.lang, "button-admin-book", amount = amount)
    };
    look.keyboard()
        .wide(&book, Callback::TopUp { nonce })
        .wide(
            &plain!(look.lang, "button-admin-discard"),
            Callback::Discard,
        )
        .under(text)
}

/// A top-up after its Confirm.
pub(super) fn topup_booked(look: &Look, booked: &TopUpBooked) -> Screen {
    Screen::plain(html!(
        look.lang,
        "topup-booked",
        name = name(&booked.user),
        id = Html::code(&booked.user.id.to_string()),
        amount = look.money(booked.amount),
        available = look.money(booked.available)
    ))
}
