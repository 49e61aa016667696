//! What inviting others brings.
//!
//! Invariant: without a percentage it brings nothing, and none of its other settings may stand.

use rust_decimal::Decimal;

use crate::config::{ConfigError, Source, unreadable};
use crate::domain::money::Currency;
use crate::domain::referral::{ReferralTerms, RewardOf};

/// Reads and checks the settings; `None` where it is off.
///
/// # Errors
/// [`ConfigError`].
pub fn referrals(
    source: &Source,
    currency: Currency,
) -> Result<Option<ReferralTerms>, ConfigError> {
    let name = "REFERRAL_PERCENT";
    if source.get(name).is_none() {
        for further in ["REFERRAL_OF", "REFERRAL_FIRST", "REFERRAL_CAP"] {
            if source.get(further).is_some() {
                return Err(unreadable(further, "it needs REFERRAL_PERCENT"));
            }
        }
        return Ok(None);
    }
    let percent = source.parsed(name, Decimal::ZERO, "a number")?;
    if percent <= Decimal::ZERO || percent > Decimal::ONE_HUNDRED {
        return Err(unreadable(name, "it must be more than 0 and at most 100"));
    }
    let of = match source.get("REFERRAL_OF").unwrap_or("purchases") {
        "purchases" => RewardOf::Purchases,
        "topups" => RewardOf::TopUps,
        _ => return Err(unreadable("REFERRAL_OF", "it must be purchases or topups")),
    };
    let first: u32 = source.parsed("REFERRAL_FIRST", 10, "a whole number")?;
    if first == 0 {
        return Err(unreadable("REFERRAL_FIRST", "it must be at least 1"));
    }
    let cap = source.get("REFERRAL_CAP").map(|text| {
        let read = currency.parse(text);
        read.map_err(|error| unreadable("REFERRAL_CAP", &error.to_string()))
    });
    Ok(Some(ReferralTerms {
        percent,
        of,
        first,
        cap: cap.transpose()?,
    }))
}
