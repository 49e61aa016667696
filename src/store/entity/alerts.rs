//! What the admins were warned of.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "alerts")]
pub struct Model {
    /// The kind of trouble.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    /// What it is about: an upstream, an order; empty where there is one of its kind only.
    #[sea_orm(primary_key, auto_increment = false)]
    pub about: String,
    /// Since when, Unix time in milliseconds.
    pub raised_at_ms: i64,
    /// When the admins last heard of it, Unix time in milliseconds.
    pub told_at_ms: i64,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
