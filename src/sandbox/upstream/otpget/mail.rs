//! OTPGet's wire language at its mailboxes: JSON whose `status` is a number, always with HTTP 200
//! and under `text/html`.
//!
//! Invariant: a mailbox is an order whose number is an address. Server 1 writes prices as text and
//! counts as numbers, server 2 the other way round.

use axum::http::Method;
use chrono::TimeDelta;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;

use crate::sandbox::upstream::OrderState;
use crate::sandbox::upstream::catalogue::Offer;
use crate::sandbox::upstream::dialect::{Reply, WireRequest, as_number};
use crate::sandbox::upstream::engine::{Effects, Engine, Refusal};
use crate::sandbox::upstream::order::Order;
use crate::sandbox::upstream::{php, sms};

/// Where it answers.
pub(super) const PATH: &str = "/stubs/email_handler.php";

const PAGE_ROWS: usize = 20;

/// An answer with `status` before its own fields.
#[derive(Serialize)]
struct Body<T> {
    status: u16,
    #[serde(flatten)]
    fields: T,
}

fn told<T: Serialize>(status: u16, fields: T) -> Reply {
    Reply::php(php::encode(&Body { status, fields }))
}

#[derive(Serialize)]
struct Message<'a> {
    message: &'a str,
}

fn said(status: u16, message: &str) -> Reply {
    told(status, Message { message })
}

/// Its own error with this status.
pub(super) fn complaint(status: u16) -> Reply {
    let message = match status {
        401 => "BAD_KEY",
        403 => "ACCOUNT_BLOCKED",
        404 => "Activation not found",
        500 => "Database error",
        503 => "This server is disabled",
        _ => "Missing or invalid parameters",
    };
    said(status, message)
}

/// Whether an order is a mailbox.
pub(super) fn is_mailbox(order: &Order) -> bool {
    order.number.contains('@')
}

/// Carries a request out.
pub(super) fn answer(engine: &mut Engine, request: &WireRequest, effects: &Effects) -> Reply {
    if request.method != Method::GET {
        return complaint(400);
    }
    let Some(account) = engine.account(request.parameter("api_key")) else {
        return complaint(401);
    };
    let outcome = match request.parameter("action") {
        "getEmailServices" => offers(engine, request, effects),
        "buyEmail" => buy(engine, account, request, effects),
        "getEmailCode" => code(engine, account, request),
        "cancelEmail" => cancel(engine, account, request, effects),
        "getEmailHistory" => Ok(history(engine, account, request)),
        _ => Err(complaint(400)),
    };
    outcome.unwrap_or_else(|refusal| refusal)
}

/// A parameter that must be there.
fn needed<'r>(request: &'r WireRequest, name: &str) -> Result<&'r str, Reply> {
    let value = request.parameter(name);
    if value.is_empty() {
        return Err(complaint(400));
    }
    Ok(value)
}

#[derive(Serialize)]
struct ServiceRow {
    service_code: String,
    service_name: String,
    price: String,
    count: u64,
}

#[derive(Serialize)]
struct Services {
    services: Vec<ServiceRow>,
}

#[derive(Serialize)]
struct DomainRow {
    domain: String,
    price: Value,
    count: String,
}

#[derive(Serialize)]
struct Domains {
    domains: Vec<DomainRow>,
}

/// The offers of a server, each with its domain and its service.
fn sold<'e>(
    engine: &'e Engine,
    server: &str,
) -> impl Iterator<Item = (&'e Offer, &'e str, &'e str)> {
    let offers = engine.catalogue().offers().iter();
    offers.filter_map(move |offer| {
        let (of, rest) = offer.id.split_once(':')?;
        let (domain, service) = rest.split_once(':')?;
        (of == server).then_some((offer, domain, service))
    })
}

fn no_service() -> Reply {
    said(404, "Service not found")
}

fn offers(engine: &Engine, request: &WireRequest, effects: &Effects) -> Result<Reply, Reply> {
    let price = |offer: &Offer| Engine::price(offer, effects);
    match request.parameter("server") {
        "1" => {
            let asked = needed(request, "domain")?;
            let rows = sold(engine, "1").filter(|(_, domain, _)| *domain == asked);
            let services: Vec<ServiceRow> = rows
                .map(|(offer, _, service)| ServiceRow {
                    service_code: service.to_owned(),
                    service_name: offer.name.to_string(),
                    price: amount(price(offer)),
                    count: offer.total_stock(),
                })
                .collect();
            if services.is_empty() {
                return Err(no_service());
            }
            Ok(told(200, Services { services }))
        }
        "2" => {
            let asked = needed(request, "site")?;
            let rows = sold(engine, "2").filter(|(_, _, site)| *site == asked);
            let domains: Vec<DomainRow> = rows
                .map(|(offer, domain, _)| DomainRow {
                    domain: domain.to_owned(),
                    price: as_number(price(offer)),
                    count: offer.total_stock().to_string(),
                })
                .collect();
            if domains.is_empty() {
                return Err(no_service());
            }
            Ok(told(200, Domains { domains }))
        }
        _ => Err(complaint(400)),
    }
}

fn amount(amount: Decimal) -> String {
    format!("{amount:.2}")
}

#[derive(Serialize)]
struct Bought<'a> {
    email_id: u64,
    email: &'a str,
    service: &'a str,
    domain: &'a str,
    price: String,
    balance: String,
    server: u8,
}

fn buy(
    engine: &mut Engine,
    account: usize,
    request: &WireRequest,
    effects: &Effects,
) -> Result<Reply, Reply> {
    let (server, service) = match request.parameter("server") {
        "1" => (1, needed(request, "service_id")?),
        "2" => (2, needed(request, "site")?),
        _ => return Err(complaint(400)),
    };
    let domain = needed(request, "domain")?;
    let index = engine
        .catalogue()
        .find(&format!("{server}:{domain}:{service}"));
    let index = index.ok_or_else(no_service)?;
    let offer = engine.catalogue().offer(index).ok_or_else(no_service)?;
    let price = Engine::price(offer, effects);
    let bought = engine.buy(account, index, None, effects);
    let balance = engine.balance(account);
    let id = bought.map_err(|refusal| match refusal {
        Refusal::NoFunds => said(
            402,
            &format!(
                "Insufficient balance. Need: {} — Have: {}",
                amount(price),
                amount(balance)
            ),
        ),
        Refusal::NoStock
        | Refusal::UnknownOrder
        | Refusal::TooEarly
        | Refusal::HasSms
        | Refusal::NoSms
        | Refusal::WrongState => said(404, "Out of stock for this service"),
    })?;
    let order = engine.order(account, id).ok_or_else(|| complaint(500))?;
    Ok(told(
        200,
        Bought {
            email_id: id,
            email: &order.number,
            service: &order.service,
            domain,
            price: amount(order.price),
            balance: amount(balance),
            server,
        },
    ))
}

/// The server that sold a mailbox.
fn server_of(engine: &Engine, order: &Order) -> Option<String> {
    let (server, _) = engine.catalogue().offer(order.offer)?.id.split_once(':')?;
    Some(server.to_owned())
}

/// The mailbox that a request names, together with its server.
fn mailbox(engine: &mut Engine, account: usize, request: &WireRequest) -> Result<Order, Reply> {
    let server = needed(request, "server")?;
    let id = needed(request, "email_id")?.parse::<u64>();
    let order = id.ok().and_then(|id| engine.order(account, id).cloned());
    order
        .filter(is_mailbox)
        .filter(|order| server_of(engine, order).as_deref() == Some(server))
        .ok_or_else(|| complaint(404))
}

#[derive(Serialize)]
struct MailRow {
    code: String,
    subject: String,
    body: String,
}

#[derive(Serialize)]
struct Mails {
    messages: Vec<MailRow>,
}

fn code_in(text: &str) -> String {
    sms::code_in(text).unwrap_or_default()
}

fn code(engine: &mut Engine, account: usize, request: &WireRequest) -> Result<Reply, Reply> {
    let order = mailbox(engine, account, request)?;
    Ok(match order.state() {
        OrderState::Waiting => said(202, "Waiting for email"),
        OrderState::Cancelled | OrderState::Expired => said(300, "Activation cancelled"),
        OrderState::Received | OrderState::Finished => {
            let rows = order.sms.iter().map(|text| MailRow {
                code: code_in(text),
                subject: format!("{} verification", order.service),
                body: text.clone(),
            });
            told(
                200,
                Mails {
                    messages: rows.collect(),
                },
            )
        }
    })
}

#[derive(Serialize)]
struct Cancelled<'a> {
    message: &'a str,
    refund: String,
    balance: String,
}

#[derive(Serialize)]
struct Completed<'a> {
    message: &'a str,
    code: String,
}

fn cancel(
    engine: &mut Engine,
    account: usize,
    request: &WireRequest,
    effects: &Effects,
) -> Result<Reply, Reply> {
    let order = mailbox(engine, account, request)?;
    // Here nobody has to wait.
    match engine.cancel_after(account, order.id, effects, TimeDelta::zero()) {
        Ok(()) => Ok(told(
            200,
            Cancelled {
                message: "Email cancelled and refunded",
                refund: amount(order.price),
                balance: amount(engine.balance(account)),
            },
        )),
        Err(Refusal::HasSms) => {
            // Whoever has a message can be finished.
            let _finished = engine.finish(account, order.id);
            let order = engine.order(account, order.id);
            let text = order.and_then(|order| order.sms.last());
            Ok(told(
                200,
                Completed {
                    message: "A message had arrived, activation completed",
                    code: text.map(|text| code_in(text)).unwrap_or_default(),
                },
            ))
        }
        Err(Refusal::UnknownOrder) => Err(complaint(404)),
        Err(
            Refusal::WrongState
            | Refusal::TooEarly
            | Refusal::NoSms
            | Refusal::NoFunds
            | Refusal::NoStock,
        ) => Err(said(400, "Activation is already closed")),
    }
}

#[derive(Serialize)]
struct RecordRow {
    id: String,
    email_address: String,
    service: String,
    status: &'static str,
    server: String,
    price: String,
    created_at: String,
}

#[derive(Serialize)]
struct History {
    page: usize,
    history: Vec<RecordRow>,
}

fn history(engine: &mut Engine, account: usize, request: &WireRequest) -> Reply {
    let page = request.parameter("page").parse::<usize>();
    let page = page.unwrap_or(1).max(1);
    let newest = engine.newest_orders(usize::MAX).into_iter();
    let mailboxes = newest.filter(|order| order.account == account && is_mailbox(order));
    let mailboxes = mailboxes.skip((page - 1).saturating_mul(PAGE_ROWS));
    let orders: Vec<Order> = mailboxes.take(PAGE_ROWS).cloned().collect();
    let rows = orders.iter().map(|order| RecordRow {
        id: order.id.to_string(),
        email_address: order.number.clone(),
        service: order.service.to_string(),
        status: match order.state() {
            OrderState::Waiting => "waiting",
            OrderState::Received | OrderState::Finished => "completed",
            OrderState::Cancelled | OrderState::Expired => "cancelled",
        },
        server: server_of(engine, order).unwrap_or_default(),
        price: amount(order.price),
        created_at: order.created_at.format("%Y-%m-%d %H:%M:%S").to_string(),
    });
    let history = rows.collect();
    told(200, History { page, history })
}
