//! Renting: from the first tap to the confirmation card, and what is done to rentals.
//!
//! Invariant: no tap waits for the upstream: what is left is asked for behind a screen that says
//! so, and shown only if the user has not moved on.

use std::sync::Arc;
use std::time::Duration;

use crate::bot::callback::renting::Renting;
use crate::bot::callback::{Callback, Iso2};
use crate::bot::context::{Context, Guest};
use crate::bot::dialogue::{self, Question};
use crate::bot::error::BotError;
use crate::bot::handler::press::Press;
use crate::bot::html::plain;
use crate::bot::keyboard::Screen;
use crate::bot::views::{browse, refusal, rental};
use crate::domain::id::OrderId;
use crate::shop::ShopError;
use crate::shop::browse::ServiceId;
use crate::shop::buy::Choice;
use crate::shop::front::Front;

/// How long a screen waits for what is left; then what was last read is shown.
const PATIENCE: Duration = Duration::from_secs(6);
/// The user's rentals on one page.
const RENTALS_PER_PAGE: usize = 8;
/// SMS on one page of an inbox.
const SMS_PER_PAGE: usize = 5;

/// The countries; what is typed next is looked for among them.
pub(super) async fn begin(
    context: &Context,
    guest: &Guest,
    text: &str,
) -> Result<Screen, BotError> {
    dialogue::ask(&context.shop, guest.chat(), Question::Rental).await?;
    let text = Some(text.trim()).filter(|text| !text.is_empty());
    countries(context, guest, text, 0).await
}

/// A page of the countries, or those that a text finds.
pub(super) async fn countries(
    context: &Context,
    guest: &Guest,
    text: Option<&str>,
    page: usize,
) -> Result<Screen, BotError> {
    let habits = context.shop.habits(guest.user.id).await?;
    let found = context.shop.rental_countries(&habits, text);
    Ok(rental::countries(&guest.look, &found, &habits, text, page))
}

/// A press of one of the rentals' buttons.
pub(super) async fn on_press(press: &Press, renting: Renting) -> Result<(), BotError> {
    let (context, guest, look) = (&press.context, &press.guest, &press.guest.look);
    let (shop, user) = (&context.shop, guest.user.id);
    let screen = match renting {
        Renting::Countries { page: 0 } => begin(context, guest, "").await?,
        Renting::Countries { page } => countries(context, guest, None, page).await?,
        Renting::Durations { country } => durations(press, country).await?,
        Renting::Star { country, on } => {
            let set = shop.set_favourite_place(user, country.as_str(), on).await;
            press.tell_star(set, on)?;
            durations(press, country).await?
        }
        Renting::Reminders => rental::reminders(look, &shop.reminders(user).await?),
        Renting::Remind { hours, on } => {
            shop.set_reminder(user, hours, on).await?;
            rental::reminders(look, &shop.reminders(user).await?)
        }
        Renting::Offer { country, service } => {
            offer(press, country, service);
            return Ok(());
        }
        Renting::Mine { page } => mine(context, guest, page).await?,
        Renting::Inbox { id, page } => {
            let (order, page) = shop.inbox(user, id, page, SMS_PER_PAGE).await?;
            rental::inbox(look, &order, &page)
        }
        Renting::Renewals { id } => {
            let order = shop.order(user, id).await?;
            let entries = shop.renewals(user, id).await?;
            press.below(rental::renewals(look, &order, &entries));
            return Ok(());
        }
        Renting::Renewal { id, service } => {
            let quote = shop.quote_renewal(user, id, service).await?;
            browse::quote(look, &quote)
        }
        Renting::Label { id } => {
            let order = shop.order(user, id).await?;
            let asks = Question::Label { order: id };
            dialogue::ask(shop, guest.chat(), asks).await?;
            press.below(rental::ask_label(look, &order));
            return Ok(());
        }
        Renting::Mute { id, on } => return mute(press, id, on).await,
    };
    press.show(screen);
    Ok(())
}

/// The durations of a country.
async fn durations(press: &Press, country: Iso2) -> Result<Screen, BotError> {
    let (shop, guest) = (&press.context.shop, &press.guest);
    let (entry, durations) = shop.durations(country.as_str())?;
    let habits = shop.habits(guest.user.id).await?;
    let is_favourite = habits.is_favourite_place(country.as_str());
    Ok(rental::durations(
        &guest.look,
        &entry,
        &durations,
        is_favourite,
    ))
}

/// A page of the user's rentals.
pub(super) async fn mine(
    context: &Context,
    guest: &Guest,
    page: usize,
) -> Result<Screen, BotError> {
    let page = context
        .shop
        .rentals(guest.user.id, page, RENTALS_PER_PAGE)
        .await?;
    Ok(rental::mine(&guest.look, &page))
}

/// The name that was typed for a rental.
pub(super) async fn label(
    context: &Context,
    guest: &Guest,
    id: OrderId,
    text: &str,
) -> Result<Screen, BotError> {
    let (shop, user) = (&context.shop, guest.user.id);
    dialogue::no_question(shop, guest.chat()).await?;
    let text = if text.trim() == "-" { "" } else { text };
    shop.label_rental(user, id, text).await?;
    Ok(rental::labelled(&guest.look, &shop.order(user, id).await?))
}

async fn mute(press: &Press, id: OrderId, on: bool) -> Result<(), BotError> {
    let (guest, lang) = (&press.guest, press.guest.look.lang);
    press
        .context
        .shop
        .mute_rental(guest.user.id, id, on)
        .await
        .inspect_err(|_| press.ack())?;
    press.toast(&if on {
        plain!(lang, "toast-muted")
    } else {
        plain!(lang, "toast-unmuted")
    });
    super::orders::open(press, id).await
}

fn offer(press: &Press, country: Iso2, service: ServiceId) {
    let choice = Choice {
        service,
        country: country.as_str().to_owned(),
        operator: None,
        server: None,
    };
    let back = Callback::Rent(Renting::Durations { country });
    ask_then_quote(press, choice, back);
}

/// Shows that the upstream is being asked, and the confirmation card once it answered, unless the
/// user has done something else meanwhile.
pub(super) fn ask_then_quote(press: &Press, choice: Choice, back: Callback) {
    press.show(rental::checking(&press.guest.look, back.clone()));
    let (context, guest) = (Arc::clone(&press.context), press.guest.clone());
    let (place, turn) = (press.place(), press.turn);
    tokio::spawn(async move {
        let looked = tokio::time::timeout(PATIENCE, context.shop.look_again(&choice)).await;
        if let Ok(Err(error)) = looked {
            log::warn!("what is left could not be read: {error}");
        }
        let quote = context.shop.quote(guest.user.id, choice).await;
        if context.turn_of(guest.user.id) != turn {
            return;
        }
        let screen = match quote {
            Ok(quote) => browse::quote(&guest.look, &quote),
            Err(refused) => screen_of(&guest, &refused, back),
        };
        drop(
            context
                .sender
                .replace(place.chat_id, place.message_id, screen),
        );
    });
}

fn screen_of(guest: &Guest, refused: &ShopError, back: Callback) -> Screen {
    let look = &guest.look;
    match refusal::text(look, refused) {
        Some(text) => look
            .keyboard()
            .wide(&plain!(look.lang, "button-back"), back)
            .wide(&plain!(look.lang, "button-menu"), Callback::Menu)
            .under(text),
        None => {
            log::error!("an offer could not be priced: {refused}");
            crate::bot::views::menu::menu(look, &Front::default())
        }
    }
}
