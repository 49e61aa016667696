//! Orders whose purchase call was sent and whose answer was lost.
//!
//! What can tell is the upstream's own list of orders, and our balance there. Where there is no
//! list, the balance alone tells, and nothing else is bought there meanwhile.
//!
//! Invariant: nothing is bought again for an order in doubt, and its user is neither charged nor
//! refunded until there is proof, or the deadline passes.

use chrono::TimeDelta;

use crate::domain::float::Evidence;
use crate::domain::id::{OrderId, ProviderId};
use crate::domain::order::OrderState;
use crate::domain::product::Product;
use crate::planted::planted;
use crate::provider::{Activation, ActivationState, Bought, Provider};
use crate::shop::notice::Notice;
use crate::shop::settle::{self, Cause, Ending};
use crate::shop::{Shop, ShopError};
use crate::store::entity::{
    attempts as attempt_rows, discrepancies as stranger_rows, orders as rows,
};
use crate::store::{StoreError, attempts, discrepancies, orders, to_ms, work};

/// Between two looks at an upstream's list.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(10);
/// Good reads that must miss an order before it counts as never bought.
const READS_FOR_ABSENCE: i64 = 3;
/// How old a purchase call must be before its absence counts.
const AGE_FOR_ABSENCE: TimeDelta = TimeDelta::seconds(90);

impl Shop {
    /// At start: a purchase call that was under way when the process ended is in doubt.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn recover(&self) -> Result<usize, ShopError> {
        if planted("recovery forgets what was being bought") {
            return Ok(0);
        }
        self.announce_recovery().await?;
        let interrupted = orders::in_states(self.store.read(), &[OrderState::Placing]).await?;
        for row in &interrupted {
            self.doubt(row.order_id()).await?;
        }
        self.rest_while_in_doubt().await?;
        Ok(interrupted.len())
    }

    /// Nothing is bought at an upstream without a list while a purchase there is in doubt: its
    /// balance can settle one doubt, and hardly two.
    pub(super) async fn rest_while_in_doubt(&self) -> Result<(), ShopError> {
        let doubts = attempts::in_doubt(self.store.read()).await?;
        for (id, provider) in &self.providers {
            if let Some(standing) = self.standing(id) {
                let payer = provider.purse();
                let is_doubted = doubts
                    .iter()
                    .any(|it| it.provider == id.as_str() || it.is_paid_by(payer));
                standing.waits_for_proof(is_doubted && !provider.capabilities().batch_poll);
            }
        }
        Ok(())
    }

    /// Looks whether an order in doubt can be settled now.
    pub(super) async fn resolve_doubt(&self, row: &rows::Model) -> Result<(), ShopError> {
        let looked = self.look_into_doubt(row).await;
        self.rest_while_in_doubt().await?;
        looked
    }

    async fn look_into_doubt(&self, row: &rows::Model) -> Result<(), ShopError> {
        let id = row.order_id();
        let provider = row.provider.as_deref().and_then(|name| self.provider(name));
        if let Some(provider) = provider {
            match provider.open_orders().await {
                Ok(Some(list)) if row.product()? == Product::Renewal => {
                    if self.settle_renewal(provider.as_ref(), row, &list).await? {
                        return Ok(());
                    }
                }
                Ok(Some(list)) => {
                    let known = discrepancies::at(self.store.read(), provider.id()).await?;
                    let left = self.pair(provider.as_ref(), list.clone(), &known).await?;
                    if self.is_settled(id).await? {
                        return Ok(());
                    }
                    // An entry that could be this order's proves nothing about its absence.
                    let sent_at_ms =
                        row.deadline_at_ms - self.terms.doubt_deadline.num_milliseconds();
                    let may_be_ours = left
                        .iter()
                        .any(|seen| self.is_for(seen, row, sent_at_ms, &known));
                    if !may_be_ours && self.is_absent(provider.as_ref(), row, &list).await? {
                        return Ok(());
                    }
                }
                Ok(None) => {
                    let evidence = self.evidence(provider.as_ref(), &[]).await?;
                    if evidence == Some(Evidence::NoneTaken)
                        && self.was_looked_for_enough(row).await?
                    {
                        return self.absent(id).await;
                    }
                }
                Err(_) if planted("a failed read counts") => return self.absent(id).await,
                Err(error) => log::info!("order {id}: {} gave no list: {error}", provider.id()),
            }
        }
        if row.deadline_at_ms <= self.now_ms() && !planted("the deadline is ignored") {
            return self.pay_back_without_proof(row).await;
        }
        let next = to_ms(self.now() + LOOK_AGAIN).min(row.deadline_at_ms);
        self.act_later(id, next).await
    }

    async fn is_settled(&self, id: OrderId) -> Result<bool, ShopError> {
        let row = orders::find(self.store.read(), id).await?;
        Ok(match row {
            Some(row) => row.order_state()? != OrderState::InDoubt,
            None => true,
        })
    }

    /// Gives orders upstream that nobody knows to the oldest orders in doubt for the same
    /// service: they are interchangeable, since nobody has seen them. Returns those that could
    /// not be given to anybody yet.
    async fn pair(
        &self,
        provider: &dyn Provider,
        list: Vec<Activation>,
        strangers: &[stranger_rows::Model],
    ) -> Result<Vec<Activation>, ShopError> {
        let unknown = self.unknown_upstream(provider.id(), list).await?;
        let mut left = Vec::new();
        if unknown.is_empty() {
            return Ok(left);
        }
        let read = self.store.read();
        let doubts = attempts::in_doubt(read).await?;
        let placing = orders::at_provider(read, provider.id(), &[OrderState::Placing]).await?;
        let mut free: Vec<&attempt_rows::Model> = doubts
            .iter()
            .filter(|attempt| attempt.provider == provider.id().as_str())
            .collect();
        for seen in unknown {
            let mut fitting = None;
            for (index, attempt) in free.iter().enumerate() {
                let Some(order) = orders::find(read, OrderId(attempt.order_id)).await? else {
                    continue;
                };
                // A purchase of the same service that is under way may be the one in the list.
                let contested = placing.iter().any(|row| row.service_id == order.service_id);
                let sent_at_ms = attempt.started_at_ms;
                if self.is_for(&seen, &order, sent_at_ms, strangers) && !contested {
                    fitting = Some((index, order));
                    break;
                }
            }
            let (Some((index, order)), Some(number)) = (fitting, seen.number.clone()) else {
                left.push(seen);
                continue;
            };
            free.remove(index);
            log::info!("order {}: found upstream after doubt", order.id);
            let bought = Bought {
                upstream_id: seen.upstream_id.clone(),
                number,
                cost: None,
                ends: seen.ends,
            };
            self.bought(order.order_id(), provider, bought).await?;
            self.observe(order.order_id(), &seen).await?;
        }
        Ok(left)
    }

    pub(super) async fn unknown_upstream(
        &self,
        provider: &ProviderId,
        list: Vec<Activation>,
    ) -> Result<Vec<Activation>, ShopError> {
        let ids = list.iter().map(|seen| seen.upstream_id.0.clone()).collect();
        let known = orders::find_by_upstream(self.store.read(), provider, ids).await?;
        let known: std::collections::HashSet<&str> = known
            .iter()
            .filter_map(|row| row.upstream_id.as_deref())
            .collect();
        Ok(list
            .into_iter()
            .filter(|seen| {
                matches!(
                    seen.state,
                    ActivationState::Waiting | ActivationState::Received
                ) && !known.contains(seen.upstream_id.as_str())
            })
            .collect())
    }

    /// Counts a good read of the list that does not show the order; after enough of them, over
    /// enough time, nothing was bought, unless the balance says otherwise.
    pub(super) async fn is_absent(
        &self,
        provider: &dyn Provider,
        row: &rows::Model,
        listed: &[Activation],
    ) -> Result<bool, ShopError> {
        if planted("absent after one read") {
            self.absent(row.order_id()).await?;
            return Ok(true);
        }
        if !self.was_looked_for_enough(row).await? {
            return Ok(false);
        }
        match self.evidence(provider, listed).await? {
            Some(Evidence::AllTaken | Evidence::Unclear) => Ok(false),
            Some(Evidence::NoneTaken) | None => {
                self.absent(row.order_id()).await?;
                Ok(true)
            }
        }
    }

    /// Counts one more read that shows no purchase; `true` after enough of them, over enough time.
    async fn was_looked_for_enough(&self, row: &rows::Model) -> Result<bool, ShopError> {
        let id = row.order_id();
        let attempt = attempts::of_order(self.store.read(), id).await?.pop();
        let Some(attempt) = attempt else {
            return Ok(false);
        };
        self.store
            .write(move |tx| work(async move { attempts::count_good_read(tx, id).await }))
            .await?;
        let old_enough =
            attempt.started_at_ms + AGE_FOR_ABSENCE.num_milliseconds() <= self.now_ms();
        Ok(old_enough && attempt.good_reads + 1 >= READS_FOR_ABSENCE)
    }

    async fn absent(&self, id: OrderId) -> Result<(), ShopError> {
        log::info!("order {id}: surely not bought, after doubt");
        self.end(id, Ending::Absent).await
    }

    /// The deadline has passed: the user is made whole, and admins are told that a number may be
    /// left upstream.
    async fn pay_back_without_proof(&self, row: &rows::Model) -> Result<(), ShopError> {
        let id = row.order_id();
        let notice = Notice::PossibleOrphan {
            order: id,
            provider: row.provider.clone().unwrap_or_default(),
            cost: format!(
                "{} {}",
                row.cost.as_deref().unwrap_or("?"),
                row.cost_currency.as_deref().unwrap_or_default()
            ),
        };
        let books = self.books(Cause::Worker);
        let admins = self.admins();
        let ended = self
            .store
            .write(move |tx| {
                work(async move {
                    // Another order's look at the list may have found this one's number.
                    if !settle::end(&books, tx, id, Ending::NoProof).await? {
                        return Ok(false);
                    }
                    for admin in admins {
                        books.notify(tx, admin, &notice).await?;
                    }
                    Ok::<_, StoreError>(true)
                })
            })
            .await?;
        if ended {
            log::warn!("order {id}: paid back without proof; a number may be left upstream");
        }
        self.wake.outbox.notify_one();
        Ok(())
    }

    /// Whether an order upstream can be this one, whose call was sent at `sent_at_ms`: by its
    /// service (one that does not say can be any), and unless it stood there before.
    pub(super) fn is_for(
        &self,
        seen: &Activation,
        row: &rows::Model,
        sent_at_ms: i64,
        strangers: &[stranger_rows::Model],
    ) -> bool {
        let fits = self.is_such(seen, row, sent_at_ms);
        let stood_before = strangers.iter().any(|stranger| {
            stranger.upstream_id == seen.upstream_id.as_str() && stranger.first_seen_ms < sent_at_ms
        });
        fits && !stood_before
    }

    /// Whether what an upstream lists is such a thing as an order wants.
    fn is_such(&self, seen: &Activation, row: &rows::Model, sent_at_ms: i64) -> bool {
        let market = &self.terms.market;
        let name = seen
            .service_name
            .as_deref()
            .filter(|_| !planted("any number will do"));
        match row.product() {
            Ok(Product::Activation) => {
                let wanted = market.service_key(&row.service_name);
                name.is_none_or(|name| market.service_key(name) == wanted)
            }
            Ok(Product::Mailbox) => {
                let key = |name: &str| market.service_or_site("", name, name).key;
                let domain = row.operator.as_deref();
                let address = seen.number.as_deref().and_then(|it| it.split_once('@'));
                name.is_none_or(|name| key(name) == key(&row.service_name))
                    && domain.is_none_or(|domain| address.is_some_and(|it| it.1 == domain))
            }
            Ok(Product::Rental) => self.is_such_rental(seen, row, sent_at_ms),
            // More time is no entry of its own.
            Ok(Product::Renewal) | Err(_) => false,
        }
    }
}
