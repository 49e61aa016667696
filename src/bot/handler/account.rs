//! A user's own data: handing it over, and deleting it.
//!
//! Invariant: deleting is asked twice; the shop decides whether it is possible at that moment.

use std::sync::Arc;

use crate::bot::callback::trust::TrustPress;
use crate::bot::context::{Context, Guest};
use crate::bot::error::BotError;
use crate::bot::handler::press::Press;
use crate::bot::keyboard::{Document, Screen};
use crate::bot::views::account;

/// `/mydata`: everything that is kept, as a file.
pub(super) async fn my_data(context: &Context, guest: &Guest) -> Result<Screen, BotError> {
    let data = context.shop.my_data(guest.user.id).await?;
    let document = Document {
        name: format!("my-data-{}.json", guest.look.now.format("%Y-%m-%d")),
        bytes: usize::try_from(data.bytes).unwrap_or(usize::MAX),
        file: Arc::new(data.file),
    };
    Ok(account::my_data(&guest.look, document))
}

/// `/deleteme`: what it means, and what stands in the way.
pub(super) async fn farewell(context: &Context, guest: &Guest) -> Result<Screen, BotError> {
    let farewell = context.shop.farewell(guest.user.id).await?;
    Ok(account::farewell(&guest.look, &farewell))
}

/// A press on the way to the end.
pub(super) async fn on_press(press: &Press, asked: &TrustPress) -> Result<(), BotError> {
    let (shop, guest) = (&press.context.shop, &press.guest);
    let (user, look) = (guest.user.id, &guest.look);
    let screen = if let TrustPress::EraseNow { given_up } = asked {
        match shop.erase(user, *given_up).await? {
            None => account::erased(look),
            Some(farewell) => account::farewell(look, &farewell),
        }
    } else {
        let farewell = shop.farewell(user).await?;
        if farewell.is_possible() {
            account::sure(look, &farewell)
        } else {
            account::farewell(look, &farewell)
        }
    };
    press.show(screen);
    Ok(())
}
