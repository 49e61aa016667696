//! Our orders against those of the upstreams, in both directions.
//!
//! Invariant: a difference is told once, and only what was surely bought by us and paid back to its
//! user is cancelled upstream.

use std::collections::HashSet;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::domain::id::{OrderId, ProviderId, UserId};
use crate::domain::order::OrderState;
use crate::provider::{Activation, ActivationState, CancelAnswer, Provider, ProviderError};
use crate::shop::alerts::{AlertKind, is_news};
use crate::shop::notice::Notice;
use crate::shop::settle::{Books, Cause};
use crate::shop::{Shop, ShopError};
use crate::store::audit::Difference;
use crate::store::entity::{attempts as attempt_rows, discrepancies as rows, orders as order_rows};
use crate::store::orders::Polled;
use crate::store::{StoreError, Tx, attempts, discrepancies, orders, to_ms, work};

/// Numbers live for minutes; what surfaces later than this was not ours.
const ORPHANS_SURFACE_WITHIN: TimeDelta = TimeDelta::hours(2);
/// A young order may not stand in its upstream's list yet.
const LISTED_WITHIN: TimeDelta = TimeDelta::seconds(60);
/// How many orders that a list lacks are asked for one by one.
const MISSING_ASKED: usize = 20;
/// What is not seen any more is forgotten after this.
const REMEMBERED: TimeDelta = TimeDelta::days(7);
/// What was not seen for so long is no difference any more.
const STILL_THERE: TimeDelta = TimeDelta::minutes(10);

/// What admins are told about a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Finding {
    /// Orders are open upstream that this shop did not make.
    Strangers {
        /// The upstream.
        provider: String,
        /// How many.
        count: usize,
        /// The id of one of them.
        example: String,
    },
    /// The upstream does not know an order that waits here.
    Missing {
        /// The upstream.
        provider: String,
        /// The order.
        order: OrderId,
    },
    /// A number of an order that was paid back surfaced upstream and was cancelled.
    OrphanCancelled {
        /// The upstream.
        provider: String,
        /// The order.
        order: OrderId,
    },
    /// The balance is lower than the books explain.
    BalanceFell {
        /// The upstream.
        provider: String,
        /// By how much, with its currency.
        amount: String,
    },
    /// The balance is higher than the books explain, and was taken as paid in.
    BalanceRose {
        /// The upstream.
        provider: String,
        /// By how much, with its currency.
        amount: String,
    },
    /// The nightly audit found the ledger wrong.
    Audit {
        /// How many differences.
        count: usize,
        /// The first, in the audit's words.
        example: String,
    },
}

/// How the list of an upstream compares with ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listing {
    /// There is no such call; each order is asked for by itself.
    NoList,
    /// It could not be read.
    Unread(String),
    /// It was read.
    Read {
        /// How many orders are open there.
        open: usize,
        /// Open there and unknown here.
        strangers: Vec<Activation>,
        /// Open here and unknown there.
        missing: Vec<OrderId>,
    },
}

/// How one upstream compares with us.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The upstream.
    pub provider: ProviderId,
    /// Its list.
    pub listing: Listing,
    /// Purchases there of which nobody knows yet whether they were made.
    pub in_doubt: usize,
    /// Purchases there whose answer has not come: each may be what seems unknown.
    pub under_way: usize,
}

/// Everything on which upstreams and we disagree or may.
#[derive(Clone, Debug)]
pub struct Reconciliation {
    /// Each upstream.
    pub upstreams: Vec<Comparison>,
    /// What the audit says, of balances that the books do not explain too.
    pub audit: Vec<Difference>,
}

impl Reconciliation {
    /// Whether everything is explained.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let agrees = |it: &Comparison| match &it.listing {
            Listing::NoList => true,
            Listing::Unread(_) => false,
            Listing::Read {
                strangers, missing, ..
            } => strangers.len() <= it.under_way && missing.is_empty(),
        };
        self.audit.is_empty()
            && self
                .upstreams
                .iter()
                .all(|it| it.in_doubt == 0 && agrees(it))
    }
}

impl Shop {
    /// Compares an upstream's balance and its list with the books, books what is clear, and tells
    /// the admins what is not. Called every minute.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn reconcile(&self, provider: &dyn Provider) -> Result<(), ShopError> {
        if let Some(reading) = self.read_quietly(provider).await? {
            self.settle_float(provider.id(), reading).await?;
        }
        let comparison = self.compare(provider).await?;
        let Listing::Read {
            strangers, missing, ..
        } = comparison.listing
        else {
            return Ok(());
        };
        // What is being bought or in doubt right now may be what seems strange.
        if comparison.in_doubt > 0 || self.is_buying(provider.id()).await? {
            return Ok(());
        }
        let strangers = self.cancel_orphans(provider, strangers).await?;
        self.note_differences(provider.id(), strangers, missing)
            .await
    }

    /// Compares everything and changes nothing; another process may serve the shop meanwhile.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn reconciliation(&self) -> Result<Reconciliation, ShopError> {
        let mut upstreams = Vec::new();
        for provider in self.providers.values() {
            upstreams.push(self.compare(provider.as_ref()).await?);
        }
        Ok(Reconciliation {
            upstreams,
            audit: self.audit().await?,
        })
    }

    /// Recomputes the ledger and tells the admins of any difference.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn nightly_audit(&self) -> Result<(), ShopError> {
        let differences = self.audit().await?;
        let Some(first) = differences.first() else {
            log::info!("the nightly audit found the books right");
            return self.settle_alerts(AlertKind::Audit, &[]).await;
        };
        log::error!("the nightly audit found {} differences", differences.len());
        let finding = Finding::Audit {
            count: differences.len(),
            example: format!("{}: {}", first.invariant, first.detail),
        };
        let admins = self.admins();
        let books = self.books(Cause::Worker);
        self.store
            .write(move |tx| {
                work(async move {
                    if is_news(tx, &books, AlertKind::Audit, "").await? {
                        tell(&books, tx, &admins, finding).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await?;
        self.wake.outbox.notify_one();
        Ok(())
    }

    async fn is_buying(&self, provider: &ProviderId) -> Result<bool, ShopError> {
        let placing =
            orders::at_provider(self.store.read(), provider, &[OrderState::Placing]).await?;
        Ok(!placing.is_empty())
    }

    async fn compare(&self, provider: &dyn Provider) -> Result<Comparison, ShopError> {
        let read = self.store.read();
        let doubts = orders::at_provider(read, provider.id(), &[OrderState::InDoubt]).await?;
        // Ours first: what is bought after this stands in the list and is known by then.
        let ours = orders::polled(read, provider.id()).await?;
        let listed = provider.open_orders().await;
        let placing = [OrderState::Placing];
        let under_way = orders::at_provider(read, provider.id(), &placing)
            .await?
            .len();
        // What was being bought when the list was read is known by now, or is still under way.
        let listing = match listed {
            Ok(None) => Listing::NoList,
            Err(error) => Listing::Unread(error.to_string()),
            Ok(Some(list)) => Listing::Read {
                open: list.len(),
                missing: self.missing(provider, ours, &list).await?,
                strangers: self.unknown_upstream(provider.id(), list).await?,
            },
        };
        Ok(Comparison {
            provider: provider.id().clone(),
            listing,
            in_doubt: doubts.len(),
            under_way,
        })
    }

    /// Orders that wait here, are not in the list, and that the upstream says it does not know.
    async fn missing(
        &self,
        provider: &dyn Provider,
        ours: Vec<Polled>,
        list: &[Activation],
    ) -> Result<Vec<OrderId>, ShopError> {
        let listed: HashSet<&str> = list.iter().map(|seen| seen.upstream_id.as_str()).collect();
        let settled_ms = to_ms(self.now() - LISTED_WITHIN);
        let absent = ours
            .into_iter()
            .filter(|order| !order.received && order.created_at_ms < settled_ms)
            .filter(|order| !listed.contains(order.upstream_id.as_str()))
            .take(MISSING_ASKED);
        let mut missing = Vec::new();
        for order in absent {
            if let Err(ProviderError::NotFound(_)) = provider.status(&order.upstream_id).await {
                missing.push(order.id);
            }
        }
        Ok(missing)
    }

    /// Cancels the numbers of orders that were paid back without proof; gives back the others.
    async fn cancel_orphans(
        &self,
        provider: &dyn Provider,
        strangers: Vec<Activation>,
    ) -> Result<Vec<Activation>, ShopError> {
        let read = self.store.read();
        let known = discrepancies::at(read, provider.id()).await?;
        let since_ms = to_ms(self.now() - ORPHANS_SURFACE_WITHIN);
        let mut unproven = Vec::new();
        for attempt in attempts::unproven(read).await? {
            let ours = attempt.provider == provider.id().as_str();
            if let Some(order) = orders::find(read, OrderId(attempt.order_id)).await?
                && ours
                && attempt.started_at_ms >= since_ms
            {
                unproven.push((attempt, order));
            }
        }
        let mut others = Vec::new();
        for seen in strangers {
            let fits = |(attempt, order): &(attempt_rows::Model, order_rows::Model)| {
                self.is_for(&seen, order, attempt.started_at_ms, &known)
            };
            match unproven.iter().position(fits) {
                Some(index) => {
                    let (_, order) = unproven.remove(index);
                    self.cancel_orphan(provider, &seen, order.order_id())
                        .await?;
                }
                None => others.push(seen),
            }
        }
        Ok(others)
    }

    /// Asks the upstream to take the number back; what it refuses now is asked again.
    async fn cancel_orphan(
        &self,
        provider: &dyn Provider,
        seen: &Activation,
        order: OrderId,
    ) -> Result<(), ShopError> {
        let cancelled = match provider.cancel(&seen.upstream_id).await {
            Ok(CancelAnswer::Cancelled) => true,
            Ok(CancelAnswer::NotNow | CancelAnswer::Delivered(_)) => false,
            Ok(CancelAnswer::AlreadyClosed) => {
                let status = provider.status(&seen.upstream_id).await;
                status.is_ok_and(|status| status.state == ActivationState::Cancelled)
            }
            Err(error) => {
                log::info!(
                    "order {order}: {} did not cancel its orphan: {error}",
                    provider.id()
                );
                false
            }
        };
        if !cancelled {
            return Ok(());
        }
        log::warn!("order {order}: its number surfaced upstream and was cancelled");
        let finding = Finding::OrphanCancelled {
            provider: provider.id().0.clone(),
            order,
        };
        let admins = self.admins();
        let books = self.books(Cause::Worker);
        self.store
            .write(move |tx| {
                work(async move {
                    let row = orders::find_for_update(tx, order).await?;
                    if attempts::prove(tx, order, "orphan_cancelled", books.now_ms()).await? {
                        books.book_cost_refund(tx, &row).await?;
                        tell(&books, tx, &admins, finding).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await?;
        self.wake.outbox.notify_one();
        Ok(())
    }

    /// Writes down what differs, and tells the admins what was there a minute ago already.
    async fn note_differences(
        &self,
        provider: &ProviderId,
        strangers: Vec<Activation>,
        missing: Vec<OrderId>,
    ) -> Result<(), ShopError> {
        if strangers.is_empty() && missing.is_empty() {
            return Ok(());
        }
        let read = self.store.read();
        let known = discrepancies::at(read, provider).await?;
        let mut ids: Vec<(String, Option<OrderId>)> = Vec::new();
        for seen in strangers {
            ids.push((seen.upstream_id.0, None));
        }
        for order in missing {
            let row = orders::find(read, order).await?;
            if let Some(upstream_id) = row.and_then(|row| row.upstream_id) {
                ids.push((upstream_id, Some(order)));
            }
        }
        let now_ms = self.now_ms();
        let mut untold = Vec::new();
        let mut seen = Vec::new();
        for (upstream_id, order) in ids {
            let before = known.iter().find(|row| row.upstream_id == upstream_id);
            let told_at_ms = before.and_then(|row| row.told_at_ms);
            let tell_now = before.is_some() && told_at_ms.is_none();
            if tell_now {
                untold.push((upstream_id.clone(), order));
            }
            seen.push(rows::Model {
                provider: provider.0.clone(),
                upstream_id,
                order_id: order.map(|order| order.0),
                first_seen_ms: before.map_or(now_ms, |row| row.first_seen_ms),
                last_seen_ms: now_ms,
                told_at_ms: told_at_ms.or(tell_now.then_some(now_ms)),
            });
        }
        let findings = findings(provider, untold);
        let admins = self.admins();
        let books = self.books(Cause::Worker);
        self.store
            .write(move |tx| {
                work(async move {
                    for row in seen {
                        discrepancies::seen(tx, row).await?;
                    }
                    let old_ms = now_ms - REMEMBERED.num_milliseconds();
                    discrepancies::forget_before(tx, old_ms).await?;
                    for finding in findings {
                        tell(&books, tx, &admins, finding).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await?;
        self.wake.outbox.notify_one();
        Ok(())
    }

    /// The differences between the lists that were seen in the last minutes.
    pub(super) async fn present_discrepancies(&self) -> Result<Vec<rows::Model>, ShopError> {
        let since_ms = to_ms(self.now() - STILL_THERE);
        Ok(discrepancies::seen_since(self.store.read(), since_ms).await?)
    }
}

/// One message for all strangers, one for each order that is missing.
fn findings(provider: &ProviderId, untold: Vec<(String, Option<OrderId>)>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let strangers: Vec<&String> = untold
        .iter()
        .filter_map(|(id, order)| order.is_none().then_some(id))
        .collect();
    if let Some(example) = strangers.first() {
        findings.push(Finding::Strangers {
            provider: provider.0.clone(),
            count: strangers.len(),
            example: (*example).clone(),
        });
    }
    for order in untold.iter().filter_map(|(_, order)| *order) {
        findings.push(Finding::Missing {
            provider: provider.0.clone(),
            order,
        });
    }
    findings
}

pub(super) async fn tell(
    books: &Books,
    tx: &Tx,
    admins: &[UserId],
    finding: Finding,
) -> Result<(), StoreError> {
    let notice = Notice::Finding { finding };
    for admin in admins {
        books.notify(tx, *admin, &notice).await?;
    }
    Ok(())
}
