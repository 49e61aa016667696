//! The one writer.
//!
//! Invariant: works run one at a time in the order in which they came; whoever waits for a work
//! hears of it only after the commit that holds it. SQLite takes one writer anyway, and eight
//! that compete wait ten times as long as eight that queue.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::time::{Duration, Instant};

use fail::fail_point;
use futures_util::FutureExt;
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, RuntimeErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use tokio::sync::{mpsc, oneshot};

use crate::store::connection::{Keyed, With};
use crate::store::lease::Fence;
use crate::store::sealed::Keys;
use crate::store::{StoreError, Tx, is_sqlite};

/// What a write does inside its transaction.
pub type Work<'t, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 't>>;

/// Tells the waiting caller, once the commit is known to have worked or not.
type Tell = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// A work without its types: `Ok` keeps what it wrote, `Err` undoes it. Without a transaction it
/// only tells why there is none.
type Job = Box<
    dyn for<'t> FnOnce(
            Result<&'t Tx, StoreError>,
        ) -> Pin<Box<dyn Future<Output = Result<Tell, Tell>> + Send + 't>>
        + Send,
>;

/// How many works may wait before callers wait to be let in.
const QUEUE: usize = 4_096;
/// How many works share one commit at the most.
const BATCH: usize = 128;
/// When to stop adding to a commit, so that the first in it does not wait for long.
const BATCH_TIME: Duration = Duration::from_millis(4);

#[derive(Clone, Debug)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Message>,
}

enum Message {
    Job(Job),
    Stop(oneshot::Sender<()>),
}

impl Writer {
    /// Takes over `connection`, which must be a pool of one.
    /// With a `fence`, nothing is written once that is lost.
    pub(super) fn start(connection: With<DatabaseConnection>, fence: Option<Fence>) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        tokio::spawn(run(connection, fence, queue));
        Self { jobs }
    }

    pub(super) async fn submit<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'t> FnOnce(&'t Tx) -> Work<'t, T, E> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel::<Result<T, E>>();
        let job: Job = Box::new(move |transaction| {
            Box::pin(async move {
                // The writer serves everybody, so a work that panics ends alone.
                let guarded = AssertUnwindSafe(async move { work(transaction?).await });
                let outcome = guarded
                    .catch_unwind()
                    .await
                    .unwrap_or_else(|_| Err(StoreError::Panicked.into()));
                match outcome {
                    Ok(value) => {
                        let tell: Tell = Box::new(move |committed| {
                            // The caller may be gone; what it asked for is done all the same.
                            drop(answer.send(committed.map(|()| value).map_err(E::from)));
                        });
                        Ok(tell)
                    }
                    Err(error) => {
                        let tell: Tell = Box::new(move |_| drop(answer.send(Err(error))));
                        Err(tell)
                    }
                }
            })
        });
        fail_point!("before a write");
        if self.jobs.send(Message::Job(job)).await.is_err() {
            return Err(StoreError::Stopped.into());
        }
        fail_point!("a write is queued");
        let written = answered.await;
        fail_point!("after a write");
        written.unwrap_or_else(|_| Err(StoreError::Stopped.into()))
    }

    pub(super) async fn stop(&self) {
        let (done, stopped) = oneshot::channel();
        if self.jobs.send(Message::Stop(done)).await.is_ok() {
            // An error here means that the writer has ended already.
            let _ = stopped.await;
        }
    }
}

async fn run(
    connection: With<DatabaseConnection>,
    fence: Option<Fence>,
    mut queue: mpsc::Receiver<Message>,
) {
    let fence = fence.as_ref();
    let mut stop = None;
    while stop.is_none() && !fence.is_some_and(Fence::is_lost) {
        match queue.recv().await {
            Some(Message::Job(first)) => {
                stop = commit_batch(&connection, fence, first, &mut queue).await;
            }
            Some(Message::Stop(done)) => stop = Some(done),
            None => break,
        }
    }
    if let Err(error) = connection.into_inner().close().await {
        log::warn!("the database writer did not close cleanly: {error}");
    }
    if let Some(done) = stop {
        // The one who asked may not be waiting any more.
        let _ = done.send(());
    }
}

/// Runs `first` and whatever else is waiting in one transaction, commits it, and tells everybody.
/// Returns the wish to stop if one was found in the queue.
async fn commit_batch(
    connection: &With<DatabaseConnection>,
    fence: Option<&Fence>,
    first: Job,
    queue: &mut mpsc::Receiver<Message>,
) -> Option<oneshot::Sender<()>> {
    let (transaction, passed) = match begin_as_server(connection, fence).await {
        Ok(Some(begun)) => begun,
        Ok(None) => {
            drop(first);
            return None;
        }
        Err(error) => return refuse(first, queue, &error).await,
    };
    let started = Instant::now();
    let mut told = Vec::new();
    let mut next = Some(first);
    let mut stop = None;
    while let Some(job) = next.take() {
        match savepoint(&transaction, connection.keys(), job).await {
            Done::Kept(tell) => told.push(tell),
            Done::Undone(tell) => tell(Ok(())),
            Done::Broken(error) => {
                abandon(transaction, told, &error).await;
                return stop;
            }
        }
        if told.len() < BATCH && started.elapsed() < BATCH_TIME {
            match queue.try_recv() {
                Ok(Message::Job(job)) => next = Some(job),
                Ok(Message::Stop(done)) => stop = Some(done),
                Err(mpsc::error::TryRecvError::Empty | mpsc::error::TryRecvError::Disconnected) => {
                }
            }
        }
    }
    let committed = transaction.commit().await;
    if let Err(error) = &committed {
        log::error!("a commit of {} writes failed: {error}", told.len());
    } else if let (Some(fence), Some(commits)) = (fence, passed) {
        fence.committed(commits);
    }
    for tell in told {
        tell(committed.as_ref().copied().map_err(not_committed));
    }
    stop
}

/// Refuses everything that waits: whoever came meanwhile would only wait for the same as long
/// again. Returns the wish to stop if one was found in the queue.
async fn refuse(
    first: Job,
    queue: &mut mpsc::Receiver<Message>,
    error: &DbErr,
) -> Option<oneshot::Sender<()>> {
    let mut stop = None;
    let mut refused = 0_usize;
    let mut next = Some(first);
    while let Some(job) = next.take() {
        refused += 1;
        let why = StoreError::NotWritten(error.to_string());
        match job(Err(why)).await {
            Ok(tell) | Err(tell) => tell(Ok(())),
        }
        match queue.try_recv() {
            Ok(Message::Job(job)) => next = Some(job),
            Ok(Message::Stop(done)) => stop = Some(done),
            Err(mpsc::error::TryRecvError::Empty | mpsc::error::TryRecvError::Disconnected) => {}
        }
    }
    log::error!("a write transaction could not begin, {refused} writes were refused: {error}");
    stop
}

/// SQLite's words for a commit of which not every page was written: no space, and a failed write.
/// The page that makes a commit valid is the last, so nothing of it counts.
const SURELY_UNDONE: [&str; 2] = ["13", "778"];

/// What each write of a failed commit hears; a `DbErr` cannot be copied.
fn not_committed(error: &DbErr) -> StoreError {
    let code = if let DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error)) = error
    {
        error.as_database_error().and_then(|error| error.code())
    } else {
        None
    };
    if code.is_some_and(|code| SURELY_UNDONE.contains(&code.as_ref())) {
        StoreError::NotWritten(error.to_string())
    } else {
        StoreError::Db(DbErr::Custom(error.to_string()))
    }
}

/// A transaction to write in, and how many commits there are with it; `None` where another process
/// serves the database by now.
async fn begin_as_server(
    connection: &DatabaseConnection,
    fence: Option<&Fence>,
) -> Result<Option<(DatabaseTransaction, Option<i64>)>, DbErr> {
    let transaction = begin(connection).await?;
    let Some(fence) = fence else {
        return Ok(Some((transaction, None)));
    };
    let passed = fence.passes(&transaction).await?;
    if passed.is_some() {
        return Ok(Some((transaction, passed)));
    }
    log::error!("another process serves this database by now: nothing more is written");
    fence.lose();
    transaction.rollback().await?;
    Ok(None)
}

pub(super) async fn begin(connection: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: is_sqlite(connection).then_some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    connection.begin_with_options(options).await
}

/// What became of one job.
enum Done {
    /// It is part of the commit to come.
    Kept(Tell),
    /// It failed and left no trace.
    Undone(Tell),
    /// The transaction cannot be trusted any more.
    Broken(DbErr),
}

/// Runs one job so that its failure undoes its own writes only.
async fn savepoint(transaction: &DatabaseTransaction, keys: &Keys, job: Job) -> Done {
    #[expect(
        clippy::disallowed_methods,
        reason = "a savepoint inside a transaction that is IMMEDIATE already"
    )]
    let savepoint = match transaction.begin().await {
        Ok(savepoint) => Tx::new(savepoint, keys.clone()),
        Err(error) => {
            let why = undone(&error);
            match job(Err(why)).await {
                Ok(tell) | Err(tell) => tell(Ok(())),
            }
            return Done::Broken(error);
        }
    };
    match job(Ok(&savepoint)).await {
        Ok(tell) => match savepoint.into_inner().commit().await {
            Ok(()) => Done::Kept(tell),
            Err(error) => {
                tell(Err(undone(&error)));
                Done::Broken(error)
            }
        },
        Err(tell) => match savepoint.into_inner().rollback().await {
            Ok(()) => Done::Undone(tell),
            Err(error) => {
                tell(Ok(()));
                Done::Broken(error)
            }
        },
    }
}

/// Undoes a whole batch. A database that could not undo one write (a full disk makes SQLite end
/// the transaction by itself) must not commit what is left of it.
async fn abandon(transaction: DatabaseTransaction, told: Vec<Tell>, error: &DbErr) {
    log::error!("{} writes were undone together: {error}", told.len());
    if let Err(error) = transaction.rollback().await {
        log::error!("a write transaction could not be undone: {error}");
    }
    for tell in told {
        tell(Err(undone(error)));
    }
}

/// What a write hears whose transaction was never committed.
fn undone(error: &DbErr) -> StoreError {
    StoreError::NotWritten(error.to_string())
}
