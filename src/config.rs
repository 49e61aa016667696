//! The settings: one struct a concern, read from the environment once.
//!
//! Invariant: a setting that is partial, unreadable or unknown ends the start with one sentence
//! that names it and never shows the value of a secret.

pub mod care;
pub mod compat;
pub mod data_key;
pub mod market;
pub mod referral;
pub mod services;
pub mod shop;
pub mod telegram;
pub mod top_ups;
pub mod trust;
pub mod upstream;

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use url::{Host, Url};

use self::care::CareConfig;
use self::shop::ShopConfig;
use self::telegram::TelegramConfig;
use self::top_ups::TopUpConfig;
use self::trust::TrustConfig;
use self::upstream::UpstreamConfig;
use crate::domain::market::Market;
use crate::domain::referral::ReferralTerms;

/// Every setting that numshop knows by its whole name; those of the family's hosts and further
/// rates are known by their form. Any other name in `.env` is a mistake.
pub const KNOWN: &[&str] = &[
    "TELEGRAM_BOT_TOKEN",
    "TELEGRAM_API_URL",
    "WEBHOOK_URL",
    "WEBHOOK_BIND",
    "ADMIN_IDS",
    "TOPUP_HINT",
    "DATABASE_URL",
    "DATA_KEY",
    "DATA_KEY_FILE",
    "WALLET_CURRENCY",
    "MARKUP_PERCENT",
    "MARKUP_FIXED",
    "PRICE_STEP",
    "RATE_PKR",
    "RATE_INR",
    "RATE_USD",
    "RATE_RUB",
    "RATE_IDR",
    "MARKET_DATA",
    "CATALOGUE_MAX_AGE_MINUTES",
    "BEST_BY",
    "CANCEL_LIMIT_PERCENT",
    "RATE_MAX_AGE_DAYS",
    "RENTAL_REMINDERS_HOURS",
    "TERMS_VERSION",
    "TERMS_FOLDER",
    "LIMIT_NEW_ORDERS",
    "LIMIT_OPEN_ORDERS",
    "LIMIT_SPEND",
    "LIMIT_CANCELS",
    "LIMIT_CANCELLED_SHARE",
    "LIMIT_TOP_UPS",
    "RETENTION_DAYS",
    "MAILBOX_DOMAINS",
    "MAILBOX_SITES",
    "POLL_INTERVAL_MS",
    "UPSTREAM_REQUESTS_PER_SECOND",
    "MESSAGES_PER_SECOND_PER_CHAT",
    "TAPS_PER_SECOND_PER_USER",
    "ADMIN_DAILY_CAP",
    "SUPPORT_DAILY_CAP",
    "STARS_RATE",
    "STARS_AMOUNTS",
    "TRANSFER_TEXT_EN",
    "TRANSFER_TEXT_ID",
    "TRANSFER_PICTURE",
    "QRIS_TEXT",
    "TRANSFER_LEAST",
    "TRANSFER_MOST",
    "TRANSFER_HOURS",
    "API_KEY_VIRTUSIM",
    "VIRTUSIM_URL",
    "API_KEY_OTPCEPAT",
    "OTPCEPAT_URL",
    "API_KEY_OTPGET",
    "OTPGET_URL",
    "COMPAT_PROVIDERS",
    "API_KEY_OTPGAN",
    "OTPGAN_URL",
    "OTPGAN_SERVICES",
    "API_KEY_OTPBUDDY",
    "OTPBUDDY_URL",
    "ALLOW_HTTP",
    "REFERRAL_PERCENT",
    "REFERRAL_OF",
    "REFERRAL_FIRST",
    "REFERRAL_CAP",
    "BACKUP_FOLDER",
    "BACKUP_EVERY_HOURS",
    "BACKUP_KEEP",
    "ALERT_DOWN_MINUTES",
    "ALERT_DISK_MB",
    "ALERT_TOPUP_MINUTES",
    "RUST_LOG",
];

/// What is wrong with the settings.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Needed and not there.
    #[error("{0} is not set; see .env.example")]
    Missing(&'static str),
    /// There, but not readable.
    #[error("{name} cannot be used: {reason}")]
    Unreadable {
        /// The setting.
        name: String,
        /// Why, without the value of a secret.
        reason: String,
    },
    /// A name in `.env` that means nothing.
    #[error("{file} sets {name}, which numshop does not know; see .env.example for all names")]
    Unknown {
        /// The file.
        file: String,
        /// The name.
        name: String,
    },
    /// The file itself.
    #[error("{file} cannot be read: {reason}")]
    File {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
}

/// All settings.
#[derive(Debug)]
pub struct Config {
    /// Where the money is kept.
    pub database_url: String,
    /// What seals what is personal in it.
    pub data_key: data_key::KeyPlace,
    /// Telegram.
    pub telegram: TelegramConfig,
    /// Prices and paces.
    pub shop: ShopConfig,
    /// What services, countries and operators are called.
    pub market: Arc<Market>,
    /// How users can bring money in by themselves.
    pub top_ups: TopUpConfig,
    /// Terms and limits.
    pub trust: TrustConfig,
    /// What inviting others brings.
    pub referrals: Option<ReferralTerms>,
    /// Backups, and what admins are warned of.
    pub care: CareConfig,
    /// The upstreams that have a key.
    pub upstreams: UpstreamConfig,
}

/// Where settings come from: the process' environment over the file `.env`.
#[derive(Default)]
pub struct Source {
    values: BTreeMap<String, String>,
}

/// Names only: values can be secret.
impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

impl Source {
    /// Reads `file` if it is there, and the environment over it.
    ///
    /// # Errors
    /// [`ConfigError::File`], [`ConfigError::Unknown`].
    pub fn read(
        file: &Path,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut values = BTreeMap::new();
        if file.exists() {
            let shown = file.display().to_string();
            let broken = |error: dotenvy::Error| ConfigError::File {
                file: shown.clone(),
                // The line that cannot be read may hold a secret, so it is not shown.
                reason: if let dotenvy::Error::LineParse(_, column) = error {
                    format!("a line is not NAME=value (column {column})")
                } else {
                    error.to_string()
                },
            };
            for item in dotenvy::from_path_iter(file).map_err(broken)? {
                let (name, value) = item.map_err(broken)?;
                if !is_known(&name) {
                    return Err(ConfigError::Unknown { file: shown, name });
                }
                values.insert(name, value);
            }
        }
        for (name, value) in environment {
            if is_known(&name) {
                values.insert(name, value);
            }
        }
        Ok(Self { values })
    }

    /// From pairs, for tests.
    #[must_use]
    pub fn from_pairs(pairs: &[(&str, &str)]) -> Self {
        let values = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Self { values }
    }

    /// The value of a setting; an empty one counts as not set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// The names of all settings that are there.
    fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    fn required(&self, name: &'static str) -> Result<&str, ConfigError> {
        self.get(name).ok_or(ConfigError::Missing(name))
    }

    /// A value that can be parsed, or `default`.
    fn parsed<T: FromStr>(&self, name: &str, default: T, expected: &str) -> Result<T, ConfigError> {
        match self.get(name) {
            None => Ok(default),
            Some(text) => text
                .parse()
                .map_err(|_| unreadable(name, &format!("`{text}` is not {expected}"))),
        }
    }

    /// A URL that may be called: `https`, or `http` where that is allowed or on loopback.
    fn url(&self, name: &str, default: &str) -> Result<Url, ConfigError> {
        let text = self.get(name).unwrap_or(default);
        let url = Url::parse(text).map_err(|error| unreadable(name, &error.to_string()))?;
        if url.host().is_none() {
            return Err(unreadable(name, "it names no host"));
        }
        let allowed = match url.scheme() {
            "https" => true,
            "http" => {
                is_on_this_machine(&url) || self.parsed("ALLOW_HTTP", false, "true or false")?
            }
            _ => false,
        };
        if allowed {
            Ok(url)
        } else {
            Err(unreadable(
                name,
                "it must begin with https:// (http:// needs ALLOW_HTTP=true, or this machine as its host)",
            ))
        }
    }
}

/// Whether an address never leaves this machine.
#[must_use]
pub fn is_on_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn is_known(name: &str) -> bool {
    KNOWN.contains(&name) || compat::is_setting(name) || shop::rated_currency(name).is_some()
}

fn unreadable(name: &str, reason: &str) -> ConfigError {
    ConfigError::Unreadable {
        name: name.to_owned(),
        reason: reason.to_owned(),
    }
}

impl Config {
    /// Reads and checks everything.
    ///
    /// # Errors
    /// [`ConfigError`], the first thing that is wrong.
    pub fn from_source(source: &Source) -> Result<Self, ConfigError> {
        let shop = ShopConfig::from_source(source)?;
        let config = Self {
            database_url: database_url(source),
            data_key: data_key::from_source(source)?,
            telegram: TelegramConfig::from_source(source)?,
            top_ups: TopUpConfig::from_source(source, shop.currency)?,
            trust: TrustConfig::from_source(source, shop.currency)?,
            referrals: referral::referrals(source, shop.currency)?,
            shop,
            care: CareConfig::from_source(source)?,
            market: Arc::new(market::market(source)?),
            upstreams: UpstreamConfig::from_source(source)?,
        };
        for (setting, currency) in config.upstreams.currencies() {
            if !config.shop.can_price(currency) {
                let reason =
                    format!("its prices are in {currency}, which needs RATE_{currency} to be sold");
                return Err(unreadable(&setting, &reason));
            }
        }
        Ok(config)
    }
}

/// Where the database is; commands that need nothing else read only this.
#[must_use]
pub fn database_url(source: &Source) -> String {
    source
        .get("DATABASE_URL")
        .unwrap_or("sqlite://numshop.db?mode=rwc")
        .to_owned()
}

#[cfg(test)]
mod tests;
