//! Inline keyboards: reading them as strictly as Telegram does, and showing them again.
//!
//! Invariant: a [`Button`] that exists is one Telegram would have accepted.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::markup::normal_url;
use super::refusal::Refusal;

/// What a press on a button does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Action {
    /// Sends this to the bot as a callback query; at most 64 bytes.
    Callback(String),
    /// Opens an address.
    Url(String),
    /// Puts this text on the clipboard.
    Copy(String),
    /// Types `@bot` and this text into the input field.
    SwitchInline(String),
}

/// One button under a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Button {
    /// The label.
    pub text: String,
    /// What it does.
    #[serde(flatten)]
    pub action: Action,
}

/// The rows of buttons under a message.
pub type Keyboard = Vec<Vec<Button>>;

const CALLBACK_DATA_MAX_BYTES: usize = 64;
const COPY_TEXT_MAX_CHARS: usize = 256;
const BUTTONS_MAX: usize = 100;

/// Reads `reply_markup`; an empty keyboard is none, and so is any kind but an inline one.
pub(super) fn parse(markup: Option<Value>) -> Result<Option<Keyboard>, Refusal> {
    let Some(markup) = markup else {
        return Ok(None);
    };
    let Some(markup) = markup.as_object() else {
        return Err(Refusal::MARKUP_NOT_OBJECT);
    };
    let Some(rows) = markup.get("inline_keyboard") else {
        return Ok(None);
    };
    let Some(rows) = rows.as_array() else {
        return Err(Refusal::bad_request(
            "can't parse reply keyboard markup JSON object: Field \"inline_keyboard\" must be of \
             type Array",
        ));
    };
    let mut keyboard = Keyboard::new();
    for row in rows {
        let Some(row) = row.as_array() else {
            return Err(Refusal::bad_request(
                "can't parse inline keyboard button: Field \"inline_keyboard\" must be an Array \
                 of Arrays",
            ));
        };
        let row: Vec<Button> = row.iter().map(button).collect::<Result<_, _>>()?;
        if !row.is_empty() {
            keyboard.push(row);
        }
    }
    if keyboard.iter().map(Vec::len).sum::<usize>() > BUTTONS_MAX {
        return Err(Refusal::MARKUP_TOO_LONG);
    }
    Ok((!keyboard.is_empty()).then_some(keyboard))
}

fn button(value: &Value) -> Result<Button, Refusal> {
    let empty = Map::new();
    let fields = value.as_object().unwrap_or(&empty);
    let text = fields.get("text").and_then(Value::as_str).unwrap_or("");
    if text.trim().is_empty() {
        return Err(Refusal::BUTTON_WITHOUT_TEXT);
    }
    let string = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let action = if let Some(data) = string("callback_data") {
        if data.is_empty() || data.len() > CALLBACK_DATA_MAX_BYTES {
            return Err(Refusal::BUTTON_DATA);
        }
        Action::Callback(data)
    } else if let Some(url) = string("url") {
        let normal = normal_url(&url).ok_or_else(|| {
            Refusal::bad_request(format!(
                "inline keyboard button URL '{url}' is invalid: Wrong HTTP URL"
            ))
        })?;
        Action::Url(normal)
    } else if let Some(copy) = fields.get("copy_text") {
        let text = copy.get("text").and_then(Value::as_str).unwrap_or("");
        if text.is_empty() || text.chars().count() > COPY_TEXT_MAX_CHARS {
            return Err(Refusal::BUTTON_COPY);
        }
        Action::Copy(text.to_owned())
    } else if let Some(query) = string("switch_inline_query_current_chat") {
        Action::SwitchInline(query)
    } else {
        return Err(Refusal::BUTTON_WITHOUT_KIND);
    };
    Ok(Button {
        text: text.to_owned(),
        action,
    })
}

/// The Bot API's `InlineKeyboardMarkup`.
pub(super) fn to_json(keyboard: &Keyboard) -> Value {
    let rows: Vec<Vec<Value>> = keyboard
        .iter()
        .map(|row| row.iter().map(button_json).collect())
        .collect();
    json!({ "inline_keyboard": rows })
}

fn button_json(button: &Button) -> Value {
    let text = &button.text;
    match &button.action {
        Action::Callback(data) => json!({ "text": text, "callback_data": data }),
        Action::Url(url) => json!({ "text": text, "url": url }),
        Action::Copy(copied) => json!({ "text": text, "copy_text": { "text": copied } }),
        Action::SwitchInline(query) => {
            json!({ "text": text, "switch_inline_query_current_chat": query })
        }
    }
}
