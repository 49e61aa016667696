//! The emergency switch: one user, one service, one upstream or everything is frozen. Everything is
//! what closing the shop does, so that is one switch.
//!
//! Invariant: of what is frozen nothing new is bought, which is asked in the transaction that makes
//! the order; what runs goes on to its end. A freeze ends by an admin only.

use std::fmt;
use std::sync::{Arc, PoisonError};

use crate::domain::act::Act;
use crate::domain::id::{ProviderId, UserId};
use crate::domain::market::spelling::normalise;
use crate::shop::browse::ServiceId;
use crate::shop::notice::Notice;
use crate::shop::settle::Cause;
use crate::shop::trust::TrustNews;
use crate::shop::{Shop, ShopError};
use crate::store::acts::{self, NewAct};
use crate::store::entity::freezes::Model as Row;
use crate::store::entity::orders as rows;
use crate::store::{StoreError, Tx, freezes, from_ms, work};
use chrono::{DateTime, Utc};

/// What is frozen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// One user.
    User(UserId),
    /// One service, in all countries.
    Service(ServiceId),
    /// One upstream.
    Provider(ProviderId),
    /// Everything: the shop is closed.
    All,
}

/// A freeze.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freeze {
    /// Of what.
    pub target: Target,
    /// What that is called.
    pub name: String,
    /// Why, as an admin wrote it.
    pub reason: Option<String>,
    /// The admin.
    pub by: UserId,
    /// Since when.
    pub at: DateTime<Utc>,
}

impl Target {
    /// The kind and the key in the database.
    fn key(&self) -> (&'static str, String) {
        match self {
            Self::User(user) => ("user", user.to_string()),
            Self::Service(service) => ("service", service.0.to_string()),
            Self::Provider(provider) => ("provider", provider.0.clone()),
            Self::All => ("all", String::new()),
        }
    }

    fn read(row: &Row) -> Option<Self> {
        Some(match row.what.as_str() {
            "user" => Self::User(UserId(row.target.parse().ok()?)),
            "service" => Self::Service(ServiceId(row.target.parse().ok()?)),
            "provider" => Self::Provider(ProviderId(row.target.clone())),
            "all" => Self::All,
            _ => return None,
        })
    }

    /// Whether an order of this user for this service falls under it.
    fn stops(&self, user: UserId, service: ServiceId) -> bool {
        match self {
            Self::All => true,
            Self::User(frozen) => *frozen == user,
            Self::Service(frozen) => *frozen == service,
            // Another upstream may sell it.
            Self::Provider(_) => false,
        }
    }
}

/// As the log of acts names it.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, key) = self.key();
        write!(f, "{what} {key}")
    }
}

fn read(rows: Vec<Row>) -> Vec<Freeze> {
    let freezes = rows.into_iter().filter_map(|row| {
        Some(Freeze {
            target: Target::read(&row)?,
            name: row.name,
            reason: row.reason,
            by: UserId(row.set_by),
            at: from_ms(row.at_ms),
        })
    });
    freezes.collect()
}

/// The freeze under which an order would fall, asked inside its transaction.
pub(super) async fn stopping(tx: &Tx, order: &rows::Model) -> Result<Option<Freeze>, StoreError> {
    let service = ServiceId(order.service_id);
    let mut all = read(freezes::all(tx).await?).into_iter();
    Ok(all.find(|freeze| freeze.target.stops(order.user(), service)))
}

impl Shop {
    fn frozen(&self) -> Arc<Vec<Freeze>> {
        let frozen = self.frozen.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&frozen)
    }

    /// Everything that is frozen, oldest first; a closed shop is all of it.
    #[must_use]
    pub fn freezes(&self) -> Vec<Freeze> {
        let closed = self.front().closed.clone().map(|reason| Freeze {
            target: Target::All,
            name: String::new(),
            reason,
            by: UserId(0),
            at: self.now(),
        });
        let frozen = self.frozen();
        closed.into_iter().chain(frozen.iter().cloned()).collect()
    }

    /// Whether nothing is bought for an order that waits.
    pub(super) fn is_frozen_for(&self, order: &rows::Model) -> bool {
        let service = ServiceId(order.service_id);
        self.refuse_frozen(order.user(), service).is_err()
    }

    /// Refuses what is frozen before anybody is shown a price for it.
    pub(super) fn refuse_frozen(&self, user: UserId, service: ServiceId) -> Result<(), ShopError> {
        let freezes = self.frozen();
        let mut freezes = freezes.iter();
        match freezes.find(|freeze| freeze.target.stops(user, service)) {
            Some(freeze) => Err(ShopError::Frozen(Box::new(freeze.clone()))),
            None => Ok(()),
        }
    }

    /// Whether nothing new is bought from an upstream.
    pub(super) fn is_frozen(&self, provider: &ProviderId) -> bool {
        let freezes = self.frozen();
        let is_it = |freeze: &Freeze| match &freeze.target {
            Target::Provider(frozen) => frozen == provider,
            Target::All => true,
            Target::User(_) | Target::Service(_) => false,
        };
        freezes.iter().any(is_it)
    }

    /// What an admin names: a user by number or name, a service by its name, an upstream. What
    /// follows is the reason.
    ///
    /// # Errors
    /// [`ShopError::NotSold`], [`ShopError::UnknownUser`], [`ShopError::AmbiguousUser`].
    pub async fn freezable(
        &self,
        what: &str,
        words: &str,
    ) -> Result<(Target, String, Option<String>), ShopError> {
        let words: Vec<&str> = words.split_whitespace().collect();
        let rest = |from: usize| {
            let rest = words.get(from..).unwrap_or_default().join(" ");
            Some(rest).filter(|rest| !rest.is_empty())
        };
        let first = words.first().copied().unwrap_or_default();
        match what {
            "all" => Ok((Target::All, String::new(), rest(0))),
            "user" => {
                let user = self.user_named(first).await?;
                Ok((Target::User(user.id), user.first_name, rest(1)))
            }
            "provider" => {
                let id = ProviderId::from(first);
                let known = self.providers.contains_key(&id);
                let found = known.then(|| (Target::Provider(id), first.to_owned(), rest(1)));
                found.ok_or(ShopError::NotSold)
            }
            _ => {
                // Names have several words: the longest that is one counts.
                let named = (1..=words.len()).rev().find_map(|end| {
                    let (id, name) = self.service_called(&words.get(..end)?.join(" "))?;
                    Some((Target::Service(id), name, rest(end)))
                });
                named.ok_or(ShopError::NotSold)
            }
        }
    }

    /// A service that is sold under exactly this name or alias.
    fn service_called(&self, name: &str) -> Option<(ServiceId, String)> {
        let catalogue = self.catalogue();
        let alias = self.terms.market.service_named(name);
        let wanted = normalise(name);
        let mut stands = catalogue.all_halls().flat_map(|(_, hall)| &hall.stands);
        let stand = stands.find(|stand| {
            normalise(&stand.name) == wanted || alias.is_some_and(|it| it.key == stand.key)
        })?;
        Some((ServiceId(stand.service_id), stand.name.clone()))
    }

    /// Freezes something; `false` where it is frozen already. A frozen user is told.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`] and its like.
    pub async fn freeze(
        &self,
        admin: UserId,
        target: Target,
        name: String,
        reason: Option<String>,
    ) -> Result<bool, ShopError> {
        if target == Target::All {
            return self.close_shop(admin, &reason.unwrap_or_default()).await;
        }
        let books = self.books(Cause::Admin(admin));
        let (what, key) = target.key();
        log::warn!("admin {admin} freezes {what} {key}");
        let row = Row {
            what: what.to_owned(),
            target: key,
            name,
            reason: reason.clone(),
            set_by: admin.0,
            at_ms: self.now_ms(),
        };
        let act = NewAct {
            after: Some("frozen".to_owned()),
            reason: reason.clone(),
            ..books.act(admin, Act::Freeze, target.to_string())
        };
        let news = TrustNews::Frozen { reason };
        let told = told(target);
        let is_new = self
            .store
            .write(move |tx| {
                work(async move {
                    let is_new = freezes::add(tx, row).await?;
                    if is_new {
                        acts::note(tx, act).await?;
                    }
                    if let (true, Some(user)) = (is_new, told) {
                        books.notify(tx, user, &Notice::Trust { news }).await?;
                    }
                    Ok::<_, StoreError>(is_new)
                })
            })
            .await?;
        self.read_freezes().await?;
        Ok(is_new)
    }

    /// Lifts a freeze; `false` where there is none.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`] and its like.
    pub async fn unfreeze(&self, admin: UserId, target: Target) -> Result<bool, ShopError> {
        if target == Target::All {
            return self.open_shop(admin).await;
        }
        let books = self.books(Cause::Admin(admin));
        let (what, key) = target.key();
        log::warn!("admin {admin} lifts the freeze of {what} {key}");
        let act = NewAct {
            before: Some("frozen".to_owned()),
            ..books.act(admin, Act::Freeze, target.to_string())
        };
        let told = told(target);
        let lifted = self
            .store
            .write(move |tx| {
                work(async move {
                    let lifted = freezes::lift(tx, what, &key).await?;
                    if lifted {
                        acts::note(tx, act).await?;
                    }
                    if let (true, Some(user)) = (lifted, told) {
                        let news = TrustNews::Lifted;
                        books.notify(tx, user, &Notice::Trust { news }).await?;
                    }
                    Ok::<_, StoreError>(lifted)
                })
            })
            .await?;
        self.read_freezes().await?;
        Ok(lifted)
    }

    /// Reads what is frozen, at the start and after each change.
    pub(super) async fn read_freezes(&self) -> Result<(), ShopError> {
        let freezes = read(freezes::all(self.store.read()).await?);
        let mut frozen = self.frozen.write().unwrap_or_else(PoisonError::into_inner);
        *frozen = Arc::new(freezes);
        drop(frozen);
        self.wake.outbox.notify_one();
        self.wake.stock.notify_one();
        Ok(())
    }
}

/// Who is told of a freeze.
fn told(target: Target) -> Option<UserId> {
    match target {
        Target::User(user) => Some(user),
        Target::Service(_) | Target::Provider(_) | Target::All => None,
    }
}
