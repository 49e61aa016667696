//! What the fuzzers do with bytes, and what must hold whatever they are.
//!
//! `tests/it/corpus.rs` does the same with every file below `corpus/`, so a find stays found.

mod answers;
mod drivers;
mod long;
mod texts;

pub use drivers::{compat, otpbuddy, otpcepat, otpgan, otpget, otpget_cheap, virtusim};
pub use long::{otpget_mail, otpget_rental};
pub use texts::{bot, html, wire};

/// What a fuzzer does with bytes; it panics where something does not hold.
pub type Target = fn(&[u8]);

/// The folder below `corpus/` with what every driver is given.
pub const UPSTREAM: &str = "upstream";

/// The drivers, by the names of their binaries and of their own folders below `corpus/`.
pub const DRIVERS: [(&str, Target); 9] = [
    ("compat", compat),
    ("otpbuddy", otpbuddy),
    ("otpcepat", otpcepat),
    ("otpgan", otpgan),
    ("otpget", otpget),
    ("otpget_cheap", otpget_cheap),
    ("otpget_mail", otpget_mail),
    ("otpget_rental", otpget_rental),
    ("virtusim", virtusim),
];

/// What reads texts without a driver around it, in the same way.
pub const TEXTS: [(&str, Target); 3] = [("bot", bot), ("html", html), ("wire", wire)];
