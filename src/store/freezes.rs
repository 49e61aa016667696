//! What is frozen.
//!
//! Invariant: one row for each thing; the first freeze of it stays as it was until it is lifted.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryOrder};

use crate::store::StoreError;
use crate::store::entity::freezes::{Column, Entity, Model};

/// All of them, oldest first.
///
/// # Errors
/// Only the database's own.
pub async fn all(connection: &impl ConnectionTrait) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find()
        .order_by_asc(Column::AtMs)
        .all(connection)
        .await?)
}

/// Freezes something; `false` where it is frozen already.
///
/// # Errors
/// Only the database's own.
pub async fn add(transaction: &impl ConnectionTrait, row: Model) -> Result<bool, StoreError> {
    let written = Entity::insert(row.into_active_model().reset_all())
        .on_conflict(
            OnConflict::columns([Column::What, Column::Target])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(written == 1)
}

/// Lifts a freeze; `false` where there is none.
///
/// # Errors
/// Only the database's own.
pub async fn lift(
    transaction: &impl ConnectionTrait,
    what: &str,
    target: &str,
) -> Result<bool, StoreError> {
    let lifted = Entity::delete_by_id((what.to_owned(), target.to_owned()))
        .exec(transaction)
        .await?;
    Ok(lifted.rows_affected == 1)
}
