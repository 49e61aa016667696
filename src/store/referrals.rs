//! Who was invited by whom, and what it brought.
//!
//! Invariant: a user is invited once, at first contact, and never by themselves; each purchase or
//! top-up of theirs is counted once.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QuerySelect,
};

use crate::domain::id::UserId;
use crate::domain::referral::InviteCode;
use crate::store::entity::{accounts, referral_rewards as rewards, referrals, referrers, users};
use crate::store::{StoreError, Tx};

/// The code of a user's link, which is `fresh` where there was none.
///
/// # Errors
/// Only the database's own.
pub async fn code_of(
    tx: &Tx,
    user: UserId,
    fresh: InviteCode,
    now_ms: i64,
) -> Result<InviteCode, StoreError> {
    if let Some(row) = referrers::Entity::find_by_id(user.0).one(tx).await? {
        let code = InviteCode::read(&row.code);
        return code.ok_or_else(|| StoreError::BadRow("the code of a link".to_owned()));
    }
    let row = referrers::Model {
        user_id: user.0,
        code: fresh.as_str().to_owned(),
        since_ms: now_ms,
    };
    referrers::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(tx)
        .await?;
    Ok(fresh)
}

/// Whose link has this code.
///
/// # Errors
/// Only the database's own.
pub async fn owner(
    connection: &impl ConnectionTrait,
    code: &InviteCode,
) -> Result<Option<UserId>, StoreError> {
    let row = referrers::Entity::find()
        .filter(referrers::Column::Code.eq(code.as_str()))
        .one(connection)
        .await?;
    Ok(row.map(|row| UserId(row.user_id)))
}

/// Whether somebody was ever here: a wallet stays when everything else of them is forgotten.
///
/// # Errors
/// Only the database's own.
pub async fn was_here(connection: &impl ConnectionTrait, user: UserId) -> Result<bool, StoreError> {
    if users::Entity::find_by_id(user.0)
        .one(connection)
        .await?
        .is_some()
    {
        return Ok(true);
    }
    let invited = referrals::Entity::find_by_id(user.0)
        .one(connection)
        .await?;
    let accounts = accounts::Entity::find()
        .filter(accounts::Column::UserId.eq(user.0))
        .count(connection)
        .await?;
    Ok(invited.is_some() || accounts > 0)
}

/// Notes that somebody came through a link.
///
/// # Errors
/// Only the database's own.
pub async fn invite(
    tx: &Tx,
    invited: UserId,
    referrer: UserId,
    now_ms: i64,
) -> Result<(), StoreError> {
    let row = referrals::Model {
        invited_id: invited.0,
        referrer_id: referrer.0,
        at_ms: now_ms,
    };
    referrals::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Through whose link somebody came.
///
/// # Errors
/// Only the database's own.
pub async fn referrer_of(
    connection: &impl ConnectionTrait,
    invited: UserId,
) -> Result<Option<UserId>, StoreError> {
    let row = referrals::Entity::find_by_id(invited.0)
        .one(connection)
        .await?;
    Ok(row.map(|row| UserId(row.referrer_id)))
}

/// How many purchases or top-ups of an invited user were counted, and what they brought.
///
/// # Errors
/// [`StoreError::Overflow`] where it does not fit.
pub async fn so_far(
    connection: &impl ConnectionTrait,
    invited: UserId,
) -> Result<(usize, i64), StoreError> {
    let rows = rewards::Entity::find()
        .filter(rewards::Column::InvitedId.eq(invited.0))
        .all(connection)
        .await?;
    Ok((rows.len(), sum(&rows)?))
}

fn sum(rows: &[rewards::Model]) -> Result<i64, StoreError> {
    let mut amounts = rows.iter().map(|row| row.amount - row.taken_back);
    amounts
        .try_fold(0_i64, i64::checked_add)
        .ok_or(StoreError::Overflow)
}

/// Counts a purchase or a top-up.
///
/// # Errors
/// Only the database's own.
pub async fn count(tx: &Tx, row: rewards::Model) -> Result<(), StoreError> {
    rewards::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// What a purchase or a top-up brought.
///
/// # Errors
/// Only the database's own.
pub async fn reward(
    connection: &impl ConnectionTrait,
    source: &str,
) -> Result<Option<rewards::Model>, StoreError> {
    let row = rewards::Entity::find_by_id(source.to_owned());
    Ok(row.one(connection).await?)
}

/// Notes that something of a reward was taken back.
///
/// # Errors
/// Only the database's own.
pub async fn took_back(tx: &Tx, source: &str, amount: i64) -> Result<(), StoreError> {
    rewards::Entity::update_many()
        .col_expr(
            rewards::Column::TakenBack,
            Expr::col(rewards::Column::TakenBack).add(amount),
        )
        .filter(rewards::Column::Source.eq(source))
        .exec(tx)
        .await?;
    Ok(())
}

/// How many came through a user's link, and what that brought.
///
/// # Errors
/// [`StoreError::Overflow`] where it does not fit.
pub async fn came_of(
    connection: &impl ConnectionTrait,
    referrer: UserId,
) -> Result<(u64, i64), StoreError> {
    let came = referrals::Entity::find()
        .filter(referrals::Column::ReferrerId.eq(referrer.0))
        .count(connection)
        .await?;
    let amounts: Vec<(i64, i64)> = rewards::Entity::find()
        .filter(rewards::Column::ReferrerId.eq(referrer.0))
        .select_only()
        .columns([rewards::Column::Amount, rewards::Column::TakenBack])
        .into_tuple()
        .all(connection)
        .await?;
    let mut left = amounts.into_iter().map(|(amount, back)| amount - back);
    let earned = left.try_fold(0_i64, i64::checked_add);
    Ok((came, earned.ok_or(StoreError::Overflow)?))
}
