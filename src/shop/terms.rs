//! The terms that users accept before they buy anything.
//!
//! Invariant: nothing is bought by somebody who did not accept the present version; this is asked
//! in the transaction that makes the order.

use crate::domain::id::{Nonce, UserId};
use crate::shop::buy::{Kept, PURCHASE, Quote};
use crate::shop::queue::QueueQuote;
use crate::shop::{Shop, ShopError};
use crate::store::entity::terms_accepted;
use crate::store::{StoreError, intents, terms, work};

/// What a button stood for, priced anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Again {
    /// Something that is bought at once.
    Now(Box<Quote>),
    /// Something that waits until it can be bought.
    Waiting(Box<QueueQuote>),
}

impl Shop {
    /// The version of the present terms; `None` where nobody is asked.
    #[must_use]
    pub fn terms_version(&self) -> Option<&str> {
        self.terms.terms_version.as_deref()
    }

    /// Whether a user accepted the present terms, or need not.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn has_accepted_terms(&self, user: UserId) -> Result<bool, ShopError> {
        match self.terms_version() {
            None => Ok(true),
            Some(version) => Ok(terms::are_accepted(self.store.read(), user, version).await?),
        }
    }

    /// Notes that a user accepts the present terms. A second time changes nothing.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`] and its like.
    pub async fn accept_terms(&self, user: UserId) -> Result<(), ShopError> {
        let Some(version) = self.terms_version() else {
            return Ok(());
        };
        let row = terms_accepted::Model {
            user_id: user.0,
            version: version.to_owned(),
            at_ms: self.now_ms(),
        };
        self.store
            .write(move |tx| work(async move { terms::accept(tx, row).await }))
            .await
            .map_err(ShopError::from)
    }

    /// Prices anew what a Confirm button stood for, also one that no longer works.
    ///
    /// # Errors
    /// [`ShopError::QuoteExpired`] where its content is forgotten, and those of [`Shop::quote`].
    pub async fn quote_again(&self, user: UserId, nonce: &Nonce) -> Result<Again, ShopError> {
        let kept = intents::find(self.store.read(), user, nonce, PURCHASE).await?;
        let kept = kept.ok_or(ShopError::QuoteExpired)?;
        let kept: Kept = serde_json::from_str(&kept.content).map_err(StoreError::from)?;
        if !kept.is_queued {
            let quote = self.quote_article(user, kept.choice, kept.article).await?;
            return Ok(Again::Now(Box::new(quote)));
        }
        let quote = self.quote_queue(user, kept.choice.clone(), 0).await?;
        let place = quote.limits.iter().position(|limit| *limit == kept.price);
        let quote = match place {
            None | Some(0) => quote,
            Some(place) => self.quote_queue(user, kept.choice, place).await?,
        };
        Ok(Again::Waiting(Box::new(quote)))
    }
}
