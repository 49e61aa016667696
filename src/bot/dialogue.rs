//! What the bot remembers of a conversation: the country that somebody is looking at, so that a
//! typed name is looked up there.
//!
//! Invariant: a row that no longer decodes reads as no dialogue, so nobody is ever locked out.

use serde::{Deserialize, Serialize};

use crate::bot::callback::Iso2;
use crate::domain::id::OrderId;
use crate::shop::habits::Habits;
use crate::shop::{Shop, ShopError};

/// The state of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dialogue {
    country: Option<String>,
    #[serde(default)]
    asks: Option<Asks>,
}

/// What the next text answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Asks {
    /// In which country a number is to be rented.
    Rental,
    /// For which service a mailbox is to be.
    Mailbox,
    /// What a rental is to be called.
    Label {
        /// The rental.
        order: OrderId,
    },
}

impl Dialogue {
    fn decode(row: Option<&str>) -> Self {
        row.and_then(|row| serde_json::from_str(row).ok())
            .unwrap_or_default()
    }

    /// The country that was looked at last.
    pub(crate) fn country(&self) -> Option<Iso2> {
        Iso2::new(self.country.as_deref()?)
    }
}

/// What is remembered of the private chat of a user.
pub(crate) fn of(habits: &Habits) -> Dialogue {
    Dialogue::decode(habits.dialogue())
}

/// Remembers the country, where another one is remembered.
pub(crate) async fn keep_country(
    shop: &Shop,
    habits: &Habits,
    chat: i64,
    country: Iso2,
) -> Result<(), ShopError> {
    let known = of(habits);
    if known.country() == Some(country) && known.asks.is_none() {
        return Ok(());
    }
    let dialogue = Dialogue {
        country: Some(country.as_str().to_owned()),
        asks: None,
    };
    keep(shop, chat, &dialogue).await
}

async fn keep(shop: &Shop, chat: i64, dialogue: &Dialogue) -> Result<(), ShopError> {
    // Two letters and a number in a struct always serialise.
    let row = serde_json::to_string(dialogue).unwrap_or_default();
    shop.keep_dialogue(chat, Some(&row)).await
}

/// What the next text answers; `None` for the name of a service.
pub(crate) async fn asked(shop: &Shop, chat: i64) -> Result<Option<Asks>, ShopError> {
    Ok(Dialogue::decode(shop.dialogue(chat).await?.as_deref()).asks)
}

/// Remembers what the next text answers, where that is new.
pub(crate) async fn ask(shop: &Shop, chat: i64, asks: Option<Asks>) -> Result<(), ShopError> {
    let known = Dialogue::decode(shop.dialogue(chat).await?.as_deref());
    if known.asks == asks {
        return Ok(());
    }
    keep(shop, chat, &Dialogue { asks, ..known }).await
}

/// Forgets everything.
pub(crate) async fn forget(shop: &Shop, chat: i64) -> Result<(), ShopError> {
    shop.keep_dialogue(chat, None).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_no_dialogue() {
        for row in [
            None,
            Some(""),
            Some("{"),
            Some("[1]"),
            Some(r#"{"state":"old"}"#),
        ] {
            assert_eq!(Dialogue::decode(row), Dialogue::default(), "{row:?}");
        }
        let id = Dialogue::decode(Some(r#"{"country":"ID"}"#));
        assert_eq!(id.country(), Iso2::new("ID"));
        assert_eq!(
            Dialogue::decode(Some(r#"{"country":"Ind"}"#)).country(),
            None
        );
    }
}
