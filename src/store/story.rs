//! All that is written down about one order, beside its own row.
//!
//! Invariant: reads only, and never what an SMS says.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Statement,
};

use crate::domain::id::OrderId;
use crate::store::StoreError;
use crate::store::entity::{discrepancies, order_events, renewals, sms};

/// More steps, calls or transfers than this no order ever has.
const MOST: u64 = 100;

/// A transfer with the names of its accounts.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Booked {
    /// See [`crate::store::ledger::TransferKind`].
    pub kind: String,
    /// Where the money left.
    pub from_account: String,
    /// Where it arrived.
    pub to_account: String,
    /// Of both.
    pub currency: String,
    /// Minor units of the wallet, or millionths of an upstream's currency.
    pub amount: i64,
    /// Who caused it.
    pub actor: String,
    /// What an admin wrote to it.
    pub memo: Option<String>,
    /// Unix time in milliseconds.
    pub at_ms: i64,
}

#[derive(FromQueryResult)]
struct Sum {
    amount: Option<i64>,
}

/// The transfers of an order, oldest first.
///
/// # Errors
/// Only the database's own.
pub async fn booked(
    connection: &impl ConnectionTrait,
    order: OrderId,
) -> Result<Vec<Booked>, StoreError> {
    let query = "SELECT t.kind, d.name AS from_account, c.name AS to_account, d.currency, t.amount, t.actor, t.memo, t.at_ms
        FROM transfers t JOIN accounts d ON d.id = t.debit_account JOIN accounts c ON c.id = t.credit_account
        WHERE t.order_id = $1 ORDER BY t.id LIMIT 100";
    let backend = connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, query, [order.0.into()]);
    Ok(Booked::find_by_statement(statement).all(connection).await?)
}

/// What of an order's price was captured and not given back; less than nothing where too much was
/// given back.
///
/// # Errors
/// Only the database's own.
pub async fn left(connection: &impl ConnectionTrait, order: OrderId) -> Result<i64, StoreError> {
    let query = "SELECT CAST(SUM(CASE WHEN kind = 'capture' THEN amount ELSE -amount END) AS BIGINT) AS amount
        FROM transfers WHERE order_id = $1 AND kind IN ('capture', 'goodwill')";
    let backend = connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, query, [order.0.into()]);
    let sum = Sum::find_by_statement(statement).one(connection).await?;
    Ok(sum.and_then(|row| row.amount).unwrap_or(0))
}

/// The steps of an order, oldest first. SMS that changed nothing more are left out: a rental has
/// thousands.
///
/// # Errors
/// Only the database's own.
pub async fn steps(
    connection: &impl ConnectionTrait,
    order: OrderId,
) -> Result<Vec<order_events::Model>, StoreError> {
    let moved =
        Expr::col(order_events::Column::FromState).ne(Expr::col(order_events::Column::ToState));
    Ok(order_events::Entity::find()
        .filter(order_events::Column::OrderId.eq(order.0))
        .filter(moved)
        .order_by_asc(order_events::Column::Id)
        .limit(MOST)
        .all(connection)
        .await?)
}

/// How many SMS an order has, and when the last ones were seen, newest first.
///
/// # Errors
/// Only the database's own.
pub async fn sms_times(
    connection: &impl ConnectionTrait,
    order: OrderId,
    last: u64,
) -> Result<(u64, Vec<i64>), StoreError> {
    let of_order = || sms::Entity::find().filter(sms::Column::OrderId.eq(order.0));
    let times = of_order()
        .order_by_desc(sms::Column::Id)
        .limit(last)
        .select_only()
        .column(sms::Column::SeenAtMs)
        .into_tuple()
        .all(connection)
        .await?;
    Ok((of_order().count(connection).await?, times))
}

/// What an upstream and we disagree on about an order.
///
/// # Errors
/// Only the database's own.
pub async fn disagreements(
    connection: &impl ConnectionTrait,
    order: OrderId,
) -> Result<Vec<discrepancies::Model>, StoreError> {
    Ok(discrepancies::Entity::find()
        .filter(discrepancies::Column::OrderId.eq(order.0))
        .limit(MOST)
        .all(connection)
        .await?)
}

/// The renewals of a rental, oldest first.
///
/// # Errors
/// Only the database's own.
pub async fn renewals_of(
    connection: &impl ConnectionTrait,
    rental: OrderId,
) -> Result<Vec<OrderId>, StoreError> {
    let ids: Vec<i64> = renewals::Entity::find()
        .filter(renewals::Column::RentalId.eq(rental.0))
        .order_by_asc(renewals::Column::OrderId)
        .limit(MOST)
        .select_only()
        .column(renewals::Column::OrderId)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(ids.into_iter().map(OrderId).collect())
}
