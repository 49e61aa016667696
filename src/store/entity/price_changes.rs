//! What admins changed about prices, in order.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "price_changes")]
pub struct Model {
    /// Its number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The key of the button that made it.
    pub nonce: String,
    /// Which admin.
    pub admin: i64,
    /// Unix time in milliseconds.
    pub at_ms: i64,
    /// What was set, as JSON of the shop.
    pub subject: String,
    /// What stood there, as JSON of the shop; nothing where nothing stood.
    pub old_setting: Option<String>,
    /// What stands there since.
    pub new_setting: Option<String>,
    /// Which change this takes back.
    pub undoes: Option<i64>,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
