//! Messages that were not handed over.
//!
//! Invariant: a message is noted once, by a keyed hash of its text; the text itself is kept nowhere.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel};

use crate::store::connection::Keyed;
use crate::store::entity::services;
use crate::store::entity::withheld::{Column, Entity, Model};
use crate::store::{StoreError, sealed};

/// Notes by its keyed hash that a message of an order named a service; `false` where it is noted
/// already.
///
/// # Errors
/// Only the database's own.
pub async fn note(
    transaction: &impl Keyed,
    order: i64,
    text: &str,
    service: String,
    at_ms: i64,
) -> Result<bool, StoreError> {
    let row = Model {
        order_id: order,
        digest: transaction.keys().mark(sealed::TEXT, text)?,
        service,
        at_ms,
    };
    let written = Entity::insert(row.into_active_model().reset_all())
        .on_conflict(
            OnConflict::columns([Column::OrderId, Column::Digest])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(written == 1)
}

/// The key of a service by its number.
///
/// # Errors
/// Only the database's own.
pub async fn service_key(
    connection: &impl ConnectionTrait,
    service_id: i64,
) -> Result<Option<String>, StoreError> {
    let row = services::Entity::find_by_id(service_id)
        .one(connection)
        .await?;
    Ok(row.map(|row| row.key))
}
