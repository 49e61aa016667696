//! What VirtuSIM's v2 endpoint adds to v1, as public clients use it.
//!
//! Invariant: all of it is reading, except `reactive_order`, which sells.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::super::dialect::{Reply, WireRequest};
use super::super::engine::Engine;
use super::super::order::Order;
use super::{
    BAD_REQUEST, UNKNOWN_ORDER, bought, country_named, offer_id, refused, shown, status_word,
    success, text_of,
};

#[derive(Serialize)]
struct Balance {
    balance: String,
}

/// `balance`.
pub(super) fn balance(engine: &mut Engine, account: usize) -> Reply {
    let balance = engine.balance(account).to_string();
    success(Balance { balance })
}

#[derive(Serialize)]
struct CountryRow<'a> {
    id: &'a str,
    country_code: &'a str,
    country_name: &'a str,
    img_link: String,
}

/// `list_country`.
pub(super) fn list_country(engine: &Engine) -> Reply {
    let rows: Vec<CountryRow<'_>> = engine
        .catalogue()
        .countries()
        .iter()
        .map(|country| CountryRow {
            id: country.id,
            country_code: country.code,
            country_name: country.name,
            img_link: format!("/assets/flags/{}.png", country.code.to_lowercase()),
        })
        .collect();
    success(rows)
}

/// `list_operator`.
pub(super) fn list_operator(engine: &Engine, request: &WireRequest) -> Reply {
    let found = country_named(engine, request.parameter("country"));
    let Some(country) = found.and_then(|(index, _)| engine.catalogue().country(index)) else {
        return refused(BAD_REQUEST);
    };
    let mut operators = vec!["any"];
    operators.extend(country.operators);
    success(operators)
}

/// `reactive_order`.
pub(super) fn reactive_order(engine: &mut Engine, account: usize, request: &WireRequest) -> Reply {
    let Ok(id) = request.parameter("id").parse::<u64>() else {
        return refused(UNKNOWN_ORDER);
    };
    match engine.buy_again(account, id) {
        Ok(id) => bought(engine, account, id),
        Err(refusal) => refused(text_of(refusal)),
    }
}

#[derive(Serialize)]
struct DetailRow<'a> {
    id: u64,
    service_id: String,
    service_name: &'a str,
    number: &'a str,
    operator: &'a str,
    price: String,
    status: &'a str,
    sms: &'a str,
    created_at: String,
}

fn detail_row(order: &Order, service_id: String) -> DetailRow<'_> {
    DetailRow {
        id: order.id,
        service_id,
        service_name: &order.service,
        number: &order.number,
        operator: order.operator,
        price: order.price.to_string(),
        status: status_word(order),
        sms: shown(order),
        created_at: jakarta_time(order.created_at),
    }
}

/// Times have no zone; they are Jakarta's, UTC+7.
fn jakarta_time(at: DateTime<Utc>) -> String {
    (at + TimeDelta::hours(7))
        .format("%Y-%m-%d %H:%M:%S")
        .to_string()
}

/// `detail_order`.
pub(super) fn detail_order(engine: &mut Engine, account: usize, request: &WireRequest) -> Reply {
    let found = request.parameter("id").parse::<u64>().ok();
    let Some(order) = found.and_then(|id| engine.order(account, id)).cloned() else {
        return refused(UNKNOWN_ORDER);
    };
    success(detail_row(&order, offer_id(engine, &order)))
}

/// `order_history`.
pub(super) fn order_history(engine: &mut Engine, account: usize) -> Reply {
    let orders: Vec<Order> = engine
        .newest_orders(100)
        .into_iter()
        .filter(|order| order.account == account)
        .cloned()
        .collect();
    let rows: Vec<DetailRow<'_>> = orders
        .iter()
        .map(|order| detail_row(order, offer_id(engine, order)))
        .collect();
    success(rows)
}
