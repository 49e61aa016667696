//! OTPGet's wire language at its cheap numbers: servers instead of countries, one offer each.
//!
//! Invariant: a purchase is answered with the order, the number and the seconds it lives, and
//! nothing else.

use std::collections::BTreeMap;

use super::{Done, admitted, balance, places, set_status, status, word};
use crate::sandbox::upstream::dialect::{Reply, WireRequest};
use crate::sandbox::upstream::engine::{Effects, Engine, Refusal};
use crate::sandbox::upstream::php;

const PATH: &str = "/stubs/cheap_handler.php";

/// How long a number lives, in seconds.
pub(in crate::sandbox::upstream) const LIFETIME_S: i64 = 900;

/// Carries a request out.
pub(in crate::sandbox::upstream) fn answer(
    engine: &mut Engine,
    request: &WireRequest,
    effects: &Effects,
) -> Reply {
    let account = match admitted(engine, request, PATH) {
        Ok(account) => account,
        Err(reply) => return reply,
    };
    match request.parameter("action") {
        "getBalance" => balance(engine, account),
        "getServers" => places(engine, request.parameter("type")),
        "getServices" => services(engine, request, effects),
        "buyNumber" => buy_number(engine, account, request, effects),
        "getStatus" => status(engine, account, request),
        "setStatus" => set_status(engine, account, request, effects, done),
        _ => word("BAD_ACTION"),
    }
}

fn done(_id: u64, what: Done) -> &'static str {
    match what {
        Done::Completed => "ACCESS_FINISH",
        Done::Cancelled => "ACCESS_READY",
    }
}

/// Where the one offer of a request's server is.
fn offer_of(engine: &Engine, request: &WireRequest) -> Option<usize> {
    let (server, kind) = (request.parameter("server"), request.parameter("type"));
    let kind = if kind.is_empty() { "1" } else { kind };
    let id = format!("{kind}/{server}");
    let mut countries = engine.catalogue().countries().iter();
    let country = countries.position(|country| country.id == id)?;
    let index = engine.catalogue().find(server)?;
    let offer = engine.catalogue().offer(index)?;
    (offer.country == country).then_some(index)
}

fn services(engine: &Engine, request: &WireRequest, effects: &Effects) -> Reply {
    let index = offer_of(engine, request);
    let Some(offer) = index.and_then(|index| engine.catalogue().offer(index)) else {
        return word("BAD_SERVER");
    };
    let price = Engine::price(offer, effects);
    let text = if price.is_zero() {
        format!("{} — Free", offer.name)
    } else {
        format!("{} — ₨{price:.2}", offer.name)
    };
    Reply::php(php::encode(&BTreeMap::from([(offer.id.as_str(), text)])))
}

fn buy_number(
    engine: &mut Engine,
    account: usize,
    request: &WireRequest,
    effects: &Effects,
) -> Reply {
    let Some(index) = offer_of(engine, request) else {
        return word("BAD_SERVER");
    };
    match engine.buy(account, index, None, effects) {
        Ok(id) => match engine.order(account, id) {
            Some(order) => word(&format!("{id},{},{LIFETIME_S}", order.number)),
            None => word("DATABASE_ERROR"),
        },
        Err(Refusal::NoFunds) => word("LOW_BALANCE"),
        Err(
            Refusal::NoStock
            | Refusal::UnknownOrder
            | Refusal::TooEarly
            | Refusal::HasSms
            | Refusal::NoSms
            | Refusal::WrongState,
        ) => word("NO_NUMBERS"),
    }
}
