//! What can be rented: countries, durations and what is left.
//!
//! Invariant: everything is read from the picture in memory; only [`Shop::look_again`] asks the
//! upstream, and nobody's tap waits for it.

use chrono::TimeDelta;

use crate::clock::Pause;
use crate::domain::market::spelling::normalise;
use crate::domain::money::Money;
use crate::domain::product::{Product, hours_of};
use crate::provider::UpstreamCountry;
use crate::shop::browse::{CountryEntry, ServiceId, country_entry};
use crate::shop::buy::Choice;
use crate::shop::habits::Habits;
use crate::shop::{Shop, ShopError};

/// What was read so lately is not read again for one user's look.
const FRESH: TimeDelta = TimeDelta::seconds(30);
/// Sooner forgotten than this many looks.
const MOST_LOOKS: usize = 10_000;

/// A duration for which numbers of a country are rented out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DurationEntry {
    /// The duration, as a service.
    pub service: ServiceId,
    /// How many hours.
    pub hours: u32,
    /// The best price of both servers.
    pub price: Money,
    /// The price of a day, rounded up; `None` for less than a day.
    pub per_day: Option<Money>,
    /// How many numbers are left; `None` where that is not said.
    pub stock: Option<u64>,
}

impl Shop {
    /// Whether anything of a product is on the shelves.
    #[must_use]
    pub fn has_on_shelf(&self, product: Product) -> bool {
        !self.catalogue().halls_of(product).is_empty()
    }

    /// The countries in which numbers are rented out, the user's favourites first, then by name;
    /// with a text those whose name or code begins with it, in any language that is known.
    #[must_use]
    pub fn rental_countries(&self, habits: &Habits, text: Option<&str>) -> Vec<CountryEntry> {
        let catalogue = self.catalogue();
        let wanted = text.map(normalise);
        let named = text.and_then(|text| self.terms.market.country(text));
        let fits = |entry: &CountryEntry| {
            let country = &entry.country;
            let mut names = country.names.values().chain([&country.name]);
            named.is_some_and(|named| named.iso2 == country.iso2)
                || wanted
                    .as_deref()
                    .is_none_or(|wanted| names.any(|name| normalise(name).starts_with(wanted)))
        };
        let halls = catalogue.rentals.values().map(country_entry);
        let mut countries: Vec<_> = halls.filter(fits).collect();
        countries.sort_by_cached_key(|entry| {
            let country = &entry.country;
            (
                !habits.is_favourite_place(&country.iso2),
                country.name.clone(),
            )
        });
        countries
    }

    /// The durations that a country's numbers are rented out for, shortest first.
    ///
    /// # Errors
    /// [`ShopError::NotSold`].
    pub fn durations(
        &self,
        country: &str,
    ) -> Result<(CountryEntry, Vec<DurationEntry>), ShopError> {
        let catalogue = self.catalogue();
        let hall = catalogue.rentals.get(country).ok_or(ShopError::NotSold)?;
        let entries = hall.stands.iter().filter_map(|stand| {
            let hours = hours_of(&stand.key)?;
            let offers = self.best_first(hall, stand);
            let sold = offers.iter().find(|offer| self.sells(offer));
            let best = sold.or(offers.first())?;
            let left = offers.iter().filter(|offer| self.sells(offer));
            let stock = left.map(|offer| offer.stock).sum::<Option<u64>>();
            Some(DurationEntry {
                service: ServiceId(stand.service_id),
                hours,
                price: best.price,
                per_day: per_day(best.price, hours),
                stock,
            })
        });
        let mut entries: Vec<_> = entries.collect();
        entries.sort_by_key(|entry| entry.hours);
        Ok((country_entry(hall), entries))
    }

    /// Reads anew what is left of a choice, at each upstream that sells it.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`]; what an upstream does not answer stays as it was.
    pub async fn look_again(&self, choice: &Choice) -> Result<(), ShopError> {
        let catalogue = self.catalogue();
        let offers = self.offers_for(&catalogue, choice).unwrap_or_default();
        let mut places: Vec<_> = offers
            .iter()
            .map(|offer| (offer.provider.clone(), offer.country_code.clone()))
            .collect();
        places.sort();
        places.dedup();
        for (provider, code) in places {
            let Some(provider) = self.provider(provider.as_str()) else {
                continue;
            };
            if !self.begins_look(provider.id().as_str(), &code) {
                continue;
            }
            match provider.assortment(&code).await {
                Ok(assortment) => {
                    let name = self.country_name(choice, &code);
                    let country = UpstreamCountry { code, name };
                    self.keep_one(provider.as_ref(), country, assortment)
                        .await?;
                }
                Err(error) => {
                    log::info!("{} did not say what is left: {error}", provider.id());
                }
            }
        }
        Ok(())
    }

    /// A mailbox's place is its domain; any other place is a country.
    fn country_name(&self, choice: &Choice, code: &str) -> String {
        let country = self.country(&choice.country);
        if country.iso2 == crate::shop::catalogue::NOWHERE {
            code.to_owned()
        } else {
            country.name.clone()
        }
    }

    /// Notes that a place is being looked at; `false` where it was a moment ago.
    fn begins_look(&self, provider: &str, code: &str) -> bool {
        let now = self.now();
        let mut looks = self.looks();
        if looks.len() > MOST_LOOKS {
            looks.retain(|_, pause: &mut Pause| pause.holds(now));
        }
        let pause = looks.entry(format!("{provider} {code}")).or_default();
        if pause.holds(now) {
            return false;
        }
        *pause = Pause::of(now, FRESH);
        true
    }
}

/// What a day costs, rounded up.
fn per_day(price: Money, hours: u32) -> Option<Money> {
    let hours = i64::from(hours);
    if hours < 24 {
        return None;
    }
    let day = price.as_minor().checked_mul(24)?;
    let rounded = day.checked_add(hours - 1)?.checked_div(hours)?;
    Some(Money::minor(rounded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_a_rental_is_rounded_up() {
        for (price, hours, expected) in [
            (30_000, 720, Some(1_000)),
            (30_001, 720, Some(1_001)),
            (5_000, 24, Some(5_000)),
            (5_000, 12, None),
        ] {
            assert_eq!(
                per_day(Money::minor(price), hours),
                expected.map(Money::minor)
            );
        }
    }
}
