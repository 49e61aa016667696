//! The wire language of the sms-activate family: one GET endpoint, words for short answers and
//! JSON for long ones.
//!
//! Invariant: a modern host refuses a `getNumberV2` in JSON with an HTTP error, and a finished
//! order with nothing but HTTP 204; an old host knows words only, and neither `getNumberV2` nor
//! the list of orders.

pub(super) mod catalogue;

use std::collections::BTreeMap;

use axum::http::Method;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::value::RawValue;

use super::OrderState;
use super::catalogue::{Country, Offer};
use super::dialect::{Reply, WireRequest};
use super::engine::{Effects, Engine, Refusal};
use super::fault::{Call, step};
use super::order::Order;
use super::{php, sms};

/// Where it answers.
pub(super) const PATH: &str = "/stubs/handler_api.php";

/// The US dollar, as ISO 4217 numbers it.
const DOLLAR: u16 = 840;

/// What a request is about.
pub(super) fn call(request: &WireRequest) -> Call {
    let action = request.parameter("action");
    let step = match (action, request.parameter("status")) {
        ("getNumber" | "getNumberV2", _) => Some(step::BUY),
        ("getStatus" | "getActiveActivations", _) => Some(step::POLL),
        ("setStatus", "1") => Some(step::READY),
        ("setStatus", "3") => Some(step::RESEND),
        ("setStatus", "6") => Some(step::FINISH),
        ("setStatus", "8") => Some(step::CANCEL),
        _ => None,
    };
    let order = request.parameter("id");
    Call {
        action: action.to_owned(),
        step,
        order: (!order.is_empty()).then(|| order.to_owned()),
    }
}

/// How it refuses a wrong key.
pub(super) fn wrong_key() -> Reply {
    word("BAD_KEY")
}

/// Carries a request out.
pub(super) fn answer(
    engine: &mut Engine,
    request: &WireRequest,
    effects: &Effects,
    modern: bool,
) -> Reply {
    if request.path != PATH {
        return Reply::error_page(404, "Not Found");
    }
    if request.method != Method::GET {
        return Reply::error_page(405, "Method Not Allowed");
    }
    let key = request.parameter("api_key");
    if key.is_empty() {
        return word("NO_KEY");
    }
    let Some(account) = engine.account(key) else {
        return wrong_key();
    };
    match request.parameter("action") {
        "getBalance" => word(&format!("ACCESS_BALANCE:{}", engine.balance(account))),
        "getCountries" => countries(engine),
        "getServicesList" => services(engine),
        "getOperators" => operators(engine, request),
        "getPrices" => prices(engine, request, effects),
        "getNumber" => match buy(engine, account, request, effects) {
            Ok(order) => word(&format!("ACCESS_NUMBER:{}:{}", order.id, order.number)),
            Err(refused) => word(&refused.word),
        },
        "getNumberV2" if modern => number_v2(engine, account, request, effects),
        "getStatus" => status(engine, account, request),
        "setStatus" => set_status(engine, account, request, effects, modern),
        "getActiveActivations" if modern => active(engine, account),
        _ => word("BAD_ACTION"),
    }
}

/// A word, sent as PHP sends it when nobody thinks of its type.
fn word(text: &str) -> Reply {
    Reply::html(200, text.to_owned())
}

/// An amount as a JSON number with all its digits.
fn number(amount: Decimal) -> Option<Box<RawValue>> {
    RawValue::from_string(amount.normalize().to_string()).ok()
}

#[derive(Serialize)]
struct CountryRow<'a> {
    id: u32,
    rus: &'a str,
    eng: &'a str,
    chn: &'a str,
    visible: u8,
    retry: u8,
    rent: u8,
    #[serde(rename = "multiService")]
    multi_service: u8,
}

fn countries(engine: &Engine) -> Reply {
    let row = |country: &'static str, id| CountryRow {
        id,
        rus: country,
        eng: country,
        chn: country,
        visible: 1,
        retry: 1,
        rent: 0,
        multi_service: 1,
    };
    let rows: BTreeMap<u32, CountryRow<'_>> = engine
        .catalogue()
        .countries()
        .iter()
        .filter_map(|country| {
            let id = country.id.parse().ok()?;
            Some((id, row(country.name, id)))
        })
        .collect();
    Reply::php(php::encode(&rows))
}

/// The code of an offer whose id is `country:code`.
fn code(offer: &Offer) -> &str {
    offer.id.split_once(':').map_or("", |(_, code)| code)
}

#[derive(Serialize)]
struct ServiceRow<'a> {
    code: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Services<'a> {
    status: &'a str,
    services: Vec<ServiceRow<'a>>,
}

fn services(engine: &Engine) -> Reply {
    let by_code: BTreeMap<&str, &str> = engine
        .catalogue()
        .offers()
        .iter()
        .map(|offer| (code(offer), &*offer.name))
        .collect();
    let services = by_code.into_iter();
    Reply::php(php::encode(&Services {
        status: "success",
        services: services
            .map(|(code, name)| ServiceRow { code, name })
            .collect(),
    }))
}

fn find_country<'a>(engine: &'a Engine, id: &str) -> Option<&'a Country> {
    let mut countries = engine.catalogue().countries().iter();
    countries.find(|country| country.id == id)
}

#[derive(Serialize)]
struct Operators<'a> {
    status: &'a str,
    #[serde(rename = "countryOperators")]
    country_operators: BTreeMap<&'a str, &'a [&'a str]>,
}

fn operators(engine: &Engine, request: &WireRequest) -> Reply {
    let Some(country) = find_country(engine, request.parameter("country")) else {
        return Reply::php("[]".to_owned());
    };
    Reply::php(php::encode(&Operators {
        status: "success",
        country_operators: BTreeMap::from([(country.id, country.operators)]),
    }))
}

#[derive(Serialize)]
struct Price {
    cost: Option<Box<RawValue>>,
    count: u64,
}

fn prices(engine: &Engine, request: &WireRequest, effects: &Effects) -> Reply {
    let (country, service) = (request.parameter("country"), request.parameter("service"));
    let mut rows: BTreeMap<&str, BTreeMap<&str, Price>> = BTreeMap::new();
    for offer in engine.catalogue().offers() {
        let Some((at, code)) = offer.id.split_once(':') else {
            continue;
        };
        let wanted = |asked: &str, is: &str| asked.is_empty() || asked == is;
        if wanted(country, at) && wanted(service, code) {
            let price = Price {
                cost: number(Engine::price(offer, effects)),
                count: offer.total_stock(),
            };
            rows.entry(at).or_default().insert(code, price);
        }
    }
    if rows.is_empty() {
        // PHP's empty array.
        return Reply::php("[]".to_owned());
    }
    Reply::php(php::encode(&rows))
}

/// Why no number is sold: the word, the HTTP status and the explanation a modern host gives, and
/// the lowest price where that is the reason.
struct NotSold {
    word: String,
    status: u16,
    details: &'static str,
    min: Option<Decimal>,
}

fn not_sold(word: &str, status: u16, details: &'static str) -> NotSold {
    NotSold {
        word: word.to_owned(),
        status,
        details,
        min: None,
    }
}

fn buy<'a>(
    engine: &'a mut Engine,
    account: usize,
    request: &WireRequest,
    effects: &Effects,
) -> Result<&'a Order, NotSold> {
    let (country, service) = (request.parameter("country"), request.parameter("service"));
    let found = engine.catalogue().find(&format!("{country}:{service}"));
    let bad_service = || not_sold("BAD_SERVICE", 400, "The service is not sold there");
    let index = found.ok_or_else(bad_service)?;
    let offer = engine.catalogue().offer(index).ok_or_else(bad_service)?;
    let price = Engine::price(offer, effects);
    if let Ok(limit) = request.parameter("maxPrice").parse::<Decimal>()
        && limit < price
    {
        let price = price.normalize();
        return Err(NotSold {
            min: Some(price),
            ..not_sold(
                &format!("WRONG_MAX_PRICE:{price}"),
                400,
                "The price is above the limit",
            )
        });
    }
    let operator = Some(request.parameter("operator")).filter(|name| !name.is_empty());
    let id = engine
        .buy(account, index, operator, effects)
        .map_err(|refusal| match refusal {
            Refusal::NoFunds => not_sold("NO_BALANCE", 402, "The balance is too low"),
            Refusal::NoStock
            | Refusal::UnknownOrder
            | Refusal::TooEarly
            | Refusal::HasSms
            | Refusal::NoSms
            | Refusal::WrongState => not_sold("NO_NUMBERS", 404, "No numbers right now"),
        })?;
    let missing = || not_sold("ERROR_SQL", 500, "The order is gone");
    engine.order(account, id).ok_or_else(missing)
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    title: &'a str,
    details: &'a str,
    info: BTreeMap<&'a str, Option<Box<RawValue>>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bought<'a> {
    activation_id: u64,
    phone_number: &'a str,
    activation_cost: String,
    currency: u16,
    country_code: &'a str,
    can_get_another_sms: &'a str,
    activation_time: String,
    activation_operator: &'a str,
}

fn number_v2(
    engine: &mut Engine,
    account: usize,
    request: &WireRequest,
    effects: &Effects,
) -> Reply {
    let order = match buy(engine, account, request, effects) {
        Ok(order) => order,
        Err(refused) => {
            let title = refused.word.split(':').next().unwrap_or_default();
            let min = refused.min.map(|min| ("min", number(min)));
            let body = php::encode(&ErrorBody {
                title,
                details: refused.details,
                info: min.into_iter().collect(),
            });
            return Reply::html(refused.status, body);
        }
    };
    Reply::php(php::encode(&Bought {
        activation_id: order.id,
        phone_number: &order.number,
        activation_cost: order.price.normalize().to_string(),
        currency: DOLLAR,
        country_code: request.parameter("country"),
        can_get_another_sms: "1",
        activation_time: order.created_at.format("%Y-%m-%d %H:%M:%S").to_string(),
        activation_operator: order.operator,
    }))
}

/// The code in an SMS; the whole text where there is none.
fn code_in(text: &str) -> String {
    sms::code_in(text).unwrap_or_else(|| text.to_owned())
}

fn status(engine: &mut Engine, account: usize, request: &WireRequest) -> Reply {
    let Ok(id) = request.parameter("id").parse::<u64>() else {
        return word("WRONG_ACTIVATION_ID");
    };
    let Some(order) = engine.order(account, id) else {
        return word("NO_ACTIVATION");
    };
    let last = order.sms.last().map(|text| code_in(text));
    match (order.state(), last) {
        (OrderState::Cancelled | OrderState::Expired, _) => word("STATUS_CANCEL"),
        (OrderState::Waiting, Some(code)) => word(&format!("STATUS_WAIT_RETRY:{code}")),
        (OrderState::Received | OrderState::Finished, Some(code)) => {
            word(&format!("STATUS_OK:{code}"))
        }
        (OrderState::Waiting | OrderState::Received | OrderState::Finished, None) => {
            word("STATUS_WAIT_CODE")
        }
    }
}

fn set_status(
    engine: &mut Engine,
    account: usize,
    request: &WireRequest,
    effects: &Effects,
    modern: bool,
) -> Reply {
    let Ok(id) = request.parameter("id").parse::<u64>() else {
        return word("WRONG_ACTIVATION_ID");
    };
    let (outcome, done) = match request.parameter("status") {
        "1" => (engine.ready(account, id), "ACCESS_READY"),
        "3" => (engine.resend(account, id), "ACCESS_RETRY_GET"),
        "6" => (engine.finish(account, id), "ACCESS_ACTIVATION"),
        "8" => (engine.cancel(account, id, effects), "ACCESS_CANCEL"),
        _ => return word("BAD_STATUS"),
    };
    match outcome {
        Ok(()) if modern && done == "ACCESS_ACTIVATION" => Reply::html(204, String::new()),
        Ok(()) => word(done),
        Err(Refusal::UnknownOrder) => word("NO_ACTIVATION"),
        Err(Refusal::TooEarly) => word("EARLY_CANCEL_DENIED"),
        Err(
            Refusal::NoFunds
            | Refusal::NoStock
            | Refusal::HasSms
            | Refusal::NoSms
            | Refusal::WrongState,
        ) => word("BAD_STATUS"),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ActiveRow<'a> {
    activation_id: String,
    service_code: &'a str,
    phone_number: &'a str,
    activation_cost: Option<Box<RawValue>>,
    activation_status: &'a str,
    sms_code: Option<Vec<String>>,
    sms_text: Option<&'a str>,
    activation_time: String,
    country_code: &'a str,
    can_get_another_sms: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Active<'a> {
    status: &'a str,
    active_activations: Vec<ActiveRow<'a>>,
}

#[derive(Serialize)]
struct NoneActive<'a> {
    status: &'a str,
    error: &'a str,
}

fn active(engine: &mut Engine, account: usize) -> Reply {
    let orders: Vec<Order> = engine.open_orders(account).into_iter().cloned().collect();
    if orders.is_empty() {
        return Reply::php(php::encode(&NoneActive {
            status: "error",
            error: "NO_ACTIVATIONS",
        }));
    }
    let rows = orders.iter().filter_map(|order| {
        let (country, code) = engine.catalogue().offer(order.offer)?.id.split_once(':')?;
        let codes: Vec<String> = order.sms.iter().map(|text| code_in(text)).collect();
        Some(ActiveRow {
            activation_id: order.id.to_string(),
            service_code: code,
            phone_number: &order.number,
            activation_cost: number(order.price),
            activation_status: "4",
            sms_code: (!codes.is_empty()).then_some(codes),
            sms_text: order.sms.last().map(String::as_str),
            activation_time: order.created_at.format("%Y-%m-%d %H:%M:%S").to_string(),
            country_code: country,
            can_get_another_sms: "1",
        })
    });
    Reply::php(php::encode(&Active {
        status: "success",
        active_activations: rows.collect(),
    }))
}
