//! Finding orders by the number they had.
//!
//! Invariant: a number is found by its keyed hash, for as long as its order is not erased; that
//! an admin looked is noted before they see anything, without the number.

use crate::domain::act::Act;
use crate::domain::id::UserId;
use crate::shop::orders::OrderView;
use crate::shop::settle::Cause;
use crate::shop::{Shop, ShopError};
use crate::store::acts::{self, NewAct};
use crate::store::sealed::normal_number;
use crate::store::{orders, work};

/// Fewer digits are no number.
const LEAST_DIGITS: usize = 5;
/// One number serves many orders in its life; the latest are asked for.
const MOST: u64 = 20;

impl Shop {
    /// The orders that had this number or address, the newest first, however it is typed. `None`
    /// where it is none.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn find_number(
        &self,
        admin: UserId,
        typed: &str,
    ) -> Result<Option<Vec<OrderView>>, ShopError> {
        if normal_number(typed).chars().count() < LEAST_DIGITS {
            return Ok(None);
        }
        let rows = orders::with_number(self.store.read(), typed, MOST).await?;
        let found: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
        let books = self.books(Cause::Admin(admin));
        self.store
            .write(move |tx| {
                work(async move {
                    let act = NewAct {
                        after: Some(format!("orders {}", found.join(" ")).trim_end().to_owned()),
                        ..books.act(admin, Act::Find, "number".to_owned())
                    };
                    acts::note(tx, act).await
                })
            })
            .await
            .map_err(ShopError::from)?;
        Ok(Some(self.views(rows).await?))
    }
}
