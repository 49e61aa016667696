//! Upstreams of rentals and of mailboxes as [`Provider`]s, so that one mechanism buys from all,
//! settles their doubts and compares their lists with the books.
//!
//! Invariant: a desk only translates. What it is asked for leaves as one call of its driver, with
//! the reads that the call needs before it; a purchase that it cannot word is not sent.
//!
//! [`Provider`]: crate::provider::Provider

pub mod mailboxes;
pub mod rentals;

use crate::provider::{PurchaseAnswer, Server};

impl<T> PurchaseAnswer<T> {
    /// The same answer about what `map` makes of what was bought.
    fn map<U>(self, map: impl FnOnce(T) -> U) -> PurchaseAnswer<U> {
        match self {
            Self::Bought(bought) => PurchaseAnswer::Bought(map(bought)),
            Self::NotSent(error) => PurchaseAnswer::NotSent(error),
            Self::Rejected(error) => PurchaseAnswer::Rejected(error),
            Self::Ambiguous(error) => PurchaseAnswer::Ambiguous(error),
        }
    }
}

/// `2/720`: a server and what it is asked for.
fn code(server: Server, what: &str) -> String {
    format!("{}/{what}", server.as_str())
}

/// Reads [`code`] back.
fn parts(code: &str) -> Option<(Server, &str)> {
    let (server, what) = code.split_once('/')?;
    Some((Server::read(server)?, what))
}
