//! Proves that the simulator bites: each deliberate bug is found.

use std::time::Instant;

use crate::{SEEDS, Theatre};

/// Most bugs are found within the first dozens of seeds; the rarest needs a cancellation, a lie and
/// an SMS in one place.
const PATIENCE: u64 = 4 * SEEDS;

/// Each stands in the sources as `planted("…")`.
const BUGS: [&str; 21] = [
    "double release",
    "capture without content",
    "a hold without its key",
    "top-up without its key",
    "purchase sent again",
    "the price of today",
    "cancelled before the upstream agreed",
    "a late SMS overwrites the refund",
    "absent after one read",
    "a failed read counts",
    "any number will do",
    "a notice is settled before it is sent",
    "an error ends the polling",
    "recovery forgets what was being bought",
    "the deadline is ignored",
    "who waits pays more than confirmed",
    "a limit is no limit",
    "who waits is forgotten",
    "a ruling is applied twice",
    "any end will do",
    "an inbox is read once",
];

/// Plants a bug in this process.
pub(crate) fn plant(bug: &str) {
    fail::cfg(bug, "return").unwrap();
}

/// Whether all bugs are found.
pub(crate) fn prove(theatre: &Theatre) -> bool {
    let mut is_fine = true;
    for bug in BUGS {
        let begun = Instant::now();
        plant(bug);
        let found = theatre.play_all(0..PATIENCE);
        fail::remove(bug);
        match found {
            Ok(_) => {
                println!("NOT FOUND: {bug}");
                is_fine = false;
            }
            Err(played) => {
                let broken = played
                    .broken
                    .as_ref()
                    .map(|it| (it.rule, it.detail.as_str()));
                let (rule, detail) = broken.unwrap_or_default();
                println!(
                    "found in {:.1?}: {bug}, by seed {}: {rule}: {detail}",
                    begun.elapsed(),
                    played.seed
                );
            }
        }
    }
    is_fine
}
