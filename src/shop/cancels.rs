//! How many of an upstream's numbers we give back early: upstreams lock accounts for that.
//!
//! Invariant: counted from our own orders of the last day, all users together. An upstream where
//! it is too many is ranked last, never held back: held back, its share could fall by time alone,
//! and a shop with one upstream would be shut. Ranked last it sells what nobody else can, and
//! every number of it that is kept makes the share better.

use chrono::TimeDelta;

use crate::domain::id::ProviderId;
use crate::shop::notice::Notice;
use crate::shop::settle::Cause;
use crate::shop::{Shop, ShopError};
use crate::store::tracks::Fared;
use crate::store::{StoreError, standings, to_ms, work};

/// How far back it looks.
const WINDOW: TimeDelta = TimeDelta::days(1);
/// Fewer numbers than this say nothing.
const ENOUGH: u32 = 20;
/// Admins are warned anew only after the share was so many points under the limit meanwhile.
const CALM_POINTS: u32 = 5;

/// How many numbers were given back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cancels {
    /// Numbers that were bought and are settled.
    pub bought: u32,
    /// Those of them that we gave back before their time was over.
    pub cancelled: u32,
}

impl Cancels {
    /// Of a hundred numbers so many were given back, rounded down.
    #[must_use]
    pub fn percent(self) -> u32 {
        let hundredfold = u64::from(self.cancelled) * 100;
        let percent = hundredfold.checked_div(u64::from(self.bought));
        u32::try_from(percent.unwrap_or(0)).unwrap_or(100)
    }

    /// Whether an upstream would mind.
    pub(super) fn are_too_many(self, limit_percent: u32) -> bool {
        self.bought >= ENOUGH && self.percent() > limit_percent
    }

    /// Whether they are so few that the next excess is news.
    pub(super) fn are_few(self, limit_percent: u32) -> bool {
        self.percent() + CALM_POINTS <= limit_percent
    }
}

/// The numbers of one upstream since `since_ms`.
fn count(rows: &[Fared], provider: &ProviderId, since_ms: i64) -> Cancels {
    let mut cancels = Cancels::default();
    for row in rows {
        if row.provider == provider.as_str() && row.created_at_ms >= since_ms {
            cancels.bought += 1;
            cancels.cancelled += u32::from(row.is_given_back);
        }
    }
    cancels
}

impl Shop {
    /// Whether an upstream sells only what nobody else can.
    pub(super) fn is_last_resort(&self, provider: &ProviderId) -> bool {
        let standing = self.standing(provider);
        standing.is_some_and(|it| it.cancels_too_much(self.terms.cancel_limit_percent))
    }

    /// Counts anew, and warns the admins once where it became too many.
    pub(super) async fn review_cancels(&self, rows: &[Fared]) -> Result<(), ShopError> {
        let since_ms = to_ms(self.now() - WINDOW);
        let limit = self.terms.cancel_limit_percent;
        for (provider, standing) in &self.standings {
            let cancels = count(rows, provider, since_ms);
            let Some(row) = standing.note_cancels(provider, cancels, limit, self.now_ms()) else {
                continue;
            };
            let notice = row.cancels_warned_at_ms.map(|_| Notice::ManyCancelled {
                provider: provider.0.clone(),
                percent: cancels.percent(),
                limit,
            });
            let admins = self.admins();
            let books = self.books(Cause::Worker);
            self.store
                .write(move |tx| {
                    work(async move {
                        standings::warned_of_cancels(tx, row).await?;
                        for (admin, notice) in admins.into_iter().zip(notice.iter().cycle()) {
                            books.notify(tx, admin, notice).await?;
                        }
                        Ok::<_, StoreError>(())
                    })
                })
                .await?;
            self.wake.outbox.notify_one();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cancels(cancelled: u32, bought: u32) -> Cancels {
        Cancels { bought, cancelled }
    }

    #[test]
    fn a_share_of_few_numbers_says_nothing() {
        for (cancels, percent, too_many, few) in [
            (cancels(0, 0), 0, false, true),
            (cancels(19, 19), 100, false, false),
            (cancels(8, 20), 40, false, false),
            (cancels(9, 20), 45, true, false),
            (cancels(7, 20), 35, false, true),
            (cancels(u32::MAX, u32::MAX), 100, true, false),
        ] {
            assert_eq!(cancels.percent(), percent, "{cancels:?}");
            assert_eq!(cancels.are_too_many(40), too_many, "{cancels:?}");
            assert_eq!(cancels.are_few(40), few, "{cancels:?}");
        }
    }
}
