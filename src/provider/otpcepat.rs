//! OTPCepat: one GET endpoint that answers JSON, prices in rupiah, one status call per order.
//!
//! Invariant: an order is called cancelled only when its status says so, and a failing call for
//! the special services never takes the ordinary ones away.

mod words;

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;
use url::Url;

use super::http::reply::Reply;
use super::http::settings::Account;
use super::http::{Ask, Call, Failure, Http};
use super::wire::envelope::{self, Words};
use super::wire::{Json, number, sms, whole_currency_price};
use super::{
    Activation, ActivationState, Assortment, CancelAnswer, Capabilities, Cost, Listing, Provider,
    ProviderError, Purchase, PurchaseAnswer, UpstreamCountry,
};
use crate::domain::id::{ProviderId, UpstreamId};

/// Rupiah: the only currency it quotes.
const CURRENCY: &str = "IDR";
/// Its word for "whichever operator".
const ANY_OPERATOR: &str = "random";
/// Indonesia, whatever name it has there. The special services, which have no country, are sold
/// under it.
const INDONESIA: &str = "6";

const WORDS: Words = Words {
    refusal: words::refusal,
    currency: CURRENCY,
};

/// The driver.
#[derive(Clone, Debug)]
pub struct OtpCepat {
    http: Arc<Http>,
}

impl OtpCepat {
    /// The usual settings; `base_url` is the whole endpoint, `…/handler_api.php`.
    #[must_use]
    pub fn account(base_url: Url, key: SecretString) -> Account {
        Account::new("otpcepat", base_url, key)
    }

    /// The driver of an account.
    #[must_use]
    pub fn new(http: Http) -> Self {
        Self {
            http: Arc::new(http),
        }
    }

    /// The services that have no country. [`Provider::assortment`] adds them to one country.
    ///
    /// # Errors
    /// As any read.
    pub async fn special_services(&self) -> Result<Vec<Listing>, ProviderError> {
        self.services("getSpecialServices", &[]).await
    }

    async fn services(
        &self,
        action: &str,
        query: &[(&str, &str)],
    ) -> Result<Vec<Listing>, ProviderError> {
        let reply = self.ask(Call::Catalogue, action, query).await?;
        let rows = envelope::success(&self.http, WORDS, &reply)?.rows()?;
        let sent = rows.len();
        let listings: Vec<_> = rows.into_iter().filter_map(listing).collect();
        if listings.len() < sent {
            let unread = sent - listings.len();
            log::warn!(
                "{}: {unread} of {sent} services could not be read",
                self.http.id()
            );
        }
        Ok(listings)
    }

    async fn ask(
        &self,
        call: Call,
        action: &str,
        query: &[(&str, &str)],
    ) -> Result<Reply, Failure> {
        let query: Vec<_> = [("action", action)].iter().chain(query).copied().collect();
        self.http
            .send(Ask {
                call,
                path: "",
                query: &query,
                json: None,
            })
            .await
    }

    /// `status`: 2 cancels, 3 asks for another SMS, 4 finishes.
    async fn set_status(&self, id: &UpstreamId, status: &str) -> Result<Reply, Failure> {
        let query = [("order_id", id.as_str()), ("status", status)];
        self.ask(Call::Change, "set_status", &query).await
    }

    async fn operators(&self, country_code: &str) -> Result<Vec<String>, ProviderError> {
        let query = [("country_id", country_code)];
        let reply = self.ask(Call::Read, "getOperators", &query).await?;
        let rows = envelope::success(&self.http, WORDS, &reply)?.rows()?;
        let names = rows.into_iter().filter_map(Json::text);
        Ok(names
            .filter(|name| !name.eq_ignore_ascii_case(ANY_OPERATOR))
            .collect())
    }
}

fn listing(row: Json<'_>) -> Option<Listing> {
    let fields = row.object()?;
    Some(Listing {
        // Its numbering of services may well start at 0.
        service_code: fields.text(&["serviceID", "service_id"])?,
        service_name: fields.text(&["serviceName", "service_name"])?,
        cost: Cost {
            amount: whole_currency_price(fields.get("price")?)?,
            currency: CURRENCY.to_owned(),
        },
        stock: None,
    })
}

fn country(row: Json<'_>) -> Option<UpstreamCountry> {
    let fields = row.object()?;
    Some(UpstreamCountry {
        code: fields.text(&["countryID", "country_id"])?,
        name: fields.text(&["countryName", "country_name"])?,
    })
}

#[async_trait]
impl Provider for OtpCepat {
    fn id(&self) -> &ProviderId {
        self.http.id()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            batch_poll: false,
            resend: true,
            finish: true,
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
            .and_then(|fields| fields.decimal(&["saldo", "balance"]))
            .ok_or_else(|| {
                ProviderError::Protocol("a balance that is not a plain number".to_owned())
            })?;
        Ok(Cost {
            amount,
            currency: CURRENCY.to_owned(),
        })
    }

    async fn countries(&self) -> Result<Vec<UpstreamCountry>, ProviderError> {
        let reply = self.ask(Call::Catalogue, "getCountries", &[]).await?;
        let rows = envelope::success(&self.http, WORDS, &reply)?.rows()?;
        Ok(rows.into_iter().filter_map(country).collect())
    }

    async fn assortment(&self, country_code: &str) -> Result<Assortment, ProviderError> {
        let query = [("country_id", country_code)];
        let mut listings = self.services("getServices", &query).await?;
        if country_code == INDONESIA {
            let special = self.special_services().await.unwrap_or_else(|error| {
                log::warn!("{}: no special services: {error}", self.http.id());
                Vec::new()
            });
            listings.extend(special);
        }
        // The order call cannot tell two services of one id apart; the first, ordinary one stays.
        let mut seen = HashSet::new();
        listings.retain(|listing| seen.insert(listing.service_code.clone()));
        // Without the list every operator can still be bought from, as "random".
        let operators = self.operators(country_code).await.unwrap_or_else(|error| {
            log::warn!(
                "{}: no operators for {country_code}: {error}",
                self.http.id()
            );
            Vec::new()
        });
        Ok(Assortment {
            operators,
            listings,
        })
    }

    async fn buy(&self, purchase: &Purchase) -> PurchaseAnswer {
        let query = [
            (
                "operator_id",
                purchase.operator.as_deref().unwrap_or(ANY_OPERATOR),
            ),
            ("service_id", purchase.service_code.as_str()),
            ("country_id", purchase.country_code.as_str()),
        ];
        let answer = self.ask(Call::Purchase, "get_order", &query).await;
        let dial = number::dial_code_by_id(&purchase.country_code);
        envelope::purchase(&self.http, WORDS, answer, |raw| {
            number::international(raw, dial)
        })
    }

    async fn status(&self, id: &UpstreamId) -> Result<Activation, ProviderError> {
        let query = [("order_id", id.as_str())];
        let reply = self.ask(Call::Read, "get_status", &query).await?;
        let envelope = envelope::success(&self.http, WORDS, &reply)?;
        let fields = envelope.fields().unwrap_or_default();
        let other = fields
            .id(&["order_id"])
            .is_some_and(|sent| sent != id.as_str());
        if other || fields.is_empty() {
            return Err(ProviderError::Protocol(
                "the status of another order".to_owned(),
            ));
        }
        let sms = fields.get("sms").and_then(sms::sms);
        let word = fields.text(&["status"]).unwrap_or_default();
        let state = words::state(&word, sms.is_some())
            .unwrap_or_else(|| ActivationState::Other(self.http.clean(&word)));
        let phone = fields.text(&["number"]);
        Ok(Activation {
            upstream_id: id.clone(),
            state,
            number: phone.and_then(|raw| number::international(&raw, None)),
            sms,
            service_name: fields.text(&["serviceName", "service_name"]),
            others: Vec::new(),
            ends: None,
        })
    }

    async fn open_orders(&self) -> Result<Option<Vec<Activation>>, ProviderError> {
        Ok(None)
    }

    async fn cancel(&self, id: &UpstreamId) -> Result<CancelAnswer, ProviderError> {
        let reply = self.set_status(id, "2").await?;
        envelope::cancellation(&self.http, WORDS, &reply, words::cancel)
    }

    async fn resend(&self, id: &UpstreamId) -> Result<(), ProviderError> {
        let reply = self.set_status(id, "3").await?;
        envelope::success(&self.http, WORDS, &reply).map(|_| ())
    }

    async fn finish(&self, id: &UpstreamId) -> Result<(), ProviderError> {
        let reply = self.set_status(id, "4").await?;
        envelope::success(&self.http, WORDS, &reply).map(|_| ())
    }
}
