//! The sms-activate family: one GET endpoint, words for short answers and JSON for long ones.
//! Dozens of hosts speak it; a name, an address, a key and a currency make one of them.
//!
//! A number is asked for by `getNumberV2`, which also tells what it took. A host that answers
//! `BAD_ACTION` has no such call, so nothing was bought; it is asked by `getNumber` instead, then
//! and from there on. No call that a host understands is sent twice.
//!
//! Invariant: what a host says is taken in its configured currency or not at all, and nothing but
//! lost convenience hangs on what the driver remembers.

mod rows;
mod words;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use self::words::TABLE;
use super::http::reply::Reply;
use super::http::{Ask, Call, Failure, Http};
use super::wire::token::{self, OrderParts, Said};
use super::wire::{Object, number};
use super::{
    Activation, Assortment, CancelAnswer, Capabilities, Cost, Provider, ProviderError, Purchase,
    PurchaseAnswer, UpstreamCountry,
};
use crate::domain::id::{ProviderId, UpstreamId};

/// Service codes with the host's names for them.
type Names = Arc<HashMap<String, String>>;

/// What was learnt of a host. Losing it costs a request or two.
#[derive(Debug, Default)]
struct Learnt {
    lacks_get_number_v2: AtomicBool,
    lacks_active_orders: AtomicBool,
    asked_for_names: AtomicBool,
    names: Mutex<Option<Names>>,
}

impl Learnt {
    fn names(&self) -> MutexGuard<'_, Option<Names>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The driver.
#[derive(Clone, Debug)]
pub struct Compat {
    http: Arc<Http>,
    currency: String,
    learnt: Arc<Learnt>,
}

/// The numbers of the changes that an order can be asked to make.
#[derive(Clone, Copy)]
enum SetStatus {
    Ready,
    Another,
    Finish,
    Cancel,
}

impl SetStatus {
    const fn code(self) -> &'static str {
        match self {
            Self::Ready => "1",
            Self::Another => "3",
            Self::Finish => "6",
            Self::Cancel => "8",
        }
    }
}

impl Compat {
    /// The driver of an account at a host, whose endpoint is usually `…/stubs/handler_api.php`.
    /// `currency` is the ISO 4217 code of its prices: the wire does not tell.
    #[must_use]
    pub fn new(http: Http, currency: &str) -> Self {
        Self {
            http: Arc::new(http),
            currency: currency.to_owned(),
            learnt: Arc::default(),
        }
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

    fn read<'a>(&self, reply: &'a Reply) -> Result<Said<'a>, ProviderError> {
        token::read(&self.http, TABLE, reply)
    }

    async fn set_status(&self, id: &UpstreamId, status: SetStatus) -> Result<Reply, Failure> {
        let query = [("id", id.as_str()), ("status", status.code())];
        self.ask(Call::Change, "setStatus", &query).await
    }

    /// Tells the host that the number is in use.
    ///
    /// On a task of its own: the number is ours already, so a slow or failed answer must neither
    /// delay the buyer nor put the order in doubt.
    fn announce_ready(&self, id: UpstreamId) {
        let driver = self.clone();
        tokio::spawn(async move {
            let outcome = match driver.set_status(&id, SetStatus::Ready).await {
                Ok(reply) => token::changed(&driver.http, TABLE, &reply, &["ACCESS_READY"]),
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

    /// Reads the names of services and keeps them. Where that fails, those read last stay.
    async fn read_names(&self) {
        self.learnt.asked_for_names.store(true, Ordering::Relaxed);
        let read = async {
            let reply = self.ask(Call::Catalogue, "getServicesList", &[]).await?;
            rows::names(self.read(&reply)?.json()?)
        };
        match read.await {
            Ok(names) => *self.learnt.names() = Some(Arc::new(names)),
            Err(error) => log::warn!("{}: no names of services: {error}", self.http.id()),
        }
    }

    /// The names of services as they were read last; `None` where the host did not tell. It is
    /// asked once, and again with each reading of its countries.
    async fn names(&self) -> Option<Names> {
        if !self.learnt.asked_for_names.load(Ordering::Relaxed) {
            self.read_names().await;
        }
        self.learnt.names().clone()
    }

    async fn operators(&self, country_code: &str) -> Result<Vec<String>, ProviderError> {
        let query = [("country", country_code)];
        let reply = self.ask(Call::Read, "getOperators", &query).await?;
        rows::operators(self.read(&reply)?.json()?, country_code)
    }

    /// The SMS of an order as the list of open orders has it. A status holds the code only, and
    /// one SMS must not look like two.
    async fn listed_sms(&self, id: &UpstreamId) -> Option<String> {
        if self.learnt.lacks_active_orders.load(Ordering::Relaxed) {
            return None;
        }
        let list = self.open_orders().await.unwrap_or_else(|error| {
            log::debug!(
                "{}: no list for the text of an SMS: {error}",
                self.http.id()
            );
            None
        });
        let mut orders = list.into_iter().flatten();
        orders.find(|order| order.upstream_id == *id)?.sms
    }

    /// Sends one purchase call; also whether the host surely does not know it.
    async fn purchase(
        &self,
        action: &str,
        query: &[(&str, &str)],
        dial: Option<&str>,
    ) -> (PurchaseAnswer, bool) {
        let answer = self.ask(Call::Purchase, action, query).await;
        let refusal = answer
            .as_ref()
            .ok()
            .and_then(|reply| token::refusing_word(&self.http, TABLE, reply));
        let parts = |said: &Said<'_>| self.parts(said);
        let answer = token::purchase(&self.http, TABLE, answer, parts, dial);
        let is_unknown = refusal.as_deref() == Some(words::UNKNOWN_ACTION)
            && matches!(answer, PurchaseAnswer::Rejected(_));
        (answer, is_unknown)
    }

    fn parts(&self, said: &Said<'_>) -> OrderParts {
        match said {
            Said::Token(token) => OrderParts::of_token(token),
            Said::Json(json) => {
                let fields = json.object().unwrap_or_default();
                OrderParts {
                    cost: self.cost(&fields),
                    ..OrderParts::of_fields(&fields)
                }
            }
            Said::Text(_) | Said::NoContent => OrderParts::default(),
        }
    }

    /// What a number took, unless the host names another currency than the configured one, by
    /// its ISO 4217 code or number.
    fn cost(&self, fields: &Object<'_>) -> Option<Cost> {
        let amount = fields.decimal(&["activationCost"])?;
        let named = fields.text(&["currency"]).and_then(|text| {
            let by_number = || iso_currency::Currency::from_numeric(text.parse().ok()?);
            iso_currency::Currency::from_code(&text.to_uppercase()).or_else(by_number)
        });
        let is_ours = named.is_none_or(|named| named.code() == self.currency);
        if !is_ours || amount.is_sign_negative() {
            log::warn!(
                "{}: a cost that is not in {}",
                self.http.id(),
                self.currency
            );
            return None;
        }
        Some(Cost {
            amount,
            currency: self.currency.clone(),
        })
    }
}

#[async_trait]
impl Provider for Compat {
    fn id(&self) -> &ProviderId {
        self.http.id()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            batch_poll: !self.learnt.lacks_active_orders.load(Ordering::Relaxed),
            resend: true,
            finish: true,
            balance: true,
            cancel_after: self.http.account().cancel_after,
            lifetime: self.http.account().lifetime,
        }
    }

    async fn balance(&self) -> Result<Cost, ProviderError> {
        let reply = self.ask(Call::Read, "getBalance", &[]).await?;
        Ok(Cost {
            amount: token::balance(&self.read(&reply)?)?,
            currency: self.currency.clone(),
        })
    }

    async fn countries(&self) -> Result<Vec<UpstreamCountry>, ProviderError> {
        let reply = self.ask(Call::Catalogue, "getCountries", &[]).await?;
        let countries = rows::countries(self.read(&reply)?.json()?)?;
        // A catalogue is read from its countries on, so this is when names are read anew.
        self.read_names().await;
        Ok(countries)
    }

    async fn assortment(&self, country_code: &str) -> Result<Assortment, ProviderError> {
        let query = [("country", country_code)];
        let reply = self.ask(Call::Catalogue, "getPrices", &query).await?;
        let names = self.names().await.unwrap_or_default();
        let prices = self.read(&reply)?.json()?;
        let (listings, unread) = rows::prices(prices, country_code, &self.currency, &names)?;
        if unread > 0 {
            log::warn!(
                "{}: {unread} prices in country {country_code} could not be read",
                self.http.id()
            );
        }
        if listings.is_empty() {
            return Ok(Assortment {
                operators: Vec::new(),
                listings,
            });
        }
        // Without the list every operator can still be bought from, by naming none.
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
        let max_price = purchase.max_cost.normalize().to_string();
        let mut query = vec![
            ("service", purchase.service_code.as_str()),
            ("country", purchase.country_code.as_str()),
            ("maxPrice", max_price.as_str()),
        ];
        if let Some(operator) = &purchase.operator {
            query.push(("operator", operator));
        }
        let dial = number::dial_code_by_id(&purchase.country_code);
        let lacks_v2 = &self.learnt.lacks_get_number_v2;
        let mut answer = None;
        if !lacks_v2.load(Ordering::Relaxed) {
            let (judged, is_unknown) = self.purchase("getNumberV2", &query, dial).await;
            if is_unknown {
                lacks_v2.store(true, Ordering::Relaxed);
            } else {
                answer = Some(judged);
            }
        }
        let answer = match answer {
            Some(answer) => answer,
            None => self.purchase("getNumber", &query, dial).await.0,
        };
        if let PurchaseAnswer::Bought(bought) = &answer {
            self.announce_ready(bought.upstream_id.clone());
        }
        answer
    }

    async fn status(&self, id: &UpstreamId) -> Result<Activation, ProviderError> {
        let query = [("id", id.as_str())];
        let reply = self.ask(Call::Read, "getStatus", &query).await?;
        let token = self.read(&reply)?.token()?;
        let mut activation = token::activation(&self.http, id, &token);
        if activation.sms.is_some()
            && let Some(text) = self.listed_sms(id).await
        {
            activation.sms = Some(text);
        }
        Ok(activation)
    }

    async fn open_orders(&self) -> Result<Option<Vec<Activation>>, ProviderError> {
        let reply = self
            .ask(Call::OpenOrders, "getActiveActivations", &[])
            .await?;
        match token::refusing_word(&self.http, TABLE, &reply).as_deref() {
            Some(word) if words::NONE_ACTIVE.contains(&word) => return Ok(Some(Vec::new())),
            Some(words::UNKNOWN_ACTION) => {
                self.learnt
                    .lacks_active_orders
                    .store(true, Ordering::Relaxed);
                return Ok(None);
            }
            Some(_) | None => {}
        }
        let list = self.read(&reply)?.json()?;
        let names = self.names().await;
        rows::open_orders(list, names.as_deref()).map(Some)
    }

    async fn cancel(&self, id: &UpstreamId) -> Result<CancelAnswer, ProviderError> {
        let reply = self.set_status(id, SetStatus::Cancel).await?;
        let word = token::refusing_word(&self.http, TABLE, &reply);
        if word.as_deref().is_some_and(words::not_now) {
            return Ok(CancelAnswer::NotNow);
        }
        if let Ok(Said::Token(token)) = self.read(&reply)
            && token.word == "ACCESS_ACTIVATION"
        {
            return Ok(CancelAnswer::AlreadyClosed);
        }
        token::changed(&self.http, TABLE, &reply, &["ACCESS_CANCEL"])
            .map(|()| CancelAnswer::Cancelled)
    }

    async fn resend(&self, id: &UpstreamId) -> Result<(), ProviderError> {
        let reply = self.set_status(id, SetStatus::Another).await?;
        token::changed(&self.http, TABLE, &reply, &["ACCESS_RETRY_GET"])
    }

    async fn finish(&self, id: &UpstreamId) -> Result<(), ProviderError> {
        let reply = self.set_status(id, SetStatus::Finish).await?;
        token::changed(&self.http, TABLE, &reply, &["ACCESS_ACTIVATION"])
    }
}
