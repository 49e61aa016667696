//! People who wrote to the bot.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    /// Telegram's number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// As Telegram gave it.
    pub first_name: String,
    /// Without `@`.
    pub username: Option<String>,
    /// Their Telegram's IETF tag.
    pub telegram_language: Option<String>,
    /// What they chose here.
    pub chosen_language: Option<String>,
    /// Since when they block the bot.
    pub unreachable_since_ms: Option<i64>,
    /// First contact, Unix time in milliseconds.
    pub created_at_ms: i64,
    /// When they were last here, to the hour.
    pub seen_at_ms: Option<i64>,
    /// Since when they cannot use the shop.
    pub banned_at_ms: Option<i64>,
    /// What an admin noted.
    pub note: Option<String>,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Leaves out what is personal.
impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("users")
            .field("id", &self.id)
            .field("telegram_language", &self.telegram_language)
            .field("chosen_language", &self.chosen_language)
            .field("unreachable_since_ms", &self.unreachable_since_ms)
            .field("banned_at_ms", &self.banned_at_ms)
            .finish_non_exhaustive()
    }
}
