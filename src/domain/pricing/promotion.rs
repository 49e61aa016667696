//! Something off the price for a while.
//!
//! Invariant: a promotion takes something off, not everything, and has an end. It never takes a
//! price under cost and the minimum margin; there is no exception to that, so whoever wants to
//! sell for less lowers the minimum first.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::domain::money::{Currency, Money};
use crate::domain::pricing::Scope;

/// How much is taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Off {
    /// So many percent of the price.
    Percent(Decimal),
    /// An amount.
    Fixed(Money),
}

impl Off {
    /// A price less this, rounded **down** to a multiple of `step`, so that the rounding takes
    /// nothing from what was promised; never less than nothing.
    pub(super) fn from(self, price: Money, step: Money) -> Money {
        let minor = Decimal::from(price.as_minor());
        let left = match self {
            Self::Percent(percent) => {
                let kept = (Decimal::ONE_HUNDRED - percent) / Decimal::ONE_HUNDRED;
                minor.checked_mul(kept).unwrap_or(minor)
            }
            Self::Fixed(amount) => minor - Decimal::from(amount.as_minor()),
        };
        let steps = (left / Decimal::from(step.as_minor()))
            .round_dp_with_strategy(0, RoundingStrategy::ToNegativeInfinity);
        let minor = steps
            .to_i64()
            .and_then(|it| it.checked_mul(step.as_minor()));
        minor.map_or(price, Money::minor).max(Money::ZERO)
    }
}

/// Something off for a scope, from one moment to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    /// What it applies to.
    pub scope: Scope,
    /// How much.
    pub off: Off,
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// Until when, that moment not included.
    pub ends_at: DateTime<Utc>,
}

/// Why a promotion was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PromotionError {
    /// It takes nothing off.
    #[error("it takes nothing off")]
    Nothing,
    /// It takes everything off, or more than any price.
    #[error("it takes everything off")]
    Everything,
    /// Its end is not after its start, or is past.
    #[error("its end is past, or not after its start")]
    Over,
    /// It lasts or waits for longer than [`Promotion::LONGEST`].
    #[error("it is too far away or too long")]
    TooLong,
}

impl Promotion {
    /// Longer than this is a price, not a promotion; and so long ahead nobody plans one.
    pub const LONGEST: TimeDelta = TimeDelta::days(366);

    /// Checks the parts; `now` is the present moment.
    ///
    /// # Errors
    /// [`PromotionError`] names what is wrong.
    pub fn new(
        scope: Scope,
        off: Off,
        [starts_at, ends_at]: [DateTime<Utc>; 2],
        now: DateTime<Utc>,
    ) -> Result<Self, PromotionError> {
        match off {
            Off::Percent(percent) if percent <= Decimal::ZERO => {
                return Err(PromotionError::Nothing);
            }
            Off::Fixed(amount) if !amount.is_positive() => return Err(PromotionError::Nothing),
            Off::Percent(percent) if percent >= Decimal::ONE_HUNDRED => {
                return Err(PromotionError::Everything);
            }
            Off::Fixed(amount) if amount.as_minor() > Currency::LARGEST_MINOR => {
                return Err(PromotionError::Everything);
            }
            Off::Percent(_) | Off::Fixed(_) => {}
        }
        if ends_at <= starts_at || ends_at <= now {
            return Err(PromotionError::Over);
        }
        if ends_at - starts_at > Self::LONGEST || starts_at - now > Self::LONGEST {
            return Err(PromotionError::TooLong);
        }
        Ok(Self {
            scope,
            off,
            starts_at,
            ends_at,
        })
    }

    /// Whether it runs at a moment.
    #[must_use]
    pub fn runs_at(&self, now: DateTime<Utc>) -> bool {
        self.starts_at <= now && now < self.ends_at
    }

    /// When it next begins or ends.
    #[must_use]
    pub fn next_edge(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        [self.starts_at, self.ends_at]
            .into_iter()
            .find(|edge| *edge > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promotion_takes_something_off_for_a_time() {
        let at = |hours: i64| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::hours(hours);
        let percent = |percent: i64| Off::Percent(percent.into());
        let fixed = |minor: i64| Off::Fixed(Money::minor(minor));
        let new = |off, from: i64, until: i64| {
            let times = [at(from), at(until)];
            Promotion::new(Scope::everywhere(), off, times, at(10)).map(|_| ())
        };
        assert_eq!(new(percent(10), 10, 11), Ok(()));
        assert_eq!(new(fixed(1), 0, 11), Ok(()));
        assert_eq!(new(percent(0), 10, 11), Err(PromotionError::Nothing));
        assert_eq!(new(fixed(0), 10, 11), Err(PromotionError::Nothing));
        assert_eq!(new(percent(100), 10, 11), Err(PromotionError::Everything));
        assert_eq!(new(percent(10), 11, 11), Err(PromotionError::Over));
        assert_eq!(new(percent(10), 8, 10), Err(PromotionError::Over));
        assert_eq!(new(percent(10), 10, 24 * 400), Err(PromotionError::TooLong));
        assert_eq!(
            new(percent(10), 24 * 400, 24 * 401),
            Err(PromotionError::TooLong)
        );
    }

    #[test]
    fn it_runs_from_its_start_to_before_its_end() {
        let at = |hours: i64| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::hours(hours);
        let promotion = Promotion {
            scope: Scope::everywhere(),
            off: Off::Fixed(Money::minor(1)),
            starts_at: at(2),
            ends_at: at(4),
        };
        let runs: Vec<bool> = (1..=4).map(|hour| promotion.runs_at(at(hour))).collect();
        assert_eq!(runs, [false, true, true, false]);
        let edges: Vec<_> = (1..=4).map(|hour| promotion.next_edge(at(hour))).collect();
        assert_eq!(edges, [Some(at(2)), Some(at(4)), Some(at(4)), None]);
    }
}
