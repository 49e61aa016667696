//! Looking for what is due, and forgetting what nobody needs.
//!
//! Invariant: nothing about money or orders is ever forgotten here.

use chrono::TimeDelta;

use crate::domain::id::OrderId;
use crate::shop::{Shop, ShopError};
use crate::store::audit::{self, Difference};
use crate::store::{
    StoreError, from_ms, intents, messages, orders, stars, to_ms, vouchers, watches, work,
};

/// Telegram repeats an update for at most a day; twice that is remembered.
const REMEMBER: TimeDelta = TimeDelta::hours(48);
/// A payment that got lost is credited as its invoice promised as long as that is known.
const REMEMBER_INVOICES: TimeDelta = TimeDelta::days(90);

/// What is due now, and when something is due next.
#[derive(Clone, Debug, Default)]
pub struct DueOrders {
    /// To be taken up.
    pub now: Vec<OrderId>,
    /// How long until the next one is due, counted from now.
    pub next_in: Option<TimeDelta>,
}

impl Shop {
    /// Orders that are due and in nobody's hands, at most `limit`.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn due_orders(&self, busy: &[OrderId], limit: usize) -> Result<DueOrders, ShopError> {
        let now_ms = self.now_ms();
        let busy: Vec<i64> = busy.iter().map(|id| id.0).collect();
        let read = self.store.read();
        let rows = orders::due(read, now_ms, &busy, limit as u64).await?;
        let next = orders::next_due_ms(read, now_ms).await?;
        Ok(DueOrders {
            now: rows.into_iter().map(OrderId).collect(),
            next_in: next.map(|at| from_ms(at) - self.now()),
        })
    }

    /// Forgets handled updates, settled notices, watches whose time is over, old invoices and buttons that no
    /// longer work.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn tidy(&self) -> Result<(), ShopError> {
        let before_ms = to_ms(self.now() - REMEMBER);
        let invoices_ms = to_ms(self.now() - REMEMBER_INVOICES);
        let now_ms = self.now_ms();
        let gone = self
            .store
            .write(move |tx| {
                work(async move {
                    let messages = messages::purge(tx, before_ms).await?;
                    let intents = intents::purge(tx, before_ms).await?;
                    let watches = watches::purge(tx, now_ms).await?;
                    let guesses = vouchers::purge_guesses(tx, before_ms).await?;
                    let invoices = stars::purge_invoices(tx, invoices_ms).await?;
                    Ok::<_, StoreError>(messages + intents + watches + invoices + guesses)
                })
            })
            .await?;
        if gone > 0 {
            log::info!("{gone} old messages, buttons and watches were forgotten");
        }
        Ok(())
    }

    /// Recomputes the books; every row is a difference.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn audit(&self) -> Result<Vec<Difference>, ShopError> {
        Ok(audit::audit(self.store.read()).await?)
    }
}
