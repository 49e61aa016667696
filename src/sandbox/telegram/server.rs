//! The HTTP side: tokens, faults, the dispatch of methods and the download of files.
//!
//! Invariant: faults are applied here, before or after a method, never inside one.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::limits::Fault;
use super::params::Params;
use super::refusal::Refusal;
use super::updates::Poll;
use super::world::{World, lock};
use super::{commands, copying, editing, inline, sending, stars, webhook};

#[derive(Clone, Debug)]
struct Server {
    world: Arc<World>,
    stop: CancellationToken,
}

/// Listens until `stop` is cancelled.
pub(super) async fn start(
    world: Arc<World>,
    address: SocketAddr,
    stop: CancellationToken,
) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let server = Server {
        world: Arc::clone(&world),
        stop: stop.clone(),
    };
    let router = Router::new()
        .route("/{bot}/{method}", any(call))
        .route("/file/{bot}/{*path}", get(download))
        .fallback(async || refuse(&Refusal::NOT_FOUND))
        .layer(DefaultBodyLimit::disable())
        .with_state(server);
    tokio::spawn(webhook::deliver(Arc::clone(&world), stop.clone()));
    let door = Door {
        address,
        listener: Some(listener),
        world,
    };
    tokio::spawn(async move {
        let serving =
            axum::serve(door, router).with_graceful_shutdown(async move { stop.cancelled().await });
        if let Err(error) = serving.await {
            log::error!("the simulated Telegram stopped: {error}");
        }
    });
    Ok(address)
}

/// A listener whose port can be closed and opened again.
struct Door {
    address: SocketAddr,
    listener: Option<TcpListener>,
    world: Arc<World>,
}

impl axum::serve::Listener for Door {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        let mut fault = self.world.fault.subscribe();
        loop {
            let refusing = matches!(&*fault.borrow_and_update(), Some((Fault::Refused, _)));
            if refusing {
                self.listener = None;
                self.world.open.send_replace(false);
                if fault.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
                continue;
            }
            let listener = match self.listener.take() {
                Some(listener) => listener,
                None => match TcpListener::bind(self.address).await {
                    Ok(listener) => listener,
                    Err(error) => {
                        log::warn!("{} cannot be opened again yet: {error}", self.address);
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                },
            };
            let listener = self.listener.insert(listener);
            self.world.open.send_replace(true);
            tokio::select! {
                (stream, from) = axum::serve::Listener::accept(listener) => {
                    // Small answers must not wait for more to send.
                    if stream.set_nodelay(true).is_ok() {
                        return (stream, from);
                    }
                }
                _ = fault.changed() => {}
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

fn answer(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn refuse(refusal: &Refusal) -> Response {
    answer(refusal.code, refusal.body().to_string())
}

/// An answer that breaks off before its first byte of content, and the connection with it.
fn dropped() -> Response {
    let broken = stream::once(async { Err::<&[u8], _>(io::Error::other("dropped on purpose")) });
    ([(header::CONTENT_LENGTH, "64")], Body::from_stream(broken)).into_response()
}

async fn call(
    State(server): State<Server>,
    Path((bot, method)): Path<(String, String)>,
    request: Request,
) -> Response {
    let world = &server.world;
    let method = method.to_ascii_lowercase();
    if let Err(refusal) = check_token(world, &bot) {
        return refuse(&refusal);
    }
    count(world, &method);
    if let Some(answer) = apply_fault(world).await {
        return answer;
    }
    let params = match Params::read(request).await {
        Ok(params) => params,
        Err(refusal) => return refuse(&refusal),
    };
    let result = if method == "getupdates" {
        let mut fault = world.fault.subscribe();
        fault.mark_unchanged();
        let broken = async {
            while fault.changed().await.is_ok() {
                if let Some(answer) = apply_fault(world).await {
                    return answer;
                }
            }
            std::future::pending().await
        };
        tokio::select! {
            result = get_updates(world, &params) => result,
            answer = broken => return answer,
            () = server.stop.cancelled() => Ok(String::from("[]")),
        }
    } else {
        run(world, &method, &params).map(|value| value.to_string())
    };
    match result {
        Ok(result) if drops_after(world, &method) => {
            drop(result);
            dropped()
        }
        Ok(result) => answer(200, format!("{{\"ok\":true,\"result\":{result}}}")),
        Err(refusal) => refuse(&refusal),
    }
}

/// Telegram tells a token it has never given out (401) from what is no token at all (404).
fn check_token(world: &World, segment: &str) -> Result<(), Refusal> {
    let token = segment.strip_prefix("bot").ok_or(Refusal::NOT_FOUND)?;
    if token == world.config.token {
        return Ok(());
    }
    let well_formed = token.split_once(':').is_some_and(|(id, secret)| {
        !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()) && !secret.is_empty()
    });
    Err(if well_formed {
        Refusal::UNAUTHORIZED
    } else {
        Refusal::NOT_FOUND
    })
}

fn count(world: &World, method: &str) {
    let mut counts = lock(&world.counts);
    if let Some(count) = counts.get_mut(method) {
        *count += 1;
    } else if counts.len() < 256 {
        // Names come from outside; a caller's typing errors must not fill the memory.
        counts.insert(method.to_owned(), 1);
    }
}

async fn apply_fault(world: &World) -> Option<Response> {
    let fault = world.fault.borrow().clone();
    let (fault, since) = fault?;
    match fault {
        Fault::Status(code) => Some(refuse(&Refusal::server_error(code))),
        Fault::Refused | Fault::Dropped => Some(dropped()),
        Fault::FloodFor(length) => {
            let passed_ms = (world.clock.now() - since).num_milliseconds();
            let length_ms = i64::try_from(length.as_millis()).unwrap_or(i64::MAX);
            let left_ms = u64::try_from(length_ms.saturating_sub(passed_ms)).unwrap_or(0);
            (left_ms > 0).then(|| refuse(&Refusal::flood(left_ms.div_ceil(1000))))
        }
        Fault::Slow(delay) => {
            tokio::time::sleep(delay).await;
            None
        }
        Fault::DropAfterSending(_) => None,
    }
}

fn drops_after(world: &World, method: &str) -> bool {
    let puts = method.starts_with("send") || method == "copymessage";
    if !puts || method == "sendchataction" {
        return false;
    }
    let mut drops = false;
    world.fault.send_if_modified(|fault| {
        if let Some((Fault::DropAfterSending(left), _)) = fault {
            drops = *left > 0;
            *left = left.saturating_sub(1);
            if *left == 0 {
                *fault = None;
            }
        }
        drops
    });
    drops
}

async fn get_updates(world: &World, params: &Params) -> Result<String, Refusal> {
    let allowed = match params.structure("allowed_updates")? {
        None => None,
        Some(list) => Some(serde_json::from_value(list).map_err(|_| {
            Refusal::bad_request("can't parse allowed updates list: Expected an Array of String")
        })?),
    };
    let poll = Poll {
        offset: params.number("offset").unwrap_or(0),
        limit: params.number("limit"),
        timeout_s: params.number("timeout").unwrap_or(0),
        allowed,
    };
    world.updates.poll(poll).await
}

fn run(world: &World, method: &str, params: &Params) -> Result<Value, Refusal> {
    match method {
        "getme" => Ok(me(world)),
        "sendmessage" => sending::send_message(world, params),
        "sendphoto" => sending::send_photo(world, params),
        "senddocument" => sending::send_document(world, params),
        "copymessage" => copying::copy_message(world, params),
        "sendchataction" => sending::chat_action(world, params),
        "getfile" => sending::get_file(world, params),
        "editmessagetext" => editing::edit_text(world, params),
        "editmessagecaption" => editing::edit_caption(world, params),
        "editmessagereplymarkup" => editing::edit_markup(world, params),
        "deletemessage" => editing::delete(world, params),
        "sendinvoice" => stars::send_invoice(world, params),
        "answerprecheckoutquery" => stars::answer_checkout(world, params),
        "getstartransactions" => stars::transactions(world, params),
        "refundstarpayment" => stars::refund(world, params),
        "answerinlinequery" => inline::answer(world, params),
        "answercallbackquery" => editing::answer_callback(world, params),
        "setmycommands" => commands::set(world, params),
        "getmycommands" => commands::get(world, params),
        "deletemycommands" => commands::delete(world, params),
        "setwebhook" => webhook::set(world, params),
        "deletewebhook" => Ok(webhook::delete(world, params)),
        "getwebhookinfo" => Ok(webhook::info(world)),
        _ => Err(Refusal::NOT_FOUND),
    }
}

fn me(world: &World) -> Value {
    let mut me = world.bot_json();
    me["can_join_groups"] = json!(true);
    me["can_read_all_group_messages"] = json!(false);
    me["supports_inline_queries"] = json!(true);
    me["can_connect_to_business"] = json!(false);
    me["has_main_web_app"] = json!(false);
    me
}

async fn download(
    State(server): State<Server>,
    Path((bot, path)): Path<(String, String)>,
) -> Response {
    if let Err(refusal) = check_token(&server.world, &bot) {
        return refuse(&refusal);
    }
    if let Some(answer) = apply_fault(&server.world).await {
        return answer;
    }
    let file = lock(&server.world.files).by_path(&path).cloned();
    match file {
        Some((media, bytes)) => ([(header::CONTENT_TYPE, media.mime)], bytes).into_response(),
        None => refuse(&Refusal::NOT_FOUND),
    }
}
