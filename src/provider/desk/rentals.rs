//! An upstream of rentals as a provider: durations are its services, and both servers are one.
//!
//! A service's code is a server and the hours, `2/720`; a renewal is bought under the code of the
//! duration with the rental behind it, `2/720/renew/<order>`.
//!
//! Invariant: a renewal is known by its rental and the end that it led to, so that no two of them
//! share an id.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::{code, parts};
use crate::domain::id::{ProviderId, UpstreamId};
use crate::domain::product::Product;
use crate::provider::rental::{
    Expiry, Renewal, Renewed, RentalArea, RentalProvider, RentalPurchase, RentalSms, RentalState,
    Rented, UpstreamRental,
};
use crate::provider::{
    Activation, ActivationState, Assortment, Bought, CancelAnswer, Capabilities, Cost, Listing,
    Provider, ProviderError, Purchase, PurchaseAnswer, Server, UpstreamCountry,
};

const HOURS_PER_MONTH: u32 = 720;
const RENEW: &str = "/renew/";

/// The desk of an upstream of rentals.
#[derive(Debug)]
pub struct RentalDesk {
    id: ProviderId,
    driver: Arc<dyn RentalProvider>,
    /// Where each server rents out, as last read. Without it both are asked.
    servers: Mutex<HashMap<String, Vec<Server>>>,
}

impl RentalDesk {
    /// The desk of a driver.
    #[must_use]
    pub fn new(driver: Arc<dyn RentalProvider>) -> Self {
        Self {
            id: ProviderId(format!("{}-rentals", driver.id())),
            driver,
            servers: Mutex::default(),
        }
    }

    fn servers_in(&self, country_code: &str) -> Vec<Server> {
        let servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        servers
            .get(country_code)
            .cloned()
            .unwrap_or_else(|| Server::ALL.to_vec())
    }

    async fn renew(&self, terms: RentalPurchase, order: &str) -> PurchaseAnswer {
        // The call wants the rental's own id, which only the list tells; nothing is sent before.
        let rentals = match self.driver.mine().await {
            Ok(rentals) => rentals,
            Err(error) => return PurchaseAnswer::NotSent(error),
        };
        let Some(rental) = rentals.into_iter().find(|it| it.order_id.0 == order) else {
            let error = ProviderError::NotFound("the rental is not in the list".to_owned());
            return PurchaseAnswer::Rejected(error);
        };
        let renewal = Renewal {
            rental_id: rental.rental_id,
            terms,
        };
        let answer = self.driver.renew(&renewal).await;
        answer.map(|renewed| renewed_as_bought(renewed, order, rental.number))
    }
}

/// The code under which a rental is renewed, out of that of its duration.
#[must_use]
pub fn renewal_code(duration_code: &str, rental: &str) -> String {
    format!("{duration_code}{RENEW}{rental}")
}

/// The server and the hours in the code of a duration, or of a renewal.
#[must_use]
pub fn terms_of(code: &str) -> Option<(Server, u32)> {
    let duration = code
        .split_once(RENEW)
        .map_or(code, |(duration, _)| duration);
    let (server, hours) = parts(duration)?;
    Some((server, hours.parse().ok()?))
}

/// The id under which a renewal stands in our books.
#[must_use]
pub fn renewal_id(rental: &str, ends: Expiry) -> UpstreamId {
    UpstreamId(format!("{rental} until {}", written(ends)))
}

/// An end as text, to be compared with a later reading.
#[must_use]
pub fn written(ends: Expiry) -> String {
    match ends {
        Expiry::At(moment) => moment.to_rfc3339(),
        Expiry::Zoneless(local) => local.format("%Y-%m-%dT%H:%M:%S").to_string(),
    }
}

/// How much later `now` is than `before` was, both as [`written`]; `None` where they cannot be
/// compared.
#[must_use]
pub fn moved(before: &str, now: &str) -> Option<TimeDelta> {
    let zoned = |text: &str| text.parse::<DateTime<Utc>>().ok();
    let local = |text: &str| text.parse::<NaiveDateTime>().ok();
    match (zoned(before), zoned(now)) {
        (Some(before), Some(now)) => Some(now - before),
        (Some(_), None) | (None, Some(_)) => None,
        (None, None) => Some(local(now)? - local(before)?),
    }
}

fn renewed_as_bought(renewed: Renewed, order: &str, number: Option<String>) -> Bought {
    Bought {
        upstream_id: renewal_id(order, renewed.expires),
        number: renewed.number.or(number).unwrap_or_default(),
        cost: renewed.cost,
        ends: Some(renewed.expires),
    }
}

fn rented_as_bought(rented: Rented) -> Bought {
    Bought {
        upstream_id: rented.upstream_id,
        number: rented.number,
        cost: rented.cost,
        ends: rented.expires,
    }
}

fn seen(rental: UpstreamRental) -> Activation {
    Activation {
        upstream_id: rental.order_id,
        state: match rental.state {
            RentalState::Active => ActivationState::Received,
            RentalState::Expired => ActivationState::Finished,
            RentalState::Cancelled => ActivationState::Cancelled,
            RentalState::Other(word) => ActivationState::Other(word),
        },
        number: rental.number,
        sms: None,
        service_name: rental.country_code,
        others: Vec::new(),
        ends: rental.expires,
    }
}

/// What is left for a duration. Some parts of a country are let by the month only: where nothing
/// else is left, nobody says whether a shorter time can be had.
fn left(areas: &[RentalArea], hours: u32) -> Option<u64> {
    let sum = |areas: &mut dyn Iterator<Item = &RentalArea>| {
        areas.fold(0_u64, |sum, area| sum.saturating_add(area.available))
    };
    let shortest = |area: &RentalArea| area.min_months.unwrap_or(0).saturating_mul(HOURS_PER_MONTH);
    let fitting = sum(&mut areas.iter().filter(|area| shortest(area) <= hours));
    if fitting == 0 && hours < HOURS_PER_MONTH && sum(&mut areas.iter()) > 0 {
        return None;
    }
    Some(fitting)
}

#[async_trait]
impl Provider for RentalDesk {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn product(&self) -> Product {
        Product::Rental
    }

    fn purse(&self) -> &ProviderId {
        self.driver.id()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            batch_poll: true,
            resend: false,
            finish: false,
            balance: false,
            cancel_after: Duration::ZERO,
            lifetime: Duration::ZERO,
        }
    }

    async fn balance(&self) -> Result<Cost, ProviderError> {
        let text = "its balance is that of its account".to_owned();
        Err(ProviderError::Refused(text))
    }

    async fn countries(&self) -> Result<Vec<UpstreamCountry>, ProviderError> {
        let mut servers: HashMap<String, Vec<Server>> = HashMap::new();
        let mut countries = Vec::new();
        for country in self.driver.countries().await? {
            let here = servers.entry(country.country_code.clone()).or_default();
            if here.is_empty() {
                countries.push(UpstreamCountry {
                    code: country.country_code,
                    name: country.name,
                });
            }
            here.push(country.server);
        }
        *self.servers.lock().unwrap_or_else(PoisonError::into_inner) = servers;
        Ok(countries)
    }

    async fn assortment(&self, country_code: &str) -> Result<Assortment, ProviderError> {
        let mut listings = Vec::new();
        for server in self.servers_in(country_code) {
            let prices = match self.driver.pricing(country_code, server).await {
                Ok(prices) => prices,
                Err(ProviderError::NotFound(_)) => continue,
                Err(error) => return Err(error),
            };
            if prices.is_empty() {
                continue;
            }
            let areas = match self.driver.stock(country_code, server).await {
                Ok(areas) => areas,
                Err(ProviderError::NotFound(_)) => Vec::new(),
                Err(error) => return Err(error),
            };
            listings.extend(prices.into_iter().map(|price| Listing {
                service_code: code(server, &price.duration_hours.to_string()),
                service_name: format!("Rental {} h", price.duration_hours),
                cost: price.cost,
                stock: left(&areas, price.duration_hours),
            }));
        }
        Ok(Assortment {
            operators: Vec::new(),
            listings,
        })
    }

    async fn buy(&self, purchase: &Purchase) -> PurchaseAnswer {
        let Some((server, duration_hours)) = terms_of(&purchase.service_code) else {
            let error = ProviderError::NotFound("no such duration".to_owned());
            return PurchaseAnswer::NotSent(error);
        };
        let terms = RentalPurchase {
            country_code: purchase.country_code.clone(),
            server,
            duration_hours,
            max_cost: purchase.max_cost,
        };
        match purchase.service_code.split_once(RENEW) {
            Some((_, rental)) => self.renew(terms, rental).await,
            None => self.driver.rent(&terms).await.map(rented_as_bought),
        }
    }

    async fn status(&self, id: &UpstreamId) -> Result<Activation, ProviderError> {
        let rentals = self.driver.mine().await?;
        let rental = rentals.into_iter().find(|rental| rental.order_id == *id);
        rental
            .map(seen)
            .ok_or_else(|| ProviderError::NotFound("the rental is not in the list".to_owned()))
    }

    async fn open_orders(&self) -> Result<Option<Vec<Activation>>, ProviderError> {
        let rentals = self.driver.mine().await?;
        Ok(Some(rentals.into_iter().map(seen).collect()))
    }

    /// A rental cannot be given back.
    async fn cancel(&self, _id: &UpstreamId) -> Result<CancelAnswer, ProviderError> {
        Ok(CancelAnswer::NotNow)
    }

    async fn resend(&self, _id: &UpstreamId) -> Result<(), ProviderError> {
        Err(ProviderError::Refused("it receives all SMS".to_owned()))
    }

    async fn finish(&self, _id: &UpstreamId) -> Result<(), ProviderError> {
        Err(ProviderError::Refused("it ends by itself".to_owned()))
    }

    async fn inbox(&self, id: &UpstreamId) -> Result<Vec<RentalSms>, ProviderError> {
        self.driver.inbox(id).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back() {
        let month = code(Server::Two, "720");
        assert_eq!(terms_of(&month), Some((Server::Two, 720)));
        let renewal = renewal_code(&month, "R/17");
        assert_eq!(terms_of(&renewal), Some((Server::Two, 720)));
        assert_eq!(renewal.split_once(RENEW).map(|it| it.1), Some("R/17"));
        for nonsense in ["", "720", "3/720", "1/x", "1/-5"] {
            assert_eq!(terms_of(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn an_end_that_moved_says_by_how_much() {
        let at = |text: &str| written(Expiry::At(text.parse().unwrap()));
        let local = |text: &str| written(Expiry::Zoneless(text.parse().unwrap()));
        let day = TimeDelta::days(1);
        let zoned = at("2026-04-09T21:55:55Z");
        assert_eq!(moved(&zoned, &at("2026-04-10T21:55:55Z")), Some(day));
        let zoneless = local("2026-04-09T21:55:55");
        assert_eq!(moved(&zoneless, &local("2026-04-10T21:55:55")), Some(day));
        assert_eq!(moved(&zoneless, &zoneless), Some(TimeDelta::zero()));
        assert_eq!(moved(&zoned, &zoneless), None);
    }

    #[test]
    fn parts_that_are_let_by_the_year_are_not_left_for_a_month() {
        let area = |available, min_months| RentalArea {
            code: String::new(),
            title: "anywhere".to_owned(),
            available,
            min_months,
        };
        let areas = [area(3, Some(1)), area(5, Some(12)), area(7, None)];
        assert_eq!(left(&areas, 720), Some(10));
        assert_eq!(left(&areas, 8_640), Some(15));
        assert_eq!(left(&areas, 24), Some(7));
        assert_eq!(left(&areas[..2], 24), None);
        assert_eq!(left(&[], 24), Some(0));
    }
}
