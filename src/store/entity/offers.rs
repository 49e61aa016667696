//! What each upstream sells, as of its last refresh.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "offers")]
pub struct Model {
    /// Counts up.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The upstream.
    pub provider: String,
    /// ISO 3166 alpha-2.
    pub country: String,
    /// The upstream's code.
    pub country_code: String,
    /// Our service.
    pub service_id: i64,
    /// The upstream's code.
    pub service_code: String,
    /// The upstream's name.
    pub service_name: String,
    /// As sent.
    pub cost: String,
    /// ISO 4217 code.
    pub currency: String,
    /// Numbers left, where known.
    pub stock: Option<i64>,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
