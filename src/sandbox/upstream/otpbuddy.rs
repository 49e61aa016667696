//! OTPBuddy's wire language: GET calls below one folder, JSON with a code in its `status`, orders
//! under hexadecimal ids.
//!
//! Invariant: the code says how it went and HTTP says 200, except that a fault of its own is HTTP
//! 500 too; successes have their code as a number, refusals as a string.

use std::collections::BTreeMap;

use axum::http::Method;
use serde::Serialize;
use serde_json::Value;

use super::OrderState;
use super::catalogue::{Catalogue, Country};
use super::dialect::{Reply, WireRequest, as_number};
use super::engine::{Effects, Engine, Refusal};
use super::fault::{Call, step};

/// Above its calls.
pub(super) const PATH: &str = "/v1/api";

const INDIA: &[(&str, u32, u64)] = &[
    ("whatsapp", 48, 1_400),
    ("telegram", 62, 700),
    ("instagram", 9, 5_100),
    ("facebook", 8, 4_800),
    ("google", 14, 2_300),
    ("flipkart", 11, 3_900),
    ("amazon", 12, 3_100),
    ("swiggy", 10, 2_600),
    ("paytm", 21, 900),
    ("discord", 7, 1_800),
];

/// Everything it sells; a number is of whichever operator there is.
pub(super) fn catalogue() -> Catalogue {
    let mut catalogue = Catalogue::default();
    let india = Country {
        id: "in",
        code: "IN",
        name: "India",
        prefix: "91630",
        operators: &["any"],
    };
    catalogue.add(india, 101, INDIA);
    catalogue
}

/// An order's number as the id that a document database gives.
pub(super) fn order_name(number: u64) -> String {
    format!("63dca6{number:018x}")
}

/// The number of the order with this id.
pub(super) fn order_number(name: &str) -> Option<u64> {
    let number = u64::from_str_radix(name.strip_prefix("63dca6")?, 16).ok()?;
    (order_name(number) == name).then_some(number)
}

/// The call that a path names.
fn action_of(request: &WireRequest) -> &str {
    let path = request.path.strip_prefix(PATH).unwrap_or_default();
    path.trim_matches('/')
}

/// What a request is about.
pub(super) fn call(request: &WireRequest) -> Call {
    let action = action_of(request);
    let order = request.parameter("id");
    let step = match action {
        "getNumber" => Some(step::BUY),
        "getSms" => Some(step::POLL),
        "getStatus" if !order.is_empty() => Some(step::POLL),
        "setStatus" | "cancelNumber" => Some(step::CANCEL),
        _ => None,
    };
    Call {
        action: action.to_owned(),
        step,
        order: (!order.is_empty()).then(|| order.to_owned()),
    }
}

/// How it refuses a wrong key.
pub(super) fn wrong_key() -> Reply {
    refused(Code::InvalidParameter, "Invalid token")
}

/// Carries a request out.
pub(super) fn answer(engine: &mut Engine, request: &WireRequest, effects: &Effects) -> Reply {
    if request.method != Method::GET {
        return Reply::error_page(405, "Method Not Allowed");
    }
    let Some(account) = engine.account(request.parameter("token")) else {
        return wrong_key();
    };
    let order = request.parameter("id");
    match action_of(request) {
        "getBalance" => success(Balance {
            balance: as_number(engine.balance(account)),
        }),
        "getProducts" => get_products(engine, effects),
        // The document writes this name over the list of products.
        "getStatus" if order.is_empty() => get_products(engine, effects),
        "getStatus" => get_status(engine, account, order),
        "getNumber" => get_number(engine, account, request, effects),
        "getSms" => get_sms(engine, account, order),
        "setStatus" if request.parameter("status") != "8" => {
            refused(Code::InvalidParameter, "Invalid parameter")
        }
        "setStatus" | "cancelNumber" => cancel(engine, account, order, effects),
        _ => Reply::error_page(404, "Not Found"),
    }
}

/// Its codes, 200 aside.
#[derive(Clone, Copy)]
enum Code {
    InvalidId,
    InsufficientBalance,
    ProductNotFound,
    NumberExpired,
    ServerError,
    InvalidParameter,
    Waiting,
}

impl Code {
    fn text(self) -> &'static str {
        match self {
            Self::InvalidId => "201",
            Self::InsufficientBalance => "202",
            Self::ProductNotFound => "203",
            Self::NumberExpired => "204",
            Self::ServerError => "205",
            Self::InvalidParameter => "206",
            Self::Waiting => "210",
        }
    }

    fn http_status(self) -> u16 {
        match self {
            Self::ServerError => 500,
            Self::InvalidId
            | Self::InsufficientBalance
            | Self::ProductNotFound
            | Self::NumberExpired
            | Self::InvalidParameter
            | Self::Waiting => 200,
        }
    }
}

#[derive(Serialize)]
struct Success<T> {
    status: u16,
    data: T,
}

fn success<T: Serialize>(data: T) -> Reply {
    encoded(200, &Success { status: 200, data })
}

#[derive(Serialize)]
struct Balance {
    balance: Value,
}

#[derive(Serialize)]
struct Product<'a> {
    id: &'a str,
    price: Value,
}

#[derive(Serialize)]
struct Bought<'a> {
    number: &'a str,
    id: String,
}

#[derive(Serialize)]
struct Message<'a, S> {
    status: S,
    message: &'a str,
}

/// A success that is told in words.
fn told(message: &str) -> Reply {
    let status = 200;
    encoded(200, &Message { status, message })
}

fn refused(code: Code, message: &str) -> Reply {
    let status = code.text();
    encoded(code.http_status(), &Message { status, message })
}

fn encoded<T: Serialize>(http_status: u16, body: &T) -> Reply {
    // Plain structs of texts and numbers always have a JSON form.
    Reply::json(http_status, serde_json::to_string(body).unwrap_or_default())
}

fn get_products(engine: &Engine, effects: &Effects) -> Reply {
    let offers = engine.catalogue().offers().iter();
    let products: BTreeMap<&str, Product<'_>> = offers
        .map(|offer| {
            let product = Product {
                id: &offer.id,
                price: as_number(Engine::price(offer, effects)),
            };
            (&*offer.name, product)
        })
        .collect();
    success(products)
}

fn get_number(
    engine: &mut Engine,
    account: usize,
    request: &WireRequest,
    effects: &Effects,
) -> Reply {
    // The example in the document leaves a letter out.
    let servers = ["server", "sever"].map(|name| request.parameter(name));
    if !servers.contains(&"in") {
        return refused(Code::InvalidParameter, "Invalid parameter");
    }
    let Some(offer) = engine.catalogue().find(request.parameter("product_id")) else {
        return refused(Code::ProductNotFound, "Product not found");
    };
    let bought = engine.buy(account, offer, None, effects);
    match bought.map(|id| engine.order(account, id).cloned()) {
        Ok(Some(order)) => success(Bought {
            number: &order.number,
            id: order_name(order.id),
        }),
        Ok(None) => refused(Code::InvalidId, "Invalid id"),
        Err(Refusal::NoFunds) => refused(Code::InsufficientBalance, "Insufficient balance"),
        Err(
            // The document has no code for this; the words are the sandbox's own.
            Refusal::NoStock
            | Refusal::UnknownOrder
            | Refusal::TooEarly
            | Refusal::HasSms
            | Refusal::NoSms
            | Refusal::WrongState,
        ) => refused(Code::ServerError, "No numbers available"),
    }
}

/// Where an order stands and its SMS; an order that was cancelled is there no more.
fn look(engine: &mut Engine, account: usize, name: &str) -> Option<(OrderState, Option<String>)> {
    let order = engine.order(account, order_number(name)?)?;
    let state = order.state();
    let text = order.shown_sms().map(str::to_owned);
    (state != OrderState::Cancelled).then_some((state, text))
}

fn get_sms(engine: &mut Engine, account: usize, name: &str) -> Reply {
    match look(engine, account, name) {
        None | Some((OrderState::Cancelled, _)) => refused(Code::InvalidId, "Invalid id"),
        Some((OrderState::Expired, _)) => refused(Code::NumberExpired, "Number expired"),
        Some((OrderState::Waiting, _)) => refused(Code::Waiting, "Waiting for SMS"),
        Some((OrderState::Received | OrderState::Finished, text)) => {
            told(&text.unwrap_or_default())
        }
    }
}

fn get_status(engine: &mut Engine, account: usize, name: &str) -> Reply {
    match look(engine, account, name) {
        None | Some((OrderState::Cancelled, _)) => refused(Code::InvalidId, "Invalid id"),
        Some((OrderState::Expired, _)) => refused(Code::NumberExpired, "Number expired"),
        Some((OrderState::Waiting, _)) => refused(Code::Waiting, "Waiting for SMS"),
        Some((OrderState::Received | OrderState::Finished, _)) => told("Success"),
    }
}

fn cancel(engine: &mut Engine, account: usize, name: &str, effects: &Effects) -> Reply {
    let outcome = match order_number(name) {
        Some(number) if look(engine, account, name).is_some() => {
            engine.cancel(account, number, effects)
        }
        Some(_) | None => Err(Refusal::UnknownOrder),
    };
    match outcome {
        Ok(()) => told("Number cancelled"),
        Err(Refusal::UnknownOrder) => refused(Code::InvalidId, "Invalid id"),
        Err(Refusal::WrongState) => refused(Code::NumberExpired, "Number expired"),
        Err(
            Refusal::HasSms
            | Refusal::TooEarly
            | Refusal::NoSms
            | Refusal::NoFunds
            | Refusal::NoStock,
        ) => refused(Code::InvalidParameter, "Number can not be cancelled"),
    }
}

#[cfg(test)]
mod tests {
    use super::{order_name, order_number};

    #[test]
    fn an_order_s_name_leads_back_to_it_and_no_other_does() {
        for number in [1, 8_300_001, 1_900_000_000] {
            let name = order_name(number);
            assert_eq!(name.len(), 24);
            assert_eq!(order_number(&name), Some(number), "{name}");
            assert_eq!(order_number(&format!("{name}0")), None);
            assert_eq!(order_number(&name.to_uppercase()), None);
        }
        for name in ["8300001", "", "63dca6", "63dca6+00000000000000001"] {
            assert_eq!(order_number(name), None, "{name}");
        }
    }
}
