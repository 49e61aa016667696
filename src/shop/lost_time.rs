//! At start: whether an upstream knows of purchases that this copy of the database lacks.
//!
//! A backup that was put back together with the note beside it looks like the newest copy. What it
//! lacks was bought upstream all the same, and may be open there still.
//!
//! Invariant: only what nothing else explains is evidence: numbers that are open at an upstream,
//! for something that we sell there, with ids beyond the newest one known here, more than there are
//! purchases whose answer was lost. An upstream where strangers' numbers were seen in the last
//! days is used by hand, and proves nothing; one that cannot be asked proves nothing either.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;

use crate::domain::order::OrderState;
use crate::provider::{Activation, Provider};
use crate::shop::{Shop, ShopError};
use crate::store::entity::orders as rows;
use crate::store::{attempts, discrepancies, orders, to_ms};

/// An upstream that takes longer than this to list its orders is not waited for.
const PATIENCE: Duration = Duration::from_secs(4);
/// The newest number known here is looked for among so many orders.
const LATEST_ORDERS: u64 = 200;
/// A purchase whose answer was lost may be open upstream for so long.
const LOST_FOR: TimeDelta = TimeDelta::hours(2);

impl Shop {
    /// Asks the upstreams before anything is sold, and stops the sale where one of them knows
    /// more than we do.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn look_for_lost_time(&self) -> Result<(), ShopError> {
        let latest = orders::newest(self.store.read(), LATEST_ORDERS).await?;
        if self.recovery().is_some() || latest.is_empty() {
            return Ok(());
        }
        let asked = self.providers.values();
        let looks = join_all(asked.map(|provider| self.knows_more(provider.as_ref(), &latest)));
        for (id, knows_more) in self.providers.keys().zip(looks.await) {
            if knows_more? {
                log::error!("{id} lists purchases that this database lacks: nothing is sold");
                return self.enter_recovery().await;
            }
        }
        Ok(())
    }

    /// Whether an upstream lists numbers that only a newer copy of the database would know.
    async fn knows_more(
        &self,
        provider: &dyn Provider,
        latest: &[rows::Model],
    ) -> Result<bool, ShopError> {
        let id = provider.id();
        let known = latest
            .iter()
            .filter(|row| row.provider.as_deref() == Some(id.as_str()));
        let known = known.filter_map(|row| row.upstream_id.as_deref()?.parse::<u128>().ok());
        let Some(newest) = known.max() else {
            return Ok(false);
        };
        let Ok(Ok(Some(list))) = tokio::time::timeout(PATIENCE, provider.open_orders()).await
        else {
            return Ok(false);
        };
        let read = self.store.read();
        let strangers = discrepancies::at(read, id).await?;
        if strangers.iter().any(|row| row.order_id.is_none()) {
            return Ok(false);
        }
        let unknown = self.unknown_upstream(id, list).await?;
        let is_newer = |seen: &&Activation| {
            let number = seen.upstream_id.as_str().parse::<u128>();
            number.is_ok_and(|number| number > newest)
        };
        let unknown = unknown.iter().filter(is_newer);
        let unknown = unknown.filter(|seen| self.could_be_ours(provider, seen));
        let lost = [OrderState::Placing, OrderState::InDoubt];
        let lost = orders::at_provider(read, id, &lost).await?.len();
        let since_ms = to_ms(self.now() - LOST_FOR);
        let unproven = attempts::unproven(read).await?;
        let unproven = unproven
            .iter()
            .filter(|it| it.provider == id.as_str() && it.started_at_ms >= since_ms);
        Ok(unknown.count() > lost + unproven.count())
    }

    /// Whether something that we sell there is called so; one without a name can be anything.
    fn could_be_ours(&self, provider: &dyn Provider, seen: &Activation) -> bool {
        let Some(name) = seen.service_name.as_deref() else {
            return true;
        };
        let market = &self.terms.market;
        let key = market.service_key(name);
        let catalogue = self.catalogue();
        let mut stands = catalogue.halls.values().flat_map(|hall| &hall.stands);
        stands.any(|stand| {
            let mut offers = stand.offers.iter();
            market.service_key(&stand.name) == key
                && offers.any(|offer| offer.provider == *provider.id())
        })
    }
}
