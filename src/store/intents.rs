//! What buttons stand for.
//!
//! Invariant: a button carries a nonce only; prices, amounts and receivers are read from here.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
};

use crate::domain::id::{Nonce, UserId};
use crate::store::StoreError;
use crate::store::entity::intents;

/// Keeps `content` for the user under the nonce until `expires_at_ms`.
///
/// # Errors
/// Only the database's own.
pub async fn keep(
    transaction: &impl ConnectionTrait,
    user: UserId,
    nonce: &Nonce,
    kind: &str,
    content: String,
    [now_ms, expires_at_ms]: [i64; 2],
) -> Result<(), StoreError> {
    let row = intents::ActiveModel {
        nonce: Set(nonce.0.clone()),
        user_id: Set(user.0),
        kind: Set(kind.to_owned()),
        content: Set(content),
        created_at_ms: Set(now_ms),
        expires_at_ms: Set(expires_at_ms),
        used_at_ms: Set(None),
    };
    intents::Entity::insert(row)
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// What a nonce stands for, if it was drawn for this user and as this kind.
///
/// # Errors
/// Only the database's own.
pub async fn find(
    connection: &impl ConnectionTrait,
    user: UserId,
    nonce: &Nonce,
    kind: &str,
) -> Result<Option<intents::Model>, StoreError> {
    let row = intents::Entity::find_by_id(nonce.0.clone())
        .one(connection)
        .await?;
    Ok(row.filter(|row| row.user_id == user.0 && row.kind == kind))
}

/// Until when the last intent of this kind that a user has works; `None` where none does.
///
/// # Errors
/// Only the database's own.
pub async fn open_until(
    connection: &impl ConnectionTrait,
    user: UserId,
    kind: &str,
    now_ms: i64,
) -> Result<Option<i64>, StoreError> {
    let row = intents::Entity::find()
        .filter(intents::Column::UserId.eq(user.0))
        .filter(intents::Column::Kind.eq(kind))
        .filter(intents::Column::ExpiresAtMs.gt(now_ms))
        .order_by_desc(intents::Column::ExpiresAtMs)
        .one(connection)
        .await?;
    Ok(row.map(|row| row.expires_at_ms))
}

/// Notes the use of an intent; `false` where it was used before.
///
/// # Errors
/// Only the database's own.
pub async fn mark_used(
    transaction: &impl ConnectionTrait,
    nonce: &Nonce,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let changed = intents::Entity::update_many()
        .col_expr(intents::Column::UsedAtMs, Expr::value(now_ms))
        .filter(intents::Column::Nonce.eq(nonce.0.as_str()))
        .filter(intents::Column::UsedAtMs.is_null())
        .exec(transaction)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Forgets intents that ended before `before_ms`.
///
/// # Errors
/// Only the database's own.
pub async fn purge(transaction: &impl ConnectionTrait, before_ms: i64) -> Result<u64, StoreError> {
    let gone = intents::Entity::delete_many()
        .filter(intents::Column::ExpiresAtMs.lt(before_ms))
        .exec(transaction)
        .await?;
    Ok(gone.rows_affected)
}
