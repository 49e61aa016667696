//! The whole transition table, and what must hold along every path through it.

use proptest::prelude::*;

use super::{FailReason, MoneyStep, OrderEvent, OrderState};
use MoneyStep::{Capture, Hold, Keep, Release};
use OrderEvent as E;
use OrderState as S;

const EVENTS: [OrderEvent; 14] = [
    E::Confirmed,
    E::AttemptStarted,
    E::AttemptRefused,
    E::GaveUp,
    E::AnswerLost,
    E::NumberBought,
    E::Delivered,
    E::NumberNotFound,
    E::SmsArrived,
    E::Withheld,
    E::CancelAsked,
    E::ClosedUpstream,
    E::TimeUp,
    E::Finished,
];

/// Every step that exists; what is not listed is refused.
const TABLE: [(S, E, S, MoneyStep); 29] = [
    (S::Quoted, E::Confirmed, S::Held, Hold),
    (S::Held, E::AttemptStarted, S::Placing, Keep),
    (S::Held, E::GaveUp, S::Failed, Release),
    (S::Held, E::CancelAsked, S::Cancelled, Release),
    (S::Placing, E::NumberBought, S::Waiting, Keep),
    (S::Placing, E::Delivered, S::Received, Capture),
    (S::Placing, E::AttemptRefused, S::Held, Keep),
    (S::Placing, E::GaveUp, S::Failed, Release),
    (S::Placing, E::AnswerLost, S::InDoubt, Keep),
    (S::InDoubt, E::NumberBought, S::Waiting, Keep),
    (S::InDoubt, E::Delivered, S::Received, Capture),
    (S::InDoubt, E::NumberNotFound, S::Failed, Release),
    (S::Waiting, E::SmsArrived, S::Received, Capture),
    (S::Waiting, E::Withheld, S::Cancelled, Release),
    (S::Waiting, E::CancelAsked, S::Cancelling, Keep),
    (S::Waiting, E::ClosedUpstream, S::Cancelled, Release),
    (S::Waiting, E::TimeUp, S::Expired, Release),
    (S::Cancelling, E::SmsArrived, S::Received, Capture),
    (S::Cancelling, E::Withheld, S::Cancelled, Release),
    (S::Cancelling, E::ClosedUpstream, S::Cancelled, Release),
    (S::Cancelling, E::TimeUp, S::Expired, Release),
    (S::Received, E::SmsArrived, S::Received, Keep),
    (S::Received, E::ClosedUpstream, S::Completed, Keep),
    (S::Received, E::TimeUp, S::Completed, Keep),
    (S::Received, E::Finished, S::Completed, Keep),
    (S::Completed, E::SmsArrived, S::Completed, Keep),
    (S::Cancelled, E::SmsArrived, S::Cancelled, Keep),
    (S::Expired, E::SmsArrived, S::Expired, Keep),
    (S::Failed, E::SmsArrived, S::Failed, Keep),
];

#[test]
fn the_table_is_exactly_this() {
    for state in S::ALL {
        for event in EVENTS {
            let expected = TABLE
                .iter()
                .find(|(from, on, ..)| (*from, *on) == (state, event))
                .map(|(_, _, to, money)| (*to, *money));
            assert_eq!(state.step(event).ok(), expected, "{state} on {event:?}");
        }
    }
}

#[test]
fn words_read_back() {
    for state in S::ALL {
        assert_eq!(state.as_str().parse(), Ok(state));
    }
    assert!("nonsense".parse::<S>().is_err());
    for reason in FailReason::ALL {
        assert_eq!(FailReason::from_word(reason.as_str()), Some(reason));
    }
    assert_eq!(FailReason::from_word("nonsense"), None);
}

proptest! {
    /// Whatever happens in whatever order: one hold, resolved at most once, and exactly once when
    /// the order is final; the state says truly whether money is held.
    #[test]
    fn no_path_charges_and_refunds(events in prop::collection::vec(0..EVENTS.len(), 0..40)) {
        let mut state = S::Quoted;
        let (mut held, mut resolved) = (0, 0);
        for index in events {
            let Ok((next, money)) = state.step(EVENTS[index]) else { continue };
            match money {
                Hold => held += 1,
                Capture | Release => resolved += 1,
                Keep => {}
            }
            prop_assert!(!state.is_final() || next == state, "a final order moved");
            state = next;
            prop_assert!(held <= 1 && resolved <= held);
            prop_assert_eq!(state.holds_money(), held == 1 && resolved == 0);
            if state.is_final() {
                prop_assert_eq!(resolved, 1);
            }
        }
    }
}
