//! What users come back for: what they bought lately, and the services they gave a star.
//!
//! Invariant: a habit changes the order of what is shown and saves taps; it never changes what can
//! be bought, or for how much.

use std::sync::Arc;

use crate::domain::id::UserId;
use crate::domain::market::Country;
use crate::domain::money::Money;
use crate::shop::browse::{ServiceEntry, ServiceId};
use crate::shop::buy::Choice;
use crate::shop::{Shop, ShopError};
use crate::store::entity::{favourite_places, favourites};
use crate::store::{habits, work};

/// How many of the latest purchases are offered again.
const AGAIN: usize = 4;

/// What is known of a user who looks around.
#[derive(Clone, Debug, Default)]
pub struct Habits(pub(super) habits::Habits);

impl Habits {
    /// The bot's own note about the conversation.
    #[must_use]
    pub fn dialogue(&self) -> Option<&str> {
        self.0.dialogue.as_deref()
    }

    /// Whether the user gave a service a star.
    #[must_use]
    pub fn is_favourite(&self, service: ServiceId) -> bool {
        self.0.favourites.contains(&service.0)
    }

    /// Whether the user gave a country of rentals a star.
    #[must_use]
    pub fn is_favourite_place(&self, country: &str) -> bool {
        self.0.favourite_places.iter().any(|it| it == country)
    }

    /// The services that stand before all others: bought lately, then favourites.
    pub(super) fn first(&self) -> Vec<i64> {
        let mut first = Vec::new();
        let lately = self.0.ordered.iter().map(|ordered| ordered.service_id);
        for service in lately.take(AGAIN).chain(self.0.favourites.iter().copied()) {
            if !first.contains(&service) {
                first.push(service);
            }
        }
        first
    }
}

/// Something bought lately that can be bought again with one tap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    /// What would be bought.
    pub choice: Choice,
    /// The service's name.
    pub service_name: String,
    /// The country.
    pub country: Arc<Country>,
    /// What it costs today.
    pub price: Money,
}

impl Shop {
    /// What is known of a user; one query.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn habits(&self, user: UserId) -> Result<Habits, ShopError> {
        Ok(Habits(habits::of(self.store.read(), user).await?))
    }

    /// What the user bought lately and can buy now, the latest first.
    #[must_use]
    pub fn again(&self, habits: &Habits) -> Vec<Again> {
        let catalogue = self.catalogue();
        let ordered = habits.0.ordered.iter();
        ordered
            .filter_map(|ordered| {
                let choice = Choice {
                    service: ServiceId(ordered.service_id),
                    country: ordered.country.clone(),
                    operator: ordered.operator.clone(),
                    server: None,
                };
                let offer = self.best_offer(&choice).ok()?;
                let hall = catalogue.halls.get(&choice.country)?;
                Some(Again {
                    service_name: hall.stand(ordered.service_id)?.name.clone(),
                    country: Arc::clone(&hall.country),
                    price: offer.price,
                    choice,
                })
            })
            .take(AGAIN)
            .collect()
    }

    /// The user's favourites that are sold anywhere, the latest first.
    #[must_use]
    pub fn favourites(&self, habits: &Habits) -> Vec<ServiceEntry> {
        let catalogue = self.catalogue();
        let favourites = habits.0.favourites.iter();
        favourites
            .filter_map(|service| catalogue.chain(*service))
            .filter_map(|chain| ServiceEntry::everywhere(&catalogue, chain))
            .collect()
    }

    /// Gives a service a star, or takes it away.
    ///
    /// # Errors
    /// [`ShopError::NotSold`] for a service that is not sold.
    pub async fn set_favourite(
        &self,
        user: UserId,
        service: ServiceId,
        is_favourite: bool,
    ) -> Result<(), ShopError> {
        let catalogue = self.catalogue();
        let has_mailboxes = self.mail_domains_of(service).is_ok();
        if catalogue.chain(service.0).is_none() && !has_mailboxes {
            return Err(ShopError::NotSold);
        }
        let row = favourites::Model {
            user_id: user.0,
            service_id: service.0,
            added_at_ms: self.now_ms(),
        };
        self.store
            .write(move |tx| {
                work(async move { habits::set_favourite(tx, row, is_favourite).await })
            })
            .await
            .map_err(ShopError::from)
    }

    /// Gives a country of rentals a star, or takes it away.
    ///
    /// # Errors
    /// [`ShopError::NotSold`] for a country without rentals.
    pub async fn set_favourite_place(
        &self,
        user: UserId,
        country: &str,
        is_favourite: bool,
    ) -> Result<(), ShopError> {
        self.durations(country)?;
        let row = favourite_places::Model {
            user_id: user.0,
            country: country.to_owned(),
            added_at_ms: self.now_ms(),
        };
        self.store
            .write(move |tx| {
                work(async move { habits::set_favourite_place(tx, row, is_favourite).await })
            })
            .await
            .map_err(ShopError::from)
    }
}
