//! What happened on some days, in sums that the database keeps with every transfer and every
//! order that ends.
//!
//! Invariant: reads only. The sums of an account over all days are its balance; what has not ended
//! yet is read from the orders themselves.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Statement, Value,
};

use crate::domain::days::Days;
use crate::store::StoreError;
use crate::store::entity::services;
use crate::store::ledger::Account;

/// What moved on one account that is no user's.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Moved {
    /// The account's name.
    pub account: String,
    /// Its currency.
    pub currency: String,
    /// See [`crate::store::ledger::TransferKind`].
    pub kind: String,
    /// The product, of a top-up its source, else the kind.
    pub about: String,
    /// What came in less what went out.
    pub amount: i64,
    /// In how many transfers.
    pub transfers: i64,
}

/// Revenue or cost of one day.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Daily {
    /// Counted from the first of January 1970.
    pub day: i64,
    /// The wallets' currency, or the upstream's.
    pub currency: String,
    /// 1 for revenue, 0 for cost.
    pub is_revenue: i32,
    /// How much.
    pub amount: i64,
}

/// How many orders ended in one way.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Ended {
    /// `product`, `provider` or `service`.
    pub aspect: String,
    /// Which of them; of a service its number.
    pub name: String,
    /// `delivered`, `cancelled`, `expired` or `failed`.
    pub ending: String,
    /// How many.
    pub orders: i64,
}

/// How many codes took about so long.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Waited {
    /// Of which upstream or service.
    pub name: String,
    /// At least so many seconds; see the migration for the steps.
    pub seconds: i64,
    /// How many.
    pub orders: i64,
}

#[derive(FromQueryResult)]
struct Count {
    count: i64,
}

#[derive(FromQueryResult)]
struct Named {
    name: String,
    count: i64,
}

fn between(days: &Days) -> String {
    let numbers = days.numbers();
    format!("day BETWEEN {} AND {}", numbers.start(), numbers.end())
}

async fn rows<Row: FromQueryResult>(
    connection: &impl ConnectionTrait,
    query: String,
    values: Vec<Value>,
) -> Result<Vec<Row>, StoreError> {
    let backend = connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, query, values);
    Ok(Row::find_by_statement(statement).all(connection).await?)
}

async fn count(connection: &impl ConnectionTrait, query: String) -> Result<i64, StoreError> {
    let counted: Vec<Count> = rows(connection, query, Vec::new()).await?;
    Ok(counted.first().map_or(0, |row| row.count))
}

/// All that moved on accounts that are no user's.
///
/// # Errors
/// Only the database's own.
pub async fn moved(
    connection: &impl ConnectionTrait,
    days: &Days,
) -> Result<Vec<Moved>, StoreError> {
    let query = format!(
        "SELECT a.name AS account, a.currency, m.kind, m.about,
            CAST(SUM(m.amount) AS BIGINT) AS amount, CAST(SUM(m.transfers) AS BIGINT) AS transfers
        FROM money_days m JOIN accounts a ON a.id = m.account WHERE m.{}
        GROUP BY a.name, a.currency, m.kind, m.about ORDER BY a.name, m.kind, m.about",
        between(days)
    );
    rows(connection, query, Vec::new()).await
}

/// Revenue and cost day by day.
///
/// # Errors
/// Only the database's own.
pub async fn daily(
    connection: &impl ConnectionTrait,
    days: &Days,
) -> Result<Vec<Daily>, StoreError> {
    let revenue = Account::Revenue;
    let query = format!(
        "SELECT m.day, a.currency, CASE a.name WHEN '{revenue}' THEN 1 ELSE 0 END AS is_revenue,
            CAST(SUM(m.amount) AS BIGINT) AS amount
        FROM money_days m JOIN accounts a ON a.id = m.account
        WHERE m.{} AND (a.name = '{revenue}' OR a.name LIKE 'provider:%:cost_of_goods')
        GROUP BY m.day, a.currency, is_revenue ORDER BY m.day",
        between(days)
    );
    rows(connection, query, Vec::new()).await
}

/// How the orders ended that were confirmed on these days.
///
/// # Errors
/// Only the database's own.
pub async fn ended(
    connection: &impl ConnectionTrait,
    days: &Days,
) -> Result<Vec<Ended>, StoreError> {
    let query = format!(
        "SELECT aspect, name, ending, CAST(SUM(orders) AS BIGINT) AS orders FROM order_days
        WHERE {} GROUP BY aspect, name, ending ORDER BY aspect, name, ending",
        between(days)
    );
    rows(connection, query, Vec::new()).await
}

/// How many of the orders confirmed on these days have not ended, by product.
///
/// # Errors
/// Only the database's own.
pub async fn open(
    connection: &impl ConnectionTrait,
    days: &Days,
) -> Result<Vec<(String, i64)>, StoreError> {
    let ms = days.ms();
    // The first condition stands in the words of the partial index. The plus signs keep the
    // planner from the index by time: few orders are open, many are as young.
    let query = format!(
        "SELECT product AS name, COUNT(*) AS count FROM orders
        WHERE state NOT IN ('completed', 'cancelled', 'expired', 'failed') AND state <> 'received'
            AND +created_at_ms >= {} AND +created_at_ms < {} GROUP BY product",
        ms.start, ms.end
    );
    let named: Vec<Named> = rows(connection, query, Vec::new()).await?;
    Ok(named.into_iter().map(|row| (row.name, row.count)).collect())
}

/// How long codes took at these upstreams, or for these services, the quickest first.
///
/// # Errors
/// Only the database's own.
pub async fn waited(
    connection: &impl ConnectionTrait,
    days: &Days,
    aspect: &str,
    names: &[String],
) -> Result<Vec<Waited>, StoreError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let places: Vec<String> = (0..names.len()).map(|at| format!("${}", at + 2)).collect();
    let query = format!(
        "SELECT name, seconds, CAST(SUM(orders) AS BIGINT) AS orders FROM wait_days
        WHERE aspect = $1 AND name IN ({}) AND {} GROUP BY name, seconds ORDER BY name, seconds",
        places.join(", "),
        between(days)
    );
    let mut values: Vec<Value> = vec![aspect.into()];
    values.extend(names.iter().map(|name| name.as_str().into()));
    rows(connection, query, values).await
}

/// How many people wrote to the bot for the first time.
///
/// # Errors
/// Only the database's own.
pub async fn new_users(connection: &impl ConnectionTrait, days: &Days) -> Result<i64, StoreError> {
    let ms = days.ms();
    let query = format!(
        "SELECT COUNT(*) AS count FROM users WHERE created_at_ms >= {} AND created_at_ms < {}",
        ms.start, ms.end
    );
    count(connection, query).await
}

/// How many people were here.
///
/// # Errors
/// Only the database's own.
pub async fn active_users(
    connection: &impl ConnectionTrait,
    days: &Days,
) -> Result<i64, StoreError> {
    let ms = days.ms();
    // When somebody was here last is enough, unless it was later than these days.
    let query = format!(
        "SELECT COUNT(*) AS count FROM users u
        WHERE u.created_at_ms < {end} AND (u.seen_at_ms >= {start} AND u.seen_at_ms < {end}
            OR (u.seen_at_ms IS NULL OR u.seen_at_ms >= {end})
                AND EXISTS (SELECT 1 FROM visits v WHERE v.user_id = u.id AND v.{}))",
        between(days),
        start = ms.start,
        end = ms.end
    );
    count(connection, query).await
}

/// What some services are called, and under which keys they are sold.
///
/// # Errors
/// Only the database's own.
pub async fn service_names(
    connection: &impl ConnectionTrait,
    ids: Vec<i64>,
) -> Result<HashMap<i64, (String, String)>, StoreError> {
    let found = services::Entity::find()
        .filter(services::Column::Id.is_in(ids))
        .all(connection)
        .await?;
    Ok(found
        .into_iter()
        .map(|row| (row.id, (row.name, row.key)))
        .collect())
}
