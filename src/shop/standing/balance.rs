//! What we have left at one upstream, and how fast it goes.
//!
//! Invariant: nothing is known before the first reading, and what is not known forbids nothing.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use crate::clock::Pause;
use crate::provider::Cost;

/// Balances are remembered for so long, to tell how fast they shrink.
const REMEMBERED: TimeDelta = TimeDelta::hours(6);
/// Two readings closer together than this say nothing about the pace.
const SHORTEST_SPAN: TimeDelta = TimeDelta::minutes(10);
/// A refusal for want of money is believed for so long, or until the balance is read.
const REFUSED_FOR: TimeDelta = TimeDelta::minutes(10);
/// More readings than this are not kept, however often they are taken.
const MOST_READINGS: usize = 720;

/// Our balance at an upstream, in its currency.
#[derive(Debug, Default)]
pub(super) struct Balance {
    currency: String,
    /// As they were read, oldest first.
    readings: VecDeque<(DateTime<Utc>, Decimal)>,
    /// The last reading less what was bought since.
    left: Option<Decimal>,
    /// What the balance did not cover when it was tried, and how long that is believed.
    refused: Option<(Decimal, Pause)>,
}

impl Balance {
    /// Takes over what the upstream says.
    pub(super) fn read(&mut self, now: DateTime<Utc>, balance: &Cost) {
        self.currency.clone_from(&balance.currency);
        self.left = Some(balance.amount);
        self.refused = None;
        self.readings.push_back((now, balance.amount));
        let is_old = |at: DateTime<Utc>| now - at > REMEMBERED;
        while self.readings.len() > MOST_READINGS
            || self.readings.front().is_some_and(|(at, _)| is_old(*at))
        {
            self.readings.pop_front();
        }
    }

    /// Notes that something was bought, until the balance is read anew.
    pub(super) fn spent(&mut self, cost: Decimal) {
        self.left = self.left.and_then(|left| left.checked_sub(cost));
    }

    /// Notes that the upstream would not sell at this cost for want of money. Some upstreams tell
    /// no balance, so this is believed for a while only.
    pub(super) fn refused(&mut self, now: DateTime<Utc>, cost: Decimal) {
        self.refused = Some((cost, Pause::of(now, REFUSED_FOR)));
    }

    /// The last reading, and when it was taken.
    pub(super) fn last(&self) -> Option<(Cost, DateTime<Utc>)> {
        let (at, amount) = *self.readings.back()?;
        let currency = self.currency.clone();
        Some((Cost { amount, currency }, at))
    }

    /// Whether something of this cost cannot be bought now.
    pub(super) fn is_short_for(&self, now: DateTime<Utc>, cost: Decimal) -> bool {
        self.left.is_some_and(|left| left < cost)
            || self.refusal(now).is_some_and(|refused| refused <= cost)
    }

    /// What was refused for want of money, while that is believed.
    pub(super) fn refusal(&self, now: DateTime<Utc>) -> Option<Decimal> {
        let (cost, believed) = self.refused?;
        believed.holds(now).then_some(cost)
    }

    /// How many hours the balance lasts: it shrank by so much in so long. Where it grew, somebody
    /// paid in, which says nothing about the pace.
    pub(super) fn hours_left(&self) -> Option<Decimal> {
        let (first, _) = self.readings.front()?;
        let (last, balance) = self.readings.back()?;
        let span = *last - *first;
        if span < SHORTEST_SPAN {
            return None;
        }
        let steps = self.readings.iter().zip(self.readings.iter().skip(1));
        let spent: Decimal = steps
            .map(|((_, before), (_, after))| (before - after).max(Decimal::ZERO))
            .sum();
        let hours = Decimal::from(span.num_seconds()).checked_div(Decimal::from(3_600))?;
        let per_hour = spent.checked_div(hours)?;
        balance.checked_div(per_hour).map(|hours| hours.round_dp(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn idr(amount: i64) -> Cost {
        Cost {
            amount: amount.into(),
            currency: "IDR".to_owned(),
        }
    }

    #[test]
    fn the_pace_comes_from_what_went_and_not_from_what_was_paid_in() {
        let mut balance = Balance::default();
        for (minutes, amount) in [(0, 1_000), (30, 900), (60, 5_900), (120, 5_700)] {
            balance.read(at(minutes), &idr(amount));
        }
        // 300 went in two hours.
        assert_eq!(balance.hours_left(), Some(Decimal::from(38)));
    }

    #[test]
    fn a_few_minutes_say_nothing_about_the_pace() {
        let mut balance = Balance::default();
        balance.read(at(0), &idr(1_000));
        assert_eq!(balance.hours_left(), None);
        balance.read(at(9), &idr(10));
        assert_eq!(balance.hours_left(), None);
    }

    #[test]
    fn a_balance_that_never_shrinks_lasts_for_ever() {
        let mut balance = Balance::default();
        balance.read(at(0), &idr(1_000));
        balance.read(at(60), &idr(1_000));
        assert_eq!(balance.hours_left(), None);
    }

    #[test]
    fn old_readings_are_forgotten() {
        let mut balance = Balance::default();
        for minute in 0..2_000 {
            balance.read(at(minute), &idr(5));
        }
        assert!(balance.readings.len() <= 361);
    }

    #[test]
    fn a_route_stops_selling_before_its_balance_fails() {
        let mut balance = Balance::default();
        let (four, two) = (Decimal::from(400), Decimal::from(200));
        assert!(!balance.is_short_for(at(0), four), "nothing is known yet");
        balance.read(at(0), &idr(1_000));
        balance.spent(four);
        assert!(!balance.is_short_for(at(0), four));
        balance.spent(four);
        assert!(balance.is_short_for(at(0), four));
        assert!(!balance.is_short_for(at(0), two));
        balance.refused(at(0), two);
        assert!(balance.is_short_for(at(9), two));
        assert!(!balance.is_short_for(at(9), Decimal::from(199)));
        assert!(!balance.is_short_for(at(10), two));
        balance.refused(at(10), four);
        balance.read(at(11), &idr(1_000));
        assert!(!balance.is_short_for(at(11), four));
    }
}
