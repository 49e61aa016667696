//! Made-up orders: the books are right, the statistics agree, and everything can be exported.

use chrono::{TimeDelta, Utc};
use numshop::domain::days::Days;
use numshop::domain::money::Currency;
use numshop::shop::export::{OneFile, Table, Wanted, export};
use numshop::store::seed::{SeedError, fill};
use numshop::store::{Store, audit, to_ms};
use tempfile::TempDir;

/// Enough for a renewal of each batch and for every ending.
const ORDERS: u32 = 2_500;

async fn seeded() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("seeded.db");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let store = Store::open(&url, &crate::database::key()).await.unwrap();
    fill(&store, ORDERS, to_ms(Utc::now())).await.unwrap();
    (folder, store)
}

/// The rows of an export, the heading first.
async fn rows(store: &Store, table: Table, days: Option<Days>) -> Vec<csv::StringRecord> {
    let file = tempfile::NamedTempFile::new().unwrap();
    let wanted = Wanted {
        table,
        days,
        currency: Currency::from_code("IDR").unwrap(),
    };
    let mut sheet = OneFile::new(file.reopen().unwrap());
    let written = export(store, wanted, &mut sheet).await.unwrap();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_path(file.path())
        .unwrap();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len() as u64, written + 1, "one heading");
    rows
}

#[tokio::test]
async fn made_up_orders_leave_the_books_right() {
    let (_folder, store) = seeded().await;
    assert_eq!(audit::audit(store.read()).await.unwrap(), []);
    let again = fill(&store, 10, to_ms(Utc::now())).await;
    assert!(matches!(again, Err(SeedError::NotNew)), "{again:?}");
    let rows = rows(&store, Table::Orders, None).await;
    for (column, words) in [
        (2, ["activation", "mailbox", "rental", "renewal"]),
        (6, ["completed", "cancelled", "expired", "failed"]),
    ] {
        for word in words {
            assert!(rows.iter().any(|row| &row[column] == word), "{word}");
        }
    }
    store.close().await;
}

#[tokio::test]
async fn an_export_has_every_row_of_its_days_and_nothing_secret() {
    let (_folder, store) = seeded().await;
    let orders = rows(&store, Table::Orders, None).await;
    assert_eq!(orders.len(), ORDERS as usize + 1);
    let users = rows(&store, Table::Users, None).await;
    assert_eq!(users.len(), ORDERS as usize / 20 + 1);
    let transfers = rows(&store, Table::Transfers, None).await;
    let holds = transfers.iter().filter(|row| &row[2] == "hold").count();
    assert_eq!(holds, ORDERS as usize);
    let secret = |cell: &str| cell.contains("62899") || cell.contains("Your code");
    for row in orders.iter().chain(&users).chain(&transfers) {
        assert!(!row.iter().any(secret), "{row:?}");
    }
    let today = Utc::now().date_naive();
    let month = Days::lately(30, today);
    let some = rows(&store, Table::Orders, Some(month)).await;
    let first = month.first().to_string();
    let expected = orders.iter().skip(1).filter(|row| row[15] >= *first);
    assert_eq!(some.len() - 1, expected.count());
    assert!(some.len() > 100 && some.len() < orders.len());
    let far = today - TimeDelta::days(3_000);
    let none = Days::read(&format!("{far}..{far}"), today);
    assert_eq!(rows(&store, Table::Users, none).await.len(), 1);
    store.close().await;
}
