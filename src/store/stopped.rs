//! Purchases that stopped for lack of money.
//!
//! Invariant: one for each user, the last; it is taken once.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter,
};

use crate::domain::id::UserId;
use crate::store::StoreError;
use crate::store::entity::orders;
use crate::store::entity::stopped_purchases::{Column, Entity, Model};

/// Keeps a user's stopped purchase in place of an earlier one.
///
/// # Errors
/// Only the database's own.
pub async fn keep(transaction: &impl ConnectionTrait, row: Model) -> Result<(), StoreError> {
    Entity::insert(row.into_active_model().reset_all())
        .on_conflict(
            OnConflict::column(Column::UserId)
                .update_columns([
                    Column::Choice,
                    Column::ServiceId,
                    Column::Country,
                    Column::Price,
                    Column::AtMs,
                ])
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// Takes a user's stopped purchase that `available` covers, if it stopped after `since_ms` and
/// nothing of the kind was bought afterwards.
///
/// # Errors
/// Only the database's own.
pub async fn take(
    transaction: &impl ConnectionTrait,
    user: UserId,
    available: i64,
    since_ms: i64,
) -> Result<Option<Model>, StoreError> {
    let Some(row) = Entity::find_by_id(user.0).one(transaction).await? else {
        return Ok(None);
    };
    let is_old = row.at_ms < since_ms;
    if !is_old && row.price > available {
        return Ok(None);
    }
    Entity::delete_by_id(user.0).exec(transaction).await?;
    let bought = orders::Entity::find()
        .filter(orders::Column::UserId.eq(user.0))
        .filter(orders::Column::ServiceId.eq(row.service_id))
        .filter(orders::Column::Country.eq(row.country.as_str()))
        .filter(orders::Column::CreatedAtMs.gte(row.at_ms))
        .count(transaction)
        .await?;
    Ok((!is_old && bought == 0).then_some(row))
}
