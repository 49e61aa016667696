//! Asking an upstream about its waiting orders.
//!
//! Invariant: where the upstream lists all its orders, one call answers for all of them; where it
//! does not, each order has a pace of its own that a failure slows down and never stops.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt;

use crate::domain::id::{OrderId, UpstreamId};
use crate::domain::order::OrderState;
use crate::provider::{Activation, ActivationState, Provider, ProviderError};
use crate::shop::{Shop, ShopError};
use crate::store::entity::orders as rows;
use crate::store::{from_ms, orders};

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
}

#[derive(Clone, Copy, Debug, Default)]
struct Turn {
    not_before: DateTime<Utc>,
    failures: u32,
}

impl Turn {
    fn answered(&mut self, now: DateTime<Utc>, pause: TimeDelta) {
        self.failures = 0;
        self.not_before = now + pause;
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
            | ProviderError::NotFound(_)
            | ProviderError::Refused(_)
            | ProviderError::Unavailable(_)
            | ProviderError::Blocked(_)
            | ProviderError::Ambiguous(_)
            | ProviderError::Protocol(_) => TimeDelta::zero(),
        };
        self.not_before = now + doubled.min(SLOWEST).max(asked.min(TimeDelta::minutes(10)));
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
        let waiting = orders::at_provider(
            self.store.read(),
            provider.id(),
            &[
                OrderState::Waiting,
                OrderState::Cancelling,
                OrderState::Received,
            ],
        )
        .await?;
        let open: HashSet<OrderId> = waiting.iter().map(rows::Model::order_id).collect();
        rounds.orders.retain(|id, _| open.contains(id));
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
        waiting: Vec<rows::Model>,
        rounds: &mut Rounds,
    ) -> Result<(), ShopError> {
        let now = self.now();
        if rounds.list.not_before > now {
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
        let listed: HashMap<&str, &Activation> = list
            .iter()
            .map(|seen| (seen.upstream_id.as_str(), seen))
            .collect();
        let mut missing = Vec::new();
        let mut news = Vec::new();
        for row in waiting {
            match row.upstream_id.as_deref().and_then(|id| listed.get(id)) {
                Some(seen) => news.push((row, Activation::clone(seen))),
                // A delivered order leaves the list when it is done; its own end will come.
                None if row.state == OrderState::Received.as_str() && !row.awaits_another => {}
                None => missing.push(row),
            }
        }
        let written = self.write_news(news).await;
        self.poll_each(provider, missing, rounds).await.and(written)
    }

    async fn poll_each(
        &self,
        provider: &dyn Provider,
        waiting: Vec<rows::Model>,
        rounds: &mut Rounds,
    ) -> Result<(), ShopError> {
        let now = self.now();
        let due: Vec<rows::Model> = waiting
            .into_iter()
            .filter(|row| row.state != OrderState::Received.as_str() || row.awaits_another)
            .filter(|row| {
                let turn = rounds.orders.get(&row.order_id());
                turn.is_none_or(|turn| turn.not_before <= now)
            })
            .collect();
        let mut answers = futures_util::stream::iter(due)
            .map(|row| async move {
                let id = UpstreamId::from(row.upstream_id.as_deref().unwrap_or_default());
                let answer = provider.status(&id).await;
                (row, answer)
            })
            .buffer_unordered(AT_ONCE);
        let interval = self.terms.poll_interval;
        let mut failed = None;
        while let Some((row, answer)) = answers.next().await {
            let turn = rounds.orders.entry(row.order_id()).or_default();
            match answer {
                Ok(seen) => {
                    let age = now - from_ms(row.created_at_ms);
                    let pause = if age > PATIENT_AFTER {
                        interval * 2
                    } else {
                        TimeDelta::zero()
                    };
                    turn.answered(now, pause);
                    let written = self.write_news(vec![(row, seen)]).await;
                    failed = written.err().or(failed);
                }
                Err(error) => {
                    log::info!(
                        "order {}: {} gave no status: {error}",
                        row.id,
                        provider.id()
                    );
                    turn.failed(now, interval, &error);
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Writes down those answers that say something new.
    async fn write_news(&self, seen: Vec<(rows::Model, Activation)>) -> Result<(), ShopError> {
        let with_sms: Vec<i64> = seen
            .iter()
            .filter(|(row, seen)| row.state == OrderState::Received.as_str() && seen.sms.is_some())
            .map(|(row, _)| row.id)
            .collect();
        let known: HashSet<(i64, String)> = if with_sms.is_empty() {
            HashSet::new()
        } else {
            orders::sms_of(self.store.read(), with_sms)
                .await?
                .into_iter()
                .map(|sms| (sms.order_id, sms.text))
                .collect()
        };
        let news = seen.into_iter().filter(|(row, seen)| {
            let new_sms = seen
                .sms
                .as_ref()
                .is_some_and(|text| !known.contains(&(row.id, text.clone())));
            new_sms || is_closed(&seen.state)
        });
        let mut written = futures_util::stream::iter(news)
            .map(|(row, seen)| async move { self.observe(row.order_id(), &seen).await })
            .buffer_unordered(AT_ONCE);
        let mut failed = None;
        while let Some(result) = written.next().await {
            // One order that cannot be written must not keep the others from being written.
            failed = result.err().or(failed);
        }
        failed.map_or(Ok(()), Err)
    }
}

const fn is_closed(state: &ActivationState) -> bool {
    match state {
        ActivationState::Cancelled | ActivationState::Finished => true,
        ActivationState::Waiting | ActivationState::Received | ActivationState::Other(_) => false,
    }
}
