//! What a warning is about, below the warning.
//!
//! Invariant: a press only shows; what is to be decided has buttons of its own there.

use crate::admin::{backup, doubts, or_refusal, providers, recovery};
use crate::bot::callback::alerting::Alerting;
use crate::bot::error::BotError;
use crate::bot::handler::press::Press;
use crate::bot::keyboard::Screen;
use crate::bot::sender::Outcome;
use crate::bot::views::{alert, transfer};
use crate::shop::ShopError;
use crate::shop::request::RequestId;

/// A press of a button under a warning.
pub(crate) async fn on_press(press: &Press, what: Alerting) -> Result<(), BotError> {
    let (context, guest) = (&press.context, &press.guest);
    let screen = match what {
        Alerting::Providers => providers::on_command(context, guest, "").await,
        Alerting::Doubts => doubts::on_command(context, guest, "").await,
        Alerting::Recovery => recovery::on_command(context, guest, "").await,
        Alerting::Disk => Ok(alert::room(&guest.look, context.shop.free_bytes())),
        Alerting::BackUp => backup::on_command(context, guest).await,
        Alerting::Request { id } => match paper(press, id).await {
            Ok(Some(screen)) => Ok(screen),
            Ok(None) => return Ok(()),
            Err(error) => Err(error),
        },
    };
    press.below(or_refusal(guest, screen)?);
    Ok(())
}

/// Sends the paper of an open request, which changes when that ends; of another one it is given
/// back how it ended.
async fn paper(press: &Press, id: RequestId) -> Result<Option<Screen>, ShopError> {
    let (context, guest) = (&press.context, &press.guest);
    let (shop, look) = (&context.shop, &guest.look);
    let request = shop.request(id).await?;
    let user = shop.user(request.user).await?;
    if request.state.is_open() {
        let paper = transfer::paper(look, &request, &user);
        let sent = context.sender.reply(guest.chat(), paper).await;
        if let Ok(Outcome::Sent { message }) = sent {
            shop.note_paper(id, guest.user.id, message).await?;
        }
        return Ok(None);
    }
    let decided_by = match request.decided_by {
        Some(admin) => Some(shop.user(admin).await?),
        None => None,
    };
    let mut closed = transfer::closed(look, &request, &user, decided_by.as_ref());
    // It stands below no picture here.
    closed.attachment = None;
    Ok(Some(closed))
}
