//! What admins changed about prices: who, when, from what to what.
//!
//! Invariant: only the last change of a thing can be taken back, so that taking back never undoes
//! what somebody did since.

use chrono::{DateTime, Utc};

use crate::domain::id::UserId;
use crate::shop::account::User;
use crate::shop::prices::browse::ScopeName;
use crate::shop::prices::draft::read_setting;
use crate::shop::prices::{Setting, Subject};
use crate::shop::{Page, Shop, ShopError};
use crate::store::entity::price_changes;
use crate::store::{StoreError, from_ms, prices, users};

/// One change.
#[derive(Clone, Debug)]
pub struct ChangeView {
    /// Its number.
    pub id: i64,
    /// Who made it.
    pub admin: UserId,
    /// The same, where they ever wrote to the bot.
    pub person: Option<User>,
    /// When.
    pub at: DateTime<Utc>,
    /// What was set.
    pub subject: Subject,
    /// Where; everywhere for a rate.
    pub name: ScopeName,
    /// What stood there.
    pub old: Option<Setting>,
    /// What stands there since.
    pub new: Option<Setting>,
    /// Which change it took back.
    pub undoes: Option<i64>,
    /// Whether it is the last one of its thing, so that it can be taken back.
    pub is_last: bool,
}

impl Shop {
    /// A page of the history, newest first; `page` past the end gives the last one.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn price_history(
        &self,
        page: usize,
        page_size: usize,
    ) -> Result<Page<ChangeView>, ShopError> {
        let read = self.store.read();
        let (count, _) = prices::history(read, 0, 1).await?;
        let size = page_size.max(1);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let pages = count.div_ceil(size).max(1);
        let page = page.min(pages - 1);
        let (_, rows) = prices::history(read, (page * size) as u64, size as u64).await?;
        let mut changes = Vec::new();
        for row in rows {
            changes.push(self.change_view(row).await?);
        }
        Ok(Page {
            rows: changes,
            page,
            pages,
        })
    }

    async fn change_view(&self, row: price_changes::Model) -> Result<ChangeView, ShopError> {
        let read = self.store.read();
        let subject: Subject = serde_json::from_str(&row.subject).map_err(StoreError::from)?;
        let last = prices::last_of(read, &row.subject).await?;
        let admin = UserId(row.admin);
        Ok(ChangeView {
            id: row.id,
            admin,
            person: users::find(read, admin).await?.map(User::from),
            at: from_ms(row.at_ms),
            name: self.subject_name(&subject).await?,
            old: row.old_setting.as_deref().map(read_setting).transpose()?,
            new: row.new_setting.as_deref().map(read_setting).transpose()?,
            undoes: row.undoes,
            is_last: last.is_some_and(|last| last.id == row.id),
            subject,
        })
    }

    /// The names of where something is set; everywhere for a rate.
    pub(super) async fn subject_name(&self, subject: &Subject) -> Result<ScopeName, ShopError> {
        match subject {
            Subject::Rule(scope) | Subject::Promotion(scope) => self.scope_name(scope).await,
            Subject::Rate(_) => Ok(ScopeName::default()),
        }
    }
}
