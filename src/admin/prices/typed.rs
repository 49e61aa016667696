//! Reading what admins type about prices and rates: `/prices set …`, and answers to questions.
//!
//! Invariant: every word is understood or named as not understood; nothing is guessed or ignored.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rust_decimal::Decimal;

use crate::bot::callback::pricing::Part;
use crate::domain::id::ProviderId;
use crate::domain::money::{AmountError, Currency, Money};
use crate::domain::pricing::promotion::Off;
use crate::domain::pricing::{MarkupError, Scope};
use crate::shop::prices::{MarkupChange, Wish};

/// Why a change could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ChangeError {
    /// This word means nothing, or comes twice.
    Unreadable(String),
    /// What is needed for a change is missing.
    NothingGiven,
    /// It can be read, and must not be.
    Markup(MarkupError),
}

/// Reads what follows `/prices`.
pub(super) fn read(text: &str, currency: Currency) -> Result<Wish, ChangeError> {
    let mut words = text.split_whitespace();
    match words.next() {
        Some("set") => set(words, currency),
        Some("remove") => {
            let (scope, rest) = scoped(words)?;
            rest.first().map_or(Ok(Wish::RemoveRule(scope)), |word| {
                Err(ChangeError::Unreadable((*word).to_owned()))
            })
        }
        Some("promo") => promo(words, currency),
        Some(word) => Err(ChangeError::Unreadable(word.to_owned())),
        None => Err(ChangeError::NothingGiven),
    }
}

/// Reads `[all|provider=… country=… service=…]`, and gives what is left over.
fn scoped<'t>(words: impl Iterator<Item = &'t str>) -> Result<(Scope, Vec<&'t str>), ChangeError> {
    let mut scope = Scope::everywhere();
    let mut rest = Vec::new();
    let mut is_all = false;
    for word in words {
        if word == "all" && !is_all {
            is_all = true;
            continue;
        }
        let given = word.split_once('=').filter(|(_, value)| !value.is_empty());
        let is_new = match given {
            Some(("provider", value)) => set_once(&mut scope.provider, ProviderId::from(value)),
            Some(("country", value)) => set_once(&mut scope.country, value.to_ascii_uppercase()),
            Some(("service", value)) => set_once(&mut scope.service, value.to_owned()),
            Some(_) | None => {
                rest.push(word);
                true
            }
        };
        if !is_new {
            return Err(ChangeError::Unreadable(word.to_owned()));
        }
    }
    if is_all && scope != Scope::everywhere() {
        return Err(ChangeError::Unreadable("all".to_owned()));
    }
    Ok((scope, rest))
}

fn set<'t>(words: impl Iterator<Item = &'t str>, currency: Currency) -> Result<Wish, ChangeError> {
    let (scope, rest) = scoped(words)?;
    let mut change = MarkupChange {
        scope,
        ..MarkupChange::default()
    };
    for word in rest {
        if !read_word(word, currency, &mut change)? {
            return Err(ChangeError::Unreadable(word.to_owned()));
        }
    }
    let amounts = [change.fixed, change.step, change.minimum];
    if change.percent.is_none() && amounts.iter().all(Option::is_none) {
        return Err(ChangeError::NothingGiven);
    }
    Ok(Wish::Markup(change))
}

/// `false` for a word that means nothing or that says again what was said.
fn read_word(
    word: &str,
    currency: Currency,
    change: &mut MarkupChange,
) -> Result<bool, ChangeError> {
    let Some((name, value)) = word.split_once('=').filter(|(_, value)| !value.is_empty()) else {
        return Ok(false);
    };
    let part = match name {
        "percent" => Part::Percent,
        "fixed" => Part::Fixed,
        "step" => Part::Step,
        "min" | "minimum" => Part::Minimum,
        _ => return Ok(false),
    };
    let read = read_part(part, value, currency).map_err(|error| match error {
        ChangeError::Unreadable(_) => ChangeError::Unreadable(word.to_owned()),
        ChangeError::NothingGiven | ChangeError::Markup(_) => error,
    })?;
    Ok(read.into_change(change))
}

/// A part of a markup that was read.
pub(super) enum PartValue {
    Percent(Decimal),
    Fixed(Money),
    Step(Money),
    Minimum(Money),
}

impl PartValue {
    /// Puts it into a change; `false` where the change has one already.
    pub(super) fn into_change(self, change: &mut MarkupChange) -> bool {
        match self {
            Self::Percent(percent) => set_once(&mut change.percent, percent),
            Self::Fixed(fixed) => set_once(&mut change.fixed, fixed),
            Self::Step(step) => set_once(&mut change.step, step),
            Self::Minimum(minimum) => set_once(&mut change.minimum, minimum),
        }
    }
}

/// Reads one part of a markup: `25`, `25%`, `500`.
pub(super) fn read_part(
    part: Part,
    text: &str,
    currency: Currency,
) -> Result<PartValue, ChangeError> {
    let unreadable = || ChangeError::Unreadable(text.to_owned());
    match part {
        Part::Percent => {
            let percent = Decimal::from_str_exact(text.trim_end_matches('%').trim_end());
            percent.map(PartValue::Percent).map_err(|_| unreadable())
        }
        Part::Fixed => or_nothing(text, currency).map(PartValue::Fixed),
        Part::Minimum => or_nothing(text, currency).map(PartValue::Minimum),
        Part::Step => match currency.parse(text) {
            Ok(step) => Ok(PartValue::Step(step)),
            Err(AmountError::NotPositive) => Err(ChangeError::Markup(MarkupError::NoStep)),
            Err(AmountError::TooLarge) => Err(ChangeError::Markup(MarkupError::TooLarge)),
            Err(
                AmountError::UnknownCurrency(_)
                | AmountError::NotANumber(_)
                | AmountError::TooPrecise { .. },
            ) => Err(unreadable()),
        },
    }
}

/// Reads `promo [scope] percent=…|off=… [from=…] until=…`, or `promo [scope] end`.
fn promo<'t>(
    words: impl Iterator<Item = &'t str>,
    currency: Currency,
) -> Result<Wish, ChangeError> {
    let (scope, rest) = scoped(words)?;
    if rest == ["end"] {
        return Ok(Wish::EndPromotion(scope));
    }
    let (mut off, mut from, mut until) = (None, None, None);
    for word in rest {
        let is_new = match word.split_once('=') {
            Some(("percent", value)) => {
                read_off(&format!("{}%", value.trim_end_matches('%')), currency)
                    .is_some_and(|it| set_once(&mut off, it))
            }
            Some(("off", value)) => {
                read_off(value, currency).is_some_and(|it| set_once(&mut off, it))
            }
            Some(("from", value)) => {
                read_moment(value, false).is_some_and(|it| set_once(&mut from, it))
            }
            Some(("until", value)) => {
                read_moment(value, true).is_some_and(|it| set_once(&mut until, it))
            }
            Some(_) | None => false,
        };
        if !is_new {
            return Err(ChangeError::Unreadable(word.to_owned()));
        }
    }
    let (Some(off), Some(ends_at)) = (off, until) else {
        return Err(ChangeError::NothingGiven);
    };
    Ok(Wish::Promote {
        scope,
        off,
        starts_at: from,
        ends_at,
    })
}

/// What is taken off: `10%`, or an amount.
pub(super) fn read_off(text: &str, currency: Currency) -> Option<Off> {
    match text.strip_suffix('%') {
        Some(percent) => Decimal::from_str_exact(percent.trim_end())
            .ok()
            .map(Off::Percent),
        None => currency.parse(text).ok().map(Off::Fixed),
    }
}

/// A moment by UTC: `2026-12-01T18:00`, or a day: its beginning, or its end where `is_end`.
pub(super) fn read_moment(text: &str, is_end: bool) -> Option<DateTime<Utc>> {
    if let Ok(moment) = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M") {
        return Some(moment.and_utc());
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    let day = if is_end { day.succ_opt()? } else { day };
    Some(day.and_time(NaiveTime::MIN).and_utc())
}

/// From when until when: one moment is the end, two are both.
pub(super) fn read_times(text: &str) -> Option<(Option<DateTime<Utc>>, DateTime<Utc>)> {
    match *text.split_whitespace().collect::<Vec<_>>() {
        [until] => Some((None, read_moment(until, true)?)),
        [from, until] => Some((Some(read_moment(from, false)?), read_moment(until, true)?)),
        _ => None,
    }
}

/// A rate: digits, with a point before the decimals.
pub(super) fn read_rate(text: &str) -> Option<Decimal> {
    let is_plain = text.chars().all(|c| c.is_ascii_digit() || c == '.');
    Decimal::from_str_exact(text).ok().filter(|_| is_plain)
}

/// Nothing is an amount here, too.
fn or_nothing(value: &str, currency: Currency) -> Result<Money, ChangeError> {
    match currency.parse(value) {
        Ok(fixed) => Ok(fixed),
        Err(AmountError::NotPositive) if !value.starts_with('-') => Ok(Money::ZERO),
        Err(AmountError::NotPositive) => Err(ChangeError::Markup(MarkupError::UnderCost)),
        Err(AmountError::TooLarge) => Err(ChangeError::Markup(MarkupError::TooLarge)),
        Err(
            AmountError::UnknownCurrency(_)
            | AmountError::NotANumber(_)
            | AmountError::TooPrecise { .. },
        ) => Err(ChangeError::Unreadable(value.to_owned())),
    }
}

fn set_once<T>(slot: &mut Option<T>, value: T) -> bool {
    slot.replace(value).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn idr() -> Currency {
        Currency::from_code("IDR").unwrap()
    }

    #[test]
    fn a_change_is_read_as_typed() {
        let markup = |text: &str| match read(text, idr()) {
            Ok(Wish::Markup(change)) => change,
            other => panic!("{other:?}"),
        };
        let change = markup(
            "set provider=virtusim country=id service=wa percent=12.5% fixed=0 step=100 min=500",
        );
        assert_eq!(
            change.scope.to_string(),
            "provider=virtusim country=ID service=wa"
        );
        assert_eq!(change.percent, Some("12.5".parse().unwrap()));
        assert_eq!(change.fixed, Some(Money::ZERO));
        assert_eq!(change.step, Some(Money::minor(100)));
        assert_eq!(change.minimum, Some(Money::minor(500)));
        let all = markup("set all percent=30");
        assert_eq!(all.scope, Scope::everywhere());
        assert_eq!((all.fixed, all.step), (None, None));
    }

    #[test]
    fn promotions_and_removals_are_read_as_typed() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let wa = Scope {
            service: Some("wa".to_owned()),
            ..Scope::everywhere()
        };
        for (text, expected) in [
            ("remove all", Wish::RemoveRule(Scope::everywhere())),
            ("remove service=wa", Wish::RemoveRule(wa.clone())),
            ("promo service=wa end", Wish::EndPromotion(wa.clone())),
            (
                "promo service=wa percent=10 until=2026-12-01",
                Wish::Promote {
                    scope: wa,
                    off: Off::Percent(10.into()),
                    starts_at: None,
                    ends_at: at("2026-12-02T00:00:00Z"),
                },
            ),
            (
                "promo off=500 from=2026-11-25 until=2026-11-25T18:30",
                Wish::Promote {
                    scope: Scope::everywhere(),
                    off: Off::Fixed(Money::minor(500)),
                    starts_at: Some(at("2026-11-25T00:00:00Z")),
                    ends_at: at("2026-11-25T18:30:00Z"),
                },
            ),
        ] {
            assert_eq!(read(text, idr()), Ok(expected), "{text}");
        }
        for (text, word) in [
            ("remove percent=5", "percent=5"),
            ("promo percent=ten until=2026-12-01", "percent=ten"),
            ("promo percent=10 until=soon", "until=soon"),
            ("promo percent=10 off=5 until=2026-12-01", "off=5"),
            ("promo percent=10 until=2026-12-01 end", "end"),
        ] {
            let unreadable = Err(ChangeError::Unreadable(word.to_owned()));
            assert_eq!(read(text, idr()), unreadable, "{text}");
        }
        assert_eq!(
            read("promo percent=10", idr()),
            Err(ChangeError::NothingGiven)
        );
        assert_eq!(read_rate("16500.25"), Some("16500.25".parse().unwrap()));
        for text in ["", "-5", "1e5", "16,500", "much"] {
            assert_eq!(read_rate(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let unreadable = |word: &str| Err(ChangeError::Unreadable(word.to_owned()));
        let markup = |error| Err(ChangeError::Markup(error));
        for (text, expected) in [
            ("get", unreadable("get")),
            ("set", Err(ChangeError::NothingGiven)),
            ("set country=ID", Err(ChangeError::NothingGiven)),
            ("set percent", unreadable("percent")),
            ("set percent=", unreadable("percent=")),
            ("set percent=many", unreadable("percent=many")),
            ("set percent=1 percent=2", unreadable("percent=2")),
            ("set all country=ID percent=1", unreadable("all")),
            ("set fixed=1.5", unreadable("fixed=1.5")),
            ("set fixed=-5", markup(MarkupError::UnderCost)),
            ("set step=0", markup(MarkupError::NoStep)),
            ("set step=9999999999999999", markup(MarkupError::TooLarge)),
            ("set colour=red percent=1", unreadable("colour=red")),
        ] {
            assert_eq!(read(text, idr()), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "(set |promo )?\\PC{0,80}") {
            let _ = read(&text, idr());
            let _ = read_times(&text);
        }
    }
}
