//! What one user may do: the limits for everybody, and those that admins set for one.
//!
//! Invariant: a limit on orders is asked in the transaction that makes the order, one on top-ups in
//! the one that begins it, so two taps at once cannot both be the last that fits.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::act::Act;
use crate::domain::id::UserId;
use crate::domain::limits::{CANCEL_WINDOW, DAY, ENOUGH_FOR_A_SHARE, Limit, Limits, NEW_FOR};
use crate::domain::money::Money;
use crate::domain::order::OrderState;
use crate::shop::account::User;
use crate::shop::settle::Cause;
use crate::shop::{Shop, ShopError};
use crate::store::acts::{self, NewAct};
use crate::store::entity::user_limits;
use crate::store::limits::Recent;
use crate::store::{self, StoreError, Tx, from_ms, limits, orders, to_ms, work};

/// A limit that is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Which.
    pub limit: Limit,
    /// The most.
    pub most: i64,
    /// When it is possible again; `None` where that is no matter of time.
    pub until: Option<DateTime<Utc>>,
}

/// A limit as admins see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitView {
    /// Which.
    pub limit: Limit,
    /// The most; `None` for no limit.
    pub most: Option<i64>,
    /// Whether it was set for this user.
    pub is_own: bool,
    /// How much of it is used now.
    pub used: i64,
}

/// A user, with what they may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitsView {
    /// Who.
    pub user: User,
    /// Since when we know them.
    pub known_since: DateTime<Utc>,
    /// All limits.
    pub limits: Vec<LimitView>,
}

/// What a user did lately.
#[derive(Clone, Debug, Default)]
struct Facts {
    known_since_ms: i64,
    /// Their orders of a day, oldest first.
    orders: Vec<Recent>,
    /// When they gave numbers back within a day, newest first.
    cancelled: Vec<i64>,
    open: u64,
}

impl Facts {
    async fn of(tx: &Tx, user: UserId, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let known = store::users::find(tx, user).await?;
        let since_ms = to_ms(now - DAY);
        let mut cancelled = orders::cancelled_since(tx, user, since_ms).await?;
        // A clock that jumped back must not make anybody wait for longer.
        cancelled.retain(|at_ms| *at_ms <= to_ms(now));
        Ok(Self {
            known_since_ms: known.map_or(0, |row| row.created_at_ms),
            orders: limits::orders_since(tx, user, since_ms).await?,
            cancelled,
            open: limits::open_orders(tx, user).await?,
        })
    }

    /// When the orders were confirmed that count for a new account: what we could not sell does not.
    fn wanted(&self) -> Vec<i64> {
        let counted = self.orders.iter();
        let counted = counted.filter(|order| order.state != OrderState::Failed);
        counted.map(|order| order.created_at_ms).collect()
    }

    /// What is spent or set aside, and when, oldest first.
    fn spent(&self) -> Vec<(i64, i64)> {
        let counts = |state: OrderState| {
            state.holds_money() || matches!(state, OrderState::Received | OrderState::Completed)
        };
        let counted = self.orders.iter().filter(|order| counts(order.state));
        counted
            .map(|order| (order.created_at_ms, order.price))
            .collect()
    }

    fn numbers(&self) -> usize {
        self.orders.iter().filter(|order| order.has_number).count()
    }

    /// Of a hundred numbers so many were given back.
    fn share(&self) -> i64 {
        let hundredfold = self.cancelled.len() * 100;
        count(hundredfold.checked_div(self.numbers()).unwrap_or(0))
    }

    fn lately_cancelled(&self, now: DateTime<Utc>) -> &[i64] {
        let since_ms = to_ms(now - CANCEL_WINDOW);
        let lately = self.cancelled.partition_point(|at_ms| *at_ms > since_ms);
        self.cancelled.get(..lately).unwrap_or_default()
    }

    fn used(&self, limit: Limit, now: DateTime<Utc>) -> i64 {
        match limit {
            Limit::NewOrders => count(self.wanted().len()),
            Limit::OpenOrders => i64::try_from(self.open).unwrap_or(i64::MAX),
            Limit::Spend => self.spent().iter().map(|(_, price)| price).sum(),
            Limit::Cancels => count(self.lately_cancelled(now).len()),
            Limit::CancelledShare => self.share(),
            // It is counted by other rows.
            Limit::TopUps => 0,
        }
    }

    fn is_new(&self, now: DateTime<Utc>) -> bool {
        now - from_ms(self.known_since_ms) < NEW_FOR
    }

    /// The limit that one more order of this price would break.
    fn broken(&self, limits: &Limits, price: Money, now: DateTime<Utc>) -> Option<Reached> {
        let orders = Limit::ALL.into_iter().filter(|it| *it != Limit::TopUps);
        let mut reached = orders.filter_map(|limit| {
            let most = limits.most(limit)?;
            let until = self.until(limit, most, price, now)?;
            Some(Reached { limit, most, until })
        });
        reached.next()
    }

    /// Until when a limit forbids one more order of this price; `None` where it does not.
    fn until(
        &self,
        limit: Limit,
        most: i64,
        price: Money,
        now: DateTime<Utc>,
    ) -> Option<Option<DateTime<Utc>>> {
        match limit {
            Limit::NewOrders => {
                if !self.is_new(now) {
                    return None;
                }
                let frees = frees(&self.wanted(), most, DAY)?;
                let grown_up = from_ms(self.known_since_ms) + NEW_FOR;
                Some(Some(frees.map_or(grown_up, |at| at.min(grown_up))))
            }
            Limit::OpenOrders => (self.used(limit, now) >= most).then_some(None),
            Limit::Spend => self.spend_until(most, price),
            Limit::Cancels => {
                let lately = self.lately_cancelled(now);
                let oldest_first: Vec<i64> = lately.iter().rev().copied().collect();
                frees(&oldest_first, most, CANCEL_WINDOW)
            }
            Limit::CancelledShare => {
                let is_over = self.numbers() >= ENOUGH_FOR_A_SHARE && self.share() > most;
                // About: by then other orders are forgotten, too.
                let oldest = self.cancelled.last().map(|at_ms| from_ms(*at_ms) + DAY);
                is_over.then_some(oldest)
            }
            Limit::TopUps => None,
        }
    }

    fn spend_until(&self, most: i64, price: Money) -> Option<Option<DateTime<Utc>>> {
        let spent = self.spent();
        let mut left: i64 = spent.iter().map(|(_, price)| price).sum();
        let fits = |left: i64| left.saturating_add(price.as_minor()) <= most;
        if fits(left) {
            return None;
        }
        for (at_ms, price) in spent {
            left -= price;
            if fits(left) {
                return Some(Some(from_ms(at_ms) + DAY));
            }
        }
        // This price alone is over the limit.
        Some(None)
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// When one more fits where at most `most` of these (oldest first) may lie within `window`; `None`
/// where it fits now, `Some(None)` where none ever does.
fn frees(at_ms: &[i64], most: i64, window: TimeDelta) -> Option<Option<DateTime<Utc>>> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let over = at_ms.len().checked_sub(most)?;
    Some(at_ms.get(over).map(|at_ms| from_ms(*at_ms) + window))
}

/// The limits of one user.
async fn limits_of(tx: &Tx, everybody: &Limits, user: UserId) -> Result<Limits, StoreError> {
    let mut mine = everybody.clone();
    for row in limits::own(tx, user).await? {
        if let Some(limit) = Limit::from_word(&row.name) {
            mine = mine.with(limit, row.most);
        }
    }
    Ok(mine)
}

/// The limit that an order of this price would break.
pub(super) async fn broken_by(
    tx: &Tx,
    everybody: &Limits,
    user: UserId,
    price: Money,
    now: DateTime<Utc>,
) -> Result<Option<Reached>, StoreError> {
    let limits = limits_of(tx, everybody, user).await?;
    if limits == Limits::default() {
        return Ok(None);
    }
    Ok(Facts::of(tx, user, now).await?.broken(&limits, price, now))
}

/// Refuses to begin one more top-up where that is too many.
pub(super) async fn check_top_up(
    tx: &Tx,
    everybody: &Limits,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<(), ShopError> {
    let limit = Limit::TopUps;
    let Some(most) = limits_of(tx, everybody, user).await?.most(limit) else {
        return Ok(());
    };
    let begun = limits::top_ups_since(tx, user, to_ms(now - DAY)).await?;
    match frees(&begun, most, DAY) {
        None => Ok(()),
        Some(until) => Err(ShopError::Limited(Reached { limit, most, until })),
    }
}

impl Shop {
    /// A user's limits and how much of them is used, for admins.
    ///
    /// # Errors
    /// [`ShopError::UnknownUser`].
    pub async fn limits_of(&self, user: UserId) -> Result<LimitsView, ShopError> {
        let now = self.now();
        let everybody = self.terms.limits.clone();
        let known = store::users::find(self.store.read(), user).await?;
        let known = known.ok_or(ShopError::UnknownUser)?;
        let views = self
            .store
            .write(move |tx| {
                work(async move {
                    let own = limits::own(tx, user).await?;
                    let limits = limits_of(tx, &everybody, user).await?;
                    let facts = Facts::of(tx, user, now).await?;
                    let begun = limits::top_ups_since(tx, user, to_ms(now - DAY)).await?;
                    let view = |limit: Limit| LimitView {
                        limit,
                        most: limits.most(limit),
                        is_own: own.iter().any(|row| row.name == limit.as_str()),
                        used: if limit == Limit::TopUps {
                            count(begun.len())
                        } else {
                            facts.used(limit, now)
                        },
                    };
                    Ok::<_, StoreError>(Limit::ALL.map(view).to_vec())
                })
            })
            .await?;
        Ok(LimitsView {
            known_since: from_ms(known.created_at_ms),
            user: known.into(),
            limits: views,
        })
    }

    /// Sets a limit for one user, or lets everybody's be theirs again.
    ///
    /// # Errors
    /// [`ShopError::UnknownUser`].
    pub async fn set_limit(
        &self,
        admin: UserId,
        user: UserId,
        limit: Limit,
        wish: LimitWish,
    ) -> Result<(), ShopError> {
        self.user(user).await?;
        let name = limit.as_str().to_owned();
        let row = |most| user_limits::Model {
            user_id: user.0,
            name: name.clone(),
            most,
            set_by: admin.0,
            at_ms: self.now_ms(),
        };
        let row = match wish {
            LimitWish::Most(most) => Some(row(Some(most.max(0)))),
            LimitWish::None => Some(row(None)),
            LimitWish::AsEverybody => None,
        };
        let books = self.books(Cause::Admin(admin));
        let act = NewAct {
            after: Some(format!("{name} {wish}")),
            ..books.act(admin, Act::Limit, format!("user {user}"))
        };
        self.store
            .write(move |tx| {
                work(async move {
                    let own = limits::own(tx, user).await?;
                    let before = own.into_iter().find(|row| row.name == name);
                    let before = before.map_or(LimitWish::AsEverybody, |row| {
                        row.most.map_or(LimitWish::None, LimitWish::Most)
                    });
                    let before = Some(format!("{name} {before}"));
                    acts::note(tx, NewAct { before, ..act }).await?;
                    match row {
                        Some(row) => limits::set(tx, row).await,
                        None => limits::unset(tx, user, &name).await,
                    }
                })
            })
            .await
            .map_err(ShopError::from)
    }
}

/// What an admin wants a limit to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitWish {
    /// This much.
    Most(i64),
    /// No limit.
    None,
    /// What it is for everybody.
    AsEverybody,
}

/// As it is typed and noted.
impl fmt::Display for LimitWish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Most(most) => most.fmt(f),
            Self::None => f.write_str("none"),
            Self::AsEverybody => f.write_str("usual"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = 3_600_000;

    fn order(state: OrderState, price: i64, hour: i64) -> Recent {
        Recent {
            state,
            price,
            created_at_ms: hour * HOUR_MS,
            has_number: true,
        }
    }

    fn hour(hour: i64) -> DateTime<Utc> {
        from_ms(hour * HOUR_MS)
    }

    fn broken(facts: &Facts, limit: Limit, most: i64, price: i64) -> Option<Reached> {
        let limits = Limits::default().with(limit, Some(most));
        facts.broken(&limits, Money::minor(price), hour(200))
    }

    fn until(reached: Option<Reached>) -> Option<DateTime<Utc>> {
        reached.unwrap().until
    }

    #[test]
    fn what_is_spent_frees_itself_after_a_day() {
        let facts = Facts {
            orders: vec![
                order(OrderState::Completed, 500, 180),
                order(OrderState::Expired, 900, 185),
                order(OrderState::Waiting, 400, 190),
            ],
            ..Facts::default()
        };
        assert_eq!(broken(&facts, Limit::Spend, 1_000, 100), None);
        let reached = broken(&facts, Limit::Spend, 1_000, 101);
        assert_eq!(until(reached), Some(hour(204)));
        let reached = broken(&facts, Limit::Spend, 1_000, 700);
        assert_eq!(until(reached), Some(hour(214)));
        assert_eq!(until(broken(&facts, Limit::Spend, 1_000, 1_001)), None);
    }

    #[test]
    fn a_new_account_waits_until_an_order_is_a_day_old_or_it_is_new_no_more() {
        let mut facts = Facts {
            known_since_ms: 150 * HOUR_MS,
            orders: vec![
                order(OrderState::Cancelled, 1, 180),
                order(OrderState::Failed, 1, 181),
                order(OrderState::Completed, 1, 190),
            ],
            ..Facts::default()
        };
        assert_eq!(broken(&facts, Limit::NewOrders, 3, 1), None);
        let reached = broken(&facts, Limit::NewOrders, 2, 1);
        assert_eq!(until(reached), Some(hour(204)));
        let reached = broken(&facts, Limit::NewOrders, 0, 1);
        assert_eq!(until(reached), Some(hour(150 + 168)));
        facts.known_since_ms = 202 * HOUR_MS - 168 * HOUR_MS;
        let reached = broken(&facts, Limit::NewOrders, 2, 1);
        assert_eq!(until(reached), Some(hour(202)));
        facts.known_since_ms = 200 * HOUR_MS - 168 * HOUR_MS;
        assert_eq!(broken(&facts, Limit::NewOrders, 2, 1), None);
    }

    #[test]
    fn a_share_counts_from_ten_numbers_on() {
        let mut facts = Facts {
            orders: vec![order(OrderState::Cancelled, 1, 190); 9],
            cancelled: vec![191 * HOUR_MS; 9],
            ..Facts::default()
        };
        assert_eq!(broken(&facts, Limit::CancelledShare, 70, 1), None);
        facts.orders.push(order(OrderState::Completed, 1, 190));
        let reached = broken(&facts, Limit::CancelledShare, 70, 1);
        assert_eq!(until(reached), Some(hour(215)));
        assert_eq!(broken(&facts, Limit::CancelledShare, 90, 1), None);
    }

    #[test]
    fn of_five_cancellations_the_oldest_has_to_be_half_an_hour_old() {
        let minute = |minute: i64| 200 * HOUR_MS - minute * 60_000;
        let facts = Facts {
            cancelled: [1, 2, 3, 4, 20, 31].map(minute).to_vec(),
            ..Facts::default()
        };
        let reached = broken(&facts, Limit::Cancels, 5, 1);
        assert_eq!(until(reached), Some(from_ms(minute(-10))));
        assert_eq!(broken(&facts, Limit::Cancels, 6, 1), None);
    }
}
