//! What there is to say about responsible use: freezes, withheld messages, support.
//!
//! Invariant: as for all notices: facts, not words; and no text of an SMS.

use serde::{Deserialize, Serialize};

use crate::domain::id::{OrderId, UserId};
use crate::shop::support::SupportId;

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
    /// For those who may answer: a user wrote.
    SupportPaper {
        /// This.
        message: SupportId,
    },
    /// For the same: it is answered; the message that shows it changes.
    SupportAnswered {
        /// What the user wrote.
        message: SupportId,
    },
    /// For the user: an answer.
    SupportAnswer {
        /// The answer.
        message: SupportId,
    },
    /// For admins: the same as [`TrustNews::Withheld`].
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
            Self::Frozen { .. }
            | Self::Lifted
            | Self::Withheld { .. }
            | Self::SupportPaper { .. }
            | Self::SupportAnswered { .. }
            | Self::SupportAnswer { .. } => None,
        }
    }
}
