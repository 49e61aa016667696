//! Deleting an account: what the books need not keep is erased.
//!
//! Money that a user gives up moves by one transfer, ADJUST, from their available account to
//! `forfeited`, with a memo of its own. Amounts, states and times of orders and payments stay under
//! the bare number, and so do bans, freezes, limits and the day of the first contact: a later
//! /start begins anew, but not as somebody new.
//!
//! Invariant: nobody is erased while an order runs, money is held or expected, or the balance is
//! another than the one that they said to give up; asked in the transaction that erases.

use crate::domain::id::UserId;
use crate::domain::money::Money;
use crate::shop::settle::Cause;
use crate::shop::{Shop, ShopError};
use crate::store::ledger::{self, Account, NewTransfer, TransferKind};
use crate::store::{StoreError, Tx, limits, requests, subject_data, work};

/// What the books say of money that was given up.
const MEMO: &str = "given up with the account";

/// What stands between a user and the end of their account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Farewell {
    /// Orders that run, rentals included.
    pub open: u64,
    /// Whether money that they sent is being looked for.
    pub expects_money: bool,
    /// What their open orders hold.
    pub held: Money,
    /// What they could still spend.
    pub available: Money,
}

impl Farewell {
    /// Whether only their own word is missing.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        self.open == 0 && !self.expects_money && self.held == Money::ZERO
    }

    async fn of(tx: &Tx, user: UserId) -> Result<Self, StoreError> {
        Ok(Self {
            open: limits::running_orders(tx, user).await?,
            expects_money: requests::open_of(tx, user).await?.is_some(),
            held: ledger::balance(tx, &Account::Held(user)).await?,
            available: ledger::balance(tx, &Account::Available(user)).await?,
        })
    }
}

impl Shop {
    /// What stands between a user and the end of their account.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`] and its like.
    pub async fn farewell(&self, user: UserId) -> Result<Farewell, ShopError> {
        self.store
            .write(move |tx| work(async move { Farewell::of(tx, user).await }))
            .await
            .map_err(ShopError::from)
    }

    /// Erases a user who gives up exactly `given_up`; otherwise tells what stands in the way, and
    /// nothing happened.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`] and its like.
    pub async fn erase(
        &self,
        user: UserId,
        given_up: Money,
    ) -> Result<Option<Farewell>, ShopError> {
        let books = self.books(Cause::User(user));
        let in_the_way = self
            .store
            .write(move |tx| {
                work(async move {
                    let farewell = Farewell::of(tx, user).await?;
                    if !farewell.is_possible() || farewell.available != given_up {
                        return Ok(Some(farewell));
                    }
                    if given_up.is_positive() {
                        let transfer = NewTransfer {
                            memo: Some(MEMO.to_owned()),
                            ..books.transfer(
                                format!("forfeit:{user}:{}", books.now_ms()),
                                [Account::Available(user), Account::Forfeited],
                                given_up.as_minor(),
                                TransferKind::Adjust,
                            )
                        };
                        books.ledger(tx).post(transfer).await?;
                    }
                    subject_data::erase(tx, user, books.now_ms()).await?;
                    Ok::<_, StoreError>(None)
                })
            })
            .await?;
        if in_the_way.is_none() {
            log::info!("user {user} deleted their account");
            // A freeze goes on, without the name.
            self.read_freezes().await?;
        }
        Ok(in_the_way)
    }
}
