//! From an upstream's cost to the price a user pays.
//!
//! Invariant: a price is never under its cost and the minimum margin, whatever promotion runs, and
//! is always a whole multiple of the step.

pub mod promotion;

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::domain::id::ProviderId;
use crate::domain::money::{Currency, Money};
use crate::domain::pricing::promotion::Promotion;

/// What is added to a cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Markup {
    /// Percent of the converted cost: `25` is a quarter more. Never negative.
    pub percent: Decimal,
    /// Added after the percentage, in minor units of the wallet's currency. Never negative.
    pub fixed: Money,
    /// Prices are multiples of this many minor units. At least one.
    pub step: Money,
    /// What a sale brings at least: no price is less than cost and this. Never negative.
    #[serde(default)]
    pub minimum: Money,
}

/// Why a markup was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MarkupError {
    /// It would sell under cost.
    #[error("a negative markup would sell under cost")]
    UnderCost,
    /// A step of zero or less rounds to nothing.
    #[error("the price step must be at least one minor unit")]
    NoStep,
    /// Beyond any sensible price: over 10,000 percent, or a fixed part or step over a trillion.
    #[error("the markup is too large")]
    TooLarge,
}

impl Markup {
    /// The largest percentage that is taken for meant.
    pub const LARGEST_PERCENT: Decimal = Decimal::from_parts(10_000, 0, 0, false, 0);

    /// Checks the parts. There is no minimum margin.
    ///
    /// # Errors
    /// [`MarkupError`] names the part that is wrong.
    pub fn new(percent: Decimal, fixed: Money, step: Money) -> Result<Self, MarkupError> {
        if percent < Decimal::ZERO || fixed < Money::ZERO {
            return Err(MarkupError::UnderCost);
        }
        if !step.is_positive() {
            return Err(MarkupError::NoStep);
        }
        let largest = Money::minor(Currency::LARGEST_MINOR);
        if percent > Self::LARGEST_PERCENT || fixed > largest || step > largest {
            return Err(MarkupError::TooLarge);
        }
        Ok(Self {
            percent,
            fixed,
            step,
            minimum: Money::ZERO,
        })
    }

    /// The same with a minimum margin.
    ///
    /// # Errors
    /// [`MarkupError`].
    pub fn with_minimum(self, minimum: Money) -> Result<Self, MarkupError> {
        if minimum < Money::ZERO {
            return Err(MarkupError::UnderCost);
        }
        if minimum > Money::minor(Currency::LARGEST_MINOR) {
            return Err(MarkupError::TooLarge);
        }
        Ok(Self { minimum, ..self })
    }
}

/// What a rule applies to; an empty part applies to everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// One upstream.
    pub provider: Option<ProviderId>,
    /// One country, by ISO 3166 code in capitals.
    pub country: Option<String>,
    /// One service, by its canonical key.
    pub service: Option<String>,
}

impl Scope {
    /// Applies to everything.
    #[must_use]
    pub fn everywhere() -> Self {
        Self::default()
    }

    /// Whether it applies to a route.
    #[must_use]
    pub fn covers(&self, route: Route<'_>) -> bool {
        self.provider.as_ref().is_none_or(|id| id == route.provider)
            && self
                .country
                .as_deref()
                .is_none_or(|iso| iso == route.country)
            && self
                .service
                .as_deref()
                .is_none_or(|key| key == route.service)
    }

    /// Whether everything that `other` applies to is within this.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        fn part<T: PartialEq>(mine: Option<&T>, other: Option<&T>) -> bool {
            mine.is_none_or(|mine| Some(mine) == other)
        }
        part(self.provider.as_ref(), other.provider.as_ref())
            && part(self.country.as_ref(), other.country.as_ref())
            && part(self.service.as_ref(), other.service.as_ref())
    }

    /// Among rules that cover a route the one with most parts wins; between rules with as many,
    /// the one that names the service, then the one that names the provider.
    fn weight(&self) -> (usize, bool, bool) {
        let parts = usize::from(self.provider.is_some())
            + usize::from(self.country.is_some())
            + usize::from(self.service.is_some());
        (parts, self.service.is_some(), self.provider.is_some())
    }
}

/// As an admin types it: `all`, `provider=virtusim country=ID`.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            ("provider", self.provider.as_ref().map(ProviderId::as_str)),
            ("country", self.country.as_deref()),
            ("service", self.service.as_deref()),
        ];
        let mut words = parts
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| format!("{name}={value}")))
            .peekable();
        if words.peek().is_none() {
            return f.write_str("all");
        }
        f.write_str(&words.collect::<Vec<_>>().join(" "))
    }
}

/// What is being priced.
#[derive(Clone, Copy, Debug)]
pub struct Route<'a> {
    /// The upstream.
    pub provider: &'a ProviderId,
    /// ISO 3166 code in capitals.
    pub country: &'a str,
    /// The service's canonical key.
    pub service: &'a str,
}

/// A markup and what it applies to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it applies to.
    pub scope: Scope,
    /// What it adds.
    pub markup: Markup,
}

/// Why a route has no price and so is not sold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// No rate for the upstream's currency.
    #[error("no rate is set for {0}")]
    NoRate(String),
    /// The upstream's cost is negative.
    #[error("the cost is negative")]
    NegativeCost,
    /// Beyond what an account can hold.
    #[error("the price is too large")]
    TooLarge,
}

/// Everything that makes a price: the rules, the rates and the wallet's currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceList {
    /// The wallet's currency.
    pub wallet: Currency,
    /// Used where no rule covers a route.
    pub default: Markup,
    /// Rules that admins set.
    pub rules: Vec<Rule>,
    /// Promotions that run.
    pub promotions: Vec<Promotion>,
    /// When another promotion begins, or the first of these ends.
    pub until: Option<DateTime<Utc>>,
    /// Wallet units (major) for one unit of each upstream currency.
    pub rates: BTreeMap<String, Decimal>,
    /// The last change of an admin that is in it.
    pub version: i64,
}

/// What a route costs a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Now.
    pub now: Money,
    /// Without the promotion, where one lowers it.
    pub was: Option<Was>,
    /// Whether a promotion would go further, but for the cost and the minimum margin.
    pub is_stopped: bool,
}

/// The price that comes back when a promotion ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Was {
    /// The price.
    pub price: Money,
    /// When.
    pub until: DateTime<Utc>,
}

impl PriceList {
    /// The rule that applies to a route: the most specific one.
    #[must_use]
    pub fn rule(&self, route: Route<'_>) -> Option<&Rule> {
        let covering = self.rules.iter().filter(|rule| rule.scope.covers(route));
        covering.max_by_key(|rule| rule.scope.weight())
    }

    /// The markup that applies to a route: the rule's, else the default.
    #[must_use]
    pub fn markup(&self, route: Route<'_>) -> &Markup {
        self.rule(route).map_or(&self.default, |rule| &rule.markup)
    }

    /// The rule that applies to everything in a scope where no other rule is nearer.
    #[must_use]
    pub fn rule_over(&self, scope: &Scope) -> Option<&Rule> {
        let over = self.rules.iter().filter(|rule| rule.scope.contains(scope));
        over.max_by_key(|rule| rule.scope.weight())
    }

    /// The step where nothing else is said.
    #[must_use]
    pub fn usual_step(&self) -> Money {
        self.rule_over(&Scope::everywhere())
            .map_or(self.default.step, |rule| rule.markup.step)
    }

    /// The promotion that runs for a route: the most specific one.
    #[must_use]
    pub fn promotion(&self, route: Route<'_>) -> Option<&Promotion> {
        let covering = self.promotions.iter().filter(|it| it.scope.covers(route));
        covering.max_by_key(|it| it.scope.weight())
    }

    /// What a cost is in the wallet's currency, rounded up to a whole minor unit.
    ///
    /// # Errors
    /// [`PriceError`].
    pub fn cost(&self, cost: Decimal, currency: &str) -> Result<Money, PriceError> {
        round_up(self.converted(cost, currency)?, Money::minor(1))
    }

    /// The price of a route whose upstream asks `cost`.
    ///
    /// # Errors
    /// [`PriceError`]; such a route is not sold.
    pub fn price(
        &self,
        route: Route<'_>,
        cost: Decimal,
        currency: &str,
    ) -> Result<Price, PriceError> {
        let markup = self.markup(route);
        let cost = self.converted(cost, currency)?;
        let more = |money: Money, cost: Decimal| {
            let sum = cost.checked_add(Decimal::from(money.as_minor()));
            sum.ok_or(PriceError::TooLarge)
        };
        let factor = (Decimal::ONE_HUNDRED + markup.percent) / Decimal::ONE_HUNDRED;
        let raised = cost.checked_mul(factor).ok_or(PriceError::TooLarge)?;
        let least = round_up(more(markup.minimum, cost)?, markup.step)?;
        let usual = round_up(more(markup.fixed, raised)?, markup.step)?.max(least);
        let plain = Price {
            now: usual,
            was: None,
            is_stopped: false,
        };
        let Some(promotion) = self.promotion(route) else {
            return Ok(plain);
        };
        let wished = promotion.off.from(usual, markup.step);
        let is_stopped = wished < least;
        let now = wished.max(least);
        if now >= usual {
            return Ok(Price {
                is_stopped,
                ..plain
            });
        }
        let was = Was {
            price: usual,
            until: promotion.ends_at,
        };
        Ok(Price {
            now,
            was: Some(was),
            is_stopped,
        })
    }

    /// In minor units of the wallet, unrounded.
    fn converted(&self, cost: Decimal, currency: &str) -> Result<Decimal, PriceError> {
        if cost < Decimal::ZERO {
            return Err(PriceError::NegativeCost);
        }
        let rate = if currency == self.wallet.code() {
            Decimal::ONE
        } else {
            *self
                .rates
                .get(currency)
                .ok_or_else(|| PriceError::NoRate(currency.to_owned()))?
        };
        cost.checked_mul(rate)
            .and_then(|major| self.wallet.to_minor(major))
            .ok_or(PriceError::TooLarge)
    }
}

/// Rounds **up** to a multiple of `step`: the shop never pays for a fraction.
fn round_up(minor: Decimal, step: Money) -> Result<Money, PriceError> {
    let step = step.as_minor();
    let steps = (minor / Decimal::from(step))
        .round_dp_with_strategy(0, RoundingStrategy::ToPositiveInfinity)
        .to_i64()
        .ok_or(PriceError::TooLarge)?;
    let rounded = steps.checked_mul(step).ok_or(PriceError::TooLarge)?;
    if rounded > Currency::LARGEST_MINOR {
        return Err(PriceError::TooLarge);
    }
    Ok(Money::minor(rounded))
}

#[cfg(test)]
mod tests;
