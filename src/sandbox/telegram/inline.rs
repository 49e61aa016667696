//! Inline queries: what people type behind the bot's name in any chat, and what it offers them.
//!
//! Invariant: a result that exists is one Telegram would have accepted; once chosen it is a message
//! of the one who chose it, and the bot may not edit it.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::SimulatedTelegram;
use super::keyboard::{self, Keyboard};
use super::markup::Styled;
use super::message::{Author, ChatMessage, person_json};
use super::params::Params;
use super::people::Impossible;
use super::refusal::Refusal;
use super::sending::{Place, read_text};
use super::world::{QueryKind, World, lock};

const RESULTS_MAX: usize = 50;
const RESULT_ID_MAX_BYTES: usize = 64;
const START_PARAMETER_MAX_CHARS: usize = 64;
const QUERY_MAX_CHARS: usize = 256;
const ANSWERS_KEPT: usize = 16;

/// One row of the list that opens over the input field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlineResult {
    /// The bot's name for it.
    pub id: String,
    /// The first line.
    pub title: String,
    /// The second line; empty for none.
    pub description: String,
    /// The text of the message, as it was sent.
    pub source: String,
    /// The text of the message, as people read it.
    pub text: String,
    /// The buttons under the message.
    pub keyboard: Keyboard,
    entities: Vec<super::markup::Entity>,
}

/// The bot's answer to an inline query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlineAnswer {
    /// The query it answers.
    pub query_id: String,
    /// What can be chosen.
    pub results: Vec<InlineResult>,
    /// The button above the results: its label and what `/start` is sent with.
    pub button: Option<(String, String)>,
    /// Whether nobody else may be shown this answer from Telegram's cache.
    pub is_personal: bool,
}

/// `answerInlineQuery`.
pub(super) fn answer(world: &World, params: &Params) -> Result<Value, Refusal> {
    let id = params.text("inline_query_id").unwrap_or_default();
    let Some(Value::Array(rows)) = params.structure("results")? else {
        return Err(Refusal::bad_request("can't parse inline query results"));
    };
    if rows.len() > RESULTS_MAX {
        return Err(Refusal::RESULTS_TOO_MANY);
    }
    let results: Vec<_> = rows.iter().map(result).collect::<Result<_, _>>()?;
    let mut ids = HashSet::new();
    if !results.iter().all(|result| ids.insert(&result.id)) {
        return Err(Refusal::RESULT_DUPLICATE);
    }
    let button = button(params)?;
    let chat = world.close_query(&id, QueryKind::Inline)?;
    let mut inside = lock(&chat.inside);
    inside.inline.push(InlineAnswer {
        query_id: id,
        results,
        button,
        is_personal: params.flag("is_personal"),
    });
    if inside.inline.len() > ANSWERS_KEPT {
        inside.inline.remove(0);
    }
    chat.changed.send_replace(());
    Ok(json!(true))
}

/// Only articles with a text are understood: that is all a shop needs.
fn result(row: &Value) -> Result<InlineResult, Refusal> {
    let string = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
    if string("type") != "article" {
        return Err(Refusal::bad_request(
            "can't parse inline query result: Unallowed inline query result type",
        ));
    }
    let id = string("id");
    if id.is_empty() || id.len() > RESULT_ID_MAX_BYTES {
        return Err(Refusal::RESULT_ID);
    }
    if string("title").trim().is_empty() {
        return Err(Refusal::ARTICLE_TITLE_EMPTY);
    }
    let content = row.get("input_message_content").and_then(Value::as_object);
    let content = content.ok_or_else(|| {
        Refusal::bad_request("can't parse inline query result: Message content not specified")
    })?;
    let mut fields = Map::new();
    for (name, shown) in [
        ("message_text", "text"),
        ("parse_mode", "parse_mode"),
        ("entities", "entities"),
    ] {
        if let Some(value) = content.get(name) {
            fields.insert(shown.to_owned(), value.clone());
        }
    }
    let (source, Styled { text, entities }) = read_text(&Params::of(fields), Place::Text)?;
    Ok(InlineResult {
        id: id.to_owned(),
        title: string("title").to_owned(),
        description: string("description").to_owned(),
        source,
        text,
        entities,
        keyboard: keyboard::parse(row.get("reply_markup").cloned())?.unwrap_or_default(),
    })
}

fn button(params: &Params) -> Result<Option<(String, String)>, Refusal> {
    let Some(button) = params.structure("button")? else {
        return Ok(None);
    };
    let string = |name: &str| button.get(name).and_then(Value::as_str).unwrap_or_default();
    let (text, start) = (string("text"), string("start_parameter"));
    if text.is_empty() {
        return Err(Refusal::SWITCH_TEXT_EMPTY);
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if start.is_empty() {
        return Err(Refusal::START_PARAMETER_EMPTY);
    }
    if start.len() > START_PARAMETER_MAX_CHARS || !start.chars().all(fits) {
        return Err(Refusal::START_PARAMETER);
    }
    Ok(Some((text.to_owned(), start.to_owned())))
}

impl SimulatedTelegram {
    /// Types `@bot query` into the input field of some chat; gives back the query's id, by which
    /// [`Self::wait_for_inline`] finds the answer.
    ///
    /// # Errors
    /// When there is no such person or the text is too long.
    pub fn ask_inline(&self, user: i64, query: &str) -> Result<String, Impossible> {
        if query.chars().count() > QUERY_MAX_CHARS {
            return Err(Impossible::TextLength);
        }
        let (person, own) = self.private(user)?;
        let id = self.world.open_query(&own, QueryKind::Inline);
        let update = json!({
            "id": id,
            "from": person_json(&person),
            "query": query,
            "offset": "",
            "chat_type": "supergroup",
        });
        self.world.updates.add("inline_query", &update);
        Ok(id)
    }

    /// Chooses a result of an answer: it becomes a message of this person in `chat`, of which the
    /// bot is told if it is in that chat.
    ///
    /// # Errors
    /// When there is no such person, chat or result.
    pub fn choose_inline(
        &self,
        user: i64,
        chat: i64,
        answer: &InlineAnswer,
        result: &str,
    ) -> Result<ChatMessage, Impossible> {
        self.private(user)?;
        let chat = self.chat(chat)?;
        let mut results = answer.results.iter();
        let chosen = results
            .find(|each| each.id == result)
            .ok_or_else(|| Impossible::NoSuchResult(result.to_owned()))?;
        let message = ChatMessage {
            id: self.world.next_message_id(),
            chat: chat.id,
            author: Author::User(user),
            date: self.world.clock.now(),
            edited_at: None,
            edits: 0,
            source: chosen.source.clone(),
            text: chosen.text.clone(),
            entities: chosen.entities.clone(),
            keyboard: chosen.keyboard.clone(),
            media: None,
            bill: None,
            deleted: false,
            forwarded: false,
            album: None,
            seq: 0,
        };
        self.world
            .put(&chat, &mut lock(&chat.inside), message.clone());
        let mut shown = self.world.message_json(&chat, &message);
        shown["via_bot"] = self.world.bot_json();
        self.world.updates.add("message", &shown);
        Ok(message)
    }

    /// Opens a link to the bot, such as `https://t.me/the_bot?start=s_1`, and presses Start.
    ///
    /// # Errors
    /// When there is no such person, or the link leads elsewhere.
    pub fn open_link(&self, user: i64, link: &str) -> Result<i64, Impossible> {
        let here = format!("https://t.me/{}?start=", self.world.config.bot_username);
        let start = link
            .strip_prefix(&here)
            .ok_or_else(|| Impossible::NotOurLink(link.to_owned()))?;
        self.send_text(user, &format!("/start {start}"))
    }
}
