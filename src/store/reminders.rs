//! Which reminders of a rental's end a user does not want.
//!
//! Invariant: without a row a reminder is wanted.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};

use crate::domain::id::UserId;
use crate::store::entity::unwanted_reminders::{Column, Entity, Model};
use crate::store::{StoreError, Tx};

/// The hours before the end at which a user wants no word.
///
/// # Errors
/// Only the database's own.
pub async fn unwanted(
    connection: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<i64>, StoreError> {
    let rows = Entity::find().filter(Column::UserId.eq(user.0));
    let rows = rows.all(connection).await?;
    Ok(rows.into_iter().map(|row| row.hours).collect())
}

/// Says whether a reminder is wanted. Saying it again changes nothing.
///
/// # Errors
/// Only the database's own.
pub async fn set(tx: &Tx, user: UserId, hours: i64, is_wanted: bool) -> Result<(), StoreError> {
    if is_wanted {
        Entity::delete_by_id((user.0, hours)).exec(tx).await?;
        return Ok(());
    }
    let row = Model {
        user_id: user.0,
        hours,
    };
    let known = OnConflict::columns([Column::UserId, Column::Hours])
        .do_nothing()
        .to_owned();
    Entity::insert(row.into_active_model().reset_all())
        .on_conflict(known)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
