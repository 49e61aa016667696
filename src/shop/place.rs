//! Buying the number of a confirmed order.
//!
//! Invariant: an attempt is on disk before its call is sent, a call is sent once, and an answer
//! that was lost stops everything until it is known what became of it.

use std::sync::Arc;

use chrono::TimeDelta;
use fail::fail_point;

use crate::domain::id::{OrderId, ProviderId};
use crate::domain::money::Money;
use crate::domain::order::{FailReason, OrderEvent, OrderState};
use crate::planted::planted;
use crate::provider::{Bought, Capabilities, Provider, ProviderError, Purchase, PurchaseAnswer};
use crate::shop::buy::delta;
use crate::shop::catalogue::Offer;
use crate::shop::notice::Notice;
use crate::shop::recovery::LOOK_AGAIN;
use crate::shop::rental;
use crate::shop::settle::{Books, Cause, Ending, settle_deadline_ms};
use crate::shop::{Shop, ShopError};
use crate::store::entity::{attempts as attempt_rows, orders as rows};
use crate::store::{StoreError, Tx, attempts, from_ms, orders, queue, to_ms, work};

/// A purchase call ends long before this; an order that is still `placing` then belongs to a
/// process that died.
const PLACING_AT_MOST: TimeDelta = TimeDelta::seconds(180);
/// A number that got no SMS is given back so long before its upstream closes it: not every
/// upstream pays back what ends by itself.
const BEFORE_THE_END: TimeDelta = TimeDelta::seconds(15);
/// After an answer was lost: long enough for the upstream to list the order.
const FIRST_DOUBT_LOOK: TimeDelta = TimeDelta::seconds(2);

/// A queued order does not try an offer again before this time is over: what upstreams say of
/// their stock is read every ten minutes, and may be wrong until then.
pub(super) const REST: TimeDelta = TimeDelta::minutes(5);

/// What one attempt led to.
enum Attempted {
    /// Nothing was bought; another offer may be tried.
    Refused,
    /// The order is where it is until something else happens.
    Settled,
}

impl Shop {
    /// Buys the number of an order that is held, trying one offer after the other as long as
    /// surely nothing was bought.
    pub(super) async fn place(&self, id: OrderId) -> Result<(), ShopError> {
        loop {
            let Some(row) = orders::find(self.store.read(), id).await? else {
                return Err(ShopError::NoSuchOrder);
            };
            if row.order_state()? != OrderState::Held {
                return Ok(());
            }
            if let Some(reason) = self.has_waited_too_long(&row) {
                return self.end(id, Ending::GaveUp(reason)).await;
            }
            // It may have been bought already, in a time that this copy of the database lacks.
            if self.recovery().is_some() {
                return self.act_later(id, to_ms(self.now() + LOOK_AGAIN)).await;
            }
            // What waits in line is looked at again once the shop opens.
            if let (Some(until_ms), Some(_)) = (row.queued_until_ms, &self.front().closed) {
                return self.act_later(id, until_ms).await;
            }
            let mut attempts = attempts::of_order(self.store.read(), id).await?;
            if row.queued_until_ms.is_some() {
                let rested_since_ms = to_ms(self.now() - REST);
                attempts.retain(|attempt| attempt.started_at_ms > rested_since_ms);
            }
            let (offer, operator_code) =
                match (self.next_offer(&row, &attempts).await?, row.queued_until_ms) {
                    (Ok(found), _) => found,
                    (Err(_), Some(until_ms)) => return self.act_later(id, until_ms).await,
                    (Err(reason), None) => return self.end(id, Ending::GaveUp(reason)).await,
                };
            match self.attempt(id, &offer, operator_code).await? {
                Attempted::Refused => {}
                Attempted::Settled => return Ok(()),
            }
        }
    }

    /// Why an order is no longer placed, if its time is over.
    fn has_waited_too_long(&self, row: &rows::Model) -> Option<FailReason> {
        match row.queued_until_ms {
            Some(until_ms) => (until_ms <= self.now_ms()).then_some(FailReason::QueuedInVain),
            None => (row.quote_until_ms < self.now_ms() && row.provider.is_none())
                .then_some(FailReason::TooLate),
        }
    }

    /// The best offer that was not tried yet and is within what the user accepted, with the
    /// operator in the upstream's spelling; or why there is none.
    async fn next_offer(
        &self,
        row: &rows::Model,
        attempts: &[attempt_rows::Model],
    ) -> Result<Result<(Offer, Option<String>), FailReason>, ShopError> {
        let doubts = attempts::in_doubt(self.store.read()).await?;
        let mut reason = last_reason(attempts);
        for (offer, operator_code) in self.offers_of_order(row).await? {
            if attempts.iter().any(|attempt| is_for(attempt, &offer)) {
                continue;
            }
            let is_limited = row.queued_until_ms.is_none() || !planted("a limit is no limit");
            let limit = if is_limited {
                Money::minor(row.price)
            } else {
                Money::MAX
            };
            let is_dearer = offer.price > limit;
            let limit = if is_dearer && self.was_accepted(row, &offer).await? {
                offer.price
            } else {
                limit
            };
            match self.obstacle(&offer, operator_code.as_deref(), limit, &doubts) {
                Some(obstacle) => {
                    reason.get_or_insert(obstacle);
                }
                None if self.lets_through(&offer) => {
                    return Ok(Ok((offer, operator_code)));
                }
                None => {
                    reason.get_or_insert(FailReason::UpstreamDown);
                }
            }
        }
        Ok(Err(reason.unwrap_or(FailReason::OutOfStock)))
    }

    /// Why an offer cannot be bought now for at most `limit`; `None` where it can.
    pub(super) fn obstacle(
        &self,
        offer: &Offer,
        operator_code: Option<&str>,
        limit: Money,
        doubts: &[attempt_rows::Model],
    ) -> Option<FailReason> {
        let in_doubt = |doubt: &attempt_rows::Model| {
            is_for(doubt, offer) && doubt.operator.as_deref() == operator_code
        };
        if !offer.in_stock() {
            Some(FailReason::OutOfStock)
        } else if !self.sells(offer) {
            Some(FailReason::UpstreamDown)
        } else if offer.price > limit {
            Some(FailReason::PriceRose)
        } else if doubts.iter().any(in_doubt) {
            Some(FailReason::UpstreamDown)
        } else {
            None
        }
    }

    async fn attempt(
        &self,
        id: OrderId,
        offer: &Offer,
        operator_code: Option<String>,
    ) -> Result<Attempted, ShopError> {
        let Some(provider) = self.providers.get(&offer.provider).map(Arc::clone) else {
            self.end(id, Ending::GaveUp(FailReason::UpstreamDown))
                .await?;
            return Ok(Attempted::Settled);
        };
        let purchase = Purchase {
            country_code: offer.country_code.clone(),
            service_code: offer.service_code.clone(),
            operator: operator_code,
            max_cost: offer.cost,
        };
        if !self
            .start_attempt(id, offer, &purchase, provider.purse())
            .await?
        {
            return Ok(Attempted::Settled);
        }
        fail_point!("C3");
        let answer = provider.buy(&purchase).await;
        fail_point!("C5");
        self.answered(id, provider.as_ref(), offer, answer).await
    }

    /// Commits `placing` before anything is sent; `false` where the order moved on meanwhile.
    async fn start_attempt(
        &self,
        id: OrderId,
        offer: &Offer,
        purchase: &Purchase,
        purse: &ProviderId,
    ) -> Result<bool, ShopError> {
        let books = self.books(Cause::Worker);
        let offer = offer.clone();
        let purchase = purchase.clone();
        let purse = Some(purse.clone()).filter(|purse| *purse != offer.provider);
        let now = self.now();
        let next_action_at_ms = to_ms(now + PLACING_AT_MOST);
        let deadline_at_ms = to_ms(now + self.terms.doubt_deadline);
        self.store
            .write(move |tx| {
                work(async move {
                    let before = orders::find_for_update(tx, id).await?;
                    if before.order_state()? != OrderState::Held {
                        return Ok(false);
                    }
                    let attempt = attempts::NewAttempt {
                        order: id,
                        provider: offer.provider.clone(),
                        purse: purse.clone(),
                        service_code: purchase.service_code,
                        country_code: purchase.country_code,
                        operator: purchase.operator,
                        cost: offer.cost.to_string(),
                        currency: offer.currency.clone(),
                        price: offer.price.as_minor(),
                        started_at_ms: books.now_ms(),
                    };
                    attempts::start(tx, attempt).await?;
                    books
                        .advance(tx, &before, OrderEvent::AttemptStarted, |row| {
                            row.provider = Some(offer.provider.0);
                            row.purse = purse.map(|purse| purse.0);
                            row.cost = Some(offer.cost.to_string());
                            row.cost_currency = Some(offer.currency);
                            row.next_action_at_ms = next_action_at_ms;
                            row.deadline_at_ms = deadline_at_ms;
                        })
                        .await?;
                    Ok::<_, StoreError>(true)
                })
            })
            .await
            .map_err(ShopError::from)
    }

    /// Writes down what the purchase call brought.
    async fn answered(
        &self,
        id: OrderId,
        provider: &dyn Provider,
        offer: &Offer,
        answer: PurchaseAnswer,
    ) -> Result<Attempted, ShopError> {
        let outcome = match answer {
            PurchaseAnswer::Bought(bought) => {
                self.spent(
                    provider.id(),
                    bought.cost.as_ref().map_or(offer.cost, |it| it.amount),
                );
                self.bought(id, provider, bought).await?;
                return Ok(Attempted::Settled);
            }
            PurchaseAnswer::NotSent(error) => ("not_sent", error),
            PurchaseAnswer::Rejected(error) => ("rejected", error),
            PurchaseAnswer::Ambiguous(error) if planted("purchase sent again") => {
                ("not_sent", error)
            }
            PurchaseAnswer::Ambiguous(error) => {
                log::warn!(
                    "order {id}: {} did not say whether it sold: {error}",
                    provider.id()
                );
                self.doubt(id).await?;
                return Ok(Attempted::Settled);
            }
        };
        let (outcome, error) = outcome;
        if error == ProviderError::NoFunds {
            self.out_of_funds(provider.id(), offer).await?;
        }
        log::info!(
            "order {id}: {} sold nothing ({outcome}): {error}",
            provider.id()
        );
        let books = self.books(Cause::Worker);
        let detail = reason_word(&error).to_owned();
        self.store
            .write(move |tx| {
                work(async move {
                    let before = orders::find_for_update(tx, id).await?;
                    attempts::close(tx, id, outcome, Some(detail), books.now_ms()).await?;
                    books
                        .advance(tx, &before, OrderEvent::AttemptRefused, |row| {
                            row.next_action_at_ms = books.now_ms();
                            row.deadline_at_ms = row.queued_until_ms.unwrap_or(row.deadline_at_ms);
                        })
                        .await?;
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .map_err(ShopError::from)?;
        Ok(Attempted::Refused)
    }

    /// The number is ours: written down, also for an order that was in doubt.
    pub(super) async fn bought(
        &self,
        id: OrderId,
        provider: &dyn Provider,
        bought: Bought,
    ) -> Result<(), ShopError> {
        let books = self.books(Cause::Worker);
        let arrival = Arrival {
            order: id,
            provider: provider.id().clone(),
            capabilities: provider.capabilities(),
            doubt_deadline: self.terms.doubt_deadline,
            cost: bought.cost.as_ref().and_then(|cost| {
                let prices = &self.catalogue().prices;
                prices.cost(cost.amount, &cost.currency).ok()
            }),
            bought,
        };
        let taken = self
            .store
            .write(move |tx| work(async move { arrive(&books, tx, arrival).await }))
            .await?;
        if taken {
            // An order in doubt was given this number from the upstream's list. They are
            // interchangeable: this one now waits for the other's.
            return self.doubt(id).await;
        }
        fail_point!("C6");
        self.wake.outbox.notify_one();
        Ok(())
    }

    /// The answer was lost: neither charged nor refunded until it is known what happened.
    pub(super) async fn doubt(&self, id: OrderId) -> Result<(), ShopError> {
        let books = self.books(Cause::Worker);
        let next_action_at_ms = to_ms(self.now() + FIRST_DOUBT_LOOK);
        self.store
            .write(move |tx| work(async move { doubt(&books, tx, id, next_action_at_ms).await }))
            .await?;
        self.rest_while_in_doubt().await?;
        self.wake.orders.notify_one();
        self.wake.outbox.notify_one();
        Ok(())
    }
}

/// A number that was bought.
struct Arrival {
    order: OrderId,
    provider: ProviderId,
    capabilities: Capabilities,
    doubt_deadline: TimeDelta,
    /// What it cost, in the wallet's currency, where the upstream said it.
    cost: Option<Money>,
    bought: Bought,
}

/// Gives a number to its order; `true` where another order has it already.
async fn arrive(books: &Books, tx: &Tx, arrival: Arrival) -> Result<bool, StoreError> {
    let (id, bought, cost) = (arrival.order, arrival.bought, arrival.cost);
    let upstream_id = bought.upstream_id.0.clone();
    let known = orders::find_by_upstream(tx, &arrival.provider, vec![upstream_id.clone()]).await?;
    if known.iter().any(|row| row.id != id.0) {
        return Ok(true);
    }
    let before = orders::find_for_update(tx, id).await?;
    let state = before.order_state()?;
    let product = before.product()?;
    let event = if product.is_paid_on_arrival() {
        OrderEvent::Delivered
    } else {
        OrderEvent::NumberBought
    };
    if state.step(event).is_err() {
        // Two looks at the upstream's list can find the same number at once.
        if before.upstream_id.as_ref() != Some(&upstream_id) {
            log::error!("order {id} got a number when it was {state} already");
        }
        return Ok(false);
    }
    let sold_for = queue::price_of_attempt(tx, id).await?;
    attempts::close(tx, id, "bought", None, books.now_ms()).await?;
    // The number's life began when the call was sent, not when it was found.
    let sent_at = from_ms(before.deadline_at_ms) - arrival.doubt_deadline;
    let sold_for = Money::minor(sold_for.unwrap_or(before.price));
    if product.is_paid_on_arrival() {
        // What cannot be given back is handed over for what was confirmed at most.
        let price = cost.map_or(sold_for, |cost| cost.max(sold_for));
        let before = books.lower_price(tx, before, price).await?;
        rental::hand_over(books, tx, &before, bought, sent_at).await?;
        return Ok(false);
    }
    let capabilities = arrival.capabilities;
    let expires_at = sent_at + delta(capabilities.lifetime) - BEFORE_THE_END;
    let cancel_from = sent_at + delta(capabilities.cancel_after);
    let after = books
        .advance(tx, &before, OrderEvent::NumberBought, |row| {
            row.upstream_id = Some(upstream_id);
            row.number = Some(bought.number);
            if let Some(cost) = bought.cost {
                row.cost = Some(cost.amount.to_string());
                row.cost_currency = Some(cost.currency);
            }
            row.can_resend = capabilities.resend;
            row.expires_at_ms = Some(to_ms(expires_at));
            row.cancel_from_ms = Some(to_ms(cancel_from));
            row.next_action_at_ms = to_ms(expires_at);
            row.deadline_at_ms = settle_deadline_ms(expires_at);
        })
        .await?;
    books.book_cost(tx, &after, false).await?;
    let after = if cost.is_some_and(|cost| cost > Money::minor(after.price)) {
        give_back(books, tx, &after).await?
    } else {
        let price = cost.map_or(sold_for, |cost| cost.max(sold_for));
        let after = books.lower_price(tx, after, price).await?;
        ring_if_queued(books, tx, &after).await?;
        after
    };
    books.notify_order(tx, &after, false).await?;
    Ok(false)
}

/// The upstream took more than the user pays: the number goes back as soon as it may, and the
/// user gets their money. An SMS that comes before that is theirs all the same.
async fn give_back(books: &Books, tx: &Tx, order: &rows::Model) -> Result<rows::Model, StoreError> {
    books
        .advance(tx, order, OrderEvent::CancelAsked, |row| {
            row.reason = Some(FailReason::PriceRose.as_str().to_owned());
            row.next_action_at_ms = row.cancel_from_ms.unwrap_or(row.next_action_at_ms);
        })
        .await
}

/// Whoever waited for a number for hours does not look at the card that says so.
async fn ring_if_queued(books: &Books, tx: &Tx, order: &rows::Model) -> Result<(), StoreError> {
    if order.queued_until_ms.is_none() {
        return Ok(());
    }
    let notice = Notice::Arrived {
        order: order.order_id(),
    };
    books.notify(tx, order.user(), &notice).await
}

/// Whether an attempt was made on an offer.
pub(super) fn is_for(attempt: &attempt_rows::Model, offer: &Offer) -> bool {
    attempt.provider == offer.provider.as_str()
        && attempt.service_code == offer.service_code
        && attempt.country_code == offer.country_code
}

async fn doubt(
    books: &Books,
    tx: &Tx,
    id: OrderId,
    next_action_at_ms: i64,
) -> Result<(), StoreError> {
    let before = orders::find_for_update(tx, id).await?;
    if before.order_state()? != OrderState::Placing {
        return Ok(());
    }
    let after = books
        .advance(tx, &before, OrderEvent::AnswerLost, |row| {
            row.next_action_at_ms = next_action_at_ms;
        })
        .await?;
    books.notify_order(tx, &after, false).await
}

/// What is kept of an error: its kind, as the reason a user would be given.
fn reason_word(error: &ProviderError) -> &'static str {
    let reason = match error {
        ProviderError::OutOfStock => FailReason::OutOfStock,
        ProviderError::PriceRose => FailReason::PriceRose,
        ProviderError::NoFunds
        | ProviderError::RateLimited { .. }
        | ProviderError::NotFound(_)
        | ProviderError::Refused(_)
        | ProviderError::Unavailable(_)
        | ProviderError::Blocked(_)
        | ProviderError::Ambiguous(_)
        | ProviderError::Protocol(_) => FailReason::UpstreamDown,
    };
    reason.as_str()
}

fn last_reason(attempts: &[attempt_rows::Model]) -> Option<FailReason> {
    FailReason::from_word(attempts.last()?.detail.as_deref()?)
}
