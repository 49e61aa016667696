//! Reading what an upstream sells.
//!
//! Invariant: a failed or empty answer of an upstream never wipes what is there, and all that was
//! read is kept in one transaction, so that no picture shows one of its countries new and another
//! old.

use std::collections::{HashMap, HashSet};

use futures_util::{StreamExt, stream};

use crate::domain::id::ProviderId;
use crate::domain::market::spelling::normalise;
use crate::domain::market::{Market, Service, own_codes};
use crate::domain::product::{Product, duration_name, mailbox_key, rental_key};
use crate::provider::desk::rentals;
use crate::provider::{Assortment, Listing, Provider, ProviderError, UpstreamCountry};
use crate::shop::catalogue::NOWHERE;
use crate::shop::{Shop, ShopError};
use crate::store::reading::{self, Changed, ReadCountry, ReadOffer};
use crate::store::work;

/// How many countries of one upstream are read at once. The driver's own rate limit rules all the
/// same; this only keeps a slow answer from holding up the others.
const AT_ONCE: usize = 4;

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

impl Shop {
    /// Reads everything an upstream sells, and keeps it.
    ///
    /// # Errors
    /// [`RefreshError`], where not even its countries could be read.
    pub async fn refresh(&self, provider: &dyn Provider) -> Result<Refreshed, RefreshError> {
        let mut known = HashSet::new();
        let mut countries = provider.countries().await?;
        countries.retain(|country| known.insert(country.code.clone()));
        let answers: Vec<_> = stream::iter(countries)
            .map(|country| async move {
                let answer = provider.assortment(&country.code).await;
                (country, answer, self.now_ms())
            })
            .buffered(AT_ONCE)
            .collect()
            .await;
        let mut failed = Vec::new();
        let mut read = Vec::new();
        for (country, answer, read_at_ms) in answers {
            match answer {
                Ok(assortment) if assortment.listings.is_empty() => {}
                Ok(assortment) => read.push((country, assortment, read_at_ms)),
                Err(error) => failed.push((country.name, error)),
            }
        }
        let countries = read.len();
        let changed = self.keep(provider, read).await?;
        self.reload_provider(provider.id()).await?;
        Ok(Refreshed {
            countries,
            changed,
            failed,
        })
    }

    /// Keeps what was just read of one country, and shows it.
    pub(super) async fn keep_one(
        &self,
        provider: &dyn Provider,
        country: UpstreamCountry,
        assortment: Assortment,
    ) -> Result<(), ShopError> {
        let read = vec![(country, assortment, self.now_ms())];
        let changed = self.keep(provider, read).await?;
        if changed != Changed::default() {
            self.reload_provider(provider.id()).await?;
        }
        Ok(())
    }

    /// Writes down what is new in what was read.
    async fn keep(
        &self,
        provider: &dyn Provider,
        read: Vec<(UpstreamCountry, Assortment, i64)>,
    ) -> Result<Changed, ShopError> {
        if read.is_empty() {
            return Ok(Changed::default());
        }
        // What is compared must still be there when the difference is written.
        let _turn = self.keeping.lock().await;
        let product = provider.product();
        let provider = provider.id();
        let mut atlas = Atlas {
            product,
            market: &self.terms.market,
            own: reading::own_countries(self.store.read()).await?,
        };
        let read = read.into_iter().filter_map(|(country, assortment, at_ms)| {
            let known = atlas.country(&country);
            if known.is_none() {
                log::error!(
                    "{provider} sells in {:?}, and no code is left",
                    country.name
                );
            }
            let (market, code) = (&self.terms.market, known?);
            Some(matched(
                (market, product, provider),
                code,
                country,
                assortment,
                at_ms,
            ))
        });
        let read = read.collect();
        let difference = reading::compare(self.store.read(), provider, read).await?;
        self.store
            .write(move |tx| work(async move { reading::keep(tx, difference).await }))
            .await
            .map_err(ShopError::from)
    }
}

/// Upstreams' names of countries as our codes.
struct Atlas<'m> {
    product: Product,
    market: &'m Market,
    /// The codes of countries that only upstreams know, by their normalised names.
    own: HashMap<String, String>,
}

impl Atlas<'_> {
    /// The code of a country. One that nobody knows keeps its own name, under a code that ISO 3166
    /// leaves free; `None` only where all of these are taken.
    fn country(&mut self, country: &UpstreamCountry) -> Option<String> {
        if self.product == Product::Mailbox {
            return Some(NOWHERE.to_owned());
        }
        let names = [&country.name, &country.code];
        if let Some(known) = names.into_iter().find_map(|name| self.market.country(name)) {
            return Some(known.iso2.clone());
        }
        let name = normalise(&country.name);
        if let Some(code) = self.own.get(&name) {
            return Some(code.clone());
        }
        let taken = |code: &String| {
            self.own.values().any(|own| own == code) || self.market.country(code).is_some()
        };
        let free = own_codes().find(|code| !taken(code))?;
        self.own.insert(name, free.clone());
        Some(free)
    }
}

/// What a listing is for us. Rentals are told apart by their durations; a mailbox is for a service
/// and is priced by a key of its own.
fn service(market: &Market, product: Product, provider: &ProviderId, listing: &Listing) -> Service {
    let (provider, code) = (provider.as_str(), &listing.service_code);
    match product {
        Product::Activation => market.service(provider, code, &listing.service_name),
        Product::Mailbox => {
            let service = market.service_or_site(provider, code, &listing.service_name);
            Service {
                key: mailbox_key(&service.key),
                kind: product.as_str().to_owned(),
                ..service
            }
        }
        Product::Rental | Product::Renewal => {
            let hours = rentals::terms_of(code).map_or(0, |(_, hours)| hours);
            Service {
                key: rental_key(hours),
                name: duration_name(hours),
                kind: Product::Rental.as_str().to_owned(),
                popular: None,
            }
        }
    }
}

/// An upstream's names of what it sells in a country, as ours.
fn matched(
    (market, product, provider): (&Market, Product, &ProviderId),
    code: String,
    country: UpstreamCountry,
    assortment: Assortment,
    read_at_ms: i64,
) -> ReadCountry {
    let offers = assortment
        .listings
        .into_iter()
        .map(|listing| ReadOffer {
            service: service(market, product, provider, &listing),
            service_code: listing.service_code,
            service_name: listing.service_name,
            cost: listing.cost.amount.to_string(),
            currency: listing.cost.currency,
            stock: listing
                .stock
                .map(|stock| i64::try_from(stock).unwrap_or(i64::MAX)),
        })
        // What has neither a known code nor a letter in its name cannot be shown.
        .filter(|offer| !offer.service.is_own() || !normalise(&offer.service.name).is_empty())
        .collect();
    let operators = assortment
        .operators
        .into_iter()
        .map(|spelling| (market.operator(&code, &spelling), spelling))
        .collect();
    ReadCountry {
        country: code,
        country_code: country.code,
        country_name: country.name,
        read_at_ms,
        offers,
        operators,
    }
}
