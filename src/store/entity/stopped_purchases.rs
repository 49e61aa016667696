//! The last purchase of each user that stopped for lack of money.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stopped_purchases")]
pub struct Model {
    /// Who.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
    /// What, as JSON.
    pub choice: String,
    /// Our number of the service.
    pub service_id: i64,
    /// ISO 3166 alpha-2.
    pub country: String,
    /// What it cost then, in minor units.
    pub price: i64,
    /// Unix time in milliseconds.
    pub at_ms: i64,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
