//! Who runs the shop, and what they did.
//!
//! Invariant: owners stand in the settings and nowhere else; a role is given and taken by an owner
//! only, and every act that changes something is noted in the transaction that changes it.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::act::Act;
use crate::domain::id::{Nonce, UserId};
use crate::domain::money::Money;
use crate::domain::role::Role;
use crate::shop::account::User;
use crate::shop::notice::Notice;
use crate::shop::settle::{Books, Cause};
use crate::shop::{Page, Shop, ShopError};
use crate::store::acts::NewAct;
use crate::store::entity::{acts as act_rows, roles as role_rows};
use crate::store::{StoreError, Tx, acts, from_ms, intents, roles, work};

/// Everybody who has a role.
pub(super) type Staff = BTreeMap<UserId, Role>;

const ROLE: &str = "role";
/// How many acts a page shows.
const ACTS: usize = 8;

/// A role that waits for its Confirm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleDraft {
    /// The button's key.
    pub nonce: Nonce,
    /// Whose.
    pub user: User,
    /// What it is now.
    pub before: Option<Role>,
    /// What it would be.
    pub after: Option<Role>,
}

/// Why a role was not given or taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RoleError {
    /// Owners stand in the settings.
    #[error("the owners are named in the settings")]
    Owner,
    /// It is so already.
    #[error("nothing would change")]
    Same,
}

/// An act as admins see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActView {
    /// Who; `None` where the user is not known any more.
    pub by: Option<User>,
    /// Their number.
    pub by_id: UserId,
    /// What.
    pub act: Act,
    /// To whom or what.
    pub subject: String,
    /// How it was.
    pub before: Option<String>,
    /// How it was afterwards.
    pub after: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    user: UserId,
    role: Option<String>,
}

/// The owners of the settings, with those to whom a role was given.
pub(super) fn of(owners: &[UserId], given: Vec<role_rows::Model>) -> Result<Staff, StoreError> {
    let mut staff = Staff::new();
    for row in given {
        let role = Role::given(&row.role)
            .ok_or_else(|| StoreError::BadRow(format!("the role `{}`", row.role)))?;
        staff.insert(UserId(row.user_id), role);
    }
    staff.extend(owners.iter().map(|owner| (*owner, Role::Owner)));
    Ok(staff)
}

impl Shop {
    fn who(&self) -> Arc<Staff> {
        let staff = self.staff.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&staff)
    }

    /// What a user may do besides buying.
    #[must_use]
    pub fn role(&self, user: UserId) -> Option<Role> {
        self.who().get(&user).copied()
    }

    /// Everybody who has a role, the highest first.
    #[must_use]
    pub fn staff(&self) -> Vec<(UserId, Role)> {
        let mut staff: Vec<_> = self.who().iter().map(|(id, role)| (*id, *role)).collect();
        staff.sort_by_key(|(id, role)| (std::cmp::Reverse(*role), *id));
        staff
    }

    /// Who is told what concerns the running of the shop.
    pub(super) fn admins(&self) -> Vec<UserId> {
        self.with_role(Role::Admin)
    }

    /// Everybody with that role or a higher one.
    pub(super) fn with_role(&self, least: Role) -> Vec<UserId> {
        let staff = self.who();
        let fitting = staff.iter().filter(|(_, role)| **role >= least);
        fitting.map(|(id, _)| *id).collect()
    }

    /// Keeps a role, or none, under a nonce.
    ///
    /// # Errors
    /// [`ShopError::UnknownUser`], [`ShopError::AmbiguousUser`], [`RoleError`].
    pub async fn draft_role(
        &self,
        owner: UserId,
        target: &str,
        after: Option<Role>,
    ) -> Result<RoleDraft, ShopError> {
        let user = self.user_named(target).await?;
        let before = self.role(user.id);
        if before == Some(Role::Owner) {
            return Err(RoleError::Owner.into());
        }
        if before == after {
            return Err(RoleError::Same.into());
        }
        let nonce = Nonce::random();
        let kept = Kept {
            user: user.id,
            role: after.map(|role| role.as_str().to_owned()),
        };
        self.keep_draft(owner, &nonce, ROLE, &kept).await?;
        Ok(RoleDraft {
            nonce,
            user,
            before,
            after,
        })
    }

    /// Gives or takes a role, once; who gets or loses it is told. Returns whose it is, and whether
    /// this tap did it.
    ///
    /// # Errors
    /// [`ShopError::QuoteExpired`], [`RoleError::Owner`].
    pub async fn set_role(
        &self,
        owner: UserId,
        nonce: &Nonce,
    ) -> Result<(User, Option<Role>, bool), ShopError> {
        let kept: Kept = self.kept_draft(owner, nonce, ROLE).await?;
        let user = self.user(kept.user).await?;
        let before = self.role(user.id);
        if before == Some(Role::Owner) {
            return Err(RoleError::Owner.into());
        }
        let role = kept.role.as_deref().and_then(Role::given);
        let books = self.books(Cause::Admin(owner));
        let (key, id) = (nonce.clone(), user.id);
        let is_new = self
            .store
            .write(move |tx| {
                work(async move {
                    let is_new = intents::mark_used(tx, &key, books.now_ms()).await?;
                    if is_new {
                        give(tx, &books, owner, id, [before, role]).await?;
                    }
                    Ok::<_, StoreError>(is_new)
                })
            })
            .await?;
        if is_new {
            let given = roles::all(self.store.read()).await?;
            let staff = of(&self.terms.owners, given)?;
            *self.staff.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(staff);
            self.wake.outbox.notify_one();
        }
        Ok((user, role, is_new))
    }

    /// A page of what admins did, the latest first: of all, or of one.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn acts(&self, by: Option<UserId>, page: usize) -> Result<Page<ActView>, ShopError> {
        let read = self.store.read();
        let count = usize::try_from(acts::count(read, by).await?).unwrap_or(usize::MAX);
        let pages = count.div_ceil(ACTS).max(1);
        let page = page.min(pages - 1);
        let skip = u64::try_from(page * ACTS).unwrap_or(0);
        let found = acts::latest(read, by, skip, u64::try_from(ACTS).unwrap_or(0)).await?;
        let mut rows = Vec::new();
        for row in found {
            rows.push(self.act_view(row).await?);
        }
        Ok(Page { rows, page, pages })
    }

    async fn act_view(&self, row: act_rows::Model) -> Result<ActView, ShopError> {
        let by_id = UserId(row.by_user);
        let by = match self.user(by_id).await {
            Ok(user) => Some(user),
            Err(ShopError::UnknownUser) => None,
            Err(error) => return Err(error),
        };
        let act = Act::from_word(&row.act)
            .ok_or_else(|| StoreError::BadRow(format!("the act `{}`", row.act)))?;
        Ok(ActView {
            by,
            by_id,
            act,
            subject: self.subject(row.subject),
            before: row.before,
            after: row.after,
            reason: row.reason,
            at: from_ms(row.at_ms),
        })
    }

    /// What an act is about, with the name of the service where there is only its number.
    fn subject(&self, noted: String) -> String {
        let id: Option<i64> = noted
            .strip_prefix("service ")
            .and_then(|id| id.parse().ok());
        let catalogue = self.catalogue();
        let stand = id.and_then(|id| {
            let mut halls = catalogue.all_halls();
            halls.find_map(|(_, hall)| hall.stand(id))
        });
        match stand {
            Some(stand) => format!("{noted}, {}", stand.name),
            None => noted,
        }
    }
}

async fn give(
    tx: &Tx,
    books: &Books,
    owner: UserId,
    user: UserId,
    [before, after]: [Option<Role>; 2],
) -> Result<(), StoreError> {
    let word = |role: Option<Role>| role.map(|role| role.as_str().to_owned());
    match word(after) {
        Some(role) => {
            let row = role_rows::Model {
                user_id: user.0,
                role,
                given_by: owner.0,
                given_at_ms: books.now_ms(),
            };
            roles::give(tx, row).await?;
        }
        None => roles::take(tx, user).await?,
    }
    let act = NewAct {
        before: word(before),
        after: word(after),
        ..books.act(owner, Act::Role, format!("user {user}"))
    };
    acts::note(tx, act).await?;
    let role = word(after);
    books.notify(tx, user, &Notice::Role { role }).await
}

impl Books {
    /// An act by which money moved.
    pub(super) fn moved(&self, by: UserId, act: Act, user: UserId, amount: Money) -> NewAct {
        NewAct {
            after: Some(amount.as_minor().to_string()),
            ..self.act(by, act, format!("user {user}"))
        }
    }

    /// An act of this moment, of which the rest is filled in.
    pub(super) fn act(&self, by: UserId, act: Act, subject: String) -> NewAct {
        NewAct {
            by,
            act,
            subject,
            before: None,
            after: None,
            reason: None,
            at_ms: self.now_ms(),
        }
    }
}
