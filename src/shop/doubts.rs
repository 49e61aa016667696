//! What admins see and decide where upstreams and we do not agree.
//!
//! Invariant: a decision takes effect once, whoever presses it how often; where the order moved on
//! meanwhile, nothing happens.

use chrono::{DateTime, Utc};

use crate::domain::act::Act;
use crate::domain::id::{OrderId, ProviderId, UpstreamId, UserId};
use crate::domain::money::Money;
use crate::domain::order::OrderState;
use crate::planted::planted;
use crate::provider::Bought;
use crate::shop::float::FloatGap;
use crate::shop::settle::{self, Cause, Ending};
use crate::shop::{Shop, ShopError};
use crate::store::acts::{self, NewAct};
use crate::store::entity::attempts as attempt_rows;
use crate::store::{StoreError, attempts, from_ms, orders, work};

/// An order of which nobody knows yet whether its number was bought.
#[derive(Clone, Debug)]
pub struct DoubtView {
    /// The order.
    pub order: OrderId,
    /// Whose it is.
    pub user: UserId,
    /// The upstream that was asked.
    pub provider: ProviderId,
    /// What was to be bought.
    pub service: String,
    /// What the user paid for it.
    pub price: Money,
    /// When the call was sent.
    pub sent_at: DateTime<Utc>,
    /// When the user gets the money back at the latest.
    pub deadline: DateTime<Utc>,
    /// How often the upstream's list, or its balance, has shown no purchase.
    pub good_reads: i64,
}

/// An order that was paid back although its number may have been bought.
#[derive(Clone, Debug)]
pub struct UnprovenView {
    /// The order.
    pub order: OrderId,
    /// The upstream.
    pub provider: ProviderId,
    /// What the number would have cost, with its currency.
    pub cost: String,
    /// When the call was sent.
    pub sent_at: DateTime<Utc>,
}

/// Orders that are open at an upstream and not made by this shop, or the other way round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The upstream.
    pub provider: ProviderId,
    /// The order's id there.
    pub upstream_id: String,
    /// Our order, where it is ours and unknown there.
    pub order: Option<OrderId>,
}

/// Everything that is not settled between the upstreams and us.
#[derive(Clone, Debug, Default)]
pub struct DoubtBoard {
    /// Orders in doubt, the oldest first.
    pub doubts: Vec<DoubtView>,
    /// Paid back without proof.
    pub unproven: Vec<UnprovenView>,
    /// Balances that the books do not explain.
    pub gaps: Vec<FloatGap>,
    /// Lists that differ.
    pub mismatches: Vec<Mismatch>,
}

impl DoubtBoard {
    /// Whether there is nothing to decide.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.doubts.is_empty()
            && self.unproven.is_empty()
            && self.gaps.is_empty()
            && self.mismatches.is_empty()
    }
}

/// What an admin found out about a purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// Nothing was bought: the user gets the money, or had it back rightly.
    NotBought,
    /// The number of an order that was paid back was bought, and lost.
    Lost,
}

impl Ruling {
    /// What stands for it in a button.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::NotBought => "n",
            Self::Lost => "l",
        }
    }

    /// Reads it back.
    #[must_use]
    pub fn from_letter(letter: &str) -> Option<Self> {
        [Self::NotBought, Self::Lost]
            .into_iter()
            .find(|ruling| ruling.letter() == letter)
    }
}

impl Shop {
    /// Everything that is not settled between the upstreams and us.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn doubt_board(&self) -> Result<DoubtBoard, ShopError> {
        let read = self.store.read();
        let routes = attempts::in_doubt(read).await?;
        let rows = orders::in_states(read, &[OrderState::InDoubt]).await?;
        let doubts = rows.into_iter().filter_map(|row| {
            let attempt = routes.iter().find(|attempt| attempt.order_id == row.id)?;
            Some(DoubtView {
                order: row.order_id(),
                user: row.user(),
                provider: ProviderId(attempt.provider.clone()),
                price: Money::minor(row.price),
                sent_at: from_ms(attempt.started_at_ms),
                deadline: from_ms(row.deadline_at_ms),
                good_reads: attempt.good_reads,
                service: row.service_name,
            })
        });
        let unproven = attempts::unproven(read).await?;
        let mismatches = self.present_discrepancies().await?;
        Ok(DoubtBoard {
            doubts: doubts.collect(),
            unproven: unproven.into_iter().map(UnprovenView::from).collect(),
            gaps: self.float_gaps().await?,
            mismatches: mismatches
                .into_iter()
                .map(|row| Mismatch {
                    provider: ProviderId(row.provider),
                    upstream_id: row.upstream_id,
                    order: row.order_id.map(OrderId),
                })
                .collect(),
        })
    }

    /// Lets an admin's word settle a purchase; `false` where it was settled before.
    ///
    /// # Errors
    /// [`ShopError::NoSuchOrder`].
    pub async fn rule(
        &self,
        admin: UserId,
        id: OrderId,
        ruling: Ruling,
    ) -> Result<bool, ShopError> {
        if orders::find(self.store.read(), id).await?.is_none() {
            return Err(ShopError::NoSuchOrder);
        }
        let books = self.books(Cause::Admin(admin));
        let done = self
            .store
            .write(move |tx| {
                work(async move {
                    let row = orders::find_for_update(tx, id).await?;
                    let after = Some(format!("{ruling:?}"));
                    let act = books.act(admin, Act::Ruling, format!("order {id}"));
                    let act = NewAct { after, ..act };
                    if row.order_state()? == OrderState::InDoubt {
                        // Whether it is lost shows only once its user has the money.
                        return match ruling {
                            Ruling::NotBought => {
                                let ended = settle::end(&books, tx, id, Ending::Absent).await?;
                                if ended {
                                    acts::note(tx, act).await?;
                                }
                                Ok(ended)
                            }
                            Ruling::Lost => Ok(false),
                        };
                    }
                    let outcome = match ruling {
                        Ruling::NotBought => "not_taken",
                        Ruling::Lost => "taken",
                    };
                    let is_first = attempts::prove(tx, id, outcome, books.now_ms()).await?;
                    if !is_first && !planted("a ruling is applied twice") {
                        return Ok(false);
                    }
                    match ruling {
                        Ruling::NotBought => books.book_cost_refund(tx, &row).await?,
                        Ruling::Lost => books.book_loss(tx, &row).await?,
                    }
                    acts::note(tx, act).await?;
                    Ok::<_, StoreError>(true)
                })
            })
            .await?;
        self.rest_while_in_doubt().await?;
        self.wake.outbox.notify_one();
        Ok(done)
    }

    /// Gives an order in doubt the number that an admin found at its upstream; `false` where it
    /// was settled before, or the id belongs to another order.
    ///
    /// # Errors
    /// [`ShopError::NoSuchOrder`].
    pub async fn rule_bought(
        &self,
        admin: UserId,
        id: OrderId,
        upstream_id: UpstreamId,
        number: String,
    ) -> Result<bool, ShopError> {
        let read = self.store.read();
        let row = orders::find(read, id).await?;
        let row = row.ok_or(ShopError::NoSuchOrder)?;
        let provider = row.provider.as_deref().and_then(|name| self.provider(name));
        let Some(provider) = provider.filter(|_| row.state == OrderState::InDoubt.as_str()) else {
            return Ok(false);
        };
        let bought = Bought {
            upstream_id: upstream_id.clone(),
            number,
            cost: None,
            ends: None,
        };
        self.bought(id, provider.as_ref(), bought).await?;
        self.rest_while_in_doubt().await?;
        let row = orders::find(read, id).await?;
        let is_bought = row.is_some_and(|row| row.upstream_id == Some(upstream_id.0));
        if is_bought {
            // What an answer of the upstream does takes several steps, so this is one of its own.
            let act =
                self.books(Cause::Admin(admin))
                    .act(admin, Act::Ruling, format!("order {id}"));
            let after = Some("Bought".to_owned());
            let act = NewAct { after, ..act };
            self.store
                .write(move |tx| work(async move { acts::note(tx, act).await }))
                .await
                .map_err(ShopError::from)?;
        }
        Ok(is_bought)
    }
}

impl From<attempt_rows::Model> for UnprovenView {
    fn from(attempt: attempt_rows::Model) -> Self {
        Self {
            order: OrderId(attempt.order_id),
            provider: ProviderId(attempt.provider),
            cost: format!("{} {}", attempt.cost, attempt.currency),
            sent_at: from_ms(attempt.started_at_ms),
        }
    }
}
