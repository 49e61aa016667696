//! Money that an admin books in.
//!
//! Invariant: what is booked is what was shown beside the Confirm button, once.

use chrono::{DateTime, TimeDelta, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::domain::act::Act;
use crate::domain::id::{Nonce, UserId};
use crate::domain::money::Money;
use crate::domain::referral::RewardOf;
use crate::planted::planted;
use crate::shop::account::User;
use crate::shop::request::TransferTerms;
use crate::shop::settle::Cause;
use crate::shop::stars::StarsTerms;
use crate::shop::{Shop, ShopError};
use crate::store::acts::{self, NewAct};
use crate::store::entity::transfers;
use crate::store::ledger::{self, Account, NewTransfer, TransferKind};
use crate::store::{self, StoreError, from_ms, intents, to_ms, work};

/// How users can bring money in by themselves; what is not set up is not offered.
#[derive(Clone, Debug, Default)]
pub struct TopUpWays {
    /// In Telegram Stars.
    pub stars: Option<StarsTerms>,
    /// By bank, e-wallet or QRIS, with an admin's word.
    pub transfers: Option<TransferTerms>,
    /// What one admin may move by hand within 24 hours; `None` for any amount.
    pub admin_daily_cap: Option<Money>,
    /// What somebody of the support may move by hand within 24 hours; nothing where it is not set.
    pub support_daily_cap: Option<Money>,
}

/// Why a top-up, or its refund, is refused. Nothing moved in any of these cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TopUpError {
    /// This way is not set up.
    #[error("this way to top up is not set up")]
    Off,
    /// So many Stars cannot be paid at once.
    #[error("an invoice asks between {least} and {most} Stars")]
    Stars {
        /// The least.
        least: u32,
        /// The most.
        most: u32,
    },
    /// Telegram's number is not known.
    #[error("no such payment")]
    NoSuchPayment,
    /// It was given back, or is being given back.
    #[error("this payment cannot be given back")]
    NotRefundable,
    /// The wallet no longer holds what the payment brought.
    #[error("the wallet does not hold enough any more")]
    Spent {
        /// What would have to leave it.
        amount: Money,
        /// What is there.
        available: Money,
    },
    /// The admins were told a moment ago.
    #[error("the admins can be called again at {0}")]
    CalledAlready(DateTime<Utc>),
    /// So much cannot be sent at once.
    #[error("between {least:?} and {most:?} can be sent at once")]
    TransferAmount {
        /// The least.
        least: Money,
        /// The most.
        most: Money,
    },
    /// No such request, or it ended.
    #[error("no such request")]
    NoSuchRequest,
    /// So many requests over about this amount are open that no further one can be told apart.
    #[error("too many requests over this amount are open")]
    TooManyRequests,
    /// An admin takes nothing without saying why.
    #[error("a deduction needs a reason")]
    NoReason,
    /// The wallet does not hold what is to be taken; this is there.
    #[error("the wallet does not hold that much")]
    NotThatMuch(Money),
    /// An admin would move more than this by hand within 24 hours.
    #[error("an admin's daily limit is reached")]
    Cap(Money),
    /// There are no admins.
    #[error("there are no admins")]
    NobodyThere,
    /// An admin's wish for a voucher cannot be read.
    #[error("this is no voucher")]
    Voucher,
    /// No voucher has this code.
    #[error("no such voucher")]
    NoSuchVoucher,
    /// All uses are gone, its time is over, or an admin closed it.
    #[error("this voucher is used up")]
    VoucherUsedUp,
    /// The user used it as often as anybody may.
    #[error("this user has used the voucher already")]
    VoucherUsedByYou,
    /// An admin booked the same for this user since the draft was made.
    #[error("the same was booked meanwhile")]
    BookedMeanwhile,
    /// Too many wrong codes.
    #[error("codes can be tried again at {0}")]
    Guessing(DateTime<Utc>),
}

/// A top-up that waits for its Confirm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopUpDraft {
    /// The button's key.
    pub nonce: Nonce,
    /// Who gets it.
    pub user: User,
    /// How much.
    pub amount: Money,
    /// Available before.
    pub before: Money,
    /// Available after.
    pub after: Money,
    /// What the admin wrote to it.
    pub memo: Option<String>,
    /// The same was booked for this user a short time ago: perhaps for the same payment.
    pub same: Option<SameTopUp>,
}

/// A top-up of the same amount for the same user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SameTopUp {
    /// Who booked it.
    pub by: Option<UserId>,
    /// When.
    pub at: DateTime<Utc>,
}

/// A booked top-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopUpBooked {
    /// Who got it.
    pub user: User,
    /// How much.
    pub amount: Money,
    /// Available now.
    pub available: Money,
    /// Whether this tap booked it.
    pub is_new: bool,
}

const TOPUP: &str = "topup";

/// Two top-ups of the same amount within this time may be for the same payment.
const SAME_WITHIN: TimeDelta = TimeDelta::minutes(30);

/// How many characters of a memo are kept; the draft shows them.
const MEMO: usize = 200;

/// How long a Confirm of an admin works.
pub(super) const DRAFT_LIFETIME: TimeDelta = TimeDelta::minutes(30);

/// A draft as it is kept under its nonce.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    user: UserId,
    amount: Money,
    memo: Option<String>,
    /// The transfer of the same that the draft tells of.
    #[serde(default)]
    same: Option<i64>,
}

impl Shop {
    /// Reads and checks `/topup <user id or @name> <amount> [memo]` and keeps it under a nonce.
    ///
    /// # Errors
    /// [`ShopError::UnknownUser`], [`ShopError::AmbiguousUser`], [`ShopError::Amount`],
    /// [`ShopError::BalanceTooLarge`]; nothing is booked in any case.
    pub async fn draft_topup(
        &self,
        admin: UserId,
        target: &str,
        amount: &str,
        memo: Option<&str>,
    ) -> Result<TopUpDraft, ShopError> {
        let amount = self.terms.currency.parse(amount)?;
        let user = self.user_named(target).await?;
        let memo = memo.map(|memo| memo.chars().take(MEMO).collect());
        self.top_up_draft(admin, user, amount, memo).await
    }

    /// A draft of the same once more, which says what was booked since.
    ///
    /// # Errors
    /// As [`Shop::draft_topup`], and [`ShopError::QuoteExpired`].
    pub async fn draft_topup_again(
        &self,
        admin: UserId,
        nonce: &Nonce,
    ) -> Result<TopUpDraft, ShopError> {
        let kept: Kept = self.kept_draft(admin, nonce, TOPUP).await?;
        let user = self.user(kept.user).await?;
        self.top_up_draft(admin, user, kept.amount, kept.memo).await
    }

    async fn top_up_draft(
        &self,
        admin: UserId,
        user: User,
        amount: Money,
        memo: Option<String>,
    ) -> Result<TopUpDraft, ShopError> {
        let read = self.store.read();
        let since_ms = to_ms(self.now() - SAME_WITHIN);
        let same = ledger::same_top_up(read, user.id, amount.as_minor(), since_ms).await?;
        let before = ledger::balance(read, &Account::Available(user.id)).await?;
        let after = before
            .checked_add(amount)
            .ok_or(ShopError::BalanceTooLarge)?;
        let nonce = Nonce::random();
        let kept = Kept {
            user: user.id,
            amount,
            memo,
            same: same.as_ref().map(|row| row.id),
        };
        self.keep_draft(admin, &nonce, TOPUP, &kept).await?;
        Ok(TopUpDraft {
            nonce,
            user,
            amount,
            before,
            after,
            memo: kept.memo,
            same: same.map(|row| SameTopUp {
                by: admin_of(&row.actor),
                at: from_ms(row.at_ms),
            }),
        })
    }

    /// Books a draft, once; the user is told.
    ///
    /// # Errors
    /// [`ShopError::QuoteExpired`] for a draft that is unknown, too old or another admin's,
    /// [`ShopError::BalanceTooLarge`], [`TopUpError::BookedMeanwhile`],
    /// [`TopUpError::Cap`].
    pub async fn book_topup(&self, admin: UserId, nonce: &Nonce) -> Result<TopUpBooked, ShopError> {
        let kept: Kept = self.kept_draft(admin, nonce, TOPUP).await?;
        let user = self.user(kept.user).await?;
        let books = self.books(Cause::Admin(admin));
        let key = match planted("top-up without its key") {
            false => format!("{}{nonce}", ledger::MANUAL_TOP_UP),
            true => Nonce::random().0,
        };
        let amount = kept.amount;
        let since_ms = to_ms(self.now() - SAME_WITHIN);
        let cap = self.cap(admin);
        let (available, is_new) = self
            .store
            .write(move |tx| {
                work(async move {
                    let to = Account::Available(kept.user);
                    let minor = amount.as_minor();
                    let same = ledger::same_top_up(tx, kept.user, minor, since_ms).await?;
                    // The same button once more is answered with what it did.
                    let is_news = |row: &transfers::Model| {
                        Some(row.id) != kept.same && row.idempotency_key != key
                    };
                    if same.as_ref().is_some_and(is_news) {
                        return Err(TopUpError::BookedMeanwhile.into());
                    }
                    let source = key.clone();
                    let transfer = NewTransfer {
                        memo: kept.memo.clone(),
                        ..books.transfer(
                            key,
                            [Account::ClearingManual, to.clone()],
                            amount.as_minor(),
                            TransferKind::TopUp,
                        )
                    };
                    let posted = books.ledger(tx).post(transfer).await?;
                    let available = if posted.is_new {
                        cap.check(tx, &books).await?;
                        let minor = amount.as_minor();
                        books
                            .reward(tx, RewardOf::TopUps, kept.user, minor, source)
                            .await?;
                        let act = books.moved(admin, Act::TopUp, kept.user, amount);
                        let reason = kept.memo.clone();
                        acts::note(tx, NewAct { reason, ..act }).await?;
                        books.announce(tx, kept.user, amount, kept.memo).await?
                    } else {
                        ledger::balance(tx, &to).await?
                    };
                    Ok::<_, ShopError>((available, posted.is_new))
                })
            })
            .await?;
        self.wake.outbox.notify_one();
        Ok(TopUpBooked {
            user,
            amount,
            available,
            is_new,
        })
    }

    /// The user an admin named by number or `@name`.
    ///
    /// # Errors
    /// [`ShopError::UnknownUser`], [`ShopError::AmbiguousUser`].
    pub async fn user_named(&self, target: &str) -> Result<User, ShopError> {
        if let Ok(id) = target.parse() {
            return self.user(UserId(id)).await;
        }
        let name = target.strip_prefix('@').unwrap_or(target);
        let mut found = store::users::find_by_username(self.store.read(), name).await?;
        match (found.pop(), found.is_empty()) {
            (Some(user), true) => Ok(user.into()),
            (Some(_), false) => Err(ShopError::AmbiguousUser),
            (None, _) => Err(ShopError::UnknownUser),
        }
    }

    /// Keeps what a Confirm of an admin stands for.
    pub(super) async fn keep_draft<D: Serialize>(
        &self,
        admin: UserId,
        nonce: &Nonce,
        kind: &'static str,
        draft: &D,
    ) -> Result<(), ShopError> {
        let content = serde_json::to_string(draft).map_err(StoreError::from)?;
        let now = self.now();
        let times = [to_ms(now), to_ms(now + DRAFT_LIFETIME)];
        let key = nonce.clone();
        self.store
            .write(move |tx| {
                work(async move { intents::keep(tx, admin, &key, kind, content, times).await })
            })
            .await
            .map_err(ShopError::from)
    }

    /// What a Confirm of this admin stands for.
    pub(super) async fn kept_draft<D: DeserializeOwned>(
        &self,
        admin: UserId,
        nonce: &Nonce,
        kind: &'static str,
    ) -> Result<D, ShopError> {
        let kept = intents::find(self.store.read(), admin, nonce, kind)
            .await?
            .filter(|intent| intent.expires_at_ms > self.now_ms())
            .ok_or(ShopError::QuoteExpired)?;
        Ok(serde_json::from_str(&kept.content).map_err(StoreError::from)?)
    }
}

/// Which admin caused a transfer, as its actor says.
fn admin_of(actor: &str) -> Option<UserId> {
    let id = actor.strip_prefix("admin:")?;
    id.parse().ok().map(UserId)
}
