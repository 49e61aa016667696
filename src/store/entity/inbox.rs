//! Updates from Telegram, stored before they are acknowledged.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbox")]
pub struct Model {
    /// Telegram's number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub update_id: i64,
    /// The update; forgotten once handled.
    pub json: Option<String>,
    /// Unix time in milliseconds.
    pub received_at_ms: i64,
    /// When its handler ended.
    pub handled_at_ms: Option<i64>,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Leaves out what is personal.
impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("inbox")
            .field("update_id", &self.update_id)
            .field("received_at_ms", &self.received_at_ms)
            .field("handled_at_ms", &self.handled_at_ms)
            .finish_non_exhaustive()
    }
}
