//! The operators of each upstream in each country.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "operators")]
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
    /// Usual name.
    pub operator: String,
    /// The upstream's spelling.
    pub operator_code: String,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
