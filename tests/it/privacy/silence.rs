//! Whole journeys against the real binary with `RUST_LOG=trace`: what it and all its libraries say
//! names nobody, and nothing that is secret.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use numshop::sandbox::telegram::limits::Fault;
use numshop::sandbox::telegram::message::ChatMessage;
use numshop::sandbox::telegram::stars::Payment;
use numshop::sandbox::upstream::SimulatedUpstream;

use crate::database::{Database, KEY};
use crate::harness::{MAYA, PATIENCE, eventually};
use crate::rig::Rig;

/// Somebody whose name is in nobody else's words.
const SHE: i64 = 9_117;
const NAME: &str = "Scheherazade";
const USERNAME: &str = "quetzalcoatl";
const LABEL: &str = "Casablanca phone";
const WRONG_KEY: &str = "wrong-upstream-key-4711";
/// The names of libraries that would have much to say at this level.
const TALKERS: [&str; 6] = ["sqlx", "sea_orm", "hyper", "reqwest", "teloxide", "h2::"];

fn otpget(rig: &Rig) -> &SimulatedUpstream {
    rig.otpget.as_ref().unwrap()
}

/// Starts it so that everything it says is written down.
fn start(rig: &mut Rig, log: &Path, upstream_key: Option<&str>) {
    let log = File::options().create(true).append(true).open(log).unwrap();
    rig.start_as(|command| {
        command
            .env(
                "RUST_LOG",
                "trace,sqlx=trace,hyper::proto=trace,teloxide_core=trace",
            )
            .env("TRANSFER_TEXT_EN", "Bank Contoh 000")
            .stderr(Stdio::from(log));
        if let Some(key) = upstream_key {
            command.env("API_KEY_VIRTUSIM", key);
        }
    });
}

/// Says something and waits for any answer.
async fn says(rig: &Rig, user: i64, text: &str) -> ChatMessage {
    let seq = rig.telegram.seq();
    rig.telegram.send_text(user, text).unwrap();
    let answered = rig
        .telegram
        .wait_after(user, seq, ChatMessage::from_bot, PATIENCE);
    answered.await.unwrap()
}

/// A number with its SMS, a rental with a name, a mailbox with its mail.
async fn buys_all_there_is(rig: &Rig) -> Vec<String> {
    rig.joins(SHE, 100_000).await;
    eventually("there is something to buy", async || {
        let seen = says(rig, SHE, "/buy").await;
        seen.buttons().any(|it| it.text.contains("Pakistan"))
    })
    .await;
    says(rig, SHE, "WhatsApp").await;
    rig.presses(SHE, "WhatsApp ·").await;
    rig.sees(SHE, "From which country").await;
    rig.presses(SHE, "Indonesia").await;
    rig.presses(SHE, "Any, best price").await;
    rig.sees(SHE, "Your balance:").await;
    rig.presses(SHE, "Buy for").await;
    rig.sees(SHE, "Waiting for the SMS").await;
    let mut sold = rig.virtusim.orders();
    sold.extend(otpget(rig).orders());
    let number = sold.remove(0).number;
    for upstream in [&rig.virtusim, otpget(rig)] {
        upstream.deliver_all(Some("Your WhatsApp code is 481-902"));
    }
    rig.sees(SHE, "Your code for WhatsApp").await;
    eventually("there is something to rent", async || {
        let seen = says(rig, SHE, "/rent").await;
        seen.buttons().any(|it| it.text.contains("United Kingdom"))
    })
    .await;
    rig.presses(SHE, "United Kingdom").await;
    rig.presses(SHE, "12 h").await;
    rig.sees(SHE, "Your balance:").await;
    rig.presses(SHE, "Buy for").await;
    rig.sees(SHE, "Yours for").await;
    let rental = otpget(rig).rentals().remove(0);
    rig.presses(SHE, "Name it").await;
    rig.sees(SHE, "What shall I call").await;
    says(rig, SHE, LABEL).await;
    let text = "Timbuktu says 733-104";
    otpget(rig).deliver(&rental.order_id, text).unwrap();
    rig.sees(SHE, "733-104").await;
    says(rig, SHE, "/email").await;
    rig.sees(SHE, "A mailbox for one code").await;
    rig.presses(SHE, "Instagram").await;
    rig.presses(SHE, "@hotmail.com").await;
    rig.sees(SHE, "Your balance:").await;
    rig.presses(SHE, "Buy for").await;
    rig.sees(SHE, "Waiting for the mail").await;
    let address = otpget(rig).mailboxes().remove(0).number;
    otpget(rig).deliver_all(Some("Ouagadougou 554-321"));
    rig.sees(SHE, "Your code for Instagram").await;
    vec![number, rental.number, address]
}

/// Stars, a transfer with its receipt, and a voucher, whose code comes back.
async fn brings_money(rig: &Rig) -> String {
    says(rig, SHE, "/wallet").await;
    rig.presses(SHE, "Telegram Stars").await;
    rig.presses(SHE, "⭐ 50 ").await;
    let invoice = rig.sees(SHE, "Top up Rp10,000").await.id;
    let query = rig.telegram.pay(SHE, invoice).unwrap();
    let ended = rig.telegram.wait_for_payment(SHE, &query, PATIENCE).await;
    assert!(matches!(ended.unwrap(), Payment::Made { .. }));
    rig.sees(SHE, "Rp10,000 was added").await;
    says(rig, SHE, "/wallet").await;
    rig.presses(SHE, "Bank or e-wallet").await;
    rig.sees(SHE, "between Rp10,000").await;
    says(rig, SHE, "20000").await;
    says(rig, MAYA, "/voucher create 25000 2 30d").await;
    rig.presses(MAYA, "Make the voucher").await;
    let made = rig.sees(MAYA, "?start=").await;
    let code = made.spans("code").remove(0);
    rig.telegram.send_text(SHE, &code).unwrap();
    rig.sees(SHE, "Rp25,000 was added").await;
    code
}

async fn is_looked_at(rig: &Rig, number: &str) {
    for command in [
        &format!("/find {number}"),
        "/user @quetzalcoatl",
        "/order 1",
        "/audit",
        "/doubts",
        "/providers",
        "/prices",
        "/stats",
        "/role",
    ] {
        says(rig, MAYA, command).await;
    }
}

/// Telegram fails in all its ways while there is much to tell.
async fn is_told_through_a_failing_telegram(rig: &Rig, log: &Path) {
    let count = |words: &str| {
        let log = std::fs::read_to_string(log).unwrap();
        log.matches(words).count()
    };
    let failures = || count("no updates from Telegram");
    let recoveries = || count("updates from Telegram again");
    for fault in [
        Fault::Status(502),
        Fault::Dropped,
        Fault::Refused,
        Fault::DropAfterSending(2),
        Fault::FloodFor(Duration::from_millis(100)),
    ] {
        let sent = rig.telegram.requests("sendMessage");
        let (failed, recovered) = (failures(), recoveries());
        let is_of_sending = matches!(fault, Fault::DropAfterSending(_));
        let met = format!("the shop has met {fault:?}");
        let over = format!("updates come again after {fault:?}");
        rig.telegram.set_fault(Some(fault)).await;
        rig.telegram.send_text(SHE, "/orders").unwrap();
        eventually(&met, async || {
            if is_of_sending {
                rig.telegram.requests("sendMessage") > sent
            } else {
                failures() > failed
            }
        })
        .await;
        rig.telegram.set_fault(None).await;
        // The first may have come through just before: a poll that has nothing to tell is held.
        rig.telegram.send_text(SHE, "/orders").unwrap();
        eventually(&over, async || is_of_sending || recoveries() > recovered).await;
        rig.is_idle().await;
    }
}

fn lines_that_name(log: &str, words: &[String]) -> Vec<String> {
    let names = |line: &&str| words.iter().any(|word| line.contains(word.as_str()));
    log.lines().filter(names).map(str::to_owned).collect()
}

#[tokio::test]
async fn nothing_personal_and_no_secret_is_ever_logged() {
    let mut rig = Rig::furnish(Database::fresh().await).await;
    rig.add_otpget().await;
    rig.telegram.add_user(SHE, NAME, Some(USERNAME), "en");
    let log: PathBuf = rig.folder().join("log");
    start(&mut rig, &log, None);
    says(&rig, MAYA, "/start").await;
    let mut secrets = buys_all_there_is(&rig).await;
    let number = secrets[0].clone();
    secrets.push(brings_money(&rig).await);
    is_looked_at(&rig, &number).await;
    is_told_through_a_failing_telegram(&rig, &log).await;
    rig.is_idle().await;
    rig.kill().await;
    start(&mut rig, &log, Some(WRONG_KEY));
    says(&rig, SHE, "/buy").await;
    rig.presses(SHE, "Indonesia").await;
    says(&rig, SHE, "WhatsApp").await;
    rig.is_idle().await;
    rig.kill().await;

    let log = std::fs::read_to_string(log).unwrap();
    // What it does say, from the start to the failing Telegram and the upstream's wrong key.
    for heard in [
        "is serving",
        "updates from Telegram again",
        "could not be read: refused",
    ] {
        assert!(log.contains(heard), "{heard} was not heard:\n{log}");
    }
    secrets.extend(
        [
            rig.telegram.token(),
            rig.virtusim.key(),
            otpget(&rig).key(),
            KEY,
            WRONG_KEY,
            NAME,
            USERNAME,
            LABEL,
            "481-902",
            "481902",
            "Timbuktu",
            "733104",
            "Ouagadougou",
            "554321",
        ]
        .map(str::to_owned),
    );
    assert_eq!(lines_that_name(&log, &secrets), Vec::<String>::new());
    let loud = |line: &&str| {
        let quiet = ["WARN", "ERROR"].iter().any(|level| line.contains(level));
        !quiet
            && TALKERS
                .iter()
                .any(|name| line.contains(&format!(" {name}")))
    };
    assert_eq!(log.lines().find(loud), None);
    rig.database.drop().await;
}
