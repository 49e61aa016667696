//! OTPGet's cheap numbers at `cheap_handler.php`: bought from a server, good for 15 minutes.
//!
//! A server has a name such as `Pakistan - Server 2`, and its one offer one such as
//! `Pakistan Server 2 — ₨50.00`; the purchase names the server and no service. So a server is a
//! country here, by the words before its dash and under a code that holds its type: `1/2`. Its
//! number serves for whatever one likes, which the market calls "Any Other", unless the offer's
//! name has further words beside the country and the server: those are the service then. A
//! server whose name begins with no country (`Random Facebook - Free`) stands under its own name.
//!
//! Invariant: an answer is a purchase only if it is an order's id, a number and nothing that
//! could be a sentence.

use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use url::Url;

use super::handler::Handler;
use super::rows::{self, Place};
use crate::domain::id::{ProviderId, UpstreamId};
use crate::provider::http::settings::Account;
use crate::provider::http::{Call, Http};
use crate::provider::wire::number;
use crate::provider::wire::token::{OrderParts, Said};
use crate::provider::{
    Activation, Assortment, CancelAnswer, Capabilities, Cost, Provider, ProviderError, Purchase,
    PurchaseAnswer, UpstreamCountry,
};

const FILE: &str = "cheap_handler.php";
/// The type of servers that are listed without one.
const USUAL_TYPE: &str = "1";
/// What the market calls a number that serves for any service.
const ANY_SERVICE: &str = "Any Other";

/// The driver of the cheap numbers.
#[derive(Clone, Debug)]
pub struct OtpGetCheap {
    handler: Handler,
    /// OTPGet's one account pays for both.
    purse: ProviderId,
}

impl OtpGetCheap {
    /// The usual settings; `base_url` is the folder of the handlers, `…/stubs`.
    #[must_use]
    pub fn account(base_url: Url, key: SecretString) -> Account {
        Account {
            lifetime: Duration::from_secs(15 * 60),
            ..Account::new("otpgetcheap", base_url, key)
        }
    }

    /// The driver of an account.
    #[must_use]
    pub fn new(http: Http) -> Self {
        Self {
            handler: Handler::new(http, FILE),
            purse: ProviderId::from("otpget"),
        }
    }

    fn country(&self, place: &Place) -> UpstreamCountry {
        let words: Vec<&str> = words_of_place(&place.name).collect();
        let country = country_in(&words).map_or_else(|| place.name.clone(), |(name, _)| name);
        self.handler.note_dial_code(place, &country);
        UpstreamCountry {
            code: place.code(),
            name: country,
        }
    }
}

/// The words of a name before its server: `Pakistan`, `Server`, `2` gives `Pakistan`.
fn words_of_place(name: &str) -> impl Iterator<Item = &str> {
    name.split_whitespace()
        .take_while(|word| !word.eq_ignore_ascii_case("server"))
        .filter(|word| word.chars().any(char::is_alphanumeric))
}

/// The longest beginning that names a country, and what follows it.
fn country_in<'w>(words: &'w [&'w str]) -> Option<(String, &'w [&'w str])> {
    (1..=words.len()).rev().find_map(|count| {
        let (first, rest) = words.split_at(count);
        let name = first.join(" ");
        number::dial_code_by_name(&name)?;
        Some((name, rest))
    })
}

/// The service that an offer's name speaks of.
fn service_name(offer: &str) -> String {
    let words: Vec<&str> = words_of_place(offer).collect();
    let rest = match country_in(&words) {
        Some((_, rest)) => rest.join(" "),
        None => words.join(" "),
    };
    if rest.is_empty() {
        ANY_SERVICE.to_owned()
    } else {
        rest
    }
}

/// `ORDER_ID,NUMBER,900`.
fn parts(said: &Said<'_>) -> OrderParts {
    match said {
        Said::Text(text) => {
            let parts: Vec<&str> = text.split(',').map(str::trim).collect();
            match parts.as_slice() {
                [id, number] | [id, number, _] if is_order(id, number) => {
                    OrderParts::of_texts(Some(id), Some(number))
                }
                _ => OrderParts::default(),
            }
        }
        Said::Token(token) => OrderParts::of_token(token),
        Said::Json(json) => OrderParts::of_fields(&json.object().unwrap_or_default()),
        Said::NoContent => OrderParts::default(),
    }
}

fn is_order(id: &str, number: &str) -> bool {
    let in_id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let in_number = |c: char| c.is_ascii_digit() || c == '+';
    // "Sorry, 9230…" is no order: an id has a digit.
    let has_digit = id.contains(|c: char| c.is_ascii_digit());
    has_digit && id.chars().all(in_id) && number.chars().all(in_number)
}

fn no_such_server() -> ProviderError {
    ProviderError::NotFound("a server without a type".to_owned())
}

#[async_trait]
impl Provider for OtpGetCheap {
    fn id(&self) -> &ProviderId {
        self.handler.id()
    }

    fn purse(&self) -> &ProviderId {
        &self.purse
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            // It is the account's, which is watched where that account sells.
            balance: false,
            ..self.handler.capabilities()
        }
    }

    async fn balance(&self) -> Result<Cost, ProviderError> {
        self.handler.balance().await
    }

    async fn countries(&self) -> Result<Vec<UpstreamCountry>, ProviderError> {
        let reply = self.handler.ask(Call::Catalogue, "getServers", &[]).await?;
        let servers = rows::places(self.handler.read(&reply)?.json()?, USUAL_TYPE)?;
        Ok(servers.iter().map(|server| self.country(server)).collect())
    }

    async fn assortment(&self, country_code: &str) -> Result<Assortment, ProviderError> {
        let (kind, server) = rows::parts_of(country_code).ok_or_else(no_such_server)?;
        let query = [("server", server), ("type", kind)];
        let mut listings = self.handler.services(&query).await?;
        // A purchase names the server only, so of several offers none could be asked for.
        if listings.len() > 1 {
            listings.retain(|listing| listing.service_code == server);
        }
        for listing in &mut listings {
            listing.service_name = service_name(&listing.service_name);
        }
        Ok(Assortment {
            operators: Vec::new(),
            listings,
        })
    }

    async fn buy(&self, purchase: &Purchase) -> PurchaseAnswer {
        let Some((kind, server)) = rows::parts_of(&purchase.country_code) else {
            return PurchaseAnswer::NotSent(no_such_server());
        };
        let query = [("server", server), ("type", kind)];
        let answer = self.handler.ask(Call::Purchase, "buyNumber", &query).await;
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

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::domain::market::Market;

    #[rstest]
    #[case("Pakistan - Server 2", Some("Pakistan"))]
    #[case("United Kingdom - Server 1", Some("United Kingdom"))]
    #[case("Indonesia Server 3", Some("Indonesia"))]
    #[case("Random Facebook - Free", None)]
    fn servers_are_in_countries(#[case] name: &str, #[case] country: Option<&str>) {
        let words: Vec<&str> = words_of_place(name).collect();
        let found = country_in(&words).map(|(name, _)| name);
        assert_eq!(found.as_deref(), country);
    }

    #[rstest]
    #[case("Pakistan Server 2", "Any Other")]
    #[case("Pakistan WhatsApp Server 2", "WhatsApp")]
    #[case("Random Facebook", "Random Facebook")]
    #[case("Server 2", "Any Other")]
    fn an_offer_s_name_may_hold_a_service(#[case] offer: &str, #[case] service: &str) {
        assert_eq!(service_name(offer), service);
        assert_eq!(Market::shipped().service_key(ANY_SERVICE), "ot");
    }
}
