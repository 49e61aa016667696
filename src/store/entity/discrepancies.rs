//! Orders that an upstream lists and we do not know, or that we know and it does not.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "discrepancies")]
pub struct Model {
    /// The upstream.
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider: String,
    /// The order's id there.
    #[sea_orm(primary_key, auto_increment = false)]
    pub upstream_id: String,
    /// Our order, where it is ours.
    pub order_id: Option<i64>,
    /// Unix time in milliseconds.
    pub first_seen_ms: i64,
    /// Unix time in milliseconds.
    pub last_seen_ms: i64,
    /// When admins were told.
    pub told_at_ms: Option<i64>,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
