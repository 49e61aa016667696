//! Who may do what, besides the owners.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "roles")]
pub struct Model {
    /// Telegram's number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
    /// As [`crate::domain::role::Role`] writes it.
    pub role: String,
    /// By whom.
    pub given_by: i64,
    /// Unix time in milliseconds.
    pub given_at_ms: i64,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
