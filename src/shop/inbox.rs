//! Updates, stored before they are acknowledged.
//!
//! Invariant: an update is stored once per update id; it stays unhandled until its handler ended.

use fail::fail_point;

use crate::shop::{Shop, ShopError};
use crate::store::{messages, work};

/// An update as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredUpdate {
    /// Telegram's number for it.
    pub update_id: i64,
    /// The whole update as JSON.
    pub json: String,
}

impl Shop {
    /// Stores a batch; gives back the ids that were new. Once this returns, the batch may be
    /// acknowledged.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`]: nothing of the batch was stored.
    pub async fn accept_updates(&self, batch: Vec<StoredUpdate>) -> Result<Vec<i64>, ShopError> {
        let batch = batch
            .into_iter()
            .map(|update| (update.update_id, update.json))
            .collect();
        let now_ms = self.now_ms();
        fail_point!("C0");
        let accepted = self
            .store
            .write(move |tx| work(async move { messages::accept(tx, batch, now_ms).await }))
            .await?;
        fail_point!("C1");
        Ok(accepted)
    }

    /// What was stored and not handled, oldest first: replayed at start.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn unhandled_updates(&self) -> Result<Vec<StoredUpdate>, ShopError> {
        let rows = messages::unhandled(self.store.read()).await?;
        Ok(rows
            .into_iter()
            .map(|(update_id, json)| StoredUpdate { update_id, json })
            .collect())
    }

    /// Marks stored updates handled and forgets their content.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn updates_handled(&self, update_ids: Vec<i64>) -> Result<(), ShopError> {
        let now_ms = self.now_ms();
        self.store
            .write(move |tx| {
                work(async move { messages::mark_handled(tx, update_ids, now_ms).await })
            })
            .await
            .map_err(ShopError::from)
    }
}
