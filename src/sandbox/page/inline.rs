//! What opens over the input field while somebody types behind the bot's name.
//!
//! Invariant: only what the bot offered for a query can be chosen, and it is sent as Telegram
//! would send it.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Shared, done, refuse};

/// As long as Telegram's apps wait, about.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    user: i64,
    text: String,
}

/// What the bot offers for what was typed.
pub(super) async fn ask(State(page): Shared, Json(asked): Json<Asked>) -> Response {
    let query = match page.telegram.ask_inline(asked.user, &asked.text) {
        Ok(query) => query,
        Err(reason) => return refuse(StatusCode::CONFLICT, &reason.to_string()),
    };
    let answer = page.telegram.wait_for_inline(asked.user, &query, PATIENCE);
    let Ok(answer) = answer.await else {
        return refuse(StatusCode::GATEWAY_TIMEOUT, "The bot did not answer.");
    };
    let results = answer.results.iter().map(|result| {
        json!({ "id": result.id, "title": result.title, "description": result.description })
    });
    let button = answer.button.as_ref();
    let button = button.map(|(text, start)| json!({ "text": text, "start": start }));
    let results: Vec<Value> = results.collect();
    Json(json!({ "query": query, "results": results, "button": button })).into_response()
}

#[derive(Debug, Deserialize)]
pub(super) struct Chosen {
    user: i64,
    query: String,
    result: String,
}

/// Sends one of these into the chat with the bot.
pub(super) async fn choose(State(page): Shared, Json(chosen): Json<Chosen>) -> Response {
    let telegram = &page.telegram;
    let answer = telegram.wait_for_inline(chosen.user, &chosen.query, Duration::ZERO);
    let Ok(answer) = answer.await else {
        return refuse(StatusCode::CONFLICT, "The list is out of date; type again.");
    };
    let sent = telegram.choose_inline(chosen.user, chosen.user, &answer, &chosen.result);
    done(sent, |_| json!({ "ok": true }))
}
