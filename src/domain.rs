//! What numshop is about, as plain values: money, prices, orders, ids. No I/O, no async.
//!
//! Invariant: nothing here can fail for a reason outside its arguments.

pub mod act;
pub mod audience;
pub mod best;
pub mod days;
pub mod float;
pub mod id;
pub mod market;
pub mod money;
pub mod order;
pub mod pricing;
pub mod product;
pub mod qris;
pub mod referral;
pub mod role;
pub mod sms;
pub mod stars;
pub mod voucher;
