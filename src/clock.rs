//! The time of day, handed in as a value so that tests and the demo can move it.
//!
//! Invariant: everything that compares or stores a time asks a [`Clock`]; only pauses between
//! two steps of one call (back-off, pacing) use tokio's timer directly.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

/// Tells the time.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The present moment.
    fn now(&self) -> DateTime<Utc>;
}

/// A pause between two moments. A clock that jumps back behind its beginning ends it, so that no
/// pause ever grows by a jump.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pause {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl Pause {
    /// A pause from now on.
    #[must_use]
    pub fn of(now: DateTime<Utc>, length: TimeDelta) -> Self {
        Self {
            from: now,
            until: now + length,
        }
    }

    /// Whether it is still going on.
    #[must_use]
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        self.from <= now && now < self.until
    }

    /// When it ends by itself.
    #[must_use]
    pub const fn until(&self) -> DateTime<Utc> {
        self.until
    }
}

/// The machine's own time.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// Runs along with the machine's time and jumps when told to: the demo's "20 minutes later".
#[derive(Debug, Default)]
pub struct ManualClock {
    offset_ms: AtomicI64,
}

impl ManualClock {
    /// Jumps ahead (or back, for a negative `delta`).
    pub fn advance(&self, delta: TimeDelta) {
        self.offset_ms
            .fetch_add(delta.num_milliseconds(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::milliseconds(self.offset_ms.load(Ordering::SeqCst))
    }
}
