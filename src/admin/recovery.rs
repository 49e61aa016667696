//! `/recovery`: why nothing is sold after a backup was put back, and the way out.
//!
//! Invariant: only the word `done` ends it.

use crate::bot::context::{Context, Guest};
use crate::bot::html::html;
use crate::bot::keyboard::Screen;
use crate::bot::views::alert;
use crate::shop::ShopError;

/// The command.
pub(super) async fn on_command(
    context: &Context,
    guest: &Guest,
    arguments: &str,
) -> Result<Screen, ShopError> {
    let look = &guest.look;
    if arguments.trim() == "done" {
        let ended = context.shop.end_recovery(guest.user.id).await?;
        let text = if ended {
            html!(look.lang, "recovery-done")
        } else {
            html!(look.lang, "recovery-none")
        };
        return Ok(Screen::plain(text));
    }
    let Some(board) = context.shop.recovery_board().await? else {
        return Ok(Screen::plain(html!(look.lang, "recovery-none")));
    };
    let text = alert::restored_text(look, board.older, board.upstream).paragraph(html!(
        look.lang,
        "recovery-open",
        count = board.open
    ));
    Ok(Screen::plain(text))
}
