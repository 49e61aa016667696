//! Spans of whole days, as admins name them.
//!
//! Invariant: a span has at least one day, its first is not after its last, and both are within
//! the calendar that people use. All days are those of UTC.

use std::fmt;
use std::ops::{Range, RangeInclusive};

use chrono::{Days as Count, NaiveDate};

/// More than ten years say nothing more.
const MOST_DAYS: i64 = 3_660;
/// A day in milliseconds.
pub const DAY_MS: i64 = 86_400_000;

/// Some days in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    first: NaiveDate,
    last: NaiveDate,
}

impl Days {
    /// The last `count` days, today included.
    #[must_use]
    pub fn lately(count: u32, today: NaiveDate) -> Self {
        let before = Count::new(u64::from(count.saturating_sub(1)));
        Self {
            first: today.checked_sub_days(before).unwrap_or(today),
            last: today,
        }
    }

    /// Reads `today`, `7d` or `2026-01-31..2026-02-28`; `None` for anything else.
    #[must_use]
    pub fn read(text: &str, today: NaiveDate) -> Option<Self> {
        let text = text.trim();
        if text == "today" {
            return Some(Self::lately(1, today));
        }
        if let Some(count) = text.strip_suffix('d') {
            let count: u32 = count.parse().ok()?;
            let fits = (1..=MOST_DAYS).contains(&i64::from(count));
            return fits.then(|| Self::lately(count, today));
        }
        let (first, last) = text.split_once("..")?;
        let day = |text: &str| NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok();
        let days = Self {
            first: day(first)?,
            last: day(last)?,
        };
        (1..=MOST_DAYS).contains(&days.count()).then_some(days)
    }

    /// The first day.
    #[must_use]
    pub const fn first(&self) -> NaiveDate {
        self.first
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> i64 {
        (self.last - self.first).num_days() + 1
    }

    /// Their numbers, counted from the first of January 1970.
    #[must_use]
    pub fn numbers(&self) -> RangeInclusive<i64> {
        number(self.first)..=number(self.last)
    }

    /// From when until when, in Unix milliseconds.
    #[must_use]
    pub fn ms(&self) -> Range<i64> {
        number(self.first) * DAY_MS..(number(self.last) + 1) * DAY_MS
    }
}

/// As [`Days::read`] reads it.
impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            return write!(f, "{}", self.first);
        }
        write!(f, "{}..{}", self.first, self.last)
    }
}

fn number(day: NaiveDate) -> i64 {
    (day - NaiveDate::default()).num_days()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
    }

    #[test]
    fn spans_are_read_as_they_are_typed() {
        for (text, written, count) in [
            ("today", "2026-11-21", 1),
            ("7d", "2026-11-15..2026-11-21", 7),
            (" 30d ", "2026-10-23..2026-11-21", 30),
            ("2026-02-27..2026-03-01", "2026-02-27..2026-03-01", 3),
        ] {
            let days = Days::read(text, today()).unwrap();
            assert_eq!((days.to_string().as_str(), days.count()), (written, count));
        }
        let days = Days::read("1970-01-02..1970-01-03", today()).unwrap();
        assert_eq!(days.numbers(), 1..=2);
        assert_eq!(days.ms(), DAY_MS..3 * DAY_MS);
    }

    #[test]
    fn what_is_no_span_is_none() {
        for text in [
            "",
            "d",
            "0d",
            "-3d",
            "99999d",
            "yesterday",
            "2026-02-30..2026-03-01",
            "2026-03-01..2026-02-01",
            "2026-03-01",
            "1026-01-01..2026-01-01",
        ] {
            assert_eq!(Days::read(text, today()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,40}|[0-9]{1,12}d|[0-9-]{0,12}\\.\\.[0-9-]{0,12}") {
            if let Some(days) = Days::read(&text, today()) {
                prop_assert!(days.count() >= 1);
            }
        }
    }
}
