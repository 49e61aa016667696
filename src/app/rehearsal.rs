//! What tests may ask of the real binary: to die at a certain moment, and to live at another time.
//!
//! Invariant: nothing of it exists in a release: it is in force only where the fail points are
//! built in, which is where tests are built.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::TimeDelta;

use crate::clock::{Clock, ManualClock, SystemClock};

/// Where to die: a fail point, and after a colon at which passage. `C9` dies at the first one,
/// `C9:3` at the third.
const DIES_AT: &str = "NUMSHOP_DIES_AT";
/// How far the process' clock is ahead of the machine's, in milliseconds.
const CLOCK_AHEAD_MS: &str = "NUMSHOP_CLOCK_AHEAD_MS";

/// Makes the process end at the fail point that it was told, as suddenly as SIGKILL would: no
/// destructor runs, nothing is flushed.
///
/// # Errors
/// A sentence, where the point cannot be armed.
pub fn die_where_told() -> Result<(), String> {
    let Some(told) = told(DIES_AT) else {
        return Ok(());
    };
    let (point, passage) = told.split_once(':').unwrap_or((&told, "1"));
    let passage: i64 = passage
        .parse()
        .map_err(|_| format!("{DIES_AT} names no passage of {point}"))?;
    let left = AtomicI64::new(passage);
    fail::cfg_callback(point, move || {
        if left.fetch_sub(1, Ordering::Relaxed) == 1 {
            std::process::abort();
        }
    })
}

/// The machine's clock, or one that is ahead of it where a test says so.
pub(super) fn clock() -> Arc<dyn Clock> {
    let Some(ahead_ms) = told(CLOCK_AHEAD_MS).and_then(|told| told.parse().ok()) else {
        return Arc::new(SystemClock);
    };
    let clock = ManualClock::default();
    clock.advance(TimeDelta::milliseconds(ahead_ms));
    Arc::new(clock)
}

fn told(name: &str) -> Option<String> {
    if !fail::has_failpoints() {
        return None;
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "no setting: nobody but a test can say this"
    )]
    std::env::var(name).ok()
}
