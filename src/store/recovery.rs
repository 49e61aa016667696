//! Whether this database may be an older copy that was put back.
//!
//! Invariant: the suspicion stands in the database until an admin takes it back, however often the
//! process starts meanwhile.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::store::entity::recovery::{Column, Entity};
use crate::store::{StoreError, entity, from_ms, orders, to_ms};

/// What speaks against a database being the newest copy of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The note beside it has seen it further on.
    Older,
    /// The note beside it is missing, or is that of another database.
    Moved,
    /// An upstream knows of purchases that are newer than anything in it.
    Upstream,
}

impl Evidence {
    const fn word(self) -> &'static str {
        match self {
            Self::Older => "older",
            Self::Moved => "moved",
            Self::Upstream => "upstream",
        }
    }
}

/// A suspicion that nobody took back yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// Since when.
    pub since: DateTime<Utc>,
    /// Why.
    pub evidence: Evidence,
}

/// The suspicion, if there is one.
///
/// # Errors
/// Only the database's own.
pub async fn find(connection: &impl ConnectionTrait) -> Result<Option<Recovery>, StoreError> {
    let row = Entity::find().one(connection).await?;
    Ok(row.and_then(|row| {
        let evidence = match row.evidence.as_deref() {
            Some("older") => Evidence::Older,
            Some("upstream") => Evidence::Upstream,
            Some(_) | None => Evidence::Moved,
        };
        let since = from_ms(row.since_ms?);
        Some(Recovery { since, evidence })
    }))
}

/// The name that all copies of this database share, given now if it has none; and whether it was.
pub(super) async fn name(
    transaction: &impl ConnectionTrait,
) -> Result<(String, bool), sea_orm::DbErr> {
    let row = Entity::find().one(transaction).await?;
    if let Some(row) = row.filter(|row| !row.database_id.is_empty()) {
        return Ok((row.database_id, false));
    }
    let name = format!("{:032x}", rand::random::<u128>());
    Entity::update_many()
        .col_expr(Column::DatabaseId, Expr::value(name.clone()))
        .exec(transaction)
        .await?;
    Ok((name, true))
}

/// Writes a suspicion down.
///
/// # Errors
/// Only the database's own.
pub async fn suspect(
    transaction: &impl ConnectionTrait,
    evidence: Evidence,
    now: DateTime<Utc>,
) -> Result<(), sea_orm::DbErr> {
    Entity::update_many()
        .col_expr(Column::SinceMs, Expr::value(to_ms(now)))
        .col_expr(Column::Evidence, Expr::value(evidence.word()))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Takes the suspicion back.
///
/// # Errors
/// Only the database's own.
pub async fn clear(transaction: &impl ConnectionTrait) -> Result<(), StoreError> {
    Entity::update_many()
        .col_expr(Column::SinceMs, Expr::value(None::<i64>))
        .col_expr(Column::Evidence, Expr::value(None::<String>))
        .exec(transaction)
        .await?;
    Ok(())
}

/// How many orders are open.
///
/// # Errors
/// Only the database's own.
pub async fn count_open(connection: &impl ConnectionTrait) -> Result<u64, StoreError> {
    Ok(entity::orders::Entity::find()
        .filter(orders::is_open())
        .count(connection)
        .await?)
}
