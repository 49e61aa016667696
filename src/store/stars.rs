//! Invoices and payments in Telegram Stars.
//!
//! Invariant: a payment is written once per charge id, in the transaction that credits it.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::domain::id::UserId;
use crate::store::StoreError;
use crate::store::entity::{star_invoices, star_payments, star_reading};

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentState {
    /// The wallet has it.
    Credited,
    /// The wallet gave it back; Telegram is being asked to return the Stars.
    Refunding,
    /// The Stars are back.
    Refunded,
    /// Telegram returned the Stars by itself, and the wallet does not cover it.
    Owed,
}

impl PaymentState {
    const ALL: [Self; 4] = [Self::Credited, Self::Refunding, Self::Refunded, Self::Owed];

    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credited => "credited",
            Self::Refunding => "refunding",
            Self::Refunded => "refunded",
            Self::Owed => "owed",
        }
    }
}

impl star_payments::Model {
    /// Where it stands.
    ///
    /// # Errors
    /// [`StoreError::BadRow`].
    pub fn standing(&self) -> Result<PaymentState, StoreError> {
        PaymentState::ALL
            .into_iter()
            .find(|state| state.as_str() == self.state)
            .ok_or_else(|| StoreError::BadRow(format!("a payment is {}", self.state)))
    }
}

/// Writes an invoice.
///
/// # Errors
/// Only the database's own.
pub async fn keep_invoice(
    transaction: &impl ConnectionTrait,
    invoice: star_invoices::Model,
) -> Result<(), StoreError> {
    star_invoices::Entity::insert(invoice.into_active_model().reset_all())
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// An invoice by what its payload carries.
///
/// # Errors
/// Only the database's own.
pub async fn find_invoice(
    connection: &impl ConnectionTrait,
    nonce: &str,
) -> Result<Option<star_invoices::Model>, StoreError> {
    Ok(star_invoices::Entity::find_by_id(nonce)
        .one(connection)
        .await?)
}

/// Notes that a payment of an invoice was let through.
///
/// # Errors
/// Only the database's own.
pub async fn approve_invoice(
    transaction: &impl ConnectionTrait,
    nonce: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    star_invoices::Entity::update_many()
        .col_expr(
            star_invoices::Column::ApprovedAtMs,
            Expr::value(Some(now_ms)),
        )
        .filter(star_invoices::Column::Nonce.eq(nonce))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Forgets invoices that could last be paid before `before_ms`.
///
/// # Errors
/// Only the database's own.
pub async fn purge_invoices(
    transaction: &impl ConnectionTrait,
    before_ms: i64,
) -> Result<u64, StoreError> {
    let gone = star_invoices::Entity::delete_many()
        .filter(star_invoices::Column::ExpiresAtMs.lt(before_ms))
        .exec(transaction)
        .await?;
    Ok(gone.rows_affected)
}

/// A payment by Telegram's number.
///
/// # Errors
/// Only the database's own.
pub async fn find_payment(
    connection: &impl ConnectionTrait,
    charge_id: &str,
) -> Result<Option<star_payments::Model>, StoreError> {
    Ok(star_payments::Entity::find_by_id(charge_id)
        .one(connection)
        .await?)
}

/// Writes a payment.
///
/// # Errors
/// Only the database's own; a charge id that is known is one.
pub async fn insert_payment(
    transaction: &impl ConnectionTrait,
    payment: star_payments::Model,
) -> Result<(), StoreError> {
    star_payments::Entity::insert(payment.into_active_model().reset_all())
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// Moves a payment to another state; `alter` may change what else belongs to that.
///
/// # Errors
/// [`StoreError::Stale`] where somebody moved it meanwhile.
pub async fn move_payment(
    transaction: &impl ConnectionTrait,
    before: &star_payments::Model,
    state: PaymentState,
    now_ms: i64,
    alter: impl FnOnce(&mut star_payments::Model) + Send,
) -> Result<star_payments::Model, StoreError> {
    let mut after = star_payments::Model {
        state: state.as_str().to_owned(),
        updated_at_ms: now_ms,
        ..before.clone()
    };
    alter(&mut after);
    let changed = star_payments::Entity::update_many()
        .set(after.clone().into_active_model().reset_all())
        .filter(star_payments::Column::ChargeId.eq(before.charge_id.as_str()))
        .filter(star_payments::Column::State.eq(before.state.as_str()))
        .filter(star_payments::Column::Refunds.eq(before.refunds))
        .exec(transaction)
        .await?;
    if changed.rows_affected == 1 {
        Ok(after)
    } else {
        Err(StoreError::Stale)
    }
}

/// A user's last payments, newest first.
///
/// # Errors
/// Only the database's own.
pub async fn payments_of(
    connection: &impl ConnectionTrait,
    user: UserId,
    limit: u64,
) -> Result<Vec<star_payments::Model>, StoreError> {
    Ok(star_payments::Entity::find()
        .filter(star_payments::Column::UserId.eq(user.0))
        .order_by_desc(star_payments::Column::PaidAtMs)
        .limit(limit)
        .all(connection)
        .await?)
}

/// The payments that stand somewhere, oldest first.
///
/// # Errors
/// Only the database's own.
pub async fn payments_in(
    connection: &impl ConnectionTrait,
    state: PaymentState,
) -> Result<Vec<star_payments::Model>, StoreError> {
    Ok(star_payments::Entity::find()
        .filter(star_payments::Column::State.eq(state.as_str()))
        .order_by_asc(star_payments::Column::PaidAtMs)
        .all(connection)
        .await?)
}

/// How many of Telegram's transactions, from the oldest on, are booked.
///
/// # Errors
/// Only the database's own.
pub async fn read_so_far(connection: &impl ConnectionTrait) -> Result<i64, StoreError> {
    let row = star_reading::Entity::find_by_id(1).one(connection).await?;
    Ok(row.map_or(0, |row| row.next_offset))
}

/// Notes how many of them are booked.
///
/// # Errors
/// Only the database's own.
pub async fn note_read(
    transaction: &impl ConnectionTrait,
    next_offset: i64,
) -> Result<(), StoreError> {
    let row = star_reading::ActiveModel {
        id: Set(1),
        next_offset: Set(next_offset),
    };
    star_reading::Entity::insert(row)
        .on_conflict(
            OnConflict::column(star_reading::Column::Id)
                .update_column(star_reading::Column::NextOffset)
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// Whether anybody was ever offered to pay in Stars.
///
/// # Errors
/// Only the database's own.
pub async fn ever_offered(connection: &impl ConnectionTrait) -> Result<bool, StoreError> {
    let invoice = star_invoices::Entity::find().one(connection).await?;
    let payment = star_payments::Entity::find().one(connection).await?;
    Ok(invoice.is_some() || payment.is_some())
}
