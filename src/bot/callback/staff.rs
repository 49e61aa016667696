//! What the buttons about the staff ask for.
//!
//! Invariant: as for all buttons: what is read here was written here.

use crate::bot::callback::payload::{Parts, base36};
use crate::domain::id::{Nonce, UserId};
use crate::domain::role::Role;

/// What a press asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StaffPress {
    /// Gives or takes a role.
    SetRole {
        /// The draft's key.
        nonce: Nonce,
    },
    /// What admins did.
    Acts {
        /// Of one of them only.
        by: Option<UserId>,
        /// From 0.
        page: usize,
    },
}

impl StaffPress {
    /// What somebody must be to press it.
    pub const fn least_role(&self) -> Role {
        match self {
            Self::SetRole { .. } => Role::Owner,
            Self::Acts { .. } => Role::Admin,
        }
    }

    pub(super) fn encode(&self) -> String {
        match self {
            Self::SetRole { nonce } => format!("Zr.{nonce}"),
            Self::Acts { by: None, page } => format!("Za.{page}"),
            Self::Acts { by: Some(by), page } => format!("Zo.{}.{page}", base36(by.0)),
        }
    }

    pub(super) fn decode(what: &str, parts: &mut Parts<'_, '_>) -> Option<Self> {
        Some(match what {
            "Zr" => Self::SetRole {
                nonce: parts.nonce()?,
            },
            "Za" => Self::Acts {
                by: None,
                page: parts.page()?,
            },
            "Zo" => Self::Acts {
                by: Some(parts.user()?),
                page: parts.page()?,
            },
            _ => return None,
        })
    }
}
