//! The admins' desk: what the shop earned, who its users are, and the story of each order.
//!
//! Invariant: a typed answer asks again for a role, as every press does; what changes anything
//! takes effect after a Confirm or is undone by the same button, and is noted in the log of acts.

pub(super) mod chart;
pub(super) mod export;
pub(super) mod find;
pub(super) mod order;
pub(super) mod stats;
pub(super) mod user;

use crate::bot::callback::Callback;
use crate::bot::callback::desk::DeskPress;
use crate::bot::context::{Context, Guest};
use crate::bot::dialogue::{self, DeskQuestion, Question};
use crate::bot::error::BotError;
use crate::bot::handler::press::Press;
use crate::bot::keyboard::Screen;

/// A press of one of the desk's buttons.
pub(crate) async fn on_press(press: &Press, desk: DeskPress) -> Result<(), BotError> {
    let (context, guest) = (&*press.context, &press.guest);
    let screen = match desk {
        DeskPress::Stats { days } => stats::board(context, guest, days).await?,
        DeskPress::Chart { days } => {
            let days = context.shop.lately(days);
            press.below(stats::picture(context, guest, days).await?);
            return Ok(());
        }
        DeskPress::User { id } => user::card(context, guest, id).await?,
        DeskPress::Orders { id, page } => user::orders(context, guest, id, page).await?,
        DeskPress::Moves { id, page } => user::moves(context, guest, id, page).await?,
        DeskPress::Ban { id, is_on } => user::ban(press, id, is_on).await?,
        DeskPress::Note { id } => ask(context, guest, DeskQuestion::Note(id)).await?,
        DeskPress::Write { id } => ask(context, guest, DeskQuestion::Write(id)).await?,
        DeskPress::Send { nonce } => user::send(press, &nonce).await?,
        DeskPress::Order { id } => order::story(context, guest, id).await?,
        DeskPress::Number { id } => order::with_number(context, guest, id).await?,
        DeskPress::Refund { id } => ask(context, guest, DeskQuestion::Refund(id)).await?,
        DeskPress::GiveBack { nonce } => order::give_back(press, &nonce).await?,
    };
    press.show(screen);
    Ok(())
}

async fn ask(context: &Context, guest: &Guest, question: DeskQuestion) -> Result<Screen, BotError> {
    let screen = match question {
        DeskQuestion::Refund(id) => order::why(context, guest, id).await?,
        DeskQuestion::Note(id) => user::which_note(context, guest, id).await?,
        DeskQuestion::Write(id) => user::which_words(context, guest, id).await?,
    };
    dialogue::ask(&context.shop, guest.chat(), Question::Desk(question)).await?;
    Ok(screen)
}

/// The answer to a question of the desk; `None` where nobody may answer it.
pub(crate) async fn on_answer(
    context: &Context,
    guest: &Guest,
    question: DeskQuestion,
    text: &str,
) -> Result<Option<Screen>, BotError> {
    dialogue::no_question(&context.shop, guest.chat()).await?;
    if context.shop.role(guest.user.id).is_none() {
        return Ok(None);
    }
    let screen = match question {
        DeskQuestion::Refund(id) => order::draft(context, guest, id, None, text).await?,
        DeskQuestion::Note(id) => user::note(context, guest, id, text).await?,
        DeskQuestion::Write(id) => user::draft(context, guest, id, text).await?,
    };
    Ok(Some(screen))
}

/// The desk's button as any other.
const fn button(desk: DeskPress) -> Callback {
    Callback::Desk(desk)
}
