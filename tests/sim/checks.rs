//! What must be true at any time, and what must be true once all is over.

use std::collections::{BTreeMap, HashMap, HashSet};

use numshop::domain::order::OrderState;
use numshop::shop::notice::Notice;
use numshop::store::entity::{accounts, attempts, order_events, orders, outbox, sms, transfers};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sea_orm::{DatabaseConnection, EntityTrait, QueryOrder};

use crate::upstream::{Sold, Truth, number};
use crate::world::{ADMIN, What, World};

/// How an attempt ends whose order was paid back without proof, and what is found out later.
const UNPROVEN: [&str; 4] = ["unknown", "not_taken", "taken", "orphan_cancelled"];

/// Everything in the database.
struct Books {
    orders: Vec<orders::Model>,
    attempts: Vec<attempts::Model>,
    events: Vec<order_events::Model>,
    transfers: Vec<transfers::Model>,
    accounts: HashMap<i64, accounts::Model>,
    sms: Vec<sms::Model>,
    outbox: Vec<outbox::Model>,
}

impl Books {
    fn read(world: &World) -> Self {
        let connection = world.process().store.read();
        world.runtime.block_on(Self::all(connection))
    }

    async fn all(connection: &DatabaseConnection) -> Self {
        let accounts = accounts::Entity::find().all(connection).await.unwrap();
        Self {
            orders: orders::Entity::find().all(connection).await.unwrap(),
            attempts: attempts::Entity::find().all(connection).await.unwrap(),
            events: order_events::Entity::find()
                .order_by_asc(order_events::Column::Id)
                .all(connection)
                .await
                .unwrap(),
            transfers: transfers::Entity::find().all(connection).await.unwrap(),
            accounts: accounts.into_iter().map(|row| (row.id, row)).collect(),
            sms: sms::Entity::find()
                .order_by_asc(sms::Column::Id)
                .all(connection)
                .await
                .unwrap(),
            outbox: outbox::Entity::find().all(connection).await.unwrap(),
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
            let sold = sold_for(world, &truths, row);
            is_open && sold.is_some_and(|it| it.truth == Truth::Open && !it.sms.is_empty())
        })
        .map(|row| row.id)
        .collect()
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

type Truths = Vec<BTreeMap<u64, Sold>>;

fn index_of(world: &World, provider: &str) -> Option<usize> {
    let mut sellers = world.sellers.iter();
    sellers.position(|seller| seller.id().as_str() == provider)
}

fn sold_for<'t>(world: &World, truths: &'t Truths, row: &orders::Model) -> Option<&'t Sold> {
    let index = index_of(world, row.provider.as_deref()?)?;
    truths[index].get(&row.upstream_id.as_deref()?.parse().ok()?)
}

/// What holds once faults have ended and every deadline has passed.
pub(crate) fn at_the_end(world: &World) {
    at_any_time(world);
    let books = Books::read(world);
    let truths: Truths = world.liars.iter().map(|liar| liar.truth()).collect();
    for row in &books.orders {
        if !row.order_state().unwrap().is_final() {
            let detail = format!("order {} is {}", row.id, row.state);
            world.scene.breaks("every order ends", detail);
        }
        if let Some(sold) = sold_for(world, &truths, row) {
            if let Err(detail) = agrees(&books, row, sold) {
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
        strays(world, &books, index, truth);
        balance(world, &books, index);
    }
    notices(world, &books);
}

fn millionths(cost: Decimal) -> i64 {
    (cost * Decimal::from(1_000_000)).to_i64().unwrap()
}

/// What became of one order, here and there.
fn agrees(books: &Books, row: &orders::Model, sold: &Sold) -> Result<(), String> {
    let texts: Vec<&str> = books.sms_of(row.id).map(|it| it.text.as_str()).collect();
    let upstream_id = row.upstream_id.as_deref().unwrap_or_default();
    if row.number != upstream_id.parse().ok().map(number) {
        return Err("another number".to_owned());
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
    if cost != millionths(sold.cost) {
        return Err(format!("cost {cost} is booked, {} was taken", sold.cost));
    }
    let was_given_back = sold.truth == Truth::Cancelled;
    if Books::was_paid(row) {
        if texts.is_empty() {
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

/// What the upstream has of ours is what the books say.
fn balance(world: &World, books: &Books, index: usize) {
    let provider = world.sellers[index].id().as_str();
    let name = format!("provider:{provider}:IDR:float");
    let mut accounts = books.accounts.values();
    let float = accounts.find(|row| row.name == name);
    let booked = -float.map_or(0, |row| row.balance);
    let kept = world.liars[index].kept();
    if booked != millionths(kept) {
        let detail = format!("{provider} has {kept} of ours, and {booked} millionths are booked");
        world.scene.breaks("the balance is explained", detail);
    }
}

/// Numbers upstream that no order has: either its order was paid back without proof and its cost
/// stands in `suspense`, or the number was closed before we said that there was none.
fn strays(world: &World, books: &Books, index: usize, truth: &BTreeMap<u64, Sold>) {
    let provider = world.sellers[index].id().as_str();
    let known: HashMap<u64, i64> = books
        .orders
        .iter()
        .filter(|row| row.provider.as_deref() == Some(provider))
        .filter_map(|row| Some((row.upstream_id.as_deref()?.parse().ok()?, row.id)))
        .collect();
    let by_order: HashMap<i64, u64> = known.iter().map(|(id, order)| (*order, *id)).collect();
    for (id, sold) in truth.iter().filter(|(id, _)| !known.contains_key(id)) {
        // Its order may have got the number of another one, that one's order yet another.
        let mut order = sold.for_order;
        while let Some(other) = by_order.get(&order) {
            order = truth[other].for_order;
        }
        let attempt = books.attempts_of(order).find(|it| it.provider == provider);
        let outcome = attempt.and_then(|it| it.outcome.as_deref());
        let closed_at_ms = attempt.and_then(|it| it.closed_at_ms);
        let is_right = match outcome {
            Some("absent") => closed_at_ms >= Some(sold.closed_ms()),
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

/// Everybody was told of everything that they must know.
fn notices(world: &World, books: &Books) {
    let missing = |to: i64, notice: &Notice, since_ms: i64| {
        let text = serde_json::to_string(notice).unwrap();
        let last_ms = world.postman.last_ms(to, &text);
        if last_ms.is_none_or(|at_ms| at_ms < since_ms) {
            let detail = format!("{text} to {to}");
            world.scene.breaks("every notice arrives", detail);
        }
    };
    for row in &books.outbox {
        if row.outcome.as_deref() != Some("sent") {
            let detail = format!("notice {} is {:?}", row.id, row.outcome);
            world.scene.breaks("every notice is settled", detail);
        }
        let last_ms = world.postman.last_ms(row.user_id, &row.notice);
        if last_ms.is_none_or(|at_ms| at_ms < row.created_at_ms) {
            let detail = format!("{} to {}", row.notice, row.user_id);
            world.scene.breaks("every notice arrives", detail);
        }
    }
    for row in &books.orders {
        let order = row.order_id();
        for (index, sms) in books.sms_of(row.id).enumerate() {
            missing(row.user_id, &Notice::Sms { order, index }, sms.seen_at_ms);
        }
        let Some(last) = books.events.iter().rfind(|it| it.order_id == row.id) else {
            continue;
        };
        missing(row.user_id, &Notice::Card { order }, last.at_ms);
        let is_unasked = ["waiting", "in_doubt"].contains(&last.from_state.as_str());
        if is_unasked && ["cancelled", "expired", "failed"].contains(&last.to_state.as_str()) {
            missing(row.user_id, &Notice::Refunded { order }, last.at_ms);
        }
        let unknown = books.attempts_of(row.id).find(|it| {
            it.outcome
                .as_deref()
                .is_some_and(|it| UNPROVEN.contains(&it))
        });
        if let Some(attempt) = unknown {
            let notice = Notice::PossibleOrphan {
                order,
                provider: attempt.provider.clone(),
                cost: format!("{} {}", attempt.cost, attempt.currency),
            };
            missing(ADMIN.0, &notice, attempt.started_at_ms);
        }
    }
}

/// How a play went, for the report.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) orders: usize,
    pub(crate) codes: usize,
    pub(crate) doubts: usize,
    pub(crate) unproven: usize,
    pub(crate) restarts: usize,
}

impl Tally {
    pub(crate) fn of(world: &World) -> Self {
        let books = Books::read(world);
        let lost = |row: &&order_events::Model| row.event == "AnswerLost";
        let is_unproven = |outcome: &String| UNPROVEN.contains(&outcome.as_str());
        let unproven = |row: &&attempts::Model| row.outcome.as_ref().is_some_and(is_unproven);
        Self {
            orders: books.orders.len(),
            codes: books
                .orders
                .iter()
                .filter(|row| Books::was_paid(row))
                .count(),
            doubts: books.events.iter().filter(lost).count(),
            unproven: books.attempts.iter().filter(unproven).count(),
            restarts: world.restarts as usize,
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.orders += other.orders;
        self.codes += other.codes;
        self.doubts += other.doubts;
        self.unproven += other.unproven;
        self.restarts += other.restarts;
    }
}
