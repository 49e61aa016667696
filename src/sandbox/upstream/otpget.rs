//! OTPGet's wire language at its activations: words, JSON under `text/html`, prices in sentences.
//! Its rentals and mailboxes, which speak JSON, are handlers beside them in the same account.
//!
//! Invariant: type 1 answers plainly; type 2 wraps its services once more and writes their prices
//! another way. An empty shelf is told in the words of the supplier whose type it is.

pub(super) mod catalogue;
pub(super) mod cheap;
mod mail;
mod rental;

use std::collections::BTreeMap;

use axum::http::Method;
use rust_decimal::Decimal;
use serde::Serialize;

use super::OrderState;
use super::catalogue::Offer;
use super::dialect::{Reply, WireRequest};
use super::engine::{Effects, Engine, Refusal};
use super::fault::{Call, step};
use super::{php, sms};

/// The folder of the handlers.
pub(super) const FOLDER: &str = "/stubs";
const PATH: &str = "/stubs/handler_api.php";
/// The types that there are.
const TYPES: [&str; 6] = ["1", "2", "3", "4", "5", "6"];

/// What a request to one of the handlers is about.
pub(super) fn call(request: &WireRequest) -> Call {
    let action = request.parameter("action");
    let step = match (action, request.parameter("status")) {
        ("getNumber" | "buyNumber", _) => Some(step::BUY),
        ("getStatus", _) => Some(step::POLL),
        ("setStatus", "3" | "6") => Some(step::FINISH),
        ("setStatus", "8") => Some(step::CANCEL),
        ("rentNumber", _) => Some(step::RENT),
        ("renewRental", _) => Some(step::RENEW),
        ("getMyRentals", _) => Some(step::RENTALS),
        ("getRentalSMS", _) => Some(step::RENTAL_SMS),
        ("buyEmail", _) => Some(step::BUY_MAIL),
        ("getEmailCode", _) => Some(step::MAIL_CODE),
        ("cancelEmail", _) => Some(step::CANCEL_MAIL),
        ("getEmailHistory", _) => Some(step::MAILS),
        _ => None,
    };
    let ids = ["id", "order_id", "rental_id", "email_id"].map(|name| request.parameter(name));
    let order = ids.into_iter().find(|id| !id.is_empty());
    Call {
        action: action.to_owned(),
        step,
        order: order.map(str::to_owned),
    }
}

/// How a handler refuses a wrong key.
pub(super) fn wrong_key(request: &WireRequest) -> Reply {
    complaint(request, 401).unwrap_or_else(|| word("BAD_KEY"))
}

/// A JSON handler's own error with this status; the others have none.
pub(super) fn complaint(request: &WireRequest, status: u16) -> Option<Reply> {
    match request.path.as_str() {
        rental::PATH => Some(rental::complaint(status)),
        mail::PATH => Some(mail::complaint(status)),
        _ => None,
    }
}

/// Carries a request out.
pub(super) fn answer(engine: &mut Engine, request: &WireRequest, effects: &Effects) -> Reply {
    match request.path.as_str() {
        rental::PATH => rental::answer(engine, request, effects),
        mail::PATH => mail::answer(engine, request, effects),
        _ => activations(engine, request, effects),
    }
}

fn activations(engine: &mut Engine, request: &WireRequest, effects: &Effects) -> Reply {
    let account = match admitted(engine, request, PATH) {
        Ok(account) => account,
        Err(reply) => return reply,
    };
    match request.parameter("action") {
        "getBalance" => balance(engine, account),
        "getCountries" => countries(engine, request),
        "getServices" => services(engine, request, effects),
        "getNumber" => get_number(engine, account, request, effects),
        "getStatus" => status(engine, account, request),
        "setStatus" => set_status(engine, account, request, effects, done),
        _ => word("BAD_ACTION"),
    }
}

/// The account of a request that comes to the right place, or the answer it gets instead.
fn admitted(engine: &Engine, request: &WireRequest, path: &str) -> Result<usize, Reply> {
    if request.path != path {
        return Err(Reply::error_page(404, "Not Found"));
    }
    if request.method != Method::GET {
        return Err(Reply::error_page(405, "Method Not Allowed"));
    }
    let account = engine.account(request.parameter("api_key"));
    account.ok_or_else(|| wrong_key(request))
}

/// A word, sent as PHP sends it when nobody thinks of its type.
fn word(text: &str) -> Reply {
    Reply::html(200, text.to_owned())
}

fn balance(engine: &mut Engine, account: usize) -> Reply {
    word(&format!("ACCESS_BALANCE:{:.2}", engine.balance(account)))
}

#[derive(Serialize)]
struct PlaceRow<'a> {
    id: &'a str,
    name: &'a str,
}

/// Countries or servers by their types; those of one type where one is asked for.
fn places(engine: &Engine, kind: &str) -> Reply {
    let mut rows: BTreeMap<&str, Vec<PlaceRow<'_>>> = BTreeMap::new();
    if !kind.is_empty() {
        rows.insert(kind, Vec::new());
    }
    for country in engine.catalogue().countries() {
        let Some((of, id)) = country.id.split_once('/') else {
            continue;
        };
        if kind.is_empty() || kind == of {
            let name = country.name;
            rows.entry(of).or_default().push(PlaceRow { id, name });
        }
    }
    Reply::php(php::encode(&rows))
}

fn countries(engine: &Engine, request: &WireRequest) -> Reply {
    let kind = request.parameter("type");
    if !kind.is_empty() && !TYPES.contains(&kind) {
        return word("BAD_TYPE");
    }
    places(engine, kind)
}

/// Where in the catalogue the country of a request is.
fn country_of(engine: &Engine, request: &WireRequest) -> Result<usize, &'static str> {
    let kind = request.parameter("type");
    if !TYPES.contains(&kind) {
        return Err("BAD_TYPE");
    }
    let id = format!("{kind}/{}", request.parameter("country"));
    let mut countries = engine.catalogue().countries().iter();
    countries
        .position(|country| country.id == id)
        .ok_or("BAD_COUNTRY")
}

fn services(engine: &Engine, request: &WireRequest, effects: &Effects) -> Reply {
    let country = match country_of(engine, request) {
        Ok(country) => country,
        Err(refusal) => return word(refusal),
    };
    let plain = request.parameter("type") == "1";
    let offers = engine.catalogue().offers().iter();
    let rows: BTreeMap<&str, String> = offers
        .filter(|offer| offer.country == country)
        .map(|offer| (offer.id.as_str(), named_price(offer, effects, plain)))
        .collect();
    if plain {
        Reply::php(php::encode(&rows))
    } else {
        Reply::php(php::encode(&BTreeMap::from([("1", rows)])))
    }
}

fn named_price(offer: &Offer, effects: &Effects, plain: bool) -> String {
    let price = Engine::price(offer, effects);
    if plain {
        format!("{} - {} PKR", offer.name, price.normalize())
    } else {
        format!("{} — ₨{price:.2}", offer.name)
    }
}

fn get_number(
    engine: &mut Engine,
    account: usize,
    request: &WireRequest,
    effects: &Effects,
) -> Reply {
    let found = country_of(engine, request).and_then(|country| {
        let index = engine.catalogue().find(request.parameter("service"));
        let index = index.ok_or("BAD_SERVICE")?;
        let offer = engine.catalogue().offer(index);
        let offer = offer.filter(|offer| offer.country == country);
        Ok((index, Engine::price(offer.ok_or("BAD_SERVICE")?, effects)))
    });
    let (index, price) = match found {
        Ok(found) => found,
        Err(refusal) => return word(refusal),
    };
    let limit = request.parameter("maxPrice").parse::<Decimal>();
    if limit.is_ok_and(|limit| limit < price) {
        return word("ERROR_PRICE_CHANGE");
    }
    match engine.buy(account, index, None, effects) {
        Ok(id) => match engine.order(account, id) {
            Some(order) => word(&format!("ACCESS_NUMBER:{id}:{}", order.number)),
            None => word("NO_ACTIVATION"),
        },
        Err(Refusal::NoFunds) => word("NO_BALANCE"),
        Err(
            Refusal::NoStock
            | Refusal::UnknownOrder
            | Refusal::TooEarly
            | Refusal::HasSms
            | Refusal::NoSms
            | Refusal::WrongState,
        ) => match request.parameter("type") {
            "1" => word("ERROR_PROVIDER_1:NO_NUMBERS"),
            kind => word(&format!(
                "ERROR_PROVIDER_{kind}:{{\"status\":\"error\",\"message\":\"Sorry: no numbers\"}}"
            )),
        },
    }
}

/// The state of an order, the same at both handlers.
fn status(engine: &mut Engine, account: usize, request: &WireRequest) -> Reply {
    let Ok(id) = request.parameter("id").parse::<u64>() else {
        return word("BAD_ID");
    };
    let order = engine.order(account, id);
    let Some(order) = order.filter(|order| !mail::is_mailbox(order)) else {
        return word("NO_ACTIVATION");
    };
    match (order.state(), order.sms.last()) {
        (OrderState::Cancelled | OrderState::Expired, _) => word("STATUS_CANCEL"),
        (OrderState::Received | OrderState::Finished, Some(text)) => {
            let code = sms::code_in(text).unwrap_or_else(|| text.clone());
            word(&format!("STATUS_OK:{code}"))
        }
        (OrderState::Waiting | OrderState::Received | OrderState::Finished, _) => {
            word("STATUS_WAIT_CODE")
        }
    }
}

/// What was done to an order.
#[derive(Clone, Copy)]
enum Done {
    Completed,
    Cancelled,
}

/// Changes an order; `done` words the success.
fn set_status(
    engine: &mut Engine,
    account: usize,
    request: &WireRequest,
    effects: &Effects,
    done: fn(u64, Done) -> &'static str,
) -> Reply {
    let Ok(id) = request.parameter("id").parse::<u64>() else {
        return word("BAD_ID");
    };
    if engine.order(account, id).is_some_and(mail::is_mailbox) {
        return word("NO_ACTIVATION");
    }
    let (outcome, what) = match request.parameter("status") {
        "3" | "6" => (engine.finish(account, id), Done::Completed),
        "8" => (engine.cancel(account, id, effects), Done::Cancelled),
        _ => return word("BAD_STATUS"),
    };
    match outcome {
        Ok(()) => word(done(id, what)),
        Err(Refusal::UnknownOrder) => word("NO_ACTIVATION"),
        Err(Refusal::TooEarly) => word("EARLY_CANCEL_DENIED"),
        Err(Refusal::NoSms) => word("NO_SMS_RECEIVED"),
        Err(Refusal::HasSms | Refusal::WrongState | Refusal::NoFunds | Refusal::NoStock) => {
            word("STATUS_ALREADY_CHANGED")
        }
    }
}

/// The activations word a success in one of several ways, from order to order.
fn done(id: u64, what: Done) -> &'static str {
    match (what, id % 3) {
        (Done::Completed, 1) => "ACCESS_FINISH",
        (Done::Completed, 2) => "ACCESS_ACTIVATION",
        (Done::Completed, _) => "Activation completed successfully",
        (Done::Cancelled, 1) => "ACCESS_READY",
        (Done::Cancelled, 2) => "ACCESS_CANCEL",
        (Done::Cancelled, _) => "Activation cancelled, balance refunded",
    }
}
