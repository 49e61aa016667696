//! The real binary, killed at the worst moments and started again.

use std::process::Stdio;
use std::sync::Arc;

use numshop::clock::{Clock, ManualClock};
use numshop::domain::id::UserId;
use numshop::sandbox::telegram::message::ChatMessage;
use numshop::sandbox::telegram::{self, SimulatedTelegram};
use numshop::sandbox::upstream::SimulatedUpstream;
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::sandbox::upstream::fault::{Fault, Scope, step};
use numshop::store::Store;
use numshop::store::ledger::{self, Account};
use tokio::process::{Child, Command};

use crate::database::Database;
use crate::harness::{ALEX, MAYA, PATIENCE, eventually};

/// The binary as a process of its own, and the world around it.
struct Rig {
    telegram: SimulatedTelegram,
    virtusim: SimulatedUpstream,
    database: Database,
    folder: tempfile::TempDir,
    child: Option<Child>,
}

impl Rig {
    async fn open() -> Self {
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::default());
        let telegram = SimulatedTelegram::start(telegram::Config::default(), Arc::clone(&clock))
            .await
            .unwrap();
        telegram.add_user(ALEX, "Alex", Some("alex"), "en");
        telegram.add_user(MAYA, "Maya", Some("maya"), "en");
        let virtusim = SimulatedUpstream::start(Dialect::VirtuSim, clock)
            .await
            .unwrap();
        virtusim.set_sms_after(None);
        let mut rig = Self {
            telegram,
            virtusim,
            database: Database::fresh().await,
            folder: tempfile::tempdir().unwrap(),
            child: None,
        };
        rig.start();
        rig
    }

    fn start(&mut self) {
        let child = Command::new(env!("CARGO_BIN_EXE_numshop"))
            .arg("run")
            .current_dir(self.folder.path())
            .env_clear()
            .env("TELEGRAM_BOT_TOKEN", self.telegram.token())
            .env("TELEGRAM_API_URL", self.telegram.url())
            .env("ADMIN_IDS", MAYA.to_string())
            .env("DATABASE_URL", self.database.url())
            .env("API_KEY_VIRTUSIM", self.virtusim.key())
            .env("VIRTUSIM_URL", self.virtusim.url())
            .env("POLL_INTERVAL_MS", "200")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        self.child = Some(child);
    }

    /// SIGKILL: no handler runs, nothing is flushed.
    async fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.start_kill().unwrap();
        child.wait().await.unwrap();
    }

    async fn sees(&self, user: i64, text: &str) -> ChatMessage {
        self.telegram
            .wait_for(
                user,
                |message| message.from_bot() && message.text.contains(text),
                PATIENCE,
            )
            .await
            .unwrap()
    }

    async fn presses(&self, user: i64, label: &str) {
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

    /// From hello to the Confirm button, with money from the admin's own command.
    async fn comes_to_confirm(&self) {
        self.telegram.send_text(ALEX, "/start").unwrap();
        self.sees(ALEX, "Hi Alex!").await;
        self.telegram
            .send_text(MAYA, "/topup @alex 50000 welcome")
            .unwrap();
        self.presses(MAYA, "Book").await;
        self.sees(ALEX, "was added to your wallet").await;
        eventually("there is something to buy", async || {
            let seq = self.telegram.seq();
            self.telegram.send_text(ALEX, "WhatsApp").unwrap();
            let answer = self
                .telegram
                .wait_after(ALEX, seq, ChatMessage::from_bot, PATIENCE)
                .await
                .unwrap();
            answer
                .buttons()
                .any(|button| button.text.contains("WhatsApp ·"))
        })
        .await;
        self.presses(ALEX, "WhatsApp ·").await;
        self.presses(ALEX, "Any, best price").await;
        self.sees(ALEX, "Your balance:").await;
    }

    /// Stops and checks the books, ours and the upstream's.
    async fn finish(mut self, code_delivered: bool) {
        self.kill().await;
        let store = Store::open(self.database.url()).await.unwrap();
        let differences = numshop::store::audit::audit(store.read()).await.unwrap();
        assert_eq!(differences, []);
        let user = UserId(ALEX);
        let held = ledger::balance(store.read(), &Account::Held(user))
            .await
            .unwrap();
        let available = ledger::balance(store.read(), &Account::Available(user))
            .await
            .unwrap();
        assert_eq!(held.as_minor(), 0);
        assert_eq!(available.as_minor() < 50_000, code_delivered);
        assert_eq!(
            self.virtusim.requests(step::BUY),
            1,
            "a purchase is sent once"
        );
        store.close().await;
        self.database.drop().await;
    }
}

#[tokio::test]
async fn between_hold_and_code_the_order_goes_on() {
    let mut rig = Rig::open().await;
    rig.comes_to_confirm().await;
    rig.presses(ALEX, "Buy for").await;
    rig.sees(ALEX, "Waiting for the SMS").await;
    rig.kill().await;
    rig.virtusim
        .deliver_all(Some("Your WhatsApp code is 481-902"));
    rig.start();
    rig.sees(ALEX, "Your code for WhatsApp").await;
    rig.sees(ALEX, "Your SMS is here").await;
    rig.finish(true).await;
}

#[tokio::test]
async fn during_the_purchase_call_nothing_is_bought_twice() {
    let mut rig = Rig::open().await;
    rig.comes_to_confirm().await;
    // The upstream sells, but its answer does not come before the process dies.
    rig.virtusim
        .set_fault(Fault::NoAnswer, Scope::on(step::BUY).once().after_work());
    rig.presses(ALEX, "Buy for").await;
    eventually("the upstream sold a number", async || {
        rig.virtusim.orders().len() == 1
    })
    .await;
    rig.kill().await;
    rig.start();
    // The list shows an order that nobody knows: it is Alex's.
    rig.sees(ALEX, "Waiting for the SMS").await;
    rig.virtusim
        .deliver_all(Some("Your WhatsApp code is 481-902"));
    rig.sees(ALEX, "Your code for WhatsApp").await;
    rig.sees(ALEX, "Your SMS is here").await;
    rig.finish(true).await;
}

#[tokio::test]
async fn an_update_that_was_stored_is_handled_after_a_kill() {
    let mut rig = Rig::open().await;
    rig.comes_to_confirm().await;
    // While Telegram answers nothing, the press is stored but its reply cannot leave.
    rig.presses(ALEX, "Buy for").await;
    rig.kill().await;
    rig.start();
    rig.sees(ALEX, "Waiting for the SMS").await;
    rig.virtusim
        .deliver_all(Some("Your WhatsApp code is 481-902"));
    rig.sees(ALEX, "Your SMS is here").await;
    rig.finish(true).await;
}

#[tokio::test]
async fn a_stop_by_signal_ends_within_its_time_and_exits_well() {
    let mut rig = Rig::open().await;
    rig.comes_to_confirm().await;
    let mut child = rig.child.take().unwrap();
    let id = child.id().unwrap().to_string();
    let sent = Command::new("kill")
        .args(["-TERM", &id])
        .status()
        .await
        .unwrap();
    assert!(sent.success());
    let status = tokio::time::timeout(std::time::Duration::from_secs(10), child.wait())
        .await
        .expect("it stops")
        .unwrap();
    assert!(status.success());
}
