//! The integration tests: one binary, real HTTP, a real database.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop where it is"
)]

mod browser;
mod i18n;
mod page;
mod sandbox_telegram;
mod sandbox_upstream;
