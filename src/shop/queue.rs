//! "Buy when available": a confirmed limit, held from the wallet, that waits for something to buy.
//!
//! Invariant: what waits is an order like any other. Its limit is held from the moment of the
//! Confirm, it is never bought above it, and it is bought, cancelled or paid back by its deadline.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::id::{Nonce, UserId};
use crate::domain::money::Money;
use crate::shop::article::Article;
use crate::shop::browse::ServerNumber;
use crate::shop::buy::{Choice, Kept};
use crate::shop::{Shop, ShopError};
use crate::store::entity::orders as rows;
use crate::store::ledger::{self, Account};
use crate::store::{StoreError, Tx, queue};

/// How long an order waits for something to buy.
pub(super) const QUEUED_FOR: TimeDelta = TimeDelta::hours(24);
/// More than this a user cannot wait for at once.
pub(super) const MOST_WAITING: usize = 5;
/// What the limits are above the last price, in percent, where there is nothing to buy.
const RAISES: [u32; 3] = [0, 25, 50];

/// What a Confirm button of an order that would wait stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueQuote {
    /// The button's key.
    pub nonce: Nonce,
    /// What would be bought.
    pub choice: Choice,
    /// The upstream's number, where one was asked for.
    pub server: Option<ServerNumber>,
    /// The service's name.
    pub service_name: String,
    /// What would be held, and the most that is paid.
    pub limit: Money,
    /// The limits to choose from, this one included: from the last price up, or from today's
    /// price down.
    pub limits: Vec<Money>,
    /// Available before.
    pub available: Money,
    /// Available after; negative where money is missing (then `missing` says how much).
    pub after: Money,
    /// What is missing, if anything.
    pub missing: Option<Money>,
    /// When it is paid back if nothing came.
    pub until: DateTime<Utc>,
}

impl Shop {
    /// Prices a choice that cannot be bought now (the best offer's last price, or one of the higher
    /// limits, by its place among them), or one that is too dear for the user (a limit below
    /// today's price). No money moves.
    ///
    /// # Errors
    /// [`ShopError::NotSold`].
    pub async fn quote_queue(
        &self,
        user: UserId,
        choice: Choice,
        place: usize,
    ) -> Result<QueueQuote, ShopError> {
        self.refuse_while_closed()?;
        let catalogue = self.catalogue();
        let offers = self.offers_for(&catalogue, &choice);
        let best = offers.and_then(|offers| offers.first().copied());
        let best = best.ok_or(ShopError::NotSold)?;
        let hall = catalogue.halls.get(&choice.country);
        let stand = hall.and_then(|hall| hall.stand(choice.service.0));
        let service_name = stand.ok_or(ShopError::NotSold)?.name.clone();
        let step = catalogue.prices.usual_step();
        let mut limits = self.limits_below(&choice);
        if limits.is_empty() {
            let raised = |percent: &u32| best.price.raised(*percent, step);
            limits = RAISES.iter().filter_map(raised).collect();
            limits.dedup();
        }
        let limit = limits.get(place).or(limits.last()).copied();
        let limit = limit.ok_or(ShopError::BalanceTooLarge)?;
        let available = ledger::balance(self.store.read(), &Account::Available(user)).await?;
        let after = available
            .checked_sub(limit)
            .ok_or(ShopError::BalanceTooLarge)?;
        let kept = Kept {
            choice: choice.clone(),
            service_name: service_name.clone(),
            price: limit,
            is_queued: true,
            article: Article::Activation,
            accepted: None,
        };
        let (nonce, _) = self.keep_quote(user, &kept).await?;
        Ok(QueueQuote {
            nonce,
            server: choice.server.as_ref().and_then(|id| self.server_number(id)),
            choice,
            service_name,
            limit,
            limits,
            available,
            missing: (after < Money::ZERO)
                .then(|| Money::ZERO.checked_sub(after))
                .flatten(),
            after,
            until: self.now() + QUEUED_FOR,
        })
    }
}

/// What stands in the way of one more order that waits.
pub(super) enum Waiting {
    /// One for the same choice.
    Already(Box<rows::Model>),
    /// The user waits for as much as anybody may.
    Enough,
}

/// Whether a user may let one more order wait: one for each choice, and not too many.
pub(super) async fn waits_already(
    tx: &Tx,
    user: UserId,
    choice: &Choice,
) -> Result<Option<Waiting>, StoreError> {
    let mut mine = queue::of_user(tx, user).await?;
    let enough = mine.len() >= MOST_WAITING;
    let same = mine.iter().position(|row| Choice::of(row) == *choice);
    Ok(match same {
        Some(place) => Some(Waiting::Already(Box::new(mine.swap_remove(place)))),
        None => enough.then_some(Waiting::Enough),
    })
}
