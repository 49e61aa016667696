//! Messages that name a service which is not sold, in an order for something else: numbers for one
//! thing that are used for a bank are what fraud is made of.
//!
//! What moves, and what does not:
//!
//! | order | ledger |
//! |---|---|
//! | waits for its first message, or is being cancelled | RELEASE: the user's held → their available, key `resolve:<order>`, resolving the order's hold. There is no CAPTURE, for that says that content was delivered; and so no GOODWILL, for nothing was captured. What the upstream took stays booked as COST (float → cost of goods): the shop's loss, for the message did come |
//! | got its code, a further message | nothing: what was paid for was delivered |
//! | ended, a late message | nothing: the money moved when it ended |
//! | a rental | nothing: the rented time goes on, and other messages come through |
//!
//! Invariant: the text is neither shown nor kept nor sent to anybody; an order of which a first
//! message was withheld receives nothing more.

use crate::domain::market::Market;
use crate::domain::market::denied::{DeniedNames, Named, is_named};
use crate::domain::order::{FailReason, OrderEvent};
use crate::provider::Activation;
use crate::shop::Shop;
use crate::shop::notice::Notice;
use crate::shop::settle::Books;
use crate::shop::trust::TrustNews;
use crate::store::entity::orders as rows;
use crate::store::{StoreError, Tx, withheld};

/// What decides over messages, made once at the start.
#[derive(Debug)]
pub(super) struct Censor {
    names: DeniedNames,
    market: std::sync::Arc<Market>,
}

/// A message as it came.
pub(super) struct Message<'m> {
    pub(super) text: &'m str,
    pub(super) sender: Option<&'m str>,
}

impl Censor {
    pub(super) fn new(market: std::sync::Arc<Market>) -> Self {
        Self {
            names: market.denied_names(),
            market,
        }
    }

    /// The denied service for which a message must be withheld from an order.
    async fn names(
        &self,
        tx: &Tx,
        order: &rows::Model,
        message: &Message<'_>,
    ) -> Result<Option<Named>, StoreError> {
        let mut named = self.names.named_in(message.text, message.sender);
        if named.is_empty() {
            return Ok(None);
        }
        let ordered = withheld::service_key(tx, order.service_id).await?;
        let ordered = ordered.as_deref().unwrap_or_default();
        let known = self.market.spellings(ordered);
        let spellings = known.chain([order.service_name.as_str()]);
        if is_named(message.text, spellings) {
            return Ok(None);
        }
        named.retain(|it| it.key != ordered);
        Ok(named.into_iter().next())
    }
}

/// Whether a first message of this order was withheld.
pub(super) fn is_withheld(order: &rows::Model) -> bool {
    order.reason.as_deref() == Some(FailReason::Withheld.as_str())
}

/// What became of a message.
pub(super) enum Fate {
    /// It is the user's.
    Passes,
    /// It is withheld; `true` where that is news.
    Withheld(bool),
}

/// Looks at a message before it is written down.
pub(super) async fn look(
    books: &Books,
    tx: &Tx,
    order: &rows::Model,
    message: Message<'_>,
) -> Result<Fate, StoreError> {
    if is_withheld(order) {
        return Ok(Fate::Withheld(false));
    }
    let Some(named) = books.censor().names(tx, order, &message).await? else {
        return Ok(Fate::Passes);
    };
    if !withheld::note(tx, order.id, message.text, named.key, books.now_ms()).await? {
        return Ok(Fate::Withheld(false));
    }
    let id = order.order_id();
    log::warn!("order {id}: a message was withheld, for it names a service that is not sold");
    let state = order.order_state()?;
    let after = if state.step(OrderEvent::Withheld).is_ok() {
        let ended = books.advance(tx, order, OrderEvent::Withheld, |row| {
            row.reason = Some(FailReason::Withheld.as_str().to_owned());
            row.awaits_another = false;
        });
        Some(ended.await?)
    } else {
        None
    };
    let news = TrustNews::Withheld { order: id };
    books
        .notify(tx, order.user(), &Notice::Trust { news })
        .await?;
    if let Some(after) = after {
        books.notify_order(tx, &after, false).await?;
    }
    let news = TrustNews::WithheldFlag {
        order: id,
        user: order.user(),
        ordered: order.service_name.clone(),
        named: named.name,
    };
    for admin in books.admins() {
        books
            .notify(tx, *admin, &Notice::Trust { news: news.clone() })
            .await?;
    }
    Ok(Fate::Withheld(true))
}

impl Shop {
    /// Tells the upstream of an order that ended by a withheld message that it is done.
    pub(super) fn close_withheld(&self, order: &rows::Model) {
        if is_withheld(order) {
            self.tell_finished(order);
        }
    }

    /// Whether what came could be withheld at all; most messages name nothing that is denied.
    pub(super) fn may_withhold(&self, seen: &Activation) -> bool {
        let mut texts = seen.others.iter().chain(&seen.sms);
        texts.any(|text| !self.censor.names.named_in(text, None).is_empty())
    }
}
