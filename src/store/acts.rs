//! What admins did, one row an act.
//!
//! Invariant: rows are only added, in the transaction of what they tell of; triggers refuse the
//! rest.

use sea_orm::{
    ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use crate::domain::act::Act;
use crate::domain::id::UserId;
use crate::store::entity::acts;
use crate::store::{StoreError, Tx};

/// Something that an admin does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAct {
    /// Who.
    pub by: UserId,
    /// What.
    pub act: Act,
    /// To whom or what: `user 7`, `virtusim`, `all`.
    pub subject: String,
    /// How it was.
    pub before: Option<String>,
    /// How it is from now on.
    pub after: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Unix time in milliseconds.
    pub at_ms: i64,
}

/// Notes an act.
///
/// # Errors
/// Only the database's own.
pub async fn note(tx: &Tx, act: NewAct) -> Result<(), StoreError> {
    let row = acts::ActiveModel {
        id: ActiveValue::NotSet,
        by_user: ActiveValue::Set(act.by.0),
        act: ActiveValue::Set(act.act.as_str().to_owned()),
        subject: ActiveValue::Set(act.subject),
        before: ActiveValue::Set(act.before),
        after: ActiveValue::Set(act.after),
        reason: ActiveValue::Set(act.reason),
        at_ms: ActiveValue::Set(act.at_ms),
    };
    acts::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// How many acts there are, of everybody or of one admin.
///
/// # Errors
/// Only the database's own.
pub async fn count(
    connection: &impl ConnectionTrait,
    by: Option<UserId>,
) -> Result<u64, StoreError> {
    Ok(of(by).count(connection).await?)
}

/// Acts, the latest first.
///
/// # Errors
/// Only the database's own.
pub async fn latest(
    connection: &impl ConnectionTrait,
    by: Option<UserId>,
    skip: u64,
    limit: u64,
) -> Result<Vec<acts::Model>, StoreError> {
    let latest = of(by)
        .order_by_desc(acts::Column::Id)
        .offset(skip)
        .limit(limit);
    Ok(latest.all(connection).await?)
}

fn of(by: Option<UserId>) -> sea_orm::Select<acts::Entity> {
    let all = acts::Entity::find();
    match by {
        Some(by) => all.filter(acts::Column::ByUser.eq(by.0)),
        None => all,
    }
}
