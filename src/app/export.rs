//! `numshop export`: the books as a table in a file, also beside the running shop.
//!
//! Invariant: nothing is written to the database, and no file is written over.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use chrono::Utc;
use clap::Args;

use crate::app::source;
use crate::config::{self, shop};
use crate::domain::days::Days;
use crate::shop::export::{OneFile, Table, Wanted, export};
use crate::store::Store;
use crate::store::sealed::keyfile::DataKey;

/// What is exported, and where to.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// `orders`, `transfers` or `users`.
    table: String,
    /// The days, like `30d` or `2026-01-01..2026-01-31` (of all, if left out), and then the file.
    #[arg(required = true, num_args = 1..=2, value_name = "[RANGE] FILE")]
    rest: Vec<PathBuf>,
}

/// Writes the table.
///
/// # Errors
/// A sentence about what is wrong; a file that was begun is removed.
pub async fn run(env_file: &Path, options: &Options, say: &dyn Fn(&str)) -> anyhow::Result<bool> {
    let table = Table::from_word(&options.table)
        .ok_or_else(|| anyhow!("`{}` is none of orders, transfers and users", options.table))?;
    let (range, path) = match options.rest.as_slice() {
        [path] => (None, path),
        [range, path] => (Some(range), path),
        _ => return Err(anyhow!("name a file")),
    };
    let days = range.map(|range| {
        let text = range.to_string_lossy();
        let read = Days::read(&text, Utc::now().date_naive());
        read.ok_or_else(|| anyhow!("`{text}` is no range like 30d or 2026-01-01..2026-01-31"))
    });
    let source = source(env_file)?;
    let wanted = Wanted {
        table,
        days: days.transpose()?,
        currency: shop::wallet_currency(&source)?,
    };
    let store = Store::inspect(&config::database_url(&source), &DataKey::Without).await?;
    // It names people: it is the operator's alone.
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    let file = file.with_context(|| format!("{} cannot be made", path.display()))?;
    let written = export(&store, wanted, &mut OneFile::new(file)).await;
    store.close().await;
    match written {
        Ok(rows) => {
            say(&format!("{rows} rows in {}.", path.display()));
            Ok(true)
        }
        Err(error) => {
            remove(path).with_context(|| format!("{} is not whole", path.display()))?;
            Err(error.into())
        }
    }
}

fn remove(path: &Path) -> io::Result<()> {
    std::fs::remove_file(path)
}
