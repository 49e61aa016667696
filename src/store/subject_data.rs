//! Everything that is kept about one user, to be handed over or erased.
//!
//! Invariant: what is read or erased is this user's; amounts, states and times of orders and
//! payments are never erased.

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Statement,
};

use crate::domain::id::UserId;
use crate::store::connection::Keyed;
use crate::store::entity::{
    accounts, orders, star_payments, support_messages, topup_requests, transfers, voucher_uses,
    watches,
};
use crate::store::{StoreError, Tx, erase, news, sealed};

/// Orders that are erased at once.
const BATCH: u64 = 200;

/// A user's orders behind `after`, oldest first.
///
/// # Errors
/// Only the database's own.
pub async fn orders_after(
    connection: &impl Keyed,
    user: UserId,
    after: i64,
    limit: u64,
) -> Result<Vec<orders::Model>, StoreError> {
    let query = orders::Entity::find()
        .filter(orders::Column::UserId.eq(user.0))
        .filter(orders::Column::Id.gt(after))
        .order_by_asc(orders::Column::Id)
        .limit(limit);
    sealed::all(query, connection).await
}

/// The numbers of a user's accounts in the ledger.
///
/// # Errors
/// Only the database's own.
pub async fn accounts_of(
    connection: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<accounts::Model>, StoreError> {
    Ok(accounts::Entity::find()
        .filter(accounts::Column::UserId.eq(user.0))
        .all(connection)
        .await?)
}

/// The transfers of some accounts behind `after`, oldest first.
///
/// # Errors
/// Only the database's own.
pub async fn transfers_after(
    connection: &impl ConnectionTrait,
    accounts: &[i64],
    after: i64,
    limit: u64,
) -> Result<Vec<transfers::Model>, StoreError> {
    let theirs = Condition::any()
        .add(transfers::Column::DebitAccount.is_in(accounts.iter().copied()))
        .add(transfers::Column::CreditAccount.is_in(accounts.iter().copied()));
    Ok(transfers::Entity::find()
        .filter(theirs)
        .filter(transfers::Column::Id.gt(after))
        .order_by_asc(transfers::Column::Id)
        .limit(limit)
        .all(connection)
        .await?)
}

/// What a user paid, asked to be credited for, redeemed, wrote and wants to hear of.
#[derive(Clone, Default)]
pub struct Papers {
    /// Payments in Stars.
    pub payments: Vec<star_payments::Model>,
    /// Requests to be credited.
    pub requests: Vec<topup_requests::Model>,
    /// Uses of vouchers.
    pub vouchers: Vec<voucher_uses::Model>,
    /// Messages to and from support.
    pub letters: Vec<support_messages::Model>,
    /// What they want to hear of.
    pub watches: Vec<watches::Model>,
}

/// Reads a user's papers.
///
/// # Errors
/// Only the database's own.
pub async fn papers(connection: &impl Keyed, user: UserId) -> Result<Papers, StoreError> {
    let letters = support_messages::Entity::find()
        .filter(support_messages::Column::UserId.eq(user.0))
        .order_by_asc(support_messages::Column::Id);
    Ok(Papers {
        payments: star_payments::Entity::find()
            .filter(star_payments::Column::UserId.eq(user.0))
            .all(connection)
            .await?,
        requests: topup_requests::Entity::find()
            .filter(topup_requests::Column::UserId.eq(user.0))
            .all(connection)
            .await?,
        vouchers: voucher_uses::Entity::find()
            .filter(voucher_uses::Column::UserId.eq(user.0))
            .all(connection)
            .await?,
        letters: sealed::all(letters, connection).await?,
        watches: watches::Entity::find()
            .filter(watches::Column::UserId.eq(user.0))
            .all(connection)
            .await?,
    })
}

/// What erases a user. Rows that others point to, or that prove a delivery, stay without what was
/// in them; limits, bans, freezes and through whose link they came stay, and no news reaches them.
const ERASE: [&str; 17] = [
    "UPDATE users SET first_name = '', username = NULL, telegram_language = NULL,
        chosen_language = NULL, note = NULL, seen_at_ms = NULL WHERE id = $1",
    "UPDATE orders SET card_chat_id = NULL, card_message_id = NULL WHERE user_id = $1",
    "UPDATE topup_requests SET proof = NULL WHERE user_id = $1",
    "UPDATE freezes SET name = '' WHERE what = 'user' AND target = CAST($1 AS TEXT)",
    "DELETE FROM topup_papers WHERE request_id IN (SELECT id FROM topup_requests WHERE user_id = $1)",
    "DELETE FROM support_papers
        WHERE message_id IN (SELECT id FROM support_messages WHERE user_id = $1)",
    "DELETE FROM support_messages WHERE user_id = $1",
    "DELETE FROM watches WHERE user_id = $1",
    "DELETE FROM favourites WHERE user_id = $1",
    "DELETE FROM favourite_places WHERE user_id = $1",
    "DELETE FROM unwanted_reminders WHERE user_id = $1",
    "DELETE FROM referrers WHERE user_id = $1",
    "DELETE FROM stopped_purchases WHERE user_id = $1",
    "DELETE FROM terms_accepted WHERE user_id = $1",
    "DELETE FROM dialogues WHERE chat_id = $1",
    "DELETE FROM intents WHERE user_id = $1",
    "DELETE FROM outbox WHERE user_id = $1",
];

/// Erases what the books need not keep of a user.
///
/// # Errors
/// Only the database's own.
pub async fn erase(tx: &Tx, user: UserId, now_ms: i64) -> Result<(), StoreError> {
    let mut after = 0;
    loop {
        let page = orders_after(tx, user, after, BATCH).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        let ids = page.into_iter().map(|row| row.id).collect();
        erase::orders(tx, ids, now_ms).await?;
    }
    let backend = tx.get_database_backend();
    for sql in ERASE {
        // PostgreSQL wants a type for what it casts.
        let sql = sql.replace("CAST($1 AS TEXT)", &format!("'{user}'"));
        let values = if sql.contains("$1") {
            vec![user.0.into()]
        } else {
            Vec::new()
        };
        let statement = Statement::from_sql_and_values(backend, sql, values);
        tx.execute_raw(statement).await?;
    }
    news::want(tx, user, false, now_ms).await
}
