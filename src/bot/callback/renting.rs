//! What the buttons of rentals ask for.
//!
//! Invariant: as for all buttons: what is read here was written here.

use crate::bot::callback::Iso2;
use crate::bot::callback::payload::{Parts, base36};
use crate::domain::id::OrderId;
use crate::shop::browse::ServiceId;

/// What a press asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renting {
    /// The countries.
    Countries {
        /// From 0.
        page: usize,
    },
    /// The durations of a country.
    Durations {
        /// The country.
        country: Iso2,
    },
    /// The confirmation card of a duration.
    Offer {
        /// The country.
        country: Iso2,
        /// The duration.
        service: ServiceId,
    },
    /// The user's rentals.
    Mine {
        /// From 0.
        page: usize,
    },
    /// The SMS of a rental.
    Inbox {
        /// The rental.
        id: OrderId,
        /// From 0.
        page: usize,
    },
    /// The durations for which a rental can be renewed, below.
    Renewals {
        /// The rental.
        id: OrderId,
    },
    /// The confirmation card of a renewal.
    Renewal {
        /// The rental.
        id: OrderId,
        /// The duration.
        service: ServiceId,
    },
    /// Asks for a label.
    Label {
        /// The rental.
        id: OrderId,
    },
    /// Gives a country a star, or takes it away.
    Star {
        /// The country.
        country: Iso2,
        /// Whether it gets the star.
        on: bool,
    },
    /// The reminders of a rental's end.
    Reminders,
    /// Says whether one of them is wanted.
    Remind {
        /// How many hours before the end.
        hours: u32,
        /// Whether it is wanted.
        on: bool,
    },
    /// Lets a rental's SMS ring, or not.
    Mute {
        /// The rental.
        id: OrderId,
        /// Whether they are silent.
        on: bool,
    },
}

impl Renting {
    /// Whether the answer to the press tells how it went.
    pub(super) const fn has_a_toast(self) -> bool {
        match self {
            Self::Mute { .. } | Self::Star { .. } => true,
            Self::Countries { .. }
            | Self::Durations { .. }
            | Self::Reminders
            | Self::Remind { .. }
            | Self::Offer { .. }
            | Self::Mine { .. }
            | Self::Inbox { .. }
            | Self::Renewals { .. }
            | Self::Renewal { .. }
            | Self::Label { .. } => false,
        }
    }

    pub(super) fn encode(self) -> String {
        match self {
            Self::Countries { page } => format!("ic.{page}"),
            Self::Durations { country } => format!("id.{}", country.as_str()),
            Self::Offer { country, service } => {
                format!("io.{}.{}", country.as_str(), base36(service.0))
            }
            Self::Mine { page } => format!("im.{page}"),
            Self::Inbox { id, page } => format!("ib.{}.{page}", base36(id.0)),
            Self::Renewals { id } => format!("ir.{}", base36(id.0)),
            Self::Renewal { id, service } => {
                format!("in.{}.{}", base36(id.0), base36(service.0))
            }
            Self::Label { id } => format!("il.{}", base36(id.0)),
            Self::Star { country, on } => format!("is.{}.{}", country.as_str(), u8::from(on)),
            Self::Reminders => "ie".to_owned(),
            Self::Remind { hours, on } => format!("iw.{hours}.{}", u8::from(on)),
            Self::Mute { id, on } => format!("iq.{}.{}", base36(id.0), u8::from(on)),
        }
    }

    pub(super) fn decode(what: &str, parts: &mut Parts<'_, '_>) -> Option<Self> {
        Some(match what {
            "ic" => Self::Countries {
                page: parts.page()?,
            },
            "id" => Self::Durations {
                country: parts.country()?,
            },
            "io" => Self::Offer {
                country: parts.country()?,
                service: parts.service()?,
            },
            "im" => Self::Mine {
                page: parts.page()?,
            },
            "ib" => Self::Inbox {
                id: parts.order()?,
                page: parts.page()?,
            },
            "ir" => Self::Renewals { id: parts.order()? },
            "in" => Self::Renewal {
                id: parts.order()?,
                service: parts.service()?,
            },
            "il" => Self::Label { id: parts.order()? },
            "is" => Self::Star {
                country: parts.country()?,
                on: parts.flag()?,
            },
            "ie" => Self::Reminders,
            "iw" => Self::Remind {
                hours: parts.count()?,
                on: parts.flag()?,
            },
            "iq" => Self::Mute {
                id: parts.order()?,
                on: parts.flag()?,
            },
            _ => return None,
        })
    }
}
