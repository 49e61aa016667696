//! Copies of messages.
//!
//! Invariant: a copy names nobody: it looks as if the bot had written it.

use teloxide::payloads::CopyMessage;
use teloxide::payloads::setters::*;
use teloxide::types::{ChatId, InlineKeyboardMarkup, MessageId, ReplyMarkup};

use super::{Api, ApiError, CALL_TIMEOUT};

/// A message that is to stand in another chat, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Copy {
    /// Into this chat.
    pub(crate) to: i64,
    /// Out of this one.
    pub(crate) from: i64,
    /// Which message.
    pub(crate) message: i32,
    /// Buttons under the copy.
    pub(crate) keyboard: Option<InlineKeyboardMarkup>,
}

impl Api {
    pub(super) async fn copy_message(&self, copy: &Copy) -> Result<(), ApiError> {
        let [to, from] = [copy.to, copy.from].map(ChatId);
        let mut request = CopyMessage::new(to, from, MessageId(copy.message));
        if let Some(keyboard) = &copy.keyboard {
            request = request.reply_markup(ReplyMarkup::InlineKeyboard(keyboard.clone()));
        }
        let _: serde::de::IgnoredAny = self.call("copyMessage", &request, CALL_TIMEOUT).await?;
        Ok(())
    }
}
