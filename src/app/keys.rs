//! The commands that have to do with keys.
//!
//! Invariant: no key is shown but where there is no file to write it into, and none is lost: old
//! ones stay behind the new one until nothing needs them.

use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;

use crate::app::source;
use crate::config::data_key::KeyPlace;
use crate::config::{self, data_key};
use crate::store::Store;
use crate::store::rekey;
use crate::store::sealed::keyfile::DataKey;
use crate::store::sealed::{keyfile, new_key};

impl From<KeyPlace> for DataKey {
    fn from(place: KeyPlace) -> Self {
        match place {
            KeyPlace::Here(keys) => Self::Given(keys),
            KeyPlace::File(path) => Self::File(path),
            KeyPlace::Beside => Self::Beside(PathBuf::from(".")),
        }
    }
}

/// `numshop newkey`: writes a new key in front of the others, or shows one for `DATA_KEY`.
///
/// # Errors
/// A sentence for the operator.
pub fn newkey(env_file: &Path, say: &dyn Fn(&str)) -> anyhow::Result<bool> {
    let source = source(env_file)?;
    let key = DataKey::from(data_key::from_source(&source)?);
    let place = key.file(&config::database_url(&source));
    let Some(path) = place else {
        say(new_key().expose_secret());
        say(
            "Put it in front of the others in DATA_KEY, with a comma after it. Then restart numshop and run `numshop rekey`.",
        );
        return Ok(true);
    };
    let keys = keyfile::add(&path)?;
    let count = keys.ids().count();
    let path = path.display();
    if count == 1 {
        say(&format!(
            "The key is in {path}. Back it up apart from the database."
        ));
    } else {
        say(&format!(
            "The new key is in the first line of {path}; back it up. Restart numshop, then run `numshop rekey`: it says when the old ones are no longer needed."
        ));
    }
    Ok(true)
}

/// `numshop newkey --lost`: erases what no key opens any more. The next start makes a key.
///
/// # Errors
/// A sentence for the operator.
pub async fn lost(env_file: &Path, say: &dyn Fn(&str)) -> anyhow::Result<bool> {
    let url = config::database_url(&source(env_file)?);
    let store = Store::open(&url, &DataKey::Without).await?;
    let forgotten = rekey::forget_all(&store, &url, chrono::Utc::now()).await;
    store.close().await;
    let orders = forgotten?;
    say(&format!(
        "What was sealed in {orders} orders is erased; their amounts, states and times are there. The next start takes the key that it finds, or makes one: back it up."
    ));
    Ok(true)
}

/// `numshop rekey`: seals everything with the newest key.
///
/// # Errors
/// A sentence for the operator.
pub async fn rekey(env_file: &Path, say: &dyn Fn(&str)) -> anyhow::Result<bool> {
    let source = source(env_file)?;
    let url = config::database_url(&source);
    let key = DataKey::from(data_key::from_source(&source)?);
    let store = Store::open(&url, &key).await?;
    let done = rekey::everything(&store).await;
    let retired = match &done {
        Ok(_) => rekey::retire(&store, &url).await?,
        Err(_) => false,
    };
    store.close().await;
    say(&format!("{} rows were sealed with the newest key.", done?));
    say(if retired {
        "Older keys are no longer needed, but for backups that were made before."
    } else {
        "The running numshop lets go of the older keys within the hour; take them out after that. Unused parts of a SQLite file are cleaned when this is run while the shop is down."
    });
    Ok(true)
}
