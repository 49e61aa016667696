//! What is sold, held in memory: a picture of the database's catalogue, priced.
//!
//! Invariant: a picture is never changed, only replaced as a whole; losing it loses nothing.
//! What was read too long ago is in no picture that is handed out.

pub(super) mod build;
pub mod fresh;
mod search;
pub(super) mod tariff;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use self::build::Frame;
use self::fresh::Reading;
use self::search::{Wanted, Words};
use crate::domain::id::ProviderId;
use crate::domain::market::{Country, Market};
use crate::domain::money::Money;
use crate::domain::pricing::{PriceList, Was};
use crate::domain::product::Product;
use crate::shop::{Shop, ShopError, Terms};
use crate::store::catalog::{self, Rows};

/// The country of what is in none.
pub const NOWHERE: &str = "@";

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
    /// What it is without the promotion that runs.
    pub was: Option<Was>,
    /// Numbers left; `None` where the upstream does not say.
    pub stock: Option<u64>,
}

/// What an upstream offers and cannot be sold, for it has no price: most often no rate is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpriced {
    /// The upstream.
    pub provider: ProviderId,
    /// The country's code for us.
    pub country: String,
    /// The service's canonical key.
    pub service_key: String,
    /// Its name.
    pub service_name: String,
    /// What it asks, as sent.
    pub cost: String,
    /// In which currency.
    pub currency: String,
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
    /// What is sold of it.
    pub product: Product,
    /// Offers, those in stock first, then by price.
    pub offers: Vec<Offer>,
}

impl Stand {
    /// The cheapest offer that is in stock, else the cheapest of all.
    #[must_use]
    pub fn cheapest(&self) -> Option<&Offer> {
        self.offers.first()
    }

    fn in_stock(&self) -> bool {
        self.cheapest().is_some_and(Offer::in_stock)
    }
}

/// One country.
#[derive(Clone, Debug)]
pub struct Hall {
    /// The country.
    pub country: Arc<Country>,
    /// The services, most bought first.
    pub stands: Vec<Stand>,
    by_service: HashMap<i64, usize>,
}

impl Hall {
    fn of(country: Arc<Country>, stands: Vec<Stand>) -> Self {
        let by_service = (0..)
            .zip(&stands)
            .map(|(index, stand)| (stand.service_id, index))
            .collect();
        Self {
            country,
            stands,
            by_service,
        }
    }

    /// The stand of a service.
    #[must_use]
    pub fn stand(&self, service_id: i64) -> Option<&Stand> {
        self.stands.get(*self.by_service.get(&service_id)?)
    }
}

/// One service in all countries.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Our number of the service.
    pub service_id: i64,
    /// Its name.
    pub name: String,
    /// Where it is sold, by country code: in stock first, then by price.
    pub places: Vec<String>,
    /// What it can be found by.
    words: Arc<Words>,
}

/// The picture.
#[derive(Debug)]
pub struct Catalogue {
    /// Where numbers for one code are sold, by ISO 3166 alpha-2 code.
    pub halls: BTreeMap<String, Hall>,
    /// Where numbers are rented out, by the same codes; the services are durations.
    pub rentals: BTreeMap<String, Hall>,
    /// Where mailboxes are sold: one hall, under [`NOWHERE`].
    pub mailboxes: BTreeMap<String, Hall>,
    /// Each service once, most bought first.
    pub chains: Vec<Chain>,
    chain_by_service: HashMap<i64, usize>,
    /// Countries that only upstreams know, by the code that they go by here.
    own_countries: HashMap<String, Arc<Country>>,
    /// How costs become prices.
    pub prices: PriceList,
    /// What would be sold if it had a price.
    pub unpriced: Vec<Unpriced>,
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

impl Catalogue {
    /// Before anything was ever read.
    pub(super) fn empty(terms: &Terms) -> Self {
        let frame = Frame {
            terms,
            now: DateTime::default(),
            providers: BTreeMap::new(),
            counts: HashMap::new(),
        };
        Self::build(Rows::default(), &frame)
    }

    /// Notes where each service is sold, and forgets those that are sold nowhere.
    fn find_places(&mut self) {
        let mut places: HashMap<i64, Vec<_>> = HashMap::new();
        for (country, hall) in &self.halls {
            for stand in &hall.stands {
                let price = stand.cheapest().map(|offer| offer.price);
                let place = (!stand.in_stock(), price, country.as_str());
                places.entry(stand.service_id).or_default().push(place);
            }
        }
        for chain in &mut self.chains {
            let mut found = places.remove(&chain.service_id).unwrap_or_default();
            found.sort_unstable();
            chain.places = found
                .into_iter()
                .map(|(_, _, country)| country.to_owned())
                .collect();
        }
        self.chains.retain(|chain| !chain.places.is_empty());
        self.chain_by_service = (0..)
            .zip(&self.chains)
            .map(|(index, chain)| (chain.service_id, index))
            .collect();
    }

    /// The halls of a product, by country.
    #[must_use]
    pub const fn halls_of(&self, product: Product) -> &BTreeMap<String, Hall> {
        match product {
            Product::Activation => &self.halls,
            Product::Rental | Product::Renewal => &self.rentals,
            Product::Mailbox => &self.mailboxes,
        }
    }

    /// The halls of all products, each with its country.
    pub fn all_halls(&self) -> impl Iterator<Item = (&String, &Hall)> {
        let (halls, rentals) = (self.halls.iter(), self.rentals.iter());
        halls.chain(rentals).chain(&self.mailboxes)
    }

    /// A service in a country, whatever is sold of it.
    #[must_use]
    pub fn find(&self, country: &str, service_id: i64) -> Option<(&Hall, &Stand)> {
        [&self.halls, &self.rentals, &self.mailboxes]
            .into_iter()
            .find_map(|halls| {
                let hall = halls.get(country)?;
                Some((hall, hall.stand(service_id)?))
            })
    }

    /// A service in all countries.
    #[must_use]
    pub fn chain(&self, service_id: i64) -> Option<&Chain> {
        self.chains.get(*self.chain_by_service.get(&service_id)?)
    }

    /// The stands of a service, in the order of its places.
    pub fn stands_of<'c>(
        &'c self,
        chain: &'c Chain,
    ) -> impl Iterator<Item = (&'c Hall, &'c Stand)> {
        chain.places.iter().filter_map(|country| {
            let hall = self.halls.get(country)?;
            Some((hall, hall.stand(chain.service_id)?))
        })
    }

    /// Services whose name, alias or code is near `text` (typos allowed), best first; in one
    /// country, or in all for `None`.
    #[must_use]
    pub fn search(&self, country: Option<&str>, text: &str, limit: usize) -> Vec<&Chain> {
        let Some(wanted) = Wanted::of(text) else {
            return Vec::new();
        };
        let hall = match country {
            None => None,
            Some(country) => match self.halls.get(country) {
                Some(hall) => Some(hall),
                None => return Vec::new(),
            },
        };
        let mut found: Vec<(usize, &Chain)> = self
            .chains
            .iter()
            .filter(|chain| hall.is_none_or(|hall| hall.by_service.contains_key(&chain.service_id)))
            .filter_map(|chain| Some((chain.words.distance(&wanted)?, chain)))
            .collect();
        // The chains are in the order of their ranks, and a stable sort keeps that among equals.
        found.sort_by_key(|(distance, _)| *distance);
        found.truncate(limit);
        found.into_iter().map(|(_, chain)| chain).collect()
    }

    /// A country, whether anything is sold there at present or not.
    pub(super) fn country(&self, market: &Market, code: &str) -> Arc<Country> {
        match self.halls.get(code) {
            Some(hall) => Arc::clone(&hall.country),
            None => known_country(market, &self.own_countries, code),
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

    /// Whether an offer has this operator and is of this upstream (any for `None`).
    #[must_use]
    pub fn suits(
        &self,
        offer: &Offer,
        operator: Option<&str>,
        server: Option<&ProviderId>,
    ) -> bool {
        server.is_none_or(|server| offer.provider == *server)
            && operator.is_none_or(|operator| self.operator_code(offer, operator).is_some())
    }
}

fn known_country(market: &Market, own: &HashMap<String, Arc<Country>>, code: &str) -> Arc<Country> {
    match (market.country(code), own.get(code)) {
        (Some(known), _) => Arc::new(known.clone()),
        (None, Some(own)) => Arc::clone(own),
        (None, None) => Arc::new(Country::named(code, code)),
    }
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

    /// Makes a new picture of what the database holds.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`]; the old picture stays.
    pub async fn reload_catalogue(&self) -> Result<(), ShopError> {
        // One after the other, so that a picture never gives way to an older one.
        let _turn = self.reloading.lock().await;
        self.redraw(None).await.map(drop)
    }

    /// Makes a new picture in which what one upstream sells is new, out of the present one.
    pub(super) async fn reload_provider(&self, provider: &ProviderId) -> Result<(), ShopError> {
        let _turn = self.reloading.lock().await;
        let is_drawn = self.redraw(Some(provider.clone())).await?;
        if !is_drawn {
            self.redraw(None).await?;
        }
        Ok(())
    }

    /// Puts a new picture in the place of the present one; `false` where the present one is of no
    /// use for it.
    async fn redraw(&self, only: Option<ProviderId>) -> Result<bool, ShopError> {
        let read = self.store.read();
        let rows = catalog::rows(read, only.as_ref()).await?;
        let counts = catalog::service_counts(read).await?.into_iter().collect();
        let (terms, now, present) = (self.terms.clone(), self.now(), self.catalogue());
        let providers = self
            .standings
            .iter()
            .map(|(provider, standing)| (provider.clone(), standing.priority()))
            .collect();
        // Tens of thousands of offers keep a core busy for a while; taps must not wait for it.
        let drawn = tokio::task::spawn_blocking(move || {
            let frame = Frame {
                terms: &terms,
                now,
                providers,
                counts,
            };
            match only {
                Some(provider) => present.with(&provider, rows, &frame),
                None => Some(Catalogue::build(rows, &frame)),
            }
        });
        let Some(picture) = drawn.await.map_err(anyhow::Error::from)? else {
            return Ok(false);
        };
        *self
            .catalogue
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(picture);
        self.wake.stock.notify_one();
        Ok(true)
    }
}
