//! When each country of each upstream was last read well.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "readings")]
pub struct Model {
    /// The upstream.
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider: String,
    /// The upstream's code.
    #[sea_orm(primary_key, auto_increment = false)]
    pub country_code: String,
    /// ISO 3166 alpha-2, or one of ours for a country that nobody knows.
    pub country: String,
    /// The upstream's name of the country.
    pub country_name: String,
    /// Unix time in milliseconds.
    pub read_at_ms: i64,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
