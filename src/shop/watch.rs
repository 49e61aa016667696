//! "Tell me when available", or when it is cheap enough: who wants to hear of what.
//!
//! Invariant: a user has one watch for a choice and a handful in all; each is told once or
//! forgotten when its time is over.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::id::{ProviderId, UserId};
use crate::domain::market::Country;
use crate::domain::money::Money;
use crate::shop::browse::{ServerNumber, ServiceId};
use crate::shop::buy::Choice;
use crate::shop::queue::MOST_WAITING;
use crate::shop::{Shop, ShopError};
use crate::store::entity::watches as rows;
use crate::store::{from_ms, to_ms, watches, work};

/// How long somebody waits for news.
const WATCHED_FOR: TimeDelta = TimeDelta::hours(24);

/// What the limits are below today's price, in percent.
const CUTS: [u32; 4] = [10, 20, 30, 50];

/// The number of a watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatchId(pub i64);

/// What somebody wants to hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Its number.
    pub id: WatchId,
    /// What it is about.
    pub choice: Choice,
    /// The service's name.
    pub service_name: String,
    /// The country.
    pub country: Arc<Country>,
    /// The upstream's number, where one was asked for.
    pub server: Option<ServerNumber>,
    /// The most that it may cost to be worth a word; `None` for any price.
    pub limit: Option<Money>,
    /// When it is forgotten.
    pub until: DateTime<Utc>,
}

impl Choice {
    /// What a watch is about.
    pub(super) fn of_watch(row: &rows::Model) -> Self {
        let named = |name: &String| (!name.is_empty()).then(|| name.clone());
        Self {
            service: ServiceId(row.service_id),
            country: row.country.clone(),
            operator: named(&row.operator),
            server: named(&row.server).map(ProviderId),
        }
    }
}

impl Shop {
    /// Remembers that a user wants to hear when a choice is available, for at most `limit`. Asking
    /// again gives it more time, and the new limit.
    ///
    /// # Errors
    /// [`ShopError::NotSold`], [`ShopError::TooManyWaiting`].
    pub async fn watch(
        &self,
        user: UserId,
        choice: &Choice,
        limit: Option<Money>,
    ) -> Result<(), ShopError> {
        let catalogue = self.catalogue();
        let hall = catalogue.halls.get(&choice.country);
        let stand = hall.and_then(|hall| hall.stand(choice.service.0));
        let now = self.now();
        let row = rows::Model {
            id: 0,
            user_id: user.0,
            service_id: choice.service.0,
            service_name: stand.ok_or(ShopError::NotSold)?.name.clone(),
            country: choice.country.clone(),
            operator: choice.operator.clone().unwrap_or_default(),
            server: choice
                .server
                .as_ref()
                .map_or_else(String::new, |id| id.0.clone()),
            created_at_ms: to_ms(now),
            expires_at_ms: to_ms(now + WATCHED_FOR),
            told_at_ms: None,
            max_price: limit.map(Money::as_minor),
        };
        let choice = choice.clone();
        self.store
            .write(move |tx| {
                work(async move {
                    let mine = watches::of_user(tx, user, row.created_at_ms).await?;
                    let is_known = mine.iter().any(|row| Choice::of_watch(row) == choice);
                    if mine.len() >= MOST_WAITING && !is_known {
                        return Err(ShopError::TooManyWaiting);
                    }
                    Ok(watches::add(tx, row).await?)
                })
            })
            .await?;
        self.wake.stock.notify_one();
        Ok(())
    }

    /// What a user wants to hear of, oldest first.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn watches(&self, user: UserId) -> Result<Vec<Watch>, ShopError> {
        let rows = watches::of_user(self.store.read(), user, self.now_ms()).await?;
        let watch = |row: rows::Model| {
            let choice = Choice::of_watch(&row);
            Watch {
                id: WatchId(row.id),
                country: self.country(&row.country),
                server: choice.server.as_ref().and_then(|id| self.server_number(id)),
                choice,
                service_name: row.service_name,
                limit: row.max_price.map(Money::minor),
                until: from_ms(row.expires_at_ms),
            }
        };
        Ok(rows.into_iter().map(watch).collect())
    }

    /// Forgets a watch. Doing it again changes nothing.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn unwatch(&self, user: UserId, id: WatchId) -> Result<(), ShopError> {
        self.store
            .write(move |tx| work(async move { watches::remove(tx, user, id.0).await }))
            .await
            .map_err(ShopError::from)
    }

    /// The limits below today's price that are worth a word, highest first; none while it cannot
    /// be bought.
    #[must_use]
    pub fn limits_below(&self, choice: &Choice) -> Vec<Money> {
        let Some(price) = self.price_now(choice) else {
            return Vec::new();
        };
        let step = self.catalogue().prices.usual_step();
        let mut limits: Vec<Money> = CUTS
            .iter()
            .filter_map(|percent| price.lowered(*percent, step))
            .filter(|limit| *limit < price)
            .collect();
        limits.dedup();
        limits
    }

    /// What a choice costs now; `None` while it cannot be bought.
    #[must_use]
    pub fn price_now(&self, choice: &Choice) -> Option<Money> {
        self.best_offer(choice).ok().map(|offer| offer.price)
    }
}
