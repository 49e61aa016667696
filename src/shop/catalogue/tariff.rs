//! From the rows of the database to the list that makes prices.
//!
//! Invariant: what admins set stands over the settings; what cannot be read is left out, told in
//! the log, and never guessed.

use chrono::{DateTime, Utc};

use crate::domain::id::ProviderId;
use crate::domain::money::Money;
use crate::domain::pricing::promotion::{Off, Promotion};
use crate::domain::pricing::{Markup, PriceList, Rule, Scope};
use crate::shop::Terms;
use crate::store::catalog::Rows;
use crate::store::entity::{price_rules, promotions};
use crate::store::from_ms;

/// The rules, promotions and rates that are in force at a moment.
pub(super) fn price_list(rows: &Rows, terms: &Terms, now: DateTime<Utc>) -> PriceList {
    let mut rules = Vec::new();
    for row in &rows.rules {
        match rule(row) {
            Some(rule) => rules.push(rule),
            None => log::error!(
                "the price rule for {} cannot be read and is ignored",
                row.scope
            ),
        }
    }
    let mut known = Vec::new();
    for row in &rows.promotions {
        match promotion(row) {
            Some(promotion) => known.push(promotion),
            None => log::error!(
                "the promotion for {} cannot be read and is ignored",
                row.scope
            ),
        }
    }
    let mut rates = terms.rates.clone();
    for row in &rows.rates {
        match row.rate.parse() {
            Ok(rate) => {
                rates.insert(row.currency.clone(), rate);
            }
            Err(_) => log::error!("the rate of {} cannot be read and is ignored", row.currency),
        }
    }
    let until = known.iter().filter_map(|it| it.next_edge(now)).min();
    known.retain(|promotion| promotion.runs_at(now));
    PriceList {
        wallet: terms.currency,
        default: terms.markup.clone(),
        rules,
        promotions: known,
        until,
        rates,
        version: rows.prices_version,
    }
}

/// A rule as it is kept.
pub(in crate::shop) fn rule(row: &price_rules::Model) -> Option<Rule> {
    let markup = Markup::new(
        row.percent.parse().ok()?,
        Money::minor(row.fixed),
        Money::minor(row.step),
    );
    let markup = markup.ok()?.with_minimum(Money::minor(row.minimum));
    Some(Rule {
        scope: Scope {
            provider: row.provider.clone().map(ProviderId),
            country: row.country.clone(),
            service: row.service.clone(),
        },
        markup: markup.ok()?,
    })
}

/// A promotion as it is kept.
pub(in crate::shop) fn promotion(row: &promotions::Model) -> Option<Promotion> {
    let off = match (&row.percent, row.amount) {
        (Some(percent), None) => Off::Percent(percent.parse().ok()?),
        (None, Some(amount)) => Off::Fixed(Money::minor(amount)),
        (Some(_), Some(_)) | (None, None) => return None,
    };
    Some(Promotion {
        scope: Scope {
            provider: row.provider.clone().map(ProviderId),
            country: row.country.clone(),
            service: row.service.clone(),
        },
        off,
        starts_at: from_ms(row.starts_at_ms),
        ends_at: from_ms(row.ends_at_ms),
    })
}
