//! Renting out, out of the same accounts as everything else.
//!
//! Invariant: rentals are numbered as orders are and never removed, so an id is a place in the
//! list.

use chrono::TimeDelta;
use rust_decimal::Decimal;

use super::{Effects, Engine, Refusal};
use crate::sandbox::upstream::rental::{Place, Rental};

impl Engine {
    /// Rents numbers out at these places.
    pub(in super::super) fn rent_out(&mut self, places: Vec<Place>) {
        self.places = places;
    }

    /// Where numbers are for rent.
    pub(in super::super) fn places(&self) -> &[Place] {
        &self.places
    }

    /// Where numbers are for rent, to change it.
    pub(in super::super) fn places_mut(&mut self) -> &mut [Place] {
        &mut self.places
    }

    /// Where a rental is.
    pub(in super::super) fn place_of(&self, rental: &Rental) -> Option<&Place> {
        self.places.get(rental.place)
    }

    /// What so many hours cost at a place in this request.
    pub(in super::super) fn rental_price(
        place: &Place,
        hours: u32,
        effects: &Effects,
    ) -> Option<Decimal> {
        Some(Self::raised(place.price(hours)?, effects))
    }

    /// Rents out a number of the place at this index and returns the rental's id.
    pub(in super::super) fn rent(
        &mut self,
        account: usize,
        place_index: usize,
        hours: u32,
        effects: &Effects,
    ) -> Result<u64, Refusal> {
        let now = self.now();
        let place = self.places.get(place_index);
        let place = place
            .filter(|_| !effects.no_stock)
            .ok_or(Refusal::NoStock)?;
        let price = Self::rental_price(place, hours, effects).ok_or(Refusal::NoStock)?;
        if self.balance(account) < price {
            return Err(Refusal::NoFunds);
        }
        let place = self.places.get_mut(place_index).ok_or(Refusal::NoStock)?;
        place.take(hours).ok_or(Refusal::NoStock)?;
        let prefix = place.prefix;
        self.charge(account, price);
        let count = u64::try_from(self.rentals.len()).unwrap_or(u64::MAX);
        let id = self.first_id.saturating_add(count).saturating_add(1);
        self.rentals.push(Rental {
            id,
            account,
            place: place_index,
            number: format!("{prefix}{:04}", id % 10_000),
            charged: price,
            sms: Vec::new(),
            created_at: now,
            expires_at: now + TimeDelta::hours(hours.into()),
            sms_due: self.timing.sms_after.map(|after| now + after),
        });
        Ok(id)
    }

    /// Renews a rental that is not over and returns what it took.
    pub(in super::super) fn renew(
        &mut self,
        account: usize,
        id: u64,
        hours: u32,
        effects: &Effects,
    ) -> Result<Decimal, Refusal> {
        let now = self.now();
        let rental = self.rental(account, id).ok_or(Refusal::UnknownOrder)?;
        if rental.expires_at <= now {
            return Err(Refusal::WrongState);
        }
        let index = rental.place;
        let place = self.places.get(index).ok_or(Refusal::NoStock)?;
        let price = Self::rental_price(place, hours, effects).ok_or(Refusal::NoStock)?;
        if self.balance(account) < price {
            return Err(Refusal::NoFunds);
        }
        self.charge(account, price);
        let rental = self.stored_rental(id).ok_or(Refusal::UnknownOrder)?;
        rental.charged += price;
        rental.expires_at += TimeDelta::hours(hours.into());
        Ok(price)
    }

    /// One rental of an account.
    pub(in super::super) fn rental(&mut self, account: usize, id: u64) -> Option<&Rental> {
        self.ripen_rentals();
        let rental = self.stored_rental(id)?;
        (rental.account == account).then_some(rental)
    }

    /// Every rental of whatever account, oldest first.
    pub(in super::super) fn rentals(&mut self) -> &[Rental] {
        self.ripen_rentals();
        &self.rentals
    }

    /// One more SMS has come. `None` invents its text.
    pub(in super::super) fn deliver_to_rental(
        &mut self,
        id: u64,
        text: Option<&str>,
    ) -> Result<String, Refusal> {
        self.ripen_rentals();
        let now = self.now();
        let rental = self.stored_rental(id).ok_or(Refusal::UnknownOrder)?;
        if rental.expires_at <= now {
            return Err(Refusal::WrongState);
        }
        Ok(rental.receive(text, now))
    }

    /// A rental ends now.
    pub(in super::super) fn expire_rental(&mut self, id: u64) -> Result<(), Refusal> {
        self.ripen_rentals();
        let now = self.now();
        let rental = self.stored_rental(id).ok_or(Refusal::UnknownOrder)?;
        if rental.expires_at <= now {
            return Err(Refusal::WrongState);
        }
        rental.expires_at = now;
        Ok(())
    }

    fn ripen_rentals(&mut self) {
        let now = self.now();
        for rental in &mut self.rentals {
            rental.ripen(now, self.timing.rental_sms_every);
        }
    }

    fn stored_rental(&mut self, id: u64) -> Option<&mut Rental> {
        let place = usize::try_from(id.checked_sub(self.first_id)?.checked_sub(1)?).ok()?;
        self.rentals.get_mut(place)
    }

    fn charge(&mut self, account: usize, price: Decimal) {
        if let Some(account) = self.accounts.get_mut(account) {
            account.balance -= price;
        }
    }
}
