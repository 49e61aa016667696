//! How numbers fared, route by route.
//!
//! Invariant: only reads, and only the orders of the last days.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use crate::store::StoreError;
use crate::store::orders::GIVEN_BACK;

/// The newest orders that are looked at: enough for a rate, and bounded in memory.
const NEWEST: i64 = 50_000;

/// One bought number.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Fared {
    /// The upstream.
    pub provider: String,
    /// ISO 3166 alpha-2.
    pub country: String,
    /// Our number of the service.
    pub service_id: i64,
    /// When it was confirmed.
    pub created_at_ms: i64,
    /// Whether it was given back before its time was over.
    pub is_given_back: bool,
    /// From the order to its first SMS, in milliseconds; `None` where none came.
    pub waited_ms: Option<i64>,
}

/// The numbers that were bought since `since_ms` and whose orders are settled.
///
/// # Errors
/// Only the database's own.
pub async fn settled_since(
    connection: &impl ConnectionTrait,
    since_ms: i64,
) -> Result<Vec<Fared>, StoreError> {
    let query = format!(
        "SELECT provider, country, service_id, created_at_ms, ({GIVEN_BACK}) AS is_given_back,
            (SELECT MIN(s.seen_at_ms) FROM sms s WHERE s.order_id = orders.id) - created_at_ms AS waited_ms
        FROM orders
        WHERE created_at_ms >= $1 AND product = 'activation' AND upstream_id IS NOT NULL AND provider IS NOT NULL
            AND state IN ('received', 'completed', 'cancelled', 'expired') AND COALESCE(reason, '') <> 'withheld'
        ORDER BY created_at_ms DESC LIMIT $2"
    );
    let backend = connection.get_database_backend();
    let values = [since_ms.into(), NEWEST.into()];
    Ok(
        Fared::find_by_statement(Statement::from_sql_and_values(backend, query, values))
            .all(connection)
            .await?,
    )
}
