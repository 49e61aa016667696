//! Codes that bring money into a wallet.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vouchers")]
pub struct Model {
    /// Counts up.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The key of the button that made it.
    pub nonce: String,
    /// What users type, in small letters without dashes.
    pub code: String,
    /// What each use brings, in minor units.
    pub amount: i64,
    /// How often it can be used.
    pub uses: i64,
    /// How often it was.
    pub used: i64,
    /// How often by one user.
    pub per_user: i64,
    /// Until when; none for ever.
    pub expires_at_ms: Option<i64>,
    /// When an admin closed it.
    pub closed_at_ms: Option<i64>,
    /// The admin who made it.
    pub created_by: i64,
    /// Unix time in milliseconds.
    pub created_at_ms: i64,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
