//! What currencies are worth, since when, and who said so.
//!
//! Invariant: the settings are the starting point, and what an admin set wins over them until it
//! is taken back; nothing here asks anybody outside.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use crate::domain::id::UserId;
use crate::shop::account::User;
use crate::shop::catalogue::Catalogue;
use crate::shop::notice::{Notice, OldRate};
use crate::shop::prices::PricingError;
use crate::shop::settle::Cause;
use crate::shop::{Shop, ShopError};
use crate::store::entity::rate_ages;
use crate::store::{StoreError, from_ms, prices, to_ms, users, work};

/// Admins hear of old rates this often at most.
const BETWEEN_WARNINGS: TimeDelta = TimeDelta::hours(24);

/// Who set a rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RateBy {
    /// The operator, in the settings.
    Settings,
    /// An admin, and their name where they ever wrote to the bot.
    Admin(UserId, Option<User>),
    /// Nobody: what is sold in it has no price.
    Nobody,
}

/// One currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateView {
    /// ISO 4217 code.
    pub currency: String,
    /// Wallet units (major) for one.
    pub rate: Option<Decimal>,
    /// Who set it.
    pub by: RateBy,
    /// Since when it stands; `None` for what the settings held before anybody looked.
    pub since: Option<DateTime<Utc>>,
    /// What the settings say, where an admin set another.
    pub settings: Option<Decimal>,
    /// How many routes are priced by it, or would be.
    pub routes: usize,
    /// Whether it is older than rates should be.
    pub is_old: bool,
}

/// How many routes each currency has.
fn routes_of(catalogue: &Catalogue) -> BTreeMap<&str, usize> {
    let mut routes = BTreeMap::new();
    let stands = catalogue.all_halls().flat_map(|(_, hall)| &hall.stands);
    let offers = stands.flat_map(|stand| &stand.offers);
    let sold = offers.map(|offer| offer.currency.as_str());
    for currency in sold.chain(catalogue.unpriced.iter().map(|it| it.currency.as_str())) {
        *routes.entry(currency).or_default() += 1;
    }
    routes
}

impl Shop {
    /// All currencies that matter, by their codes.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn rates(&self) -> Result<Vec<RateView>, ShopError> {
        let catalogue = self.catalogue();
        let read = self.store.read();
        let (set, ages) = (prices::rates(read).await?, prices::rate_ages(read).await?);
        let routes = routes_of(&catalogue);
        let mut views = Vec::new();
        for currency in self.currencies(&catalogue) {
            let by_admin = set.iter().find(|row| row.currency == currency);
            let settings = self.terms.rates.get(&currency).copied();
            let (by, since, rate) = match (by_admin, settings) {
                (Some(row), _) => {
                    let admin = UserId(row.set_by);
                    let person = users::find(read, admin).await?.map(User::from);
                    let since = Some(from_ms(row.set_at_ms));
                    (RateBy::Admin(admin, person), since, row.rate.parse().ok())
                }
                (None, Some(rate)) => {
                    let age = ages.iter().find(|age| age.currency == currency);
                    let since = age.and_then(|age| age.settings_since_ms).map(from_ms);
                    (RateBy::Settings, since, Some(rate))
                }
                (None, None) => (RateBy::Nobody, None, None),
            };
            views.push(RateView {
                rate,
                since,
                settings: settings.filter(|_| by_admin.is_some()),
                routes: routes.get(currency.as_str()).copied().unwrap_or(0),
                is_old: since.is_some_and(|since| self.now() - since > self.terms.rate_max_age),
                by,
                currency,
            });
        }
        Ok(views)
    }

    /// One currency.
    ///
    /// # Errors
    /// [`PricingError::UnknownCurrency`].
    pub async fn rate(&self, currency: &str) -> Result<RateView, ShopError> {
        let rates = self.rates().await?;
        let found = rates.into_iter().find(|it| it.currency == currency);
        found.ok_or_else(|| PricingError::UnknownCurrency(currency.to_owned()).into())
    }

    /// The currencies in which anything costs, or for which there is a rate, but the wallet's.
    fn currencies(&self, catalogue: &Catalogue) -> BTreeSet<String> {
        let rated = catalogue.prices.rates.keys().map(String::as_str);
        let known = rated.chain(routes_of(catalogue).into_keys());
        let own = self.terms.currency.code();
        known.filter(|it| *it != own).map(str::to_owned).collect()
    }

    /// The currency that an admin typed.
    pub(super) fn rated_currency(
        &self,
        catalogue: &Catalogue,
        typed: &str,
    ) -> Result<String, ShopError> {
        let code = typed.to_ascii_uppercase();
        if self.currencies(catalogue).contains(&code) {
            Ok(code)
        } else {
            Err(PricingError::UnknownCurrency(code).into())
        }
    }

    /// Writes down since when each rate stands in the settings; at each start.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn note_settings_rates(&self) -> Result<(), ShopError> {
        let ages = prices::rate_ages(self.store.read()).await?;
        let mut news = Vec::new();
        for (currency, rate) in &self.terms.rates {
            let known = ages.iter().find(|age| age.currency == *currency);
            let rate = rate.normalize().to_string();
            if known.is_some_and(|age| age.settings_rate.as_ref() == Some(&rate)) {
                continue;
            }
            news.push(rate_ages::Model {
                currency: currency.clone(),
                settings_rate: Some(rate),
                settings_since_ms: Some(self.now_ms()),
                warned_at_ms: known.and_then(|age| age.warned_at_ms),
            });
        }
        if news.is_empty() {
            return Ok(());
        }
        self.store
            .write(move |tx| {
                work(async move {
                    for age in news {
                        prices::set_rate_age(tx, age).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .map_err(ShopError::from)
    }

    /// Tells the admins of rates that are too old and that something is sold by, once a day.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn warn_of_old_rates(&self) -> Result<(), ShopError> {
        let rates = self.rates().await?;
        let old: Vec<_> = rates
            .into_iter()
            .filter(|rate| rate.is_old && rate.routes > 0)
            .collect();
        if old.is_empty() {
            return Ok(());
        }
        let told = old.iter().map(|rate| OldRate {
            currency: rate.currency.clone(),
            rate: rate.rate.unwrap_or_default().normalize().to_string(),
            since: rate.since.unwrap_or_default(),
        });
        let notice = Notice::OldRates {
            rates: told.collect(),
        };
        let (books, admins, now) = (self.books(Cause::Worker), self.admins(), self.now());
        self.store
            .write(move |tx| {
                work(async move {
                    let ages = prices::rate_ages(tx).await?;
                    let warned = ages.iter().filter_map(|age| age.warned_at_ms).max();
                    // A clock that jumped back must not silence anybody for longer.
                    let is_lately =
                        |at: i64| (from_ms(at)..from_ms(at) + BETWEEN_WARNINGS).contains(&now);
                    if warned.is_some_and(is_lately) {
                        return Ok(());
                    }
                    for rate in old {
                        let known = ages.iter().find(|age| age.currency == rate.currency);
                        let age = rate_ages::Model {
                            settings_rate: known.and_then(|age| age.settings_rate.clone()),
                            settings_since_ms: known.and_then(|age| age.settings_since_ms),
                            warned_at_ms: Some(to_ms(now)),
                            currency: rate.currency,
                        };
                        prices::set_rate_age(tx, age).await?;
                    }
                    for admin in admins {
                        books.notify(tx, admin, &notice).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await?;
        self.wake.outbox.notify_one();
        Ok(())
    }

    /// Makes a new picture where a promotion began or ended since the present one was made; how
    /// long until the next one does.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn follow_promotions(&self) -> Result<Option<TimeDelta>, ShopError> {
        let is_due = |until: DateTime<Utc>| until <= self.now();
        if self.catalogue().prices.until.is_some_and(is_due) {
            self.reload_catalogue().await?;
        }
        let until = self.catalogue().prices.until;
        Ok(until.map(|until| until - self.now()))
    }
}
