//! The one way out to Telegram.
//!
//! Invariant: messages of one chat leave one after the other and no faster than Telegram allows,
//! sends and edits counted together; one chat's trouble delays no other chat. All queues are bounded.

mod bulk;
mod lane;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::time::Instant;

use crate::bot::api::{ApiError, Markup, Transport};
use crate::bot::html::toast;
use crate::bot::keyboard::Screen;
use crate::shop::broadcast::PER_SECOND;

use bulk::Bulk;
pub(crate) use bulk::CopyEnd;
use lane::{Lane, Pace, Queued, Step};

/// How often a message is tried where trying again cannot double it.
const ATTEMPTS: u32 = 5;
/// The first pause after a failure; it doubles from there.
const FIRST_PAUSE: Duration = Duration::from_millis(300);
/// Lanes that are kept in mind before idle ones are forgotten.
const REMEMBERED_LANES: usize = 1024;

/// How fast to write.
#[derive(Clone, Copy, Debug)]
pub struct SenderSettings {
    /// One message per chat in this time, on average. Telegram wants about a second.
    pub interval_per_chat: Duration,
    /// That many may leave a quiet chat at once.
    pub burst_per_chat: u32,
    /// That many may wait in one chat.
    pub queue_per_chat: usize,
    /// That many may wait in all chats together.
    pub queue_total: usize,
    /// That many calls at a time.
    pub calls_at_once: usize,
    /// Copies that nobody asked for leave only while fewer messages leave within a second, of
    /// whatever kind.
    pub bulk_per_second: u32,
}

impl Default for SenderSettings {
    fn default() -> Self {
        Self {
            interval_per_chat: Duration::from_secs(1),
            burst_per_chat: 5,
            queue_per_chat: 64,
            queue_total: 50_000,
            calls_at_once: 256,
            bulk_per_second: PER_SECOND,
        }
    }
}

/// Who goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Priority {
    /// The clock on a card; copies of a message to many.
    Background,
    /// Answers to what somebody did.
    Reply,
    /// Codes, refunds and the cards of orders.
    Urgent,
}

impl Priority {
    const COUNT: usize = 3;

    const fn rank(self) -> usize {
        match self {
            Self::Background => 0,
            Self::Reply => 1,
            Self::Urgent => 2,
        }
    }
}

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A new message.
    New,
    /// In place of an earlier one.
    Edit {
        /// Its id.
        message: i32,
        /// Whether a new message is sent where the earlier one is gone.
        or_new: bool,
    },
}

impl Target {
    const fn message(self) -> Option<i32> {
        match self {
            Self::New => None,
            Self::Edit { message, .. } => Some(message),
        }
    }
}

/// Draws a screen at the moment it leaves, from what is true then; `None` for nothing to say.
pub(crate) type Draw = Box<dyn Fn() -> BoxFuture<'static, Option<Screen>> + Send + Sync>;

/// What a message shows.
pub(crate) enum Body {
    /// This.
    Ready(Box<Screen>),
    /// What is true when it leaves.
    Live(Draw),
}

/// A message on its way.
pub(crate) struct Job {
    /// To whom.
    pub(crate) chat: i64,
    /// New, or in place of another.
    pub(crate) target: Target,
    /// What it shows.
    pub(crate) body: Body,
    /// Its rank.
    pub(crate) priority: Priority,
    /// Longer than this it does not wait: it ends with [`Outcome::Later`]. `None` for ever.
    pub(crate) patience: Option<Duration>,
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Telegram shows it.
    Sent {
        /// In this message.
        message: i32,
    },
    /// A newer edit of the same message went instead.
    Superseded,
    /// The user blocked the bot or is gone.
    Unreachable,
    /// The message to edit is gone.
    Gone,
    /// Not within the job's patience; about this long from now.
    Later(Duration),
    /// Telegram cannot be reached, its answer was lost, or nothing could be drawn.
    Lost,
    /// Telegram refuses it, and will again.
    Refused,
}

/// The way out. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Sender {
    inner: Arc<Inner>,
}

struct Inner {
    transport: Arc<dyn Transport>,
    settings: SenderSettings,
    lanes: Mutex<Lanes>,
    calls: Semaphore,
    bulk: Bulk,
    /// Messages that wait or are under way, for the graceful end.
    open: watch::Sender<usize>,
}

#[derive(Default)]
struct Lanes {
    by_chat: HashMap<i64, Lane>,
    forget_at: usize,
}

impl Sender {
    /// A sender over a transport.
    pub(crate) fn new(transport: Arc<dyn Transport>, settings: SenderSettings) -> Self {
        Self {
            inner: Arc::new(Inner {
                transport,
                settings,
                lanes: Mutex::new(Lanes {
                    by_chat: HashMap::new(),
                    forget_at: REMEMBERED_LANES,
                }),
                calls: Semaphore::new(settings.calls_at_once.max(1)),
                bulk: Bulk::new(settings.bulk_per_second),
                open: watch::Sender::new(0),
            }),
        }
    }

    /// Queues a message. The outcome may be awaited or dropped.
    pub(crate) fn enqueue(&self, job: Job) -> oneshot::Receiver<Outcome> {
        let (done, outcome) = oneshot::channel();
        let chat = job.chat;
        let now = Instant::now();
        let queued = Queued {
            job,
            done,
            attempts: 0,
            queued_at: now,
        };
        if self.admit(queued, now) {
            let sender = self.clone();
            tokio::spawn(async move { sender.work(chat).await });
        }
        outcome
    }

    /// A new message as the answer to something.
    pub(crate) fn reply(&self, chat: i64, screen: Screen) -> oneshot::Receiver<Outcome> {
        self.enqueue(Job {
            chat,
            target: Target::New,
            body: Body::Ready(Box::new(screen)),
            priority: Priority::Reply,
            patience: None,
        })
    }

    /// Shows something in place of a message, or below where that one is gone.
    pub(crate) fn replace(
        &self,
        chat: i64,
        message: i32,
        screen: Screen,
    ) -> oneshot::Receiver<Outcome> {
        self.enqueue(Job {
            chat,
            target: Target::Edit {
                message,
                or_new: true,
            },
            body: Body::Ready(Box::new(screen)),
            priority: Priority::Reply,
            patience: None,
        })
    }

    /// Answers a press, past all queues.
    pub(crate) fn answer(&self, query: &str, text: Option<&str>, alert: bool) {
        let transport = Arc::clone(&self.inner.transport);
        let query = query.to_owned();
        let text = text.map(toast);
        tokio::spawn(async move {
            let mut pause = FIRST_PAUSE;
            for _ in 0..3 {
                match transport.answer(&query, text.as_deref(), alert).await {
                    Err(ApiError::NotSent | ApiError::AnswerLost | ApiError::Server(_)) => {
                        tokio::time::sleep(pause).await;
                        pause *= 2;
                    }
                    Err(ApiError::TooFast(wait)) => tokio::time::sleep(wait).await,
                    Ok(()) | Err(ApiError::QueryTooOld) => return,
                    Err(error) => return log::debug!("a press was not answered: {error}"),
                }
            }
        });
    }

    /// Whether nothing waits for this chat and something could leave at once.
    pub(crate) fn is_quiet(&self, chat: i64) -> bool {
        let now = Instant::now();
        self.lanes().by_chat.get(&chat).is_none_or(|lane| {
            lane.len() == 0
                && lane
                    .expected_wait(Priority::Background, self.pace(), now)
                    .is_zero()
        })
    }

    /// Waits until everything left, or until `patience` is over. Gives back how many did not.
    pub(crate) async fn drain(&self, patience: Duration) -> usize {
        let mut open = self.inner.open.subscribe();
        let _ = tokio::time::timeout(patience, open.wait_for(|open| *open == 0)).await;
        *self.inner.open.borrow()
    }

    fn pace(&self) -> Pace {
        Pace {
            interval: self.inner.settings.interval_per_chat,
            burst: self.inner.settings.burst_per_chat.max(1),
        }
    }

    /// The lock is held for a few moves in memory only, so a poisoned one is whole.
    fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.inner
            .lanes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with a chat's lane.
    fn lane<T>(&self, chat: i64, act: impl FnOnce(&mut Lane) -> T) -> T {
        let now = Instant::now();
        let mut lanes = self.lanes();
        lanes.forget_idle(now);
        act(lanes.by_chat.entry(chat).or_insert_with(|| Lane::new(now)))
    }

    fn close(&self, queued: Queued, outcome: Outcome) {
        let _ = queued.done.send(outcome);
        self.inner
            .open
            .send_modify(|open| *open = open.saturating_sub(1));
    }

    /// Queues or refuses; says whether a task must be started for the lane.
    fn admit(&self, queued: Queued, now: Instant) -> bool {
        self.inner.open.send_modify(|open| *open += 1);
        let total = *self.inner.open.borrow();
        let settings = self.inner.settings;
        let (pace, chat) = (self.pace(), queued.job.chat);
        let priority = queued.job.priority;
        let mut lanes = self.lanes();
        lanes.forget_idle(now);
        let lane = lanes.by_chat.entry(chat).or_insert_with(|| Lane::new(now));
        let wait = lane.expected_wait(priority, pace, now);
        if queued.job.patience.is_some_and(|patience| wait > patience) {
            drop(lanes);
            self.close(queued, Outcome::Later(wait));
            return false;
        }
        let mut given_up = None;
        if lane.len() >= settings.queue_per_chat || total > settings.queue_total {
            given_up = lane.evict_below(priority);
            if given_up.is_none() && lane.len() > 0 {
                drop(lanes);
                let wait = wait.max(pace.interval);
                self.close(queued, Outcome::Later(wait));
                return false;
            }
        }
        let superseded = lane.push(queued);
        let start = !std::mem::replace(&mut lane.busy, true);
        drop(lanes);
        if let Some(old) = superseded {
            self.close(old, Outcome::Superseded);
        }
        if let Some(old) = given_up {
            self.close(old, Outcome::Lost);
        }
        start
    }

    /// Works a lane off and ends with it.
    async fn work(&self, chat: i64) {
        loop {
            let step = {
                let mut lanes = self.lanes();
                let Some(lane) = lanes.by_chat.get_mut(&chat) else {
                    return;
                };
                let step = lane.step(self.pace(), Instant::now());
                if matches!(step, Step::Rest) {
                    lane.busy = false;
                }
                step
            };
            match step {
                Step::Rest => return,
                Step::Wait(until) => tokio::time::sleep_until(until).await,
                Step::Go(queued) => self.attempt(*queued).await,
            }
        }
    }

    async fn attempt(&self, queued: Queued) {
        let screen = match &queued.job.body {
            Body::Ready(screen) => Some(screen.as_ref().clone()),
            // A panic here would leave the lane without its worker for good.
            Body::Live(draw) => AssertUnwindSafe(draw())
                .catch_unwind()
                .await
                .unwrap_or_default(),
        };
        let Some(screen) = screen else {
            return self.close(queued, Outcome::Lost);
        };
        let result = {
            let _permit = self.inner.calls.acquire().await;
            self.inner.bulk.passed(Instant::now());
            self.call(&queued.job, &screen).await
        };
        match result {
            Ok(message) => self.close(queued, Outcome::Sent { message }),
            Err(error) => self.failed(queued, error),
        }
    }

    async fn call(&self, job: &Job, screen: &Screen) -> Result<i32, ApiError> {
        match self.call_with(job, screen, Markup::Html).await {
            Err(ApiError::BadMarkup) => {
                log::warn!("Telegram refused the markup of a message; it goes out without");
                self.call_with(job, screen, Markup::None).await
            }
            result => result,
        }
    }

    async fn call_with(&self, job: &Job, screen: &Screen, markup: Markup) -> Result<i32, ApiError> {
        let transport = &self.inner.transport;
        let Target::Edit { message, or_new } = job.target else {
            return transport.send(job.chat, screen, markup).await;
        };
        match transport.edit(job.chat, message, screen, markup).await {
            Ok(()) | Err(ApiError::NotModified) => Ok(message),
            Err(ApiError::MessageGone) if or_new => transport.send(job.chat, screen, markup).await,
            Err(error) => Err(error),
        }
    }

    /// Tries again where that cannot show a thing twice, and ends the job otherwise.
    fn failed(&self, mut queued: Queued, error: ApiError) {
        let pause = FIRST_PAUSE * 2_u32.saturating_pow(queued.attempts);
        let is_edit = queued.job.target.message().is_some();
        let again_in = match error {
            ApiError::TooFast(wait) => Some(wait),
            ApiError::NotSent | ApiError::Server(_) => Some(pause),
            // A message whose answer was lost may stand there already.
            ApiError::AnswerLost => is_edit.then_some(pause),
            ApiError::Unreachable => return self.close(queued, Outcome::Unreachable),
            ApiError::MessageGone => return self.close(queued, Outcome::Gone),
            ApiError::NotModified
            | ApiError::BadMarkup
            | ApiError::QueryTooOld
            | ApiError::AlreadyRefunded
            | ApiError::BadToken
            | ApiError::Conflict
            | ApiError::Refused(_) => {
                log::error!("a message was refused: {error}");
                return self.close(queued, Outcome::Refused);
            }
        };
        queued.attempts += 1;
        let Some(wait) = again_in.filter(|_| queued.attempts < ATTEMPTS) else {
            log::warn!("a message was given up: {error}");
            return self.close(queued, Outcome::Lost);
        };
        let now = Instant::now();
        let waited = now.saturating_duration_since(queued.queued_at);
        let impatient = queued
            .job
            .patience
            .is_some_and(|patience| waited + wait > patience);
        let superseded = {
            let mut lanes = self.lanes();
            let lane = lanes
                .by_chat
                .entry(queued.job.chat)
                .or_insert_with(|| Lane::new(now));
            lane.freeze_until(now + wait);
            if impatient {
                Some((queued, Outcome::Later(wait)))
            } else {
                lane.push_back(queued).map(|old| (old, Outcome::Superseded))
            }
        };
        if let Some((queued, outcome)) = superseded {
            self.close(queued, outcome);
        }
    }
}

impl Lanes {
    /// Forgets idle lanes whenever their number doubled, so that this costs next to nothing.
    fn forget_idle(&mut self, now: Instant) {
        if self.by_chat.len() >= self.forget_at {
            self.by_chat.retain(|_, lane| !lane.is_forgettable(now));
            self.forget_at = (self.by_chat.len() * 2).max(REMEMBERED_LANES);
        }
    }
}
