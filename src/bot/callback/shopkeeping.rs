//! What the admins' buttons of services, announcements and maintenance ask for.
//!
//! Invariant: as for all buttons: what is read here was written here. A button says what it makes
//! true, so that pressing it twice changes nothing more.

use crate::bot::callback::payload::{Parts, base36};
use crate::domain::id::Nonce;
use crate::shop::browse::ServiceId;

/// What a press asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shopkeeping {
    /// The services that something is decided about.
    Services {
        /// From 0.
        page: usize,
    },
    /// One service.
    Service {
        /// Which.
        id: ServiceId,
    },
    /// Hides a service, or shows it again.
    Hide {
        /// Which.
        id: ServiceId,
        /// Whether it is hidden.
        on: bool,
    },
    /// Pins a service to the top, or lets it go.
    Pin {
        /// Which.
        id: ServiceId,
        /// Whether it is pinned.
        on: bool,
    },
    /// Asks for another name.
    Rename {
        /// Of which service.
        id: ServiceId,
    },
    /// Gives a service its own name back.
    OwnName {
        /// Which.
        id: ServiceId,
    },
    /// Puts an announcement on the main menu.
    Announce {
        /// The draft's key.
        nonce: Nonce,
    },
    /// Takes it down.
    EndAnnouncement,
    /// Closes the shop, or opens it.
    Maintenance {
        /// Whether it is closed.
        on: bool,
    },
}

impl Shopkeeping {
    /// Whether the answer to the press tells how it went.
    pub(super) const fn has_a_toast(&self) -> bool {
        match self {
            Self::Services { .. } | Self::Service { .. } | Self::Rename { .. } => false,
            Self::Hide { .. }
            | Self::Pin { .. }
            | Self::OwnName { .. }
            | Self::Announce { .. }
            | Self::EndAnnouncement
            | Self::Maintenance { .. } => true,
        }
    }

    pub(super) fn encode(&self) -> String {
        match self {
            Self::Services { page } => format!("Wl.{page}"),
            Self::Service { id } => format!("Ws.{}", base36(id.0)),
            Self::Hide { id, on } => format!("Wh.{}.{}", base36(id.0), u8::from(*on)),
            Self::Pin { id, on } => format!("Wp.{}.{}", base36(id.0), u8::from(*on)),
            Self::Rename { id } => format!("Wr.{}", base36(id.0)),
            Self::OwnName { id } => format!("Wo.{}", base36(id.0)),
            Self::Announce { nonce } => format!("Wa.{nonce}"),
            Self::EndAnnouncement => "We".to_owned(),
            Self::Maintenance { on } => format!("Wm.{}", u8::from(*on)),
        }
    }

    pub(super) fn decode(what: &str, parts: &mut Parts<'_, '_>) -> Option<Self> {
        Some(match what {
            "Wl" => Self::Services {
                page: parts.page()?,
            },
            "Ws" => Self::Service {
                id: parts.service()?,
            },
            "Wh" => Self::Hide {
                id: parts.service()?,
                on: parts.flag()?,
            },
            "Wp" => Self::Pin {
                id: parts.service()?,
                on: parts.flag()?,
            },
            "Wr" => Self::Rename {
                id: parts.service()?,
            },
            "Wo" => Self::OwnName {
                id: parts.service()?,
            },
            "Wa" => Self::Announce {
                nonce: parts.nonce()?,
            },
            "We" => Self::EndAnnouncement,
            "Wm" => Self::Maintenance { on: parts.flag()? },
            _ => return None,
        })
    }
}
