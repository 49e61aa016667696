//! Which of several offers comes first.
//!
//! Invariant: all else equal, an offer never falls behind for costing less or for having delivered
//! more; one that is hardly known is taken for an ordinary one, whatever it did so far.

use std::str::FromStr;

use crate::domain::money::Money;

/// An offer without a record is taken to do as well as this many of [`PRIOR_BOUGHT`]…
const PRIOR_DELIVERED: u64 = 7;
/// …and so many sales of its own weigh as much as that guess.
const PRIOR_BOUGHT: u64 = 10;

/// What an operator takes for the best offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BestBy {
    /// The cheapest.
    #[default]
    Price,
    /// The cheapest for a code that really comes: one that delivers half as often must cost half
    /// as much.
    Balanced,
    /// The one that delivers most often; of equals, by whole percents, the cheapest.
    Success,
}

impl BestBy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Price, Self::Balanced, Self::Success];

    /// The word in the settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Balanced => "balanced",
            Self::Success => "success",
        }
    }

    /// Where an offer stands among others: the lowest rank is the best.
    #[must_use]
    pub fn rank(self, price: Money, record: Record) -> Rank {
        let price = u128::try_from(price.as_minor()).unwrap_or(0);
        let success = record.expected_permille();
        match self {
            Self::Price => Rank(price, 0),
            Self::Balanced => Rank(record.price_per_code(price), 1_000 - success),
            Self::Success => Rank(100 - success / 10, price),
        }
    }
}

impl FromStr for BestBy {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let mut all = Self::ALL.into_iter();
        all.find(|by| by.as_str() == word).ok_or(())
    }
}

/// How an offer did lately.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Numbers that were bought.
    pub bought: u32,
    /// Those of them that got a code; more than were bought count as all of them.
    pub delivered: u32,
}

impl Record {
    /// Numbers and codes, the guess included; neither is ever zero.
    fn with_prior(self) -> (u128, u128) {
        let bought = u64::from(self.bought) + PRIOR_BOUGHT;
        let delivered = u64::from(self.delivered.min(self.bought)) + PRIOR_DELIVERED;
        (u128::from(bought), u128::from(delivered))
    }

    /// Of a thousand numbers so many are expected to get a code.
    fn expected_permille(self) -> u128 {
        let (bought, delivered) = self.with_prior();
        delivered * 1_000 / bought
    }

    /// What a code would cost if every number were paid, in thousandths of a minor unit.
    fn price_per_code(self, price: u128) -> u128 {
        let (bought, delivered) = self.with_prior();
        price * bought * 1_000 / delivered
    }
}

/// A place among offers; the lowest is the best. Ranks of different [`BestBy`] do not compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank(u128, u128);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Price, bought, delivered.
    type Offer = (i64, u32, u32);

    const CHEAP: Offer = (2_000, 40, 10);
    const GOOD: Offer = (3_000, 40, 36);
    const DEAR: Offer = (6_000, 400, 390);
    const NEW: Offer = (2_900, 0, 0);
    const LUCKY: Offer = (2_900, 1, 1);

    fn rank(by: BestBy, (price, bought, delivered): Offer) -> Rank {
        by.rank(Money::minor(price), Record { bought, delivered })
    }

    #[test]
    fn each_operator_gets_the_order_they_chose() {
        for (by, expected) in [
            (BestBy::Price, [CHEAP, NEW, GOOD, DEAR]),
            (BestBy::Balanced, [GOOD, NEW, CHEAP, DEAR]),
            (BestBy::Success, [DEAR, GOOD, NEW, CHEAP]),
        ] {
            let mut offers = [DEAR, NEW, GOOD, CHEAP];
            offers.sort_by_key(|offer| rank(by, *offer));
            assert_eq!(offers, expected, "{by:?}");
        }
    }

    #[test]
    fn one_lucky_sale_does_not_win() {
        for by in [BestBy::Balanced, BestBy::Success] {
            assert!(rank(by, GOOD) < rank(by, LUCKY), "{by:?}");
            // Nor does one unlucky sale ruin anybody.
            assert!(rank(by, (2_900, 1, 0)) < rank(by, CHEAP), "{by:?}");
        }
    }

    #[test]
    fn the_words_of_the_settings_read_back() {
        for by in BestBy::ALL {
            assert_eq!(by.as_str().parse(), Ok(by));
        }
        assert_eq!("cheapest".parse::<BestBy>(), Err(()));
    }

    fn by() -> impl Strategy<Value = BestBy> {
        proptest::sample::select(BestBy::ALL.to_vec())
    }

    proptest! {
        #[test]
        fn costing_less_never_harms(
            by in by(), price in 0_i64.., less in 0_i64.., bought: u32, delivered: u32
        ) {
            let cheaper = price.saturating_sub(less).max(0);
            prop_assert!(rank(by, (cheaper, bought, delivered)) <= rank(by, (price, bought, delivered)));
        }

        #[test]
        fn delivering_more_never_harms(
            by in by(), price in 0_i64.., bought: u32, delivered: u32, more: u32
        ) {
            let better = delivered.saturating_add(more);
            prop_assert!(rank(by, (price, bought, better)) <= rank(by, (price, bought, delivered)));
        }

        #[test]
        fn failing_more_never_helps(
            by in by(), price in 0_i64.., delivered: u32, failed: u32, more: u32
        ) {
            let bought = delivered.saturating_add(failed);
            let worse = bought.saturating_add(more);
            prop_assert!(rank(by, (price, worse, delivered)) >= rank(by, (price, bought, delivered)));
        }
    }
}
