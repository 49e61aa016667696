//! What admins say to money that users sent.
//!
//! Invariant: the first decision counts; whoever comes later is told whose it was. Another amount
//! is booked after a Confirm only.

use crate::bot::context::{Context, Guest};
use crate::bot::dialogue::{self, Question};
use crate::bot::error::BotError;
use crate::bot::handler::press::Press;
use crate::bot::handler::transfer::read_amount;
use crate::bot::html::plain;
use crate::bot::keyboard::Screen;
use crate::bot::views::transfer;
use crate::domain::role::Role;
use crate::shop::request::{Decision, RequestId};

/// A decision by a button.
pub(crate) async fn on_decision(
    press: &Press,
    id: RequestId,
    decision: Decision,
) -> Result<(), BotError> {
    let (shop, lang) = (&press.context.shop, press.guest.look.lang);
    let admin = press.guest.user.id;
    let is_first = shop.decide_request(admin, id, decision).await?;
    let toast = match (is_first, decision) {
        (false, _) => plain!(lang, "toast-request-ended"),
        (true, Decision::Reject) => plain!(lang, "toast-request-rejected"),
        (true, Decision::Approve | Decision::ApproveOther(_)) => {
            plain!(lang, "toast-request-approved")
        }
    };
    press.toast(&toast);
    if let Decision::ApproveOther(_) = decision {
        // This button stands under a message of its own; the paper itself changes by a notice.
        let request = shop.request(id).await?;
        let user = shop.user(request.user).await?;
        let decided_by = match request.decided_by {
            Some(admin) => Some(shop.user(admin).await?),
            None => None,
        };
        let look = &press.guest.look;
        let closed = transfer::closed(look, &request, &user, decided_by.as_ref());
        press.show(Screen::plain(closed.text));
    }
    Ok(())
}

/// Asks which amount came.
pub(crate) async fn on_other(press: &Press, id: RequestId) -> Result<(), BotError> {
    let (shop, guest) = (&press.context.shop, &press.guest);
    let request = shop.request(id).await?;
    if !request.state.is_open() {
        press.toast(&plain!(guest.look.lang, "toast-request-ended"));
        return Ok(());
    }
    press.ack();
    dialogue::ask(shop, guest.chat(), Question::PaperAmount(id)).await?;
    let user = shop.user(request.user).await?;
    press.below(transfer::which_amount(&guest.look, &request, &user));
    Ok(())
}

/// The answer; `None` where it is no amount, or none that is waited for.
pub(crate) async fn on_amount(
    context: &Context,
    guest: &Guest,
    id: RequestId,
    text: &str,
) -> Result<Option<Screen>, BotError> {
    dialogue::no_question(&context.shop, guest.chat()).await?;
    let amount = read_amount(text, guest.look.currency);
    let Some(amount) = amount.filter(|_| context.shop.role(guest.user.id) >= Some(Role::Admin))
    else {
        return Ok(None);
    };
    let request = context.shop.request(id).await?;
    let user = context.shop.user(request.user).await?;
    Ok(Some(transfer::other_amount(
        &guest.look,
        &request,
        &user,
        amount,
    )))
}
