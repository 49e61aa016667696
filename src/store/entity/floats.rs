//! What our balance at each upstream is beyond what the ledger explains, in millionths.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "floats")]
pub struct Model {
    /// The upstream.
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider: String,
    /// Of the balance.
    pub currency: String,
    /// Balance less the ledger's float when the two last agreed: what was paid in there.
    pub settled: i64,
    /// The same by the last quiet reading.
    pub seen: i64,
    /// When that was, Unix time in milliseconds.
    pub seen_at_ms: i64,
    /// What admins were told last.
    pub told: Option<i64>,
    /// When they were told.
    pub told_at_ms: Option<i64>,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
