//! Vouchers: an admin makes a code, and whoever has it brings money into a wallet.
//!
//! Invariant: every use is one transfer out of `clearing:voucher`; a voucher brings no more than
//! its uses, however many people type it at once. Whoever guesses has to wait.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::act::Act;
use crate::domain::id::{Nonce, UserId};
use crate::domain::money::{Currency, Money};
use crate::domain::voucher::VoucherCode;
use crate::shop::settle::{Books, Cause};
use crate::shop::topup::TopUpError;
use crate::shop::{Shop, ShopError};
use crate::store::acts::{self, NewAct};
use crate::store::entity::vouchers as rows;
use crate::store::ledger::{Account, NewTransfer, TransferKind};
use crate::store::{StoreError, Tx, from_ms, to_ms, vouchers, work};

/// More uses than that are a slip of the pen.
pub const MOST_USES: u32 = 100_000;
/// So many wrong codes…
const MOST_GUESSES: usize = 5;
/// …within this time, and the user waits until the first of them is so long ago.
const GUESS_WINDOW: TimeDelta = TimeDelta::minutes(15);
/// How many vouchers a list shows.
const SHOWN: u64 = 20;
const VOUCHER: &str = "voucher";

/// What a voucher is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoucherWish {
    /// What each use brings.
    pub amount: Money,
    /// How often it can be used.
    pub uses: u32,
    /// How often by one user.
    pub per_user: u32,
    /// For how long; `None` for ever.
    pub lives_for: Option<TimeDelta>,
}

/// A voucher that waits for its Confirm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoucherDraft {
    /// The button's key.
    pub nonce: Nonce,
    /// What it would be.
    pub wish: VoucherWish,
    /// What all uses together bring.
    pub total: Money,
}

/// A voucher as admins see it.
#[derive(Clone, Debug)]
pub struct VoucherView {
    /// What users type.
    pub code: VoucherCode,
    /// What each use brings.
    pub amount: Money,
    /// How often it can be used.
    pub uses: i64,
    /// How often it was.
    pub used: i64,
    /// How often by one user.
    pub per_user: i64,
    /// Until when; `None` for ever.
    pub until: Option<DateTime<Utc>>,
}

/// A draft as it is kept under its nonce.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    amount: Money,
    uses: u32,
    per_user: u32,
    lives_for_ms: Option<i64>,
}

/// What became of a code.
enum Redeemed {
    /// The wallet has so much more.
    Credited(Money),
    /// This very message was read before.
    Known,
    /// There is no such voucher.
    Wrong,
    /// There is, but not for this user now.
    Refused(TopUpError),
}

impl Shop {
    /// Checks a voucher and keeps it under a nonce.
    ///
    /// # Errors
    /// [`TopUpError::Voucher`], [`ShopError::BalanceTooLarge`].
    pub async fn draft_voucher(
        &self,
        admin: UserId,
        wish: VoucherWish,
    ) -> Result<VoucherDraft, ShopError> {
        let fits = (1..=MOST_USES).contains(&wish.uses)
            && (1..=wish.uses).contains(&wish.per_user)
            && wish.lives_for.is_none_or(|time| time > TimeDelta::zero());
        if !fits {
            return Err(TopUpError::Voucher.into());
        }
        let total = wish
            .amount
            .as_minor()
            .checked_mul(i64::from(wish.uses))
            .filter(|total| (1..=Currency::LARGEST_MINOR).contains(total))
            .ok_or(ShopError::BalanceTooLarge)?;
        let nonce = Nonce::random();
        let kept = Kept {
            amount: wish.amount,
            uses: wish.uses,
            per_user: wish.per_user,
            lives_for_ms: wish.lives_for.map(|time| time.num_milliseconds()),
        };
        self.keep_draft(admin, &nonce, VOUCHER, &kept).await?;
        Ok(VoucherDraft {
            nonce,
            wish,
            total: Money::minor(total),
        })
    }

    /// Makes the voucher, once for its button.
    ///
    /// # Errors
    /// [`ShopError::QuoteExpired`], [`TopUpError::Cap`].
    pub async fn make_voucher(
        &self,
        admin: UserId,
        nonce: &Nonce,
    ) -> Result<VoucherView, ShopError> {
        let kept: Kept = self.kept_draft(admin, nonce, VOUCHER).await?;
        let now_ms = self.now_ms();
        let row = rows::Model {
            id: 0,
            nonce: nonce.0.clone(),
            code: VoucherCode::random().as_str().to_owned(),
            amount: kept.amount.as_minor(),
            uses: i64::from(kept.uses),
            used: 0,
            per_user: i64::from(kept.per_user),
            expires_at_ms: kept.lives_for_ms.map(|time| now_ms.saturating_add(time)),
            closed_at_ms: None,
            created_by: admin.0,
            created_at_ms: now_ms,
        };
        let (nonce, cap) = (nonce.clone(), self.cap(admin));
        let books = self.books(Cause::Admin(admin));
        let made = self
            .store
            .write(move |tx| {
                work(async move {
                    if let Some(known) = vouchers::find_by_nonce(tx, &nonce).await? {
                        return Ok(known);
                    }
                    vouchers::insert(tx, row.clone()).await?;
                    let after = Some(format!("{} × {}", row.amount, row.uses));
                    let act = books.act(admin, Act::Voucher, "new".to_owned());
                    acts::note(tx, NewAct { after, ..act }).await?;
                    cap.check(tx, &books).await?;
                    Ok::<_, ShopError>(row)
                })
            })
            .await?;
        Ok(view(made)?)
    }

    /// The vouchers that can still be used, newest first.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn open_vouchers(&self) -> Result<Vec<VoucherView>, ShopError> {
        let rows = vouchers::open(self.store.read(), self.now_ms(), SHOWN).await?;
        let views = rows.into_iter().map(view);
        Ok(views.collect::<Result<_, _>>()?)
    }

    /// Closes a voucher: nobody can use it any more.
    ///
    /// # Errors
    /// [`TopUpError::NoSuchVoucher`].
    pub async fn close_voucher(&self, admin: UserId, code: &VoucherCode) -> Result<(), ShopError> {
        let act = self
            .books(Cause::Admin(admin))
            .act(admin, Act::Voucher, "closed".to_owned());
        let (code, now_ms) = (code.clone(), self.now_ms());
        let closed = self
            .store
            .write(move |tx| {
                work(async move {
                    let closed = vouchers::close(tx, code.as_str(), now_ms).await?;
                    if closed {
                        acts::note(tx, act).await?;
                    }
                    Ok::<_, StoreError>(closed)
                })
            })
            .await
            .map_err(ShopError::from)?;
        if closed {
            Ok(())
        } else {
            Err(TopUpError::NoSuchVoucher.into())
        }
    }

    /// Redeems what a user typed; what came into the wallet, or `None` where this occasion (the
    /// message) was served before. The user is told by a notice.
    ///
    /// # Errors
    /// [`TopUpError::NoSuchVoucher`], [`TopUpError::VoucherUsedUp`],
    /// [`TopUpError::VoucherUsedByYou`], [`TopUpError::Guessing`], [`ShopError::BalanceTooLarge`].
    pub async fn redeem(
        &self,
        user: UserId,
        text: &str,
        occasion: &str,
    ) -> Result<Option<Money>, ShopError> {
        let since_ms = to_ms(self.now() - GUESS_WINDOW);
        let guesses = vouchers::guesses(self.store.read(), user, since_ms).await?;
        if let Some(at_ms) = guesses.get(MOST_GUESSES - 1) {
            return Err(TopUpError::Guessing(from_ms(*at_ms) + GUESS_WINDOW).into());
        }
        let (code, occasion) = (VoucherCode::read(text), occasion.to_owned());
        let books = self.books(Cause::User(user));
        let redeemed = self
            .store
            .write(move |tx| {
                work(async move { redeem(tx, &books, user, code.as_ref(), &occasion).await })
            })
            .await?;
        match redeemed {
            Redeemed::Credited(amount) => {
                self.wake.outbox.notify_one();
                Ok(Some(amount))
            }
            Redeemed::Known => Ok(None),
            Redeemed::Wrong => Err(TopUpError::NoSuchVoucher.into()),
            Redeemed::Refused(why) => Err(why.into()),
        }
    }
}

async fn redeem(
    tx: &Tx,
    books: &Books,
    user: UserId,
    code: Option<&VoucherCode>,
    occasion: &str,
) -> Result<Redeemed, StoreError> {
    if vouchers::was_used(tx, user, occasion).await? {
        return Ok(Redeemed::Known);
    }
    let now_ms = books.now_ms();
    let voucher = match code {
        Some(code) => vouchers::find(tx, code.as_str()).await?,
        None => None,
    };
    let is_over = |voucher: &rows::Model| {
        voucher.closed_at_ms.is_some() || voucher.expires_at_ms.is_some_and(|at| at <= now_ms)
    };
    let Some(voucher) = voucher else {
        vouchers::note_guess(tx, user, now_ms).await?;
        return Ok(Redeemed::Wrong);
    };
    if is_over(&voucher) {
        return Ok(Redeemed::Refused(TopUpError::VoucherUsedUp));
    }
    let mine = vouchers::uses_by(tx, voucher.id, user).await?;
    if i64::try_from(mine).unwrap_or(i64::MAX) >= voucher.per_user {
        return Ok(Redeemed::Refused(TopUpError::VoucherUsedByYou));
    }
    let Some(number) = vouchers::count_use(tx, voucher.id).await? else {
        return Ok(Redeemed::Refused(TopUpError::VoucherUsedUp));
    };
    vouchers::note_use(tx, voucher.id, user, occasion, now_ms).await?;
    let memo = "🎟";
    let transfer = NewTransfer {
        memo: Some(memo.to_owned()),
        ..books.transfer(
            format!("topup:voucher:{}:{number}", voucher.id),
            [Account::ClearingVoucher, Account::Available(user)],
            voucher.amount,
            TransferKind::TopUp,
        )
    };
    books.ledger(tx).post(transfer).await?;
    let amount = Money::minor(voucher.amount);
    books
        .announce(tx, user, amount, Some(memo.to_owned()))
        .await?;
    Ok(Redeemed::Credited(amount))
}

fn view(row: rows::Model) -> Result<VoucherView, StoreError> {
    let code = VoucherCode::read(&row.code);
    Ok(VoucherView {
        code: code.ok_or_else(|| StoreError::BadRow(String::from("a voucher's code")))?,
        amount: Money::minor(row.amount),
        uses: row.uses,
        used: row.used,
        per_user: row.per_user,
        until: row.expires_at_ms.map(from_ms),
    })
}
