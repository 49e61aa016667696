//! Faults on demand and flood limits.
//!
//! Invariant: all arithmetic is in whole milliseconds of the shop's clock.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::refusal::Refusal;

/// How the whole Bot API misbehaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Answers every call with this server error, such as 502.
    Status(u16),
    /// Closes the port: connections are refused.
    Refused,
    /// Takes the connection and drops it; nothing is carried out.
    Dropped,
    /// Answers every call with 429 for this long after it is set.
    FloodFor(Duration),
    /// Answers everything this much later.
    Slow(Duration),
    /// Carries out the next sends (this many) and drops the connection instead of answering.
    DropAfterSending(u32),
}

/// Telegram's flood limits; any of them can be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RateLimits {
    /// Messages a second in one chat, over time.
    pub per_chat_per_second: Option<u32>,
    /// How many messages may come at once in one chat before that limit bites.
    pub per_chat_burst: u32,
    /// Edits a minute in one chat.
    pub edits_per_minute: Option<usize>,
}

impl RateLimits {
    /// About what Telegram enforces: one message a second with a few at once, 20 edits a minute.
    #[must_use]
    pub fn like_telegram() -> Self {
        Self {
            per_chat_per_second: Some(1),
            per_chat_burst: 5,
            edits_per_minute: Some(20),
        }
    }
}

/// What one chat has used up.
#[derive(Debug, Default)]
pub(super) struct Usage {
    /// When the bucket of sends is empty again, in milliseconds of the clock.
    empty_at_ms: i64,
    edits_ms: VecDeque<i64>,
}

impl Usage {
    pub(super) fn send(&mut self, limits: &RateLimits, now: DateTime<Utc>) -> Result<(), Refusal> {
        let Some(rate) = limits.per_chat_per_second.filter(|rate| *rate > 0) else {
            return Ok(());
        };
        let now_ms = now.timestamp_millis();
        let step_ms = 1000 / i64::from(rate);
        let room_ms = step_ms * i64::from(limits.per_chat_burst.max(1));
        let empty_at_ms = self.empty_at_ms.max(now_ms) + step_ms;
        let over_ms = empty_at_ms - now_ms - room_ms;
        if over_ms > 0 {
            return Err(flood(over_ms));
        }
        self.empty_at_ms = empty_at_ms;
        Ok(())
    }

    pub(super) fn edit(&mut self, limits: &RateLimits, now: DateTime<Utc>) -> Result<(), Refusal> {
        let Some(limit) = limits.edits_per_minute else {
            return Ok(());
        };
        let now_ms = now.timestamp_millis();
        while self
            .edits_ms
            .front()
            .is_some_and(|at| at + 60_000 <= now_ms)
        {
            self.edits_ms.pop_front();
        }
        if self.edits_ms.len() >= limit {
            let free_at_ms = self.edits_ms.front().map_or(now_ms, |at| at + 60_000);
            return Err(flood(free_at_ms - now_ms));
        }
        self.edits_ms.push_back(now_ms);
        Ok(())
    }
}

fn flood(wait_ms: i64) -> Refusal {
    let seconds = u64::try_from(wait_ms).unwrap_or(0).div_ceil(1000);
    Refusal::flood(seconds.max(1))
}
