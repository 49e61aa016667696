//! What a change of prices would do to everything that is sold.
//!
//! Invariant: it is computed from one picture, away from whoever waits for an answer, and its
//! mark is the same only where every price that changes is the same.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use rust_decimal::Decimal;

use crate::domain::id::ProviderId;
use crate::domain::money::Money;
use crate::domain::pricing::{Price, PriceList, Route, Rule, Scope, Was};
use crate::domain::product::Product;
use crate::shop::catalogue::{Catalogue, Offer, Stand};
use crate::shop::prices::{Setting, Subject};

/// How many routes of each kind are named.
pub const NAMED: usize = 10;

/// One route's price before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The service's name.
    pub service_name: String,
    /// What is sold of it.
    pub product: Product,
    /// ISO 3166 alpha-2 in capitals.
    pub country: String,
    /// The upstream.
    pub provider: ProviderId,
    /// What it costs us now; `None` where that is not known.
    pub cost: Option<Money>,
    /// The price now; `None` where it has none.
    pub old: Option<Money>,
    /// The price then; `None` where it would have none.
    pub new: Option<Money>,
}

/// Routes of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// How many there are.
    pub count: usize,
    /// The first of them, at most [`NAMED`].
    pub first: Vec<Move>,
}

impl Named {
    fn add(&mut self, name: impl FnOnce() -> Move) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(name());
        }
    }
}

/// What a change would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Routes that are sold now.
    pub routes: usize,
    /// How many would cost more.
    pub rise: usize,
    /// How many would cost less.
    pub fall: usize,
    /// All that change; the named ones are those that change most.
    pub changed: Named,
    /// What would sell for less than it costs by what is known now.
    pub losses: Named,
    /// What a promotion would lower further, but for the cost and the minimum margin.
    pub stopped: Named,
    /// What would have no price, and so not be sold.
    pub gone: Named,
    /// What would have a price, and so be sold.
    pub come: Named,
    /// Stands for all of the above.
    pub mark: u64,
}

/// An offer, where it stands, and where there would be another promotion.
#[derive(Clone, Copy)]
struct Found<'c> {
    country: &'c str,
    stand: &'c Stand,
    offer: &'c Offer,
    promoted: Option<&'c Scope>,
}

/// The list with one thing set otherwise; `settings_rate` is what the settings say of a rate.
pub(super) fn changed(
    list: &PriceList,
    subject: &Subject,
    setting: Option<&Setting>,
    settings_rate: Option<Decimal>,
) -> PriceList {
    let mut list = list.clone();
    match subject {
        Subject::Rule(scope) => {
            list.rules.retain(|rule| rule.scope != *scope);
            if let Some(Setting::Markup(markup)) = setting {
                list.rules.push(Rule {
                    scope: scope.clone(),
                    markup: markup.clone(),
                });
            }
        }
        Subject::Promotion(scope) => {
            list.promotions.retain(|it| it.scope != *scope);
            // One that begins later is shown as it will be then.
            if let Some(Setting::Promotion(promotion)) = setting {
                list.promotions.push(promotion.clone());
            }
        }
        Subject::Rate(currency) => {
            let set = match setting {
                Some(Setting::Rate(rate)) => Some(*rate),
                Some(Setting::Markup(_) | Setting::Promotion(_)) | None => settings_rate,
            };
            match set {
                Some(rate) => list.rates.insert(currency.clone(), rate),
                None => list.rates.remove(currency),
            };
        }
    }
    list
}

impl Effect {
    /// What a list would do in the place of the picture's own; `promoted` is where it would have
    /// another promotion.
    pub(super) fn of(catalogue: &Catalogue, list: &PriceList, promoted: Option<&Scope>) -> Self {
        let mut effect = Self::default();
        let mut moves = Vec::new();
        for (country, hall) in catalogue.all_halls() {
            for stand in &hall.stands {
                for offer in &stand.offers {
                    let here = Found {
                        country,
                        stand,
                        offer,
                        promoted,
                    };
                    moves.extend(effect.look_at(here, list));
                }
            }
        }
        effect.look_at_unpriced(catalogue, list);
        // What changes most stands first, and of equals always the same ones.
        moves.sort_by_cached_key(|it| {
            let [old, new] = [it.old, it.new].map(|money| money.unwrap_or(Money::ZERO).as_minor());
            let key = (
                it.provider.clone(),
                it.country.clone(),
                it.service_name.clone(),
            );
            (std::cmp::Reverse(new.abs_diff(old)), key)
        });
        effect.changed.count = moves.len();
        moves.truncate(NAMED);
        effect.changed.first = moves;
        effect
    }

    /// The route's change, if its price would be another.
    fn look_at(&mut self, here: Found<'_>, list: &PriceList) -> Option<Move> {
        let Found {
            country,
            stand,
            offer,
            promoted,
        } = here;
        self.routes += 1;
        let route = Route {
            provider: &offer.provider,
            country,
            service: &stand.key,
        };
        let price = list.price(route, offer.cost, &offer.currency).ok();
        let new = price.map(|price| price.now);
        let name = || Move {
            service_name: stand.name.clone(),
            product: stand.product,
            country: country.to_owned(),
            provider: offer.provider.clone(),
            cost: Some(offer.cost_in_wallet),
            old: Some(offer.price),
            new,
        };
        let is_same = new == Some(offer.price) && price.and_then(|it| it.was) == offer.was;
        if !is_same {
            let code = (&offer.country_code, &offer.service_code);
            self.note(
                (&offer.provider, country, &stand.key, code),
                offer.price,
                price,
            );
        }
        match price {
            None => self.gone.add(name),
            Some(price) if price.now < offer.cost_in_wallet => self.losses.add(name),
            Some(price) if price.is_stopped && promoted.is_some_and(|it| it.covers(route)) => {
                self.stopped.add(name);
            }
            Some(_) => {}
        }
        let (rises, falls) = (new > Some(offer.price), new < Some(offer.price));
        self.rise += usize::from(rises && new.is_some());
        self.fall += usize::from(falls && new.is_some());
        (!is_same).then(name)
    }

    fn look_at_unpriced(&mut self, catalogue: &Catalogue, list: &PriceList) {
        for it in &catalogue.unpriced {
            let route = Route {
                provider: &it.provider,
                country: &it.country,
                service: &it.service_key,
            };
            let cost = it.cost.parse().ok();
            let price = cost.and_then(|cost| list.price(route, cost, &it.currency).ok());
            let Some(price) = price else { continue };
            self.note(
                (&it.provider, &it.country, &it.service_key),
                Money::ZERO,
                Some(price),
            );
            self.come.add(|| Move {
                service_name: it.service_name.clone(),
                product: Product::of_key(&it.service_key),
                country: it.country.clone(),
                provider: it.provider.clone(),
                cost: cost.and_then(|cost| list.cost(cost, &it.currency).ok()),
                old: None,
                new: Some(price.now),
            });
        }
    }

    /// Adds a price to the mark, in whatever order they come.
    fn note(&mut self, route: impl Hash, old: Money, new: Option<Price>) {
        let mut hasher = DefaultHasher::new();
        route.hash(&mut hasher);
        let new: Option<(Money, Option<Was>)> = new.map(|price| (price.now, price.was));
        (old, new).hash(&mut hasher);
        self.mark = self.mark.wrapping_add(hasher.finish());
    }
}
