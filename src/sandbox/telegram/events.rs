//! What happened, in order, for pages and tests that follow along.
//!
//! Invariant: numbers rise by one; readers who fall behind the kept events are told so.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

const KEPT: usize = 4096;

/// A bubble that pops up over the chat: the answer to a callback query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// The number of its event.
    pub seq: u64,
    /// Who pressed.
    pub user: i64,
    /// The callback query that was answered.
    pub query_id: String,
    /// What it says; empty when the answer only stops the spinner.
    pub text: String,
    /// Whether it is a box that has to be closed rather than a passing note.
    pub alert: bool,
}

/// One thing that happened in a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A message came, changed, or was deleted; read it from the chat.
    Message {
        /// Its id.
        id: i32,
    },
    /// A callback query was answered.
    Toast(Toast),
    /// The bot shows that it is busy: `typing`, `upload_document` and so on.
    ChatAction(String),
    /// The user blocked or unblocked the bot.
    Blocked(bool),
    /// The lists of commands changed; the chat is 0.
    Commands,
}

/// A numbered event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number; the first is 1.
    pub seq: u64,
    /// The chat it happened in.
    pub chat: i64,
    /// What happened.
    pub kind: EventKind,
}

#[derive(Debug)]
pub(super) struct Log {
    kept: Mutex<VecDeque<Event>>,
    last: watch::Sender<u64>,
}

impl Log {
    pub(super) fn new() -> Self {
        Self {
            kept: Mutex::new(VecDeque::new()),
            last: watch::Sender::new(0),
        }
    }

    /// Writes an event down; `make` learns its number first. Waiters wake only afterwards.
    pub(super) fn write(&self, chat: i64, make: impl FnOnce(u64) -> EventKind) -> u64 {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let seq = *self.last.borrow() + 1;
        kept.push_back(Event {
            seq,
            chat,
            kind: make(seq),
        });
        if kept.len() > KEPT {
            kept.pop_front();
        }
        self.last.send_replace(seq);
        seq
    }

    pub(super) fn last(&self) -> u64 {
        *self.last.borrow()
    }

    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.last.subscribe()
    }

    /// Everything after `seq`, or none if some of it is no longer kept.
    pub(super) fn after(&self, seq: u64) -> Option<Vec<Event>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let first = kept.front().map_or(1, |event| event.seq);
        if seq + 1 < first || seq > self.last() {
            return None;
        }
        let skip = usize::try_from(seq + 1 - first).unwrap_or(usize::MAX);
        Some(kept.iter().skip(skip).cloned().collect())
    }
}
