//! Asking an upstream about its waiting orders.
//!
//! Invariant: where the upstream lists all its orders, one call answers for all of them; where it
//! does not, each order has a pace of its own that a failure slows down and never stops.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt;

use crate::clock::Pause;
use crate::domain::id::{OrderId, UpstreamId};
use crate::domain::product::Product;
use crate::planted::planted;
use crate::provider::{Activation, ActivationState, Provider, ProviderError};
use crate::shop::rental::poll::Turns;
use crate::shop::{Shop, ShopError};
use crate::store::from_ms;
use crate::store::orders::{self, Polled};

/// How many answers are asked for or written down at once; the driver has limits of its own.
const AT_ONCE: usize = 64;
/// The longest pause after errors.
const SLOWEST: TimeDelta = TimeDelta::seconds(30);
/// An order that has waited for so long is asked for half as often.
const PATIENT_AFTER: TimeDelta = TimeDelta::minutes(5);

/// When each order, and the upstream's list, is asked for next. It may be lost: everything is
/// asked for at once then.
#[derive(Debug, Default)]
pub struct Rounds {
    orders: HashMap<OrderId, Turn>,
    list: Turn,
    /// What was written down last for each order, so that an answer that says the same again
    /// costs nothing.
    written: HashMap<OrderId, u64>,
    /// The same for rentals.
    rentals: Turns,
}

impl Rounds {
    fn forget_all_but(&mut self, waiting: &[Polled]) {
        let open: HashSet<OrderId> = waiting.iter().map(|order| order.id).collect();
        self.orders.retain(|id, _| open.contains(id));
        self.written.retain(|id, _| open.contains(id));
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Turn {
    pause: Pause,
    failures: u32,
}

impl Turn {
    fn answered(&mut self, now: DateTime<Utc>, pause: TimeDelta) {
        self.failures = 0;
        self.pause = Pause::of(now, pause);
    }

    /// Doubles the pause with each failure in a row, or waits as long as the upstream asks.
    fn failed(&mut self, now: DateTime<Utc>, interval: TimeDelta, error: &ProviderError) {
        let doubled = interval * 2_i32.pow(self.failures.min(5));
        self.failures = self.failures.saturating_add(1);
        let asked = match error {
            ProviderError::RateLimited {
                retry_after: Some(wait),
            } => TimeDelta::from_std(*wait).unwrap_or(SLOWEST),
            ProviderError::RateLimited { retry_after: None }
            | ProviderError::OutOfStock
            | ProviderError::NoFunds
            | ProviderError::PriceRose
            | ProviderError::NotFound(_)
            | ProviderError::Refused(_)
            | ProviderError::Unavailable(_)
            | ProviderError::Blocked(_)
            | ProviderError::Ambiguous(_)
            | ProviderError::Protocol(_) => TimeDelta::zero(),
        };
        let pause = doubled.min(SLOWEST).max(asked.min(TimeDelta::minutes(10)));
        self.pause = Pause::of(now, pause);
        if planted("an error ends the polling") {
            self.pause = Pause::of(now, TimeDelta::days(36_500));
        }
    }
}

impl Shop {
    /// One round of asking an upstream about everything that waits there.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn poll(
        &self,
        provider: &dyn Provider,
        rounds: &mut Rounds,
    ) -> Result<(), ShopError> {
        if provider.product() == Product::Rental {
            return self.poll_rentals(provider, &mut rounds.rentals).await;
        }
        let waiting = orders::polled(self.store.read(), provider.id()).await?;
        rounds.forget_all_but(&waiting);
        if waiting.is_empty() {
            return Ok(());
        }
        if provider.capabilities().batch_poll {
            self.poll_list(provider, waiting, rounds).await
        } else {
            self.poll_each(provider, waiting, rounds).await
        }
    }

    async fn poll_list(
        &self,
        provider: &dyn Provider,
        waiting: Vec<Polled>,
        rounds: &mut Rounds,
    ) -> Result<(), ShopError> {
        let now = self.now();
        if rounds.list.pause.holds(now) {
            return Ok(());
        }
        let list = match provider.open_orders().await {
            Ok(list) => list.unwrap_or_default(),
            Err(error) => {
                log::info!("{} gave no list of orders: {error}", provider.id());
                rounds.list.failed(now, self.terms.poll_interval, &error);
                return Ok(());
            }
        };
        rounds.list.answered(now, TimeDelta::zero());
        let mut listed: HashMap<UpstreamId, Activation> = list
            .into_iter()
            .map(|seen| (seen.upstream_id.clone(), seen))
            .collect();
        let mut missing = Vec::new();
        let mut seen = Vec::new();
        for order in waiting {
            match listed.remove(&order.upstream_id) {
                Some(activation) => seen.push((order.id, activation)),
                // A delivered order leaves the list when it is done; its own end will come.
                None if order.received && !order.awaits_another => {}
                None => missing.push(order),
            }
        }
        let written = self.write_news(seen, rounds).await;
        self.poll_each(provider, missing, rounds).await.and(written)
    }

    async fn poll_each(
        &self,
        provider: &dyn Provider,
        waiting: Vec<Polled>,
        rounds: &mut Rounds,
    ) -> Result<(), ShopError> {
        let now = self.now();
        let due: Vec<Polled> = waiting
            .into_iter()
            .filter(|order| !order.received || order.awaits_another)
            .filter(|order| {
                let turn = rounds.orders.get(&order.id);
                turn.is_none_or(|turn| !turn.pause.holds(now))
            })
            .collect();
        let mut answers = futures_util::stream::iter(due)
            .map(|order| async move {
                let answer = provider.status(&order.upstream_id).await;
                (order, answer)
            })
            .buffer_unordered(AT_ONCE);
        let interval = self.terms.poll_interval;
        let mut failed = None;
        while let Some((order, answer)) = answers.next().await {
            let turn = rounds.orders.entry(order.id).or_default();
            match answer {
                Ok(seen) => {
                    let age = now - from_ms(order.created_at_ms);
                    // Mailboxes want five to ten seconds between two looks.
                    let is_slow = provider.product() == Product::Mailbox;
                    let pause = if is_slow || age > PATIENT_AFTER {
                        interval * 2
                    } else {
                        TimeDelta::zero()
                    };
                    turn.answered(now, pause);
                    let written = self.write_news(vec![(order.id, seen)], rounds).await;
                    failed = written.err().or(failed);
                }
                Err(error) => {
                    let id = order.id;
                    log::info!("order {id}: {} gave no status: {error}", provider.id());
                    turn.failed(now, interval, &error);
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Writes down those answers that say something which was not written yet.
    async fn write_news(
        &self,
        seen: Vec<(OrderId, Activation)>,
        rounds: &mut Rounds,
    ) -> Result<(), ShopError> {
        let news: Vec<_> = seen
            .into_iter()
            .filter(|(_, seen)| seen.sms.is_some() || is_closed(&seen.state))
            .map(|(id, seen)| (id, fingerprint(&seen), seen))
            .filter(|(id, print, _)| rounds.written.get(id) != Some(print))
            .collect();
        let mut writes = futures_util::stream::iter(news)
            .map(|(id, print, seen)| async move { (id, print, self.observe(id, &seen).await) })
            .buffer_unordered(AT_ONCE);
        let mut failed = None;
        while let Some((id, print, written)) = writes.next().await {
            match written {
                Ok(()) => {
                    rounds.written.insert(id, print);
                }
                // One order that cannot be written must not keep the others from being written.
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(()), Err)
    }
}

/// Tells two answers apart without keeping what was received.
fn fingerprint(seen: &Activation) -> u64 {
    let mut hasher = DefaultHasher::new();
    seen.sms.hash(&mut hasher);
    seen.others.hash(&mut hasher);
    is_closed(&seen.state).hash(&mut hasher);
    hasher.finish()
}

const fn is_closed(state: &ActivationState) -> bool {
    match state {
        ActivationState::Cancelled | ActivationState::Finished => true,
        ActivationState::Waiting | ActivationState::Received | ActivationState::Other(_) => false,
    }
}
