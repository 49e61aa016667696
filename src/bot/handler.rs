//! What happens on a message or a press.
//!
//! Invariant: a handler reads or writes the shop and hands its answer to the sender; it waits
//! neither for Telegram nor for an upstream.

mod browse;
pub(crate) mod inline;
pub(crate) mod invite;
mod mailbox;
pub(crate) mod message;
mod orders;
pub(crate) mod payment;
pub(crate) mod press;
mod rental;
pub(crate) mod transfer;
mod waiting;
mod wallet;
