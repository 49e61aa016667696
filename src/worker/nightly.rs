//! The full check of the books, each night.
//!
//! Invariant: it runs once a night, while few people buy; an error in it is told like any other.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::worker::Crew;

const LOOK_EVERY: Duration = Duration::from_secs(600);
/// 20:00 UTC is three in the night in Jakarta, where most users are asleep then.
const AT: TimeDelta = TimeDelta::hours(20);

pub(super) async fn run(crew: Crew) {
    let mut last = night_of(crew.shop.now());
    while crew.sleep(LOOK_EVERY).await {
        let tonight = night_of(crew.shop.now());
        if tonight > last {
            crew.guard("the nightly audit", crew.shop.nightly_audit())
                .await;
            last = tonight;
        }
    }
}

/// The night that last began.
fn night_of(now: DateTime<Utc>) -> NaiveDate {
    (now - AT).date_naive()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_begins_at_its_hour() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let before = night_of(at("2026-03-01T19:59:59Z"));
        assert_eq!(before, night_of(at("2026-02-28T20:00:00Z")));
        assert!(night_of(at("2026-03-01T20:00:00Z")) > before);
    }
}
