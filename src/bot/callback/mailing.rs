//! What the buttons of mailboxes ask for.
//!
//! Invariant: as for all buttons: what is read here was written here.

use crate::bot::callback::OperatorTag;
use crate::bot::callback::payload::{Parts, base36};
use crate::shop::browse::ServiceId;

/// What a press asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mailing {
    /// The services that mailboxes are sold for.
    Services {
        /// From 0.
        page: usize,
    },
    /// The domains.
    Domains,
    /// The domains of a service.
    Service {
        /// The service.
        service: ServiceId,
    },
    /// The services of a domain.
    Domain {
        /// The domain, by a hash of its name.
        domain: OperatorTag,
        /// From 0.
        page: usize,
    },
    /// Gives a service a star, or takes it away.
    Star {
        /// The service.
        service: ServiceId,
        /// Whether it gets the star.
        on: bool,
    },
    /// The confirmation card.
    Offer {
        /// The service.
        service: ServiceId,
        /// The domain.
        domain: OperatorTag,
    },
}

impl Mailing {
    /// Whether the answer to the press tells how it went.
    pub(super) const fn has_a_toast(self) -> bool {
        match self {
            Self::Star { .. } => true,
            Self::Services { .. }
            | Self::Domains
            | Self::Service { .. }
            | Self::Domain { .. }
            | Self::Offer { .. } => false,
        }
    }

    pub(super) fn encode(self) -> String {
        let tag = |tag: OperatorTag| base36(i64::from(tag.0));
        match self {
            Self::Services { page } => format!("Es.{page}"),
            Self::Domains => "Ed".to_owned(),
            Self::Service { service } => format!("Ev.{}", base36(service.0)),
            Self::Domain { domain, page } => format!("Ei.{}.{page}", tag(domain)),
            Self::Star { service, on } => format!("Ef.{}.{}", base36(service.0), u8::from(on)),
            Self::Offer { service, domain } => {
                format!("Eo.{}.{}", base36(service.0), tag(domain))
            }
        }
    }

    pub(super) fn decode(what: &str, parts: &mut Parts<'_, '_>) -> Option<Self> {
        Some(match what {
            "Es" => Self::Services {
                page: parts.page()?,
            },
            "Ed" => Self::Domains,
            "Ev" => Self::Service {
                service: parts.service()?,
            },
            "Ei" => Self::Domain {
                domain: parts.operator()??,
                page: parts.page()?,
            },
            "Ef" => Self::Star {
                service: parts.service()?,
                on: parts.flag()?,
            },
            "Eo" => Self::Offer {
                service: parts.service()?,
                domain: parts.operator()??,
            },
            _ => return None,
        })
    }
}
