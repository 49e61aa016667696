//! What our balance at an upstream proves about purchases in doubt there.
//!
//! Invariant: nothing was bought only where no other explanation fits: no refund that is owed, no
//! purchase that the balance does not show yet, no number that the upstream closed unseen.

use crate::domain::float::{Evidence, judge, may_be_hidden};
use crate::domain::id::UpstreamId;
use crate::provider::{Activation, ActivationState, Provider};
use crate::shop::float::{QuietReading, REFUNDS_COME_WITHIN};
use crate::shop::settle::cost_of;
use crate::shop::{Shop, ShopError};
use crate::store::entity::orders::Model;
use crate::store::floats;

/// So many orders are asked for one by one to see that none of them was closed.
const MOST_ASKED: usize = 12;

impl Shop {
    /// What the balance proves about the purchases in doubt at an upstream; `None` where it can
    /// prove nothing: the upstream tells none, or none was read before. What the upstream `listed`
    /// is open there.
    pub(super) async fn evidence(
        &self,
        provider: &dyn Provider,
        listed: &[Activation],
    ) -> Result<Option<Evidence>, ShopError> {
        let payer = self.provider(provider.purse().as_str());
        let (provider, listed) = match payer.filter(|payer| payer.id() != provider.id()) {
            // What its account sells besides is not in this list.
            Some(payer) => (payer.as_ref(), &[][..]),
            None => (provider, listed),
        };
        if !provider.capabilities().balance {
            return Ok(None);
        }
        let Some(known) = floats::find(self.store.read(), provider.id()).await? else {
            return Ok(None);
        };
        let Some(reading) = self.read_quietly(provider).await? else {
            return Ok(Some(Evidence::Unclear));
        };
        let since_ms = self.now_ms() - REFUNDS_COME_WITHIN.num_milliseconds();
        let read = self.store.read();
        let owed = floats::owed(read, provider.id(), &known.currency, since_ms).await?;
        // A refund that comes just now would hide what a purchase took.
        if reading.currency != known.currency || !owed.is_empty() {
            return Ok(Some(Evidence::Unclear));
        }
        let gone = known.seen.saturating_sub(reading.offset);
        let evidence = judge(gone, &reading.doubts);
        if evidence == Evidence::NoneTaken && self.is_hidden(provider, &reading, listed).await? {
            return Ok(Some(Evidence::Unclear));
        }
        Ok(Some(evidence))
    }

    /// Whether a balance that did not move hides a purchase: behind another one that it does not
    /// show yet, or behind the refund of an order that the upstream closed and nobody here knows.
    async fn is_hidden(
        &self,
        provider: &dyn Provider,
        reading: &QuietReading,
        listed: &[Activation],
    ) -> Result<bool, ShopError> {
        let [taken, _] = &reading.recent;
        if may_be_hidden(&reading.doubts, taken) {
            return Ok(true);
        }
        let waiting = floats::waiting(self.store.read(), provider.id()).await?;
        let is_open_there = |seen: &&Activation| match seen.state {
            ActivationState::Waiting | ActivationState::Received => true,
            ActivationState::Finished | ActivationState::Cancelled | ActivationState::Other(_) => {
                false
            }
        };
        let open: Vec<&UpstreamId> = listed
            .iter()
            .filter(is_open_there)
            .map(|seen| &seen.upstream_id)
            .collect();
        let is_listed = |id: &str| open.iter().any(|seen| seen.as_str() == id);
        let mut unsure: Vec<(&Model, i64)> = waiting
            .iter()
            .filter(|row| !row.upstream_id.as_deref().is_none_or(is_listed))
            .filter_map(|row| Some((row, cost_of(row)?.2)))
            .collect();
        let costs = |unsure: &[(&Model, i64)]| -> Vec<i64> {
            unsure.iter().map(|(_, cost)| *cost).collect()
        };
        if !may_be_hidden(&reading.doubts, &[taken.clone(), costs(&unsure)].concat()) {
            return Ok(false);
        }
        if unsure.len() > MOST_ASKED {
            return Ok(true);
        }
        let mut still_unsure = Vec::new();
        for (row, cost) in unsure.drain(..) {
            if !self.is_open_there(row).await {
                still_unsure.push((row, cost));
            }
        }
        let hidden = [taken.clone(), costs(&still_unsure)].concat();
        Ok(may_be_hidden(&reading.doubts, &hidden))
    }

    /// Whether the upstream surely has not paid an order's number back.
    async fn is_open_there(&self, row: &Model) -> bool {
        let seller = row.provider.as_deref().and_then(|id| self.provider(id));
        let (Some(seller), Some(id)) = (seller, row.upstream_id.clone()) else {
            return false;
        };
        let seen = seller.status(&UpstreamId(id)).await;
        seen.is_ok_and(|seen| match seen.state {
            ActivationState::Waiting | ActivationState::Received | ActivationState::Finished => {
                true
            }
            ActivationState::Cancelled | ActivationState::Other(_) => false,
        })
    }
}
