//! Copies of messages, and what people do to have one made: answer a message, send an album.
//!
//! Invariant: a copy shows what the original shows, and not who wrote it.

use axum::body::Bytes;
use serde_json::{Value, json};

use super::SimulatedTelegram;
use super::keyboard;
use super::markup::Entity;
use super::message::{Author, ChatMessage};
use super::params::Params;
use super::people::{Impossible, live};
use super::refusal::Refusal;
use super::world::{World, lock};

/// Puts a copy of any message but a bill into a chat.
pub(super) fn copy_message(world: &World, params: &Params) -> Result<Value, Refusal> {
    let chat = world.writable_chat(params.text("chat_id"))?;
    let from = params
        .text("from_chat_id")
        .and_then(|id| world.chat(id.parse().ok()?))
        .ok_or(Refusal::CHAT_NOT_FOUND)?;
    let id = params.number("message_id").ok_or(Refusal::ID_MISSING)?;
    let keyboard = keyboard::parse(params.structure("reply_markup")?)?.unwrap_or_default();
    let original = i32::try_from(id)
        .ok()
        .and_then(|id| lock(&from.inside).messages.get(&id).cloned())
        .filter(|message| !message.deleted)
        .ok_or(Refusal::COPY_NOT_FOUND)?;
    if original.bill.is_some() {
        return Err(Refusal::COPY_REFUSED);
    }
    let now = world.clock.now();
    let mut inside = lock(&chat.inside);
    if let Some(limits) = &*world
        .limits
        .read()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
    {
        inside.usage.send(limits, now)?;
    }
    let id = world.next_message_id();
    let copy = ChatMessage {
        id,
        chat: chat.id,
        author: Author::Bot,
        date: now,
        edited_at: None,
        edits: 0,
        keyboard,
        forwarded: false,
        album: None,
        ..original
    };
    world.put(&chat, &mut inside, copy);
    Ok(json!({ "message_id": id }))
}

impl SimulatedTelegram {
    /// Writes with formatting, given as entities; gives back the id of the message.
    ///
    /// # Errors
    /// When there is no such person or the text has no fitting length.
    pub fn send_formatted(
        &self,
        user: i64,
        text: &str,
        entities: Vec<Entity>,
    ) -> Result<i32, Impossible> {
        let (person, chat) = self.private(user)?;
        let mut message = self.write(&person, &chat, text)?;
        message.entities = entities;
        self.world
            .put(&chat, &mut lock(&chat.inside), message.clone());
        let shown = self.world.message_json(&chat, &message);
        self.world.updates.add("message", &shown);
        Ok(message.id)
    }

    /// Answers a message of the own chat; gives back the id of the update.
    ///
    /// # Errors
    /// When there is no such person or message, or the text has no fitting length.
    pub fn send_reply(&self, user: i64, to: i32, text: &str) -> Result<i64, Impossible> {
        let (person, chat) = self.private(user)?;
        let answered = live(&chat, to)?;
        let message = self.write(&person, &chat, text)?;
        let mut shown = self.world.message_json(&chat, &message);
        shown["reply_to_message"] = self.world.message_json(&chat, &answered);
        Ok(self.world.updates.add("message", &shown))
    }

    /// Sends pictures as one album; gives back the ids of their messages.
    ///
    /// # Errors
    /// When there is no such person, or one is no picture.
    pub fn send_album(&self, user: i64, pictures: Vec<Bytes>) -> Result<Vec<i32>, Impossible> {
        let (person, chat) = self.private(user)?;
        let mut ids = Vec::new();
        for bytes in pictures {
            let media = lock(&self.world.files).store_photo(bytes);
            let blank = self.blank(&person, &chat);
            let first = ids.first().copied().unwrap_or(blank.id);
            let message = ChatMessage {
                media: Some(media.map_err(|_| Impossible::NoPicture)?),
                album: Some(first.to_string()),
                ..blank
            };
            self.world
                .put(&chat, &mut lock(&chat.inside), message.clone());
            let shown = self.world.message_json(&chat, &message);
            self.world.updates.add("message", &shown);
            ids.push(message.id);
        }
        Ok(ids)
    }
}
