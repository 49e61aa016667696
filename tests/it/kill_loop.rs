//! The real binary under load, killed at random moments again and again, while upstreams and
//! Telegram misbehave: afterwards nothing is lost, and doubled only what may be.
//!
//! 50 kills by default. `NUMSHOP_KILLS=1000 cargo test --test it a_thousand_deaths -- --nocapture`
//! makes it a thousand; `NUMSHOP_SEED` repeats the moments, the users' and the faults' choices of
//! an earlier run. (What falls between two of them is the machine's choice.)

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use numshop::sandbox::telegram::message::ChatMessage;
use numshop::sandbox::telegram::people::Pressed;
use numshop::sandbox::telegram::{SimulatedTelegram, limits};
use numshop::sandbox::upstream::fault::{Fault, Scope, step};
use numshop::sandbox::upstream::{ControlError, OrderState, SimulatedUpstream};
use numshop::shop::notice::Notice;
use numshop::store::ledger::{self, Account};
use numshop::store::{self, Store};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use tokio_util::sync::CancellationToken;

use crate::database::Database;
use crate::rig::{Rig, rows};

const USERS: usize = 24;
const FIRST_USER: i64 = 50_000;
/// Enough for a number every second of a thousand lives.
const CREDIT: i64 = 100_000_000;
/// The longest that the end may take.
const SETTLING: Duration = Duration::from_secs(240);

/// What users press, the likely things more often.
const BUTTONS: [&str; 14] = [
    " · Rp",
    " · Rp",
    "Any, best price",
    "Any, best price",
    "Any, best price",
    "Buy for",
    "Buy for",
    "Buy for",
    "Cancel",
    "Cancel",
    "Another SMS",
    "Finish",
    "Buy again",
    "Orders",
];
/// What they write.
const TEXTS: [&str; 8] = [
    "WhatsApp", "Telegram", "Shopee", "Gojek", "TikTok", "/orders", "/wallet", "/start",
];

/// How an attempt ends whose order was paid back without proof, and what is found out later.
const UNPROVEN: [&str; 4] = ["unknown", "not_taken", "taken", "orphan_cancelled"];

/// A choice of the tests' caller.
fn told(name: &str) -> Option<u64> {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where tests are configured"
    )]
    let told = std::env::var(name).ok();
    told.map(|told| told.parse().unwrap())
}

/// Somebody who presses and writes whatever comes to mind, also while nobody answers.
async fn user(telegram: SimulatedTelegram, id: i64, mut rng: StdRng, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if rng.random_ratio(1, 5) {
            let text = TEXTS.choose(&mut rng).unwrap();
            telegram.send_text(id, text).unwrap();
        } else {
            let label = BUTTONS.choose(&mut rng).unwrap();
            let holds = |message: &ChatMessage| {
                let mut buttons = message.buttons();
                let button = buttons.find(|button| button.text.contains(label))?;
                Some((message.id, button.text.clone()))
            };
            let found = telegram
                .wait_for(id, |message| holds(message).is_some(), Duration::ZERO)
                .await;
            if let Some((message, button)) = found.ok().as_ref().and_then(holds) {
                let taps = if rng.random_ratio(1, 8) { 3 } else { 1 };
                for _ in 0..taps {
                    // A button may be gone by the time it is pressed.
                    let pressed = telegram.press(id, message, &button);
                    if let Ok(Pressed::Asked { update_id, .. }) = pressed
                        && rng.random_ratio(1, 10)
                    {
                        telegram.duplicate(update_id).unwrap();
                    }
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(rng.random_range(100..1_200))).await;
    }
}

/// Delivers SMS, early and late, each with a code of its own.
async fn senders(upstreams: Vec<SimulatedUpstream>, mut rng: StdRng, stop: CancellationToken) {
    let mut code = 100_000;
    while !stop.is_cancelled() {
        for upstream in &upstreams {
            for order in upstream.newest_orders(60) {
                if order.state == OrderState::Waiting && rng.random_ratio(1, 30) {
                    code += 1;
                    let text = format!("Your code is {code}");
                    match upstream.deliver(&order.id, &text) {
                        // It may have been cancelled meanwhile.
                        Ok(()) | Err(ControlError::OrderClosed) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(rng.random_range(50..300))).await;
    }
}

/// Makes upstreams and Telegram misbehave; tells how many sends lost their answers.
async fn troubles(
    telegram: SimulatedTelegram,
    upstreams: Vec<SimulatedUpstream>,
    mut rng: StdRng,
    stop: CancellationToken,
) -> usize {
    let mut lost = 0;
    while !stop.is_cancelled() {
        let upstream = upstreams.choose(&mut rng).unwrap();
        let buying = Scope::on(step::BUY).once();
        let (fault, scope) = match rng.random_range(0..14) {
            0 => (Fault::NoAnswer, buying.after_work()),
            1 => (Fault::DroppedConnection, buying.after_work()),
            2 => (Fault::ServerError(502), buying.after_work()),
            3 => (Fault::TruncatedJson, buying.after_work()),
            4 => (Fault::DroppedConnection, buying),
            5 => (Fault::NoStock, buying),
            6 => (Fault::EmptyBody, buying.after_work()),
            7 => (Fault::SmsDuringCancel, Scope::on(step::CANCEL).once()),
            8 => (
                Fault::DroppedConnection,
                Scope::on(step::CANCEL).once().after_work(),
            ),
            9 => (Fault::ServerError(503), Scope::on(step::POLL).times(2)),
            10 => (Fault::HtmlPage, Scope::on(step::POLL).once()),
            11 => (
                Fault::RateLimited { retry_after_s: 1 },
                Scope::everything().once(),
            ),
            12 => (Fault::SecondSms, Scope::on(step::POLL).once()),
            _ => (
                Fault::Slow(Duration::from_millis(400)),
                Scope::everything().times(3),
            ),
        };
        upstream.set_fault(fault, scope);
        let trouble = match rng.random_range(0..10) {
            0 => Some(limits::Fault::FloodFor(Duration::from_millis(600))),
            1 => Some(limits::Fault::Status(502)),
            2 => Some(limits::Fault::Dropped),
            3 => Some(limits::Fault::Refused),
            4 => {
                lost += 1;
                Some(limits::Fault::DropAfterSending(1))
            }
            _ => None,
        };
        telegram.set_fault(trouble).await;
        tokio::time::sleep(Duration::from_millis(rng.random_range(100..400))).await;
        telegram.set_fault(None).await;
        tokio::time::sleep(Duration::from_millis(rng.random_range(300..1_200))).await;
    }
    for upstream in &upstreams {
        upstream.clear_faults();
    }
    lost
}

/// How often a code may be told again: once for each death at which its message was not marked.
type Pending = HashMap<(i64, usize), usize>;

/// Notes which codes were on their way when the process died.
async fn note_pending(rig: &Rig, pending: &mut Pending) {
    let connection = rig.database.connect().await;
    let unsent = "SELECT notice FROM outbox WHERE done_at_ms IS NULL";
    let notices: Vec<String> = rows(&connection, unsent, |row| row.try_get_by_index(0)).await;
    for notice in notices {
        if let Notice::Sms { order, index } = serde_json::from_str(&notice).unwrap() {
            *pending.entry((order.0, index)).or_default() += 1;
        }
    }
    connection.close().await.unwrap();
}

/// Orders that are not settled.
const OPEN: &str = "SELECT COUNT(*) FROM orders WHERE state NOT IN
    ('received', 'completed', 'cancelled', 'expired', 'failed')";

/// Lets time pass, life by life, until no order is open and no notice unsent.
async fn settle(rig: &mut Rig) {
    let started = Instant::now();
    let unsent = "SELECT COUNT(*) FROM outbox WHERE done_at_ms IS NULL";
    loop {
        rig.start();
        let now_ms = rig.now().timestamp_millis();
        let due = [
            format!("{OPEN} AND next_action_at_ms <= {now_ms}"),
            format!("{unsent} AND next_attempt_at_ms <= {now_ms}"),
            "SELECT COUNT(*) FROM inbox WHERE handled_at_ms IS NULL".to_owned(),
        ];
        for due in &due {
            while rig.number(due).await > 0 || rig.telegram.pending_updates() > 0 {
                let left = due.split_whitespace().nth(3).unwrap();
                assert!(started.elapsed() < SETTLING, "{left} does not settle");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        let in_doubt = "SELECT COUNT(*) FROM orders WHERE state IN ('placing', 'in_doubt')";
        let doubts = rig.number(in_doubt).await;
        if rig.number(OPEN).await + rig.number(unsent).await == 0 {
            return;
        }
        rig.kill().await;
        // Doubts end by good reads, eleven seconds apart; numbers by their age, and what Telegram
        // refused is sent again after minutes.
        rig.passes(if doubts > 0 {
            TimeDelta::seconds(11)
        } else {
            TimeDelta::minutes(7)
        });
    }
}

/// What came of it all.
#[derive(Debug, Default)]
struct Figures {
    orders: BTreeMap<String, usize>,
    sold: usize,
    in_suspense: usize,
    left_upstream: usize,
    codes: usize,
    told_again: usize,
    overbooked: usize,
}

impl Figures {
    /// Reads the end from the books, the chats and the upstreams, and checks it.
    async fn check(rig: &Rig, store: &Store, pending: &Pending, lost: usize) -> Self {
        let mut figures = Self::default();
        for state in rig.states().await {
            *figures.orders.entry(state).or_default() += 1;
        }
        figures.check_upstreams(rig, store).await;
        figures.check_codes(rig, store, pending, lost).await;
        for user in &rig.people {
            let spent: Vec<i64> = rows(
                store.read(),
                &format!("SELECT price FROM orders WHERE user_id = {user} AND state IN ('received', 'completed')"),
                |row| row.try_get_by_index(0),
            )
            .await;
            let user = numshop::domain::id::UserId(*user);
            let held = ledger::balance(store.read(), &Account::Held(user)).await;
            assert_eq!(held.unwrap().as_minor(), 0, "nothing is set aside for ever");
            let available = ledger::balance(store.read(), &Account::Available(user)).await;
            let spent: i64 = spent.iter().sum();
            assert_eq!(available.unwrap().as_minor(), CREDIT - spent);
        }
        figures
    }

    /// Every number that was sold has an order, but for those in suspense.
    async fn check_upstreams(&mut self, rig: &Rig, store: &Store) {
        let upstreams = [Some(&rig.virtusim), rig.otpcepat.as_ref()];
        for upstream in upstreams.into_iter().flatten() {
            let id = upstream.id();
            let known = format!(
                "SELECT upstream_id FROM orders WHERE provider = '{id}' AND upstream_id IS NOT NULL"
            );
            let known: HashSet<String> =
                HashSet::from_iter(rows(store.read(), &known, |row| row.try_get_by_index(0)).await);
            let sold = upstream.orders();
            self.sold += sold.len();
            let attempts =
                format!("SELECT COALESCE(outcome, '') FROM attempts WHERE provider = '{id}'");
            let attempts: Vec<String> =
                rows(store.read(), &attempts, |row| row.try_get_by_index(0)).await;
            assert!(
                upstream.requests(step::BUY) <= attempts.len() as u64,
                "a purchase is sent once"
            );
            let suspense = attempts
                .iter()
                .filter(|outcome| UNPROVEN.contains(&outcome.as_str()))
                .count();
            self.in_suspense += suspense;
            let unknown: Vec<_> = sold
                .iter()
                .filter(|sold| !known.contains(&sold.id))
                .collect();
            self.left_upstream += unknown.len();
            assert!(
                unknown.len() <= suspense,
                "{id}: {} numbers that nobody knows, {suspense} in suspense",
                unknown.len()
            );
            assert_eq!(known.len() + unknown.len(), sold.len());
            self.check_costs(upstream, store).await;
        }
    }

    /// What we booked for a number is what its upstream took; nobody tells us of what it gives
    /// back when our last question about it goes unanswered.
    async fn check_costs(&mut self, upstream: &SimulatedUpstream, store: &Store) {
        let booked = format!(
            "SELECT o.upstream_id, o.state, CAST(SUM(CASE t.kind WHEN 'cost' THEN t.amount ELSE -t.amount END) AS BIGINT)
            FROM orders o JOIN transfers t ON t.order_id = o.id AND t.kind IN ('cost', 'cost_refund')
            WHERE o.provider = '{}' AND o.upstream_id IS NOT NULL GROUP BY o.upstream_id, o.state",
            upstream.id()
        );
        let booked: Vec<(String, String, i64)> = rows(store.read(), &booked, |row| {
            Ok((
                row.try_get_by_index(0)?,
                row.try_get_by_index(1)?,
                row.try_get_by_index(2)?,
            ))
        })
        .await;
        for (id, state, booked) in booked {
            let sold = upstream.order(&id).unwrap();
            let took = ledger::cost_in_millionths(sold.charged - sold.refunded).unwrap();
            if booked != took {
                tell(&format!(
                    "{}: {id} {state} booked {booked} took {took} charged {} {:?}",
                    upstream.id(),
                    sold.charged,
                    sold.state
                ));
            }
            assert!(
                booked >= took,
                "order {id}, {state}: {booked} booked, {took} taken"
            );
            self.overbooked += usize::from(booked > took);
        }
    }

    /// Every SMS that was written down was told, and told again only where it may be.
    async fn check_codes(&mut self, rig: &Rig, store: &Store, pending: &Pending, lost: usize) {
        let mut told: HashMap<(i64, String), usize> = HashMap::new();
        for user in &rig.people {
            for message in rig.telegram.messages(*user) {
                let is_code =
                    message.text.contains("Your code for") || message.text.contains("An SMS from");
                if message.from_bot() && is_code {
                    *told.entry((*user, message.text.clone())).or_default() += 1;
                }
            }
        }
        let owners: HashMap<i64, i64> =
            rows(store.read(), "SELECT id, user_id FROM orders", |row| {
                Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))
            })
            .await
            .into_iter()
            .collect();
        let sms = store::orders::sms_of(store.read(), owners.keys().copied().collect());
        let sms = sms.await.unwrap().into_iter();
        let sms: Vec<(i64, i64, String)> = sms
            .map(|sms| (sms.order_id, owners[&sms.order_id], sms.text))
            .collect();
        let mut of_order: HashMap<i64, usize> = HashMap::new();
        for (order, user, text) in sms {
            let index = *of_order.entry(order).and_modify(|it| *it += 1).or_default();
            let messages: usize = told
                .iter()
                .filter(|((who, message), _)| *who == user && message.contains(&text))
                .map(|(_, count)| count)
                .sum();
            assert!(messages >= 1, "order {order}: SMS {index} was never told");
            let again = messages - 1;
            let may = pending.get(&(order, index)).copied().unwrap_or_default();
            assert!(
                again <= may + lost,
                "order {order}: SMS {index} was told {messages} times, pending at {may} deaths"
            );
            self.codes += 1;
            self.told_again += again;
        }
        let most = pending.values().sum::<usize>() + lost;
        assert!(self.told_again <= most, "{} told again", self.told_again);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_deaths() {
    let kills = told("NUMSHOP_KILLS").unwrap_or(50);
    let seed = told("NUMSHOP_SEED").unwrap_or_else(rand::random);
    tell(&format!("{kills} kills with NUMSHOP_SEED={seed}"));
    let mut rng = StdRng::seed_from_u64(seed);
    let mut rig = Rig::furnish(Database::fresh().await).await;
    rig.add_otpcepat().await;
    rig.people = (FIRST_USER..).take(USERS).collect();
    rig.start();
    for user in &rig.people {
        rig.telegram.add_user(*user, "Guest", None, "en");
        rig.joins(*user, CREDIT).await;
    }
    let upstreams: Vec<SimulatedUpstream> = [Some(&rig.virtusim), rig.otpcepat.as_ref()]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    for upstream in &upstreams {
        upstream.set_balance(1_000_000_000.into());
    }
    rig.kill().await;

    let stop = CancellationToken::new();
    let mut fork = || StdRng::seed_from_u64(rng.random());
    let users: Vec<_> = rig
        .people
        .iter()
        .map(|id| tokio::spawn(user(rig.telegram.clone(), *id, fork(), stop.clone())))
        .collect();
    let sending = tokio::spawn(senders(upstreams.clone(), fork(), stop.clone()));
    let trouble = troubles(rig.telegram.clone(), upstreams, fork(), stop.clone());
    let trouble = tokio::spawn(trouble);
    let mut pending = Pending::new();
    for _ in 0..kills {
        rig.start();
        // The moment is the point here: no condition is waited for.
        tokio::time::sleep(Duration::from_millis(rng.random_range(100..1_900))).await;
        rig.kill().await;
        note_pending(&rig, &mut pending).await;
        rig.passes(TimeDelta::seconds(rng.random_range(0..100)));
    }
    stop.cancel();
    for user in users {
        user.await.unwrap();
    }
    sending.await.unwrap();
    let lost = trouble.await.unwrap();
    settle(&mut rig).await;
    rig.kill().await;

    let store = Store::open(rig.database.url(), &crate::database::key())
        .await
        .unwrap();
    let differences = store::audit::audit(store.read()).await.unwrap();
    assert_eq!(differences, []);
    let figures = Figures::check(&rig, &store, &pending, lost).await;
    tell(&format!("{kills} kills, {lost} answers lost: {figures:?}"));
    // A busy machine starts slowly, and much of a short life is the start.
    assert!(figures.sold as u64 > kills / 5, "nearly nobody bought");
    assert!(figures.codes as u64 > kills / 10, "nearly no code came");
    store.close().await;
    rig.database.drop().await;
}

#[expect(
    clippy::print_stderr,
    reason = "a seed that nobody is told cannot be repeated"
)]
fn tell(line: &str) {
    eprintln!("{line}");
}
