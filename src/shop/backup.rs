//! Copies of the database, on a schedule and when an owner asks for one.
//!
//! Invariant: when the last copy was made is read from the folder itself, so a restart neither
//! skips one nor makes one too many; an older copy goes only after a newer one is whole.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;

use crate::domain::act::Act;
use crate::domain::id::UserId;
use crate::shop::alerts::{AlertKind, Trouble};
use crate::shop::settle::Cause;
use crate::shop::{Shop, ShopError};
use crate::store::acts::{self, NewAct};
use crate::store::backup::{self, BackupError, Made};
use crate::store::{StoreError, work};

/// Where copies go, how often, and how many are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupTerms {
    /// The folder.
    pub folder: PathBuf,
    /// Between two copies.
    pub every: TimeDelta,
    /// How many are kept.
    pub keep: usize,
}

/// A copy that an owner asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackupOutcome {
    /// It is made.
    Made {
        /// Where it is.
        path: String,
        /// How large it is.
        bytes: u64,
        /// How many differences its books have, as ours have them.
        differences: usize,
    },
    /// No folder is set.
    Off,
    /// The database is on a server, whose own tools do it.
    Server,
    /// It failed, for this reason.
    Failed(String),
}

impl Shop {
    /// Makes a copy if it is time for one; admins are told where that fails.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn back_up_if_due(&self) -> Result<(), ShopError> {
        let Some(terms) = &self.terms.backups else {
            return Ok(());
        };
        if self.store.file().is_none() {
            return Ok(());
        }
        let made = {
            let _turn = self.backing_up.lock().await;
            // One that was under way until now may be enough.
            if !self.is_backup_due(terms) {
                return Ok(());
            }
            self.back_up(terms).await
        };
        match made {
            Ok(made) => {
                log::info!("the database was backed up: {} bytes", made.bytes);
                self.settle_alerts(AlertKind::Backup, &[]).await
            }
            Err(error) => {
                log::error!("the database could not be backed up: {error}");
                let trouble = Trouble::new("", &error);
                self.raise(AlertKind::Backup, vec![trouble]).await
            }
        }
    }

    fn is_backup_due(&self, terms: &BackupTerms) -> bool {
        // A folder that is not there yet has no copy.
        let copies = backup::in_folder(&terms.folder).unwrap_or_default();
        let now = self.now();
        // One from the future was made before the clock was set right.
        let last = copies.iter().map(|(at, _)| *at).filter(|at| *at <= now);
        last.max().is_none_or(|last| now - last >= terms.every)
    }

    /// Makes a copy; whose turn it is must be held.
    async fn back_up(&self, terms: &BackupTerms) -> Result<Made, BackupError> {
        backup::prepare(&terms.folder)?;
        let path = backup::name_in(&terms.folder, self.now());
        let made = self.store.back_up(&path).await?;
        if let Err(error) = backup::rotate(&terms.folder, terms.keep) {
            log::warn!("old backups were not removed: {}", error.kind());
        }
        Ok(made)
    }

    /// Makes a copy now, for an owner.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn back_up_for(&self, owner: UserId) -> Result<BackupOutcome, ShopError> {
        if self.store.file().is_none() {
            return Ok(BackupOutcome::Server);
        }
        let Some(terms) = &self.terms.backups else {
            return Ok(BackupOutcome::Off);
        };
        let made = {
            let _turn = self.backing_up.lock().await;
            self.back_up(terms).await
        };
        let made = match made {
            Ok(made) => made,
            Err(error) => return Ok(BackupOutcome::Failed(error.to_string())),
        };
        let path = absolute(&made.path);
        let books = self.books(Cause::Admin(owner));
        let act = NewAct {
            after: Some(format!("{} bytes", made.bytes)),
            ..books.act(owner, Act::Backup, path.clone())
        };
        self.store
            .write(move |tx| work(async move { acts::note(tx, act).await }))
            .await
            .map_err(|error: StoreError| ShopError::from(error))?;
        Ok(BackupOutcome::Made {
            path,
            bytes: made.bytes,
            differences: made.differences.len(),
        })
    }
}

fn absolute(path: &Path) -> String {
    let whole = std::path::absolute(path);
    whole.as_deref().unwrap_or(path).display().to_string()
}
