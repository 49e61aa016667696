//! Currency, prices and paces.
//!
//! Invariant: what is read here can price every route or is refused.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use rust_decimal::Decimal;

use crate::config::{ConfigError, Source, unreadable};
use crate::domain::best::BestBy;
use crate::domain::money::{Currency, Money};
use crate::domain::pricing::Markup;

/// The settings of the shop.
#[derive(Clone, Debug)]
pub struct ShopConfig {
    /// The currency of all wallets.
    pub currency: Currency,
    /// The markup where admins set no rule.
    pub markup: Markup,
    /// Wallet units (major) for one unit of each upstream currency.
    pub rates: BTreeMap<String, Decimal>,
    /// How often a waiting order is asked for.
    pub poll_interval: TimeDelta,
    /// How long ago an offer may have been read and still be sold.
    pub catalogue_max_age: TimeDelta,
    /// Which of several offers comes first.
    pub best_by: BestBy,
    /// Of a hundred numbers of an upstream so many may be given back early.
    pub cancel_limit_percent: u32,
    /// A rate older than this is worth a word to the admins.
    pub rate_max_age: TimeDelta,
    /// How many hours before its end a rental's user is reminded.
    pub rental_reminders_hours: Vec<u32>,
    /// How many days after an order's end its number and texts are erased.
    pub retention_days: u32,
}

/// The currency of all wallets.
///
/// # Errors
/// [`ConfigError`] for what is no currency.
pub fn wallet_currency(source: &Source) -> Result<Currency, ConfigError> {
    let code = source.get("WALLET_CURRENCY").unwrap_or("IDR");
    Currency::from_code(code).map_err(|error| unreadable("WALLET_CURRENCY", &error.to_string()))
}

impl ShopConfig {
    /// Reads and checks the settings.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn from_source(source: &Source) -> Result<Self, ConfigError> {
        let currency = wallet_currency(source)?;
        let percent = source.parsed("MARKUP_PERCENT", Decimal::from(25), "a number")?;
        let fixed = amount(source, currency, "MARKUP_FIXED", Money::ZERO)?;
        let step = amount(source, currency, "PRICE_STEP", default_step(currency))?;
        let markup = Markup::new(percent, fixed, step)
            .map_err(|error| unreadable("MARKUP_PERCENT", &error.to_string()))?;
        let mut rates = BTreeMap::new();
        for name in source.names() {
            let Some(currency) = rated_currency(name).filter(|_| source.get(name).is_some()) else {
                continue;
            };
            let rate = source.parsed(name, Decimal::ZERO, "a number")?;
            if rate <= Decimal::ZERO {
                return Err(unreadable(name, "a rate must be more than zero"));
            }
            rates.insert(currency.to_owned(), rate);
        }
        let poll_ms: i64 = source.parsed("POLL_INTERVAL_MS", 3_000, "a number of milliseconds")?;
        if !(200..=60_000).contains(&poll_ms) {
            return Err(unreadable(
                "POLL_INTERVAL_MS",
                "it must be between 200 and 60000",
            ));
        }
        let max_age_minutes: i64 =
            source.parsed("CATALOGUE_MAX_AGE_MINUTES", 1_440, "a number of minutes")?;
        if !(30..=43_200).contains(&max_age_minutes) {
            return Err(unreadable(
                "CATALOGUE_MAX_AGE_MINUTES",
                "it must be between 30 and 43200, for the upstreams are read every ten minutes",
            ));
        }
        Ok(Self {
            currency,
            markup,
            rates,
            poll_interval: TimeDelta::milliseconds(poll_ms),
            catalogue_max_age: TimeDelta::minutes(max_age_minutes),
            cancel_limit_percent: cancel_limit(source)?,
            rate_max_age: rate_max_age(source)?,
            rental_reminders_hours: rental_reminders(source)?,
            retention_days: retention(source)?,
            best_by: source.parsed("BEST_BY", BestBy::Price, &best_words())?,
        })
    }

    /// Whether an amount in this currency can be told in the wallet's.
    #[must_use]
    pub fn can_price(&self, currency: &str) -> bool {
        currency == self.currency.code() || self.rates.contains_key(currency)
    }
}

/// The currency whose rate a setting is: `RATE_` and an ISO 4217 code.
#[must_use]
pub fn rated_currency(setting: &str) -> Option<&'static str> {
    let code = setting.strip_prefix("RATE_")?;
    let currency = Currency::from_code(code).ok()?;
    // It is read in any case, but settings are in capitals.
    (currency.code() == code).then_some(currency.code())
}

fn cancel_limit(source: &Source) -> Result<u32, ConfigError> {
    let name = "CANCEL_LIMIT_PERCENT";
    let percent = source.parsed(name, 40, "a whole number")?;
    if (1..=100).contains(&percent) {
        Ok(percent)
    } else {
        Err(unreadable(name, "it must be between 1 and 100"))
    }
}

fn retention(source: &Source) -> Result<u32, ConfigError> {
    let name = "RETENTION_DAYS";
    let days = source.parsed(name, 7, "a whole number of days")?;
    if (1..=3_650).contains(&days) {
        Ok(days)
    } else {
        Err(unreadable(name, "it must be between 1 and 3650"))
    }
}

fn rate_max_age(source: &Source) -> Result<TimeDelta, ConfigError> {
    let name = "RATE_MAX_AGE_DAYS";
    let days: i64 = source.parsed(name, 7, "a number of days")?;
    if (1..=365).contains(&days) {
        Ok(TimeDelta::days(days))
    } else {
        Err(unreadable(name, "it must be between 1 and 365"))
    }
}

fn rental_reminders(source: &Source) -> Result<Vec<u32>, ConfigError> {
    let name = "RENTAL_REMINDERS_HOURS";
    let listed = source.get(name).unwrap_or("24,1");
    let hours = listed.split(',').map(str::trim);
    let hours = hours.filter(|part| !part.is_empty() && *part != "off");
    let hours: Result<Vec<u32>, _> = hours.map(str::parse).collect();
    match hours {
        Ok(hours) if hours.iter().all(|hours| (1..=720).contains(hours)) => Ok(hours),
        Ok(_) | Err(_) => Err(unreadable(
            name,
            "it must be hours between 1 and 720 with commas between them, or `off`",
        )),
    }
}

fn best_words() -> String {
    format!("one of {}", BestBy::ALL.map(BestBy::as_str).join(", "))
}

/// A hundred rupiah, or one minor unit of a currency that has decimals.
fn default_step(currency: Currency) -> Money {
    if currency.decimals() == 0 {
        Money::minor(100)
    } else {
        Money::minor(1)
    }
}

fn amount(
    source: &Source,
    currency: Currency,
    name: &str,
    default: Money,
) -> Result<Money, ConfigError> {
    match source.get(name) {
        None => Ok(default),
        Some("0") => Ok(Money::ZERO),
        Some(text) => currency
            .parse(text)
            .map_err(|error| unreadable(name, &error.to_string())),
    }
}
