//! How services are shown, and what stands over the shop's door.
//!
//! Invariant: a service without a row is shown under its own name, in its own place.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, IntoActiveModel};

use crate::store::StoreError;
use crate::store::entity::{service_faces, services, shop_front};

/// All faces.
///
/// # Errors
/// Only the database's own.
pub async fn faces(
    connection: &impl ConnectionTrait,
) -> Result<Vec<service_faces::Model>, StoreError> {
    Ok(service_faces::Entity::find().all(connection).await?)
}

/// The face of one service; its own where nobody decided otherwise.
///
/// # Errors
/// Only the database's own.
pub async fn face(
    connection: &impl ConnectionTrait,
    key: &str,
) -> Result<service_faces::Model, StoreError> {
    let row = service_faces::Entity::find_by_id(key)
        .one(connection)
        .await?;
    Ok(row.unwrap_or_else(|| service_faces::Model {
        key: key.to_owned(),
        is_hidden: false,
        pinned_at_ms: None,
        name: None,
    }))
}

/// Writes a face over the former one.
///
/// # Errors
/// Only the database's own.
pub async fn set_face(
    transaction: &impl ConnectionTrait,
    face: service_faces::Model,
) -> Result<(), StoreError> {
    use service_faces::Column as C;
    service_faces::Entity::insert(face.into_active_model().reset_all())
        .on_conflict(
            OnConflict::column(C::Key)
                .update_columns([C::IsHidden, C::PinnedAtMs, C::Name])
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// All services that are or were sold.
///
/// # Errors
/// Only the database's own.
pub async fn services(
    connection: &impl ConnectionTrait,
) -> Result<Vec<services::Model>, StoreError> {
    Ok(services::Entity::find().all(connection).await?)
}

/// What stands over the door.
///
/// # Errors
/// Only the database's own.
pub async fn front(connection: &impl ConnectionTrait) -> Result<shop_front::Model, StoreError> {
    let row = shop_front::Entity::find_by_id(1_i64)
        .one(connection)
        .await?;
    row.ok_or_else(|| StoreError::BadRow("the shop has no front".to_owned()))
}

/// Changes it.
///
/// # Errors
/// Only the database's own.
pub async fn set_front(
    transaction: &impl ConnectionTrait,
    front: shop_front::Model,
) -> Result<(), StoreError> {
    let row = shop_front::ActiveModel {
        id: Set(1),
        ..front.into_active_model().reset_all()
    };
    row.update(transaction).await?;
    Ok(())
}
