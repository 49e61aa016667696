//! Orders that wait until there is something to buy.
//!
//! Invariant: such an order is held and in nobody's hands; it is only ever made due here, and what
//! is done with it then is done as with any other order.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::domain::id::{OrderId, UserId};
use crate::domain::order::OrderState;
use crate::store::attempts::of_order as attempts_of;
use crate::store::connection::Keyed;
use crate::store::entity::{attempts, orders};
use crate::store::{StoreError, orders as book, sealed};

const LATEST_ATTEMPTS: u64 = 500;

/// Queued orders, in the very words of their partial index.
fn is_queued() -> Expr {
    Expr::cust("queued_until_ms IS NOT NULL AND state = 'held'")
}

/// The queued orders, oldest first, those that are due just now included.
///
/// # Errors
/// Only the database's own.
pub async fn waiting(
    connection: &impl Keyed,
    limit: u64,
) -> Result<Vec<orders::Model>, StoreError> {
    let query = orders::Entity::find()
        .filter(is_queued())
        .order_by_asc(orders::Column::Id)
        .limit(limit);
    sealed::all(query, connection).await
}

/// A user's queued orders.
///
/// # Errors
/// Only the database's own.
pub async fn of_user(
    connection: &impl Keyed,
    user: UserId,
) -> Result<Vec<orders::Model>, StoreError> {
    let query = orders::Entity::find()
        .filter(is_queued())
        .filter(orders::Column::UserId.eq(user.0))
        .order_by_asc(orders::Column::Id);
    sealed::all(query, connection).await
}

/// Makes a queued order due; one that moved on meanwhile is left alone.
///
/// # Errors
/// Only the database's own.
pub async fn make_due(
    transaction: &impl Keyed,
    id: OrderId,
    now_ms: i64,
) -> Result<(), StoreError> {
    let before = book::find_for_update(transaction, id).await?;
    if before.order_state()? == OrderState::Held && before.queued_until_ms.is_some() {
        book::change(transaction, &before, now_ms, |row| {
            row.next_action_at_ms = now_ms;
        })
        .await?;
    }
    Ok(())
}

/// The latest attempts, newest first: far more than are made between two looks.
///
/// # Errors
/// Only the database's own.
pub async fn latest_attempts(
    connection: &impl ConnectionTrait,
) -> Result<Vec<attempts::Model>, StoreError> {
    Ok(attempts::Entity::find()
        .order_by_desc(attempts::Column::Id)
        .limit(LATEST_ATTEMPTS)
        .all(connection)
        .await?)
}

/// What the number that is being bought is sold for; `None` where no attempt says so.
///
/// # Errors
/// Only the database's own.
pub async fn price_of_attempt(
    transaction: &impl ConnectionTrait,
    order: OrderId,
) -> Result<Option<i64>, StoreError> {
    let latest = attempts_of(transaction, order).await?.pop();
    Ok(latest.and_then(|attempt| attempt.price))
}
