//! How an upstream answered lately, and whether it should be left in peace.
//!
//! Invariant: a resting upstream is asked to sell at most one number per `PROBE`, and the first
//! good answer of any kind ends the rest. Nothing here is a truth that may not be lost.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::ProviderError;
use crate::clock::Pause;

/// How many calls are remembered.
const REMEMBERED: usize = 200;
/// So many calls in a row without a usable answer, and the upstream rests.
const PATIENCE: u32 = 5;
/// The first rest; each further one is twice as long.
const FIRST_REST: TimeDelta = TimeDelta::seconds(30);
const LONGEST_REST: TimeDelta = TimeDelta::minutes(8);
/// After a rest, one purchase is let through for this long to see how it goes.
const PROBE: TimeDelta = TimeDelta::seconds(10);

/// Whether an upstream was of use in one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It answered, be it with a refusal that could be read.
    Good,
    /// It could not be reached, kept silent, or answered what nobody can read.
    Trouble,
    /// Asked for less of us, or never asked at all: says nothing about how it is.
    Unsaid,
}

impl From<&ProviderError> for Verdict {
    fn from(error: &ProviderError) -> Self {
        match error {
            ProviderError::OutOfStock
            | ProviderError::NoFunds
            | ProviderError::PriceRose
            | ProviderError::NotFound(_)
            | ProviderError::Refused(_) => Self::Good,
            // The pace of the calls sees to that.
            ProviderError::RateLimited { .. } => Self::Unsaid,
            ProviderError::Unavailable(_)
            | ProviderError::Blocked(_)
            | ProviderError::Ambiguous(_)
            | ProviderError::Protocol(_) => Self::Trouble,
        }
    }
}

/// One upstream's last calls.
#[derive(Debug, Default)]
pub struct Health {
    /// Whether each call was good, and how long it took.
    calls: VecDeque<(bool, Duration)>,
    troubles_in_a_row: u32,
    rests: u32,
    rest: Option<Pause>,
    /// When the first of the present rests began.
    of_no_use_since: Option<DateTime<Utc>>,
}

/// The last calls in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many calls these figures are about.
    pub calls: usize,
    /// How many of them brought no usable answer.
    pub troubles: usize,
    /// Half of them took no longer.
    pub median: Duration,
    /// Nine of ten took no longer.
    pub slow: Duration,
    /// Until when nothing is bought there.
    pub resting_until: Option<DateTime<Utc>>,
}

impl Health {
    /// Notes how a call went.
    pub fn note(&mut self, now: DateTime<Utc>, took: Duration, verdict: Verdict) {
        let good = match verdict {
            Verdict::Good => true,
            Verdict::Trouble => false,
            Verdict::Unsaid => return,
        };
        if self.calls.len() == REMEMBERED {
            self.calls.pop_front();
        }
        self.calls.push_back((good, took));
        if good {
            self.troubles_in_a_row = 0;
            self.rests = 0;
            self.rest = None;
            self.of_no_use_since = None;
            return;
        }
        self.troubles_in_a_row = self.troubles_in_a_row.saturating_add(1);
        let awake = !self.is_resting(now);
        if self.troubles_in_a_row >= PATIENCE && awake {
            let rest = FIRST_REST * 2_i32.pow(self.rests.min(4));
            self.rests = self.rests.saturating_add(1);
            self.of_no_use_since.get_or_insert(now);
            self.rest = Some(Pause::of(now, rest.min(LONGEST_REST)));
        }
    }

    /// Since when it rests, or was of no use in between.
    #[must_use]
    pub const fn of_no_use_since(&self) -> Option<DateTime<Utc>> {
        self.of_no_use_since
    }

    /// Whether it is resting.
    #[must_use]
    pub fn is_resting(&self, now: DateTime<Utc>) -> bool {
        self.rest.is_some_and(|rest| rest.holds(now))
    }

    /// Whether a purchase may be sent now. After a rest only one gets through at first.
    pub fn let_through(&mut self, now: DateTime<Utc>) -> bool {
        match self.rest {
            None => true,
            Some(rest) if rest.holds(now) => false,
            Some(_) => {
                self.rest = Some(Pause::of(now, PROBE));
                true
            }
        }
    }

    /// The last calls in figures.
    #[must_use]
    pub fn report(&self, now: DateTime<Utc>) -> Report {
        let mut taken: Vec<Duration> = self.calls.iter().map(|(_, took)| *took).collect();
        taken.sort_unstable();
        let at = |place: usize| taken.get(place).copied().unwrap_or_default();
        Report {
            calls: taken.len(),
            troubles: self.calls.iter().filter(|(good, _)| !good).count(),
            median: at(taken.len() / 2),
            slow: at(taken.len() * 9 / 10),
            resting_until: self
                .rest
                .filter(|rest| rest.holds(now))
                .map(|rest| rest.until()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn fails(health: &mut Health, times: u32, now: DateTime<Utc>) {
        for _ in 0..times {
            health.note(now, Duration::from_millis(7), Verdict::Trouble);
        }
    }

    #[test]
    fn a_few_troubles_are_borne_and_many_lead_to_a_rest() {
        let mut health = Health::default();
        fails(&mut health, 4, at(0));
        assert!(health.let_through(at(0)));
        fails(&mut health, 1, at(0));
        assert!(!health.let_through(at(29)));
        assert!(health.is_resting(at(29)));
        fails(&mut health, 5, at(60));
        assert_eq!(health.of_no_use_since(), Some(at(0)));
        health.note(at(61), Duration::ZERO, Verdict::Good);
        assert_eq!(health.of_no_use_since(), None);
    }

    #[test]
    fn one_purchase_tries_after_the_rest_and_a_failure_doubles_it() {
        let mut health = Health::default();
        fails(&mut health, 5, at(0));
        assert!(health.let_through(at(30)));
        assert!(!health.let_through(at(30)), "a second one has to wait");
        assert!(health.let_through(at(40)), "the first was never answered");
        fails(&mut health, 1, at(50));
        assert!(!health.let_through(at(50 + 59)));
        assert!(health.let_through(at(50 + 60)));
    }

    #[test]
    fn any_good_answer_ends_the_rest() {
        let mut health = Health::default();
        fails(&mut health, 50, at(0));
        health.note(at(1), Duration::from_millis(7), Verdict::Good);
        assert!(health.let_through(at(1)));
        fails(&mut health, 4, at(2));
        assert!(health.let_through(at(2)), "the count began anew");
    }

    #[test]
    fn a_rest_never_grows_beyond_its_limit() {
        let mut health = Health::default();
        for round in 0..40 {
            fails(&mut health, 5, at(round * 1_000));
        }
        let until = health.report(at(39_000)).resting_until.unwrap();
        assert_eq!(until - at(39_000), LONGEST_REST);
    }

    #[test]
    fn a_clock_that_jumps_back_does_not_lengthen_the_rest() {
        let mut health = Health::default();
        fails(&mut health, 5, at(7_200));
        assert!(!health.let_through(at(7_201)));
        assert!(health.let_through(at(3_600)));
        assert_eq!(health.report(at(3_599)).resting_until, None);
    }

    #[test]
    fn the_report_is_about_the_last_calls_only() {
        let mut health = Health::default();
        assert_eq!(health.report(at(0)), Report::default());
        fails(&mut health, 3, at(0));
        health.note(at(0), Duration::ZERO, Verdict::Unsaid);
        for took in 1..=200 {
            health.note(at(1), Duration::from_millis(took), Verdict::Good);
        }
        let report = health.report(at(1));
        assert_eq!((report.calls, report.troubles), (200, 0));
        assert_eq!(report.median, Duration::from_millis(101));
        assert_eq!(report.slow, Duration::from_millis(181));
    }
}
