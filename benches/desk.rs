//! What admins ask of a shop with a million orders: fills a database with made-up ones and prints
//! how long statistics, cards, stories, pages and exports take.
//!
//! `cargo bench --bench desk`, or `cargo bench --bench desk -- 100000` for fewer orders. Nothing
//! leaves this process, and it ends by itself.
#![allow(
    clippy::print_stdout,
    reason = "a benchmark reports on its standard output"
)]
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on should stop where it is"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use numshop::clock::SystemClock;
use numshop::domain::best::BestBy;
use numshop::domain::id::{OrderId, UserId};
use numshop::domain::market::Market;
use numshop::domain::money::{Currency, Money};
use numshop::domain::pricing::Markup;
use numshop::shop::alerts::AlertTerms;
use numshop::shop::export::{OneFile, Table, Wanted, export};
use numshop::shop::topup::TopUpWays;
use numshop::shop::{Shop, Terms};
use numshop::store::sealed::keyfile::DataKey;
use numshop::store::{Store, audit, seed, to_ms};

const ORDERS: u32 = 1_000_000;
/// How often what is quick is done; the longest counts.
const ROUNDS: u32 = 20;
/// The busiest user of the made-up ones: the first.
const USER: UserId = UserId(7_000_000_000);

#[tokio::main]
async fn main() {
    let named = std::env::args().find_map(|word| word.parse().ok());
    let orders = named.unwrap_or(ORDERS);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("desk.db");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let store = Store::open(&url, &DataKey::Beside(".".into()))
        .await
        .unwrap();
    let started = Instant::now();
    seed::fill(&store, orders, to_ms(Utc::now())).await.unwrap();
    println!("{orders} orders made up in {:?}", started.elapsed());
    let started = Instant::now();
    assert_eq!(audit::audit(store.read()).await.unwrap(), []);
    println!("audit: {:?}", started.elapsed());
    let size = std::fs::metadata(&path).unwrap().len() / 1_000_000;
    println!("the file: {size} MB");
    tables(&store, folder.path()).await;
    store.close().await;

    let store = Store::open(&url, &DataKey::Beside(".".into()))
        .await
        .unwrap();
    let shop = Shop::open(store, Vec::new(), Arc::new(SystemClock), terms());
    let shop = shop.await.unwrap();
    for days in [1, 7, 30, 180] {
        let what = format!("statistics of {days} days");
        longest(&what, async || {
            let stats = shop.stats(shop.lately(days)).await.unwrap();
            assert!(stats.by_day.len() == days as usize);
        })
        .await;
    }
    longest("a user's card", async || {
        let card = shop.user_card(USER).await.unwrap();
        assert!(!card.orders.is_empty());
    })
    .await;
    longest("an order's story", async || {
        let order = OrderId(i64::from(orders / 2));
        shop.order_story(order).await.unwrap();
    })
    .await;
    let last = shop.orders(USER, 0, 8).await.unwrap().pages - 1;
    for page in [0, last] {
        let what = format!("page {} of {} of a user's orders", page + 1, last + 1);
        longest(&what, async || {
            let orders = shop.orders(USER, page, 8).await.unwrap();
            assert_eq!(orders.page, page);
        })
        .await;
    }
    longest("a user's transfers", async || {
        let moves = shop.movements(USER, 0, 10).await.unwrap();
        assert!(!moves.is_empty());
    })
    .await;
    shop.close().await;
}

async fn tables(store: &Store, folder: &std::path::Path) {
    for table in [Table::Orders, Table::Transfers, Table::Users] {
        let file = std::fs::File::create(folder.join(table.as_str())).unwrap();
        let wanted = Wanted {
            table,
            days: None,
            currency: Currency::from_code("IDR").unwrap(),
        };
        let started = Instant::now();
        let rows = export(store, wanted, &mut OneFile::new(file))
            .await
            .unwrap();
        let size = std::fs::metadata(folder.join(table.as_str()))
            .unwrap()
            .len()
            / 1_000_000;
        println!(
            "export of {rows} {}: {:?}, {size} MB",
            table.as_str(),
            started.elapsed()
        );
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmHWM"));
    println!("{}", peak.unwrap_or_default());
}

/// The first time, when nothing is warm, and the longest of many.
async fn longest(what: &str, ask: impl AsyncFn()) {
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..ROUNDS {
        let started = Instant::now();
        ask().await;
        times.push(started.elapsed());
    }
    let first = times.first().copied().unwrap_or_default();
    times.sort();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let most = times.last().copied().unwrap_or_default();
    println!("{what}: first {first:?}, median {median:?}, longest {most:?}");
}

fn terms() -> Terms {
    Terms {
        retention_days: 7,
        currency: Currency::from_code("IDR").unwrap(),
        markup: Markup::new(25.into(), Money::ZERO, Money::minor(100)).unwrap(),
        rates: [("PKR".to_owned(), 58.into())].into(),
        owners: Vec::new(),
        rate_max_age: TimeDelta::days(7),
        quote_lifetime: TimeDelta::minutes(10),
        poll_interval: TimeDelta::seconds(3),
        doubt_deadline: TimeDelta::seconds(180),
        market: Arc::new(Market::shipped()),
        catalogue_max_age: TimeDelta::hours(24),
        best_by: BestBy::Price,
        cancel_limit_percent: 40,
        rental_reminders_hours: Vec::new(),
        terms_version: None,
        limits: numshop::domain::limits::Limits::lenient(),
        referrals: None,
        backups: None,
        alerts: AlertTerms::default(),
        top_ups: TopUpWays::default(),
    }
}
