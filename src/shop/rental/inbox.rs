//! What a rented number received.
//!
//! Invariant: an SMS is written down once and told at most once; one that was not told stands in
//! the inbox all the same.

use crate::domain::id::{OrderId, UserId};
use crate::domain::order::OrderEvent;
use crate::domain::sms;
use crate::provider::rental::RentalSms;
use crate::shop::notice::Notice;
use crate::shop::orders::{OrderView, SmsView};
use crate::shop::settle::{Books, Cause};
use crate::shop::{Page, Shop, ShopError};
use crate::store::{StoreError, Tx, orders, rentals, to_ms, work};

/// So many SMS that come at once are each told; of more, the last ones.
const TOLD_AT_ONCE: usize = 10;

impl Shop {
    /// The SMS of a rental, newest first.
    ///
    /// # Errors
    /// [`ShopError::NoSuchOrder`].
    pub async fn inbox(
        &self,
        user: UserId,
        id: OrderId,
        page: usize,
        page_size: usize,
    ) -> Result<(OrderView, Page<SmsView>), ShopError> {
        let row = self.my_rental(user, id).await?;
        let read = self.store.read();
        let limit = page_size.max(1) as u64;
        let count = orders::count_sms(read, id).await?;
        let pages = count.div_ceil(limit).max(1);
        let page = (page as u64).min(pages - 1);
        let sms = rentals::inbox(read, id, page * limit, limit).await?;
        let whole = sms.into_iter().filter(|_| row.erased_at_ms.is_none());
        let page = Page {
            rows: whole.map(SmsView::from).collect(),
            page: usize::try_from(page).unwrap_or(usize::MAX),
            pages: usize::try_from(pages).unwrap_or(usize::MAX),
        };
        Ok((self.view(row).await?, page))
    }

    /// An order with one of its SMS by its place, oldest first, from 0.
    ///
    /// # Errors
    /// [`ShopError::NoSuchOrder`].
    pub async fn sms(
        &self,
        user: UserId,
        id: OrderId,
        index: usize,
    ) -> Result<(OrderView, Option<SmsView>), ShopError> {
        let order = self.order(user, id).await?;
        let sms = rentals::nth_sms(self.store.read(), id, index as u64).await?;
        let whole = sms.filter(|_| order.erased_after_days.is_none());
        Ok((order, whole.map(SmsView::from)))
    }

    /// Writes down what is new in a rental's inbox, and tells its user.
    pub(super) async fn take_in(
        &self,
        id: OrderId,
        messages: Vec<RentalSms>,
    ) -> Result<(), ShopError> {
        let books = self.books(Cause::Worker);
        let news = self
            .store
            .write(move |tx| work(async move { take_in(&books, tx, id, messages).await }))
            .await?;
        if news {
            self.wake.outbox.notify_one();
        }
        Ok(())
    }
}

async fn take_in(
    books: &Books,
    tx: &Tx,
    id: OrderId,
    messages: Vec<RentalSms>,
) -> Result<bool, StoreError> {
    let mut rental = rentals::find(tx, id).await?;
    let first = usize::try_from(orders::count_sms(tx, id).await?).unwrap_or(usize::MAX);
    let mut added = 0_usize;
    for message in oldest_first(messages) {
        let text = message.text.replace('\0', "");
        let sms = orders::NewSms {
            code: message.code.or_else(|| sms::extract_code(&text)),
            text,
            sender: message.from.map(|from| from.replace('\0', "")),
            sent_at_ms: message.at.map(to_ms),
        };
        if orders::add_sms(tx, id, sms, books.now_ms()).await? {
            added += 1;
        }
    }
    if added == 0 {
        return Ok(false);
    }
    let before = orders::find_for_update(tx, id).await?;
    let after = books
        .advance(tx, &before, OrderEvent::SmsArrived, |_| ())
        .await?;
    if !rental.is_muted {
        for index in (first..first + added).rev().take(TOLD_AT_ONCE).rev() {
            let notice = Notice::Sms { order: id, index };
            books.notify(tx, after.user(), &notice).await?;
        }
    }
    rental.last_sms_at_ms = Some(books.now_ms());
    rentals::put(tx, rental).await?;
    books.notify_order(tx, &after, false).await?;
    Ok(true)
}

/// Upstreams list the newest first or last; where times are known they decide.
fn oldest_first(mut messages: Vec<RentalSms>) -> Vec<RentalSms> {
    let ends = (messages.first(), messages.last());
    if let (Some(first), Some(last)) = ends
        && let (Some(first), Some(last)) = (first.at, last.at)
        && first > last
    {
        messages.reverse();
    }
    // Stable: what has no time stays where it stands among its neighbours.
    if messages.iter().all(|message| message.at.is_some()) {
        messages.sort_by_key(|message| message.at);
    }
    messages
}
