//! Times that were written before the clock jumped back.
//!
//! Invariant: what waits never waits for longer than it was to wait when it was written.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::store::StoreError;
use crate::store::entity::{attempts, orders, outbox};
use crate::store::orders::is_open;

/// Clocks are set right by less than this all the time.
pub const SLIGHT_MS: i64 = 1_000;

/// Moves open orders that were written in a time which has not come yet to the present, with
/// everything that is to happen to them. Gives back how many.
///
/// # Errors
/// Only the database's own.
pub async fn orders_to_present(
    transaction: &impl ConnectionTrait,
    now_ms: i64,
) -> Result<u64, StoreError> {
    use orders::Column as C;
    let mut update = orders::Entity::update_many();
    for column in [
        C::NextActionAtMs,
        C::DeadlineAtMs,
        C::ExpiresAtMs,
        C::CancelFromMs,
        C::QuoteUntilMs,
    ] {
        let moved = Expr::col(column).sub(Expr::col(C::UpdatedAtMs)).add(now_ms);
        update = update.col_expr(column, moved);
    }
    let moved = update
        .col_expr(C::UpdatedAtMs, Expr::value(now_ms))
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .filter(is_open())
        .filter(C::UpdatedAtMs.gt(now_ms.saturating_add(SLIGHT_MS)))
        .exec(transaction)
        .await?;
    attempts::Entity::update_many()
        .col_expr(attempts::Column::StartedAtMs, Expr::value(now_ms))
        .filter(attempts::Column::Outcome.is_null())
        .filter(attempts::Column::StartedAtMs.gt(now_ms.saturating_add(SLIGHT_MS)))
        .exec(transaction)
        .await?;
    Ok(moved.rows_affected)
}

/// Makes every notice that was put off due: nobody can tell any more for how long it was.
///
/// # Errors
/// Only the database's own.
pub async fn notices_due(
    transaction: &impl ConnectionTrait,
    now_ms: i64,
) -> Result<(), StoreError> {
    outbox::Entity::update_many()
        .col_expr(outbox::Column::NextAttemptAtMs, Expr::value(now_ms))
        .filter(outbox::Column::DoneAtMs.is_null())
        .filter(outbox::Column::NextAttemptAtMs.gt(now_ms))
        .exec(transaction)
        .await?;
    Ok(())
}
