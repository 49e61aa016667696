//! Money that users say they send, until an admin says whether it came.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "topup_requests")]
pub struct Model {
    /// Counts up.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Who.
    pub user_id: i64,
    /// `transfer` or `qris`.
    pub way: String,
    /// What is to be paid, its last digits chosen to tell it apart.
    pub amount: i64,
    /// `open`, `submitted`, `approved`, `rejected`, `expired` or `withdrawn`.
    pub state: String,
    /// Telegram's id of the picture.
    pub proof: Option<String>,
    /// Whether it is a photo, and not a file.
    pub proof_is_photo: bool,
    /// What came into the wallet.
    pub credited: Option<i64>,
    /// The admin whose word counted.
    pub decided_by: Option<i64>,
    /// Unix time in milliseconds.
    pub created_at_ms: i64,
    /// The last change.
    pub updated_at_ms: i64,
    /// When it ends by itself.
    pub expires_at_ms: i64,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
