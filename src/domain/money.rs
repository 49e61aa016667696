//! Amounts of the wallet's currency.
//!
//! Invariant: an amount is a whole number of minor units and every operation is checked; there is
//! no way from a floating-point number to [`Money`].

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

/// An amount in minor units of the wallet's [`Currency`].
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// More than anything costs.
    pub const MAX: Self = Self(i64::MAX);

    /// From minor units: `Money::minor(12_500)` is 12,500 rupiah or 125 dollars.
    #[must_use]
    pub const fn minor(minor: i64) -> Self {
        Self(minor)
    }

    /// The minor units.
    #[must_use]
    pub const fn as_minor(self) -> i64 {
        self.0
    }

    /// The sum, or `None` where it does not fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or `None` where it does not fit. It may be negative.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// This and so many percent more, rounded up to a multiple of `step`; `None` where it does
    /// not fit.
    #[must_use]
    pub fn raised(self, percent: u32, step: Self) -> Option<Self> {
        let hundredths = self.0.checked_mul(i64::from(percent).checked_add(100)?)?;
        let minor = hundredths.checked_add(99)?.div_euclid(100);
        let steps = minor.checked_add(step.0.checked_sub(1)?)?;
        let steps = steps.checked_div_euclid(step.0)?;
        steps.checked_mul(step.0).map(Self)
    }

    /// This and so many percent less, rounded down to a multiple of `step`; `None` where nothing
    /// is left.
    #[must_use]
    pub fn lowered(self, percent: u32, step: Self) -> Option<Self> {
        let hundredths = self
            .0
            .checked_mul(100_i64.checked_sub(i64::from(percent))?)?;
        let steps = hundredths.div_euclid(100).checked_div_euclid(step.0)?;
        let lowered = steps.checked_mul(step.0).map(Self)?;
        lowered.is_positive().then_some(lowered)
    }

    /// Whether this is more than nothing.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }
}

/// The one currency of all wallets of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Currency {
    iso: iso_currency::Currency,
    decimals: u32,
}

/// Why a currency or an amount could not be read. The texts are for operators; the bot words its
/// own for users.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not an ISO 4217 code.
    #[error("`{0}` is no ISO 4217 currency code")]
    UnknownCurrency(String),
    /// Not a plain decimal number.
    #[error("`{0}` is not a number")]
    NotANumber(String),
    /// Zero or less.
    #[error("the amount must be more than zero")]
    NotPositive,
    /// More decimals than the currency has.
    #[error("the currency has {decimals} decimals")]
    TooPrecise {
        /// How many it has.
        decimals: u32,
    },
    /// Beyond what an account can hold.
    #[error("the amount is too large")]
    TooLarge,
}

impl Currency {
    /// The largest amount that one command may name, in minor units; far from the edge of `i64`,
    /// so that no sum of balances can ever come near it.
    pub const LARGEST_MINOR: i64 = 1_000_000_000_000;

    /// By ISO 4217 code.
    ///
    /// # Errors
    /// [`AmountError::UnknownCurrency`].
    pub fn from_code(code: &str) -> Result<Self, AmountError> {
        let iso = iso_currency::Currency::from_code(&code.to_ascii_uppercase())
            .ok_or_else(|| AmountError::UnknownCurrency(code.to_owned()))?;
        // ISO gives the rupiah two decimals, but the sen left circulation long ago: a wallet that
        // kept them would show sums that do not add up.
        let decimals = if iso == iso_currency::Currency::IDR {
            0
        } else {
            u32::from(iso.exponent().unwrap_or(0))
        };
        Ok(Self { iso, decimals })
    }

    /// The ISO 4217 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.iso.code()
    }

    /// The symbol people write: `Rp`, `$`.
    #[must_use]
    pub fn symbol(self) -> String {
        self.iso.symbol().to_string()
    }

    /// How many decimals an amount has.
    #[must_use]
    pub const fn decimals(self) -> u32 {
        self.decimals
    }

    /// Reads a positive amount that a person typed: `12500`, `12.50`.
    ///
    /// # Errors
    /// Every variant of [`AmountError`] but the unknown currency.
    pub fn parse(self, text: &str) -> Result<Money, AmountError> {
        let not_a_number = || AmountError::NotANumber(text.chars().take(32).collect());
        // Decimal's own reader also takes exponents and underscores; people at a till do not.
        let plain = text
            .strip_prefix(['+', '-'])
            .unwrap_or(text)
            .chars()
            .all(|c| c.is_ascii_digit() || c == '.');
        if !plain {
            return Err(not_a_number());
        }
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        if whole.len() > 20 {
            return Err(AmountError::TooLarge);
        }
        if decimals.len() > 8 {
            return Err(AmountError::TooPrecise {
                decimals: self.decimals,
            });
        }
        // Both parts are short by now, so all that can be wrong is that there is no number.
        let major = Decimal::from_str_exact(text).map_err(|_| not_a_number())?;
        if major <= Decimal::ZERO {
            return Err(AmountError::NotPositive);
        }
        let minor = self.to_minor(major).ok_or(AmountError::TooLarge)?;
        if !minor.is_integer() {
            return Err(AmountError::TooPrecise {
                decimals: self.decimals,
            });
        }
        match minor.to_i64() {
            Some(minor) if minor <= Self::LARGEST_MINOR => Ok(Money(minor)),
            Some(_) | None => Err(AmountError::TooLarge),
        }
    }

    /// Major units (as people say them) to minor units, unrounded.
    pub(crate) fn to_minor(self, major: Decimal) -> Option<Decimal> {
        major.checked_mul(Decimal::from(10_i64.pow(self.decimals)))
    }

    /// Writes an amount with the symbol, grouping thousands with `group` and setting decimals off
    /// with `point`: `Rp12.500`, `-$1,250.00`.
    #[must_use]
    pub fn format(self, money: Money, group: char, point: char) -> String {
        let sign = if money.0 < 0 { "-" } else { "" };
        let unit = 10_u64.pow(self.decimals);
        let minor = money.0.unsigned_abs();
        let digits = (minor / unit).to_string();
        let mut whole = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                whole.push(group);
            }
            whole.push(digit);
        }
        let symbol = self.symbol();
        if self.decimals == 0 {
            return format!("{sign}{symbol}{whole}");
        }
        let width = self.decimals as usize;
        format!("{sign}{symbol}{whole}{point}{:0width$}", minor % unit)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn idr() -> Currency {
        Currency::from_code("IDR").unwrap()
    }

    fn usd() -> Currency {
        Currency::from_code("usd").unwrap()
    }

    #[test]
    fn amounts_are_read_as_people_type_them() {
        assert_eq!(idr().parse("12500"), Ok(Money(12_500)));
        assert_eq!(usd().parse("12.5"), Ok(Money(1_250)));
        assert_eq!(usd().parse("12.50"), Ok(Money(1_250)));
        assert_eq!(usd().parse("0.01"), Ok(Money(1)));
    }

    #[test]
    fn amounts_that_would_surprise_are_refused() {
        let cases = [
            ("", AmountError::NotANumber(String::new())),
            ("abc", AmountError::NotANumber("abc".into())),
            ("1e9", AmountError::NotANumber("1e9".into())),
            ("1_000", AmountError::NotANumber("1_000".into())),
            ("1,000", AmountError::NotANumber("1,000".into())),
            (".", AmountError::NotANumber(".".into())),
            ("0", AmountError::NotPositive),
            ("-5", AmountError::NotPositive),
            ("0.5", AmountError::TooPrecise { decimals: 0 }),
            ("1000000000001", AmountError::TooLarge),
            ("99999999999999999999999999999999", AmountError::TooLarge),
        ];
        for (text, error) in cases {
            assert_eq!(idr().parse(text), Err(error), "{text}");
        }
        assert_eq!(
            usd().parse("0.001"),
            Err(AmountError::TooPrecise { decimals: 2 })
        );
    }

    #[test]
    fn amounts_are_lowered_and_rounded_down() {
        let cases = [
            (4_000, 10, 500, Some(3_500)),
            (4_000, 0, 500, Some(4_000)),
            (4_000, 50, 1, Some(2_000)),
            (999, 10, 1, Some(899)),
            (500, 10, 500, None),
            (500, 100, 1, None),
            (500, 101, 1, None),
            (i64::MAX, 10, 1, None),
            (500, 10, 0, None),
        ];
        for (amount, percent, step, expected) in cases {
            let lowered = Money::minor(amount).lowered(percent, Money::minor(step));
            assert_eq!(lowered, expected.map(Money::minor), "{amount} {percent}");
        }
    }

    #[test]
    fn amounts_are_raised_and_rounded_up() {
        for (minor, percent, step, expected) in [
            (4_000, 0, 100, Some(4_000)),
            (4_000, 25, 100, Some(5_000)),
            (4_010, 25, 100, Some(5_100)),
            (1, 50, 1, Some(2)),
            (0, 50, 100, Some(0)),
            (4_001, 0, 100, Some(4_100)),
            (i64::MAX, 0, 1, None),
            (5, 0, 0, None),
        ] {
            let raised = Money(minor).raised(percent, Money(step));
            assert_eq!(raised, expected.map(Money), "{minor} + {percent} %");
        }
    }

    #[test]
    fn amounts_are_written_in_groups() {
        assert_eq!(idr().format(Money(1_234_567), '.', ','), "Rp1.234.567");
        assert_eq!(idr().format(Money(-500), '.', ','), "-Rp500");
        assert_eq!(usd().format(Money(123_456), ',', '.'), "$1,234.56");
        assert_eq!(usd().format(Money(-5), ',', '.'), "-$0.05");
        assert_eq!(
            usd().format(Money(i64::MIN), ',', '.'),
            "-$92,233,720,368,547,758.08"
        );
    }

    proptest! {
        #[test]
        fn a_written_amount_reads_back(minor in 1..=Currency::LARGEST_MINOR) {
            let text = format!("{}.{:02}", minor / 100, minor % 100);
            prop_assert_eq!(usd().parse(&text), Ok(Money(minor)));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,60}") {
            let _ = idr().parse(&text);
        }

        #[test]
        fn sums_are_checked(a in any::<i64>(), b in any::<i64>()) {
            prop_assert_eq!(Money(a).checked_add(Money(b)).map(Money::as_minor), a.checked_add(b));
            prop_assert_eq!(Money(a).checked_sub(Money(b)).map(Money::as_minor), a.checked_sub(b));
        }
    }
}
