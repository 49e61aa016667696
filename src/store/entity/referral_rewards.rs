//! What invited users brought to those who invited them.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "referral_rewards")]
pub struct Model {
    /// The order's number or the top-up's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub source: String,
    /// Who came.
    pub invited_id: i64,
    /// Who gets it.
    pub referrer_id: i64,
    /// Minor units; nought where the share or the rest of the cap was.
    pub amount: i64,
    /// How much of it was taken back.
    pub taken_back: i64,
    /// Unix time in milliseconds.
    pub at_ms: i64,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
