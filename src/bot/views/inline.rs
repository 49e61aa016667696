//! What inline mode offers, and the message that a choice becomes.
//!
//! Invariant: the message is for everybody in its chat: it names no user, and its only button is a
//! link that opens the shop at the service.

use teloxide::types::{
    InlineKeyboardButton, InlineKeyboardMarkup, InlineQueryResult, InlineQueryResultArticle,
    InlineQueryResultsButton, InlineQueryResultsButtonKind, InputMessageContent,
    InputMessageContentText, ParseMode,
};
use url::Url;

use crate::bot::html::{cut, html, plain};
use crate::bot::link::Start;
use crate::bot::views::Look;
use crate::shop::browse::ServiceEntry;

/// A service to choose.
pub(crate) fn result(
    look: &Look,
    bot_name: &str,
    entry: &ServiceEntry,
) -> Option<InlineQueryResult> {
    let start = Start::Service(entry.id).encode();
    let link = Url::parse_with_params(&format!("https://t.me/{bot_name}"), [("start", &start)]);
    let name = cut(&entry.name, 64);
    let price = look.money(entry.from_price);
    let text = html!(
        look.lang,
        "inline-message",
        service = name.as_ref(),
        price = price.as_str()
    );
    let content = InputMessageContentText::new(text.as_str()).parse_mode(ParseMode::Html);
    let label = plain!(look.lang, "button-inline-buy");
    let button = InlineKeyboardButton::url(label, link.ok()?);
    let article =
        InlineQueryResultArticle::new(start, name.as_ref(), InputMessageContent::Text(content))
            .description(plain!(look.lang, "label-inline-from", price = price))
            .reply_markup(InlineKeyboardMarkup::new([[button]]));
    Some(InlineQueryResult::Article(article))
}

/// The way in where nothing was found.
pub(crate) fn to_the_shop(look: &Look) -> InlineQueryResultsButton {
    InlineQueryResultsButton {
        text: plain!(look.lang, "button-inline-shop"),
        kind: InlineQueryResultsButtonKind::StartParameter(Start::Shop.encode()),
    }
}
