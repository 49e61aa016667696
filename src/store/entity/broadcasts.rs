//! Messages to many.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "broadcasts")]
pub struct Model {
    /// Counts up.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The one place for a broadcast that is not over; nothing afterwards.
    pub slot: Option<i64>,
    /// The admin, in whose chat the original stands.
    pub by_user: i64,
    /// The original.
    pub message_id: i64,
    /// As [`crate::domain::audience::Audience`] writes it.
    pub audience: String,
    /// `running`, `paused`, `done`, `cancelled` or `gone`.
    pub state: String,
    /// Where the admin sees how far it is.
    pub card_message_id: i64,
    /// How many were to get it.
    pub total: i64,
    /// How many got it.
    pub delivered: i64,
    /// How many have blocked the bot or are gone.
    pub blocked: i64,
    /// How many could not be written to for another reason.
    pub failed: i64,
    /// How many wanted no news by the time it was their turn.
    pub declined: i64,
    /// Unix time in milliseconds.
    pub started_at_ms: i64,
    /// Unix time in milliseconds.
    pub ended_at_ms: Option<i64>,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
