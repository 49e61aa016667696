//! `/role`: who runs the shop. `/audit`: what they did.
//!
//! Invariant: only an owner gives and takes roles, after a Confirm.

use crate::admin::or_refusal;
use crate::bot::callback::Callback;
use crate::bot::callback::staff::StaffPress;
use crate::bot::command;
use crate::bot::context::{Context, Guest};
use crate::bot::error::BotError;
use crate::bot::handler::press::Press;
use crate::bot::html::{html, plain};
use crate::bot::keyboard::Screen;
use crate::bot::views::staff;
use crate::domain::id::{Nonce, UserId};
use crate::domain::role::Role;
use crate::shop::ShopError;

/// `/role [<user> support|admin|none]`.
pub(super) async fn on_role(
    context: &Context,
    guest: &Guest,
    arguments: &str,
) -> Result<Screen, ShopError> {
    let look = &guest.look;
    let words: Vec<&str> = arguments.split_whitespace().collect();
    let (target, role) = match words.as_slice() {
        [] => return list(context, guest).await,
        [target, "none"] => (target, None),
        [target, word] => match Role::given(word) {
            Some(role) => (target, Some(role)),
            None => return Ok(Screen::plain(html!(look.lang, "staff-usage"))),
        },
        [..] => return Ok(Screen::plain(html!(look.lang, "staff-usage"))),
    };
    let draft = context.shop.draft_role(guest.user.id, target, role).await?;
    Ok(staff::role_draft(look, &draft))
}

async fn list(context: &Context, guest: &Guest) -> Result<Screen, ShopError> {
    let mut members = Vec::new();
    for (id, role) in context.shop.staff() {
        let user = match context.shop.user(id).await {
            Ok(user) => Some(user),
            // An owner who has not written to the bot yet.
            Err(ShopError::UnknownUser) => None,
            Err(error) => return Err(error),
        };
        members.push((id, user, role));
    }
    Ok(staff::members(&guest.look, &members))
}

/// `/audit [<user>]`.
pub(super) async fn on_audit(
    context: &Context,
    guest: &Guest,
    arguments: &str,
) -> Result<Screen, ShopError> {
    let by = match arguments.trim() {
        "" => None,
        target => Some(context.shop.user_named(target).await?.id),
    };
    acts(context, guest, by, 0).await
}

async fn acts(
    context: &Context,
    guest: &Guest,
    by: Option<UserId>,
    page: usize,
) -> Result<Screen, ShopError> {
    let acts = context.shop.acts(by, page).await?;
    Ok(staff::acts(&guest.look, by, &acts))
}

/// A press of a button about the staff.
pub(crate) async fn on_press(press: &Press, what: StaffPress) -> Result<(), BotError> {
    match what {
        StaffPress::SetRole { nonce } => set_role(press, &nonce).await,
        StaffPress::Acts { by, page } => {
            let screen = acts(&press.context, &press.guest, by, page).await;
            press.show(or_refusal(&press.guest, screen)?);
            Ok(())
        }
    }
}

async fn set_role(press: &Press, nonce: &Nonce) -> Result<(), BotError> {
    let (context, guest) = (&press.context, &press.guest);
    let set = context.shop.set_role(guest.user.id, nonce).await;
    if let Ok((user, role, true)) = &set {
        command::list_for(context, user.id, *role);
    }
    if matches!(set, Ok((_, _, false))) {
        press.toast(&plain!(guest.look.lang, "toast-role-already"));
    }
    press.ack();
    let screen = set.map(|(user, role, _)| staff::role_set(&guest.look, &user, role));
    press.show(or_refusal(guest, screen)?);
    Ok(())
}

/// The button of a page of acts.
pub(crate) const fn page(by: Option<UserId>, page: usize) -> Callback {
    Callback::Staff(StaffPress::Acts { by, page })
}
