//! From the rows of the database to a picture.
//!
//! Invariant: what must not be sold, what cannot be priced, what was read too long ago and what an
//! upstream sells that is switched off is in no picture.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::fresh::{Fresh, Reading};
use super::search::Words;
use super::tariff::price_list;
use super::{Catalogue, Chain, Hall, Offer, Operators, Stand, Unpriced, known_country};
use crate::domain::id::ProviderId;
use crate::domain::market::spelling::normalise;
use crate::domain::market::{Country, Market, is_own_code};
use crate::domain::pricing::{PriceList, Route};
use crate::domain::product::{Product, mailbox_service};
use crate::shop::Terms;
use crate::shop::faces::Faces;
use crate::store::catalog::{OfferRow, Rows};
use crate::store::entity::{operators, readings, services};

/// What a picture is made of besides the rows.
pub(in crate::shop) struct Frame<'f> {
    pub(in crate::shop) terms: &'f Terms,
    pub(in crate::shop) now: DateTime<Utc>,
    /// The upstreams that are on.
    pub(in crate::shop) providers: BTreeMap<ProviderId, i64>,
    /// How often each service was bought.
    pub(in crate::shop) counts: HashMap<i64, i64>,
}

impl Catalogue {
    /// Prices everything. Left out is what an upstream offers that is switched off, what was read
    /// too long ago, and what cannot be priced.
    pub(super) fn build(rows: Rows, frame: &Frame<'_>) -> Self {
        Self::assemble(rows, frame, Kept::default())
    }

    /// The same picture with what one upstream sells replaced by `rows`, which hold its offers
    /// only; `None` where prices are others now, so that all has to be priced anew.
    pub(super) fn with(
        &self,
        provider: &ProviderId,
        rows: Rows,
        frame: &Frame<'_>,
    ) -> Option<Self> {
        if price_list(&rows, frame.terms, frame.now) != self.prices {
            return None;
        }
        let mut kept = Offers::new();
        for (country, hall) in self.all_halls() {
            let here: &mut HashMap<_, _> = kept.entry(country.clone()).or_default();
            for stand in &hall.stands {
                let others = stand
                    .offers
                    .iter()
                    .filter(|offer| offer.provider != *provider);
                here.insert(stand.service_id, others.cloned().collect());
            }
        }
        let mut operators = self.operators.clone();
        operators.retain(|(of, _), _| of != provider);
        let mut unpriced = self.unpriced.clone();
        unpriced.retain(|it| it.provider != *provider);
        let kept = Kept {
            offers: kept,
            operators,
            unpriced,
        };
        Some(Self::assemble(rows, frame, kept))
    }

    /// Adds the rows to what is priced already.
    fn assemble(rows: Rows, frame: &Frame<'_>, mut kept: Kept) -> Self {
        let prices = price_list(&rows, frame.terms, frame.now);
        let market = &frame.terms.market;
        let faces = Faces::of(rows.faces);
        let mut own_names = HashMap::new();
        let services: HashMap<i64, _> = rows
            .services
            .into_iter()
            .filter(|service| !is_denied(market, service) && !faces.hides(&service.key))
            .map(|service| named(service, &faces, &mut own_names))
            .map(|service| (service.id, service))
            .collect();
        let own_countries = own_countries(&rows.readings);
        let readings = Reading::of(rows.readings, &frame.providers);
        let max_age = frame.terms.catalogue_max_age;
        let fresh = Fresh::at(frame.now, max_age, &readings);
        kept.forget_stale(&fresh);
        for row in rows.offers {
            let service = services.get(&row.service_id);
            if let Some(service) = service
                && fresh.has(&row.provider, &row.country_code)
            {
                kept.add(row, service, &prices);
            }
        }
        kept.add_operators(rows.operators);
        let Kept {
            offers,
            operators,
            unpriced,
        } = kept;
        let ranked = Ranked::of(services.values(), frame, &faces, &own_names);
        let mut halls: HashMap<Product, BTreeMap<String, Hall>> = HashMap::new();
        for (country, here) in offers {
            let mut stands: HashMap<Product, Vec<Stand>> = HashMap::new();
            for (service_id, offers) in here {
                if let Some(service) = services.get(&service_id).filter(|_| !offers.is_empty()) {
                    let stand = stand(service, offers, frame);
                    stands.entry(stand.product).or_default().push(stand);
                }
            }
            let known = known_country(market, &own_countries, &country);
            for (product, mut stands) in stands {
                stands.sort_by_key(|stand| ranked.rank(stand.service_id));
                let hall = Hall::of(Arc::clone(&known), stands);
                let halls = halls.entry(product).or_default();
                halls.insert(country.clone(), hall);
            }
        }
        let mut of = |product| halls.remove(&product).unwrap_or_default();
        let mut picture = Self {
            halls: of(Product::Activation),
            rentals: of(Product::Rental),
            mailboxes: of(Product::Mailbox),
            chains: ranked.chains,
            chain_by_service: HashMap::new(),
            own_countries,
            prices,
            unpriced,
            operators,
            max_age,
            stale_from: fresh.until,
            readings,
        };
        picture.find_places();
        picture
    }
}

/// Whether a service must not be sold. A mailbox for a service is as bad as a number for it.
pub(in crate::shop) fn is_denied(market: &Market, service: &services::Model) -> bool {
    let known = mailbox_service(&service.key).and_then(|key| market.known(key));
    match known {
        Some(known) => market.denies(&known.key, &known.name, &known.kind),
        None => market.denies(&service.key, &service.name, &service.kind),
    }
}

/// A service under the name that it has here; its own is noted where that is another.
fn named(
    mut service: services::Model,
    faces: &Faces,
    own_names: &mut HashMap<i64, String>,
) -> services::Model {
    if let Some(name) = faces.name(&service.key) {
        let own = std::mem::replace(&mut service.name, name.to_owned());
        own_names.insert(service.id, own);
    }
    service
}

/// Priced offers by country and service.
type Offers = BTreeMap<String, HashMap<i64, Vec<Offer>>>;

/// What stays of an earlier picture.
#[derive(Default)]
struct Kept {
    offers: Offers,
    operators: Operators,
    unpriced: Vec<Unpriced>,
}

impl Kept {
    fn forget_stale(&mut self, fresh: &Fresh<'_>) {
        for offers in self.offers.values_mut().flat_map(HashMap::values_mut) {
            offers.retain(|offer| fresh.has(offer.provider.as_str(), &offer.country_code));
        }
    }

    fn add(&mut self, row: OfferRow, service: &services::Model, prices: &PriceList) {
        let (country, service_id) = (row.country.clone(), row.service_id);
        match priced(row, service, prices) {
            Ok(offer) => {
                let here = self.offers.entry(country).or_default();
                here.entry(service_id).or_default().push(offer);
            }
            Err(without_price) => self.unpriced.push(*without_price),
        }
    }

    fn add_operators(&mut self, rows: Vec<operators::Model>) {
        for row in rows {
            self.operators
                .entry((ProviderId(row.provider), row.country_code))
                .or_default()
                .push((row.operator, row.operator_code));
        }
    }
}

fn stand(service: &services::Model, mut offers: Vec<Offer>, frame: &Frame<'_>) -> Stand {
    // The upstream's name decides between equals, so that nothing changes places without a reason.
    offers.sort_by_cached_key(|offer| {
        let priority = frame.providers.get(&offer.provider).copied().unwrap_or(0);
        let name = offer.provider.clone();
        (!offer.in_stock(), offer.price, -priority, name)
    });
    Stand {
        service_id: service.id,
        key: service.key.clone(),
        name: service.name.clone(),
        product: Product::of_kind(&service.kind),
        kind: service.kind.clone(),
        offers,
    }
}

/// The services in the order in which they are shown, not yet with their places.
struct Ranked {
    chains: Vec<Chain>,
    ranks: HashMap<i64, usize>,
}

impl Ranked {
    /// The pinned ones first, then the most bought, then the most asked for, then by name.
    fn of<'s>(
        services: impl Iterator<Item = &'s services::Model>,
        frame: &Frame<'_>,
        faces: &Faces,
        own_names: &HashMap<i64, String>,
    ) -> Self {
        let mut aliases: HashMap<&str, Vec<&str>> = HashMap::new();
        for (alias, key) in frame.terms.market.aliases() {
            aliases.entry(key).or_default().push(alias);
        }
        let mut services: Vec<_> = services.collect();
        services.sort_by_cached_key(|service| {
            let pinned = faces.pinned_at_ms(&service.key);
            let bought = frame.counts.get(&service.id).copied().unwrap_or(0);
            let popular = service.popular.unwrap_or(i64::MAX);
            let name = service.name.to_lowercase();
            (pinned.is_none(), pinned, -bought, popular, name)
        });
        let chains: Vec<_> = services
            .into_iter()
            .map(|service| {
                let aliases = aliases.get(service.key.as_str());
                let mut aliases = aliases.cloned().unwrap_or_default();
                // Who knows it by its own name finds it, too.
                let own_name = own_names.get(&service.id).map(|name| normalise(name));
                aliases.extend(own_name.as_deref());
                Chain {
                    service_id: service.id,
                    name: service.name.clone(),
                    places: Vec::new(),
                    words: Arc::new(Words::of(&service.name, &service.key, &aliases)),
                }
            })
            .collect();
        let ranks = chains.iter().map(|chain| chain.service_id).zip(0..);
        Self {
            ranks: ranks.collect(),
            chains,
        }
    }

    fn rank(&self, service_id: i64) -> usize {
        self.ranks.get(&service_id).copied().unwrap_or(usize::MAX)
    }
}

/// The countries that only upstreams know, each by the first of its names.
fn own_countries(rows: &[readings::Model]) -> HashMap<String, Arc<Country>> {
    let mut own = HashMap::new();
    for row in rows.iter().filter(|row| is_own_code(&row.country)) {
        own.entry(row.country.clone())
            .or_insert_with(|| Arc::new(Country::named(&row.country, &row.country_name)));
    }
    own
}

fn priced(
    row: OfferRow,
    service: &services::Model,
    prices: &PriceList,
) -> Result<Offer, Box<Unpriced>> {
    let provider = ProviderId(row.provider);
    let route = Route {
        provider: &provider,
        country: &row.country,
        service: &service.key,
    };
    let cost = row.cost.parse().ok();
    let price = cost.and_then(|cost| prices.price(route, cost, &row.currency).ok());
    let in_wallet = cost.and_then(|cost| prices.cost(cost, &row.currency).ok());
    let (Some(cost), Some(price), Some(cost_in_wallet)) = (cost, price, in_wallet) else {
        return Err(Box::new(Unpriced {
            provider,
            country: row.country,
            service_key: service.key.clone(),
            service_name: service.name.clone(),
            cost: row.cost,
            currency: row.currency,
        }));
    };
    Ok(Offer {
        provider,
        country_code: row.country_code,
        service_code: row.service_code,
        cost,
        currency: row.currency,
        cost_in_wallet,
        price: price.now,
        was: price.was,
        stock: row.stock.and_then(|stock| u64::try_from(stock).ok()),
    })
}
