//! Who the users are.
//!
//! Invariant: a user exists before anything of theirs does.

use crate::domain::id::UserId;
use crate::shop::stats::day_of;
use crate::shop::{Shop, ShopError};
use crate::store::entity::users;
use crate::store::{self, work};

/// For so long a visit is not written down again.
const SEEN_FOR_MS: i64 = 3_600_000;

/// What Telegram says about who wrote.
#[derive(Clone, PartialEq, Eq)]
pub struct Visitor {
    /// Telegram's number for them.
    pub id: UserId,
    /// First name.
    pub first_name: String,
    /// Name without `@`.
    pub username: Option<String>,
    /// IETF tag of their Telegram.
    pub language_code: Option<String>,
}

/// A user as we know them.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// Telegram's number for them.
    pub id: UserId,
    /// First name.
    pub first_name: String,
    /// Name without `@`.
    pub username: Option<String>,
    /// The language they chose, else the one of their Telegram; an IETF tag.
    pub language: Option<String>,
    /// Whether they may not use the shop.
    pub is_banned: bool,
}

/// Shows the number only: names are personal.
impl std::fmt::Debug for Visitor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Visitor({})", self.id)
    }
}

/// Shows the number only: names are personal.
impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "User({})", self.id)
    }
}

impl Visitor {
    /// How somebody stands in the books who was never here before.
    pub(super) fn newcomer(&self, now_ms: i64) -> users::Model {
        users::Model {
            id: self.id.0,
            first_name: self.first_name.clone(),
            username: self.username.clone(),
            telegram_language: self.language_code.clone(),
            chosen_language: None,
            unreachable_since_ms: None,
            created_at_ms: now_ms,
            seen_at_ms: None,
            banned_at_ms: None,
            note: None,
        }
    }
}

impl From<users::Model> for User {
    fn from(row: users::Model) -> Self {
        Self {
            id: UserId(row.id),
            first_name: row.first_name,
            username: row.username,
            language: row.chosen_language.or(row.telegram_language),
            is_banned: row.banned_at_ms.is_some(),
        }
    }
}

/// When somebody was last here: written anew only once an hour, for every write costs.
fn seen(before_ms: Option<i64>, now_ms: i64) -> Option<i64> {
    let is_fresh = |at_ms: &i64| (0..SEEN_FOR_MS).contains(&(now_ms - at_ms));
    let same_day = |at_ms: &i64| day_of(*at_ms) == day_of(now_ms);
    before_ms.filter(is_fresh).filter(same_day).or(Some(now_ms))
}

impl Shop {
    /// Notes who wrote (first contact makes the user; a changed name is kept) and returns them.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn enter(&self, visitor: &Visitor) -> Result<User, ShopError> {
        let known = store::users::find(self.store.read(), visitor.id).await?;
        let now_ms = self.now_ms();
        let newcomer = visitor.newcomer(now_ms);
        let row = match &known {
            Some(known) => users::Model {
                first_name: newcomer.first_name,
                username: newcomer.username,
                telegram_language: newcomer.telegram_language,
                unreachable_since_ms: None,
                seen_at_ms: seen(known.seen_at_ms, now_ms),
                ..known.clone()
            },
            None => users::Model {
                seen_at_ms: seen(None, now_ms),
                ..newcomer
            },
        };
        if known.as_ref() != Some(&row) {
            let is_new = known.is_none_or(|known| {
                let seen_at_ms = row.seen_at_ms;
                users::Model {
                    seen_at_ms,
                    ..known
                } != row
            });
            let written = self.note_visit(row.clone(), now_ms).await;
            // Looking works while nothing can be written; only the visit is not counted then.
            if is_new || !matches!(written, Err(ShopError::CannotWrite(_))) {
                written?;
            }
        }
        Ok(row.into())
    }

    async fn note_visit(&self, row: users::Model, now_ms: i64) -> Result<(), ShopError> {
        self.store
            .write(move |tx| {
                work(async move {
                    let id = UserId(row.id);
                    store::users::keep(tx, row).await?;
                    store::users::visit(tx, id, day_of(now_ms)).await
                })
            })
            .await
            .map_err(ShopError::from)
    }

    /// A user by id, without a visit.
    ///
    /// # Errors
    /// [`ShopError::UnknownUser`].
    pub async fn user(&self, id: UserId) -> Result<User, ShopError> {
        store::users::find(self.store.read(), id)
            .await?
            .map(User::from)
            .ok_or(ShopError::UnknownUser)
    }

    /// Keeps the language a user chose.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn choose_language(&self, id: UserId, language: &str) -> Result<(), ShopError> {
        let language = language.to_owned();
        self.store
            .write(move |tx| {
                work(async move { store::users::choose_language(tx, id, language).await })
            })
            .await
            .map_err(ShopError::from)
    }
}
