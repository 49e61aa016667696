//! The pace of copies that nobody asked for.
//!
//! Invariant: a copy leaves only while fewer than so many messages of any kind leave within a
//! second; nothing else ever waits for a copy, neither for its turn nor for its answer.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::{FIRST_PAUSE, Priority, Sender};
use crate::bot::api::{ApiError, Copy};

/// Calls for copies at a time: they take none of the calls that codes need.
const HANDS: usize = 16;
/// However much else leaves, copies are not held up for longer by it.
const LONGEST_QUEUE: Duration = Duration::from_secs(1);

/// Whoever sends copies must be able to stop: longer than this none waits here.
const LONGEST_TURN: Duration = Duration::from_secs(2);

/// The pace of all messages together.
pub(super) struct Bulk {
    interval: Duration,
    hands: Semaphore,
    tide: Mutex<Tide>,
}

#[derive(Clone, Copy)]
struct Tide {
    /// When the next copy may leave: each message of any kind moves it on by one interval.
    free_at: Instant,
    /// Telegram asked for silence until then.
    frozen_until: Instant,
}

/// How a copy went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CopyEnd {
    /// It stands there.
    Sent,
    /// The user blocked the bot or is gone.
    Unreachable,
    /// The original is gone.
    OriginalGone,
    /// Surely nothing arrived; again after that time.
    Later(Duration),
    /// Nobody knows whether it arrived.
    Lost,
    /// Telegram refuses it, and will again.
    Refused,
}

impl Bulk {
    pub(super) fn new(per_second: u32) -> Self {
        let now = Instant::now();
        Self {
            interval: Duration::from_secs(1) / per_second.max(1),
            hands: Semaphore::new(HANDS),
            tide: Mutex::new(Tide {
                free_at: now,
                frozen_until: now,
            }),
        }
    }

    fn with_tide<T>(&self, act: impl FnOnce(&mut Tide) -> T) -> T {
        // The lock is held for a few moves in memory only, so a poisoned one is whole.
        act(&mut self.tide.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Another message leaves.
    pub(super) fn passed(&self, now: Instant) {
        self.with_tide(|tide| {
            let next = tide.free_at.max(now) + self.interval;
            tide.free_at = next.min(now + LONGEST_QUEUE);
        });
    }

    /// Takes the next place for a copy, or says when to ask again.
    fn take(&self, now: Instant) -> Result<(), Instant> {
        self.with_tide(|tide| {
            let ready = tide.free_at.max(tide.frozen_until);
            if ready > now {
                return Err(ready);
            }
            tide.free_at = now + self.interval;
            Ok(())
        })
    }

    fn freeze_until(&self, until: Instant) {
        self.with_tide(|tide| tide.frozen_until = tide.frozen_until.max(until));
    }
}

impl Sender {
    /// Copies a message into a chat, and waits for how it went. One in the background leaves only
    /// into a quiet chat and only while little else leaves; any other one leaves at once.
    pub(crate) async fn copy(&self, copy: &Copy, priority: Priority) -> CopyEnd {
        let _hand = self.inner.bulk.hands.acquire().await;
        if let Err(wait) = self.turn_of(copy.to, priority).await {
            return CopyEnd::Later(wait);
        }
        match self.inner.transport.copy(copy).await {
            Ok(()) => CopyEnd::Sent,
            Err(ApiError::TooFast(wait)) => {
                let until = Instant::now() + wait;
                self.inner.bulk.freeze_until(until);
                self.lane(copy.to, |lane| lane.freeze_until(until));
                CopyEnd::Later(wait)
            }
            Err(ApiError::NotSent | ApiError::Server(_)) => CopyEnd::Later(FIRST_PAUSE * 10),
            Err(ApiError::AnswerLost) => CopyEnd::Lost,
            Err(ApiError::Unreachable) => CopyEnd::Unreachable,
            Err(ApiError::MessageGone) => CopyEnd::OriginalGone,
            Err(
                error @ (ApiError::NotModified
                | ApiError::BadMarkup
                | ApiError::QueryTooOld
                | ApiError::AlreadyRefunded
                | ApiError::BadToken
                | ApiError::Conflict
                | ApiError::Refused(_)),
            ) => {
                log::warn!("a copy was refused: {error}");
                CopyEnd::Refused
            }
        }
    }

    /// Waits until a copy may leave; its place in both paces is taken then. Where that is too long
    /// to wait for, it says how long.
    async fn turn_of(&self, chat: i64, priority: Priority) -> Result<(), Duration> {
        loop {
            let (now, pace) = (Instant::now(), self.pace());
            let is_bulk = priority == Priority::Background;
            let turn = self.lane(chat, |lane| {
                let quiet_at = if is_bulk {
                    lane.quiet_at(pace, now)
                } else {
                    now
                };
                if quiet_at > now {
                    return Err(quiet_at);
                }
                if is_bulk {
                    self.inner.bulk.take(now)?;
                } else {
                    self.inner.bulk.passed(now);
                }
                lane.take_place(pace, now);
                Ok(())
            });
            match turn {
                Ok(()) => return Ok(()),
                Err(at) if at - now > LONGEST_TURN => return Err(at - now),
                Err(at) => tokio::time::sleep_until(at).await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_leave_at_their_pace_and_give_way_to_everything_else() {
        let bulk = Bulk::new(25);
        let start = Instant::now() + Duration::from_secs(1);
        assert_eq!(bulk.take(start), Ok(()));
        let next = start + Duration::from_millis(40);
        assert_eq!(bulk.take(start), Err(next));
        assert_eq!(bulk.take(next), Ok(()));
        // Ten answers to users leave: so many copies fewer.
        (0..10).for_each(|_| bulk.passed(next));
        let after = next + Duration::from_millis(440);
        assert_eq!(bulk.take(next), Err(after));
        // A thousand do not stop them for longer than a second.
        (0..1000).for_each(|_| bulk.passed(next));
        assert_eq!(bulk.take(next), Err(next + LONGEST_QUEUE));
    }

    #[test]
    fn silence_that_telegram_asks_for_is_kept() {
        let bulk = Bulk::new(25);
        let now = Instant::now() + Duration::from_secs(1);
        let until = now + Duration::from_secs(30);
        bulk.freeze_until(until);
        assert_eq!(bulk.take(now), Err(until));
        assert_eq!(bulk.take(until), Ok(()));
    }
}
