//! The binary under load, with a simulated Telegram and a simulated upstream beside it.
//!
//! Invariant: what is measured is the binary as operators run it; the simulators only speak HTTP
//! to it.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use numshop::clock::{Clock, SystemClock};
use numshop::domain::best::BestBy;
use numshop::domain::id::UserId;
use numshop::domain::market::Market;
use numshop::domain::money::{Currency, Money};
use numshop::domain::pricing::Markup;
use numshop::sandbox::telegram::message::ChatMessage;
use numshop::sandbox::telegram::{self, SimulatedTelegram};
use numshop::sandbox::upstream::SimulatedUpstream;
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::shop::account::Visitor;
use numshop::shop::alerts::AlertTerms;
use numshop::shop::{Shop, Terms};
use numshop::store::Store;
use numshop::store::sealed::keyfile::DataKey;
use tokio::process::{Child, Command};

const FIRST_USER: i64 = 100_000;
const ADMIN: i64 = 9;
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Everything but the binary.
pub(crate) struct Stage {
    pub(crate) telegram: SimulatedTelegram,
    pub(crate) upstream: SimulatedUpstream,
    pub(crate) users: Vec<i64>,
    /// The database.
    pub(crate) url: String,
    folder: tempfile::TempDir,
}

/// The stage with the binary on it.
pub(crate) struct Load {
    pub(crate) stage: Stage,
    child: Child,
}

impl Stage {
    /// Users with enough money for `purchases` purchases each.
    pub(crate) async fn prepare(users: usize, purchases: usize) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let telegram = SimulatedTelegram::start(telegram::Config::default(), Arc::clone(&clock))
            .await
            .unwrap();
        let upstream = SimulatedUpstream::start(Dialect::VirtuSim, Arc::clone(&clock))
            .await
            .unwrap();
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
        Self {
            telegram,
            upstream,
            users,
            url,
            folder,
        }
    }

    /// Starts the binary and waits until it sells.
    pub(crate) async fn start(self) -> Load {
        let child = Command::new(env!("CARGO_BIN_EXE_numshop"))
            .arg("run")
            .current_dir(self.folder.path())
            .env_clear()
            .env("TELEGRAM_BOT_TOKEN", self.telegram.token())
            .env("TELEGRAM_API_URL", self.telegram.url())
            .env("ADMIN_IDS", ADMIN.to_string())
            .env("DATABASE_URL", &self.url)
            .env("API_KEY_VIRTUSIM", self.upstream.key())
            .env("VIRTUSIM_URL", self.upstream.url())
            .env("UPSTREAM_REQUESTS_PER_SECOND", "100000")
            .env("MESSAGES_PER_SECOND_PER_CHAT", "1000")
            .env("TAPS_PER_SECOND_PER_USER", "1000")
            .env("POLL_INTERVAL_MS", "200")
            .env("RUST_LOG", "warn")
            .stdout(Stdio::inherit())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let load = Load { stage: self, child };
        let first = load.stage.users[0];
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

    /// How large the database is, in megabytes.
    pub(crate) fn database_megabytes(&self) -> u64 {
        let file = self.folder.path().join("load.db");
        std::fs::metadata(file).unwrap().len() / 1024 / 1024
    }
}

impl Load {
    /// Sends a text and waits for the answer; how long that took.
    pub(crate) async fn says(&self, user: i64, text: &str, shows: &str) -> (ChatMessage, Duration) {
        let seq = self.stage.telegram.seq();
        let started = Instant::now();
        self.stage.telegram.send_text(user, text).unwrap();
        let answer = self
            .stage
            .telegram
            .wait_after(user, seq, |message| is_answer(message, shows), PATIENCE)
            .await
            .unwrap();
        (answer, started.elapsed())
    }

    /// Presses the button of `message` that holds `label` and waits for what it changes.
    pub(crate) async fn presses(
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
        let seq = self.stage.telegram.seq();
        let started = Instant::now();
        self.stage
            .telegram
            .press(user, message.id, &button)
            .unwrap();
        let answer = self
            .stage
            .telegram
            .wait_after(user, seq, |message| is_answer(message, shows), PATIENCE)
            .await
            .unwrap();
        (answer, started.elapsed())
    }

    /// A line of `/proc/<pid>/status`, in megabytes.
    pub(crate) fn megabytes(&self, field: &str) -> u64 {
        let id = self.child.id().unwrap();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with(field)).unwrap();
        let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kilobytes / 1024
    }

    /// User and system time of the binary.
    pub(crate) fn cpu_seconds(&self) -> f64 {
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
    pub(crate) async fn finish(mut self) {
        self.child.start_kill().unwrap();
        self.child.wait().await.unwrap();
        let store = Store::open(&self.stage.url, &DataKey::Beside(".".into()))
            .await
            .unwrap();
        let differences = numshop::store::audit::audit(store.read()).await.unwrap();
        println!("differences in the books: {}", differences.len());
        assert_eq!(differences, []);
        store.close().await;
    }
}

/// Gives every user enough for all their purchases, before the binary starts.
async fn fund(url: &str, clock: Arc<dyn Clock>, users: &[i64], purchases: usize) {
    let terms = Terms {
        currency: Currency::from_code("IDR").unwrap(),
        markup: Markup::new(25.into(), Money::ZERO, Money::minor(100)).unwrap(),
        rates: BTreeMap::new(),
        owners: Vec::new(),
        quote_lifetime: TimeDelta::minutes(10),
        poll_interval: TimeDelta::seconds(1),
        doubt_deadline: TimeDelta::seconds(180),
        catalogue_max_age: TimeDelta::hours(24),
        best_by: BestBy::Price,
        cancel_limit_percent: 40,
        rate_max_age: chrono::TimeDelta::days(7),
        rental_reminders_hours: vec![24, 1],
        terms_version: None,
        limits: numshop::domain::limits::Limits::lenient(),
        retention_days: 7,
        referrals: None,
        backups: None,
        alerts: AlertTerms::default(),
        top_ups: numshop::shop::topup::TopUpWays::default(),
        market: Arc::new(Market::shipped()),
    };
    let store = Store::open(url, &DataKey::Beside(".".into()))
        .await
        .unwrap();
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
pub(crate) fn is_answer(message: &ChatMessage, shows: &str) -> bool {
    message.from_bot() && message.text.contains(shows)
}
