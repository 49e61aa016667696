//! The keys that seal what is personal.
//!
//! Invariant: there are keys, or the first start makes one; a key never stands in an error.

use std::path::PathBuf;

use crate::config::{ConfigError, Source, unreadable};
use crate::store::sealed::Keys;
use crate::store::sealed::keyfile::DataKey;

/// The settings of the keys; a file beside the database where they say nothing.
///
/// # Errors
/// [`ConfigError`].
pub fn from_source(source: &Source) -> Result<DataKey, ConfigError> {
    match (source.get("DATA_KEY"), source.get("DATA_KEY_FILE")) {
        (Some(_), Some(_)) => Err(unreadable(
            "DATA_KEY",
            "DATA_KEY_FILE is set, too; one of them must go",
        )),
        (Some(keys), None) => {
            let keys = keys.into();
            Keys::parse(&keys).map_err(|error| unreadable("DATA_KEY", &error.to_string()))?;
            Ok(DataKey::Given(keys))
        }
        (None, Some(path)) => Ok(DataKey::File(PathBuf::from(path))),
        (None, None) => Ok(DataKey::Beside(PathBuf::from("."))),
    }
}
