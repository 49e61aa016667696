//! Updates from Telegram: stored before they are acknowledged, handled once.
//!
//! Invariant: `getUpdates` is called with an offset only after everything before it is stored, and
//! what Telegram brings by itself is taken only after that; an update is marked handled after it
//! was stored and its handler ended. An update that cannot be read is stored, marked and skipped:
//! it never stops the others.

use std::collections::{HashSet, VecDeque};
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use serde::Deserialize;
use serde_json::value::RawValue;
use teloxide::stop::{StopToken, mk_stop_token};
use teloxide::types::{Update, UpdateKind};
use teloxide::update_listeners::{AsUpdateStream, UpdateListener};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::bot::api::{Api, ApiError};
use crate::bot::webhook::{self, Hook};
use crate::shop::inbox::StoredUpdate;
use crate::shop::{Shop, ShopError};

/// How long Telegram is not asked for more while updates are being stored. A database that takes
/// nothing for longer than that must not silence the bot: looking needs no writing.
const STORING_AT_MOST: Duration = Duration::from_secs(1);
/// Updates that wait for the dispatcher.
const AHEAD: usize = 256;
/// Update ids that are remembered, to skip what comes twice.
const REMEMBERED: usize = 4096;
/// Marks that are written at a time.
const MARKS_AT_ONCE: usize = 128;
const FIRST_PAUSE: Duration = Duration::from_millis(300);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Two processes that take turns would answer nobody: this one steps back.
const CONFLICT_PAUSE: Duration = Duration::from_secs(2);
/// So many conflicts in a row, and a process that never got an answer gives up…
const NEWCOMER_YIELDS: u32 = 4;
/// …long before one that was here first.
const INCUMBENT_YIELDS: u32 = 12;

/// Where updates are stored.
#[async_trait]
pub(crate) trait UpdateLog: Send + Sync {
    /// Stores a batch; gives back the ids that were new.
    async fn accept(&self, batch: Vec<StoredUpdate>) -> Result<Vec<i64>, ShopError>;
    /// What is stored and not handled, oldest first.
    async fn unhandled(&self) -> Result<Vec<StoredUpdate>, ShopError>;
    /// Marks updates handled.
    async fn handled(&self, update_ids: Vec<i64>) -> Result<(), ShopError>;
}

#[async_trait]
impl UpdateLog for Shop {
    async fn accept(&self, batch: Vec<StoredUpdate>) -> Result<Vec<i64>, ShopError> {
        self.accept_updates(batch).await
    }

    async fn unhandled(&self) -> Result<Vec<StoredUpdate>, ShopError> {
        self.unhandled_updates().await
    }

    async fn handled(&self, update_ids: Vec<i64>) -> Result<(), ShopError> {
        self.updates_handled(update_ids).await
    }
}

/// What decides whether an update reaches the handlers.
pub(crate) trait Door: Send + Sync {
    /// Whether it does; what does not is handled with that.
    fn lets_in(&self, update: &Update) -> bool;
}

/// Writes to the stored inbox, one entry after the other, so that an update is never marked
/// before it is stored.
#[derive(Clone)]
pub(crate) struct Keeper {
    entries: mpsc::UnboundedSender<Entry>,
}

enum Entry {
    Accept(Vec<StoredUpdate>, oneshot::Sender<Vec<i64>>),
    Handled(i64),
    Flush(oneshot::Sender<()>),
}

impl Keeper {
    /// Starts the task behind it; it ends with the last clone.
    pub(crate) fn start(log: Arc<dyn UpdateLog>) -> Self {
        let (entries, rx) = mpsc::unbounded_channel();
        tokio::spawn(keep(log, rx));
        Self { entries }
    }

    /// Stores a batch; the ids that were new come back once it is stored.
    fn accept(&self, batch: Vec<StoredUpdate>) -> oneshot::Receiver<Vec<i64>> {
        let (done, stored) = oneshot::channel();
        let _ = self.entries.send(Entry::Accept(batch, done));
        stored
    }

    /// Marks an update handled, once it is stored.
    pub(crate) fn handled(&self, update_id: i64) {
        let _ = self.entries.send(Entry::Handled(update_id));
    }

    /// Waits until everything up to here is written.
    pub(crate) async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        let _ = self.entries.send(Entry::Flush(done));
        let _ = flushed.await;
    }
}

/// The channel is bounded by its writers: one batch at a time, or as many updates as the webhook
/// takes in at once, and one mark for each update of it.
async fn keep(log: Arc<dyn UpdateLog>, mut entries: mpsc::UnboundedReceiver<Entry>) {
    let mut marks = JoinSet::new();
    let mut queued = Vec::new();
    while entries.recv_many(&mut queued, MARKS_AT_ONCE).await > 0 {
        let mut handled = Vec::new();
        for entry in queued.drain(..) {
            match entry {
                Entry::Accept(batch, done) => {
                    let _ = done.send(store(&*log, batch).await);
                }
                Entry::Handled(update_id) => handled.push(update_id),
                Entry::Flush(done) => {
                    marks.spawn(mark(Arc::clone(&log), std::mem::take(&mut handled)));
                    while marks.join_next().await.is_some() {}
                    let _ = done.send(());
                }
            }
        }
        while marks.try_join_next().is_some() {}
        marks.spawn(mark(Arc::clone(&log), handled));
    }
}

/// Marks updates that were stored before. One that cannot be marked is handled once more after a
/// restart; nonces make that harmless.
async fn mark(log: Arc<dyn UpdateLog>, handled: Vec<i64>) {
    if handled.is_empty() {
        return;
    }
    let count = handled.len();
    if let Err(error) = log.handled(handled).await {
        log::warn!("{count} updates could not be marked handled: {error}");
    }
}

/// Stores a batch, however long that takes: without it nothing may be acknowledged.
async fn store(log: &dyn UpdateLog, batch: Vec<StoredUpdate>) -> Vec<i64> {
    let mut pause = FIRST_PAUSE;
    loop {
        match log.accept(batch.clone()).await {
            Ok(new) => return new,
            Err(error) => {
                log::error!("updates cannot be stored, so none is acknowledged: {error}");
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// What one polling session shares with those who end it.
#[derive(Default)]
pub(crate) struct Progress {
    /// The offset of the next call: one more than the last update that was stored.
    pub(crate) offset: AtomicI64,
    /// Whether Telegram refused the token.
    pub(crate) bad_token: AtomicBool,
    /// Whether another process polls with this token and does not stop.
    pub(crate) taken: AtomicBool,
}

impl Progress {
    /// These updates are stored.
    fn passed(&self, ids: &[i64]) {
        if let Some(last) = ids.iter().max() {
            self.offset.store(last + 1, Ordering::SeqCst);
        }
    }
}

/// teloxide's view of the inbox.
pub(crate) struct Inbox {
    pub(crate) api: Api,
    pub(crate) log: Arc<dyn UpdateLog>,
    pub(crate) keeper: Keeper,
    pub(crate) door: Arc<dyn Door>,
    /// Where Telegram brings updates; `None` where they are fetched.
    pub(crate) hook: Option<Arc<Hook>>,
    pub(crate) progress: Arc<Progress>,
    pub(crate) shutdown: CancellationToken,
}

impl<'a> AsUpdateStream<'a> for Inbox {
    type StreamErr = Infallible;
    type Stream = BoxStream<'a, Result<Update, Infallible>>;

    fn as_stream(&'a mut self) -> Self::Stream {
        let (updates, rx) = mpsc::channel(AHEAD);
        let intake = Intake {
            log: Arc::clone(&self.log),
            keeper: self.keeper.clone(),
            door: Arc::clone(&self.door),
            updates,
            seen: Mutex::default(),
        };
        let shutdown = self.shutdown.clone();
        if let Some(hook) = &self.hook {
            tokio::spawn(webhook::serve(Arc::clone(hook), intake, shutdown));
        } else {
            let poll = Poll {
                api: self.api.clone(),
                intake,
                progress: Arc::clone(&self.progress),
                shutdown,
                storing: VecDeque::new(),
            };
            tokio::spawn(poll.run());
        }
        stream::unfold(rx, |mut rx| async move {
            let update = rx.recv().await?;
            Some((Ok(update), rx))
        })
        .boxed()
    }
}

impl UpdateListener for Inbox {
    type Err = Infallible;

    /// The stream ends with the cancellation token; teloxide's own token is never used.
    fn stop_token(&mut self) -> StopToken {
        mk_stop_token().0
    }
}

/// What comes in, whichever way, on its way to the dispatcher.
pub(crate) struct Intake {
    log: Arc<dyn UpdateLog>,
    keeper: Keeper,
    door: Arc<dyn Door>,
    updates: mpsc::Sender<Update>,
    seen: Mutex<Seen>,
}

impl Intake {
    /// Hands on what was stored before a crash or a stop and not handled.
    pub(crate) async fn replay(&self) {
        let stored = match self.log.unhandled().await {
            Ok(stored) => stored,
            Err(error) => return log::error!("stored updates cannot be read: {error}"),
        };
        if !stored.is_empty() {
            log::info!("{} stored updates are handled first", stored.len());
        }
        for update in stored {
            self.hand_on(update.update_id, &update.json).await;
        }
    }

    /// Stores an update and then hands it on, unless it was stored before; `false` where it is not
    /// stored because everything is about to end.
    pub(crate) async fn take_in(&self, update: StoredUpdate) -> bool {
        let Ok(new) = self.keeper.accept(vec![update.clone()]).await else {
            return false;
        };
        if new.contains(&update.update_id) {
            self.hand_on(update.update_id, &update.json).await;
        }
        true
    }

    fn is_new(&self, update_id: i64) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.is_new(update_id)
    }

    async fn hand_on(&self, update_id: i64, json: &str) {
        if !self.is_new(update_id) {
            return;
        }
        match serde_json::from_str::<Update>(json) {
            Ok(update) if !matches!(update.kind, UpdateKind::Error(_)) => {
                if self.door.lets_in(&update) {
                    let _ = self.updates.send(update).await;
                } else {
                    self.keeper.handled(update_id);
                }
            }
            Ok(_) | Err(_) => {
                log::warn!("update {update_id} is of a kind that cannot be read; skipped");
                self.keeper.handled(update_id);
            }
        }
    }
}

struct Poll {
    api: Api,
    intake: Intake,
    progress: Arc<Progress>,
    shutdown: CancellationToken,
    /// Batches that are being stored, oldest first.
    storing: VecDeque<Storing>,
}

/// A batch that was handed on and is not known to be stored.
struct Storing {
    ids: Vec<i64>,
    stored: oneshot::Receiver<Vec<i64>>,
}

impl Poll {
    async fn run(mut self) {
        self.intake.replay().await;
        let mut trouble = Trouble::default();
        let mut is_first = true;
        loop {
            let offset = self.progress.offset.load(Ordering::SeqCst);
            let answer = tokio::select! {
                () = self.shutdown.cancelled() => return,
                answer = self.api.get_updates(offset) => answer,
            };
            let batch = match answer {
                Ok(batch) => batch,
                Err(ApiError::BadToken) => {
                    log::error!("Telegram refuses the bot's token: check TELEGRAM_BOT_TOKEN");
                    self.progress.bad_token.store(true, Ordering::SeqCst);
                    return;
                }
                Err(ApiError::Conflict) if trouble.yields() => {
                    self.progress.taken.store(true, Ordering::SeqCst);
                    return;
                }
                Err(error) => {
                    let pause = trouble.pause(error);
                    tokio::select! {
                        () = self.shutdown.cancelled() => return,
                        () = tokio::time::sleep(pause) => continue,
                    }
                }
            };
            trouble.over();
            if batch.is_empty() {
                continue;
            }
            let stored: Vec<StoredUpdate> = batch.iter().filter_map(|raw| stored(raw)).collect();
            if stored.is_empty() {
                // Nothing in it has a number: there is nothing to acknowledge it by.
                tokio::time::sleep(FIRST_PAUSE).await;
                continue;
            }
            if !self.take_in(stored, is_first).await || !self.acknowledge().await {
                return;
            }
            is_first = false;
        }
    }

    /// Has a batch stored and hands it on; what comes once more because it is not acknowledged
    /// yet is left out. `false` where everything is about to end.
    async fn take_in(&mut self, mut batch: Vec<StoredUpdate>, is_first: bool) -> bool {
        let being_stored = |id| self.storing.iter().any(|batch| batch.ids.contains(&id));
        batch.retain(|update| !being_stored(update.update_id));
        if batch.is_empty() {
            return true;
        }
        let ids: Vec<i64> = batch.iter().map(|update| update.update_id).collect();
        let stored = self.intake.keeper.accept(batch.clone());
        if is_first {
            // After a restart Telegram may send again what is stored already.
            let Ok(new) = stored.await else {
                return false;
            };
            batch.retain(|update| new.contains(&update.update_id));
            self.progress.passed(&ids);
        } else {
            self.storing.push_back(Storing { ids, stored });
        }
        for update in batch {
            let json = &update.json;
            self.intake.hand_on(update.update_id, json).await;
        }
        true
    }

    /// Moves the offset past what is stored, and waits a little for what is not; `false` where
    /// everything is about to end.
    async fn acknowledge(&mut self) -> bool {
        let until = tokio::time::Instant::now() + STORING_AT_MOST;
        while let Some(batch) = self.storing.front_mut() {
            match tokio::time::timeout_at(until, &mut batch.stored).await {
                Ok(Ok(_)) => {}
                Ok(Err(_)) => return false,
                Err(_) => return true,
            }
            self.progress.passed(&batch.ids);
            self.storing.pop_front();
        }
        true
    }
}

/// The raw update with its number; without one there is nothing to store it under.
pub(crate) fn stored(raw: &RawValue) -> Option<StoredUpdate> {
    #[derive(Deserialize)]
    struct Head {
        update_id: i64,
    }
    let head: Head = serde_json::from_str(raw.get()).ok()?;
    Some(StoredUpdate {
        update_id: head.update_id,
        json: raw.get().to_owned(),
    })
}

/// The update ids of late.
#[derive(Default)]
struct Seen {
    ids: HashSet<i64>,
    order: VecDeque<i64>,
}

impl Seen {
    fn is_new(&mut self, id: i64) -> bool {
        if !self.ids.insert(id) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        true
    }
}

/// Trouble with polling: told once when it begins, with pauses that grow.
#[derive(Default)]
struct Trouble {
    last: Option<ApiError>,
    pause: Option<Duration>,
    /// Conflicts since the last answer.
    conflicts: u32,
    /// Whether there ever was an answer.
    was_answered: bool,
}

impl Trouble {
    /// Counts a conflict; `true` where it is time to leave the token to the other process.
    fn yields(&mut self) -> bool {
        self.conflicts += 1;
        let most = if self.was_answered {
            INCUMBENT_YIELDS
        } else {
            NEWCOMER_YIELDS
        };
        self.conflicts >= most
    }

    fn pause(&mut self, error: ApiError) -> Duration {
        if self.last != Some(error) {
            self.pause = None;
            if error == ApiError::Conflict {
                log::error!(
                    "another process polls with this bot token, or a webhook is set: stop the \
                     other one; trying on for a while"
                );
            } else {
                log::warn!("no updates from Telegram: {error}; trying on");
            }
        }
        self.last = Some(error);
        let doubled = self.pause.map_or(FIRST_PAUSE, |pause| pause * 2);
        let pause = match error {
            ApiError::TooFast(wait) => wait,
            ApiError::Conflict => CONFLICT_PAUSE,
            ApiError::NotModified
            | ApiError::Unreachable
            | ApiError::MessageGone
            | ApiError::BadMarkup
            | ApiError::QueryTooOld
            | ApiError::AlreadyRefunded
            | ApiError::BadToken
            | ApiError::Refused(_)
            | ApiError::Server(_)
            | ApiError::NotSent
            | ApiError::AnswerLost => doubled,
        };
        let pause = pause.min(LONGEST_PAUSE);
        self.pause = Some(pause);
        pause
    }

    fn over(&mut self) {
        self.conflicts = 0;
        self.was_answered = true;
        if self.last.take().is_some() {
            log::info!("updates from Telegram again");
        }
        self.pause = None;
    }
}

#[cfg(test)]
mod tests;
