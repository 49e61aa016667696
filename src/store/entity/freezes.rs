//! What is frozen: of it nothing new is bought.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "freezes")]
pub struct Model {
    /// `user`, `service`, `provider` or `all`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub what: String,
    /// Which one, by its number or name; empty for all.
    #[sea_orm(primary_key, auto_increment = false)]
    pub target: String,
    /// What it is called.
    pub name: String,
    /// Why, as an admin wrote it.
    pub reason: Option<String>,
    /// The admin.
    pub set_by: i64,
    /// When, Unix time in milliseconds.
    pub at_ms: i64,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
