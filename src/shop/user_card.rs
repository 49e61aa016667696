//! What admins see of one user, and what they can do about them.
//!
//! Invariant: a ban keeps a user from buying and pressing; what runs already ends as it would, and
//! whatever money comes back, comes back. Everything done here names the admin who did it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::act::Act;
use crate::domain::id::{Nonce, UserId};
use crate::domain::money::Money;
use crate::domain::order::OrderState;
use crate::shop::account::User;
use crate::shop::notice::{AdminWord, Notice};
use crate::shop::settle::Cause;
use crate::shop::{Shop, ShopError};
use crate::store::acts::{self, NewAct};
use crate::store::ledger::{self, Account};
use crate::store::{self, StoreError, from_ms, intents, people, work};

const MESSAGE: &str = "message to user";
/// How many characters of a note are kept.
const NOTE: usize = 300;
/// How many characters of a message are sent.
const LONGEST_MESSAGE: usize = 2_000;

/// Money that came in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameIn {
    /// `manual`, `stars`, `voucher`, `request`, or what a later version adds.
    pub source: String,
    /// How much.
    pub amount: Money,
    /// How often.
    pub transfers: i64,
}

/// A user, as admins see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserCard {
    /// Who.
    pub user: User,
    /// When they first wrote.
    pub since: DateTime<Utc>,
    /// When they were last here, to the hour.
    pub seen: Option<DateTime<Utc>>,
    /// Since when they block the bot.
    pub blocked_since: Option<DateTime<Utc>>,
    /// Since when they may not use the shop.
    pub banned_since: Option<DateTime<Utc>>,
    /// What an admin noted.
    pub note: Option<String>,
    /// What they can spend.
    pub available: Money,
    /// What their open orders hold.
    pub held: Money,
    /// Their orders by state.
    pub orders: Vec<(OrderState, i64)>,
    /// Of a hundred numbers that they got so many were given back; `None` where they got none.
    pub given_back_percent: Option<i64>,
    /// What came in.
    pub came_in: Vec<CameIn>,
}

/// A message that waits for its Confirm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageDraft {
    /// The button's key.
    pub nonce: Nonce,
    /// To whom.
    pub user: User,
    /// In the admin's words.
    pub text: String,
}

/// A draft as it is kept under its nonce.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    user: UserId,
    text: String,
}

impl Shop {
    /// A user's card.
    ///
    /// # Errors
    /// [`ShopError::UnknownUser`].
    pub async fn user_card(&self, id: UserId) -> Result<UserCard, ShopError> {
        let read = self.store.read();
        let row = store::users::find(read, id)
            .await?
            .ok_or(ShopError::UnknownUser)?;
        let by_state = people::orders_by_state(read, id).await?;
        let bought: i64 = by_state.iter().map(|row| row.bought).sum();
        let given_back: i64 = by_state.iter().map(|row| row.given_back).sum();
        let orders = by_state.iter().map(|row| {
            let state = row.state.parse().map_err(StoreError::from)?;
            Ok::<_, StoreError>((state, row.orders))
        });
        let came_in = people::came_in(read, id).await?.into_iter();
        Ok(UserCard {
            since: from_ms(row.created_at_ms),
            seen: row.seen_at_ms.map(from_ms),
            blocked_since: row.unreachable_since_ms.map(from_ms),
            banned_since: row.banned_at_ms.map(from_ms),
            note: row.note.clone(),
            available: ledger::balance(read, &Account::Available(id)).await?,
            held: ledger::balance(read, &Account::Held(id)).await?,
            orders: orders.collect::<Result<_, _>>()?,
            given_back_percent: (bought > 0).then(|| (given_back * 200 + bought) / (bought * 2)),
            came_in: came_in
                .map(|row| CameIn {
                    source: row.source,
                    amount: Money::minor(row.amount),
                    transfers: row.transfers,
                })
                .collect(),
            user: row.into(),
        })
    }

    /// Bans a user, or lets them back in; `false` where that is so already.
    ///
    /// # Errors
    /// [`ShopError::UnknownUser`].
    pub async fn ban(&self, admin: UserId, id: UserId, is_on: bool) -> Result<bool, ShopError> {
        self.user(id).await?;
        let books = self.books(Cause::Admin(admin));
        let changed = self
            .store
            .write(move |tx| {
                work(async move {
                    let known = store::users::find(tx, id).await?;
                    if known.is_some_and(|row| row.banned_at_ms.is_some() == is_on) {
                        return Ok(false);
                    }
                    people::ban(tx, id, is_on.then_some(books.now_ms())).await?;
                    let act = books.act(admin, Act::Ban, format!("user {id}"));
                    let word = |is_on| if is_on { "banned" } else { "free" }.to_owned();
                    let act = NewAct {
                        before: Some(word(!is_on)),
                        after: Some(word(is_on)),
                        ..act
                    };
                    acts::note(tx, act).await?;
                    Ok::<_, StoreError>(true)
                })
            })
            .await?;
        Ok(changed)
    }

    /// Keeps a note about a user; an empty one ends it.
    ///
    /// # Errors
    /// [`ShopError::UnknownUser`].
    pub async fn note_user(&self, admin: UserId, id: UserId, text: &str) -> Result<(), ShopError> {
        self.user(id).await?;
        let note: String = text.trim().chars().take(NOTE).collect();
        let note = Some(note).filter(|note| !note.is_empty());
        let books = self.books(Cause::Admin(admin));
        self.store
            .write(move |tx| {
                work(async move {
                    let known = store::users::find(tx, id).await?;
                    people::note(tx, id, note.clone()).await?;
                    let act = books.act(admin, Act::Note, format!("user {id}"));
                    let before = known.and_then(|row| row.note);
                    let after = note;
                    acts::note(
                        tx,
                        NewAct {
                            before,
                            after,
                            ..act
                        },
                    )
                    .await
                })
            })
            .await
            .map_err(ShopError::from)
    }

    /// Keeps a message to a user under a nonce.
    ///
    /// # Errors
    /// [`ShopError::UnknownUser`].
    pub async fn draft_message(
        &self,
        admin: UserId,
        id: UserId,
        text: &str,
    ) -> Result<MessageDraft, ShopError> {
        let user = self.user(id).await?;
        let text: String = text.trim().chars().take(LONGEST_MESSAGE).collect();
        let nonce = Nonce::random();
        let kept = Kept { user: id, text };
        self.keep_draft(admin, &nonce, MESSAGE, &kept).await?;
        Ok(MessageDraft {
            nonce,
            user,
            text: kept.text,
        })
    }

    /// Sends a drafted message, once; `false` where it is on its way already.
    ///
    /// # Errors
    /// [`ShopError::QuoteExpired`].
    pub async fn send_message(
        &self,
        admin: UserId,
        nonce: &Nonce,
    ) -> Result<(User, bool), ShopError> {
        let kept: Kept = self.kept_draft(admin, nonce, MESSAGE).await?;
        let user = self.user(kept.user).await?;
        let books = self.books(Cause::Admin(admin));
        let key = nonce.clone();
        let is_new = self
            .store
            .write(move |tx| {
                work(async move {
                    if !intents::mark_used(tx, &key, books.now_ms()).await? {
                        return Ok(false);
                    }
                    let act = books.act(admin, Act::Message, format!("user {}", kept.user));
                    let after = Some(kept.text.clone());
                    acts::note(tx, NewAct { after, ..act }).await?;
                    let word = AdminWord::Text { text: kept.text };
                    books.notify(tx, kept.user, &Notice::Admin { word }).await?;
                    Ok::<_, StoreError>(true)
                })
            })
            .await?;
        self.wake.outbox.notify_one();
        Ok((user, is_new))
    }

    /// Refuses somebody who may not use the shop.
    pub(super) async fn refuse_banned(&self, id: UserId) -> Result<(), ShopError> {
        match self.user(id).await {
            Ok(user) if user.is_banned => Err(ShopError::Banned),
            Ok(_) | Err(ShopError::UnknownUser) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
