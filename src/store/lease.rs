//! Who serves the database: one process at a time.
//!
//! Invariant: whoever took the lease last is the only server whose writes are kept. A lock that
//! the system lets go of when its process ends says whether somebody serves, so a restart after a
//! crash waits for nobody and no clock is trusted; the epoch, read inside every write
//! transaction, keeps out a server whose lock was lost without it noticing.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait,
    Statement,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::store::entity::lease::{Column, Entity};
use crate::store::open::{self, OpenError};
use crate::store::witness::Witness;
use crate::store::{from_ms, recovery, to_ms, writer};

/// How long a start waits for the former process to be gone: a server needs a moment to notice.
const PATIENCE: Duration = Duration::from_secs(3);
const TRY_AGAIN: Duration = Duration::from_millis(50);
/// How often a process that serves looks whether it still does.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// The advisory lock's number: the letters of numshop.
const KEY: i64 = 0x006e_756d_7368_6f70;

/// What a write transaction looks at before anything else.
#[derive(Clone, Debug)]
pub(super) struct Fence {
    epoch: i64,
    lost: CancellationToken,
    /// The note of how far the database has come, and the database's name in it.
    witness: Arc<Option<(Witness, String)>>,
}

impl Fence {
    /// Counts a commit to come; `None` where another process serves by now. Until the transaction
    /// ends nobody can take the lease: SQLite has one writer anyway, and PostgreSQL locks the row.
    pub(super) async fn passes(
        &self,
        transaction: &DatabaseTransaction,
    ) -> Result<Option<i64>, DbErr> {
        let query = format!(
            "UPDATE lease SET commits = commits + 1 WHERE id = 1 AND epoch = {} RETURNING commits",
            self.epoch
        );
        let asked = Statement::from_string(transaction.get_database_backend(), query);
        let row = transaction.query_one_raw(asked).await?;
        row.map(|row| row.try_get_by_index(0)).transpose()
    }

    /// Notes outside the database that it has come so far.
    pub(super) fn committed(&self, commits: i64) {
        if let Some((witness, database)) = &*self.witness {
            witness.note(database, commits);
        }
    }

    async fn is_current(&self, readers: &DatabaseConnection) -> Result<bool, DbErr> {
        let row = Entity::find().one(readers).await?;
        Ok(row.is_some_and(|row| row.epoch == self.epoch))
    }

    /// Somebody else serves: nothing more is written.
    pub(super) fn lose(&self) {
        self.lost.cancel();
    }

    pub(super) fn is_lost(&self) -> bool {
        self.lost.is_cancelled()
    }
}

/// The right to serve, until it is given back or lost.
#[derive(Debug)]
pub(super) struct Lease {
    fence: Fence,
    lock: Mutex<Option<Lock>>,
    /// Ends the watch.
    ended: DropGuard,
}

impl Lease {
    /// Takes the lease with a lock that is held already, and looks whether the database has come
    /// as far as its note says.
    pub(super) async fn take(
        writer: &DatabaseConnection,
        lock: Lock,
        witness: Option<Witness>,
        now: DateTime<Utc>,
    ) -> Result<Arc<Self>, DbErr> {
        let transaction = writer::begin(writer).await?;
        Entity::update_many()
            .col_expr(Column::Epoch, Expr::col(Column::Epoch).add(1))
            .col_expr(Column::Holder, Expr::value(this_process()))
            .col_expr(Column::TakenAtMs, Expr::value(to_ms(now)))
            .exec(&transaction)
            .await?;
        let row = Entity::find().one(&transaction).await?;
        let row = row.ok_or_else(|| DbErr::RecordNotFound("the lease".to_owned()))?;
        let mut named = None;
        if let Some(witness) = witness {
            let (database, is_new) = recovery::name(&transaction).await?;
            if let Some(evidence) = witness.evidence(&database, is_new, row.commits) {
                log::error!("this may be an older copy of the database: nothing is sold");
                recovery::suspect(&transaction, evidence, now).await?;
            }
            named = Some((witness, database));
        }
        transaction.commit().await?;
        let fence = Fence {
            epoch: row.epoch,
            lost: CancellationToken::new(),
            witness: Arc::new(named),
        };
        fence.committed(row.commits);
        Ok(Arc::new(Self {
            fence,
            lock: Mutex::new(Some(lock)),
            ended: CancellationToken::new().drop_guard(),
        }))
    }

    /// Looks again and again, so that a process that has nothing to write notices a loss, too. The
    /// session that holds a lock can break while the process lives on: it is taken anew then.
    pub(super) fn watch(&self, readers: DatabaseConnection) {
        let lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let session = match &*lock {
            Some(Lock::Session(session)) => Some(session.clone()),
            Some(Lock::File(_)) | None => None,
        };
        let (fence, ended) = (self.fence.clone(), self.ended.token().clone());
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = ended.cancelled() => return,
                    () = tokio::time::sleep(LOOK_AGAIN) => {}
                }
                let is_locked = match &session {
                    Some(session) => try_lock(session).await,
                    None => Ok(true),
                };
                match (is_locked, fence.is_current(&readers).await) {
                    (Ok(true), Ok(true)) => {}
                    (Ok(false), _) | (_, Ok(false)) => return fence.lose(),
                    (Err(error), _) | (_, Err(error)) => {
                        log::warn!("whether this process still serves is unsure: {error}");
                    }
                }
            }
        });
    }

    pub(super) fn fence(&self) -> Fence {
        self.fence.clone()
    }

    /// Returns once somebody else has taken the lease.
    pub(super) async fn lost(&self) {
        self.fence.lost.cancelled().await;
    }

    /// Lets the next process in.
    pub(super) async fn release(&self) {
        self.ended.token().cancel();
        let lock = self
            .lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(lock) = lock {
            lock.give_back().await;
        }
    }
}

/// What ends with its process, however that ends.
#[derive(Debug)]
pub(super) enum Lock {
    /// On a file beside the database: one machine has it open.
    File(File),
    /// In a session of a server: many machines may reach it.
    Session(DatabaseConnection),
}

impl Lock {
    /// Locks the database at `url`, or says who has it.
    pub(super) async fn take(url: &str) -> Result<Self, OpenError> {
        let started = Instant::now();
        let lock = if open::is_sqlite_url(url) {
            Self::File(lock_file(&open::sqlite_path(url)?)?)
        } else {
            Self::Session(session(url).await?)
        };
        while !lock.is_taken().await? {
            if started.elapsed() >= PATIENCE {
                let holder = holder(url).await;
                return Err(OpenError::Served { holder });
            }
            tokio::time::sleep(TRY_AGAIN).await;
        }
        Ok(lock)
    }

    /// Lets go of it.
    pub(super) async fn give_back(self) {
        match self {
            Self::Session(connection) => {
                if let Err(error) = connection.close().await {
                    log::warn!("the lock on the database did not close cleanly: {error}");
                }
            }
            Self::File(file) => drop(file),
        }
    }

    async fn is_taken(&self) -> Result<bool, OpenError> {
        match self {
            Self::File(file) => match file.try_lock() {
                Ok(()) => Ok(true),
                Err(TryLockError::WouldBlock) => Ok(false),
                Err(TryLockError::Error(error)) => Err(OpenError::Unlockable(error.kind())),
            },
            Self::Session(connection) => try_lock(connection).await.map_err(unreachable),
        }
    }
}

fn lock_file(database: &Path) -> Result<File, OpenError> {
    open::check_file(database)?;
    let mut name = database.as_os_str().to_owned();
    name.push("-lock");
    let opened = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(PathBuf::from(name));
    opened.map_err(|error| OpenError::Unlockable(error.kind()))
}

async fn session(url: &str) -> Result<DatabaseConnection, OpenError> {
    open::check_postgres_url(url)?;
    let mut options = open::quiet(url);
    // The session must not be replaced by a fresh one, which would not have the lock.
    options
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None);
    let connection = Database::connect(options).await.map_err(unreachable)?;
    // A machine that is gone without a word loses its lock within half a minute.
    let patience = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";
    connection
        .execute_unprepared(patience)
        .await
        .map_err(unreachable)?;
    Ok(connection)
}

/// Within one session the lock can be taken again and again.
async fn try_lock(connection: &DatabaseConnection) -> Result<bool, DbErr> {
    let query = format!("SELECT pg_try_advisory_lock({KEY})");
    let asked = Statement::from_string(connection.get_database_backend(), query);
    let row = connection.query_one_raw(asked).await?;
    let taken: Option<bool> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    Ok(taken == Some(true))
}

fn unreachable(error: DbErr) -> OpenError {
    OpenError::Unreachable(open::plain(&error))
}

/// Who serves, in words; nothing depends on it.
async fn holder(url: &str) -> String {
    let unknown = || "a process that left no name".to_owned();
    let Ok(connection) = open::look(url).await else {
        return unknown();
    };
    let row = Entity::find().one(&connection).await;
    drop(connection);
    match row {
        Ok(Some(row)) if !row.holder.is_empty() => {
            let since = from_ms(row.taken_at_ms).format("%Y-%m-%d %H:%M:%S UTC");
            format!("{}, since {since}", row.holder)
        }
        Ok(_) | Err(_) => unknown(),
    }
}

fn this_process() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let id = std::process::id();
    match host.trim() {
        "" => format!("process {id}"),
        host => format!("process {id} on {host}"),
    }
}
