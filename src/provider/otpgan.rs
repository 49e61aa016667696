//! OTPGan: REST calls that answer JSON, prices in rupiah, numbers of Indonesia only.
//!
//! Invariant: an order is called cancelled only when an answer says so, and a price is never
//! guessed: it stands in the operator's list or in an answer of the upstream.

pub mod services;
mod words;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use serde::Serialize;
use url::Url;

use super::http::reply::Reply;
use super::http::settings::Account;
use super::http::{Ask, Call, Failure, Http};
use super::wire::envelope::{self, Words};
use super::wire::{Json, Object, number, sms};
use super::{
    Activation, ActivationState, Assortment, CancelAnswer, Capabilities, Cost, Listing, Provider,
    ProviderError, Purchase, PurchaseAnswer, UpstreamCountry,
};
use crate::domain::id::{ProviderId, UpstreamId};
use services::{Learnt, Services};

/// Rupiah: the only currency it quotes.
const CURRENCY: &str = "IDR";
/// Its word for "whichever operator".
const ANY_OPERATOR: &str = "random";
/// Its number of Indonesia, the only country it sells, and how numbers begin there.
const INDONESIA: &str = "6";
const DIAL_CODE: &str = "62";

const WORDS: Words = Words {
    refusal: words::refusal,
    currency: CURRENCY,
};

/// The driver.
#[derive(Clone, Debug)]
pub struct OtpGan {
    http: Arc<Http>,
    services: Services,
    learnt: Arc<Learnt>,
}

/// What `order/create` is sent.
#[derive(Serialize)]
struct NewOrder<'a> {
    service: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<&'a str>,
}

/// What `order/status` is sent to change an order.
#[derive(Serialize)]
struct Change<'a> {
    order_id: &'a str,
    action: &'a str,
}

impl OtpGan {
    /// The usual settings; `base_url` is the folder above the calls.
    #[must_use]
    pub fn account(base_url: Url, key: SecretString) -> Account {
        Account {
            // Its document lets every pending order be cancelled.
            cancel_after: Duration::ZERO,
            ..Account::new("otpgan", base_url, key)
        }
    }

    /// The driver of an account that sells `services`; its document has no call for them.
    #[must_use]
    pub fn new(http: Http, services: Services) -> Self {
        Self {
            http: Arc::new(http),
            services,
            learnt: Arc::default(),
        }
    }

    async fn get(&self, call: Call, path: &str, query: &[(&str, &str)]) -> Result<Reply, Failure> {
        self.http
            .send(Ask {
                call,
                path,
                query,
                json: None,
            })
            .await
    }

    async fn post(&self, call: Call, path: &str, body: &impl Serialize) -> Result<Reply, Failure> {
        // Plain structs of texts always have a JSON form.
        let json = serde_json::to_string(body).unwrap_or_default();
        self.http
            .send(Ask {
                call,
                path,
                query: &[],
                json: Some(&json),
            })
            .await
    }

    async fn set_status(&self, id: &UpstreamId, action: &str) -> Result<Reply, Failure> {
        let order_id = id.as_str();
        let change = Change { order_id, action };
        self.post(Call::Change, "order/status", &change).await
    }

    async fn operators(&self) -> Result<Vec<String>, ProviderError> {
        let reply = self.get(Call::Read, "operators", &[]).await?;
        let envelope = envelope::success(&self.http, WORDS, &reply)?;
        let listed = envelope.fields().and_then(|data| data.get("operators"));
        let rows = listed.or(envelope.data).and_then(Json::rows);
        let rows =
            rows.ok_or_else(|| ProviderError::Protocol("no list of operators".to_owned()))?;
        let names = rows.into_iter().filter_map(Json::text);
        Ok(names
            .filter(|name| !name.eq_ignore_ascii_case(ANY_OPERATOR))
            .collect())
    }

    async fn listings(&self) -> Result<Vec<Listing>, ProviderError> {
        match &self.services {
            Services::Listed(listings) => Ok(self.learnt.applied_to(listings)),
            Services::Online => {
                let reply = self.get(Call::Catalogue, "services", &[]).await?;
                let envelope = envelope::success(&self.http, WORDS, &reply)?;
                services::read(self.http.id(), &envelope)
            }
        }
    }
}

/// Whether an answer names an order, and not this one.
fn is_of_another(fields: &Object<'_>, id: &UpstreamId) -> bool {
    let named = fields.id(&["orderId", "order_id", "id"]);
    named.is_some_and(|named| named != id.as_str())
}

#[async_trait]
impl Provider for OtpGan {
    fn id(&self) -> &ProviderId {
        self.http.id()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            batch_poll: false,
            resend: false,
            finish: true,
            balance: true,
            cancel_after: self.http.account().cancel_after,
            lifetime: self.http.account().lifetime,
        }
    }

    async fn balance(&self) -> Result<Cost, ProviderError> {
        let reply = self.get(Call::Read, "account", &[]).await?;
        let envelope = envelope::success(&self.http, WORDS, &reply)?;
        let amount = envelope
            .fields()
            .and_then(|fields| fields.decimal(&["balance", "saldo"]))
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
            code: INDONESIA.to_owned(),
            name: "Indonesia".to_owned(),
        }])
    }

    async fn assortment(&self, _country_code: &str) -> Result<Assortment, ProviderError> {
        let listings = self.listings().await?;
        // Without the list every operator can still be bought from, as "random".
        let operators = self.operators().await.unwrap_or_else(|error| {
            log::warn!("{}: no operators: {error}", self.http.id());
            Vec::new()
        });
        Ok(Assortment {
            operators,
            listings,
        })
    }

    async fn buy(&self, purchase: &Purchase) -> PurchaseAnswer {
        let order = NewOrder {
            service: &purchase.service_code,
            operator: purchase.operator.as_deref(),
        };
        let answer = self.post(Call::Purchase, "order/create", &order).await;
        let answer = envelope::purchase(&self.http, WORDS, answer, |raw| {
            number::international(raw, Some(DIAL_CODE))
        });
        if let PurchaseAnswer::Bought(bought) = &answer
            && let Some(cost) = &bought.cost
        {
            self.learnt.note(&purchase.service_code, cost.amount);
        }
        answer
    }

    async fn status(&self, id: &UpstreamId) -> Result<Activation, ProviderError> {
        let query = [("order_id", id.as_str())];
        let reply = self.get(Call::Read, "order/status", &query).await?;
        let envelope = envelope::success(&self.http, WORDS, &reply)?;
        let fields = envelope.fields().unwrap_or_default();
        if fields.is_empty() || is_of_another(&fields, id) {
            return Err(ProviderError::Protocol(
                "the status of another order".to_owned(),
            ));
        }
        let sms = fields.get("otpCode").and_then(sms::sms);
        let word = fields.text(&["status"]).unwrap_or_default();
        let state = words::state(&word, sms.is_some())
            .unwrap_or_else(|| ActivationState::Other(self.http.clean(&word)));
        let phone = fields.text(&["phoneNumber", "phone_number", "number"]);
        Ok(Activation {
            upstream_id: id.clone(),
            state,
            number: phone.and_then(|raw| number::international(&raw, Some(DIAL_CODE))),
            sms,
            service_name: fields.text(&["serviceName", "service_name", "service"]),
            others: Vec::new(),
            ends: None,
        })
    }

    async fn open_orders(&self) -> Result<Option<Vec<Activation>>, ProviderError> {
        Ok(None)
    }

    async fn cancel(&self, id: &UpstreamId) -> Result<CancelAnswer, ProviderError> {
        let reply = self.set_status(id, "cancel").await?;
        let answer = envelope::cancellation(&self.http, WORDS, &reply, words::cancel)?;
        let envelope = envelope::open(&self.http, WORDS, &reply)?;
        let fields = envelope.fields().unwrap_or_default();
        let done = fields.text(&["action"]);
        let other = done.is_some_and(|done| !words::is_cancel(&done));
        if answer == CancelAnswer::Cancelled && (other || is_of_another(&fields, id)) {
            return Err(ProviderError::Protocol(
                "a success that is not this cancellation's".to_owned(),
            ));
        }
        Ok(answer)
    }

    async fn resend(&self, _id: &UpstreamId) -> Result<(), ProviderError> {
        let text = "it has no call for another SMS".to_owned();
        Err(ProviderError::Refused(text))
    }

    async fn finish(&self, id: &UpstreamId) -> Result<(), ProviderError> {
        let reply = self.set_status(id, "finish").await?;
        envelope::success(&self.http, WORDS, &reply).map(|_| ())
    }
}
