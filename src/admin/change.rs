//! Reading `/prices set …`.
//!
//! Invariant: every word is understood or named as not understood; nothing is guessed or ignored.

use rust_decimal::Decimal;

use crate::domain::id::ProviderId;
use crate::domain::money::{AmountError, Currency, Money};
use crate::domain::pricing::{MarkupError, Scope};
use crate::shop::prices::MarkupChange;

/// Why a change could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ChangeError {
    /// This word means nothing, or comes twice.
    Unreadable(String),
    /// Neither percent nor fixed nor step.
    NothingGiven,
    /// It can be read, and must not be.
    Markup(MarkupError),
}

/// Reads what follows `/prices`.
pub(super) fn read(text: &str, currency: Currency) -> Result<MarkupChange, ChangeError> {
    let mut words = text.split_whitespace();
    match words.next() {
        Some("set") => {}
        Some(word) => return Err(ChangeError::Unreadable(word.to_owned())),
        None => return Err(ChangeError::NothingGiven),
    }
    let mut change = MarkupChange {
        scope: Scope::everywhere(),
        percent: None,
        fixed: None,
        step: None,
    };
    let mut is_all = false;
    for word in words {
        if word == "all" && !is_all {
            is_all = true;
            continue;
        }
        if !read_word(word, currency, &mut change)? {
            return Err(ChangeError::Unreadable(word.to_owned()));
        }
    }
    if is_all && change.scope != Scope::everywhere() {
        return Err(ChangeError::Unreadable("all".to_owned()));
    }
    if change.percent.is_none() && change.fixed.is_none() && change.step.is_none() {
        return Err(ChangeError::NothingGiven);
    }
    Ok(change)
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
    let scope = &mut change.scope;
    Ok(match name {
        "provider" => set_once(&mut scope.provider, ProviderId::from(value)),
        "country" => set_once(&mut scope.country, value.to_ascii_uppercase()),
        "service" => set_once(&mut scope.service, value.to_owned()),
        "percent" => match Decimal::from_str_exact(value.trim_end_matches('%')) {
            Ok(percent) => set_once(&mut change.percent, percent),
            Err(_) => false,
        },
        "fixed" => set_once(&mut change.fixed, fixed(value, currency)?),
        "step" => match currency.parse(value) {
            Ok(step) => set_once(&mut change.step, step),
            Err(AmountError::NotPositive) => return Err(ChangeError::Markup(MarkupError::NoStep)),
            Err(AmountError::TooLarge) => return Err(ChangeError::Markup(MarkupError::TooLarge)),
            Err(
                AmountError::UnknownCurrency(_)
                | AmountError::NotANumber(_)
                | AmountError::TooPrecise { .. },
            ) => false,
        },
        _ => false,
    })
}

/// Nothing is a fixed part too.
fn fixed(value: &str, currency: Currency) -> Result<Money, ChangeError> {
    match currency.parse(value) {
        Ok(fixed) => Ok(fixed),
        Err(AmountError::NotPositive) if !value.starts_with('-') => Ok(Money::ZERO),
        Err(AmountError::NotPositive) => Err(ChangeError::Markup(MarkupError::UnderCost)),
        Err(AmountError::TooLarge) => Err(ChangeError::Markup(MarkupError::TooLarge)),
        Err(
            AmountError::UnknownCurrency(_)
            | AmountError::NotANumber(_)
            | AmountError::TooPrecise { .. },
        ) => Err(ChangeError::Unreadable(format!("fixed={value}"))),
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
        let change = read(
            "set provider=virtusim country=id service=wa percent=12.5% fixed=0 step=100",
            idr(),
        )
        .unwrap();
        assert_eq!(
            change.scope.to_string(),
            "provider=virtusim country=ID service=wa"
        );
        assert_eq!(change.percent, Some("12.5".parse().unwrap()));
        assert_eq!(change.fixed, Some(Money::ZERO));
        assert_eq!(change.step, Some(Money::minor(100)));
        let all = read("set all percent=30", idr()).unwrap();
        assert_eq!(all.scope, Scope::everywhere());
        assert_eq!((all.fixed, all.step), (None, None));
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
        fn no_text_makes_the_reader_panic(text in "(set )?\\PC{0,80}") {
            let _ = read(&text, idr());
        }
    }
}
