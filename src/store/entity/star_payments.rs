//! Payments in Telegram Stars, by the number that Telegram gave them.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "star_payments")]
pub struct Model {
    /// Telegram's number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub charge_id: String,
    /// Who paid.
    pub user_id: i64,
    /// How much they paid.
    pub stars: i64,
    /// How much they got, in minor units of the wallet's currency.
    pub credit: i64,
    /// `credited`, `refunding`, `refunded`, or `owed`: Telegram paid back what the wallet could
    /// not give.
    pub state: String,
    /// How often a refund was begun.
    pub refunds: i64,
    /// The admin who began the last one; none where Telegram paid back by itself.
    pub refunded_by: Option<i64>,
    /// When it was paid; Unix time in milliseconds.
    pub paid_at_ms: i64,
    /// The last change.
    pub updated_at_ms: i64,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
