//! What admins see of one user, and what they decide about them.
//!
//! Invariant: a ban and a note change nothing else of a user.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Statement};

use crate::domain::id::UserId;
use crate::store::entity::users;
use crate::store::ledger::Account;
use crate::store::orders::GIVEN_BACK;
use crate::store::{StoreError, is_sqlite};

/// How many of a user's orders are in one state.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct InState {
    /// See [`crate::domain::order::OrderState`].
    pub state: String,
    /// How many.
    pub orders: i64,
    /// How many of these had a number.
    pub bought: i64,
    /// How many of these were given back before their time.
    pub given_back: i64,
}

/// What came into a user's wallet from one source.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct CameIn {
    /// `stars` of the key `topup:stars:…`.
    pub source: String,
    /// How much.
    pub amount: i64,
    /// In how many transfers.
    pub transfers: i64,
}

/// A user's orders by state.
///
/// # Errors
/// Only the database's own.
pub async fn orders_by_state(
    connection: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<InState>, StoreError> {
    let query = format!(
        "SELECT state, COUNT(*) AS orders, COUNT(upstream_id) AS bought,
            COUNT(CASE WHEN {GIVEN_BACK} THEN 1 END) AS given_back
        FROM orders WHERE user_id = $1 GROUP BY state ORDER BY state"
    );
    let backend = connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, query, [user.0.into()]);
    Ok(InState::find_by_statement(statement)
        .all(connection)
        .await?)
}

/// What came into a user's wallet, by source.
///
/// # Errors
/// Only the database's own.
pub async fn came_in(
    connection: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<CameIn>, StoreError> {
    let source = if is_sqlite(connection) {
        "SUBSTR(t.idempotency_key, 7, INSTR(SUBSTR(t.idempotency_key, 7) || ':', ':') - 1)"
    } else {
        "SPLIT_PART(t.idempotency_key, ':', 2)"
    };
    let query = format!(
        "SELECT {source} AS source, CAST(SUM(t.amount) AS BIGINT) AS amount, COUNT(*) AS transfers
        FROM transfers t JOIN accounts c ON c.id = t.credit_account
        WHERE c.name = $1 AND t.kind = 'topup' GROUP BY 1 ORDER BY 1"
    );
    let backend = connection.get_database_backend();
    let wallet = Account::Available(user).to_string();
    let statement = Statement::from_sql_and_values(backend, query, [wallet.into()]);
    Ok(CameIn::find_by_statement(statement).all(connection).await?)
}

/// Notes since when a user cannot use the shop, or that they can again.
///
/// # Errors
/// Only the database's own.
pub async fn ban(
    transaction: &impl ConnectionTrait,
    user: UserId,
    since_ms: Option<i64>,
) -> Result<(), StoreError> {
    users::Entity::update_many()
        .col_expr(users::Column::BannedAtMs, Expr::value(since_ms))
        .filter(users::Column::Id.eq(user.0))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Keeps what an admin notes about a user.
///
/// # Errors
/// Only the database's own.
pub async fn note(
    transaction: &impl ConnectionTrait,
    user: UserId,
    note: Option<String>,
) -> Result<(), StoreError> {
    users::Entity::update_many()
        .col_expr(users::Column::Note, Expr::value(note))
        .filter(users::Column::Id.eq(user.0))
        .exec(transaction)
        .await?;
    Ok(())
}
