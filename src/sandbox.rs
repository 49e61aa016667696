//! The outside world in miniature, spoken to over real HTTP on loopback.
//!
//! Invariant: nothing in here is known to the shop or the bot; they are only given a base URL.

pub mod page;
pub mod telegram;
