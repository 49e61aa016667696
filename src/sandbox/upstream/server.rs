//! The HTTP side of a simulated upstream: takes requests, lets faults strike, sends answers.
//!
//! Invariant: the books are locked for one request at a time and never while anything waits.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, Request, StatusCode};
use axum::response::Response;
use tokio::task::JoinHandle;

use super::connection::{CuttableListener, Line, Lines};
use super::dialect::{Dialect, Reply, WireRequest};
use super::engine::{Effects, Engine};
use super::fault::{Call, Fault, Faults, Scope, Struck};

/// The longest document that may be posted.
const LONGEST_BODY_BYTES: usize = 64 * 1024;

const MAINTENANCE: &str = "<!DOCTYPE html>\n<html lang=\"id\">\n<head><meta charset=\"utf-8\">\
    <title>Maintenance</title></head>\n<body><h1>Sedang dalam perbaikan</h1>\
    <p>Silakan kembali beberapa saat lagi.</p></body>\n</html>\n";

/// What every request handler shares.
#[derive(Debug)]
pub(super) struct Desk {
    dialect: Dialect,
    engine: Mutex<Engine>,
    faults: Mutex<Faults>,
    requests: Mutex<HashMap<String, u64>>,
}

impl Desk {
    /// Opens with these books.
    pub(super) fn new(dialect: Dialect, engine: Engine) -> Self {
        Self {
            dialect,
            engine: Mutex::new(engine),
            faults: Mutex::default(),
            requests: Mutex::default(),
        }
    }

    /// Whom it plays.
    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The books.
    pub(super) fn engine(&self) -> MutexGuard<'_, Engine> {
        lock(&self.engine)
    }

    /// Sets a fault.
    pub(super) fn set_fault(&self, fault: Fault, scope: Scope) {
        lock(&self.faults).set(fault, scope);
    }

    /// Takes all faults away.
    pub(super) fn clear_faults(&self) {
        lock(&self.faults).clear();
    }

    /// How many requests of an action came in.
    pub(super) fn requests(&self, action: &str) -> u64 {
        lock(&self.requests).get(action).copied().unwrap_or(0)
    }

    fn count(&self, call: &Call) {
        let mut requests = lock(&self.requests);
        let step = call.step.filter(|step| *step != call.action);
        for word in [Some(call.action.as_str()), step].into_iter().flatten() {
            if let Some(count) = requests.get_mut(word) {
                *count += 1;
            } else {
                requests.insert(word.to_owned(), 1);
            }
        }
    }

    fn work(&self, request: &WireRequest, effects: &Effects) -> Reply {
        self.dialect.answer(&mut self.engine(), request, effects)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A server at work. Dropping it stops it.
#[derive(Debug)]
pub(super) struct Running {
    task: JoinHandle<()>,
    lines: Lines,
}

impl Running {
    /// Starts serving and tells the port.
    ///
    /// # Errors
    /// When the port cannot be had.
    pub(super) async fn start(desk: Arc<Desk>, port: u16) -> io::Result<(Self, u16)> {
        let lines = Lines::default();
        let listener = CuttableListener::bind(port, lines.clone()).await?;
        let port = listener.address()?.port();
        let service = Router::new()
            .fallback(handle)
            .with_state(desk)
            .into_make_service_with_connect_info::<Line>();
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, service).await {
                log::error!("a simulated upstream stopped serving: {error}");
            }
        });
        Ok((Self { task, lines }, port))
    }

    /// Stops; the port is free when this returns.
    pub(super) async fn stop(mut self) {
        self.task.abort();
        // The task ends by being aborted, which is no error here.
        let _aborted = (&mut self.task).await;
        self.lines.cut_all();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
        self.lines.cut_all();
    }
}

async fn handle(
    State(desk): State<Arc<Desk>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request<Body>,
) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LONGEST_BODY_BYTES).await else {
        return response(Reply::error_page(413, "Request Entity Too Large"));
    };
    let wire = WireRequest::new(
        head.method,
        head.uri.path(),
        head.uri.query().unwrap_or(""),
        String::from_utf8_lossy(&body).into_owned(),
    );
    let call = desk.dialect.call(&wire);
    desk.count(&call);
    let struck = lock(&desk.faults).strike(&call);
    match struck {
        None => response(desk.work(&wire, &Effects::default())),
        Some(struck) => spoil(&desk, &line, &wire, struck).await,
    }
}

/// Answers a request that a fault strikes.
async fn spoil(desk: &Desk, line: &Line, wire: &WireRequest, struck: Struck) -> Response {
    let Struck {
        fault,
        after_work,
        order,
    } = struck;
    let effects = effects_of(&fault);
    let ordinary = || desk.work(wire, &effects);
    if after_work && replaces_answer(&fault) {
        // Carried out, but nobody is told.
        let _untold = ordinary();
    }
    let reply = match fault {
        Fault::NoStock | Fault::PriceChange { .. } | Fault::SmsDuringCancel => ordinary(),
        Fault::SecondSms => {
            let order = order.and_then(|name| desk.dialect.order_number(&name));
            desk.engine().second_sms(order);
            ordinary()
        }
        Fault::Slow(delay) if after_work => {
            let reply = ordinary();
            tokio::time::sleep(delay).await;
            reply
        }
        Fault::Slow(delay) => {
            tokio::time::sleep(delay).await;
            ordinary()
        }
        Fault::NoAnswer => std::future::pending().await,
        Fault::DroppedConnection => {
            line.cut();
            Reply::plain(500, "")
        }
        Fault::ServerError(status) => gateway_page(status),
        Fault::Complaint(status) => {
            let own = desk.dialect.complaint(wire, status);
            own.unwrap_or_else(|| gateway_page(status))
        }
        Fault::HtmlPage => Reply::html(200, MAINTENANCE.to_owned()),
        Fault::Blocked => Reply::plain(403, "error code: 1020"),
        Fault::RateLimited { retry_after_s } => Reply {
            retry_after_s: Some(retry_after_s),
            ..Reply::plain(429, "Too Many Requests")
        },
        Fault::WrongKey => desk.dialect.wrong_key(wire),
        Fault::TruncatedJson => {
            let mut reply = ordinary();
            reply.body = first_half(&reply.body).to_owned();
            reply
        }
        Fault::BrokenBody => return broken(ordinary()),
        Fault::EmptyBody => Reply {
            body: String::new(),
            ..ordinary()
        },
    };
    response(reply)
}

fn gateway_page(status: u16) -> Reply {
    let known = StatusCode::from_u16(status).ok();
    let reason = known.and_then(|status| status.canonical_reason());
    Reply::error_page(status, reason.unwrap_or("Error"))
}

fn effects_of(fault: &Fault) -> Effects {
    let price_percent = if let Fault::PriceChange { percent } = fault {
        *percent
    } else {
        0
    };
    Effects {
        no_stock: *fault == Fault::NoStock,
        price_percent,
        sms_first: *fault == Fault::SmsDuringCancel,
    }
}

fn replaces_answer(fault: &Fault) -> bool {
    match fault {
        Fault::NoAnswer
        | Fault::DroppedConnection
        | Fault::ServerError(_)
        | Fault::Complaint(_)
        | Fault::HtmlPage
        | Fault::Blocked
        | Fault::RateLimited { .. }
        | Fault::WrongKey => true,
        Fault::NoStock
        | Fault::Slow(_)
        | Fault::PriceChange { .. }
        | Fault::SmsDuringCancel
        | Fault::SecondSms
        | Fault::TruncatedJson
        | Fault::BrokenBody
        | Fault::EmptyBody => false,
    }
}

fn first_half(body: &str) -> &str {
    let mut middle = body.len() / 2;
    while !body.is_char_boundary(middle) {
        middle -= 1;
    }
    body.get(..middle).unwrap_or("")
}

fn head(reply: &Reply) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(reply.content_type));
    if let Some(seconds) = reply.retry_after_s {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn response(reply: Reply) -> Response {
    let mut response = head(&reply);
    *response.body_mut() = Body::from(reply.body);
    response
}

/// Promises the whole body and breaks off in its middle.
fn broken(reply: Reply) -> Response {
    let mut response = head(&reply);
    let length = HeaderValue::from(reply.body.len());
    response.headers_mut().insert(CONTENT_LENGTH, length);
    let half = first_half(&reply.body).to_owned();
    let pieces = [
        Ok(half),
        Err(io::Error::from(io::ErrorKind::ConnectionReset)),
    ];
    *response.body_mut() = Body::from_stream(futures_util::stream::iter(pieces));
    response
}
