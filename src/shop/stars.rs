//! Top-ups in Telegram Stars: what is offered, what a payment must be, and its credit.
//!
//! Invariant: whoever paid gets the money, each of Telegram's charge ids once; an invoice brings
//! what it promised to the one it was made for.

pub mod news;
pub mod refund;
mod support;
pub mod sweep;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use fail::fail_point;

use crate::domain::id::{Nonce, UserId};
use crate::domain::money::Money;
use crate::domain::referral::RewardOf;
use crate::domain::stars::{InvoicePayload, MOST_STARS, StarsRate, XTR};
use crate::shop::account::Visitor;
use crate::shop::settle::Cause;
use crate::shop::topup::TopUpError;
use crate::shop::{Shop, ShopError};
use crate::store::entity::{star_invoices, star_payments};
use crate::store::ledger::{self, Account, NewTransfer, TransferKind};
pub use crate::store::stars::PaymentState;
use crate::store::{self, StoreError, Tx, stars, to_ms, work};

/// How long an invoice can be paid.
const INVOICE_LIFETIME: TimeDelta = TimeDelta::hours(24);
/// How long the database may take to show that it writes, before a payment is declined. Telegram
/// waits ten seconds for the whole answer, and people less.
const WRITES_WITHIN: Duration = Duration::from_millis(800);

/// What the operator decided about Stars.
#[derive(Clone, Debug)]
pub struct StarsTerms {
    /// What a Star brings.
    pub rate: StarsRate,
    /// The numbers of Stars that buttons offer.
    pub amounts: Vec<u32>,
}

/// One amount with what it brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StarsOffer {
    /// What it costs.
    pub stars: u32,
    /// What it brings.
    pub credit: Money,
}

/// An invoice that can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StarsInvoice {
    /// What it carries to Telegram and back.
    pub payload: InvoicePayload,
    /// What it costs and brings.
    pub offer: StarsOffer,
}

/// What somebody is about to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// Who pays.
    pub payer: UserId,
    /// The currency, as Telegram names it.
    pub currency: String,
    /// How much of it.
    pub total: u32,
    /// The invoice's payload.
    pub payload: String,
}

/// Why a payment is declined before anything was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declined {
    /// The invoice was made for somebody else.
    NotYours,
    /// The invoice is too old, unknown, or not what it was.
    Outdated,
    /// A Star brings another amount by now.
    RateChanged,
    /// The wallet would hold too much.
    TooLarge,
    /// The payer may not use the shop.
    Banned,
    /// The credit could not be written down at present.
    CannotWrite,
}

/// A payment that Telegram took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StarsPaid {
    /// Telegram's number for it.
    pub charge: String,
    /// Who paid.
    pub payer: Visitor,
    /// How much.
    pub stars: u32,
    /// The invoice's payload.
    pub payload: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Why the cashier has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotNow;

/// How a refund went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// The Stars are back, by this call or an earlier one.
    Back,
    /// Telegram will not return them.
    Refused,
}

/// One entry of Telegram's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StarsMove {
    /// A user paid an invoice.
    Paid(StarsPaid),
    /// Stars went back to a user; the number is that of the payment.
    Returned(String),
    /// Anything else: withdrawals, gifts.
    Other,
}

/// What the shop needs of Telegram's till; the bot implements it.
#[async_trait]
pub trait Cashier: Send + Sync {
    /// Up to [`sweep::PAGE`] entries, oldest first, leaving out the first `offset`.
    async fn moves(&self, offset: u32) -> Result<Vec<StarsMove>, NotNow>;

    /// Returns the Stars of a payment. Asking again is harmless.
    async fn give_back(&self, user: UserId, charge: &str) -> Result<Returned, NotNow>;
}

impl Shop {
    /// What is offered for Stars; `None` where none are taken.
    #[must_use]
    pub fn stars_offers(&self) -> Option<Vec<StarsOffer>> {
        let terms = self.terms.top_ups.stars.as_ref()?;
        let offers = terms.amounts.iter();
        Some(
            offers
                .filter_map(|stars| self.stars_offer(*stars))
                .collect(),
        )
    }

    /// The least and the most Stars that one invoice can ask.
    #[must_use]
    pub fn stars_limits(&self) -> Option<(u32, u32)> {
        let can = |stars: &u32| self.stars_offer(*stars).is_some();
        let least = (1..=MOST_STARS).find(can)?;
        let most = (1..=MOST_STARS).rev().find(can)?;
        Some((least, most))
    }

    fn stars_offer(&self, stars: u32) -> Option<StarsOffer> {
        let terms = self.terms.top_ups.stars.as_ref()?;
        let credit = terms.rate.credit(stars, self.terms.currency)?;
        (1..=MOST_STARS)
            .contains(&stars)
            .then_some(StarsOffer { stars, credit })
    }

    /// Makes an invoice for a user. No money moves.
    ///
    /// # Errors
    /// [`TopUpError::Off`], [`TopUpError::Stars`] with the limits, [`ShopError::BalanceTooLarge`].
    pub async fn stars_invoice(&self, user: UserId, stars: u32) -> Result<StarsInvoice, ShopError> {
        let (least, most) = self.stars_limits().ok_or(TopUpError::Off)?;
        let offer = self
            .stars_offer(stars)
            .ok_or(TopUpError::Stars { least, most })?;
        let available = ledger::balance(self.store.read(), &Account::Available(user)).await?;
        available
            .checked_add(offer.credit)
            .ok_or(ShopError::BalanceTooLarge)?;
        let nonce = Nonce::random();
        let now = self.now();
        let row = star_invoices::Model {
            nonce: nonce.0.clone(),
            user_id: user.0,
            stars: i64::from(stars),
            credit: offer.credit.as_minor(),
            created_at_ms: to_ms(now),
            expires_at_ms: to_ms(now + INVOICE_LIFETIME),
            approved_at_ms: None,
        };
        self.store
            .write(move |tx| work(async move { stars::keep_invoice(tx, row).await }))
            .await
            .map_err(ShopError::from)?;
        let payload = InvoicePayload { user, nonce };
        Ok(StarsInvoice { payload, offer })
    }

    /// Whether a payment may go on. It may only where its credit can be written down, so this
    /// writes, too.
    ///
    /// # Errors
    /// Why it may not; nothing was paid then.
    pub async fn check_out(&self, checkout: &Checkout) -> Result<(), Declined> {
        let payload = InvoicePayload::read(&checkout.payload).ok_or(Declined::Outdated)?;
        if payload.user != checkout.payer {
            return Err(Declined::NotYours);
        }
        match self.refuse_banned(checkout.payer).await {
            Ok(()) => {}
            Err(ShopError::Banned) => return Err(Declined::Banned),
            Err(_) => return Err(Declined::CannotWrite),
        }
        let read = self.store.read();
        let invoice = stars::find_invoice(read, &payload.nonce.0)
            .await
            .map_err(|error| cannot_write(&error))?
            .filter(|invoice| invoice.user_id == checkout.payer.0)
            .filter(|invoice| invoice.expires_at_ms > self.now_ms())
            .filter(|invoice| invoice.stars == i64::from(checkout.total))
            .filter(|_| checkout.currency == XTR)
            .ok_or(Declined::Outdated)?;
        let today = self.stars_offer(checkout.total).ok_or(Declined::Outdated)?;
        if today.credit.as_minor() != invoice.credit {
            return Err(Declined::RateChanged);
        }
        let available = ledger::balance(read, &Account::Available(checkout.payer))
            .await
            .map_err(|error| cannot_write(&error))?;
        available
            .checked_add(today.credit)
            .ok_or(Declined::TooLarge)?;
        self.note_approval(payload.nonce).await
    }

    /// The write goes on even where nobody waits for it any longer.
    async fn note_approval(&self, nonce: Nonce) -> Result<(), Declined> {
        let (store, now_ms) = (self.store.clone(), self.now_ms());
        let writing = tokio::spawn(async move {
            store
                .write(move |tx| {
                    work(async move { stars::approve_invoice(tx, &nonce.0, now_ms).await })
                })
                .await
        });
        match tokio::time::timeout(WRITES_WITHIN, writing).await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(error))) => Err(cannot_write(&error)),
            Ok(Err(_)) | Err(_) => Err(Declined::CannotWrite),
        }
    }

    /// Credits a payment, once for its charge id; `true` where this call did.
    ///
    /// # Errors
    /// [`TopUpError::Off`] where nothing says what it is worth; [`ShopError::Internal`] and its
    /// like. The payment stays in Telegram's list, and is credited from there.
    pub async fn credit_stars(&self, paid: StarsPaid) -> Result<bool, ShopError> {
        let read = self.store.read();
        if stars::find_payment(read, &paid.charge).await?.is_some() {
            return Ok(false);
        }
        let credit = self.credit_for(&paid).await?.ok_or(TopUpError::Off)?;
        let user = paid.payer.id;
        let books = self.books(Cause::User(user));
        let now_ms = self.now_ms();
        let is_new = self
            .store
            .write(move |tx| {
                work(async move {
                    if stars::find_payment(tx, &paid.charge).await?.is_some() {
                        return Ok(false);
                    }
                    know(tx, &paid.payer, now_ms).await?;
                    let memo = format!("⭐ {}", paid.stars);
                    let transfer = NewTransfer {
                        memo: Some(memo.clone()),
                        ..books.transfer(
                            format!("topup:stars:{}", paid.charge),
                            [Account::ClearingStars, Account::Available(user)],
                            credit.as_minor(),
                            TransferKind::TopUp,
                        )
                    };
                    let (of, source) = (RewardOf::TopUps, transfer.key.clone());
                    books.ledger(tx).post(transfer).await?;
                    books
                        .reward(tx, of, user, credit.as_minor(), source)
                        .await?;
                    stars::insert_payment(tx, payment(&paid, credit, now_ms)).await?;
                    books.announce(tx, user, credit, Some(memo)).await?;
                    Ok::<_, StoreError>(true)
                })
            })
            .await?;
        fail_point!("C14");
        self.wake.outbox.notify_one();
        Ok(is_new)
    }

    /// What a payment brings: what its invoice promised, and today's rate where that is not known
    /// or was promised to somebody else.
    async fn credit_for(&self, paid: &StarsPaid) -> Result<Option<Money>, StoreError> {
        let invoice = match InvoicePayload::read(&paid.payload) {
            Some(payload) => stars::find_invoice(self.store.read(), &payload.nonce.0).await?,
            None => None,
        };
        let promised = invoice
            .filter(|invoice| invoice.user_id == paid.payer.id.0)
            .filter(|invoice| invoice.stars == i64::from(paid.stars))
            .map(|invoice| Money::minor(invoice.credit));
        let by_rate = || {
            let terms = self.terms.top_ups.stars.as_ref()?;
            terms.rate.credit(paid.stars, self.terms.currency)
        };
        Ok(promised.or_else(by_rate))
    }
}

/// Writes a payer down who never wrote to the bot, as after a backup was put back.
async fn know(tx: &Tx, payer: &Visitor, now_ms: i64) -> Result<(), StoreError> {
    if store::users::find(tx, payer.id).await?.is_some() {
        return Ok(());
    }
    store::users::keep(tx, payer.newcomer(now_ms)).await
}

fn payment(paid: &StarsPaid, credit: Money, now_ms: i64) -> star_payments::Model {
    star_payments::Model {
        charge_id: paid.charge.clone(),
        user_id: paid.payer.id.0,
        stars: i64::from(paid.stars),
        credit: credit.as_minor(),
        state: PaymentState::Credited.as_str().to_owned(),
        refunds: 0,
        refunded_by: None,
        paid_at_ms: to_ms(paid.at),
        updated_at_ms: now_ms,
    }
}

fn cannot_write(error: &StoreError) -> Declined {
    log::error!("a payment is declined, for it could not be written down: {error}");
    Declined::CannotWrite
}
