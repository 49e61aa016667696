//! What stands over the shop's door: an announcement for everybody, and whether it sells at all.
//!
//! Invariant: while the shop is closed nothing new is bought, rented or renewed, and what waits in
//! line is not bought either; what was bought goes on, and money that comes in is credited. It
//! stays closed over a restart.

use std::sync::{Arc, PoisonError};

use serde::{Deserialize, Serialize};

use crate::domain::act::Act;
use crate::domain::id::{Nonce, UserId};
use crate::shop::settle::Cause;
use crate::shop::{Shop, ShopError};
use crate::store::acts::{self, NewAct};
use crate::store::entity::shop_front;
use crate::store::{StoreError, intents, shopkeeping, work};

/// As much as a screen has room for above its buttons.
pub const LONGEST_TEXT: usize = 500;

/// What stands over the door.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Front {
    /// What everybody reads on the main menu.
    pub announcement: Option<String>,
    /// Why nothing is sold, where that is so; the reason may be unsaid.
    pub closed: Option<Option<String>>,
}

/// An announcement that waits for its Confirm.
#[derive(Clone, Debug)]
pub struct AnnouncementDraft {
    /// The button's key.
    pub nonce: Nonce,
    /// What users would read.
    pub text: String,
    /// Whether something was cut off.
    pub is_cut: bool,
}

const ANNOUNCEMENT: &str = "announcement";

#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    text: String,
}

impl From<shop_front::Model> for Front {
    fn from(row: shop_front::Model) -> Self {
        Self {
            announcement: row.announcement,
            closed: row.is_closed.then_some(row.closed_text),
        }
    }
}

/// A text as it is kept: without blanks around it, and not too long.
fn fitting(text: &str) -> Option<String> {
    let text: String = text.trim().chars().take(LONGEST_TEXT).collect();
    (!text.is_empty()).then_some(text)
}

impl Shop {
    /// What stands over the door.
    #[must_use]
    pub fn front(&self) -> Arc<Front> {
        let front = self.front.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&front)
    }

    /// Refuses while the shop is closed.
    pub(super) fn refuse_while_closed(&self) -> Result<(), ShopError> {
        match &self.front().closed {
            Some(why) => Err(ShopError::Closed(why.clone())),
            None => Ok(()),
        }
    }

    /// Keeps an announcement under a nonce; `None` for a text of nothing.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn draft_announcement(
        &self,
        admin: UserId,
        text: &str,
    ) -> Result<Option<AnnouncementDraft>, ShopError> {
        let Some(fits) = fitting(text) else {
            return Ok(None);
        };
        let nonce = Nonce::random();
        let kept = Kept { text: fits.clone() };
        self.keep_draft(admin, &nonce, ANNOUNCEMENT, &kept).await?;
        Ok(Some(AnnouncementDraft {
            nonce,
            is_cut: fits.chars().count() < text.trim().chars().count(),
            text: fits,
        }))
    }

    /// Puts an announcement over the door, once; whether this tap did.
    ///
    /// # Errors
    /// [`ShopError::QuoteExpired`] for a draft that is unknown, too old or another admin's.
    pub async fn announce(&self, admin: UserId, nonce: &Nonce) -> Result<bool, ShopError> {
        let kept: Kept = self.kept_draft(admin, nonce, ANNOUNCEMENT).await?;
        let text = Some(kept.text);
        let change = move |front: &mut shop_front::Model| front.announcement = text;
        self.change_front(admin, Act::Announcement, Some(nonce.clone()), change)
            .await
    }

    /// Takes the announcement down; `false` where none was there.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn end_announcement(&self, admin: UserId) -> Result<bool, ShopError> {
        let change = |front: &mut shop_front::Model| front.announcement = None;
        self.change_front(admin, Act::Announcement, None, change)
            .await
    }

    /// Closes the shop, or says something else about why it is; `false` where it was so already.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn close_shop(&self, admin: UserId, why: &str) -> Result<bool, ShopError> {
        let why = fitting(why);
        let change = move |front: &mut shop_front::Model| {
            front.is_closed = true;
            front.closed_text = why;
        };
        self.change_front(admin, Act::Maintenance, None, change)
            .await
    }

    /// Opens it again; `false` where it was open.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn open_shop(&self, admin: UserId) -> Result<bool, ShopError> {
        let change = |front: &mut shop_front::Model| {
            front.is_closed = false;
            front.closed_text = None;
        };
        let is_new = self
            .change_front(admin, Act::Maintenance, None, change)
            .await?;
        // Those who wait in line were passed over meanwhile.
        self.wake.stock.notify_one();
        Ok(is_new)
    }

    /// Changes what stands over the door, once for a nonce; `false` where nothing changed.
    async fn change_front(
        &self,
        admin: UserId,
        act: Act,
        nonce: Option<Nonce>,
        change: impl FnOnce(&mut shop_front::Model) + Send + 'static,
    ) -> Result<bool, ShopError> {
        let (books, now_ms) = (self.books(Cause::Admin(admin)), self.now_ms());
        let (front, is_new) = self
            .store
            .write(move |tx| {
                work(async move {
                    let before = shopkeeping::front(tx).await?;
                    let is_first = match &nonce {
                        Some(nonce) => intents::mark_used(tx, nonce, now_ms).await?,
                        None => true,
                    };
                    let mut after = before.clone();
                    change(&mut after);
                    if !is_first || after == before {
                        return Ok((before, false));
                    }
                    let [was, is] = [&before, &after].map(|front| told(act, front));
                    let act = NewAct {
                        before: was,
                        after: is,
                        ..books.act(admin, act, "all".to_owned())
                    };
                    acts::note(tx, act).await?;
                    shopkeeping::set_front(tx, after.clone()).await?;
                    Ok::<_, StoreError>((after, true))
                })
            })
            .await?;
        *self.front.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(front.into());
        Ok(is_new)
    }
}

/// What the log of acts says of a front.
fn told(act: Act, front: &shop_front::Model) -> Option<String> {
    if act == Act::Announcement {
        return front.announcement.clone();
    }
    Some(match (&front.closed_text, front.is_closed) {
        (Some(text), true) => format!("on: {text}"),
        (None, true) => "on".to_owned(),
        (_, false) => "off".to_owned(),
    })
}
