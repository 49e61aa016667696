//! An upstream whose panics are answers, and whose answers are noted.
//!
//! Invariant: a driver that panics ends the call it is in and nothing else: a purchase is in
//! doubt then, and everything else went unanswered. Every call leaves its mark in the standing.
//! No id gets past it that could not be kept.

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

/// The longest id of an order, in bytes: it is kept, and sent along with every question.
const LONGEST_ID: usize = 256;

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
        let _place = self.standing.crowd.join();
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

/// Whether an id is one that a database takes and a request has room for.
fn can_be_kept(id: &UpstreamId) -> bool {
    let id = id.as_str();
    !id.is_empty() && id.len() <= LONGEST_ID && !id.contains(char::is_control)
}

fn useless_id() -> ProviderError {
    ProviderError::Protocol("an order with an id that cannot be kept".to_owned())
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
        let _place = self.standing.crowd.join();
        let mut answer = AssertUnwindSafe(self.provider.buy(purchase))
            .catch_unwind()
            .await
            .unwrap_or_else(|_| PurchaseAnswer::Ambiguous(panicked()));
        if let PurchaseAnswer::Bought(bought) = &answer
            && !can_be_kept(&bought.upstream_id)
        {
            answer = PurchaseAnswer::Ambiguous(useless_id());
        }
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
        let orders = async {
            let orders = self.provider.open_orders().await?;
            let mut ids = orders.iter().flatten().map(|order| &order.upstream_id);
            if ids.all(can_be_kept) {
                Ok(orders)
            } else {
                Err(useless_id())
            }
        };
        self.guard(orders).await
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
