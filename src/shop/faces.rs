//! How services are shown: hidden, pinned to the top, under a name of the shop's own.
//!
//! Invariant: what is hidden is in no picture, and so is neither shown nor sold anywhere; a name
//! changes what people read and find, never what is bought.

use chrono::{DateTime, Utc};

use crate::domain::act::Act;
use crate::domain::id::UserId;
use crate::domain::market::spelling::normalise;
use crate::domain::product::{Product, mailbox_service};
use crate::shop::browse::ServiceId;
use crate::shop::catalogue::build::is_denied;
use crate::shop::settle::Cause;
use crate::shop::{Page, Shop, ShopError};
use crate::store::acts::{self, NewAct};
use crate::store::entity::{service_faces, services};
use crate::store::{StoreError, catalog, from_ms, shopkeeping, work};

/// A name longer than this fits on no button.
const LONGEST_NAME: usize = 40;

/// A service as admins see it, whether it is sold or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaceView {
    /// Its number.
    pub id: ServiceId,
    /// Its key.
    pub key: String,
    /// Its own name.
    pub name: String,
    /// What it is called here, where that is another.
    pub shown_as: Option<String>,
    /// What is sold of it.
    pub product: Product,
    /// Whether it is hidden.
    pub is_hidden: bool,
    /// Whether it is hidden as the service that this mailbox is for is.
    pub is_hidden_by_service: bool,
    /// Since when it is pinned.
    pub pinned_since: Option<DateTime<Utc>>,
    /// Whether the deny list keeps it from being sold, whatever is decided here.
    pub is_denied: bool,
    /// How many routes are on sale.
    pub routes: usize,
}

/// What admins decide about a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaceChange {
    /// Hides it, or shows it again.
    Hide(bool),
    /// Pins it to the top, or lets it go.
    Pin(bool),
    /// Calls it something else; its own name for `None`.
    Rename(Option<String>),
}

/// The faces of all services, as a picture is made with them.
#[derive(Debug, Default)]
pub(super) struct Faces(Vec<service_faces::Model>);

impl Faces {
    pub(super) fn of(rows: Vec<service_faces::Model>) -> Self {
        Self(rows)
    }

    fn get(&self, key: &str) -> Option<&service_faces::Model> {
        self.0.iter().find(|face| face.key == key)
    }

    /// Whether a service is hidden. A mailbox for it is hidden with it.
    pub(super) fn hides(&self, key: &str) -> bool {
        let is_hidden = |key: &str| self.get(key).is_some_and(|face| face.is_hidden);
        is_hidden(key) || mailbox_service(key).is_some_and(is_hidden)
    }

    /// What a service is called here, where that is another name.
    pub(super) fn name(&self, key: &str) -> Option<&str> {
        self.get(key)?.name.as_deref()
    }

    /// Since when a service is pinned.
    pub(super) fn pinned_at_ms(&self, key: &str) -> Option<i64> {
        self.get(key)?.pinned_at_ms
    }
}

impl Shop {
    /// A service, whether it is sold or not.
    ///
    /// # Errors
    /// [`ShopError::NotSold`] for a number that no service ever had.
    pub async fn face(&self, id: ServiceId) -> Result<FaceView, ShopError> {
        let read = self.store.read();
        let row = catalog::service(read, id.0).await?;
        let row = row.ok_or(ShopError::NotSold)?;
        let faces = Faces::of(shopkeeping::faces(read).await?);
        Ok(self.face_view(&faces, row))
    }

    /// The services that somebody decided something about, or whose names a text is in; pinned
    /// ones first, then by name.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn faces(
        &self,
        text: Option<&str>,
        page: usize,
        page_size: usize,
    ) -> Result<Page<FaceView>, ShopError> {
        let read = self.store.read();
        let faces = Faces::of(shopkeeping::faces(read).await?);
        let wanted = text.map(normalise);
        let near: Vec<i64> = match text {
            Some(text) => {
                let catalogue = self.catalogue();
                let found = catalogue.search(None, text, page_size).into_iter();
                found.map(|chain| chain.service_id).collect()
            }
            None => Vec::new(),
        };
        let rows = shopkeeping::services(read).await?;
        let mut found: Vec<services::Model> = rows
            .into_iter()
            .filter(|row| match &wanted {
                None => faces.get(&row.key).is_some_and(|face| {
                    face.is_hidden || face.pinned_at_ms.is_some() || face.name.is_some()
                }),
                Some(wanted) => {
                    let shown = faces.name(&row.key).unwrap_or_default();
                    let has = |name: &str| normalise(name).contains(wanted);
                    has(&row.name) || has(shown) || row.key == *wanted || near.contains(&row.id)
                }
            })
            .collect();
        found.sort_by_cached_key(|row| {
            let pinned = faces.pinned_at_ms(&row.key);
            let place = near
                .iter()
                .position(|id| *id == row.id)
                .unwrap_or(usize::MAX);
            (pinned.is_none(), pinned, place, row.name.to_lowercase())
        });
        let page = Page::of(found, page, page_size);
        Ok(page.filter_map(|row| Some(self.face_view(&faces, row))))
    }

    fn face_view(&self, faces: &Faces, row: services::Model) -> FaceView {
        let catalogue = self.catalogue();
        let halls = catalogue.all_halls();
        let stands = halls.filter_map(|(_, hall)| hall.stand(row.id));
        let face = faces.get(&row.key);
        let is_hidden = face.is_some_and(|face| face.is_hidden);
        FaceView {
            id: ServiceId(row.id),
            routes: stands.map(|stand| stand.offers.len()).sum(),
            shown_as: faces.name(&row.key).map(str::to_owned),
            product: Product::of_key(&row.key),
            is_hidden,
            is_hidden_by_service: !is_hidden && faces.hides(&row.key),
            pinned_since: faces.pinned_at_ms(&row.key).map(from_ms),
            is_denied: is_denied(&self.terms.market, &row),
            name: row.name,
            key: row.key,
        }
    }

    /// Decides something about a service; `false` where it was so already.
    ///
    /// # Errors
    /// [`ShopError::NotSold`] for a number that no service ever had.
    pub async fn change_face(
        &self,
        admin: UserId,
        id: ServiceId,
        change: FaceChange,
    ) -> Result<bool, ShopError> {
        let row = catalog::service(self.store.read(), id.0).await?;
        let row = row.ok_or(ShopError::NotSold)?;
        let (key, subject) = (row.key, format!("service {}, {}", id.0, row.name));
        let (books, now_ms) = (self.books(Cause::Admin(admin)), self.now_ms());
        let is_new = self
            .store
            .write(move |tx| {
                work(async move {
                    let before = shopkeeping::face(tx, &key).await?;
                    let after = changed(before.clone(), change, now_ms);
                    if after == before {
                        return Ok(false);
                    }
                    let act = NewAct {
                        before: Some(told(&before)),
                        after: Some(told(&after)),
                        ..books.act(admin, Act::Service, subject)
                    };
                    acts::note(tx, act).await?;
                    shopkeeping::set_face(tx, after).await?;
                    Ok::<_, StoreError>(true)
                })
            })
            .await?;
        if is_new {
            self.reload_catalogue().await?;
        }
        Ok(is_new)
    }
}

fn changed(
    mut face: service_faces::Model,
    change: FaceChange,
    now_ms: i64,
) -> service_faces::Model {
    match change {
        FaceChange::Hide(is_hidden) => face.is_hidden = is_hidden,
        FaceChange::Pin(true) => face.pinned_at_ms = face.pinned_at_ms.or(Some(now_ms)),
        FaceChange::Pin(false) => face.pinned_at_ms = None,
        FaceChange::Rename(name) => {
            let name = name.map(|name| name.trim().chars().take(LONGEST_NAME).collect());
            face.name = name.filter(|name: &String| !name.is_empty());
        }
    }
    face
}

/// What the log of acts says of a face.
fn told(face: &service_faces::Model) -> String {
    let mut words = vec![if face.is_hidden { "hidden" } else { "shown" }.to_owned()];
    if face.pinned_at_ms.is_some() {
        words.push("pinned".to_owned());
    }
    words.extend(face.name.as_ref().map(|name| format!("as {name}")));
    words.join(" ")
}
