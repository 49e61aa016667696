//! Who wants news from the shop.
//!
//! Invariant: who said that they want none gets none.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel};

use crate::domain::id::UserId;
use crate::store::entity::news_off;
use crate::store::{StoreError, Tx};

/// Whether a user wants news.
///
/// # Errors
/// Only the database's own.
pub async fn wanted(connection: &impl ConnectionTrait, user: UserId) -> Result<bool, StoreError> {
    let off = news_off::Entity::find_by_id(user.0).one(connection).await?;
    Ok(off.is_none())
}

/// Keeps whether a user wants news.
///
/// # Errors
/// Only the database's own.
pub async fn want(tx: &Tx, user: UserId, on: bool, now_ms: i64) -> Result<(), StoreError> {
    if on {
        news_off::Entity::delete_by_id(user.0).exec(tx).await?;
        return Ok(());
    }
    let row = news_off::Model {
        user_id: user.0,
        since_ms: now_ms,
    };
    // The key is a number that is known, which a model takes for one that is not to be written.
    news_off::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(
            OnConflict::column(news_off::Column::UserId)
                .update_column(news_off::Column::SinceMs)
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
