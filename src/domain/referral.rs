//! What inviting somebody brings.
//!
//! Invariant: a share is rounded down, and never more than what the cap leaves; a code has letters
//! that nobody confuses, and says nothing of whose it is.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::domain::money::Money;

/// Neither 0 nor o, neither 1 nor i nor l.
const ALPHABET: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";
/// Hundreds of billions of codes.
const LETTERS: usize = 8;

/// The code of somebody's link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteCode(String);

impl InviteCode {
    /// A fresh one.
    #[must_use]
    pub fn random() -> Self {
        let letters: [u8; LETTERS] = rand::random();
        let letter = |byte: u8| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]);
        Self(letters.into_iter().map(letter).collect())
    }

    /// Reads a code as it stands in a link, in any case; `None` for what can be none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let code = text.to_ascii_lowercase();
        let fits = code.len() == LETTERS && code.bytes().all(|it| ALPHABET.contains(&it));
        fits.then_some(Self(code))
    }

    /// As it is kept and put into links.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for InviteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a share is taken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RewardOf {
    /// The orders that an invited user paid.
    Purchases,
    /// The money that an invited user brought in, but for vouchers.
    TopUps,
}

/// What the operator grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferralTerms {
    /// How much of a hundred.
    pub percent: Decimal,
    /// Of what.
    pub of: RewardOf,
    /// Of so many of the first ones of each invited user.
    pub first: u32,
    /// For each invited user no more than this altogether.
    pub cap: Option<Money>,
}

impl ReferralTerms {
    /// The share of an amount, where an invited user brought so much already.
    #[must_use]
    pub fn share(&self, amount: Money, so_far: Money) -> Money {
        let whole = Decimal::from(amount.as_minor()).checked_mul(self.percent);
        let share = whole.and_then(|whole| (whole / Decimal::ONE_HUNDRED).floor().to_i64());
        let share = Money::minor(share.unwrap_or(0).max(0));
        let Some(cap) = self.cap else {
            return share;
        };
        let left = cap.checked_sub(so_far).unwrap_or(Money::ZERO);
        share.min(left).max(Money::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_back_in_any_case_and_nothing_else_does() {
        for _ in 0..100 {
            let code = InviteCode::random();
            let loud = code.as_str().to_uppercase();
            assert_eq!(InviteCode::read(&loud), Some(code.clone()));
            assert!(!code.as_str().contains(['0', 'o', '1', 'l', 'i']), "{code}");
        }
        for text in ["", "abc", "abcdefg1", "abcdefgho", "äbcdefg"] {
            assert_eq!(InviteCode::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_share_is_rounded_down_and_capped() {
        let terms = |cap: Option<i64>| ReferralTerms {
            percent: "7.5".parse().unwrap(),
            of: RewardOf::Purchases,
            first: 5,
            cap: cap.map(Money::minor),
        };
        for (cap, amount, so_far, share) in [
            (None, 1_000, 0, 75),
            (None, 13, 0, 0),
            (None, 1_999, 0, 149),
            (Some(100), 1_000, 0, 75),
            (Some(100), 1_000, 75, 25),
            (Some(100), 1_000, 100, 0),
            (Some(100), 1_000, 120, 0),
        ] {
            let [amount, so_far, share] = [amount, so_far, share].map(Money::minor);
            assert_eq!(terms(cap).share(amount, so_far), share, "{amount:?}");
        }
    }
}
