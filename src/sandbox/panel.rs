//! The demo page's side panel: plays the upstreams by hand, over HTTP and JSON.
//!
//! Invariant: it only forces the simulated upstreams' hands and moves the clock; the shop learns
//! of it the way it would learn of the real thing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::upstream::fault::{Fault, Scope, step};
use super::upstream::rental::SimulatedRental;
use super::upstream::{ControlError, SimulatedOrder, SimulatedUpstream};
use crate::clock::{Clock, ManualClock};

/// How many orders the panel lists per upstream.
const ORDERS_SHOWN: usize = 20;
/// The furthest jump at once: a week.
const LONGEST_JUMP_MIN: i64 = 7 * 24 * 60;

/// The panel's routes, all under `/panel/`.
pub fn router(upstreams: Vec<SimulatedUpstream>, clock: Arc<ManualClock>) -> Router {
    let panel = Panel {
        upstreams,
        clock,
        faults: Mutex::default(),
    };
    Router::new()
        .route("/panel/state", get(state))
        .route("/panel/deliver", post(deliver))
        .route("/panel/fault", post(fault))
        .route("/panel/cancel", post(cancel))
        .route("/panel/expire", post(expire))
        .route("/panel/advance", post(advance))
        .with_state(Arc::new(panel))
}

#[derive(Debug)]
struct Panel {
    upstreams: Vec<SimulatedUpstream>,
    clock: Arc<ManualClock>,
    faults: Mutex<HashMap<&'static str, PanelFault>>,
}

impl Panel {
    fn upstream(&self, id: &str) -> Result<&SimulatedUpstream, Refused> {
        self.upstreams
            .iter()
            .find(|upstream| upstream.id() == id)
            .ok_or_else(|| Refused::new(StatusCode::NOT_FOUND, "There is no such upstream."))
    }

    fn faults(&self) -> MutexGuard<'_, HashMap<&'static str, PanelFault>> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The faults the panel has buttons for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PanelFault {
    NoStock,
    Slow,
    TimeoutAfterBuying,
    DroppedConnection,
    ServerError,
    Html,
    RateLimited,
    PriceChange,
    SmsDuringCancel,
}

impl PanelFault {
    fn set(self, upstream: &SimulatedUpstream) {
        let buying = Scope::on(step::BUY);
        let (fault, scope) = match self {
            Self::NoStock => (Fault::NoStock, buying),
            Self::Slow => (Fault::Slow(Duration::from_secs(4)), Scope::everything()),
            Self::TimeoutAfterBuying => (Fault::NoAnswer, buying.after_work()),
            Self::DroppedConnection => (Fault::DroppedConnection, buying),
            Self::ServerError => (Fault::ServerError(502), Scope::everything()),
            Self::Html => (Fault::HtmlPage, Scope::everything()),
            Self::RateLimited => (Fault::RateLimited { retry_after_s: 5 }, Scope::everything()),
            Self::PriceChange => (Fault::PriceChange { percent: 25 }, Scope::everything()),
            Self::SmsDuringCancel => (Fault::SmsDuringCancel, Scope::on(step::CANCEL)),
        };
        upstream.set_fault(fault, scope);
    }
}

/// Why the panel does not do what it was asked: a status and one sentence.
#[derive(Debug)]
struct Refused {
    status: StatusCode,
    error: String,
}

impl Refused {
    fn new(status: StatusCode, error: impl Into<String>) -> Self {
        let error = error.into();
        Self { status, error }
    }
}

impl From<ControlError> for Refused {
    fn from(error: ControlError) -> Self {
        let status = match error {
            ControlError::UnknownOrder
            | ControlError::UnknownService
            | ControlError::UnknownOperator => StatusCode::NOT_FOUND,
            ControlError::OrderClosed | ControlError::HasSms => StatusCode::CONFLICT,
        };
        let text = error.to_string();
        let mut characters = text.chars();
        let first = characters.next().map(|first| first.to_ascii_uppercase());
        let sentence: String = first.into_iter().chain(characters).chain(['.']).collect();
        Self::new(status, sentence)
    }
}

#[derive(Serialize)]
struct ErrorBody {
    error: String,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = ErrorBody { error: self.error };
        json(self.status, &body)
    }
}

#[derive(Serialize)]
struct Done {
    ok: bool,
}

/// The answer to a button that did its work.
fn done() -> Response {
    json(StatusCode::OK, &Done { ok: true })
}

fn json<T: Serialize>(status: StatusCode, body: &T) -> Response {
    match serde_json::to_string(body) {
        Ok(text) => (status, [(header::CONTENT_TYPE, "application/json")], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Reads a body whatever Content-Type it claims, so that every mistake gets a sentence.
fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|error| {
        let sentence = format!("The panel cannot read this: {error}.");
        Refused::new(StatusCode::BAD_REQUEST, sentence)
    })
}

#[derive(Serialize)]
struct StateBody {
    now: String,
    upstreams: Vec<UpstreamBody>,
}

#[derive(Serialize)]
struct UpstreamBody {
    id: &'static str,
    name: &'static str,
    balance: String,
    currency: &'static str,
    fault: Option<PanelFault>,
    orders: Vec<OrderBody>,
}

#[derive(Serialize)]
struct OrderBody {
    id: String,
    service: String,
    number: String,
    state: &'static str,
    age_seconds: i64,
    /// Whether the upstream can take it back.
    cancellable: bool,
}

async fn state(State(panel): State<Arc<Panel>>) -> Response {
    let now = panel.clock.now();
    let upstreams = panel
        .upstreams
        .iter()
        .map(|upstream| UpstreamBody {
            id: upstream.id(),
            name: upstream.name(),
            balance: upstream.balance().to_string(),
            currency: upstream.dialect().currency(),
            fault: panel.faults().get(upstream.id()).copied(),
            orders: upstream
                .newest_orders(ORDERS_SHOWN)
                .into_iter()
                .map(|order| order_body(order, now))
                .chain(
                    upstream
                        .newest_rentals(ORDERS_SHOWN)
                        .into_iter()
                        .map(|rental| rental_body(rental, now)),
                )
                .collect(),
        })
        .collect();
    let body = StateBody {
        now: now.to_rfc3339_opts(SecondsFormat::Secs, true),
        upstreams,
    };
    json(StatusCode::OK, &body)
}

fn order_body(order: SimulatedOrder, now: DateTime<Utc>) -> OrderBody {
    OrderBody {
        age_seconds: (now - order.created_at).num_seconds().max(0),
        cancellable: true,
        state: order.state.name(),
        id: order.id,
        service: order.service,
        number: order.number,
    }
}

fn rental_body(rental: SimulatedRental, now: DateTime<Utc>) -> OrderBody {
    OrderBody {
        age_seconds: (now - rental.created_at).num_seconds().max(0),
        cancellable: false,
        state: match (rental.is_over, rental.sms.is_empty()) {
            (true, _) => "expired",
            (false, true) => "waiting",
            (false, false) => "received",
        },
        id: rental.order_id,
        service: format!("Rental, {}", rental.country_code),
        number: rental.number,
    }
}

#[derive(Deserialize)]
struct DeliverBody {
    upstream: String,
    order: String,
    text: Option<String>,
}

async fn deliver(State(panel): State<Arc<Panel>>, body: Bytes) -> Result<Response, Refused> {
    let body: DeliverBody = read(&body)?;
    let upstream = panel.upstream(&body.upstream)?;
    match body.text.as_deref().map(str::trim) {
        None | Some("") => {
            upstream.deliver_invented(&body.order)?;
        }
        Some(text) => upstream.deliver(&body.order, text)?,
    }
    Ok(done())
}

#[derive(Deserialize)]
struct FaultBody {
    upstream: String,
    fault: Option<PanelFault>,
}

async fn fault(State(panel): State<Arc<Panel>>, body: Bytes) -> Result<Response, Refused> {
    let body: FaultBody = read(&body)?;
    let upstream = panel.upstream(&body.upstream)?;
    let mut faults = panel.faults();
    upstream.clear_faults();
    match body.fault {
        Some(fault) => {
            fault.set(upstream);
            faults.insert(upstream.id(), fault);
        }
        None => {
            faults.remove(upstream.id());
        }
    }
    Ok(done())
}

/// What `cancel` and `expire` are about.
#[derive(Deserialize)]
struct OrderNamed {
    upstream: String,
    order: String,
}

async fn cancel(State(panel): State<Arc<Panel>>, body: Bytes) -> Result<Response, Refused> {
    let body: OrderNamed = read(&body)?;
    panel
        .upstream(&body.upstream)?
        .cancel_by_upstream(&body.order)?;
    Ok(done())
}

async fn expire(State(panel): State<Arc<Panel>>, body: Bytes) -> Result<Response, Refused> {
    let body: OrderNamed = read(&body)?;
    panel.upstream(&body.upstream)?.expire(&body.order)?;
    Ok(done())
}

#[derive(Deserialize)]
struct AdvanceBody {
    minutes: i64,
}

async fn advance(State(panel): State<Arc<Panel>>, body: Bytes) -> Result<Response, Refused> {
    let body: AdvanceBody = read(&body)?;
    if !(1..=LONGEST_JUMP_MIN).contains(&body.minutes) {
        let sentence = format!("The clock jumps 1 to {LONGEST_JUMP_MIN} minutes at once.");
        return Err(Refused::new(StatusCode::BAD_REQUEST, sentence));
    }
    panel.clock.advance(TimeDelta::minutes(body.minutes));
    Ok(done())
}
