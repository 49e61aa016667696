//! Limits that admins set for single users.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_limits")]
pub struct Model {
    /// For whom.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
    /// See [`crate::domain::limits::Limit`].
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// The most; `None` for no limit.
    pub most: Option<i64>,
    /// The admin.
    pub set_by: i64,
    /// When, Unix time in milliseconds.
    pub at_ms: i64,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
