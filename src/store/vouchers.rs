//! Vouchers, their uses, and the guesses of those who have none.
//!
//! Invariant: a voucher is never used more often than it may be, by all and by each: the count is
//! moved by one statement, and the database checks it, too.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, ConnectionTrait,
    EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::domain::id::{Nonce, UserId};
use crate::store::StoreError;
use crate::store::entity::vouchers::Model as Voucher;
use crate::store::entity::{voucher_guesses, voucher_uses, vouchers};

/// Writes a voucher; its id is chosen here.
///
/// # Errors
/// Only the database's own.
pub async fn insert(
    transaction: &impl ConnectionTrait,
    voucher: Voucher,
) -> Result<(), StoreError> {
    let mut row = voucher.into_active_model().reset_all();
    row.id = NotSet;
    vouchers::Entity::insert(row)
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// A voucher by what users type.
///
/// # Errors
/// Only the database's own.
pub async fn find(
    connection: &impl ConnectionTrait,
    code: &str,
) -> Result<Option<Voucher>, StoreError> {
    Ok(vouchers::Entity::find()
        .filter(vouchers::Column::Code.eq(code))
        .one(connection)
        .await?)
}

/// A voucher by the button that made it.
///
/// # Errors
/// Only the database's own.
pub async fn find_by_nonce(
    connection: &impl ConnectionTrait,
    nonce: &Nonce,
) -> Result<Option<Voucher>, StoreError> {
    Ok(vouchers::Entity::find()
        .filter(vouchers::Column::Nonce.eq(nonce.0.as_str()))
        .one(connection)
        .await?)
}

/// The vouchers that can still be used, newest first.
///
/// # Errors
/// Only the database's own.
pub async fn open(
    connection: &impl ConnectionTrait,
    now_ms: i64,
    limit: u64,
) -> Result<Vec<Voucher>, StoreError> {
    let lives = vouchers::Column::ExpiresAtMs
        .is_null()
        .or(vouchers::Column::ExpiresAtMs.gt(now_ms));
    Ok(vouchers::Entity::find()
        .filter(vouchers::Column::ClosedAtMs.is_null())
        .filter(Expr::col(vouchers::Column::Used).lt(Expr::col(vouchers::Column::Uses)))
        .filter(lives)
        .order_by_desc(vouchers::Column::Id)
        .limit(limit)
        .all(connection)
        .await?)
}

/// What the vouchers bring that an admin made since `since_ms`, all uses together.
///
/// # Errors
/// [`StoreError::Overflow`] where it does not fit.
pub async fn promised_by(
    connection: &impl ConnectionTrait,
    admin: UserId,
    since_ms: i64,
) -> Result<i64, StoreError> {
    let rows = vouchers::Entity::find()
        .filter(vouchers::Column::CreatedBy.eq(admin.0))
        .filter(vouchers::Column::CreatedAtMs.gt(since_ms))
        .all(connection)
        .await?;
    let mut totals = rows.iter().map(|row| row.amount.checked_mul(row.uses));
    totals
        .try_fold(0_i64, |sum, total| sum.checked_add(total?))
        .ok_or(StoreError::Overflow)
}

/// Closes a voucher; `false` where it is unknown or closed.
///
/// # Errors
/// Only the database's own.
pub async fn close(
    transaction: &impl ConnectionTrait,
    code: &str,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let changed = vouchers::Entity::update_many()
        .col_expr(vouchers::Column::ClosedAtMs, Expr::value(Some(now_ms)))
        .filter(vouchers::Column::Code.eq(code))
        .filter(vouchers::Column::ClosedAtMs.is_null())
        .exec(transaction)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// Uses a voucher once; the number of this use, or `None` where all uses are gone.
///
/// # Errors
/// Only the database's own.
pub async fn count_use(
    transaction: &impl ConnectionTrait,
    voucher: i64,
) -> Result<Option<i64>, StoreError> {
    let changed = vouchers::Entity::update_many()
        .col_expr(
            vouchers::Column::Used,
            Expr::col(vouchers::Column::Used).add(1),
        )
        .filter(vouchers::Column::Id.eq(voucher))
        .filter(Expr::col(vouchers::Column::Used).lt(Expr::col(vouchers::Column::Uses)))
        .exec(transaction)
        .await?;
    if changed.rows_affected == 0 {
        return Ok(None);
    }
    let row = vouchers::Entity::find_by_id(voucher)
        .one(transaction)
        .await?;
    Ok(row.map(|row| row.used))
}

/// Notes who used a voucher, and on which occasion.
///
/// # Errors
/// Only the database's own.
pub async fn note_use(
    transaction: &impl ConnectionTrait,
    voucher: i64,
    user: UserId,
    occasion: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    let row = voucher_uses::ActiveModel {
        id: NotSet,
        voucher_id: Set(voucher),
        user_id: Set(user.0),
        occasion: Set(occasion.to_owned()),
        at_ms: Set(now_ms),
    };
    voucher_uses::Entity::insert(row)
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// How often a user used a voucher.
///
/// # Errors
/// Only the database's own.
pub async fn uses_by(
    connection: &impl ConnectionTrait,
    voucher: i64,
    user: UserId,
) -> Result<u64, StoreError> {
    Ok(voucher_uses::Entity::find()
        .filter(voucher_uses::Column::VoucherId.eq(voucher))
        .filter(voucher_uses::Column::UserId.eq(user.0))
        .count(connection)
        .await?)
}

/// Whether this occasion used a voucher already.
///
/// # Errors
/// Only the database's own.
pub async fn was_used(
    connection: &impl ConnectionTrait,
    user: UserId,
    occasion: &str,
) -> Result<bool, StoreError> {
    Ok(voucher_uses::Entity::find()
        .filter(voucher_uses::Column::UserId.eq(user.0))
        .filter(voucher_uses::Column::Occasion.eq(occasion))
        .one(connection)
        .await?
        .is_some())
}

/// Notes a wrong code.
///
/// # Errors
/// Only the database's own.
pub async fn note_guess(
    transaction: &impl ConnectionTrait,
    user: UserId,
    now_ms: i64,
) -> Result<(), StoreError> {
    let row = voucher_guesses::ActiveModel {
        id: NotSet,
        user_id: Set(user.0),
        at_ms: Set(now_ms),
    };
    voucher_guesses::Entity::insert(row)
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// When a user guessed since `since_ms`, newest first.
///
/// # Errors
/// Only the database's own.
pub async fn guesses(
    connection: &impl ConnectionTrait,
    user: UserId,
    since_ms: i64,
) -> Result<Vec<i64>, StoreError> {
    let rows = voucher_guesses::Entity::find()
        .filter(voucher_guesses::Column::UserId.eq(user.0))
        .filter(voucher_guesses::Column::AtMs.gt(since_ms))
        .order_by_desc(voucher_guesses::Column::AtMs)
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| row.at_ms).collect())
}

/// Forgets guesses before `before_ms`.
///
/// # Errors
/// Only the database's own.
pub async fn purge_guesses(
    transaction: &impl ConnectionTrait,
    before_ms: i64,
) -> Result<u64, StoreError> {
    let gone = voucher_guesses::Entity::delete_many()
        .filter(voucher_guesses::Column::AtMs.lt(before_ms))
        .exec(transaction)
        .await?;
    Ok(gone.rows_affected)
}
