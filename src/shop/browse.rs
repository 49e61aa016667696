//! Looking around: countries, services, operators, prices.
//!
//! Invariant: everything comes from the picture in memory, never from the network.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::id::UserId;
use crate::domain::market::Country;
use crate::domain::money::Money;
use crate::shop::catalogue::{Catalogue, Hall, Stand};
use crate::shop::{Page, Shop, ShopError};
use crate::store::orders;

/// A service in our own list; its number is short enough for a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ServiceId(pub i64);

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
}

impl ServiceEntry {
    /// Whether it can be bought now, as far as the last refresh knows.
    #[must_use]
    pub fn in_stock(&self) -> bool {
        self.stock != Some(0)
    }
}

/// An operator to choose; `None` is "any, best price", always the first row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorEntry {
    /// Its usual name.
    pub operator: Option<String>,
    /// The cheapest offer with it.
    pub price: Money,
    /// How many numbers there are.
    pub stock: Option<u64>,
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
}

/// How many of a user's latest services stand before all others.
const RECENT: u64 = 4;

impl Shop {
    /// The countries that are sold, most services first. Empty while no catalogue was ever read.
    #[must_use]
    pub fn countries(&self) -> Vec<CountryEntry> {
        let catalogue = self.catalogue();
        let mut countries: Vec<_> = catalogue.halls.values().map(country_entry).collect();
        countries.sort_by(|a, b| (b.services, &a.country.name).cmp(&(a.services, &b.country.name)));
        countries
    }

    /// The services of a country: those this user bought recently, then the most bought, then by
    /// name. `page` past the end gives the last one.
    ///
    /// # Errors
    /// [`ShopError::NotSold`] for a country that is not sold.
    pub async fn services(
        &self,
        user: UserId,
        country: &str,
        page: usize,
        page_size: usize,
    ) -> Result<Page<ServiceEntry>, ShopError> {
        let recent = orders::recent_services(self.store.read(), user, RECENT).await?;
        let catalogue = self.catalogue();
        let hall = catalogue.halls.get(country).ok_or(ShopError::NotSold)?;
        let first: Vec<&Stand> = recent.iter().filter_map(|id| hall.stand(*id)).collect();
        let others = hall
            .stands
            .iter()
            .filter(|stand| !recent.contains(&stand.service_id));
        let all: Vec<&Stand> = first.into_iter().chain(others).collect();
        let page_size = page_size.max(1);
        let pages = all.len().div_ceil(page_size).max(1);
        let page = page.min(pages - 1);
        let rows = all
            .into_iter()
            .skip(page * page_size)
            .take(page_size)
            .filter_map(service_entry)
            .collect();
        Ok(Page { rows, page, pages })
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
            .filter_map(|chain| service_entry(hall?.stand(chain.service_id)?))
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
        let operators = operator_entries(&catalogue, stand);
        Ok(Shelf {
            service: service_entry(stand).ok_or(ShopError::NotSold)?,
            country: country_entry(hall),
            operators,
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
            .filter_map(service_entry)
            .filter(ServiceEntry::in_stock)
            .take(limit)
            .collect()
    }
}

/// "Any" first, then each operator that some offer has, by price.
fn operator_entries(catalogue: &Catalogue, stand: &Stand) -> Vec<OperatorEntry> {
    let mut names: Vec<&str> = stand
        .offers
        .iter()
        .flat_map(|offer| catalogue.operators(offer))
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    let entry = |operator: Option<&str>| {
        let offers: Vec<_> = catalogue.offers(stand, operator).collect();
        Some(OperatorEntry {
            operator: operator.map(str::to_owned),
            price: offers.first()?.price,
            stock: total_stock(offers.iter().map(|offer| offer.stock)),
        })
    };
    let mut operators: Vec<_> = names
        .into_iter()
        .filter_map(|name| entry(Some(name)))
        .collect();
    operators.sort_by_key(|row| (row.stock == Some(0), row.price));
    entry(None).into_iter().chain(operators).collect()
}

pub(super) fn country_entry(hall: &Hall) -> CountryEntry {
    CountryEntry {
        country: Arc::clone(&hall.country),
        services: hall.stands.len(),
    }
}

fn service_entry(stand: &Stand) -> Option<ServiceEntry> {
    Some(ServiceEntry {
        id: ServiceId(stand.service_id),
        name: stand.name.clone(),
        from_price: stand.best()?.price,
        stock: total_stock(stand.offers.iter().map(|offer| offer.stock)),
    })
}

/// The sum, or "not said" as soon as one offer does not say.
fn total_stock(mut stocks: impl Iterator<Item = Option<u64>>) -> Option<u64> {
    stocks.try_fold(0_u64, |sum, stock| Some(sum.saturating_add(stock?)))
}
