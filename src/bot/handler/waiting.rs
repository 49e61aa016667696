//! While something cannot be bought, or is too dear: being told, and buying it as soon as it can
//! be bought for what the user wants to pay.
//!
//! Invariant: no money moves here; an order that waits is confirmed like any other.

use crate::bot::callback::Route;
use crate::bot::context::{Context, Guest};
use crate::bot::error::BotError;
use crate::bot::handler::browse;
use crate::bot::handler::press::Press;
use crate::bot::html::plain;
use crate::bot::keyboard::Screen;
use crate::bot::views::{menu, refusal, waiting};
use crate::domain::money::Money;
use crate::shop::watch::WatchId;

/// The card with the limit of an order that would wait.
pub(super) async fn queue(
    context: &Context,
    guest: &Guest,
    route: Route,
    limit: u8,
) -> Result<Screen, BotError> {
    let Some(choice) = browse::choice(context, route)? else {
        return browse::service(context, guest, route.country, route.service).await;
    };
    let shop = &context.shop;
    let quote = shop
        .quote_queue(guest.user.id, choice, usize::from(limit))
        .await?;
    let country = shop.country(&quote.choice.country);
    Ok(waiting::queue(&guest.look, route, &country, &quote))
}

/// The limits below today's price; the confirmation card, or what stands in its place, where there
/// are none (any more).
pub(super) async fn cheaper(
    context: &Context,
    guest: &Guest,
    route: Route,
) -> Result<Screen, BotError> {
    let Some(choice) = browse::choice(context, route)? else {
        return browse::service(context, guest, route.country, route.service).await;
    };
    let shop = &context.shop;
    let limits = shop.limits_below(&choice);
    let shelf = shop.shelf(route.country.as_str(), route.service)?;
    let Some(price) = shop.price_now(&choice).filter(|_| !limits.is_empty()) else {
        return browse::quote(context, guest, choice).await;
    };
    let subject = waiting::Subject {
        service: &shelf.service.name,
        country: &shop.country(&choice.country),
        server: route.server,
        choice: &choice,
    };
    Ok(waiting::cheaper(
        &guest.look,
        route,
        &subject,
        price,
        &limits,
    ))
}

/// Remembers that the user wants to hear of it, and shows all that they want to hear of.
pub(super) async fn tell(
    press: &Press,
    route: Route,
    limit: Option<Money>,
) -> Result<Screen, BotError> {
    let (context, guest) = (&press.context, &press.guest);
    let Some(choice) = browse::choice(context, route).inspect_err(|_| press.ack())? else {
        press.ack();
        return Ok(menu::outdated(&guest.look));
    };
    if let Err(refused) = context.shop.watch(guest.user.id, &choice, limit).await {
        press.ack();
        let Some(text) = refusal::text(&guest.look, &refused) else {
            return Err(refused.into());
        };
        return Ok(waiting::with_watches(&guest.look, text));
    }
    press.toast(&plain!(guest.look.lang, "toast-watching"));
    watches(context, guest).await
}

/// What the user wants to hear of.
pub(super) async fn watches(context: &Context, guest: &Guest) -> Result<Screen, BotError> {
    let watches = context.shop.watches(guest.user.id).await?;
    Ok(waiting::watches(&guest.look, &watches))
}

/// Forgets one of these.
pub(super) async fn unwatch(press: &Press, id: WatchId) -> Result<Screen, BotError> {
    let (context, guest) = (&press.context, &press.guest);
    let forgotten = context.shop.unwatch(guest.user.id, id).await;
    forgotten.inspect_err(|_| press.ack())?;
    press.toast(&plain!(guest.look.lang, "toast-unwatched"));
    watches(context, guest).await
}
