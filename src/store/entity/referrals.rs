//! Who was invited by whom.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "referrals")]
pub struct Model {
    /// Who came.
    #[sea_orm(primary_key, auto_increment = false)]
    pub invited_id: i64,
    /// Through whose link.
    pub referrer_id: i64,
    /// Unix time in milliseconds.
    pub at_ms: i64,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
