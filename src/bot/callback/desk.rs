//! What the buttons of the admins' desk ask for: statistics, users, orders.
//!
//! Invariant: as for all buttons: what is read here was written here.

use crate::bot::callback::payload::{Parts, base36};
use crate::domain::id::{Nonce, OrderId, UserId};
use crate::domain::role::Role;

/// What a press asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskPress {
    /// The statistics of the last days.
    Stats {
        /// How many.
        days: u32,
    },
    /// The same as a picture, below.
    Chart {
        /// How many.
        days: u32,
    },
    /// A user's card.
    User {
        /// Which.
        id: UserId,
    },
    /// A user's orders.
    Orders {
        /// Whose.
        id: UserId,
        /// From 0.
        page: usize,
    },
    /// What moved in a user's wallet.
    Moves {
        /// Whose.
        id: UserId,
        /// From 0.
        page: usize,
    },
    /// Bans a user, or lets them back in.
    Ban {
        /// Whom.
        id: UserId,
        /// Whether they are kept out.
        is_on: bool,
    },
    /// Asks for a note about a user.
    Note {
        /// About whom.
        id: UserId,
    },
    /// Asks for a message to a user.
    Write {
        /// To whom.
        id: UserId,
    },
    /// Sends a message to a user.
    Send {
        /// The draft's key.
        nonce: Nonce,
    },
    /// An order's story.
    Order {
        /// Which.
        id: OrderId,
    },
    /// The same with its whole number.
    Number {
        /// Which.
        id: OrderId,
    },
    /// Asks why an order's money shall be given back.
    Refund {
        /// Which.
        id: OrderId,
    },
    /// Gives an order's money back.
    GiveBack {
        /// The draft's key.
        nonce: Nonce,
    },
}

impl DeskPress {
    /// What somebody must be to press it.
    pub(super) const fn least_role(&self) -> Role {
        match self {
            Self::Stats { .. } | Self::Chart { .. } | Self::Ban { .. } => Role::Admin,
            Self::User { .. }
            | Self::Orders { .. }
            | Self::Moves { .. }
            | Self::Note { .. }
            | Self::Write { .. }
            | Self::Send { .. }
            | Self::Order { .. }
            | Self::Number { .. }
            | Self::Refund { .. }
            | Self::GiveBack { .. } => Role::Support,
        }
    }

    /// Whether the answer to the press tells how it went.
    pub(super) const fn has_a_toast(&self) -> bool {
        match self {
            Self::Ban { .. } | Self::Send { .. } | Self::GiveBack { .. } => true,
            Self::Stats { .. }
            | Self::Chart { .. }
            | Self::User { .. }
            | Self::Orders { .. }
            | Self::Moves { .. }
            | Self::Note { .. }
            | Self::Write { .. }
            | Self::Order { .. }
            | Self::Number { .. }
            | Self::Refund { .. } => false,
        }
    }

    pub(super) fn encode(&self) -> String {
        match self {
            Self::Stats { days } => format!("Ks.{days}"),
            Self::Chart { days } => format!("Kc.{days}"),
            Self::User { id } => format!("Ku.{}", base36(id.0)),
            Self::Orders { id, page } => format!("Ko.{}.{page}", base36(id.0)),
            Self::Moves { id, page } => format!("Km.{}.{page}", base36(id.0)),
            Self::Ban { id, is_on } => format!("Kb.{}.{}", base36(id.0), u8::from(*is_on)),
            Self::Note { id } => format!("Kn.{}", base36(id.0)),
            Self::Write { id } => format!("Kw.{}", base36(id.0)),
            Self::Send { nonce } => format!("Kt.{nonce}"),
            Self::Order { id } => format!("Kv.{}", base36(id.0)),
            Self::Number { id } => format!("Kx.{}", base36(id.0)),
            Self::Refund { id } => format!("Kr.{}", base36(id.0)),
            Self::GiveBack { nonce } => format!("Kg.{nonce}"),
        }
    }

    pub(super) fn decode(what: &str, parts: &mut Parts<'_, '_>) -> Option<Self> {
        Some(match what {
            "Ks" => Self::Stats {
                days: parts.count()?,
            },
            "Kc" => Self::Chart {
                days: parts.count()?,
            },
            "Ku" => Self::User { id: parts.user()? },
            "Ko" => Self::Orders {
                id: parts.user()?,
                page: parts.page()?,
            },
            "Km" => Self::Moves {
                id: parts.user()?,
                page: parts.page()?,
            },
            "Kb" => Self::Ban {
                id: parts.user()?,
                is_on: parts.flag()?,
            },
            "Kn" => Self::Note { id: parts.user()? },
            "Kw" => Self::Write { id: parts.user()? },
            "Kt" => Self::Send {
                nonce: parts.nonce()?,
            },
            "Kv" => Self::Order { id: parts.order()? },
            "Kx" => Self::Number { id: parts.order()? },
            "Kr" => Self::Refund { id: parts.order()? },
            "Kg" => Self::GiveBack {
                nonce: parts.nonce()?,
            },
            _ => return None,
        })
    }
}
