//! After a backup was put back: nothing is sold until an admin says that the books are right again.
//!
//! Invariant: while it is unsure whether this is the newest copy of the database, no number is
//! bought; what is open goes on, for the upstreams tell what became of it.

use std::sync::PoisonError;

use chrono::TimeDelta;

use crate::domain::act::Act;
use crate::domain::id::UserId;
use crate::shop::notice::Notice;
use crate::shop::settle::Cause;
use crate::shop::{Shop, ShopError};
use crate::store::acts;
use crate::store::recovery::{self, Evidence, Recovery};
use crate::store::{StoreError, work};

/// An order whose number is not bought yet looks again after this.
pub(super) const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(5);

/// What admins are shown of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryBoard {
    /// Whether the database is surely older than it once was; otherwise it was moved, or is.
    pub older: bool,
    /// Whether an upstream knows of purchases that it lacks.
    pub upstream: bool,
    /// Orders that are open.
    pub open: u64,
}

impl Shop {
    /// The suspicion that this is an older copy of the database.
    pub(super) fn recovery(&self) -> Option<Recovery> {
        *self.recovery.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses while nothing is sold.
    pub(super) fn refuse_in_recovery(&self) -> Result<(), ShopError> {
        self.recovery()
            .map_or(Ok(()), |_| Err(ShopError::Recovering))
    }

    /// From now on nothing is sold: an upstream knows more than this database.
    pub(super) async fn enter_recovery(&self) -> Result<(), ShopError> {
        let (since, evidence) = (self.now(), Evidence::Upstream);
        self.store
            .write(move |tx| {
                work(async move {
                    let suspected = recovery::suspect(tx, evidence, since).await;
                    suspected.map_err(StoreError::from)
                })
            })
            .await?;
        *self
            .recovery
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Some(Recovery { since, evidence });
        Ok(())
    }

    /// At start: tells the admins, as long as nothing is sold.
    pub(super) async fn announce_recovery(&self) -> Result<(), ShopError> {
        let Some(recovery) = self.recovery() else {
            return Ok(());
        };
        let notice = Notice::Restored {
            older: recovery.evidence == Evidence::Older,
            upstream: recovery.evidence == Evidence::Upstream,
        };
        let books = self.books(Cause::Worker);
        let admins = self.admins();
        self.store
            .write(move |tx| {
                work(async move {
                    for admin in admins {
                        books.notify(tx, admin, &notice).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .map_err(ShopError::from)
    }

    /// What admins are shown; `None` while everything is as it should be.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn recovery_board(&self) -> Result<Option<RecoveryBoard>, ShopError> {
        let Some(recovery) = self.recovery() else {
            return Ok(None);
        };
        let open = recovery::count_open(self.store.read()).await?;
        Ok(Some(RecoveryBoard {
            older: recovery.evidence == Evidence::Older,
            upstream: recovery.evidence == Evidence::Upstream,
            open,
        }))
    }

    /// An admin says that the books are right again; `false` where nothing was wrong.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn end_recovery(&self, admin: UserId) -> Result<bool, ShopError> {
        if self.recovery().is_none() {
            return Ok(false);
        }
        let books = self.books(Cause::Admin(admin));
        let act = books.act(admin, Act::Recovery, "done".to_owned());
        self.store
            .write(move |tx| {
                work(async move {
                    acts::note(tx, act).await?;
                    recovery::clear(tx).await
                })
            })
            .await?;
        *self
            .recovery
            .write()
            .unwrap_or_else(PoisonError::into_inner) = None;
        log::warn!("admin {admin} ended the recovery: numbers are sold again");
        self.wake.orders.notify_one();
        Ok(true)
    }
}
