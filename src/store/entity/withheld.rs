//! Messages that were not handed over.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "withheld")]
pub struct Model {
    /// Of which order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: i64,
    /// A keyed hash of its text.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: String,
    /// The key of the service that it names.
    pub service: String,
    /// When, Unix time in milliseconds.
    pub at_ms: i64,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
