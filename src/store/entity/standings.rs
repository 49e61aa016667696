//! What admins decided about each upstream.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "standings")]
pub struct Model {
    /// The upstream.
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider: String,
    /// Whether it may sell.
    pub is_on: bool,
    /// Which of two equal prices comes first: the higher.
    pub priority: i64,
    /// Below this balance admins are warned: decimal, in the upstream's currency.
    pub low_balance: Option<String>,
    /// When admins were last warned of its balance, Unix time in milliseconds.
    pub warned_at_ms: Option<i64>,
    /// When admins were warned that too many of its numbers are given back, Unix time in
    /// milliseconds; empty again once they are few.
    pub cancels_warned_at_ms: Option<i64>,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl Model {
    /// What is decided, in words for the log of acts.
    pub(crate) fn words(&self) -> String {
        let on = if self.is_on { "on" } else { "off" };
        let low = self.low_balance.as_deref().unwrap_or("0");
        format!("{on} priority={} low={low}", self.priority)
    }
}

impl ActiveModelBehavior for ActiveModel {}
