//! Deliberate bugs, which the simulator must find.
//!
//! Invariant: no bug is planted unless a test asks for it by name; where no tests are built, the
//! question is a constant `false` and the compiler drops what hangs on it.

use fail::fail_point;

/// Whether a test planted this bug.
#[inline]
#[must_use]
pub fn planted(_bug: &str) -> bool {
    fail_point!(_bug, |_| true);
    false
}
