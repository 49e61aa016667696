//! Purchase calls: written before anything is sent; at most one per order is unresolved.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attempts")]
pub struct Model {
    /// Counts up.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The order.
    pub order_id: i64,
    /// The upstream.
    pub provider: String,
    /// The upstream whose account pays, where that is another.
    pub purse: Option<String>,
    /// The upstream's code.
    pub service_code: String,
    /// The upstream's code.
    pub country_code: String,
    /// The upstream's spelling.
    pub operator: Option<String>,
    /// What it was listed for.
    pub cost: String,
    /// In which currency.
    pub currency: String,
    /// What a user pays for this offer, minor units of the wallet.
    pub price: Option<i64>,
    /// Just before the call, Unix time in milliseconds.
    pub started_at_ms: i64,
    /// Successful reads of the upstream's list that did not show it.
    pub good_reads: i64,
    /// How it ended; empty while nobody knows.
    pub outcome: Option<String>,
    /// The error, redacted.
    pub detail: Option<String>,
    /// When the outcome was known.
    pub closed_at_ms: Option<i64>,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
