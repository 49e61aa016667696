//! `/refund`: Stars go back to whoever paid them.
//!
//! Invariant: what goes back, and what leaves the wallet for it, stands above the Confirm.

use crate::admin::or_refusal;
use crate::bot::callback::Callback;
use crate::bot::context::{Context, Guest};
use crate::bot::error::BotError;
use crate::bot::handler::press::Press;
use crate::bot::html::{html, plain};
use crate::bot::keyboard::Screen;
use crate::bot::views::{Look, stars};
use crate::domain::id::Nonce;
use crate::shop::ShopError;
use crate::shop::stars::refund::{RefundBegun, RefundDraft};
use crate::shop::topup::TopUpError;

/// A payment by its number, or all of a user's.
pub(super) async fn on_command(
    context: &Context,
    guest: &Guest,
    arguments: &str,
) -> Result<Screen, ShopError> {
    let look = &guest.look;
    let (shop, word) = (&context.shop, arguments.trim());
    if word.is_empty() {
        return Ok(Screen::plain(html!(look.lang, "refund-usage")));
    }
    match shop.draft_refund(guest.user.id, word).await {
        Ok(draft) => Ok(draft_screen(look, &draft)),
        Err(ShopError::TopUp(TopUpError::NoSuchPayment)) => {
            let user = match shop.user_named(word).await {
                Ok(user) => user,
                Err(ShopError::UnknownUser) => return Err(TopUpError::NoSuchPayment.into()),
                Err(error) => return Err(error),
            };
            let payments = shop.stars_payments(user.id).await?;
            let mut text = html!(look.lang, "refund-payments", name = stars::person(&user));
            for payment in &payments {
                text = text.line(stars::payment_line(look, payment));
            }
            Ok(Screen::plain(
                text.paragraph(html!(look.lang, "refund-usage")),
            ))
        }
        Err(error) => Err(error),
    }
}

fn draft_screen(look: &Look, draft: &RefundDraft) -> Screen {
    let count = draft.stars.to_string();
    let facts = stars::refund_facts(look, &draft.user, [&draft.charge, &count], draft.amount);
    let text = html!(
        look.lang,
        "refund-draft",
        facts = facts,
        before = look.money(draft.before),
        after = look.money(draft.after)
    );
    let nonce = draft.nonce.clone();
    look.keyboard()
        .wide(
            &plain!(look.lang, "button-refund", stars = draft.stars),
            Callback::RefundStars { nonce },
        )
        .wide(
            &plain!(look.lang, "button-admin-discard"),
            Callback::Discard,
        )
        .under(text)
}

/// Begins a refund, once.
pub(crate) async fn on_refund(press: &Press, nonce: &Nonce) -> Result<(), BotError> {
    let guest = &press.guest;
    let begun = press.context.shop.begin_refund(guest.user.id, nonce).await;
    if begun.as_ref().is_ok_and(|begun| !begun.is_new) {
        press.toast(&plain!(guest.look.lang, "toast-refund-already"));
    }
    press.ack();
    let screen = begun.map(|begun| begun_screen(&guest.look, &begun));
    press.show(or_refusal(guest, screen)?);
    Ok(())
}

fn begun_screen(look: &Look, begun: &RefundBegun) -> Screen {
    Screen::plain(html!(
        look.lang,
        "refund-begun",
        name = stars::person(&begun.user),
        stars = begun.stars,
        amount = look.money(begun.amount)
    ))
}
