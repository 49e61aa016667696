//! What our balance at an upstream proves.
//!
//! Invariant: where several explanations fit, or none does, nothing is concluded.

use std::collections::BTreeMap;

/// Where amounts make more sums than these, one of them fits by chance.
const MOST_SUMS: usize = 10_000;
/// Subsets of more amounts than these are not compared.
const MOST_TOLD_APART: usize = 12;

/// What left an upstream's balance while purchases are in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Nothing: none of them was bought.
    NoneTaken,
    /// The costs of all of them.
    AllTaken,
    /// Something else; nothing is proven.
    Unclear,
}

/// Judges by what left the balance beyond what the books explain (in millionths), with
/// purchases of these costs in doubt.
///
/// Upstreams round what they show, so a tenth of the smallest cost is let pass.
#[must_use]
pub fn judge(gone: i64, costs: &[i64]) -> Evidence {
    let total = costs
        .iter()
        .try_fold(0_i64, |sum, cost| sum.checked_add(*cost));
    let (Some(total), Some(&smallest)) = (total, costs.iter().min()) else {
        return Evidence::Unclear;
    };
    // A number that costs nothing leaves no trace.
    if smallest <= 0 {
        return Evidence::Unclear;
    }
    let tolerance = tolerance(smallest);
    if gone.unsigned_abs() <= tolerance {
        Evidence::NoneTaken
    } else if gone.abs_diff(total) <= tolerance {
        Evidence::AllTaken
    } else {
        Evidence::Unclear
    }
}

/// Whether what some purchases in doubt took, at these costs, can be hidden in the balance by
/// some of `others`: what the balance does not show yet, or what came back unseen.
#[must_use]
pub fn may_be_hidden(costs: &[i64], others: &[i64]) -> bool {
    if others.is_empty() {
        return false;
    }
    let Some(&smallest) = costs.iter().min() else {
        return false;
    };
    let tolerance = tolerance(smallest);
    // Of so many sums one fits nearly always, unless all together are too little.
    if costs.len() + others.len() > MOST_TOLD_APART {
        let all = others.iter().fold(0_i64, |sum, it| sum.saturating_add(*it));
        return all.unsigned_abs() + tolerance >= smallest.unsigned_abs();
    }
    let (taken, hidden) = (sums(costs), sums(others));
    taken.iter().skip(1).any(|sum| {
        let mut hidden = hidden.iter();
        hidden.any(|other| sum.abs_diff(*other) <= tolerance)
    })
}

/// What upstreams round may differ by a tenth of the smallest cost.
const fn tolerance(smallest: i64) -> u64 {
    smallest.unsigned_abs() / 10
}

/// The sums of all subsets, that of none first.
fn sums(amounts: &[i64]) -> Vec<i64> {
    let mut sums = vec![0_i64];
    for amount in amounts {
        let more: Vec<i64> = sums.iter().map(|sum| sum.saturating_add(*amount)).collect();
        sums.extend(more);
    }
    sums
}

/// Which of the amounts that an upstream owes us, oldest first, came back as a balance that is
/// higher by `rise`: one of them, or else a few, the older rather than the younger. Empty where
/// none fit exactly.
#[must_use]
pub fn explain(rise: i64, owed: &[i64]) -> Vec<usize> {
    if rise <= 0 {
        return Vec::new();
    }
    if let Some(one) = owed.iter().position(|amount| *amount == rise) {
        return vec![one];
    }
    // Each sum that the amounts so far can make, by those that came first.
    let mut sums: BTreeMap<i64, Vec<usize>> = BTreeMap::from([(0, Vec::new())]);
    for (index, amount) in owed.iter().enumerate() {
        let mut more = Vec::new();
        for (sum, which) in &sums {
            let sum = sum.saturating_add(*amount);
            if sum <= rise && !sums.contains_key(&sum) {
                more.push((sum, [which.as_slice(), &[index]].concat()));
            }
        }
        sums.extend(more);
        if let Some(which) = sums.remove(&rise) {
            return which;
        }
        if sums.len() > MOST_SUMS {
            return Vec::new();
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case::nothing_left(0, &[4_000], Evidence::NoneTaken)]
    #[case::rounded_by_the_upstream(-400, &[4_000], Evidence::NoneTaken)]
    #[case::the_cost_left(4_000, &[4_000], Evidence::AllTaken)]
    #[case::a_little_more_left(4_400, &[4_000], Evidence::AllTaken)]
    #[case::half_of_it_left(2_000, &[4_000], Evidence::Unclear)]
    #[case::something_came_back(-4_000, &[4_000], Evidence::Unclear)]
    #[case::one_of_two(4_000, &[4_000, 4_000], Evidence::Unclear)]
    #[case::both_of_two(8_000, &[4_000, 4_000], Evidence::AllTaken)]
    #[case::free(0, &[0], Evidence::Unclear)]
    #[case::no_doubt(0, &[], Evidence::Unclear)]
    #[case::too_much_to_add(0, &[i64::MAX, i64::MAX], Evidence::Unclear)]
    fn the_balance_tells(#[case] gone: i64, #[case] costs: &[i64], #[case] expected: Evidence) {
        assert_eq!(judge(gone, costs), expected);
    }

    #[rstest]
    #[case::nothing_else(&[4_000], &[], false)]
    #[case::another_cost(&[4_000], &[3_000], false)]
    #[case::the_same_cost(&[4_000], &[3_000, 4_100], true)]
    #[case::two_together(&[7_000], &[3_000, 4_000, 9_000], true)]
    #[case::one_of_two(&[4_000, 9_000], &[9_000], true)]
    #[case::both_of_two(&[4_000, 5_000], &[9_000], true)]
    #[case::too_many_to_tell(&[4_000], &[900; 12], true)]
    #[case::many_and_too_little(&[4_000], &[1; 12], false)]
    #[case::no_doubt(&[], &[4_000], false)]
    fn a_purchase_can_be_hidden(
        #[case] costs: &[i64],
        #[case] others: &[i64],
        #[case] expected: bool,
    ) {
        assert_eq!(may_be_hidden(costs, others), expected);
    }

    #[rstest]
    #[case::the_only_one(4_000, &[4_000], &[0])]
    #[case::the_one_that_fits(5_000, &[4_000, 5_000], &[1])]
    #[case::the_oldest_two(9_000, &[4_000, 5_000, 6_000], &[0, 1])]
    #[case::the_youngest_two(8_000, &[2_000, 4_000, 4_000], &[1, 2])]
    #[case::some_between(9_000, &[4_000, 2_000, 7_000, 1_000], &[1, 2])]
    #[case::nothing_fits(4_500, &[4_000, 5_000], &[])]
    #[case::nothing_owed(4_000, &[], &[])]
    #[case::a_fall(-4_000, &[4_000], &[])]
    fn a_rise_is_explained(#[case] rise: i64, #[case] owed: &[i64], #[case] which: &[usize]) {
        assert_eq!(explain(rise, owed), which);
    }

    proptest! {
        #[test]
        fn an_explanation_sums_up_to_the_rise(
            rise in -10_i64..100,
            owed in proptest::collection::vec(1_i64..30, 0..8),
        ) {
            let which = explain(rise, &owed);
            let sum: i64 = which.iter().map(|&index| owed[index]).sum();
            prop_assert!(which.is_empty() || sum == rise);
        }

        #[test]
        fn never_both_nothing_and_everything(gone in any::<i64>(), cost in any::<i64>()) {
            let evidence = judge(gone, &[cost]);
            let tolerance = cost.unsigned_abs() / 10;
            prop_assert!(evidence != Evidence::NoneTaken || gone.unsigned_abs() <= tolerance);
            prop_assert!(evidence != Evidence::AllTaken || gone.abs_diff(cost) <= tolerance);
        }
    }
}
