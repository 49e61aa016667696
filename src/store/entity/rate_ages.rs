//! Since when a rate stands in the settings, and when admins were told that one is old.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rate_ages")]
pub struct Model {
    /// ISO 4217 code.
    #[sea_orm(primary_key, auto_increment = false)]
    pub currency: String,
    /// The rate that the settings had last, decimal.
    pub settings_rate: Option<String>,
    /// Since when, Unix time in milliseconds.
    pub settings_since_ms: Option<i64>,
    /// When admins were last told of its age, Unix time in milliseconds.
    pub warned_at_ms: Option<i64>,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
