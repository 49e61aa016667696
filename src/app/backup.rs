//! `numshop backup` and `numshop restore`.
//!
//! Invariant: a backup may be made beside the running shop; nothing is put back while one runs.

use std::path::Path;

use anyhow::anyhow;

use crate::app::{rehearsal, source};
use crate::config;
use crate::store::Store;
use crate::store::backup;
use crate::store::sealed::keyfile::DataKey;

/// `numshop backup FILE`: copies the database to a file that does not exist yet.
///
/// # Errors
/// A sentence for the operator; no file is left then.
pub async fn back_up(env_file: &Path, to: &Path, say: &dyn Fn(&str)) -> anyhow::Result<bool> {
    let url = config::database_url(&source(env_file)?);
    let store = Store::inspect(&url, &DataKey::Without).await?;
    let made = store.back_up(to).await;
    store.close().await;
    let made = made?;
    say(&format!(
        "The database was backed up to {}: {} bytes, read through and found whole.",
        made.path.display(),
        made.bytes
    ));
    for difference in &made.differences {
        say(&format!("{}: {}", difference.invariant, difference.detail));
    }
    if !made.differences.is_empty() {
        say("The books have differences, in the backup as in the original; see `numshop audit`.");
    }
    Ok(made.differences.is_empty())
}

/// `numshop restore FILE`: puts a backup in the place of the database.
///
/// # Errors
/// A sentence for the operator; the database is as it was then.
pub async fn restore(
    env_file: &Path,
    from: &Path,
    anyway: bool,
    say: &dyn Fn(&str),
) -> anyhow::Result<bool> {
    let url = config::database_url(&source(env_file)?);
    let now = rehearsal::clock().now();
    let restored = backup::restore(&url, from, anyway, now).await;
    let restored = restored.map_err(|error| anyhow!("{error}"))?;
    say(&format!("{} is the database now.", from.display()));
    if let Some(former) = &restored.former {
        say(&format!(
            "What was there before stands at {}.",
            former.display()
        ));
    }
    for difference in &restored.differences {
        say(&format!("{}: {}", difference.invariant, difference.detail));
    }
    say(
        "At the next start nothing is sold until an admin sends /recovery done to the bot: what happened after the backup was made is unknown to it. Compare with the upstreams' own order lists, and put the wallets right first.",
    );
    Ok(true)
}
