//! The load generator: plays whole purchases against the real binary, with the simulated upstream
//! and the simulated Telegram in this process, and prints what it measured.
//!
//! `cargo bench --bench load` plays the usual load; `cargo bench --bench load -- 1000 5000` plays
//! 1,000 users at once and 5,000 purchases. Everything runs on loopback and ends by itself.
#![allow(
    clippy::print_stdout,
    reason = "a benchmark reports on its standard output"
)]
#![allow(
    clippy::unwrap_used,
    reason = "a load that cannot go on should stop where it is"
)]
#![allow(
    clippy::float_arithmetic,
    reason = "rates are for people, and far from money"
)]
#![allow(clippy::cast_precision_loss, reason = "counts here are far below 2^52")]

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use hdrhistogram::Histogram;
use numshop::clock::{Clock, SystemClock};
use numshop::domain::id::UserId;
use numshop::domain::market::Market;
use numshop::domain::money::{Currency, Money};
use numshop::domain::pricing::Markup;
use numshop::sandbox::telegram::message::ChatMessage;
use numshop::sandbox::telegram::{self, SimulatedTelegram};
use numshop::sandbox::upstream::SimulatedUpstream;
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::shop::account::Visitor;
use numshop::shop::{Shop, Terms};
use numshop::store::Store;
use tokio::process::{Child, Command};

const FIRST_USER: i64 = 100_000;
const ADMIN: i64 = 9;
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() {
    let numbers: Vec<usize> = std::env::args()
        .filter_map(|word| word.parse().ok())
        .collect();
    let users = numbers.first().copied().unwrap_or(1_000);
    let purchases = numbers.get(1).copied().unwrap_or(3_000);
    let load = Load::prepare(users, purchases).await;
    println!(
        "{users} users, {purchases} purchases, one SQLite file with synchronous=FULL, simulators included"
    );
    println!("resident memory, idle: {} MB", load.megabytes("VmRSS"));
    load.greetings().await;
    load.steady().await;
    load.purchases(purchases).await;
    load.waiting().await;
    println!(
        "resident memory, afterwards: {} MB (peak {} MB)",
        load.megabytes("VmRSS"),
        load.megabytes("VmHWM")
    );
    load.finish().await;
}

struct Load {
    telegram: SimulatedTelegram,
    upstream: SimulatedUpstream,
    users: Vec<i64>,
    child: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl Load {
    async fn prepare(users: usize, purchases: usize) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let telegram = SimulatedTelegram::start(telegram::Config::default(), Arc::clone(&clock))
            .await
            .unwrap();
        let upstream = SimulatedUpstream::start(Dialect::VirtuSim, Arc::clone(&clock))
            .await
            .unwrap();
        upstream.set_sms_after(Some(Duration::ZERO));
        upstream.set_balance(1_000_000_000.into());
        upstream.set_stock("WhatsApp", 10_000_000).unwrap();
        let users: Vec<i64> = (FIRST_USER..).take(users).collect();
        for id in &users {
            telegram.add_user(*id, "Guest", None, "en");
        }
        let folder = tempfile::tempdir().unwrap();
        let url = format!(
            "sqlite://{}?mode=rwc",
            folder.path().join("load.db").display()
        );
        fund(&url, clock, &users, purchases).await;
        let child = Command::new(env!("CARGO_BIN_EXE_numshop"))
            .arg("run")
            .current_dir(folder.path())
            .env_clear()
            .env("TELEGRAM_BOT_TOKEN", telegram.token())
            .env("TELEGRAM_API_URL", telegram.url())
            .env("ADMIN_IDS", ADMIN.to_string())
            .env("DATABASE_URL", &url)
            .env("API_KEY_VIRTUSIM", upstream.key())
            .env("VIRTUSIM_URL", upstream.url())
            .env("UPSTREAM_REQUESTS_PER_SECOND", "100000")
            .env("MESSAGES_PER_SECOND_PER_CHAT", "1000")
            .env("POLL_INTERVAL_MS", "200")
            .env("RUST_LOG", "warn")
            .stdout(Stdio::inherit())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let load = Self {
            telegram,
            upstream,
            users,
            child,
            url,
            _folder: folder,
        };
        // Ready when it answers and has read the catalogue.
        let first = load.users[0];
        loop {
            let answer = load.says(first, "WhatsApp", "").await.0;
            if answer
                .buttons()
                .any(|button| button.text.contains("WhatsApp ·"))
            {
                return load;
            }
        }
    }

    /// Sends a text and waits for the answer; how long that took.
    async fn says(&self, user: i64, text: &str, shows: &str) -> (ChatMessage, Duration) {
        let seq = self.telegram.seq();
        let started = Instant::now();
        self.telegram.send_text(user, text).unwrap();
        let answer = self
            .telegram
            .wait_after(user, seq, |message| is_answer(message, shows), PATIENCE)
            .await
            .unwrap();
        (answer, started.elapsed())
    }

    /// Presses the button of `message` that holds `label` and waits for what it changes.
    async fn presses(
        &self,
        user: i64,
        message: &ChatMessage,
        label: &str,
        shows: &str,
    ) -> (ChatMessage, Duration) {
        let button = message
            .buttons()
            .find(|button| button.text.contains(label))
            .unwrap_or_else(|| panic!("no button {label} under {}", message.text))
            .text
            .clone();
        let seq = self.telegram.seq();
        let started = Instant::now();
        self.telegram.press(user, message.id, &button).unwrap();
        let answer = self
            .telegram
            .wait_after(user, seq, |message| is_answer(message, shows), PATIENCE)
            .await
            .unwrap();
        (answer, started.elapsed())
    }

    /// Everybody says /start at once.
    async fn greetings(&self) {
        let started = Instant::now();
        let taken = futures_util::future::join_all(
            self.users
                .iter()
                .map(|user| self.says(*user, "/start", "Hi ")),
        )
        .await;
        let total = started.elapsed();
        println!(
            "{} times /start at once: {:.0}/s, {}",
            taken.len(),
            taken.len() as f64 / total.as_secs_f64(),
            percentiles(taken.into_iter().map(|(_, taken)| taken))
        );
    }

    /// Thirty updates a second for ten seconds, from as many users.
    async fn steady(&self) {
        let taken = futures_util::future::join_all((0..300).map(|index| {
            let user = self.users[index % self.users.len()];
            let at = Duration::from_millis(33) * u32::try_from(index).unwrap();
            async move {
                tokio::time::sleep(at).await;
                self.says(user, "/wallet", "You can spend").await.1
            }
        }));
        println!(
            "30 updates/s for 10 s, update to reply: {}",
            percentiles(taken.await)
        );
    }

    /// Whole purchases: text, operator, confirmation, code.
    async fn purchases(&self, wanted: usize) {
        let left = AtomicUsize::new(wanted);
        let cpu = self.cpu_seconds();
        let started = Instant::now();
        let at_once = self.users.len().min(200);
        let taken: Vec<Vec<Duration>> =
            futures_util::future::join_all(self.users.iter().take(at_once).map(async |user| {
                let mut taken = Vec::new();
                let take = |left: usize| left.checked_sub(1);
                while left
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take)
                    .is_ok()
                {
                    self.purchase(*user, &mut taken).await;
                }
                taken
            }))
            .await;
        let total = started.elapsed();
        println!(
            "{wanted} whole purchases by {at_once} users at once: {:.0}/s, {:.2} ms of CPU each; update to reply: {}",
            wanted as f64 / total.as_secs_f64(),
            (self.cpu_seconds() - cpu) * 1_000.0 / wanted as f64,
            percentiles(taken.into_iter().flatten())
        );
    }

    async fn purchase(&self, user: i64, taken: &mut Vec<Duration>) {
        let (found, searching) = self.says(user, "WhatsApp", "Here is what I found").await;
        let (operators, choosing) = self.presses(user, &found, "WhatsApp ·", "operator").await;
        let (card, quoting) = self.presses(user, &operators, "Any", "Your balance").await;
        taken.extend([searching, choosing, quoting]);
        self.presses(user, &card, "Buy for", "Your SMS is here")
            .await;
    }

    /// Everybody waits for an SMS; then all SMS come at once.
    async fn waiting(&self) {
        self.upstream.set_sms_after(None);
        let waiting = "Waiting for the SMS";
        let mut waiters = Vec::new();
        for some in self.users.chunks(200) {
            let bought = some.iter().map(async |user| {
                let (found, _) = self.says(*user, "WhatsApp", "Here is what I found").await;
                let (operators, _) = self.presses(*user, &found, "WhatsApp ·", "operator").await;
                let (card, _) = self.presses(*user, &operators, "Any", "Your balance").await;
                self.presses(*user, &card, "Buy for", waiting).await;
                *user
            });
            waiters.extend(futures_util::future::join_all(bought).await);
        }
        let polls = || self.upstream.requests("active_order");
        let before = polls();
        tokio::time::sleep(Duration::from_secs(5)).await;
        println!(
            "{} orders waiting: resident memory {} MB; {} requests to the upstream in 5 s at one per 200 ms",
            waiters.len(),
            self.megabytes("VmRSS"),
            polls() - before,
        );
        let seq = self.telegram.seq();
        let started = Instant::now();
        self.upstream.deliver_all(Some("Your code is 551177"));
        let taken = futures_util::future::join_all(waiters.iter().map(async |user| {
            let code = |message: &ChatMessage| is_answer(message, "551177");
            self.telegram
                .wait_after(*user, seq, code, PATIENCE)
                .await
                .unwrap();
            started.elapsed()
        }));
        println!(
            "{} SMS visible upstream at once, until each is in its chat: {}",
            waiters.len(),
            percentiles(taken.await)
        );
    }

    /// A line of `/proc/<pid>/status`, in megabytes.
    fn megabytes(&self, field: &str) -> u64 {
        let id = self.child.id().unwrap();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with(field)).unwrap();
        let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kilobytes / 1024
    }

    /// User and system time of the binary.
    fn cpu_seconds(&self) -> f64 {
        const TICKS_PER_SECOND: f64 = 100.0;
        let id = self.child.id().unwrap();
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
        let (_, fields) = stat.rsplit_once(')').unwrap();
        let ticks: u64 = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(|field| field.parse::<u64>().unwrap())
            .sum();
        ticks as f64 / TICKS_PER_SECOND
    }

    /// Stops the binary and checks its books.
    async fn finish(mut self) {
        self.child.start_kill().unwrap();
        self.child.wait().await.unwrap();
        let store = Store::open(&self.url).await.unwrap();
        let differences = numshop::store::audit::audit(store.read()).await.unwrap();
        println!("differences in the books: {}", differences.len());
        assert_eq!(differences, []);
        store.close().await;
        drop(self.upstream);
    }
}

/// Gives every user enough for all their purchases, before the binary starts.
async fn fund(url: &str, clock: Arc<dyn Clock>, users: &[i64], purchases: usize) {
    let terms = Terms {
        currency: Currency::from_code("IDR").unwrap(),
        markup: Markup::new(25.into(), Money::ZERO, Money::minor(100)).unwrap(),
        rates: BTreeMap::new(),
        admins: Vec::new(),
        quote_lifetime: TimeDelta::minutes(10),
        poll_interval: TimeDelta::seconds(1),
        doubt_deadline: TimeDelta::seconds(180),
        market: Arc::new(Market::shipped()),
        catalogue_max_age: TimeDelta::hours(24),
    };
    let store = Store::open(url).await.unwrap();
    let shop = Shop::open(store, Vec::new(), clock, terms).await.unwrap();
    let amount = (purchases.max(10) * 10_000).to_string();
    futures_util::future::join_all(users.iter().map(async |id| {
        let visitor = Visitor {
            id: UserId(*id),
            first_name: "Guest".to_owned(),
            username: None,
            language_code: Some("en".to_owned()),
        };
        shop.enter(&visitor).await.unwrap();
        let admin = UserId(ADMIN);
        let draft = shop
            .draft_topup(admin, &id.to_string(), &amount, None)
            .await
            .unwrap();
        shop.book_topup(admin, &draft.nonce).await.unwrap();
    }))
    .await;
    shop.close().await;
}

/// Codes ring at any time, so an answer is told by what it says.
fn is_answer(message: &ChatMessage, shows: &str) -> bool {
    message.from_bot() && message.text.contains(shows)
}

fn percentiles(taken: impl IntoIterator<Item = Duration>) -> String {
    let mut histogram = Histogram::<u64>::new(3).unwrap();
    for taken in taken {
        let microseconds = u64::try_from(taken.as_micros()).unwrap();
        histogram.record(microseconds).unwrap();
    }
    let milliseconds = |quantile| histogram.value_at_quantile(quantile) as f64 / 1_000.0;
    format!(
        "p50 {:.1} ms, p99 {:.1} ms, worst {:.1} ms",
        milliseconds(0.5),
        milliseconds(0.99),
        milliseconds(1.0)
    )
}
