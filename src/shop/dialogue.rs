//! Where a conversation stands, kept for the bot.
//!
//! Invariant: what is kept is the bot's own text; nobody else reads it.

use crate::shop::{Shop, ShopError};
use crate::store::{messages, work};

impl Shop {
    /// What was kept for a chat.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn dialogue(&self, chat_id: i64) -> Result<Option<String>, ShopError> {
        Ok(messages::dialogue(self.store.read(), chat_id).await?)
    }

    /// Keeps `state` for a chat, or forgets the chat's dialogue for `None`.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`].
    pub async fn keep_dialogue(&self, chat_id: i64, state: Option<&str>) -> Result<(), ShopError> {
        let state = state.map(str::to_owned);
        let now_ms = self.now_ms();
        self.store
            .write(move |tx| {
                work(async move { messages::keep_dialogue(tx, chat_id, state, now_ms).await })
            })
            .await
            .map_err(ShopError::from)
    }
}
