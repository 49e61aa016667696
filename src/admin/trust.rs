//! The admins' side of responsible use: freezes, and the limits of single users.
//!
//! Invariant: who may do what is asked before anything here runs; a command without arguments only
//! shows.

use crate::bot::callback::trust::TrustPress;
use crate::bot::context::{Context, Guest};
use crate::bot::error::BotError;
use crate::bot::handler::press::Press;
use crate::bot::html::{cut, html, plain};
use crate::bot::keyboard::Screen;
use crate::bot::views::{menu, trust};
use crate::domain::id::UserId;
use crate::domain::limits::Limit;
use crate::domain::role::Role;
use crate::shop::ShopError;
use crate::shop::freeze::Target;
use crate::shop::limits::LimitWish;

/// A reason is a sentence.
const LONGEST_REASON_UNITS: usize = 200;

/// `/freeze user|service|provider|all … [reason]`, or what is frozen.
pub(super) async fn freeze(
    context: &Context,
    guest: &Guest,
    arguments: &str,
) -> Result<Screen, ShopError> {
    let shop = &context.shop;
    if let Some((target, name, reason)) = named(context, arguments).await? {
        let reason = reason.map(|reason| cut(&reason, LONGEST_REASON_UNITS).into_owned());
        shop.freeze(guest.user.id, target, name, reason).await?;
    }
    Ok(trust::freezes(&guest.look, &shop.freezes()))
}

/// `/unfreeze user|service|provider|all …`, or what is frozen.
pub(super) async fn unfreeze(
    context: &Context,
    guest: &Guest,
    arguments: &str,
) -> Result<Screen, ShopError> {
    let shop = &context.shop;
    if let Some((target, _, _)) = named(context, arguments).await? {
        shop.unfreeze(guest.user.id, target).await?;
    }
    Ok(trust::freezes(&guest.look, &shop.freezes()))
}

async fn named(
    context: &Context,
    arguments: &str,
) -> Result<Option<(Target, String, Option<String>)>, ShopError> {
    let (what, rest) = first_word(arguments);
    match what {
        "user" | "service" | "provider" | "all" => {
            context.shop.freezable(what, rest).await.map(Some)
        }
        _ => Ok(None),
    }
}

fn first_word(text: &str) -> (&str, &str) {
    let text = text.trim();
    text.split_once(char::is_whitespace).unwrap_or((text, ""))
}

/// `/limits <user> [limit] [most|none|usual]`.
pub(super) async fn limits(
    context: &Context,
    guest: &Guest,
    arguments: &str,
) -> Result<Screen, ShopError> {
    let (target, rest) = first_word(arguments);
    if target.is_empty() {
        return Ok(Screen::plain(html!(guest.look.lang, "limits-usage")));
    }
    let user = context.shop.user_named(target).await?.id;
    let (limit, most) = first_word(rest);
    if !limit.is_empty() && context.shop.role(guest.user.id) < Some(Role::Admin) {
        return Ok(Screen::plain(html!(
            guest.look.lang,
            "refused-role-too-low"
        )));
    }
    let wish = match most.trim() {
        "none" => Some(LimitWish::None),
        "usual" => Some(LimitWish::AsEverybody),
        most => most.parse().ok().map(LimitWish::Most),
    };
    match (limit.is_empty(), Limit::from_word(limit), wish) {
        (true, _, _) => {}
        (false, Some(limit), Some(wish)) => {
            let shop = &context.shop;
            shop.set_limit(guest.user.id, user, limit, wish).await?;
        }
        (false, _, _) => return Ok(Screen::plain(html!(guest.look.lang, "limits-usage"))),
    }
    card(context, guest, user).await
}

/// A user's limits.
async fn card(context: &Context, guest: &Guest, user: UserId) -> Result<Screen, ShopError> {
    let view = context.shop.limits_of(user).await?;
    let facts = trust::Facts {
        is_frozen: is_frozen(context, user),
        may_change: context.shop.role(guest.user.id) >= Some(Role::Admin),
    };
    Ok(trust::limits(&guest.look, &view, facts))
}

fn is_frozen(context: &Context, user: UserId) -> bool {
    let target = Target::User(user);
    let freezes = context.shop.freezes();
    freezes.iter().any(|freeze| freeze.target == target)
}

/// A press of an admin's button.
pub(crate) async fn on_press(press: &Press, asked: TrustPress) -> Result<(), BotError> {
    let (context, guest) = (&*press.context, &press.guest);
    let (shop, lang, admin) = (&context.shop, guest.look.lang, guest.user.id);
    let screen = match asked {
        TrustPress::Limits { user } => card(context, guest, user).await?,
        TrustPress::Limit { user, limit } => {
            let view = shop.limits_of(user).await?;
            let screen = trust::limit(&guest.look, &view, limit);
            screen.unwrap_or_else(|| menu::outdated(&guest.look))
        }
        TrustPress::SetLimit { user, limit, wish } => {
            shop.set_limit(admin, user, limit, wish).await?;
            press.toast(&plain!(lang, "toast-limit-set"));
            card(context, guest, user).await?
        }
        TrustPress::FreezeUser { user } => {
            let name = shop.user(user).await?.first_name;
            shop.freeze(admin, Target::User(user), name, None).await?;
            press.toast(&plain!(lang, "toast-frozen"));
            card(context, guest, user).await?
        }
        TrustPress::Lift { target } => {
            let user = match target {
                Target::User(user) => Some(user),
                Target::Service(_) | Target::Provider(_) | Target::All => None,
            };
            shop.unfreeze(admin, target).await?;
            press.toast(&plain!(lang, "toast-lifted"));
            match user {
                Some(user) => card(context, guest, user).await?,
                None => trust::freezes(&guest.look, &shop.freezes()),
            }
        }
        // These are everybody's, or support's.
        TrustPress::Accept { .. }
        | TrustPress::Terms
        | TrustPress::Privacy
        | TrustPress::Support
        | TrustPress::EraseSure
        | TrustPress::EraseNow { .. }
        | TrustPress::Answer { .. } => return Ok(()),
    };
    press.show(screen);
    Ok(())
}
