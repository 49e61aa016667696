//! Writing down what happened to an order: state, story, money and notices, in one transaction.
//!
//! Invariant: `Books::advance` is the only way from one state to the next, so money moves
//! exactly as the state machine says.

use std::sync::Arc;

use chrono::TimeDelta;
use fail::fail_point;

use crate::domain::id::{OrderId, ProviderId, UserId};
use crate::domain::order::{FailReason, MoneyStep, OrderEvent, OrderState};
use crate::domain::product::Product;
use crate::domain::referral::{ReferralTerms, RewardOf};
use crate::domain::sms;
use crate::planted::planted;
use crate::provider::{Activation, ActivationState};
use crate::shop::goodwill::BY_ADMIN;
use crate::shop::notice::Notice;
use crate::shop::{Shop, ShopError};
use crate::store::entity::orders as rows;
use crate::store::ledger::{self, Account, Ledger, NewTransfer, TransferKind};
use crate::store::{StoreError, Tx, attempts, floats, messages, orders, to_ms, work};

/// How long after a number's end its order is settled at the latest, even if the upstream cannot
/// be asked whether an SMS came.
pub(super) const GRACE: TimeDelta = TimeDelta::seconds(120);

/// An order that the upstream closes this shortly before its end has expired, by its clock.
const AROUND_THE_END: TimeDelta = TimeDelta::seconds(10);

/// Who caused a change; it stands in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// A user, by a button.
    User(UserId),
    /// An admin.
    Admin(UserId),
    /// Time, or an upstream.
    Worker,
}

/// The pen that writes into one transaction.
#[derive(Clone, Debug)]
pub(super) struct Books {
    wallet_currency: &'static str,
    now_ms: i64,
    actor: String,
    /// What inviting others brings.
    referrals: Option<Arc<ReferralTerms>>,
}

impl Shop {
    pub(super) fn books(&self, cause: Cause) -> Books {
        Books {
            wallet_currency: self.terms.currency.code(),
            now_ms: self.now_ms(),
            referrals: self.terms.referrals.clone().map(Arc::new),
            actor: match cause {
                Cause::User(user) => format!("user:{user}"),
                Cause::Admin(admin) => format!("admin:{admin}"),
                Cause::Worker => "worker".to_owned(),
            },
        }
    }
}

impl Books {
    pub(super) const fn now_ms(&self) -> i64 {
        self.now_ms
    }

    pub(super) fn referrals(&self) -> Option<Arc<ReferralTerms>> {
        self.referrals.clone()
    }

    pub(super) fn ledger<'t>(&self, tx: &'t Tx) -> Ledger<'t, Tx> {
        Ledger::new(tx, self.wallet_currency, self.now_ms)
    }

    /// Moves an order by one event and its money with it.
    pub(super) async fn advance(
        &self,
        tx: &Tx,
        before: &rows::Model,
        event: OrderEvent,
        alter: impl FnOnce(&mut rows::Model) + Send,
    ) -> Result<rows::Model, StoreError> {
        let (after, money) = orders::step(tx, before, event, self.now_ms, alter).await?;
        self.move_money(tx, &after, money).await?;
        Ok(after)
    }

    async fn move_money(
        &self,
        tx: &Tx,
        order: &rows::Model,
        money: MoneyStep,
    ) -> Result<(), StoreError> {
        // A number that costs nothing holds nothing: transfers are more than zero.
        if order.price == 0 {
            return Ok(());
        }
        let user = order.user();
        let resolve = |to, kind| async move {
            let ledger = self.ledger(tx);
            let hold = ledger.hold_of(order.order_id()).await?;
            let transfer = self.transfer(
                format!("resolve:{}", order.id),
                [Account::Held(user), to],
                hold.amount
                    + if planted("double release") {
                        hold.amount
                    } else {
                        0
                    },
                kind,
            );
            ledger
                .post(NewTransfer {
                    order: Some(order.order_id()),
                    resolves: Some(hold.id),
                    ..transfer
                })
                .await
        };
        match money {
            MoneyStep::Keep => return Ok(()),
            MoneyStep::Hold => {
                let transfer = self.transfer(
                    ledger::hold_key(order.order_id()),
                    [Account::Available(user), Account::Held(user)],
                    order.price,
                    TransferKind::Hold,
                );
                self.ledger(tx)
                    .post(NewTransfer {
                        order: Some(order.order_id()),
                        ..transfer
                    })
                    .await?
            }
            MoneyStep::Capture => {
                let posted = resolve(Account::Revenue, TransferKind::Capture).await?;
                let (of, source) = (RewardOf::Purchases, order.id.to_string());
                self.reward(tx, of, user, order.price, source).await?;
                posted
            }
            MoneyStep::Release if planted("capture without content") => {
                resolve(Account::Revenue, TransferKind::Capture).await?
            }
            MoneyStep::Release => resolve(Account::Available(user), TransferKind::Release).await?,
        };
        Ok(())
    }

    pub(super) fn transfer(
        &self,
        key: String,
        [from, to]: [Account; 2],
        amount: i64,
        kind: TransferKind,
    ) -> NewTransfer {
        NewTransfer {
            key,
            from,
            to,
            amount,
            kind,
            order: None,
            resolves: None,
            actor: self.actor.clone(),
            memo: None,
        }
    }

    /// Books what the upstream took for an order's number, into `suspense` where nobody knows
    /// whether it took it.
    pub(super) async fn book_cost(
        &self,
        tx: &Tx,
        order: &rows::Model,
        suspense: bool,
    ) -> Result<(), StoreError> {
        let Some((provider, currency, amount)) = cost_of(order) else {
            return Ok(());
        };
        let to = if suspense {
            Account::Suspense(provider.clone(), currency.clone())
        } else {
            Account::CostOfGoods(provider.clone(), currency.clone())
        };
        let transfer = self.transfer(
            floats::cost_key(order.order_id()),
            [Account::Float(provider, currency), to],
            amount,
            TransferKind::Cost,
        );
        self.ledger(tx)
            .post(NewTransfer {
                order: Some(order.order_id()),
                ..transfer
            })
            .await?;
        Ok(())
    }

    /// Books that the upstream gave back what it took, or never took what was held in `suspense`.
    pub(super) async fn book_cost_refund(
        &self,
        tx: &Tx,
        order: &rows::Model,
    ) -> Result<(), StoreError> {
        let Some((provider, currency, amount)) = cost_of(order) else {
            return Ok(());
        };
        let from = if order.order_state()? == OrderState::Failed {
            Account::Suspense(provider.clone(), currency.clone())
        } else {
            Account::CostOfGoods(provider.clone(), currency.clone())
        };
        let transfer = self.transfer(
            floats::refund_key(order.order_id()),
            [from, Account::Float(provider, currency)],
            amount,
            TransferKind::CostRefund,
        );
        self.ledger(tx)
            .post(NewTransfer {
                order: Some(order.order_id()),
                ..transfer
            })
            .await?;
        Ok(())
    }

    /// Books that a number was bought for an order that was paid back, and lost.
    pub(super) async fn book_loss(&self, tx: &Tx, order: &rows::Model) -> Result<(), StoreError> {
        let Some((provider, currency, amount)) = cost_of(order) else {
            return Ok(());
        };
        let transfer = self.transfer(
            format!("loss:{}", order.id),
            [
                Account::Suspense(provider.clone(), currency.clone()),
                Account::CostOfGoods(provider, currency),
            ],
            amount,
            TransferKind::Cost,
        );
        self.ledger(tx)
            .post(NewTransfer {
                order: Some(order.order_id()),
                ..transfer
            })
            .await?;
        Ok(())
    }

    pub(super) async fn notify(
        &self,
        tx: &Tx,
        user: UserId,
        notice: &Notice,
    ) -> Result<(), StoreError> {
        let json = serde_json::to_string(notice)?;
        messages::notify(tx, user, json, notice.is_urgent(), self.now_ms).await
    }

    /// The order's card, and with `refunded` a message that rings.
    pub(super) async fn notify_order(
        &self,
        tx: &Tx,
        order: &rows::Model,
        refunded: bool,
    ) -> Result<(), StoreError> {
        let id = order.order_id();
        self.notify(tx, order.user(), &Notice::Card { order: id })
            .await?;
        if refunded {
            self.notify(tx, order.user(), &Notice::Refunded { order: id })
                .await?;
        }
        Ok(())
    }
}

/// The upstream that is paid, currency and millionths; `None` where the number was free or nothing is known.
pub(super) fn cost_of(order: &rows::Model) -> Option<(ProviderId, String, i64)> {
    let provider = order.payer()?;
    let currency = order.cost_currency.clone()?;
    let amount = ledger::cost_in_millionths(order.cost.as_deref()?.parse().ok()?)?;
    (amount > 0).then_some((provider, currency, amount))
}

impl Shop {
    /// Writes down what an upstream says about an order; a second look at the same changes
    /// nothing.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn observe(&self, id: OrderId, seen: &Activation) -> Result<(), ShopError> {
        let books = self.books(Cause::Worker);
        let seen = seen.clone();
        let has_sms = seen.sms.is_some();
        if has_sms {
            fail_point!("C7");
        }
        let changed = self
            .store
            .write(move |tx| work(async move { observe(&books, tx, id, &seen).await }))
            .await?;
        if changed {
            fail_point!(if has_sms { "C8" } else { "C13" });
            self.wake.outbox.notify_one();
        }
        Ok(())
    }

    /// Ends an order for a reason of time or upstream; an order that moved on meanwhile is left
    /// alone.
    pub(super) async fn end(&self, id: OrderId, ending: Ending) -> Result<(), ShopError> {
        let books = self.books(Cause::Worker);
        let ended = self
            .store
            .write(move |tx| work(async move { end(&books, tx, id, ending).await }))
            .await?;
        if ended && matches!(ending, Ending::TimeUp { .. }) {
            fail_point!("C13");
        }
        self.wake.outbox.notify_one();
        Ok(())
    }
}

/// How an order ends without the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Surely nothing was bought.
    GaveUp(FailReason),
    /// Doubt ended: the upstream's list shows that nothing was bought.
    Absent,
    /// Doubt ended at its deadline without proof.
    NoProof,
    /// The upstream closed it and refunded us.
    ClosedUpstream,
    /// The number's time is over; `refunded` says whether the upstream surely gave our money back.
    TimeUp {
        /// Whether our money surely came back.
        refunded: bool,
    },
}

impl Ending {
    const fn event(self) -> OrderEvent {
        match self {
            Self::GaveUp(_) => OrderEvent::GaveUp,
            Self::Absent | Self::NoProof => OrderEvent::NumberNotFound,
            Self::ClosedUpstream => OrderEvent::ClosedUpstream,
            Self::TimeUp { .. } => OrderEvent::TimeUp,
        }
    }

    const fn reason(self) -> Option<FailReason> {
        match self {
            Self::GaveUp(reason) => Some(reason),
            Self::Absent | Self::NoProof => Some(FailReason::NeverConfirmed),
            Self::ClosedUpstream | Self::TimeUp { .. } => None,
        }
    }
}

/// [`Shop::end`] inside a transaction; `false` where the order had moved on.
pub(super) async fn end(
    books: &Books,
    tx: &Tx,
    id: OrderId,
    ending: Ending,
) -> Result<bool, StoreError> {
    let before = orders::find_for_update(tx, id).await?;
    let state = before.order_state()?;
    if state.is_final() || state.step(ending.event()).is_err() {
        return Ok(false);
    }
    let reason = ending.reason().map(|reason| reason.as_str().to_owned());
    let after = books
        .advance(tx, &before, ending.event(), |row| {
            row.reason = reason.or(row.reason.take());
            row.awaits_another = false;
        })
        .await?;
    match ending {
        Ending::GaveUp(_) => {}
        Ending::Absent => {
            attempts::close(tx, id, "absent", None, books.now_ms()).await?;
        }
        Ending::NoProof => {
            attempts::close(tx, id, "unknown", None, books.now_ms()).await?;
            books.book_cost(tx, &after, true).await?;
        }
        Ending::ClosedUpstream => {
            if state != OrderState::Received {
                books.book_cost_refund(tx, &after).await?;
            }
        }
        Ending::TimeUp { refunded } => {
            if refunded && state != OrderState::Received {
                books.book_cost_refund(tx, &after).await?;
            }
        }
    }
    // Whoever pressed Cancel or watches "reserving" sees the card change; others are rung.
    let price_rose = after.reason.as_deref() == Some(FailReason::PriceRose.as_str());
    let by_admin = after.reason.as_deref() == Some(BY_ADMIN);
    let unasked = match (state, ending) {
        (OrderState::Cancelling, _) => price_rose || by_admin,
        (OrderState::Received, _) => false,
        (_, Ending::GaveUp(reason)) => {
            matches!(reason, FailReason::TooLate | FailReason::QueuedInVain)
        }
        (_, Ending::Absent | Ending::NoProof | Ending::ClosedUpstream | Ending::TimeUp { .. }) => {
            true
        }
    };
    books.notify_order(tx, &after, unasked).await?;
    if state == OrderState::Received && after.product()? == Product::Rental {
        let over = Notice::RentalOver { order: id };
        books.notify(tx, after.user(), &over).await?;
    }
    Ok(true)
}

/// [`Shop::observe`] inside a transaction; `true` where something was new.
async fn observe(
    books: &Books,
    tx: &Tx,
    id: OrderId,
    seen: &Activation,
) -> Result<bool, StoreError> {
    let before = orders::find_for_update(tx, id).await?;
    let state = before.order_state()?;
    let mut changed = false;
    let texts = seen.others.iter().chain(&seen.sms);
    for text in texts.filter(|text| !text.trim().is_empty()) {
        let present = orders::find_for_update(tx, id).await?;
        if state.step(OrderEvent::SmsArrived).is_ok() {
            changed |= receive(books, tx, &present, text).await?;
        }
    }
    // The upstream closed it and paid it back all the same.
    if changed && seen.state == ActivationState::Cancelled {
        books.book_cost_refund(tx, &before).await?;
    }
    match seen.state {
        ActivationState::Cancelled if !changed => {
            // Upstreams close an order at its end by themselves, perhaps before we look.
            let time_is_up = before
                .expires_at_ms
                .is_some_and(|at| at <= books.now_ms() + AROUND_THE_END.num_milliseconds());
            let ending = if time_is_up {
                Ending::TimeUp { refunded: true }
            } else {
                Ending::ClosedUpstream
            };
            end(books, tx, id, ending).await?;
            Ok(!state.is_final())
        }
        ActivationState::Finished if state == OrderState::Received && !changed => {
            end(books, tx, id, Ending::ClosedUpstream).await?;
            Ok(true)
        }
        ActivationState::Waiting
        | ActivationState::Received
        | ActivationState::Finished
        | ActivationState::Cancelled
        | ActivationState::Other(_) => Ok(changed),
    }
}

/// Writes an SMS down, once, and captures the price with the first one. `false` where it is known.
async fn receive(
    books: &Books,
    tx: &Tx,
    before: &rows::Model,
    text: &str,
) -> Result<bool, StoreError> {
    let id = before.order_id();
    // PostgreSQL's text cannot hold a NUL, and a code must not be lost over one.
    let text = &text.replace('\0', "");
    let index = usize::try_from(orders::count_sms(tx, id).await?).unwrap_or(usize::MAX);
    let sms = orders::NewSms {
        text: text.clone(),
        code: sms::extract_code(text),
        ..<_ as Default>::default()
    };
    if !orders::add_sms(tx, id, sms, books.now_ms()).await? {
        return Ok(false);
    }
    let after = books
        .advance(tx, before, OrderEvent::SmsArrived, |row| {
            row.awaits_another = false;
            row.next_action_at_ms = row.expires_at_ms.unwrap_or(row.next_action_at_ms);
        })
        .await?;
    books
        .notify(tx, after.user(), &Notice::Sms { order: id, index })
        .await?;
    books.notify_order(tx, &after, false).await?;
    Ok(true)
}

/// When an order whose number ends at `expires_at_ms` is settled at the latest.
pub(super) fn settle_deadline_ms(expires_at: chrono::DateTime<chrono::Utc>) -> i64 {
    to_ms(expires_at + GRACE)
}
