//! What the buttons about inviting others ask for.
//!
//! Invariant: as for all buttons: what is read here was written here.

/// What a press asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inviting {
    /// One's own link, and what it brought.
    Show,
}

impl Inviting {
    pub(super) fn encode(self) -> String {
        match self {
            Self::Show => "Js".to_owned(),
        }
    }

    pub(super) fn decode(what: &str) -> Option<Self> {
        match what {
            "Js" => Some(Self::Show),
            _ => None,
        }
    }
}
