//! An upstream whose panics are answers.
//!
//! Invariant: a driver that panics ends the call it is in and nothing else: a purchase is in
//! doubt then, and everything else went unanswered.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt;

use crate::domain::id::{ProviderId, UpstreamId};
use crate::provider::{
    Activation, Assortment, CancelAnswer, Capabilities, Cost, Provider, ProviderError, Purchase,
    PurchaseAnswer, UpstreamCountry,
};

/// A provider behind a guard.
#[derive(Debug)]
pub(super) struct Guarded(pub(super) Arc<dyn Provider>);

async fn guard<T>(
    call: impl Future<Output = Result<T, ProviderError>>,
) -> Result<T, ProviderError> {
    AssertUnwindSafe(call)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(ProviderError::Protocol("its driver panicked".to_owned())))
}

#[async_trait]
impl Provider for Guarded {
    fn id(&self) -> &ProviderId {
        self.0.id()
    }

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }

    async fn balance(&self) -> Result<Cost, ProviderError> {
        guard(self.0.balance()).await
    }

    async fn countries(&self) -> Result<Vec<UpstreamCountry>, ProviderError> {
        guard(self.0.countries()).await
    }

    async fn assortment(&self, country_code: &str) -> Result<Assortment, ProviderError> {
        guard(self.0.assortment(country_code)).await
    }

    async fn buy(&self, purchase: &Purchase) -> PurchaseAnswer {
        AssertUnwindSafe(self.0.buy(purchase))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| {
                let error = ProviderError::Protocol("its driver panicked".to_owned());
                PurchaseAnswer::Ambiguous(error)
            })
    }

    async fn status(&self, id: &UpstreamId) -> Result<Activation, ProviderError> {
        guard(self.0.status(id)).await
    }

    async fn open_orders(&self) -> Result<Option<Vec<Activation>>, ProviderError> {
        guard(self.0.open_orders()).await
    }

    async fn cancel(&self, id: &UpstreamId) -> Result<CancelAnswer, ProviderError> {
        guard(self.0.cancel(id)).await
    }

    async fn resend(&self, id: &UpstreamId) -> Result<(), ProviderError> {
        guard(self.0.resend(id)).await
    }

    async fn finish(&self, id: &UpstreamId) -> Result<(), ProviderError> {
        guard(self.0.finish(id)).await
    }
}
