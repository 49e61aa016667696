//! What a button stands for: its content is kept here, never in the button.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "intents")]
pub struct Model {
    /// The button's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub nonce: String,
    /// Whom it was drawn for.
    pub user_id: i64,
    /// `purchase`, `topup`, `price`.
    pub kind: String,
    /// JSON.
    pub content: String,
    /// Unix time in milliseconds.
    pub created_at_ms: i64,
    /// Until when it works.
    pub expires_at_ms: i64,
    /// When it was used, where using it leaves no other trace.
    pub used_at_ms: Option<i64>,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
