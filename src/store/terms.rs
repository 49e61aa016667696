//! Which terms each user accepted.
//!
//! Invariant: one row for each user and version; the first acceptance stays as it was.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};

use crate::domain::id::UserId;
use crate::store::StoreError;
use crate::store::entity::terms_accepted::{Column, Entity, Model};

/// Whether a user accepted these terms.
///
/// # Errors
/// Only the database's own.
pub async fn are_accepted(
    connection: &impl ConnectionTrait,
    user: UserId,
    version: &str,
) -> Result<bool, StoreError> {
    let row = Entity::find_by_id((user.0, version.to_owned()))
        .one(connection)
        .await?;
    Ok(row.is_some())
}

/// Notes an acceptance. A second one changes nothing.
///
/// # Errors
/// Only the database's own.
pub async fn accept(transaction: &impl ConnectionTrait, row: Model) -> Result<(), StoreError> {
    Entity::insert(row.into_active_model().reset_all())
        .on_conflict(
            OnConflict::columns([Column::UserId, Column::Version])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// What a user accepted, oldest first.
///
/// # Errors
/// Only the database's own.
pub async fn of_user(
    connection: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find()
        .filter(Column::UserId.eq(user.0))
        .order_by_asc(Column::AtMs)
        .all(connection)
        .await?)
}
