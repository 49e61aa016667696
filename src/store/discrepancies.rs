//! Orders on which an upstream and we disagree.
//!
//! Invariant: one row for each order upstream, however often it is seen.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder,
};

use crate::domain::id::ProviderId;
use crate::store::StoreError;
use crate::store::entity::discrepancies::{ActiveModel, Column, Entity, Model};

/// Those at one upstream, the oldest first.
///
/// # Errors
/// Only the database's own.
pub async fn at(
    connection: &impl ConnectionTrait,
    provider: &ProviderId,
) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find()
        .filter(Column::Provider.eq(provider.as_str()))
        .order_by_asc(Column::FirstSeenMs)
        .order_by_asc(Column::UpstreamId)
        .all(connection)
        .await?)
}

/// All that were seen since then.
///
/// # Errors
/// Only the database's own.
pub async fn seen_since(
    connection: &impl ConnectionTrait,
    since_ms: i64,
) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find()
        .filter(Column::LastSeenMs.gte(since_ms))
        .order_by_asc(Column::Provider)
        .order_by_asc(Column::FirstSeenMs)
        .all(connection)
        .await?)
}

/// Writes one down, or that it was seen again.
///
/// # Errors
/// Only the database's own.
pub async fn seen(transaction: &impl ConnectionTrait, row: Model) -> Result<(), StoreError> {
    let row: ActiveModel = row.into_active_model().reset_all();
    Entity::insert(row)
        .on_conflict(
            OnConflict::columns([Column::Provider, Column::UpstreamId])
                .update_columns([Column::LastSeenMs, Column::ToldAtMs])
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// Forgets those that were not seen since then.
///
/// # Errors
/// Only the database's own.
pub async fn forget_before(
    transaction: &impl ConnectionTrait,
    before_ms: i64,
) -> Result<(), StoreError> {
    Entity::delete_many()
        .filter(Column::LastSeenMs.lt(before_ms))
        .exec(transaction)
        .await?;
    Ok(())
}
