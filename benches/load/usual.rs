//! The usual load: greetings, a steady trickle, whole purchases, a crowd that waits.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use numshop::sandbox::telegram::message::ChatMessage;

use crate::percentiles;
use crate::stage::{Load, PATIENCE, Stage, is_answer};

pub(crate) async fn play(users: usize, purchases: usize) {
    let stage = Stage::prepare(users, purchases).await;
    stage.upstream.set_sms_after(Some(Duration::ZERO));
    let load = stage.start().await;
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

impl Load {
    /// Everybody says /start at once.
    async fn greetings(&self) {
        let started = Instant::now();
        let taken = futures_util::future::join_all(
            self.stage
                .users
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
            let user = self.stage.users[index % self.stage.users.len()];
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
        let at_once = self.stage.users.len().min(200);
        let taken: Vec<Vec<Duration>> = futures_util::future::join_all(
            self.stage.users.iter().take(at_once).map(async |user| {
                let mut taken = Vec::new();
                let take = |left: usize| left.checked_sub(1);
                while left
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take)
                    .is_ok()
                {
                    self.purchase(*user, &mut taken).await;
                }
                taken
            }),
        )
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

    /// Buys a number whose SMS does not come yet.
    pub(crate) async fn waits(&self, user: i64) {
        let (found, _) = self.says(user, "WhatsApp", "Here is what I found").await;
        let (operators, _) = self.presses(user, &found, "WhatsApp ·", "operator").await;
        let (card, _) = self.presses(user, &operators, "Any", "Your balance").await;
        self.presses(user, &card, "Buy for", "Waiting for the SMS")
            .await;
    }

    /// Everybody buys one number more; two hundred at a time.
    pub(crate) async fn everybody_waits(&self) -> &[i64] {
        for some in self.stage.users.chunks(200) {
            futures_util::future::join_all(some.iter().map(|user| self.waits(*user))).await;
        }
        &self.stage.users
    }

    /// Everybody waits for an SMS; then all SMS come at once.
    async fn waiting(&self) {
        self.stage.upstream.set_sms_after(None);
        let waiters = self.everybody_waits().await;
        let polls = || self.stage.upstream.requests("active_order");
        let before = polls();
        tokio::time::sleep(Duration::from_secs(5)).await;
        println!(
            "{} orders waiting: resident memory {} MB; {} requests to the upstream in 5 s at one per 200 ms",
            waiters.len(),
            self.megabytes("VmRSS"),
            polls() - before,
        );
        let seq = self.stage.telegram.seq();
        let started = Instant::now();
        self.stage.upstream.deliver_all(Some("Your code is 551177"));
        let taken = futures_util::future::join_all(waiters.iter().map(async |user| {
            let code = |message: &ChatMessage| is_answer(message, "551177");
            self.stage
                .telegram
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
}
