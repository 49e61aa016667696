//! The double-entry ledger.
//!
//! Invariant: a transfer is written once per idempotency key and never changed; the sum of all
//! balances of a currency is zero; no user's account is ever negative. The database's own
//! triggers and checks hold this too, should this code be wrong.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use crate::domain::id::{OrderId, ProviderId, UserId};
use crate::domain::money::Money;
use crate::store::entity::{accounts, transfers};
use crate::store::{StoreError, is_sqlite};

/// An account, by what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Account {
    /// What a user can spend.
    Available(UserId),
    /// What a user's open orders hold.
    Held(UserId),
    /// Money that admins booked in by hand; negative by all that ever came in.
    ClearingManual,
    /// Money that came in as Telegram Stars; negative by all of it that was not given back.
    ClearingStars,
    /// Money that vouchers brought; negative by all of it.
    ClearingVoucher,
    /// What we spend on being recommended.
    Marketing,
    /// What delivered orders earned.
    Revenue,
    /// What refunds after delivery cost.
    RefundLoss,
    /// Our balance at an upstream, in its currency: negative by what we have spent there.
    Float(ProviderId, String),
    /// What bought numbers cost, in the upstream's currency.
    CostOfGoods(ProviderId, String),
    /// Costs of numbers that may have been bought, for orders that were paid back in doubt.
    Suspense(ProviderId, String),
}

impl Account {
    fn owner(&self) -> Option<UserId> {
        match self {
            Self::Available(user) | Self::Held(user) => Some(*user),
            Self::ClearingManual
            | Self::ClearingStars
            | Self::ClearingVoucher
            | Self::Marketing
            | Self::Revenue
            | Self::RefundLoss
            | Self::Float(..)
            | Self::CostOfGoods(..)
            | Self::Suspense(..) => None,
        }
    }

    /// The currency of the account, where it is not the wallet's.
    fn own_currency(&self) -> Option<&str> {
        match self {
            Self::Float(_, currency)
            | Self::CostOfGoods(_, currency)
            | Self::Suspense(_, currency) => Some(currency),
            Self::Available(_)
            | Self::Held(_)
            | Self::ClearingManual
            | Self::ClearingStars
            | Self::ClearingVoucher
            | Self::Marketing
            | Self::Revenue
            | Self::RefundLoss => None,
        }
    }
}

/// The account's name in the database.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Available(user) => write!(f, "user:{user}:available"),
            Self::Held(user) => write!(f, "user:{user}:held"),
            Self::ClearingManual => f.write_str("clearing:manual"),
            Self::ClearingStars => f.write_str("clearing:stars"),
            Self::ClearingVoucher => f.write_str("clearing:voucher"),
            Self::Marketing => f.write_str("marketing"),
            Self::Revenue => f.write_str("revenue"),
            Self::RefundLoss => f.write_str("refund_loss"),
            Self::Float(provider, currency) => write!(f, "provider:{provider}:{currency}:float"),
            Self::CostOfGoods(provider, currency) => {
                write!(f, "provider:{provider}:{currency}:cost_of_goods")
            }
            Self::Suspense(provider, currency) => {
                write!(f, "provider:{provider}:{currency}:suspense")
            }
        }
    }
}

/// What a transfer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferKind {
    /// Money came in.
    TopUp,
    /// available → held.
    Hold,
    /// held → revenue.
    Capture,
    /// held → available.
    Release,
    /// A refund after a capture.
    Goodwill,
    /// Stars that went back to whoever paid them, or that Telegram refused to return.
    StarsRefund,
    /// A correction by an admin.
    Adjust,
    /// What an upstream took.
    Cost,
    /// What an upstream gave back.
    CostRefund,
    /// A share for whoever invited a user, or one that was taken back.
    Referral,
}

impl TransferKind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::TopUp,
        Self::Hold,
        Self::Capture,
        Self::Release,
        Self::Goodwill,
        Self::StarsRefund,
        Self::Adjust,
        Self::Cost,
        Self::CostRefund,
        Self::Referral,
    ];

    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TopUp => "topup",
            Self::Hold => "hold",
            Self::Capture => "capture",
            Self::Release => "release",
            Self::Goodwill => "goodwill",
            Self::StarsRefund => "stars_refund",
            Self::Adjust => "adjust",
            Self::Cost => "cost",
            Self::CostRefund => "cost_refund",
            Self::Referral => "referral",
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A transfer to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTransfer {
    /// Made of what causes it, so that a repetition is recognised: `hold:7`.
    pub key: String,
    /// Where the money leaves.
    pub from: Account,
    /// Where it arrives.
    pub to: Account,
    /// Minor units of the wallet's currency, or millionths of an upstream's.
    pub amount: i64,
    /// What it is.
    pub kind: TransferKind,
    /// The order it belongs to.
    pub order: Option<OrderId>,
    /// The hold it resolves.
    pub resolves: Option<i64>,
    /// Who caused it: `user:7`, `admin:1`, `worker`.
    pub actor: String,
    /// What an admin wrote to it.
    pub memo: Option<String>,
}

/// A transfer that stands in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Its number.
    pub id: i64,
    /// Whether this call wrote it; `false` for a repetition of the same.
    pub is_new: bool,
}

/// The ledger inside one transaction.
#[derive(Debug)]
pub struct Ledger<'t, C> {
    transaction: &'t C,
    wallet_currency: &'t str,
    now_ms: i64,
}

impl<'t, C: ConnectionTrait> Ledger<'t, C> {
    /// Amounts of accounts without a currency of their own are in `wallet_currency`.
    pub const fn new(transaction: &'t C, wallet_currency: &'t str, now_ms: i64) -> Self {
        Self {
            transaction,
            wallet_currency,
            now_ms,
        }
    }

    /// Writes a transfer, once per key.
    ///
    /// # Errors
    /// [`StoreError::NotEnough`], [`StoreError::KeyReused`] for the same key with other content,
    /// [`StoreError::AlreadyResolved`], [`StoreError::Overflow`].
    pub async fn post(&self, transfer: NewTransfer) -> Result<Posted, StoreError> {
        let [from, to] = self.accounts([&transfer.from, &transfer.to]).await?;
        let (known, resolved) = self.written_before(&transfer).await?;
        if let Some(known) = known {
            let same = known.debit_account == from.id
                && known.credit_account == to.id
                && known.amount == transfer.amount
                && known.kind == transfer.kind.as_str()
                && known.order_id == transfer.order.map(|order| order.0)
                && known.resolves == transfer.resolves;
            return if same {
                Ok(Posted {
                    id: known.id,
                    is_new: false,
                })
            } else {
                Err(StoreError::KeyReused(transfer.key))
            };
        }
        if from.user_id.is_some() && from.balance < transfer.amount {
            return Err(StoreError::NotEnough);
        }
        let fits = from.balance.checked_sub(transfer.amount).is_some()
            && to.balance.checked_add(transfer.amount).is_some();
        if !fits {
            return Err(StoreError::Overflow);
        }
        if resolved {
            return Err(StoreError::AlreadyResolved);
        }
        let row = transfers::ActiveModel {
            idempotency_key: Set(transfer.key),
            debit_account: Set(from.id),
            credit_account: Set(to.id),
            amount: Set(transfer.amount),
            kind: Set(transfer.kind.as_str().to_owned()),
            order_id: Set(transfer.order.map(|order| order.0)),
            resolves: Set(transfer.resolves),
            actor: Set(transfer.actor),
            memo: Set(transfer.memo),
            at_ms: Set(self.now_ms),
            ..transfers::ActiveModel::default()
        };
        let written = transfers::Entity::insert(row)
            .exec(self.transaction)
            .await?;
        Ok(Posted {
            id: written.last_insert_id,
            is_new: true,
        })
    }

    /// The transfer that has this key already, and whether another one resolved the same hold.
    async fn written_before(
        &self,
        transfer: &NewTransfer,
    ) -> Result<(Option<transfers::Model>, bool), StoreError> {
        let mut same = Condition::any().add(transfers::Column::IdempotencyKey.eq(&transfer.key));
        if let Some(hold) = transfer.resolves {
            same = same.add(transfers::Column::Resolves.eq(hold));
        }
        let written = transfers::Entity::find()
            .filter(same)
            .all(self.transaction)
            .await?;
        let is_known = |row: &transfers::Model| row.idempotency_key == transfer.key;
        let resolved = written.iter().any(|row| !is_known(row));
        Ok((written.into_iter().find(is_known), resolved))
    }

    /// The hold of an order: the last one, for a price that is lowered is held anew.
    ///
    /// # Errors
    /// [`StoreError::NoHold`].
    pub async fn hold_of(&self, order: OrderId) -> Result<transfers::Model, StoreError> {
        transfers::Entity::find()
            .filter(transfers::Column::OrderId.eq(order.0))
            .filter(transfers::Column::Kind.eq(TransferKind::Hold.as_str()))
            .order_by_desc(transfers::Column::Id)
            .one(self.transaction)
            .await?
            .ok_or(StoreError::NoHold)
    }

    /// Both accounts' rows, locked where the database has row locks, made on first use.
    async fn accounts(&self, wanted: [&Account; 2]) -> Result<[accounts::Model; 2], StoreError> {
        let names = wanted.map(Account::to_string);
        let mut rows = self.find_accounts(&names).await?;
        if rows.len() < names.len() {
            for (account, name) in wanted.into_iter().zip(&names) {
                if rows.iter().all(|row| row.name != *name) {
                    self.open_account(account, name).await?;
                }
            }
            rows = self.find_accounts(&names).await?;
        }
        let find = |name: &String| {
            let row = rows.iter().find(|row| row.name == *name).cloned();
            row.ok_or_else(|| StoreError::BadRow(format!("no account {name}")))
        };
        let [from, to] = &names;
        Ok([find(from)?, find(to)?])
    }

    async fn find_accounts(&self, names: &[String]) -> Result<Vec<accounts::Model>, StoreError> {
        // Always in one order, so that two writers never wait for each other in a circle.
        let query = accounts::Entity::find()
            .filter(accounts::Column::Name.is_in(names))
            .order_by_asc(accounts::Column::Id);
        let query = if is_sqlite(self.transaction) {
            query
        } else {
            query.lock_exclusive()
        };
        Ok(query.all(self.transaction).await?)
    }

    async fn open_account(&self, account: &Account, name: &str) -> Result<(), StoreError> {
        let row = accounts::ActiveModel {
            name: Set(name.to_owned()),
            currency: Set(account
                .own_currency()
                .unwrap_or(self.wallet_currency)
                .to_owned()),
            user_id: Set(account.owner().map(|user| user.0)),
            balance: Set(0),
            ..accounts::ActiveModel::default()
        };
        accounts::Entity::insert(row)
            .on_conflict(
                OnConflict::column(accounts::Column::Name)
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(self.transaction)
            .await?;
        Ok(())
    }
}

/// The key of an order's hold.
#[must_use]
pub fn hold_key(order: OrderId) -> String {
    format!("hold:{order}")
}

/// What an account holds; nothing where it was never used.
///
/// # Errors
/// Only the database's own.
pub async fn balance(
    connection: &impl ConnectionTrait,
    account: &Account,
) -> Result<Money, StoreError> {
    let row = accounts::Entity::find()
        .filter(accounts::Column::Name.eq(account.to_string()))
        .one(connection)
        .await?;
    Ok(row.map_or(Money::ZERO, |row| Money::minor(row.balance)))
}

/// The latest top-up by an admin of this amount for a user after `since_ms`.
///
/// # Errors
/// Only the database's own.
pub async fn same_top_up(
    connection: &impl ConnectionTrait,
    user: UserId,
    amount: i64,
    since_ms: i64,
) -> Result<Option<transfers::Model>, StoreError> {
    let wallet = accounts::Entity::find()
        .filter(accounts::Column::Name.eq(Account::Available(user).to_string()))
        .one(connection)
        .await?;
    let Some(wallet) = wallet else {
        return Ok(None);
    };
    // A user's wallet does not see more than this within minutes.
    let latest = transfers::Entity::find()
        .filter(transfers::Column::CreditAccount.eq(wallet.id))
        .order_by_desc(transfers::Column::Id)
        .limit(50)
        .all(connection)
        .await?;
    Ok(latest.into_iter().find(|row| {
        row.idempotency_key.starts_with(MANUAL_TOP_UP)
            && row.amount == amount
            && row.at_ms > since_ms
    }))
}

/// What the keys of admins' top-ups begin with.
pub const MANUAL_TOP_UP: &str = "topup:manual:";

/// What somebody moved by hand since `since_ms`: top-ups, corrections, Stars that went back
/// and refunds out of goodwill, whichever way.
///
/// # Errors
/// [`StoreError::Overflow`] where it does not fit.
pub async fn moved_by(
    connection: &impl ConnectionTrait,
    actor: &str,
    since_ms: i64,
) -> Result<i64, StoreError> {
    let amounts: Vec<i64> = transfers::Entity::find()
        .select_only()
        .column(transfers::Column::Amount)
        .filter(transfers::Column::Actor.eq(actor))
        .filter(transfers::Column::AtMs.gt(since_ms))
        // In the very words of the partial index.
        .filter(Expr::cust(
            "kind IN ('topup', 'adjust', 'stars_refund', 'goodwill')",
        ))
        .into_tuple()
        .all(connection)
        .await?;
    let mut amounts = amounts.into_iter();
    amounts
        .try_fold(0_i64, i64::checked_add)
        .ok_or(StoreError::Overflow)
}

/// Transfers that touch a user's accounts, newest first, each with whether its money left one of
/// them.
///
/// # Errors
/// Only the database's own.
pub async fn movements(
    connection: &impl ConnectionTrait,
    user: UserId,
    offset: u64,
    limit: u64,
) -> Result<Vec<(transfers::Model, bool)>, StoreError> {
    let owned: Vec<i64> = accounts::Entity::find()
        .filter(accounts::Column::UserId.eq(user.0))
        .select_only()
        .column(accounts::Column::Id)
        .into_tuple()
        .all(connection)
        .await?;
    let touches = transfers::Column::DebitAccount
        .is_in(owned.clone())
        .or(transfers::Column::CreditAccount.is_in(owned.clone()));
    let rows = transfers::Entity::find()
        .filter(touches)
        .order_by_desc(transfers::Column::Id)
        .offset(offset)
        .limit(limit)
        .all(connection)
        .await?;
    let left = |row: transfers::Model| {
        let is_out = owned.contains(&row.debit_account);
        (row, is_out)
    };
    Ok(rows.into_iter().map(left).collect())
}

/// An upstream's cost in millionths of its currency, rounded up: fine enough for every price that
/// upstreams are known to ask, coarse enough for sums of trillions.
#[must_use]
pub fn cost_in_millionths(cost: Decimal) -> Option<i64> {
    cost.checked_mul(Decimal::from(1_000_000))?.ceil().to_i64()
}
