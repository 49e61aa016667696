//! The admins' view of prices.
//!
//! Invariant: a change is shown with its effect before it takes effect, and what takes effect is
//! what was shown.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::id::{Nonce, ProviderId, UserId};
use crate::domain::money::Money;
use crate::domain::pricing::{Markup, PriceList, Route, Rule, Scope};
use crate::shop::catalogue::{Catalogue, Offer, Stand};
use crate::shop::{Shop, ShopError};
use crate::store::entity::price_rules;
use crate::store::{StoreError, catalog, intents, work};

/// What one route costs and sells for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceExample {
    /// The service's name.
    pub service_name: String,
    /// ISO 3166 alpha-2 in capitals.
    pub country: String,
    /// The upstream.
    pub provider: ProviderId,
    /// What the upstream asks, in its own currency.
    pub cost: Decimal,
    /// That currency.
    pub currency: String,
    /// The cost in the wallet's currency, rounded up.
    pub cost_in_wallet: Money,
    /// The price now.
    pub price: Money,
    /// The price after the change that is previewed.
    pub new_price: Option<Money>,
}

/// All rules, with examples.
#[derive(Clone, Debug)]
pub struct PriceBoard {
    /// What applies where no rule does.
    pub default: Markup,
    /// The rules that admins set.
    pub rules: Vec<Rule>,
    /// Wallet units for one unit of each upstream currency.
    pub rates: Vec<(String, Decimal)>,
    /// Routes to look at.
    pub examples: Vec<PriceExample>,
}

/// A change as an admin typed it; what is `None` stays as it is in that scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkupChange {
    /// Where.
    pub scope: Scope,
    /// New percentage.
    pub percent: Option<Decimal>,
    /// New fixed part.
    pub fixed: Option<Money>,
    /// New step.
    pub step: Option<Money>,
}

/// A change that waits for its Confirm.
#[derive(Clone, Debug)]
pub struct PriceDraft {
    /// The button's key.
    pub nonce: Nonce,
    /// Where.
    pub scope: Scope,
    /// What applies there now.
    pub old: Markup,
    /// What would apply.
    pub new: Markup,
    /// How many routes change their price.
    pub changed: usize,
    /// Those that change most, at most ten.
    pub examples: Vec<PriceExample>,
}

const PRICE: &str = "price";
/// How many routes are shown.
const EXAMPLES: usize = 10;

/// A draft as it is kept under its nonce.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    scope: Scope,
    markup: Markup,
}

impl Shop {
    /// The rules and some examples.
    #[must_use]
    pub fn price_board(&self) -> PriceBoard {
        let catalogue = self.catalogue();
        let prices = &catalogue.prices;
        PriceBoard {
            default: prices.default.clone(),
            rules: prices.rules.clone(),
            rates: prices
                .rates
                .iter()
                .map(|(currency, rate)| (currency.clone(), *rate))
                .collect(),
            examples: routes(&catalogue).take(EXAMPLES).collect(),
        }
    }

    /// Previews a change and keeps it under a nonce.
    ///
    /// # Errors
    /// [`ShopError::Markup`], and [`ShopError::NotSold`] for a provider, country or service that
    /// nobody sells.
    pub async fn draft_price(
        &self,
        admin: UserId,
        change: MarkupChange,
    ) -> Result<PriceDraft, ShopError> {
        let catalogue = self.catalogue();
        let scope = self.known_scope(&catalogue, change.scope)?;
        let old = markup_of(&catalogue.prices, &scope);
        let new = Markup::new(
            change.percent.unwrap_or(old.percent),
            change.fixed.unwrap_or(old.fixed),
            change.step.unwrap_or(old.step),
        )?;
        let mut examples = changes(&catalogue, &scope, &new);
        let changed = examples.len();
        examples.sort_by_key(|example| {
            let new = example.new_price.unwrap_or(example.price).as_minor();
            std::cmp::Reverse(new.abs_diff(example.price.as_minor()))
        });
        examples.truncate(EXAMPLES);
        let nonce = Nonce::random();
        let kept = Kept {
            scope: scope.clone(),
            markup: new.clone(),
        };
        self.keep_draft(admin, &nonce, PRICE, &kept).await?;
        Ok(PriceDraft {
            nonce,
            scope,
            old,
            new,
            changed,
            examples,
        })
    }

    /// Lets a draft take effect, once. Returns the rule, and whether this tap set it.
    ///
    /// # Errors
    /// [`ShopError::QuoteExpired`] for a draft that is unknown, too old or another admin's.
    pub async fn set_price(&self, admin: UserId, nonce: &Nonce) -> Result<(Rule, bool), ShopError> {
        let kept: Kept = self.kept_draft(admin, nonce, PRICE).await?;
        let now_ms = self.now_ms();
        let key = nonce.clone();
        let row = price_rules::Model {
            scope: kept.scope.to_string(),
            provider: kept.scope.provider.as_ref().map(|id| id.0.clone()),
            country: kept.scope.country.clone(),
            service: kept.scope.service.clone(),
            percent: kept.markup.percent.to_string(),
            fixed: kept.markup.fixed.as_minor(),
            step: kept.markup.step.as_minor(),
            set_by: admin.0,
            set_at_ms: now_ms,
        };
        let is_new = self
            .store
            .write(move |tx| {
                work(async move {
                    let is_new = intents::mark_used(tx, &key, now_ms).await?;
                    if is_new {
                        catalog::set_rule(tx, row).await?;
                    }
                    Ok::<_, StoreError>(is_new)
                })
            })
            .await?;
        if is_new {
            self.reload_catalogue().await?;
        }
        let rule = Rule {
            scope: kept.scope,
            markup: kept.markup,
        };
        Ok((rule, is_new))
    }

    /// The scope with the country's code and the service's key in place of what was typed.
    fn known_scope(&self, catalogue: &Catalogue, scope: Scope) -> Result<Scope, ShopError> {
        let provider = match scope.provider {
            Some(id) if !self.providers.contains_key(&id) => return Err(ShopError::NotSold),
            provider => provider,
        };
        let country = match scope.country {
            Some(name) => {
                let country = self.terms.market.country(&name).ok_or(ShopError::NotSold)?;
                let mut halls = catalogue.all_halls();
                if !halls.any(|(code, _)| *code == country.iso2) {
                    return Err(ShopError::NotSold);
                }
                Some(country.iso2.clone())
            }
            None => None,
        };
        let service = match scope.service {
            Some(name) => {
                let key = self.terms.market.service_key(&name);
                let stands = catalogue.all_halls().flat_map(|(_, hall)| &hall.stands);
                let known = stands
                    .map(|stand| &stand.key)
                    .find(|known| **known == key || **known == name)
                    .ok_or(ShopError::NotSold)?;
                Some(known.clone())
            }
            None => None,
        };
        Ok(Scope {
            provider,
            country,
            service,
        })
    }
}

/// The markup in force for exactly this scope, else the one that every route starts from.
fn markup_of(prices: &PriceList, scope: &Scope) -> Markup {
    prices
        .rules
        .iter()
        .find(|rule| rule.scope == *scope)
        .map_or_else(|| prices.default.clone(), |rule| rule.markup.clone())
}

/// All routes, the most bought services first.
fn routes(catalogue: &Catalogue) -> impl Iterator<Item = PriceExample> {
    catalogue.all_halls().flat_map(|(country, hall)| {
        hall.stands.iter().flat_map(move |stand| {
            stand
                .offers
                .iter()
                .map(move |offer| example(country, stand, offer))
        })
    })
}

fn example(country: &str, stand: &Stand, offer: &Offer) -> PriceExample {
    PriceExample {
        service_name: stand.name.clone(),
        country: country.to_owned(),
        provider: offer.provider.clone(),
        cost: offer.cost,
        currency: offer.currency.clone(),
        cost_in_wallet: offer.cost_in_wallet,
        price: offer.price,
        new_price: None,
    }
}

/// The routes whose price would be another if `markup` stood for `scope`.
fn changes(catalogue: &Catalogue, scope: &Scope, markup: &Markup) -> Vec<PriceExample> {
    let mut changed = catalogue.prices.clone();
    if *scope == Scope::everywhere() {
        changed.default = markup.clone();
    } else {
        changed.rules.retain(|rule| rule.scope != *scope);
        changed.rules.push(Rule {
            scope: scope.clone(),
            markup: markup.clone(),
        });
    }
    let mut found = Vec::new();
    for (country, hall) in catalogue.all_halls() {
        for stand in &hall.stands {
            for offer in &stand.offers {
                let route = Route {
                    provider: &offer.provider,
                    country,
                    service: &stand.key,
                };
                let new_price = changed.price(route, offer.cost, &offer.currency).ok();
                if new_price != Some(offer.price) {
                    found.push(PriceExample {
                        new_price,
                        ..example(country, stand, offer)
                    });
                }
            }
        }
    }
    found
}
