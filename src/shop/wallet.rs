//! What a user sees of the ledger.
//!
//! Invariant: reads only; available and held come from the accounts, never from a sum made here.

use chrono::{DateTime, Utc};

use crate::domain::id::{OrderId, UserId};
use crate::domain::money::Money;
use crate::shop::{Shop, ShopError};
use crate::store::ledger::{self, Account, TransferKind};
pub use crate::store::subjects::Subject;
use crate::store::{from_ms, subjects};

/// The kinds of transfer that touch a wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MovementKind {
    /// Money came in.
    TopUp,
    /// An order holds its price (available → held).
    Hold,
    /// A code was delivered: the held price is paid.
    Capture,
    /// The held price came back.
    Release,
    /// A refund after a code was delivered.
    Goodwill,
    /// Stars went back to the user, and their money left; or Telegram refused, and it is here again.
    StarsRefund,
    /// A correction by an admin.
    Adjust,
    /// A share for having invited somebody, or one that was taken back.
    Referral,
}

/// One movement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// What it was.
    pub kind: MovementKind,
    /// How much; always positive.
    pub amount: Money,
    /// Whether it left one of the user's accounts.
    pub is_out: bool,
    /// The order it belongs to.
    pub order: Option<OrderId>,
    /// What that order is for.
    pub subject: Option<Subject>,
    /// What an admin wrote to it.
    pub memo: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// A wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletView {
    /// What can be spent.
    pub available: Money,
    /// What open orders hold.
    pub held: Money,
    /// The last movements, newest first.
    pub movements: Vec<Movement>,
}

impl Shop {
    /// The wallet with its last `limit` movements.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn wallet(&self, user: UserId, limit: u64) -> Result<WalletView, ShopError> {
        let read = self.store.read();
        Ok(WalletView {
            available: ledger::balance(read, &Account::Available(user)).await?,
            held: ledger::balance(read, &Account::Held(user)).await?,
            movements: self.movements(user, 0, limit).await?,
        })
    }

    /// So many movements behind the `skipped` newest, newest first.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn movements(
        &self,
        user: UserId,
        skipped: u64,
        limit: u64,
    ) -> Result<Vec<Movement>, ShopError> {
        let read = self.store.read();
        let rows = ledger::movements(read, user, skipped, limit).await?;
        let mut ids: Vec<i64> = rows.iter().filter_map(|(row, _)| row.order_id).collect();
        ids.dedup();
        let subjects = subjects::of(read, ids).await?;
        let movements = rows
            .into_iter()
            .filter_map(|(row, is_out)| {
                Some(Movement {
                    kind: movement_kind(&row.kind)?,
                    amount: Money::minor(row.amount),
                    is_out,
                    order: row.order_id.map(OrderId),
                    subject: row.order_id.and_then(|id| subjects.get(&id).cloned()),
                    memo: row.memo,
                    at: from_ms(row.at_ms),
                })
            })
            .collect();
        Ok(movements)
    }
}

/// Costs never touch a wallet, so they have no kind here.
fn movement_kind(word: &str) -> Option<MovementKind> {
    match TransferKind::from_word(word)? {
        TransferKind::TopUp => Some(MovementKind::TopUp),
        TransferKind::Hold => Some(MovementKind::Hold),
        TransferKind::Capture => Some(MovementKind::Capture),
        TransferKind::Release => Some(MovementKind::Release),
        TransferKind::Goodwill => Some(MovementKind::Goodwill),
        TransferKind::StarsRefund => Some(MovementKind::StarsRefund),
        TransferKind::Adjust => Some(MovementKind::Adjust),
        TransferKind::Referral => Some(MovementKind::Referral),
        TransferKind::Cost | TransferKind::CostRefund => None,
    }
}
