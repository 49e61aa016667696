//! The life of an order, as one function.
//!
//! Invariant: along every path an order's hold is captured or released at most once, and exactly
//! once when the order is final.

use std::fmt;
use std::str::FromStr;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderState {
    /// A price was shown; no money moved.
    Quoted,
    /// The price is held; nothing was sent upstream for the present attempt.
    Held,
    /// The purchase call is about to be, or has been, sent.
    Placing,
    /// The purchase call was sent and its answer was lost.
    InDoubt,
    /// The number is ours; no SMS yet.
    Waiting,
    /// What is paid for came, a first SMS or a rented number, and the price is captured.
    Received,
    /// The user asked to cancel; the upstream has not agreed yet.
    Cancelling,
    /// Done, with content.
    Completed,
    /// Cancelled before an SMS came; the money is back.
    Cancelled,
    /// The number's time ran out before an SMS came; the money is back.
    Expired,
    /// No number was bought, or none could be proven; the money is back.
    Failed,
}

/// What can happen to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderEvent {
    /// The user confirmed and the price is held.
    Confirmed,
    /// The attempt is recorded; the purchase call follows.
    AttemptStarted,
    /// The attempt surely bought nothing and another offer can be tried.
    AttemptRefused,
    /// Surely nothing was bought and nothing else can be tried.
    GaveUp,
    /// The answer to the purchase call was lost.
    AnswerLost,
    /// The number is ours: bought, or found upstream after doubt.
    NumberBought,
    /// What was bought is here and is all that was promised: a rented number, a renewed rental.
    Delivered,
    /// Doubt ended without a number: absent upstream, or not found until the deadline.
    NumberNotFound,
    /// An SMS was seen upstream.
    SmsArrived,
    /// The user asked to cancel.
    CancelAsked,
    /// The upstream closed the order without an SMS, asked or not.
    ClosedUpstream,
    /// The number's lifetime is over and the upstream saw no SMS.
    TimeUp,
    /// The user is done, or the lifetime of a number that got its SMS is over.
    Finished,
}

impl OrderEvent {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Confirmed,
        Self::AttemptStarted,
        Self::AttemptRefused,
        Self::GaveUp,
        Self::AnswerLost,
        Self::NumberBought,
        Self::Delivered,
        Self::NumberNotFound,
        Self::SmsArrived,
        Self::CancelAsked,
        Self::ClosedUpstream,
        Self::TimeUp,
        Self::Finished,
    ];

    /// Reads the word back that stands in an order's story.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|event| format!("{event:?}") == word)
    }
}

/// What a step does to the order's hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MoneyStep {
    /// Nothing moves.
    Keep,
    /// available → held.
    Hold,
    /// held → revenue.
    Capture,
    /// held → available.
    Release,
}

/// The event does not fit the state: somebody else was faster, or the caller is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} does not fit an order that is {state}")]
pub struct IllegalStep {
    /// Where the order stands.
    pub state: OrderState,
    /// What was to happen.
    pub event: OrderEvent,
}

impl OrderState {
    /// All of them, for tables and tests.
    pub const ALL: [Self; 11] = [
        Self::Quoted,
        Self::Held,
        Self::Placing,
        Self::InDoubt,
        Self::Waiting,
        Self::Received,
        Self::Cancelling,
        Self::Completed,
        Self::Cancelled,
        Self::Expired,
        Self::Failed,
    ];

    /// The next state and what happens to the money.
    ///
    /// # Errors
    /// [`IllegalStep`] where the event does not fit; nothing changed then.
    #[expect(
        clippy::too_many_lines,
        reason = "one table without a wildcard: a new event must be thought through for each state"
    )]
    pub fn step(self, event: OrderEvent) -> Result<(Self, MoneyStep), IllegalStep> {
        use MoneyStep::{Capture, Hold, Keep, Release};
        use OrderEvent as E;
        let next = match self {
            Self::Quoted => match event {
                E::Confirmed => Some((Self::Held, Hold)),
                E::AttemptStarted
                | E::AttemptRefused
                | E::GaveUp
                | E::AnswerLost
                | E::NumberBought
                | E::Delivered
                | E::NumberNotFound
                | E::SmsArrived
                | E::CancelAsked
                | E::ClosedUpstream
                | E::TimeUp
                | E::Finished => None,
            },
            Self::Held => match event {
                E::AttemptStarted => Some((Self::Placing, Keep)),
                E::GaveUp => Some((Self::Failed, Release)),
                // Nothing was sent yet, so a wish to cancel is granted at once.
                E::CancelAsked => Some((Self::Cancelled, Release)),
                E::Confirmed
                | E::AttemptRefused
                | E::AnswerLost
                | E::NumberBought
                | E::Delivered
                | E::NumberNotFound
                | E::SmsArrived
                | E::ClosedUpstream
                | E::TimeUp
                | E::Finished => None,
            },
            Self::Placing => match event {
                E::NumberBought => Some((Self::Waiting, Keep)),
                E::Delivered => Some((Self::Received, Capture)),
                E::AttemptRefused => Some((Self::Held, Keep)),
                E::GaveUp => Some((Self::Failed, Release)),
                E::AnswerLost => Some((Self::InDoubt, Keep)),
                E::Confirmed
                | E::AttemptStarted
                | E::NumberNotFound
                | E::SmsArrived
                | E::CancelAsked
                | E::ClosedUpstream
                | E::TimeUp
                | E::Finished => None,
            },
            Self::InDoubt => match event {
                E::NumberBought => Some((Self::Waiting, Keep)),
                E::Delivered => Some((Self::Received, Capture)),
                E::NumberNotFound => Some((Self::Failed, Release)),
                E::Confirmed
                | E::AttemptStarted
                | E::AttemptRefused
                | E::GaveUp
                | E::AnswerLost
                | E::SmsArrived
                | E::CancelAsked
                | E::ClosedUpstream
                | E::TimeUp
                | E::Finished => None,
            },
            Self::Waiting => match event {
                E::SmsArrived => Some((Self::Received, Capture)),
                E::CancelAsked => Some((Self::Cancelling, Keep)),
                E::ClosedUpstream => Some((Self::Cancelled, Release)),
                E::TimeUp => Some((Self::Expired, Release)),
                E::Confirmed
                | E::AttemptStarted
                | E::AttemptRefused
                | E::GaveUp
                | E::AnswerLost
                | E::NumberBought
                | E::Delivered
                | E::NumberNotFound
                | E::Finished => None,
            },
            Self::Cancelling => match event {
                E::SmsArrived => Some((Self::Received, Capture)),
                E::ClosedUpstream => Some((Self::Cancelled, Release)),
                E::TimeUp => Some((Self::Expired, Release)),
                E::Confirmed
                | E::AttemptStarted
                | E::AttemptRefused
                | E::GaveUp
                | E::AnswerLost
                | E::NumberBought
                | E::Delivered
                | E::NumberNotFound
                | E::CancelAsked
                | E::Finished => None,
            },
            Self::Received => match event {
                E::SmsArrived => Some((Self::Received, Keep)),
                E::ClosedUpstream | E::TimeUp | E::Finished => Some((Self::Completed, Keep)),
                E::Confirmed
                | E::AttemptStarted
                | E::AttemptRefused
                | E::GaveUp
                | E::AnswerLost
                | E::NumberBought
                | E::Delivered
                | E::NumberNotFound
                | E::CancelAsked => None,
            },
            // A late SMS is handed over free of charge; nothing else moves a final order.
            Self::Completed | Self::Cancelled | Self::Expired | Self::Failed => match event {
                E::SmsArrived => Some((self, Keep)),
                E::Confirmed
                | E::AttemptStarted
                | E::AttemptRefused
                | E::GaveUp
                | E::AnswerLost
                | E::NumberBought
                | E::Delivered
                | E::NumberNotFound
                | E::CancelAsked
                | E::ClosedUpstream
                | E::TimeUp
                | E::Finished => None,
            },
        };
        next.ok_or(IllegalStep { state: self, event })
    }

    /// Whether nothing more will happen to the money.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Completed | Self::Cancelled | Self::Expired | Self::Failed => true,
            Self::Quoted
            | Self::Held
            | Self::Placing
            | Self::InDoubt
            | Self::Waiting
            | Self::Received
            | Self::Cancelling => false,
        }
    }

    /// Whether the price is held in this state.
    #[must_use]
    pub const fn holds_money(self) -> bool {
        match self {
            Self::Held | Self::Placing | Self::InDoubt | Self::Waiting | Self::Cancelling => true,
            Self::Quoted
            | Self::Received
            | Self::Completed
            | Self::Cancelled
            | Self::Expired
            | Self::Failed => false,
        }
    }

    /// The word kept in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quoted => "quoted",
            Self::Held => "held",
            Self::Placing => "placing",
            Self::InDoubt => "in_doubt",
            Self::Waiting => "waiting",
            Self::Received => "received",
            Self::Cancelling => "cancelling",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for OrderState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The database holds a word that is no state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no order state")]
pub struct UnknownState(pub String);

impl FromStr for OrderState {
    type Err = UnknownState;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or_else(|| UnknownState(word.to_owned()))
    }
}

/// Why an order ended without a number; the user is told in their language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailReason {
    /// Every offer was out of stock.
    OutOfStock,
    /// The upstream could not be reached, or refused for a reason of its own.
    UpstreamDown,
    /// What it would cost now is more than the user accepted.
    PriceRose,
    /// The answer was lost and no number could be found until the deadline.
    NeverConfirmed,
    /// The process was down for so long that the quote is no longer fresh.
    TooLate,
    /// It waited for something to buy until its time was over.
    QueuedInVain,
}

impl FailReason {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::OutOfStock,
        Self::UpstreamDown,
        Self::PriceRose,
        Self::NeverConfirmed,
        Self::TooLate,
        Self::QueuedInVain,
    ];

    /// The word kept in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OutOfStock => "out_of_stock",
            Self::UpstreamDown => "upstream_down",
            Self::PriceRose => "price_rose",
            Self::NeverConfirmed => "never_confirmed",
            Self::TooLate => "too_late",
            Self::QueuedInVain => "queued_in_vain",
        }
    }

    /// Reads the word back; an unknown one reads as `None`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

#[cfg(test)]
mod tests;
