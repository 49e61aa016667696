//! How old what we know is, and what is too old to be sold.
//!
//! Invariant: an offer is sold for as long as its country's last good reading is young enough, and
//! not a moment longer, whether or not anything is read meanwhile.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Catalogue, Hall};
use crate::domain::id::ProviderId;
use crate::store::entity::readings;
use crate::store::from_ms;

/// One country of one upstream, when it was last read well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The upstream.
    pub provider: ProviderId,
    /// Its code of the country.
    pub country_code: String,
    /// When its answer came.
    pub read_at: DateTime<Utc>,
}

impl Reading {
    /// The readings of the upstreams that are on.
    pub(super) fn of(
        rows: Vec<readings::Model>,
        providers: &BTreeMap<ProviderId, i64>,
    ) -> Vec<Self> {
        rows.into_iter()
            .map(|row| Self {
                provider: ProviderId(row.provider),
                country_code: row.country_code,
                read_at: from_ms(row.read_at_ms),
            })
            .filter(|reading| providers.contains_key(&reading.provider))
            .collect()
    }
}

/// The readings that are young enough at some moment.
pub(super) struct Fresh<'r> {
    countries: HashMap<&'r str, HashSet<&'r str>>,
    /// When the oldest of them stops to be.
    pub(super) until: Option<DateTime<Utc>>,
}

impl<'r> Fresh<'r> {
    pub(super) fn at(now: DateTime<Utc>, max_age: TimeDelta, readings: &'r [Reading]) -> Self {
        let mut fresh = Self {
            countries: HashMap::new(),
            until: None,
        };
        for reading in readings {
            let until = reading.read_at + max_age;
            if now < until {
                fresh
                    .countries
                    .entry(reading.provider.as_str())
                    .or_default()
                    .insert(reading.country_code.as_str());
                fresh.until = Some(fresh.until.map_or(until, |earlier| earlier.min(until)));
            }
        }
        fresh
    }

    pub(super) fn has(&self, provider: &str, country_code: &str) -> bool {
        self.countries
            .get(provider)
            .is_some_and(|codes| codes.contains(country_code))
    }
}

impl Catalogue {
    /// The picture without what is too old by now.
    pub(super) fn without_stale(&self, now: DateTime<Utc>) -> Self {
        let fresh = Fresh::at(now, self.max_age, &self.readings);
        let mut picture = Self {
            halls: fresh_halls(&self.halls, &fresh),
            rentals: fresh_halls(&self.rentals, &fresh),
            mailboxes: fresh_halls(&self.mailboxes, &fresh),
            chains: self.chains.clone(),
            chain_by_service: HashMap::new(),
            own_countries: self.own_countries.clone(),
            prices: self.prices.clone(),
            unpriced: self.unpriced.clone(),
            readings: self.readings.clone(),
            operators: self.operators.clone(),
            max_age: self.max_age,
            stale_from: fresh.until,
        };
        picture.find_places();
        picture
    }
}

/// Halls without what has become too old.
fn fresh_halls(halls: &BTreeMap<String, Hall>, fresh: &Fresh) -> BTreeMap<String, Hall> {
    let mut kept = BTreeMap::new();
    for (country, hall) in halls {
        let mut stands = hall.stands.clone();
        for stand in &mut stands {
            stand
                .offers
                .retain(|offer| fresh.has(offer.provider.as_str(), &offer.country_code));
        }
        stands.retain(|stand| !stand.offers.is_empty());
        if !stands.is_empty() {
            let hall = Hall::of(Arc::clone(&hall.country), stands);
            kept.insert(country.clone(), hall);
        }
    }
    kept
}

/// How old what we know of an upstream is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Freshness {
    /// How many of its countries were ever read.
    pub countries: usize,
    /// How many of these were read so long ago that they are not sold.
    pub stale: usize,
    /// The oldest of the readings; `None` where nothing was ever read.
    pub oldest: Option<DateTime<Utc>>,
    /// The latest of the readings.
    pub latest: Option<DateTime<Utc>>,
}

impl Catalogue {
    /// How old what we know of an upstream is.
    #[must_use]
    pub fn freshness(&self, provider: &ProviderId, now: DateTime<Utc>) -> Freshness {
        let readings = self.readings.iter();
        let mine = readings.filter(|reading| reading.provider == *provider);
        let times: Vec<_> = mine.map(|reading| reading.read_at).collect();
        let is_stale = |at: &&DateTime<Utc>| **at + self.max_age <= now;
        Freshness {
            countries: times.len(),
            stale: times.iter().filter(is_stale).count(),
            oldest: times.iter().min().copied(),
            latest: times.iter().max().copied(),
        }
    }
}
