//! The one row that says who serves the database.

use sea_orm::entity::prelude::*;

/// The lease.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lease")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// One more with each process that took it.
    pub epoch: i64,
    /// Which process, on which machine.
    pub holder: String,
    /// When it was taken.
    pub taken_at_ms: i64,
    /// How often a server has committed so far.
    pub commits: i64,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
