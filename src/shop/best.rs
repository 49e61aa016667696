//! The order in which the offers of a service are shown and tried.
//!
//! Invariant: there is one order for the list, the default and the fallbacks after a refusal, so
//! that what users are shown first is what is tried first.

use crate::domain::best::{BestBy, Record};
use crate::shop::Shop;
use crate::shop::buy::Choice;
use crate::shop::catalogue::{Catalogue, Hall, Offer, Stand};
use crate::shop::track::RouteKey;

impl Shop {
    /// What the operator takes for the best offer.
    #[must_use]
    pub const fn best_by(&self) -> BestBy {
        self.terms.best_by
    }

    /// The offers of a stand, best first; those out of stock come last.
    pub(super) fn best_first<'c>(&self, hall: &Hall, stand: &'c Stand) -> Vec<&'c Offer> {
        let tracks = self.tracks();
        let mut offers: Vec<&Offer> = stand.offers.iter().collect();
        // The sort is stable: equals stay in the picture's order of price, priority and name.
        offers.sort_by_cached_key(|offer| {
            let key = RouteKey {
                provider: offer.provider.clone(),
                country: hall.country.iso2.clone(),
                service_id: stand.service_id,
            };
            let record = tracks.get(&key).map_or(Record::default(), |it| it.record);
            let rank = self.terms.best_by.rank(offer.price, record);
            let is_last = self.is_last_resort(&offer.provider);
            (!offer.in_stock(), is_last, rank)
        });
        offers
    }

    /// The offers for a choice, best first; `None` where the service is not sold in the country.
    pub(super) fn offers_for<'c>(
        &self,
        catalogue: &'c Catalogue,
        choice: &Choice,
    ) -> Option<Vec<&'c Offer>> {
        let (hall, stand) = catalogue.find(&choice.country, choice.service.0)?;
        let (operator, server) = (choice.operator.as_deref(), choice.server.as_ref());
        let mut offers = self.best_first(hall, stand);
        offers.retain(|offer| catalogue.suits(offer, operator, server));
        Some(offers)
    }
}
