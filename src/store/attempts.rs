//! Purchase calls: written before they are sent, closed when it is known what became of them.
//!
//! Invariant: the database refuses a second open attempt of one order.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
};

use crate::domain::id::{OrderId, ProviderId};
use crate::domain::order::OrderState;
use crate::store::StoreError;
use crate::store::connection::Keyed;
use crate::store::entity::attempts;
use crate::store::orders::in_states;

/// The outcome of a purchase call whose order was paid back without proof.
pub const UNKNOWN: &str = "unknown";

/// A purchase call that is about to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAttempt {
    /// The order.
    pub order: OrderId,
    /// The upstream.
    pub provider: ProviderId,
    /// The upstream whose account pays, where that is another.
    pub purse: Option<ProviderId>,
    /// The upstream's code of the service.
    pub service_code: String,
    /// The upstream's code of the country.
    pub country_code: String,
    /// The upstream's spelling of the operator.
    pub operator: Option<String>,
    /// What it was listed for.
    pub cost: String,
    /// In which currency.
    pub currency: String,
    /// What a user pays for this offer, minor units of the wallet.
    pub price: i64,
    /// Unix time in milliseconds.
    pub started_at_ms: i64,
}

/// Writes an attempt before its call is sent. The database refuses a second one that is open.
///
/// # Errors
/// Only the database's own.
pub async fn start(
    transaction: &impl ConnectionTrait,
    attempt: NewAttempt,
) -> Result<(), StoreError> {
    let row = attempts::ActiveModel {
        order_id: Set(attempt.order.0),
        provider: Set(attempt.provider.0),
        purse: Set(attempt.purse.map(|purse| purse.0)),
        service_code: Set(attempt.service_code),
        country_code: Set(attempt.country_code),
        operator: Set(attempt.operator),
        cost: Set(attempt.cost),
        currency: Set(attempt.currency),
        price: Set(Some(attempt.price)),
        started_at_ms: Set(attempt.started_at_ms),
        good_reads: Set(0),
        outcome: Set(None),
        ..<_ as Default>::default()
    };
    attempts::Entity::insert(row)
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

impl attempts::Model {
    /// Whether an upstream's account pays for it.
    #[must_use]
    pub fn is_paid_by(&self, provider: &ProviderId) -> bool {
        self.purse.as_ref().unwrap_or(&self.provider) == provider.as_str()
    }
}

/// The unresolved attempts of orders in doubt: nothing is bought on their routes until they are
/// settled.
///
/// # Errors
/// Only the database's own.
pub async fn in_doubt(connection: &impl Keyed) -> Result<Vec<attempts::Model>, StoreError> {
    let doubted: Vec<i64> = in_states(connection, &[OrderState::InDoubt])
        .await?
        .into_iter()
        .map(|order| order.id)
        .collect();
    if doubted.is_empty() {
        return Ok(Vec::new());
    }
    Ok(attempts::Entity::find()
        .filter(attempts::Column::OrderId.is_in(doubted))
        .filter(attempts::Column::Outcome.is_null())
        .order_by_asc(attempts::Column::StartedAtMs)
        .all(connection)
        .await?)
}

/// Writes how the open attempt of an order ended.
///
/// # Errors
/// Only the database's own.
pub async fn close(
    transaction: &impl ConnectionTrait,
    order: OrderId,
    outcome: &str,
    detail: Option<String>,
    now_ms: i64,
) -> Result<(), StoreError> {
    attempts::Entity::update_many()
        .col_expr(attempts::Column::Outcome, Expr::value(outcome))
        .col_expr(attempts::Column::Detail, Expr::value(detail))
        .col_expr(attempts::Column::ClosedAtMs, Expr::value(now_ms))
        .filter(attempts::Column::OrderId.eq(order.0))
        .filter(attempts::Column::Outcome.is_null())
        .exec(transaction)
        .await?;
    Ok(())
}

/// All attempts of an order, oldest first.
///
/// # Errors
/// Only the database's own.
pub async fn of_order(
    connection: &impl ConnectionTrait,
    order: OrderId,
) -> Result<Vec<attempts::Model>, StoreError> {
    Ok(attempts::Entity::find()
        .filter(attempts::Column::OrderId.eq(order.0))
        .order_by_asc(attempts::Column::Id)
        .all(connection)
        .await?)
}

/// Notes that a good read of the upstream's list did not show the order.
///
/// # Errors
/// Only the database's own.
pub async fn count_good_read(
    transaction: &impl ConnectionTrait,
    order: OrderId,
) -> Result<(), StoreError> {
    attempts::Entity::update_many()
        .col_expr(
            attempts::Column::GoodReads,
            Expr::col(attempts::Column::GoodReads).add(1),
        )
        .filter(attempts::Column::OrderId.eq(order.0))
        .filter(attempts::Column::Outcome.is_null())
        .exec(transaction)
        .await?;
    Ok(())
}

/// The purchase calls whose orders were paid back without proof, oldest first.
///
/// # Errors
/// Only the database's own.
pub async fn unproven(
    connection: &impl ConnectionTrait,
) -> Result<Vec<attempts::Model>, StoreError> {
    Ok(attempts::Entity::find()
        .filter(attempts::Column::Outcome.eq(UNKNOWN))
        .order_by_asc(attempts::Column::Id)
        .all(connection)
        .await?)
}

/// Writes what became of a purchase that was not proven; `false` where that is written already.
///
/// # Errors
/// Only the database's own.
pub async fn prove(
    transaction: &impl ConnectionTrait,
    order: OrderId,
    outcome: &str,
    now_ms: i64,
) -> Result<bool, StoreError> {
    let written = attempts::Entity::update_many()
        .set(attempts::ActiveModel {
            outcome: Set(Some(outcome.to_owned())),
            closed_at_ms: Set(Some(now_ms)),
            ..<_ as Default>::default()
        })
        .filter(attempts::Column::OrderId.eq(order.0))
        .filter(attempts::Column::Outcome.eq(UNKNOWN))
        .exec(transaction)
        .await?;
    Ok(written.rows_affected > 0)
}
