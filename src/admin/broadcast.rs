//! `/broadcast`: a message to many.
//!
//! Invariant: nothing leaves without a Confirm under the message as it will look and the number of
//! those who get it.

use teloxide::types::Message;

use crate::admin::or_refusal;
use crate::bot::api::Copy;
use crate::bot::callback::broadcasting::Broadcasting;
use crate::bot::context::{Context, Guest};
use crate::bot::error::BotError;
use crate::bot::handler::press::{Press, settings};
use crate::bot::html::{html, plain};
use crate::bot::i18n::Lang;
use crate::bot::keyboard::Screen;
use crate::bot::sender::{CopyEnd, Priority};
use crate::bot::views::broadcast;
use crate::domain::audience::Audience;
use crate::domain::id::{BroadcastId, Nonce};
use crate::shop::ShopError;
use crate::shop::broadcast::{Begun, BroadcastView, Steer};

fn languages() -> Vec<String> {
    let all = Lang::all().iter();
    all.map(|lang| lang.tag().to_owned()).collect()
}

/// `/broadcast`, as a reply to what many shall read.
pub(super) async fn on_command(
    context: &Context,
    guest: &Guest,
    message: &Message,
) -> Result<Screen, ShopError> {
    let look = &guest.look;
    if let Some(open) = context.shop.open_broadcast().await? {
        return Ok(busy(guest, &open));
    }
    let Some(original) = message.reply_to_message() else {
        return Ok(Screen::plain(html!(look.lang, "broadcast-usage")));
    };
    if original.media_group_id().is_some() {
        return Ok(Screen::plain(html!(look.lang, "broadcast-album")));
    }
    let nonce = context
        .shop
        .draft_broadcast(guest.user.id, original.id.0)
        .await?;
    audiences(context, guest, &nonce).await
}

/// The card of one's own broadcast, or a word about that of another admin.
fn busy(guest: &Guest, open: &BroadcastView) -> Screen {
    let look = &guest.look;
    let card = broadcast::card(look, open);
    Screen {
        text: html!(look.lang, "broadcast-busy").paragraph(card.text),
        ..card
    }
}

async fn audiences(context: &Context, guest: &Guest, nonce: &Nonce) -> Result<Screen, ShopError> {
    let languages = languages();
    let mut all = vec![Audience::All, Audience::Active, Audience::Funded];
    all.extend(languages.iter().cloned().map(Audience::Language));
    let mut sizes = Vec::new();
    for audience in all {
        let size = context.shop.audience_size(&audience, &languages).await?;
        sizes.push((audience, size));
    }
    Ok(broadcast::audiences(&guest.look, nonce, &sizes))
}

/// A press of a button about messages to many.
pub(crate) async fn on_press(press: &Press, what: Broadcasting) -> Result<(), BotError> {
    let (context, guest) = (&press.context, &press.guest);
    match what {
        Broadcasting::Audiences { nonce } => {
            press.ack();
            let screen = audiences(context, guest, &nonce).await;
            press.show(or_refusal(guest, screen)?);
        }
        Broadcasting::Preview { nonce, audience } => {
            press.ack();
            let screen = preview(context, guest, &nonce, &audience).await;
            press.below(or_refusal(guest, screen)?);
        }
        Broadcasting::Send { nonce, audience } => return send(press, &nonce, audience).await,
        Broadcasting::Steer { id, steer } => return on_steer(press, id, steer).await,
        Broadcasting::News { on, in_settings } => return news(press, on, in_settings).await,
    }
    Ok(())
}

/// Shows the message as it will look, and then how many will get it.
async fn preview(
    context: &Context,
    guest: &Guest,
    nonce: &Nonce,
    audience: &Audience,
) -> Result<Screen, ShopError> {
    let look = &guest.look;
    let shop = &context.shop;
    let original = shop.drafted_broadcast(guest.user.id, nonce).await?;
    let copy = Copy {
        to: guest.chat(),
        from: original.chat.0,
        message: original.message,
        keyboard: broadcast::under_copy(look).keyboard,
    };
    match context.sender.copy(&copy, Priority::Reply).await {
        CopyEnd::Sent => {}
        CopyEnd::OriginalGone => {
            return Ok(Screen::plain(html!(look.lang, "broadcast-no-original")));
        }
        CopyEnd::Refused | CopyEnd::Unreachable => {
            return Ok(Screen::plain(html!(look.lang, "broadcast-no-copy")));
        }
        CopyEnd::Later(_) | CopyEnd::Lost => {
            return Ok(Screen::plain(html!(look.lang, "broadcast-try-again")));
        }
    }
    let size = shop.audience_size(audience, &languages()).await?;
    Ok(broadcast::confirm(look, nonce, audience, size))
}

async fn send(press: &Press, nonce: &Nonce, audience: Audience) -> Result<(), BotError> {
    let (context, guest) = (&press.context, &press.guest);
    let card = press.place().message_id;
    let begun = context
        .shop
        .begin_broadcast(guest.user.id, nonce, audience, &languages(), card)
        .await;
    if matches!(begun, Ok(Begun::Before)) {
        press.toast(&plain!(guest.look.lang, "toast-broadcast-already"));
        return Ok(());
    }
    press.ack();
    let screen = match begun {
        Ok(Begun::Now(view)) => Ok(broadcast::card(&guest.look, &view)),
        Ok(Begun::Busy(open)) => Ok(busy(guest, &open)),
        Ok(Begun::Before) => return Ok(()),
        Err(error) => Err(error),
    };
    press.show(or_refusal(guest, screen)?);
    Ok(())
}

async fn on_steer(press: &Press, id: BroadcastId, steer: Steer) -> Result<(), BotError> {
    let (shop, guest) = (&press.context.shop, &press.guest);
    let steered = shop.steer_broadcast(guest.user.id, id, steer).await?;
    let view = shop.broadcast(id).await?;
    if !steered {
        press.toast(&plain!(guest.look.lang, "toast-broadcast-already"));
    }
    press.ack();
    let place = press.place();
    // Whoever steers it sees from now on how far it is.
    if !view.is_over && view.original.chat == guest.user.id && view.card != place.message_id {
        shop.place_broadcast_card(id, place.message_id).await?;
    }
    press.show(broadcast::card(&guest.look, &view));
    Ok(())
}

/// A user's own word on whether they want news.
async fn news(press: &Press, on: bool, in_settings: bool) -> Result<(), BotError> {
    let (context, guest) = (&press.context, &press.guest);
    context.shop.want_news(guest.user.id, on).await?;
    let lang = guest.look.lang;
    press.toast(&if on {
        plain!(lang, "toast-news-on")
    } else {
        plain!(lang, "toast-news-off")
    });
    if in_settings {
        press.show(settings(context, guest).await?);
    }
    Ok(())
}
