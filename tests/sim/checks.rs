//! What must be true at any time, and what must be true once all is over.

mod notices;
mod upstreams;

use std::collections::{BTreeMap, HashMap, HashSet};

use numshop::domain::order::OrderState;
use numshop::domain::product::Product;
use numshop::store::connection::With;
use numshop::store::entity::{
    accounts, attempts, floats, order_events, orders, outbox, sms, transfers,
};
use numshop::store::sealed;
use sea_orm::{DatabaseConnection, EntityTrait, QueryOrder};

pub(crate) use self::upstreams::Ownership;
use crate::people::is_queued;
use crate::upstream::sold::Truth;
use crate::world::{What, World};

/// What an attempt came to whose order was paid back without proof, as long as nothing is proven.
const UNKNOWN: &str = "unknown";
/// How an attempt ends whose order was paid back without proof, and what is found out later.
const UNPROVEN: [&str; 4] = [UNKNOWN, "not_taken", "taken", "orphan_cancelled"];

/// Everything in the database.
struct Books {
    orders: Vec<orders::Model>,
    attempts: Vec<attempts::Model>,
    events: Vec<order_events::Model>,
    transfers: Vec<transfers::Model>,
    accounts: HashMap<i64, accounts::Model>,
    sms: Vec<sms::Model>,
    outbox: Vec<outbox::Model>,
    floats: Vec<floats::Model>,
}

impl Books {
    fn read(world: &World) -> Self {
        let connection = world.process().store.read();
        world.runtime.block_on(Self::all(connection))
    }

    async fn all(connection: &With<DatabaseConnection>) -> Self {
        let accounts = accounts::Entity::find().all(connection).await.unwrap();
        Self {
            orders: sealed::all(orders::Entity::find(), connection)
                .await
                .unwrap(),
            attempts: attempts::Entity::find().all(connection).await.unwrap(),
            events: order_events::Entity::find()
                .order_by_asc(order_events::Column::Id)
                .all(connection)
                .await
                .unwrap(),
            transfers: transfers::Entity::find().all(connection).await.unwrap(),
            accounts: accounts.into_iter().map(|row| (row.id, row)).collect(),
            sms: sealed::all(
                sms::Entity::find().order_by_asc(sms::Column::Id),
                connection,
            )
            .await
            .unwrap(),
            outbox: outbox::Entity::find().all(connection).await.unwrap(),
            floats: floats::Entity::find().all(connection).await.unwrap(),
        }
    }

    fn sms_of(&self, order: i64) -> impl Iterator<Item = &sms::Model> {
        self.sms.iter().filter(move |row| row.order_id == order)
    }

    fn attempts_of(&self, order: i64) -> impl Iterator<Item = &attempts::Model> {
        let all = self.attempts.iter();
        all.filter(move |row| row.order_id == order)
    }

    /// What the Confirm of an order held.
    fn first_hold(&self, order: i64) -> Option<i64> {
        let holds = self.transfers.iter();
        let holds = holds.filter(|row| row.order_id == Some(order) && row.kind == "hold");
        holds.min_by_key(|row| row.id).map(|row| row.amount)
    }

    /// The sum of an order's transfers of one kind.
    fn sum(&self, order: i64, kind: &str) -> i64 {
        let fitting = self
            .transfers
            .iter()
            .filter(|row| row.order_id == Some(order) && row.kind == kind);
        fitting.map(|row| row.amount).sum()
    }

    /// Costs of which nobody knows yet whether they were taken. Where strangers move the balance,
    /// only admins can tell.
    fn suspense(&self, world: &World) -> impl Iterator<Item = &attempts::Model> {
        let is_known = |it: &&attempts::Model| it.outcome.as_deref() == Some(UNKNOWN);
        let is_shared = |it: &attempts::Model| {
            let index = world.index_of(&it.provider);
            index.is_some_and(|index| world.liars[index].is_shared())
        };
        let unknown = self.attempts.iter().filter(is_known);
        unknown.filter(move |it| !is_shared(it))
    }

    fn was_paid(row: &orders::Model) -> bool {
        matches!(
            row.order_state().unwrap(),
            OrderState::Received | OrderState::Completed
        )
    }
}

/// What holds at every moment between two effects.
pub(crate) fn at_any_time(world: &World) {
    let audited = world.runtime.block_on(world.process().shop.audit());
    // A balance that the books do not explain is told to the admins, who decide.
    let is_told = |detail: &str| detail.ends_with("see /doubts");
    let audited = audited.unwrap();
    if let Some(difference) = audited.iter().find(|it| !is_told(&it.detail)) {
        let detail = format!("{}: {}", difference.invariant, difference.detail);
        return world.scene.breaks("the audit is clean", detail);
    }
    let books = Books::read(world);
    wallets(world, &books);
    let mut buttons = HashSet::new();
    for row in &books.orders {
        let quote = world.quotes.iter().find(|quote| quote.nonce.0 == row.nonce);
        // What is sold for less costs less once it is bought.
        let is_as_shown = quote.is_some_and(|quote| {
            let held = books.first_hold(row.id);
            held == Some(quote.price) && row.price <= quote.price && quote.user == row.user()
        });
        if !is_as_shown {
            let detail = format!("order {} costs {}", row.id, row.price);
            world.scene.breaks("the price is the one shown", detail);
        }
        let limit = books.first_hold(row.id);
        let mut prices = books.attempts_of(row.id).filter_map(|it| it.price);
        if prices.any(|price| Some(price) > limit) {
            let detail = format!("order {} was bought above {limit:?}", row.id);
            world.scene.breaks("nothing dearer is bought", detail);
        }
        if !buttons.insert(&row.nonce) {
            let detail = format!("order {} is not the first", row.id);
            world.scene.breaks("one button makes one order", detail);
        }
        let is_placing = row.order_state().unwrap() == OrderState::Placing;
        if is_placing && !world.is_busy(What::Order(row.order_id())) {
            let detail = format!("order {} is placing and nobody is at it", row.id);
            world
                .scene
                .breaks("a purchase is in somebody's hands", detail);
        }
        let calls: usize = world.liars.iter().map(|liar| liar.calls_for(row.id)).sum();
        let attempts = books.attempts_of(row.id).count();
        if calls > attempts {
            let detail = format!("order {}: {calls} calls, {attempts} attempts", row.id);
            world.scene.breaks("each call has its attempt", detail);
        }
    }
}

/// Each user has what came in less what codes cost; each draft came in once.
fn wallets(world: &World, books: &Books) {
    let mut balances: BTreeMap<i64, i64> = BTreeMap::new();
    for account in books.accounts.values() {
        if let Some(user) = account.user_id {
            *balances.entry(user).or_default() += account.balance;
        }
    }
    for row in books.transfers.iter().filter(|row| row.kind == "topup") {
        if let Some(user) = books.accounts[&row.credit_account].user_id {
            *balances.entry(user).or_default() -= row.amount;
        }
    }
    for row in books.orders.iter().filter(|row| Books::was_paid(row)) {
        *balances.entry(row.user_id).or_default() += row.price;
    }
    if let Some((user, over)) = balances.into_iter().find(|(_, over)| *over != 0) {
        let detail = format!("user {user} has {over} too much");
        world.scene.breaks("wallets add up", detail);
    }
    for draft in &world.drafts {
        let booked = books
            .transfers
            .iter()
            .filter(|row| row.kind == "topup" && row.amount == draft.amount)
            .count();
        let same = world.drafts.iter();
        let same = same.filter(|other| other.amount == draft.amount);
        let (told, tried) = same.fold((0, 0), |(told, tried), it| {
            (
                told + usize::from(it.is_booked),
                tried + usize::from(it.is_tried),
            )
        });
        if booked < told || booked > tried {
            let detail = format!("{} came in {booked} times", draft.amount);
            world.scene.breaks("a top-up is booked once", detail);
        }
    }
}

/// The open orders for which an SMS can be seen upstream.
pub(crate) fn codes_to_come(world: &World) -> Vec<i64> {
    let truths: Vec<_> = world.liars.iter().map(|liar| liar.truth()).collect();
    let orders = world.orders().into_iter();
    orders
        .filter(|row| {
            let is_open = matches!(
                row.order_state().unwrap(),
                OrderState::Waiting | OrderState::Cancelling
            );
            let sold = upstreams::sold_for(world, &truths, row);
            is_open && sold.is_some_and(|it| it.truth == Truth::Open && !it.sms.is_empty())
        })
        .map(|row| row.id)
        .collect()
}

/// The SMS that came for rented numbers which still run.
pub(crate) fn letters_to_come(world: &World) -> Vec<(i64, String)> {
    let truths: Vec<_> = world.liars.iter().map(|liar| liar.truth()).collect();
    let orders = world.orders().into_iter().filter(|row| {
        row.product().unwrap() == Product::Rental && !row.order_state().unwrap().is_final()
    });
    let letters = orders.filter_map(|row| {
        let sold = upstreams::sold_for(world, &truths, &row)?;
        let is_open = sold.truth == Truth::Open;
        let texts = sold.sms.iter().filter(move |_| is_open);
        Some(texts.map(|text| (row.id, text.clone())).collect::<Vec<_>>())
    });
    letters.flatten().collect()
}

/// Every SMS of a rented number was written down.
pub(crate) fn letters_came(world: &World, awaited: &[(i64, String)]) {
    let books = Books::read(world);
    for (order, text) in awaited {
        if !books.sms_of(*order).any(|row| row.text == *text) {
            let detail = format!("order {order} lacks one");
            world.scene.breaks("a rented number gets its SMS", detail);
        }
    }
}

/// Whether each of these orders has an SMS.
pub(crate) fn have_codes_come(world: &World, awaited: &[i64]) -> bool {
    if awaited.is_empty() {
        return true;
    }
    let books = Books::read(world);
    let mut awaited = awaited.iter();
    awaited.all(|order| books.sms_of(*order).next().is_some())
}

/// What could be seen was delivered.
pub(crate) fn codes_came(world: &World, awaited: &[i64]) {
    let books = Books::read(world);
    for order in awaited {
        if books.sms_of(*order).next().is_none() {
            let detail = format!("order {order}: its SMS is upstream and nobody asks");
            world.scene.breaks("codes come in time", detail);
        }
    }
}

/// Whether a cost stands in `suspense` that the books can settle by themselves.
pub(crate) fn has_suspense(world: &World) -> bool {
    Books::read(world).suspense(world).next().is_some()
}

/// What is in stock for no more than somebody's limit is sold to them.
pub(crate) fn who_waits_is_served(world: &World) {
    for row in world.orders().iter().filter(|row| is_queued(row)) {
        let costs = world.liars.iter();
        let costs = costs.filter_map(|liar| liar.price_of(&row.service_name));
        // A quarter on top, in steps of 100.
        let mut prices = costs.map(|cost| (cost * 125 + 9_999) / 10_000 * 100);
        if let Some(price) = prices.find(|price| *price <= row.price) {
            let detail = format!("order {} waits, and there is one for {price}", row.id);
            world.scene.breaks("who waits is served", detail);
        }
    }
}

/// What holds once faults have ended and every deadline has passed.
pub(crate) fn at_the_end(world: &World) {
    at_any_time(world);
    let books = Books::read(world);
    upstreams::at_the_end(world, &books);
    notices::at_the_end(world, &books);
    for row in &books.orders {
        if !row.order_state().unwrap().is_final() {
            let detail = format!("order {} is {}", row.id, row.state);
            world.scene.breaks("every order ends", detail);
        }
    }
    if let Some(attempt) = books.suspense(world).next() {
        let detail = format!("of order {}", attempt.order_id);
        world.scene.breaks("suspense is settled", detail);
    }
}

/// How a play went, for the report.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) orders: usize,
    pub(crate) codes: usize,
    pub(crate) mailboxes: usize,
    pub(crate) rentals: usize,
    pub(crate) renewals: usize,
    pub(crate) doubts: usize,
    pub(crate) unproven: usize,
    pub(crate) queued: usize,
    pub(crate) restarts: usize,
}

impl Tally {
    pub(crate) fn of(world: &World) -> Self {
        let books = Books::read(world);
        let lost = |row: &&order_events::Model| row.event == "AnswerLost";
        let is_unproven = |outcome: &String| UNPROVEN.contains(&outcome.as_str());
        let unproven = |row: &&attempts::Model| row.outcome.as_ref().is_some_and(is_unproven);
        let paid = |product| {
            let orders = books.orders.iter().filter(|row| Books::was_paid(row));
            orders
                .filter(|row| row.product().unwrap() == product)
                .count()
        };
        Self {
            orders: books.orders.len(),
            codes: paid(Product::Activation),
            mailboxes: paid(Product::Mailbox),
            rentals: paid(Product::Rental),
            renewals: paid(Product::Renewal),
            doubts: books.events.iter().filter(lost).count(),
            unproven: books.attempts.iter().filter(unproven).count(),
            queued: books
                .orders
                .iter()
                .filter(|row| row.queued_until_ms.is_some())
                .count(),
            restarts: world.restarts as usize,
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.orders += other.orders;
        self.codes += other.codes;
        self.mailboxes += other.mailboxes;
        self.rentals += other.rentals;
        self.renewals += other.renewals;
        self.doubts += other.doubts;
        self.unproven += other.unproven;
        self.queued += other.queued;
        self.restarts += other.restarts;
    }
}
