//! From an upstream's cost to the price a user pays.
//!
//! Invariant: a price is never under its cost, and is always a whole multiple of the step.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::domain::id::ProviderId;
use crate::domain::money::{Currency, Money};

/// What is added to a cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Markup {
    /// Percent of the converted cost: `25` is a quarter more. Never negative.
    pub percent: Decimal,
    /// Added after the percentage, in minor units of the wallet's currency. Never negative.
    pub fixed: Money,
    /// Prices are multiples of this many minor units. At least one.
    pub step: Money,
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

    /// Checks the parts.
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
        })
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

    fn covers(&self, route: Route<'_>) -> bool {
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
    /// Wallet units (major) for one unit of each upstream currency.
    pub rates: BTreeMap<String, Decimal>,
}

impl PriceList {
    /// The markup that applies to a route: the most specific rule, else the default.
    #[must_use]
    pub fn markup(&self, route: Route<'_>) -> &Markup {
        self.rules
            .iter()
            .filter(|rule| rule.scope.covers(route))
            .max_by_key(|rule| rule.scope.weight())
            .map_or(&self.default, |rule| &rule.markup)
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
    ) -> Result<Money, PriceError> {
        let markup = self.markup(route);
        let factor = (Decimal::ONE_HUNDRED + markup.percent) / Decimal::ONE_HUNDRED;
        let price = self
            .converted(cost, currency)?
            .checked_mul(factor)
            .and_then(|price| price.checked_add(Decimal::from(markup.fixed.as_minor())))
            .ok_or(PriceError::TooLarge)?;
        round_up(price, markup.step)
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn markup(percent: &str, fixed: i64, step: i64) -> Markup {
        Markup::new(decimal(percent), Money::minor(fixed), Money::minor(step)).unwrap()
    }

    fn list(default: Markup, rules: Vec<Rule>) -> PriceList {
        PriceList {
            wallet: Currency::from_code("IDR").unwrap(),
            default,
            rules,
            rates: BTreeMap::from([("PKR".to_owned(), decimal("58.5"))]),
        }
    }

    fn scope(provider: Option<&str>, country: Option<&str>, service: Option<&str>) -> Scope {
        Scope {
            provider: provider.map(ProviderId::from),
            country: country.map(str::to_owned),
            service: service.map(str::to_owned),
        }
    }

    #[test]
    fn prices_are_cost_rate_percent_fixed_rounded_up() {
        let provider = ProviderId::from("virtusim");
        let route = Route {
            provider: &provider,
            country: "ID",
            service: "wa",
        };
        let cases = [
            ("650", "IDR", markup("25", 0, 100), 900),
            ("650", "IDR", markup("0", 0, 1), 650),
            ("650", "IDR", markup("0", 0, 50), 650),
            ("650", "IDR", markup("0", 1, 50), 700),
            ("60", "PKR", markup("10", 500, 100), 4_400),
            ("0.001", "IDR", markup("0", 0, 1), 1),
            ("0", "IDR", markup("50", 0, 100), 0),
        ];
        for (cost, currency, markup, price) in cases {
            let list = list(markup.clone(), vec![]);
            assert_eq!(
                list.price(route, decimal(cost), currency),
                Ok(Money::minor(price)),
                "{cost} {currency} {markup:?}"
            );
        }
    }

    #[test]
    fn the_most_specific_rule_wins() {
        let rule = |scope, percent| Rule {
            scope,
            markup: markup(percent, 0, 1),
        };
        let list = list(
            markup("1", 0, 1),
            vec![
                rule(scope(Some("a"), None, None), "2"),
                rule(scope(None, Some("ID"), None), "3"),
                rule(scope(None, None, Some("wa")), "4"),
                rule(scope(Some("a"), None, Some("wa")), "5"),
                rule(scope(None, Some("ID"), Some("wa")), "6"),
            ],
        );
        let cases = [
            ("b", "MY", "tg", "1"),
            ("a", "MY", "tg", "2"),
            ("b", "ID", "tg", "3"),
            ("a", "ID", "tg", "2"),
            ("b", "ID", "wa", "6"),
            ("a", "MY", "wa", "5"),
            ("a", "ID", "wa", "5"),
            ("b", "MY", "wa", "4"),
        ];
        for (provider, country, service, percent) in cases {
            let provider = ProviderId::from(provider);
            let route = Route {
                provider: &provider,
                country,
                service,
            };
            assert_eq!(list.markup(route).percent, decimal(percent), "{route:?}");
        }
    }

    #[test]
    fn what_cannot_be_priced_is_refused() {
        let list = list(markup("0", 0, 1), vec![]);
        assert_eq!(
            list.cost(decimal("1"), "USD"),
            Err(PriceError::NoRate("USD".into()))
        );
        assert_eq!(
            list.cost(decimal("-1"), "IDR"),
            Err(PriceError::NegativeCost)
        );
        assert_eq!(list.cost(Decimal::MAX, "PKR"), Err(PriceError::TooLarge));
        assert_eq!(
            Markup::new(decimal("-1"), Money::ZERO, Money::minor(1)),
            Err(MarkupError::UnderCost)
        );
        assert_eq!(
            Markup::new(Decimal::ZERO, Money::minor(-1), Money::minor(1)),
            Err(MarkupError::UnderCost)
        );
        assert_eq!(
            Markup::new(Decimal::ZERO, Money::ZERO, Money::ZERO),
            Err(MarkupError::NoStep)
        );
        assert_eq!(
            Markup::new(decimal("10001"), Money::ZERO, Money::minor(1)),
            Err(MarkupError::TooLarge)
        );
    }

    proptest! {
        #[test]
        fn a_price_covers_its_cost_and_fits_the_step(
            cost_thousandths in 0_i64..10_000_000_000,
            percent in 0_i64..10_000,
            fixed in 0_i64..1_000_000,
            step in 1_i64..10_000,
        ) {
            let markup = Markup::new(
                Decimal::from(percent),
                Money::minor(fixed),
                Money::minor(step),
            ).unwrap();
            let list = list(markup, vec![]);
            let cost = Decimal::new(cost_thousandths, 3);
            let provider = ProviderId::from("p");
            let route = Route { provider: &provider, country: "ID", service: "s" };
            let price = list.price(route, cost, "PKR").unwrap();
            prop_assert!(price >= list.cost(cost, "PKR").unwrap());
            prop_assert_eq!(price.as_minor() % step, 0);
        }
    }
}
