//! The terms, from the Confirm that they stand in the way of and back to it.
//!
//! Invariant: what is accepted is what was shown; an order is made by its own Confirm only.

use crate::admin;
use crate::bot::callback::OperatorTag;
use crate::bot::callback::Route;
use crate::bot::callback::trust::TrustPress;
use crate::bot::context::{Context, Guest};
use crate::bot::error::BotError;
use crate::bot::handler::press::{self, Press};
use crate::bot::handler::{account, support};
use crate::bot::html::plain;
use crate::bot::keyboard::Screen;
use crate::bot::views::{browse, refusal, terms, waiting};
use crate::domain::id::Nonce;
use crate::shop::ShopError;
use crate::shop::terms::Again;

/// The terms, with a button where they are not accepted yet.
pub(super) async fn terms(
    context: &Context,
    guest: &Guest,
    nonce: Option<Nonce>,
) -> Result<Screen, BotError> {
    let shop = &context.shop;
    let accepted = shop.has_accepted_terms(guest.user.id).await?;
    let version = shop.terms_version().filter(|_| !accepted);
    let text = context.settings.papers.terms(guest.look.lang);
    Ok(terms::terms(&guest.look, text, version, nonce))
}

/// What is said about privacy.
pub(super) fn privacy(context: &Context, guest: &Guest) -> Screen {
    let text = context.settings.papers.privacy(guest.look.lang);
    terms::privacy(&guest.look, text)
}

/// A press of one of these buttons.
pub(super) async fn on_press(press: &Press, asked: TrustPress) -> Result<(), BotError> {
    let (context, guest) = (&press.context, &press.guest);
    let screen = match asked {
        TrustPress::Accept { version, nonce } => return accept(press, version, nonce).await,
        TrustPress::Terms => terms(context, guest, None).await?,
        TrustPress::Privacy => privacy(context, guest),
        TrustPress::EraseSure | TrustPress::EraseNow { .. } => {
            return account::on_press(press, &asked).await;
        }
        TrustPress::Support => {
            press.below(support::begin(context, guest, "").await?);
            return Ok(());
        }
        TrustPress::Answer { id } => return support::ask_answer(press, id).await,
        TrustPress::Limits { .. }
        | TrustPress::Limit { .. }
        | TrustPress::SetLimit { .. }
        | TrustPress::FreezeUser { .. }
        | TrustPress::Lift { .. } => return admin::trust::on_press(press, asked).await,
    };
    press.show(screen);
    Ok(())
}

/// Accepts the terms, and leads back to what they stood in the way of.
async fn accept(press: &Press, version: OperatorTag, nonce: Option<Nonce>) -> Result<(), BotError> {
    let (context, guest) = (&press.context, &press.guest);
    let shop = &context.shop;
    // Others than were shown: they changed since the button was drawn.
    if shop.terms_version().map(OperatorTag::of) != Some(version) {
        press::outdated(press);
        return Ok(());
    }
    shop.accept_terms(guest.user.id)
        .await
        .inspect_err(|_| press.ack())?;
    press.toast(&plain!(guest.look.lang, "toast-terms-accepted"));
    let screen = match nonce {
        None => terms::thanks(&guest.look),
        Some(nonce) => back_to(context, guest, &nonce).await?,
    };
    press.show(screen);
    Ok(())
}

/// What the Confirm stood for, at the price of now.
async fn back_to(context: &Context, guest: &Guest, nonce: &Nonce) -> Result<Screen, BotError> {
    let (shop, look) = (&context.shop, &guest.look);
    let refused = match shop.quote_again(guest.user.id, nonce).await {
        Ok(Again::Now(quote)) => {
            shop.note_missing(guest.user.id, &quote).await?;
            return Ok(browse::quote(look, &quote));
        }
        Ok(Again::Waiting(quote)) => {
            let country = shop.country(&quote.choice.country);
            match Route::of(&quote.choice, |server| shop.server_number(server)) {
                Some(route) => return Ok(waiting::queue(look, route, &country, &quote)),
                None => ShopError::NotSold,
            }
        }
        Err(refused) => refused,
    };
    match refusal::text(look, &refused) {
        Some(text) => Ok(refusal::screen(look, &refused, text)),
        None => Err(refused.into()),
    }
}
