//! From a choice to an order: the quote that a Confirm button stands for, and its confirmation.
//!
//! Invariant: the price is read from what was kept when the button was drawn, and one button makes
//! one order, however often and from wherever it is pressed.

use chrono::{DateTime, TimeDelta, Utc};
use fail::fail_point;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::id::{Nonce, OrderId, ProviderId, UserId};
use crate::domain::money::Money;
use crate::domain::order::{OrderEvent, OrderState};
use crate::domain::pricing::Was;
use crate::domain::product::Product;
use crate::planted::planted;
use crate::shop::article::Article;
use crate::shop::browse::{CountryEntry, ServerNumber, ServiceId, country_entry};
use crate::shop::catalogue::Offer;
use crate::shop::orders::OrderView;
use crate::shop::queue::{QUEUED_FOR, Waiting, waits_already};
use crate::shop::settle::{Books, Cause};
use crate::shop::{Shop, ShopError};
use crate::store::entity::orders as rows;
use crate::store::ledger::{self, Account};
use crate::store::{StoreError, Tx, from_ms, intents, orders, to_ms, work};

/// What a user wants to buy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The service.
    pub service: ServiceId,
    /// ISO 3166 alpha-2 in capitals.
    pub country: String,
    /// An operator's usual name; `None` for any.
    pub operator: Option<String>,
    /// The upstream asked for; `None` for whichever is best.
    #[serde(default)]
    pub server: Option<ProviderId>,
}

impl Choice {
    /// What an order is for.
    pub(super) fn of(row: &rows::Model) -> Self {
        Self {
            service: ServiceId(row.service_id),
            country: row.country.clone(),
            operator: row.operator.clone(),
            server: row.server.as_deref().map(ProviderId::from),
        }
    }
}

/// What a Confirm button stands for. The button carries the nonce only; the content is kept here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The button's key.
    pub nonce: Nonce,
    /// What would be bought.
    pub choice: Choice,
    /// What kind of thing that is.
    pub product: Product,
    /// The upstream's number, where one was asked for.
    pub server: Option<ServerNumber>,
    /// The service's name.
    pub service_name: String,
    /// The country.
    pub country: CountryEntry,
    /// The price.
    pub price: Money,
    /// What it is without the promotion that runs.
    pub was: Option<Was>,
    /// Available before.
    pub available: Money,
    /// Available after; negative where money is missing (then `missing` says how much).
    pub after: Money,
    /// What is missing, if anything.
    pub missing: Option<Money>,
    /// Whether it is more time for a rental.
    pub is_renewal: bool,
    /// For how many hours, where a time is bought.
    pub hours: Option<u32>,
    /// How long the number lives.
    pub lifetime: TimeDelta,
    /// How long after the purchase a cancellation becomes possible; zero for at once.
    pub cancel_after: TimeDelta,
    /// Whether there are limits below the price, for [`Shop::watch`] and [`Shop::quote_queue`].
    pub has_limits_below: bool,
    /// How many numbers there are.
    pub stock: Option<u64>,
    /// Until when the button works.
    pub valid_until: DateTime<Utc>,
}

/// The message in which an order's live card stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardPlace {
    /// The chat.
    pub chat_id: i64,
    /// The message in it.
    pub message_id: i32,
}

/// The answer to a Confirm.
#[derive(Clone, Debug)]
pub struct Confirmed {
    /// The order, new or the one that this button already made.
    pub order: OrderView,
    /// Whether this tap made it.
    pub is_new: bool,
}

const PURCHASE: &str = "purchase";
/// Upstreams punish shops whose users cancel much: whoever cancelled so many numbers…
const MOST_CANCELLED: usize = 5;
/// …within this time buys the next one when the first of them is so long ago.
const CANCEL_WINDOW: TimeDelta = TimeDelta::minutes(30);

/// What became of a Confirm.
enum Made {
    /// There is an order, and whether it is new.
    Order(Box<rows::Model>, bool),
    /// The user waits for enough already.
    Refused,
    /// What was to be renewed cannot be.
    Impossible,
}

/// A quote as it is kept under its nonce.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) choice: Choice,
    pub(super) service_name: String,
    pub(super) price: Money,
    /// Whether it waits where there is nothing to buy.
    #[serde(default)]
    pub(super) is_queued: bool,
    /// What is bought.
    #[serde(default)]
    pub(super) article: Article,
    /// The offer that the price was made of.
    #[serde(default)]
    pub(super) accepted: Option<Accepted>,
}

/// An offer whose price a user accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Accepted {
    provider: ProviderId,
    country_code: String,
    service_code: String,
    cost: Decimal,
    currency: String,
}

impl Accepted {
    fn of(offer: &Offer) -> Self {
        Self {
            provider: offer.provider.clone(),
            country_code: offer.country_code.clone(),
            service_code: offer.service_code.clone(),
            cost: offer.cost,
            currency: offer.currency.clone(),
        }
    }

    /// Whether this is the offer, and its upstream asks no more than it did.
    fn is_still(&self, offer: &Offer) -> bool {
        let now = Self::of(offer);
        let cost = self.cost;
        now.cost <= cost && Self { cost, ..now } == *self
    }
}

impl Shop {
    /// Prices a choice and keeps it under a fresh nonce. No money moves.
    ///
    /// # Errors
    /// [`ShopError::NotSold`], [`ShopError::SoldOut`], [`ShopError::Recovering`].
    pub async fn quote(&self, user: UserId, choice: Choice) -> Result<Quote, ShopError> {
        let catalogue = self.catalogue();
        let stand = catalogue.find(&choice.country, choice.service.0);
        let (_, stand) = stand.ok_or(ShopError::NotSold)?;
        self.quote_article(user, choice, Article::of(stand)).await
    }

    /// The same for an article that is on the shelf of a choice.
    pub(super) async fn quote_article(
        &self,
        user: UserId,
        choice: Choice,
        article: Article,
    ) -> Result<Quote, ShopError> {
        self.refuse_in_recovery()?;
        self.refuse_while_closed()?;
        let catalogue = self.catalogue();
        let found = catalogue.find(&choice.country, choice.service.0);
        let (hall, stand) = found.ok_or(ShopError::NotSold)?;
        let offer = self.best_of(article, &choice).await?;
        let capabilities = self
            .provider(offer.provider.as_str())
            .ok_or(ShopError::NotSold)?
            .capabilities();
        let available = ledger::balance(self.store.read(), &Account::Available(user)).await?;
        let after = available
            .checked_sub(offer.price)
            .ok_or(ShopError::BalanceTooLarge)?;
        let kept = Kept {
            choice: choice.clone(),
            service_name: stand.name.clone(),
            price: offer.price,
            is_queued: false,
            article,
            accepted: Some(Accepted::of(&offer)),
        };
        let (nonce, valid_until) = self.keep_quote(user, &kept).await?;
        Ok(Quote {
            nonce,
            has_limits_below: article == Article::Activation
                && !self.limits_below(&choice).is_empty(),
            server: choice.server.as_ref().and_then(|id| self.server_number(id)),
            service_name: stand.name.clone(),
            country: country_entry(hall),
            choice,
            price: offer.price,
            was: offer.was,
            available,
            after,
            missing: (after < Money::ZERO)
                .then(|| Money::ZERO.checked_sub(after))
                .flatten(),
            is_renewal: article.product() == Product::Renewal,
            product: article.product(),
            hours: article.hours(),
            lifetime: delta(capabilities.lifetime),
            cancel_after: delta(capabilities.cancel_after),
            stock: offer.stock,
            valid_until,
        })
    }

    /// Keeps a quote under a fresh nonce; until when its button works.
    pub(super) async fn keep_quote(
        &self,
        user: UserId,
        kept: &Kept,
    ) -> Result<(Nonce, DateTime<Utc>), ShopError> {
        let now = self.now();
        let valid_until = now + self.terms.quote_lifetime;
        let nonce = Nonce::random();
        let kept = serde_json::to_string(kept).map_err(StoreError::from)?;
        let key = nonce.clone();
        let times = [to_ms(now), to_ms(valid_until)];
        self.store
            .write(move |tx| {
                work(async move { intents::keep(tx, user, &key, PURCHASE, kept, times).await })
            })
            .await
            .map_err(ShopError::from)?;
        Ok((nonce, valid_until))
    }

    /// What an earlier order was for.
    ///
    /// # Errors
    /// [`ShopError::NoSuchOrder`].
    pub async fn choice_of(&self, user: UserId, order: OrderId) -> Result<Choice, ShopError> {
        let row = orders::find(self.store.read(), order)
            .await?
            .filter(|row| row.user() == user)
            .ok_or(ShopError::NoSuchOrder)?;
        Ok(Choice::of(&row))
    }

    /// Makes the order that a quote stands for: holds the price, once per nonce. The number is
    /// bought by a worker afterwards, which also edits the card at `card`. An order that waits is
    /// made once for a choice, too.
    ///
    /// # Errors
    /// [`ShopError::QuoteExpired`], [`ShopError::PriceChanged`], [`ShopError::NotSold`],
    /// [`ShopError::SoldOut`], [`ShopError::Unavailable`], [`ShopError::CoolDown`],
    /// [`ShopError::Recovering`], [`ShopError::TooManyWaiting`], [`ShopError::NotEnoughMoney`],
    /// [`ShopError::Banned`]; nothing moved in any of these cases.
    pub async fn confirm(
        &self,
        user: UserId,
        nonce: &Nonce,
        card: CardPlace,
    ) -> Result<Confirmed, ShopError> {
        let read = self.store.read();
        if let Some(known) = orders::find_by_nonce(read, user, nonce).await? {
            return self.confirmed(known, false).await;
        }
        self.refuse_in_recovery()?;
        self.refuse_while_closed()?;
        self.refuse_banned(user).await?;
        let kept = intents::find(read, user, nonce, PURCHASE)
            .await?
            .filter(|intent| intent.expires_at_ms > self.now_ms())
            .ok_or(ShopError::QuoteExpired)?;
        let valid_until_ms = kept.expires_at_ms;
        let mut kept: Kept = serde_json::from_str(&kept.content).map_err(StoreError::from)?;
        self.misprice(&mut kept).await?;
        if !kept.is_queued && self.best_of(kept.article, &kept.choice).await?.price > kept.price {
            return Err(ShopError::PriceChanged);
        }
        if let Some(until) = self.cools_down(user).await? {
            return Err(ShopError::CoolDown(until));
        }
        let nonce = &match planted("a hold without its key") {
            false => nonce.clone(),
            true => Nonce::random(),
        };
        let draft = self.draft(user, nonce, &kept, valid_until_ms, card);
        let books = self.books(Cause::User(user));
        let order = Wish {
            user,
            nonce: nonce.clone(),
            draft,
            article: kept.article,
            waits_for: kept.is_queued.then(|| kept.choice.clone()),
        };
        let made = self
            .store
            .write(move |tx| work(async move { make(&books, tx, order).await }))
            .await;
        match made {
            Ok(Made::Order(row, is_new)) => {
                if is_new {
                    fail_point!("C2");
                    self.wake.orders.notify_one();
                }
                self.confirmed(*row, is_new).await
            }
            Ok(Made::Refused) => Err(ShopError::TooManyWaiting),
            Ok(Made::Impossible) => Err(ShopError::CannotRenew),
            Err(StoreError::NotEnough) => Err(self.stopped(user, &kept).await?),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether an order was confirmed over this very offer, which costs us no more since. Such an
    /// order keeps its price, whatever admins made of prices meanwhile.
    pub(super) async fn was_accepted(
        &self,
        row: &rows::Model,
        offer: &Offer,
    ) -> Result<bool, ShopError> {
        let nonce = Nonce(row.nonce.clone());
        let kept = intents::find(self.store.read(), row.user(), &nonce, PURCHASE).await?;
        let Some(kept) = kept.filter(|_| row.queued_until_ms.is_none()) else {
            return Ok(false);
        };
        let kept: Kept = serde_json::from_str(&kept.content).map_err(StoreError::from)?;
        Ok(kept.accepted.is_some_and(|it| it.is_still(offer)))
    }

    /// What the tests' deliberate bugs make of a price; nothing otherwise.
    async fn misprice(&self, kept: &mut Kept) -> Result<(), ShopError> {
        if !kept.is_queued && planted("the price of today") {
            kept.price = self.best_of(kept.article, &kept.choice).await?.price;
        }
        if kept.is_queued && planted("who waits pays more than confirmed") {
            kept.price = kept.price.checked_add(kept.price).unwrap_or(kept.price);
        }
        Ok(())
    }

    /// Until when a user who cancelled many numbers lately has to wait.
    async fn cools_down(&self, user: UserId) -> Result<Option<DateTime<Utc>>, ShopError> {
        let since_ms = to_ms(self.now() - CANCEL_WINDOW);
        let cancelled = orders::cancelled_since(self.store.read(), user, since_ms).await?;
        // A clock that jumped back must not make anybody wait for longer.
        let now_ms = self.now_ms();
        let mut cancelled = cancelled.iter().filter(|at_ms| **at_ms <= now_ms);
        let first_of_them = cancelled.nth(MOST_CANCELLED - 1);
        Ok(first_of_them.map(|at_ms| from_ms(*at_ms) + CANCEL_WINDOW))
    }

    async fn confirmed(&self, row: rows::Model, is_new: bool) -> Result<Confirmed, ShopError> {
        let order = self.view(row).await?;
        Ok(Confirmed { order, is_new })
    }

    /// The refusal of somebody who has not enough money; the purchase is offered again once they
    /// have.
    async fn stopped(&self, user: UserId, kept: &Kept) -> Result<ShopError, ShopError> {
        let price = kept.price;
        // A rental is renewed from its own card.
        if kept.article.product() != Product::Renewal {
            self.note_stopped(user, &kept.choice, price).await?;
        }
        let available = ledger::balance(self.store.read(), &Account::Available(user)).await?;
        let missing = price.checked_sub(available).unwrap_or(price);
        Ok(ShopError::NotEnoughMoney {
            price,
            available,
            missing,
        })
    }

    /// The order as it is written before its price is held.
    fn draft(
        &self,
        user: UserId,
        nonce: &Nonce,
        kept: &Kept,
        valid_until_ms: i64,
        card: CardPlace,
    ) -> rows::Model {
        let now_ms = self.now_ms();
        let queued_until_ms = kept.is_queued.then(|| to_ms(self.now() + QUEUED_FOR));
        let valid_until_ms = queued_until_ms.unwrap_or(valid_until_ms);
        rows::Model {
            id: 0,
            user_id: user.0,
            nonce: nonce.0.clone(),
            product: kept.article.product().as_str().to_owned(),
            service_id: kept.choice.service.0,
            service_name: kept.service_name.clone(),
            country: kept.choice.country.clone(),
            operator: kept.choice.operator.clone(),
            server: kept.choice.server.as_ref().map(|server| server.0.clone()),
            price: kept.price.as_minor(),
            state: OrderState::Quoted.as_str().to_owned(),
            version: 0,
            reason: None,
            provider: None,
            purse: None,
            upstream_id: None,
            number: None,
            number_mark: None,
            cost: None,
            cost_currency: None,
            can_resend: false,
            awaits_another: false,
            created_at_ms: now_ms,
            updated_at_ms: now_ms,
            quote_until_ms: valid_until_ms,
            expires_at_ms: None,
            cancel_from_ms: None,
            next_action_at_ms: now_ms,
            deadline_at_ms: valid_until_ms,
            queued_until_ms,
            card_chat_id: Some(card.chat_id),
            card_message_id: Some(i64::from(card.message_id)),
            erased_at_ms: None,
        }
    }

    /// The best offer for a choice that can be bought at present.
    pub(super) fn best_offer(&self, choice: &Choice) -> Result<Offer, ShopError> {
        let catalogue = self.catalogue();
        let offers = self.offers_for(&catalogue, choice);
        let offers = offers.ok_or(ShopError::NotSold)?;
        self.first_sold(offers.into_iter()).cloned()
    }

    /// The first of some offers that can be bought at present, or why none can.
    pub(super) fn first_sold<'o>(
        &self,
        offers: impl Iterator<Item = &'o Offer>,
    ) -> Result<&'o Offer, ShopError> {
        let mut why_not = ShopError::NotSold;
        let mut is_in_stock = false;
        for offer in offers {
            if self.sells(offer) {
                return Ok(offer);
            }
            is_in_stock |= offer.in_stock();
            why_not = ShopError::SoldOut;
        }
        Err(if is_in_stock {
            ShopError::Unavailable
        } else {
            why_not
        })
    }
}

/// An order that is about to be made.
struct Wish {
    user: UserId,
    nonce: Nonce,
    draft: rows::Model,
    article: Article,
    /// What it waits for, where it waits.
    waits_for: Option<Choice>,
}

/// Makes an order and holds its price, once per nonce.
async fn make(books: &Books, tx: &Tx, wish: Wish) -> Result<Made, StoreError> {
    // Asked again inside the transaction: taps queue up behind one another.
    if let Some(known) = orders::find_by_nonce(tx, wish.user, &wish.nonce).await? {
        return Ok(Made::Order(Box::new(known), false));
    }
    if let Some(choice) = wish.waits_for {
        match waits_already(tx, wish.user, &choice).await? {
            Some(Waiting::Already(known)) => return Ok(Made::Order(known, false)),
            Some(Waiting::Enough) => return Ok(Made::Refused),
            None => {}
        }
    }
    if !wish.article.is_possible(tx).await? {
        return Ok(Made::Impossible);
    }
    let quoted = orders::insert(tx, wish.draft).await?;
    wish.article.write(tx, &quoted).await?;
    let held = books
        .advance(tx, &quoted, OrderEvent::Confirmed, |_| ())
        .await?;
    Ok(Made::Order(Box::new(held), true))
}

/// A lifetime is minutes, so it always fits.
pub(super) fn delta(duration: std::time::Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}
