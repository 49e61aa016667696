//! How admins want services to be shown.

use sea_orm::entity::prelude::*;

/// A row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "service_faces")]
pub struct Model {
    /// The service's key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// Whether it is not sold and shown nowhere.
    pub is_hidden: bool,
    /// Since when it stands at the top, Unix time in milliseconds.
    pub pinned_at_ms: Option<i64>,
    /// What it is called here.
    pub name: Option<String>,
}

/// Rows are joined by hand where they need to be.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
