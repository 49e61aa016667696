//! OTPGan's wire language: REST calls, JSON in both directions, orders under uuids.
//!
//! Invariant: the document's own sentences come as `message`, what the rest of its machinery
//! refuses comes as `error`; the document does not say how a refusal looks.

pub(super) mod catalogue;

use axum::http::Method;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::OrderState;
use super::dialect::{Reply, WireRequest, as_number};
use super::engine::{Effects, Engine, Refusal};
use super::fault::{Call, step};
use super::order::Order;
use super::sms;

/// Above its calls.
pub(super) const PATH: &str = "/api/v1";

/// The operator that means any.
const RANDOM: &str = "Random";

const UNKNOWN_SERVICE: &str = "Service not found or inactive";
const UNKNOWN_ORDER: &str = "Order not found";
const NO_FUNDS: &str = "Insufficient balance";
const NO_NUMBER: &str = "Failed to get number";
const NOT_PENDING: &str = "Only pending orders can be cancelled";
const NOT_RECEIVED: &str = "Only orders with received OTP can be finished";

/// An order's number as a uuid: told apart by its end, and its beginning looks drawn by lot.
pub(super) fn order_name(number: u64) -> String {
    let mixed = number.wrapping_mul(2_654_435_761) & 0xffff_ffff;
    format!("{mixed:08x}-5b7d-4e8a-9c10-{number:012x}")
}

/// The number of the order with this uuid.
pub(super) fn order_number(name: &str) -> Option<u64> {
    let number = u64::from_str_radix(name.rsplit('-').next()?, 16).ok()?;
    (order_name(number) == name).then_some(number)
}

/// What is posted: to create an order, or to change one.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Posted {
    service: String,
    operator: Option<String>,
    order_id: String,
    action: String,
}

impl Posted {
    fn read(request: &WireRequest) -> Option<Self> {
        serde_json::from_str(&request.body).ok()
    }
}

/// The call that a path names: `order/status`.
fn path_of(request: &WireRequest) -> &str {
    let path = request.path.strip_prefix(PATH).unwrap_or_default();
    path.trim_matches('/')
}

/// What a request is about.
pub(super) fn call(request: &WireRequest) -> Call {
    let action = path_of(request);
    let posted = Posted::read(request).unwrap_or_default();
    let is_post = request.method == Method::POST;
    let step = match (action, is_post, posted.action.as_str()) {
        ("order/create", true, _) => Some(step::BUY),
        ("order/status", false, _) => Some(step::POLL),
        ("order/status", true, "cancel") => Some(step::CANCEL),
        ("order/status", true, "finish") => Some(step::FINISH),
        _ => None,
    };
    let order = if is_post {
        posted.order_id.as_str()
    } else {
        request.parameter("order_id")
    };
    Call {
        action: action.to_owned(),
        step,
        order: (!order.is_empty()).then(|| order.to_owned()),
    }
}

/// How it refuses a wrong key.
pub(super) fn wrong_key() -> Reply {
    broken(401, "Invalid API key")
}

/// Carries a request out.
pub(super) fn answer(engine: &mut Engine, request: &WireRequest, effects: &Effects) -> Reply {
    let Some(account) = engine.account(request.parameter("api_key")) else {
        return wrong_key();
    };
    match (request.method.as_str(), path_of(request)) {
        ("GET", "account") => get_account(engine, account),
        ("GET", "operators") => get_operators(engine),
        ("GET", "order/status") => get_status(engine, account, request),
        ("POST", "order/create") => match Posted::read(request) {
            Some(posted) => create(engine, account, &posted, effects),
            None => broken(400, "Invalid JSON"),
        },
        ("POST", "order/status") => match Posted::read(request) {
            Some(posted) => change(engine, account, &posted, effects),
            None => broken(400, "Invalid JSON"),
        },
        _ => broken(404, "Not Found"),
    }
}

#[derive(Serialize)]
struct Success<T> {
    status: bool,
    data: T,
}

fn success<T: Serialize>(data: T) -> Reply {
    let status = true;
    encoded(200, &Success { status, data })
}

#[derive(Serialize)]
struct Refused<'a> {
    status: bool,
    message: &'a str,
}

/// A refusal in the document's own words.
fn refused(http_status: u16, message: &str) -> Reply {
    let status = false;
    encoded(http_status, &Refused { status, message })
}

#[derive(Serialize)]
struct Broken<'a> {
    error: Reason<'a>,
}

#[derive(Serialize)]
struct Reason<'a> {
    message: &'a str,
}

/// A refusal of what stands before its calls: routes, keys, JSON.
fn broken(http_status: u16, message: &str) -> Reply {
    let error = Reason { message };
    encoded(http_status, &Broken { error })
}

fn encoded<T: Serialize>(http_status: u16, body: &T) -> Reply {
    // Plain structs of texts and numbers always have a JSON form.
    Reply::json(http_status, serde_json::to_string(body).unwrap_or_default())
}

#[derive(Serialize)]
struct Account<'a> {
    email: &'a str,
    balance: Value,
}

fn get_account(engine: &mut Engine, account: usize) -> Reply {
    success(Account {
        email: "shop@example.com",
        balance: as_number(engine.balance(account)),
    })
}

#[derive(Serialize)]
struct Operators<'a> {
    country: u32,
    operators: &'a [&'static str],
}

fn get_operators(engine: &Engine) -> Reply {
    let operators = engine
        .catalogue()
        .country(0)
        .map_or(&[][..], |it| it.operators);
    let country = 6;
    success(Operators { country, operators })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Created<'a> {
    order_id: String,
    phone_number: &'a str,
    operator: &'a str,
    service: &'a str,
    price: Value,
    expires_at: String,
}

fn create(engine: &mut Engine, account: usize, posted: &Posted, effects: &Effects) -> Reply {
    let Some(offer) = engine.catalogue().find(&posted.service) else {
        return refused(404, UNKNOWN_SERVICE);
    };
    let operator = posted.operator.as_deref().filter(|name| *name != RANDOM);
    let bought = engine.buy(account, offer, operator, effects);
    let order = bought.map(|id| engine.order(account, id).cloned());
    match order {
        Ok(Some(order)) => success(Created {
            order_id: order_name(order.id),
            phone_number: &order.number,
            operator: order.operator,
            service: &posted.service,
            price: as_number(order.price),
            expires_at: moment(order.expires_at),
        }),
        Ok(None) => refused(404, UNKNOWN_ORDER),
        Err(Refusal::NoFunds) => refused(400, NO_FUNDS),
        Err(
            Refusal::NoStock
            | Refusal::UnknownOrder
            | Refusal::TooEarly
            | Refusal::HasSms
            | Refusal::NoSms
            | Refusal::WrongState,
        ) => refused(502, NO_NUMBER),
    }
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    order_id: String,
    phone_number: &'a str,
    otp_code: Option<String>,
    status: &'a str,
    operator: &'a str,
    service: &'a str,
    service_name: &'a str,
    price: Value,
    expires_at: String,
    created_at: String,
}

fn find(engine: &mut Engine, account: usize, name: &str) -> Option<Order> {
    engine.order(account, order_number(name)?).cloned()
}

fn get_status(engine: &mut Engine, account: usize, request: &WireRequest) -> Reply {
    let Some(order) = find(engine, account, request.parameter("order_id")) else {
        return refused(404, UNKNOWN_ORDER);
    };
    let status = match order.state() {
        OrderState::Waiting => "pending",
        OrderState::Received => "received",
        OrderState::Finished => "completed",
        OrderState::Expired => "expired",
        OrderState::Cancelled => "cancelled",
    };
    let code = |text: &str| sms::code_in(text).unwrap_or_else(|| text.to_owned());
    let offer = engine.catalogue().offer(order.offer);
    success(Status {
        order_id: order_name(order.id),
        phone_number: &order.number,
        otp_code: order.shown_sms().map(code),
        status,
        operator: order.operator,
        service: offer.map_or("", |offer| &offer.id),
        service_name: &order.service,
        price: as_number(order.price),
        expires_at: moment(order.expires_at),
        created_at: moment(order.created_at),
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Changed<'a> {
    order_id: &'a str,
    action: &'a str,
    message: &'a str,
}

fn change(engine: &mut Engine, account: usize, posted: &Posted, effects: &Effects) -> Reply {
    let order_id = posted.order_id.as_str();
    let Some(order) = find(engine, account, order_id) else {
        return refused(404, UNKNOWN_ORDER);
    };
    let action = posted.action.as_str();
    let (outcome, message, refusal) = match action {
        "cancel" => (
            engine.cancel(account, order.id, effects),
            "Order cancelled and refunded",
            NOT_PENDING,
        ),
        "finish" => (
            engine.finish(account, order.id),
            "Order completed",
            NOT_RECEIVED,
        ),
        _ => return refused(400, "Invalid action"),
    };
    match outcome {
        Ok(()) => success(Changed {
            order_id,
            action,
            message,
        }),
        // The document knows no wait; the sentence is the sandbox's own.
        Err(Refusal::TooEarly) => refused(400, "Please wait before cancelling"),
        Err(
            Refusal::UnknownOrder
            | Refusal::HasSms
            | Refusal::NoSms
            | Refusal::WrongState
            | Refusal::NoFunds
            | Refusal::NoStock,
        ) => refused(400, refusal),
    }
}

#[cfg(test)]
mod tests {
    use super::{order_name, order_number};

    #[test]
    fn an_order_s_name_leads_back_to_it_and_no_other_does() {
        for number in [0, 1, 4_200_001, 1_900_000_000] {
            let name = order_name(number);
            assert_eq!(order_number(&name), Some(number), "{name}");
            assert_eq!(order_number(&name.to_uppercase()), None);
            assert_eq!(order_number(&format!("x{name}")), None);
        }
        assert_eq!(order_number("4200001"), None);
        assert_eq!(order_number(""), None);
    }
}
