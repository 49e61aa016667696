//! Reading what an upstream sells.
//!
//! Invariant: a failed or empty answer of an upstream never wipes what is there, and all that was
//! read is kept in one transaction, so that no picture shows one of its countries new and another
//! old.

use std::collections::HashSet;

use futures_util::{StreamExt, stream};

use crate::domain::market::{self, MARKET};
use crate::provider::{Assortment, Provider, ProviderError, UpstreamCountry};
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
                Ok(assortment) => match matched(&country, assortment, read_at_ms) {
                    Some(one) => read.push(one),
                    None => log::warn!(
                        "{} sells in {:?}, which is no country we know; left out",
                        provider.id(),
                        country.name
                    ),
                },
                Err(error) => failed.push((country.name, error)),
            }
        }
        let countries = read.len();
        let changed = self.keep(provider, read).await?;
        self.reload_catalogue().await?;
        Ok(Refreshed {
            countries,
            changed,
            failed,
        })
    }

    /// Writes down what is new in what was read.
    async fn keep(
        &self,
        provider: &dyn Provider,
        read: Vec<ReadCountry>,
    ) -> Result<Changed, ShopError> {
        if read.is_empty() {
            return Ok(Changed::default());
        }
        // What is compared must still be there when the difference is written.
        let _turn = self.keeping.lock().await;
        let difference = reading::compare(self.store.read(), provider.id(), read).await?;
        self.store
            .write(move |tx| work(async move { reading::keep(tx, difference).await }))
            .await
            .map_err(ShopError::from)
    }
}

/// An upstream's names of what it sells in a country, as ours.
fn matched(
    country: &UpstreamCountry,
    assortment: Assortment,
    read_at_ms: i64,
) -> Option<ReadCountry> {
    let known = MARKET
        .country(&country.name)
        .or_else(|| MARKET.country(&country.code))?;
    let offers = assortment
        .listings
        .into_iter()
        .filter(|listing| !market::normalise(&listing.service_name).is_empty())
        .map(|listing| ReadOffer {
            service: MARKET.service(&listing.service_name),
            service_code: listing.service_code,
            service_name: listing.service_name,
            cost: listing.cost.amount.to_string(),
            currency: listing.cost.currency,
            stock: listing
                .stock
                .map(|stock| i64::try_from(stock).unwrap_or(i64::MAX)),
        })
        .collect();
    let operators = assortment
        .operators
        .into_iter()
        .map(|code| (MARKET.operator(&known.iso2, &code), code))
        .collect();
    Some(ReadCountry {
        country: known.iso2.clone(),
        country_code: country.code.clone(),
        country_name: country.name.clone(),
        read_at_ms,
        offers,
        operators,
    })
}
