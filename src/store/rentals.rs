//! Rentals and their renewals, beside their orders.
//!
//! Invariant: a rental has at most one renewal that is open.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::domain::id::{OrderId, ProviderId, UpstreamId};
use crate::domain::order::OrderState;
use crate::domain::product::Product;
use crate::store::StoreError;
use crate::store::connection::Keyed;
use crate::store::entity::{orders, renewals, rentals, sms};
use crate::store::sealed::{self, Personal};

/// Writes down what is known of a rental when it is confirmed.
///
/// # Errors
/// Only the database's own.
pub async fn insert(
    transaction: &impl ConnectionTrait,
    order: OrderId,
    hours: i64,
) -> Result<(), StoreError> {
    let row = rentals::ActiveModel {
        order_id: Set(order.0),
        hours: Set(hours),
        label: Set(None),
        is_muted: Set(false),
        end_written: Set(None),
        reminded_hours: Set(None),
        last_sms_at_ms: Set(None),
    };
    rentals::Entity::insert(row)
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// What is known of a rental.
///
/// # Errors
/// [`StoreError::BadRow`] where the order is none.
pub async fn find(connection: &impl Keyed, order: OrderId) -> Result<rentals::Model, StoreError> {
    sealed::one(rentals::Entity::find_by_id(order.0), connection)
        .await?
        .ok_or_else(|| StoreError::BadRow(format!("order {order} has no rental")))
}

/// What is known of the rentals among these orders.
///
/// # Errors
/// Only the database's own.
pub async fn among(
    connection: &impl Keyed,
    orders: Vec<i64>,
) -> Result<Vec<rentals::Model>, StoreError> {
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let query = rentals::Entity::find().filter(rentals::Column::OrderId.is_in(orders));
    sealed::all(query, connection).await
}

/// Writes what is known of a rental anew.
///
/// # Errors
/// Only the database's own.
pub async fn put(transaction: &impl Keyed, rental: rentals::Model) -> Result<(), StoreError> {
    let order_id = rental.order_id;
    let rental = rental.sealed(transaction.keys())?;
    rentals::Entity::update_many()
        .set(rental.into_active_model().reset_all())
        .filter(rentals::Column::OrderId.eq(order_id))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Writes down what a renewal is to renew.
///
/// # Errors
/// Only the database's own.
pub async fn insert_renewal(
    transaction: &impl ConnectionTrait,
    renewal: renewals::Model,
) -> Result<(), StoreError> {
    renewals::Entity::insert(renewal.into_active_model().reset_all())
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// What a renewal is to renew.
///
/// # Errors
/// [`StoreError::BadRow`] where the order is none.
pub async fn renewal(
    connection: &impl ConnectionTrait,
    order: OrderId,
) -> Result<renewals::Model, StoreError> {
    renewals::Entity::find_by_id(order.0)
        .one(connection)
        .await?
        .ok_or_else(|| StoreError::BadRow(format!("order {order} has no renewal")))
}

/// What the renewals among these orders renew.
///
/// # Errors
/// Only the database's own.
pub async fn renewals_among(
    connection: &impl ConnectionTrait,
    orders: Vec<i64>,
) -> Result<Vec<renewals::Model>, StoreError> {
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    Ok(renewals::Entity::find()
        .filter(renewals::Column::OrderId.is_in(orders))
        .all(connection)
        .await?)
}

/// Writes where a renewal led.
///
/// # Errors
/// Only the database's own.
pub async fn renewed(
    transaction: &impl ConnectionTrait,
    order: OrderId,
    ends_at_ms: i64,
) -> Result<(), StoreError> {
    renewals::Entity::update_many()
        .set(renewals::ActiveModel {
            ends_at_ms: Set(Some(ends_at_ms)),
            ..<_ as Default>::default()
        })
        .filter(renewals::Column::OrderId.eq(order.0))
        .exec(transaction)
        .await?;
    Ok(())
}

/// The renewal of a rental that is open, if one is.
///
/// # Errors
/// Only the database's own.
pub async fn open_renewal(
    connection: &impl Keyed,
    rental: OrderId,
) -> Result<Option<orders::Model>, StoreError> {
    let ids: Vec<i64> = renewals::Entity::find()
        .filter(renewals::Column::RentalId.eq(rental.0))
        .select_only()
        .column(renewals::Column::OrderId)
        .into_tuple()
        .all(connection)
        .await?;
    if ids.is_empty() {
        return Ok(None);
    }
    let query = orders::Entity::find()
        .filter(crate::store::orders::is_open())
        .filter(orders::Column::Id.is_in(ids));
    sealed::one(query, connection).await
}

/// What polling needs to know of a rental; there can be thousands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tended {
    /// The order.
    pub id: OrderId,
    /// Its id upstream.
    pub upstream_id: UpstreamId,
    /// When it was rented.
    pub created_at_ms: i64,
    /// Its end as the upstream last wrote it.
    pub end_written: Option<String>,
    /// When its last SMS was seen.
    pub last_sms_at_ms: Option<i64>,
}

/// The rentals of an upstream that can receive SMS.
///
/// # Errors
/// Only the database's own.
pub async fn tended(
    connection: &impl Keyed,
    provider: &ProviderId,
) -> Result<Vec<Tended>, StoreError> {
    type Row = (i64, String, i64);
    let rows: Vec<Row> = orders::Entity::find()
        .filter(crate::store::orders::is_open())
        .filter(orders::Column::Provider.eq(provider.as_str()))
        .filter(orders::Column::State.eq(OrderState::Received.as_str()))
        .filter(orders::Column::Product.eq(Product::Rental.as_str()))
        .filter(orders::Column::UpstreamId.is_not_null())
        .order_by_asc(orders::Column::Id)
        .select_only()
        .columns([
            orders::Column::Id,
            orders::Column::UpstreamId,
            orders::Column::CreatedAtMs,
        ])
        .into_tuple()
        .all(connection)
        .await?;
    let mut tended = Vec::with_capacity(rows.len());
    for part in rows.chunks(ROWS_AT_ONCE) {
        let ids = part.iter().map(|(id, ..)| *id).collect();
        let known: std::collections::HashMap<i64, rentals::Model> = among(connection, ids)
            .await?
            .into_iter()
            .map(|rental| (rental.order_id, rental))
            .collect();
        tended.extend(part.iter().map(|(id, upstream_id, created_at_ms)| {
            let rental = known.get(id);
            Tended {
                id: OrderId(*id),
                upstream_id: UpstreamId(upstream_id.clone()),
                created_at_ms: *created_at_ms,
                end_written: rental.and_then(|rental| rental.end_written.clone()),
                last_sms_at_ms: rental.and_then(|rental| rental.last_sms_at_ms),
            }
        }));
    }
    Ok(tended)
}

/// Far fewer values than SQLite takes in one statement.
const ROWS_AT_ONCE: usize = 1_000;

/// The SMS of an order, newest first.
///
/// # Errors
/// Only the database's own.
pub async fn inbox(
    connection: &impl Keyed,
    order: OrderId,
    offset: u64,
    limit: u64,
) -> Result<Vec<sms::Model>, StoreError> {
    let query = sms::Entity::find()
        .filter(sms::Column::OrderId.eq(order.0))
        .order_by_desc(sms::Column::Id)
        .offset(offset)
        .limit(limit);
    sealed::all(query, connection).await
}

/// An order's SMS by its place, oldest first, from 0.
///
/// # Errors
/// Only the database's own.
pub async fn nth_sms(
    connection: &impl Keyed,
    order: OrderId,
    index: u64,
) -> Result<Option<sms::Model>, StoreError> {
    let query = sms::Entity::find()
        .filter(sms::Column::OrderId.eq(order.0))
        .order_by_asc(sms::Column::Id)
        .offset(index)
        .limit(1);
    sealed::one(query, connection).await
}

/// A user's rentals: those that run first, then the newest; and how many there are.
///
/// # Errors
/// Only the database's own.
pub async fn of_user(
    connection: &impl Keyed,
    user: crate::domain::id::UserId,
    offset: u64,
    limit: u64,
) -> Result<(Vec<orders::Model>, u64), StoreError> {
    use sea_orm::PaginatorTrait;
    use sea_orm::sea_query::{CaseStatement, Expr};
    let mine = || {
        orders::Entity::find()
            .filter(orders::Column::UserId.eq(user.0))
            .filter(Expr::cust("product <> 'activation'"))
            .filter(orders::Column::Product.eq(Product::Rental.as_str()))
            .filter(orders::Column::Number.is_not_null())
    };
    let count = mine().count(connection).await?;
    let open_first: CaseStatement = Expr::case(crate::store::orders::is_open(), 0).finally(1);
    let query = mine()
        .order_by_asc(Expr::expr(open_first))
        .order_by_desc(orders::Column::Id)
        .offset(offset)
        .limit(limit);
    Ok((sealed::all(query, connection).await?, count))
}
