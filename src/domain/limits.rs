//! What one user may do at most.
//!
//! Invariant: a limit that is not there limits nothing; a user's own stands over everybody's.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::domain::money::Money;

/// So long an account is new.
pub const NEW_FOR: TimeDelta = TimeDelta::days(7);
/// Limits by the day look back so far.
pub const DAY: TimeDelta = TimeDelta::hours(24);
/// Cancellations are counted within this time.
pub const CANCEL_WINDOW: TimeDelta = TimeDelta::minutes(30);
/// A share of fewer orders than this says nothing.
pub const ENOUGH_FOR_A_SHARE: usize = 10;

/// Something that is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limit {
    /// Orders of a new account within a day.
    NewOrders,
    /// Orders that are under way at once.
    OpenOrders,
    /// What is spent or set aside within a day, in minor units.
    Spend,
    /// Numbers given back within half an hour: upstreams punish shops whose users cancel much.
    Cancels,
    /// Of a hundred orders of a day so many may be cancelled.
    CancelledShare,
    /// Ways to top up that are begun within a day.
    TopUps,
}

impl Limit {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::NewOrders,
        Self::OpenOrders,
        Self::Spend,
        Self::Cancels,
        Self::CancelledShare,
        Self::TopUps,
    ];

    /// The word kept in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NewOrders => "new_orders",
            Self::OpenOrders => "open_orders",
            Self::Spend => "spend",
            Self::Cancels => "cancels",
            Self::CancelledShare => "cancelled_share",
            Self::TopUps => "top_ups",
        }
    }

    /// Reads the word back; an unknown one reads as `None`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|limit| limit.as_str() == word)
    }
}

/// The limits of a user, or of everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    most: BTreeMap<Limit, i64>,
}

impl Limits {
    /// Only what protects the shop from its upstreams: five cancellations in half an hour.
    #[must_use]
    pub fn lenient() -> Self {
        Self::default().with(Limit::Cancels, Some(5))
    }

    /// What an honest user never notices. `spend` is the most that is spent in a day.
    #[must_use]
    pub fn usual(spend: Money) -> Self {
        Self::lenient()
            .with(Limit::NewOrders, Some(3))
            .with(Limit::OpenOrders, Some(10))
            .with(Limit::Spend, Some(spend.as_minor()))
            .with(Limit::CancelledShare, Some(70))
            .with(Limit::TopUps, Some(10))
    }

    /// The same with another limit; `None` for none.
    #[must_use]
    pub fn with(mut self, limit: Limit, most: Option<i64>) -> Self {
        match most {
            Some(most) => self.most.insert(limit, most),
            None => self.most.remove(&limit),
        };
        self
    }

    /// The most; `None` where nothing is limited.
    #[must_use]
    pub fn most(&self, limit: Limit) -> Option<i64> {
        self.most.get(&limit).copied()
    }
}
