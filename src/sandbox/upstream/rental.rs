//! Rentals in a simulated upstream's books, and the hands that force them.
//!
//! Invariant: a rental is never paid back, and an SMS that was due before its end has come,
//! whether or not anybody looked in time.

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::{ControlError, SimulatedUpstream, sms};

/// How an order of a rental is told from other orders.
const ORDER_PREFIX: &str = "RNT";
/// Whose invented SMS come to rentals, in turn.
const SENDERS: [&str; 4] = ["WhatsApp", "Telegram", "Google", "Facebook"];

/// A country in which one of the servers rents numbers out.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// 1 or 2.
    pub(super) server: u8,
    /// Two letters.
    pub(super) country_code: &'static str,
    /// The upstream's name for it.
    pub(super) name: &'static str,
    /// How its invented numbers begin.
    pub(super) prefix: &'static str,
    /// Hours and what they cost.
    pub(super) prices: Vec<(u32, Decimal)>,
    /// Its parts.
    pub(super) areas: Vec<Area>,
}

/// A part of a country.
#[derive(Debug, Clone)]
pub(super) struct Area {
    /// The upstream's code of it.
    pub(super) code: &'static str,
    /// The upstream's name for it.
    pub(super) title: &'static str,
    /// Numbers left.
    pub(super) left: u64,
    /// The shortest rental there, in months of 720 hours.
    pub(super) min_month: u32,
}

impl Place {
    /// What so many hours cost.
    pub(super) fn price(&self, hours: u32) -> Option<Decimal> {
        let price = self.prices.iter().find(|(offered, _)| *offered == hours);
        price.map(|(_, price)| *price)
    }

    /// Takes one number for so many hours, where most are left.
    pub(super) fn take(&mut self, hours: u32) -> Option<()> {
        let areas = self.areas.iter_mut();
        let fitting = areas.filter(|area| area.min_month.saturating_mul(720) <= hours);
        let area = fitting.max_by_key(|area| area.left)?;
        area.left = area.left.checked_sub(1)?;
        Some(())
    }
}

/// A rental in the books.
#[derive(Debug, Clone)]
pub(super) struct Rental {
    /// The upstream's id of the rental; its order is named after it.
    pub(super) id: u64,
    /// Index of the account that pays.
    pub(super) account: usize,
    /// Index of the place.
    pub(super) place: usize,
    /// International, digits only.
    pub(super) number: String,
    /// What was charged for it and for its renewals.
    pub(super) charged: Decimal,
    /// Every SMS so far.
    pub(super) sms: Vec<Message>,
    /// When it was rented.
    pub(super) created_at: DateTime<Utc>,
    /// When it ends.
    pub(super) expires_at: DateTime<Utc>,
    /// When the next SMS comes by itself.
    pub(super) sms_due: Option<DateTime<Utc>>,
}

/// One SMS to a rental.
#[derive(Debug, Clone)]
pub(super) struct Message {
    /// Who sent it.
    pub(super) from: &'static str,
    /// Its text.
    pub(super) text: String,
    /// When it came.
    pub(super) at: DateTime<Utc>,
}

impl Rental {
    /// The name of its order.
    pub(super) fn order_name(&self) -> String {
        format!("{ORDER_PREFIX}{}", self.id)
    }

    /// Takes an SMS in; `None` invents its text.
    pub(super) fn receive(&mut self, text: Option<&str>, at: DateTime<Utc>) -> String {
        let nth = self.sms.len();
        let from = SENDERS
            .get(nth % SENDERS.len())
            .copied()
            .unwrap_or_default();
        let text = text.map_or_else(|| sms::invented(from, self.id, nth), str::to_owned);
        self.sms.push(Message {
            from,
            text: text.clone(),
            at,
        });
        text
    }

    /// Takes in every SMS that was due by `now`.
    pub(super) fn ripen(&mut self, now: DateTime<Utc>, every: Option<TimeDelta>) {
        while let Some(due) = self.sms_due
            && due <= now
            && due < self.expires_at
        {
            self.receive(None, due);
            let every = every.filter(|every| *every > TimeDelta::zero());
            self.sms_due = every.map(|every| due + every);
        }
    }
}

/// The rental whose order has this name; `None` for what is no order of a rental.
pub(super) fn number_of(order: &str) -> Option<u64> {
    order.strip_prefix(ORDER_PREFIX)?.parse().ok()
}

/// A rental as the upstream's books have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatedRental {
    /// By which it is renewed.
    pub rental_id: String,
    /// By which its SMS are read.
    pub order_id: String,
    /// 1 or 2.
    pub server: u8,
    /// Where it was rented.
    pub country_code: String,
    /// International, digits only, whatever form the wire shows.
    pub number: String,
    /// Every SMS so far, oldest first.
    pub sms: Vec<String>,
    /// When it was rented.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// Whether it has ended.
    pub is_over: bool,
    /// What the account was charged so far, in its currency.
    pub charged: Decimal,
}

impl SimulatedUpstream {
    /// Every rental so far, oldest first.
    #[must_use]
    pub fn rentals(&self) -> Vec<SimulatedRental> {
        let mut engine = self.engine();
        let now = engine.now();
        let rentals = engine.rentals().to_vec().into_iter();
        let rentals = rentals.filter_map(|rental| {
            let place = engine.place_of(&rental)?;
            Some(SimulatedRental {
                rental_id: rental.id.to_string(),
                order_id: rental.order_name(),
                server: place.server,
                country_code: place.country_code.to_owned(),
                number: rental.number,
                sms: rental.sms.into_iter().map(|sms| sms.text).collect(),
                created_at: rental.created_at,
                expires_at: rental.expires_at,
                is_over: rental.expires_at <= now,
                charged: rental.charged,
            })
        });
        rentals.collect()
    }

    /// The newest rentals, newest first.
    #[must_use]
    pub fn newest_rentals(&self, count: usize) -> Vec<SimulatedRental> {
        self.rentals().into_iter().rev().take(count).collect()
    }

    /// Sets how many numbers are for rent, all in the first area of the place.
    ///
    /// # Errors
    /// When nothing is rented out there.
    pub fn set_rental_stock(
        &self,
        server: u8,
        country_code: &str,
        numbers: u64,
    ) -> Result<(), ControlError> {
        self.change_place(server, country_code, |place| {
            for area in &mut place.areas {
                area.left = 0;
            }
            let first = place
                .areas
                .first_mut()
                .ok_or(ControlError::UnknownService)?;
            first.left = numbers;
            Ok(())
        })
    }

    /// Sets what so many hours cost, in the upstream's currency.
    ///
    /// # Errors
    /// When nothing is rented out there, or not for so long.
    pub fn set_rental_price(
        &self,
        server: u8,
        country_code: &str,
        hours: u32,
        price: Decimal,
    ) -> Result<(), ControlError> {
        self.change_place(server, country_code, |place| {
            let mut prices = place.prices.iter_mut();
            let row = prices.find(|(offered, _)| *offered == hours);
            let (_, cost) = row.ok_or(ControlError::UnknownService)?;
            *cost = price;
            Ok(())
        })
    }

    fn change_place(
        &self,
        server: u8,
        country_code: &str,
        change: impl FnOnce(&mut Place) -> Result<(), ControlError>,
    ) -> Result<(), ControlError> {
        let mut engine = self.engine();
        let mut places = engine.places_mut().iter_mut();
        let place = places.find(|it| it.server == server && it.country_code == country_code);
        change(place.ok_or(ControlError::UnknownService)?)
    }
}
