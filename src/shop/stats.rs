//! What the shop earned, sold and served on some days.
//!
//! Revenue is what orders captured, less nothing; refunds out of goodwill stand beside it. Cost is
//! what the ledger booked as cost of goods: what the upstream said it took or, where it does not
//! say, what it listed when the number was bought; less what came back, with what was lost
//! without proof. It is in the upstream's currency there, and converted here at today's rate.
//!
//! Invariant: every amount is a sum of transfers; nothing is computed anew from orders or prices.

use std::collections::BTreeMap;

use chrono::{Days as Count, NaiveDate};
use rust_decimal::Decimal;

use crate::domain::days::{DAY_MS, Days};
use crate::domain::money::Money;
use crate::domain::pricing::PriceList;
use crate::domain::product::{Product, mailbox_service};
use crate::shop::{Shop, ShopError};
use crate::store::ledger::{Account, TransferKind};
use crate::store::stats::{self, Ended, Moved, Waited};

/// So many services are listed.
const TOP_SERVICES: usize = 6;
/// A step of waiting times ends so many seconds after it begins; see the migration.
const STEPS: [(i64, i64); 3] = [(60, 5), (300, 15), (i64::MAX, 60)];

/// What was spent at upstreams in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// The upstreams' currency.
    pub currency: String,
    /// How much, in it.
    pub amount: Decimal,
    /// The same in the wallet's; `None` where no rate is set.
    pub converted: Option<Money>,
}

/// How orders of one kind fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fates {
    /// With content, and paid.
    pub delivered: i64,
    /// Given back before an SMS came.
    pub cancelled: i64,
    /// Without an SMS until their end.
    pub expired: i64,
    /// Without a number.
    pub failed: i64,
    /// Not ended yet.
    pub open: i64,
}

impl Fates {
    /// All of them.
    #[must_use]
    pub const fn all(&self) -> i64 {
        self.delivered + self.cancelled + self.expired + self.failed + self.open
    }

    /// Of a hundred that had a number, so many delivered; `None` where there were none.
    #[must_use]
    pub fn success_percent(&self) -> Option<i64> {
        let bought = self.delivered + self.cancelled + self.expired;
        (bought > 0).then(|| (self.delivered * 200 + bought) / (bought * 2))
    }

    /// Counts these, too.
    pub const fn add(&mut self, others: Self) {
        self.delivered += others.delivered;
        self.cancelled += others.cancelled;
        self.expired += others.expired;
        self.failed += others.failed;
        self.open += others.open;
    }

    fn count(&mut self, row: &Ended) {
        let place = match row.ending.as_str() {
            "delivered" => &mut self.delivered,
            "cancelled" => &mut self.cancelled,
            "expired" => &mut self.expired,
            _ => &mut self.failed,
        };
        *place += row.orders;
    }
}

/// One product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductStats {
    /// Which.
    pub product: Product,
    /// What its orders captured.
    pub revenue: Money,
    /// What its orders cost, as far as there is a rate.
    pub cost: Money,
    /// How its orders fared.
    pub fates: Fates,
}

/// An upstream or a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fared {
    /// Its name.
    pub name: String,
    /// Whether its codes come by mail.
    pub is_mailbox: bool,
    /// How its orders fared.
    pub fates: Fates,
    /// Half of its codes came within so many seconds; `None` where none came.
    pub median_s: Option<i64>,
}

/// Money of one source, or gone one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// `manual`, `stars`, `voucher`, `request`, or what a later version adds.
    pub name: String,
    /// How much came in.
    pub amount: Money,
    /// In how many transfers.
    pub transfers: i64,
}

/// One day of the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayStats {
    /// Which.
    pub day: NaiveDate,
    /// What orders captured.
    pub revenue: Money,
    /// What upstreams took, as far as there is a rate.
    pub cost: Money,
}

/// What happened on some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Which days.
    pub days: Days,
    /// What orders captured.
    pub revenue: Money,
    /// What was given back after delivery.
    pub goodwill: Money,
    /// What users got for inviting others.
    pub shares: Money,
    /// What upstreams took, as far as there is a rate.
    pub cost: Money,
    /// Revenue less goodwill, shares and cost.
    pub margin: Money,
    /// What upstreams took, by currency.
    pub spent: Vec<Spent>,
    /// What they may have taken without proof and still may, by currency.
    pub unproven: Vec<Spent>,
    /// All products that had orders or money.
    pub products: Vec<ProductStats>,
    /// All upstreams, the busiest first.
    pub providers: Vec<Fared>,
    /// The busiest services.
    pub services: Vec<Fared>,
    /// People who wrote for the first time.
    pub new_users: i64,
    /// People who were here.
    pub active_users: i64,
    /// Money that came in.
    pub top_ups: Vec<Source>,
    /// Stars that went back, and other corrections of wallets by hand: what came in less what
    /// went out.
    pub corrections: Vec<Source>,
    /// Every day, the first one first.
    pub by_day: Vec<DayStats>,
}

/// What an account is for in the statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Revenue,
    Goodwill,
    Shares,
    Cost,
    Unproven,
    Source,
    Other,
}

fn side(account: &str) -> Side {
    if account == Account::Revenue.to_string() {
        Side::Revenue
    } else if account == Account::RefundLoss.to_string() {
        Side::Goodwill
    } else if account == Account::Marketing.to_string() {
        Side::Shares
    } else if account.ends_with(":cost_of_goods") {
        Side::Cost
    } else if account.ends_with(":suspense") {
        Side::Unproven
    } else if account.starts_with("clearing:") {
        Side::Source
    } else {
        Side::Other
    }
}

/// Sums that grow row by row.
#[derive(Default)]
struct Sums {
    revenue: i64,
    goodwill: i64,
    shares: i64,
    spent: BTreeMap<String, i64>,
    unproven: BTreeMap<String, i64>,
    by_product: BTreeMap<String, (i64, BTreeMap<String, i64>)>,
    by_day: BTreeMap<i64, (i64, BTreeMap<String, i64>)>,
    top_ups: BTreeMap<String, (i64, i64)>,
    corrections: BTreeMap<String, (i64, i64)>,
}

impl Sums {
    fn add(&mut self, row: &Moved) {
        let product = self.by_product.entry(row.about.clone());
        match side(&row.account) {
            Side::Revenue => {
                self.revenue += row.amount;
                product.or_default().0 += row.amount;
            }
            // What is given back leaves this account.
            Side::Goodwill => self.goodwill -= row.amount,
            Side::Shares => self.shares -= row.amount,
            Side::Cost => {
                for sums in [&mut self.spent, &mut product.or_default().1] {
                    *sums.entry(row.currency.clone()).or_default() += row.amount;
                }
            }
            Side::Unproven => {
                *self.unproven.entry(row.currency.clone()).or_default() += row.amount;
            }
            Side::Source => {
                let sums = if row.kind == TransferKind::TopUp.as_str() {
                    &mut self.top_ups
                } else {
                    &mut self.corrections
                };
                let sum = sums.entry(row.about.clone()).or_default();
                sum.0 -= row.amount;
                sum.1 += row.transfers;
            }
            Side::Other => {}
        }
    }
}

impl Shop {
    /// What happened on these days.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn stats(&self, days: Days) -> Result<Stats, ShopError> {
        let read = self.store.read();
        let catalogue = self.catalogue();
        let prices = &catalogue.prices;
        let mut sums = Sums::default();
        for row in stats::moved(read, &days).await? {
            sums.add(&row);
        }
        for row in stats::daily(read, &days).await? {
            let day = sums.by_day.entry(row.day).or_default();
            if row.is_revenue == 1 {
                day.0 += row.amount;
            } else {
                *day.1.entry(row.currency).or_default() += row.amount;
            }
        }
        let ended = stats::ended(read, &days).await?;
        let open = stats::open(read, &days).await?;
        let cost = in_wallet(prices, &sums.spent);
        let less = |from: i64, what: i64| from.saturating_sub(what);
        let given = sums.goodwill.saturating_add(sums.shares);
        let margin = less(less(sums.revenue, given), cost);
        Ok(Stats {
            days,
            revenue: Money::minor(sums.revenue),
            goodwill: Money::minor(sums.goodwill),
            shares: Money::minor(sums.shares),
            cost: Money::minor(cost),
            margin: Money::minor(margin),
            spent: spent(prices, &sums.spent),
            unproven: spent(prices, &sums.unproven),
            products: products(prices, &sums, &ended, &open),
            providers: self.fared(&days, "provider", &ended, usize::MAX).await?,
            services: self.fared(&days, "service", &ended, TOP_SERVICES).await?,
            new_users: stats::new_users(read, &days).await?,
            active_users: stats::active_users(read, &days).await?,
            top_ups: sources(sums.top_ups),
            corrections: sources(sums.corrections),
            by_day: by_day(prices, days, &sums.by_day),
        })
    }

    /// The last days up to today.
    #[must_use]
    pub fn lately(&self, count: u32) -> Days {
        Days::lately(count, self.now().date_naive())
    }

    /// The days that an admin names.
    #[must_use]
    pub fn days_named(&self, text: &str) -> Option<Days> {
        Days::read(text, self.now().date_naive())
    }

    async fn fared(
        &self,
        days: &Days,
        aspect: &str,
        ended: &[Ended],
        most: usize,
    ) -> Result<Vec<Fared>, ShopError> {
        let read = self.store.read();
        let mut found: BTreeMap<&str, Fates> = BTreeMap::new();
        for row in ended.iter().filter(|row| row.aspect == aspect) {
            found.entry(&row.name).or_default().count(row);
        }
        let mut found: Vec<(&str, Fates)> = found.into_iter().collect();
        found.sort_by_key(|(_, fates)| std::cmp::Reverse(fates.all()));
        found.truncate(most);
        let keys: Vec<String> = found.iter().map(|(name, _)| (*name).to_owned()).collect();
        let waited = stats::waited(read, days, aspect, &keys).await?;
        let ids = keys.iter().filter_map(|name| name.parse().ok()).collect();
        let names = stats::service_names(read, ids).await?;
        let shown = |key: &str| match key.parse().ok().and_then(|id: i64| names.get(&id)) {
            Some((name, sold_as)) => (name.clone(), mailbox_service(sold_as).is_some()),
            None => (key.to_owned(), false),
        };
        Ok(found
            .into_iter()
            .map(|(key, fates)| (key, fates, shown(key)))
            .map(|(key, fates, (name, is_mailbox))| Fared {
                name,
                is_mailbox,
                fates,
                median_s: median(waited.iter().filter(|row| row.name == key)),
            })
            .collect())
    }
}

/// Until when half of the codes had come.
fn median<'w>(waited: impl Iterator<Item = &'w Waited> + Clone) -> Option<i64> {
    let all: i64 = waited.clone().map(|row| row.orders).sum();
    let mut seen = 0;
    let half = waited.into_iter().find(|row| {
        seen += row.orders;
        seen * 2 >= all
    })?;
    let step = STEPS.iter().find(|(below, _)| half.seconds < *below);
    Some(half.seconds + step.map_or(0, |(_, step)| *step))
}

/// Millionths as an amount.
fn major(millionths: i64) -> Decimal {
    Decimal::new(millionths, 6).normalize()
}

/// What an amount of an upstream's currency is here; it may be less than nothing on a day on
/// which more came back than was spent.
fn converted(prices: &PriceList, currency: &str, millionths: i64) -> Option<i64> {
    let cost = prices.cost(major(millionths).abs(), currency).ok()?;
    Some(cost.as_minor() * millionths.signum())
}

fn in_wallet(prices: &PriceList, sums: &BTreeMap<String, i64>) -> i64 {
    let sums = sums.iter();
    sums.filter_map(|(currency, sum)| converted(prices, currency, *sum))
        .sum()
}

fn spent(prices: &PriceList, sums: &BTreeMap<String, i64>) -> Vec<Spent> {
    let sums = sums.iter().filter(|(_, sum)| **sum != 0);
    sums.map(|(currency, sum)| Spent {
        currency: currency.clone(),
        amount: major(*sum),
        converted: converted(prices, currency, *sum).map(Money::minor),
    })
    .collect()
}

fn products(
    prices: &PriceList,
    sums: &Sums,
    ended: &[Ended],
    open: &[(String, i64)],
) -> Vec<ProductStats> {
    let all = Product::ALL.into_iter().map(|product| {
        let word = product.as_str();
        let mut fates = Fates::default();
        for row in ended {
            if row.aspect == "product" && row.name == word {
                fates.count(row);
            }
        }
        let mut open = open.iter().filter(|(name, _)| name == word);
        fates.open = open.next().map_or(0, |(_, count)| *count);
        let money = sums.by_product.get(word);
        ProductStats {
            product,
            revenue: Money::minor(money.map_or(0, |(revenue, _)| *revenue)),
            cost: Money::minor(money.map_or(0, |(_, spent)| in_wallet(prices, spent))),
            fates,
        }
    });
    let is_idle =
        |it: &ProductStats| it.fates.all() == 0 && it.revenue == it.cost && it.cost == Money::ZERO;
    all.filter(|it| !is_idle(it)).collect()
}

fn sources(sums: BTreeMap<String, (i64, i64)>) -> Vec<Source> {
    let mut sources: Vec<Source> = sums
        .into_iter()
        .map(|(name, (amount, transfers))| Source {
            name,
            amount: Money::minor(amount),
            transfers,
        })
        .collect();
    sources.sort_by_key(|source| std::cmp::Reverse(source.amount));
    sources
}

fn by_day(
    prices: &PriceList,
    days: Days,
    sums: &BTreeMap<i64, (i64, BTreeMap<String, i64>)>,
) -> Vec<DayStats> {
    let first = days.first();
    let numbered = days.numbers().zip(0_u64..);
    numbered
        .map(|(number, at)| {
            let sum = sums.get(&number);
            DayStats {
                day: first.checked_add_days(Count::new(at)).unwrap_or(first),
                revenue: Money::minor(sum.map_or(0, |(revenue, _)| *revenue)),
                cost: Money::minor(sum.map_or(0, |(_, spent)| in_wallet(prices, spent))),
            }
        })
        .collect()
}

/// The day of a moment, counted from the first of January 1970.
pub(super) const fn day_of(at_ms: i64) -> i64 {
    at_ms.div_euclid(DAY_MS)
}
