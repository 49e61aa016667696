//! What is personal, sealed on disk: the keys, and the one way in and out of the columns.
//!
//! Invariant: a row leaves the store as plain text and reaches the disk sealed; nothing else of
//! the sources seals or opens. A value is bound to its table, column and row, so one that was
//! changed, or moved to another row, does not open.
//!
//! | what | where | how |
//! |---|---|---|
//! | numbers and addresses | `orders.number` | sealed; a keyed hash beside it finds them again |
//! | texts, codes and senders of SMS and mails | `sms.text`, `code`, `sender` | sealed; a keyed hash of the text keeps one text one SMS |
//! | what a user calls a rental | `rentals.label` | sealed |
//! | what users and staff write to each other | `support_messages.text` | sealed |
//! | what Telegram sent: typed words, names | `inbox.json` | sealed until it is handled, then forgotten |
//! | names that users show in Telegram | `users` | plain: staff looks people up by them |
//! | notices on their way | `outbox.notice` | plain: they name orders and amounts, and what staff wrote to a payment; never a number or a text |
//! | conversations, what buttons stand for | `dialogues`, `intents` | plain: a country, a question, an offer, an amount |
//! | what staff wrote | `acts`, `transfers.memo` | plain: the books are only added to |
//! | receipts | `topup_requests.proof` | plain: Telegram's name of a picture, of no use without the bot's token |
//!
//! A value reads `k<key>.<base64url of nonce and ciphertext>`. Whatever does not have that form
//! was written before there were keys: it is read as it is, and sealed by the next write of its
//! row or by [`crate::store::rekey`].

pub mod keyfile;
pub(super) mod known;
mod rows;

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::store::StoreError;
pub(super) use crate::store::sealed::rows::{NUMBER, TEXT, one, text_of};
pub use crate::store::sealed::rows::{Personal, all};

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
/// What authenticates a value.
const TAG_BYTES: usize = 16;
/// Of a keyed hash so much is kept: nobody can find two texts with one mark.
const MARK_BYTES: usize = 16;
/// Letters of a key's name.
const ID_LETTERS: usize = 8;

/// Why keys cannot be used, or a value cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// What stands where a key should.
    #[error(
        "a key is 43 letters, digits, - and _ as `numshop newkey` writes them; this one is not"
    )]
    NoKey,
    /// Two keys of one name, most likely the same key twice.
    #[error("the same key stands there twice")]
    Twice,
    /// There is no key at all.
    #[error("there is no key to seal with")]
    Empty,
    /// The key of a value is not among ours.
    #[error("{0} is sealed with the key {1}, which is not there")]
    Unknown(String, String),
    /// The value was changed or moved, or belongs to another key.
    #[error("{0} does not open: it was changed, or belongs elsewhere")]
    Broken(String),
}

/// Where a value stands; it opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Place<'p> {
    /// The table.
    pub table: &'p str,
    /// The column.
    pub column: &'p str,
    /// What tells the row from all others.
    pub row: &'p str,
}

impl Place<'_> {
    fn bytes(&self) -> Vec<u8> {
        [self.table, self.column, self.row].join("\0").into_bytes()
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The row's name can hold a keyed hash, which is nobody's business.
        let row = self.row.split(':').next().unwrap_or_default();
        write!(f, "{}.{} of {row}", self.table, self.column)
    }
}

/// One key, and what is derived from it.
struct Key {
    id: String,
    cipher: XChaCha20Poly1305,
    marker: Hmac<Sha256>,
}

impl Key {
    fn parse(text: &str) -> Result<Self, SealError> {
        let bytes = URL_SAFE_NO_PAD
            .decode(text.trim())
            .map_err(|_| SealError::NoKey)?;
        let bytes: [u8; KEY_BYTES] = bytes.try_into().map_err(|_| SealError::NoKey)?;
        let root = Hkdf::<Sha256>::new(None, &bytes);
        let derive = |purpose: &str| {
            let mut derived = [0; KEY_BYTES];
            let done = root.expand(purpose.as_bytes(), &mut derived);
            done.map(|()| derived).map_err(|_| SealError::NoKey)
        };
        // The name comes from the key, so no key ever stands under another one's name.
        let name = derive("numshop: the name of a key")?;
        let marks = derive("numshop: marks")?;
        Ok(Self {
            id: hex(&name[..ID_LETTERS / 2]),
            cipher: XChaCha20Poly1305::new(&derive("numshop: seals")?.into()),
            marker: <Hmac<Sha256> as KeyInit>::new_from_slice(&marks)
                .map_err(|_| SealError::NoKey)?,
        })
    }

    fn mark(&self, purpose: &str, text: &str) -> String {
        let mut mac = self.marker.clone();
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        let whole = mac.finalize().into_bytes();
        format!("k{}.{}", self.id, hex(&whole[..MARK_BYTES]))
    }
}

/// A fresh key, as it is written down.
#[must_use]
pub fn new_key() -> SecretString {
    URL_SAFE_NO_PAD
        .encode(rand::random::<[u8; KEY_BYTES]>())
        .into()
}

/// The keys of a database: the first seals, all of them open.
#[derive(Clone)]
pub struct Keys(Arc<[Key]>);

/// Names only.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

impl Keys {
    /// Reads keys with commas or white space between them; the first is the one to seal with.
    ///
    /// # Errors
    /// [`SealError`], without the text of any key.
    pub fn parse(text: &SecretString) -> Result<Self, SealError> {
        let words = text.expose_secret().split([',', ' ', '\t', '\r', '\n']);
        let mut keys: Vec<Key> = Vec::new();
        for word in words.filter(|word| !word.is_empty()) {
            let key = Key::parse(word)?;
            if keys.iter().any(|known| known.id == key.id) {
                return Err(SealError::Twice);
            }
            keys.push(key);
        }
        if keys.is_empty() {
            return Err(SealError::Empty);
        }
        Ok(Self(keys.into()))
    }

    /// No keys: what is sealed stays so.
    #[must_use]
    pub fn none() -> Self {
        Self(Arc::new([]))
    }

    /// The names of all keys, the current one first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|key| key.id.as_str())
    }

    fn current(&self) -> Result<&Key, SealError> {
        self.0.first().ok_or(SealError::Empty)
    }

    /// What values of the current key begin with.
    ///
    /// # Errors
    /// [`SealError::Empty`].
    pub fn prefix(&self) -> Result<String, SealError> {
        Ok(format!("k{}.", self.current()?.id))
    }

    /// Seals a text with the current key.
    ///
    /// # Errors
    /// [`SealError::Empty`].
    pub fn seal(&self, place: Place<'_>, text: &str) -> Result<String, SealError> {
        let key = self.current()?;
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let payload = Payload {
            msg: text.as_bytes(),
            aad: &place.bytes(),
        };
        let sealed = key
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| SealError::Broken(place.to_string()))?;
        let value = URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat());
        Ok(format!("k{}.{value}", key.id))
    }

    /// Opens a value; one that was never sealed is read as it is.
    ///
    /// # Errors
    /// [`SealError::Unknown`], [`SealError::Broken`].
    pub fn open(&self, place: Place<'_>, value: String) -> Result<String, SealError> {
        let Some((id, sealed)) = parts(&value) else {
            return Ok(value);
        };
        let key = self.0.iter().find(|key| key.id == id);
        let key = key.ok_or_else(|| SealError::Unknown(place.to_string(), id.to_owned()))?;
        let (nonce, sealed) = sealed.split_at(NONCE_BYTES);
        let broken = || SealError::Broken(place.to_string());
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| broken())?;
        let payload = Payload {
            msg: sealed,
            aad: &place.bytes(),
        };
        let opened = key.cipher.decrypt(&XNonce::from(nonce), payload);
        String::from_utf8(opened.map_err(|_| broken())?).map_err(|_| broken())
    }

    /// The keyed hash of a text, to find its equal by.
    ///
    /// # Errors
    /// [`SealError::Empty`].
    pub fn mark(&self, purpose: &str, text: &str) -> Result<String, SealError> {
        Ok(self.current()?.mark(purpose, text))
    }

    /// The keyed hashes that a text can have by now: one of each key.
    #[must_use]
    pub fn marks(&self, purpose: &str, text: &str) -> Vec<String> {
        let keys = self.0.iter();
        keys.map(|key| key.mark(purpose, text)).collect()
    }
}

/// Key and content of a sealed value; `None` for a text that was never sealed.
fn parts(value: &str) -> Option<(&str, Vec<u8>)> {
    let (id, sealed) = value.strip_prefix('k')?.split_once('.')?;
    let named =
        id.len() == ID_LETTERS && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    (named && sealed.len() >= NONCE_BYTES + TAG_BYTES).then_some((id, sealed))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A number or an address as its mark sees it: however somebody types it, it is the same.
#[must_use]
pub fn normal_number(number: &str) -> String {
    if number.contains('@') {
        return number.trim().to_lowercase();
    }
    number.chars().filter(char::is_ascii_digit).collect()
}

impl From<SealError> for StoreError {
    fn from(error: SealError) -> Self {
        Self::BadRow(error.to_string())
    }
}

#[cfg(test)]
mod tests;
