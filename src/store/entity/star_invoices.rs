//! Invoices in Telegram Stars, with what each of them promises.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "star_invoices")]
pub struct Model {
    /// Stands in the invoice's payload.
    #[sea_orm(primary_key, auto_increment = false)]
    pub nonce: String,
    /// Who may pay it.
    pub user_id: i64,
    /// What it costs.
    pub stars: i64,
    /// What it brings, in minor units of the wallet's currency.
    pub credit: i64,
    /// Unix time in milliseconds.
    pub created_at_ms: i64,
    /// Until when it can be paid.
    pub expires_at_ms: i64,
    /// When a payment of it was last let through.
    pub approved_at_ms: Option<i64>,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
