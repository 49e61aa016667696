//! Files the bot uploaded: kept for `getFile`, for sending again by id and for the page.
//!
//! Invariant: all files together stay under a fixed size; the oldest go first.

use std::collections::{HashMap, VecDeque};

use axum::body::Bytes;
use serde_json::{Value, json};

use super::refusal::Refusal;

const KEPT_MAX_BYTES: usize = 64 * 1024 * 1024;
const PHOTO_MAX_BYTES: usize = 10 * 1024 * 1024;
const DOCUMENT_MAX_BYTES: usize = 50 * 1024 * 1024;

/// A photo or a document in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// The id that `getFile` takes.
    pub file_id: String,
    /// The file's own name; empty for photos.
    pub name: String,
    /// The type as sent, or as the file's first bytes tell.
    pub mime: String,
    /// In bytes.
    pub size: usize,
    /// Width and height in pixels of a photo; none for a document.
    pub pixels: Option<(u32, u32)>,
    pub(super) path: String,
}

impl Media {
    /// Whether it is shown as a picture.
    #[must_use]
    pub fn is_photo(&self) -> bool {
        self.pixels.is_some()
    }

    pub(super) fn unique_id(&self) -> String {
        format!("u{}", self.file_id)
    }

    /// The Bot API's `PhotoSize` or `Document`.
    pub(super) fn to_json(&self) -> Value {
        let mut value = json!({
            "file_id": self.file_id,
            "file_unique_id": self.unique_id(),
            "file_size": self.size,
        });
        if let Some((width, height)) = self.pixels {
            value["width"] = json!(width);
            value["height"] = json!(height);
        } else {
            value["file_name"] = json!(self.name);
            value["mime_type"] = json!(self.mime);
        }
        value
    }
}

#[derive(Debug, Default)]
pub(super) struct Files {
    by_id: HashMap<String, (Media, Bytes)>,
    order: VecDeque<String>,
    kept_bytes: usize,
    counter: u64,
}

impl Files {
    pub(super) fn store_photo(&mut self, bytes: Bytes) -> Result<Media, Refusal> {
        if bytes.len() > PHOTO_MAX_BYTES {
            return Err(Refusal::TOO_LARGE);
        }
        let (mime, pixels) = picture(&bytes).ok_or(Refusal::IMAGE_INVALID)?;
        Ok(self.store(String::new(), mime.to_owned(), Some(pixels), bytes))
    }

    pub(super) fn store_document(
        &mut self,
        name: String,
        mime: Option<String>,
        bytes: Bytes,
    ) -> Result<Media, Refusal> {
        if bytes.is_empty() {
            return Err(Refusal::FILE_EMPTY);
        }
        if bytes.len() > DOCUMENT_MAX_BYTES {
            return Err(Refusal::TOO_LARGE);
        }
        let mime = mime.unwrap_or_else(|| String::from("application/octet-stream"));
        Ok(self.store(name, mime, None, bytes))
    }

    fn store(
        &mut self,
        name: String,
        mime: String,
        pixels: Option<(u32, u32)>,
        bytes: Bytes,
    ) -> Media {
        self.counter += 1;
        let folder = if pixels.is_some() {
            "photos"
        } else {
            "documents"
        };
        let media = Media {
            file_id: format!("SimulatedFile{}", self.counter),
            path: format!("{folder}/file_{}", self.counter),
            size: bytes.len(),
            name,
            mime,
            pixels,
        };
        self.kept_bytes += bytes.len();
        self.order.push_back(media.file_id.clone());
        self.by_id
            .insert(media.file_id.clone(), (media.clone(), bytes));
        while self.kept_bytes > KEPT_MAX_BYTES {
            let Some(oldest) = self.order.pop_front() else {
                break;
            };
            if let Some((_, bytes)) = self.by_id.remove(&oldest) {
                self.kept_bytes -= bytes.len();
            }
        }
        media
    }

    pub(super) fn get(&self, file_id: &str) -> Option<&(Media, Bytes)> {
        self.by_id.get(file_id)
    }

    pub(super) fn by_path(&self, path: &str) -> Option<&(Media, Bytes)> {
        let number = path.rsplit_once("/file_")?.1;
        self.by_id
            .get(&format!("SimulatedFile{number}"))
            .filter(|(media, _)| media.path == path)
    }
}

/// The type and the size in pixels of a PNG or JPEG.
fn picture(bytes: &[u8]) -> Option<(&'static str, (u32, u32))> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        let number = |at: usize| {
            let four: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
            Some(u32::from_be_bytes(four))
        };
        return Some(("image/png", (number(16)?, number(20)?)));
    }
    if !bytes.starts_with(&[0xff, 0xd8]) {
        return None;
    }
    let pair = |at: usize| {
        let two: [u8; 2] = bytes.get(at..at + 2)?.try_into().ok()?;
        Some(u16::from_be_bytes(two))
    };
    let mut at = 2;
    while *bytes.get(at)? == 0xff {
        let marker = *bytes.get(at + 1)?;
        let is_frame = matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
        if is_frame {
            let height = u32::from(pair(at + 5)?);
            return Some(("image/jpeg", (u32::from(pair(at + 7)?), height)));
        }
        at += 2 + usize::from(pair(at + 2)?);
    }
    None
}
