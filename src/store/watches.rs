//! What users want to hear of once it is in stock again, or cheap enough.
//!
//! Invariant: one row for each user and choice, and each row is told at most once.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ColumnTrait, ConnectionTrait, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use crate::domain::id::UserId;
use crate::store::StoreError;
use crate::store::entity::watches::{Column, Entity, Model};

/// Writes a watch. One that is there keeps its place, takes the new limit and lives longer; its
/// id is chosen here.
///
/// # Errors
/// Only the database's own.
pub async fn add(transaction: &impl ConnectionTrait, row: Model) -> Result<(), StoreError> {
    let mut row = row.into_active_model().reset_all();
    row.id = NotSet;
    let unique = [
        Column::UserId,
        Column::ServiceId,
        Column::Country,
        Column::Operator,
        Column::Server,
    ];
    Entity::insert(row)
        .on_conflict(
            OnConflict::columns(unique)
                .update_columns([Column::ExpiresAtMs, Column::ToldAtMs, Column::MaxPrice])
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// A user's watches that are neither told nor expired, oldest first.
///
/// # Errors
/// Only the database's own.
pub async fn of_user(
    connection: &impl ConnectionTrait,
    user: UserId,
    now_ms: i64,
) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find()
        .filter(Column::UserId.eq(user.0))
        .filter(Column::ToldAtMs.is_null())
        .filter(Column::ExpiresAtMs.gt(now_ms))
        .order_by_asc(Column::Id)
        .all(connection)
        .await?)
}

/// Forgets one of a user's watches.
///
/// # Errors
/// Only the database's own.
pub async fn remove(
    transaction: &impl ConnectionTrait,
    user: UserId,
    id: i64,
) -> Result<(), StoreError> {
    Entity::delete_many()
        .filter(Column::Id.eq(id))
        .filter(Column::UserId.eq(user.0))
        .exec(transaction)
        .await?;
    Ok(())
}

/// All watches that are not expired, told ones included, oldest first.
///
/// # Errors
/// Only the database's own.
pub async fn live(
    connection: &impl ConnectionTrait,
    now_ms: i64,
    limit: u64,
) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find()
        .filter(Column::ExpiresAtMs.gt(now_ms))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(connection)
        .await?)
}

/// Notes that a watch is told, and that it is forgotten at `until_ms`; `false` where it was told
/// before, or is gone.
///
/// # Errors
/// Only the database's own.
pub async fn mark_told(
    transaction: &impl ConnectionTrait,
    id: i64,
    [now_ms, until_ms]: [i64; 2],
) -> Result<bool, StoreError> {
    let told = Entity::update_many()
        .col_expr(Column::ToldAtMs, Expr::value(now_ms))
        .col_expr(Column::ExpiresAtMs, Expr::value(until_ms))
        .filter(Column::Id.eq(id))
        .filter(Column::ToldAtMs.is_null())
        .exec(transaction)
        .await?;
    Ok(told.rows_affected == 1)
}

/// Forgets what is expired.
///
/// # Errors
/// Only the database's own.
pub async fn purge(transaction: &impl ConnectionTrait, now_ms: i64) -> Result<u64, StoreError> {
    let gone = Entity::delete_many()
        .filter(Column::ExpiresAtMs.lte(now_ms))
        .exec(transaction)
        .await?;
    Ok(gone.rows_affected)
}
