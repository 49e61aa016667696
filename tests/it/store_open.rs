//! Opening a database: made and migrated, or refused in one sentence and left as it was.

use std::collections::BTreeMap;
use std::path::Path;

use numshop::store::open::OpenError;
use numshop::store::{Store, audit};
use rstest::rstest;
use sea_orm::ConnectionTrait;
use tempfile::TempDir;

use crate::database::Database;

/// Every file of a folder with its bytes; journals without content count as absent.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(&path).unwrap())
        })
        .filter(|(name, bytes)| !(bytes.is_empty() && name.ends_with("-wal")))
        .collect()
}

async fn refusal(url: &str) -> OpenError {
    let error = Store::open(url, &crate::database::key()).await.unwrap_err();
    let text = error.to_string();
    assert!(!text.contains("secretword"), "{text}");
    assert!(text.len() > 20 && !text.contains('\n'), "{text}");
    assert!(!text.contains("Db(") && !text.contains("Error {"), "{text}");
    error
}

/// A healthy database with some rows, closed.
async fn healthy() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/shop.db", folder.path().display());
    let store = Store::open(&url, &crate::database::key()).await.unwrap();
    store
        .write(|tx| {
            numshop::store::work(async move {
                let batch = (0..200).map(|id| (id, "x".repeat(500))).collect();
                numshop::store::messages::accept(tx, batch, 1).await
            })
        })
        .await
        .unwrap();
    store.close().await;
    folder
}

#[tokio::test]
async fn a_database_is_made_and_opened_again() {
    let database = Database::fresh().await;
    for _ in 0..3 {
        let store = Store::open(database.url(), &crate::database::key())
            .await
            .unwrap();
        assert_eq!(audit::audit(store.read()).await.unwrap(), []);
        store.close().await;
    }
    database.drop().await;
}

#[tokio::test]
async fn a_file_is_found_under_its_literal_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my%20shop 100%.db");
    let url = format!("sqlite://{}", path.display());
    for _ in 0..2 {
        Store::open(&url, &crate::database::key())
            .await
            .unwrap()
            .close()
            .await;
    }
    assert_eq!(contents(folder.path()).len(), 1);
    assert!(path.exists());
}

#[tokio::test]
async fn a_newer_database_is_left_alone() {
    let database = Database::fresh().await;
    Store::open(database.url(), &crate::database::key())
        .await
        .unwrap()
        .close()
        .await;
    let raw = database.connect().await;
    raw.execute_unprepared(
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_future', 1)",
    )
    .await
    .unwrap();
    raw.close().await.unwrap();
    let error = refusal(database.url()).await;
    let OpenError::Newer { migration } = error else {
        panic!("{error}");
    };
    assert_eq!(migration, "m29991231_000001_future");
    database.drop().await;
}

#[tokio::test]
async fn a_newer_file_keeps_its_bytes() {
    let folder = healthy().await;
    let database = Database::at(folder);
    let raw = database.connect().await;
    raw.execute_unprepared(
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_future', 1)",
    )
    .await
    .unwrap();
    raw.close().await.unwrap();
    let before = contents(database.folder().unwrap());
    assert!(matches!(
        refusal(database.url()).await,
        OpenError::Newer { .. }
    ));
    assert!(contents(database.folder().unwrap()) == before);
}

#[tokio::test]
async fn another_programs_database_is_left_alone() {
    let database = Database::fresh().await;
    let raw = database.connect().await;
    raw.execute_unprepared("CREATE TABLE orders (id INTEGER PRIMARY KEY, what TEXT)")
        .await
        .unwrap();
    raw.close().await.unwrap();
    assert!(matches!(refusal(database.url()).await, OpenError::Foreign));
    let raw = database.connect().await;
    let tables = raw
        .execute_unprepared("SELECT * FROM seaql_migrations")
        .await;
    assert!(tables.is_err(), "it was migrated");
    raw.close().await.unwrap();
    database.drop().await;
}

/// What is done to the bytes of a healthy file.
#[rstest]
#[case::random(|_| (0_u32..40_000).map(|i| i.wrapping_mul(2_654_435_761).to_be_bytes()[1]).collect())]
#[case::text(|_| b"Dear Sari,\nthis is a letter and no database.\n".repeat(40))]
#[case::short_text(|_| b"hello".to_vec())]
#[case::half(|bytes: Vec<u8>| bytes[..bytes.len() / 2].to_vec())]
#[case::no_whole_page(|bytes: Vec<u8>| bytes[..1_000].to_vec())]
#[case::zeros(|bytes: Vec<u8>| vec![0; bytes.len()])]
#[case::damaged_in_the_middle(|mut bytes: Vec<u8>| {
    let from = bytes.len() / 4;
    let to = from * 3;
    bytes[from..to].fill(0xA5);
    bytes
})]
#[tokio::test]
async fn a_damaged_file_is_left_alone(#[case] damage: fn(Vec<u8>) -> Vec<u8>) {
    let folder = healthy().await;
    let path = folder.path().join("shop.db");
    std::fs::write(&path, damage(std::fs::read(&path).unwrap())).unwrap();
    let before = contents(folder.path());
    let error = refusal(&format!("sqlite://{}", path.display())).await;
    assert!(matches!(error, OpenError::Corrupt { .. }), "{error}");
    assert!(error.to_string().contains("shop.db"));
    let after = contents(folder.path());
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&after), names(&before));
    assert!(after == before, "bytes changed");
}

#[rstest]
#[case::missing_folder("sqlite:///nowhere/at/all/shop.db", "does not exist")]
#[case::a_folder("sqlite:///tmp", "it is a folder")]
#[case::unwritable("sqlite:///proc/shop.db", "cannot be written to")]
#[case::unwritable_too("sqlite:///sys/shop.db?mode=rwc", "cannot be written to")]
#[tokio::test]
async fn a_place_that_cannot_be_used_is_named(#[case] url: &str, #[case] why: &str) {
    let error = refusal(url).await;
    assert!(matches!(error, OpenError::File { .. }), "{error}");
    assert!(error.to_string().contains(why), "{error}");
}

#[rstest]
#[case("sqlite::memory:")]
#[case("sqlite://:memory:")]
#[case("sqlite://")]
#[case("sqlite:")]
#[case("")]
#[case("mysql://localhost/shop")]
#[case("shop.db")]
#[case("what is this")]
#[case("postgres://nobody:secretword@127.0.0.1:99999/shop")]
#[tokio::test]
async fn a_url_that_makes_no_sense_is_refused(#[case] url: &str) {
    let error = refusal(url).await;
    assert!(matches!(error, OpenError::BadUrl(_)), "{error}");
    assert!(error.to_string().contains("DATABASE_URL"));
}

#[rstest]
#[case("postgres://nobody:secretword@127.0.0.1:1/shop")]
#[tokio::test]
async fn a_server_that_is_not_there_is_named(#[case] url: &str) {
    let error = refusal(url).await;
    assert!(matches!(error, OpenError::Unreachable(_)), "{error}");
    assert!(error.to_string().contains("nothing answered"), "{error}");
}
