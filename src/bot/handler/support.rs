//! Support: what users write to the people who run the shop, and what these answer.
//!
//! Invariant: a text or a picture is meant for support only where the user was asked for it a
//! moment ago, or where somebody who may answer replies to what a user wrote.

use teloxide::types::Message;

use crate::bot::context::{Context, Guest};
use crate::bot::dialogue::{self, Question};
use crate::bot::error::BotError;
use crate::bot::handler::press::Press;
use crate::bot::handler::transfer::proof_in;
use crate::bot::keyboard::Screen;
use crate::bot::views::{menu, support};
use crate::domain::role::Role;
use crate::shop::support::{Letter, SupportId};

/// `/support`, with what there is to say or without.
pub(super) async fn begin(
    context: &Context,
    guest: &Guest,
    text: &str,
) -> Result<Screen, BotError> {
    if !text.trim().is_empty() {
        return say(context, guest, letter_of(text)).await;
    }
    dialogue::ask(&context.shop, guest.chat(), Question::Support).await?;
    Ok(support::ask(&guest.look))
}

fn letter_of(text: &str) -> Letter {
    Letter {
        text: text.trim().to_owned(),
        picture: None,
    }
}

async fn say(context: &Context, guest: &Guest, letter: Letter) -> Result<Screen, BotError> {
    dialogue::no_question(&context.shop, guest.chat()).await?;
    context.shop.ask_support(guest.user.id, letter).await?;
    Ok(support::sent(&guest.look))
}

async fn answer(
    context: &Context,
    guest: &Guest,
    id: SupportId,
    letter: Letter,
) -> Result<Screen, BotError> {
    dialogue::no_question(&context.shop, guest.chat()).await?;
    let is_first = context
        .shop
        .answer_support(guest.user.id, id, letter)
        .await?;
    Ok(support::answered(&guest.look, is_first))
}

fn may_answer(context: &Context, guest: &Guest) -> bool {
    context.shop.role(guest.user.id) >= Some(Role::Support)
}

/// What a message means for support; `None` for one that means something else.
pub(super) async fn on_message(
    context: &Context,
    guest: &Guest,
    message: &Message,
) -> Result<Option<Screen>, BotError> {
    let picture = proof_in(message);
    let text = message.text().or(message.caption()).unwrap_or_default();
    if text.is_empty() && picture.is_none() {
        return Ok(None);
    }
    let letter = Letter {
        text: text.to_owned(),
        picture,
    };
    let shop = &context.shop;
    if let Some(replied) = message.reply_to_message()
        && may_answer(context, guest)
        && let Some(id) = shop.support_at(guest.user.id, replied.id.0).await?
    {
        return answer(context, guest, id, letter).await.map(Some);
    }
    match dialogue::question(shop, guest.chat()).await? {
        Some(Question::Support) => say(context, guest, letter).await.map(Some),
        Some(Question::SupportAnswer(id)) if may_answer(context, guest) => {
            answer(context, guest, id, letter).await.map(Some)
        }
        _ => Ok(None),
    }
}

/// The button under what a user wrote.
pub(super) async fn ask_answer(press: &Press, id: SupportId) -> Result<(), BotError> {
    let (context, guest) = (&press.context, &press.guest);
    let shop = &context.shop;
    let Some(view) = shop.support_message(id).await? else {
        press.show(menu::outdated(&guest.look));
        return Ok(());
    };
    let user = shop.user(view.user).await?;
    dialogue::ask(shop, guest.chat(), Question::SupportAnswer(id)).await?;
    press.below(support::ask_answer(&guest.look, &view, &user));
    Ok(())
}
