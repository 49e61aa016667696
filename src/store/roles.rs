//! Who may do what, besides the owners.
//!
//! Invariant: a user has one role at most.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel};

use crate::domain::id::UserId;
use crate::store::entity::roles;
use crate::store::{StoreError, Tx};

/// All roles that were given.
///
/// # Errors
/// Only the database's own.
pub async fn all(connection: &impl ConnectionTrait) -> Result<Vec<roles::Model>, StoreError> {
    Ok(roles::Entity::find().all(connection).await?)
}

/// Gives a role in place of any other.
///
/// # Errors
/// Only the database's own.
pub async fn give(tx: &Tx, row: roles::Model) -> Result<(), StoreError> {
    use roles::Column as C;
    let newer = OnConflict::column(C::UserId)
        .update_columns([C::Role, C::GivenBy, C::GivenAtMs])
        .to_owned();
    // The key is a number that is known, which a model takes for one that is not to be written.
    let row = row.into_active_model().reset_all();
    roles::Entity::insert(row)
        .on_conflict(newer)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Takes a role away.
///
/// # Errors
/// Only the database's own.
pub async fn take(tx: &Tx, user: UserId) -> Result<(), StoreError> {
    roles::Entity::delete_by_id(user.0).exec(tx).await?;
    Ok(())
}
