//! One order in a simulated upstream's books.
//!
//! Invariant: a closed order takes no SMS, unless one is sent after the end on purpose, and an SMS that was due before the number ran out has
//! come, whether or not anybody looked in time.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::{OrderState, sms};

/// An order in the upstream's books.
#[derive(Debug, Clone)]
pub(super) struct Order {
    /// The upstream's id.
    pub(super) id: u64,
    /// Index of the account that pays.
    pub(super) account: usize,
    /// Index of the offer.
    pub(super) offer: usize,
    /// The service's name when it was bought.
    pub(super) service: Arc<str>,
    /// The operator whose number it is.
    pub(super) operator: &'static str,
    /// International, digits only.
    pub(super) number: String,
    /// What was charged.
    pub(super) price: Decimal,
    /// What was given back.
    pub(super) refunded: Decimal,
    /// Every SMS so far.
    pub(super) sms: Vec<String>,
    /// The client said that the number is in use.
    pub(super) ready: bool,
    /// When it was bought.
    pub(super) created_at: DateTime<Utc>,
    /// When the number is taken back.
    pub(super) expires_at: DateTime<Utc>,
    /// Finished, cancelled or expired, once it is.
    pub(super) closed: Option<OrderState>,
    /// When the next SMS comes by itself.
    pub(super) sms_due: Option<DateTime<Utc>>,
    /// The client asked for another SMS, which has not come.
    pub(super) awaits_another: bool,
}

impl Order {
    /// Where it stands.
    pub(super) fn state(&self) -> OrderState {
        match self.closed {
            Some(state) => state,
            None if self.sms.is_empty() || self.awaits_another => OrderState::Waiting,
            None => OrderState::Received,
        }
    }

    /// The newest SMS, unless another one is being waited for.
    pub(super) fn shown_sms(&self) -> Option<&str> {
        match self.state() {
            OrderState::Received
            | OrderState::Finished
            | OrderState::Cancelled
            | OrderState::Expired => self.sms.last().map(String::as_str),
            OrderState::Waiting => None,
        }
    }

    /// The SMS has come.
    pub(super) fn receive(&mut self, text: String) {
        self.sms.push(text);
        self.sms_due = None;
        self.awaits_another = false;
    }

    /// Takes in the SMS that was due by `now`, if one was.
    pub(super) fn ripen(&mut self, now: DateTime<Utc>) {
        if self.closed.is_none()
            && let Some(due) = self.sms_due
            && due <= now
            && due < self.expires_at
        {
            let text = sms::invented(&self.service, self.id, self.sms.len());
            self.receive(text);
        }
    }
}
