//! What users write to the people who run the shop, and where admins see it.
//!
//! Invariant: a message is answered once; its text never changes, and is sealed on disk.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, ConnectionTrait,
    EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};

use crate::domain::id::UserId;
use crate::store::connection::Keyed;
use crate::store::entity::support_messages::{Column, Entity, Model};
use crate::store::entity::support_papers;
use crate::store::sealed::{self, Personal};
use crate::store::{StoreError, Tx};

/// Writes a message; its number.
///
/// # Errors
/// Only the database's own.
pub async fn insert(transaction: &Tx, row: Model) -> Result<i64, StoreError> {
    let mut row = row
        .sealed(transaction.keys())?
        .into_active_model()
        .reset_all();
    row.id = NotSet;
    let written = Entity::insert(row).exec(transaction).await?;
    Ok(written.last_insert_id)
}

/// A message by its number.
///
/// # Errors
/// Only the database's own.
pub async fn find(connection: &impl Keyed, id: i64) -> Result<Option<Model>, StoreError> {
    sealed::one(Entity::find_by_id(id), connection).await
}

/// What a user wrote since then, oldest first.
///
/// # Errors
/// Only the database's own.
pub async fn written_since(
    connection: &impl Keyed,
    user: UserId,
    since_ms: i64,
) -> Result<Vec<Model>, StoreError> {
    let query = Entity::find()
        .filter(Column::UserId.eq(user.0))
        .filter(Column::AuthorId.eq(user.0))
        .filter(Column::AtMs.gt(since_ms))
        .order_by_asc(Column::Id);
    sealed::all(query, connection).await
}

/// What a user wrote and nobody answered yet, oldest first.
///
/// # Errors
/// Only the database's own.
pub async fn unanswered(connection: &impl Keyed, user: UserId) -> Result<Vec<Model>, StoreError> {
    let query = Entity::find()
        .filter(Column::UserId.eq(user.0))
        .filter(Column::AuthorId.eq(user.0))
        .filter(Column::AnsweredBy.is_null())
        .order_by_asc(Column::Id);
    sealed::all(query, connection).await
}

/// Notes that everything open of a user is answered.
///
/// # Errors
/// Only the database's own.
pub async fn close(
    transaction: &impl ConnectionTrait,
    user: UserId,
    by: UserId,
    now_ms: i64,
) -> Result<(), StoreError> {
    Entity::update_many()
        .col_expr(Column::AnsweredBy, Expr::value(by.0))
        .col_expr(Column::AnsweredAtMs, Expr::value(now_ms))
        .filter(Column::UserId.eq(user.0))
        .filter(Column::AuthorId.eq(user.0))
        .filter(Column::AnsweredBy.is_null())
        .exec(transaction)
        .await?;
    Ok(())
}

/// Notes in which message an admin sees it.
///
/// # Errors
/// Only the database's own.
pub async fn note_paper(
    transaction: &impl ConnectionTrait,
    message: i64,
    admin: UserId,
    telegram: i32,
) -> Result<(), StoreError> {
    let row = support_papers::ActiveModel {
        message_id: Set(message),
        admin_id: Set(admin.0),
        telegram_id: Set(i64::from(telegram)),
    };
    let key = [
        support_papers::Column::MessageId,
        support_papers::Column::AdminId,
    ];
    support_papers::Entity::insert(row)
        .on_conflict(
            OnConflict::columns(key)
                .update_column(support_papers::Column::TelegramId)
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// In which message an admin sees it.
///
/// # Errors
/// Only the database's own.
pub async fn paper(
    connection: &impl ConnectionTrait,
    message: i64,
    admin: UserId,
) -> Result<Option<i32>, StoreError> {
    let row = support_papers::Entity::find_by_id((message, admin.0))
        .one(connection)
        .await?;
    Ok(row.and_then(|row| i32::try_from(row.telegram_id).ok()))
}

/// What an admin sees in a message.
///
/// # Errors
/// Only the database's own.
pub async fn at(
    connection: &impl ConnectionTrait,
    admin: UserId,
    telegram: i32,
) -> Result<Option<i64>, StoreError> {
    let row = support_papers::Entity::find()
        .filter(support_papers::Column::AdminId.eq(admin.0))
        .filter(support_papers::Column::TelegramId.eq(i64::from(telegram)))
        .one(connection)
        .await?;
    Ok(row.map(|row| row.message_id))
}
