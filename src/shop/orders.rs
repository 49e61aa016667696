//! A user's orders: looking at them, and what can be asked for on them.
//!
//! Invariant: what needs the upstream is only written down here, with a time at which a worker
//! does it; so it survives a crash, and no tap waits for the network.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use fail::fail_point;

use crate::domain::id::{OrderId, ProviderId, UserId};
use crate::domain::market::Country;
use crate::domain::money::Money;
use crate::domain::order::{FailReason, OrderEvent, OrderState};
use crate::domain::product::Product;
use crate::shop::browse::ServerNumber;
use crate::shop::buy::CardPlace;
use crate::shop::settle::{Books, Cause};
use crate::shop::{Page, Shop, ShopError};
use crate::store::entity::{orders as rows, sms as sms_rows};
use crate::store::{StoreError, Tx, from_ms, orders, rentals, work};

/// Of a rental so many SMS are read with its order.
const LATEST_SMS: u64 = 3;

/// One SMS.
#[derive(Clone, PartialEq, Eq)]
pub struct SmsView {
    /// The raw text.
    pub text: String,
    /// The code in it, where one was found.
    pub code: Option<String>,
    /// When it was sent, or else when we saw it.
    pub seen_at: DateTime<Utc>,
    /// Who sent it, where the upstream says so.
    pub sender: Option<String>,
}

impl From<sms_rows::Model> for SmsView {
    fn from(row: sms_rows::Model) -> Self {
        Self {
            text: row.text,
            code: row.code,
            seen_at: from_ms(row.sent_at_ms.unwrap_or(row.seen_at_ms)),
            sender: row.sender,
        }
    }
}

/// What only a rental knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RentalView {
    /// For how long it was rented at first.
    pub hours: u32,
    /// What its user calls it.
    pub label: Option<String>,
    /// Whether its SMS come without a message of their own.
    pub is_muted: bool,
}

/// What only a renewal knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenewalView {
    /// The order that rented the number.
    pub rental: OrderId,
    /// For how much longer.
    pub hours: u32,
}

/// An order as its card shows it.
#[derive(Clone)]
pub struct OrderView {
    /// Its number.
    pub id: OrderId,
    /// Whose it is.
    pub user: UserId,
    /// What it is for.
    pub product: Product,
    /// What only a rental knows.
    pub rental: Option<RentalView>,
    /// What only a renewal knows.
    pub renewal: Option<RenewalView>,
    /// Where it stands.
    pub state: OrderState,
    /// The service's name.
    pub service_name: String,
    /// The country.
    pub country: Arc<Country>,
    /// The operator asked for; `None` for any.
    pub operator: Option<String>,
    /// The upstream asked for; `None` for any.
    pub server: Option<ServerNumber>,
    /// What it costs.
    pub price: Money,
    /// The phone number, digits in international form without `+`; `None` until bought.
    pub number: Option<String>,
    /// When it was confirmed.
    pub created_at: DateTime<Utc>,
    /// When the number's life ends; `None` until bought.
    pub expires_at: Option<DateTime<Utc>>,
    /// By when an order that is being placed, in doubt or waiting is settled at the latest.
    pub deadline_at: DateTime<Utc>,
    /// Until when it waits for something to buy, while it does.
    pub queued_until: Option<DateTime<Utc>>,
    /// From when on it can be cancelled; `None` where it cannot (any more).
    pub cancel_from: Option<DateTime<Utc>>,
    /// All SMS, oldest first; of a rental the latest.
    pub sms: Vec<SmsView>,
    /// Number and texts are erased by now, as they are so many days after an order's end.
    pub erased_after_days: Option<u32>,
    /// Whether "Another SMS" can be pressed now.
    pub can_resend: bool,
    /// Whether another SMS was asked for and has not come yet.
    pub awaits_another: bool,
    /// Why it failed, where it failed.
    pub reason: Option<FailReason>,
    /// Where its card stands.
    pub card: Option<CardPlace>,
}

impl OrderView {
    /// Whether we gave the number back because the upstream took more than the user pays.
    #[must_use]
    pub fn is_given_back(&self) -> bool {
        self.reason == Some(FailReason::PriceRose)
    }
}

/// Shows neither the number nor what was received.
impl std::fmt::Debug for OrderView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OrderView")
            .field("id", &self.id)
            .field("state", &self.state)
            .field("sms", &self.sms.len())
            .finish_non_exhaustive()
    }
}

/// What pressing Cancel did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelOutcome {
    /// Written down; the upstream is being asked. The card tells the end.
    Asked,
    /// Nothing had been sent upstream yet: cancelled, the money is back.
    Cancelled,
    /// It was asked for before.
    AlreadyAsked,
}

impl Shop {
    /// One order of this user.
    ///
    /// # Errors
    /// [`ShopError::NoSuchOrder`], also for somebody else's.
    pub async fn order(&self, user: UserId, id: OrderId) -> Result<OrderView, ShopError> {
        let row = self.mine(user, id).await?;
        self.view(row).await
    }

    /// Where the order's card stands; `None` where it has none yet.
    ///
    /// # Errors
    /// [`ShopError::NoSuchOrder`].
    pub async fn card_of(&self, user: UserId, id: OrderId) -> Result<Option<CardPlace>, ShopError> {
        Ok(card_place(&self.mine(user, id).await?))
    }

    /// Open orders first, then the newest; `page` past the end gives the last one.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn orders(
        &self,
        user: UserId,
        page: usize,
        page_size: usize,
    ) -> Result<Page<OrderView>, ShopError> {
        let read = self.store.read();
        let limit = page_size.max(1) as u64;
        let wanted = page as u64;
        let (mut rows, count) =
            orders::of_user(read, user, wanted.saturating_mul(limit), limit).await?;
        let pages = count.div_ceil(limit).max(1);
        let page = wanted.min(pages - 1);
        if page != wanted {
            (rows, _) = orders::of_user(read, user, page * limit, limit).await?;
        }
        Ok(Page {
            rows: self.views(rows).await?,
            page: usize::try_from(page).unwrap_or(usize::MAX),
            pages: usize::try_from(pages).unwrap_or(usize::MAX),
        })
    }

    /// Asks to cancel. A second tap changes nothing.
    ///
    /// # Errors
    /// [`ShopError::NoSuchOrder`], [`ShopError::CancelTooEarly`], [`ShopError::WrongState`].
    pub async fn cancel(&self, user: UserId, id: OrderId) -> Result<CancelOutcome, ShopError> {
        let row = self.mine(user, id).await?;
        self.refuse_early_cancel(&row)?;
        let books = self.books(Cause::User(user));
        let outcome = self
            .store
            .write(move |tx| work(async move { ask_to_cancel(&books, tx, id, None).await }))
            .await?;
        fail_point!("C10");
        self.wake.orders.notify_one();
        self.wake.outbox.notify_one();
        Ok(outcome)
    }

    /// Upstreams make people wait before they take a number back.
    pub(super) fn refuse_early_cancel(&self, row: &rows::Model) -> Result<(), ShopError> {
        match row.cancel_from_ms.filter(|from| *from > self.now_ms()) {
            Some(from) if row.order_state()? == OrderState::Waiting => {
                Err(ShopError::CancelTooEarly(from_ms(from)))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Asks for another SMS. A second tap changes nothing.
    ///
    /// # Errors
    /// [`ShopError::NoSuchOrder`], [`ShopError::NoResend`], [`ShopError::WrongState`].
    pub async fn resend(&self, user: UserId, id: OrderId) -> Result<(), ShopError> {
        let row = self.mine(user, id).await?;
        if !row.can_resend {
            return Err(ShopError::NoResend);
        }
        let books = self.books(Cause::User(user));
        self.store
            .write(move |tx| {
                work(async move {
                    let before = orders::find_for_update(tx, id).await?;
                    let state = before.order_state()?;
                    if state != OrderState::Received {
                        return Err(ShopError::WrongState(state));
                    }
                    if before.awaits_another {
                        return Ok(());
                    }
                    // The upstream is told by a worker, which is why the order is due now.
                    let after = orders::change(tx, &before, books.now_ms(), |row| {
                        row.awaits_another = true;
                        row.next_action_at_ms = books.now_ms();
                    })
                    .await?;
                    books.notify_order(tx, &after, false).await?;
                    Ok(())
                })
            })
            .await?;
        self.wake.orders.notify_one();
        self.wake.outbox.notify_one();
        Ok(())
    }

    /// Closes an order that got its code. A second tap changes nothing.
    ///
    /// # Errors
    /// [`ShopError::NoSuchOrder`], [`ShopError::WrongState`].
    pub async fn finish(&self, user: UserId, id: OrderId) -> Result<(), ShopError> {
        let row = self.mine(user, id).await?;
        let books = self.books(Cause::User(user));
        let finished = self
            .store
            .write(move |tx| {
                work(async move {
                    let before = orders::find_for_update(tx, id).await?;
                    if before.order_state()? == OrderState::Completed {
                        return Ok(false);
                    }
                    let after = books
                        .advance(tx, &before, OrderEvent::Finished, |row| {
                            row.awaits_another = false;
                        })
                        .await?;
                    books.notify_order(tx, &after, false).await?;
                    Ok::<_, StoreError>(true)
                })
            })
            .await?;
        if finished {
            self.wake.outbox.notify_one();
            self.tell_finished(&row);
        }
        Ok(())
    }

    /// Makes `card` the place of an order's live card (the user opened the order anew).
    ///
    /// # Errors
    /// [`ShopError::NoSuchOrder`].
    pub async fn place_card(
        &self,
        user: UserId,
        id: OrderId,
        card: CardPlace,
    ) -> Result<(), ShopError> {
        self.mine(user, id).await?;
        let now_ms = self.now_ms();
        self.store
            .write(move |tx| {
                work(async move {
                    let before = orders::find_for_update(tx, id).await?;
                    orders::change(tx, &before, now_ms, |row| {
                        row.card_chat_id = Some(card.chat_id);
                        row.card_message_id = Some(i64::from(card.message_id));
                    })
                    .await?;
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .map_err(ShopError::from)
    }

    /// The orders whose cards show a running time.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn running(&self) -> Result<Vec<(UserId, OrderId)>, ShopError> {
        let rows = orders::in_states(
            self.store.read(),
            &[
                OrderState::Waiting,
                OrderState::Cancelling,
                OrderState::Received,
            ],
        )
        .await?;
        // A rental's card counts days, and there may be thousands.
        let hastes = rows
            .iter()
            .filter(|row| row.product != Product::Rental.as_str());
        Ok(hastes.map(|row| (row.user(), row.order_id())).collect())
    }

    pub(super) async fn mine(&self, user: UserId, id: OrderId) -> Result<rows::Model, ShopError> {
        orders::find(self.store.read(), id)
            .await?
            .filter(|row| row.user() == user)
            .ok_or(ShopError::NoSuchOrder)
    }

    pub(super) async fn view(&self, row: rows::Model) -> Result<OrderView, ShopError> {
        let mut views = self.views(vec![row]).await?;
        views.pop().ok_or(ShopError::NoSuchOrder)
    }

    pub(super) async fn views(&self, rows: Vec<rows::Model>) -> Result<Vec<OrderView>, ShopError> {
        let mut texts = self.texts(&rows).await?;
        let mut facts = self.facts(&rows).await?;
        rows.into_iter()
            .map(|row| {
                let facts = facts.remove(&row.id).unwrap_or_default();
                let sms = texts.remove(&row.id).unwrap_or_default();
                let country = self.country(&row.country);
                let server = row.server.as_deref().map(ProviderId::from);
                let server = server.and_then(|server| self.server_number(&server));
                // Where nothing was bought there was nothing to erase.
                let erased = row.erased_at_ms.filter(|_| row.upstream_id.is_some());
                let erased = erased.map(|_| self.terms.retention_days);
                let view = order_view(row, country, server, sms, facts)?;
                Ok(OrderView {
                    erased_after_days: erased,
                    ..view
                })
            })
            .collect()
    }

    /// The SMS of some orders, oldest first. A rental can have thousands: of it the latest.
    async fn texts(&self, rows: &[rows::Model]) -> Result<HashMap<i64, Vec<SmsView>>, ShopError> {
        let (rented, others): (Vec<_>, Vec<_>) = rows
            .iter()
            .partition(|row| row.product == Product::Rental.as_str());
        let read = self.store.read();
        let mut texts: HashMap<i64, Vec<SmsView>> = HashMap::new();
        let whole = others.iter().filter(|row| row.erased_at_ms.is_none());
        for sms in orders::sms_of(read, whole.map(|row| row.id).collect()).await? {
            texts.entry(sms.order_id).or_default().push(sms.into());
        }
        for row in rented.into_iter().filter(|row| row.erased_at_ms.is_none()) {
            let latest = rentals::inbox(read, row.order_id(), 0, LATEST_SMS).await?;
            let latest = latest.into_iter().rev().map(SmsView::from);
            texts.insert(row.id, latest.collect());
        }
        Ok(texts)
    }

    /// What only the products of some orders know.
    async fn facts(&self, rows: &[rows::Model]) -> Result<HashMap<i64, Facts>, ShopError> {
        let of = |product: Product| {
            let rows = rows.iter().filter(|row| row.product == product.as_str());
            rows.map(|row| row.id).collect::<Vec<i64>>()
        };
        let hours = |hours: i64| u32::try_from(hours).unwrap_or(0);
        let read = self.store.read();
        let mut facts: HashMap<i64, Facts> = HashMap::new();
        for row in rentals::among(read, of(Product::Rental)).await? {
            let rental = RentalView {
                hours: hours(row.hours),
                label: row.label,
                is_muted: row.is_muted,
            };
            facts.entry(row.order_id).or_default().0 = Some(rental);
        }
        for row in rentals::renewals_among(read, of(Product::Renewal)).await? {
            let renewal = RenewalView {
                rental: OrderId(row.rental_id),
                hours: hours(row.hours),
            };
            facts.entry(row.order_id).or_default().1 = Some(renewal);
        }
        Ok(facts)
    }
}

/// Asks to cancel inside a transaction. `reason` is kept with an order whose user did not ask.
pub(super) async fn ask_to_cancel(
    books: &Books,
    tx: &Tx,
    id: OrderId,
    reason: Option<&'static str>,
) -> Result<CancelOutcome, StoreError> {
    let before = orders::find_for_update(tx, id).await?;
    if before.order_state()? == OrderState::Cancelling {
        return Ok(CancelOutcome::AlreadyAsked);
    }
    let after = books
        .advance(tx, &before, OrderEvent::CancelAsked, |row| {
            row.next_action_at_ms = books.now_ms();
            row.reason = reason.map(str::to_owned).or(row.reason.take());
        })
        .await?;
    let is_over = after.order_state()? == OrderState::Cancelled;
    books
        .notify_order(tx, &after, is_over && reason.is_some())
        .await?;
    Ok(if is_over {
        CancelOutcome::Cancelled
    } else {
        CancelOutcome::Asked
    })
}

/// What only a rental, or only a renewal, knows.
type Facts = (Option<RentalView>, Option<RenewalView>);

fn card_place(row: &rows::Model) -> Option<CardPlace> {
    Some(CardPlace {
        chat_id: row.card_chat_id?,
        message_id: i32::try_from(row.card_message_id?).ok()?,
    })
}

fn order_view(
    row: rows::Model,
    country: Arc<Country>,
    server: Option<ServerNumber>,
    sms: Vec<SmsView>,
    (rental, renewal): Facts,
) -> Result<OrderView, ShopError> {
    let state = row.order_state()?;
    let cancel_from = match state {
        OrderState::Held => Some(from_ms(row.created_at_ms)),
        OrderState::Waiting => row.cancel_from_ms.map(from_ms),
        OrderState::Quoted
        | OrderState::Placing
        | OrderState::InDoubt
        | OrderState::Received
        | OrderState::Cancelling
        | OrderState::Completed
        | OrderState::Cancelled
        | OrderState::Expired
        | OrderState::Failed => None,
    };
    let card = card_place(&row);
    let queued_until_ms = row.queued_until_ms.filter(|_| state == OrderState::Held);
    Ok(OrderView {
        queued_until: queued_until_ms.map(from_ms),
        id: row.order_id(),
        user: row.user(),
        product: row.product()?,
        rental,
        renewal,
        state,
        price: Money::minor(row.price),
        created_at: from_ms(row.created_at_ms),
        expires_at: row.expires_at_ms.map(from_ms),
        deadline_at: from_ms(row.deadline_at_ms),
        cancel_from,
        can_resend: row.can_resend && state == OrderState::Received && !row.awaits_another,
        awaits_another: row.awaits_another,
        reason: row.reason.as_deref().and_then(FailReason::from_word),
        card,
        service_name: row.service_name,
        country,
        operator: row.operator,
        server,
        number: row.number,
        sms,
        erased_after_days: None,
    })
}
