//! What people do: write, press buttons, forward, block.
//!
//! Invariant: everything here ends as an update in the bot's queue or as a reason why it is
//! impossible.

use std::sync::Arc;

use axum::body::Bytes;
use serde_json::{Value, json};

use super::events::EventKind;
use super::keyboard::{Action, Button};
use super::markup::{Styled, detect};
use super::message::{Author, ChatMessage, person_json};
use super::world::{Chat, Kind, QueryKind, World, lock};
use super::{Person, SimulatedTelegram};

/// Why a person cannot do something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Impossible {
    /// No person or group has this id.
    #[error("there is no chat {0}")]
    NoSuchChat(i64),
    /// The message is not there, or no longer.
    #[error("chat {chat} has no message {message}")]
    NoSuchMessage {
        /// The chat that was looked in.
        chat: i64,
        /// The id that was looked for.
        message: i32,
    },
    /// No button of the message has this label or this data.
    #[error("there is no button \"{wanted}\" among: {offered}")]
    NoSuchButton {
        /// What was looked for.
        wanted: String,
        /// The labels that are there.
        offered: String,
    },
    /// Telegram's apps send at least one and at most 4096 characters.
    #[error("a message has 1 to 4096 characters")]
    TextLength,
    /// The bot did not offer this.
    #[error("the bot offered no result {0}")]
    NoSuchResult(String),
    /// The file is no picture that Telegram reads.
    #[error("this is no picture")]
    NoPicture,
    /// There is nothing to be paid, or given back.
    #[error("there is nothing to be paid here")]
    NotPayable,
    /// A link that does not lead to the bot.
    #[error("{0} does not lead to the bot")]
    NotOurLink(String),
    /// The update is not remembered (any more).
    #[error("update {0} is not remembered")]
    NoSuchUpdate(i64),
}

/// What came of pressing a button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// The bot was sent a callback query.
    Asked {
        /// The update it travels in.
        update_id: i64,
        /// Its id; a [`super::events::Toast`] with this id answers it.
        query_id: String,
    },
    /// This address was opened.
    Opened(String),
    /// This text was copied.
    Copied(String),
    /// This text was put into the input field.
    Typed(String),
}

impl SimulatedTelegram {
    /// Writes to the bot in private; starts the chat, and unblocks the bot, if need be. Gives back
    /// the id of the update.
    ///
    /// # Errors
    /// When there is no such person or the text has no fitting length.
    pub fn send_text(&self, user: i64, text: &str) -> Result<i64, Impossible> {
        let (person, chat) = self.private(user)?;
        if self.is_blocked(user) {
            self.unblock_bot(user)?;
        }
        lock(&chat.inside).started = true;
        let message = self.write(&person, &chat, text)?;
        let shown = self.world.message_json(&chat, &message);
        Ok(self.world.updates.add("message", &shown))
    }

    /// Replies to a message of the bot in private; gives back the id of the update.
    ///
    /// # Errors
    /// When there is no such person or message, or the text has no fitting length.
    pub fn reply_text(&self, user: i64, to: i32, text: &str) -> Result<i64, Impossible> {
        let (person, chat) = self.private(user)?;
        let replied = live(&chat, to)?;
        let message = self.write(&person, &chat, text)?;
        let mut shown = self.world.message_json(&chat, &message);
        shown["reply_to_message"] = self.world.message_json(&chat, &replied);
        Ok(self.world.updates.add("message", &shown))
    }

    /// Sends the bot a picture in private; gives back the id of the update.
    ///
    /// # Errors
    /// When there is no such person, or it is no picture.
    pub fn send_photo(&self, user: i64, bytes: Bytes) -> Result<i64, Impossible> {
        let (person, chat) = self.private(user)?;
        lock(&chat.inside).started = true;
        let media = lock(&self.world.files).store_photo(bytes);
        let media = media.map_err(|_| Impossible::NoPicture)?;
        let message = ChatMessage {
            media: Some(media),
            ..self.blank(&person, &chat)
        };
        self.world
            .put(&chat, &mut lock(&chat.inside), message.clone());
        let shown = self.world.message_json(&chat, &message);
        Ok(self.world.updates.add("message", &shown))
    }

    /// A message without anything in it yet.
    pub(super) fn blank(&self, person: &Person, chat: &Chat) -> ChatMessage {
        ChatMessage {
            id: self.world.next_message_id(),
            chat: chat.id,
            author: Author::User(person.id),
            date: self.world.clock.now(),
            edited_at: None,
            edits: 0,
            source: String::new(),
            text: String::new(),
            entities: Vec::new(),
            keyboard: Vec::new(),
            media: None,
            bill: None,
            deleted: false,
            forwarded: false,
            album: None,
            seq: 0,
        }
    }

    /// Writes in a group. Bots in groups see commands and mentions only, so the update's id is
    /// missing for anything else.
    ///
    /// # Errors
    /// When there is no such person or group or the text has no fitting length.
    pub fn send_text_in_group(
        &self,
        user: i64,
        group: i64,
        text: &str,
    ) -> Result<Option<i64>, Impossible> {
        let (person, own) = self.private(user)?;
        let chat = self.chat(group)?;
        lock(&own.inside).met = true;
        let message = self.write(&person, &chat, text)?;
        let mention = format!("@{}", self.world.config.bot_username);
        let for_bot = message.text.starts_with('/') || message.spans("mention").contains(&mention);
        if !for_bot {
            return Ok(None);
        }
        let shown = self.world.message_json(&chat, &message);
        Ok(Some(self.world.updates.add("message", &shown)))
    }

    /// Presses a button, named by its label or its callback data, in a private chat.
    ///
    /// # Errors
    /// When there is no such person, message or button.
    pub fn press(&self, user: i64, message: i32, button: &str) -> Result<Pressed, Impossible> {
        self.press_in(user, user, message, button)
    }

    /// Presses a button in any chat, such as a group.
    ///
    /// # Errors
    /// When there is no such person, chat, message or button.
    pub fn press_in(
        &self,
        user: i64,
        chat: i64,
        message: i32,
        button: &str,
    ) -> Result<Pressed, Impossible> {
        let (person, own) = self.private(user)?;
        let chat = self.chat(chat)?;
        let message = live(&chat, message)?;
        let found = message
            .button(button)
            .or_else(|| {
                message
                    .buttons()
                    .find(|each| matches!(&each.action, Action::Callback(data) if data == button))
            })
            .cloned()
            .ok_or_else(|| Impossible::NoSuchButton {
                wanted: button.to_owned(),
                offered: labels(message.buttons()),
            })?;
        Ok(match found.action {
            Action::Callback(data) => self.ask(&person, &own, &chat, &message, &data),
            Action::Url(url) => Pressed::Opened(url),
            Action::Copy(text) => Pressed::Copied(text),
            Action::SwitchInline(query) => {
                Pressed::Typed(format!("@{} {query}", self.world.config.bot_username))
            }
        })
    }

    /// Forwards a message out of `owner`'s chat to `user`, keyboard and all, who presses a button
    /// in it. The bot cannot edit the copy.
    ///
    /// # Errors
    /// When there is no such person, message or button.
    pub fn press_forwarded(
        &self,
        user: i64,
        owner: i64,
        message: i32,
        button: &str,
    ) -> Result<Pressed, Impossible> {
        let (_, chat) = self.private(user)?;
        let from = self.chat(owner)?;
        let mut copy = live(&from, message)?;
        copy.id = self.world.next_message_id();
        copy.chat = user;
        copy.author = Author::User(owner);
        copy.forwarded = true;
        copy.date = self.world.clock.now();
        copy.edited_at = None;
        let id = copy.id;
        self.world.put(&chat, &mut lock(&chat.inside), copy);
        self.press(user, id, button)
    }

    /// Presses a button of a message in private with any data, whatever the message's buttons
    /// carry.
    ///
    /// # Errors
    /// When there is no such person or message.
    pub fn press_forged(&self, user: i64, message: i32, data: &str) -> Result<Pressed, Impossible> {
        self.press_forged_in(user, user, message, data)
    }

    /// Blocks the bot.
    ///
    /// # Errors
    /// When there is no such person.
    pub fn block_bot(&self, user: i64) -> Result<(), Impossible> {
        self.set_blocked(user, true)
    }

    /// Takes the block back.
    ///
    /// # Errors
    /// When there is no such person.
    pub fn unblock_bot(&self, user: i64) -> Result<(), Impossible> {
        self.set_blocked(user, false)
    }

    /// Hands an update out once more under its own id, as after a lost confirmation.
    ///
    /// # Errors
    /// When the update is not remembered.
    pub fn redeliver(&self, update_id: i64) -> Result<(), Impossible> {
        if self.world.updates.redeliver(update_id) {
            Ok(())
        } else {
            Err(Impossible::NoSuchUpdate(update_id))
        }
    }

    /// Sends the same content once more as a new update; gives back its id.
    ///
    /// # Errors
    /// When the update is not remembered.
    pub fn duplicate(&self, update_id: i64) -> Result<i64, Impossible> {
        self.world
            .updates
            .duplicate(update_id)
            .ok_or(Impossible::NoSuchUpdate(update_id))
    }

    pub(super) fn ask(
        &self,
        person: &Person,
        own: &Chat,
        chat: &Chat,
        message: &ChatMessage,
        data: &str,
    ) -> Pressed {
        let query_id = self.world.open_query(own, QueryKind::Press);
        let update_id = self.world.updates.add(
            "callback_query",
            &json!({
                "id": query_id,
                "from": person_json(person),
                "message": self.world.message_json(chat, message),
                "chat_instance": chat_instance(&self.world, chat),
                "data": data,
            }),
        );
        Pressed::Asked {
            update_id,
            query_id,
        }
    }

    pub(super) fn write(
        &self,
        person: &Person,
        chat: &Chat,
        text: &str,
    ) -> Result<ChatMessage, Impossible> {
        let text = text.trim();
        if !(1..=4096).contains(&text.chars().count()) {
            return Err(Impossible::TextLength);
        }
        let mut styled = Styled {
            text: text.to_owned(),
            entities: Vec::new(),
        };
        detect(&mut styled);
        let message = ChatMessage {
            source: text.to_owned(),
            text: styled.text,
            entities: styled.entities,
            ..self.blank(person, chat)
        };
        self.world
            .put(chat, &mut lock(&chat.inside), message.clone());
        Ok(message)
    }

    fn set_blocked(&self, user: i64, blocked: bool) -> Result<(), Impossible> {
        let (person, chat) = self.private(user)?;
        let changed = {
            let mut inside = lock(&chat.inside);
            std::mem::replace(&mut inside.blocked, blocked) != blocked
        };
        if !changed {
            return Ok(());
        }
        let member = |blocked: bool| {
            let status = if blocked { "kicked" } else { "member" };
            let mut member = json!({ "user": self.world.bot_json(), "status": status });
            if blocked {
                member["until_date"] = json!(0);
            }
            member
        };
        let update = json!({
            "chat": chat.json(),
            "from": person_json(&person),
            "date": self.world.clock.now().timestamp(),
            "old_chat_member": member(!blocked),
            "new_chat_member": member(blocked),
        });
        self.world.updates.add("my_chat_member", &update);
        self.world.log.write(user, |_| EventKind::Blocked(blocked));
        Ok(())
    }

    pub(super) fn chat(&self, id: i64) -> Result<Arc<Chat>, Impossible> {
        self.world.chat(id).ok_or(Impossible::NoSuchChat(id))
    }

    pub(super) fn private(&self, user: i64) -> Result<(Person, Arc<Chat>), Impossible> {
        let chat = self.chat(user)?;
        match &chat.kind {
            Kind::Private(person) => Ok((person.clone(), chat)),
            Kind::Group(_) => Err(Impossible::NoSuchChat(user)),
        }
    }
}

/// The message, if it is there and not deleted.
pub(super) fn live(chat: &Chat, id: i32) -> Result<ChatMessage, Impossible> {
    lock(&chat.inside)
        .messages
        .get(&id)
        .filter(|message| !message.deleted)
        .cloned()
        .ok_or(Impossible::NoSuchMessage {
            chat: chat.id,
            message: id,
        })
}

fn labels<'a>(buttons: impl Iterator<Item = &'a Button>) -> String {
    let labels: Vec<&str> = buttons.map(|button| button.text.as_str()).collect();
    labels.join(", ")
}

fn chat_instance(world: &World, chat: &Chat) -> Value {
    json!((world.bot_id ^ chat.id).to_string())
}
