//! Inline mode: `@bot whatsapp`, typed in any chat.
//!
//! Invariant: nobody becomes a user by typing, and no price here is more than a hint; the purchase
//! begins with the link under the message that is chosen.

use std::sync::Arc;

use teloxide::payloads::{AnswerInlineQuery, AnswerInlineQuerySetters};
use teloxide::types::{InlineQuery, Me};

use crate::bot::api::ApiError;
use crate::bot::context::{Context, user_id};
use crate::bot::error::BotError;
use crate::bot::i18n::Lang;
use crate::bot::views::inline;
use crate::domain::id::UserId;
use crate::shop::habits::Habits;

/// Telegram takes 50; nobody scrolls that far.
const RESULTS: usize = 20;
/// Prices change; names are typed again and again.
const CACHE_SECONDS: u32 = 60;

/// What somebody typed behind the bot's name.
pub(crate) async fn on_query(
    context: Arc<Context>,
    query: InlineQuery,
    me: Me,
) -> Result<(), BotError> {
    let user = user_id(&query.from).unwrap_or(UserId(0));
    // Somebody who has never written to us is read in the language of their app.
    let known = context.shop.user(user).await.ok();
    let is_banned = known.as_ref().is_some_and(|known| known.is_banned);
    let language = match known {
        Some(known) => known.language,
        None => query.from.language_code.clone(),
    };
    let look = context.look(Lang::of(language.as_deref()), user);
    let mut services = if query.query.trim().is_empty() {
        let most_asked = context.shop.everywhere(&Habits::default(), 0, RESULTS);
        most_asked.rows
    } else {
        context.shop.search_everywhere(&query.query, RESULTS)
    };
    services.retain(|entry| entry.in_stock() && !is_banned);
    let results = services
        .iter()
        .filter_map(|entry| inline::result(&look, me.username(), entry));
    let mut answer = AnswerInlineQuery::new(query.id, results)
        .cache_time(CACHE_SECONDS)
        .is_personal(true);
    if answer.results.is_empty() {
        answer = answer.button(inline::to_the_shop(&look));
    }
    let api = context.api.clone();
    // Telegram is not waited for; who types on asks anew.
    tokio::spawn(async move {
        match api.answer_inline(&answer).await {
            Ok(()) | Err(ApiError::QueryTooOld) => {}
            Err(error) => log::info!("an inline query was not answered: {error}"),
        }
    });
    Ok(())
}
