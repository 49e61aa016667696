//! Requests of users to be credited for money they sent, and where admins see them.
//!
//! Invariant: one open request for each user, and no two open ones over the same amount; a request
//! leaves its state once, whoever tries.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, ConnectionTrait,
    EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};

use crate::domain::id::UserId;
use crate::store::StoreError;
use crate::store::entity::topup_papers;
use crate::store::entity::topup_requests::{Column, Entity, Model};

/// The states in which a request waits for somebody.
const OPEN: [&str; 2] = ["open", "submitted"];

/// Writes a request; its number.
///
/// # Errors
/// Only the database's own.
pub async fn insert(transaction: &impl ConnectionTrait, row: Model) -> Result<i64, StoreError> {
    let mut row = row.into_active_model().reset_all();
    row.id = NotSet;
    let written = Entity::insert(row).exec(transaction).await?;
    Ok(written.last_insert_id)
}

/// A request by its number.
///
/// # Errors
/// Only the database's own.
pub async fn find(connection: &impl ConnectionTrait, id: i64) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find_by_id(id).one(connection).await?)
}

/// A user's open request.
///
/// # Errors
/// Only the database's own.
pub async fn open_of(
    connection: &impl ConnectionTrait,
    user: UserId,
) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find()
        .filter(Column::UserId.eq(user.0))
        .filter(Column::State.is_in(OPEN))
        .one(connection)
        .await?)
}

/// The amounts of open requests from `least` up to `most`.
///
/// # Errors
/// Only the database's own.
pub async fn open_amounts(
    connection: &impl ConnectionTrait,
    least: i64,
    most: i64,
) -> Result<Vec<i64>, StoreError> {
    let rows = Entity::find()
        .filter(Column::State.is_in(OPEN))
        .filter(Column::Amount.between(least, most))
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| row.amount).collect())
}

/// The requests whose proof was sent before `before_ms` and that nobody decided, oldest first.
///
/// # Errors
/// Only the database's own.
pub async fn submitted_before(
    connection: &impl ConnectionTrait,
    before_ms: i64,
) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find()
        .filter(Column::State.eq("submitted"))
        .filter(Column::UpdatedAtMs.lte(before_ms))
        .order_by_asc(Column::UpdatedAtMs)
        .all(connection)
        .await?)
}

/// The open requests whose time is over, oldest first.
///
/// # Errors
/// Only the database's own.
pub async fn overdue(
    connection: &impl ConnectionTrait,
    now_ms: i64,
) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find()
        .filter(Column::State.is_in(OPEN))
        .filter(Column::ExpiresAtMs.lte(now_ms))
        .order_by_asc(Column::ExpiresAtMs)
        .all(connection)
        .await?)
}

/// Writes what became of a request, if it is still as it was; `None` where it is not.
///
/// # Errors
/// Only the database's own.
pub async fn change(
    transaction: &impl ConnectionTrait,
    before: &Model,
    now_ms: i64,
    alter: impl FnOnce(&mut Model) + Send,
) -> Result<Option<Model>, StoreError> {
    let mut after = Model {
        updated_at_ms: now_ms,
        ..before.clone()
    };
    alter(&mut after);
    let mut row = after.clone().into_active_model().reset_all();
    row.id = NotSet;
    let changed = Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(before.id))
        .filter(Column::State.eq(before.state.as_str()))
        .exec(transaction)
        .await?;
    Ok((changed.rows_affected == 1).then_some(after))
}

/// Notes in which message an admin sees a request.
///
/// # Errors
/// Only the database's own.
pub async fn note_paper(
    transaction: &impl ConnectionTrait,
    request: i64,
    admin: UserId,
    message: i32,
) -> Result<(), StoreError> {
    let row = topup_papers::ActiveModel {
        request_id: Set(request),
        admin_id: Set(admin.0),
        message_id: Set(i64::from(message)),
    };
    let key = [
        topup_papers::Column::RequestId,
        topup_papers::Column::AdminId,
    ];
    topup_papers::Entity::insert(row)
        .on_conflict(
            OnConflict::columns(key)
                .value(
                    topup_papers::Column::MessageId,
                    Expr::value(i64::from(message)),
                )
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// In which message an admin sees a request.
///
/// # Errors
/// Only the database's own.
pub async fn paper(
    connection: &impl ConnectionTrait,
    request: i64,
    admin: UserId,
) -> Result<Option<i32>, StoreError> {
    let row = topup_papers::Entity::find_by_id((request, admin.0))
        .one(connection)
        .await?;
    Ok(row.and_then(|row| i32::try_from(row.message_id).ok()))
}
