//! The keys that seal what is personal.
//!
//! Invariant: there are keys, or the first start makes one; a key never stands in an error.

use std::path::PathBuf;

use secrecy::SecretString;

use crate::config::{ConfigError, Source, unreadable};

/// Where the keys are.
#[derive(Clone, Debug)]
pub enum KeyPlace {
    /// In the settings themselves.
    Here(SecretString),
    /// In this file.
    File(PathBuf),
    /// In a file beside the database; in the working folder for a database on a server.
    Beside,
}

/// The settings of the keys; a file beside the database where they say nothing.
///
/// # Errors
/// [`ConfigError`].
pub fn from_source(source: &Source) -> Result<KeyPlace, ConfigError> {
    match (source.get("DATA_KEY"), source.get("DATA_KEY_FILE")) {
        (Some(_), Some(_)) => Err(unreadable(
            "DATA_KEY",
            "DATA_KEY_FILE is set, too; one of them must go",
        )),
        (Some(keys), None) => Ok(KeyPlace::Here(keys.into())),
        (None, Some(path)) => Ok(KeyPlace::File(PathBuf::from(path))),
        (None, None) => Ok(KeyPlace::Beside),
    }
}
