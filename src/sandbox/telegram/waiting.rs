//! Waiting for something to be seen, so that nobody has to sleep and hope.
//!
//! Invariant: a waiter first looks at what is there and misses nothing that comes afterwards.

use std::fmt::Write as _;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::SimulatedTelegram;
use super::events::{Event, Toast};
use super::inline::InlineAnswer;
use super::message::{Author, ChatMessage};
use super::people::Impossible;
use super::world::{Chat, Inside, lock};

/// What was waited for did not show.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSeen {
    /// There is nothing to watch.
    #[error(transparent)]
    Impossible(#[from] Impossible),
    /// It did not come in time.
    #[error("nothing fitting came within {within:?}; the chat's last messages:\n{tail}")]
    InTime {
        /// How long was waited.
        within: Duration,
        /// The end of the chat, one message a paragraph.
        tail: String,
    },
}

impl SimulatedTelegram {
    /// The number of the last event; what happens from now on has a higher one.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.world.log.last()
    }

    /// The newest message of a chat that fits, now or as soon as there is one.
    ///
    /// # Errors
    /// When none came in time.
    pub async fn wait_for(
        &self,
        chat: i64,
        fits: impl FnMut(&ChatMessage) -> bool + Send,
        within: Duration,
    ) -> Result<ChatMessage, NotSeen> {
        self.wait_after(chat, 0, fits, within).await
    }

    /// The same, but only among messages that came or changed after event `seq`.
    ///
    /// # Errors
    /// When none came in time.
    pub async fn wait_after(
        &self,
        chat: i64,
        seq: u64,
        mut fits: impl FnMut(&ChatMessage) -> bool + Send,
        within: Duration,
    ) -> Result<ChatMessage, NotSeen> {
        self.wait_in(chat, within, |inside| {
            inside
                .messages
                .values()
                .rev()
                .find(|message| !message.deleted && message.seq > seq && fits(message))
                .cloned()
        })
        .await
    }

    /// The answer to a press that fits and came after event `seq`.
    ///
    /// # Errors
    /// When none came in time.
    pub async fn wait_for_toast(
        &self,
        user: i64,
        seq: u64,
        mut fits: impl FnMut(&Toast) -> bool + Send,
        within: Duration,
    ) -> Result<Toast, NotSeen> {
        self.wait_in(user, within, |inside| {
            let mut recent = inside.toasts.iter().rev();
            recent.find(|toast| toast.seq > seq && fits(toast)).cloned()
        })
        .await
    }

    /// The answer to an inline query.
    ///
    /// # Errors
    /// When none came in time.
    pub async fn wait_for_inline(
        &self,
        user: i64,
        query_id: &str,
        within: Duration,
    ) -> Result<InlineAnswer, NotSeen> {
        self.wait_in(user, within, |inside| {
            let mut answers = inside.inline.iter();
            answers.find(|answer| answer.query_id == query_id).cloned()
        })
        .await
    }

    pub(super) async fn wait_in<T>(
        &self,
        chat: i64,
        within: Duration,
        mut look: impl FnMut(&Inside) -> Option<T> + Send,
    ) -> Result<T, NotSeen> {
        let chat = self.chat(chat)?;
        let mut changed = chat.changed.subscribe();
        let deadline = Instant::now() + within;
        loop {
            changed.mark_unchanged();
            let found = look(&lock(&chat.inside));
            if let Some(found) = found {
                return Ok(found);
            }
            if timeout_at(deadline, changed.changed()).await.is_err() {
                return Err(NotSeen::InTime {
                    within,
                    tail: tail(&chat),
                });
            }
        }
    }

    /// The events after `seq`, waiting up to `within` for the first; none if some of them are no
    /// longer kept, and an empty list if nothing happened.
    pub async fn events_after(&self, seq: u64, within: Duration) -> Option<Vec<Event>> {
        let mut last = self.world.log.watch();
        let deadline = Instant::now() + within;
        loop {
            last.mark_unchanged();
            let events = self.world.log.after(seq)?;
            let waited_out =
                !events.is_empty() || timeout_at(deadline, last.changed()).await.is_err();
            if waited_out {
                return Some(events);
            }
        }
    }
}

fn tail(chat: &Chat) -> String {
    let inside = lock(&chat.inside);
    let mut text = String::new();
    let skipped = inside.messages.len().saturating_sub(4);
    for message in inside.messages.values().skip(skipped) {
        let who = match message.author {
            Author::Bot => "bot",
            Author::User(_) => "user",
        };
        let labels: Vec<&str> = message.buttons().map(|b| b.text.as_str()).collect();
        // Writing into a String cannot fail.
        let _ = writeln!(text, "{who}: {} {labels:?}", message.text);
    }
    text
}
