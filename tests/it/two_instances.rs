//! Two processes of the real binary where there should be one: C18.

use std::process::{ExitStatus, Stdio};

use sea_orm::ConnectionTrait;
use tokio::io::AsyncReadExt;
use tokio::process::Child;

use crate::database::Database;
use crate::harness::{ALEX, PATIENCE};
use crate::rig::Rig;

/// Starts one more process in this world, whose words can be read.
fn start_another(rig: &Rig, database: &str) -> Child {
    let mut command = rig.command("run");
    command.env("DATABASE_URL", database);
    command.stdout(Stdio::piped()).spawn().unwrap()
}

/// How a process ended, and its last words.
async fn end_of(mut child: Child) -> (ExitStatus, String) {
    let ending = async {
        let mut words = String::new();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_to_string(&mut words).await.unwrap();
        (child.wait().await.unwrap(), words)
    };
    let ended = tokio::time::timeout(2 * PATIENCE, ending).await;
    ended.expect("it does not stop")
}

#[tokio::test]
async fn a_second_one_on_the_same_database_is_refused() {
    let rig = Rig::open().await;
    rig.buys(ALEX).await;
    let (status, words) = end_of(start_another(&rig, rig.database.url())).await;
    assert_eq!(status.code(), Some(1));
    assert!(
        words.contains("another numshop serves this database already (process "),
        "{words}"
    );
    assert!(words.contains("stop that one first"), "{words}");
    assert_eq!(words.lines().count(), 1, "{words}");
    // The first one did not notice.
    assert_eq!(rig.number("SELECT epoch FROM lease").await, 1);
    rig.virtusim
        .deliver_all(Some("Your WhatsApp code is 481-902"));
    rig.sees(ALEX, "Your code for WhatsApp").await;
    rig.finish(1, 1).await;
}

#[tokio::test]
async fn after_a_crash_the_next_one_need_not_wait() {
    let mut rig = Rig::open().await;
    rig.buys(ALEX).await;
    for epoch in 1..4 {
        assert_eq!(rig.number("SELECT epoch FROM lease").await, epoch);
        rig.kill().await;
        let killed = std::time::Instant::now();
        rig.start();
        rig.telegram.send_text(ALEX, "/wallet").unwrap();
        let seq = rig.telegram.seq();
        rig.telegram
            .wait_after(ALEX, seq, |message| message.from_bot(), PATIENCE)
            .await
            .unwrap();
        // Far less than the pause after which a lease by the clock would be old.
        assert!(killed.elapsed() < std::time::Duration::from_secs(5));
    }
    rig.virtusim
        .deliver_all(Some("Your WhatsApp code is 481-902"));
    rig.sees(ALEX, "Your code for WhatsApp").await;
    rig.finish(1, 1).await;
}

/// The lock is lost while the process lives: the file is deleted, or the server ends its session.
/// Whoever comes then is the one whose writes are kept.
#[tokio::test]
async fn one_that_lost_its_lease_writes_nothing_more_and_stops() {
    let mut rig = Rig::furnish(Database::fresh().await).await;
    let first = start_another(&rig, rig.database.url());
    rig.buys(ALEX).await;
    rig.is_idle().await;
    if let Some(folder) = rig.database.folder() {
        std::fs::remove_file(folder.join("numshop.db-lock")).unwrap();
    } else {
        let connection = rig.database.connect().await;
        let end = "SELECT pg_terminate_backend(pid) FROM pg_locks
            WHERE locktype = 'advisory' AND granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        connection.execute_unprepared(end).await.unwrap();
        connection.close().await.unwrap();
    }
    rig.start();
    let (status, words) = end_of(first).await;
    assert_eq!(status.code(), Some(1));
    assert!(words.contains("took this database over"), "{words}");
    rig.virtusim
        .deliver_all(Some("Your WhatsApp code is 481-902"));
    rig.sees(ALEX, "Your code for WhatsApp").await;
    assert_eq!(rig.number("SELECT epoch FROM lease").await, 2);
    rig.finish(1, 1).await;
}

/// Two databases, one token: Telegram lets each poll in turn, so the later one goes.
#[tokio::test]
async fn the_later_one_on_the_same_token_stops() {
    let rig = Rig::open().await;
    rig.buys(ALEX).await;
    rig.is_idle().await;
    let other = Database::fresh().await;
    let (status, words) = end_of(start_another(&rig, other.url())).await;
    assert_eq!(status.code(), Some(1));
    assert!(
        words.contains("with the same token, so this one has stopped"),
        "{words}"
    );
    assert_eq!(words.lines().count(), 1, "{words}");
    other.drop().await;
    rig.virtusim
        .deliver_all(Some("Your WhatsApp code is 481-902"));
    rig.sees(ALEX, "Your code for WhatsApp").await;
    rig.finish(1, 1).await;
}
