//! A purchase that stopped for lack of money is offered again when money comes in.
//!
//! Invariant: nothing is bought by itself: what is offered is a fresh quote with a button of its
//! own. It is offered once, in the transaction that brings the money.

use chrono::TimeDelta;

use crate::domain::id::UserId;
use crate::domain::money::Money;
use crate::shop::buy::{Choice, Quote};
use crate::shop::notice::Notice;
use crate::shop::settle::Books;
use crate::shop::{Shop, ShopError};
use crate::store::entity::stopped_purchases;
use crate::store::ledger::{self, Account};
use crate::store::{StoreError, Tx, stopped, work};

/// Who stopped longer ago wants something else by now.
const WANTED_FOR: TimeDelta = TimeDelta::hours(24);

impl Shop {
    /// Remembers what a user could not pay, where that is so.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn note_missing(&self, user: UserId, quote: &Quote) -> Result<(), ShopError> {
        // A rental is renewed from its own card.
        if quote.missing.is_none() || quote.is_renewal {
            return Ok(());
        }
        self.note_stopped(user, &quote.choice, quote.price).await
    }

    /// Remembers what a user wanted to buy and could not pay.
    pub(super) async fn note_stopped(
        &self,
        user: UserId,
        choice: &Choice,
        price: Money,
    ) -> Result<(), ShopError> {
        let row = stopped_purchases::Model {
            user_id: user.0,
            choice: serde_json::to_string(choice).map_err(StoreError::from)?,
            service_id: choice.service.0,
            country: choice.country.clone(),
            price: price.as_minor(),
            at_ms: self.now_ms(),
        };
        self.store
            .write(move |tx| work(async move { stopped::keep(tx, row).await }))
            .await
            .map_err(ShopError::from)
    }
}

impl Books {
    /// Tells a user that money came in, and offers what they could not pay before; what is
    /// available now.
    pub(super) async fn announce(
        &self,
        tx: &Tx,
        user: UserId,
        amount: Money,
        memo: Option<String>,
    ) -> Result<Money, StoreError> {
        let available = ledger::balance(tx, &Account::Available(user)).await?;
        let came = Notice::ToppedUp {
            amount,
            available,
            memo,
        };
        self.notify(tx, user, &came).await?;
        let since_ms = self.now_ms() - WANTED_FOR.num_milliseconds();
        let stopped = stopped::take(tx, user, available.as_minor(), since_ms).await?;
        if let Some(stopped) = stopped {
            let choice: Choice = serde_json::from_str(&stopped.choice)?;
            self.notify(tx, user, &Notice::Resume { choice }).await?;
        }
        Ok(available)
    }
}
