//! `/export`: the books as tables in files.
//!
//! Invariant: a file is sent to the chat of the admin who asked, and nowhere else; the answer
//! comes at once, the files when they are ready.

use std::sync::Arc;

use crate::bot::context::{Context, Guest};
use crate::bot::html::{cut, html};
use crate::bot::keyboard::{Document, Screen};
use crate::shop::ShopError;
use crate::shop::export::{ExportError, Parts, Table};

/// Telegram takes 50 MB from a bot; a page of rows more must still fit.
const MOST_BYTES: usize = 45_000_000;
/// Nobody opens more files.
const MOST_PARTS: usize = 10;

/// The command.
pub(in crate::admin) fn on_command(
    context: &Arc<Context>,
    guest: &Guest,
    arguments: &str,
) -> Result<Screen, ShopError> {
    let lang = guest.look.lang;
    let mut words = arguments.split_whitespace();
    let Some(table) = words.next().and_then(Table::from_word) else {
        return Ok(Screen::plain(html!(lang, "export-usage")));
    };
    let named = words.next();
    let days = named.map(|named| context.shop.days_named(named));
    if let Some(None) = days {
        let word = cut(named.unwrap_or_default(), 64);
        let text = html!(lang, "stats-unreadable", word = word.as_ref());
        return Ok(Screen::plain(text));
    }
    let (context, guest) = (Arc::clone(context), guest.clone());
    tokio::spawn(async move {
        let days = days.flatten();
        let mut parts = Parts::new(MOST_BYTES, MOST_PARTS);
        let admin = guest.user.id;
        let written = context.shop.export(admin, table, days, &mut parts).await;
        for screen in ready(&guest, table, written, parts) {
            drop(context.sender.reply(guest.chat(), screen));
        }
    });
    Ok(Screen::plain(html!(lang, "export-begun")))
}

fn ready(
    guest: &Guest,
    table: Table,
    written: Result<u64, ExportError>,
    parts: Parts,
) -> Vec<Screen> {
    let lang = guest.look.lang;
    let rows = match written {
        Ok(rows) => rows,
        Err(ExportError::TooMuch) => return vec![Screen::plain(html!(lang, "export-too-much"))],
        Err(error) => {
            log::error!("an export ended: {error}");
            return vec![Screen::plain(html!(lang, "export-failed"))];
        }
    };
    let today = guest.look.now.format("%Y-%m-%d");
    let files = parts.into_files();
    let count = files.len();
    let screens = files.into_iter().zip(1_usize..);
    screens
        .map(|((file, bytes), number)| {
            let part = if count > 1 {
                format!("-{number}")
            } else {
                String::new()
            };
            let document = Document {
                name: format!("numshop-{}-{today}{part}.csv", table.as_str()),
                bytes,
                file: Arc::new(file),
            };
            let caption = html!(
                lang,
                "export-ready",
                rows = rows,
                part = number,
                parts = count
            );
            Screen::plain(caption).with_document(document)
        })
        .collect()
}
