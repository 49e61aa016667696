//! What the bot remembers of a conversation: the country that somebody is looking at, so that a
//! typed name is looked up there, and what they were asked.
//!
//! Invariant: a row that no longer decodes reads as no dialogue, so nobody is ever locked out.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::bot::callback::Iso2;
use crate::domain::id::{OrderId, UserId};
use crate::shop::browse::ServiceId;
use crate::shop::habits::Habits;
use crate::shop::request::RequestId;
use crate::shop::{Shop, ShopError};

/// The state of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dialogue {
    country: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked: Option<Asked>,
}

/// What the user was asked, so that a typed answer is understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Question {
    /// How many Stars?
    Stars,
    /// Which code is on the voucher?
    Voucher,
    /// In which country shall a number be rented?
    Rental,
    /// For which service shall a mailbox be?
    Mailbox,
    /// What shall a rental be called?
    Label {
        /// The rental.
        order: OrderId,
    },
    /// How much shall be transferred?
    TransferAmount,
    /// How much shall be paid by QRIS?
    QrisAmount,
    /// An admin: which amount came for this request?
    PaperAmount(RequestId),
    /// An admin: what stands behind this button about prices, by its text.
    Pricing(String),
    /// An admin: which service?
    FindService,
    /// An admin: what shall a service be called?
    ServiceName(ServiceId),
    /// An admin, at the desk.
    Desk(DeskQuestion),
}

/// What an admin was asked at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeskQuestion {
    /// Why shall this order's money be given back?
    Refund(OrderId),
    /// What shall be noted about this user?
    Note(UserId),
    /// What shall be written to this user?
    Write(UserId),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Asked {
    question: Question,
    until_ms: i64,
}

/// So long an answer is waited for; whoever types later means something else.
const ANSWER_WITHIN: TimeDelta = TimeDelta::minutes(10);

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
    if known.country() == Some(country) && known.asked.is_none() {
        return Ok(());
    }
    let dialogue = Dialogue {
        country: Some(country.as_str().to_owned()),
        asked: None,
    };
    keep(shop, chat, &dialogue).await
}

async fn keep(shop: &Shop, chat: i64, dialogue: &Dialogue) -> Result<(), ShopError> {
    // Plain words in a struct always serialise.
    let row = serde_json::to_string(dialogue).unwrap_or_default();
    shop.keep_dialogue(chat, Some(&row)).await
}

/// Remembers that the user was asked something.
pub(crate) async fn ask(shop: &Shop, chat: i64, question: Question) -> Result<(), ShopError> {
    let mut dialogue = Dialogue::decode(shop.dialogue(chat).await?.as_deref());
    dialogue.asked = Some(Asked {
        question,
        until_ms: (shop.now() + ANSWER_WITHIN).timestamp_millis(),
    });
    keep(shop, chat, &dialogue).await
}

/// What the user was asked a moment ago.
pub(crate) async fn question(shop: &Shop, chat: i64) -> Result<Option<Question>, ShopError> {
    let dialogue = Dialogue::decode(shop.dialogue(chat).await?.as_deref());
    let now_ms = shop.now().timestamp_millis();
    let asked = dialogue.asked.filter(|asked| asked.until_ms > now_ms);
    Ok(asked.map(|asked| asked.question))
}

/// The question is answered, or nobody wants to answer it.
pub(crate) async fn no_question(shop: &Shop, chat: i64) -> Result<(), ShopError> {
    let mut dialogue = Dialogue::decode(shop.dialogue(chat).await?.as_deref());
    if dialogue.asked.take().is_none() {
        return Ok(());
    }
    keep(shop, chat, &dialogue).await
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
