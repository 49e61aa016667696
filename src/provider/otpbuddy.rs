//! OTPBuddy: GET calls that answer JSON with a code of their own, prices in Indian rupees, numbers
//! of India.
//!
//! Invariant: an order is called cancelled only when an answer says so in words or to the very
//! call that cancels. That a number ran out or that its id is not known any more proves neither a
//! cancellation nor a refund.

mod products;
mod words;

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;
use url::Url;

use super::http::reply::Reply;
use super::http::settings::Account;
use super::http::{Ask, Call, Failure, Http};
use super::wire::envelope::{self, Envelope, Words};
use super::wire::number;
use super::{
    Activation, ActivationState, Assortment, CancelAnswer, Capabilities, Cost, Listing, Provider,
    ProviderError, Purchase, PurchaseAnswer, UpstreamCountry,
};
use crate::domain::id::{ProviderId, UpstreamId};
use words::{Status, Understood};

/// Indian rupees.
const CURRENCY: &str = "INR";
/// Its word for India, the only server it has, and how numbers begin there.
const INDIA: &str = "in";
const DIAL_CODE: &str = "91";
/// What `setStatus` takes; there is no other.
const CANCEL: &str = "8";

const WORDS: Words = Words {
    refusal: words::refusal,
    currency: CURRENCY,
};

/// The driver.
#[derive(Clone, Debug)]
pub struct OtpBuddy {
    http: Arc<Http>,
}

impl OtpBuddy {
    /// The usual settings; `base_url` is the folder above the calls, `…/v1/api`. How long a
    /// number lives its document does not say: too long costs patience, too short would cost codes.
    #[must_use]
    pub fn account(base_url: Url, key: SecretString) -> Account {
        Account {
            key_param: "token",
            ..Account::new("otpbuddy", base_url, key)
        }
    }

    /// The driver of an account.
    #[must_use]
    pub fn new(http: Http) -> Self {
        Self {
            http: Arc::new(http),
        }
    }

    async fn ask(&self, call: Call, path: &str, query: &[(&str, &str)]) -> Result<Reply, Failure> {
        self.http
            .send(Ask {
                call,
                path,
                query,
                json: None,
            })
            .await
    }

    async fn products(&self, path: &str) -> Result<Vec<Listing>, ProviderError> {
        let reply = self.ask(Call::Catalogue, path, &[]).await?;
        let rows = products::rows(&self.http, &reply)?;
        let sent = rows.len();
        let listings: Vec<_> = rows.into_iter().filter_map(products::listing).collect();
        if listings.len() < sent {
            let unread = sent - listings.len();
            log::warn!(
                "{}: {unread} of {sent} products could not be read",
                self.http.id()
            );
        }
        Ok(listings)
    }

    /// What `getStatus` says of an order. An SMS is never in it.
    async fn state(&self, id: &UpstreamId) -> Result<ActivationState, ProviderError> {
        let query = [("id", id.as_str())];
        let reply = self.ask(Call::Read, "getStatus", &query).await?;
        let envelope = envelope::open(&self.http, WORDS, &reply)?;
        match words::status(&envelope) {
            Status::Cancelled => Ok(ActivationState::Cancelled),
            Status::Waiting => Ok(ActivationState::Waiting),
            // A success that shows no SMS, or an end of which nobody knows how it came.
            Status::Success => Ok(ActivationState::Other("no SMS is shown".to_owned())),
            Status::Expired => Ok(ActivationState::Other("the number expired".to_owned())),
            // We hold this id from the upstream itself, so this proves nothing.
            Status::UnknownId => Ok(ActivationState::Other("an invalid id".to_owned())),
            Status::Unclear => Err(self.unclear(&reply, &envelope)),
        }
    }

    /// The error of an answer that tells nothing about the order. "Not found" is then said of
    /// something else, and must not read as if the order were gone.
    fn unclear(&self, reply: &Reply, envelope: &Envelope<'_>) -> ProviderError {
        let error = envelope::refused(&self.http, WORDS, reply, envelope);
        if let ProviderError::NotFound(text) = error {
            ProviderError::Protocol(text)
        } else {
            error
        }
    }

    /// Sends a cancellation by one of the two calls that may be there.
    async fn cancel_by(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Understood, ProviderError> {
        let reply = match self.ask(Call::Change, path, query).await {
            Ok(reply) => reply,
            Err(failure) => {
                let error = ProviderError::from(failure);
                // A web page: perhaps the one that says that there is no such call.
                return if matches!(error, ProviderError::Blocked(_)) {
                    Ok(Understood::NoSuchCall(error))
                } else {
                    Err(error)
                };
            }
        };
        let missing = matches!(reply.status, 404 | 405 | 410);
        let envelope = match envelope::open(&self.http, WORDS, &reply) {
            Ok(envelope) => envelope,
            Err(error) if missing => return Ok(Understood::NoSuchCall(error)),
            Err(error) => return Err(error),
        };
        let error = || envelope::refused(&self.http, WORDS, &reply, &envelope);
        match words::cancellation(&envelope) {
            Some(answer) => Ok(Understood::Answer(answer)),
            None if missing || words::is_bad_call(&envelope) => Ok(Understood::NoSuchCall(error())),
            None => Err(error()),
        }
    }
}

#[async_trait]
impl Provider for OtpBuddy {
    fn id(&self) -> &ProviderId {
        self.http.id()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            batch_poll: false,
            resend: false,
            finish: false,
            balance: true,
            cancel_after: self.http.account().cancel_after,
            lifetime: self.http.account().lifetime,
        }
    }

    async fn balance(&self) -> Result<Cost, ProviderError> {
        let reply = self.ask(Call::Read, "getBalance", &[]).await?;
        let envelope = envelope::success(&self.http, WORDS, &reply)?;
        let amount = envelope
            .fields()
            .and_then(|fields| fields.decimal(&["balance"]))
            .ok_or_else(|| {
                ProviderError::Protocol("a balance that is not a plain number".to_owned())
            })?;
        Ok(Cost {
            amount,
            currency: CURRENCY.to_owned(),
        })
    }

    async fn countries(&self) -> Result<Vec<UpstreamCountry>, ProviderError> {
        Ok(vec![UpstreamCountry {
            code: INDIA.to_owned(),
            name: "India".to_owned(),
        }])
    }

    async fn assortment(&self, _country_code: &str) -> Result<Assortment, ProviderError> {
        let listings = match self.products("getProducts").await {
            // Its document writes the name of another call over the list of products.
            Err(first) => match self.products("getStatus").await {
                Ok(listings) => listings,
                Err(second) => {
                    log::debug!("{}: getStatus lists no products: {second}", self.http.id());
                    return Err(first);
                }
            },
            Ok(listings) => listings,
        };
        Ok(Assortment {
            operators: Vec::new(),
            listings,
        })
    }

    async fn buy(&self, purchase: &Purchase) -> PurchaseAnswer {
        let query = [
            ("server", purchase.country_code.as_str()),
            ("product_id", purchase.service_code.as_str()),
        ];
        let answer = self.ask(Call::Purchase, "getNumber", &query).await;
        let answer = envelope::purchase(&self.http, WORDS, answer, |raw| {
            number::international(raw, Some(DIAL_CODE))
        });
        // A fault inside the host tells nothing about what it did before.
        if let PurchaseAnswer::Rejected(error @ ProviderError::Unavailable(_)) = answer {
            PurchaseAnswer::Ambiguous(error)
        } else {
            answer
        }
    }

    async fn status(&self, id: &UpstreamId) -> Result<Activation, ProviderError> {
        let query = [("id", id.as_str())];
        let reply = self.ask(Call::Read, "getSms", &query).await?;
        let envelope = envelope::open(&self.http, WORDS, &reply)?;
        let (state, sms) = match words::status(&envelope) {
            Status::Success => match words::sms_in(&envelope) {
                Some(text) => (ActivationState::Received, Some(text)),
                None => (ActivationState::Waiting, None),
            },
            Status::Waiting => (ActivationState::Waiting, None),
            Status::Cancelled => (ActivationState::Cancelled, None),
            // It has no SMS to show and does not say why.
            Status::Expired | Status::UnknownId => (self.state(id).await?, None),
            Status::Unclear => return Err(self.unclear(&reply, &envelope)),
        };
        Ok(Activation {
            upstream_id: id.clone(),
            state,
            number: None,
            sms,
            service_name: None,
            others: Vec::new(),
            ends: None,
        })
    }

    async fn open_orders(&self) -> Result<Option<Vec<Activation>>, ProviderError> {
        Ok(None)
    }

    async fn cancel(&self, id: &UpstreamId) -> Result<CancelAnswer, ProviderError> {
        let query = [("id", id.as_str()), ("status", CANCEL)];
        let first = match self.cancel_by("setStatus", &query).await? {
            Understood::Answer(answer) => return Ok(answer),
            Understood::NoSuchCall(error) => error,
        };
        // Cancelling is the one change that may be asked for twice: the second finds it done.
        log::debug!("{}: setStatus does not cancel: {first}", self.http.id());
        match self.cancel_by("cancelNumber", &query[..1]).await? {
            Understood::Answer(answer) => Ok(answer),
            Understood::NoSuchCall(_) => Err(first),
        }
    }

    async fn resend(&self, _id: &UpstreamId) -> Result<(), ProviderError> {
        let text = "it has no call for another SMS".to_owned();
        Err(ProviderError::Refused(text))
    }

    async fn finish(&self, _id: &UpstreamId) -> Result<(), ProviderError> {
        let text = "it has no call for the end of an order".to_owned();
        Err(ProviderError::Refused(text))
    }
}
