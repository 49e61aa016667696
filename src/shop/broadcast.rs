//! Messages to many: whom they reach, how far they are, and how they are steered.
//!
//! Invariant: one is open at a time, and what is written down is the truth about it: whatever the
//! process was doing when it died, each recipient that is not settled is written to again, and
//! none is passed over.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::domain::act::Act;
use crate::domain::audience::Audience;
use crate::domain::id::{BroadcastId, Nonce, UserId};
use crate::shop::notice::Notice;
use crate::shop::settle::{Books, Cause};
use crate::shop::{Shop, ShopError};
use crate::store::acts::{self, NewAct};
use crate::store::broadcasts::{self, CopyOutcome, NewBroadcast, Reach};
use crate::store::entity::broadcasts as rows;
use crate::store::{StoreError, Tx, intents, news, to_ms, users, work};

/// How many leave within a second at most, together with everything else: Telegram allows about
/// 30 for messages that nobody asked for.
pub const PER_SECOND: u32 = 25;
/// How many are written to before it is written down how it went. A crash sends to so many a
/// second time at most.
const BATCH: u64 = 25;
/// Who came within that time is active.
const ACTIVE: TimeDelta = TimeDelta::days(30);
const BROADCAST: &str = "broadcast";

/// What waits for its Confirm.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    message: i32,
}

/// The message that is copied: it stands in the chat of the admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Original {
    /// Whose private chat.
    pub chat: UserId,
    /// Which message.
    pub message: i32,
}

/// How a copy went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// It is settled, one way or the other.
    Settled(CopyOutcome),
    /// Surely nothing arrived; again after that time.
    Later(Duration),
    /// The original is gone.
    OriginalGone,
}

impl Copied {
    /// Somebody who wants no news was left alone.
    pub const DECLINED: Self = Self::Settled(CopyOutcome::Declined);
    /// It stands in their chat.
    pub const DELIVERED: Self = Self::Settled(CopyOutcome::Delivered);
    /// They blocked the bot or are gone.
    pub const BLOCKED: Self = Self::Settled(CopyOutcome::Blocked);
    /// Telegram refuses it for them.
    pub const FAILED: Self = Self::Settled(CopyOutcome::Failed);
    /// Nobody knows whether it arrived: it is risked once more.
    pub const LOST: Self = Self::Settled(CopyOutcome::Lost);
}

/// Where a broadcast stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BroadcastState {
    /// It goes out.
    Running,
    /// An admin paused it.
    Paused,
    /// Everybody was written to.
    Done,
    /// An admin ended it.
    Cancelled,
    /// The original was deleted meanwhile.
    OriginalGone,
}

impl BroadcastState {
    const ALL: [Self; 5] = [
        Self::Running,
        Self::Paused,
        Self::Done,
        Self::Cancelled,
        Self::OriginalGone,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::OriginalGone => "gone",
        }
    }
}

/// What an admin does to a broadcast under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steer {
    /// Nobody further for now.
    Pause,
    /// On with it.
    Resume,
    /// Nobody further.
    Cancel,
}

/// A broadcast as admins see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BroadcastView {
    /// Its number.
    pub id: BroadcastId,
    /// Who sent it; the original stands in their chat.
    pub original: Original,
    /// The message that shows how far it is.
    pub card: i32,
    /// To whom.
    pub audience: Audience,
    /// Where it stands.
    pub state: BroadcastState,
    /// Whether nobody else will get it.
    pub is_over: bool,
    /// How many were to get it.
    pub total: i64,
    /// How many got it.
    pub delivered: i64,
    /// How many have blocked the bot or are gone.
    pub blocked: i64,
    /// How many could not be written to for another reason.
    pub failed: i64,
    /// How many wanted no news by the time it was their turn.
    pub declined: i64,
}

impl BroadcastView {
    /// How many are settled.
    #[must_use]
    pub const fn settled(&self) -> i64 {
        self.delivered + self.blocked + self.failed + self.declined
    }

    /// How long the rest takes at full speed.
    #[must_use]
    pub fn left(&self) -> TimeDelta {
        TimeDelta::seconds((self.total - self.settled()).max(0) / i64::from(PER_SECOND))
    }

    fn of(row: rows::Model) -> Result<Self, StoreError> {
        let bad = |what: &str| StoreError::BadRow(format!("the broadcast's {what}"));
        let number = |number: i64| i32::try_from(number).map_err(|_| bad("message"));
        let states = BroadcastState::ALL.into_iter();
        let state = { states }.find(|state| state.word() == row.state);
        Ok(Self {
            id: BroadcastId(row.id),
            original: Original {
                chat: UserId(row.by_user),
                message: number(row.message_id)?,
            },
            card: number(row.card_message_id)?,
            audience: Audience::from_word(&row.audience).ok_or_else(|| bad("audience"))?,
            state: state.ok_or_else(|| bad("state"))?,
            is_over: row.ended_at_ms.is_some(),
            total: row.total,
            delivered: row.delivered,
            blocked: row.blocked,
            failed: row.failed,
            declined: row.declined,
        })
    }
}

/// What came of a Confirm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It goes out.
    Now(BroadcastView),
    /// This button began it before.
    Before,
    /// Another one is under way.
    Busy(BroadcastView),
}

/// What the worker does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The broadcast.
    pub broadcast: BroadcastView,
    /// To whom it goes now; nobody where it is paused.
    pub to: Vec<(UserId, bool)>,
}

impl Shop {
    fn reach(&self, audience: Audience, languages: &[String]) -> Reach {
        Reach {
            audience,
            languages: languages.to_vec(),
            active_since_ms: to_ms(self.now() - ACTIVE),
        }
    }

    /// Keeps a message of an admin that many may get, under a nonce.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn draft_broadcast(&self, admin: UserId, message: i32) -> Result<Nonce, ShopError> {
        let nonce = Nonce::random();
        self.keep_draft(admin, &nonce, BROADCAST, &Kept { message })
            .await?;
        Ok(nonce)
    }

    /// The message that a nonce stands for.
    ///
    /// # Errors
    /// [`ShopError::QuoteExpired`].
    pub async fn drafted_broadcast(
        &self,
        admin: UserId,
        nonce: &Nonce,
    ) -> Result<Original, ShopError> {
        let kept: Kept = self.kept_draft(admin, nonce, BROADCAST).await?;
        Ok(Original {
            chat: admin,
            message: kept.message,
        })
    }

    /// How many users an audience has now. Of the tags of all languages the first is that of who
    /// reads none of them.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn audience_size(
        &self,
        audience: &Audience,
        languages: &[String],
    ) -> Result<u64, ShopError> {
        let reach = self.reach(audience.clone(), languages);
        Ok(broadcasts::size(self.store.read(), &reach).await?)
    }

    /// Begins a broadcast, once: its recipients are those of this moment.
    ///
    /// # Errors
    /// [`ShopError::QuoteExpired`].
    pub async fn begin_broadcast(
        &self,
        admin: UserId,
        nonce: &Nonce,
        audience: Audience,
        languages: &[String],
        card: i32,
    ) -> Result<Begun, ShopError> {
        let original = self.drafted_broadcast(admin, nonce).await?;
        let books = self.books(Cause::Admin(admin));
        let new = NewBroadcast {
            by: admin,
            message_id: original.message,
            reach: self.reach(audience, languages),
            card_message_id: card,
            at_ms: self.now_ms(),
        };
        let key = nonce.clone();
        let begun = self
            .store
            .write(move |tx| work(async move { begin(&books, tx, &key, new).await }))
            .await?;
        self.wake.news.notify_one();
        Ok(begun)
    }

    /// The broadcast that is under way.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn open_broadcast(&self) -> Result<Option<BroadcastView>, ShopError> {
        let row = broadcasts::open(self.store.read()).await?;
        Ok(row.map(BroadcastView::of).transpose()?)
    }

    /// A broadcast by its number.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn broadcast(&self, id: BroadcastId) -> Result<BroadcastView, ShopError> {
        let row = broadcasts::find(self.store.read(), id).await?;
        Ok(BroadcastView::of(row)?)
    }

    /// Pauses, resumes or ends a broadcast; `false` where it is so already, or over.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn steer_broadcast(
        &self,
        admin: UserId,
        id: BroadcastId,
        steer: Steer,
    ) -> Result<bool, ShopError> {
        use BroadcastState as S;
        let (from, to): (&[&str], S) = match steer {
            Steer::Pause => (&[S::Running.word()], S::Paused),
            Steer::Resume => (&[S::Paused.word()], S::Running),
            Steer::Cancel => (&[S::Running.word(), S::Paused.word()], S::Cancelled),
        };
        let from: Vec<_> = from.to_vec();
        let books = self.books(Cause::Admin(admin));
        let steered = self
            .store
            .write(move |tx| {
                work(async move {
                    let steered = broadcasts::steer(tx, id, &from, to.word()).await?;
                    if steered {
                        let act = NewAct {
                            after: Some(to.word().to_owned()),
                            ..books.act(admin, Act::Broadcast, format!("broadcast {id}"))
                        };
                        acts::note(tx, act).await?;
                    }
                    Ok::<_, StoreError>(steered)
                })
            })
            .await?;
        self.wake.news.notify_one();
        Ok(steered)
    }

    /// Notes where the admin sees from now on how far a broadcast is.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn place_broadcast_card(&self, id: BroadcastId, card: i32) -> Result<(), ShopError> {
        self.store
            .write(move |tx| work(async move { broadcasts::place_card(tx, id, card).await }))
            .await
            .map_err(ShopError::from)
    }

    /// Who gets the open broadcast next; `None` where none is open. One with nobody left, or that
    /// was cancelled, is ended by this.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn next_copies(&self) -> Result<Option<Batch>, ShopError> {
        let Some(broadcast) = self.open_broadcast().await? else {
            return Ok(None);
        };
        let to = match broadcast.state {
            BroadcastState::Running => {
                broadcasts::due(self.store.read(), broadcast.id, BATCH).await?
            }
            BroadcastState::Paused => {
                let to = Vec::new();
                return Ok(Some(Batch { broadcast, to }));
            }
            BroadcastState::Cancelled | BroadcastState::OriginalGone => {
                self.end_broadcast(&broadcast, broadcast.state).await?;
                return Ok(None);
            }
            BroadcastState::Done => Vec::new(),
        };
        if to.is_empty() {
            self.end_broadcast(&broadcast, BroadcastState::Done).await?;
            return Ok(None);
        }
        Ok(Some(Batch { broadcast, to }))
    }

    /// Writes down how copies went.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`]; they are sent once more then.
    pub async fn settle_copies(
        &self,
        id: BroadcastId,
        copies: Vec<(UserId, Copied)>,
    ) -> Result<(), ShopError> {
        let now_ms = self.now_ms();
        self.store
            .write(move |tx| {
                work(async move {
                    for (user, copied) in copies {
                        match copied {
                            Copied::Settled(outcome) => {
                                if outcome == CopyOutcome::Blocked {
                                    users::mark_unreachable(tx, user, now_ms).await?;
                                }
                                broadcasts::settle(tx, id, user, outcome).await?;
                            }
                            Copied::Later(_) => {}
                            Copied::OriginalGone => {
                                let from = [BroadcastState::Running.word()];
                                let to = BroadcastState::OriginalGone.word();
                                broadcasts::steer(tx, id, &from, to).await?;
                            }
                        }
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .map_err(ShopError::from)
    }

    async fn end_broadcast(
        &self,
        broadcast: &BroadcastView,
        state: BroadcastState,
    ) -> Result<(), ShopError> {
        let books = self.books(Cause::Worker);
        let (id, admin) = (broadcast.id, broadcast.original.chat);
        self.store
            .write(move |tx| {
                work(async move {
                    broadcasts::end(tx, id, state.word(), books.now_ms()).await?;
                    let notice = Notice::BroadcastOver { broadcast: id };
                    books.notify(tx, admin, &notice).await
                })
            })
            .await
            .map_err(|error: StoreError| ShopError::from(error))?;
        self.wake.outbox.notify_one();
        Ok(())
    }

    /// Whether a user wants news from the shop.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn wants_news(&self, user: UserId) -> Result<bool, ShopError> {
        Ok(news::wanted(self.store.read(), user).await?)
    }

    /// Keeps whether a user wants news from the shop.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn want_news(&self, user: UserId, on: bool) -> Result<(), ShopError> {
        let now_ms = self.now_ms();
        self.store
            .write(move |tx| work(async move { news::want(tx, user, on, now_ms).await }))
            .await
            .map_err(ShopError::from)
    }
}

async fn begin(
    books: &Books,
    tx: &Tx,
    nonce: &Nonce,
    new: NewBroadcast,
) -> Result<Begun, StoreError> {
    if let Some(open) = broadcasts::open(tx).await? {
        return Ok(Begun::Busy(BroadcastView::of(open)?));
    }
    if !intents::mark_used(tx, nonce, books.now_ms()).await? {
        return Ok(Begun::Before);
    }
    let (by, audience) = (new.by, new.reach.audience.word());
    let Some(row) = broadcasts::begin(tx, new).await? else {
        return Ok(Begun::Before);
    };
    let act = NewAct {
        after: Some(format!("{audience}: {}", row.total)),
        ..books.act(by, Act::Broadcast, format!("broadcast {}", row.id))
    };
    acts::note(tx, act).await?;
    Ok(Begun::Now(BroadcastView::of(row)?))
}
