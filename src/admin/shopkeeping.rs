//! `/services`, `/announce` and `/maintenance`.
//!
//! Invariant: an announcement is seen by its admin before anybody else; what a button makes true
//! stands on it, so that two admins who press it do no more than one.

mod views;

use super::or_refusal;
use crate::bot::callback::shopkeeping::Shopkeeping;
use crate::bot::context::{Context, Guest};
use crate::bot::dialogue::{self, Question};
use crate::bot::error::BotError;
use crate::bot::handler::press::Press;
use crate::bot::html::{html, plain};
use crate::bot::keyboard::Screen;
use crate::domain::role::Role;
use crate::shop::ShopError;
use crate::shop::browse::ServiceId;
use crate::shop::faces::FaceChange;

/// Services on one page.
const SERVICES_PER_PAGE: usize = 12;

/// `/services [name]`.
pub(super) async fn on_services(
    context: &Context,
    guest: &Guest,
    arguments: &str,
) -> Result<Screen, ShopError> {
    let text = Some(arguments.trim()).filter(|text| !text.is_empty());
    services(context, guest, text, 0).await
}

/// What was decided about services, or those that a text finds; what is typed next is looked for.
async fn services(
    context: &Context,
    guest: &Guest,
    text: Option<&str>,
    page: usize,
) -> Result<Screen, ShopError> {
    let shop = &context.shop;
    let found = shop.faces(text, page, SERVICES_PER_PAGE).await?;
    dialogue::ask(shop, guest.chat(), Question::FindService).await?;
    Ok(views::services(&guest.look, text, &found))
}

/// `/announce [text|off]`.
pub(super) async fn on_announce(
    context: &Context,
    guest: &Guest,
    arguments: &str,
) -> Result<Screen, ShopError> {
    let (shop, look, admin) = (&context.shop, &guest.look, guest.user.id);
    let text = arguments.trim();
    if text == "off" {
        shop.end_announcement(admin).await?;
        return Ok(views::announcement(look, &shop.front()));
    }
    match shop.draft_announcement(admin, text).await? {
        Some(draft) => Ok(views::announcement_draft(look, &draft)),
        None => Ok(views::announcement(look, &shop.front())),
    }
}

/// `/maintenance [on|off] [text]`.
pub(super) async fn on_maintenance(
    context: &Context,
    guest: &Guest,
    arguments: &str,
) -> Result<Screen, ShopError> {
    let (shop, look, admin) = (&context.shop, &guest.look, guest.user.id);
    let arguments = arguments.trim();
    let (word, text) = arguments
        .split_once(char::is_whitespace)
        .unwrap_or((arguments, ""));
    match (word, text.trim()) {
        ("", _) => {}
        ("on", why) => {
            shop.close_shop(admin, why).await?;
        }
        ("off", "") => {
            shop.open_shop(admin).await?;
        }
        (word, _) => {
            let text = html!(look.lang, "maintenance-unreadable", word = word);
            return Ok(views::maintenance_under(look, &shop.front(), Some(text)));
        }
    }
    Ok(views::maintenance_under(look, &shop.front(), None))
}

/// A press of one of these buttons.
pub(crate) async fn on_press(press: &Press, what: Shopkeeping) -> Result<(), BotError> {
    let guest = &press.guest;
    dialogue::no_question(&press.context.shop, guest.chat()).await?;
    let screen = act(press, what).await;
    press.ack();
    press.show(or_refusal(guest, screen)?);
    Ok(())
}

async fn act(press: &Press, what: Shopkeeping) -> Result<Screen, ShopError> {
    let (context, guest) = (&*press.context, &press.guest);
    let (shop, look, admin) = (&context.shop, &guest.look, guest.user.id);
    match what {
        Shopkeeping::Services { page } => services(context, guest, None, page).await,
        Shopkeeping::Service { id } => Ok(views::service(look, &shop.face(id).await?)),
        Shopkeeping::Hide { id, on } => change(press, id, FaceChange::Hide(on)).await,
        Shopkeeping::Pin { id, on } => change(press, id, FaceChange::Pin(on)).await,
        Shopkeeping::OwnName { id } => change(press, id, FaceChange::Rename(None)).await,
        Shopkeeping::Rename { id } => {
            let face = shop.face(id).await?;
            dialogue::ask(shop, guest.chat(), Question::ServiceName(id)).await?;
            Ok(views::ask_name(look, &face))
        }
        Shopkeeping::Announce { nonce } => {
            let is_new = shop.announce(admin, &nonce).await?;
            tell(press, is_new);
            Ok(views::announcement(look, &shop.front()))
        }
        Shopkeeping::EndAnnouncement => {
            let is_new = shop.end_announcement(admin).await?;
            tell(press, is_new);
            Ok(views::announcement(look, &shop.front()))
        }
        Shopkeeping::Maintenance { on } => {
            let is_new = match (on, &shop.front().closed) {
                // Another admin closed it and said why.
                (true, Some(_)) => false,
                (true, None) => shop.close_shop(admin, "").await?,
                (false, _) => shop.open_shop(admin).await?,
            };
            tell(press, is_new);
            Ok(views::maintenance_under(look, &shop.front(), None))
        }
    }
}

async fn change(press: &Press, id: ServiceId, change: FaceChange) -> Result<Screen, ShopError> {
    let (shop, guest) = (&press.context.shop, &press.guest);
    let is_new = shop.change_face(guest.user.id, id, change).await?;
    tell(press, is_new);
    Ok(views::service(&guest.look, &shop.face(id).await?))
}

/// A toast that says whether this tap changed anything.
fn tell(press: &Press, is_new: bool) {
    let lang = press.guest.look.lang;
    press.toast(&if is_new {
        plain!(lang, "toast-shopkeeping-done")
    } else {
        plain!(lang, "toast-shopkeeping-already")
    });
}

/// A typed name: that of a service that is looked for, or a new one; `None` from a stranger.
pub(crate) async fn on_answer(
    context: &Context,
    guest: &Guest,
    renamed: Option<ServiceId>,
    text: &str,
) -> Result<Option<Screen>, BotError> {
    let shop = &context.shop;
    if shop.role(guest.user.id) < Some(Role::Admin) {
        return Ok(None);
    }
    let screen = match renamed {
        None => services(context, guest, Some(text.trim()), 0).await,
        Some(id) => rename(context, guest, id, text).await,
    };
    or_refusal(guest, screen).map(Some)
}

async fn rename(
    context: &Context,
    guest: &Guest,
    id: ServiceId,
    text: &str,
) -> Result<Screen, ShopError> {
    let shop = &context.shop;
    dialogue::no_question(shop, guest.chat()).await?;
    let change = FaceChange::Rename(Some(text.to_owned()));
    shop.change_face(guest.user.id, id, change).await?;
    Ok(views::service(&guest.look, &shop.face(id).await?))
}
