//! Support: a message from a user to the people who run the shop, and the answer back.
//!
//! Invariant: one thread for each user. What is written is on disk before anybody hears of it; it
//! reaches everybody who may answer, and each of them sees who did.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::domain::id::UserId;
use crate::domain::role::Role;
use crate::shop::notice::Notice;
use crate::shop::request::Proof;
use crate::shop::settle::{Books, Cause};
use crate::shop::topup::TopUpError;
use crate::shop::trust::TrustNews;
use crate::shop::{Shop, ShopError};
use crate::store::entity::support_messages::Model as Row;
use crate::store::{StoreError, Tx, from_ms, support, to_ms, work};

/// So many messages a user may write…
const MOST: usize = 5;
/// …within this time.
const WINDOW: TimeDelta = TimeDelta::minutes(10);
/// How many characters are kept of one.
const LONGEST_CHARS: usize = 1_500;

/// A message, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SupportId(pub i64);

/// A text, a picture, or a picture with a text.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// Empty under a mere picture.
    pub text: String,
    /// Telegram's id of the picture.
    pub picture: Option<Proof>,
}

/// A message as people see it.
#[derive(Clone, PartialEq, Eq)]
pub struct SupportView {
    /// Its number.
    pub id: SupportId,
    /// In whose thread.
    pub user: UserId,
    /// What it says.
    pub letter: Letter,
    /// Who answered it.
    pub answered_by: Option<UserId>,
}

impl From<Row> for SupportView {
    fn from(row: Row) -> Self {
        let is_photo = row.is_photo;
        Self {
            id: SupportId(row.id),
            user: UserId(row.user_id),
            letter: Letter {
                text: row.text,
                picture: row.file_id.map(|file_id| Proof { file_id, is_photo }),
            },
            answered_by: row.answered_by.map(UserId),
        }
    }
}

fn row(user: UserId, author: UserId, letter: Letter, at_ms: i64) -> Row {
    Row {
        id: 0,
        user_id: user.0,
        author_id: author.0,
        text: letter.text.chars().take(LONGEST_CHARS).collect(),
        is_photo: letter.picture.as_ref().is_some_and(|it| it.is_photo),
        file_id: letter.picture.map(|it| it.file_id),
        at_ms,
        answered_by: None,
        answered_at_ms: None,
    }
}

async fn tell(tx: &Tx, books: &Books, to: &[UserId], news: TrustNews) -> Result<(), StoreError> {
    let notice = Notice::Trust { news };
    for person in to {
        books.notify(tx, *person, &notice).await?;
    }
    Ok(())
}

impl Shop {
    /// Brings what a user wrote to everybody who may answer.
    ///
    /// # Errors
    /// [`TopUpError::NobodyThere`], [`TopUpError::CalledAlready`] where that is too much at once.
    pub async fn ask_support(&self, user: UserId, letter: Letter) -> Result<(), ShopError> {
        let staff = self.with_role(Role::Support);
        if staff.is_empty() {
            return Err(TopUpError::NobodyThere.into());
        }
        let books = self.books(Cause::User(user));
        let now = self.now();
        let written = self
            .store
            .write(move |tx| {
                work(async move {
                    let lately = support::written_since(tx, user, to_ms(now - WINDOW)).await?;
                    if let Some(over) = lately.len().checked_sub(MOST)
                        && let Some(first) = lately.get(over)
                    {
                        let until = from_ms(first.at_ms) + WINDOW;
                        return Err(TopUpError::CalledAlready(until).into());
                    }
                    let row = row(user, user, letter, books.now_ms());
                    let message = SupportId(support::insert(tx, row).await?);
                    let news = TrustNews::SupportPaper { message };
                    tell(tx, &books, &staff, news).await?;
                    Ok::<_, ShopError>(())
                })
            })
            .await;
        self.wake.outbox.notify_one();
        written
    }

    /// Answers the thread of a message; `false` where it had been answered before, which this one
    /// adds to.
    ///
    /// # Errors
    /// [`TopUpError::NoSuchRequest`] for a message that is forgotten.
    pub async fn answer_support(
        &self,
        by: UserId,
        id: SupportId,
        letter: Letter,
    ) -> Result<bool, ShopError> {
        let staff = self.with_role(Role::Support);
        let books = self.books(Cause::Admin(by));
        let is_first = self
            .store
            .write(move |tx| {
                work(async move {
                    let asked = support::find(tx, id.0).await?;
                    let user = UserId(asked.ok_or(TopUpError::NoSuchRequest)?.user_id);
                    let open = support::unanswered(tx, user).await?;
                    support::close(tx, user, by, books.now_ms()).await?;
                    let row = row(user, by, letter, books.now_ms());
                    let message = SupportId(support::insert(tx, row).await?);
                    tell(tx, &books, &[user], TrustNews::SupportAnswer { message }).await?;
                    for row in &open {
                        let message = SupportId(row.id);
                        tell(tx, &books, &staff, TrustNews::SupportAnswered { message }).await?;
                    }
                    Ok::<_, ShopError>(!open.is_empty())
                })
            })
            .await?;
        self.wake.outbox.notify_one();
        Ok(is_first)
    }

    /// A message by its number; `None` where it is forgotten.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn support_message(&self, id: SupportId) -> Result<Option<SupportView>, ShopError> {
        let row = support::find(self.store.read(), id.0).await?;
        Ok(row.map(SupportView::from))
    }

    /// Notes in which message an admin sees it.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn note_support_paper(
        &self,
        id: SupportId,
        admin: UserId,
        message: i32,
    ) -> Result<(), ShopError> {
        self.store
            .write(move |tx| {
                work(async move { support::note_paper(tx, id.0, admin, message).await })
            })
            .await
            .map_err(ShopError::from)
    }

    /// In which message an admin sees it.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn support_paper(
        &self,
        id: SupportId,
        admin: UserId,
    ) -> Result<Option<i32>, ShopError> {
        Ok(support::paper(self.store.read(), id.0, admin).await?)
    }

    /// What an admin sees in a message, where that is what a user wrote.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn support_at(
        &self,
        admin: UserId,
        message: i32,
    ) -> Result<Option<SupportId>, ShopError> {
        let found = support::at(self.store.read(), admin, message).await?;
        Ok(found.map(SupportId))
    }
}
