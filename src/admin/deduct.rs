//! `/deduct`: money that an admin takes out of a wallet.
//!
//! Invariant: the reason stands above the Confirm, in the ledger and in the user's own wallet.

use crate::admin::or_refusal;
use crate::bot::callback::Callback;
use crate::bot::context::{Context, Guest};
use crate::bot::error::BotError;
use crate::bot::handler::press::Press;
use crate::bot::html::{Html, html, plain};
use crate::bot::keyboard::Screen;
use crate::bot::views::Look;
use crate::bot::views::stars::person;
use crate::domain::id::Nonce;
use crate::shop::ShopError;
use crate::shop::deduct::{DeductDraft, Deducted};

/// Reads and answers the command.
pub(super) async fn on_command(
    context: &Context,
    guest: &Guest,
    arguments: &str,
) -> Result<Screen, ShopError> {
    let mut words = arguments.trim().splitn(3, char::is_whitespace);
    let (Some(target), Some(amount), Some(reason)) = (words.next(), words.next(), words.next())
    else {
        return Ok(Screen::plain(html!(guest.look.lang, "deduct-usage")));
    };
    let draft = context
        .shop
        .draft_deduct(guest.user.id, target, amount, reason)
        .await?;
    Ok(draft_screen(&guest.look, &draft))
}

fn draft_screen(look: &Look, draft: &DeductDraft) -> Screen {
    let amount = look.money(draft.amount);
    let text = html!(
        look.lang,
        "deduct-draft",
        name = person(&draft.user),
        id = Html::code(&draft.user.id.to_string()),
        amount = amount.as_str(),
        before = look.money(draft.before),
        after = look.money(draft.after)
    );
    let text = text.line(html!(look.lang, "move-memo", memo = &draft.reason));
    let nonce = draft.nonce.clone();
    look.keyboard()
        .wide(
            &plain!(look.lang, "button-admin-deduct", amount = amount),
            Callback::Deduct { nonce },
        )
        .wide(
            &plain!(look.lang, "button-admin-discard"),
            Callback::Discard,
        )
        .under(text)
}

/// Books a deduction, once.
pub(crate) async fn on_deduct(press: &Press, nonce: &Nonce) -> Result<(), BotError> {
    let guest = &press.guest;
    let booked = press.context.shop.book_deduct(guest.user.id, nonce).await;
    if booked.as_ref().is_ok_and(|booked| !booked.is_new) {
        press.toast(&plain!(guest.look.lang, "toast-topup-already"));
    }
    press.ack();
    let screen = booked.map(|booked| booked_screen(&guest.look, &booked));
    press.show(or_refusal(guest, screen)?);
    Ok(())
}

fn booked_screen(look: &Look, booked: &Deducted) -> Screen {
    Screen::plain(html!(
        look.lang,
        "deduct-booked",
        name = person(&booked.user),
        id = Html::code(&booked.user.id.to_string()),
        amount = look.money(booked.amount),
        available = look.money(booked.available)
    ))
}
