//! How users can bring money in by themselves.
//!
//! Invariant: a way is set up as a whole or not at all.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use rust_decimal::Decimal;

use crate::config::{ConfigError, Source, unreadable};
use crate::domain::money::{Currency, Money};
use crate::domain::qris::StaticQris;
use crate::domain::stars::{MOST_STARS, StarsRate};

/// The ways that are set up.
#[derive(Clone, Debug)]
pub struct TopUpConfig {
    /// What one admin may move by hand within 24 hours.
    pub admin_daily_cap: Option<Money>,
    /// What somebody of the support may move by hand within 24 hours.
    pub support_daily_cap: Option<Money>,
    /// Telegram Stars.
    pub stars: Option<StarsConfig>,
    /// Bank, e-wallet and QRIS.
    pub transfers: Option<TransferConfig>,
}

/// The settings for transfers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferConfig {
    /// The instructions by language.
    pub words: BTreeMap<String, String>,
    /// The picture that goes with them.
    pub picture: Option<Arc<[u8]>>,
    /// The merchant's code.
    pub qris: Option<StaticQris>,
    /// The least and the most that can be sent at once.
    pub limits: [Money; 2],
    /// How long a request waits for its proof.
    pub lives_for: TimeDelta,
}

/// The settings for Stars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StarsConfig {
    /// What a Star brings.
    pub rate: StarsRate,
    /// The numbers of Stars that buttons offer, growing.
    pub amounts: Vec<u32>,
}

/// What is offered where the operator says nothing else.
const USUAL_AMOUNTS: &str = "50,100,250,500,1000";
/// More buttons than that nobody reads.
const MOST_AMOUNTS: usize = 12;
/// Together with our own words it stands under a picture, where Telegram takes 1,024.
const LONGEST_TEXT: usize = 600;
const LARGEST_PICTURE_BYTES: usize = 5 * 1024 * 1024;

impl TopUpConfig {
    /// Reads and checks the settings.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn from_source(source: &Source, currency: Currency) -> Result<Self, ConfigError> {
        Ok(Self {
            admin_daily_cap: cap(source, "ADMIN_DAILY_CAP", currency)?,
            support_daily_cap: cap(source, "SUPPORT_DAILY_CAP", currency)?,
            stars: stars(source, currency)?,
            transfers: transfers(source, currency)?,
        })
    }
}

fn cap(
    source: &Source,
    name: &'static str,
    currency: Currency,
) -> Result<Option<Money>, ConfigError> {
    let cap = source.get(name).map(|text| {
        let read = currency.parse(text);
        read.map_err(|error| unreadable(name, &error.to_string()))
    });
    cap.transpose()
}

fn stars(source: &Source, currency: Currency) -> Result<Option<StarsConfig>, ConfigError> {
    if source.get("STARS_RATE").is_none() {
        return match source.get("STARS_AMOUNTS") {
            None => Ok(None),
            Some(_) => Err(unreadable(
                "STARS_AMOUNTS",
                "no Stars are taken without STARS_RATE",
            )),
        };
    }
    let rate = source.parsed("STARS_RATE", Decimal::ZERO, "a number")?;
    let rate = StarsRate::new(rate)
        .ok_or_else(|| unreadable("STARS_RATE", "a rate must be more than zero"))?;
    if rate.credit(MOST_STARS, currency).is_none() {
        let reason = format!(
            "{MOST_STARS} Stars would bring nothing, or more than a wallet takes; it is {} for one Star",
            currency.code()
        );
        return Err(unreadable("STARS_RATE", &reason));
    }
    let mut amounts = Vec::new();
    for word in source
        .get("STARS_AMOUNTS")
        .unwrap_or(USUAL_AMOUNTS)
        .split([',', ' '])
        .filter(|word| !word.is_empty())
    {
        let stars = word.parse().ok().filter(|stars| {
            (1..=MOST_STARS).contains(stars) && rate.credit(*stars, currency).is_some()
        });
        let stars = stars.ok_or_else(|| {
            let reason = format!(
                "`{word}` is no number of Stars between 1 and {MOST_STARS} that brings something at this rate"
            );
            unreadable("STARS_AMOUNTS", &reason)
        })?;
        amounts.push(stars);
    }
    amounts.sort_unstable();
    amounts.dedup();
    if amounts.len() > MOST_AMOUNTS {
        let reason = format!("there are more than {MOST_AMOUNTS} amounts");
        return Err(unreadable("STARS_AMOUNTS", &reason));
    }
    Ok(Some(StarsConfig { rate, amounts }))
}

fn transfers(source: &Source, currency: Currency) -> Result<Option<TransferConfig>, ConfigError> {
    let mut words = BTreeMap::new();
    for (name, tag) in [("TRANSFER_TEXT_EN", "en"), ("TRANSFER_TEXT_ID", "id")] {
        if let Some(text) = source.get(name) {
            if text.chars().count() > LONGEST_TEXT {
                let reason = format!("it is longer than {LONGEST_TEXT} characters");
                return Err(unreadable(name, &reason));
            }
            words.insert(tag.to_owned(), text.replace("\\n", "\n"));
        }
    }
    let qris = source.get("QRIS_TEXT").map(|text| {
        let read = StaticQris::read(text);
        read.map_err(|error| unreadable("QRIS_TEXT", &error.to_string()))
    });
    let qris = qris.transpose()?;
    if qris.is_some() && currency.code() != "IDR" {
        let reason = "QRIS pays rupiah, so it needs WALLET_CURRENCY=IDR";
        return Err(unreadable("QRIS_TEXT", reason));
    }
    if words.is_empty() && qris.is_none() {
        for name in [
            "TRANSFER_PICTURE",
            "TRANSFER_LEAST",
            "TRANSFER_MOST",
            "TRANSFER_HOURS",
        ] {
            if source.get(name).is_some() {
                let reason = "no transfers are taken without TRANSFER_TEXT_EN, TRANSFER_TEXT_ID or QRIS_TEXT";
                return Err(unreadable(name, reason));
            }
        }
        return Ok(None);
    }
    if source.get("ADMIN_IDS").is_none() {
        let name = if qris.is_some() {
            "QRIS_TEXT"
        } else {
            "TRANSFER_TEXT_EN"
        };
        return Err(unreadable(
            name,
            "nobody could say whether money came: set ADMIN_IDS",
        ));
    }
    let hours: i64 = source.parsed("TRANSFER_HOURS", 24, "a number of hours")?;
    if !(1..=720).contains(&hours) {
        return Err(unreadable("TRANSFER_HOURS", "it must be between 1 and 720"));
    }
    Ok(Some(TransferConfig {
        words,
        picture: picture(source)?,
        qris,
        limits: limits(source, currency)?,
        lives_for: TimeDelta::hours(hours),
    }))
}

fn picture(source: &Source) -> Result<Option<Arc<[u8]>>, ConfigError> {
    let Some(path) = source.get("TRANSFER_PICTURE") else {
        return Ok(None);
    };
    let wrong = |reason: &str| unreadable("TRANSFER_PICTURE", reason);
    let bytes =
        std::fs::read(path).map_err(|error| wrong(&format!("{path} cannot be read: {error}")))?;
    let is_png = bytes.starts_with(b"\x89PNG");
    if !(is_png || bytes.starts_with(b"\xFF\xD8")) {
        return Err(wrong("it must be a PNG or a JPEG file"));
    }
    if bytes.len() > LARGEST_PICTURE_BYTES {
        return Err(wrong("it is larger than 5 MB"));
    }
    Ok(Some(bytes.into()))
}

fn limits(source: &Source, currency: Currency) -> Result<[Money; 2], ConfigError> {
    let (least, most) = if currency.decimals() == 0 {
        (10_000, 10_000_000)
    } else {
        (100, 100_000)
    };
    let amount = |name: &str, usual: i64| match source.get(name) {
        None => Ok(Money::minor(usual)),
        Some(text) => currency
            .parse(text)
            .map_err(|error| unreadable(name, &error.to_string())),
    };
    let limits = [
        amount("TRANSFER_LEAST", least)?,
        amount("TRANSFER_MOST", most)?,
    ];
    if limits[0] > limits[1] {
        let reason = "it is less than TRANSFER_LEAST";
        return Err(unreadable("TRANSFER_MOST", reason));
    }
    Ok(limits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Option<StarsConfig>, String> {
        let currency = Currency::from_code("IDR").unwrap();
        let config = TopUpConfig::from_source(&Source::from_pairs(pairs), currency);
        config.map(|it| it.stars).map_err(|error| error.to_string())
    }

    #[test]
    fn stars_are_off_or_whole() {
        assert_eq!(read(&[]), Ok(None));
        let usual = read(&[("STARS_RATE", "200")]).unwrap().unwrap();
        assert_eq!(usual.amounts, [50, 100, 250, 500, 1000]);
        let own = [("STARS_RATE", "0.5"), ("STARS_AMOUNTS", "40, 20 20")];
        assert_eq!(read(&own).unwrap().unwrap().amounts, [20, 40]);
    }

    #[test]
    fn a_cap_is_an_amount() {
        let currency = Currency::from_code("IDR").unwrap();
        let read = |value: &str| {
            let source = Source::from_pairs(&[("ADMIN_DAILY_CAP", value)]);
            let config = TopUpConfig::from_source(&source, currency);
            config.map(|it| it.admin_daily_cap).ok()
        };
        assert_eq!(read(""), Some(None));
        assert_eq!(read("500000"), Some(Some(Money::minor(500_000))));
        assert_eq!(read("much"), None);
        assert_eq!(read("0"), None);
    }

    #[test]
    fn transfers_are_off_or_whole() {
        let currency = Currency::from_code("IDR").unwrap();
        let read = |pairs: &[(&str, &str)]| {
            let config = TopUpConfig::from_source(&Source::from_pairs(pairs), currency);
            config
                .map(|it| it.transfers)
                .map_err(|error| error.to_string())
        };
        assert_eq!(read(&[]), Ok(None));
        let admin = ("ADMIN_IDS", "1");
        let text = ("TRANSFER_TEXT_ID", "BCA 123\\na.n. Toko");
        let whole = read(&[admin, text]).unwrap().unwrap();
        assert_eq!(whole.words["id"], "BCA 123\na.n. Toko");
        let usual = [Money::minor(10_000), Money::minor(10_000_000)];
        assert_eq!(
            (whole.limits, whole.lives_for),
            (usual, TimeDelta::hours(24))
        );
        let long = "x".repeat(601);
        for (pairs, name) in [
            (vec![text], "TRANSFER_TEXT_EN"),
            (vec![admin, ("TRANSFER_TEXT_EN", &long)], "TRANSFER_TEXT_EN"),
            (vec![admin, ("QRIS_TEXT", "000201")], "QRIS_TEXT"),
            (vec![admin, ("TRANSFER_HOURS", "5")], "TRANSFER_HOURS"),
            (vec![admin, text, ("TRANSFER_HOURS", "0")], "TRANSFER_HOURS"),
            (vec![admin, text, ("TRANSFER_LEAST", "x")], "TRANSFER_LEAST"),
            (vec![admin, text, ("TRANSFER_MOST", "5")], "TRANSFER_MOST"),
            (
                vec![admin, text, ("TRANSFER_PICTURE", "no-such-file.png")],
                "TRANSFER_PICTURE",
            ),
            (
                vec![admin, text, ("TRANSFER_PICTURE", "Cargo.toml")],
                "TRANSFER_PICTURE",
            ),
        ] {
            let error = read(&pairs).unwrap_err();
            assert!(error.starts_with(name), "{pairs:?}: {error}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (pairs, name) in [
            (vec![("STARS_AMOUNTS", "50")], "STARS_AMOUNTS"),
            (vec![("STARS_RATE", "0")], "STARS_RATE"),
            (vec![("STARS_RATE", "-2")], "STARS_RATE"),
            (vec![("STARS_RATE", "many")], "STARS_RATE"),
            (vec![("STARS_RATE", "0.00001")], "STARS_RATE"),
            (vec![("STARS_RATE", "999999999999")], "STARS_RATE"),
            (
                vec![("STARS_RATE", "200"), ("STARS_AMOUNTS", "0")],
                "STARS_AMOUNTS",
            ),
            (
                vec![("STARS_RATE", "200"), ("STARS_AMOUNTS", "50;60")],
                "STARS_AMOUNTS",
            ),
            (
                vec![("STARS_RATE", "200"), ("STARS_AMOUNTS", "10001")],
                "STARS_AMOUNTS",
            ),
            // One Star brings less than a rupiah.
            (
                vec![("STARS_RATE", "0.5"), ("STARS_AMOUNTS", "1")],
                "STARS_AMOUNTS",
            ),
            (
                vec![
                    ("STARS_RATE", "200"),
                    ("STARS_AMOUNTS", "1,2,3,4,5,6,7,8,9,10,11,12,13"),
                ],
                "STARS_AMOUNTS",
            ),
        ] {
            let error = read(&pairs).unwrap_err();
            assert!(error.starts_with(name), "{pairs:?}: {error}");
        }
    }
}
