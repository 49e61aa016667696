//! OTPGet's long rentals at `rental-handler.php`, in JSON.
//!
//! Its price list has no limit to send with a purchase, so a purchase and a renewal each read it
//! once more before they are sent.
//!
//! Invariant: a row of our rentals that cannot be read spoils the list, and a renewal counts only
//! with the new end.

use std::ops::RangeInclusive;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::Datelike;
use secrecy::SecretString;
use url::Url;

use super::answers::{self, READ, SALE};
use super::handler::Handler;
use super::rows::Place;
use crate::domain::id::{ProviderId, UpstreamId, UpstreamRentalId};
use crate::domain::sms::extract_code;
use crate::provider::http::settings::Account;
use crate::provider::http::{Call, Http};
use crate::provider::rental::{
    Expiry, Renewal, Renewed, RentalArea, RentalCountry, RentalPrice, RentalProvider,
    RentalPurchase, RentalSms, RentalState, Rented, UpstreamRental,
};
use crate::provider::wire::envelope::{self, Envelope, Found};
use crate::provider::wire::{Json, Object, number, zoned, zoneless};
use crate::provider::{ProviderError, PurchaseAnswer, Server};

const FILE: &str = "rental-handler.php";
/// What ends in another year is one of the ways to write that there is no time.
const YEARS: RangeInclusive<i32> = 2_000..=2_200;
/// Where an answer has the number.
const NUMBER_FIELDS: [&str; 2] = ["phone_number", "phone"];

/// The driver of the rentals.
#[derive(Clone, Debug)]
pub struct OtpGetRental {
    handler: Handler,
}

impl OtpGetRental {
    /// The account of the activations; `base_url` is the folder of the handlers, `…/stubs`.
    #[must_use]
    pub fn account(base_url: Url, key: SecretString) -> Account {
        super::OtpGet::account(base_url, key)
    }

    /// The driver of an account. Drivers that share one way to the upstream share its limits.
    #[must_use]
    pub fn new(http: impl Into<Arc<Http>>) -> Self {
        Self {
            handler: Handler::new(http, FILE),
        }
    }

    /// The dialling code of a country: by what its list called it, or else by its letters.
    fn dial_code(&self, country_code: &str, server: Option<Server>) -> Option<&'static str> {
        let noted = server.and_then(|server| {
            let code = place(server, country_code, "").code();
            self.handler.dial_code(&code)
        });
        noted.or_else(|| number::dial_code_by_iso(country_code))
    }

    /// Whether the terms still hold.
    async fn still_sells(&self, terms: &RentalPurchase) -> Result<(), ProviderError> {
        let prices = self.pricing(&terms.country_code, terms.server).await?;
        let now = prices
            .iter()
            .find(|price| price.duration_hours == terms.duration_hours);
        answers::still(now.map(|price| &price.cost), terms.max_cost)
    }

    fn listed(&self, row: Json<'_>) -> Option<UpstreamRental> {
        let row = row.object()?;
        let server = server(&row);
        let country_code = row.text(&["country_code"]);
        let dial = self.dial_code(country_code.as_deref().unwrap_or_default(), server);
        Some(UpstreamRental {
            rental_id: UpstreamRentalId(row.id(&["id", "rental_id"])?),
            order_id: UpstreamId(row.id(&["order_id"])?),
            server,
            number: row
                .text(&NUMBER_FIELDS)
                .and_then(|raw| number::international(&raw, dial)),
            state: self.state(&row.text(&["status"]).unwrap_or_default()),
            country_code,
            expires: row.get("expiry_time").and_then(expiry),
        })
    }

    fn state(&self, word: &str) -> RentalState {
        match word.to_lowercase().as_str() {
            "active" => RentalState::Active,
            "expired" => RentalState::Expired,
            "cancelled" | "canceled" | "refunded" => RentalState::Cancelled,
            _ => RentalState::Other(self.handler.http().clean(word)),
        }
    }
}

/// A country of a server, to note its dialling code under.
fn place(server: Server, country_code: &str, name: &str) -> Place {
    Place {
        kind: server.as_str().to_owned(),
        id: country_code.to_owned(),
        name: name.to_owned(),
    }
}

fn server(row: &Object<'_>) -> Option<Server> {
    Server::read(&row.text(&["provider", "server"])?)
}

fn expiry(field: Json<'_>) -> Option<Expiry> {
    let text = field.text()?;
    let zoned = zoned(&text).map(Expiry::At);
    let expiry = zoned.or_else(|| zoneless(&text).map(Expiry::Zoneless))?;
    let year = match expiry {
        Expiry::At(moment) => moment.year(),
        Expiry::Zoneless(local) => local.year(),
    };
    YEARS.contains(&year).then_some(expiry)
}

fn country(row: Json<'_>) -> Option<RentalCountry> {
    let row = row.object()?;
    Some(RentalCountry {
        server: server(&row)?,
        country_code: row.text(&["country_code"])?,
        name: row.text(&["name"])?,
    })
}

fn price(row: Json<'_>) -> Option<RentalPrice> {
    let row = row.object()?;
    let hours = row.get("duration_hours")?.count()?;
    Some(RentalPrice {
        duration_hours: hours.try_into().ok().filter(|hours| *hours > 0)?,
        cost: answers::price(&row)?,
    })
}

fn area(row: Json<'_>) -> Option<RentalArea> {
    let row = row.object()?;
    let code = row.text(&["area_code"]).unwrap_or_default();
    Some(RentalArea {
        title: row.text(&["area_title"]).unwrap_or_else(|| code.clone()),
        code,
        available: row.get("available")?.count()?,
        min_months: row
            .get("min_month")
            .and_then(Json::count)
            .and_then(|months| months.try_into().ok()),
    })
}

fn sms(row: Json<'_>) -> Option<RentalSms> {
    let row = row.object()?;
    let sent = row.text(&["code"]).filter(|code| code != "-");
    let text = row.get("text").and_then(Json::raw_text);
    let text = text.filter(|text| !text.trim().is_empty());
    let text = text.or_else(|| sent.clone())?;
    Some(RentalSms {
        from: row.text(&["from"]),
        code: sent.or_else(|| extract_code(&text)),
        text,
        at: row.text(&["timestamp"]).and_then(|text| zoned(&text)),
    })
}

#[async_trait]
impl RentalProvider for OtpGetRental {
    fn id(&self) -> &ProviderId {
        self.handler.id()
    }

    async fn countries(&self) -> Result<Vec<RentalCountry>, ProviderError> {
        let handler = &self.handler;
        let action = "getRentalCountries";
        let rows = answers::list(handler, Call::Catalogue, action, &[], "countries", country);
        let countries = answers::readable(handler, "countries", rows.await?);
        for country in &countries {
            let place = place(country.server, &country.country_code, &country.name);
            handler.note_dial_code(&place, &country.name);
        }
        Ok(countries)
    }

    async fn pricing(
        &self,
        country_code: &str,
        server: Server,
    ) -> Result<Vec<RentalPrice>, ProviderError> {
        let handler = &self.handler;
        let query = [
            ("country_code", country_code),
            ("provider", server.as_str()),
        ];
        let reply = handler.ask(Call::Read, "getRentalPricing", &query).await?;
        let envelope = envelope::open(handler.http(), READ, &reply)?;
        if says_no_pricing(&envelope) {
            return Ok(Vec::new());
        }
        let rows = answers::success(handler, &reply)?.list("pricing")?;
        let rows = rows.into_iter().map(price).collect();
        let mut prices = answers::readable(handler, "prices", rows);
        prices.sort_by_key(|price| price.duration_hours);
        Ok(prices)
    }

    async fn stock(
        &self,
        country_code: &str,
        server: Server,
    ) -> Result<Vec<RentalArea>, ProviderError> {
        let handler = &self.handler;
        let query = [
            ("country_code", country_code),
            ("provider", server.as_str()),
        ];
        let action = "getAvailableRentals";
        let rows = answers::list(handler, Call::Catalogue, action, &query, "available", area);
        Ok(answers::readable(handler, "areas", rows.await?))
    }

    async fn rent(&self, purchase: &RentalPurchase) -> PurchaseAnswer<Rented> {
        if let Err(error) = self.still_sells(purchase).await {
            return PurchaseAnswer::NotSent(error);
        }
        let hours = purchase.duration_hours.to_string();
        let query = [
            ("country_code", purchase.country_code.as_str()),
            ("provider", purchase.server.as_str()),
            ("duration_hours", hours.as_str()),
        ];
        let answer = self.handler.ask(Call::Purchase, "rentNumber", &query).await;
        let dial = self.dial_code(&purchase.country_code, Some(purchase.server));
        envelope::judge(self.handler.http(), SALE, answer, |envelope| {
            let id = envelope.id(&["order_id"]);
            let phone = envelope.id(&NUMBER_FIELDS);
            let is_there = id.is_some() || phone.is_some();
            let number = phone.and_then(|raw| number::international(&raw, dial));
            match (id, number) {
                (Some(id), Some(number)) => Found::Whole(Rented {
                    upstream_id: UpstreamId(id),
                    number,
                    cost: envelope::cost(SALE, envelope, "price_paid"),
                    expires: envelope.field("expires").and_then(expiry),
                }),
                _ if is_there => Found::Part,
                _ => Found::Nothing,
            }
        })
    }

    async fn mine(&self) -> Result<Vec<UpstreamRental>, ProviderError> {
        let read = |row: Json<'_>| self.listed(row);
        let action = "getMyRentals";
        let rows = answers::list(
            &self.handler,
            Call::OpenOrders,
            action,
            &[],
            "rentals",
            read,
        );
        let rows = rows.await?.into_iter();
        rows.map(|row| {
            row.ok_or_else(|| ProviderError::Protocol("a rental without its ids".to_owned()))
        })
        .collect()
    }

    async fn inbox(&self, order_id: &UpstreamId) -> Result<Vec<RentalSms>, ProviderError> {
        let handler = &self.handler;
        let query = [("order_id", order_id.as_str())];
        let action = "getRentalSMS";
        let rows = answers::list(handler, Call::Read, action, &query, "messages", sms);
        Ok(answers::readable(handler, "messages", rows.await?))
    }

    async fn renew(&self, renewal: &Renewal) -> PurchaseAnswer<Renewed> {
        let terms = &renewal.terms;
        if let Err(error) = self.still_sells(terms).await {
            return PurchaseAnswer::NotSent(error);
        }
        let hours = terms.duration_hours.to_string();
        let query = [
            ("rental_id", renewal.rental_id.as_str()),
            ("duration_hours", hours.as_str()),
        ];
        let action = "renewRental";
        let answer = self.handler.ask(Call::Purchase, action, &query).await;
        let dial = self.dial_code(&terms.country_code, Some(terms.server));
        envelope::judge(self.handler.http(), SALE, answer, |envelope| {
            let phone = envelope.id(&NUMBER_FIELDS);
            if let Some(expires) = envelope.field("new_expiry").and_then(expiry) {
                return Found::Whole(Renewed {
                    number: phone.and_then(|raw| number::international(&raw, dial)),
                    cost: envelope::cost(SALE, envelope, "price_paid"),
                    expires,
                });
            }
            let paid = ["new_expiry", "price_paid"].map(|name| envelope.field(name));
            if phone.is_some() || paid.iter().any(Option::is_some) {
                Found::Part
            } else {
                Found::Nothing
            }
        })
    }
}

/// Whether an answer to a question for prices says that there are none, which is no failure.
fn says_no_pricing(envelope: &Envelope<'_>) -> bool {
    let text = envelope.message.as_deref().unwrap_or_default();
    envelope.code == Some(404) && text.to_lowercase().contains("pricing")
}
