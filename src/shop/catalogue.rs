//! What is sold, held in memory: a picture of the database's catalogue, priced.
//!
//! Invariant: a picture is never changed, only replaced as a whole; losing it loses nothing.
//! What was read too long ago is in no picture that is handed out.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use crate::domain::id::ProviderId;
use crate::domain::money::Money;
use crate::domain::pricing::{Markup, PriceList, Route, Rule, Scope};
use crate::shop::{Shop, ShopError, Terms};
use crate::store::catalog::{self, Everything};
use crate::store::entity::{offers, price_rules, readings};
use crate::store::{from_ms, orders};

/// One upstream's offer, priced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The upstream.
    pub provider: ProviderId,
    /// Its code of the country.
    pub country_code: String,
    /// Its code of the service.
    pub service_code: String,
    /// What it asks.
    pub cost: Decimal,
    /// In which currency.
    pub currency: String,
    /// The cost in the wallet's currency, rounded up.
    pub cost_in_wallet: Money,
    /// What a user pays.
    pub price: Money,
    /// Numbers left; `None` where the upstream does not say.
    pub stock: Option<u64>,
}

impl Offer {
    /// Whether it can be bought now, as far as the last refresh knows.
    #[must_use]
    pub fn in_stock(&self) -> bool {
        self.stock != Some(0)
    }
}

/// A service in one country with its offers.
#[derive(Clone, Debug)]
pub struct Stand {
    /// Our number of the service.
    pub service_id: i64,
    /// Its canonical key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Offers, those in stock first, then by price, then by the upstream's priority.
    pub offers: Vec<Offer>,
}

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

/// One country.
#[derive(Clone, Debug, Default)]
pub struct Hall {
    /// The services, most bought first.
    pub stands: Vec<Stand>,
    by_service: HashMap<i64, usize>,
}

impl Hall {
    fn of(stands: Vec<Stand>) -> Self {
        let by_service = (0..)
            .zip(&stands)
            .map(|(index, stand)| (stand.service_id, index))
            .collect();
        Self { stands, by_service }
    }

    /// The stand of a service.
    #[must_use]
    pub fn stand(&self, service_id: i64) -> Option<&Stand> {
        self.stands.get(*self.by_service.get(&service_id)?)
    }
}

/// The picture.
#[derive(Debug)]
pub struct Catalogue {
    /// By ISO 3166 alpha-2 code.
    pub halls: BTreeMap<String, Hall>,
    /// How costs become prices.
    pub prices: PriceList,
    /// What was read when, also of what is too old to be sold.
    pub readings: Vec<Reading>,
    /// (upstream, its country code) → operators: usual name and the upstream's spelling.
    operators: Operators,
    /// How old a reading may be.
    max_age: TimeDelta,
    /// When the next part of the picture becomes too old.
    stale_from: Option<DateTime<Utc>>,
}

type Operators = HashMap<(ProviderId, String), Vec<(String, String)>>;

/// What a picture is made of besides the rows.
pub(super) struct Frame<'f> {
    pub(super) terms: &'f Terms,
    pub(super) now: DateTime<Utc>,
    /// The upstreams that are configured, with their priorities.
    pub(super) providers: BTreeMap<ProviderId, i64>,
    /// How often each service was bought.
    pub(super) counts: HashMap<i64, i64>,
}

impl Catalogue {
    /// Before anything was ever read.
    pub(super) fn empty(terms: &Terms) -> Self {
        let frame = Frame {
            terms,
            now: DateTime::default(),
            providers: BTreeMap::new(),
            counts: HashMap::new(),
        };
        Self::build(Everything::default(), &frame)
    }

    /// Prices everything. Left out is what an upstream offers that is switched off, what was read
    /// too long ago, and what cannot be priced.
    fn build(everything: Everything, frame: &Frame<'_>) -> Self {
        let prices = price_list(&everything, frame.terms);
        let services: HashMap<i64, _> = everything
            .services
            .into_iter()
            .map(|service| (service.id, service))
            .collect();
        let readings = readings_of(everything.readings, &frame.providers);
        let max_age = frame.terms.catalogue_max_age;
        let fresh = Fresh::at(frame.now, max_age, &readings);
        let mut stands: BTreeMap<(String, i64), Vec<Offer>> = BTreeMap::new();
        for row in everything.offers {
            let Some(service) = services.get(&row.service_id) else {
                continue;
            };
            if !fresh.has(&row.provider, &row.country_code) {
                continue;
            }
            let at = (row.country.clone(), row.service_id);
            if let Some(offer) = priced(row, &service.key, &prices) {
                stands.entry(at).or_default().push(offer);
            }
        }
        let mut halls: BTreeMap<String, Vec<Stand>> = BTreeMap::new();
        for ((country, service_id), mut offers) in stands {
            let Some(service) = services.get(&service_id) else {
                continue;
            };
            offers.sort_by_key(|offer| {
                let priority = frame.providers.get(&offer.provider).copied().unwrap_or(0);
                (!offer.in_stock(), offer.price, -priority)
            });
            halls.entry(country).or_default().push(Stand {
                service_id,
                key: service.key.clone(),
                name: service.name.clone(),
                kind: service.kind.clone(),
                offers,
            });
        }
        let rank = |stand: &Stand| {
            let bought = frame.counts.get(&stand.service_id).copied().unwrap_or(0);
            let popular = services
                .get(&stand.service_id)
                .and_then(|service| service.popular)
                .unwrap_or(i64::MAX);
            (-bought, popular)
        };
        let halls = halls.into_iter().map(|(country, mut stands)| {
            stands.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| by_name(a, b)));
            (country, Hall::of(stands))
        });
        let mut operators = Operators::new();
        for row in everything.operators {
            operators
                .entry((ProviderId(row.provider), row.country_code))
                .or_default()
                .push((row.operator, row.operator_code));
        }
        Self {
            halls: halls.collect(),
            prices,
            operators,
            max_age,
            stale_from: fresh.until,
            readings,
        }
    }

    /// The picture without what is too old by now.
    fn without_stale(&self, now: DateTime<Utc>) -> Self {
        let fresh = Fresh::at(now, self.max_age, &self.readings);
        let mut halls = BTreeMap::new();
        for (country, hall) in &self.halls {
            let mut stands = hall.stands.clone();
            for stand in &mut stands {
                stand
                    .offers
                    .retain(|offer| fresh.has(offer.provider.as_str(), &offer.country_code));
            }
            stands.retain(|stand| !stand.offers.is_empty());
            if !stands.is_empty() {
                halls.insert(country.clone(), Hall::of(stands));
            }
        }
        Self {
            halls,
            prices: self.prices.clone(),
            readings: self.readings.clone(),
            operators: self.operators.clone(),
            max_age: self.max_age,
            stale_from: fresh.until,
        }
    }

    /// The operators of the upstream and country of an offer: usual name and its own spelling.
    #[must_use]
    pub fn operators(&self, offer: &Offer) -> &[(String, String)] {
        self.operators
            .get(&(offer.provider.clone(), offer.country_code.clone()))
            .map_or(&[], Vec::as_slice)
    }

    /// The upstream's spelling of an operator, where the offer has it.
    #[must_use]
    pub fn operator_code(&self, offer: &Offer, operator: &str) -> Option<&str> {
        self.operators(offer)
            .iter()
            .find(|(name, _)| name == operator)
            .map(|(_, code)| code.as_str())
    }

    /// The offers that fit an operator (any for `None`), best first.
    pub fn offers<'c>(
        &'c self,
        stand: &'c Stand,
        operator: Option<&'c str>,
    ) -> impl Iterator<Item = &'c Offer> {
        stand.offers.iter().filter(move |offer| {
            operator.is_none_or(|operator| self.operator_code(offer, operator).is_some())
        })
    }
}

fn readings_of(rows: Vec<readings::Model>, providers: &BTreeMap<ProviderId, i64>) -> Vec<Reading> {
    rows.into_iter()
        .map(|row| Reading {
            provider: ProviderId(row.provider),
            country_code: row.country_code,
            read_at: from_ms(row.read_at_ms),
        })
        .filter(|reading| providers.contains_key(&reading.provider))
        .collect()
}

/// The readings that are young enough at some moment.
struct Fresh<'r> {
    countries: HashMap<&'r str, HashSet<&'r str>>,
    /// When the oldest of them stops to be.
    until: Option<DateTime<Utc>>,
}

impl<'r> Fresh<'r> {
    fn at(now: DateTime<Utc>, max_age: TimeDelta, readings: &'r [Reading]) -> Self {
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

    fn has(&self, provider: &str, country_code: &str) -> bool {
        self.countries
            .get(provider)
            .is_some_and(|codes| codes.contains(country_code))
    }
}

fn by_name(a: &Stand, b: &Stand) -> Ordering {
    a.name.to_lowercase().cmp(&b.name.to_lowercase())
}

/// The rules and rates that are in force: the admins' over the settings'.
fn price_list(everything: &Everything, terms: &Terms) -> PriceList {
    let mut default = terms.markup.clone();
    let mut rules = Vec::new();
    for row in &everything.rules {
        let Some(rule) = rule(row) else {
            log::error!(
                "the price rule for {} cannot be read and is ignored",
                row.scope
            );
            continue;
        };
        if rule.scope == Scope::everywhere() {
            default = rule.markup;
        } else {
            rules.push(rule);
        }
    }
    let mut rates = terms.rates.clone();
    for row in &everything.rates {
        match row.rate.parse() {
            Ok(rate) => {
                rates.insert(row.currency.clone(), rate);
            }
            Err(_) => log::error!("the rate of {} cannot be read and is ignored", row.currency),
        }
    }
    PriceList {
        wallet: terms.currency,
        default,
        rules,
        rates,
    }
}

fn rule(row: &price_rules::Model) -> Option<Rule> {
    let markup = Markup::new(
        row.percent.parse().ok()?,
        Money::minor(row.fixed),
        Money::minor(row.step),
    );
    Some(Rule {
        scope: Scope {
            provider: row.provider.clone().map(ProviderId),
            country: row.country.clone(),
            service: row.service.clone(),
        },
        markup: markup.ok()?,
    })
}

fn priced(row: offers::Model, service_key: &str, prices: &PriceList) -> Option<Offer> {
    let cost: Decimal = row.cost.parse().ok()?;
    let provider = ProviderId(row.provider);
    let route = Route {
        provider: &provider,
        country: &row.country,
        service: service_key,
    };
    let price = prices.price(route, cost, &row.currency).ok()?;
    let cost_in_wallet = prices.cost(cost, &row.currency).ok()?;
    Some(Offer {
        provider,
        country_code: row.country_code,
        service_code: row.service_code,
        cost,
        currency: row.currency,
        cost_in_wallet,
        price,
        stock: row.stock.and_then(|stock| u64::try_from(stock).ok()),
    })
}

/// How old what we know of an upstream is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// The upstream.
    pub provider: ProviderId,
    /// How many of its countries were ever read.
    pub countries: usize,
    /// How many of these were read so long ago that they are not sold.
    pub stale: usize,
    /// The oldest of the readings; `None` where nothing was ever read.
    pub oldest: Option<DateTime<Utc>>,
    /// The latest of the readings.
    pub latest: Option<DateTime<Utc>>,
}

impl Shop {
    /// The present picture, without what has become too old.
    #[must_use]
    pub fn catalogue(&self) -> Arc<Catalogue> {
        let now = self.now();
        let picture = Arc::clone(
            &self
                .catalogue
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        );
        if picture.stale_from.is_none_or(|stale_from| now < stale_from) {
            return picture;
        }
        let pruned = Arc::new(picture.without_stale(now));
        let mut present = self
            .catalogue
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        // A newer one may have been put in its place meanwhile.
        if Arc::ptr_eq(&present, &picture) {
            *present = Arc::clone(&pruned);
        }
        pruned
    }

    /// How old what we know of each upstream is.
    #[must_use]
    pub fn freshness(&self) -> Vec<Freshness> {
        let now = self.now();
        let catalogue = self.catalogue();
        self.providers
            .keys()
            .map(|provider| {
                let readings = catalogue.readings.iter();
                let mine = readings.filter(|reading| reading.provider == *provider);
                let times: Vec<_> = mine.map(|reading| reading.read_at).collect();
                let is_stale = |at: &&DateTime<Utc>| **at + catalogue.max_age <= now;
                Freshness {
                    provider: provider.clone(),
                    countries: times.len(),
                    stale: times.iter().filter(is_stale).count(),
                    oldest: times.iter().min().copied(),
                    latest: times.iter().max().copied(),
                }
            })
            .collect()
    }

    /// Makes a new picture of what the database holds.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`]; the old picture stays.
    pub async fn reload_catalogue(&self) -> Result<(), ShopError> {
        // One after the other, so that a picture never gives way to an older one.
        let _turn = self.reloading.lock().await;
        let read = self.store.read();
        let everything = catalog::everything(read).await?;
        let counts = orders::service_counts(read).await?.into_iter().collect();
        let (terms, now) = (self.terms.clone(), self.now());
        let providers = self
            .standings
            .iter()
            .map(|(provider, standing)| (provider.clone(), standing.priority()))
            .collect();
        // Tens of thousands of offers keep a core busy for a while; taps must not wait for it.
        let built = tokio::task::spawn_blocking(move || {
            let frame = Frame {
                terms: &terms,
                now,
                providers,
                counts,
            };
            Catalogue::build(everything, &frame)
        });
        let picture = built.await.map_err(anyhow::Error::from)?;
        *self
            .catalogue
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(picture);
        Ok(())
    }
}
