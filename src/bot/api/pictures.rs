//! Messages that carry a picture or a file, over the Bot API.
//!
//! Invariant: a picture or a file goes out with its text as the caption, under the same markup and buttons
//! as a plain message.

use std::io::Seek;
use std::time::Duration;

use reqwest::Body;
use reqwest::multipart::{Form, Part};
use serde::Serialize;
use teloxide::payloads::EditMessageCaption;
use teloxide::payloads::setters::*;
use teloxide::types::{ChatId, InlineKeyboardMarkup, MessageId, ParseMode};
use tokio::fs::File;

use crate::bot::api::{Api, ApiError, CALL_TIMEOUT, Markup, Sent, text_of};
use crate::bot::keyboard::{Document, Picture, Screen};

/// How long a file of 50 MB may take.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(180);

/// A file that Telegram has already.
#[derive(Serialize)]
struct Known<'a> {
    chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    photo: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<&'a str>,
    caption: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parse_mode: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_markup: Option<&'a InlineKeyboardMarkup>,
}

/// What stands around a file.
fn captioned(chat: i64, screen: &Screen, markup: Markup) -> Result<Form, ApiError> {
    let mut form = Form::new()
        .text("chat_id", chat.to_string())
        .text("caption", text_of(screen, markup));
    if markup == Markup::Html {
        form = form.text("parse_mode", "HTML");
    }
    if let Some(keyboard) = &screen.keyboard {
        let keyboard = serde_json::to_string(keyboard).map_err(|_| ApiError::NotSent)?;
        form = form.text("reply_markup", keyboard);
    }
    Ok(form)
}

/// A handle of its own that stands at the beginning.
fn begun(file: &std::fs::File) -> std::io::Result<std::fs::File> {
    let mut file = file.try_clone()?;
    file.rewind()?;
    Ok(file)
}

impl Api {
    /// Sends a picture with its caption.
    pub(super) async fn send_picture(
        &self,
        chat: i64,
        screen: &Screen,
        picture: &Picture,
        markup: Markup,
    ) -> Result<i32, ApiError> {
        let caption = text_of(screen, markup);
        let parse_mode = (markup == Markup::Html).then_some("HTML");
        let sent: Sent = match picture {
            Picture::Known { file_id, is_photo } => {
                let file_id = Some(file_id.as_str());
                let known = Known {
                    chat_id: chat,
                    photo: file_id.filter(|_| *is_photo),
                    document: file_id.filter(|_| !*is_photo),
                    caption,
                    parse_mode,
                    reply_markup: screen.keyboard.as_ref(),
                };
                let method = if *is_photo {
                    "sendPhoto"
                } else {
                    "sendDocument"
                };
                self.call(method, &known, CALL_TIMEOUT).await?
            }
            Picture::Upload(bytes) => {
                let form = captioned(chat, screen, markup)?
                    .part("photo", Part::bytes(bytes.to_vec()).file_name("picture"));
                let request = self.request("sendPhoto", CALL_TIMEOUT).multipart(form);
                self.exchange(request).await?
            }
        };
        Ok(sent.message_id)
    }

    /// Sends a file with its caption, read from the disk while it goes out.
    pub(super) async fn send_document(
        &self,
        chat: i64,
        screen: &Screen,
        document: &Document,
        markup: Markup,
    ) -> Result<i32, ApiError> {
        // Each attempt reads from the beginning.
        let file = begun(&document.file).map_err(|_| ApiError::NotSent)?;
        let length = u64::try_from(document.bytes).map_err(|_| ApiError::NotSent)?;
        let part = Part::stream_with_length(Body::from(File::from_std(file)), length)
            .file_name(document.name.clone())
            .mime_str("text/csv")
            .map_err(|_| ApiError::NotSent)?;
        let form = captioned(chat, screen, markup)?.part("document", part);
        let request = self.request("sendDocument", UPLOAD_TIMEOUT).multipart(form);
        let sent: Sent = self.exchange(request).await?;
        Ok(sent.message_id)
    }

    /// Changes the caption under a picture.
    pub(super) async fn edit_caption(
        &self,
        chat: i64,
        message: i32,
        screen: &Screen,
        markup: Markup,
    ) -> Result<(), ApiError> {
        let mut request = EditMessageCaption::new(ChatId(chat), MessageId(message))
            .caption(text_of(screen, markup));
        if markup == Markup::Html {
            request = request.parse_mode(ParseMode::Html);
        }
        if let Some(keyboard) = &screen.keyboard {
            request = request.reply_markup(keyboard.clone());
        }
        let _: serde::de::IgnoredAny = self
            .call("editMessageCaption", &request, CALL_TIMEOUT)
            .await?;
        Ok(())
    }
}
