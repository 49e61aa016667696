//! How many calls wait for the answers of one upstream.
//!
//! Invariant: a call that waits takes a place here and no other: however many do, what goes on at
//! other upstreams finds its hands free. The places have an end, and who finds none is not sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::domain::id::ProviderId;
use crate::shop::Shop;
use crate::shop::catalogue::Offer;

/// So many calls may wait for one upstream; with more it gets no purchase, and what it is to be
/// asked about an order is put off.
const PLACES: usize = 512;

/// The calls that wait for one upstream.
#[derive(Clone, Debug, Default)]
pub(super) struct Crowd(Arc<AtomicUsize>);

/// One of them, until it is dropped.
pub(super) struct Place(Crowd);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Crowd {
    /// Counts a call that is about to wait.
    pub(super) fn join(&self) -> Place {
        self.0.fetch_add(1, Ordering::Relaxed);
        Place(self.clone())
    }

    /// Whether more should not wait.
    pub(super) fn is_full(&self) -> bool {
        self.size() >= PLACES
    }

    fn size(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Shop {
    /// Whether the purchase that is about to be sent may go: after a rest one at a time, and never
    /// where too many wait for an answer already.
    pub(super) fn lets_through(&self, offer: &Offer) -> bool {
        let standing = self.standing(&offer.provider);
        standing.is_some_and(|it| it.lets_through(self.now()))
    }

    /// Whether so many wait for an upstream that it is asked nothing more about orders.
    pub(super) fn is_crowded(&self, provider: &ProviderId) -> bool {
        let standing = self.standing(provider);
        standing.is_some_and(|it| it.crowd.is_full())
    }

    /// How many calls wait for upstreams in places of their own.
    #[must_use]
    pub fn calls_under_way(&self) -> usize {
        let standings = self.standings.values();
        standings.map(|it| it.crowd.size().min(PLACES)).sum()
    }
}
