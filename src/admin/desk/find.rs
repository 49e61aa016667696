//! `/find`: the orders that had a number.
//!
//! Invariant: the answer names orders, never the number that was asked for.

use super::button;
use crate::bot::callback::desk::DeskPress;
use crate::bot::context::{Context, Guest};
use crate::bot::html::html;
use crate::bot::keyboard::Screen;
use crate::bot::views::order::list_label;
use crate::shop::ShopError;

/// The command.
pub(in crate::admin) async fn on_command(
    context: &Context,
    guest: &Guest,
    arguments: &str,
) -> Result<Screen, ShopError> {
    let look = &guest.look;
    let found = context.shop.find_number(guest.user.id, arguments).await?;
    let Some(orders) = found else {
        return Ok(Screen::plain(html!(look.lang, "find-usage")));
    };
    if orders.is_empty() {
        return Ok(Screen::plain(html!(look.lang, "find-nothing")));
    }
    let rows = orders.iter().map(|order| {
        let label = format!("{} · {}", order.id, list_label(look, order));
        (label, button(DeskPress::Order { id: order.id }))
    });
    Ok(look.keyboard().columns(1, rows.collect()).under(html!(
        look.lang,
        "find-orders",
        count = orders.len()
    )))
}
