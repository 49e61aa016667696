//! What an order is for, with the particulars that only its product has: the one place in which
//! products differ before they are bought.
//!
//! Invariant: an article says which offers an order can be bought from and what is written beside
//! its row; hold, purchase, doubt and settlement know nothing of it.

use serde::{Deserialize, Serialize};

use crate::domain::id::OrderId;
use crate::domain::order::OrderState;
use crate::domain::product::{Product, hours_of};
use crate::provider::desk::rentals::{renewal_code, terms_of};
use crate::shop::buy::Choice;
use crate::shop::catalogue::{Catalogue, Offer, Stand};
use crate::shop::{Shop, ShopError};
use crate::store::entity::{orders as rows, renewals};
use crate::store::{StoreError, Tx, attempts, orders, rentals};

/// What is bought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Article {
    /// A number for one code.
    #[default]
    Activation,
    /// A number for so many hours.
    Rental {
        /// How many.
        hours: u32,
    },
    /// So many hours more for a rental.
    Renewal {
        /// The order that rented it.
        rental: OrderId,
        /// How many.
        hours: u32,
    },
    /// An address for one code.
    Mailbox,
}

impl Article {
    /// What is sold from a stand.
    pub(super) fn of(stand: &Stand) -> Self {
        match stand.product {
            Product::Activation => Self::Activation,
            Product::Mailbox => Self::Mailbox,
            Product::Rental | Product::Renewal => Self::Rental {
                hours: hours_of(&stand.key).unwrap_or(0),
            },
        }
    }

    pub(super) const fn product(self) -> Product {
        match self {
            Self::Activation => Product::Activation,
            Self::Rental { .. } => Product::Rental,
            Self::Renewal { .. } => Product::Renewal,
            Self::Mailbox => Product::Mailbox,
        }
    }

    /// How many hours are bought, where a time is.
    pub(super) const fn hours(self) -> Option<u32> {
        match self {
            Self::Rental { hours } | Self::Renewal { hours, .. } => Some(hours),
            Self::Activation | Self::Mailbox => None,
        }
    }

    /// Whether it can be ordered: a rental that runs is renewed, by one order at a time.
    pub(super) async fn is_possible(self, tx: &Tx) -> Result<bool, StoreError> {
        match self {
            Self::Activation | Self::Mailbox | Self::Rental { .. } => Ok(true),
            Self::Renewal { rental, .. } => {
                let row = orders::find_for_update(tx, rental).await?;
                let runs = row.order_state()? == OrderState::Received;
                Ok(runs && rentals::open_renewal(tx, rental).await?.is_none())
            }
        }
    }

    /// Writes what is kept beside the order.
    pub(super) async fn write(self, tx: &Tx, order: &rows::Model) -> Result<(), StoreError> {
        match self {
            Self::Activation | Self::Mailbox => {}
            Self::Rental { hours } => {
                rentals::insert(tx, order.order_id(), i64::from(hours)).await?;
            }
            Self::Renewal { rental, hours } => {
                let row = orders::find_for_update(tx, rental).await?;
                let known = rentals::find(tx, rental).await?;
                let renewal = renewals::Model {
                    order_id: order.id,
                    rental_id: rental.0,
                    hours: i64::from(hours),
                    end_written_before: known.end_written,
                    ended_before_ms: row.expires_at_ms.unwrap_or(row.deadline_at_ms),
                    ends_at_ms: None,
                };
                rentals::insert_renewal(tx, renewal).await?;
            }
        }
        Ok(())
    }
}

/// An offer, and the operator asked for in its upstream's spelling.
pub(super) type Priced = (Offer, Option<String>);

impl Shop {
    /// The offers from which an order can be bought, best first.
    pub(super) async fn offers_of_order(
        &self,
        row: &rows::Model,
    ) -> Result<Vec<Priced>, ShopError> {
        let choice = Choice::of(row);
        let article = match row.product()? {
            Product::Activation => Article::Activation,
            Product::Mailbox => Article::Mailbox,
            // What was rented is on the shelf that the order names.
            Product::Rental => Article::Rental { hours: 0 },
            Product::Renewal => {
                let renewal = rentals::renewal(self.store.read(), row.order_id()).await?;
                Article::Renewal {
                    rental: OrderId(renewal.rental_id),
                    hours: u32::try_from(renewal.hours).unwrap_or(0),
                }
            }
        };
        self.offers_of(article, &choice).await
    }

    /// The offers from which an article can be bought, best first; none where it is not sold.
    pub(super) async fn offers_of(
        &self,
        article: Article,
        choice: &Choice,
    ) -> Result<Vec<Priced>, ShopError> {
        let catalogue = self.catalogue();
        match article {
            Article::Activation | Article::Rental { .. } | Article::Mailbox => {
                Ok(self.shelf_offers(&catalogue, choice))
            }
            Article::Renewal { rental, .. } => {
                let offers = self.shelf_offers(&catalogue, choice);
                self.as_renewals(rental, offers).await
            }
        }
    }

    fn shelf_offers(&self, catalogue: &Catalogue, choice: &Choice) -> Vec<Priced> {
        let offers = self.offers_for(catalogue, choice).unwrap_or_default();
        let operator = choice.operator.as_deref();
        let priced = offers.into_iter().map(|offer| {
            let code = operator.and_then(|operator| catalogue.operator_code(offer, operator));
            (offer.clone(), code.map(str::to_owned))
        });
        priced.collect()
    }

    /// The offers of a duration as renewals of a rental: only the server that rented it out can
    /// renew it, and it needs no number left.
    async fn as_renewals(
        &self,
        rental: OrderId,
        offers: Vec<Priced>,
    ) -> Result<Vec<Priced>, ShopError> {
        let read = self.store.read();
        let row = orders::find(read, rental).await?;
        let row = row.ok_or(ShopError::NoSuchOrder)?;
        let bought = attempts::of_order(read, rental).await?;
        let bought = bought
            .iter()
            .rev()
            .find(|it| it.outcome.as_deref() == Some("bought"));
        let rented = bought.and_then(|it| Some((it, terms_of(&it.service_code)?.0)));
        let (Some((bought, server)), Some(upstream_id)) = (rented, &row.upstream_id) else {
            return Ok(Vec::new());
        };
        let ours = offers.into_iter().filter(|(offer, _)| {
            offer.provider.as_str() == bought.provider
                && offer.country_code == bought.country_code
                && terms_of(&offer.service_code).is_some_and(|(of, _)| of == server)
        });
        let renewals = ours.map(|(offer, operator)| {
            let renewal = Offer {
                service_code: renewal_code(&offer.service_code, upstream_id),
                stock: None,
                ..offer
            };
            (renewal, operator)
        });
        Ok(renewals.collect())
    }

    /// The best offer for an article that can be bought at present.
    pub(super) async fn best_of(
        &self,
        article: Article,
        choice: &Choice,
    ) -> Result<Offer, ShopError> {
        let offers = self.offers_of(article, choice).await?;
        if offers.is_empty() {
            return Err(ShopError::NotSold);
        }
        self.first_sold(offers.iter().map(|(offer, _)| offer))
            .cloned()
    }
}
