//! What a large shop costs: a long catalogue, a crowd that waits, years of old orders.

use std::time::{Duration, Instant};

use numshop::clock::{Clock, SystemClock};
use numshop::domain::id::ProviderId;
use numshop::domain::market::Market;
use numshop::store::reading::{self, ReadCountry, ReadOffer};
use numshop::store::sealed::keyfile::DataKey;
use numshop::store::{Store, StoreError, work};
use sea_orm::ConnectionTrait;

use crate::percentiles;
use crate::stage::{Load, PATIENCE, Stage, is_answer};

const OFFERS: usize = 2_000;
const WAITING: usize = 10_000;
const OLD_ORDERS: usize = 1_000_000;
/// SMS that come one at a time.
const SINGLE_SMS: usize = 100;

pub(crate) async fn play() {
    long_catalogue().await;
    many_waiting().await;
    old_orders().await;
}

async fn long_catalogue() {
    let stage = Stage::prepare(1, 1).await;
    let store = Store::open(&stage.url, &DataKey::Beside(".".into()))
        .await
        .unwrap();
    let provider = ProviderId::from("virtusim");
    // Countries that the simulated upstream does not sell, so that its refresh leaves them alone.
    let market = Market::shipped();
    let countries = (0..OFFERS / 100).map(|index| country(&market, index));
    let countries = countries.collect();
    let difference = reading::compare(store.read(), &provider, countries)
        .await
        .unwrap();
    let changed = store
        .write(move |tx| work(async move { reading::keep(tx, difference).await }))
        .await
        .unwrap();
    assert_eq!(changed.added, OFFERS);
    store.close().await;
    let load = stage.start().await;
    // The allocator gives back what the start needed a little later.
    tokio::time::sleep(Duration::from_secs(5)).await;
    println!(
        "{OFFERS} offers in the catalogue: resident memory, idle, {} MB",
        load.megabytes("VmRSS")
    );
    load.finish().await;
}

fn country(market: &Market, index: usize) -> ReadCountry {
    ReadCountry {
        country: "ID".to_owned(),
        country_code: format!("elsewhere-{index}"),
        country_name: format!("Elsewhere {index}"),
        read_at_ms: SystemClock.now().timestamp_millis(),
        offers: (0..100).map(|index| offer(market, index)).collect(),
        operators: Vec::new(),
    }
}

fn offer(market: &Market, index: usize) -> ReadOffer {
    let name = format!("Service {index}");
    ReadOffer {
        service: market.service("virtusim", &index.to_string(), &name),
        service_code: index.to_string(),
        service_name: name,
        cost: "1500".to_owned(),
        currency: "IDR".to_owned(),
        stock: Some(7),
    }
}

async fn many_waiting() {
    let each = 10;
    let stage = Stage::prepare(WAITING / each, each).await;
    stage.upstream.set_sms_after(None);
    let load = stage.start().await;
    for _ in 0..each {
        load.everybody_waits().await;
    }
    let polls = || load.stage.upstream.requests("active_order");
    let before = polls();
    tokio::time::sleep(Duration::from_secs(5)).await;
    println!(
        "{WAITING} orders waiting: resident memory {} MB (peak {} MB); {} requests to the upstream in 5 s at one per 200 ms",
        load.megabytes("VmRSS"),
        load.megabytes("VmHWM"),
        polls() - before,
    );
    load.single_sms("while 10,000 wait").await;
    load.finish().await;
}

async fn old_orders() {
    let stage = Stage::prepare(1_000, 1).await;
    let begun = Instant::now();
    fill(&stage.url).await;
    println!(
        "{OLD_ORDERS} old orders: a database of {} MB, made in {:.0} s",
        stage.database_megabytes(),
        begun.elapsed().as_secs_f64()
    );
    let begun = Instant::now();
    let load = stage.start().await;
    println!(
        "{OLD_ORDERS} old orders: from the start to the first answer with a catalogue {:.2} s; resident memory {} MB",
        begun.elapsed().as_secs_f64(),
        load.megabytes("VmRSS")
    );
    load.single_sms("with a million old orders").await;
    load.finish().await;
}

/// Orders of the past with all that an order leaves behind: its story, its SMS, its attempt and
/// its three transfers.
async fn fill(url: &str) {
    let store = Store::open(url, &DataKey::Beside(".".into()))
        .await
        .unwrap();
    let numbers = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {OLD_ORDERS})"
    );
    let first_user = "(SELECT MIN(id) FROM users)";
    let user = format!("{first_user} + i % 1000");
    let account = |name: &str| format!("(SELECT id FROM accounts WHERE name = {name})");
    let available = account(&format!("'user:' || ({user}) || ':available'"));
    let held = account(&format!("'user:' || ({user}) || ':held'"));
    let statements = [
        "INSERT INTO accounts (name, currency, user_id) SELECT 'user:' || id || ':held', 'IDR', id FROM users".to_owned(),
        "INSERT INTO accounts (name, currency) VALUES ('revenue', 'IDR'), ('provider:virtusim:IDR:float', 'IDR'), ('provider:virtusim:IDR:cost_of_goods', 'IDR')".to_owned(),
        format!("{numbers} INSERT INTO orders (id, user_id, nonce, service_id, service_name, country, price, state, version, provider, upstream_id, number, cost, cost_currency, can_resend, awaits_another, created_at_ms, updated_at_ms, quote_until_ms, expires_at_ms, cancel_from_ms, next_action_at_ms, deadline_at_ms, card_chat_id, card_message_id) SELECT i, {user}, 'old' || i, 1, 'WhatsApp', 'ID', 5, 'completed', 5, 'virtusim', 'old' || i, '62000' || i, '3', 'IDR', 0, 0, i, i, i, i, i, i, i, {user}, 1 FROM n"),
        format!("{numbers} INSERT INTO order_events (order_id, event, from_state, to_state, at_ms) SELECT i, 'sms_arrived', 'waiting', 'received', i FROM n"),
        format!("{numbers} INSERT INTO attempts (order_id, provider, service_code, country_code, cost, currency, started_at_ms, good_reads, outcome, closed_at_ms) SELECT i, 'virtusim', '1', 'indo', '3', 'IDR', i, 0, 'bought', i FROM n"),
        format!("{numbers} INSERT INTO sms (order_id, text, code, seen_at_ms) SELECT i, 'Your code is ' || i, '' || i, i FROM n"),
        format!("{numbers} INSERT INTO transfers (idempotency_key, debit_account, credit_account, amount, kind, order_id, actor, at_ms) SELECT 'hold:' || i, {available}, {held}, 5, 'hold', i, 'user', i FROM n"),
        format!("{numbers} INSERT INTO transfers (idempotency_key, debit_account, credit_account, amount, kind, order_id, actor, at_ms) SELECT 'cost:' || i, {}, {}, 3000000, 'cost', i, 'worker', i FROM n", account("'provider:virtusim:IDR:float'"), account("'provider:virtusim:IDR:cost_of_goods'")),
        format!("{numbers} INSERT INTO transfers (idempotency_key, debit_account, credit_account, amount, kind, order_id, resolves, actor, at_ms) SELECT 'resolve:' || i, {held}, {}, 5, 'capture', i, (SELECT id FROM transfers WHERE idempotency_key = 'hold:' || i), 'worker', i FROM n", account("'revenue'")),
    ];
    for statement in statements {
        store
            .write(move |tx| {
                work(async move {
                    tx.execute_unprepared(&statement).await?;
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .unwrap();
    }
    store.close().await;
}

impl Load {
    /// One SMS after the other: from its arrival upstream to its arrival in the chat.
    async fn single_sms(&self, when: &str) {
        self.stage.upstream.set_sms_after(None);
        let mut taken = Vec::new();
        for user in self.stage.users.iter().take(SINGLE_SMS) {
            self.waits(*user).await;
            let order = self.stage.upstream.newest_orders(1).remove(0);
            let seq = self.stage.telegram.seq();
            let begun = Instant::now();
            self.stage
                .upstream
                .deliver(&order.id, "Your code is 551177")
                .unwrap();
            self.stage
                .telegram
                .wait_after(*user, seq, |message| is_answer(message, "551177"), PATIENCE)
                .await
                .unwrap();
            taken.push(begun.elapsed());
        }
        println!(
            "one SMS at a time, {when}, asked for every 200 ms: visible upstream to visible in the chat, {}",
            percentiles(taken)
        );
    }
}
