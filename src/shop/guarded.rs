//! An upstream whose panics are answers, and whose answers are noted.
//!
//! Invariant: a driver that panics ends the call it is in and nothing else: a purchase is in
//! doubt then, and everything else went unanswered. Every call leaves its mark in the standing.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use futures_util::FutureExt;

use crate::clock::Clock;
use crate::domain::id::{ProviderId, UpstreamId};
use crate::domain::product::Product;
use crate::provider::health::Verdict;
use crate::provider::rental::RentalSms;
use crate::provider::{
    Activation, Assortment, CancelAnswer, Capabilities, Cost, Provider, ProviderError, Purchase,
    PurchaseAnswer, UpstreamCountry,
};
use crate::shop::standing::{self, Standing};

/// A provider behind a guard.
#[derive(Debug)]
pub(super) struct Guarded {
    pub(super) provider: Arc<dyn Provider>,
    pub(super) standing: Arc<Standing>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Guarded {
    async fn guard<T>(
        &self,
        call: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        let begun = Instant::now();
        let answer = AssertUnwindSafe(call)
            .catch_unwind()
            .await
            .unwrap_or_else(|_| Err(panicked()));
        self.note(begun, standing::verdict(&answer));
        answer
    }

    fn note(&self, begun: Instant, verdict: Verdict) {
        self.standing
            .note(self.clock.now(), begun.elapsed(), verdict);
    }
}

fn panicked() -> ProviderError {
    ProviderError::Protocol("its driver panicked".to_owned())
}

#[async_trait]
impl Provider for Guarded {
    fn id(&self) -> &ProviderId {
        self.provider.id()
    }

    fn capabilities(&self) -> Capabilities {
        self.provider.capabilities()
    }

    async fn balance(&self) -> Result<Cost, ProviderError> {
        self.guard(self.provider.balance()).await
    }

    async fn countries(&self) -> Result<Vec<UpstreamCountry>, ProviderError> {
        self.guard(self.provider.countries()).await
    }

    async fn assortment(&self, country_code: &str) -> Result<Assortment, ProviderError> {
        self.guard(self.provider.assortment(country_code)).await
    }

    async fn buy(&self, purchase: &Purchase) -> PurchaseAnswer {
        let begun = Instant::now();
        let answer = AssertUnwindSafe(self.provider.buy(purchase))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| PurchaseAnswer::Ambiguous(panicked()));
        let verdict = match &answer {
            PurchaseAnswer::Bought(_) => Verdict::Good,
            PurchaseAnswer::NotSent(error)
            | PurchaseAnswer::Rejected(error)
            | PurchaseAnswer::Ambiguous(error) => error.into(),
        };
        self.note(begun, verdict);
        answer
    }

    async fn status(&self, id: &UpstreamId) -> Result<Activation, ProviderError> {
        self.guard(self.provider.status(id)).await
    }

    async fn open_orders(&self) -> Result<Option<Vec<Activation>>, ProviderError> {
        self.guard(self.provider.open_orders()).await
    }

    async fn cancel(&self, id: &UpstreamId) -> Result<CancelAnswer, ProviderError> {
        self.guard(self.provider.cancel(id)).await
    }

    async fn resend(&self, id: &UpstreamId) -> Result<(), ProviderError> {
        self.guard(self.provider.resend(id)).await
    }

    async fn finish(&self, id: &UpstreamId) -> Result<(), ProviderError> {
        self.guard(self.provider.finish(id)).await
    }

    fn product(&self) -> Product {
        self.provider.product()
    }

    fn purse(&self) -> &ProviderId {
        self.provider.purse()
    }

    async fn inbox(&self, id: &UpstreamId) -> Result<Vec<RentalSms>, ProviderError> {
        self.guard(self.provider.inbox(id)).await
    }
}
