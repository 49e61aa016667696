//! How much is too much, for one person and for all together.
//!
//! Invariant: it knows numbers only, and forgets within a minute whoever is calm again.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use crate::bot::gate::GateSettings;
use crate::domain::id::UserId;

/// How often what is over is forgotten, and how often the log may hear of what was left out.
const LOOKS_AFTER_EVERY: Duration = Duration::from_secs(60);
/// Beyond so many people who were told of late, the others are met with silence.
const MOST_TOLD: usize = 5_000;

/// What somebody's updates are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Bucket {
    /// Messages and presses.
    Doing,
    /// What is typed behind the bot's name in any chat.
    Typing,
}

/// Who stands at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Traveller {
    /// Let in whatever happens: money, and the staff.
    Free,
    /// Anybody else.
    Metered {
        /// Who.
        who: UserId,
        /// Out of which bucket.
        bucket: Bucket,
        /// Whether there is a place to tell them.
        can_be_told: bool,
    },
}

/// Why something was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// One person does too much.
    TooFast,
    /// All together do.
    TooBusy,
}

/// What becomes of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It goes on to the handlers.
    Through,
    /// It does not.
    Left {
        /// Why.
        why: Why,
        /// Whether whoever sent it hears of that, this once.
        is_told: bool,
    },
}

/// One for each of the people, and for each of the things they do.
type Buckets<C> = RateLimiter<Key, DefaultKeyedStateStore<Key>, C, NoOpMiddleware<InstantOf<C>>>;
type Key = (UserId, Bucket);
type InstantOf<C> = <C as Clock>::Instant;

/// The people's buckets, and the count of what is under way.
pub(super) struct Meter<C: Clock> {
    buckets: Buckets<C>,
    clock: C,
    /// In so long an empty bucket is full again.
    recovery: Duration,
    most_under_way: usize,
    under_way: AtomicUsize,
    notes: Mutex<Notes<C::Instant>>,
}

struct Notes<Instant> {
    /// When something of somebody who was told was last left out.
    told: HashMap<UserId, Instant>,
    looked_after: Instant,
    too_fast: u64,
    too_busy: u64,
}

impl<C: Clock + Clone> Meter<C> {
    pub(super) fn new(settings: GateSettings, clock: C) -> Self {
        let quota = Quota::per_second(settings.per_second).allow_burst(settings.burst);
        let notes = Notes {
            told: HashMap::new(),
            looked_after: clock.now(),
            too_fast: 0,
            too_busy: 0,
        };
        Self {
            recovery: quota.burst_size_replenished_in(),
            buckets: RateLimiter::hashmap_with_clock(quota, clock.clone()),
            clock,
            most_under_way: settings.most_under_way,
            under_way: AtomicUsize::new(0),
            notes: Mutex::new(notes),
        }
    }

    /// Decides about one update; what gets through is under way until [`Self::done`].
    pub(super) fn judge(&self, traveller: Traveller) -> Verdict {
        self.look_after();
        let Traveller::Metered {
            who,
            bucket,
            can_be_told,
        } = traveller
        else {
            return self.begin();
        };
        if self.buckets.check_key(&(who, bucket)).is_err() {
            return self.leave(Why::TooFast, can_be_told.then_some(who));
        }
        if self.under_way.load(Ordering::Relaxed) >= self.most_under_way {
            return self.leave(Why::TooBusy, can_be_told.then_some(who));
        }
        self.begin()
    }

    fn begin(&self) -> Verdict {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        Verdict::Through
    }

    /// Something that was let in has ended.
    pub(super) fn done(&self) {
        let one_less = |count: usize| count.checked_sub(1);
        let _ = self
            .under_way
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
    }

    fn notes(&self) -> MutexGuard<'_, Notes<C::Instant>> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leave(&self, why: Why, tellable: Option<UserId>) -> Verdict {
        let now = self.clock.now();
        let mut notes = self.notes();
        match why {
            Why::TooFast => notes.too_fast += 1,
            Why::TooBusy => notes.too_busy += 1,
        }
        let is_told = tellable.is_some_and(|who| notes.is_news(who, now, self.recovery));
        Verdict::Left { why, is_told }
    }

    /// Forgets whoever is calm again, and tells the log what was left out: how much, not whose.
    fn look_after(&self) {
        let now = self.clock.now();
        let mut notes = self.notes();
        if Duration::from(now.duration_since(notes.looked_after)) < LOOKS_AFTER_EVERY {
            return;
        }
        notes.looked_after = now;
        let recovery = self.recovery;
        let is_fresh = |since: &C::Instant| Duration::from(now.duration_since(*since)) < recovery;
        notes.told.retain(|_, since| is_fresh(since));
        notes.told.shrink_to_fit();
        self.buckets.retain_recent();
        self.buckets.shrink_to_fit();
        let (too_fast, too_busy) = (notes.too_fast, notes.too_busy);
        (notes.too_fast, notes.too_busy) = (0, 0);
        drop(notes);
        if too_fast + too_busy > 0 {
            log::warn!(
                "updates left out since the last such line: {too_fast} of people who sent too many, {too_busy} because too many were under way"
            );
        }
    }
}

impl<Instant: Reference> Notes<Instant> {
    /// Whether somebody was not told of late; from now on they were.
    fn is_news(&mut self, who: UserId, now: Instant, recovery: Duration) -> bool {
        if let Some(since) = self.told.get_mut(&who) {
            let is_over = Duration::from(now.duration_since(*since)) >= recovery;
            *since = now;
            return is_over;
        }
        let has_room = self.told.len() < MOST_TOLD;
        if has_room {
            self.told.insert(who, now);
        }
        has_room
    }
}

#[cfg(test)]
mod tests;
