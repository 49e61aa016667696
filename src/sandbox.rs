//! Stand-ins for the outside world, spoken to over real HTTP on loopback: the demo, the tests and
//! the load generator all use the same ones.
//!
//! Invariant: nothing here knows how the shop works; it knows the wire contracts only, so that a
//! misreading in a driver shows up instead of being repeated on both sides.

pub mod page;
pub mod panel;
pub mod telegram;
pub mod upstream;
