//! What there is to say about responsible use: freezes, withheld messages, support.
//!
//! Invariant: as for all notices: facts, not words; and no text of an SMS.

use serde::{Deserialize, Serialize};

/// A piece of news.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "news", rename_all = "snake_case")]
pub enum TrustNews {
    /// For a user: their account is frozen.
    Frozen {
        /// Why.
        reason: Option<String>,
    },
    /// For a user: it is not frozen any more.
    Lifted,
}
