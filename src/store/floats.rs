//! Our balances at the upstreams against the ledger.
//!
//! Invariant: a row is written only from a reading during which nothing moved.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::domain::id::{OrderId, ProviderId};
use crate::domain::order::OrderState;
use crate::store::connection::Keyed;
use crate::store::entity::floats::{ActiveModel, Column, Entity, Model};
use crate::store::entity::{accounts, orders, transfers};
use crate::store::ledger::Account;
use crate::store::{StoreError, sealed};

/// More than are booked at one upstream within a minute and can still be told apart.
const MOST_RECENT: u64 = 50;
/// Older ones are owed longer than anybody remembers.
const MOST_OWED: u64 = 200;
const NOT_REFUNDED: &str = "NOT EXISTS (SELECT 1 FROM transfers t
    WHERE t.idempotency_key = 'cost_refund:' || CAST(orders.id AS TEXT))";

/// The orders that wait for their SMS and that an upstream's account paid for, oldest first.
///
/// # Errors
/// Only the database's own.
pub async fn waiting(
    connection: &impl ConnectionTrait,
    provider: &ProviderId,
) -> Result<Vec<orders::Model>, StoreError> {
    Ok(orders::Entity::find()
        .filter(crate::store::orders::is_open())
        .filter(paid_by(provider))
        .filter(orders::Column::State.eq(OrderState::Waiting.as_str()))
        .order_by_asc(orders::Column::Id)
        .all(connection)
        .await?)
}

/// Orders that an upstream's account pays for.
fn paid_by(provider: &ProviderId) -> Condition {
    let own = orders::Column::Provider.eq(provider.as_str());
    Condition::any()
        .add(own.and(orders::Column::Purse.is_null()))
        .add(orders::Column::Purse.eq(provider.as_str()))
}

/// What is known of an upstream.
///
/// # Errors
/// Only the database's own.
pub async fn find(
    connection: &impl ConnectionTrait,
    provider: &ProviderId,
) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find_by_id(provider.as_str())
        .one(connection)
        .await?)
}

/// What is known of all upstreams.
///
/// # Errors
/// Only the database's own.
pub async fn all(connection: &impl ConnectionTrait) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find()
        .order_by_asc(Column::Provider)
        .all(connection)
        .await?)
}

/// Writes what was found.
///
/// # Errors
/// Only the database's own.
pub async fn put(transaction: &impl ConnectionTrait, row: Model) -> Result<(), StoreError> {
    let row: ActiveModel = row.into_active_model().reset_all();
    Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::Provider)
                .update_columns([
                    Column::Currency,
                    Column::Settled,
                    Column::Seen,
                    Column::SeenAtMs,
                    Column::Told,
                    Column::ToldAtMs,
                ])
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// Whether money may be moving at an upstream right now: a number is being bought or given back,
/// or its time is over and nobody has looked yet.
///
/// # Errors
/// Only the database's own.
pub async fn is_moving(
    connection: &impl ConnectionTrait,
    provider: &ProviderId,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let open = [
        OrderState::Placing,
        OrderState::Cancelling,
        OrderState::Waiting,
    ];
    let rows = orders::Entity::find()
        .filter(paid_by(provider))
        .filter(orders::Column::State.is_in(open.map(OrderState::as_str)))
        .filter(
            orders::Column::State
                .ne(OrderState::Waiting.as_str())
                .or(orders::Column::ExpiresAtMs.lte(now_ms)),
        );
    Ok(rows.count(connection).await? > 0)
}

/// What was booked out of and into our balance at an upstream since then, in millionths: what
/// was taken, and what came back.
///
/// # Errors
/// Only the database's own.
pub async fn moved_since(
    connection: &impl ConnectionTrait,
    account: &Account,
    since_ms: i64,
) -> Result<[Vec<i64>; 2], StoreError> {
    let found = accounts::Entity::find()
        .filter(accounts::Column::Name.eq(account.to_string()))
        .one(connection)
        .await?;
    let Some(found) = found else {
        return Ok([Vec::new(), Vec::new()]);
    };
    let latest = async |side: transfers::Column| {
        let rows = transfers::Entity::find()
            .filter(side.eq(found.id))
            .order_by_desc(transfers::Column::Id)
            .limit(MOST_RECENT)
            .all(connection)
            .await?;
        let recent = rows.iter().filter(|row| row.at_ms > since_ms);
        Ok::<_, StoreError>(recent.map(|row| row.amount).collect())
    };
    Ok([
        latest(transfers::Column::DebitAccount).await?,
        latest(transfers::Column::CreditAccount).await?,
    ])
}

/// Orders that ended without an SMS since then, whose cost an upstream has not surely given back,
/// oldest first, each with that cost.
///
/// # Errors
/// Only the database's own.
pub async fn owed(
    connection: &impl Keyed,
    provider: &ProviderId,
    currency: &str,
    since_ms: i64,
) -> Result<Vec<(orders::Model, i64)>, StoreError> {
    let ended = [
        OrderState::Expired,
        OrderState::Cancelled,
        OrderState::Failed,
    ];
    let query = orders::Entity::find()
        .filter(paid_by(provider))
        .filter(orders::Column::CostCurrency.eq(currency))
        .filter(orders::Column::State.is_in(ended.map(OrderState::as_str)))
        .filter(orders::Column::UpdatedAtMs.gte(since_ms))
        .filter(Expr::cust(NOT_REFUNDED))
        .order_by_asc(orders::Column::Id)
        .limit(MOST_OWED);
    let orders = sealed::all(query, connection).await?;
    let keys = orders.iter().map(|order| cost_key(order.order_id()));
    let booked = transfers::Entity::find()
        .filter(transfers::Column::IdempotencyKey.is_in(keys))
        .all(connection)
        .await?;
    Ok(orders
        .into_iter()
        .filter_map(|order| {
            let key = cost_key(order.order_id());
            let cost = booked.iter().find(|row| row.idempotency_key == key)?;
            Some((order, cost.amount))
        })
        .collect())
}

/// The key of what an order's number cost.
#[must_use]
pub fn cost_key(order: OrderId) -> String {
    format!("cost:{order}")
}

/// The key of the same coming back.
#[must_use]
pub fn refund_key(order: OrderId) -> String {
    format!("cost_refund:{order}")
}
