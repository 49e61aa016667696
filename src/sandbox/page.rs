//! The chat page: the demo's people and their chats in a browser, live.
//!
//! Invariant: the page gets text and entities, never HTML, and knows nothing of the bot; all it
//! can do is what the people in [`SimulatedTelegram`] can do.

mod inline;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::telegram::SimulatedTelegram;
use super::telegram::events::{Event, EventKind};
use super::telegram::message::{Author, ChatMessage};
use super::telegram::people::{Impossible, Pressed};
use super::telegram::stars::{self, Payment};

const HTML: &str = include_str!("page/index.html");
const CSS: &str = include_str!("page/chat.css");
const SCRIPTS: [(&str, &str); 4] = [
    ("/chat.js", include_str!("page/chat.js")),
    ("/inline.js", include_str!("page/inline.js")),
    ("/panel.js", include_str!("page/panel.js")),
    ("/dom.js", include_str!("page/dom.js")),
];
/// Everything comes from here, and no markup of a message could ever run a script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; base-uri 'none'; form-action 'none'";
const POLL: Duration = Duration::from_secs(25);
/// The largest picture that a person can send.
const PICTURE_MAX_BYTES: usize = 10 * 1024 * 1024;
/// How long Telegram waits for the bot before a payment fails.
const PAYING: Duration = Duration::from_secs(10);

/// Somebody the page can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Their id in the simulation.
    pub user: i64,
    /// Whether they are shown as an admin of the shop.
    pub admin: bool,
}

#[derive(Debug)]
struct Page {
    telegram: SimulatedTelegram,
    seats: Vec<Seat>,
}

type Shared = State<Arc<Page>>;

/// The page at `/` and its own calls under `/chat/`; the first seat is taken at the start.
pub fn router(telegram: SimulatedTelegram, seats: Vec<Seat>) -> Router {
    let mut router = Router::new();
    for (path, content) in SCRIPTS {
        let script = async move || file("text/javascript; charset=utf-8", content);
        router = router.route(path, get(script));
    }
    router
        .route("/", get(async || file("text/html; charset=utf-8", HTML)))
        .route(
            "/chat.css",
            get(async || file("text/css; charset=utf-8", CSS)),
        )
        .route("/chat/state", get(state))
        .route("/chat/events", get(events))
        .route("/chat/send", post(send))
        .route("/chat/press", post(press))
        .route("/chat/pay", post(pay))
        .route("/chat/picture", post(picture))
        .route("/chat/block", post(block))
        .route("/chat/inline", post(inline::ask))
        .route("/chat/inline/choose", post(inline::choose))
        .route("/chat/file/{id}", get(media))
        .layer(DefaultBodyLimit::max(PICTURE_MAX_BYTES))
        .with_state(Arc::new(Page { telegram, seats }))
}

fn file(kind: &'static str, content: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, content)
}

async fn state(State(page): Shared) -> Json<Value> {
    // The number is read first: what happens meanwhile is shown twice rather than never.
    let seq = page.telegram.seq();
    let (name, username) = page.telegram.bot();
    let people: Vec<Value> = page
        .seats
        .iter()
        .filter_map(|seat| page.seat(seat))
        .collect();
    Json(json!({
        "seq": seq,
        "bot": { "name": name, "username": username },
        "people": people,
    }))
}

#[derive(Debug, Deserialize)]
struct After {
    #[serde(default)]
    after: u64,
}

async fn events(State(page): Shared, Query(from): Query<After>) -> Json<Value> {
    let Some(events) = page.telegram.events_after(from.after, POLL).await else {
        return Json(json!({ "reset": true }));
    };
    let seq = events.last().map_or(from.after, |event| event.seq);
    let shown: Vec<Value> = events
        .iter()
        .filter_map(|event| page.event(event))
        .collect();
    Json(json!({ "seq": seq, "events": shown }))
}

impl Page {
    fn seat(&self, seat: &Seat) -> Option<Value> {
        let person = self.telegram.person(seat.user)?;
        let messages: Vec<Value> = self
            .telegram
            .messages(seat.user)
            .iter()
            .filter(|message| !message.deleted)
            .map(message_json)
            .collect();
        Some(json!({
            "id": person.id,
            "name": person.first_name,
            "username": person.username,
            "language": person.language_code,
            "admin": seat.admin,
            "blocked": self.telegram.is_blocked(person.id),
            "commands": self.telegram.commands_for(person.id, person.id),
            "waiting": self.telegram.open_queries(person.id),
            "messages": messages,
        }))
    }

    fn event(&self, event: &Event) -> Option<Value> {
        let seated = self.seats.iter().any(|seat| seat.user == event.chat);
        if !seated && event.chat != 0 {
            return None;
        }
        let mut value = json!({ "seq": event.seq, "chat": event.chat });
        match &event.kind {
            EventKind::Message { id } => {
                let message = self.telegram.message(event.chat, *id);
                match message.filter(|message| !message.deleted) {
                    Some(message) => {
                        value["kind"] = json!("message");
                        value["message"] = message_json(&message);
                    }
                    None => {
                        value["kind"] = json!("delete");
                        value["id"] = json!(id);
                    }
                }
            }
            EventKind::Toast(toast) => {
                value["kind"] = json!("toast");
                value["query"] = json!(toast.query_id);
                value["text"] = json!(toast.text);
                value["alert"] = json!(toast.alert);
            }
            EventKind::ChatAction(action) => {
                value["kind"] = json!("action");
                value["action"] = json!(action);
            }
            EventKind::Blocked(blocked) => {
                value["kind"] = json!("blocked");
                value["blocked"] = json!(blocked);
            }
            EventKind::Commands => {
                let lists: Vec<Value> = self
                    .seats
                    .iter()
                    .map(|seat| {
                        let commands = self.telegram.commands_for(seat.user, seat.user);
                        json!({ "id": seat.user, "commands": commands })
                    })
                    .collect();
                value["kind"] = json!("commands");
                value["people"] = json!(lists);
            }
        }
        Some(value)
    }
}

fn message_json(message: &ChatMessage) -> Value {
    let mut value = json!({
        "id": message.id,
        "bot": message.author == Author::Bot,
        "forwarded": message.forwarded,
        "at": message.date.to_rfc3339(),
        "edited": message.edits > 0,
        "text": message.text,
        "entities": message.entities,
        "keyboard": message.keyboard,
    });
    match &message.bill {
        Some(stars::Bill::Invoice(invoice)) => {
            value["invoice"] = json!({ "stars": invoice.stars });
        }
        Some(stars::Bill::Paid(_) | stars::Bill::Returned(_)) => value["service"] = json!(true),
        None => {}
    }
    if let Some(media) = &message.media {
        value["media"] = json!({
            "id": media.file_id,
            "name": media.name,
            "size": media.size,
            "pixels": media.pixels,
        });
    }
    value
}

fn refuse(status: StatusCode, reason: &str) -> Response {
    (status, Json(json!({ "error": reason }))).into_response()
}

fn done<T>(result: Result<T, Impossible>, show: impl FnOnce(T) -> Value) -> Response {
    match result {
        Ok(value) => Json(show(value)).into_response(),
        Err(reason) => refuse(StatusCode::CONFLICT, &reason.to_string()),
    }
}

#[derive(Debug, Deserialize)]
struct Typed {
    user: i64,
    text: String,
    /// The message that is answered.
    #[serde(default)]
    reply: Option<i32>,
}

async fn send(State(page): Shared, Json(typed): Json<Typed>) -> Response {
    let (telegram, text) = (&page.telegram, &typed.text);
    let sent = match typed.reply {
        Some(message) => telegram.send_reply(typed.user, message, text),
        None => telegram.send_text(typed.user, text),
    };
    done(sent, |_| json!({ "ok": true }))
}

#[derive(Debug, Deserialize)]
struct Press {
    user: i64,
    message: i32,
    button: String,
}

async fn press(State(page): Shared, Json(press): Json<Press>) -> Response {
    let pressed = page
        .telegram
        .press(press.user, press.message, &press.button);
    done(pressed, |pressed| match pressed {
        Pressed::Asked { query_id, .. } => json!({ "query": query_id }),
        Pressed::Opened(text) | Pressed::Copied(text) | Pressed::Typed(text) => {
            json!({ "text": text })
        }
    })
}

#[derive(Debug, Deserialize)]
struct From {
    user: i64,
}

async fn picture(State(page): Shared, Query(from): Query<From>, bytes: Bytes) -> Response {
    let sent = page.telegram.send_photo(from.user, bytes);
    done(sent, |_| json!({ "ok": true }))
}

#[derive(Debug, Deserialize)]
struct Bill {
    user: i64,
    message: i32,
}

/// Pays an invoice, and waits for the bot to let that through as Telegram's apps do.
async fn pay(State(page): Shared, Json(bill): Json<Bill>) -> Response {
    let query = match page.telegram.pay(bill.user, bill.message) {
        Ok(query) => query,
        Err(reason) => return refuse(StatusCode::CONFLICT, &reason.to_string()),
    };
    let ended = page.telegram.wait_for_payment(bill.user, &query, PAYING);
    match ended.await {
        Ok(Payment::Made { .. }) => Json(json!({ "ok": true })).into_response(),
        Ok(Payment::Declined(reason)) => refuse(StatusCode::CONFLICT, &reason),
        Err(_) => refuse(
            StatusCode::GATEWAY_TIMEOUT,
            "The bot did not answer in time. Nothing was paid.",
        ),
    }
}

#[derive(Debug, Deserialize)]
struct Block {
    user: i64,
    blocked: bool,
}

async fn block(State(page): Shared, Json(block): Json<Block>) -> Response {
    let result = if block.blocked {
        page.telegram.block_bot(block.user)
    } else {
        page.telegram.unblock_bot(block.user)
    };
    done(result, |()| json!({ "ok": true }))
}

async fn media(State(page): Shared, Path(id): Path<String>) -> Response {
    let Some((media, bytes)) = page.telegram.file(&id) else {
        return refuse(StatusCode::NOT_FOUND, "There is no such file.");
    };
    // Documents come from outside; only pictures are shown, anything else is saved.
    let kind = if media.is_photo() {
        media.mime
    } else {
        String::from("application/octet-stream")
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::X_CONTENT_TYPE_OPTIONS, String::from("nosniff")),
    ];
    (headers, bytes).into_response()
}
