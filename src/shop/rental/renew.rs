//! More time for a rental.
//!
//! Invariant: a renewal is paid once the new end is known, from the upstream's answer or from its
//! list; a rental has one renewal at a time, so an end that moved is that one's doing.

use chrono::TimeDelta;

use super::{deliver, ends};
use crate::domain::id::{OrderId, UserId};
use crate::domain::money::Money;
use crate::domain::order::{OrderEvent, OrderState};
use crate::domain::product::hours_of;
use crate::planted::planted;
use crate::provider::desk::rentals::{renewal_id, written};
use crate::provider::rental::Expiry;
use crate::provider::{Activation, Bought, Provider};
use crate::shop::article::Article;
use crate::shop::browse::ServiceId;
use crate::shop::buy::{Choice, Quote};
use crate::shop::settle::Books;
use crate::shop::{Shop, ShopError};
use crate::store::entity::{orders as rows, renewals};
use crate::store::{StoreError, Tx, from_ms, orders, rentals, to_ms};

/// One duration for which a rental can be renewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenewalEntry {
    /// The duration, as a service.
    pub service: ServiceId,
    /// How many hours.
    pub hours: u32,
    /// What it costs.
    pub price: Money,
}

impl Shop {
    /// For how long a rental can be renewed, shortest first.
    ///
    /// # Errors
    /// [`ShopError::NoSuchOrder`], [`ShopError::WrongState`] for one that does not run.
    pub async fn renewals(
        &self,
        user: UserId,
        id: OrderId,
    ) -> Result<Vec<RenewalEntry>, ShopError> {
        let row = self.running_rental(user, id).await?;
        let catalogue = self.catalogue();
        let Some(hall) = catalogue.rentals.get(&row.country) else {
            return Ok(Vec::new());
        };
        let mut entries = Vec::new();
        for stand in &hall.stands {
            let Some(hours) = hours_of(&stand.key) else {
                continue;
            };
            let service = ServiceId(stand.service_id);
            let article = Article::Renewal { rental: id, hours };
            let offer = self.best_of(article, &choice(&row, service)).await;
            if let Ok(offer) = offer {
                entries.push(RenewalEntry {
                    service,
                    hours,
                    price: offer.price,
                });
            }
        }
        entries.sort_by_key(|entry| entry.hours);
        Ok(entries)
    }

    /// Prices a renewal and keeps it under a fresh nonce. No money moves.
    ///
    /// # Errors
    /// As [`Shop::quote`], and [`ShopError::CannotRenew`] for a rental that does not run or is
    /// being renewed.
    pub async fn quote_renewal(
        &self,
        user: UserId,
        id: OrderId,
        service: ServiceId,
    ) -> Result<Quote, ShopError> {
        let row = self.my_rental(user, id).await?;
        let is_open = rentals::open_renewal(self.store.read(), id)
            .await?
            .is_some();
        if is_open || row.order_state()? != OrderState::Received {
            return Err(ShopError::CannotRenew);
        }
        let catalogue = self.catalogue();
        let stand = catalogue.find(&row.country, service.0);
        let hours = stand.and_then(|(_, stand)| hours_of(&stand.key));
        let hours = hours.ok_or(ShopError::NotSold)?;
        let article = Article::Renewal { rental: id, hours };
        self.quote_article(user, choice(&row, service), article)
            .await
    }

    /// Looks whether a renewal in doubt took effect: then its rental's end has moved. `true` once
    /// it is settled.
    pub(in crate::shop) async fn settle_renewal(
        &self,
        provider: &dyn Provider,
        row: &rows::Model,
        list: &[Activation],
    ) -> Result<bool, ShopError> {
        let read = self.store.read();
        let renewal = rentals::renewal(read, row.order_id()).await?;
        let rental = orders::find(read, OrderId(renewal.rental_id)).await?;
        let upstream_id = rental.and_then(|rental| rental.upstream_id);
        let upstream_id = upstream_id.unwrap_or_default();
        let mut seen = list.iter().filter(|it| it.upstream_id.0 == upstream_id);
        // A list that lacks the rental says nothing about its end.
        let Some((seen, end)) = seen.find_map(|it| Some((it, it.ends?))) else {
            return Ok(false);
        };
        if !has_moved(&renewal, end) && !planted("any end will do") {
            return self.is_absent(provider, row, list).await;
        }
        log::info!("order {}: its rental's end has moved, after doubt", row.id);
        let bought = Bought {
            upstream_id: renewal_id(&upstream_id, end),
            number: seen.number.clone().unwrap_or_default(),
            cost: None,
            ends: Some(end),
        };
        self.bought(row.order_id(), provider, bought).await?;
        Ok(true)
    }
}

/// The shelf on which a rental's durations stand.
fn choice(rental: &rows::Model, service: ServiceId) -> Choice {
    Choice {
        service,
        country: rental.country.clone(),
        operator: None,
        server: None,
    }
}

/// Whether an end is another than it was before the renewal. Where it was never read before, it
/// must be the one that was paid for and cannot be the old one.
fn has_moved(renewal: &renewals::Model, end: Expiry) -> bool {
    let before = from_ms(renewal.ended_before_ms);
    let paid_until = before + TimeDelta::hours(renewal.hours);
    match &renewal.end_written_before {
        Some(known) => *known != written(end),
        None => end.near(paid_until) == paid_until && end.near(before) != before,
    }
}

/// Writes down that a rental was renewed: the renewal is paid and done, and the rental ends later.
pub(super) async fn renewed(
    books: &Books,
    tx: &Tx,
    before: &rows::Model,
    bought: Bought,
) -> Result<(), StoreError> {
    let id = before.order_id();
    let renewal = rentals::renewal(tx, id).await?;
    let rental_id = OrderId(renewal.rental_id);
    let rental = orders::find_for_update(tx, rental_id).await?;
    let paid_until = from_ms(renewal.ended_before_ms) + TimeDelta::hours(renewal.hours);
    let ends_at = bought.ends.map_or(paid_until, |end| end.near(paid_until));
    let mut known = rentals::find(tx, rental_id).await?;
    known.end_written = bought.ends.map(written).or(known.end_written);
    known.reminded_hours = None;
    let number = rental.number.clone();
    let bought = Bought {
        number: number.unwrap_or_else(|| bought.number.clone()),
        ..bought
    };
    let after = deliver(books, tx, before, bought, ends_at).await?;
    let done = books
        .advance(tx, &after, OrderEvent::Finished, |_| ())
        .await?;
    rentals::renewed(tx, id, to_ms(ends_at)).await?;
    rentals::put(tx, known).await?;
    let rental = orders::change(tx, &rental, books.now_ms(), |row| {
        ends(row, ends_at, books.now_ms());
    })
    .await?;
    books.notify_order(tx, &done, false).await?;
    books.notify_order(tx, &rental, false).await
}
