//! What OTPGet's handlers have in common, and its two for numbers besides: balance, status,
//! cancel, finish.
//!
//! Invariant: an order is called cancelled only by a word that says so; after a sentence the
//! status decides.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::CURRENCY;
use super::rows::{self, Place};
use super::words::{self, TABLE};
use crate::domain::id::{ProviderId, UpstreamId};
use crate::provider::http::reply::Reply;
use crate::provider::http::{Ask, Call, Failure, Http};
use crate::provider::wire::number;
use crate::provider::wire::token::{self, OrderParts, Said};
use crate::provider::{
    Activation, CancelAnswer, Capabilities, Cost, Listing, ProviderError, PurchaseAnswer,
};

/// One handler of one account.
#[derive(Clone, Debug)]
pub(super) struct Handler {
    http: Arc<Http>,
    file: &'static str,
    /// Dialling codes by our code of a place, to write numbers that come without one.
    dial: Arc<Mutex<HashMap<String, &'static str>>>,
}

impl Handler {
    pub(super) fn new(http: impl Into<Arc<Http>>, file: &'static str) -> Self {
        Self {
            http: http.into(),
            file,
            dial: Arc::default(),
        }
    }

    pub(super) fn id(&self) -> &ProviderId {
        self.http.id()
    }

    pub(super) fn http(&self) -> &Http {
        &self.http
    }

    pub(super) async fn ask(
        &self,
        call: Call,
        action: &str,
        query: &[(&str, &str)],
    ) -> Result<Reply, Failure> {
        let query: Vec<_> = [("action", action)].iter().chain(query).copied().collect();
        self.http
            .send(Ask {
                call,
                path: self.file,
                query: &query,
                json: None,
            })
            .await
    }

    pub(super) fn read<'a>(&self, reply: &'a Reply) -> Result<Said<'a>, ProviderError> {
        token::read(&self.http, TABLE, reply)
    }

    pub(super) fn capabilities(&self) -> Capabilities {
        Capabilities {
            batch_poll: false,
            resend: false,
            finish: true,
            balance: true,
            cancel_after: self.http.account().cancel_after,
            lifetime: self.http.account().lifetime,
        }
    }

    /// Remembers the dialling code of a place, where its country's name tells it.
    pub(super) fn note_dial_code(&self, place: &Place, country: &str) {
        if let Some(code) = number::dial_code_by_name(country) {
            let mut dial = self.dial.lock().unwrap_or_else(PoisonError::into_inner);
            dial.insert(place.code(), code);
        }
    }

    /// The dialling code of a place whose country's name told it.
    pub(super) fn dial_code(&self, place_code: &str) -> Option<&'static str> {
        let dial = self.dial.lock().unwrap_or_else(PoisonError::into_inner);
        dial.get(place_code).copied()
    }

    /// What is sold at a place.
    pub(super) async fn services(
        &self,
        query: &[(&str, &str)],
    ) -> Result<Vec<Listing>, ProviderError> {
        let reply = self.ask(Call::Catalogue, "getServices", query).await?;
        let word = token::refusing_word(&self.http, TABLE, &reply);
        if word.as_deref() == Some("NO_SERVICES") {
            return Ok(Vec::new());
        }
        let (listings, unread) = rows::services(self.read(&reply)?.json()?)?;
        if unread > 0 {
            log::warn!("{}: {unread} services could not be read", self.id());
        }
        Ok(listings)
    }

    /// Judges the answer to a purchase at a place.
    pub(super) fn judge(
        &self,
        answer: Result<Reply, Failure>,
        parts: fn(&Said<'_>) -> OrderParts,
        place_code: &str,
    ) -> PurchaseAnswer {
        let dial = self.dial_code(place_code);
        token::purchase(&self.http, TABLE, answer, parts, dial)
    }

    pub(super) async fn balance(&self) -> Result<Cost, ProviderError> {
        let reply = self.ask(Call::Read, "getBalance", &[]).await?;
        Ok(Cost {
            amount: token::balance(&self.read(&reply)?)?,
            currency: CURRENCY.to_owned(),
        })
    }

    pub(super) async fn status(&self, id: &UpstreamId) -> Result<Activation, ProviderError> {
        let query = [("id", id.as_str())];
        let reply = self.ask(Call::Read, "getStatus", &query).await?;
        let token = self.read(&reply)?.token()?;
        Ok(token::activation(&self.http, id, &token))
    }

    async fn set_status(&self, id: &UpstreamId, status: &str) -> Result<Reply, Failure> {
        let query = [("id", id.as_str()), ("status", status)];
        self.ask(Call::Change, "setStatus", &query).await
    }

    pub(super) async fn cancel(&self, id: &UpstreamId) -> Result<CancelAnswer, ProviderError> {
        let reply = self.set_status(id, "8").await?;
        match token::refusing_word(&self.http, TABLE, &reply) {
            Some(word) if words::not_now(&word) => return Ok(CancelAnswer::NotNow),
            Some(word) if words::is_closed(&word) => return Ok(CancelAnswer::AlreadyClosed),
            Some(_) | None => {}
        }
        match self.read(&reply)? {
            Said::Token(token) if words::COMPLETED.contains(&token.word.as_str()) => {
                Ok(CancelAnswer::AlreadyClosed)
            }
            // Perhaps it says that the order is cancelled, perhaps why it is not.
            Said::Text(_) => Ok(CancelAnswer::NotNow),
            Said::Token(_) | Said::Json(_) | Said::NoContent => {
                token::changed(&self.http, TABLE, &reply, &words::CANCELLED)
                    .map(|()| CancelAnswer::Cancelled)
            }
        }
    }

    pub(super) async fn finish(&self, id: &UpstreamId) -> Result<(), ProviderError> {
        let reply = self.set_status(id, "6").await?;
        match self.read(&reply)? {
            // Its sentences differ; those that refuse come with a word.
            Said::Text(_) => Ok(()),
            Said::Token(_) | Said::Json(_) | Said::NoContent => {
                token::changed(&self.http, TABLE, &reply, &words::COMPLETED)
            }
        }
    }

    pub(super) fn no_resend() -> ProviderError {
        ProviderError::Refused("this upstream sends no further SMS".to_owned())
    }
}
