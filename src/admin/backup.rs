//! `/backup`: a copy of the database, now.
//!
//! Invariant: the copy stays on the machine: a chat is no place for everybody's data.

use crate::bot::context::{Context, Guest};
use crate::bot::html::Html;
use crate::bot::html::html;
use crate::bot::keyboard::Screen;
use crate::shop::ShopError;
use crate::shop::backup::BackupOutcome;

/// `/backup`.
pub(super) async fn on_command(context: &Context, guest: &Guest) -> Result<Screen, ShopError> {
    let lang = guest.look.lang;
    let text = match context.shop.back_up_for(guest.user.id).await? {
        BackupOutcome::Made {
            path,
            bytes,
            differences,
        } => {
            let text = html!(
                lang,
                "backup-made",
                path = Html::code(&path),
                size = lang.size(bytes)
            );
            match differences {
                0 => text,
                count => text.paragraph(html!(lang, "backup-differences", count = count)),
            }
        }
        BackupOutcome::Off => html!(lang, "backup-off"),
        BackupOutcome::Server => html!(lang, "backup-server"),
        BackupOutcome::Failed(reason) => html!(lang, "backup-failed", reason = reason),
    };
    Ok(Screen::plain(text))
}
