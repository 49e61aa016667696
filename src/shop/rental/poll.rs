//! Asking an upstream about its rentals: one list for the states of all, and each inbox at a pace
//! of its own.
//!
//! Invariant: however many rentals there are, a round asks for a bounded number of inboxes, those
//! first that have waited longest for their turn.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt;

use super::ends;
use crate::clock::Pause;
use crate::domain::id::{OrderId, UpstreamId};
use crate::planted::planted;
use crate::provider::desk::rentals::{moved, written};
use crate::provider::rental::RentalSms;
use crate::provider::{Activation, ActivationState, Provider};
use crate::shop::settle::{Books, Cause};
use crate::shop::{Shop, ShopError};
use crate::store::rentals::Tended;
use crate::store::{StoreError, Tx, from_ms, orders, rentals, work};

/// So many inboxes are asked for in one round: what an upstream's usual pace allows between two.
const INBOXES_PER_ROUND: usize = 16;
/// How many of them at once; the driver has limits of its own.
const AT_ONCE: usize = 4;
/// Between two readings of the list, in polling intervals.
const LIST_INTERVALS: i32 = 20;
/// How often an inbox is asked for, in polling intervals, by how long it has been quiet.
const PACES: [(TimeDelta, i32); 3] = [
    (TimeDelta::minutes(15), 2),
    (TimeDelta::hours(2), 10),
    (TimeDelta::days(1), 40),
];
/// The pace of those that have been quiet for longer.
const QUIET_INTERVALS: i32 = 100;

/// When each inbox, and the list, is asked for next. It may be lost: everything is asked for then.
#[derive(Debug, Default)]
pub(in crate::shop) struct Turns {
    list: Pause,
    asked: HashMap<OrderId, DateTime<Utc>>,
    /// What each inbox held when it was last written down.
    written: HashMap<OrderId, u64>,
}

impl Turns {
    fn forget_all_but(&mut self, running: &[Tended]) {
        let open: HashSet<OrderId> = running.iter().map(|rental| rental.id).collect();
        self.asked.retain(|id, _| open.contains(id));
        self.written.retain(|id, _| open.contains(id));
    }

    /// How far an inbox is beyond its turn, in hundredths of its pause; `None` before it.
    fn overdue(&self, rental: &Tended, now: DateTime<Utc>, interval: TimeDelta) -> Option<i64> {
        let lively_ms = rental.last_sms_at_ms.unwrap_or(0).max(rental.created_at_ms);
        let quiet = now - from_ms(lively_ms);
        let pace = PACES.iter().find(|(at_most, _)| quiet <= *at_most);
        let pause = interval * pace.map_or(QUIET_INTERVALS, |(_, intervals)| *intervals);
        let Some(asked) = self.asked.get(&rental.id).filter(|asked| **asked <= now) else {
            return Some(i64::MAX);
        };
        let waited = (now - *asked).num_milliseconds();
        let pause = pause.num_milliseconds().max(1);
        (waited >= pause).then(|| waited.saturating_mul(100) / pause)
    }
}

impl Shop {
    /// One round of asking an upstream about everything that is rented there.
    pub(in crate::shop) async fn poll_rentals(
        &self,
        provider: &dyn Provider,
        turns: &mut Turns,
    ) -> Result<(), ShopError> {
        let running = rentals::tended(self.store.read(), provider.id()).await?;
        turns.forget_all_but(&running);
        if running.is_empty() {
            return Ok(());
        }
        let (now, interval) = (self.now(), self.terms.poll_interval);
        if !turns.list.holds(now) {
            turns.list = Pause::of(now, interval * LIST_INTERVALS);
            self.look_at_ends(provider, &running).await?;
        }
        let mut due: Vec<(i64, Tended)> = running
            .into_iter()
            .filter_map(|rental| Some((turns.overdue(&rental, now, interval)?, rental)))
            .collect();
        due.sort_by_key(|(overdue, rental)| Reverse((*overdue, rental.last_sms_at_ms)));
        due.truncate(INBOXES_PER_ROUND);
        let mut answers = futures_util::stream::iter(due)
            .map(
                |(_, rental)| async move { (rental.id, provider.inbox(&rental.upstream_id).await) },
            )
            .buffer_unordered(AT_ONCE);
        while let Some((id, answer)) = answers.next().await {
            turns.asked.insert(id, now);
            match answer {
                Ok(messages) => {
                    let print = fingerprint(&messages);
                    let known = turns.written.get(&id);
                    let is_known =
                        known.is_some_and(|it| *it == print || planted("an inbox is read once"));
                    if !is_known {
                        self.take_in(id, messages).await?;
                        turns.written.insert(id, print);
                    }
                }
                Err(error) => {
                    log::info!("order {id}: {} gave no inbox: {error}", provider.id());
                }
            }
        }
        Ok(())
    }

    /// Reads the list: rentals that ended there have ended, and an end that moved has moved.
    async fn look_at_ends(
        &self,
        provider: &dyn Provider,
        running: &[Tended],
    ) -> Result<(), ShopError> {
        let list = match provider.open_orders().await {
            Ok(list) => list.unwrap_or_default(),
            Err(error) => {
                log::info!("{} gave no list of rentals: {error}", provider.id());
                return Ok(());
            }
        };
        let listed: HashMap<UpstreamId, Activation> = list
            .into_iter()
            .map(|seen| (seen.upstream_id.clone(), seen))
            .collect();
        for rental in running {
            let Some(seen) = listed.get(&rental.upstream_id) else {
                continue;
            };
            let is_over = match seen.state {
                ActivationState::Finished | ActivationState::Cancelled => true,
                ActivationState::Waiting
                | ActivationState::Received
                | ActivationState::Other(_) => false,
            };
            let end = seen.ends.map(written);
            let is_news = end.is_some() && end != rental.end_written;
            let read = self.store.read();
            // A renewal that is under way has its own eyes on the end.
            if (is_over || is_news) && rentals::open_renewal(read, rental.id).await?.is_none() {
                if is_over {
                    self.observe(rental.id, seen).await?;
                } else {
                    self.note_end(rental.id, end).await?;
                }
            }
        }
        Ok(())
    }

    async fn note_end(&self, id: OrderId, end: Option<String>) -> Result<(), ShopError> {
        let books = self.books(Cause::Worker);
        self.store
            .write(move |tx| work(async move { note_end(&books, tx, id, end).await }))
            .await?;
        self.wake.orders.notify_one();
        self.wake.outbox.notify_one();
        Ok(())
    }
}

/// Writes an end as the upstream lists it. The first reading says nothing new; a later one moves
/// the end by as much as the upstream moved it.
async fn note_end(
    books: &Books,
    tx: &Tx,
    id: OrderId,
    end: Option<String>,
) -> Result<(), StoreError> {
    let before = orders::find_for_update(tx, id).await?;
    let mut rental = rentals::find(tx, id).await?;
    let known = rental.end_written.take();
    let by = known.as_deref().zip(end.as_deref());
    let by = by.and_then(|(known, end)| moved(known, end));
    rental.end_written = end;
    if let (Some(by), Some(ends_at_ms)) = (by, before.expires_at_ms) {
        log::info!("order {id}: its upstream moved the rental's end");
        let after = orders::change(tx, &before, books.now_ms(), |row| {
            ends(row, from_ms(ends_at_ms) + by, books.now_ms());
        })
        .await?;
        rental.reminded_hours = None;
        books.notify_order(tx, &after, false).await?;
    }
    rentals::put(tx, rental).await
}

/// Tells two inboxes apart without keeping what was received.
fn fingerprint(messages: &[RentalSms]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for message in messages {
        message.text.hash(&mut hasher);
        message.at.hash(&mut hasher);
    }
    hasher.finish()
}
