//! Messages that carry a picture, over the Bot API.
//!
//! Invariant: a picture goes out with its text as the caption, under the same markup and buttons
//! as a plain message.

use reqwest::multipart::{Form, Part};
use serde::Serialize;
use teloxide::payloads::EditMessageCaption;
use teloxide::payloads::setters::*;
use teloxide::types::{ChatId, InlineKeyboardMarkup, MessageId, ParseMode};

use crate::bot::api::{Api, ApiError, CALL_TIMEOUT, Markup, Sent, text_of};
use crate::bot::keyboard::{Picture, Screen};

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
                let mut form = Form::new()
                    .text("chat_id", chat.to_string())
                    .text("caption", caption)
                    .part("photo", Part::bytes(bytes.to_vec()).file_name("picture"));
                if let Some(mode) = parse_mode {
                    form = form.text("parse_mode", mode);
                }
                if let Some(keyboard) = &screen.keyboard {
                    let keyboard =
                        serde_json::to_string(keyboard).map_err(|_| ApiError::NotSent)?;
                    form = form.text("reply_markup", keyboard);
                }
                let request = self.request("sendPhoto", CALL_TIMEOUT).multipart(form);
                self.exchange(request).await?
            }
        };
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
