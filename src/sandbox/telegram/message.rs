//! A message as the simulation keeps it, and as the Bot API shows it.
//!
//! Invariant: `text` is what people read and `entities` index it; `source` is what was sent.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::files::Media;
use super::keyboard::{self, Button, Keyboard};
use super::markup::Entity;
use super::stars::Bill;
use super::{Group, Person};

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// The bot.
    Bot,
    /// The user with this id.
    User(i64),
}

/// A message in a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatMessage {
    /// Unique among all chats of the bot.
    pub id: i32,
    /// The chat it is in.
    pub chat: i64,
    /// Who wrote it.
    pub author: Author,
    /// When it was sent.
    pub date: DateTime<Utc>,
    /// When it was edited last.
    pub edited_at: Option<DateTime<Utc>>,
    /// How often its text, caption or keyboard was changed.
    pub edits: u32,
    /// The text or caption as it was sent, with its markup.
    pub source: String,
    /// The text or caption as people read it.
    pub text: String,
    /// What is formatted in `text`.
    pub entities: Vec<Entity>,
    /// The buttons under it; empty for none.
    pub keyboard: Keyboard,
    /// The photo or document it carries.
    pub media: Option<Media>,
    /// The invoice or the payment that it is about.
    pub bill: Option<Bill>,
    /// Whether the bot deleted it.
    pub deleted: bool,
    /// Whether it was forwarded from another chat.
    pub forwarded: bool,
    /// The group of pictures or files that it came in.
    pub album: Option<String>,
    /// The number of the event that last changed it.
    pub seq: u64,
}

impl ChatMessage {
    /// Whether the bot wrote it.
    #[must_use]
    pub fn from_bot(&self) -> bool {
        self.author == Author::Bot && !self.forwarded
    }

    /// All buttons, row by row.
    pub fn buttons(&self) -> impl Iterator<Item = &Button> {
        self.keyboard.iter().flatten()
    }

    /// The button with this label.
    #[must_use]
    pub fn button(&self, label: &str) -> Option<&Button> {
        self.buttons().find(|button| button.text == label)
    }

    /// The texts inside entities of this kind, such as every `code`.
    #[must_use]
    pub fn spans(&self, kind: &str) -> Vec<String> {
        let units: Vec<u16> = self.text.encode_utf16().collect();
        self.entities
            .iter()
            .filter(|entity| entity.kind == kind)
            .filter_map(|entity| units.get(entity.offset..entity.offset + entity.length))
            .map(String::from_utf16_lossy)
            .collect()
    }

    pub(super) fn to_json(&self, from: &Value, chat: &Value) -> Value {
        let mut value = json!({
            "message_id": self.id,
            "from": from,
            "chat": chat,
            "date": self.date.timestamp(),
        });
        if let Some(edited) = self.edited_at {
            value["edit_date"] = json!(edited.timestamp());
        }
        if self.forwarded {
            value["forward_origin"] = json!({
                "type": "hidden_user",
                "sender_user_name": "Somebody",
                "date": self.date.timestamp(),
            });
        }
        if let Some(album) = &self.album {
            value["media_group_id"] = json!(album);
        }
        if let Some(bill) = &self.bill {
            bill.add_to(&mut value);
            return value;
        }
        let (text, entities) = match &self.media {
            None => ("text", "entities"),
            Some(media) => {
                if media.is_photo() {
                    value["photo"] = json!([media.to_json()]);
                } else {
                    value["document"] = media.to_json();
                }
                ("caption", "caption_entities")
            }
        };
        if !self.text.is_empty() {
            value[text] = json!(self.text);
        }
        if !self.entities.is_empty() {
            value[entities] = json!(self.entities);
        }
        if !self.keyboard.is_empty() {
            value["reply_markup"] = keyboard::to_json(&self.keyboard);
        }
        value
    }
}

/// The Bot API's `User` for a person.
pub(super) fn person_json(person: &Person) -> Value {
    let mut value = json!({
        "id": person.id,
        "is_bot": false,
        "first_name": person.first_name,
    });
    if let Some(username) = &person.username {
        value["username"] = json!(username);
    }
    if let Some(language) = &person.language_code {
        value["language_code"] = json!(language);
    }
    value
}

/// The Bot API's `Chat` for a private chat.
pub(super) fn private_chat_json(person: &Person) -> Value {
    let mut value = json!({
        "id": person.id,
        "type": "private",
        "first_name": person.first_name,
    });
    if let Some(username) = &person.username {
        value["username"] = json!(username);
    }
    value
}

/// The Bot API's `Chat` for a group.
pub(super) fn group_chat_json(group: &Group) -> Value {
    json!({ "id": group.id, "type": "supergroup", "title": group.title })
}
