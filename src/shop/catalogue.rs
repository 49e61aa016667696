//! What is sold, held in memory: a picture of the database's catalogue, priced.
//!
//! Invariant: a picture is never changed, only replaced as a whole; losing it loses nothing.
//! A failed or empty answer of an upstream never wipes what is there.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError};

use rust_decimal::Decimal;

use crate::domain::id::ProviderId;
use crate::domain::market::{self, MARKET};
use crate::domain::money::Money;
use crate::domain::pricing::{Markup, PriceList, Route, Rule, Scope};
use crate::provider::{Assortment, Provider, ProviderError, UpstreamCountry};
use crate::shop::{Shop, ShopError, Terms};
use crate::store::catalog::{self, Changed, Everything, Fresh};
use crate::store::entity::{offers, price_rules};
use crate::store::{orders, work};

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
    /// Offers, those in stock first, then by price.
    pub offers: Vec<Offer>,
}

/// One country.
#[derive(Clone, Debug, Default)]
pub struct Hall {
    /// The services, most bought first.
    pub stands: Vec<Stand>,
    by_service: HashMap<i64, usize>,
}

impl Hall {
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
    /// (upstream, its country code) → operators: usual name and the upstream's spelling.
    operators: HashMap<(ProviderId, String), Vec<(String, String)>>,
}

impl Catalogue {
    /// Before anything was ever read.
    pub(super) fn empty(terms: &Terms) -> Self {
        Self::build(Everything::default(), &HashMap::new(), terms, |_| true)
    }

    /// Prices everything. Offers of upstreams that are switched off, or that cannot be priced,
    /// are left out; `counts` says how often each service was bought.
    fn build(
        everything: Everything,
        counts: &HashMap<i64, i64>,
        terms: &Terms,
        is_on: impl Fn(&ProviderId) -> bool,
    ) -> Self {
        let prices = price_list(&everything, terms);
        let services: HashMap<i64, _> = everything
            .services
            .into_iter()
            .map(|service| (service.id, service))
            .collect();
        let mut stands: BTreeMap<(String, i64), Vec<Offer>> = BTreeMap::new();
        for row in everything.offers {
            let Some(service) = services.get(&row.service_id) else {
                continue;
            };
            let at = (row.country.clone(), row.service_id);
            if let Some(offer) = priced(row, &service.key, &prices)
                && is_on(&offer.provider)
            {
                stands.entry(at).or_default().push(offer);
            }
        }
        let mut halls: BTreeMap<String, Hall> = BTreeMap::new();
        for ((country, service_id), mut offers) in stands {
            let Some(service) = services.get(&service_id) else {
                continue;
            };
            offers.sort_by_key(|offer| (!offer.in_stock(), offer.price));
            halls.entry(country).or_default().stands.push(Stand {
                service_id,
                key: service.key.clone(),
                name: service.name.clone(),
                kind: service.kind.clone(),
                offers,
            });
        }
        for hall in halls.values_mut() {
            hall.stands.sort_by(|a, b| {
                let rank = |stand: &Stand| {
                    let bought = counts.get(&stand.service_id).copied().unwrap_or(0);
                    let popular = services
                        .get(&stand.service_id)
                        .and_then(|service| service.popular)
                        .unwrap_or(i64::MAX);
                    (-bought, popular)
                };
                rank(a).cmp(&rank(b)).then_with(|| by_name(a, b))
            });
            hall.by_service = (0..)
                .zip(&hall.stands)
                .map(|(index, stand)| (stand.service_id, index))
                .collect();
        }
        let mut operators: HashMap<_, Vec<_>> = HashMap::new();
        for row in everything.operators {
            operators
                .entry((ProviderId(row.provider), row.country_code))
                .or_default()
                .push((row.operator, row.operator_code));
        }
        Self {
            halls,
            prices,
            operators,
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

/// How a refresh of one upstream went.
#[derive(Debug, Default)]
pub struct Refreshed {
    /// Countries that were read.
    pub countries: usize,
    /// What changed.
    pub changed: Changed,
    /// Countries that could not be read; what was known of them stays.
    pub failed: Vec<(String, ProviderError)>,
}

impl Shop {
    /// The present picture.
    #[must_use]
    pub fn catalogue(&self) -> Arc<Catalogue> {
        let picture = self
            .catalogue
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&picture)
    }

    /// Makes a new picture of what the database holds.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`]; the old picture stays.
    pub async fn reload_catalogue(&self) -> Result<(), ShopError> {
        let read = self.store.read();
        let everything = catalog::everything(read).await?;
        let counts = orders::service_counts(read).await?.into_iter().collect();
        let picture = Catalogue::build(everything, &counts, &self.terms, |provider| {
            self.providers.contains_key(provider)
        });
        *self
            .catalogue
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(picture);
        Ok(())
    }

    /// Reads everything an upstream sells, and keeps it in one transaction, so that no picture
    /// shows one of its countries new and another old.
    ///
    /// # Errors
    /// [`RefreshError`], where not even its countries could be read.
    pub async fn refresh(&self, provider: &dyn Provider) -> Result<Refreshed, RefreshError> {
        let mut failed = Vec::new();
        let mut read = Vec::new();
        for country in provider.countries().await? {
            let assortment = match provider.assortment(&country.code).await {
                Ok(assortment) if assortment.listings.is_empty() => continue,
                Ok(assortment) => assortment,
                Err(error) => {
                    failed.push((country.name, error));
                    continue;
                }
            };
            match self.fresh(provider.id(), &country, assortment) {
                Some(fresh) => read.push(fresh),
                None => log::warn!(
                    "{} sells in {:?}, which is no country we know; left out",
                    provider.id(),
                    country.name
                ),
            }
        }
        let countries = read.len();
        let changed = self
            .store
            .write(move |tx| work(async move { catalog::replace(tx, read).await }))
            .await
            .map_err(ShopError::from)?;
        self.reload_catalogue().await?;
        Ok(Refreshed {
            countries,
            changed,
            failed,
        })
    }

    fn fresh(
        &self,
        provider: &ProviderId,
        country: &UpstreamCountry,
        assortment: Assortment,
    ) -> Option<Fresh> {
        let known = MARKET
            .country(&country.name)
            .or_else(|| MARKET.country(&country.code))?;
        let seen_at_ms = self.now_ms();
        let offers = assortment
            .listings
            .into_iter()
            .filter(|listing| !market::normalise(&listing.service_name).is_empty())
            .map(|listing| {
                let service = MARKET.service(&listing.service_name);
                let row = offers::Model {
                    id: 0,
                    provider: provider.0.clone(),
                    country: known.iso2.clone(),
                    country_code: country.code.clone(),
                    service_id: 0,
                    service_code: listing.service_code,
                    service_name: listing.service_name,
                    cost: listing.cost.amount.to_string(),
                    currency: listing.cost.currency,
                    stock: listing
                        .stock
                        .map(|stock| i64::try_from(stock).unwrap_or(i64::MAX)),
                    seen_at_ms,
                };
                (service, row)
            })
            .collect();
        let operators = assortment
            .operators
            .into_iter()
            .map(|code| (MARKET.operator(&known.iso2, &code), code))
            .collect();
        Some(Fresh {
            provider: provider.clone(),
            country: known.iso2.clone(),
            country_code: country.code.clone(),
            offers,
            operators,
        })
    }
}

/// Why nothing could be refreshed.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The upstream.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// Our own database.
    #[error(transparent)]
    Shop(#[from] ShopError),
}
