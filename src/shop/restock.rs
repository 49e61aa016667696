//! Something may be in stock again: who is served, and who is told.
//!
//! Invariant: the oldest first, and no more of them than there are numbers. Orders that wait come
//! before people who only want to hear. Nothing is bought here: an order is made due, and then
//! goes the way of every order; so whatever a crash cuts off is simply done at the next look.

use std::collections::HashMap;

use chrono::TimeDelta;

use crate::domain::id::{OrderId, UserId};
use crate::domain::money::Money;
use crate::planted::planted;
use crate::shop::buy::Choice;
use crate::shop::catalogue::{Catalogue, Offer};
use crate::shop::notice::Notice;
use crate::shop::place::{REST, is_for};
use crate::shop::settle::Cause;
use crate::shop::{Shop, ShopError};
use crate::store::entity::attempts as attempt_rows;
use crate::store::entity::watches as watch_rows;
use crate::store::{StoreError, attempts, queue, to_ms, watches, work};

/// Who was told of a number has this long to buy it before the next one is told.
const TOLD_FOR: TimeDelta = TimeDelta::minutes(10);
/// As many are served at once where an upstream does not say how many numbers it has…
const UNKNOWN_STOCK: u64 = 5;
/// …and where it has more than this.
const AT_ONCE: u64 = 50;
/// So many of those who wait are looked at in one round.
const LOOKED_AT: u64 = 5_000;

/// What is left of each offer for those who wait.
#[derive(Default)]
struct Shelf {
    /// What was bought, or is being bought, since its upstream was read.
    sold: Vec<attempt_rows::Model>,
    left: HashMap<(String, String, String), u64>,
}

impl Shelf {
    /// Sets one number of an offer aside, if there is one.
    fn take(&mut self, offer: &Offer) -> bool {
        let key = (
            offer.provider.0.clone(),
            offer.country_code.clone(),
            offer.service_code.clone(),
        );
        let left = self.left.entry(key).or_insert_with(|| {
            let sold = self.sold.iter().filter(|attempt| is_for(attempt, offer));
            let stock = offer.stock.unwrap_or(UNKNOWN_STOCK);
            stock.saturating_sub(sold.count() as u64).min(AT_ONCE)
        });
        let is_there = *left > 0;
        *left = left.saturating_sub(1);
        is_there
    }
}

/// What was known when a round began.
struct Round {
    doubts: Vec<attempt_rows::Model>,
    /// What upstreams lately refused to sell, whatever they list.
    refused: Vec<attempt_rows::Model>,
    shelf: Shelf,
}

/// The most that somebody who waits for news wants to pay.
fn limit_of(watch: &watch_rows::Model) -> Money {
    watch.max_price.map_or(Money::MAX, Money::minor)
}

/// Splits attempts into those that were refused lately and those that took a number off the stock
/// that was last read.
fn split(
    latest: Vec<attempt_rows::Model>,
    catalogue: &Catalogue,
    lately_ms: i64,
) -> (Vec<attempt_rows::Model>, Vec<attempt_rows::Model>) {
    let read_at: HashMap<(&str, &str), i64> = catalogue
        .readings
        .iter()
        .map(|it| {
            (
                (it.provider.as_str(), it.country_code.as_str()),
                to_ms(it.read_at),
            )
        })
        .collect();
    let (mut refused, mut sold) = (Vec::new(), Vec::new());
    for attempt in latest {
        let place = (attempt.provider.as_str(), attempt.country_code.as_str());
        match attempt.outcome.as_deref() {
            Some("rejected" | "not_sent") => {
                if attempt.closed_at_ms.is_some_and(|at| at > lately_ms) {
                    refused.push(attempt);
                }
            }
            _ => {
                if read_at
                    .get(&place)
                    .is_some_and(|at| attempt.started_at_ms > *at)
                {
                    sold.push(attempt);
                }
            }
        }
    }
    (refused, sold)
}

impl Shop {
    /// Serves those who wait for something that can be bought now.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn restock(&self) -> Result<(), ShopError> {
        if self.front().closed.is_some() {
            return Ok(());
        }
        let read = self.store.read();
        let now_ms = self.now_ms();
        let queued = queue::waiting(read, LOOKED_AT).await?;
        let watched = watches::live(read, now_ms, LOOKED_AT).await?;
        if queued.is_empty() && watched.is_empty() {
            return Ok(());
        }
        let latest = queue::latest_attempts(read).await?;
        let (refused, sold) = split(latest, &self.catalogue(), to_ms(self.now() - REST));
        let mut round = Round {
            doubts: attempts::in_doubt(read).await?,
            refused,
            shelf: Shelf {
                sold,
                ..Shelf::default()
            },
        };
        let mut due = Vec::new();
        for row in &queued {
            let is_there = self.is_there(&mut round, &Choice::of(row), Money::minor(row.price));
            // What is due already takes its number from the shelf, too.
            if is_there && row.next_action_at_ms > now_ms {
                due.push(row.order_id());
            }
        }
        // Those who were told lately were told of a number each.
        let (told, waiting): (Vec<_>, Vec<_>) =
            watched.iter().partition(|row| row.told_at_ms.is_some());
        for row in told {
            self.is_there(&mut round, &Choice::of_watch(row), limit_of(row));
        }
        let mut news = Vec::new();
        for row in waiting {
            let choice = Choice::of_watch(row);
            // The best offer need not be the cheapest, and it is what a tap on the news shows.
            let price = self.price_now(&choice);
            let limit = limit_of(row);
            if price.is_some_and(|price| price <= limit)
                && self.is_there(&mut round, &choice, limit)
            {
                let notice = Notice::Available {
                    choice,
                    service_name: row.service_name.clone(),
                    limit: row.max_price.map(Money::minor),
                };
                news.push((row.id, UserId(row.user_id), notice));
            }
        }
        self.serve(due, news).await
    }

    /// Whether a number of this choice can be bought for at most `limit`; it is set aside then.
    fn is_there(&self, round: &mut Round, choice: &Choice, limit: Money) -> bool {
        let catalogue = self.catalogue();
        let offers = self.offers_for(&catalogue, choice).unwrap_or_default();
        offers.into_iter().any(|offer| {
            let operator = choice.operator.as_deref();
            let code = operator.and_then(|name| catalogue.operator_code(offer, name));
            let refused = round.refused.iter().any(|attempt| is_for(attempt, offer));
            let obstacle = self.obstacle(offer, code, limit, &round.doubts);
            !refused && obstacle.is_none() && round.shelf.take(offer)
        })
    }

    async fn serve(
        &self,
        due: Vec<OrderId>,
        news: Vec<(i64, UserId, Notice)>,
    ) -> Result<(), ShopError> {
        if due.is_empty() && news.is_empty() {
            return Ok(());
        }
        log::info!(
            "{} waiting orders can be bought, {} people are told of something",
            due.len(),
            news.len()
        );
        let books = self.books(Cause::Worker);
        let times = [self.now_ms(), to_ms(self.now() + TOLD_FOR)];
        self.store
            .write(move |tx| {
                work(async move {
                    let forgets = planted("who waits is forgotten");
                    for id in due.into_iter().filter(|_| !forgets) {
                        queue::make_due(tx, id, books.now_ms()).await?;
                    }
                    for (id, user, notice) in news {
                        if watches::mark_told(tx, id, times).await? {
                            books.notify(tx, user, &notice).await?;
                        }
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await?;
        self.wake.orders.notify_one();
        self.wake.outbox.notify_one();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::Decimal;

    fn offer(service_code: &str, stock: Option<u64>) -> Offer {
        Offer {
            provider: "alpha".into(),
            country_code: "6".to_owned(),
            service_code: service_code.to_owned(),
            cost: Decimal::ONE,
            currency: "IDR".to_owned(),
            cost_in_wallet: Money::minor(1),
            price: Money::minor(2),
            was: None,
            stock,
        }
    }

    #[test]
    fn a_shelf_gives_what_there_is_and_never_too_much_at_once() {
        let cases = [
            (offer("a", Some(3)), 2),
            (offer("b", Some(0)), 0),
            (offer("c", None), UNKNOWN_STOCK),
            (offer("d", Some(u64::MAX)), AT_ONCE),
        ];
        let sold_one = attempt_rows::Model {
            id: 1,
            order_id: 1,
            provider: "alpha".to_owned(),
            purse: None,
            service_code: "a".to_owned(),
            country_code: "6".to_owned(),
            operator: None,
            cost: "1".to_owned(),
            currency: "IDR".to_owned(),
            price: None,
            started_at_ms: 1,
            good_reads: 0,
            outcome: None,
            detail: None,
            closed_at_ms: None,
        };
        let mut shelf = Shelf {
            sold: vec![sold_one],
            ..Shelf::default()
        };
        for (offer, expected) in cases {
            let taken = (0..100).filter(|_| shelf.take(&offer)).count();
            assert_eq!(taken as u64, expected, "{offer:?}");
        }
    }
}
