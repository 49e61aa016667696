//! VirtuSIM (OTP KU): one GET endpoint that answers JSON, prices in rupiah, one call for all
//! active orders.
//!
//! Invariant: an order is called absent or closed only when an answer says so in words that are
//! known; everything else is an error or [`ActivationState::Other`](super::ActivationState::Other).

pub mod rows;
mod words;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use url::Url;

use super::http::reply::Reply;
use super::http::settings::Account;
use super::http::{Ask, Call, Failure, Http};
use super::wire::envelope::{self, Envelope, Words};
use super::wire::{Json, number};
use super::{
    Activation, Assortment, CancelAnswer, Capabilities, Cost, Provider, ProviderError, Purchase,
    PurchaseAnswer, UpstreamCountry,
};
use crate::domain::id::{ProviderId, UpstreamId};
use rows::{PastOrder, country, listing, unnamed};

/// Rupiah: the only currency it quotes.
const CURRENCY: &str = "IDR";
/// Its word for "whichever operator".
const ANY_OPERATOR: &str = "any";
/// The operators that the document of version 1 lists; there is no call for them.
const V1_OPERATORS: [&str; 3] = ["telkomsel", "axis", "indosat"];
/// Version 1 sells in one country, under this code.
const V1_COUNTRY: &str = "indo";
const WORDS: Words = Words {
    refusal: words::refusal,
    currency: CURRENCY,
};

/// What the endpoint understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ApiVersion {
    /// Indonesia only; no balance, country or operator calls.
    V1,
    /// Many countries, by name; balance, lists, history and reactivation.
    V2,
}

/// The driver.
#[derive(Clone, Debug)]
pub struct VirtuSim {
    http: Arc<Http>,
    version: ApiVersion,
}

/// The codes that `set_status` takes.
#[derive(Clone, Copy)]
enum SetStatus {
    Ready,
    Cancel,
    Resend,
    Finish,
}

impl SetStatus {
    fn code(self) -> &'static str {
        match self {
            Self::Ready => "1",
            Self::Cancel => "2",
            Self::Resend => "3",
            Self::Finish => "4",
        }
    }
}

impl VirtuSim {
    /// The usual settings; `base_url` is the whole endpoint, `…/json.php`.
    #[must_use]
    pub fn account(base_url: Url, key: SecretString) -> Account {
        Account {
            // Its document is silent and clients report "the first minutes": shorter shows a
            // button that fails, longer holds money up.
            cancel_after: Duration::from_secs(3 * 60),
            ..Account::new("virtusim", base_url, key)
        }
    }

    /// The driver of an account. An endpoint with `/v2/` in its path speaks version 2.
    #[must_use]
    pub fn new(http: Http) -> Self {
        let is_v2 = http.account().base_url.path().contains("/v2/");
        Self {
            http: Arc::new(http),
            version: if is_v2 {
                ApiVersion::V2
            } else {
                ApiVersion::V1
            },
        }
    }

    /// Every order the account ever made, the newest first as far as the upstream sorts them.
    /// Version 2 only.
    ///
    /// # Errors
    /// As any read; [`ProviderError::Refused`] on version 1.
    pub async fn order_history(&self) -> Result<Vec<PastOrder>, ProviderError> {
        self.only_v2("order history")?;
        let reply = self.ask(Call::Catalogue, "order_history", &[]).await?;
        let Some(envelope) = self.list(&reply)? else {
            return Ok(Vec::new());
        };
        let rows = envelope.rows()?.into_iter();
        rows.map(|row| self.past(&row.object().ok_or_else(unnamed)?, None))
            .collect()
    }

    /// One order in full. Version 2 only.
    ///
    /// # Errors
    /// As any read; [`ProviderError::Refused`] on version 1.
    pub async fn detail_order(&self, id: &UpstreamId) -> Result<PastOrder, ProviderError> {
        self.only_v2("order detail")?;
        let query = [("id", id.as_str())];
        let reply = self.ask(Call::Read, "detail_order", &query).await?;
        let envelope = envelope::success(&self.http, WORDS, &reply)?;
        let fields = envelope.fields().filter(|fields| !fields.is_empty());
        self.past(&fields.ok_or_else(unnamed)?, Some(id.clone()))
    }

    /// Takes the number of a past order again, for money. Version 2 only. Sent once.
    pub async fn reactive_order(&self, id: &UpstreamId) -> PurchaseAnswer {
        if let Err(error) = self.only_v2("reactivation") {
            return PurchaseAnswer::NotSent(error);
        }
        let query = [("id", id.as_str())];
        let answer = self.ask(Call::Purchase, "reactive_order", &query).await;
        envelope::purchase(&self.http, WORDS, answer, |raw| {
            number::international(raw, None)
        })
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

    async fn set_status(&self, id: &UpstreamId, status: SetStatus) -> Result<Reply, Failure> {
        let query = [("id", id.as_str()), ("status", status.code())];
        self.ask(Call::Change, "set_status", &query).await
    }

    /// Tells the upstream that we are ready for the SMS, as its clients do after each order.
    ///
    /// On a task of its own: the number is ours already, so a slow or failed answer must neither
    /// delay the buyer nor put the order in doubt.
    fn announce_ready(&self, id: UpstreamId) {
        let driver = self.clone();
        tokio::spawn(async move {
            let outcome = match driver.set_status(&id, SetStatus::Ready).await {
                Ok(reply) => envelope::success(&driver.http, WORDS, &reply).map(|_| ()),
                Err(failure) => Err(failure.into()),
            };
            if let Err(error) = outcome {
                log::debug!(
                    "{}: order {id} was not set ready: {error}",
                    driver.http.id()
                );
            }
        });
    }

    fn only_v2(&self, what: &str) -> Result<(), ProviderError> {
        match self.version {
            ApiVersion::V2 => Ok(()),
            ApiVersion::V1 => Err(ProviderError::Refused(format!(
                "version 1 of this upstream has no {what} call"
            ))),
        }
    }

    /// The envelope of a list of orders; `None` when the upstream says that there are none.
    fn list<'a>(&self, reply: &'a Reply) -> Result<Option<Envelope<'a>>, ProviderError> {
        let envelope = envelope::open(&self.http, WORDS, reply)?;
        let none = envelope.message.as_deref().is_some_and(words::none_active);
        if none && envelope.ok == Some(false) && reply.status < 500 {
            return Ok(None);
        }
        envelope::success(&self.http, WORDS, reply).map(Some)
    }

    async fn operators(&self, country_code: &str) -> Result<Vec<String>, ProviderError> {
        if self.version == ApiVersion::V1 {
            return Ok(V1_OPERATORS.map(str::to_owned).to_vec());
        }
        let query = [("country", country_code)];
        let reply = self.ask(Call::Read, "list_operator", &query).await?;
        let rows = envelope::success(&self.http, WORDS, &reply)?.rows()?;
        let names = rows.into_iter().filter_map(Json::text);
        Ok(names
            .filter(|name| !name.eq_ignore_ascii_case(ANY_OPERATOR))
            .collect())
    }
}

#[async_trait]
impl Provider for VirtuSim {
    fn id(&self) -> &ProviderId {
        self.http.id()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            batch_poll: true,
            resend: true,
            finish: true,
            balance: self.version == ApiVersion::V2,
            cancel_after: self.http.account().cancel_after,
            lifetime: self.http.account().lifetime,
        }
    }

    async fn balance(&self) -> Result<Cost, ProviderError> {
        self.only_v2("balance")?;
        let reply = self.ask(Call::Read, "balance", &[]).await?;
        let envelope = envelope::success(&self.http, WORDS, &reply)?;
        let amount = match envelope.fields() {
            Some(fields) => fields.decimal(&["balance", "saldo"]),
            None => envelope.data.and_then(Json::decimal),
        };
        let amount = amount.ok_or_else(|| {
            ProviderError::Protocol("a balance that is not a plain number".to_owned())
        })?;
        Ok(Cost {
            amount,
            currency: CURRENCY.to_owned(),
        })
    }

    async fn countries(&self) -> Result<Vec<UpstreamCountry>, ProviderError> {
        if self.version == ApiVersion::V1 {
            return Ok(vec![UpstreamCountry {
                code: V1_COUNTRY.to_owned(),
                name: "Indonesia".to_owned(),
            }]);
        }
        let reply = self.ask(Call::Catalogue, "list_country", &[]).await?;
        let rows = envelope::success(&self.http, WORDS, &reply)?.rows()?;
        Ok(rows.into_iter().filter_map(country).collect())
    }

    async fn assortment(&self, country_code: &str) -> Result<Assortment, ProviderError> {
        let query = match self.version {
            ApiVersion::V1 => vec![("country", country_code)],
            ApiVersion::V2 => vec![("country", country_code), ("service", "")],
        };
        let reply = self.ask(Call::Catalogue, "services", &query).await?;
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
        // Without the list every operator can still be bought from, as "any".
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
        let operator = purchase.operator.as_deref().unwrap_or(ANY_OPERATOR);
        let query = [
            ("service", purchase.service_code.as_str()),
            ("operator", operator),
        ];
        let answer = self.ask(Call::Purchase, "order", &query).await;
        let dial = self.dial_code(&purchase.country_code);
        let answer = envelope::purchase(&self.http, WORDS, answer, |raw| {
            number::international(raw, dial)
        });
        if let PurchaseAnswer::Bought(bought) = &answer {
            self.announce_ready(bought.upstream_id.clone());
        }
        answer
    }

    async fn status(&self, id: &UpstreamId) -> Result<Activation, ProviderError> {
        let reply = self
            .ask(Call::Read, "status", &[("id", id.as_str())])
            .await?;
        let envelope = envelope::success(&self.http, WORDS, &reply)?;
        let fields = envelope.fields().unwrap_or_default();
        let other = fields.id(&["id"]).is_some_and(|sent| sent != id.as_str());
        if other || fields.is_empty() {
            return Err(ProviderError::Protocol(
                "the status of another order".to_owned(),
            ));
        }
        self.activation(&fields, Some(id.clone()))
            .ok_or_else(|| ProviderError::Protocol("no status".to_owned()))
    }

    async fn open_orders(&self) -> Result<Option<Vec<Activation>>, ProviderError> {
        let reply = self.ask(Call::OpenOrders, "active_order", &[]).await?;
        let Some(envelope) = self.list(&reply)? else {
            return Ok(Some(Vec::new()));
        };
        let rows = envelope.rows()?;
        let orders: Result<Vec<_>, _> = rows.into_iter().map(|row| self.listed(row)).collect();
        orders.map(Some)
    }

    async fn cancel(&self, id: &UpstreamId) -> Result<CancelAnswer, ProviderError> {
        let reply = self.set_status(id, SetStatus::Cancel).await?;
        envelope::cancellation(&self.http, WORDS, &reply, words::cancel)
    }

    async fn resend(&self, id: &UpstreamId) -> Result<(), ProviderError> {
        let reply = self.set_status(id, SetStatus::Resend).await?;
        envelope::success(&self.http, WORDS, &reply).map(|_| ())
    }

    async fn finish(&self, id: &UpstreamId) -> Result<(), ProviderError> {
        let reply = self.set_status(id, SetStatus::Finish).await?;
        envelope::success(&self.http, WORDS, &reply).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("https://virtusim.com/api/json.php", ApiVersion::V1)]
    #[case("https://virtusim.com/api/v2/json.php", ApiVersion::V2)]
    #[case("http://127.0.0.1:9/mirror/v2/json.php", ApiVersion::V2)]
    fn the_url_tells_the_version(#[case] url: &str, #[case] version: ApiVersion) {
        let account = VirtuSim::account(Url::parse(url).unwrap(), "an-invented-key".into());
        assert_eq!(VirtuSim::new(Http::new(account).unwrap()).version, version);
    }
}
