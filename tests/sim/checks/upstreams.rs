//! What must be true between the upstreams' honest books and ours.

use std::collections::{BTreeMap, HashMap};

use numshop::domain::product::Product;
use numshop::shop::doubts::UnprovenView;
use numshop::store::entity::{attempts, orders};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{Books, UNPROVEN};
use crate::upstream::sold::{Sold, Truth, number, sold_id};
use crate::upstream::{FUNDS, STRANGER};
use crate::world::World;

type Truths = Vec<BTreeMap<u64, Sold>>;
/// Balances may have been read so long before a doubt that they prove something about.
const READ_BEFORE_MS: i64 = 3_600_000;

pub(super) fn sold_for<'t>(
    world: &World,
    truths: &'t Truths,
    row: &orders::Model,
) -> Option<&'t Sold> {
    let index = index_of(world, row)?;
    truths[index].get(&sold_id(row.upstream_id.as_deref()?)?)
}

/// What holds once all is over.
pub(super) fn at_the_end(world: &World, books: &Books) {
    let truths: Truths = world.liars.iter().map(|liar| liar.truth()).collect();
    let ownership = Ownership::of(world, books);
    for row in &books.orders {
        if let Some(sold) = sold_for(world, &truths, row) {
            if let Err(detail) = agrees(books, row, sold, world.liars[0].is_shared()) {
                let detail = format!("order {}, {}: {detail}", row.id, row.state);
                world
                    .scene
                    .breaks("our books agree with the upstream's", detail);
            }
        } else if row.upstream_id.is_some() || Books::was_paid(row) {
            let detail = format!("order {} is {}", row.id, row.state);
            world.scene.breaks("a number was sold to us", detail);
        }
    }
    for (index, truth) in truths.iter().enumerate() {
        strays(world, books, &ownership, index, truth);
        renewals(world, books, truth);
        balance(world, books, index);
    }
}

/// Whose account paid for an order.
fn index_of(world: &World, row: &orders::Model) -> Option<usize> {
    world.index_of(row.provider.as_deref()?)
}

fn millionths(cost: Decimal) -> i64 {
    (cost * Decimal::from(1_000_000)).to_i64().unwrap()
}

/// What became of one order, here and there.
fn agrees(books: &Books, row: &orders::Model, sold: &Sold, is_shared: bool) -> Result<(), String> {
    let texts: Vec<&str> = books.sms_of(row.id).map(|it| it.text.as_str()).collect();
    let upstream_id = row.upstream_id.as_deref().unwrap_or_default();
    let is_number = |id| number(sold.product, id);
    if row.number != sold_id(upstream_id).map(is_number) {
        return Err("another number".to_owned());
    }
    if row.product().unwrap() == Product::Renewal {
        return agrees_on_renewal(books, row, sold);
    }
    if sold.service != row.service_name {
        return Err(format!("the number is for {}", sold.service));
    }
    if texts
        .iter()
        .any(|text| !sold.sms.iter().any(|it| it == text))
    {
        return Err("an SMS that never came".to_owned());
    }
    let (cost, refund) = (books.sum(row.id, "cost"), books.sum(row.id, "cost_refund"));
    // A stranger's number that was taken for ours may have had another price.
    if cost != millionths(sold.cost) && !is_shared {
        return Err(format!("cost {cost} is booked, {} was taken", sold.cost));
    }
    let was_given_back = sold.truth == Truth::Cancelled;
    if Books::was_paid(row) {
        if texts.is_empty() && !row.product().unwrap().is_paid_on_arrival() {
            return Err("paid without a code".to_owned());
        }
        // An SMS after the end costs us nothing and the user has it all the same.
        return if was_given_back && !sold.is_late {
            Err("paid, and the upstream gave the cost back".to_owned())
        } else {
            Ok(())
        };
    }
    // Without a word of the upstream only the deadline ends an order. Its cost may come back
    // later: of several that are owed the same, any.
    let ended_at_ms = books
        .events
        .iter()
        .rfind(|it| it.order_id == row.id && it.event == "TimeUp")
        .map(|it| it.at_ms);
    let is_proven = ended_at_ms.is_none_or(|at_ms| at_ms < row.deadline_at_ms);
    if is_proven && !was_given_back {
        return Err(format!("paid back, and the number is {:?}", sold.truth));
    }
    if is_proven && refund != cost {
        return Err(format!("of {cost} only {refund} is booked back"));
    }
    Ok(())
}

/// What became of more time for a rental.
fn agrees_on_renewal(books: &Books, row: &orders::Model, sold: &Sold) -> Result<(), String> {
    let renewal = sold.renewals.iter().find(|it| it.for_order == row.id);
    let renewal = renewal.ok_or_else(|| "the rental was never renewed for it".to_owned())?;
    let cost = books.sum(row.id, "cost");
    if cost == millionths(renewal.cost) {
        Ok(())
    } else {
        Err(format!("cost {cost} is booked, {} was taken", renewal.cost))
    }
}

/// Our balance at an upstream less what the books say that we spent there, in millionths.
pub(crate) struct Offset {
    /// As it was read.
    pub(crate) seen: i64,
    /// As it is.
    pub(crate) truth: i64,
}

impl World {
    /// Whose account pays for what is bought there.
    pub(crate) fn index_of(&self, provider: &str) -> Option<usize> {
        let mut sellers = self.sellers.iter();
        let seller = sellers.find(|seller| seller.id().as_str() == provider)?;
        let mut liars = self.liars.iter();
        liars.position(|liar| liar.id() == seller.purse())
    }

    /// What was read of our balance, and what is true.
    pub(crate) fn offset(&self, index: usize) -> Option<Offset> {
        offset(self, &Books::read(self), index)
    }
}

/// What the books say that we have at an upstream: what we spent, below zero.
fn float(world: &World, books: &Books, index: usize) -> i64 {
    let provider = world.sellers[index].id().as_str();
    let name = format!("provider:{provider}:IDR:float");
    let mut accounts = books.accounts.values();
    let float = accounts.find(|row| row.name == name);
    float.map_or(0, |row| row.balance)
}

fn offset(world: &World, books: &Books, index: usize) -> Option<Offset> {
    let provider = world.sellers[index].id().as_str();
    let row = books.floats.iter().find(|row| row.provider == provider)?;
    let balance = world.liars[index].balance_at(world.scene.now_ms());
    Some(Offset {
        seen: row.seen,
        truth: millionths(balance) - float(world, books, index),
    })
}

/// What the upstream has of ours is what the books say; where strangers move the balance, the
/// difference is known and shown to the admins.
fn balance(world: &World, books: &Books, index: usize) {
    let provider = world.sellers[index].id().as_str();
    let liar = &world.liars[index];
    let (booked, kept) = (-float(world, books, index), liar.kept());
    if !liar.is_shared() && booked != millionths(kept) {
        let detail = format!("{provider} has {kept} of ours, and {booked} millionths are booked");
        world.scene.breaks("the balance is explained", detail);
    }
    let row = books.floats.iter().find(|row| row.provider == provider);
    let settled = row.map(|row| row.settled);
    if !liar.is_shared() && settled != Some(millionths(FUNDS.into())) {
        let detail = format!("{provider}: {settled:?} millionths are said to be paid in");
        world.scene.breaks("nothing is made up", detail);
    }
    let offset = offset(world, books, index).map(|it| (it.seen, it.truth));
    if offset.is_none_or(|(seen, truth)| seen != truth) {
        let detail = format!("{provider}: {offset:?} are seen and true");
        world.scene.breaks("the balance is known", detail);
    }
}

/// Which number upstream has which order, and which purchases were never proven.
pub(crate) struct Ownership {
    known: Vec<HashMap<u64, i64>>,
    by_order: Vec<HashMap<i64, u64>>,
    unproven: Vec<attempts::Model>,
}

impl Ownership {
    pub(crate) fn read(world: &World) -> Self {
        Self::of(world, &Books::read(world))
    }

    fn of(world: &World, books: &Books) -> Self {
        let known_at = |index: usize| -> HashMap<u64, i64> {
            let orders = books.orders.iter();
            orders
                .filter(|row| row.product().unwrap() != Product::Renewal)
                .filter(|row| index_of(world, row) == Some(index))
                .filter_map(|row| Some((sold_id(row.upstream_id.as_deref()?)?, row.id)))
                .collect()
        };
        let known: Vec<_> = (0..world.liars.len()).map(known_at).collect();
        let turned = |it: &HashMap<u64, i64>| it.iter().map(|(id, order)| (*order, *id)).collect();
        let is_unproven = |it: &&attempts::Model| {
            let outcome = it.outcome.as_deref();
            outcome.is_some_and(|outcome| UNPROVEN.contains(&outcome))
        };
        Self {
            by_order: known.iter().map(turned).collect(),
            known,
            unproven: books.attempts.iter().filter(is_unproven).cloned().collect(),
        }
    }

    /// Numbers that no order has.
    pub(crate) fn strays<'t>(
        &self,
        index: usize,
        truth: &'t BTreeMap<u64, Sold>,
    ) -> impl Iterator<Item = (&'t u64, &'t Sold)> {
        truth
            .iter()
            .filter(move |(id, _)| !self.known[index].contains_key(id))
    }

    /// Whose a number is that no order has: its order may have got the number of another one,
    /// that one's order yet another.
    pub(crate) fn owner(&self, index: usize, truth: &BTreeMap<u64, Sold>, sold: &Sold) -> i64 {
        let mut order = sold.for_order;
        while let Some(other) = self.by_order[index].get(&order) {
            order = truth[other].for_order;
        }
        order
    }

    /// Whether no other purchase of this cost went unproven at its upstream.
    pub(crate) fn is_the_only_unproven(&self, world: &World, it: &UnprovenView) -> bool {
        let index = world.index_of(it.provider.as_str());
        let same = self.unproven.iter().filter(|other| {
            let cost = format!("{} {}", other.cost, other.currency);
            world.index_of(&other.provider) == index && cost == it.cost
        });
        same.count() == 1
    }
}

/// More time that a rental was given and nobody paid: its cost stands in `suspense`.
fn renewals(world: &World, books: &Books, truth: &BTreeMap<u64, Sold>) {
    for renewal in truth.values().flat_map(|sold| &sold.renewals) {
        let mut orders = books.orders.iter();
        let is_paid = |row: &orders::Model| row.id == renewal.for_order && Books::was_paid(row);
        let last = books.attempts_of(renewal.for_order).last();
        let outcome = last.and_then(|it| it.outcome.as_deref());
        let is_unproven = outcome.is_some_and(|outcome| UNPROVEN.contains(&outcome));
        if !orders.any(is_paid) && !is_unproven {
            let detail = format!("order {} is {outcome:?}", renewal.for_order);
            world.scene.breaks("no renewal is lost upstream", detail);
        }
    }
}

/// Numbers upstream that no order has: either its order was paid back without proof and its cost
/// stands in `suspense`, or the number was closed before we said that there was none.
fn strays(
    world: &World,
    books: &Books,
    ownership: &Ownership,
    index: usize,
    truth: &BTreeMap<u64, Sold>,
) {
    let liar = &world.liars[index];
    let provider = liar.id();
    for (id, sold) in ownership.strays(index, truth) {
        let order = ownership.owner(index, truth, sold);
        // A stranger's own, or one that a stranger's was taken for.
        if order == STRANGER {
            continue;
        }
        // Who waits may have been refused there before.
        let tried = books
            .attempts_of(order)
            .filter(|it| world.index_of(&it.provider) == Some(index));
        let attempt = tried.max_by_key(|it| it.id);
        let outcome = attempt.and_then(|it| it.outcome.as_deref());
        let closed_at_ms = attempt.and_then(|it| it.closed_at_ms);
        let is_right = match outcome {
            Some("absent") => {
                // What a stranger gave back or paid in just then hid what the number cost.
                let until_ms = closed_at_ms.unwrap_or_default();
                let is_hidden = liar.rose_by_strangers(until_ms - READ_BEFORE_MS, until_ms);
                closed_at_ms >= Some(sold.closed_ms()) || is_hidden
            }
            Some(outcome) => UNPROVEN.contains(&outcome),
            None => false,
        };
        if !is_right {
            let detail =
                format!("number {id} at {provider} is nobody's, and order {order} is {outcome:?}");
            world.scene.breaks("no number is lost upstream", detail);
        }
    }
}
