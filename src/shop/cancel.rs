//! What the upstream is asked for an order that has its number: cancel, another SMS, done, expiry.
//!
//! Invariant: money goes back only when the upstream says that the order is closed without an
//! SMS, or when the deadline that the user was shown has passed. An SMS that came meanwhile wins.

use std::sync::Arc;

use chrono::TimeDelta;
use fail::fail_point;

use crate::domain::id::{OrderId, ProviderId, UpstreamId};
use crate::domain::order::OrderState;
use crate::domain::product::Product;
use crate::planted::planted;
use crate::provider::{ActivationState, CancelAnswer, Provider, ProviderError};
use crate::shop::settle::Ending;
use crate::shop::{Shop, ShopError};
use crate::store::entity::orders as rows;
use crate::store::{StoreError, from_ms, orders, to_ms, work};

/// How long to wait before a refused cancellation is asked for again.
const CANCEL_AGAIN: TimeDelta = TimeDelta::seconds(15);
/// How long to wait after an upstream did not answer, or while too many wait for it.
const ASK_AGAIN: TimeDelta = TimeDelta::seconds(5);

/// What the upstream says in the end.
enum Verdict {
    /// Still open, without an SMS.
    Open,
    /// Closed without an SMS: our money came back.
    Closed,
    /// An SMS came; it is written down.
    Delivered,
    /// It could not be asked.
    Unknown,
}

impl Shop {
    /// Does what is due for an order; called by the worker when its time has come.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`]; the order stays due.
    pub async fn act(&self, id: OrderId) -> Result<(), ShopError> {
        let Some(row) = orders::find(self.store.read(), id).await? else {
            return Err(ShopError::NoSuchOrder);
        };
        let time_is_up = row.expires_at_ms.is_some_and(|at| at <= self.now_ms());
        if self.must_wait_its_turn(&row)? {
            return self.act_later(id, to_ms(self.now() + ASK_AGAIN)).await;
        }
        match row.order_state()? {
            OrderState::Held => self.place(id).await,
            OrderState::Placing => self.doubt(id).await,
            OrderState::InDoubt => self.resolve_doubt(&row).await,
            OrderState::Received if row.product()? == Product::Rental => self.tend(&row).await,
            OrderState::Waiting | OrderState::Cancelling if time_is_up => self.expire(&row).await,
            OrderState::Cancelling => self.cancel_upstream(&row).await,
            OrderState::Received if time_is_up => {
                self.end(id, Ending::TimeUp { refunded: false }).await
            }
            OrderState::Received => self.ask_another(&row).await,
            OrderState::Waiting => {
                self.act_later(id, row.expires_at_ms.unwrap_or(i64::MAX))
                    .await
            }
            OrderState::Quoted => Err(ShopError::WrongState(OrderState::Quoted)),
            OrderState::Completed
            | OrderState::Cancelled
            | OrderState::Expired
            | OrderState::Failed => Ok(()),
        }
    }

    /// Whether what is due for an order asks an upstream at which too many wait already.
    fn must_wait_its_turn(&self, row: &rows::Model) -> Result<bool, ShopError> {
        let asks = matches!(
            row.order_state()?,
            OrderState::InDoubt
                | OrderState::Waiting
                | OrderState::Cancelling
                | OrderState::Received
        );
        let upstream = row.provider.as_deref().map(ProviderId::from);
        Ok(asks && upstream.is_some_and(|upstream| self.is_crowded(&upstream)))
    }

    /// The upstream of an order and the order's id there.
    fn upstream(&self, row: &rows::Model) -> Option<(Arc<dyn Provider>, UpstreamId)> {
        let provider = self.provider(row.provider.as_deref()?)?;
        let id = row.upstream_id.as_deref()?;
        Some((Arc::clone(provider), UpstreamId::from(id)))
    }

    async fn cancel_upstream(&self, row: &rows::Model) -> Result<(), ShopError> {
        let id = row.order_id();
        let Some((provider, upstream_id)) = self.upstream(row) else {
            return self.upstream_missing(row).await;
        };
        let answer = provider.cancel(&upstream_id).await;
        fail_point!("C11");
        let verdict = match answer {
            Ok(CancelAnswer::Cancelled) => Verdict::Closed,
            Ok(CancelAnswer::Delivered(seen)) => {
                self.observe(id, &seen).await?;
                Verdict::Delivered
            }
            Ok(CancelAnswer::NotNow | CancelAnswer::AlreadyClosed) => {
                self.ask(row, provider.as_ref(), &upstream_id).await?
            }
            Err(error) => {
                log::info!("order {id}: {} did not cancel yet: {error}", provider.id());
                self.ask(row, provider.as_ref(), &upstream_id).await?
            }
        };
        match verdict {
            Verdict::Closed => self.end(id, Ending::ClosedUpstream).await,
            Verdict::Delivered => Ok(()),
            Verdict::Open if planted("cancelled before the upstream agreed") => {
                self.end(id, Ending::ClosedUpstream).await
            }
            Verdict::Open => {
                let allowed = row.cancel_from_ms.map(from_ms).unwrap_or_default();
                let next = allowed.max(self.now() + CANCEL_AGAIN);
                self.act_later(id, to_ms(next)).await
            }
            Verdict::Unknown => self.act_later(id, to_ms(self.now() + ASK_AGAIN)).await,
        }
    }

    /// The number's time is over. The upstream is asked one last time, told to close the order,
    /// and the user gets the SMS that came, or the money.
    async fn expire(&self, row: &rows::Model) -> Result<(), ShopError> {
        let id = row.order_id();
        let Some((provider, upstream_id)) = self.upstream(row) else {
            return self.upstream_missing(row).await;
        };
        match self.ask(row, provider.as_ref(), &upstream_id).await? {
            Verdict::Delivered => Ok(()),
            Verdict::Closed => self.end(id, Ending::TimeUp { refunded: true }).await,
            Verdict::Open => {
                let cancelled = provider.cancel(&upstream_id).await;
                if let Ok(CancelAnswer::Delivered(seen)) = &cancelled {
                    return self.observe(id, seen).await;
                }
                let refunded = matches!(cancelled, Ok(CancelAnswer::Cancelled));
                if refunded || self.ask_is_hopeless(row) {
                    return self.end(id, Ending::TimeUp { refunded }).await;
                }
                self.act_later(id, to_ms(self.now() + ASK_AGAIN)).await
            }
            Verdict::Unknown if self.ask_is_hopeless(row) => {
                self.end(id, Ending::TimeUp { refunded: false }).await
            }
            Verdict::Unknown => self.act_later(id, to_ms(self.now() + ASK_AGAIN)).await,
        }
    }

    /// Whether the deadline that the user was shown has passed.
    fn ask_is_hopeless(&self, row: &rows::Model) -> bool {
        row.deadline_at_ms <= self.now_ms()
    }

    /// The order's upstream is no longer configured: nobody can be asked, so the deadline decides.
    async fn upstream_missing(&self, row: &rows::Model) -> Result<(), ShopError> {
        let id = row.order_id();
        if self.ask_is_hopeless(row) {
            return self.end(id, Ending::TimeUp { refunded: false }).await;
        }
        log::warn!("order {id}: its upstream is switched off; it waits for its deadline");
        self.act_later(id, row.deadline_at_ms).await
    }

    /// Asks for the status and writes down an SMS that came.
    async fn ask(
        &self,
        row: &rows::Model,
        provider: &dyn Provider,
        upstream_id: &UpstreamId,
    ) -> Result<Verdict, ShopError> {
        match provider.status(upstream_id).await {
            Ok(seen) => {
                if seen
                    .sms
                    .as_deref()
                    .is_some_and(|text| !text.trim().is_empty())
                {
                    fail_point!("C12");
                    self.observe(row.order_id(), &seen).await?;
                    return Ok(Verdict::Delivered);
                }
                Ok(match seen.state {
                    ActivationState::Cancelled => Verdict::Closed,
                    ActivationState::Waiting
                    | ActivationState::Received
                    | ActivationState::Finished
                    | ActivationState::Other(_) => Verdict::Open,
                })
            }
            Err(ProviderError::NotFound(_)) => Ok(Verdict::Closed),
            Err(error) => {
                log::info!(
                    "order {}: {} gave no status: {error}",
                    row.id,
                    provider.id()
                );
                Ok(Verdict::Unknown)
            }
        }
    }

    /// Tells the upstream that a further SMS is wanted.
    async fn ask_another(&self, row: &rows::Model) -> Result<(), ShopError> {
        let id = row.order_id();
        let at_end = row.expires_at_ms.unwrap_or(row.deadline_at_ms);
        if !row.awaits_another {
            return self.act_later(id, at_end).await;
        }
        let Some((provider, upstream_id)) = self.upstream(row) else {
            return self.act_later(id, at_end).await;
        };
        match provider.resend(&upstream_id).await {
            Ok(()) => self.act_later(id, at_end).await,
            Err(error @ (ProviderError::Refused(_) | ProviderError::NotFound(_))) => {
                log::info!(
                    "order {id}: {} sends no further SMS: {error}",
                    provider.id()
                );
                self.no_more_sms(id, at_end).await
            }
            Err(error) => {
                log::info!(
                    "order {id}: {} was not told to resend: {error}",
                    provider.id()
                );
                self.act_later(id, to_ms(self.now() + ASK_AGAIN)).await
            }
        }
    }

    async fn no_more_sms(&self, id: OrderId, next_action_at_ms: i64) -> Result<(), ShopError> {
        let books = self.books(crate::shop::settle::Cause::Worker);
        self.store
            .write(move |tx| {
                work(async move {
                    let before = orders::find_for_update(tx, id).await?;
                    if before.order_state()?.is_final() {
                        return Ok(());
                    }
                    let after = orders::change(tx, &before, books.now_ms(), |row| {
                        row.awaits_another = false;
                        row.can_resend = false;
                        row.next_action_at_ms = next_action_at_ms;
                    })
                    .await?;
                    books.notify_order(tx, &after, false).await
                })
            })
            .await?;
        self.wake.outbox.notify_one();
        Ok(())
    }

    pub(super) async fn act_later(&self, id: OrderId, at_ms: i64) -> Result<(), ShopError> {
        let now_ms = self.now_ms();
        self.store
            .write(move |tx| {
                work(async move {
                    let before = orders::find_for_update(tx, id).await?;
                    if !before.order_state()?.is_final() {
                        orders::change(tx, &before, now_ms, |row| row.next_action_at_ms = at_ms)
                            .await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .map_err(ShopError::from)
    }

    /// Tells the upstream that an order is done. Nothing depends on its answer: the order is
    /// closed here already, and the upstream closes it by itself when the number's time is over.
    pub(super) fn tell_finished(&self, row: &rows::Model) {
        let Some((provider, upstream_id)) = self.upstream(row) else {
            return;
        };
        if !provider.capabilities().finish {
            return;
        }
        let id = row.order_id();
        tokio::spawn(async move {
            if let Err(error) = provider.finish(&upstream_id).await {
                log::info!(
                    "order {id}: {} was not told that it is done: {error}",
                    provider.id()
                );
            }
        });
    }
}
