//! Inviting others: the link, who came through it, and the share that it brings.
//!
//! Invariant: a share is booked in the transaction that makes it due, once, and out of an expense
//! of its own; one of a purchase that was given back is taken back with it, as far as the wallet
//! still covers it.

use crate::domain::id::UserId;
use crate::domain::money::Money;
use crate::domain::referral::{InviteCode, ReferralTerms, RewardOf};
use crate::shop::account::Visitor;
use crate::shop::settle::Books;
use crate::shop::{Shop, ShopError};
use crate::store::entity::referral_rewards as rows;
use crate::store::ledger::{self, Account, TransferKind};
use crate::store::{StoreError, Tx, referrals, users, work};

/// What somebody sees who invites others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The code of their link.
    pub code: InviteCode,
    /// How many came through it.
    pub came: u64,
    /// What that brought.
    pub earned: Money,
    /// What the operator grants.
    pub terms: ReferralTerms,
}

impl Shop {
    /// Whether inviting others brings anything.
    #[must_use]
    pub const fn has_referrals(&self) -> bool {
        self.terms.referrals.is_some()
    }

    /// A user's invitation; `None` where inviting brings nothing.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn invitation(&self, user: UserId) -> Result<Option<Invitation>, ShopError> {
        let Some(terms) = self.terms.referrals.clone() else {
            return Ok(None);
        };
        let (fresh, now_ms) = (InviteCode::random(), self.now_ms());
        let code = self
            .store
            .write(move |tx| work(async move { referrals::code_of(tx, user, fresh, now_ms).await }))
            .await
            .map_err(|error: StoreError| ShopError::from(error))?;
        let (came, earned) = referrals::came_of(self.store.read(), user).await?;
        Ok(Some(Invitation {
            code,
            came,
            earned: Money::minor(earned),
            terms,
        }))
    }

    /// Notes that somebody who was never here comes through a link. Of whoever was here before,
    /// of an unknown code and while nothing is granted, nothing is noted.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn enter_invited(
        &self,
        visitor: &Visitor,
        code: &InviteCode,
    ) -> Result<(), ShopError> {
        let read = self.store.read();
        let is_new = self.has_referrals() && !referrals::was_here(read, visitor.id).await?;
        let Some(referrer) = referrals::owner(read, code).await?.filter(|_| is_new) else {
            return Ok(());
        };
        if referrer == visitor.id {
            return Ok(());
        }
        let now_ms = self.now_ms();
        let (invited, row) = (visitor.id, visitor.newcomer(now_ms));
        self.store
            .write(move |tx| {
                work(async move {
                    // The same link tapped twice at once.
                    if referrals::was_here(tx, invited).await? {
                        return Ok(());
                    }
                    users::keep(tx, row).await?;
                    referrals::invite(tx, invited, referrer, now_ms).await
                })
            })
            .await
            .map_err(|error: StoreError| ShopError::from(error))
    }
}

fn reward_key(source: &str) -> String {
    format!("referral:{source}")
}

impl Books {
    /// Books the share of what an invited user paid or brought in. `source` is the order's number
    /// or the top-up's key.
    pub(super) async fn reward(
        &self,
        tx: &Tx,
        of: RewardOf,
        invited: UserId,
        amount: i64,
        source: String,
    ) -> Result<(), StoreError> {
        let Some(terms) = self.referrals().filter(|terms| terms.of == of) else {
            return Ok(());
        };
        let Some(referrer) = referrals::referrer_of(tx, invited).await? else {
            return Ok(());
        };
        let (counted, so_far) = referrals::so_far(tx, invited).await?;
        if counted >= usize::try_from(terms.first).unwrap_or(usize::MAX) {
            return Ok(());
        }
        let share = terms.share(Money::minor(amount), Money::minor(so_far));
        let share = share.as_minor();
        if share > 0 {
            let accounts = [Account::Marketing, Account::Available(referrer)];
            let kind = TransferKind::Referral;
            let transfer = self.transfer(reward_key(&source), accounts, share, kind);
            self.ledger(tx).post(transfer).await?;
        }
        let row = rows::Model {
            source,
            invited_id: invited.0,
            referrer_id: referrer.0,
            amount: share,
            taken_back: 0,
            at_ms: self.now_ms(),
        };
        referrals::count(tx, row).await
    }

    /// Takes a share back whose purchase or top-up was given back: what of it is still in the
    /// wallet. The rest stays our expense.
    pub(super) async fn take_reward_back(&self, tx: &Tx, source: &str) -> Result<(), StoreError> {
        let Some(row) = referrals::reward(tx, source).await? else {
            return Ok(());
        };
        let wallet = Account::Available(UserId(row.referrer_id));
        let available = ledger::balance(tx, &wallet).await?.as_minor();
        let back = (row.amount - row.taken_back).min(available);
        if back <= 0 || row.taken_back > 0 {
            return Ok(());
        }
        let key = format!("referral_back:{source}");
        let accounts = [wallet, Account::Marketing];
        let transfer = self.transfer(key, accounts, back, TransferKind::Referral);
        self.ledger(tx).post(transfer).await?;
        referrals::took_back(tx, source, back).await
    }
}
