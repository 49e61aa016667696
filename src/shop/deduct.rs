//! Money that an admin takes out of a wallet, and how much an admin may move in a day.
//!
//! Invariant: nothing is taken without a reason, and no wallet goes below nothing. What an admin
//! moves by hand within 24 hours stays under the operator's limit, whichever way it moves.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::domain::act::Act;
use crate::domain::id::{Nonce, UserId};
use crate::domain::money::Money;
use crate::domain::role::Role;
use crate::shop::account::User;
use crate::shop::notice::Notice;
use crate::shop::settle::{Books, Cause};
use crate::shop::topup::TopUpError;
use crate::shop::{Shop, ShopError};
use crate::store::acts::{self, NewAct};
use crate::store::ledger::{self, Account, NewTransfer, TransferKind};
use crate::store::{StoreError, Tx, vouchers, work};

const DEDUCT: &str = "deduct";
/// How many characters of a reason are kept; the draft shows them.
const REASON: usize = 200;
/// An admin's limit is for such a day.
const DAY: TimeDelta = TimeDelta::hours(24);

/// A deduction that waits for its Confirm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeductDraft {
    /// The button's key.
    pub nonce: Nonce,
    /// Who pays.
    pub user: User,
    /// How much.
    pub amount: Money,
    /// Available before.
    pub before: Money,
    /// Available after.
    pub after: Money,
    /// Why.
    pub reason: String,
}

/// A booked deduction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deducted {
    /// Who paid.
    pub user: User,
    /// How much.
    pub amount: Money,
    /// Available now.
    pub available: Money,
    /// Whether this tap booked it.
    pub is_new: bool,
}

/// A draft as it is kept under its nonce.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    user: UserId,
    amount: Money,
    reason: String,
}

/// What an admin may move by hand in a day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cap {
    admin: UserId,
    most: Option<Money>,
}

impl Shop {
    /// Reads and checks `/deduct <user id or @name> <amount> <reason>` and keeps it under a nonce.
    ///
    /// # Errors
    /// [`TopUpError::NoReason`], [`ShopError::UnknownUser`], [`ShopError::AmbiguousUser`],
    /// [`ShopError::Amount`], [`TopUpError::NotThatMuch`]; nothing is booked in any case.
    pub async fn draft_deduct(
        &self,
        admin: UserId,
        target: &str,
        amount: &str,
        reason: &str,
    ) -> Result<DeductDraft, ShopError> {
        if reason.trim().is_empty() {
            return Err(TopUpError::NoReason.into());
        }
        let amount = self.terms.currency.parse(amount)?;
        let user = self.user_named(target).await?;
        let before = ledger::balance(self.store.read(), &Account::Available(user.id)).await?;
        let after = before
            .checked_sub(amount)
            .filter(|after| *after >= Money::ZERO)
            .ok_or(TopUpError::NotThatMuch(before))?;
        let nonce = Nonce::random();
        let kept = Kept {
            user: user.id,
            amount,
            reason: reason.trim().chars().take(REASON).collect(),
        };
        self.keep_draft(admin, &nonce, DEDUCT, &kept).await?;
        Ok(DeductDraft {
            nonce,
            user,
            amount,
            before,
            after,
            reason: kept.reason,
        })
    }

    /// Books a deduction, once; the user is told.
    ///
    /// # Errors
    /// [`ShopError::QuoteExpired`], [`TopUpError::NotThatMuch`], [`TopUpError::Cap`].
    pub async fn book_deduct(&self, admin: UserId, nonce: &Nonce) -> Result<Deducted, ShopError> {
        let kept: Kept = self.kept_draft(admin, nonce, DEDUCT).await?;
        let user = self.user(kept.user).await?;
        let books = self.books(Cause::Admin(admin));
        let (cap, key, amount) = (self.cap(admin), format!("adjust:{nonce}"), kept.amount);
        let from = Account::Available(kept.user);
        let booked = self
            .store
            .write(move |tx| {
                work(async move {
                    let transfer = NewTransfer {
                        memo: Some(kept.reason.clone()),
                        ..books.transfer(
                            key,
                            [from.clone(), Account::ClearingManual],
                            amount.as_minor(),
                            TransferKind::Adjust,
                        )
                    };
                    let posted = books.ledger(tx).post(transfer).await?;
                    let available = ledger::balance(tx, &from).await?;
                    if posted.is_new {
                        cap.check(tx, &books).await?;
                        let act = books.moved(admin, Act::Deduct, kept.user, amount);
                        let reason = Some(kept.reason.clone());
                        acts::note(tx, NewAct { reason, ..act }).await?;
                        let notice = Notice::Deducted {
                            amount,
                            available,
                            reason: kept.reason,
                        };
                        books.notify(tx, kept.user, &notice).await?;
                    }
                    Ok::<_, ShopError>((available, posted.is_new))
                })
            })
            .await;
        let (available, is_new) = match booked {
            Ok(booked) => booked,
            Err(error) => return Err(self.too_little(error, user.id).await?),
        };
        self.wake.outbox.notify_one();
        Ok(Deducted {
            user,
            amount,
            available,
            is_new,
        })
    }

    async fn too_little(&self, error: ShopError, user: UserId) -> Result<ShopError, ShopError> {
        if !is_not_enough(&error) {
            return Ok(error);
        }
        let available = ledger::balance(self.store.read(), &Account::Available(user)).await?;
        Ok(TopUpError::NotThatMuch(available).into())
    }

    /// What this admin may move by hand.
    pub(super) fn cap(&self, admin: UserId) -> Cap {
        let ways = &self.terms.top_ups;
        let most = match self.role(admin) {
            Some(Role::Admin | Role::Owner) => ways.admin_daily_cap,
            Some(Role::Support) | None => Some(ways.support_daily_cap.unwrap_or(Money::ZERO)),
        };
        Cap { admin, most }
    }
}

/// Whether an account did not hold what was to leave it.
pub(super) fn is_not_enough(error: &ShopError) -> bool {
    let ShopError::Internal(inner) = error else {
        return false;
    };
    matches!(inner.downcast_ref(), Some(StoreError::NotEnough))
}

impl Cap {
    /// Refuses where the day's movements, with the one that this transaction just wrote, are more
    /// than the limit; the transaction is undone then.
    pub(super) async fn check(self, tx: &Tx, books: &Books) -> Result<(), ShopError> {
        let Some(most) = self.most else {
            return Ok(());
        };
        let since_ms = books.now_ms() - DAY.num_milliseconds();
        let moved = ledger::moved_by(tx, &format!("admin:{}", self.admin), since_ms).await?;
        let promised = vouchers::promised_by(tx, self.admin, since_ms).await?;
        let total = moved.checked_add(promised);
        if total.is_none_or(|total| total > most.as_minor()) {
            return Err(TopUpError::Cap(most).into());
        }
        Ok(())
    }
}
