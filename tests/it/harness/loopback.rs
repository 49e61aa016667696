//! What only a shop on loopback may do: no upstream has to be spared, and people are as fast as the
//! machine.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use numshop::app::demo;
use numshop::provider::Provider;
use numshop::provider::http::settings::{Account, Limits, Retries};
use numshop::provider::otpgan::services::{Services, sold};
use numshop::sandbox::upstream::SimulatedUpstream;
use numshop::sandbox::upstream::dialect::Dialect;

use super::PATIENCE;

/// What one person may do a second.
pub(super) const TAPS: NonZeroU32 = NonZeroU32::new(1_000).unwrap();

/// The real drivers, pointed at the simulation. OTPGan sells WhatsApp for less than the others do.
pub(super) fn drivers(upstream: &SimulatedUpstream) -> Vec<Arc<dyn Provider>> {
    let sold = Services::Listed(vec![sold("wa", "WhatsApp", 3_000.into())]);
    let set = |usual: Account| Account {
        limits: unlimited(),
        retries: quick(),
        cancel_after: match upstream.dialect() {
            Dialect::VirtuSim => Duration::from_secs(120),
            Dialect::OtpBuddy => Duration::ZERO,
            Dialect::OtpCepat
            | Dialect::OtpGan
            | Dialect::OtpGet
            | Dialect::OtpGetCheap
            | Dialect::Compat { .. } => usual.cancel_after,
        },
        ..usual
    };
    demo::drivers(upstream, sold, set).unwrap()
}

/// Loopback needs no mercy.
fn unlimited() -> Limits {
    Limits {
        per_second: 100_000.try_into().unwrap(),
        burst: 100_000.try_into().unwrap(),
        reads: 64,
        writes: 64,
        queue: PATIENCE,
    }
}

fn quick() -> Retries {
    Retries {
        pause: Duration::from_millis(5),
        max_pause: Duration::from_millis(20),
        ..Retries::default()
    }
}
