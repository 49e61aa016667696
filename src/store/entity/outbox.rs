//! Notices to users that must arrive.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    /// Counts up.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// To whom.
    pub user_id: i64,
    /// JSON of [`crate::shop::notice::Notice`].
    pub notice: String,
    /// Codes and refunds go first.
    pub urgent: bool,
    /// Counts up when the same notice is asked for again before it went out.
    pub generation: i64,
    /// Unix time in milliseconds.
    pub created_at_ms: i64,
    /// When to try.
    pub next_attempt_at_ms: i64,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was settled.
    pub done_at_ms: Option<i64>,
    /// `sent` or `unreachable`.
    pub outcome: Option<String>,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
