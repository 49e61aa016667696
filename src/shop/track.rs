//! What can be expected of a route: how often its numbers got a code, and how soon.
//!
//! Invariant: computed from our own orders of the last days only; a route with too few of them
//! promises nothing.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;

use crate::domain::best::Record;
use crate::domain::id::ProviderId;
use crate::shop::{Shop, ShopError};
use crate::store::{to_ms, tracks};

/// How far back it looks.
const WINDOW: TimeDelta = TimeDelta::days(7);
/// Fewer numbers than this tell nothing.
const ENOUGH: u32 = 5;

/// One service of one upstream in one country.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct RouteKey {
    pub(super) provider: ProviderId,
    pub(super) country: String,
    pub(super) service_id: i64,
}

/// How a route did lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Track {
    /// Of a hundred numbers so many got a code; 0 to 100, rounded down.
    pub percent: u8,
    /// Half of the codes came within this time; `None` where none came.
    pub median: Option<Duration>,
}

/// How the numbers of a route fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fate {
    /// How many there were, and how many got a code.
    pub(super) record: Record,
    /// Half of the codes came within this time.
    median: Option<Duration>,
}

impl Fate {
    /// What users are told; `None` while there are too few numbers.
    pub(super) fn track(self) -> Option<Track> {
        if self.record.bought < ENOUGH {
            return None;
        }
        let percent = u64::from(self.record.delivered) * 100 / u64::from(self.record.bought);
        Some(Track {
            percent: u8::try_from(percent).unwrap_or(100),
            median: self.median,
        })
    }
}

/// All routes with orders.
pub(super) type Tracks = HashMap<RouteKey, Fate>;

/// The numbers of a route: the waiting times of those that got a code.
#[derive(Debug, Default)]
struct Tally {
    bought: usize,
    waited_ms: Vec<i64>,
}

impl Tally {
    fn fate(mut self) -> Fate {
        self.waited_ms.sort_unstable();
        let median = self.waited_ms.get(self.waited_ms.len() / 2);
        let count = |numbers: usize| u32::try_from(numbers).unwrap_or(u32::MAX);
        Fate {
            record: Record {
                bought: count(self.bought),
                delivered: count(self.waited_ms.len()),
            },
            median: median.map(|ms| Duration::from_millis(u64::try_from(*ms).unwrap_or(0))),
        }
    }
}

fn tally(rows: Vec<tracks::Fared>) -> Tracks {
    let mut tallies: HashMap<RouteKey, Tally> = HashMap::new();
    for row in rows {
        let key = RouteKey {
            provider: ProviderId(row.provider),
            country: row.country,
            service_id: row.service_id,
        };
        let tally = tallies.entry(key).or_default();
        tally.bought += 1;
        tally.waited_ms.extend(row.waited_ms);
    }
    let tracks = tallies.into_iter();
    tracks.map(|(key, tally)| (key, tally.fate())).collect()
}

impl Shop {
    /// What is known of all routes.
    pub(super) fn tracks(&self) -> Arc<Tracks> {
        let tracks = self.tracks.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&tracks)
    }

    /// Looks at the orders of the last days anew.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`]; what was known stays.
    pub async fn review_routes(&self) -> Result<(), ShopError> {
        let since_ms = to_ms(self.now() - WINDOW);
        let rows = tracks::settled_since(self.store.read(), since_ms).await?;
        self.review_cancels(&rows).await?;
        let found = Arc::new(tally(rows));
        *self.tracks.write().unwrap_or_else(PoisonError::into_inner) = found;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fared(provider: &str, waited_s: Option<i64>) -> tracks::Fared {
        tracks::Fared {
            provider: provider.to_owned(),
            country: "ID".to_owned(),
            service_id: 7,
            created_at_ms: 1,
            is_given_back: false,
            waited_ms: waited_s.map(|seconds| seconds * 1_000),
        }
    }

    fn key(provider: &str) -> RouteKey {
        RouteKey {
            provider: provider.into(),
            country: "ID".to_owned(),
            service_id: 7,
        }
    }

    #[test]
    fn a_route_is_judged_by_all_its_numbers() {
        let waited = [Some(90), None, Some(10), Some(30), None, Some(20)];
        let mut rows: Vec<_> = waited.map(|waited| fared("alpha", waited)).into();
        rows.extend([fared("beta", Some(1)), fared("beta", Some(1))]);
        let tracks = tally(rows);
        let expected = Track {
            percent: 66,
            median: Some(Duration::from_secs(30)),
        };
        assert_eq!(tracks[&key("alpha")].track(), Some(expected));
        let beta = tracks[&key("beta")];
        assert_eq!(beta.track(), None, "too few to tell");
        let record = Record {
            bought: 2,
            delivered: 2,
        };
        assert_eq!(beta.record, record);
    }

    #[test]
    fn a_route_that_never_delivered_has_no_time() {
        let tracks = tally((0..5).map(|_| fared("alpha", None)).collect());
        let expected = Track {
            percent: 0,
            median: None,
        };
        assert_eq!(tracks[&key("alpha")].track(), Some(expected));
    }
}
