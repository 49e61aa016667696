//! What the buttons about messages to many ask for.
//!
//! Invariant: as for all buttons: what is read here was written here.

use crate::bot::callback::payload::{Parts, base36};
use crate::domain::audience::Audience;
use crate::domain::id::{BroadcastId, Nonce};
use crate::domain::role::Role;
use crate::shop::broadcast::Steer;

/// What a press asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broadcasting {
    /// To whom it may go.
    Audiences {
        /// The draft's key.
        nonce: Nonce,
    },
    /// How it will look, and how many will get it.
    Preview {
        /// The draft's key.
        nonce: Nonce,
        /// To whom.
        audience: Audience,
    },
    /// Sends it.
    Send {
        /// The draft's key.
        nonce: Nonce,
        /// To whom.
        audience: Audience,
    },
    /// Pauses, resumes or ends it.
    Steer {
        /// Which.
        id: BroadcastId,
        /// What.
        steer: Steer,
    },
    /// A user wants news from the shop, or none.
    News {
        /// Whether they want any.
        on: bool,
        /// Whether the button stands in the settings, which then show how it is.
        in_settings: bool,
    },
}

const STEERS: [(Steer, &str); 3] = [
    (Steer::Pause, "Yp"),
    (Steer::Resume, "Yr"),
    (Steer::Cancel, "Yc"),
];

impl Broadcasting {
    /// What somebody must be to press it; `None` for every user.
    pub const fn least_role(&self) -> Option<Role> {
        match self {
            Self::Audiences { .. }
            | Self::Preview { .. }
            | Self::Send { .. }
            | Self::Steer { .. } => Some(Role::Admin),
            Self::News { .. } => None,
        }
    }

    pub(super) fn encode(&self) -> String {
        match self {
            Self::Audiences { nonce } => format!("Ya.{nonce}"),
            Self::Preview { nonce, audience } => format!("Yv.{nonce}.{}", audience.word()),
            Self::Send { nonce, audience } => format!("Yy.{nonce}.{}", audience.word()),
            Self::Steer { id, steer } => {
                let known = STEERS.iter().find(|(known, _)| known == steer);
                let letters = known.map_or("", |(_, letters)| letters);
                format!("{letters}.{}", base36(id.0))
            }
            Self::News { on, in_settings } => {
                format!("Yn.{}.{}", u8::from(*on), u8::from(*in_settings))
            }
        }
    }

    pub(super) fn decode(what: &str, parts: &mut Parts<'_, '_>) -> Option<Self> {
        if let Some((steer, _)) = STEERS.iter().find(|(_, letters)| *letters == what) {
            let id = BroadcastId(parts.number()?);
            return Some(Self::Steer { id, steer: *steer });
        }
        Some(match what {
            "Ya" => Self::Audiences {
                nonce: parts.nonce()?,
            },
            "Yv" => Self::Preview {
                nonce: parts.nonce()?,
                audience: parts.audience()?,
            },
            "Yy" => Self::Send {
                nonce: parts.nonce()?,
                audience: parts.audience()?,
            },
            "Yn" => Self::News {
                on: parts.flag()?,
                in_settings: parts.flag()?,
            },
            _ => return None,
        })
    }
}
