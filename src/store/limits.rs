//! What limits are counted by, and the limits that admins set for single users.
//!
//! Invariant: reads look at one user and a bounded time; a user has one row for each limit.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::domain::id::UserId;
use crate::domain::order::OrderState;
use crate::store::StoreError;
use crate::store::entity::{orders, star_payments, topup_requests, user_limits};
use crate::store::orders::is_open;

/// An order as limits see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recent {
    /// Where it stands.
    pub state: OrderState,
    /// What it costs, minor units.
    pub price: i64,
    /// When it was confirmed.
    pub created_at_ms: i64,
    /// Whether a number was bought for it.
    pub has_number: bool,
}

/// A user's orders that were confirmed after `since_ms`, oldest first.
///
/// # Errors
/// Only the database's own.
pub async fn orders_since(
    connection: &impl ConnectionTrait,
    user: UserId,
    since_ms: i64,
) -> Result<Vec<Recent>, StoreError> {
    let rows: Vec<(String, i64, i64, Option<String>)> = orders::Entity::find()
        .filter(orders::Column::UserId.eq(user.0))
        .filter(orders::Column::CreatedAtMs.gt(since_ms))
        .order_by_asc(orders::Column::CreatedAtMs)
        .select_only()
        .columns([
            orders::Column::State,
            orders::Column::Price,
            orders::Column::CreatedAtMs,
            orders::Column::UpstreamId,
        ])
        .into_tuple()
        .all(connection)
        .await?;
    rows.into_iter()
        .map(|(state, price, created_at_ms, upstream_id)| {
            Ok(Recent {
                state: state.parse()?,
                price,
                created_at_ms,
                has_number: upstream_id.is_some(),
            })
        })
        .collect()
}

/// How many of a user's orders hold money.
///
/// # Errors
/// Only the database's own.
pub async fn open_orders(
    connection: &impl ConnectionTrait,
    user: UserId,
) -> Result<u64, StoreError> {
    let holding = OrderState::ALL
        .into_iter()
        .filter(|state| state.holds_money());
    Ok(orders::Entity::find()
        .filter(is_open())
        .filter(orders::Column::UserId.eq(user.0))
        .filter(orders::Column::State.is_in(holding.map(OrderState::as_str)))
        .count(connection)
        .await?)
}

/// How many of a user's orders are not over, rentals included.
///
/// # Errors
/// Only the database's own.
pub async fn running_orders(
    connection: &impl ConnectionTrait,
    user: UserId,
) -> Result<u64, StoreError> {
    Ok(orders::Entity::find()
        .filter(is_open())
        .filter(orders::Column::UserId.eq(user.0))
        .count(connection)
        .await?)
}

/// When a user began to top up after `since_ms`, oldest first. What they took back does not count.
///
/// # Errors
/// Only the database's own.
pub async fn top_ups_since(
    connection: &impl ConnectionTrait,
    user: UserId,
    since_ms: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut begun: Vec<i64> = topup_requests::Entity::find()
        .filter(topup_requests::Column::UserId.eq(user.0))
        .filter(topup_requests::Column::CreatedAtMs.gt(since_ms))
        .filter(topup_requests::Column::State.ne("withdrawn"))
        .select_only()
        .column(topup_requests::Column::CreatedAtMs)
        .into_tuple()
        .all(connection)
        .await?;
    let paid: Vec<i64> = star_payments::Entity::find()
        .filter(star_payments::Column::UserId.eq(user.0))
        .filter(star_payments::Column::PaidAtMs.gt(since_ms))
        .select_only()
        .column(star_payments::Column::PaidAtMs)
        .into_tuple()
        .all(connection)
        .await?;
    begun.extend(paid);
    begun.sort_unstable();
    Ok(begun)
}

/// The limits that admins set for a user.
///
/// # Errors
/// Only the database's own.
pub async fn own(
    connection: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<user_limits::Model>, StoreError> {
    Ok(user_limits::Entity::find()
        .filter(user_limits::Column::UserId.eq(user.0))
        .all(connection)
        .await?)
}

/// Sets a limit for a user.
///
/// # Errors
/// Only the database's own.
pub async fn set(
    transaction: &impl ConnectionTrait,
    row: user_limits::Model,
) -> Result<(), StoreError> {
    let key = [user_limits::Column::UserId, user_limits::Column::Name];
    user_limits::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(
            OnConflict::columns(key)
                .update_columns([
                    user_limits::Column::Most,
                    user_limits::Column::SetBy,
                    user_limits::Column::AtMs,
                ])
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// Lets everybody's limit be a user's again.
///
/// # Errors
/// Only the database's own.
pub async fn unset(
    transaction: &impl ConnectionTrait,
    user: UserId,
    name: &str,
) -> Result<(), StoreError> {
    user_limits::Entity::delete_by_id((user.0, name.to_owned()))
        .exec(transaction)
        .await?;
    Ok(())
}
