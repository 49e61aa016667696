//! The keys of a database that is being opened.
//!
//! Invariant: a database whose keys are not all there is left as it is, and no key seals anything
//! that a process which serves meanwhile could not read.

use sea_orm::DatabaseConnection;

use crate::store::lease::Lock;
use crate::store::open::{Access, OpenError};
use crate::store::sealed::Keys;
use crate::store::sealed::keyfile::{DataKey, KeyError};
use crate::store::sealed::known::{self, Known};

/// The keys of a database, and what it knows of them. Nothing was written to it before.
pub(super) async fn read(
    connection: &DatabaseConnection,
    url: &str,
    key: &DataKey,
    access: Access,
) -> Result<(Keys, Known), OpenError> {
    let known = Known::of(connection).await;
    let keys = key.load(url, known.is_sealed(), access == Access::Write)?;
    if !matches!(key, DataKey::Without) {
        known.check(&keys)?;
    }
    Ok((keys, known))
}

/// Makes a new key known, unless a process serves the database that would meet its values without
/// knowing it.
pub(super) async fn introduce(
    writer: &DatabaseConnection,
    url: &str,
    keys: &Keys,
    known: &Known,
) -> Result<(), OpenError> {
    if known.has_current(keys) {
        return Ok(());
    }
    // Whoever serves it made a key of its own known first.
    if !known.is_sealed() {
        return register(writer, keys).await;
    }
    let lock = match Lock::take(url).await {
        Err(OpenError::Served { .. }) => {
            let id = keys.ids().next().unwrap_or_default().to_owned();
            return Err(KeyError::Unheard { id }.into());
        }
        taken => taken?,
    };
    register(writer, keys).await?;
    lock.give_back().await;
    Ok(())
}

pub(super) async fn register(writer: &DatabaseConnection, keys: &Keys) -> Result<(), OpenError> {
    let done = known::register(writer, keys).await;
    done.map_err(|error| OpenError::Unreachable(error.to_string()))
}
