//! An order's money, given back by an admin.
//!
//! Before the price is captured that is a cancellation, under the same rules as the user's own.
//! After it, a transfer out of goodwill: the order stays as it is, and the shop bears the cost.
//!
//! Invariant: one Confirm gives back once, and all of them together never more than was paid. It
//! counts towards the admin's daily limit, and the user is told in the same transaction.

use serde::{Deserialize, Serialize};

use crate::domain::act::Act;
use crate::domain::id::{Nonce, OrderId, UserId};
use crate::domain::money::Money;
use crate::domain::order::OrderState;
use crate::shop::account::User;
use crate::shop::notice::{AdminWord, Notice};
use crate::shop::orders::{CancelOutcome, ask_to_cancel};
use crate::shop::settle::{Books, Cause};
use crate::shop::{Shop, ShopError};
use crate::store::acts::{self, NewAct};
use crate::store::entity::orders as rows;
use crate::store::ledger::{self, Account, NewTransfer, TransferKind};
use crate::store::{StoreError, Tx, orders, story, work};

/// Why an order ends that an admin cancelled: its user did not ask, and it does not count as a
/// number that they gave back.
pub(super) const BY_ADMIN: &str = "by_admin";
const REFUND: &str = "order refund";
/// How many characters of a reason are kept; the draft shows them.
const REASON: usize = 200;

/// Why an order's money is not given back. Nothing moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GoodwillError {
    /// Nothing was paid for this order, or it is back already.
    #[error("nothing is paid for this order")]
    NothingPaid,
    /// What is left to give back is less.
    #[error("at most so much can be given back")]
    MoreThanPaid(Money),
    /// No reason was named.
    #[error("it needs a reason")]
    NoReason,
}

/// How an order's money comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundWay {
    /// Nothing was delivered: it is cancelled, and what is held comes back.
    Cancel,
    /// It was delivered and paid: out of goodwill.
    Goodwill,
}

/// A refund that waits for its Confirm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundDraft {
    /// The button's key.
    pub nonce: Nonce,
    /// The order.
    pub order: OrderId,
    /// Who gets it.
    pub user: User,
    /// How.
    pub way: RefundWay,
    /// How much.
    pub amount: Money,
    /// What was paid or is held.
    pub price: Money,
    /// Why; the user reads it.
    pub reason: String,
}

/// What a Confirm did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refunded {
    /// The upstream is asked; the money is back once it agrees.
    CancelAsked,
    /// It is cancelled, and the money is back.
    Cancelled,
    /// So much is back out of goodwill.
    Given(Money),
    /// This button did its work before.
    Already,
}

/// A draft as it is kept under its nonce.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    order: OrderId,
    way: RefundWay,
    amount: Money,
    reason: String,
}

impl Shop {
    /// How an order's money could be given back, and at most how much of it.
    ///
    /// # Errors
    /// [`GoodwillError::NothingPaid`], [`ShopError::WrongState`] while a purchase is under way,
    /// [`ShopError::CancelTooEarly`].
    pub(super) async fn refund_way(
        &self,
        row: &rows::Model,
    ) -> Result<(RefundWay, Money), ShopError> {
        let state = row.order_state()?;
        if row.price == 0 {
            return Err(GoodwillError::NothingPaid.into());
        }
        match state {
            OrderState::Held | OrderState::Waiting => {
                self.refuse_early_cancel(row)?;
                Ok((RefundWay::Cancel, Money::minor(row.price)))
            }
            OrderState::Received | OrderState::Completed => {
                let left = Money::minor(story::left(self.store.read(), row.order_id()).await?);
                if !left.is_positive() {
                    return Err(GoodwillError::NothingPaid.into());
                }
                Ok((RefundWay::Goodwill, left))
            }
            OrderState::Cancelled | OrderState::Expired | OrderState::Failed => {
                Err(GoodwillError::NothingPaid.into())
            }
            OrderState::Quoted
            | OrderState::Placing
            | OrderState::InDoubt
            | OrderState::Cancelling => Err(ShopError::WrongState(state)),
        }
    }

    /// Checks a refund and keeps it under a nonce. Without an amount it is all that is left.
    ///
    /// # Errors
    /// [`ShopError::NoSuchOrder`], [`ShopError::Amount`], [`GoodwillError`],
    /// [`ShopError::WrongState`], [`ShopError::CancelTooEarly`]; nothing moved in any case.
    pub async fn draft_refund_of(
        &self,
        admin: UserId,
        order: OrderId,
        amount: Option<&str>,
        reason: &str,
    ) -> Result<RefundDraft, ShopError> {
        let reason: String = reason.trim().chars().take(REASON).collect();
        if reason.is_empty() {
            return Err(GoodwillError::NoReason.into());
        }
        let row = orders::find(self.store.read(), order)
            .await?
            .ok_or(ShopError::NoSuchOrder)?;
        let (way, most) = self.refund_way(&row).await?;
        let amount = match amount {
            Some(text) => self.terms.currency.parse(text)?,
            None => most,
        };
        // A hold comes back as a whole.
        if amount > most || way == RefundWay::Cancel && amount != most {
            return Err(GoodwillError::MoreThanPaid(most).into());
        }
        let nonce = Nonce::random();
        let kept = Kept {
            order,
            way,
            amount,
            reason,
        };
        self.keep_draft(admin, &nonce, REFUND, &kept).await?;
        Ok(RefundDraft {
            nonce,
            order,
            user: self.user(row.user()).await?,
            way,
            amount,
            price: Money::minor(row.price),
            reason: kept.reason,
        })
    }

    /// Gives an order's money back as drafted, once; the user is told.
    ///
    /// # Errors
    /// [`ShopError::QuoteExpired`], [`GoodwillError`], [`ShopError::WrongState`] where the order
    /// moved on meanwhile, [`crate::shop::topup::TopUpError::Cap`].
    pub async fn refund_order(
        &self,
        admin: UserId,
        nonce: &Nonce,
    ) -> Result<(OrderId, Refunded), ShopError> {
        let kept: Kept = self.kept_draft(admin, nonce, REFUND).await?;
        let order = kept.order;
        let refunded = match kept.way {
            RefundWay::Cancel => self.cancel_by_admin(admin, &kept).await?,
            RefundWay::Goodwill => self.give_back(admin, nonce, kept).await?,
        };
        self.wake.orders.notify_one();
        self.wake.outbox.notify_one();
        Ok((order, refunded))
    }

    async fn cancel_by_admin(&self, admin: UserId, kept: &Kept) -> Result<Refunded, ShopError> {
        let id = kept.order;
        let row = orders::find(self.store.read(), id)
            .await?
            .ok_or(ShopError::NoSuchOrder)?;
        if row.order_state()? == OrderState::Cancelled {
            return Ok(Refunded::Already);
        }
        self.refuse_early_cancel(&row)?;
        let books = self.books(Cause::Admin(admin));
        let reason = Some(kept.reason.clone());
        let asked = self
            .store
            .write(move |tx| {
                work(async move {
                    let asked = ask_to_cancel(&books, tx, id, Some(BY_ADMIN)).await?;
                    if asked != CancelOutcome::AlreadyAsked {
                        let act = books.act(admin, Act::OrderRefund, format!("order {id}"));
                        let after = Some("cancelled".to_owned());
                        let act = NewAct {
                            after,
                            reason,
                            ..act
                        };
                        acts::note(tx, act).await?;
                    }
                    Ok::<_, StoreError>(asked)
                })
            })
            .await?;
        Ok(match asked {
            CancelOutcome::Asked => Refunded::CancelAsked,
            CancelOutcome::Cancelled => Refunded::Cancelled,
            CancelOutcome::AlreadyAsked => Refunded::Already,
        })
    }

    async fn give_back(
        &self,
        admin: UserId,
        nonce: &Nonce,
        kept: Kept,
    ) -> Result<Refunded, ShopError> {
        let books = self.books(Cause::Admin(admin));
        let (cap, key, amount) = (self.cap(admin), format!("goodwill:{nonce}"), kept.amount);
        let is_new = self
            .store
            .write(move |tx| {
                work(async move {
                    // Two admins at once stand in line here.
                    let row = orders::find_for_update(tx, kept.order).await?;
                    if !post(&books, tx, &row, key, &kept).await? {
                        return Ok(false);
                    }
                    let source = kept.order.to_string();
                    books.take_reward_back(tx, &source).await?;
                    let left = Money::minor(story::left(tx, kept.order).await?);
                    if left < Money::ZERO {
                        let most = left.checked_add(kept.amount).unwrap_or(Money::ZERO);
                        return Err(ShopError::from(GoodwillError::MoreThanPaid(most)));
                    }
                    cap.check(tx, &books).await?;
                    let act = books.act(admin, Act::OrderRefund, format!("order {}", kept.order));
                    let act = NewAct {
                        after: Some(kept.amount.as_minor().to_string()),
                        reason: Some(kept.reason.clone()),
                        ..act
                    };
                    acts::note(tx, act).await?;
                    let wallet = Account::Available(row.user());
                    let word = AdminWord::GivenBack {
                        order: kept.order,
                        amount: kept.amount,
                        available: ledger::balance(tx, &wallet).await?,
                        reason: kept.reason,
                    };
                    books
                        .notify(tx, row.user(), &Notice::Admin { word })
                        .await?;
                    Ok(true)
                })
            })
            .await?;
        Ok(if is_new {
            Refunded::Given(amount)
        } else {
            Refunded::Already
        })
    }
}

/// Writes the transfer; `false` where it stands there already.
async fn post(
    books: &Books,
    tx: &Tx,
    row: &rows::Model,
    key: String,
    kept: &Kept,
) -> Result<bool, StoreError> {
    let accounts = [Account::RefundLoss, Account::Available(row.user())];
    let amount = kept.amount.as_minor();
    let transfer = NewTransfer {
        order: Some(kept.order),
        memo: Some(kept.reason.clone()),
        ..books.transfer(key, accounts, amount, TransferKind::Goodwill)
    };
    Ok(books.ledger(tx).post(transfer).await?.is_new)
}
