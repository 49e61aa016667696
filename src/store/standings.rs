//! What admins decided about each upstream.
//!
//! Invariant: an upstream without a row is on, of priority 0, and warns of no low balance.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel};

use crate::store::StoreError;
use crate::store::entity::standings::{ActiveModel, Column, Entity, Model};

/// All that was ever decided.
///
/// # Errors
/// Only the database's own.
pub async fn all(connection: &impl ConnectionTrait) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find().all(connection).await?)
}

/// Writes a decision over the former one of the same upstream.
///
/// # Errors
/// Only the database's own.
pub async fn decide(transaction: &impl ConnectionTrait, row: Model) -> Result<(), StoreError> {
    let columns = [Column::IsOn, Column::Priority, Column::LowBalance];
    write(transaction, row, &columns).await
}

/// Notes when admins were warned of what is given back, or that it is forgotten.
///
/// # Errors
/// Only the database's own.
pub async fn warned_of_cancels(
    transaction: &impl ConnectionTrait,
    row: Model,
) -> Result<(), StoreError> {
    write(transaction, row, &[Column::CancelsWarnedAtMs]).await
}

async fn write(
    transaction: &impl ConnectionTrait,
    row: Model,
    columns: &[Column],
) -> Result<(), StoreError> {
    let row: ActiveModel = row.into_active_model().reset_all();
    Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::Provider)
                .update_columns(columns.iter().copied())
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}
