//! Identifiers, one type each, so that an order's number is never taken for a user's.
//!
//! Invariant: an id is opaque: nothing is computed from it.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The text as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

number_id! {
    /// A user: the number Telegram gave them.
    UserId
}
number_id! {
    /// One order in our own book.
    OrderId
}
number_id! {
    /// One message to many.
    BroadcastId
}
text_id! {
    /// A configured upstream, by its short name: `virtusim`, `otpcepat`.
    ProviderId
}
text_id! {
    /// An order's id at its upstream; unique only together with the [`ProviderId`].
    UpstreamId
}
text_id! {
    /// A rental's id at its upstream, by which it is renewed; its order has an id of its own.
    UpstreamRentalId
}
text_id! {
    /// Made when a button is drawn and carried by it: the idempotency key of what the button does.
    Nonce
}

impl Nonce {
    /// A fresh one: 80 random bits in 16 characters that are safe in callback data.
    #[must_use]
    pub fn random() -> Self {
        const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        let bytes: [u8; 16] = rand::random();
        let text = bytes
            .iter()
            .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
            .collect();
        Self(text)
    }
}
