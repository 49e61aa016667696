//! Looking around: countries, services, operators, prices.
//!
//! Invariant: everything comes from the picture in memory, never from the network.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::best::BestBy;
use crate::domain::id::ProviderId;
use crate::domain::market::Country;
use crate::domain::money::Money;
use crate::domain::product::Product;
use crate::shop::catalogue::{Catalogue, Chain, Hall, Offer, Stand};
use crate::shop::habits::Habits;
use crate::shop::track::{RouteKey, Track};
use crate::shop::{Page, Shop, ShopError};

/// A service in our own list; its number is short enough for a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ServiceId(pub i64);

/// The number under which users know an upstream, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ServerNumber(pub u8);

/// A country that is sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountryEntry {
    /// The country.
    pub country: Arc<Country>,
    /// How many services are sold there.
    pub services: usize,
}

/// A service in one country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceEntry {
    /// Its number.
    pub id: ServiceId,
    /// Its name.
    pub name: String,
    /// The cheapest offer that is in stock, else the cheapest of all.
    pub from_price: Money,
    /// How many numbers there are over all offers; `None` where an upstream does not say.
    pub stock: Option<u64>,
    /// In how many countries it is sold.
    pub countries: usize,
}

impl ServiceEntry {
    fn of(catalogue: &Catalogue, stand: &Stand) -> Option<Self> {
        Some(Self {
            id: ServiceId(stand.service_id),
            name: stand.name.clone(),
            from_price: stand.cheapest()?.price,
            stock: total_stock(stand.offers.iter().map(|offer| offer.stock)),
            countries: catalogue.chain(stand.service_id)?.places.len(),
        })
    }

    /// A service over all its countries.
    pub(super) fn everywhere(catalogue: &Catalogue, chain: &Chain) -> Option<Self> {
        let mut stands = catalogue.stands_of(chain).map(|(_, stand)| stand);
        let cheapest = stands.next()?;
        let offers = std::iter::once(cheapest).chain(stands);
        let stocks = offers
            .flat_map(|stand| &stand.offers)
            .map(|offer| offer.stock);
        Some(Self {
            id: ServiceId(chain.service_id),
            name: chain.name.clone(),
            from_price: cheapest.cheapest()?.price,
            stock: total_stock(stocks),
            countries: chain.places.len(),
        })
    }

    /// Whether it can be bought now, as far as the last refresh knows.
    #[must_use]
    pub fn in_stock(&self) -> bool {
        self.stock != Some(0)
    }
}

/// A country in which a service is sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceEntry {
    /// The country.
    pub country: Arc<Country>,
    /// The cheapest offer that is in stock, else the cheapest of all.
    pub from_price: Money,
    /// How many numbers there are.
    pub stock: Option<u64>,
}

/// An operator to choose; `None` is "any", always the first row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorEntry {
    /// Its usual name.
    pub operator: Option<String>,
    /// The price of the best offer with it.
    pub price: Money,
    /// How many numbers there are.
    pub stock: Option<u64>,
}

/// One upstream's offer of a service. Users know upstreams by their numbers only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerEntry {
    /// The upstream's number, the same everywhere.
    pub server: ServerNumber,
    /// The price of its best offer.
    pub price: Money,
    /// How many numbers there are.
    pub stock: Option<u64>,
    /// How it did lately, once there were enough orders.
    pub track: Option<Track>,
}

/// One service in one country with its operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelf {
    /// The service.
    pub service: ServiceEntry,
    /// The country.
    pub country: CountryEntry,
    /// "Any" first, then by price.
    pub operators: Vec<OperatorEntry>,
    /// The upstreams that could sell it now, best first; empty where there is only one.
    pub servers: Vec<ServerEntry>,
    /// What makes an offer the best.
    pub best_by: BestBy,
}

impl Shop {
    /// The countries that are sold, most services first. Empty while no catalogue was ever read.
    #[must_use]
    pub fn countries(&self) -> Vec<CountryEntry> {
        let catalogue = self.catalogue();
        let mut countries: Vec<_> = catalogue.halls.values().map(country_entry).collect();
        countries.sort_by(|a, b| (b.services, &a.country.name).cmp(&(a.services, &b.country.name)));
        countries
    }

    /// The services of a country: those this user bought lately, then the favourites, then the
    /// most bought, then by name. `page` past the end gives the last one.
    ///
    /// # Errors
    /// [`ShopError::NotSold`] for a country that is not sold.
    pub fn services(
        &self,
        habits: &Habits,
        country: &str,
        page: usize,
        page_size: usize,
    ) -> Result<Page<ServiceEntry>, ShopError> {
        let catalogue = self.catalogue();
        let hall = catalogue.halls.get(country).ok_or(ShopError::NotSold)?;
        let first = habits.first();
        let lead = first.iter().filter_map(|id| hall.stand(*id));
        let others = hall
            .stands
            .iter()
            .filter(|stand| !first.contains(&stand.service_id));
        let page = Page::of(lead.chain(others).collect(), page, page_size);
        Ok(page.filter_map(|stand| ServiceEntry::of(&catalogue, stand)))
    }

    /// The services of all countries, in the same order.
    #[must_use]
    pub fn everywhere(&self, habits: &Habits, page: usize, page_size: usize) -> Page<ServiceEntry> {
        let catalogue = self.catalogue();
        let first = habits.first();
        let lead = first.iter().filter_map(|id| catalogue.chain(*id));
        let others = catalogue
            .chains
            .iter()
            .filter(|chain| !first.contains(&chain.service_id));
        Page::of(lead.chain(others).collect(), page, page_size)
            .filter_map(|chain| ServiceEntry::everywhere(&catalogue, chain))
    }

    /// Where a service is sold: in stock first, then by price.
    ///
    /// # Errors
    /// [`ShopError::NotSold`].
    pub fn places(
        &self,
        service: ServiceId,
        page: usize,
        page_size: usize,
    ) -> Result<(ServiceEntry, Page<PlaceEntry>), ShopError> {
        let catalogue = self.catalogue();
        let chain = catalogue.chain(service.0).ok_or(ShopError::NotSold)?;
        let entry = ServiceEntry::everywhere(&catalogue, chain).ok_or(ShopError::NotSold)?;
        let places = Page::of(catalogue.stands_of(chain).collect(), page, page_size);
        let places = places.filter_map(|(hall, stand)| {
            let entry = ServiceEntry::of(&catalogue, stand)?;
            Some(PlaceEntry {
                country: Arc::clone(&hall.country),
                from_price: entry.from_price,
                stock: entry.stock,
            })
        });
        Ok((entry, places))
    }

    /// Services of a country whose name, alias or code is near `text` (typos allowed), best first,
    /// at most `limit`.
    #[must_use]
    pub fn search(&self, country: &str, text: &str, limit: usize) -> Vec<ServiceEntry> {
        let catalogue = self.catalogue();
        let found = catalogue.search(Some(country), text, limit);
        let hall = catalogue.halls.get(country);
        found
            .into_iter()
            .filter_map(|chain| ServiceEntry::of(&catalogue, hall?.stand(chain.service_id)?))
            .collect()
    }

    /// The same in all countries.
    #[must_use]
    pub fn search_everywhere(&self, text: &str, limit: usize) -> Vec<ServiceEntry> {
        let catalogue = self.catalogue();
        let found = catalogue.search(None, text, limit);
        found
            .into_iter()
            .filter_map(|chain| ServiceEntry::everywhere(&catalogue, chain))
            .collect()
    }

    /// A service in a country with its operators.
    ///
    /// # Errors
    /// [`ShopError::NotSold`].
    pub fn shelf(&self, country: &str, service: ServiceId) -> Result<Shelf, ShopError> {
        let catalogue = self.catalogue();
        let hall = catalogue.halls.get(country).ok_or(ShopError::NotSold)?;
        let stand = hall.stand(service.0).ok_or(ShopError::NotSold)?;
        let offers = self.best_first(hall, stand);
        let operators = self.operator_entries(&catalogue, &offers);
        Ok(Shelf {
            servers: self.server_entries(hall, stand, &offers),
            best_by: self.best_by(),
            service: ServiceEntry::of(&catalogue, stand).ok_or(ShopError::NotSold)?,
            country: country_entry(hall),
            operators,
        })
    }

    /// The number under which users know an upstream: its place among all that are configured.
    #[must_use]
    pub fn server_number(&self, provider: &ProviderId) -> Option<ServerNumber> {
        let place = self.servers().position(|id| id == provider)?;
        u8::try_from(place + 1).ok().map(ServerNumber)
    }

    /// The upstream with a number.
    #[must_use]
    pub fn server(&self, number: ServerNumber) -> Option<&ProviderId> {
        let place = usize::from(number.0).checked_sub(1)?;
        self.servers().nth(place)
    }

    /// The upstreams that users can choose among.
    fn servers(&self) -> impl Iterator<Item = &ProviderId> {
        let servers = self.providers.iter();
        servers
            .filter(|(_, provider)| provider.product() == Product::Activation)
            .map(|(id, _)| id)
    }

    /// The upstreams that sell from a stand, best first, where a user has a choice.
    fn server_entries(&self, hall: &Hall, stand: &Stand, offers: &[&Offer]) -> Vec<ServerEntry> {
        let tracks = self.tracks();
        let mut servers: Vec<ServerEntry> = Vec::new();
        let mut sold = offers.to_vec();
        sold.retain(|offer| self.sells(offer));
        // Best first: a last resort is the first only where it is all there is.
        let is_first_last = sold
            .first()
            .is_some_and(|it| self.is_last_resort(&it.provider));
        sold.retain(|offer| is_first_last || !self.is_last_resort(&offer.provider));
        for offer in sold {
            let Some(server) = self.server_number(&offer.provider) else {
                continue;
            };
            if let Some(known) = servers.iter_mut().find(|entry| entry.server == server) {
                known.stock = total_stock([known.stock, offer.stock].into_iter());
                continue;
            }
            let key = RouteKey {
                provider: offer.provider.clone(),
                country: hall.country.iso2.clone(),
                service_id: stand.service_id,
            };
            servers.push(ServerEntry {
                server,
                price: offer.price,
                stock: offer.stock,
                track: tracks.get(&key).and_then(|fate| fate.track()),
            });
        }
        if servers.len() < 2 {
            servers.clear();
        }
        servers
    }

    /// "Any" first, then each operator that some offer has, by price.
    fn operator_entries(&self, catalogue: &Catalogue, offers: &[&Offer]) -> Vec<OperatorEntry> {
        let mut names: Vec<&str> = offers
            .iter()
            .flat_map(|offer| catalogue.operators(offer))
            .map(|(name, _)| name.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        let mut operators: Vec<_> = names
            .into_iter()
            .filter_map(|name| self.operator_entry(catalogue, offers, Some(name)))
            .collect();
        operators.sort_by_key(|row| (row.stock == Some(0), row.price));
        let any = self.operator_entry(catalogue, offers, None);
        any.into_iter().chain(operators).collect()
    }

    /// What an operator costs at the upstreams that can sell now; sold out where none can.
    fn operator_entry(
        &self,
        catalogue: &Catalogue,
        offers: &[&Offer],
        operator: Option<&str>,
    ) -> Option<OperatorEntry> {
        let mut with_it = offers.to_vec();
        with_it.retain(|offer| catalogue.suits(offer, operator, None));
        let first = *with_it.first()?;
        with_it.retain(|offer| self.sells(offer));
        Some(OperatorEntry {
            operator: operator.map(str::to_owned),
            price: with_it.first().unwrap_or(&first).price,
            stock: total_stock(with_it.iter().map(|offer| offer.stock)),
        })
    }

    /// Services in the same country that are in stock and close to this one: same kind first.
    #[must_use]
    pub fn near(&self, country: &str, service: ServiceId, limit: usize) -> Vec<ServiceEntry> {
        let catalogue = self.catalogue();
        let Some(hall) = catalogue.halls.get(country) else {
            return Vec::new();
        };
        let kind = hall.stand(service.0).map(|stand| stand.kind.as_str());
        let mut others: Vec<&Stand> = hall
            .stands
            .iter()
            .filter(|stand| stand.service_id != service.0)
            .collect();
        others.sort_by_key(|stand| Some(stand.kind.as_str()) != kind);
        others
            .into_iter()
            .filter_map(|stand| ServiceEntry::of(&catalogue, stand))
            .filter(ServiceEntry::in_stock)
            .take(limit)
            .collect()
    }
}

pub(super) fn country_entry(hall: &Hall) -> CountryEntry {
    CountryEntry {
        country: Arc::clone(&hall.country),
        services: hall.stands.len(),
    }
}

/// The sum, or "not said" as soon as one offer does not say.
fn total_stock(mut stocks: impl Iterator<Item = Option<u64>>) -> Option<u64> {
    stocks.try_fold(0_u64, |sum, stock| Some(sum.saturating_add(stock?)))
}
