//! Accounts of the ledger with their balances, which triggers keep.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "accounts")]
pub struct Model {
    /// Counts up.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// What it is for: `user:42:available`.
    pub name: String,
    /// ISO 4217 code.
    pub currency: String,
    /// Its owner; such an account is never negative.
    pub user_id: Option<i64>,
    /// Minor units; what arrived less what left.
    pub balance: i64,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
