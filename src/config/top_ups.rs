//! How users can bring money in by themselves.
//!
//! Invariant: a way is set up as a whole or not at all.

use rust_decimal::Decimal;

use crate::config::{ConfigError, Source, unreadable};
use crate::domain::money::Currency;
use crate::domain::stars::{MOST_STARS, StarsRate};

/// The ways that are set up.
#[derive(Clone, Debug)]
pub struct TopUpConfig {
    /// Telegram Stars.
    pub stars: Option<StarsConfig>,
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

impl TopUpConfig {
    /// Reads and checks the settings.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn from_source(source: &Source, currency: Currency) -> Result<Self, ConfigError> {
        Ok(Self {
            stars: stars(source, currency)?,
        })
    }
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
