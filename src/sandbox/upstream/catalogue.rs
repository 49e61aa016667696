//! What a simulated upstream sells: countries, services, prices, stock per operator.
//!
//! Invariant: an offer's id is unique at its upstream, and the offers of the main country come
//! first, so that a name alone means that country's offer.

use std::collections::HashMap;
use std::sync::Arc;

use rust_decimal::Decimal;

/// A country as the upstream knows it.
#[derive(Debug, Clone)]
pub(super) struct Country {
    /// The upstream's id.
    pub(super) id: &'static str,
    /// Two letters.
    pub(super) code: &'static str,
    /// The name the upstream gives it.
    pub(super) name: &'static str,
    /// How its invented numbers begin; of mailboxes, how their addresses end: `@gmail.com`.
    pub(super) prefix: &'static str,
    /// The operators, without the word for "any".
    pub(super) operators: &'static [&'static str],
}

impl Country {
    /// The invented number or address of an order.
    pub(super) fn contact(&self, order: u64) -> String {
        if self.prefix.starts_with('@') {
            format!("inbox{order}{}", self.prefix)
        } else {
            format!("{}{:07}", self.prefix, order % 10_000_000)
        }
    }
}

/// Something to buy.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    /// The upstream's id.
    pub(super) id: String,
    /// The name the upstream gives the service.
    pub(super) name: Arc<str>,
    /// Index into [`Catalogue::countries`].
    pub(super) country: usize,
    /// Sold without naming a country.
    pub(super) special: bool,
    /// In the upstream's currency.
    pub(super) price: Decimal,
    /// Numbers left, per operator.
    pub(super) stock: Vec<(&'static str, u64)>,
}

impl Offer {
    /// Numbers left at all operators.
    pub(super) fn total_stock(&self) -> u64 {
        self.stock
            .iter()
            .fold(0, |sum, (_, left)| sum.saturating_add(*left))
    }

    /// Spreads `total` numbers over the operators as evenly as it goes.
    pub(super) fn spread_stock(&mut self, total: u64) {
        let operators = u64::try_from(self.stock.len()).unwrap_or(1).max(1);
        let mut extra = total % operators;
        for (_, left) in &mut self.stock {
            *left = total / operators + u64::from(extra > 0);
            extra = extra.saturating_sub(1);
        }
    }

    /// Takes one number of `operator`, or of the one that has most for `None`.
    pub(super) fn take(&mut self, operator: Option<&str>) -> Option<&'static str> {
        let row = match operator {
            Some(wanted) => self.stock.iter_mut().find(|(name, _)| *name == wanted),
            // The first of equals, so that runs repeat.
            None => self.stock.iter_mut().rev().max_by_key(|(_, left)| *left),
        };
        let (name, left) = row?;
        *left = left.checked_sub(1)?;
        Some(name)
    }
}

/// All that one upstream sells.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    countries: Vec<Country>,
    offers: Vec<Offer>,
    by_id: HashMap<String, usize>,
}

impl Catalogue {
    /// Adds a country and its services, numbered from `first_id`.
    pub(super) fn add(&mut self, country: Country, first_id: usize, services: &[(&str, u32, u64)]) {
        let index = self.countries.len();
        self.countries.push(country);
        self.add_services(index, numbered(first_id, services), false);
    }

    /// Adds a country and its services, whose ids are the first of each row.
    pub(super) fn add_named(&mut self, country: Country, services: &[(&str, &str, u32, u64)]) {
        let index = self.countries.len();
        self.countries.push(country);
        let rows = services.iter();
        let rows = rows.map(|(id, name, price, stock)| ((*id).to_owned(), *name, *price, *stock));
        self.add_services(index, rows, false);
    }

    /// Adds services that are sold without naming a country; their numbers are of the first one.
    pub(super) fn add_special(&mut self, first_id: usize, services: &[(&str, u32, u64)]) {
        self.add_services(0, numbered(first_id, services), true);
    }

    /// Adds a country and services that the upstream knows by codes: (code, name, price in
    /// hundredths of a cent, numbers in stock). The offer's id is `country:code`.
    pub(super) fn add_coded(&mut self, country: Country, services: &[(&str, &str, u32, u64)]) {
        let index = self.countries.len();
        let operators = country.operators.iter();
        let stock: Vec<_> = operators.map(|operator| (*operator, 0)).collect();
        for (code, name, price, numbers) in services {
            let mut offer = Offer {
                id: format!("{}:{code}", country.id),
                name: Arc::from(*name),
                country: index,
                special: false,
                price: Decimal::new(i64::from(*price), 4),
                stock: stock.clone(),
            };
            offer.spread_stock(*numbers);
            self.enter(offer);
        }
        self.countries.push(country);
    }

    fn enter(&mut self, offer: Offer) {
        self.by_id.insert(offer.id.clone(), self.offers.len());
        self.offers.push(offer);
    }

    fn add_services<'s>(
        &mut self,
        country: usize,
        services: impl Iterator<Item = (String, &'s str, u32, u64)>,
        special: bool,
    ) {
        let operators = self
            .countries
            .get(country)
            .map_or(&[][..], |it| it.operators);
        for (id, name, price, stock) in services {
            let mut offer = Offer {
                id,
                name: Arc::from(name),
                country,
                special,
                price: Decimal::from(price),
                stock: operators.iter().map(|operator| (*operator, 0)).collect(),
            };
            offer.spread_stock(stock);
            self.enter(offer);
        }
    }

    /// Every country, the main one first.
    pub(super) fn countries(&self) -> &[Country] {
        &self.countries
    }

    /// The country at `index`.
    pub(super) fn country(&self, index: usize) -> Option<&Country> {
        self.countries.get(index)
    }

    /// Every offer.
    pub(super) fn offers(&self) -> &[Offer] {
        &self.offers
    }

    /// Where the offer with this id is.
    pub(super) fn find(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// Where the offer with this id, or else the first with this name, is.
    pub(super) fn find_by_id_or_name(&self, service: &str) -> Option<usize> {
        self.find(service).or_else(|| {
            self.offers
                .iter()
                .position(|offer| offer.name.eq_ignore_ascii_case(service))
        })
    }

    /// The offer at `index`.
    pub(super) fn offer(&self, index: usize) -> Option<&Offer> {
        self.offers.get(index)
    }

    /// The offer at `index`, to change it.
    pub(super) fn offer_mut(&mut self, index: usize) -> Option<&mut Offer> {
        self.offers.get_mut(index)
    }
}

/// The rows with ids that count up.
fn numbered<'s>(
    first_id: usize,
    services: &[(&'s str, u32, u64)],
) -> impl Iterator<Item = (String, &'s str, u32, u64)> {
    let rows = (first_id..).zip(services);
    rows.map(|(id, (name, price, stock))| (id.to_string(), *name, *price, *stock))
}
