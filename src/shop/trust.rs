//! What there is to say about responsible use: freezes, withheld messages, support.
//!
//! Invariant: as for all notices: facts, not words; and no text of an SMS.

use serde::{Deserialize, Serialize};

use crate::domain::id::{OrderId, UserId};

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
    /// For a user: a message was withheld.
    Withheld {
        /// Of this order.
        order: OrderId,
    },
    /// For admins: the same.
    WithheldFlag {
        /// Of this order.
        order: OrderId,
        /// Whose.
        user: UserId,
        /// What was ordered.
        ordered: String,
        /// The service that the message names.
        named: String,
    },
}

impl TrustNews {
    /// The user of whom somebody else is told.
    #[must_use]
    pub const fn about(&self) -> Option<UserId> {
        match self {
            Self::WithheldFlag { user, .. } => Some(*user),
            Self::Frozen { .. } | Self::Lifted | Self::Withheld { .. } => None,
        }
    }
}
