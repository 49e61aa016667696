//! The admins' side of prices: rules, promotions and rates.
//!
//! Invariant: a change is shown with its effect before it takes effect, and what takes effect is
//! what was shown; every change stands in a history and can be taken back from there.

pub mod browse;
pub mod draft;
pub mod effect;
pub mod history;
pub mod rates;

use std::fmt;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::money::Money;
use crate::domain::pricing::promotion::{Off, Promotion, PromotionError};
use crate::domain::pricing::{Markup, Scope};

/// What can be set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The markup of a scope.
    Rule(Scope),
    /// Something off in a scope for a while.
    Promotion(Scope),
    /// What a currency is worth.
    Rate(String),
}

/// What it is set to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// A markup.
    Markup(Markup),
    /// A promotion.
    Promotion(Promotion),
    /// Wallet units (major) for one.
    Rate(Decimal),
}

/// As the log of acts keeps it.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(scope) => write!(f, "rule {scope}"),
            Self::Promotion(scope) => write!(f, "promotion {scope}"),
            Self::Rate(currency) => write!(f, "rate {currency}"),
        }
    }
}

/// As the log of acts keeps it.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Markup(markup) => write!(
                f,
                "percent={} fixed={} step={} min={}",
                markup.percent.normalize(),
                markup.fixed.as_minor(),
                markup.step.as_minor(),
                markup.minimum.as_minor()
            ),
            Self::Promotion(promotion) => {
                match promotion.off {
                    Off::Percent(percent) => write!(f, "percent={}", percent.normalize())?,
                    Off::Fixed(amount) => write!(f, "off={}", amount.as_minor())?,
                }
                let (from, until) = (promotion.starts_at, promotion.ends_at);
                let form = "%Y-%m-%dT%H:%M";
                write!(
                    f,
                    " from={} until={}",
                    from.format(form),
                    until.format(form)
                )
            }
            Self::Rate(rate) => write!(f, "{}", rate.normalize()),
        }
    }
}

/// A markup as an admin wants it; what is `None` stays as it is in that scope.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkupChange {
    /// Where.
    pub scope: Scope,
    /// New percentage.
    pub percent: Option<Decimal>,
    /// New fixed part.
    pub fixed: Option<Money>,
    /// New step.
    pub step: Option<Money>,
    /// New minimum margin.
    pub minimum: Option<Money>,
}

/// What an admin wants to change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// A markup.
    Markup(MarkupChange),
    /// What is broader shall apply again.
    RemoveRule(Scope),
    /// Something off for a while.
    Promote {
        /// Where.
        scope: Scope,
        /// How much.
        off: Off,
        /// From when; at once for `None`.
        starts_at: Option<DateTime<Utc>>,
        /// Until when.
        ends_at: DateTime<Utc>,
    },
    /// An end to it.
    EndPromotion(Scope),
    /// What a currency is worth.
    Rate {
        /// ISO 4217 code.
        currency: String,
        /// Wallet units (major) for one.
        rate: Decimal,
    },
    /// The rate of the settings shall apply again.
    ForgetRate(String),
    /// A change shall be taken back.
    Undo(i64),
}

/// Why a change of prices was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PricingError {
    /// There is no rule for exactly this scope.
    #[error("there is no such rule")]
    NoRule,
    /// There is no promotion for exactly this scope.
    #[error("there is no such promotion")]
    NoPromotion,
    /// Something about a promotion.
    #[error("{0}")]
    Promotion(#[from] PromotionError),
    /// No upstream takes this currency, or it is the wallet's own.
    #[error("no upstream takes {0}")]
    UnknownCurrency(String),
    /// A rate must be more than zero and less than a trillion.
    #[error("this is no rate")]
    NoRate,
    /// No admin set a rate for this currency.
    #[error("no admin set this rate")]
    NotSet,
    /// There is no such change.
    #[error("there is no such change")]
    NoChange,
    /// The same was changed again since.
    #[error("the same was changed again since")]
    ChangedSince,
    /// It is as wished already.
    #[error("nothing would change")]
    AsItIs,
}
