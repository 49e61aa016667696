//! VirtuSIM's wire language: one GET endpoint, v1 and v2, JSON sent as text/html.
//!
//! Invariant: v1 knows five actions and Indonesia only; what v2 adds does not exist there.

pub(super) mod catalogue;
mod v2;

use axum::http::Method;
use serde::Serialize;

use super::OrderState;
use super::catalogue::Offer;
use super::dialect::{Reply, WireRequest};
use super::engine::{Effects, Engine, Refusal};
use super::fault::{Call, step};
use super::order::Order;
use super::php;
use super::sms;

/// Where v1 answers.
pub(super) const PATH_V1: &str = "/api/json.php";
/// Where v2 answers.
pub(super) const PATH_V2: &str = "/api/v2/json.php";

const BAD_REQUEST: &str = "Permintaan tidak sesuai";
const UNKNOWN_SERVICE: &str = "Layanan tidak ditemukan";
const UNKNOWN_ORDER: &str = "Pesanan tidak ditemukan";
const NO_SMS_YET: &str = "Waiting SMS Code";

/// What a request is about.
pub(super) fn call(request: &WireRequest) -> Call {
    let action = request.parameter("action");
    let step = match (action, request.parameter("status")) {
        ("order" | "reactive_order", _) => Some(step::BUY),
        ("active_order" | "status" | "detail_order", _) => Some(step::POLL),
        ("set_status", "1") => Some(step::READY),
        ("set_status", "2") => Some(step::CANCEL),
        ("set_status", "3") => Some(step::RESEND),
        ("set_status", "4") => Some(step::FINISH),
        _ => None,
    };
    let order = request.parameter("id");
    Call {
        action: action.to_owned(),
        step,
        order: (!order.is_empty()).then(|| order.to_owned()),
    }
}

/// v1 refuses in Indonesian, v2 in English.
pub(super) fn wrong_key(request: &WireRequest) -> Reply {
    if request.path == PATH_V2 {
        refused("Incorrect API Key")
    } else {
        refused("API Key salah")
    }
}

/// Carries a request out.
pub(super) fn answer(engine: &mut Engine, request: &WireRequest, effects: &Effects) -> Reply {
    let is_v2 = request.path == PATH_V2;
    if request.path != PATH_V1 && !is_v2 {
        return Reply::error_page(404, "Not Found");
    }
    if request.method != Method::GET {
        return Reply::error_page(405, "Method Not Allowed");
    }
    let Some(account) = engine.account(request.parameter("api_key")) else {
        return wrong_key(request);
    };
    match (request.parameter("action"), is_v2) {
        ("services", false) => services_v1(engine, request, effects),
        ("services", true) => services_v2(engine, request, effects),
        ("order", _) => order(engine, account, request, effects),
        ("set_status", _) => set_status(engine, account, request, effects),
        ("active_order", _) => active_order(engine, account),
        ("status", _) => status(engine, account, request),
        ("balance", true) => v2::balance(engine, account),
        ("list_country", true) => v2::list_country(engine),
        ("list_operator", true) => v2::list_operator(engine, request),
        ("reactive_order", true) => v2::reactive_order(engine, account, request),
        ("detail_order", true) => v2::detail_order(engine, account, request),
        ("order_history", true) => v2::order_history(engine, account),
        _ => refused(BAD_REQUEST),
    }
}

#[derive(Serialize)]
struct Success<T> {
    status: bool,
    data: T,
}

fn success<T: Serialize>(data: T) -> Reply {
    Reply::php(php::encode(&Success { status: true, data }))
}

#[derive(Serialize)]
struct Message<'a> {
    msg: &'a str,
}

/// A refusal with its text inside `data`.
fn refused(msg: &str) -> Reply {
    let data = Message { msg };
    let status = false;
    Reply::php(php::encode(&Success { status, data }))
}

#[derive(Serialize)]
struct TopLevelMessage<'a, T> {
    status: bool,
    msg: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<T>,
}

/// A refusal with its text at the top.
fn refused_at_top(msg: &str) -> Reply {
    let data: Option<()> = None;
    let status = false;
    Reply::php(php::encode(&TopLevelMessage { status, msg, data }))
}

fn text_of(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NoFunds => "Saldo tidak cukup",
        Refusal::NoStock => "Layanan tidak tersedia",
        Refusal::UnknownOrder => UNKNOWN_ORDER,
        Refusal::TooEarly | Refusal::HasSms | Refusal::NoSms | Refusal::WrongState => BAD_REQUEST,
    }
}

#[derive(Serialize)]
struct ServiceRow<'a> {
    id: &'a str,
    name: &'a str,
    price: String,
    tersedia: String,
    category: &'a str,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    v2: Option<ServiceRowV2<'a>>,
}

#[derive(Serialize)]
struct ServiceRowV2<'a> {
    country: &'a str,
    status: &'a str,
    is_promo: u8,
}

fn service_row<'a>(
    offer: &'a Offer,
    effects: &Effects,
    v2: Option<ServiceRowV2<'a>>,
) -> ServiceRow<'a> {
    ServiceRow {
        id: &offer.id,
        name: &offer.name,
        price: Engine::price(offer, effects).to_string(),
        tersedia: offer.total_stock().to_string(),
        category: "OTP",
        v2,
    }
}

fn services_v1(engine: &Engine, request: &WireRequest, effects: &Effects) -> Reply {
    if request.parameter("country") != "indo" {
        return refused(BAD_REQUEST);
    }
    let rows: Vec<ServiceRow<'_>> = engine
        .catalogue()
        .offers()
        .iter()
        .filter(|offer| offer.country == 0)
        .map(|offer| service_row(offer, effects, None))
        .collect();
    success(rows)
}

fn services_v2(engine: &Engine, request: &WireRequest, effects: &Effects) -> Reply {
    let Some((index, country)) = country_named(engine, request.parameter("country")) else {
        return refused(UNKNOWN_SERVICE);
    };
    let wanted = request.parameter("service").to_lowercase();
    let rows: Vec<ServiceRow<'_>> = engine
        .catalogue()
        .offers()
        .iter()
        .filter(|offer| offer.country == index && offer.name.to_lowercase().contains(&wanted))
        .map(|offer| {
            let v2 = ServiceRowV2 {
                country,
                status: "1",
                is_promo: 0,
            };
            service_row(offer, effects, Some(v2))
        })
        .collect();
    success(rows)
}

fn country_named(engine: &Engine, name: &str) -> Option<(usize, &'static str)> {
    engine
        .catalogue()
        .countries()
        .iter()
        .position(|country| country.name.eq_ignore_ascii_case(name))
        .and_then(|index| Some((index, engine.catalogue().country(index)?.name)))
}

#[derive(Serialize)]
struct Bought<'a> {
    id: u64,
    number: &'a str,
    operator: &'a str,
    service_id: &'a str,
    service_name: &'a str,
}

fn order(engine: &mut Engine, account: usize, request: &WireRequest, effects: &Effects) -> Reply {
    let service = request.parameter("service");
    if service.is_empty() {
        return refused(BAD_REQUEST);
    }
    let v1 = request.path == PATH_V1;
    let Some((index, offer)) = engine
        .catalogue()
        .find(service)
        .and_then(|index| Some((index, engine.catalogue().offer(index)?)))
        .filter(|(_, offer)| offer.country == 0 || !v1)
    else {
        return refused(UNKNOWN_SERVICE);
    };
    let operator = match request.parameter("operator") {
        "" | "any" => None,
        name if offer.stock.iter().any(|(known, _)| *known == name) => Some(name),
        _ => return refused(BAD_REQUEST),
    };
    match engine.buy(account, index, operator, effects) {
        Ok(id) => bought(engine, account, id),
        Err(refusal) => refused(text_of(refusal)),
    }
}

fn bought(engine: &mut Engine, account: usize, id: u64) -> Reply {
    let Some(order) = engine.order(account, id).cloned() else {
        return refused(UNKNOWN_ORDER);
    };
    let service_id = offer_id(engine, &order);
    success(Bought {
        id,
        number: &order.number,
        operator: order.operator,
        service_id: &service_id,
        service_name: &order.service,
    })
}

fn offer_id(engine: &Engine, order: &Order) -> String {
    engine
        .catalogue()
        .offer(order.offer)
        .map(|offer| offer.id.clone())
        .unwrap_or_default()
}

#[derive(Serialize)]
struct Changed {
    id: String,
    status: String,
}

fn set_status(
    engine: &mut Engine,
    account: usize,
    request: &WireRequest,
    effects: &Effects,
) -> Reply {
    let wanted = request.parameter("status");
    let id = request.parameter("id");
    if id.is_empty() || wanted.is_empty() {
        return refused_at_top(BAD_REQUEST);
    }
    let Ok(order) = id.parse::<u64>() else {
        return refused_at_top(UNKNOWN_ORDER);
    };
    let (outcome, done) = match wanted {
        "1" => (engine.ready(account, order), "Status berhasil diubah"),
        "2" => (
            engine.cancel(account, order, effects),
            "Pesanan berhasil dibatalkan",
        ),
        "3" => (engine.resend(account, order), "Menunggu SMS berikutnya"),
        "4" => (engine.finish(account, order), "Pesanan selesai"),
        _ => return refused_at_top(BAD_REQUEST),
    };
    match outcome {
        Ok(()) => Reply::php(php::encode(&TopLevelMessage {
            status: true,
            msg: done,
            data: Some(Changed {
                id: id.to_owned(),
                status: wanted.to_owned(),
            }),
        })),
        Err(Refusal::UnknownOrder) => refused_at_top(UNKNOWN_ORDER),
        // Whatever stands in the way of a cancel, the text is the same.
        Err(_) if wanted == "2" => refused_at_top("Gagal Cancel"),
        Err(refusal) => refused_at_top(text_of(refusal)),
    }
}

#[derive(Serialize)]
struct ActiveRow<'a> {
    id: String,
    status: &'a str,
    number: &'a str,
    otp: String,
    sms: &'a str,
    service_name: &'a str,
}

fn active_order(engine: &mut Engine, account: usize) -> Reply {
    let orders = engine.open_orders(account);
    if orders.is_empty() {
        return refused_at_top("No active orders");
    }
    let rows: Vec<ActiveRow<'_>> = orders
        .into_iter()
        .map(|order| {
            let text = order.shown_sms();
            ActiveRow {
                id: order.id.to_string(),
                status: if text.is_some() {
                    "Otp Diterima"
                } else {
                    "Ready"
                },
                number: &order.number,
                otp: text
                    .and_then(sms::code_in)
                    .unwrap_or_else(|| "-".to_owned()),
                sms: text.unwrap_or(""),
                service_name: &order.service,
            }
        })
        .collect();
    success(rows)
}

#[derive(Serialize)]
struct StatusRow<'a> {
    id: &'a str,
    status: &'a str,
    number: &'a str,
    sms: &'a str,
    service_name: &'a str,
}

fn status(engine: &mut Engine, account: usize, request: &WireRequest) -> Reply {
    let id = request.parameter("id");
    if id.is_empty() {
        return refused(BAD_REQUEST);
    }
    let found = id.parse::<u64>().ok();
    let Some(order) = found.and_then(|id| engine.order(account, id)) else {
        return refused(UNKNOWN_ORDER);
    };
    success(StatusRow {
        id,
        status: status_word(order),
        number: &order.number,
        sms: shown(order),
        service_name: &order.service,
    })
}

fn status_word(order: &Order) -> &'static str {
    match order.state() {
        OrderState::Waiting if order.ready => "Processing",
        OrderState::Waiting => "Pending",
        OrderState::Received | OrderState::Finished => "Success",
        OrderState::Cancelled | OrderState::Expired => "Error",
    }
}

fn shown(order: &Order) -> &str {
    match order.state() {
        OrderState::Waiting => NO_SMS_YET,
        OrderState::Received
        | OrderState::Finished
        | OrderState::Cancelled
        | OrderState::Expired => order.shown_sms().unwrap_or("-"),
    }
}
