//! Telegram's Bot API over HTTP: the few calls we make and what its refusals mean.
//!
//! Invariant: neither the token nor anything a user wrote leaves through an error or a log line;
//! an error says what kind it is and nothing more. (teloxide's own client sleeps ten seconds
//! inside a call that was answered 5xx, and its errors carry the whole answer.)

mod copies;
mod payments;
mod pictures;
mod webhooks;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use teloxide::payloads::setters::*;
use teloxide::payloads::{
    AnswerCallbackQuery, AnswerInlineQuery, DeleteMyCommands, EditMessageText, SendMessage,
    SetMyCommands,
};
use teloxide::types::{
    BotCommand, BotCommandScope, CallbackQueryId, ChatId, LinkPreviewOptions, MessageId, ParseMode,
    ReplyMarkup,
};
use url::Url;

use crate::bot::keyboard::{Attachment, Screen};

pub(crate) use copies::Copy;

/// How long one `getUpdates` waits at Telegram for something to come.
const LONG_POLL_S: u64 = 25;
/// How long any other call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// Far above a hundred updates of the largest size.
const LARGEST_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// Why Telegram, or the way to it, said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ApiError {
    /// Too fast for this chat; again after that time.
    TooFast(Duration),
    /// The message already shows this.
    NotModified,
    /// The user blocked the bot, is gone, or never wrote.
    Unreachable,
    /// The message to edit is gone or can no longer be edited.
    MessageGone,
    /// The markup was refused.
    BadMarkup,
    /// The press is too old to be answered.
    QueryTooOld,
    /// The Stars of this payment are back already.
    AlreadyRefunded,
    /// The token is wrong.
    BadToken,
    /// Somebody else polls with this token, or a webhook is set.
    Conflict,
    /// Another refusal, by its HTTP code.
    Refused(u16),
    /// Telegram has trouble of its own.
    Server(u16),
    /// The request surely did not arrive.
    NotSent,
    /// The request may have arrived; the answer did not.
    AnswerLost,
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFast(wait) => write!(f, "Telegram asks to wait {} s", wait.as_secs()),
            Self::NotModified => f.write_str("the message already shows this"),
            Self::Unreachable => f.write_str("the chat cannot be reached"),
            Self::MessageGone => f.write_str("the message is gone"),
            Self::BadMarkup => f.write_str("Telegram refused the markup"),
            Self::QueryTooOld => f.write_str("the press is too old"),
            Self::AlreadyRefunded => f.write_str("the payment was given back before"),
            Self::BadToken => f.write_str("Telegram does not know the token"),
            Self::Conflict => f.write_str("another process polls with this token"),
            Self::Refused(code) => write!(f, "Telegram refused with {code}"),
            Self::Server(code) => write!(f, "Telegram answered {code}"),
            Self::NotSent => f.write_str("Telegram cannot be reached"),
            Self::AnswerLost => f.write_str("Telegram's answer was lost"),
        }
    }
}

/// What the sender needs of Telegram.
#[async_trait]
pub(crate) trait Transport: Send + Sync {
    /// Sends a message and gives its id.
    async fn send(&self, chat: i64, screen: &Screen, markup: Markup) -> Result<i32, ApiError>;
    /// Edits a message.
    async fn edit(
        &self,
        chat: i64,
        message: i32,
        screen: &Screen,
        markup: Markup,
    ) -> Result<(), ApiError>;
    /// Copies a message.
    async fn copy(&self, copy: &Copy) -> Result<(), ApiError>;
    /// Answers a press.
    async fn answer(&self, query: &str, toast: Option<&str>, alert: bool) -> Result<(), ApiError>;
}

/// Whether a text goes out with its markup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Markup {
    /// As HTML.
    Html,
    /// Without any.
    None,
}

/// The HTTP client.
#[derive(Clone)]
pub(crate) struct Api {
    client: reqwest::Client,
    base: Url,
    token: SecretString,
}

#[derive(Deserialize)]
struct Answer<T> {
    ok: bool,
    result: Option<T>,
    error_code: Option<u16>,
    #[serde(default)]
    description: String,
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
}

#[derive(Deserialize)]
struct Sent {
    message_id: i32,
}

/// No parameters: Telegram wants an object even then.
#[derive(Serialize)]
struct Nothing {}

/// What `getMe` says.
#[derive(Deserialize)]
struct Me {
    username: String,
}

impl Api {
    /// A client for the API at `base`.
    ///
    /// # Errors
    /// Where the TLS backend cannot start.
    pub(crate) fn new(base: Url, token: SecretString) -> Result<Self, reqwest::Error> {
        let mut builder = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .timeout(CALL_TIMEOUT)
            // The path holds the token: it must not follow anybody elsewhere.
            .redirect(reqwest::redirect::Policy::none());
        if matches!(base.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")) {
            builder = builder.no_proxy();
        }
        Ok(Self {
            client: builder.build()?,
            base,
            token,
        })
    }

    /// The same API through teloxide.
    pub(crate) fn teloxide(&self) -> teloxide::Bot {
        teloxide::Bot::with_client(self.token.expose_secret(), self.client.clone())
            .set_api_url(self.base.clone())
    }

    /// Checks the token; the bot's name without `@`.
    pub(crate) async fn get_me(&self) -> Result<String, ApiError> {
        let me: Me = self.call("getMe", &Nothing {}, CALL_TIMEOUT).await?;
        Ok(me.username)
    }

    /// Waits for updates from `offset` on; everything before it is acknowledged by this.
    pub(crate) async fn get_updates(&self, offset: i64) -> Result<Vec<Box<RawValue>>, ApiError> {
        let request = GetUpdates {
            offset,
            limit: 100,
            timeout: LONG_POLL_S,
            allowed_updates: ALLOWED_UPDATES,
        };
        let patience = Duration::from_secs(LONG_POLL_S) + CALL_TIMEOUT;
        self.call("getUpdates", &request, patience).await
    }

    /// Acknowledges everything before `offset` and waits for nothing.
    pub(crate) async fn confirm_offset(&self, offset: i64) -> Result<(), ApiError> {
        let request = GetUpdates {
            offset,
            limit: 1,
            timeout: 0,
            allowed_updates: ALLOWED_UPDATES,
        };
        let _: Vec<serde::de::IgnoredAny> = self
            .call("getUpdates", &request, Duration::from_secs(2))
            .await?;
        Ok(())
    }

    /// Answers an inline query.
    pub(crate) async fn answer_inline(&self, answer: &AnswerInlineQuery) -> Result<(), ApiError> {
        let _: serde::de::IgnoredAny = self.call("answerInlineQuery", answer, CALL_TIMEOUT).await?;
        Ok(())
    }

    /// Sets a list of commands.
    pub(crate) async fn set_commands(
        &self,
        commands: Vec<BotCommand>,
        scope: BotCommandScope,
        language: Option<&str>,
    ) -> Result<(), ApiError> {
        let mut request = SetMyCommands::new(commands).scope(scope);
        if let Some(language) = language {
            request = request.language_code(language);
        }
        let _: serde::de::IgnoredAny = self.call("setMyCommands", &request, CALL_TIMEOUT).await?;
        Ok(())
    }

    /// Lets the commands of everybody be shown again.
    pub(crate) async fn delete_commands(
        &self,
        scope: BotCommandScope,
        language: Option<&str>,
    ) -> Result<(), ApiError> {
        let mut request = DeleteMyCommands::new().scope(scope);
        if let Some(language) = language {
            request = request.language_code(language);
        }
        let _: serde::de::IgnoredAny = self
            .call("deleteMyCommands", &request, CALL_TIMEOUT)
            .await?;
        Ok(())
    }

    async fn call<Request, Result_>(
        &self,
        method: &'static str,
        request: &Request,
        patience: Duration,
    ) -> Result<Result_, ApiError>
    where
        Request: Serialize + Sync + ?Sized,
        Result_: DeserializeOwned,
    {
        // Our own payloads always serialise; were one not to, nothing was sent.
        let body = serde_json::to_vec(request).map_err(|_| ApiError::NotSent)?;
        let request = self
            .request(method, patience)
            .header(reqwest::header::CONTENT_TYPE, "application/json")
            .body(body);
        self.exchange(request).await
    }

    fn request(&self, method: &'static str, patience: Duration) -> reqwest::RequestBuilder {
        let base = self.base.as_str().trim_end_matches('/');
        let url = format!("{base}/bot{}/{method}", self.token.expose_secret());
        self.client.post(url).timeout(patience)
    }

    async fn exchange<Result_: DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<Result_, ApiError> {
        let response = request
            .send()
            .await
            .map_err(|error| transport_error(&error))?;
        let status = response.status().as_u16();
        let body = read_capped(response).await?;
        match serde_json::from_slice::<Answer<Result_>>(&body) {
            Ok(Answer {
                ok: true,
                result: Some(result),
                ..
            }) => Ok(result),
            Ok(answer) if !answer.ok => Err(refusal(
                answer.error_code.unwrap_or(status),
                &answer.description,
                answer.parameters.and_then(|p| p.retry_after),
            )),
            Ok(_) | Err(_) if status >= 500 => Err(ApiError::Server(status)),
            Ok(_) | Err(_) => Err(ApiError::AnswerLost),
        }
    }
}

/// The kinds of updates that the tree of handlers knows.
const ALLOWED_UPDATES: &[&str] = &[
    "message",
    "callback_query",
    "inline_query",
    "pre_checkout_query",
];

#[derive(Serialize)]
struct GetUpdates<'a> {
    offset: i64,
    limit: u8,
    timeout: u64,
    allowed_updates: &'a [&'a str],
}

async fn read_capped(mut response: reqwest::Response) -> Result<Vec<u8>, ApiError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| ApiError::AnswerLost)? {
        if body.len() + chunk.len() > LARGEST_ANSWER_BYTES {
            return Err(ApiError::AnswerLost);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The error itself holds the URL, and so the token: only its kind gets out.
fn transport_error(error: &reqwest::Error) -> ApiError {
    if error.is_connect() || error.is_builder() {
        ApiError::NotSent
    } else {
        ApiError::AnswerLost
    }
}

/// Telegram's refusals are told apart by their texts alone.
fn refusal(code: u16, description: &str, retry_after_s: Option<u64>) -> ApiError {
    let text = description.to_ascii_lowercase();
    let says = |needles: &[&str]| needles.iter().any(|needle| text.contains(needle));
    match code {
        429 => ApiError::TooFast(Duration::from_secs(retry_after_s.unwrap_or(1))),
        401 | 404 => ApiError::BadToken,
        409 => ApiError::Conflict,
        403 => ApiError::Unreachable,
        400 if says(&["message is not modified"]) => ApiError::NotModified,
        400 if says(&["chat not found", "user not found", "peer_id_invalid"]) => {
            ApiError::Unreachable
        }
        400 if says(&[
            "message to edit not found",
            "message to copy not found",
            "message can't be edited",
            "message_id_invalid",
            // A picture has a caption and no text.
            "there is no text in the message",
        ]) =>
        {
            ApiError::MessageGone
        }
        400 if says(&["can't parse entities", "entity", "entities"]) => ApiError::BadMarkup,
        400 if says(&[
            "query is too old",
            "query_id_invalid",
            "query id is invalid",
        ]) =>
        {
            ApiError::QueryTooOld
        }
        400 if says(&["charge_already_refunded"]) => ApiError::AlreadyRefunded,
        500.. => ApiError::Server(code),
        _ => ApiError::Refused(code),
    }
}

fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}

fn text_of(screen: &Screen, markup: Markup) -> String {
    match markup {
        Markup::Html => screen.text.as_str().to_owned(),
        Markup::None => screen.text.to_plain(),
    }
}

#[async_trait]
impl Transport for Api {
    async fn send(&self, chat: i64, screen: &Screen, markup: Markup) -> Result<i32, ApiError> {
        match screen.attachment.as_deref() {
            Some(Attachment::Invoice(invoice)) => return self.send_invoice(chat, invoice).await,
            Some(Attachment::Picture(picture)) => {
                return self.send_picture(chat, screen, picture, markup).await;
            }
            Some(Attachment::Document(document)) => {
                return self.send_document(chat, screen, document, markup).await;
            }
            Some(Attachment::Caption) | None => {}
        }
        let mut request = SendMessage::new(ChatId(chat), text_of(screen, markup))
            .link_preview_options(no_preview());
        if markup == Markup::Html {
            request = request.parse_mode(ParseMode::Html);
        }
        if let Some(keyboard) = &screen.keyboard {
            request = request.reply_markup(ReplyMarkup::InlineKeyboard(keyboard.clone()));
        }
        let sent: Sent = self.call("sendMessage", &request, CALL_TIMEOUT).await?;
        Ok(sent.message_id)
    }

    async fn edit(
        &self,
        chat: i64,
        message: i32,
        screen: &Screen,
        markup: Markup,
    ) -> Result<(), ApiError> {
        match screen.attachment.as_deref() {
            // These are messages of their own kind: they cannot take the place of a text.
            Some(Attachment::Invoice(_) | Attachment::Picture(_) | Attachment::Document(_)) => {
                return Err(ApiError::MessageGone);
            }
            Some(Attachment::Caption) => {
                return self.edit_caption(chat, message, screen, markup).await;
            }
            None => {}
        }
        let text = text_of(screen, markup);
        let mut request = EditMessageText::new(ChatId(chat), MessageId(message), text)
            .link_preview_options(no_preview());
        if markup == Markup::Html {
            request = request.parse_mode(ParseMode::Html);
        }
        if let Some(keyboard) = &screen.keyboard {
            request = request.reply_markup(keyboard.clone());
        }
        let _: serde::de::IgnoredAny = self.call("editMessageText", &request, CALL_TIMEOUT).await?;
        Ok(())
    }

    async fn copy(&self, copy: &Copy) -> Result<(), ApiError> {
        self.copy_message(copy).await
    }

    async fn answer(&self, query: &str, toast: Option<&str>, alert: bool) -> Result<(), ApiError> {
        let mut request = AnswerCallbackQuery::new(CallbackQueryId(query.to_owned()));
        if let Some(toast) = toast {
            request = request.text(toast).show_alert(alert);
        }
        let _: serde::de::IgnoredAny = self
            .call("answerCallbackQuery", &request, CALL_TIMEOUT)
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
