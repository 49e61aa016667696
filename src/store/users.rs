//! The people who wrote to the bot.
//!
//! Invariant: a user is never removed here: their orders and transfers point to them.

use sea_orm::sea_query::{Expr, ExprTrait, Func, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, Statement,
};

use crate::domain::id::UserId;
use crate::store::StoreError;
use crate::store::entity::users;

/// A user by id.
///
/// # Errors
/// Only the database's own.
pub async fn find(
    connection: &impl ConnectionTrait,
    id: UserId,
) -> Result<Option<users::Model>, StoreError> {
    Ok(users::Entity::find_by_id(id.0).one(connection).await?)
}

/// All users that ever had this name, without `@` and in any case. Telegram's names move from one
/// person to another, so there can be several.
///
/// # Errors
/// Only the database's own.
pub async fn find_by_username(
    connection: &impl ConnectionTrait,
    username: &str,
) -> Result<Vec<users::Model>, StoreError> {
    let lower = Expr::expr(Func::lower(Expr::col(users::Column::Username)));
    Ok(users::Entity::find()
        .filter(lower.eq(username.to_lowercase()))
        .all(connection)
        .await?)
}

/// Writes a user, or what changed about them; whoever writes can be reached again.
///
/// # Errors
/// Only the database's own.
pub async fn keep(
    transaction: &impl ConnectionTrait,
    user: users::Model,
) -> Result<(), StoreError> {
    let row = users::ActiveModel {
        unreachable_since_ms: Set(None),
        ..user.into_active_model().reset_all()
    };
    users::Entity::insert(row)
        .on_conflict(
            OnConflict::column(users::Column::Id)
                .update_columns([
                    users::Column::FirstName,
                    users::Column::Username,
                    users::Column::TelegramLanguage,
                    users::Column::UnreachableSinceMs,
                    users::Column::SeenAtMs,
                ])
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// Notes that a user was here on this day.
///
/// # Errors
/// Only the database's own.
pub async fn visit(
    transaction: &impl ConnectionTrait,
    id: UserId,
    day: i64,
) -> Result<(), StoreError> {
    let backend = transaction.get_database_backend();
    let statement = Statement::from_sql_and_values(
        backend,
        "INSERT INTO visits (user_id, day) VALUES ($1, $2) ON CONFLICT (user_id, day) DO NOTHING",
        [id.0.into(), day.into()],
    );
    transaction.execute_raw(statement).await?;
    Ok(())
}

/// Keeps the language a user chose.
///
/// # Errors
/// Only the database's own.
pub async fn choose_language(
    transaction: &impl ConnectionTrait,
    id: UserId,
    language: String,
) -> Result<(), StoreError> {
    users::Entity::update_many()
        .col_expr(users::Column::ChosenLanguage, Expr::value(language))
        .filter(users::Column::Id.eq(id.0))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Notes that a user cannot be reached any more.
///
/// # Errors
/// Only the database's own.
pub async fn mark_unreachable(
    transaction: &impl ConnectionTrait,
    id: UserId,
    now_ms: i64,
) -> Result<(), StoreError> {
    users::Entity::update_many()
        .col_expr(users::Column::UnreachableSinceMs, Expr::value(now_ms))
        .filter(users::Column::Id.eq(id.0))
        .exec(transaction)
        .await?;
    Ok(())
}
