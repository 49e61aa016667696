//! Looking at prices: from everything down to one route.
//!
//! Invariant: everything comes from one picture in memory; only names, dates and persons are read
//! from the database.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::domain::market::Country;
use crate::domain::market::spelling::normalise;
use crate::domain::money::Money;
use crate::domain::pricing::promotion::Promotion;
use crate::domain::pricing::{Markup, Route, Scope, Was};
use crate::domain::product::Product;
use crate::shop::browse::ServiceId;
use crate::shop::catalogue::{Catalogue, Hall, Offer, Stand, tariff};
use crate::shop::prices::rates::RateView;
use crate::shop::{Page, Shop, ShopError};
use crate::store::{catalog, prices};

/// So many offers of one route are shown in full.
const OFFERS_SHOWN: usize = 4;
/// So many hits of a search are shown.
const HITS: usize = 24;

/// By what a scope is split up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// By upstream.
    Provider,
    /// By country.
    Country,
    /// By service.
    Service,
}

/// A service as admins see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceName {
    /// Its number.
    pub id: ServiceId,
    /// Its name.
    pub name: String,
    /// What is sold of it.
    pub product: Product,
}

/// A scope with the names of its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeName {
    /// The scope.
    pub scope: Scope,
    /// Its country.
    pub country: Option<Arc<Country>>,
    /// Its service; `None` too for one that was never sold here.
    pub service: Option<ServiceName>,
}

/// A part of a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facet {
    /// The narrower scope.
    pub name: ScopeName,
    /// By what it is narrower.
    pub by: Dimension,
    /// How many routes it has.
    pub routes: usize,
    /// The lowest and the highest price.
    pub prices: [Money; 2],
}

/// One offer in full.
#[derive(Clone, Debug)]
pub struct RouteView {
    /// What the upstream asks, in its own currency.
    pub cost: Decimal,
    /// That currency.
    pub currency: String,
    /// Its rate; `None` for the wallet's own currency.
    pub rate: Option<RateView>,
    /// The cost in the wallet's currency, rounded up.
    pub cost_in_wallet: Money,
    /// The markup that applies.
    pub markup: Markup,
    /// The scope of the rule that it comes from; `None` for the settings.
    pub from: Option<Scope>,
    /// The price.
    pub price: Money,
    /// What it is without the promotion that runs.
    pub was: Option<Was>,
    /// What a sale brings.
    pub margin: Money,
    /// The same in percent of the cost; `None` where it costs nothing.
    pub margin_percent: Option<Decimal>,
    /// Numbers left.
    pub stock: Option<u64>,
}

/// A scope in full.
#[derive(Clone, Debug)]
pub struct ScopeView {
    /// Which.
    pub name: ScopeName,
    /// The rule for exactly this.
    pub rule: Option<Markup>,
    /// What applies where no nearer rule does, without that one.
    pub over: Markup,
    /// The scope of the rule that this comes from; `None` for the settings.
    pub over_from: Option<Scope>,
    /// The promotion for exactly this, running or to come.
    pub promotion: Option<Promotion>,
    /// How many routes it has.
    pub routes: usize,
    /// The lowest and the highest price, where anything is sold.
    pub prices: Option<[Money; 2]>,
    /// The offers in full, where it is one route.
    pub offers: Vec<RouteView>,
}

/// The first screen.
#[derive(Clone, Debug)]
pub struct PriceBoard {
    /// What applies where no rule does.
    pub default: Markup,
    /// Whether an admin set that; otherwise it comes from the settings.
    pub is_set: bool,
    /// How many rules there are besides.
    pub rules: usize,
    /// How many promotions run.
    pub running: usize,
    /// How many are to come.
    pub coming: usize,
    /// How many routes are sold.
    pub routes: usize,
    /// How many have no price.
    pub unpriced: usize,
    /// Rates that are too old.
    pub old_rates: Vec<RateView>,
}

/// A rule, and who set it.
#[derive(Clone, Debug)]
pub struct RuleView {
    /// What it applies to.
    pub name: ScopeName,
    /// What it adds.
    pub markup: Markup,
    /// When it was set.
    pub set_at: DateTime<Utc>,
}

/// A route of the picture with everything around it.
#[derive(Clone, Copy)]
struct Found<'c> {
    country: &'c str,
    hall: &'c Hall,
    stand: &'c Stand,
    offer: &'c Offer,
}

impl<'c> Found<'c> {
    fn route(&self) -> Route<'c> {
        Route {
            provider: &self.offer.provider,
            country: self.country,
            service: &self.stand.key,
        }
    }

    /// The scope narrowed by one dimension to where this is.
    fn narrowed(&self, scope: &Scope, by: Dimension) -> Scope {
        let mut narrowed = scope.clone();
        match by {
            Dimension::Provider => narrowed.provider = Some(self.offer.provider.clone()),
            Dimension::Country => narrowed.country = Some(self.country.to_owned()),
            Dimension::Service => narrowed.service = Some(self.stand.key.clone()),
        }
        narrowed
    }

    fn name(&self, scope: Scope) -> ScopeName {
        ScopeName {
            country: scope
                .country
                .as_ref()
                .map(|_| Arc::clone(&self.hall.country)),
            service: scope.service.as_ref().map(|_| ServiceName {
                id: ServiceId(self.stand.service_id),
                name: self.stand.name.clone(),
                product: self.stand.product,
            }),
            scope,
        }
    }
}

/// All routes of a scope.
fn routes<'c>(catalogue: &'c Catalogue, scope: &'c Scope) -> impl Iterator<Item = Found<'c>> {
    let found = catalogue.all_halls().flat_map(|(country, hall)| {
        hall.stands.iter().flat_map(move |stand| {
            stand.offers.iter().map(move |offer| Found {
                country,
                hall,
                stand,
                offer,
            })
        })
    });
    found.filter(|found| scope.covers(found.route()))
}

/// The parts of a scope, those with most routes first.
fn facets(catalogue: &Catalogue, scope: &Scope, by: Dimension) -> Vec<Facet> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut facets: Vec<Facet> = Vec::new();
    for found in routes(catalogue, scope) {
        let part = match by {
            Dimension::Provider => found.offer.provider.as_str(),
            Dimension::Country => found.country,
            Dimension::Service => found.stand.key.as_str(),
        };
        let price = found.offer.price;
        let place = *places.entry(part).or_insert(facets.len());
        match facets.get_mut(place) {
            Some(facet) => {
                facet.routes += 1;
                let [low, high] = facet.prices;
                facet.prices = [low.min(price), high.max(price)];
            }
            None => facets.push(Facet {
                name: found.name(found.narrowed(scope, by)),
                by,
                routes: 1,
                prices: [price, price],
            }),
        }
    }
    // The sort is stable: of services with as many routes those most asked for stay first.
    facets.sort_by_key(|facet| std::cmp::Reverse(facet.routes));
    facets
}

/// The parts of a scope whose names a text is in.
fn hits(catalogue: &Catalogue, scope: &Scope, text: &str) -> Vec<Facet> {
    let wanted = normalise(text);
    let near: Vec<i64> = catalogue
        .search(None, text, HITS)
        .into_iter()
        .map(|chain| chain.service_id)
        .collect();
    let open = [
        (Dimension::Provider, scope.provider.is_none()),
        (Dimension::Country, scope.country.is_none()),
        (Dimension::Service, scope.service.is_none()),
    ];
    let open = open.into_iter().filter(|(_, is_open)| *is_open);
    let mut found: Vec<Facet> = open
        .flat_map(|(by, _)| facets(catalogue, scope, by))
        .filter(|facet| {
            let has = |name: &str| normalise(name).contains(&wanted);
            match facet.by {
                Dimension::Provider => facet
                    .name
                    .scope
                    .provider
                    .as_ref()
                    .is_some_and(|it| has(it.as_str())),
                Dimension::Country => facet.name.country.as_ref().is_some_and(|it| {
                    let mut names = it.names.values().chain([&it.name]);
                    it.iso2.eq_ignore_ascii_case(text) || names.any(|name| has(name))
                }),
                Dimension::Service => facet
                    .name
                    .service
                    .as_ref()
                    .is_some_and(|it| has(&it.name) || near.contains(&it.id.0)),
            }
        })
        .collect();
    found.truncate(HITS);
    found
}

impl Shop {
    /// The first screen.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn price_board(&self) -> Result<PriceBoard, ShopError> {
        let catalogue = self.catalogue();
        let list = &catalogue.prices;
        let everywhere = list.rule_over(&Scope::everywhere());
        let now = self.now();
        let promotions = self.promotions().await?;
        let running = promotions.iter().filter(|(_, it)| it.runs_at(now)).count();
        let rates = self.rates().await?;
        Ok(PriceBoard {
            default: everywhere
                .map_or(&list.default, |rule| &rule.markup)
                .clone(),
            is_set: everywhere.is_some(),
            rules: list.rules.len() - usize::from(everywhere.is_some()),
            running,
            coming: promotions.len() - running,
            routes: routes(&catalogue, &Scope::everywhere()).count(),
            unpriced: catalogue.unpriced.len(),
            old_rates: rates.into_iter().filter(|rate| rate.is_old).collect(),
        })
    }

    /// A page of the parts of a scope.
    #[must_use]
    pub fn price_facets(
        &self,
        scope: &Scope,
        by: Dimension,
        page: usize,
        page_size: usize,
    ) -> Page<Facet> {
        Page::of(facets(&self.catalogue(), scope, by), page, page_size)
    }

    /// The parts of a scope whose names a text is in.
    #[must_use]
    pub fn price_hits(&self, scope: &Scope, text: &str) -> Vec<Facet> {
        hits(&self.catalogue(), scope, text)
    }

    /// A scope in full.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn price_scope(&self, scope: &Scope) -> Result<ScopeView, ShopError> {
        let catalogue = self.catalogue();
        let mut list = catalogue.prices.clone();
        let rule = list.rules.iter().find(|rule| rule.scope == *scope);
        let rule = rule.map(|rule| rule.markup.clone());
        list.rules.retain(|rule| rule.scope != *scope);
        let over = list.rule_over(scope);
        let promotions = self.promotions().await?;
        let promotion = promotions.into_iter().find(|(_, it)| it.scope == *scope);
        let found: Vec<_> = routes(&catalogue, scope).collect();
        let price = found.iter().map(|found| found.offer.price);
        let prices = price.clone().min().zip(price.max());
        let is_one = scope.provider.is_some() && scope.country.is_some() && scope.service.is_some();
        let rates = self.rates().await?;
        let offers = found.iter().filter(|_| is_one || found.len() == 1);
        let offers = offers
            .take(OFFERS_SHOWN)
            .map(|found| route_view(&catalogue, *found, &rates));
        Ok(ScopeView {
            name: self.scope_name(scope).await?,
            rule,
            over: over.map_or(&list.default, |rule| &rule.markup).clone(),
            over_from: over.map(|rule| rule.scope.clone()),
            promotion: promotion.map(|(_, promotion)| promotion),
            routes: found.len(),
            prices: prices.map(|(low, high)| [low, high]),
            offers: offers.collect(),
        })
    }

    /// A page of the rules, by what they apply to.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn price_rules(&self, page: usize, size: usize) -> Result<Page<RuleView>, ShopError> {
        let rows = prices::rules(self.store.read()).await?;
        let page = Page::of(rows, page, size);
        let mut rules = Vec::new();
        for row in page.rows {
            if let Some(rule) = tariff::rule(&row) {
                rules.push(RuleView {
                    name: self.scope_name(&rule.scope).await?,
                    markup: rule.markup,
                    set_at: crate::store::from_ms(row.set_at_ms),
                });
            }
        }
        Ok(Page {
            rows: rules,
            page: page.page,
            pages: page.pages,
        })
    }

    /// The promotions that run or are to come, the first to end first.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn promotions(&self) -> Result<Vec<(ScopeName, Promotion)>, ShopError> {
        let now = self.now();
        let rows = prices::promotions(self.store.read()).await?;
        let live = rows.iter().filter_map(tariff::promotion);
        let mut named = Vec::new();
        for promotion in live.filter(|promotion| promotion.ends_at > now) {
            named.push((self.scope_name(&promotion.scope).await?, promotion));
        }
        Ok(named)
    }

    /// A scope with the names of its parts.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn scope_name(&self, scope: &Scope) -> Result<ScopeName, ShopError> {
        let keys = scope.service.iter().cloned().collect();
        let service = match &scope.service {
            Some(_) => catalog::services_of(self.store.read(), keys).await?.pop(),
            None => None,
        };
        Ok(ScopeName {
            scope: scope.clone(),
            country: scope.country.as_deref().map(|code| self.country(code)),
            service: service.map(|row| ServiceName {
                id: ServiceId(row.id),
                product: Product::of_key(&row.key),
                name: row.name,
            }),
        })
    }

    /// The key of a service by its number.
    ///
    /// # Errors
    /// [`ShopError::NotSold`] for a number that no service ever had.
    pub async fn service_key(&self, id: ServiceId) -> Result<String, ShopError> {
        let row = catalog::service(self.store.read(), id.0).await?;
        Ok(row.ok_or(ShopError::NotSold)?.key)
    }
}

fn route_view(catalogue: &Catalogue, found: Found<'_>, rates: &[RateView]) -> RouteView {
    let (list, offer) = (&catalogue.prices, found.offer);
    let rule = list.rule(found.route());
    let margin = offer.price.checked_sub(offer.cost_in_wallet);
    let margin = margin.unwrap_or(Money::ZERO);
    let percent = Decimal::from(margin.as_minor())
        .checked_mul(Decimal::ONE_HUNDRED)
        .and_then(|it| it.checked_div(Decimal::from(offer.cost_in_wallet.as_minor())));
    RouteView {
        cost: offer.cost,
        currency: offer.currency.clone(),
        rate: rates
            .iter()
            .find(|it| it.currency == offer.currency)
            .cloned(),
        cost_in_wallet: offer.cost_in_wallet,
        markup: rule.map_or(&list.default, |rule| &rule.markup).clone(),
        from: rule.map(|rule| rule.scope.clone()),
        price: offer.price,
        was: offer.was,
        margin,
        margin_percent: percent.map(|percent| percent.round_dp(1)),
        stock: offer.stock,
    }
}
