//! People who write under another name than their own, and words that are not theirs.
//!
//! Invariant: as everywhere among people: what is done here ends as an update in the bot's queue.

use serde_json::{Value, json};

use super::SimulatedTelegram;
use super::people::{Impossible, Pressed, live};
use super::world::lock;

/// Under which name somebody writes in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mask {
    /// As the group itself, as its anonymous admins do.
    AnonymousAdmin,
    /// As a channel of theirs, by its id.
    Channel(i64),
}

impl SimulatedTelegram {
    /// Writes a command in a group under another name; gives back the id of the update.
    ///
    /// # Errors
    /// When there is no such person or group or the text has no fitting length.
    pub fn send_masked(
        &self,
        user: i64,
        group: i64,
        mask: Mask,
        text: &str,
    ) -> Result<i64, Impossible> {
        let (person, _) = self.private(user)?;
        let chat = self.chat(group)?;
        let message = self.write(&person, &chat, text)?;
        let mut shown = self.world.message_json(&chat, &message);
        // Telegram puts bots of its own where it hides who writes.
        let (id, username) = match mask {
            Mask::AnonymousAdmin => (1_087_968_824_i64, "GroupAnonymousBot"),
            Mask::Channel(_) => (136_817_688, "Channel_Bot"),
        };
        shown["from"] =
            json!({ "id": id, "is_bot": true, "first_name": "Group", "username": username });
        shown["sender_chat"] = match mask {
            Mask::AnonymousAdmin => chat.json(),
            Mask::Channel(id) => json!({ "id": id, "type": "channel", "title": "A channel" }),
        };
        Ok(self.world.updates.add("message", &shown))
    }

    /// Forwards a text of somebody else to the bot, in private; gives back the id of the update.
    ///
    /// # Errors
    /// When there is no such person or the text has no fitting length.
    pub fn forward_text(&self, user: i64, text: &str) -> Result<i64, Impossible> {
        let mut origin = json!({ "type": "hidden_user", "sender_user_name": "Somebody" });
        origin["date"] = json!(self.world.clock.now().timestamp());
        self.send_with(user, text, "forward_origin", origin)
    }

    /// Sends a text that another bot offered in its inline mode, in private; gives back the id of
    /// the update.
    ///
    /// # Errors
    /// When there is no such person or the text has no fitting length.
    pub fn send_text_via_bot(&self, user: i64, text: &str) -> Result<i64, Impossible> {
        let bot =
            json!({ "id": 99, "is_bot": true, "first_name": "Other", "username": "other_bot" });
        self.send_with(user, text, "via_bot", bot)
    }

    fn send_with(
        &self,
        user: i64,
        text: &str,
        field: &str,
        value: Value,
    ) -> Result<i64, Impossible> {
        let (person, chat) = self.private(user)?;
        lock(&chat.inside).started = true;
        let message = self.write(&person, &chat, text)?;
        let mut shown = self.world.message_json(&chat, &message);
        shown[field] = value;
        Ok(self.world.updates.add("message", &shown))
    }

    /// Presses a button of a message in any chat with any data, as a client of somebody's own
    /// making does.
    ///
    /// # Errors
    /// When there is no such person, chat or message.
    pub fn press_forged_in(
        &self,
        user: i64,
        chat: i64,
        message: i32,
        data: &str,
    ) -> Result<Pressed, Impossible> {
        let (person, own) = self.private(user)?;
        let chat = self.chat(chat)?;
        let message = live(&chat, message)?;
        Ok(self.ask(&person, &own, &chat, &message, data))
    }
}
