//! The one row that says whether the database is known to be the newest copy of itself.

use sea_orm::entity::prelude::*;

/// What is known.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recovery")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// A random name that all copies share; empty before the first note beside the database.
    pub database_id: String,
    /// Since when nothing is sold, because this may be an older copy.
    pub since_ms: Option<i64>,
    /// Why that is believed, in one word.
    pub evidence: Option<String>,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
