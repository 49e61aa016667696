//! Movements of money: appended, never changed.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "transfers")]
pub struct Model {
    /// Counts up.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The same key again is the same transfer.
    pub idempotency_key: String,
    /// Where the money leaves.
    pub debit_account: i64,
    /// Where it arrives.
    pub credit_account: i64,
    /// Minor units, more than zero.
    pub amount: i64,
    /// See [`crate::store::ledger::TransferKind`].
    pub kind: String,
    /// The order it belongs to.
    pub order_id: Option<i64>,
    /// The hold that this captures or releases; a hold is resolved once.
    pub resolves: Option<i64>,
    /// Who caused it.
    pub actor: String,
    /// What an admin wrote to it.
    pub memo: Option<String>,
    /// Unix time in milliseconds.
    pub at_ms: i64,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
