//! The services that are or were sold.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "services")]
pub struct Model {
    /// Counts up.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Canonical key.
    pub key: String,
    /// For people.
    pub name: String,
    /// Kind of business.
    pub kind: String,
    /// 1 for the most asked for.
    pub popular: Option<i64>,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
