//! What the bot remembers of a conversation: the country that somebody is looking at, so that a
//! typed name is looked up there.
//!
//! Invariant: a row that no longer decodes reads as no dialogue, so nobody is ever locked out.

use serde::{Deserialize, Serialize};

use crate::bot::callback::Iso2;
use crate::shop::habits::Habits;
use crate::shop::{Shop, ShopError};

/// The state of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dialogue {
    country: Option<String>,
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
    if of(habits).country() == Some(country) {
        return Ok(());
    }
    let dialogue = Dialogue {
        country: Some(country.as_str().to_owned()),
    };
    // Two letters in a struct always serialise.
    let row = serde_json::to_string(&dialogue).unwrap_or_default();
    shop.keep_dialogue(chat, Some(&row)).await
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
