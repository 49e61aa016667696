//! Telegram Stars: what they are worth here, and what an invoice in them carries.
//!
//! Invariant: a number of Stars becomes money in one place, and rounding never gives away more
//! than the operator's rate says.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::domain::id::{Nonce, UserId};
use crate::domain::money::{Currency, Money};

/// The largest invoice in Stars; Telegram's own limit changes now and then, and lies above it.
pub const MOST_STARS: u32 = 10_000;
/// Telegram's name for the currency.
pub const XTR: &str = "XTR";

/// What one Star brings, in the wallet's currency as people say it: 200 for 200 rupiah.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StarsRate(Decimal);

impl StarsRate {
    /// A rate; `None` where a Star would bring nothing.
    #[must_use]
    pub fn new(rate: Decimal) -> Option<Self> {
        (rate > Decimal::ZERO).then_some(Self(rate))
    }

    /// What so many Stars bring, rounded down to the smallest coin; `None` for nothing at all and
    /// for more than a wallet takes at a time.
    #[must_use]
    pub fn credit(self, stars: u32, currency: Currency) -> Option<Money> {
        let major = self.0.checked_mul(Decimal::from(stars))?;
        let minor = currency.to_minor(major)?.floor().to_i64()?;
        (1..=Currency::LARGEST_MINOR)
            .contains(&minor)
            .then_some(Money::minor(minor))
    }
}

/// What an invoice carries to Telegram and back: who may pay it, and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvoicePayload {
    /// Who may pay it.
    pub user: UserId,
    /// Under which it is kept.
    pub nonce: Nonce,
}

impl InvoicePayload {
    /// Reads what we wrote; `None` for anything else.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let ("stars", Some(user), Some(nonce), None) =
            (parts.next()?, parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let payload = Self {
            user: UserId(user.parse().ok()?),
            nonce: Nonce::from(nonce),
        };
        (!nonce.is_empty() && payload.to_string() == text).then_some(payload)
    }
}

impl fmt::Display for InvoicePayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stars:{}:{}", self.user, self.nonce)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rate(text: &str) -> StarsRate {
        StarsRate::new(text.parse().unwrap()).unwrap()
    }

    #[test]
    fn stars_become_money_rounded_down() {
        let idr = Currency::from_code("IDR").unwrap();
        let usd = Currency::from_code("USD").unwrap();
        for (text, stars, currency, minor) in [
            ("200", 50, idr, Some(10_000)),
            ("199.9", 3, idr, Some(599)),
            ("0.013", 100, usd, Some(130)),
            ("0.013", 1, usd, Some(1)),
            ("0.009", 1, usd, None),
            ("0.5", 1, idr, None),
            ("100000000", 10_000, idr, Some(Currency::LARGEST_MINOR)),
            ("100000001", 10_000, idr, None),
            ("79228162514264337593543950335", 2, idr, None),
        ] {
            let credit = rate(text).credit(stars, currency);
            assert_eq!(credit, minor.map(Money::minor), "{text} × {stars}");
        }
        assert_eq!(StarsRate::new(Decimal::ZERO), None);
        assert_eq!(StarsRate::new(Decimal::from(-1)), None);
    }

    #[test]
    fn only_our_own_payloads_are_read() {
        let ours = InvoicePayload {
            user: UserId(1_002),
            nonce: Nonce::random(),
        };
        let text = ours.to_string();
        assert!(text.len() <= 128, "Telegram's limit");
        assert_eq!(InvoicePayload::read(&text), Some(ours));
        for foreign in [
            "",
            "stars",
            "stars:1",
            "stars:1:",
            "stars:01:abc",
            "stars:x:abc",
            "stars:1:abc:d",
            "coins:1:abc",
        ] {
            assert_eq!(InvoicePayload::read(foreign), None, "{foreign}");
        }
    }

    proptest! {
        #[test]
        fn more_stars_never_bring_less(stars in 1..MOST_STARS, hundredths in 1..5_000_000_i64) {
            let usd = Currency::from_code("USD").unwrap();
            let rate = StarsRate::new(Decimal::new(hundredths, 4)).unwrap();
            let minor = |stars| rate.credit(stars, usd).map_or(0, Money::as_minor);
            prop_assert!(minor(stars) <= minor(stars + 1));
            prop_assert!(minor(stars) + minor(1) <= minor(stars + 1));
        }

        #[test]
        fn no_payload_makes_the_reader_panic(text in "(stars:)?\\PC{0,60}") {
            let _ = InvoicePayload::read(&text);
        }
    }
}
