//! The database: the only place that knows SQL.
//!
//! Invariant: everything that is written goes through [`Store::write`], one after the other; a
//! read never waits for a write. No network call happens while a transaction is open.

pub mod acts;
pub mod alerts;
pub mod attempts;
pub mod audit;
pub mod backup;
pub mod broadcasts;
pub mod catalog;
pub mod connection;
pub mod discrepancies;
pub mod entity;
pub mod erase;
pub mod export;
pub mod floats;
pub mod habits;
pub mod intents;
pub mod jump;
mod lease;
pub mod ledger;
pub mod messages;
pub mod news;
pub mod open;
pub mod orders;
pub mod people;
pub mod prices;
pub mod queue;
pub mod reading;
pub mod recovery;
pub mod referrals;
pub mod rekey;
pub mod reminders;
pub mod rentals;
pub mod requests;
pub mod roles;
pub mod sealed;
pub mod seed;
pub mod shopkeeping;
pub mod standings;
pub mod stars;
pub mod stats;
pub mod stopped;
pub mod story;
pub mod subjects;
pub mod tracks;
pub mod users;
pub mod vouchers;
pub mod watches;
mod witness;
mod writer;

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr};

use self::connection::With;
use self::lease::Lease;
pub use self::writer::Work;
use self::writer::Writer;
use crate::domain::order::{IllegalStep, UnknownState};
use crate::domain::product::UnknownProduct;

/// Why the database gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// An account does not hold what was to leave it.
    #[error("the account does not hold enough")]
    NotEnough,
    /// The idempotency key was used for something else.
    #[error("the key `{0}` was used for something else")]
    KeyReused(String),
    /// The hold was captured or released before.
    #[error("the hold is resolved already")]
    AlreadyResolved,
    /// There is no such hold.
    #[error("there is no hold for this order")]
    NoHold,
    /// A balance would not fit.
    #[error("a balance would not fit")]
    Overflow,
    /// A row holds something that cannot be.
    #[error("a row makes no sense: {0}")]
    BadRow(String),
    /// The order is not where this step starts.
    #[error(transparent)]
    IllegalStep(#[from] IllegalStep),
    /// Somebody else changed the row meanwhile.
    #[error("somebody else changed the order meanwhile")]
    Stale,
    /// A write panicked and was undone; the backtrace stands in the log.
    #[error("a write panicked and was undone")]
    Panicked,
    /// The database takes no writes at present: locked by somebody else, the disk full or
    /// read-only, the server away. Nothing was written.
    #[error("nothing was written: {0}")]
    NotWritten(String),
    /// The writer ended: the process is stopping, or the database is gone.
    #[error("the database writer has stopped")]
    Stopped,
    /// The database itself.
    #[error("database: {0}")]
    Db(#[from] DbErr),
}

impl From<UnknownState> for StoreError {
    fn from(error: UnknownState) -> Self {
        Self::BadRow(error.to_string())
    }
}

impl From<UnknownProduct> for StoreError {
    fn from(error: UnknownProduct) -> Self {
        Self::BadRow(error.to_string())
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::BadRow(format!(
            "not the JSON that was expected, line {}",
            error.line()
        ))
    }
}

/// A transaction, or a savepoint in one.
pub type Tx = With<DatabaseTransaction>;

/// The open database.
#[derive(Clone, Debug)]
pub struct Store {
    readers: With<DatabaseConnection>,
    writer: Writer,
    /// The database's file, where it is one.
    file: Option<PathBuf>,
    /// The right to serve, where this process does.
    lease: Option<Arc<Lease>>,
}

impl Store {
    /// The pool for reads.
    #[must_use]
    pub fn read(&self) -> &With<DatabaseConnection> {
        &self.readers
    }

    /// Does `work` in a write transaction and answers once it is on disk. An error undoes the
    /// whole of it. Works run strictly in the order in which they were asked for; several that
    /// wait may share one commit, each behind a savepoint of its own.
    ///
    /// # Errors
    /// What `work` returned, or that the commit failed.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnOnce(&'t Tx) -> Work<'t, T, E> + Send + 'static,
    {
        self.writer.submit(work).await
    }

    /// Returns once another process serves this database, and never where this one does not serve
    /// it. Nothing that is written from then on is kept.
    pub async fn lost(&self) {
        match &self.lease {
            Some(lease) => lease.lost().await,
            None => std::future::pending().await,
        }
    }

    /// Ends the writer after what is queued, closes all connections and lets the next process in.
    pub async fn close(self) {
        self.writer.stop().await;
        if let Err(error) = self.readers.into_inner().close().await {
            log::warn!("the database did not close cleanly: {error}");
        }
        if let Some(lease) = &self.lease {
            lease.release().await;
        }
    }
}

/// Boxes the future of a write, so that closures read `|tx| work(async move { … })`.
pub fn work<'t, T, E>(future: impl Future<Output = Result<T, E>> + Send + 't) -> Work<'t, T, E> {
    let boxed: Pin<Box<dyn Future<Output = Result<T, E>> + Send + 't>> = Box::pin(future);
    boxed
}

/// Unix milliseconds, as all times are stored.
#[must_use]
pub fn to_ms(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

/// Back from Unix milliseconds; a time beyond the calendar reads as the epoch.
#[must_use]
pub fn from_ms(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}

/// Whether this connection speaks SQLite.
fn is_sqlite(connection: &impl ConnectionTrait) -> bool {
    connection.get_database_backend() == sea_orm::DbBackend::Sqlite
}
