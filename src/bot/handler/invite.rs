//! Inviting others.
//!
//! Invariant: a link is shown only where it brings what its text says.

use crate::bot::callback::inviting::Inviting;
use crate::bot::context::{Context, Guest};
use crate::bot::error::BotError;
use crate::bot::handler::press::Press;
use crate::bot::keyboard::Screen;
use crate::bot::link::Start;
use crate::bot::views::invite;

/// One's own link, and what it brought.
pub(super) async fn show(context: &Context, guest: &Guest) -> Result<Screen, BotError> {
    let look = &guest.look;
    let Some(invitation) = context.shop.invitation(guest.user.id).await? else {
        return Ok(invite::off(look));
    };
    let parameter = Start::Invite(invitation.code.clone()).encode();
    let link = format!("https://t.me/{}?start={parameter}", context.bot_name());
    Ok(invite::invitation(look, &invitation, &link))
}

/// A press of a button about inviting others.
pub(super) async fn on_press(press: &Press, what: Inviting) -> Result<(), BotError> {
    let screen = match what {
        Inviting::Show => show(&press.context, &press.guest).await?,
    };
    press.show(screen);
    Ok(())
}
