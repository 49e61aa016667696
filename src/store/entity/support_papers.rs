//! In which message an admin sees what a user wrote.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "support_papers")]
pub struct Model {
    /// What the user wrote.
    #[sea_orm(primary_key, auto_increment = false)]
    pub message_id: i64,
    /// The admin.
    #[sea_orm(primary_key, auto_increment = false)]
    pub admin_id: i64,
    /// Telegram's message in that admin's chat.
    pub telegram_id: i64,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
