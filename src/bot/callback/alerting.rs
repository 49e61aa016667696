//! What the buttons under warnings ask for: to see what they are about.
//!
//! Invariant: as for all buttons: what is read here was written here.

use crate::bot::callback::payload::{Parts, base36};
use crate::domain::role::Role;
use crate::shop::request::RequestId;

/// What a press asks for. Each is shown below the warning, which stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alerting {
    /// The upstreams.
    Providers,
    /// What is not settled with the upstreams.
    Doubts,
    /// Why nothing is sold.
    Recovery,
    /// A request of a user to be credited.
    Request {
        /// Which.
        id: RequestId,
    },
    /// How much room is left on the disk.
    Disk,
    /// A backup, now.
    BackUp,
}

impl Alerting {
    /// What somebody must be to press it.
    pub const fn least_role(self) -> Role {
        match self {
            Self::Providers | Self::Doubts | Self::Recovery | Self::Request { .. } | Self::Disk => {
                Role::Admin
            }
            Self::BackUp => Role::Owner,
        }
    }

    pub(super) fn encode(self) -> String {
        match self {
            Self::Providers => "Xp".to_owned(),
            Self::Doubts => "Xd".to_owned(),
            Self::Recovery => "Xy".to_owned(),
            Self::Request { id } => format!("Xr.{}", base36(id.0)),
            Self::Disk => "Xf".to_owned(),
            Self::BackUp => "Xb".to_owned(),
        }
    }

    pub(super) fn decode(what: &str, parts: &mut Parts<'_, '_>) -> Option<Self> {
        Some(match what {
            "Xp" => Self::Providers,
            "Xd" => Self::Doubts,
            "Xy" => Self::Recovery,
            "Xr" => Self::Request {
                id: RequestId(parts.number()?),
            },
            "Xf" => Self::Disk,
            "Xb" => Self::BackUp,
            _ => return None,
        })
    }
}
