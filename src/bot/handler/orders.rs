//! What is done to orders.
//!
//! Invariant: the shop decides; a second tap, an old button or a redelivered press changes
//! nothing and is told so. Cards are drawn from what is true when they leave.

use crate::bot::context::{Context, Guest};
use crate::bot::error::BotError;
use crate::bot::handler::press::Press;
use crate::bot::handler::trust;
use crate::bot::html::plain;
use crate::bot::keyboard::Screen;
use crate::bot::views::order::CardUse;
use crate::bot::views::{order, refusal};
use crate::domain::id::{Nonce, OrderId};
use crate::shop::ShopError;
use crate::shop::orders::CancelOutcome;

/// How many orders are on one page.
const ORDERS_PER_PAGE: usize = 8;

/// A page of the user's orders, and the way to what else they wait for.
pub(super) async fn list(
    context: &Context,
    guest: &Guest,
    page: usize,
) -> Result<Screen, BotError> {
    let (shop, user) = (&context.shop, guest.user.id);
    let orders = shop.orders(user, page, ORDERS_PER_PAGE).await?;
    let watches = shop.watches(user).await?.len();
    Ok(order::list(&guest.look, &orders, watches))
}

/// A refusal as a toast, so that the card it belongs to stays; `Err` for our own fault.
fn toast_refusal(press: &Press, guest: &Guest, refused: ShopError) -> Result<(), BotError> {
    let Some(text) = refusal::text(&guest.look, &refused) else {
        return Err(refused.into());
    };
    press.toast(&text.to_plain());
    Ok(())
}

/// Confirm: the message with the button becomes the order's card.
pub(super) async fn confirm(press: &Press, nonce: &Nonce) -> Result<(), BotError> {
    let guest = &press.guest;
    let shop = &press.context.shop;
    match shop.confirm(guest.user.id, nonce, press.place()).await {
        Ok(confirmed) => {
            if confirmed.is_new {
                press.ack();
            } else {
                press.toast(&plain!(guest.look.lang, "toast-already-confirmed"));
            }
            // A card that was opened elsewhere meanwhile stays where it is.
            let place = press.place();
            if confirmed.order.card.is_none_or(|card| card == place) {
                press
                    .courier()
                    .draw_at(guest.user.id, confirmed.order.id, place);
            }
            Ok(())
        }
        Err(ShopError::TermsFirst) => {
            press.ack();
            let nonce = Some(nonce.clone());
            press.show(trust::terms(&press.context, guest, nonce).await?);
            Ok(())
        }
        // The offer stands, and so does its button.
        Err(refused @ ShopError::CannotWrite(_)) => toast_refusal(press, guest, refused),
        Err(refused) => {
            press.ack();
            let Some(text) = refusal::text(&guest.look, &refused) else {
                return Err(refused.into());
            };
            press.show(refusal::screen(&guest.look, &refused, text));
            Ok(())
        }
    }
}

/// Draws the order again where it was pressed: whatever happened, the card shows the truth.
fn redraw(press: &Press, id: OrderId) {
    press
        .courier()
        .draw_at(press.guest.user.id, id, press.place());
}

/// Cancel.
pub(super) async fn cancel(press: &Press, id: OrderId) -> Result<(), BotError> {
    let guest = &press.guest;
    let lang = guest.look.lang;
    match press.context.shop.cancel(guest.user.id, id).await {
        Ok(CancelOutcome::Asked) => press.toast(&plain!(lang, "toast-cancel-asked")),
        Ok(CancelOutcome::Cancelled) => press.toast(&plain!(lang, "toast-cancelled")),
        Ok(CancelOutcome::AlreadyAsked) => press.toast(&plain!(lang, "toast-cancel-already")),
        Err(refused) => toast_refusal(press, guest, refused)?,
    }
    redraw(press, id);
    Ok(())
}

/// Another SMS.
pub(super) async fn resend(press: &Press, id: OrderId) -> Result<(), BotError> {
    let guest = &press.guest;
    match press.context.shop.resend(guest.user.id, id).await {
        Ok(()) => press.toast(&plain!(guest.look.lang, "toast-resend")),
        Err(refused) => toast_refusal(press, guest, refused)?,
    }
    redraw(press, id);
    Ok(())
}

/// Finish.
pub(super) async fn finish(press: &Press, id: OrderId) -> Result<(), BotError> {
    let guest = &press.guest;
    match press.context.shop.finish(guest.user.id, id).await {
        Ok(()) => press.toast(&plain!(guest.look.lang, "toast-finished")),
        Err(refused) => toast_refusal(press, guest, refused)?,
    }
    redraw(press, id);
    Ok(())
}

/// Opens an order: an open one gets its live card here, a final one is shown as it ended.
pub(super) async fn open(press: &Press, id: OrderId) -> Result<(), BotError> {
    let (guest, shop) = (&press.guest, &press.context.shop);
    let view = shop.order(guest.user.id, id).await?;
    if view.state.is_final() {
        press.show(order::card(&guest.look, &view, CardUse::FromList));
        return Ok(());
    }
    let place = press.place();
    if view.card != Some(place) {
        shop.place_card(guest.user.id, id, place).await?;
        if let Some(former) = view.card {
            press.courier().leave(&guest.look, &view, former);
        }
    }
    press.courier().draw_at(guest.user.id, id, place);
    Ok(())
}

/// The same again, at today's price, below.
pub(super) async fn again(press: &Press, id: OrderId) -> Result<(), BotError> {
    let (guest, shop) = (&press.guest, &press.context.shop);
    let choice = shop.choice_of(guest.user.id, id).await?;
    press.below(super::browse::quote(&press.context, guest, choice).await?);
    Ok(())
}
