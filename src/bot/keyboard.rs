//! What one message is made of: its text and the buttons under it.
//!
//! Invariant: every button is drawn for one user; no other way leads to callback data.

use std::fs::File;
use std::sync::Arc;

use teloxide::types::{
    CopyTextButton, InlineKeyboardButton, InlineKeyboardButtonKind, InlineKeyboardMarkup,
};

use crate::bot::callback::Callback;
use crate::bot::callback::payload::Pressed;
use crate::bot::html::{Html, cut};
use crate::domain::id::UserId;

/// Telegram's limit for a copy button's text.
const COPY_CHARS: usize = 256;
/// Longer labels are cut by phones anyway.
const LABEL_UNITS: usize = 60;

/// A message as it goes out.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Screen {
    /// The text.
    pub(crate) text: Html,
    /// The buttons.
    pub(crate) keyboard: Option<InlineKeyboardMarkup>,
    /// What else the message is.
    pub(crate) attachment: Option<Box<Attachment>>,
}

/// What makes a message more than a text.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Attachment {
    /// An invoice, which goes out instead of the text.
    Invoice(Invoice),
    /// A picture; the text is its caption.
    Picture(Picture),
    /// A file; the text is its caption.
    Document(Document),
    /// The text takes the place of the caption under a picture that stays.
    Caption,
}

/// A file that is sent along.
#[derive(Clone)]
pub(crate) struct Document {
    /// What it is called.
    pub(crate) name: String,
    /// How large it is.
    pub(crate) bytes: usize,
    /// It has no name on the disk, and is gone with its last handle.
    pub(crate) file: Arc<File>,
}

/// The same file, not the same content.
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.file, &other.file)
    }
}

impl Eq for Document {}

/// A picture.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Picture {
    /// One that Telegram has.
    Known {
        /// Its id there.
        file_id: String,
        /// Whether it is a photo, and not a file.
        is_photo: bool,
    },
    /// One that is sent along.
    Upload(Arc<[u8]>),
}

/// An invoice in Telegram Stars; Telegram draws it, and its Pay button.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Invoice {
    /// Up to 32 characters.
    pub(crate) title: String,
    /// Up to 255 characters.
    pub(crate) description: String,
    /// What comes back with the payment.
    pub(crate) payload: String,
    /// What it costs.
    pub(crate) stars: u32,
    /// Where the button of a forwarded copy leads.
    pub(crate) start_parameter: String,
}

impl Screen {
    /// A message without buttons.
    pub(crate) fn plain(text: Html) -> Self {
        Self {
            text,
            keyboard: None,
            attachment: None,
        }
    }

    /// The same under a picture.
    pub(crate) fn with_picture(mut self, picture: Picture) -> Self {
        self.attachment = Some(Box::new(Attachment::Picture(picture)));
        self
    }

    /// The same under a file.
    pub(crate) fn with_document(mut self, document: Document) -> Self {
        self.attachment = Some(Box::new(Attachment::Document(document)));
        self
    }

    /// The same in place of the caption under a picture that stays.
    pub(crate) fn in_caption(mut self) -> Self {
        self.attachment = Some(Box::new(Attachment::Caption));
        self
    }

    /// An invoice.
    pub(crate) fn invoice(invoice: Invoice) -> Self {
        Self {
            text: Html::default(),
            keyboard: None,
            attachment: Some(Box::new(Attachment::Invoice(invoice))),
        }
    }
}

/// Rows of buttons for one user.
pub(crate) struct Keyboard {
    user: UserId,
    rows: Vec<Vec<InlineKeyboardButton>>,
}

impl Keyboard {
    /// No buttons yet.
    pub(crate) fn of(user: UserId) -> Self {
        Self {
            user,
            rows: Vec::new(),
        }
    }

    fn button(&self, label: &str, callback: Callback) -> InlineKeyboardButton {
        let payload = Pressed {
            user: self.user,
            callback,
        }
        .encode();
        InlineKeyboardButton::callback(cut(label, LABEL_UNITS), payload)
    }

    /// A row of buttons; an empty one is left out.
    pub(crate) fn row<'a>(
        mut self,
        buttons: impl IntoIterator<Item = (&'a str, Callback)>,
    ) -> Self {
        let row: Vec<_> = buttons
            .into_iter()
            .map(|(label, callback)| self.button(label, callback))
            .collect();
        if !row.is_empty() {
            self.rows.push(row);
        }
        self
    }

    /// One button in a row of its own.
    pub(crate) fn wide(self, label: &str, callback: Callback) -> Self {
        self.row([(label, callback)])
    }

    /// Buttons in columns, row by row.
    pub(crate) fn columns(mut self, columns: usize, buttons: Vec<(String, Callback)>) -> Self {
        for chunk in buttons.chunks(columns.max(1)) {
            self = self.row(
                chunk
                    .iter()
                    .map(|(label, callback)| (label.as_str(), callback.clone())),
            );
        }
        self
    }

    /// A button that copies `text`; left out where Telegram would refuse it.
    pub(crate) fn copy(mut self, label: &str, text: &str) -> Self {
        if (1..=COPY_CHARS).contains(&text.chars().count()) {
            let kind = InlineKeyboardButtonKind::CopyText(CopyTextButton {
                text: text.to_owned(),
            });
            self.rows.push(vec![InlineKeyboardButton::new(
                cut(label, LABEL_UNITS),
                kind,
            )]);
        }
        self
    }

    /// `‹ 2/5 ›` where there is more than one page.
    pub(crate) fn pager(
        self,
        page: usize,
        pages: usize,
        target: impl Fn(usize) -> Callback,
    ) -> Self {
        let mut buttons = Vec::new();
        if page > 0 {
            buttons.push((format!("‹ {page}/{pages}"), target(page - 1)));
        }
        if page + 1 < pages {
            buttons.push((format!("{}/{pages} ›", page + 2), target(page + 1)));
        }
        self.columns(2, buttons)
    }

    /// Puts the buttons under a text.
    pub(crate) fn under(self, text: Html) -> Screen {
        Screen {
            text,
            keyboard: Some(InlineKeyboardMarkup::new(self.rows)),
            attachment: None,
        }
    }
}
