//! The clock jumped back: what was written before goes on as if it had not.
//!
//! Invariant: no order hangs and no notice is late by as much as the clock jumped, whether the
//! process ran meanwhile or not. A jump ahead needs nothing: what is due then is due.

use chrono::{DateTime, TimeDelta, Utc};

use crate::shop::{Shop, ShopError};
use crate::store::{StoreError, jump, work};

/// Notices that the clock went back.
#[derive(Debug)]
pub struct Watch {
    latest: DateTime<Utc>,
}

impl Shop {
    /// Begins to watch the clock.
    #[must_use]
    pub fn watch_clock(&self) -> Watch {
        Watch { latest: self.now() }
    }

    /// Looks at the clock, and mends the times of all that waits where it went back.
    ///
    /// # Errors
    /// Only the database's own; the next look mends them then.
    pub async fn look_at_clock(&self, watch: &mut Watch) -> Result<(), ShopError> {
        let now = self.now();
        if now + TimeDelta::milliseconds(jump::SLIGHT_MS) < watch.latest {
            log::warn!(
                "the clock went back by {} seconds",
                (watch.latest - now).num_seconds()
            );
            self.return_to_present().await?;
            // What waits for a time that was read before the jump is looked at anew.
            self.wake.outbox.notify_one();
        }
        watch.latest = now;
        Ok(())
    }

    /// Moves everything that waits for a time which it cannot have meant to the present.
    ///
    /// # Errors
    /// Only the database's own.
    pub async fn return_to_present(&self) -> Result<(), ShopError> {
        let now_ms = self.now_ms();
        let moved = self
            .store
            .write(move |tx| {
                work(async move {
                    jump::notices_due(tx, now_ms).await?;
                    jump::orders_to_present(tx, now_ms).await
                })
            })
            .await
            .map_err(|error: StoreError| ShopError::from(error))?;
        if moved > 0 {
            log::warn!("{moved} open orders were written in the future; their times are mended");
        }
        Ok(())
    }
}
