//! What users write to the people who run the shop, and what they are answered.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "support_messages")]
pub struct Model {
    /// Counts up.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// In whose thread.
    pub user_id: i64,
    /// Who wrote it: the user, or who answered.
    pub author_id: i64,
    /// Raw; empty under a mere picture.
    pub text: String,
    /// Telegram's id of a picture.
    pub file_id: Option<String>,
    /// Whether that is a photo, and not a file.
    pub is_photo: bool,
    /// Unix time in milliseconds.
    pub at_ms: i64,
    /// Who answered it.
    pub answered_by: Option<i64>,
    /// When.
    pub answered_at_ms: Option<i64>,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Leaves out what is personal.
impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("support_messages")
            .field("id", &self.id)
            .field("user_id", &self.user_id)
            .finish_non_exhaustive()
    }
}
