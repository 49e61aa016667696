//! The books of a simulated upstream: accounts, stock, orders and their windows of time.
//!
//! Invariant: what an account was funded with, less its balance, is what its orders were charged
//! less what they were refunded, and what its rentals were charged; every change of state goes through [`Engine::now`] first, so an
//! order that ran out is closed before anybody sees it. Nothing runs in the background.

mod rentals;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::{Decimal, RoundingStrategy};

use super::catalogue::{Catalogue, Offer};
use super::order::Order;
use super::rental::{Place, Rental};
use super::{OrderState, sms};
use crate::clock::Clock;

/// Why the upstream will not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The balance does not cover the price.
    NoFunds,
    /// No number left, at the operator asked for or at all.
    NoStock,
    /// No such order in this account.
    UnknownOrder,
    /// Cancelling is not possible yet.
    TooEarly,
    /// The order has its SMS.
    HasSms,
    /// The order has no SMS.
    NoSms,
    /// The order is closed, or still open where a closed one is meant.
    WrongState,
}

/// How one request differs from the ordinary: what a fault makes of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Effects {
    /// Buying finds no number.
    pub(super) no_stock: bool,
    /// Percent on top of every price.
    pub(super) price_percent: u32,
    /// The SMS comes before a cancel is looked at.
    pub(super) sms_first: bool,
}

/// How long things take here.
#[derive(Debug, Clone)]
pub(super) struct Timing {
    /// How long a number lives.
    pub(super) lifetime: TimeDelta,
    /// How long cancelling is refused after buying.
    pub(super) cancel_after: TimeDelta,
    /// When an SMS comes by itself, after buying or after a resend.
    pub(super) sms_after: Option<TimeDelta>,
    /// When the next one comes by itself to a rental that got one so.
    pub(super) rental_sms_every: Option<TimeDelta>,
}

#[derive(Debug)]
struct Account {
    funded: Decimal,
    balance: Decimal,
    open: BTreeSet<u64>,
}

/// The books.
#[derive(Debug)]
pub(super) struct Engine {
    clock: Arc<dyn Clock>,
    catalogue: Catalogue,
    timing: Timing,
    first_id: u64,
    accounts: Vec<Account>,
    by_key: HashMap<String, usize>,
    orders: Vec<Order>,
    deadlines: BTreeSet<(DateTime<Utc>, u64)>,
    places: Vec<Place>,
    rentals: Vec<Rental>,
}

impl Engine {
    /// Empty books; orders are numbered after `first_id`.
    pub(super) fn new(
        clock: Arc<dyn Clock>,
        catalogue: Catalogue,
        timing: Timing,
        first_id: u64,
    ) -> Self {
        Self {
            clock,
            catalogue,
            timing,
            first_id,
            accounts: Vec::new(),
            by_key: HashMap::new(),
            orders: Vec::new(),
            deadlines: BTreeSet::new(),
            places: Vec::new(),
            rentals: Vec::new(),
        }
    }

    /// Opens an account and returns its index.
    pub(super) fn open_account(&mut self, key: String, balance: Decimal) -> usize {
        let index = self.accounts.len();
        self.accounts.push(Account {
            funded: balance,
            balance,
            open: BTreeSet::new(),
        });
        self.by_key.insert(key, index);
        index
    }

    /// The account a key opens.
    pub(super) fn account(&self, key: &str) -> Option<usize> {
        self.by_key.get(key).copied()
    }

    /// The present moment, with everything due by then done: expired orders are closed, and paid
    /// back unless an SMS had come.
    pub(super) fn now(&mut self) -> DateTime<Utc> {
        let now = self.clock.now();
        while let Some((deadline, id)) = self.deadlines.first().copied()
            && deadline <= now
        {
            self.deadlines.pop_first();
            let Some(order) = self.stored(id) else {
                continue;
            };
            order.ripen(deadline);
            if order.sms.is_empty() {
                self.close(id, OrderState::Expired);
            } else {
                self.close(id, OrderState::Finished);
            }
        }
        now
    }

    /// What an account has left.
    pub(super) fn balance(&mut self, account: usize) -> Decimal {
        self.now();
        self.accounts
            .get(account)
            .map_or(Decimal::ZERO, |it| it.balance)
    }

    /// What was put into an account.
    pub(super) fn funded(&self, account: usize) -> Decimal {
        self.accounts
            .get(account)
            .map_or(Decimal::ZERO, |it| it.funded)
    }

    /// Pays in or out until the balance is `balance`.
    pub(super) fn set_balance(&mut self, account: usize, balance: Decimal) {
        self.now();
        if let Some(account) = self.accounts.get_mut(account) {
            account.funded += balance - account.balance;
            account.balance = balance;
        }
    }

    /// What is on sale.
    pub(super) fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// What is on sale, to change it.
    pub(super) fn catalogue_mut(&mut self) -> &mut Catalogue {
        &mut self.catalogue
    }

    /// How long things take.
    pub(super) fn timing_mut(&mut self) -> &mut Timing {
        &mut self.timing
    }

    /// What an offer costs in this request.
    pub(super) fn price(offer: &Offer, effects: &Effects) -> Decimal {
        Self::raised(offer.price, effects)
    }

    fn raised(price: Decimal, effects: &Effects) -> Decimal {
        let raised = price * Decimal::from(100 + u64::from(effects.price_percent));
        if effects.price_percent == 0 {
            return price;
        }
        // Rounded up: an upstream gives nothing away, be it rupiah or hundredths of a cent.
        let digits = price.scale();
        (raised / Decimal::ONE_HUNDRED)
            .round_dp_with_strategy(digits, RoundingStrategy::AwayFromZero)
    }

    /// Sells a number of the offer at this index and returns the order's id.
    pub(super) fn buy(
        &mut self,
        account: usize,
        offer_index: usize,
        operator: Option<&str>,
        effects: &Effects,
    ) -> Result<u64, Refusal> {
        let now = self.now();
        if effects.no_stock {
            return Err(Refusal::NoStock);
        }
        let offer = self.catalogue.offer(offer_index).ok_or(Refusal::NoStock)?;
        let price = Self::price(offer, effects);
        if self.balance(account) < price {
            return Err(Refusal::NoFunds);
        }
        let offer = self
            .catalogue
            .offer_mut(offer_index)
            .ok_or(Refusal::NoStock)?;
        let operator = offer.take(operator).ok_or(Refusal::NoStock)?;
        let (country, service) = (offer.country, Arc::clone(&offer.name));
        let id = self.next_id();
        let contact = self.catalogue.country(country).map(|it| it.contact(id));
        let order = Order {
            id,
            account,
            offer: offer_index,
            service,
            operator,
            number: contact.unwrap_or_default(),
            price,
            refunded: Decimal::ZERO,
            sms: Vec::new(),
            ready: false,
            created_at: now,
            expires_at: now + self.timing.lifetime,
            closed: None,
            sms_due: self.timing.sms_after.map(|after| now + after),
            awaits_another: false,
        };
        self.enter(order);
        Ok(id)
    }

    /// Sells the number of a finished order once more.
    pub(super) fn buy_again(&mut self, account: usize, id: u64) -> Result<u64, Refusal> {
        let now = self.now();
        let old = self
            .order(account, id)
            .ok_or(Refusal::UnknownOrder)?
            .clone();
        if old.state() != OrderState::Finished {
            return Err(Refusal::WrongState);
        }
        if self.balance(account) < old.price {
            return Err(Refusal::NoFunds);
        }
        let id = self.next_id();
        self.enter(Order {
            id,
            refunded: Decimal::ZERO,
            sms: Vec::new(),
            ready: false,
            created_at: now,
            expires_at: now + self.timing.lifetime,
            closed: None,
            sms_due: self.timing.sms_after.map(|after| now + after),
            awaits_another: false,
            ..old
        });
        Ok(id)
    }

    fn next_id(&self) -> u64 {
        let count = u64::try_from(self.orders.len()).unwrap_or(u64::MAX);
        self.first_id.saturating_add(count).saturating_add(1)
    }

    fn enter(&mut self, order: Order) {
        if let Some(account) = self.accounts.get_mut(order.account) {
            account.balance -= order.price;
            account.open.insert(order.id);
        }
        self.deadlines.insert((order.expires_at, order.id));
        self.orders.push(order);
    }

    /// Notes that the client uses the number.
    pub(super) fn ready(&mut self, account: usize, id: u64) -> Result<(), Refusal> {
        let order = self.open_order(account, id)?;
        order.ready = true;
        Ok(())
    }

    /// Cancels an order and pays it back.
    pub(super) fn cancel(
        &mut self,
        account: usize,
        id: u64,
        effects: &Effects,
    ) -> Result<(), Refusal> {
        let patience = self.timing.cancel_after;
        self.cancel_after(account, id, effects, patience)
    }

    /// The same where it is refused for this long after buying.
    pub(super) fn cancel_after(
        &mut self,
        account: usize,
        id: u64,
        effects: &Effects,
        patience: TimeDelta,
    ) -> Result<(), Refusal> {
        let now = self.now();
        let order = self.open_order(account, id)?;
        if effects.sms_first && order.sms.is_empty() {
            let text = sms::invented(&order.service, id, 0);
            order.receive(text);
        }
        if !order.sms.is_empty() {
            return Err(Refusal::HasSms);
        }
        if now < order.created_at + patience {
            return Err(Refusal::TooEarly);
        }
        self.close(id, OrderState::Cancelled);
        Ok(())
    }

    /// Waits for one more SMS.
    pub(super) fn resend(&mut self, account: usize, id: u64) -> Result<(), Refusal> {
        let now = self.now();
        let after = self.timing.sms_after;
        let order = self.open_order(account, id)?;
        if order.sms.is_empty() {
            return Err(Refusal::NoSms);
        }
        order.awaits_another = true;
        order.sms_due = after.map(|after| now + after);
        Ok(())
    }

    /// Closes an order that has its SMS.
    pub(super) fn finish(&mut self, account: usize, id: u64) -> Result<(), Refusal> {
        let order = self.open_order(account, id)?;
        if order.sms.is_empty() {
            return Err(Refusal::NoSms);
        }
        self.close(id, OrderState::Finished);
        Ok(())
    }

    /// One order of an account.
    pub(super) fn order(&mut self, account: usize, id: u64) -> Option<&Order> {
        self.any_order(id).filter(|order| order.account == account)
    }

    /// One order of whatever account.
    pub(super) fn any_order(&mut self, id: u64) -> Option<&Order> {
        let now = self.now();
        let order = self.stored(id)?;
        order.ripen(now);
        Some(order)
    }

    /// The open orders of an account, oldest first.
    pub(super) fn open_orders(&mut self, account: usize) -> Vec<&Order> {
        let now = self.now();
        let Some(account) = self.accounts.get(account) else {
            return Vec::new();
        };
        let places: Vec<usize> = account
            .open
            .iter()
            .filter_map(|id| self.place(*id))
            .collect();
        for place in &places {
            if let Some(order) = self.orders.get_mut(*place) {
                order.ripen(now);
            }
        }
        places
            .iter()
            .filter_map(|place| self.orders.get(*place))
            .collect()
    }

    /// The newest orders of whatever account, newest first.
    pub(super) fn newest_orders(&mut self, count: usize) -> Vec<&Order> {
        let now = self.now();
        for order in self.orders.iter_mut().rev().take(count) {
            order.ripen(now);
        }
        self.orders.iter().rev().take(count).collect()
    }

    /// The SMS has come. `None` invents its text.
    pub(super) fn deliver(&mut self, id: u64, text: Option<&str>) -> Result<String, Refusal> {
        let now = self.now();
        let order = self.stored(id).ok_or(Refusal::UnknownOrder)?;
        if order.closed.is_some() {
            return Err(Refusal::WrongState);
        }
        order.ripen(now);
        let text = text.map_or_else(
            || sms::invented(&order.service, id, order.sms.len()),
            str::to_owned,
        );
        order.receive(text.clone());
        Ok(text)
    }

    /// Somebody sends to a number that is closed; the upstream shows it all the same.
    pub(super) fn deliver_late(&mut self, id: u64, text: &str) -> Result<(), Refusal> {
        let order = self.stored(id).ok_or(Refusal::UnknownOrder)?;
        if order.closed.is_none() {
            return Err(Refusal::WrongState);
        }
        order.receive(text.to_owned());
        Ok(())
    }

    /// Every order that waits gets an SMS. Returns how many did.
    pub(super) fn deliver_all(&mut self, text: Option<&str>) -> usize {
        self.now();
        let ids = self.open_ids();
        let mut delivered = 0;
        for id in ids {
            let waits = self
                .any_order(id)
                .is_some_and(|order| order.state() == OrderState::Waiting);
            if waits && self.deliver(id, text).is_ok() {
                delivered += 1;
            }
        }
        delivered
    }

    fn open_ids(&self) -> Vec<u64> {
        self.accounts
            .iter()
            .flat_map(|account| account.open.iter().copied())
            .collect()
    }

    /// The upstream takes the number back on its own.
    pub(super) fn cancel_by_upstream(&mut self, id: u64) -> Result<(), Refusal> {
        let order = self.any_order(id).ok_or(Refusal::UnknownOrder)?;
        match order.state() {
            OrderState::Waiting if order.sms.is_empty() => {
                self.close(id, OrderState::Cancelled);
                Ok(())
            }
            OrderState::Waiting | OrderState::Received => Err(Refusal::HasSms),
            OrderState::Finished | OrderState::Cancelled | OrderState::Expired => {
                Err(Refusal::WrongState)
            }
        }
    }

    /// An order runs out now.
    pub(super) fn expire(&mut self, id: u64) -> Result<(), Refusal> {
        let now = self.now();
        let order = self.stored(id).ok_or(Refusal::UnknownOrder)?;
        if order.closed.is_some() {
            return Err(Refusal::WrongState);
        }
        let planned = order.expires_at;
        order.expires_at = now;
        self.deadlines.remove(&(planned, id));
        self.deadlines.insert((now, id));
        self.now();
        Ok(())
    }

    /// Gives each open order that has exactly one SMS a second one; only `id`, if one is named.
    pub(super) fn second_sms(&mut self, id: Option<u64>) {
        self.now();
        let mut ids = self.open_ids();
        ids.retain(|open| id.is_none_or(|id| id == *open));
        for id in ids {
            if self.any_order(id).is_some_and(|order| order.sms.len() == 1) {
                // An open order always takes an SMS.
                let _text = self.deliver(id, None);
            }
        }
    }

    fn place(&self, id: u64) -> Option<usize> {
        usize::try_from(id.checked_sub(self.first_id)?.checked_sub(1)?).ok()
    }

    fn stored(&mut self, id: u64) -> Option<&mut Order> {
        let place = self.place(id)?;
        self.orders.get_mut(place)
    }

    fn open_order(&mut self, account: usize, id: u64) -> Result<&mut Order, Refusal> {
        let now = self.now();
        let order = self
            .stored(id)
            .filter(|order| order.account == account)
            .ok_or(Refusal::UnknownOrder)?;
        order.ripen(now);
        if order.closed.is_some() {
            return Err(Refusal::WrongState);
        }
        Ok(order)
    }

    fn close(&mut self, id: u64, state: OrderState) {
        let Some(order) = self.stored(id) else { return };
        if order.closed.is_some() {
            return;
        }
        order.closed = Some(state);
        let refund = match state {
            OrderState::Cancelled | OrderState::Expired => order.price,
            OrderState::Finished | OrderState::Waiting | OrderState::Received => Decimal::ZERO,
        };
        order.refunded = refund;
        let (account, deadline) = (order.account, (order.expires_at, id));
        self.deadlines.remove(&deadline);
        if let Some(account) = self.accounts.get_mut(account) {
            account.balance += refund;
            account.open.remove(&id);
        }
    }
}
