//! OTPCepat's wire language: one GET endpoint, JSON sent as text/html, English refusals in
//! capitals.
//!
//! Invariant: `INVALID …` is said of a parameter that is missing or no number, `WRONG …` of one
//! that reads well and leads nowhere.

pub(super) mod catalogue;

use axum::http::Method;
use serde::Serialize;
use serde_json::Value;

use super::OrderState;
use super::catalogue::{Country, Offer};
use super::dialect::{Reply, WireRequest, as_number};
use super::engine::{Effects, Engine, Refusal};
use super::fault::{Call, step};
use super::order::Order;
use super::php;

/// Where it answers.
pub(super) const PATH: &str = "/api/handler_api.php";

/// The operator that means any.
const RANDOM: &str = "random";

/// Services whose SMS arrives wrapped in a JSON document.
const WRAPPED_SMS: &[&str] = &["Go-Jek", "Tokopedia"];

/// What a request is about.
pub(super) fn call(request: &WireRequest) -> Call {
    let action = request.parameter("action");
    let step = match (action, request.parameter("status")) {
        ("get_order", _) => Some(step::BUY),
        ("get_status", _) => Some(step::POLL),
        ("set_status", "2") => Some(step::CANCEL),
        ("set_status", "3") => Some(step::RESEND),
        ("set_status", "4") => Some(step::FINISH),
        _ => None,
    };
    let order = request.parameter("order_id");
    Call {
        action: action.to_owned(),
        step,
        order: (!order.is_empty()).then(|| order.to_owned()),
    }
}

/// How it refuses a wrong key.
pub(super) fn wrong_key() -> Reply {
    refused(&false, "You don't have Access!")
}

/// Carries a request out.
pub(super) fn answer(engine: &mut Engine, request: &WireRequest, effects: &Effects) -> Reply {
    if request.path != PATH {
        return Reply::error_page(404, "Not Found");
    }
    if request.method != Method::GET {
        return Reply::error_page(405, "Method Not Allowed");
    }
    let Some(account) = engine.account(request.parameter("api_key")) else {
        return wrong_key();
    };
    match request.parameter("action") {
        "getBalance" => get_balance(engine, account),
        "getCountries" => get_countries(engine),
        "getOperators" => get_operators(engine, request),
        "getServices" => get_services(engine, request, effects),
        "getSpecialServices" => get_special_services(engine, effects),
        "get_order" => get_order(engine, account, request, effects),
        "get_status" => get_status(engine, account, request),
        "set_status" => set_status(engine, account, request, effects),
        _ => refused(&false, "BAD ACTION"),
    }
}

#[derive(Serialize)]
struct Success<S, T> {
    status: S,
    data: T,
}

/// Success in the way of the older actions: `"status":"true"`.
fn success_in_words<T: Serialize>(data: T) -> Reply {
    let status = "true";
    Reply::php(php::encode(&Success { status, data }))
}

/// Success in the way of the newer actions: `"status":true`.
fn success<T: Serialize>(data: T) -> Reply {
    let status = true;
    Reply::php(php::encode(&Success { status, data }))
}

#[derive(Serialize)]
struct Message<'a, S> {
    status: S,
    msg: &'a str,
}

fn refused<S: Serialize>(status: &S, msg: &str) -> Reply {
    Reply::php(php::encode(&Message { status, msg }))
}

/// A refusal in the way of the older actions: `"status":"false"`.
fn refused_in_words(msg: &str) -> Reply {
    refused(&"false", msg)
}

#[derive(Serialize)]
struct Balance<'a> {
    email: &'a str,
    saldo: String,
}

fn get_balance(engine: &mut Engine, account: usize) -> Reply {
    success_in_words(Balance {
        email: "shop@example.com",
        saldo: engine.balance(account).to_string(),
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CountryRow<'a> {
    #[serde(rename = "countryID")]
    id: &'a str,
    country_name: &'a str,
}

fn get_countries(engine: &Engine) -> Reply {
    // Listed by id, as a table in a database comes out.
    let mut countries: Vec<&Country> = engine.catalogue().countries().iter().collect();
    countries.sort_by_key(|country| country.id.parse::<u32>().unwrap_or(u32::MAX));
    let rows: Vec<CountryRow<'_>> = countries
        .into_iter()
        .map(|country| CountryRow {
            id: country.id,
            country_name: country.name,
        })
        .collect();
    success_in_words(rows)
}

fn find_country<'a>(engine: &'a Engine, id: &str) -> Option<(usize, &'a Country)> {
    engine
        .catalogue()
        .countries()
        .iter()
        .enumerate()
        .find(|(_, country)| country.id == id)
}

fn get_operators(engine: &Engine, request: &WireRequest) -> Reply {
    let Some((_, country)) = find_country(engine, request.parameter("country_id")) else {
        return refused_in_words("WRONG COUNTRY ID");
    };
    let mut operators = vec![RANDOM];
    operators.extend(country.operators);
    success(operators)
}

#[derive(Serialize)]
struct ServiceRow<'a> {
    #[serde(rename = "serviceID")]
    id: &'a str,
    #[serde(rename = "serviceName")]
    name: &'a str,
    price: String,
}

fn service_rows<'a>(
    engine: &'a Engine,
    effects: &Effects,
    shown: impl Fn(&Offer) -> bool,
) -> Vec<ServiceRow<'a>> {
    engine
        .catalogue()
        .offers()
        .iter()
        .filter(|offer| shown(offer))
        .map(|offer| ServiceRow {
            id: &offer.id,
            name: &offer.name,
            price: Engine::price(offer, effects).to_string(),
        })
        .collect()
}

fn get_services(engine: &Engine, request: &WireRequest, effects: &Effects) -> Reply {
    let Some((index, _)) = find_country(engine, request.parameter("country_id")) else {
        return refused_in_words("WRONG COUNTRY ID");
    };
    success_in_words(service_rows(engine, effects, |offer| {
        offer.country == index && !offer.special
    }))
}

fn get_special_services(engine: &Engine, effects: &Effects) -> Reply {
    success(service_rows(engine, effects, |offer| offer.special))
}

#[derive(Serialize)]
struct Bought<'a> {
    order_id: String,
    number: String,
    price: Value,
    status: &'a str,
}

/// The offer and the operator a purchase names, or the text that refuses it.
fn what_to_buy<'a>(
    engine: &Engine,
    request: &'a WireRequest,
) -> Result<(usize, Option<&'a str>), &'static str> {
    let operator = request.parameter("operator_id");
    if operator.is_empty() {
        return Err("INVALID OPERATOR");
    }
    let service = request.parameter("service_id");
    if service.parse::<u64>().is_err() {
        return Err("INVALID SERVICE ID");
    }
    let found = engine.catalogue().find(service);
    let (index, offer) = found
        .and_then(|index| Some((index, engine.catalogue().offer(index)?)))
        .ok_or("WRONG SERVICE ID")?;
    if !offer.special {
        let (country, _) =
            find_country(engine, request.parameter("country_id")).ok_or("WRONG COUNTRY ID")?;
        if country != offer.country {
            return Err("WRONG SERVICE ID");
        }
    }
    if operator == RANDOM {
        return Ok((index, None));
    }
    if !offer.stock.iter().any(|(name, _)| *name == operator) {
        return Err("WRONG OPERATOR ID");
    }
    Ok((index, Some(operator)))
}

fn get_order(
    engine: &mut Engine,
    account: usize,
    request: &WireRequest,
    effects: &Effects,
) -> Reply {
    let bought = what_to_buy(engine, request).and_then(|(index, operator)| {
        engine
            .buy(account, index, operator, effects)
            .map_err(text_of)
    });
    let id = match bought {
        Ok(id) => id,
        Err(text) => return refused_in_words(text),
    };
    let Some(order) = engine.order(account, id) else {
        return refused_in_words("WRONG ORDER ID");
    };
    success_in_words(Bought {
        order_id: id.to_string(),
        number: shown_number(order),
        price: as_number(order.price),
        status: "Waiting SMS",
    })
}

fn text_of(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NoFunds => "NO BALANCE",
        // The document names no text for this; the word is the sandbox's own.
        Refusal::NoStock => "NO NUMBERS",
        Refusal::UnknownOrder => "WRONG ORDER ID",
        Refusal::TooEarly | Refusal::HasSms | Refusal::NoSms | Refusal::WrongState => {
            "WRONG STATUS"
        }
    }
}

/// Every other Indonesian number is written the way it is dialled at home.
fn shown_number(order: &Order) -> String {
    match order.number.strip_prefix("62") {
        Some(rest) if order.id.is_multiple_of(2) => format!("0{rest}"),
        _ => order.number.clone(),
    }
}

#[derive(Serialize)]
struct StatusRow<'a> {
    order_id: u64,
    number: String,
    #[serde(rename = "serviceName")]
    service_name: &'a str,
    status: &'a str,
    sms: Option<String>,
}

#[derive(Serialize)]
struct WrappedSms<'a> {
    sender: &'a str,
    text: &'a str,
}

fn order_parameter(request: &WireRequest) -> Option<u64> {
    request.parameter("order_id").parse().ok()
}

fn get_status(engine: &mut Engine, account: usize, request: &WireRequest) -> Reply {
    let Some(id) = order_parameter(request) else {
        return refused_in_words("INVALID ORDER ID");
    };
    let Some(order) = engine.order(account, id) else {
        return refused_in_words("WRONG ORDER ID");
    };
    let status = match order.state() {
        OrderState::Waiting => "Waiting SMS",
        OrderState::Received => "Recieved",
        OrderState::Cancelled | OrderState::Expired => "Cancel",
        OrderState::Finished => "Done",
    };
    let sms = order.shown_sms().map(|text| {
        if WRAPPED_SMS.contains(&&*order.service) {
            let sender = &order.service;
            php::encode(&WrappedSms { sender, text })
        } else {
            text.to_owned()
        }
    });
    success(StatusRow {
        order_id: id,
        number: shown_number(order),
        service_name: &order.service,
        status,
        sms,
    })
}

fn set_status(
    engine: &mut Engine,
    account: usize,
    request: &WireRequest,
    effects: &Effects,
) -> Reply {
    let Some(id) = order_parameter(request) else {
        return refused_in_words("INVALID ORDER ID");
    };
    if engine.order(account, id).is_none() {
        return refused_in_words("WRONG ORDER ID");
    }
    let outcome = match request.parameter("status") {
        "2" => engine.cancel(account, id, effects),
        "3" => engine.resend(account, id),
        "4" => engine.finish(account, id),
        _ => return refused_in_words("INVALID STATUS"),
    };
    match outcome {
        Ok(()) => Reply::php(php::encode(&Message {
            status: true,
            msg: "success",
        })),
        Err(refusal) => refused_in_words(text_of(refusal)),
    }
}
