//! What the admins were warned of and is not solved yet.
//!
//! Invariant: a row stands for a trouble that the admins have heard of; it goes with the trouble.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};

use crate::store::entity::alerts::{Column, Entity, Model};
use crate::store::{StoreError, Tx};

/// Notes that the admins hear of something now; `false` where they heard of it since
/// `told_before_ms`.
///
/// # Errors
/// Only the database's own.
pub async fn tell(
    tx: &Tx,
    kind: &str,
    about: &str,
    now_ms: i64,
    told_before_ms: i64,
) -> Result<bool, StoreError> {
    let key = (kind.to_owned(), about.to_owned());
    let known = Entity::find_by_id(key).one(tx).await?;
    // One from the future was told before the clock was set right.
    let is_fresh = |row: &Model| (told_before_ms..=now_ms).contains(&row.told_at_ms);
    if known.as_ref().is_some_and(is_fresh) {
        return Ok(false);
    }
    let row = Model {
        kind: kind.to_owned(),
        about: about.to_owned(),
        raised_at_ms: known.map_or(now_ms, |row| row.raised_at_ms),
        told_at_ms: now_ms,
    };
    Entity::insert(row.into_active_model().reset_all())
        .on_conflict(
            OnConflict::columns([Column::Kind, Column::About])
                .update_column(Column::ToldAtMs)
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(true)
}

/// What of a kind the admins heard of.
///
/// # Errors
/// Only the database's own.
pub async fn told(
    connection: &impl ConnectionTrait,
    kind: &str,
) -> Result<Vec<String>, StoreError> {
    let rows = Entity::find().filter(Column::Kind.eq(kind));
    let rows = rows.all(connection).await?;
    Ok(rows.into_iter().map(|row| row.about).collect())
}

/// Forgets what is solved; `false` where nobody had heard of it.
///
/// # Errors
/// Only the database's own.
pub async fn forget(tx: &Tx, kind: &str, about: &str) -> Result<bool, StoreError> {
    let key = (kind.to_owned(), about.to_owned());
    let gone = Entity::delete_by_id(key).exec(tx).await?;
    Ok(gone.rows_affected == 1)
}
