//! Rented numbers: handed over, watched until their end, and renewed.
//!
//! A renewal is an order of its own that points at its rental: it is a purchase like any other,
//! with a hold, a call that is sent once and perhaps a doubt, and it can fail while the rental goes
//! on. Its rental only learns of the new end.
//!
//! Invariant: a rental's end is what its upstream says; it moves by a renewal or by the upstream's
//! list, never by a guess, and nothing is taken for it but through an order.

pub mod inbox;
pub(super) mod poll;
pub mod renew;
pub mod shelf;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::id::{OrderId, UserId};
use crate::domain::order::{OrderEvent, OrderState};
use crate::domain::product::Product;
use crate::provider::desk::rentals::written;
use crate::provider::{Activation, Bought};
use crate::shop::notice::Notice;
use crate::shop::orders::OrderView;
use crate::shop::settle::{Books, Cause, Ending, settle_deadline_ms};
use crate::shop::{Page, Shop, ShopError};
use crate::store::entity::orders as rows;
use crate::store::{StoreError, Tx, from_ms, orders, reminders, rentals, to_ms, work};

/// While a renewal is under way, an end that may have moved is looked at again after this.
const RENEWAL_UNDER_WAY: TimeDelta = TimeDelta::seconds(20);
/// Two rentals of one country in a list are told apart by their ends; upstreams round these.
const NEAR_ITS_END: TimeDelta = TimeDelta::hours(5);
/// Longer labels would not fit a button.
const LONGEST_LABEL_CHARS: usize = 32;

/// Hands over what is paid for at once: a rented number, or more time for one.
pub(super) async fn hand_over(
    books: &Books,
    tx: &Tx,
    before: &rows::Model,
    bought: Bought,
    sent_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    match before.product()? {
        Product::Renewal => renew::renewed(books, tx, before, bought).await,
        Product::Rental | Product::Activation | Product::Mailbox => {
            rented(books, tx, before, bought, sent_at).await
        }
    }
}

async fn rented(
    books: &Books,
    tx: &Tx,
    before: &rows::Model,
    bought: Bought,
    sent_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut rental = rentals::find(tx, before.order_id()).await?;
    let paid_until = sent_at + TimeDelta::hours(rental.hours);
    let ends_at = bought.ends.map_or(paid_until, |end| end.near(paid_until));
    rental.end_written = bought.ends.map(written);
    let after = deliver(books, tx, before, bought, ends_at).await?;
    rentals::put(tx, rental).await?;
    books.notify_order(tx, &after, false).await
}

/// The step with which the price is captured, and what the upstream took.
async fn deliver(
    books: &Books,
    tx: &Tx,
    before: &rows::Model,
    bought: Bought,
    ends_at: DateTime<Utc>,
) -> Result<rows::Model, StoreError> {
    let after = books
        .advance(tx, before, OrderEvent::Delivered, |row| {
            row.upstream_id = Some(bought.upstream_id.0);
            row.number = Some(bought.number);
            if let Some(cost) = bought.cost {
                row.cost = Some(cost.amount.to_string());
                row.cost_currency = Some(cost.currency);
            }
            ends(row, ends_at, books.now_ms());
        })
        .await?;
    books.book_cost(tx, &after, false).await?;
    Ok(after)
}

/// Writes a rental's end; what is to be done before it is looked at right away.
fn ends(row: &mut rows::Model, ends_at: DateTime<Utc>, now_ms: i64) {
    row.expires_at_ms = Some(to_ms(ends_at));
    row.deadline_at_ms = settle_deadline_ms(ends_at);
    row.next_action_at_ms = now_ms;
}

impl Shop {
    /// What is due for a rental that runs: its end, or a reminder of it.
    pub(super) async fn tend(&self, row: &rows::Model) -> Result<(), ShopError> {
        let id = row.order_id();
        let ends_at_ms = row.expires_at_ms.unwrap_or(row.deadline_at_ms);
        let now_ms = self.now_ms();
        let read = self.store.read();
        if ends_at_ms <= now_ms {
            if rentals::open_renewal(read, id).await?.is_some() {
                let again = to_ms(self.now() + RENEWAL_UNDER_WAY);
                return self.act_later(id, again).await;
            }
            return self.end(id, Ending::TimeUp { refunded: false }).await;
        }
        let rental = rentals::find(read, id).await?;
        let hours_before =
            |hours: u32| ends_at_ms - TimeDelta::hours(hours.into()).num_milliseconds();
        let unwanted = reminders::unwanted(read, row.user()).await?;
        let wanted = self.terms.rental_reminders_hours.iter().copied();
        let wanted = wanted.filter(|hours| !unwanted.contains(&i64::from(*hours)));
        // A day's rental needs no word a day before its end.
        let fitting = wanted.filter(|hours| {
            let is_sooner = rental
                .reminded_hours
                .is_none_or(|told| i64::from(*hours) < told);
            is_sooner && i64::from(*hours) < rental.hours
        });
        let fitting: Vec<u32> = fitting.collect();
        let due = fitting
            .iter()
            .copied()
            .filter(|hours| hours_before(*hours) <= now_ms)
            .min();
        if let Some(hours) = due {
            self.remind(id, hours).await?;
        }
        let next = fitting
            .iter()
            .copied()
            .map(hours_before)
            .filter(|at| *at > now_ms)
            .min();
        self.act_later(id, next.unwrap_or(ends_at_ms)).await
    }

    /// The reminders of a rental's end, and whether a user wants them.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn reminders(&self, user: UserId) -> Result<Vec<(u32, bool)>, ShopError> {
        let unwanted = reminders::unwanted(self.store.read(), user).await?;
        let all = self.terms.rental_reminders_hours.iter();
        let all = all.map(|hours| (*hours, !unwanted.contains(&i64::from(*hours))));
        Ok(all.collect())
    }

    /// Says whether a user wants a reminder; it holds for rentals that run, too.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn set_reminder(
        &self,
        user: UserId,
        hours: u32,
        is_wanted: bool,
    ) -> Result<(), ShopError> {
        self.store
            .write(move |tx| {
                work(async move { reminders::set(tx, user, hours.into(), is_wanted).await })
            })
            .await
            .map_err(ShopError::from)
    }

    async fn remind(&self, id: OrderId, hours: u32) -> Result<(), ShopError> {
        let books = self.books(Cause::Worker);
        self.store
            .write(move |tx| {
                work(async move {
                    let row = orders::find_for_update(tx, id).await?;
                    let mut rental = rentals::find(tx, id).await?;
                    if rental
                        .reminded_hours
                        .is_some_and(|told| told <= i64::from(hours))
                    {
                        return Ok(());
                    }
                    rental.reminded_hours = Some(i64::from(hours));
                    rentals::put(tx, rental).await?;
                    let notice = Notice::RentalEnds { order: id };
                    books.notify(tx, row.user(), &notice).await
                })
            })
            .await
            .map_err(ShopError::from)?;
        self.wake.outbox.notify_one();
        Ok(())
    }

    /// Whether a rental in an upstream's list can be that of an order whose call was sent then: in
    /// the same country, and until about the end that was paid for.
    pub(super) fn is_such_rental(
        &self,
        seen: &Activation,
        row: &rows::Model,
        sent_at_ms: i64,
    ) -> bool {
        let market = &self.terms.market;
        let country = seen.service_name.as_deref();
        let is_there = country.is_none_or(|code| {
            market
                .country(code)
                .is_none_or(|country| country.iso2 == row.country)
        });
        let catalogue = self.catalogue();
        let stand = catalogue.find(&row.country, row.service_id);
        let hours = stand.and_then(|(_, stand)| crate::domain::product::hours_of(&stand.key));
        let ends_well = seen.ends.zip(hours).is_none_or(|(end, hours)| {
            let paid_until = from_ms(sent_at_ms) + TimeDelta::hours(hours.into());
            (end.near(paid_until) - paid_until).abs() <= NEAR_ITS_END
        });
        is_there && ends_well
    }

    /// A user's rentals: those that run first, then the newest.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn rentals(
        &self,
        user: UserId,
        page: usize,
        page_size: usize,
    ) -> Result<Page<OrderView>, ShopError> {
        let read = self.store.read();
        let limit = page_size.max(1) as u64;
        let (_, count) = rentals::of_user(read, user, 0, 1).await?;
        let pages = count.div_ceil(limit).max(1);
        let page = (page as u64).min(pages - 1);
        let (rows, _) = rentals::of_user(read, user, page * limit, limit).await?;
        Ok(Page {
            rows: self.views(rows).await?,
            page: usize::try_from(page).unwrap_or(usize::MAX),
            pages: usize::try_from(pages).unwrap_or(usize::MAX),
        })
    }

    /// Names a rental; an empty label takes its name away.
    ///
    /// # Errors
    /// [`ShopError::NoSuchOrder`].
    pub async fn label_rental(
        &self,
        user: UserId,
        id: OrderId,
        label: &str,
    ) -> Result<(), ShopError> {
        let label: String = label.trim().chars().take(LONGEST_LABEL_CHARS).collect();
        let label = label.replace('\0', "");
        let label = Some(label).filter(|label| !label.is_empty());
        self.change_rental(user, id, move |rental| rental.label = label)
            .await
    }

    /// Lets a rental's SMS ring, or not. They stand in its inbox either way.
    ///
    /// # Errors
    /// [`ShopError::NoSuchOrder`].
    pub async fn mute_rental(
        &self,
        user: UserId,
        id: OrderId,
        is_muted: bool,
    ) -> Result<(), ShopError> {
        self.change_rental(user, id, move |rental| rental.is_muted = is_muted)
            .await
    }

    async fn change_rental(
        &self,
        user: UserId,
        id: OrderId,
        change: impl FnOnce(&mut crate::store::entity::rentals::Model) + Send + 'static,
    ) -> Result<(), ShopError> {
        self.my_rental(user, id).await?;
        self.store
            .write(move |tx| {
                work(async move {
                    let mut rental = rentals::find(tx, id).await?;
                    change(&mut rental);
                    rentals::put(tx, rental).await
                })
            })
            .await
            .map_err(ShopError::from)
    }

    /// A user's rental.
    async fn my_rental(&self, user: UserId, id: OrderId) -> Result<rows::Model, ShopError> {
        let row = self.mine(user, id).await?;
        if row.product()? != Product::Rental {
            return Err(ShopError::NoSuchOrder);
        }
        Ok(row)
    }

    /// A rental that runs, for what can only be done to such a one.
    async fn running_rental(&self, user: UserId, id: OrderId) -> Result<rows::Model, ShopError> {
        let row = self.my_rental(user, id).await?;
        match row.order_state()? {
            OrderState::Received => Ok(row),
            state @ (OrderState::Quoted
            | OrderState::Held
            | OrderState::Placing
            | OrderState::InDoubt
            | OrderState::Waiting
            | OrderState::Cancelling
            | OrderState::Completed
            | OrderState::Cancelled
            | OrderState::Expired
            | OrderState::Failed) => Err(ShopError::WrongState(state)),
        }
    }
}
