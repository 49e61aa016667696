//! Looking for what is due, and forgetting what nobody needs.
//!
//! Invariant: nothing about money or orders is ever forgotten here; what is personal in an order
//! is, once its time is over.

use chrono::TimeDelta;

use crate::domain::id::OrderId;
use crate::shop::{Shop, ShopError};
use crate::store::audit::{self, Difference};
use crate::store::{
    StoreError, erase, from_ms, intents, messages, orders, rekey, stars, to_ms, vouchers, watches,
    work,
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

    /// Erases numbers, texts and codes of orders that ended long enough ago, old receipts and
    /// threads with support, in small batches.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`]; what was erased before stays so.
    pub async fn erase_old(&self) -> Result<(), ShopError> {
        let keep = TimeDelta::days(i64::from(self.terms.retention_days));
        let before_ms = to_ms(self.now() - keep);
        let now_ms = self.now_ms();
        let mut erased = 0;
        let mut after = 0;
        loop {
            let ids = erase::next(self.store.read(), after, before_ms).await?;
            let Some(last) = ids.last() else { break };
            after = *last;
            erased += self
                .store
                .write(move |tx| work(async move { erase::orders(tx, ids, now_ms).await }))
                .await
                .map_err(ShopError::from)?;
        }
        let [receipts, letters] = self
            .store
            .write(move |tx| {
                work(async move {
                    let receipts = erase::receipts(tx, before_ms).await?;
                    Ok([receipts, erase::threads(tx, before_ms).await?])
                })
            })
            .await
            .map_err(|error: StoreError| ShopError::from(error))?;
        if erased + receipts + letters > 0 {
            log::info!(
                "what was personal in {erased} old orders, {receipts} requests and {letters} \
                 messages to and from support was erased"
            );
        }
        Ok(())
    }

    /// Seals with the current key what an older one sealed, or nobody.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`]; what was sealed before stays so.
    pub async fn seal_anew(&self) -> Result<(), ShopError> {
        if !rekey::is_needed(&self.store).await {
            return Ok(());
        }
        let sealed = rekey::everything(&self.store).await?;
        rekey::retire_now(&self.store).await?;
        log::info!(
            "{sealed} rows were sealed with the newest key; no older one is needed any more"
        );
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
