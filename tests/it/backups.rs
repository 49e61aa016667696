//! Copies of the database: made while it is served, put back by a command, kept on a schedule.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use chrono::TimeDelta;
use numshop::shop::backup::BackupTerms;
use sea_orm::ConnectionTrait;
use tokio::process::Command;

use crate::database::Database;
use crate::harness::{ALEX, MAYA, Stage, eventually};
use crate::rig::Rig;

const OLDER: &str = "An older copy of the database was put back";

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// How many copies of a folder are whole.
fn whole(folder: &Path) -> usize {
    let is_whole = |file: &&PathBuf| file.extension().is_some_and(|end| end == "db");
    files(folder).iter().filter(is_whole).count()
}

/// Runs a command of the binary to its end; what it said.
async fn run(rig: &Rig, subcommand: &str, file: &Path, further: &[&str]) -> (bool, String) {
    let mut command = rig.command(subcommand);
    command.arg(file).args(further);
    let done = command.stdout(std::process::Stdio::piped()).output();
    said(&done.await.unwrap())
}

fn said(done: &Output) -> (bool, String) {
    let words = String::from_utf8(done.stdout.clone()).unwrap();
    (done.status.success(), words)
}

#[tokio::test]
async fn a_copy_is_made_beside_the_running_shop_and_put_back() {
    let mut rig = Rig::open_over(Database::sqlite()).await;
    rig.comes_to_confirm(ALEX).await;
    rig.is_idle().await;
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    let (well, words) = run(&rig, "backup", &copy, &[]).await;
    assert!(well && words.contains("found whole"), "{words}");
    assert_eq!(
        files(folder.path()),
        std::slice::from_ref(&copy),
        "nothing stands beside it"
    );
    let mode = std::fs::metadata(&copy).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let (well, words) = run(&rig, "backup", &copy, &[]).await;
    assert!(!well && words.contains("exists already"), "{words}");
    let (well, words) = run(&rig, "restore", &copy, &[]).await;
    assert!(
        !well && words.contains("serves this database already"),
        "{words}"
    );
    rig.presses(ALEX, "Buy for").await;
    rig.sees(ALEX, "Waiting for the SMS").await;
    rig.is_idle().await;
    rig.kill().await;

    let (well, words) = run(&rig, "restore", &copy, &[]).await;
    assert!(well && words.contains("/recovery done"), "{words}");
    assert_eq!(rig.number("SELECT COUNT(*) FROM orders").await, 0);
    let kept = files(rig.database.folder().unwrap());
    let former = kept
        .iter()
        .find(|it| it.display().to_string().contains("-before-"));
    let former = former.expect("what was there before is kept");
    let url = format!("sqlite://{}", former.display());
    let mut audit = rig.command("audit");
    let audited = audit
        .env("DATABASE_URL", url)
        .stdout(std::process::Stdio::piped());
    let (well, words) = said(&audited.output().await.unwrap());
    assert!(well && words.contains("The books are right"), "{words}");
    rig.start();
    rig.sees(MAYA, OLDER).await;
    rig.presses(MAYA, "Recovery").await;
    rig.sees(MAYA, "Open orders here: 0").await;
    rig.telegram.send_text(MAYA, "/recovery done").unwrap();
    rig.sees(MAYA, "numbers are sold again").await;
    rig.kill().await;
    rig.database.drop().await;
}

#[tokio::test]
async fn what_is_not_whole_is_not_put_back() {
    let rig = Rig::furnish(Database::sqlite()).await;
    let place = rig.database.folder().unwrap().join("numshop.db");
    assert!(rig.command("migrate").status().await.unwrap().success());
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    assert!(run(&rig, "backup", &copy, &[]).await.0);
    let before = std::fs::read(&place).unwrap();
    let (well, words) = run(&rig, "restore", &folder.path().join("other.db"), &[]).await;
    assert!(
        !well && words.contains("there is no database at"),
        "{words}"
    );
    let torn = folder.path().join("torn.db");
    let whole = std::fs::read(&copy).unwrap();
    std::fs::write(&torn, &whole[..whole.len() / 2]).unwrap();
    let (well, words) = run(&rig, "restore", &torn, &[]).await;
    assert!(!well && words.contains("damaged"), "{words}");
    // The books of this one are wrong, by a hand past every trigger.
    let wrong = folder.path().join("wrong.db");
    std::fs::write(&wrong, &whole).unwrap();
    let other = Database::connect_to(&wrong).await;
    for command in [
        "INSERT INTO accounts (name, currency, user_id, balance) VALUES ('x', 'IDR', NULL, 0)",
        "UPDATE accounts SET balance = 5 WHERE name = 'x'",
    ] {
        other.execute_unprepared(command).await.unwrap();
    }
    other.close().await.unwrap();
    let (well, words) = run(&rig, "restore", &wrong, &[]).await;
    assert!(!well && words.contains("are not right"), "{words}");
    assert_eq!(std::fs::read(&place).unwrap(), before, "it was left alone");
    let (well, words) = run(&rig, "restore", &wrong, &["--anyway"]).await;
    assert!(well && words.contains("I11"), "{words}");
    rig.database.drop().await;
}

#[tokio::test]
async fn a_disk_that_is_full_leaves_nothing_behind() {
    let rig = Rig::furnish(Database::sqlite()).await;
    assert!(rig.command("migrate").status().await.unwrap().success());
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    let binary = env!("CARGO_BIN_EXE_numshop");
    let limited = format!(
        "trap '' XFSZ; ulimit -f 64; exec {binary} backup {}",
        copy.display()
    );
    let done = Command::new("sh")
        .args(["-c", &limited])
        .current_dir(folder.path().parent().unwrap())
        .env_clear()
        .env("DATABASE_URL", rig.database.url())
        .output()
        .await
        .unwrap();
    let (well, words) = said(&done);
    assert!(!well && words.contains("could not be copied"), "{words}");
    assert_eq!(files(folder.path()), [] as [PathBuf; 0]);
    rig.database.drop().await;
}

#[tokio::test]
async fn a_server_has_tools_of_its_own() {
    let rig = Rig::furnish(Database::sqlite()).await;
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    std::fs::write(&copy, "any").unwrap();
    let mut command = rig.command("restore");
    command
        .arg(&copy)
        .env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
        .stdout(std::process::Stdio::piped());
    let (well, words) = said(&command.output().await.unwrap());
    assert!(!well && words.contains("pg_dump"), "{words}");
    rig.database.drop().await;
}

/// Maya's shop with a folder for backups.
async fn stage_with(folder: &Path) -> Stage {
    let mut stage = Stage::open().await;
    stage.maya().says("/start").await;
    stage.backups = Some(BackupTerms {
        folder: folder.to_owned(),
        every: TimeDelta::hours(24),
        keep: 2,
    });
    stage.stop().await;
    stage.start().await;
    stage
}

#[tokio::test]
async fn backups_are_made_on_a_schedule_and_the_oldest_go() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("backups");
    let stage = stage_with(&folder).await;
    let maya = stage.maya();
    if !stage.database.is_sqlite() {
        let refused = maya.says("/backup").await;
        assert!(refused.text.contains("pg_dump"), "{}", refused.text);
        return stage.finish().await;
    }
    eventually("the first is made at the start", async || {
        folder.is_dir() && whole(&folder) == 1
    })
    .await;
    let shop = stage.shop();
    shop.back_up_if_due().await.unwrap();
    assert_eq!(files(&folder).len(), 1, "it is not time yet");
    let first = files(&folder);
    for _ in 0..2 {
        stage.later(TimeDelta::hours(25));
        shop.back_up_if_due().await.unwrap();
    }
    let kept = files(&folder);
    assert_eq!(kept.len(), 2);
    assert!(!kept.contains(&first[0]), "the oldest went");
    stage.later(TimeDelta::seconds(2));
    let made = maya.says("/backup").await;
    assert!(made.text.contains("Backed up"), "{}", made.text);
    assert!(
        made.text.contains(&folder.display().to_string()),
        "{}",
        made.text
    );
    // No place for it: the admins hear of it once, and once that it is over.
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "in the way").unwrap();
    stage.later(TimeDelta::hours(25));
    for _ in 0..3 {
        shop.back_up_if_due().await.unwrap();
    }
    maya.sees("No backup was made").await;
    std::fs::remove_file(&folder).unwrap();
    let made = maya.presses("Try now").await;
    assert!(made.text.contains("Backed up"), "{}", made.text);
    stage.later(TimeDelta::hours(25));
    shop.back_up_if_due().await.unwrap();
    maya.sees("was backed up again").await;
    stage.is_idle().await;
    let told = stage.telegram.messages(MAYA);
    let failed = told
        .iter()
        .filter(|it| it.text.contains("No backup was made"));
    assert_eq!(failed.count(), 1);
    let log = maya.says("/audit").await;
    assert!(log.text.contains("💾 Backup"), "{}", log.text);
    maya.skims().await;
    stage.finish().await;
}
