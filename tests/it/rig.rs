//! The real binary as a process of its own, and the world around it: simulated Telegram, simulated
//! upstream, a database and a clock that runs ahead between two lives of the process.

use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use numshop::clock::{Clock, ManualClock};
use numshop::domain::id::UserId;
use numshop::sandbox::telegram::message::ChatMessage;
use numshop::sandbox::telegram::{self, SimulatedTelegram};
use numshop::sandbox::upstream::SimulatedUpstream;
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::sandbox::upstream::fault::step;
use numshop::store::Store;
use numshop::store::ledger::{self, Account};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, QueryResult, Statement};
use tokio::process::{Child, Command};

use crate::database::Database;
use crate::harness::{ALEX, MAYA, PATIENCE, SARI, eventually};

/// What everybody in a story gets to spend.
pub(crate) const CREDIT: i64 = 50_000;
/// What a Star brings.
pub(crate) const STAR: i64 = 200;
/// The signal with which a process ends at a fail point.
const SIGABRT: i32 = 6;

/// The binary and the world around it.
pub(crate) struct Rig {
    clock: Arc<ManualClock>,
    ahead: TimeDelta,
    pub(crate) telegram: SimulatedTelegram,
    pub(crate) virtusim: SimulatedUpstream,
    /// Lists no orders, so a lost answer ends in suspense; on in some stories.
    pub(crate) otpcepat: Option<SimulatedUpstream>,
    /// Rents numbers out; on in some stories.
    pub(crate) otpget: Option<SimulatedUpstream>,
    /// Where Telegram brings updates: the address that it knows, and where the binary listens.
    pub(crate) webhook: Option<(&'static str, SocketAddr)>,
    pub(crate) database: Database,
    folder: tempfile::TempDir,
    child: Option<Child>,
    /// Whose story is told; Maya is the admin.
    pub(crate) people: Vec<i64>,
    /// What each of them has besides their credit.
    pub(crate) besides: i64,
}

impl Rig {
    /// Alex alone, and the binary running.
    pub(crate) async fn open() -> Self {
        Self::open_over(Database::fresh().await).await
    }

    /// The same over a certain database.
    pub(crate) async fn open_over(database: Database) -> Self {
        let mut rig = Self::furnish(database).await;
        rig.start();
        rig
    }

    /// A second upstream, for all further lives.
    pub(crate) async fn add_otpcepat(&mut self) {
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let upstream = SimulatedUpstream::start(Dialect::OtpCepat, clock).await;
        let upstream = upstream.unwrap();
        upstream.set_sms_after(None);
        self.otpcepat = Some(upstream);
    }

    /// An upstream that rents numbers out, for all further lives.
    pub(crate) async fn add_otpget(&mut self) {
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let upstream = SimulatedUpstream::start(Dialect::OtpGet, clock).await;
        let upstream = upstream.unwrap();
        upstream.set_sms_after(None);
        self.otpget = Some(upstream);
    }

    /// The world alone; nothing runs yet.
    pub(crate) async fn furnish(database: Database) -> Self {
        let clock = Arc::new(ManualClock::default());
        let shared = || Arc::clone(&clock) as Arc<dyn Clock>;
        let config = telegram::Config {
            // What was told must still be there when it is counted.
            messages_per_chat: usize::MAX,
            ..telegram::Config::default()
        };
        let telegram = SimulatedTelegram::start(config, shared()).await.unwrap();
        telegram.add_user(ALEX, "Alex", Some("alex"), "en");
        telegram.add_user(SARI, "Sari", Some("sari"), "en");
        telegram.add_user(MAYA, "Maya", Some("maya"), "en");
        let virtusim = SimulatedUpstream::start(Dialect::VirtuSim, shared())
            .await
            .unwrap();
        virtusim.set_sms_after(None);
        Self {
            clock,
            ahead: TimeDelta::zero(),
            telegram,
            virtusim,
            otpcepat: None,
            otpget: None,
            database,
            folder: tempfile::tempdir().unwrap(),
            webhook: None,
            child: None,
            people: vec![ALEX],
            besides: 0,
        }
    }

    /// The working folder of the binary.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The command line of the binary in this world.
    pub(crate) fn command(&self, subcommand: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_numshop"));
        command
            .arg(subcommand)
            .current_dir(self.folder.path())
            .env_clear()
            .env("TELEGRAM_BOT_TOKEN", self.telegram.token())
            .env("TELEGRAM_API_URL", self.telegram.url())
            .env("ADMIN_IDS", MAYA.to_string())
            .env("DATABASE_URL", self.database.url())
            .env("DATA_KEY", crate::database::KEY)
            .env("API_KEY_VIRTUSIM", self.virtusim.key())
            .env("VIRTUSIM_URL", self.virtusim.url())
            .env("STARS_RATE", STAR.to_string())
            // These stories are about other things.
            .env("TERMS_VERSION", "off")
            .env("LIMIT_NEW_ORDERS", "off")
            .env("LIMIT_OPEN_ORDERS", "off")
            .env("LIMIT_SPEND", "off")
            .env("LIMIT_CANCELLED_SHARE", "off")
            .env("LIMIT_TOP_UPS", "off")
            .env("POLL_INTERVAL_MS", "200")
            .env("UPSTREAM_REQUESTS_PER_SECOND", "1000")
            .env("MESSAGES_PER_SECOND_PER_CHAT", "100")
            .env("TAPS_PER_SECOND_PER_USER", "1000")
            .env(
                "NUMSHOP_CLOCK_AHEAD_MS",
                self.ahead.num_milliseconds().to_string(),
            )
            .envs(self.webhook.iter().flat_map(|(url, bind)| {
                let url = ("WEBHOOK_URL", (*url).to_owned());
                [url, ("WEBHOOK_BIND", bind.to_string())]
            }))
            .envs(self.otpcepat.iter().flat_map(|upstream| {
                let key = ("API_KEY_OTPCEPAT", upstream.key().to_owned());
                [key, ("OTPCEPAT_URL", upstream.url())]
            }))
            .envs(self.otpget.iter().flat_map(|upstream| {
                let key = ("API_KEY_OTPGET", upstream.key().to_owned());
                let url = ("OTPGET_URL", upstream.url());
                [key, url, ("RATE_PKR", "57".to_owned())]
            }))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        command
    }

    pub(crate) fn start(&mut self) {
        assert!(self.child.is_none(), "it runs already");
        self.child = Some(self.command("run").spawn().unwrap());
    }

    /// Starts it with settings of its own.
    pub(crate) fn start_as(&mut self, set: impl FnOnce(&mut Command)) {
        assert!(self.child.is_none(), "it runs already");
        let mut command = self.command("run");
        set(&mut command);
        self.child = Some(command.spawn().unwrap());
    }

    /// Starts it so that it dies at a fail point.
    pub(crate) fn start_to_die_at(&mut self, point: &str) {
        assert!(self.child.is_none(), "it runs already");
        let mut command = self.command("run");
        command.env("NUMSHOP_DIES_AT", point);
        self.child = Some(command.spawn().unwrap());
    }

    /// The number of the process.
    pub(crate) fn pid(&self) -> u32 {
        let child = self.child.as_ref().expect("it runs");
        child.id().expect("it has not ended")
    }

    /// SIGKILL: no handler runs, nothing is flushed.
    pub(crate) async fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.start_kill().unwrap();
        child.wait().await.unwrap();
    }

    /// Kills it once it has nothing to do, and starts it again so that it dies at a fail point.
    pub(crate) async fn arm(&mut self, point: &str) {
        self.is_idle().await;
        self.kill().await;
        self.start_to_die_at(point);
    }

    /// Waits until it has died at its fail point.
    pub(crate) async fn has_died(&mut self) {
        let mut child = self.child.take().unwrap();
        let ended = tokio::time::timeout(PATIENCE, child.wait()).await;
        let status = ended.expect("the fail point was never reached").unwrap();
        assert_eq!(status.signal(), Some(SIGABRT), "it ended otherwise");
    }

    /// The process, for a story that ends it in its own way.
    pub(crate) fn take_child(&mut self) -> Child {
        self.child.take().unwrap()
    }

    /// Time passes for everybody; only while the binary is down, for it is told the time at its
    /// start.
    pub(crate) fn passes(&mut self, time: TimeDelta) {
        assert!(self.child.is_none(), "it would not notice");
        self.clock.advance(time);
        self.ahead += time;
    }

    pub(crate) async fn sees(&self, user: i64, text: &str) -> ChatMessage {
        let fits = |message: &ChatMessage| message.from_bot() && message.text.contains(text);
        self.telegram.wait_for(user, fits, PATIENCE).await.unwrap()
    }

    pub(crate) async fn presses(&self, user: i64, label: &str) {
        let holds = |message: &ChatMessage| {
            let button = message
                .buttons()
                .find(|button| button.text.contains(label))?;
            Some((message.id, button.text.clone()))
        };
        let message = self
            .telegram
            .wait_for(user, |message| holds(message).is_some(), PATIENCE)
            .await
            .unwrap();
        let (message, button) = holds(&message).unwrap();
        self.telegram.press(user, message, &button).unwrap();
    }

    /// How many messages with this text a chat holds.
    pub(crate) fn count(&self, user: i64, text: &str) -> usize {
        let messages = self.telegram.messages(user);
        let fitting = messages.iter().filter(|message| {
            message.from_bot() && !message.deleted && message.text.contains(text)
        });
        fitting.count()
    }

    /// Says hello, and gets money by the admin's own command.
    pub(crate) async fn joins(&self, user: i64, credit: i64) {
        self.telegram.send_text(user, "/start").unwrap();
        self.sees(user, "Hi ").await;
        self.telegram
            .send_text(MAYA, &format!("/topup {user} {credit} welcome"))
            .unwrap();
        let draft = format!("(ID {user}) by");
        self.sees(MAYA, &draft).await;
        self.presses(MAYA, "Book").await;
        self.sees(user, "was added to your wallet").await;
    }

    /// From hello to the Confirm button, with money from the admin's own command.
    pub(crate) async fn comes_to_confirm(&self, user: i64) {
        self.joins(user, CREDIT).await;
        eventually("there is something to buy", async || {
            let seq = self.telegram.seq();
            self.telegram.send_text(user, "WhatsApp").unwrap();
            let answer = self
                .telegram
                .wait_after(user, seq, ChatMessage::from_bot, PATIENCE)
                .await
                .unwrap();
            answer
                .buttons()
                .any(|button| button.text.contains("WhatsApp ·"))
        })
        .await;
        self.presses(user, "WhatsApp ·").await;
        self.presses(user, "Any, best price").await;
        self.sees(user, "Your balance:").await;
    }

    /// From hello to a number that waits for its SMS.
    pub(crate) async fn buys(&self, user: i64) {
        self.comes_to_confirm(user).await;
        self.presses(user, "Buy for").await;
        self.sees(user, "Waiting for the SMS").await;
    }

    /// Waits until nothing is on its way: no update, no notice.
    pub(crate) async fn is_idle(&self) {
        let connection = self.database.connect().await;
        eventually("no update and no notice is under way", async || {
            self.telegram.pending_updates() == 0
                && number(
                    &connection,
                    "SELECT COUNT(*) FROM inbox WHERE handled_at_ms IS NULL",
                )
                .await
                    == 0
                && number(
                    &connection,
                    "SELECT COUNT(*) FROM outbox WHERE done_at_ms IS NULL",
                )
                .await
                    == 0
        })
        .await;
        connection.close().await.unwrap();
    }

    /// A number that the database tells, whether the binary runs or not.
    pub(crate) async fn number(&self, query: &str) -> i64 {
        let connection = self.database.connect().await;
        let found = number(&connection, query).await;
        connection.close().await.unwrap();
        found
    }

    /// The states of all orders, oldest first.
    pub(crate) async fn states(&self) -> Vec<String> {
        let connection = self.database.connect().await;
        let query = "SELECT state FROM orders ORDER BY id";
        let states = rows(&connection, query, |row| row.try_get_by_index(0)).await;
        connection.close().await.unwrap();
        states
    }

    /// The present moment, for the binary and for everybody else.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Waits for silence, stops, and checks the books, ours and the upstream's: so many orders were
    /// paid, and so many purchases sent.
    pub(crate) async fn finish(mut self, paid: usize, purchases: u64) {
        self.is_idle().await;
        self.kill().await;
        let store = Store::open(self.database.url(), &crate::database::key())
            .await
            .unwrap();
        let differences = numshop::store::audit::audit(store.read()).await.unwrap();
        assert_eq!(differences, []);
        let prices = "SELECT user_id, price FROM orders WHERE state IN ('received', 'completed')";
        let prices: Vec<(i64, i64)> = rows(store.read(), prices, |row| {
            Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))
        })
        .await;
        assert_eq!(prices.len(), paid, "orders that were paid");
        for user in &self.people {
            let spent = prices.iter().filter(|(who, _)| who == user);
            let spent: i64 = spent.map(|(_, price)| price).sum();
            let user = UserId(*user);
            let held = ledger::balance(store.read(), &Account::Held(user)).await;
            assert_eq!(held.unwrap().as_minor(), 0);
            let available = ledger::balance(store.read(), &Account::Available(user)).await;
            assert_eq!(available.unwrap().as_minor(), CREDIT + self.besides - spent);
        }
        let float = Account::Float(self.virtusim.id().into(), "IDR".to_owned());
        let booked = ledger::balance(store.read(), &float).await.unwrap();
        let took = ledger::cost_in_millionths(self.virtusim.spent()).unwrap();
        assert_eq!(-booked.as_minor(), took, "what the upstream took");
        if let Some(otpget) = &self.otpget {
            let float = Account::Float(otpget.id().into(), "PKR".to_owned());
            let booked = ledger::balance(store.read(), &float).await.unwrap();
            let took = ledger::cost_in_millionths(otpget.spent()).unwrap();
            assert_eq!(-booked.as_minor(), took, "what the renter took");
        }
        assert_eq!(
            self.virtusim.requests(step::BUY),
            purchases,
            "a purchase is sent once"
        );
        store.close().await;
        self.database.drop().await;
    }
}

/// What `read` makes of each row that a query finds.
pub(crate) async fn rows<T>(
    connection: &DatabaseConnection,
    query: &str,
    read: impl FnMut(&QueryResult) -> Result<T, DbErr>,
) -> Vec<T> {
    let query = Statement::from_string(connection.get_database_backend(), query);
    let rows = connection.query_all_raw(query).await.unwrap();
    rows.iter().map(read).collect::<Result<_, _>>().unwrap()
}

async fn number(connection: &DatabaseConnection, query: &str) -> i64 {
    let mut found = rows(connection, query, |row| row.try_get_by_index(0)).await;
    found.remove(0)
}
