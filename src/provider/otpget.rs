//! OTPGet: activations at `handler_api.php`, words and JSON, prices in Pakistani rupees.
//!
//! It sells through six suppliers, its *types*; each has countries and services of its own
//! numbering. Our code of a country therefore holds both: `1/33` is country 33 of type 1.
//!
//! Invariant: an `ERROR_PROVIDER_n`, which is what a supplier of theirs answered, is a refusal
//! unless something in it could be an order; a price that changed meanwhile bought nothing.

pub mod cheap;
mod handler;
mod rows;
mod words;

use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use url::Url;

use self::handler::Handler;
use super::http::Call;
use super::http::settings::{Limits, Retries, Timeouts, USER_AGENT};
use super::wire::token::{OrderParts, Said};
use super::{
    Activation, Assortment, CancelAnswer, Capabilities, Cost, Provider, ProviderError, Purchase,
    PurchaseAnswer, UpstreamCountry,
};
use crate::domain::id::{ProviderId, UpstreamId};

/// The folder of its handlers.
pub const DEFAULT_URL: &str = "https://otpget.com/stubs";

/// Pakistani rupees: the only currency it quotes.
const CURRENCY: &str = "PKR";
const FILE: &str = "handler_api.php";
/// Its suppliers.
const TYPES: [&str; 6] = ["1", "2", "3", "4", "5", "6"];

/// How one OTPGet account is reached.
#[derive(Clone, Debug)]
pub struct Config {
    /// The name it has with us.
    pub id: ProviderId,
    /// The folder of the handlers, `…/stubs`.
    pub base_url: Url,
    /// The API key, the same for all handlers.
    pub key: SecretString,
    /// The `User-Agent` header.
    pub user_agent: String,
    /// How much may be asked of it.
    pub limits: Limits,
    /// How long calls may take.
    pub timeouts: Timeouts,
    /// How reads are repeated.
    pub retries: Retries,
    /// How long it refuses to cancel a fresh order.
    pub cancel_after: Duration,
    /// How long a number lives.
    pub lifetime: Duration,
}

impl Config {
    /// The usual settings of the activations.
    #[must_use]
    pub fn new(base_url: Url, key: SecretString) -> Self {
        Self {
            id: "otpget".into(),
            base_url,
            key,
            user_agent: USER_AGENT.to_owned(),
            limits: Limits::default(),
            timeouts: Timeouts::default(),
            retries: Retries::default(),
            cancel_after: Duration::from_secs(2 * 60),
            // Its document is silent; twenty minutes is what hosts of this kind give.
            lifetime: Duration::from_secs(20 * 60),
        }
    }

    /// The usual settings of the cheap numbers.
    #[must_use]
    pub fn cheap(base_url: Url, key: SecretString) -> Self {
        Self {
            id: "otpgetcheap".into(),
            lifetime: Duration::from_secs(15 * 60),
            ..Self::new(base_url, key)
        }
    }
}

/// The driver of the activations.
#[derive(Clone, Debug)]
pub struct OtpGet {
    handler: Handler,
}

impl OtpGet {
    /// Prepares the driver; nothing is sent.
    ///
    /// # Errors
    /// As [`super::http::Http::new`].
    pub fn new(config: Config) -> Result<Self, ProviderError> {
        let handler = Handler::new(config, FILE)?;
        Ok(Self { handler })
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
        &self.handler.id
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
                    log::warn!("{}: no countries of type {kind}: {error}", self.handler.id);
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
