//! What was received. The same text twice for one order is one SMS unless the upstream says when
//! each was sent: polling cannot tell them apart.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sms")]
pub struct Model {
    /// Counts up.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The order.
    pub order_id: i64,
    /// Raw.
    pub text: String,
    /// The code in it.
    pub code: Option<String>,
    /// Unix time in milliseconds.
    pub seen_at_ms: i64,
    /// Who sent it, where the upstream says so.
    pub sender: Option<String>,
    /// When it was sent, Unix milliseconds, where the upstream says so.
    pub sent_at_ms: Option<i64>,
    /// The text's keyed hash, so that one text is one SMS; empty where it was never sealed.
    pub digest: Option<String>,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Leaves out what is personal.
impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("sms")
            .field("id", &self.id)
            .field("order_id", &self.order_id)
            .field("seen_at_ms", &self.seen_at_ms)
            .finish_non_exhaustive()
    }
}
