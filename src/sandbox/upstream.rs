//! Simulated upstreams: HTTP servers on loopback that sell numbers nobody owns, in the wire
//! languages of the real ones, and whose hand one can force.
//!
//! Invariant: a request is carried out whole or not at all, whatever then happens to its answer,
//! so the books of [`SimulatedUpstream`] are always what a real upstream would charge for.

mod catalogue;
mod compat;
mod connection;
pub mod dialect;
mod engine;
pub mod fault;
mod order;
mod otpbuddy;
mod otpcepat;
mod otpgan;
mod otpget;
mod php;
pub mod rental;
mod server;
mod sms;
mod virtusim;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use self::dialect::Dialect;
use self::engine::{Engine, Refusal};
use self::fault::{Fault, Scope};
use self::order::Order;
use self::server::{Desk, Running};
use crate::clock::Clock;

/// How our keys begin where nobody names others.
pub const DEMO_KEY: &str = "sandbox-key-";

/// How a simulated upstream is set up.
#[derive(Debug, Clone)]
pub struct UpstreamConfig {
    /// Whom it plays.
    pub dialect: Dialect,
    /// The API key of its first account.
    pub key: String,
    /// What that account starts with, in its currency.
    pub balance: Decimal,
    /// The loopback port; 0 takes any free one.
    pub port: u16,
    /// Its orders are numbered after this.
    pub first_id: u64,
}

impl From<Dialect> for UpstreamConfig {
    fn from(dialect: Dialect) -> Self {
        Self {
            dialect,
            key: format!("{DEMO_KEY}{}", dialect.id()),
            balance: Decimal::from(5_000_000),
            port: 0,
            first_id: dialect.first_id(),
        }
    }
}

/// Where an order stands in the upstream's books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderState {
    /// No SMS yet, or another one asked for.
    Waiting,
    /// The SMS is there.
    Received,
    /// Closed with an SMS: the money stays spent.
    Finished,
    /// Cancelled and paid back.
    Cancelled,
    /// Ran out without an SMS and was paid back.
    Expired,
}

impl OrderState {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Received => "received",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }
}

/// An order as the upstream's books have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatedOrder {
    /// The upstream's id.
    pub id: String,
    /// The service's name there.
    pub service: String,
    /// The operator whose number it is.
    pub operator: String,
    /// International, digits only, whatever form the wire shows.
    pub number: String,
    /// Where it stands.
    pub state: OrderState,
    /// Every SMS so far, oldest first.
    pub sms: Vec<String>,
    /// When it was bought.
    pub created_at: DateTime<Utc>,
    /// What the account was charged, in its currency.
    pub charged: Decimal,
    /// What the account got back, in its currency.
    pub refunded: Decimal,
}

impl SimulatedOrder {
    fn new(dialect: Dialect, order: &Order) -> Self {
        Self {
            id: dialect.order_name(order.id),
            service: order.service.to_string(),
            operator: order.operator.to_owned(),
            number: order.number.clone(),
            state: order.state(),
            sms: order.sms.clone(),
            created_at: order.created_at,
            charged: order.price,
            refunded: order.refunded,
        }
    }
}

/// Why an upstream's hand cannot be forced that way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// There is no order with that id.
    #[error("this upstream has no such order")]
    UnknownOrder,
    /// The order is finished, cancelled or expired.
    #[error("this order is closed")]
    OrderClosed,
    /// The order has its SMS, so it cannot be taken back.
    #[error("this order has its SMS already")]
    HasSms,
    /// There is no service with that id or name, or no rental like that.
    #[error("this upstream has no such service")]
    UnknownService,
    /// The service is not sold at that operator.
    #[error("this service is not sold at such an operator")]
    UnknownOperator,
}

impl From<Refusal> for ControlError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::UnknownOrder => Self::UnknownOrder,
            Refusal::HasSms => Self::HasSms,
            Refusal::WrongState | Refusal::TooEarly | Refusal::NoSms => Self::OrderClosed,
            Refusal::NoFunds | Refusal::NoStock => Self::UnknownService,
        }
    }
}

/// A running simulated upstream. Clones are handles to the same one; it stops with the last.
#[derive(Debug, Clone)]
pub struct SimulatedUpstream {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    desk: Arc<Desk>,
    key: String,
    port: u16,
    running: Mutex<Option<Running>>,
}

/// The account behind [`SimulatedUpstream::key`].
const FIRST_ACCOUNT: usize = 0;

impl SimulatedUpstream {
    /// Starts one on loopback.
    ///
    /// # Errors
    /// When the port cannot be had.
    pub async fn start(
        config: impl Into<UpstreamConfig>,
        clock: Arc<dyn Clock>,
    ) -> io::Result<Self> {
        let config = config.into();
        let dialect = config.dialect;
        let mut engine = Engine::new(
            clock,
            dialect.catalogue(),
            dialect.timing(),
            config.first_id,
        );
        engine.open_account(config.key.clone(), config.balance);
        engine.rent_out(dialect.rental_places());
        let desk = Arc::new(Desk::new(dialect, engine));
        let (running, port) = Running::start(Arc::clone(&desk), config.port).await?;
        Ok(Self {
            inner: Arc::new(Inner {
                desk,
                key: config.key,
                port,
                running: Mutex::new(Some(running)),
            }),
        })
    }

    /// Stops serving and breaks every connection off; the books are kept.
    pub async fn stop(&self) {
        let running = self.running().take();
        if let Some(running) = running {
            running.stop().await;
        }
    }

    /// Serves again on the same port, after [`Self::stop`]. Does nothing while it runs.
    ///
    /// # Errors
    /// When somebody else took the port meanwhile.
    pub async fn restart(&self) -> io::Result<()> {
        if self.running().is_some() {
            return Ok(());
        }
        let desk = Arc::clone(&self.inner.desk);
        let (running, _) = Running::start(desk, self.inner.port).await?;
        *self.running() = Some(running);
        Ok(())
    }

    /// The whole endpoint, without key or query; v1 at VirtuSIM, the handlers' folder at OTPGet.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_of(self.dialect().path())
    }

    /// VirtuSIM's v2 endpoint. At another upstream nothing answers there.
    #[must_use]
    pub fn url_v2(&self) -> String {
        self.url_of(virtusim::PATH_V2)
    }

    fn url_of(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.inner.port)
    }

    /// The API key of its first account, which all that follows is about.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.inner.key
    }

    /// Whom it plays.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.inner.desk.dialect()
    }

    /// `virtusim`, `otpcepat`, or the name a host of the family was given.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.dialect().id()
    }

    /// `VirtuSIM`, `OTPCepat`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.dialect().name()
    }

    /// Opens one more account, with a key of its own.
    pub fn open_account(&self, key: &str, balance: Decimal) {
        self.engine().open_account(key.to_owned(), balance);
    }

    /// What the account has left, in its currency.
    #[must_use]
    pub fn balance(&self) -> Decimal {
        self.engine().balance(FIRST_ACCOUNT)
    }

    /// What was paid into the account so far, in its currency.
    #[must_use]
    pub fn funded(&self) -> Decimal {
        self.engine().funded(FIRST_ACCOUNT)
    }

    /// Charges less refunds over all orders and rentals of the account, in its currency, added up
    /// afresh. Always [`Self::funded`] less [`Self::balance`].
    #[must_use]
    pub fn spent(&self) -> Decimal {
        let mut engine = self.engine();
        let orders: Decimal = engine
            .newest_orders(usize::MAX)
            .iter()
            .filter(|order| order.account == FIRST_ACCOUNT)
            .map(|order| order.price - order.refunded)
            .sum();
        let rentals = engine.rentals().iter();
        let rentals = rentals.filter(|rental| rental.account == FIRST_ACCOUNT);
        orders + rentals.map(|rental| rental.charged).sum::<Decimal>()
    }

    /// Pays in or out until the account has `balance`, in its currency.
    pub fn set_balance(&self, balance: Decimal) {
        self.engine().set_balance(FIRST_ACCOUNT, balance);
    }

    /// Sets how many numbers of a service (id, or name in the main country) are left, spread
    /// over its operators.
    ///
    /// # Errors
    /// When there is no such service.
    pub fn set_stock(&self, service: &str, numbers: u64) -> Result<(), ControlError> {
        self.change_offer(service, |offer| {
            offer.spread_stock(numbers);
            Ok(())
        })
    }

    /// Sets how many numbers of a service are left at one operator.
    ///
    /// # Errors
    /// When there is no such service or operator.
    pub fn set_operator_stock(
        &self,
        service: &str,
        operator: &str,
        numbers: u64,
    ) -> Result<(), ControlError> {
        self.change_offer(service, |offer| {
            offer
                .stock
                .iter_mut()
                .find(|(name, _)| *name == operator)
                .map(|(_, left)| *left = numbers)
                .ok_or(ControlError::UnknownOperator)
        })
    }

    /// Sets what a service costs, in its currency.
    ///
    /// # Errors
    /// When there is no such service.
    pub fn set_price(&self, service: &str, price: Decimal) -> Result<(), ControlError> {
        self.change_offer(service, |offer| {
            offer.price = price;
            Ok(())
        })
    }

    fn change_offer(
        &self,
        service: &str,
        change: impl FnOnce(&mut catalogue::Offer) -> Result<(), ControlError>,
    ) -> Result<(), ControlError> {
        let mut engine = self.engine();
        let catalogue = engine.catalogue_mut();
        let index = catalogue
            .find_by_id_or_name(service)
            .ok_or(ControlError::UnknownService)?;
        let offer = catalogue
            .offer_mut(index)
            .ok_or(ControlError::UnknownService)?;
        change(offer)
    }

    /// Lets the SMS of orders bought (or resent) from now on come by itself this long
    /// afterwards; `None` leaves it to [`Self::deliver`].
    pub fn set_sms_after(&self, after: Option<Duration>) {
        self.engine().timing_mut().sms_after = after.map(delta);
    }

    /// Lets a further SMS come to rentals by itself this long after the one before it, once
    /// [`Self::set_sms_after`] brought the first.
    pub fn set_rental_sms_every(&self, every: Option<Duration>) {
        self.engine().timing_mut().rental_sms_every = every.map(delta);
    }

    /// How long after buying a cancel is refused.
    pub fn set_cancel_after(&self, after: Duration) {
        self.engine().timing_mut().cancel_after = delta(after);
    }

    /// How long numbers bought from now on live.
    pub fn set_lifetime(&self, lifetime: Duration) {
        self.engine().timing_mut().lifetime = delta(lifetime);
    }

    /// Every order so far, oldest first.
    #[must_use]
    pub fn orders(&self) -> Vec<SimulatedOrder> {
        let mut orders = self.newest_orders(usize::MAX);
        orders.reverse();
        orders
    }

    /// The newest orders, newest first.
    #[must_use]
    pub fn newest_orders(&self, count: usize) -> Vec<SimulatedOrder> {
        let mut engine = self.engine();
        let orders = engine.newest_orders(count);
        let dialect = self.dialect();
        orders
            .into_iter()
            .map(|order| SimulatedOrder::new(dialect, order))
            .collect()
    }

    /// Every mailbox so far, oldest first: an order whose number is an address.
    #[must_use]
    pub fn mailboxes(&self) -> Vec<SimulatedOrder> {
        let mut orders = self.orders();
        orders.retain(|order| order.number.contains('@'));
        orders
    }

    /// One order.
    #[must_use]
    pub fn order(&self, id: &str) -> Option<SimulatedOrder> {
        let dialect = self.dialect();
        let number = dialect.order_number(id)?;
        let mut engine = self.engine();
        let order = engine.any_order(number)?;
        Some(SimulatedOrder::new(dialect, order))
    }

    /// The SMS of an order, the message of a mailbox or one more SMS of a rental comes now.
    ///
    /// # Errors
    /// When the order is unknown or closed.
    pub fn deliver(&self, order: &str, text: &str) -> Result<(), ControlError> {
        self.deliver_text(order, Some(text)).map(|_| ())
    }

    /// The same with an invented text, which is returned.
    ///
    /// # Errors
    /// When the order is unknown or closed.
    pub fn deliver_invented(&self, order: &str) -> Result<String, ControlError> {
        self.deliver_text(order, None)
    }

    /// An SMS comes for an order that is closed already.
    ///
    /// # Errors
    /// When the order is unknown or open.
    pub fn deliver_late(&self, order: &str, text: &str) -> Result<(), ControlError> {
        let id = self.order_number(order)?;
        Ok(self.engine().deliver_late(id, text)?)
    }

    fn deliver_text(&self, order: &str, text: Option<&str>) -> Result<String, ControlError> {
        if let Some(rental) = rental::number_of(order) {
            return Ok(self.engine().deliver_to_rental(rental, text)?);
        }
        let id = self.order_number(order)?;
        Ok(self.engine().deliver(id, text)?)
    }

    /// The time of an order, a mailbox or a rental is over now.
    ///
    /// # Errors
    /// When the order is unknown or closed.
    pub fn expire(&self, order: &str) -> Result<(), ControlError> {
        if let Some(rental) = rental::number_of(order) {
            return Ok(self.engine().expire_rental(rental)?);
        }
        let id = self.order_number(order)?;
        Ok(self.engine().expire(id)?)
    }

    /// Every order that waits gets an SMS now, with an invented text unless one is given.
    /// Returns how many did.
    pub fn deliver_all(&self, text: Option<&str>) -> usize {
        self.engine().deliver_all(text)
    }

    /// The upstream takes a number back on its own and pays it back.
    ///
    /// # Errors
    /// When the order is unknown, closed, or has its SMS.
    pub fn cancel_by_upstream(&self, order: &str) -> Result<(), ControlError> {
        let id = self.order_number(order)?;
        Ok(self.engine().cancel_by_upstream(id)?)
    }

    /// Sets a fault, besides those already set.
    pub fn set_fault(&self, fault: Fault, scope: Scope) {
        self.inner.desk.set_fault(fault, scope);
    }

    /// Takes all faults away.
    pub fn clear_faults(&self) {
        self.inner.desk.clear_faults();
    }

    /// How many requests of this action came in so far, answered or not. Counts by the
    /// upstream's own word (`active_order`) and by those of [`fault::step`].
    #[must_use]
    pub fn requests(&self, action: &str) -> u64 {
        self.inner.desk.requests(action)
    }

    fn order_number(&self, order: &str) -> Result<u64, ControlError> {
        self.dialect()
            .order_number(order)
            .ok_or(ControlError::UnknownOrder)
    }

    fn engine(&self) -> MutexGuard<'_, Engine> {
        self.inner.desk.engine()
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.inner
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn delta(duration: Duration) -> TimeDelta {
    // Longer than chrono can tell is as good as never.
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::days(36_500))
}
