//! The keys that a database was sealed with. Only their names, and a value that each must open.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "data_keys")]
pub struct Model {
    /// The key's name; `plain` while rows may be there that were never sealed.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The same word, sealed with each.
    pub check_value: String,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
