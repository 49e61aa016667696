//! What users see: pure functions from what is true to a [`Screen`](crate::bot::keyboard::Screen).
//!
//! Invariant: a view reads nothing but its arguments and decides nothing; every amount on it came
//! from the shop.

pub(crate) mod account;
pub(crate) mod alert;
pub(crate) mod broadcast;
pub(crate) mod browse;
pub(crate) mod desk;
pub(crate) mod inline;
pub(crate) mod invite;
pub(crate) mod mailbox;
pub(crate) mod menu;
pub(crate) mod order;
pub(crate) mod refusal;
pub(crate) mod rental;
pub(crate) mod shelf;
pub(crate) mod staff;
pub(crate) mod stars;
pub(crate) mod support;
pub(crate) mod terms;
pub(crate) mod transfer;
pub(crate) mod trust;
pub(crate) mod waiting;
pub(crate) mod wallet;

#[cfg(test)]
pub(crate) mod tests;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::bot::html::plain;
use crate::bot::i18n::Lang;
use crate::bot::keyboard::Keyboard;
use crate::domain::id::UserId;
use crate::domain::market::Country;
use crate::domain::money::{Currency, Money};

/// For whom, in which language and at what time something is drawn.
#[derive(Clone, Copy)]
pub(crate) struct Look {
    /// The language.
    pub(crate) lang: &'static Lang,
    /// For whom: the buttons work for nobody else.
    pub(crate) user: UserId,
    /// The wallet's currency.
    pub(crate) currency: Currency,
    /// The present moment.
    pub(crate) now: DateTime<Utc>,
    /// Whether numbers are rented out.
    pub(crate) rents: bool,
    /// Whether mailboxes are sold.
    pub(crate) mails: bool,
}

impl Look {
    pub(crate) fn money(&self, money: Money) -> String {
        self.lang.money(self.currency, money)
    }

    /// An amount in an upstream's currency.
    pub(crate) fn cost(&self, amount: Decimal, currency: &str) -> String {
        format!("{} {currency}", self.lang.decimal(amount))
    }

    /// A country as it is shown everywhere: its flag and its name.
    pub(crate) fn place(&self, country: &Country) -> String {
        format!("{} {}", country.flag(), country.name_in(self.lang.tag()))
    }

    /// A moment as everybody reads it, whatever their clock.
    pub(crate) fn date(&self, at: DateTime<Utc>) -> String {
        at.format("%Y-%m-%d %H:%M UTC").to_string()
    }

    /// The button that gives a star, or takes it away.
    pub(crate) fn star(&self, is_favourite: bool) -> String {
        if is_favourite {
            plain!(self.lang, "button-unstar")
        } else {
            plain!(self.lang, "button-star")
        }
    }

    pub(crate) fn keyboard(&self) -> Keyboard {
        Keyboard::of(self.user)
    }
}
