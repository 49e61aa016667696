//! Who the users are.
//!
//! Invariant: a user exists before anything of theirs does.

use std::collections::HashSet;
use std::sync::PoisonError;

use chrono::NaiveDate;

use crate::domain::id::UserId;
use crate::shop::{Shop, ShopError};
use crate::store::entity::users;
use crate::store::{self, StoreError, work};

/// Who came on a day: their visits are noted once.
#[derive(Debug, Default)]
pub(super) struct Visits {
    day: NaiveDate,
    users: HashSet<UserId>,
}

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

impl From<users::Model> for User {
    fn from(row: users::Model) -> Self {
        Self {
            id: UserId(row.id),
            first_name: row.first_name,
            username: row.username,
            language: row.chosen_language.or(row.telegram_language),
        }
    }
}

impl Shop {
    /// Notes who wrote (first contact makes the user; a changed name is kept) and returns them.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn enter(&self, visitor: &Visitor) -> Result<User, ShopError> {
        let known = store::users::find(self.store.read(), visitor.id).await?;
        let row = users::Model {
            id: visitor.id.0,
            first_name: visitor.first_name.clone(),
            username: visitor.username.clone(),
            telegram_language: visitor.language_code.clone(),
            chosen_language: known.as_ref().and_then(|row| row.chosen_language.clone()),
            unreachable_since_ms: None,
            created_at_ms: known
                .as_ref()
                .map_or_else(|| self.now_ms(), |row| row.created_at_ms),
        };
        let is_first_today = self.is_first_visit_today(visitor.id);
        let (id, now_ms) = (visitor.id, self.now_ms());
        if known.as_ref() != Some(&row) {
            let row = row.clone();
            self.store
                .write(move |tx| {
                    work(async move {
                        store::users::keep(tx, row).await?;
                        store::news::came(tx, id, now_ms).await
                    })
                })
                .await
                .map_err(ShopError::from)?;
        } else if is_first_today {
            let noted = self
                .store
                .write(move |tx| work(async move { store::news::came(tx, id, now_ms).await }));
            // Looking works while nothing can be written.
            if let Err(error) = noted.await {
                let error: StoreError = error;
                log::debug!("a visit was not noted: {error}");
            }
        }
        Ok(row.into())
    }

    fn is_first_visit_today(&self, user: UserId) -> bool {
        let today = self.now().date_naive();
        let mut visits = self.visits.lock().unwrap_or_else(PoisonError::into_inner);
        if visits.day != today {
            *visits = Visits {
                day: today,
                users: HashSet::new(),
            };
        }
        visits.users.insert(user)
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
