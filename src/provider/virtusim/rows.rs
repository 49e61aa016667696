//! The rows of VirtuSIM's answers: services, countries, orders.
//!
//! Invariant: a service that cannot be read is left out; an order that cannot be read is an error.

use chrono::{DateTime, FixedOffset, Utc};

use super::{ApiVersion, CURRENCY, VirtuSim, words};
use crate::domain::id::UpstreamId;
use crate::provider::wire::{Json, Object, moment, number, sms, whole_currency_price};
use crate::provider::{Activation, ActivationState, Cost, Listing, ProviderError, UpstreamCountry};

/// Seconds east of Greenwich: its times carry no zone and are Jakarta's.
const JAKARTA_SECONDS: i32 = 7 * 3600;

/// An order out of the past, as version 2 tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastOrder {
    /// Where it stands or ended.
    pub activation: Activation,
    /// What it cost, if the answer says.
    pub cost: Option<Cost>,
    /// When it was made, if the answer says.
    pub created_at: Option<DateTime<Utc>>,
}

impl VirtuSim {
    pub(super) fn activation(
        &self,
        fields: &Object<'_>,
        asked: Option<UpstreamId>,
    ) -> Option<Activation> {
        let sent = fields.id(&["id", "order_id"]).map(UpstreamId);
        let upstream_id = asked.or(sent)?;
        let sms = fields
            .get("sms")
            .and_then(sms::sms)
            .or_else(|| fields.get("otp").and_then(sms::sms));
        let word = fields.text(&["status"]).unwrap_or_default();
        let state = words::state(&word, sms.is_some())
            .unwrap_or_else(|| ActivationState::Other(self.http.clean(&word)));
        let phone = fields.text(&["number"]);
        Some(Activation {
            upstream_id,
            state,
            number: phone.and_then(|raw| number::international(&raw, self.home_dial_code())),
            sms,
            service_name: fields.text(&["service_name"]),
            others: Vec::new(),
            ends: None,
        })
    }

    /// A row of a list. One that cannot be read spoils the list: leaving it out would make an
    /// order look absent.
    pub(super) fn listed(&self, row: Json<'_>) -> Result<Activation, ProviderError> {
        row.object()
            .and_then(|fields| self.activation(&fields, None))
            .ok_or_else(unnamed)
    }

    pub(super) fn past(
        &self,
        fields: &Object<'_>,
        id: Option<UpstreamId>,
    ) -> Result<PastOrder, ProviderError> {
        let activation = self.activation(fields, id).ok_or_else(unnamed)?;
        let zone = FixedOffset::east_opt(JAKARTA_SECONDS);
        let time = fields.text(&["created_at", "date", "created", "time"]);
        Ok(PastOrder {
            activation,
            cost: fields.get("price").and_then(rupiah),
            created_at: time.and_then(|text| moment(&text, zone?)),
        })
    }

    /// The dialling code of numbers whose order says no country.
    fn home_dial_code(&self) -> Option<&'static str> {
        match self.version {
            ApiVersion::V1 => Some("62"),
            ApiVersion::V2 => None,
        }
    }

    pub(super) fn dial_code(&self, country_code: &str) -> Option<&'static str> {
        match self.version {
            ApiVersion::V1 => Some("62"),
            ApiVersion::V2 => number::dial_code_by_name(country_code),
        }
    }
}

pub(super) fn unnamed() -> ProviderError {
    ProviderError::Protocol("an order without an id".to_owned())
}

pub(super) fn rupiah(price: Json<'_>) -> Option<Cost> {
    whole_currency_price(price).map(|amount| Cost {
        amount,
        currency: CURRENCY.to_owned(),
    })
}

pub(super) fn listing(row: Json<'_>) -> Option<Listing> {
    let fields = row.object()?;
    Some(Listing {
        service_code: fields.id(&["id", "service_id"])?,
        service_name: fields.text(&["name", "service_name"])?,
        cost: rupiah(fields.get("price")?)?,
        stock: fields.get("tersedia").and_then(Json::count),
    })
}

pub(super) fn country(row: Json<'_>) -> Option<UpstreamCountry> {
    // Version 2 wants the name when it is asked for services, not its own code.
    let name = row.object()?.text(&["country_name", "name"])?;
    Some(UpstreamCountry {
        code: name.clone(),
        name,
    })
}
