//! What there is to say about Stars, beside that money came in.
//!
//! Invariant: it names facts; the words are made when it is sent.

use serde::{Deserialize, Serialize};

use crate::domain::id::UserId;
use crate::domain::money::Money;
use crate::shop::settle::Books;
use crate::shop::{Shop, ShopError};
use crate::store::{StoreError, Tx, from_ms, stars};

/// A piece of news.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "news", rename_all = "snake_case")]
pub enum StarsNews {
    /// For the user: the Stars of a payment are back, and its credit left the wallet.
    Returned {
        /// How many.
        stars: i64,
        /// What left the wallet.
        amount: Money,
    },
    /// For admins: a refund ended.
    RefundEnded {
        /// Whose payment it was.
        user: UserId,
        /// Telegram's number.
        charge: String,
        /// How many Stars.
        stars: i64,
        /// What left the wallet, or came back to it.
        amount: Money,
        /// How it went.
        ending: Ending,
    },
}

impl StarsNews {
    /// The user it is about, where it is told to somebody else.
    #[must_use]
    pub const fn about(&self) -> Option<UserId> {
        match self {
            Self::Returned { .. } => None,
            Self::RefundEnded { user, .. } => Some(*user),
        }
    }
}

/// How a refund went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// As the admin wanted it.
    Returned,
    /// Telegram refused; the wallet has its money again.
    Refused,
    /// Telegram returned the Stars by itself, and the wallet paid for it.
    ReturnedByTelegram,
    /// The same, but the wallet does not cover it.
    Owed,
}

/// A payment as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentView {
    /// Telegram's number.
    pub charge: String,
    /// How many Stars.
    pub stars: i64,
    /// What they brought.
    pub credit: Money,
    /// Where it stands.
    pub state: stars::PaymentState,
    /// When it was paid.
    pub at: chrono::DateTime<chrono::Utc>,
}

/// How many payments a list shows.
const PAYMENTS_SHOWN: u64 = 5;

impl Shop {
    /// A user's last payments, newest first.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn stars_payments(&self, user: UserId) -> Result<Vec<PaymentView>, ShopError> {
        let rows = stars::payments_of(self.store.read(), user, PAYMENTS_SHOWN).await?;
        let views = rows.into_iter().map(|row| {
            Ok(PaymentView {
                state: row.standing()?,
                charge: row.charge_id,
                stars: row.stars,
                credit: Money::minor(row.credit),
                at: from_ms(row.paid_at_ms),
            })
        });
        Ok(views.collect::<Result<_, StoreError>>()?)
    }
}

/// Tells every admin.
pub(super) async fn tell_admins(
    tx: &Tx,
    books: &Books,
    admins: &[UserId],
    news: &StarsNews,
) -> Result<(), StoreError> {
    let notice = crate::shop::notice::Notice::Stars { news: news.clone() };
    for admin in admins {
        books.notify(tx, *admin, &notice).await?;
    }
    Ok(())
}
