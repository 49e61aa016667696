//! Where the keys of a database come from.
//!
//! Invariant: a file of keys is readable by its owner alone, or it is refused; one is made only
//! for a database that was never sealed, and none is ever written over.

use std::fs::{DirBuilder, File, Permissions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use crate::store::sealed::{Keys, SealError, new_key};
use crate::store::witness::beside;

/// Who may do what with a file of keys.
const MODE: u32 = 0o600;

/// Why there are no keys to serve a database with. Nothing was written to it.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// What `DATA_KEY` holds.
    #[error("DATA_KEY cannot be used: {0}")]
    Setting(SealError),
    /// What the file holds.
    #[error("the file of keys {path} cannot be used: {reason}")]
    File {
        /// Which file.
        path: String,
        /// Why.
        reason: String,
    },
    /// Others can read the file.
    #[error("others may read the file of keys {path}: make it yours alone with `chmod 600 {path}`")]
    Open {
        /// Which file.
        path: String,
    },
    /// The file is not there, and the database was sealed with a key.
    #[error(
        "the file of keys {path} is not there, and without it the numbers and texts in this database cannot be read: put it back from your backup"
    )]
    Gone {
        /// Which file.
        path: String,
    },
    /// `DATA_KEY_FILE` names nothing.
    #[error("DATA_KEY_FILE names {path}, which is not there: make it with `numshop newkey`")]
    Missing {
        /// Which file.
        path: String,
    },
    /// A key that the database needs is not among those that were given.
    #[error(
        "this database holds what was sealed with the key {id}, which is none of the keys that were given: nothing was read or written. Put that key back, after the newest one"
    )]
    Wrong {
        /// The key's name.
        id: String,
    },
    /// A key of the right name that does not open what it should.
    #[error("the key {id} does not open this database: nothing was read or written")]
    Forged {
        /// The key's name.
        id: String,
    },
    /// A process that serves the database would not know the key.
    #[error(
        "the key {id} is new, and the numshop that serves this database does not know it yet: restart that one first"
    )]
    Unheard {
        /// The key's name.
        id: String,
    },
}

/// What the settings say of the keys.
#[derive(Clone, Debug)]
pub enum DataKey {
    /// The keys themselves.
    Given(SecretString),
    /// The file that holds them.
    File(PathBuf),
    /// A file beside the database, made at the first start; in this folder for a database on a
    /// server.
    Beside(PathBuf),
    /// None: what is sealed stays so.
    Without,
}

impl DataKey {
    /// The file that holds the keys of the database at `url`, if a file does.
    #[must_use]
    pub fn file(&self, url: &str) -> Option<PathBuf> {
        match self {
            Self::Given(_) | Self::Without => None,
            Self::File(path) => Some(path.clone()),
            Self::Beside(folder) => beside(url, Some(folder), "-key"),
        }
    }

    /// The keys of the database at `url`. A database that was never sealed gets one where
    /// `may_make` says so.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn load(&self, url: &str, is_sealed: bool, may_make: bool) -> Result<Keys, KeyError> {
        let path = match self {
            Self::Given(text) => return Keys::parse(text).map_err(KeyError::Setting),
            Self::Without => return Ok(Keys::none()),
            Self::File(_) | Self::Beside(_) => self.file(url),
        };
        let Some(path) = path else {
            return Ok(Keys::none());
        };
        if path.exists() {
            return read(&path);
        }
        let shown = path.display().to_string();
        match self {
            Self::Beside(_) if !is_sealed && may_make => {
                add(&path)?;
                log::warn!(
                    "the key of the database was made: {shown}. Back it up apart from the database; without it numbers and texts are lost"
                );
                read(&path)
            }
            Self::Beside(_) if !is_sealed => Ok(Keys::none()),
            Self::Beside(_) => Err(KeyError::Gone { path: shown }),
            Self::File(_) | Self::Given(_) | Self::Without => {
                Err(KeyError::Missing { path: shown })
            }
        }
    }
}

/// Reads a file of keys: one a line, the newest first.
///
/// # Errors
/// [`KeyError`].
pub fn read(path: &Path) -> Result<Keys, KeyError> {
    let shown = path.display().to_string();
    let unread = |reason: String| KeyError::File {
        path: shown.clone(),
        reason,
    };
    let found = std::fs::metadata(path).map_err(|error| unread(error.kind().to_string()))?;
    if found.permissions().mode() & 0o077 != 0 {
        return Err(KeyError::Open { path: shown });
    }
    let text = std::fs::read_to_string(path).map_err(|error| unread(error.kind().to_string()))?;
    Keys::parse(&text.into()).map_err(|error| unread(error.to_string()))
}

/// Writes a new key into the first line of a file, which is made where there is none. The old
/// content stays whole until the new one is on disk.
///
/// # Errors
/// [`KeyError`].
pub fn add(path: &Path) -> Result<Keys, KeyError> {
    let old = if path.exists() {
        read(path)?;
        std::fs::read_to_string(path).unwrap_or_default()
    } else {
        String::new()
    };
    let text: SecretString = format!("{}\n{old}", new_key().expose_secret()).into();
    replace(path, &text).map_err(|kind| KeyError::File {
        path: path.display().to_string(),
        reason: kind.to_string(),
    })?;
    read(path)
}

fn replace(path: &Path, text: &SecretString) -> Result<(), ErrorKind> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    let write = || {
        DirBuilder::new().recursive(true).create(folder)?;
        let mut name = path.as_os_str().to_owned();
        name.push("-new");
        let fresh = PathBuf::from(name);
        let mut file = File::options()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(MODE)
            .open(&fresh)?;
        file.set_permissions(Permissions::from_mode(MODE))?;
        file.write_all(text.expose_secret().as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&fresh, path)?;
        File::open(folder)?.sync_all()
    };
    write().map_err(|error: std::io::Error| error.kind())
}
