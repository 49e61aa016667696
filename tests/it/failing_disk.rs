//! A disk that is full, read-only or broken, and a database in other hands, under the real binary:
//! it stays up, says what is true, recovers by itself and loses nothing.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use numshop::sandbox::upstream::fault::step;
use rstest::rstest;
use sea_orm::ConnectionTrait;
use tokio::process::Command;

use crate::database::Database;
use crate::harness::{ALEX, PATIENCE, SARI, eventually};
use crate::rig::Rig;
use crate::strace::Strace;

const SMS: &str = "Your WhatsApp code is 481-902";

/// Alex's number waits for its SMS, and Sari is about to confirm, on a SQLite file.
async fn one_waits_and_one_confirms() -> Rig {
    let mut rig = Rig::open_over(Database::sqlite()).await;
    rig.people.push(SARI);
    rig.buys(ALEX).await;
    rig.comes_to_confirm(SARI).await;
    rig.is_idle().await;
    rig
}

/// While nothing can be written: Sari is told so and holds on to her money, Alex can look, and his
/// SMS is on its way. Nothing is bought.
async fn nothing_can_be_written(rig: &Rig) {
    let seq = rig.telegram.seq();
    rig.presses(SARI, "Buy for").await;
    let told = rig
        .telegram
        .wait_for_toast(SARI, seq, |_| true, PATIENCE)
        .await
        .unwrap();
    assert!(
        told.text.contains("can't save anything right now") && told.text.contains("no money moved"),
        "{}",
        told.text
    );
    assert_eq!(rig.virtusim.deliver_all(Some(SMS)), 1);
    let polls = || rig.virtusim.requests(step::POLL);
    let before = polls();
    eventually("the SMS was seen", async || polls() > before + 1).await;
    for (user, says, answer) in [
        (SARI, "/wallet", "You can spend Rp50,000"),
        (ALEX, "/orders", "WhatsApp"),
        (ALEX, "/wallet", "Set aside for open orders"),
    ] {
        rig.telegram.send_text(user, says).unwrap();
        rig.sees(user, answer).await;
    }
    assert_eq!(rig.virtusim.requests(step::BUY), 1);
    assert_eq!(rig.count(ALEX, "Your code for"), 0);
}

/// Afterwards: Alex reads his code, and Sari's button works as if nothing had been.
async fn all_ends_well(rig: Rig) {
    rig.sees(ALEX, "Your code for WhatsApp").await;
    rig.sees(ALEX, "Your SMS is here").await;
    rig.presses(SARI, "Buy for").await;
    rig.sees(SARI, "Waiting for the SMS").await;
    assert_eq!(rig.virtusim.deliver_all(Some(SMS)), 1);
    rig.sees(SARI, "Your code for WhatsApp").await;
    rig.sees(SARI, "Your SMS is here").await;
    assert_eq!(rig.count(ALEX, "Your code for WhatsApp"), 1);
    assert_eq!(rig.count(SARI, "Your code for WhatsApp"), 1);
    // The end is read from the file after a SIGKILL: what was promised was really written.
    rig.finish(2, 2).await;
}

#[rstest]
#[case::full("write,pwrite64", "ENOSPC")]
#[case::turned_read_only("write,pwrite64", "EROFS")]
#[case::broken("write,pwrite64,fdatasync,fsync", "EIO")]
#[tokio::test]
async fn a_disk_that_takes_nothing_more_loses_nothing(#[case] calls: &str, #[case] error: &str) {
    let rig = one_waits_and_one_confirms().await;
    let file = rig.database.folder().unwrap().join("numshop.db");
    let files = ["", "-wal", "-shm"].map(|end| format!("{}{end}", file.display()));
    let strace = Strace::fail(rig.pid(), calls, &files, error).await;
    nothing_can_be_written(&rig).await;
    let trace = strace.detach().await;
    let failed = trace.iter().filter(|line| line.contains("(INJECTED)"));
    assert!(failed.count() > 0, "no write failed");
    all_ends_well(rig).await;
}

#[tokio::test]
async fn a_database_in_the_hands_of_another_process_loses_nothing() {
    let rig = one_waits_and_one_confirms().await;
    let other = rig.database.connect().await;
    other.execute_unprepared("BEGIN IMMEDIATE").await.unwrap();
    nothing_can_be_written(&rig).await;
    other.execute_unprepared("COMMIT").await.unwrap();
    other.close().await.unwrap();
    all_ends_well(rig).await;
}

/// Runs `numshop migrate` over a file, as somebody to whom the permissions of files apply.
async fn starts_over(file: &Path) -> Output {
    let is_root = std::fs::OpenOptions::new().append(true).open(file).is_ok();
    let binary = env!("CARGO_BIN_EXE_numshop");
    let mut command = if is_root {
        let mut command = Command::new("setpriv");
        command.args(["--bounding-set=-dac_override", "--", binary]);
        command
    } else {
        Command::new(binary)
    };
    command
        .arg("migrate")
        .current_dir(std::env::temp_dir())
        .env_clear()
        .env("DATABASE_URL", format!("sqlite://{}", file.display()))
        .output()
        .await
        .unwrap()
}

#[rstest]
#[case::file("numshop.db")]
#[case::folder("")]
#[tokio::test]
async fn what_may_not_be_written_to_is_named_at_the_start(#[case] read_only: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("numshop.db");
    let made = starts_over(&file).await;
    assert!(made.status.success());
    let before = std::fs::read(&file).unwrap();
    let place = folder.path().join(read_only);
    let usual = std::fs::metadata(&place).unwrap().permissions();
    let mode = usual.mode();
    std::fs::set_permissions(&place, PermissionsExt::from_mode(mode & 0o555)).unwrap();
    let refused = starts_over(&file).await;
    std::fs::set_permissions(&place, usual).unwrap();
    assert!(!refused.status.success());
    let told = String::from_utf8(refused.stdout).unwrap();
    let sentences: Vec<&str> = told.trim().lines().collect();
    assert_eq!(sentences.len(), 1, "{told}");
    let named = place.display().to_string();
    for part in [
        "cannot be opened",
        "permission denied",
        named.trim_end_matches('/'),
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(std::fs::read(&file).unwrap(), before);
    assert!(starts_over(&file).await.status.success());
}
