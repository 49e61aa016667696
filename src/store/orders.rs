//! Orders, their story and their SMS.
//!
//! Invariant: an order changes only by [`step`] and [`change`], inside a transaction that read it
//! and under its version; every step leaves a row in its story.

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::domain::id::{Nonce, OrderId, ProviderId, UpstreamId, UserId};
use crate::domain::order::{MoneyStep, OrderEvent, OrderState};
use crate::domain::product::Product;
use crate::planted::planted;
use crate::store::connection::Keyed;
use crate::store::entity::{order_events, orders, sms};
use crate::store::sealed::{self, Personal};
use crate::store::{StoreError, is_sqlite};

impl orders::Model {
    /// The order's number.
    #[must_use]
    pub const fn order_id(&self) -> OrderId {
        OrderId(self.id)
    }

    /// Whose it is.
    #[must_use]
    pub const fn user(&self) -> UserId {
        UserId(self.user_id)
    }

    /// Where it stands.
    ///
    /// # Errors
    /// [`StoreError::BadRow`] for a word that is no state.
    pub fn order_state(&self) -> Result<OrderState, StoreError> {
        Ok(self.state.parse()?)
    }

    /// What it is for.
    ///
    /// # Errors
    /// [`StoreError::BadRow`] for a word that is no product.
    pub fn product(&self) -> Result<Product, StoreError> {
        Ok(self.product.parse()?)
    }

    /// The upstream whose account pays.
    #[must_use]
    pub fn payer(&self) -> Option<ProviderId> {
        let payer = self.purse.as_ref().or(self.provider.as_ref())?;
        Some(ProviderId(payer.clone()))
    }
}

/// Orders that are not final, in the very words of the partial indexes: SQLite uses those only
/// where it finds their condition in the query, and it does not look into bound values.
pub(super) fn is_open() -> Expr {
    Expr::cust("state NOT IN ('completed', 'cancelled', 'expired', 'failed')")
}

/// Writes a new order, which has no number yet; its id is chosen here.
///
/// # Errors
/// Only the database's own.
pub async fn insert(
    transaction: &impl ConnectionTrait,
    order: orders::Model,
) -> Result<orders::Model, StoreError> {
    let mut row = order.into_active_model().reset_all();
    row.id = sea_orm::ActiveValue::NotSet;
    // A number is bound to the order's id, which nobody knows before.
    row.number = Set(None);
    Ok(row.insert(transaction).await?)
}

/// An order by number.
///
/// # Errors
/// Only the database's own.
pub async fn find(
    connection: &impl Keyed,
    id: OrderId,
) -> Result<Option<orders::Model>, StoreError> {
    sealed::one(orders::Entity::find_by_id(id.0), connection).await
}

/// An order by number, locked until the transaction ends where the database has row locks.
///
/// # Errors
/// [`StoreError::BadRow`] where there is none.
pub async fn find_for_update(
    transaction: &impl Keyed,
    id: OrderId,
) -> Result<orders::Model, StoreError> {
    let query = orders::Entity::find_by_id(id.0);
    let query = if is_sqlite(transaction) {
        query
    } else {
        query.lock_exclusive()
    };
    sealed::one(query, transaction)
        .await?
        .ok_or_else(|| StoreError::BadRow(format!("no order {id}")))
}

/// Orders whose number was given back before its time: what upstreams count against us.
pub(super) const GIVEN_BACK: &str = "state IN ('cancelling', 'cancelled') AND upstream_id IS NOT NULL
    AND EXISTS (SELECT 1 FROM order_events e WHERE e.order_id = orders.id AND e.event = 'CancelAsked')";

/// When the user's own cancellations since `since_ms` came through, the newest first. A number
/// that we gave back has a reason.
///
/// # Errors
/// Only the database's own.
pub async fn cancelled_since(
    connection: &impl ConnectionTrait,
    user: UserId,
    since_ms: i64,
) -> Result<Vec<i64>, StoreError> {
    Ok(orders::Entity::find()
        .filter(orders::Column::UserId.eq(user.0))
        .filter(orders::Column::State.eq(OrderState::Cancelled.as_str()))
        .filter(Expr::cust(GIVEN_BACK))
        .filter(orders::Column::Reason.is_null())
        .filter(orders::Column::UpdatedAtMs.gt(since_ms))
        .order_by_desc(orders::Column::UpdatedAtMs)
        .select_only()
        .column(orders::Column::UpdatedAtMs)
        .into_tuple()
        .all(connection)
        .await?)
}

/// The order that a Confirm made.
///
/// # Errors
/// Only the database's own.
pub async fn find_by_nonce(
    connection: &impl Keyed,
    user: UserId,
    nonce: &Nonce,
) -> Result<Option<orders::Model>, StoreError> {
    let query = orders::Entity::find()
        .filter(orders::Column::UserId.eq(user.0))
        .filter(orders::Column::Nonce.eq(nonce.as_str()));
    sealed::one(query, connection).await
}

/// The order that an upstream knows under `upstream_id`.
///
/// # Errors
/// Only the database's own.
pub async fn find_by_upstream(
    connection: &impl Keyed,
    provider: &ProviderId,
    upstream_ids: Vec<String>,
) -> Result<Vec<orders::Model>, StoreError> {
    let query = orders::Entity::find()
        .filter(orders::Column::Provider.eq(provider.as_str()))
        .filter(orders::Column::UpstreamId.is_in(upstream_ids));
    sealed::all(query, connection).await
}

/// The orders that have this number or address, the newest first; erased ones are not found.
///
/// # Errors
/// Only the database's own.
pub async fn with_number(
    connection: &impl Keyed,
    typed: &str,
    limit: u64,
) -> Result<Vec<orders::Model>, StoreError> {
    let number = sealed::normal_number(typed);
    let marks = connection.keys().marks(sealed::NUMBER, &number);
    let query = orders::Entity::find()
        .filter(orders::Column::NumberMark.is_in(marks))
        .order_by_desc(orders::Column::Id)
        .limit(limit);
    sealed::all(query, connection).await
}

/// The newest orders, newest first.
///
/// # Errors
/// Only the database's own.
pub async fn newest(connection: &impl Keyed, limit: u64) -> Result<Vec<orders::Model>, StoreError> {
    let query = orders::Entity::find()
        .order_by_desc(orders::Column::Id)
        .limit(limit);
    sealed::all(query, connection).await
}

/// Moves an order by one event, with further changes of its row, and writes the step into its
/// story. The caller moves the money that the answer names, in the same transaction.
///
/// # Errors
/// [`StoreError::IllegalStep`] where the event does not fit, [`StoreError::Stale`] where somebody
/// else changed the row since `before` was read.
pub async fn step(
    transaction: &impl Keyed,
    before: &orders::Model,
    event: OrderEvent,
    now_ms: i64,
    alter: impl FnOnce(&mut orders::Model),
) -> Result<(orders::Model, MoneyStep), StoreError> {
    let (mut state, money) = before.order_state()?.step(event)?;
    if event == OrderEvent::SmsArrived && planted("a late SMS overwrites the refund") {
        state = OrderState::Received;
    }
    let after = write_over(transaction, before, now_ms, |row| {
        alter(row);
        row.state = state.as_str().to_owned();
    })
    .await?;
    let story = order_events::ActiveModel {
        order_id: Set(before.id),
        event: Set(format!("{event:?}")),
        from_state: Set(before.state.clone()),
        to_state: Set(after.state.clone()),
        at_ms: Set(now_ms),
        ..<_ as Default>::default()
    };
    order_events::Entity::insert(story)
        .exec_without_returning(transaction)
        .await?;
    Ok((after, money))
}

/// Changes an order's row without moving its state.
///
/// # Errors
/// [`StoreError::Stale`].
pub async fn change(
    transaction: &impl Keyed,
    before: &orders::Model,
    now_ms: i64,
    alter: impl FnOnce(&mut orders::Model),
) -> Result<orders::Model, StoreError> {
    write_over(transaction, before, now_ms, |row| {
        alter(row);
        row.state.clone_from(&before.state);
    })
    .await
}

async fn write_over(
    transaction: &impl Keyed,
    before: &orders::Model,
    now_ms: i64,
    alter: impl FnOnce(&mut orders::Model),
) -> Result<orders::Model, StoreError> {
    let mut after = before.clone();
    alter(&mut after);
    after.id = before.id;
    after.version = before.version.saturating_add(1);
    after.updated_at_ms = now_ms;
    let sealed = after.clone().sealed(transaction.keys())?;
    let written = orders::Entity::update_many()
        .set(sealed.into_active_model().reset_all())
        .filter(orders::Column::Id.eq(before.id))
        .filter(orders::Column::State.eq(before.state.as_str()))
        .filter(orders::Column::Version.eq(before.version))
        .exec(transaction)
        .await?;
    if written.rows_affected == 1 {
        Ok(after)
    } else {
        Err(StoreError::Stale)
    }
}

/// Open orders whose next action is due and that are in nobody's hands, the longest due first.
///
/// # Errors
/// Only the database's own.
pub async fn due(
    connection: &impl ConnectionTrait,
    now_ms: i64,
    busy: &[i64],
    limit: u64,
) -> Result<Vec<i64>, StoreError> {
    Ok(orders::Entity::find()
        .filter(is_open())
        .filter(orders::Column::NextActionAtMs.lte(now_ms))
        .filter(orders::Column::Id.is_not_in(busy.iter().copied()))
        .order_by_asc(orders::Column::NextActionAtMs)
        .limit(limit)
        .select_only()
        .column(orders::Column::Id)
        .into_tuple()
        .all(connection)
        .await?)
}

/// When the next order that is not due yet becomes due.
///
/// # Errors
/// Only the database's own.
pub async fn next_due_ms(
    connection: &impl ConnectionTrait,
    now_ms: i64,
) -> Result<Option<i64>, StoreError> {
    let next: Option<Option<i64>> = orders::Entity::find()
        .filter(is_open())
        .filter(orders::Column::NextActionAtMs.gt(now_ms))
        .select_only()
        .column_as(orders::Column::NextActionAtMs.min(), "next")
        .into_tuple()
        .one(connection)
        .await?;
    Ok(next.flatten())
}

/// Orders of an upstream in one of `states`.
///
/// # Errors
/// Only the database's own.
pub async fn at_provider(
    connection: &impl Keyed,
    provider: &ProviderId,
    states: &[OrderState],
) -> Result<Vec<orders::Model>, StoreError> {
    let query = orders::Entity::find()
        .filter(is_open())
        .filter(orders::Column::Provider.eq(provider.as_str()))
        .filter(orders::Column::State.is_in(states.iter().map(|state| state.as_str())))
        .order_by_asc(orders::Column::Id);
    sealed::all(query, connection).await
}

/// What polling needs to know of an order; there can be ten thousand of them, several times a
/// second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Polled {
    /// The order.
    pub id: OrderId,
    /// Its id upstream.
    pub upstream_id: UpstreamId,
    /// Whether an SMS came already.
    pub received: bool,
    /// Whether a further one was asked for.
    pub awaits_another: bool,
    /// When it was confirmed.
    pub created_at_ms: i64,
}

/// The orders of an upstream that have a number and can still get an SMS.
///
/// # Errors
/// Only the database's own.
pub async fn polled(
    connection: &impl ConnectionTrait,
    provider: &ProviderId,
) -> Result<Vec<Polled>, StoreError> {
    type Row = (i64, String, String, bool, i64);
    let states = [
        OrderState::Waiting,
        OrderState::Cancelling,
        OrderState::Received,
    ];
    let rows: Vec<Row> = orders::Entity::find()
        .filter(is_open())
        .filter(orders::Column::Provider.eq(provider.as_str()))
        .filter(orders::Column::State.is_in(states.map(OrderState::as_str)))
        .filter(orders::Column::UpstreamId.is_not_null())
        .select_only()
        .columns([
            orders::Column::Id,
            orders::Column::UpstreamId,
            orders::Column::State,
            orders::Column::AwaitsAnother,
            orders::Column::CreatedAtMs,
        ])
        .into_tuple()
        .all(connection)
        .await?;
    let polled = |(id, upstream_id, state, awaits_another, created_at_ms): Row| Polled {
        id: OrderId(id),
        upstream_id: UpstreamId(upstream_id),
        received: state == OrderState::Received.as_str(),
        awaits_another,
        created_at_ms,
    };
    Ok(rows.into_iter().map(polled).collect())
}

/// All orders in one of `states`.
///
/// # Errors
/// Only the database's own.
pub async fn in_states(
    connection: &impl Keyed,
    states: &[OrderState],
) -> Result<Vec<orders::Model>, StoreError> {
    let query = orders::Entity::find()
        .filter(is_open())
        .filter(orders::Column::State.is_in(states.iter().map(|state| state.as_str())))
        .order_by_asc(orders::Column::Id);
    sealed::all(query, connection).await
}

/// A user's orders, open ones first, then the newest; and how many there are.
///
/// # Errors
/// Only the database's own.
pub async fn of_user(
    connection: &impl Keyed,
    user: UserId,
    offset: u64,
    limit: u64,
) -> Result<(Vec<orders::Model>, u64), StoreError> {
    let mine = || orders::Entity::find().filter(orders::Column::UserId.eq(user.0));
    let count = mine().count(connection).await?;
    let open_first: CaseStatement = Expr::case(is_open(), 0).finally(1);
    let query = mine()
        .order_by_asc(Expr::expr(open_first))
        .order_by_desc(orders::Column::Id)
        .offset(offset)
        .limit(limit);
    Ok((sealed::all(query, connection).await?, count))
}

/// An SMS that was seen.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct NewSms {
    /// Raw.
    pub text: String,
    /// The code in it.
    pub code: Option<String>,
    /// Who sent it, where the upstream says so.
    pub sender: Option<String>,
    /// When it was sent, where the upstream says so.
    pub sent_at_ms: Option<i64>,
}

/// Writes an SMS; `false` where the order has it already.
///
/// # Errors
/// Only the database's own.
pub async fn add_sms(
    transaction: &impl Keyed,
    order: OrderId,
    sms: NewSms,
    now_ms: i64,
) -> Result<bool, StoreError> {
    if is_there(transaction, order, &sms).await? {
        return Ok(false);
    }
    let row = sms::Model {
        id: 0,
        order_id: order.0,
        text: sms.text,
        code: sms.code,
        seen_at_ms: now_ms,
        sender: sms.sender,
        sent_at_ms: sms.sent_at_ms,
        digest: None,
    };
    let row = row.sealed(transaction.keys())?;
    let mut row = row.into_active_model().reset_all();
    row.id = sea_orm::ActiveValue::NotSet;
    let written = sms::Entity::insert(row)
        .on_conflict(
            // The index has another shape in each database, so it is not named.
            OnConflict::new().do_nothing().to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(written == 1)
}

/// Whether an order has an SMS already that another key marked, or that was never sealed: the
/// index sees only what the current key marked.
async fn is_there(
    transaction: &impl Keyed,
    order: OrderId,
    sms: &NewSms,
) -> Result<bool, StoreError> {
    let marks = transaction.keys().marks(sealed::TEXT, &sms.text);
    let rows: Vec<(Option<String>, String, Option<i64>)> = sms::Entity::find()
        .filter(sms::Column::OrderId.eq(order.0))
        .filter(
            sms::Column::Digest
                .is_in(marks.iter().cloned())
                .or(sms::Column::Digest.is_null()),
        )
        .select_only()
        .columns([
            sms::Column::Digest,
            sms::Column::Text,
            sms::Column::SentAtMs,
        ])
        .into_tuple()
        .all(transaction)
        .await?;
    Ok(rows.into_iter().any(|(digest, text, sent_at_ms)| {
        let is_same = digest.is_some() || text == sms.text;
        is_same && sent_at_ms.unwrap_or_default() == sms.sent_at_ms.unwrap_or_default()
    }))
}

/// How many SMS an order has.
///
/// # Errors
/// Only the database's own.
pub async fn count_sms(
    connection: &impl ConnectionTrait,
    order: OrderId,
) -> Result<u64, StoreError> {
    Ok(sms::Entity::find()
        .filter(sms::Column::OrderId.eq(order.0))
        .count(connection)
        .await?)
}

/// All SMS of these orders, oldest first.
///
/// # Errors
/// Only the database's own.
pub async fn sms_of(
    connection: &impl Keyed,
    orders: Vec<i64>,
) -> Result<Vec<sms::Model>, StoreError> {
    let query = sms::Entity::find()
        .filter(sms::Column::OrderId.is_in(orders))
        .order_by_asc(sms::Column::Id);
    sealed::all(query, connection).await
}
