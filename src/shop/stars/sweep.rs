//! Telegram's own list of transactions, read again and again: it knows of payments whose message
//! never reached us.
//!
//! Invariant: whatever stands before the noted place of the list is booked. The place moves only
//! after that, and never past what could not be booked.

use crate::shop::stars::{Cashier, NotNow, StarsMove};
use crate::shop::{Shop, ShopError};
use crate::store::{stars, work};

/// How many entries Telegram gives at a time.
pub const PAGE: u32 = 100;
/// So many booked entries are read once more, should the list have changed near its end.
const AGAIN: i64 = 50;

impl Shop {
    /// Credits what Telegram took and nobody told us of, and takes back what it returned by
    /// itself; `false` where Telegram could not be asked.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`] and its like; the next round begins at the same place.
    pub async fn sweep_stars(&self, cashier: &dyn Cashier) -> Result<bool, ShopError> {
        let noted = stars::read_so_far(self.store.read()).await?;
        let mut at = u32::try_from((noted - AGAIN).max(0)).unwrap_or(u32::MAX);
        let begin = at;
        loop {
            let page = match cashier.moves(at).await {
                Ok(page) => page,
                Err(NotNow) => return Ok(false),
            };
            let count = u32::try_from(page.len()).unwrap_or(PAGE);
            // A list that ends before our place is another one: a new bot, or a forgetful Telegram.
            if count == 0 && at == begin && begin > 0 {
                at = 0;
                self.note_place(0).await?;
                continue;
            }
            for entry in page {
                self.book_stars_move(entry).await?;
            }
            at = at.saturating_add(count);
            if count < PAGE {
                break;
            }
            self.note_place(at).await?;
        }
        self.note_place(at).await?;
        self.collect_owed().await?;
        Ok(true)
    }

    async fn book_stars_move(&self, entry: StarsMove) -> Result<(), ShopError> {
        match entry {
            StarsMove::Paid(paid) => {
                let stars = paid.stars;
                if self.credit_stars(paid).await? {
                    log::info!("a payment of {stars} Stars is credited from Telegram's list");
                }
                Ok(())
            }
            StarsMove::Returned(charge) => self.note_returned(&charge).await,
            StarsMove::Other => Ok(()),
        }
    }

    async fn note_place(&self, at: u32) -> Result<(), ShopError> {
        let noted = stars::read_so_far(self.store.read()).await?;
        if noted == i64::from(at) {
            return Ok(());
        }
        self.store
            .write(move |tx| work(async move { stars::note_read(tx, i64::from(at)).await }))
            .await
            .map_err(ShopError::from)
    }

    /// Whether Telegram's list must be read: Stars are taken, or once were.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn knows_stars(&self) -> Result<bool, ShopError> {
        Ok(self.terms.top_ups.stars.is_some() || stars::ever_offered(self.store.read()).await?)
    }
}
