//! Markups that admins set.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "price_rules")]
pub struct Model {
    /// The scope as an admin types it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub scope: String,
    /// One upstream.
    pub provider: Option<String>,
    /// One country.
    pub country: Option<String>,
    /// One service.
    pub service: Option<String>,
    /// Decimal.
    pub percent: String,
    /// Minor units.
    pub fixed: i64,
    /// Minor units.
    pub step: i64,
    /// Minor units.
    pub minimum: i64,
    /// Which admin.
    pub set_by: i64,
    /// Unix time in milliseconds.
    pub set_at_ms: i64,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
