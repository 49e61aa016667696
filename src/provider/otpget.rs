//! OTPGet: activations at `handler_api.php`, words and JSON, prices in Pakistani rupees.
//!
//! It sells through six suppliers, its *types*; each has countries and services of its own
//! numbering. Our code of a country therefore holds both: `1/33` is country 33 of type 1.
//!
//! Rentals and mailboxes have handlers of their own, which speak JSON. One key opens all four, and
//! all four take from one balance, so the rentals and the mailboxes bear the id of the
//! activations: theirs is the float.
//!
//! Invariant: an `ERROR_PROVIDER_n`, which is what a supplier of theirs answered, is a refusal
//! unless something in it could be an order; a price that changed meanwhile bought nothing.

mod answers;
pub mod cheap;
mod handler;
pub mod mail;
pub mod rental;
mod rows;
mod words;

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;
use url::Url;

use self::handler::Handler;
use super::http::settings::Account;
use super::http::{Call, Http};
use super::wire::token::{OrderParts, Said};
use super::{
    Activation, Assortment, CancelAnswer, Capabilities, Cost, Provider, ProviderError, Purchase,
    PurchaseAnswer, UpstreamCountry,
};
use crate::domain::id::{ProviderId, UpstreamId};

/// Pakistani rupees: the only currency it quotes.
const CURRENCY: &str = "PKR";
const FILE: &str = "handler_api.php";
/// Its suppliers.
const TYPES: [&str; 6] = ["1", "2", "3", "4", "5", "6"];

/// The driver of the activations.
#[derive(Clone, Debug)]
pub struct OtpGet {
    handler: Handler,
}

impl OtpGet {
    /// The usual settings; `base_url` is the folder of the handlers, `…/stubs`.
    #[must_use]
    pub fn account(base_url: Url, key: SecretString) -> Account {
        Account::new("otpget", base_url, key)
    }

    /// The driver of an account.
    #[must_use]
    pub fn new(http: impl Into<Arc<Http>>) -> Self {
        Self {
            handler: Handler::new(http, FILE),
        }
    }

    /// The countries of one type. Whether an answer holds one type or all of them, its document
    /// leaves open, so only those of the type that was asked for count.
    async fn countries_of(&self, kind: &str) -> Result<Vec<UpstreamCountry>, ProviderError> {
        let query = [("type", kind)];
        let reply = self
            .handler
            .ask(Call::Catalogue, "getCountries", &query)
            .await?;
        let mut places = rows::places(self.handler.read(&reply)?.json()?, kind)?;
        places.retain(|place| place.kind == kind);
        let countries = places.into_iter().map(|place| {
            self.handler.note_dial_code(&place, &place.name);
            UpstreamCountry {
                code: place.code(),
                name: place.name,
            }
        });
        Ok(countries.collect())
    }
}

fn parts(said: &Said<'_>) -> OrderParts {
    match said {
        Said::Token(token) => OrderParts::of_token(token),
        Said::Json(json) => OrderParts::of_fields(&json.object().unwrap_or_default()),
        Said::Text(_) | Said::NoContent => OrderParts::default(),
    }
}

fn no_such_country() -> ProviderError {
    ProviderError::NotFound("a country without a type".to_owned())
}

#[async_trait]
impl Provider for OtpGet {
    fn id(&self) -> &ProviderId {
        self.handler.id()
    }

    fn capabilities(&self) -> Capabilities {
        self.handler.capabilities()
    }

    async fn balance(&self) -> Result<Cost, ProviderError> {
        self.handler.balance().await
    }

    async fn countries(&self) -> Result<Vec<UpstreamCountry>, ProviderError> {
        let mut countries = Vec::new();
        let mut failed = None;
        for kind in TYPES {
            match self.countries_of(kind).await {
                Ok(found) => countries.extend(found),
                Err(error) => {
                    log::warn!(
                        "{}: no countries of type {kind}: {error}",
                        self.handler.id()
                    );
                    failed = Some(error);
                }
            }
        }
        match failed {
            Some(error) if countries.is_empty() => Err(error),
            Some(_) | None => Ok(countries),
        }
    }

    async fn assortment(&self, country_code: &str) -> Result<Assortment, ProviderError> {
        let (kind, country) = rows::parts_of(country_code).ok_or_else(no_such_country)?;
        let query = [("country", country), ("type", kind)];
        Ok(Assortment {
            operators: Vec::new(),
            listings: self.handler.services(&query).await?,
        })
    }

    async fn buy(&self, purchase: &Purchase) -> PurchaseAnswer {
        let Some((kind, country)) = rows::parts_of(&purchase.country_code) else {
            return PurchaseAnswer::NotSent(no_such_country());
        };
        let max_price = purchase.max_cost.normalize().to_string();
        let query = [
            ("service", purchase.service_code.as_str()),
            ("country", country),
            ("type", kind),
            ("maxPrice", max_price.as_str()),
        ];
        let answer = self.handler.ask(Call::Purchase, "getNumber", &query).await;
        self.handler.judge(answer, parts, &purchase.country_code)
    }

    async fn status(&self, id: &UpstreamId) -> Result<Activation, ProviderError> {
        self.handler.status(id).await
    }

    async fn open_orders(&self) -> Result<Option<Vec<Activation>>, ProviderError> {
        Ok(None)
    }

    async fn cancel(&self, id: &UpstreamId) -> Result<CancelAnswer, ProviderError> {
        self.handler.cancel(id).await
    }

    async fn resend(&self, _id: &UpstreamId) -> Result<(), ProviderError> {
        Err(Handler::no_resend())
    }

    async fn finish(&self, id: &UpstreamId) -> Result<(), ProviderError> {
        self.handler.finish(id).await
    }
}
