//! What users want to hear of once it is in stock again.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "watches")]
pub struct Model {
    /// Counts up.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Who.
    pub user_id: i64,
    /// Our number of the service.
    pub service_id: i64,
    /// The service's name then.
    pub service_name: String,
    /// ISO 3166 alpha-2.
    pub country: String,
    /// The operator; empty for any. Only then is a row unique: two NULLs are never equal.
    pub operator: String,
    /// The upstream; empty for any.
    pub server: String,
    /// Unix time in milliseconds.
    pub created_at_ms: i64,
    /// When it is forgotten.
    pub expires_at_ms: i64,
    /// When the user was told.
    pub told_at_ms: Option<i64>,
    /// The most that the user wants to pay, in minor units; `None` for any price.
    pub max_price: Option<i64>,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
