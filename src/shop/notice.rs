//! What a user must see even after a crash, and who brings it to them.
//!
//! Invariant: a notice is written in the transaction that makes it true. It names facts, not
//! words: the text is made when it is sent, in the user's language, from what is true then.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use fail::fail_point;
use serde::{Deserialize, Serialize};

use crate::domain::id::{BroadcastId, OrderId, UserId};
use crate::domain::money::Money;
use crate::planted::planted;
use crate::shop::alerts::Alert;
use crate::shop::broadcast::{Copied, Original};
use crate::shop::buy::{CardPlace, Choice};
use crate::shop::reconcile::Finding;
use crate::shop::request::RequestNews;
use crate::shop::stars::news::StarsNews;
use crate::shop::{Shop, ShopError};
use crate::store::entity::outbox;
use crate::store::{self, StoreError, from_ms, messages, orders, to_ms, work};

/// What there is to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Notice {
    /// The order's card no longer shows what is true: edit it (or send it anew if it is gone).
    Card {
        /// The order.
        order: OrderId,
    },
    /// An SMS came: a message of its own, since an edit rings no bell.
    Sms {
        /// The order.
        order: OrderId,
        /// Which of its SMS, from 0.
        index: usize,
    },
    /// The money of an order came back without the user having asked: a message of its own.
    Refunded {
        /// The order.
        order: OrderId,
    },
    /// An order that waited for a number has one: a message of its own, for its life is short.
    Arrived {
        /// The order.
        order: OrderId,
    },
    /// A rental ends soon.
    RentalEnds {
        /// The order.
        order: OrderId,
    },
    /// A rental's time is over.
    RentalOver {
        /// The order.
        order: OrderId,
    },
    /// What the user wanted to hear of is in stock again, or cheap enough.
    Available {
        /// What it is.
        choice: Choice,
        /// The service's name.
        service_name: String,
        /// The most that the user wants to pay, where a limit was named.
        #[serde(default)]
        limit: Option<Money>,
    },
    /// An admin topped the wallet up.
    ToppedUp {
        /// How much.
        amount: Money,
        /// Available then.
        available: Money,
        /// What the admin wrote to it.
        memo: Option<String>,
    },
    /// An admin took money out of the wallet.
    Deducted {
        /// How much.
        amount: Money,
        /// Available then.
        available: Money,
        /// Why.
        reason: String,
    },
    /// What the user could not pay before is offered again, now that money came in.
    Resume {
        /// What it is.
        choice: Choice,
    },
    /// A word of an admin.
    Admin {
        /// Which.
        word: AdminWord,
    },
    /// Something about money that a user sent.
    Request {
        /// What.
        news: RequestNews,
    },
    /// What the user may do in the shop was changed.
    Role {
        /// The role's word; none for a mere user.
        role: Option<String>,
    },
    /// For the admin who sent it: a message to many is over.
    BroadcastOver {
        /// Which.
        broadcast: BroadcastId,
    },
    /// Something about Telegram Stars.
    Stars {
        /// What.
        news: StarsNews,
    },
    /// For admins: an order in doubt was paid back without proof; a number may be left upstream.
    PossibleOrphan {
        /// The order.
        order: OrderId,
        /// The upstream.
        provider: String,
        /// What it costs, with its currency.
        cost: String,
    },
    /// For admins: this may be an older copy of the database, so nothing is sold.
    Restored {
        /// Whether it surely is older than it once was.
        older: bool,
        /// Whether an upstream knows of purchases that it lacks.
        #[serde(default)]
        upstream: bool,
    },
    /// For admins: an upstream and the books disagree, or agree again.
    Finding {
        /// What was found.
        finding: Finding,
    },
    /// For admins: too many of an upstream's numbers are given back.
    ManyCancelled {
        /// The upstream.
        provider: String,
        /// How many of a hundred.
        percent: u32,
        /// How many of a hundred may be.
        limit: u32,
    },
    /// For admins: something is wrong.
    Alert {
        /// What.
        alert: Alert,
    },
    /// For admins: something that was wrong is not any more.
    Solved {
        /// What.
        alert: Alert,
    },
    /// For admins: prices are made by rates that are old.
    OldRates {
        /// Which.
        rates: Vec<OldRate>,
    },
    /// For admins: our balance at an upstream is low, or does not cover a purchase any more.
    LowBalance {
        /// The upstream.
        provider: String,
        /// What was last read, with its currency.
        balance: String,
        /// How many hours it lasts at the present pace, if that is known.
        hours_left: Option<String>,
    },
}

/// What an admin lets a user know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "word", rename_all = "snake_case")]
pub enum AdminWord {
    /// Money of a delivered order came back.
    GivenBack {
        /// The order.
        order: OrderId,
        /// How much.
        amount: Money,
        /// Available then.
        available: Money,
        /// Why.
        reason: String,
    },
    /// In the admin's own words.
    Text {
        /// These.
        text: String,
    },
}

/// A rate that nobody looked at for long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldRate {
    /// ISO 4217 code.
    pub currency: String,
    /// Wallet units (major) for one.
    pub rate: String,
    /// Since when it stands.
    pub since: DateTime<Utc>,
}

impl Notice {
    /// Whether it goes out before everything else: codes and refunds.
    #[must_use]
    pub const fn is_urgent(&self) -> bool {
        match self {
            Self::Sms { .. } | Self::Refunded { .. } | Self::Card { .. } | Self::Arrived { .. } => {
                true
            }
            Self::Available { .. }
            | Self::RentalEnds { .. }
            | Self::RentalOver { .. }
            | Self::ToppedUp { .. }
            | Self::Resume { .. }
            | Self::Deducted { .. }
            | Self::Admin { .. }
            | Self::Request { .. }
            | Self::Role { .. }
            | Self::BroadcastOver { .. }
            | Self::Alert { .. }
            | Self::Solved { .. }
            | Self::Stars { .. }
            | Self::PossibleOrphan { .. }
            | Self::Finding { .. }
            | Self::ManyCancelled { .. }
            | Self::Restored { .. }
            | Self::OldRates { .. }
            | Self::LowBalance { .. } => false,
        }
    }

    /// The order it is about.
    #[must_use]
    pub const fn order(&self) -> Option<OrderId> {
        match self {
            Self::Card { order }
            | Self::Sms { order, .. }
            | Self::Refunded { order }
            | Self::Arrived { order }
            | Self::RentalEnds { order }
            | Self::RentalOver { order }
            | Self::PossibleOrphan { order, .. } => Some(*order),
            Self::Available { .. }
            | Self::ToppedUp { .. }
            | Self::Deducted { .. }
            | Self::Admin { .. }
            | Self::Resume { .. }
            | Self::Request { .. }
            | Self::Role { .. }
            | Self::BroadcastOver { .. }
            | Self::Alert { .. }
            | Self::Solved { .. }
            | Self::Stars { .. }
            | Self::Finding { .. }
            | Self::ManyCancelled { .. }
            | Self::Restored { .. }
            | Self::OldRates { .. }
            | Self::LowBalance { .. } => None,
        }
    }
}

/// How a delivery went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Telegram has it. `card` is where an order's card stands now, if it was (re)drawn elsewhere.
    Sent {
        /// The card's new place.
        card: Option<CardPlace>,
    },
    /// It can never arrive: the user blocked the bot or is gone.
    Unreachable,
    /// Not now: Telegram is down or limits us.
    Later(Duration),
}

/// Brings notices to users; the bot implements it.
#[async_trait]
pub trait Courier: Send + Sync {
    /// Brings one notice to a user's private chat. Called again for the same notice after a
    /// crash or [`Delivery::Later`].
    async fn deliver(&self, to: UserId, notice: &Notice) -> Delivery;

    /// Redraws an order's card because time has passed. Dropped where there is no room for it.
    async fn redraw(&self, user: UserId, order: OrderId);

    /// Copies a message into a user's private chat, after everything else that waits.
    async fn copy(&self, to: UserId, original: Original) -> Copied;

    /// Shows on its card how far a message to many is. Dropped where there is no room for it.
    async fn show_broadcast(&self, id: BroadcastId);
}

/// A notice that is due.
#[derive(Clone, Debug)]
pub struct Due {
    row: outbox::Model,
}

impl Due {
    /// Its number in the outbox.
    #[must_use]
    pub const fn id(&self) -> i64 {
        self.row.id
    }

    /// To whom.
    #[must_use]
    pub const fn to(&self) -> UserId {
        UserId(self.row.user_id)
    }
}

impl Shop {
    /// Notices that are due and not `under_way`, urgent ones first, at most `limit`.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn due_notices(
        &self,
        under_way: Vec<i64>,
        limit: u64,
    ) -> Result<Vec<Due>, ShopError> {
        let rows = messages::due(self.store.read(), self.now_ms(), under_way, limit).await?;
        Ok(rows.into_iter().map(|row| Due { row }).collect())
    }

    /// Until when there is nothing to bring, or `None` while there is nothing at all.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn next_notice_in(&self) -> Result<Option<TimeDelta>, ShopError> {
        let next = messages::next_due_ms(self.store.read(), self.now_ms()).await?;
        Ok(next.map(|at| from_ms(at) - self.now()))
    }

    /// Brings one notice and writes down how it went; `true` if it was asked for again meanwhile.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`]; the notice stays due then.
    pub async fn bring(&self, due: &Due, courier: &dyn Courier) -> Result<bool, ShopError> {
        let notice: Notice = match serde_json::from_str(&due.row.notice) {
            Ok(notice) => notice,
            Err(error) => {
                log::error!(
                    "notice {} cannot be read and is given up: {error}",
                    due.id()
                );
                return self.settle_notice(due, "unreadable", None).await;
            }
        };
        if planted("a notice is settled before it is sent") {
            self.settle_notice(due, "sent", None).await?;
        }
        match courier.deliver(due.to(), &notice).await {
            Delivery::Sent { card } => {
                if matches!(notice, Notice::Sms { .. }) {
                    fail_point!("C9");
                }
                let card = card.zip(notice.order());
                self.settle_notice(due, "sent", card).await
            }
            Delivery::Unreachable => self.settle_notice(due, "unreachable", None).await,
            Delivery::Later(wait) => {
                let row = due.row.clone();
                let until = self.now() + TimeDelta::from_std(wait).unwrap_or(TimeDelta::hours(1));
                self.store
                    .write(move |tx| {
                        work(async move { messages::put_off(tx, &row, to_ms(until)).await })
                    })
                    .await
                    .map_err(ShopError::from)?;
                Ok(false)
            }
        }
    }

    async fn settle_notice(
        &self,
        due: &Due,
        outcome: &'static str,
        card: Option<(CardPlace, OrderId)>,
    ) -> Result<bool, ShopError> {
        let row = due.row.clone();
        let user = due.to();
        let now_ms = self.now_ms();
        self.store
            .write(move |tx| {
                work(async move {
                    if let Some((card, order)) = card {
                        let before = orders::find_for_update(tx, order).await?;
                        orders::change(tx, &before, now_ms, |row| {
                            row.card_chat_id = Some(card.chat_id);
                            row.card_message_id = Some(i64::from(card.message_id));
                        })
                        .await?;
                    }
                    if outcome == "unreachable" {
                        store::users::mark_unreachable(tx, user, now_ms).await?;
                    }
                    let settled = messages::settle(tx, &row, outcome, now_ms).await?;
                    Ok::<_, StoreError>(!settled)
                })
            })
            .await
            .map_err(ShopError::from)
    }
}
