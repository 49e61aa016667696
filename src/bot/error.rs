//! Errors at the edge.
//!
//! Invariant: a refusal becomes a friendly text; our own fault is logged once, where it is
//! handled, under a short number that the user sees too.

use std::fmt;

use crate::shop::ShopError;

/// Why a handler could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BotError {
    /// The shop said no, or broke.
    #[error("{0}")]
    Shop(#[from] ShopError),
}

/// The number under which a fault is found in the log.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Incident(String);

impl Incident {
    /// A fresh one.
    pub(crate) fn random() -> Self {
        Self(format!("{:06x}", rand::random_range(0..0x0100_0000_u32)))
    }

    /// As the user sees it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Incident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
