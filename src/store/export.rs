//! Rows for the outside, page by page.
//!
//! Invariant: reads only, and never a number, a code or what an SMS says. A page is as long as it
//! is allowed to be, so memory stays bounded however many rows there are.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use crate::domain::days::Days;
use crate::store::StoreError;

/// So many rows are read at once.
pub const PAGE: i64 = 2_000;

/// An order.
#[derive(Clone, Debug, FromQueryResult)]
pub struct OrderRow {
    /// Its number.
    pub id: i64,
    /// Whose it is.
    pub user_id: i64,
    /// See [`crate::domain::product::Product`].
    pub product: String,
    /// The service's name then.
    pub service_name: String,
    /// ISO 3166 alpha-2.
    pub country: String,
    /// The operator asked for.
    pub operator: Option<String>,
    /// See [`crate::domain::order::OrderState`].
    pub state: String,
    /// Why it failed.
    pub reason: Option<String>,
    /// Minor units of the wallet.
    pub price: i64,
    /// The upstream.
    pub provider: Option<String>,
    /// Its id there.
    pub upstream_id: Option<String>,
    /// What it cost there.
    pub cost: Option<String>,
    /// In which currency.
    pub cost_currency: Option<String>,
    /// How many SMS or mails came.
    pub sms: i64,
    /// Unix time in milliseconds.
    pub created_at_ms: i64,
    /// Unix time in milliseconds.
    pub updated_at_ms: i64,
}

/// A transfer.
#[derive(Clone, Debug, FromQueryResult)]
pub struct TransferRow {
    /// Its number.
    pub id: i64,
    /// Unix time in milliseconds.
    pub at_ms: i64,
    /// See [`crate::store::ledger::TransferKind`].
    pub kind: String,
    /// Where the money left.
    pub from_account: String,
    /// Where it arrived.
    pub to_account: String,
    /// Minor units of the wallet, or millionths of an upstream's currency.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: String,
    /// The order it belongs to.
    pub order_id: Option<i64>,
    /// Who caused it.
    pub actor: String,
    /// What an admin wrote to it.
    pub memo: Option<String>,
}

/// A user.
#[derive(Clone, Debug, FromQueryResult)]
pub struct UserRow {
    /// Telegram's number.
    pub id: i64,
    /// First name.
    pub first_name: String,
    /// Without `@`.
    pub username: Option<String>,
    /// An IETF tag.
    pub language: Option<String>,
    /// First contact, Unix time in milliseconds.
    pub created_at_ms: i64,
    /// When they were last here.
    pub seen_at_ms: Option<i64>,
    /// Since when they cannot use the shop.
    pub banned_at_ms: Option<i64>,
    /// Since when they block the bot.
    pub unreachable_since_ms: Option<i64>,
    /// What an admin noted.
    pub note: Option<String>,
    /// Minor units.
    pub available: Option<i64>,
    /// Minor units.
    pub held: Option<i64>,
    /// How many orders they have.
    pub orders: i64,
}

async fn page<Row: FromQueryResult>(
    connection: &impl ConnectionTrait,
    select: &str,
    [id, at]: [&str; 2],
    days: Option<&Days>,
    after: i64,
) -> Result<Vec<Row>, StoreError> {
    let within = days.map_or(String::new(), |days| {
        let ms = days.ms();
        format!("AND {at} >= {} AND {at} < {}", ms.start, ms.end)
    });
    let query = format!("{select} WHERE {id} > {after} {within} ORDER BY {id} LIMIT {PAGE}");
    let backend = connection.get_database_backend();
    let statement = Statement::from_string(backend, query);
    Ok(Row::find_by_statement(statement).all(connection).await?)
}

/// The next orders, by number.
///
/// # Errors
/// Only the database's own.
pub async fn orders(
    connection: &impl ConnectionTrait,
    days: Option<&Days>,
    after: i64,
) -> Result<Vec<OrderRow>, StoreError> {
    let select = "SELECT o.id, o.user_id, o.product, o.service_name, o.country, o.operator, o.state, o.reason, o.price,
            o.provider, o.upstream_id, o.cost, o.cost_currency, o.created_at_ms, o.updated_at_ms,
            (SELECT COUNT(*) FROM sms s WHERE s.order_id = o.id) AS sms
        FROM orders o";
    page(connection, select, ["o.id", "o.created_at_ms"], days, after).await
}

/// The next transfers, by number.
///
/// # Errors
/// Only the database's own.
pub async fn transfers(
    connection: &impl ConnectionTrait,
    days: Option<&Days>,
    after: i64,
) -> Result<Vec<TransferRow>, StoreError> {
    let select = "SELECT t.id, t.at_ms, t.kind, d.name AS from_account, c.name AS to_account, t.amount, d.currency,
            t.order_id, t.actor, t.memo
        FROM transfers t JOIN accounts d ON d.id = t.debit_account JOIN accounts c ON c.id = t.credit_account";
    page(connection, select, ["t.id", "t.at_ms"], days, after).await
}

/// The next users, by number.
///
/// # Errors
/// Only the database's own.
pub async fn users(
    connection: &impl ConnectionTrait,
    days: Option<&Days>,
    after: i64,
) -> Result<Vec<UserRow>, StoreError> {
    let select = "SELECT u.id, u.first_name, u.username, COALESCE(u.chosen_language, u.telegram_language) AS language,
            u.created_at_ms, u.seen_at_ms, u.banned_at_ms, u.unreachable_since_ms, u.note,
            a.balance AS available, h.balance AS held,
            (SELECT COUNT(*) FROM orders o WHERE o.user_id = u.id) AS orders
        FROM users u
        LEFT JOIN accounts a ON a.name = 'user:' || CAST(u.id AS TEXT) || ':available'
        LEFT JOIN accounts h ON h.name = 'user:' || CAST(u.id AS TEXT) || ':held'";
    page(connection, select, ["u.id", "u.created_at_ms"], days, after).await
}
