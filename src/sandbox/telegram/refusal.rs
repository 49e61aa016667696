//! What Telegram answers when it refuses, in Telegram's own words.
//!
//! Invariant: a refusal is the whole error body; no method words one by itself when a name
//! for it exists here. Texts follow the Bot API server's and TDLib's sources.

use std::borrow::Cow;

use serde_json::{Value, json};

/// An error answer of the Bot API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: u16,
    pub(super) description: Cow<'static, str>,
    pub(super) retry_after: Option<u64>,
}

impl Refusal {
    const fn new(code: u16, description: &'static str) -> Self {
        Self {
            code,
            description: Cow::Borrowed(description),
            retry_after: None,
        }
    }

    /// A 400 whose text is made for the occasion; `reason` comes without "Bad Request: ".
    pub(super) fn bad_request(reason: impl AsRef<str>) -> Self {
        Self {
            code: 400,
            description: Cow::Owned(format!("Bad Request: {}", reason.as_ref())),
            retry_after: None,
        }
    }

    /// Too many requests; come back after this many seconds.
    pub(super) fn flood(retry_after_s: u64) -> Self {
        Self {
            code: 429,
            description: Cow::Owned(format!("Too Many Requests: retry after {retry_after_s}")),
            retry_after: Some(retry_after_s),
        }
    }

    /// A server error of Telegram's front end.
    pub(super) fn server_error(code: u16) -> Self {
        let description = match code {
            500 => "Internal Server Error",
            502 => "Bad Gateway",
            504 => "Gateway Timeout",
            _ => "Service Unavailable",
        };
        Self::new(code, description)
    }

    /// The JSON body.
    pub(super) fn body(&self) -> Value {
        let mut body = json!({
            "ok": false,
            "error_code": self.code,
            "description": self.description,
        });
        if let Some(seconds) = self.retry_after {
            body["parameters"] = json!({ "retry_after": seconds });
        }
        body
    }

    pub(super) const NOT_FOUND: Self = Self::new(404, "Not Found");
    pub(super) const UNAUTHORIZED: Self = Self::new(401, "Unauthorized");
    pub(super) const TOO_LARGE: Self = Self::new(413, "Request Entity Too Large");
    pub(super) const UNREADABLE: Self =
        Self::new(400, "Bad Request: can't parse request parameters");

    pub(super) const TERMINATED_BY_POLLER: Self = Self::new(
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot \
         instance is running",
    );
    pub(super) const TERMINATED_BY_WEBHOOK: Self =
        Self::new(409, "Conflict: terminated by setWebhook request");
    pub(super) const WEBHOOK_ACTIVE: Self = Self::new(
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to \
         delete the webhook first",
    );
    pub(super) const WEBHOOK_NOT_HTTPS: Self = Self::new(
        400,
        "Bad Request: bad webhook: An HTTPS URL must be provided for webhook",
    );
    pub(super) const WEBHOOK_BAD_SECRET: Self = Self::new(
        400,
        "Bad Request: secret token contains unallowed characters",
    );
    pub(super) const WEBHOOK_BAD_PORT: Self = Self::new(
        400,
        "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
    );

    pub(super) const CHAT_ID_EMPTY: Self = Self::new(400, "Bad Request: chat_id is empty");
    pub(super) const CHAT_NOT_FOUND: Self = Self::new(400, "Bad Request: chat not found");
    pub(super) const BLOCKED: Self = Self::new(403, "Forbidden: bot was blocked by the user");
    pub(super) const NEVER_STARTED: Self = Self::new(
        403,
        "Forbidden: bot can't initiate conversation with a user",
    );

    pub(super) const TEXT_EMPTY: Self = Self::new(400, "Bad Request: message text is empty");
    pub(super) const TEXT_TOO_LONG: Self = Self::new(400, "Bad Request: message is too long");
    pub(super) const EDIT_TOO_LONG: Self = Self::new(400, "Bad Request: MESSAGE_TOO_LONG");
    pub(super) const CAPTION_TOO_LONG: Self =
        Self::new(400, "Bad Request: message caption is too long");
    pub(super) const PARSE_MODE: Self = Self::new(400, "Bad Request: unsupported parse_mode");
    pub(super) const REPLY_NOT_FOUND: Self =
        Self::new(400, "Bad Request: message to be replied not found");

    pub(super) const COPY_NOT_FOUND: Self =
        Self::new(400, "Bad Request: message to copy not found");
    pub(super) const COPY_REFUSED: Self = Self::new(400, "Bad Request: message can't be copied");

    pub(super) const ID_MISSING: Self =
        Self::new(400, "Bad Request: message identifier is not specified");
    pub(super) const INLINE_ID_INVALID: Self = Self::new(400, "Bad Request: MESSAGE_ID_INVALID");
    pub(super) const EDIT_NOT_FOUND: Self =
        Self::new(400, "Bad Request: message to edit not found");
    pub(super) const EDIT_FOREIGN: Self = Self::new(400, "Bad Request: message can't be edited");
    pub(super) const NO_TEXT_TO_EDIT: Self =
        Self::new(400, "Bad Request: there is no text in the message to edit");
    pub(super) const NO_CAPTION_TO_EDIT: Self = Self::new(
        400,
        "Bad Request: there is no caption in the message to edit",
    );
    pub(super) const NOT_MODIFIED: Self = Self::new(
        400,
        "Bad Request: message is not modified: specified new message content and reply markup \
         are exactly the same as a current content and reply markup of the message",
    );
    pub(super) const DELETE_NOT_FOUND: Self =
        Self::new(400, "Bad Request: message to delete not found");
    pub(super) const DELETE_TOO_OLD: Self =
        Self::new(400, "Bad Request: message can't be deleted for everyone");

    pub(super) const QUERY_TOO_OLD: Self = Self::new(
        400,
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
    );

    pub(super) const RESULTS_TOO_MANY: Self = Self::new(400, "Bad Request: RESULTS_TOO_MUCH");
    pub(super) const RESULT_DUPLICATE: Self = Self::new(400, "Bad Request: RESULT_ID_DUPLICATE");
    pub(super) const RESULT_ID: Self = Self::new(400, "Bad Request: RESULT_ID_INVALID");
    pub(super) const ARTICLE_TITLE_EMPTY: Self = Self::new(400, "Bad Request: ARTICLE_TITLE_EMPTY");
    pub(super) const SWITCH_TEXT_EMPTY: Self = Self::new(400, "Bad Request: SWITCH_PM_TEXT_EMPTY");
    pub(super) const START_PARAMETER_EMPTY: Self = Self::new(400, "Bad Request: START_PARAM_EMPTY");
    pub(super) const START_PARAMETER: Self = Self::new(400, "Bad Request: START_PARAM_INVALID");

    pub(super) const BUTTON_DATA: Self = Self::new(400, "Bad Request: BUTTON_DATA_INVALID");
    pub(super) const BUTTON_COPY: Self = Self::new(400, "Bad Request: BUTTON_COPY_TEXT_INVALID");
    pub(super) const BUTTON_WITHOUT_KIND: Self = Self::new(
        400,
        "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the \
         inline keyboard",
    );
    pub(super) const BUTTON_WITHOUT_TEXT: Self = Self::new(
        400,
        "Bad Request: can't parse inline keyboard button: InlineKeyboardButton text must be \
         non-empty",
    );
    pub(super) const MARKUP_NOT_OBJECT: Self =
        Self::new(400, "Bad Request: object expected as reply markup");
    pub(super) const MARKUP_TOO_LONG: Self =
        Self::new(400, "Bad Request: reply markup is too long");

    pub(super) const FILE_MISSING: Self = Self::new(
        400,
        "Bad Request: there is no photo or document in the request",
    );
    pub(super) const FILE_EMPTY: Self = Self::new(400, "Bad Request: file must be non-empty");
    pub(super) const FILE_ID_WRONG: Self =
        Self::new(400, "Bad Request: wrong file identifier/HTTP URL specified");
    pub(super) const FILE_URL_FAILED: Self =
        Self::new(400, "Bad Request: failed to get HTTP URL content");
    pub(super) const FILE_ID_INVALID: Self = Self::new(400, "Bad Request: invalid file_id");
    pub(super) const IMAGE_INVALID: Self = Self::new(400, "Bad Request: IMAGE_PROCESS_FAILED");

    pub(super) const COMMANDS_TOO_MANY: Self = Self::new(400, "Bad Request: BOT_COMMANDS_TOO_MUCH");
    pub(super) const COMMAND_INVALID: Self = Self::new(400, "Bad Request: BOT_COMMAND_INVALID");
    pub(super) const COMMAND_DESCRIPTION: Self =
        Self::new(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID");
    pub(super) const LANGUAGE_INVALID: Self =
        Self::new(400, "Bad Request: invalid language code specified");
    pub(super) const SCOPE_INVALID: Self = Self::new(
        400,
        "Bad Request: can't parse BotCommandScope: unsupported type specified",
    );
    pub(super) const ACTION_INVALID: Self =
        Self::new(400, "Bad Request: wrong parameter action in request");
}
