//! Giving Stars back.
//!
//! Invariant: the wallet gives the money up before Telegram is asked to return the Stars, and has
//! it again where Telegram refuses. Asking is repeated until Telegram says how it went; "already
//! refunded" is as good as done.

use fail::fail_point;
use serde::{Deserialize, Serialize};

use crate::domain::act::Act;
use crate::domain::id::{Nonce, UserId};
use crate::domain::money::Money;
use crate::shop::account::User;
use crate::shop::deduct::is_not_enough;
use crate::shop::notice::Notice;
use crate::shop::settle::{Books, Cause};
use crate::shop::stars::news::{Ending, StarsNews, tell_admins};
use crate::shop::stars::{Cashier, NotNow, Returned};
use crate::shop::topup::TopUpError;
use crate::shop::{Shop, ShopError};
use crate::store::acts;
use crate::store::entity::star_payments::Model as Payment;
use crate::store::ledger::{self, Account, TransferKind};
use crate::store::stars::PaymentState;
use crate::store::{StoreError, Tx, stars, work};

/// A refund that waits for its Confirm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundDraft {
    /// The button's key.
    pub nonce: Nonce,
    /// Who paid.
    pub user: User,
    /// Telegram's number.
    pub charge: String,
    /// How many Stars go back.
    pub stars: i64,
    /// What leaves the wallet.
    pub amount: Money,
    /// Available before.
    pub before: Money,
    /// Available after.
    pub after: Money,
}

/// A refund that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundBegun {
    /// Who paid.
    pub user: User,
    /// How many Stars go back.
    pub stars: i64,
    /// What left the wallet.
    pub amount: Money,
    /// Whether this tap began it.
    pub is_new: bool,
}

const REFUND: &str = "stars refund";

/// A draft as it is kept under its nonce.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    charge: String,
    /// The how-manieth refund of this payment it would be.
    turn: i64,
}

impl Shop {
    /// Checks a refund and keeps it under a nonce. No money moves.
    ///
    /// # Errors
    /// [`TopUpError::NoSuchPayment`], [`TopUpError::NotRefundable`], [`TopUpError::Spent`].
    pub async fn draft_refund(
        &self,
        admin: UserId,
        charge: &str,
    ) -> Result<RefundDraft, ShopError> {
        let read = self.store.read();
        let payment = stars::find_payment(read, charge)
            .await?
            .ok_or(TopUpError::NoSuchPayment)?;
        if payment.standing()? != PaymentState::Credited {
            return Err(TopUpError::NotRefundable.into());
        }
        let user = self.user(UserId(payment.user_id)).await?;
        let before = ledger::balance(read, &Account::Available(user.id)).await?;
        let amount = Money::minor(payment.credit);
        let after = before
            .checked_sub(amount)
            .filter(|after| *after >= Money::ZERO)
            .ok_or(TopUpError::Spent {
                amount,
                available: before,
            })?;
        let nonce = Nonce::random();
        let kept = Kept {
            charge: payment.charge_id.clone(),
            turn: payment.refunds + 1,
        };
        self.keep_draft(admin, &nonce, REFUND, &kept).await?;
        Ok(RefundDraft {
            nonce,
            user,
            charge: payment.charge_id,
            stars: payment.stars,
            amount,
            before,
            after,
        })
    }

    /// Takes the money out of the wallet; a worker then has Telegram return the Stars.
    ///
    /// # Errors
    /// [`ShopError::QuoteExpired`], [`TopUpError::NotRefundable`], [`TopUpError::Spent`],
    /// [`TopUpError::Cap`]; nothing moved then.
    pub async fn begin_refund(
        &self,
        admin: UserId,
        nonce: &Nonce,
    ) -> Result<RefundBegun, ShopError> {
        let kept: Kept = self.kept_draft(admin, nonce, REFUND).await?;
        let books = self.books(Cause::Admin(admin));
        let (cap, charge) = (self.cap(admin), kept.charge.clone());
        let begun = self
            .store
            .write(move |tx| {
                work(async move {
                    let Some(payment) = stars::find_payment(tx, &kept.charge).await? else {
                        return Ok(None);
                    };
                    if payment.refunds >= kept.turn {
                        return Ok(Some((payment, false)));
                    }
                    if payment.standing()? != PaymentState::Credited {
                        return Ok(None);
                    }
                    let begun = take(tx, &books, &payment, PaymentState::Refunding, Some(admin));
                    let begun = begun.await?;
                    cap.check(tx, &books).await?;
                    let (user, amount) = (UserId(payment.user_id), Money::minor(payment.credit));
                    let act = books.moved(admin, Act::StarsRefund, user, amount);
                    acts::note(tx, act).await?;
                    Ok::<_, ShopError>(Some((begun, true)))
                })
            })
            .await;
        let (payment, is_new) = match begun {
            Ok(Some(begun)) => begun,
            Ok(None) => return Err(TopUpError::NotRefundable.into()),
            Err(error) if is_not_enough(&error) => {
                return Err(self.no_longer_covered(&charge).await?);
            }
            Err(error) => return Err(error),
        };
        self.wake.stars.notify_one();
        Ok(RefundBegun {
            user: self.user(UserId(payment.user_id)).await?,
            stars: payment.stars,
            amount: Money::minor(payment.credit),
            is_new,
        })
    }

    async fn no_longer_covered(&self, charge: &str) -> Result<ShopError, ShopError> {
        let read = self.store.read();
        let payment = stars::find_payment(read, charge)
            .await?
            .ok_or(TopUpError::NoSuchPayment)?;
        let user = Account::Available(UserId(payment.user_id));
        Ok(ShopError::from(TopUpError::Spent {
            amount: Money::minor(payment.credit),
            available: ledger::balance(read, &user).await?,
        }))
    }

    /// Has Telegram return what is owed to users; `false` where Telegram could not be asked.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`]; what was not written down is asked again.
    pub async fn return_stars(&self, cashier: &dyn Cashier) -> Result<bool, ShopError> {
        let waiting = stars::payments_in(self.store.read(), PaymentState::Refunding).await?;
        for payment in waiting {
            let user = UserId(payment.user_id);
            let returned = match cashier.give_back(user, &payment.charge_id).await {
                Ok(returned) => returned,
                Err(NotNow) => return Ok(false),
            };
            fail_point!("C15");
            self.end_refund(payment, returned).await?;
        }
        Ok(true)
    }

    async fn end_refund(&self, payment: Payment, returned: Returned) -> Result<(), ShopError> {
        let books = self.books(Cause::Worker);
        let admins = self.admins();
        self.store
            .write(move |tx| {
                work(async move {
                    let ending = match returned {
                        Returned::Back => {
                            let state = PaymentState::Refunded;
                            stars::move_payment(tx, &payment, state, books.now_ms(), |_| ())
                                .await?;
                            tell_user(tx, &books, &payment).await?;
                            Ending::Returned
                        }
                        Returned::Refused => {
                            put_back(tx, &books, &payment).await?;
                            Ending::Refused
                        }
                    };
                    tell_admins(tx, &books, &admins, &ended(&payment, ending)).await
                })
            })
            .await
            .map_err(ShopError::from)?;
        self.wake.outbox.notify_one();
        Ok(())
    }

    /// Telegram's list says that the Stars of a payment went back to the user.
    pub(super) async fn note_returned(&self, charge: &str) -> Result<(), ShopError> {
        let Some(payment) = stars::find_payment(self.store.read(), charge).await? else {
            return Ok(());
        };
        match payment.standing()? {
            PaymentState::Refunding | PaymentState::Refunded | PaymentState::Owed => Ok(()),
            PaymentState::Credited => self.charge_back(payment, true).await,
        }
    }

    /// Tries again what wallets did not cover.
    pub(super) async fn collect_owed(&self) -> Result<(), ShopError> {
        for payment in stars::payments_in(self.store.read(), PaymentState::Owed).await? {
            self.charge_back(payment, false).await?;
        }
        Ok(())
    }

    /// Takes out of the wallet what Telegram gave back by itself. Where the wallet does not cover
    /// it, that is noted, and told once.
    async fn charge_back(&self, payment: Payment, is_news: bool) -> Result<(), ShopError> {
        let books = self.books(Cause::Worker);
        let admins = self.admins();
        let again = payment.clone();
        let taken = self
            .store
            .write(move |tx| {
                work(async move {
                    take(tx, &books, &payment, PaymentState::Refunded, None).await?;
                    tell_user(tx, &books, &payment).await?;
                    let news = ended(&payment, Ending::ReturnedByTelegram);
                    tell_admins(tx, &books, &admins, &news).await
                })
            })
            .await;
        match taken {
            Err(StoreError::NotEnough) if is_news => self.note_owed(again).await?,
            Err(StoreError::NotEnough) => {}
            taken => taken?,
        }
        self.wake.outbox.notify_one();
        Ok(())
    }

    async fn note_owed(&self, payment: Payment) -> Result<(), ShopError> {
        let books = self.books(Cause::Worker);
        let admins = self.admins();
        self.store
            .write(move |tx| {
                work(async move {
                    let state = PaymentState::Owed;
                    stars::move_payment(tx, &payment, state, books.now_ms(), |_| ()).await?;
                    tell_admins(tx, &books, &admins, &ended(&payment, Ending::Owed)).await
                })
            })
            .await
            .map_err(ShopError::from)
    }
}

/// Takes a payment's credit out of the wallet.
async fn take(
    tx: &Tx,
    books: &Books,
    payment: &Payment,
    state: PaymentState,
    admin: Option<UserId>,
) -> Result<Payment, StoreError> {
    let turn = payment.refunds + 1;
    let transfer = books.transfer(
        format!("refund:stars:{}:{turn}", payment.charge_id),
        [
            Account::Available(UserId(payment.user_id)),
            Account::ClearingStars,
        ],
        payment.credit,
        TransferKind::StarsRefund,
    );
    books.ledger(tx).post(transfer).await?;
    let source = format!("topup:stars:{}", payment.charge_id);
    books.take_reward_back(tx, &source).await?;
    stars::move_payment(tx, payment, state, books.now_ms(), |row| {
        row.refunds = turn;
        row.refunded_by = admin.map(|admin| admin.0);
    })
    .await
}

/// Telegram refused: the wallet has its money again.
async fn put_back(tx: &Tx, books: &Books, payment: &Payment) -> Result<(), StoreError> {
    let transfer = books.transfer(
        format!(
            "refund_undone:stars:{}:{}",
            payment.charge_id, payment.refunds
        ),
        [
            Account::ClearingStars,
            Account::Available(UserId(payment.user_id)),
        ],
        payment.credit,
        TransferKind::StarsRefund,
    );
    books.ledger(tx).post(transfer).await?;
    let state = PaymentState::Credited;
    stars::move_payment(tx, payment, state, books.now_ms(), |_| ()).await?;
    Ok(())
}

async fn tell_user(tx: &Tx, books: &Books, payment: &Payment) -> Result<(), StoreError> {
    let news = StarsNews::Returned {
        stars: payment.stars,
        amount: Money::minor(payment.credit),
    };
    let user = UserId(payment.user_id);
    books.notify(tx, user, &Notice::Stars { news }).await
}

fn ended(payment: &Payment, ending: Ending) -> StarsNews {
    StarsNews::RefundEnded {
        user: UserId(payment.user_id),
        charge: payment.charge_id.clone(),
        stars: payment.stars,
        amount: Money::minor(payment.credit),
        ending,
    }
}
