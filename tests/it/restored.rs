//! An older copy of the database is put back: C17. Nothing is sold until an admin has looked.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use numshop::sandbox::upstream::fault::step;
use sea_orm::ConnectionTrait;

use crate::harness::{ALEX, MAYA, eventually};
use crate::rig::{CREDIT, Rig};

const SMS: &str = "Your WhatsApp code is 481-902";
const OLDER: &str = "An older copy of the database was put back";
const NOT_NOW: &str = "We are looking through our books";

/// A copy of the database as it is, made as the README says.
enum Backup {
    File(tempfile::TempDir),
    /// The name of a database that was copied on the server.
    Server(String),
}

impl Backup {
    /// The binary must be down: a server copies no database that somebody uses.
    async fn take(rig: &Rig) -> Self {
        if let Some(folder) = rig.database.folder() {
            let backup = tempfile::tempdir().unwrap();
            let connection = rig.database.connect().await;
            let path = backup.path().join("copy.db");
            let vacuum = format!("VACUUM INTO '{}'", path.display());
            connection.execute_unprepared(&vacuum).await.unwrap();
            connection.close().await.unwrap();
            assert!(folder.join("numshop.db-newest").exists());
            return Self::File(backup);
        }
        let name = format!("{}_copy", rig.database.name());
        rig.database.copy(rig.database.name(), &name).await;
        Self::Server(name)
    }

    async fn put_back(self, rig: &Rig) {
        match self {
            Self::File(backup) => {
                let folder = rig.database.folder().unwrap();
                let gone = |name: &str| std::fs::remove_file(folder.join(name)).ok();
                gone("numshop.db-wal");
                gone("numshop.db-shm");
                let copy = backup.path().join("copy.db");
                std::fs::copy(copy, folder.join("numshop.db")).unwrap();
            }
            Self::Server(name) => {
                rig.database.remove(rig.database.name()).await;
                rig.database.copy(&name, rig.database.name()).await;
                rig.database.remove(&name).await;
            }
        }
    }
}

/// Alex says something and is told that nothing is sold.
async fn is_refused(rig: &Rig) {
    eventually("Alex is told that nothing is sold", async || {
        rig.telegram.send_text(ALEX, "WhatsApp").unwrap();
        rig.presses(ALEX, "WhatsApp ·").await;
        rig.presses(ALEX, "Any, best price").await;
        rig.is_idle().await;
        rig.count(ALEX, NOT_NOW) > 0
    })
    .await;
}

#[tokio::test]
async fn nothing_is_sold_until_an_admin_has_looked() {
    let mut rig = Rig::open().await;
    rig.comes_to_confirm(ALEX).await;
    rig.is_idle().await;
    rig.kill().await;
    let backup = Backup::take(&rig).await;
    // A purchase that the copy knows nothing of.
    rig.start();
    rig.presses(ALEX, "Buy for").await;
    rig.sees(ALEX, "Waiting for the SMS").await;
    rig.is_idle().await;
    rig.kill().await;
    backup.put_back(&rig).await;
    assert_eq!(rig.number("SELECT COUNT(*) FROM orders").await, 0);

    rig.start();
    rig.sees(MAYA, OLDER).await;
    is_refused(&rig).await;
    let doctor = rig
        .command("doctor")
        .stdout(std::process::Stdio::piped())
        .output();
    let doctor = doctor.await.unwrap();
    let words = String::from_utf8(doctor.stdout).unwrap();
    assert!(words.contains("nothing is sold until an admin"), "{words}");
    assert_eq!(doctor.status.code(), Some(1));
    // It is not forgotten with the process.
    rig.kill().await;
    rig.start();
    rig.telegram.send_text(MAYA, "/recovery").unwrap();
    rig.sees(MAYA, "Open orders here: 0").await;
    assert_eq!(rig.virtusim.requests(step::BUY), 1);

    rig.telegram.send_text(MAYA, "/recovery done").unwrap();
    rig.sees(MAYA, "numbers are sold again").await;
    rig.telegram.send_text(ALEX, "Shopee").unwrap();
    rig.presses(ALEX, "Shopee ·").await;
    rig.presses(ALEX, "Any, best price").await;
    rig.presses(ALEX, "Buy for").await;
    eventually("a number is bought again", async || {
        rig.virtusim.requests(step::BUY) == 2
    })
    .await;
    rig.is_idle().await;
    rig.kill().await;
    // The next start has nothing to say.
    rig.start();
    rig.telegram.send_text(MAYA, "/recovery").unwrap();
    rig.sees(MAYA, "Everything is as it should be").await;
    rig.kill().await;
    rig.database.drop().await;
}

/// What was open when the copy was made goes on: a number that waits gets its code, and a price
/// that is only held buys nothing, for that may have happened already.
#[tokio::test]
async fn what_is_open_goes_on_and_what_is_only_held_buys_nothing() {
    let mut rig = Rig::open().await;
    rig.comes_to_confirm(ALEX).await;
    rig.arm("C2").await;
    rig.presses(ALEX, "Buy for").await;
    rig.has_died().await;
    let backup = Backup::take(&rig).await;
    rig.start();
    rig.sees(ALEX, "Waiting for the SMS").await;
    assert_eq!(rig.virtusim.deliver_all(Some(SMS)), 1);
    rig.sees(ALEX, "Your code for WhatsApp").await;
    rig.is_idle().await;
    rig.kill().await;
    backup.put_back(&rig).await;
    assert_eq!(rig.states().await, ["held"]);

    rig.start();
    rig.sees(MAYA, OLDER).await;
    rig.is_idle().await;
    assert_eq!(rig.states().await, ["held"]);
    rig.kill().await;
    rig.passes(TimeDelta::minutes(11));
    rig.start();
    rig.sees(ALEX, "We could not place this order in time")
        .await;
    assert_eq!(rig.virtusim.requests(step::BUY), 1);
    let available =
        "SELECT balance FROM accounts WHERE name LIKE 'user:%:available' AND balance > 0";
    assert_eq!(rig.number(available).await, CREDIT);
    rig.kill().await;
    rig.database.drop().await;
}

/// The database goes on, and nobody is troubled: after crashes, after stops.
#[tokio::test]
async fn a_database_that_was_not_put_back_is_not_suspected() {
    let mut rig = Rig::open().await;
    rig.buys(ALEX).await;
    for _ in 0..3 {
        rig.kill().await;
        rig.start();
        rig.telegram.send_text(ALEX, "/wallet").unwrap();
        rig.is_idle().await;
    }
    assert_eq!(rig.virtusim.deliver_all(Some(SMS)), 1);
    rig.sees(ALEX, "Your code for WhatsApp").await;
    assert_eq!(
        rig.number("SELECT COUNT(*) FROM recovery WHERE since_ms IS NOT NULL")
            .await,
        0
    );
    rig.finish(1, 1).await;
}

/// Moved without its note, the database could be any copy of itself.
#[tokio::test]
async fn a_database_without_its_note_is_suspected() {
    let mut rig = Rig::open().await;
    rig.comes_to_confirm(ALEX).await;
    rig.is_idle().await;
    rig.kill().await;
    let folder = rig.database.folder().unwrap_or(rig.folder());
    let found = notes(folder);
    assert_eq!(found.len(), 1);
    std::fs::remove_file(&found[0]).unwrap();
    rig.start();
    rig.sees(MAYA, "The database was moved, or a copy was put back")
        .await;
    is_refused(&rig).await;
    rig.finish(0, 0).await;
}

/// The copy and the note beside it were put back together, so that they agree. The upstream knows
/// better: a number is open there that was bought after everything that the copy knows.
#[tokio::test]
async fn a_copy_that_was_put_back_with_its_note_is_noticed_by_what_the_upstream_lists() {
    let mut rig = Rig::open().await;
    rig.buys(ALEX).await;
    assert_eq!(rig.virtusim.deliver_all(Some(SMS)), 1);
    rig.sees(ALEX, "Your code for WhatsApp").await;
    rig.is_idle().await;
    rig.kill().await;
    let backup = Backup::take(&rig).await;
    let folder = rig.database.folder().unwrap_or(rig.folder()).to_owned();
    let note = notes(&folder).remove(0);
    let noted = std::fs::read(&note).unwrap();
    rig.start();
    rig.telegram.send_text(ALEX, "Shopee").unwrap();
    rig.presses(ALEX, "Shopee ·").await;
    rig.presses(ALEX, "Any, best price").await;
    rig.presses(ALEX, "Buy for").await;
    eventually("a second number is bought", async || {
        rig.virtusim.requests(step::BUY) == 2
    })
    .await;
    rig.is_idle().await;
    rig.kill().await;
    backup.put_back(&rig).await;
    std::fs::write(&note, noted).unwrap();

    rig.start();
    rig.sees(MAYA, "newer than anything known here").await;
    is_refused(&rig).await;
    rig.telegram.send_text(MAYA, "/recovery done").unwrap();
    rig.sees(MAYA, "numbers are sold again").await;
    rig.kill().await;
    rig.database.drop().await;
}

/// The notes beside the databases of a folder.
fn notes(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let is_note = |file: &PathBuf| file.to_str().unwrap().ends_with("-newest");
    files.filter(is_note).collect()
}
