//! How each upstream stands with us: whether it may sell, how it answers, what we have left there.
//!
//! Invariant: what admins decided is in the database; everything else is a picture in memory that
//! may be lost. A route whose cost our balance does not cover is not sold.

mod balance;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::domain::act::Act;
use crate::domain::id::{ProviderId, UserId};
use crate::provider::health::{Health, Report, Verdict};
use crate::provider::{Cost, Provider, ProviderError};
use crate::shop::alerts::{AlertKind, is_news};
use crate::shop::cancels::Cancels;
use crate::shop::catalogue::{Offer, fresh::Freshness};
use crate::shop::crowd::Crowd;
use crate::shop::notice::Notice;
use crate::shop::settle::Cause;
use crate::shop::standing::balance::Balance;
use crate::shop::{Shop, ShopError};
use crate::store::acts::{self, NewAct};
use crate::store::entity::standings as rows;
use crate::store::{StoreError, standings, work};

/// Admins are warned when the balance lasts no longer than this.
const FEW_HOURS: u32 = 3;

/// What admins decided about an upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it may sell. Open orders go on either way.
    pub is_on: bool,
    /// Which of two equal prices comes first: the higher.
    pub priority: i64,
    /// Below this balance, in the upstream's currency, admins are warned.
    pub low_balance: Option<Decimal>,
}

impl Default for Decision {
    fn default() -> Self {
        Self {
            is_on: true,
            priority: 0,
            low_balance: None,
        }
    }
}

/// A change of a decision; what is `None` stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DecisionChange {
    /// Whether it may sell.
    pub is_on: Option<bool>,
    /// Its priority.
    pub priority: Option<i64>,
    /// The balance to warn below; zero never warns.
    pub low_balance: Option<Decimal>,
}

/// One upstream as admins see it.
#[derive(Clone, Debug)]
pub struct StandingView {
    /// The upstream.
    pub provider: ProviderId,
    /// What admins decided.
    pub decision: Decision,
    /// How it answered lately.
    pub health: Report,
    /// Whether it tells our balance at all.
    pub tells_balance: bool,
    /// Our balance there, and when it was read.
    pub balance: Option<(Cost, DateTime<Utc>)>,
    /// How many hours the balance lasts at the present pace.
    pub hours_left: Option<Decimal>,
    /// How old what we know of its catalogue is.
    pub freshness: Freshness,
    /// Whether nothing is bought there until a purchase in doubt is settled.
    pub waits_for_proof: bool,
    /// How many of its offers are held back because the balance would not cover them.
    pub held_back: usize,
    /// How many of its numbers were given back on the last day.
    pub cancels: Cancels,
    /// Of a hundred numbers so many may be given back, where these are more.
    pub cancel_limit_exceeded: Option<u32>,
}

/// One upstream's standing.
#[derive(Debug, Default)]
pub(super) struct Standing {
    state: Mutex<State>,
    pub(super) crowd: Crowd,
}

#[derive(Debug, Default)]
struct State {
    decision: Decision,
    cancels: Cancels,
    cancels_warned_at_ms: Option<i64>,
    health: Health,
    balance: Balance,
    /// Whether a purchase is in doubt that only the balance can settle.
    waits_for_proof: bool,
}

impl State {
    /// What the database is to hold.
    fn row(&self, provider: &ProviderId) -> rows::Model {
        let low_balance = self.decision.low_balance;
        rows::Model {
            provider: provider.0.clone(),
            is_on: self.decision.is_on,
            priority: self.decision.priority,
            low_balance: low_balance.map(|amount| amount.to_string()),
            // Kept for databases of older versions.
            warned_at_ms: None,
            cancels_warned_at_ms: self.cancels_warned_at_ms,
        }
    }

    /// Whether admins should hear of the balance.
    fn is_low(&self) -> bool {
        let Some((balance, _)) = self.balance.last() else {
            return false;
        };
        let under = |limit: Decimal| limit > Decimal::ZERO && balance.amount < limit;
        let lasts = self.balance.hours_left();
        self.decision.low_balance.is_some_and(under)
            || lasts.is_some_and(|hours| hours < Decimal::from(FEW_HOURS))
    }
}

impl Standing {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over what the database holds.
    pub(super) fn decided(&self, row: &rows::Model) {
        let mut state = self.state();
        state.decision = Decision {
            is_on: row.is_on,
            priority: row.priority,
            low_balance: row
                .low_balance
                .as_deref()
                .and_then(|text| text.parse().ok()),
        };
        state.cancels_warned_at_ms = row.cancels_warned_at_ms;
    }

    /// Notes how many numbers were given back; what is to be written down, where admins are to be
    /// warned or where that is to be forgotten.
    pub(super) fn note_cancels(
        &self,
        provider: &ProviderId,
        cancels: Cancels,
        limit_percent: u32,
        now_ms: i64,
    ) -> Option<rows::Model> {
        let mut state = self.state();
        state.cancels = cancels;
        let warned_at_ms = match state.cancels_warned_at_ms {
            None if cancels.are_too_many(limit_percent) => Some(now_ms),
            Some(_) if cancels.are_few(limit_percent) => None,
            None | Some(_) => return None,
        };
        state.cancels_warned_at_ms = warned_at_ms;
        Some(state.row(provider))
    }

    pub(super) fn cancels_too_much(&self, limit_percent: u32) -> bool {
        self.state().cancels.are_too_many(limit_percent)
    }

    /// Which of two equal prices comes first: the higher.
    pub(super) fn priority(&self) -> i64 {
        self.state().decision.priority
    }

    /// Since when it is of no use; one that does not sell is none that is missed.
    pub(super) fn of_no_use_since(&self) -> Option<DateTime<Utc>> {
        let state = self.state();
        let since = state.health.of_no_use_since()?;
        state.decision.is_on.then_some(since)
    }

    /// Whether it was asked for anything since the start.
    pub(super) fn was_asked(&self, now: DateTime<Utc>) -> bool {
        self.state().health.report(now).calls > 0
    }

    /// Whether a purchase may be sent: after a rest one at a time.
    pub(super) fn lets_through(&self, now: DateTime<Utc>) -> bool {
        !self.crowd.is_full() && self.state().health.let_through(now)
    }

    /// Notes how a call went.
    pub(super) fn note(&self, now: DateTime<Utc>, took: Duration, verdict: Verdict) {
        self.state().health.note(now, took, verdict);
    }

    /// Whether anything could be bought there now.
    fn is_open(&self, now: DateTime<Utc>) -> bool {
        let state = self.state();
        state.decision.is_on && !state.waits_for_proof && !state.health.is_resting(now)
    }

    /// Whether our balance may cover this cost.
    fn covers(&self, now: DateTime<Utc>, cost: Decimal) -> bool {
        !self.state().balance.is_short_for(now, cost)
    }

    /// Notes whether a purchase is in doubt that only the balance can settle.
    pub(super) fn waits_for_proof(&self, waits: bool) {
        self.state().waits_for_proof = waits;
    }

    fn view(&self, provider: &ProviderId, now: DateTime<Utc>) -> StandingView {
        let state = self.state();
        StandingView {
            provider: provider.clone(),
            decision: state.decision.clone(),
            health: state.health.report(now),
            hours_left: state.balance.hours_left(),
            waits_for_proof: state.waits_for_proof,
            balance: state.balance.last(),
            freshness: Freshness::default(),
            tells_balance: true,
            held_back: 0,
            cancels: state.cancels,
            cancel_limit_exceeded: None,
        }
    }
}

impl Shop {
    pub(super) fn standing(&self, provider: &ProviderId) -> Option<&Arc<Standing>> {
        self.standings.get(provider)
    }

    /// Whether an offer can be bought: in stock, its upstream on, awake, not frozen and in funds.
    #[must_use]
    pub fn sells(&self, offer: &Offer) -> bool {
        let (standing, now) = (self.standing(&offer.provider), self.now());
        let payer = self.payer(&offer.provider);
        offer.in_stock()
            && standing.is_some_and(|it| it.is_open(now))
            && payer.is_none_or(|it| it.covers(now, offer.cost))
            && !self.is_frozen(&offer.provider)
    }

    /// The upstream whose account pays for what is bought there, where we have one.
    fn payer(&self, provider: &ProviderId) -> Option<&Arc<Standing>> {
        let driver = self.providers.get(provider)?;
        let payer = self.standing(driver.purse());
        payer.or_else(|| self.standing(provider))
    }

    /// All upstreams as admins see them.
    #[must_use]
    pub fn standings(&self) -> Vec<StandingView> {
        let standings = self.standings.iter();
        standings
            .map(|(provider, standing)| self.standing_view(provider, standing))
            .collect()
    }

    fn standing_view(&self, provider: &ProviderId, standing: &Standing) -> StandingView {
        let catalogue = self.catalogue();
        let stands = catalogue.all_halls().flat_map(|(_, hall)| &hall.stands);
        let offers = stands.flat_map(|stand| &stand.offers);
        let payer = self.payer(provider);
        let held_back = offers
            .filter(|offer| offer.provider == *provider)
            .filter(|offer| payer.is_some_and(|it| !it.covers(self.now(), offer.cost)))
            .count();
        let driver = self.providers.get(provider);
        StandingView {
            tells_balance: driver.is_some_and(|it| it.capabilities().balance),
            held_back,
            cancel_limit_exceeded: self
                .is_last_resort(provider)
                .then_some(self.terms.cancel_limit_percent),
            freshness: catalogue.freshness(provider, self.now()),
            ..standing.view(provider, self.now())
        }
    }

    /// Changes what is decided about an upstream. Saying it twice changes nothing more.
    ///
    /// # Errors
    /// [`ShopError::NotSold`] for an upstream that is not configured.
    pub async fn decide(
        &self,
        admin: UserId,
        provider: &ProviderId,
        change: DecisionChange,
    ) -> Result<StandingView, ShopError> {
        let standing = self.standing(provider).ok_or(ShopError::NotSold)?;
        let (before, row) = {
            let state = standing.state();
            let old = &state.decision;
            let low = change.low_balance.or(old.low_balance);
            let before = state.row(provider);
            let after = rows::Model {
                is_on: change.is_on.unwrap_or(old.is_on),
                priority: change.priority.unwrap_or(old.priority),
                low_balance: low.map(|amount| amount.to_string()),
                ..before.clone()
            };
            (before, after)
        };
        let act = NewAct {
            before: Some(before.words()),
            after: Some(row.words()),
            ..self
                .books(Cause::Admin(admin))
                .act(admin, Act::Provider, provider.0.clone())
        };
        let written = row.clone();
        self.store
            .write(move |tx| {
                work(async move {
                    if act.before != act.after {
                        acts::note(tx, act).await?;
                    }
                    standings::decide(tx, written).await
                })
            })
            .await
            .map_err(ShopError::from)?;
        standing.decided(&row);
        // The order of the offers depends on it.
        self.reload_catalogue().await?;
        Ok(self.standing_view(provider, standing))
    }

    /// The currency of the last balance that was read.
    pub(super) fn balance_currency(&self, provider: &ProviderId) -> Option<String> {
        let (balance, _) = self.standing(provider)?.state().balance.last()?;
        Some(balance.currency)
    }

    /// Reads our balance at an upstream and warns the admins where it is low; `None` where the
    /// upstream tells none, or not now.
    ///
    /// # Errors
    /// Only [`ShopError::Internal`]; an upstream that gives no balance is asked again later.
    pub async fn watch_balance(&self, provider: &dyn Provider) -> Result<Option<Cost>, ShopError> {
        if !provider.capabilities().balance {
            return Ok(None);
        }
        let balance = match provider.balance().await {
            Ok(balance) => balance,
            Err(error) => {
                log::info!("{} gave no balance: {error}", provider.id());
                return Ok(None);
            }
        };
        let Some(standing) = self.standing(provider.id()) else {
            return Ok(None);
        };
        let low = {
            let mut state = standing.state();
            state.balance.read(self.now(), &balance);
            state.is_low().then(|| state.balance.hours_left())
        };
        self.wake.stock.notify_one();
        if let Some(hours_left) = low {
            self.warn_of_balance(provider.id(), &balance, hours_left)
                .await?;
        }
        Ok(Some(balance))
    }

    /// Notes that an upstream refused to sell this for want of our money, and tells the admins.
    pub(super) async fn out_of_funds(
        &self,
        provider: &ProviderId,
        offer: &Offer,
    ) -> Result<(), ShopError> {
        let Some(payer) = self.payer(provider) else {
            return Ok(());
        };
        let known = {
            let mut state = payer.state();
            state.balance.refused(self.now(), offer.cost);
            state.balance.last()
        };
        let balance = Cost {
            amount: known.map_or(Decimal::ZERO, |(known, _)| known.amount),
            currency: offer.currency.clone(),
        };
        self.warn_of_balance(provider, &balance, None).await
    }

    /// Notes what was spent at an upstream, until its balance is read anew.
    pub(super) fn spent(&self, provider: &ProviderId, cost: Decimal) {
        if let Some(payer) = self.payer(provider) {
            payer.state().balance.spent(cost);
        }
    }

    /// The upstreams at which our balance is low, or did not cover what was to be bought.
    pub(super) fn low_balances(&self) -> Vec<String> {
        let now = self.now();
        let is_low = |standing: &Standing| {
            let state = standing.state();
            // After a start nothing is known yet, so nothing is solved.
            state.balance.last().is_none() || state.is_low() || state.balance.refusal(now).is_some()
        };
        let low = self.standings.iter().filter(|(_, it)| is_low(it));
        low.map(|(provider, _)| provider.0.clone()).collect()
    }

    /// One notice to each admin, at most hourly for one upstream.
    async fn warn_of_balance(
        &self,
        provider: &ProviderId,
        balance: &Cost,
        hours_left: Option<Decimal>,
    ) -> Result<(), ShopError> {
        let notice = Notice::LowBalance {
            provider: provider.0.clone(),
            balance: format!("{} {}", balance.amount.normalize(), balance.currency),
            hours_left: hours_left.map(|hours| hours.to_string()),
        };
        let (admins, about) = (self.admins(), provider.0.clone());
        let books = self.books(Cause::Worker);
        self.store
            .write(move |tx| {
                work(async move {
                    let news = is_news(tx, &books, AlertKind::LowBalance, &about).await?;
                    for admin in admins.into_iter().filter(|_| news) {
                        books.notify(tx, admin, &notice).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .map_err(ShopError::from)?;
        self.wake.outbox.notify_one();
        Ok(())
    }
}

/// What an error says about the upstream that gave it.
pub(super) fn verdict<T>(answer: &Result<T, ProviderError>) -> Verdict {
    answer
        .as_ref()
        .map_or_else(Verdict::from, |_| Verdict::Good)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn idr(amount: i64) -> Cost {
        Cost {
            amount: amount.into(),
            currency: "IDR".to_owned(),
        }
    }

    #[test]
    fn a_few_minutes_are_no_reason_to_warn() {
        let mut state = State::default();
        let begin = DateTime::UNIX_EPOCH;
        for (minutes, amount) in [(0, 1_000), (9, 10)] {
            state
                .balance
                .read(begin + TimeDelta::minutes(minutes), &idr(amount));
        }
        assert!(!state.is_low());
        state.balance.read(begin + TimeDelta::minutes(10), &idr(10));
        assert!(state.is_low());
    }

    #[test]
    fn what_the_balance_does_not_cover_is_not_sold() {
        let (standing, now) = (Standing::default(), DateTime::UNIX_EPOCH);
        assert!(standing.covers(now, 400.into()), "nothing is known yet");
        standing.state().balance.read(now, &idr(399));
        assert!(!standing.covers(now, 400.into()));
        assert!(standing.covers(now, 399.into()));
    }
}
