//! Erases what is personal from orders that ended long ago, and from all that was settled with it.
//!
//! Invariant: rows stay, with their amounts, states and times; only numbers, addresses, texts,
//! codes, senders and labels go, and never of an order that has not ended.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use crate::store::StoreError;
use crate::store::entity::{
    orders, rentals, sms, support_messages, support_papers, topup_papers, topup_requests, withheld,
};

/// Orders in one transaction: users must not wait for it.
const BATCH: u64 = 200;

/// In the very words of the partial index.
const WHOLE: &str =
    "erased_at_ms IS NULL AND state IN ('completed', 'cancelled', 'expired', 'failed')";

/// The number of a renewal is its rental's, which may run on.
const RENEWED_RUNS_ON: &str = "product = 'renewal' AND EXISTS (SELECT 1 FROM renewals r
    JOIN orders rental ON rental.id = r.rental_id
    WHERE r.order_id = orders.id AND rental.erased_at_ms IS NULL)";

/// The last step of an order. Its row can be younger: a card that is opened anew is noted there.
const ENDED_AT_MS: &str = "COALESCE((SELECT MAX(e.at_ms) FROM order_events e
    WHERE e.order_id = orders.id), updated_at_ms)";

/// The next orders after an id that ended before `before_ms` and still hold something.
///
/// # Errors
/// Only the database's own.
pub async fn next(
    connection: &impl ConnectionTrait,
    after: i64,
    before_ms: i64,
) -> Result<Vec<i64>, StoreError> {
    Ok(orders::Entity::find()
        .filter(Expr::cust(WHOLE))
        .filter(orders::Column::Id.gt(after))
        .filter(Expr::cust(ENDED_AT_MS).lt(before_ms))
        .filter(Expr::cust(RENEWED_RUNS_ON).not())
        .order_by_asc(orders::Column::Id)
        .limit(BATCH)
        .select_only()
        .column(orders::Column::Id)
        .into_tuple()
        .all(connection)
        .await?)
}

/// Erases what is personal from these orders; how many of them had not been erased.
///
/// # Errors
/// Only the database's own.
pub async fn orders(
    transaction: &impl ConnectionTrait,
    ids: Vec<i64>,
    now_ms: i64,
) -> Result<u64, StoreError> {
    use orders::Column as C;
    let nothing = || Expr::value(None::<String>);
    let erased = orders::Entity::update_many()
        .col_expr(C::Number, nothing())
        .col_expr(C::NumberMark, nothing())
        .col_expr(C::ErasedAtMs, Expr::value(now_ms))
        // Whoever read the row before must not write the number back.
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .filter(Expr::cust(WHOLE))
        .filter(C::Id.is_in(ids.iter().copied()))
        .exec(transaction)
        .await?;
    sms::Entity::update_many()
        .col_expr(sms::Column::Text, Expr::value(""))
        .col_expr(sms::Column::Code, nothing())
        .col_expr(sms::Column::Sender, nothing())
        // Six digits are soon guessed by whoever has the key.
        .col_expr(sms::Column::Digest, nothing())
        .filter(sms::Column::OrderId.is_in(ids.iter().copied()))
        .exec(transaction)
        .await?;
    withheld::Entity::delete_many()
        .filter(withheld::Column::OrderId.is_in(ids.iter().copied()))
        .exec(transaction)
        .await?;
    rentals::Entity::update_many()
        .col_expr(rentals::Column::Label, nothing())
        .filter(rentals::Column::OrderId.is_in(ids))
        .exec(transaction)
        .await?;
    Ok(erased.rows_affected)
}

/// Forgets the receipts of requests that were settled before `before_ms`, and where admins saw
/// them; how many had one.
///
/// # Errors
/// Only the database's own.
pub async fn receipts(
    transaction: &impl ConnectionTrait,
    before_ms: i64,
) -> Result<u64, StoreError> {
    use topup_requests::Column as C;
    let settled = || {
        C::State
            .is_not_in(["open", "submitted"])
            .and(C::UpdatedAtMs.lt(before_ms))
    };
    let erased = topup_requests::Entity::update_many()
        .col_expr(C::Proof, Expr::value(None::<String>))
        .filter(settled())
        .filter(C::Proof.is_not_null())
        .exec(transaction)
        .await?;
    let old = topup_requests::Entity::find()
        .filter(settled())
        .select_only()
        .column(C::Id)
        .into_query();
    topup_papers::Entity::delete_many()
        .filter(topup_papers::Column::RequestId.in_subquery(old))
        .exec(transaction)
        .await?;
    Ok(erased.rows_affected)
}

/// Forgets what was written to support and back before `before_ms`; how many messages that were.
/// What nobody answered yet stays.
///
/// # Errors
/// Only the database's own.
pub async fn threads(
    transaction: &impl ConnectionTrait,
    before_ms: i64,
) -> Result<u64, StoreError> {
    use support_messages::Column as C;
    let settled = || {
        let is_answer = Expr::col(C::AuthorId).ne(Expr::col(C::UserId));
        let is_old = C::AtMs.lt(before_ms);
        is_old.and(is_answer.or(C::AnsweredBy.is_not_null()))
    };
    let old = support_messages::Entity::find()
        .filter(settled())
        .select_only()
        .column(C::Id)
        .into_query();
    support_papers::Entity::delete_many()
        .filter(support_papers::Column::MessageId.in_subquery(old))
        .exec(transaction)
        .await?;
    let gone = support_messages::Entity::delete_many()
        .filter(settled())
        .exec(transaction)
        .await?;
    Ok(gone.rows_affected)
}
