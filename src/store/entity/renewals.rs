//! What only renewals know, beside their orders.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "renewals")]
pub struct Model {
    /// The order that renews.
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: i64,
    /// The order that rented the number.
    pub rental_id: i64,
    /// For how much longer.
    pub hours: i64,
    /// The rental's end before, as the upstream wrote it.
    pub end_written_before: Option<String>,
    /// The rental's end before, Unix milliseconds.
    pub ended_before_ms: i64,
    /// Its end since then; empty until it is known.
    pub ends_at_ms: Option<i64>,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
