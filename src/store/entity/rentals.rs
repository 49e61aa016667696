//! What only rentals know, beside their orders.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rentals")]
pub struct Model {
    /// The order that rented it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: i64,
    /// For how long it was rented at first.
    pub hours: i64,
    /// What its user calls it.
    pub label: Option<String>,
    /// Whether its SMS come without a message of their own.
    pub is_muted: bool,
    /// Its end as the upstream last wrote it.
    pub end_written: Option<String>,
    /// The last reminder before its present end, by the hours before it.
    pub reminded_hours: Option<i64>,
    /// When its last SMS was seen.
    pub last_sms_at_ms: Option<i64>,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Leaves out what is personal.
impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("rentals")
            .field("order_id", &self.order_id)
            .field("hours", &self.hours)
            .finish_non_exhaustive()
    }
}
