//! The ledger: through our own code, and against raw SQL that goes past it.

use numshop::domain::id::{OrderId, ProviderId, UserId};
use numshop::store::entity::accounts;
use numshop::store::ledger::{self, Account, Ledger, NewTransfer, Posted, TransferKind};
use numshop::store::{Store, StoreError, audit, work};
use rstest::rstest;
use sea_orm::{ConnectionTrait, EntityTrait};

use crate::database::Database;

const SARI: UserId = UserId(1_001);

pub(crate) fn transfer(
    key: &str,
    [from, to]: [Account; 2],
    amount: i64,
    kind: TransferKind,
) -> NewTransfer {
    NewTransfer {
        key: key.to_owned(),
        from,
        to,
        amount,
        kind,
        order: None,
        resolves: None,
        actor: "test".to_owned(),
        memo: None,
    }
}

pub(crate) fn topup(key: &str, user: UserId, amount: i64) -> NewTransfer {
    let accounts = [Account::ClearingManual, Account::Available(user)];
    transfer(key, accounts, amount, TransferKind::TopUp)
}

fn hold(order: i64, amount: i64) -> NewTransfer {
    let accounts = [Account::Available(SARI), Account::Held(SARI)];
    NewTransfer {
        order: Some(OrderId(order)),
        ..transfer(
            &ledger::hold_key(OrderId(order)),
            accounts,
            amount,
            TransferKind::Hold,
        )
    }
}

fn resolve(hold: i64, key: &str, to: Account, amount: i64, kind: TransferKind) -> NewTransfer {
    NewTransfer {
        resolves: Some(hold),
        ..transfer(key, [Account::Held(SARI), to], amount, kind)
    }
}

pub(crate) async fn post(store: &Store, transfer: NewTransfer) -> Result<Posted, StoreError> {
    store
        .write(move |tx| work(async move { Ledger::new(tx, "IDR", 1).post(transfer).await }))
        .await
}

async fn balance(store: &Store, account: Account) -> i64 {
    ledger::balance(store.read(), &account)
        .await
        .unwrap()
        .as_minor()
}

async fn wallet(store: &Store) -> (i64, i64) {
    (
        balance(store, Account::Available(SARI)).await,
        balance(store, Account::Held(SARI)).await,
    )
}

pub(crate) async fn finish(store: Store, database: Database) {
    assert_eq!(audit::audit(store.read()).await.unwrap(), []);
    store.close().await;
    database.drop().await;
}

#[tokio::test]
async fn money_is_held_and_then_captured_or_released_once() {
    let database = Database::fresh().await;
    let store = Store::open(database.url(), &crate::database::key())
        .await
        .unwrap();
    post(&store, topup("t", SARI, 10_000)).await.unwrap();
    let first = post(&store, hold(1, 4_000)).await.unwrap();
    let second = post(&store, hold(2, 5_000)).await.unwrap();
    assert_eq!(wallet(&store).await, (1_000, 9_000));

    let kind = TransferKind::Capture;
    let capture = resolve(first.id, "resolve:1", Account::Revenue, 4_000, kind);
    assert!(post(&store, capture.clone()).await.unwrap().is_new);
    assert!(!post(&store, capture).await.unwrap().is_new);
    let back = Account::Available(SARI);
    let kind = TransferKind::Release;
    let release = resolve(second.id, "resolve:2", back.clone(), 5_000, kind);
    assert!(post(&store, release).await.unwrap().is_new);
    assert_eq!(wallet(&store).await, (6_000, 0));
    assert_eq!(balance(&store, Account::Revenue).await, 4_000);

    // Money is held again, so that only the resolution before stands in the way.
    post(&store, hold(3, 6_000)).await.unwrap();
    let late = resolve(first.id, "other", back, 4_000, kind);
    let error = post(&store, late).await.unwrap_err();
    assert!(matches!(error, StoreError::AlreadyResolved), "{error}");
    let kind = TransferKind::Capture;
    let late = resolve(second.id, "another", Account::Revenue, 5_000, kind);
    let error = post(&store, late).await.unwrap_err();
    assert!(matches!(error, StoreError::AlreadyResolved), "{error}");
    assert_eq!(wallet(&store).await, (0, 6_000));

    let differences = audit::audit(store.read()).await.unwrap();
    assert_eq!(
        differences,
        [],
        "open holds without orders are no difference"
    );
    finish(store, database).await;
}

#[tokio::test]
async fn a_key_means_one_transfer() {
    let database = Database::fresh().await;
    let store = Store::open(database.url(), &crate::database::key())
        .await
        .unwrap();
    let first = post(&store, topup("t", SARI, 500)).await.unwrap();
    let again = post(&store, topup("t", SARI, 500)).await.unwrap();
    assert!(first.is_new && !again.is_new);
    assert_eq!(first.id, again.id);
    let others = [
        topup("t", SARI, 501),
        topup("t", UserId(7), 500),
        NewTransfer {
            kind: TransferKind::Adjust,
            ..topup("t", SARI, 500)
        },
        NewTransfer {
            order: Some(OrderId(1)),
            ..topup("t", SARI, 500)
        },
    ];
    for other in others {
        let error = post(&store, other).await.unwrap_err();
        assert!(matches!(error, StoreError::KeyReused(ref key) if key == "t"));
    }
    assert_eq!(wallet(&store).await, (500, 0));
    finish(store, database).await;
}

#[tokio::test]
async fn what_is_not_there_cannot_be_spent() {
    let database = Database::fresh().await;
    let store = Store::open(database.url(), &crate::database::key())
        .await
        .unwrap();
    post(&store, topup("t", SARI, 500)).await.unwrap();
    let error = post(&store, hold(1, 501)).await.unwrap_err();
    assert!(matches!(error, StoreError::NotEnough), "{error}");
    let missing = store
        .write(|tx| work(async move { Ledger::new(tx, "IDR", 1).hold_of(OrderId(1)).await }))
        .await;
    assert!(matches!(missing, Err(StoreError::NoHold)));
    assert_eq!(wallet(&store).await, (500, 0));
    let error = post(&store, topup("much", SARI, i64::MAX))
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Overflow), "{error}");
    for amount in [0, -1, i64::MIN + 1] {
        assert!(post(&store, topup("odd", SARI, amount)).await.is_err());
    }
    assert_eq!(wallet(&store).await, (500, 0));
    finish(store, database).await;
}

/// Sari with 10,000 of which 4,000 are held by transfer 2, and a float of another currency.
async fn furnished() -> (Database, Store) {
    let database = Database::fresh().await;
    let store = Store::open(database.url(), &crate::database::key())
        .await
        .unwrap();
    post(&store, topup("t", SARI, 10_000)).await.unwrap();
    post(&store, hold(1, 4_000)).await.unwrap();
    let provider = ProviderId::from("alpha");
    let abroad = [
        Account::Float(provider.clone(), "PKR".to_owned()),
        Account::CostOfGoods(provider, "PKR".to_owned()),
    ];
    let cost = transfer("cost", abroad, 3, TransferKind::Cost);
    post(&store, cost).await.unwrap();
    (database, store)
}

/// A raw insert, by the names of the accounts.
fn insert(verb: &str, key: &str, from: &str, to: &str, amount: &str, kind: &str) -> String {
    format!(
        "{verb} INTO transfers (idempotency_key, debit_account, credit_account, amount, kind, actor, at_ms)
         SELECT '{key}', d.id, c.id, {amount}, '{kind}', 'test', 1 FROM accounts d, accounts c
         WHERE d.name = '{from}' AND c.name = '{to}'"
    )
}

const AVAILABLE: &str = "user:1001:available";
const HELD: &str = "user:1001:held";
const CLEARING: &str = "clearing:manual";
const ABROAD: &str = "provider:alpha:PKR:float";

#[rstest]
#[case::update("UPDATE transfers SET amount = amount + 1".into())]
#[case::update_memo("UPDATE transfers SET memo = 'x' WHERE id = 1".into())]
#[case::delete("DELETE FROM transfers WHERE id = 1".into())]
#[case::zero(insert("INSERT", "k", CLEARING, AVAILABLE, "0", "topup"))]
#[case::negative(insert("INSERT", "k", CLEARING, AVAILABLE, "-5", "topup"))]
#[case::overdraft(insert("INSERT", "k", AVAILABLE, CLEARING, "6001", "adjust"))]
#[case::overdraft_of_held(insert("INSERT", "k", HELD, CLEARING, "4001", "adjust"))]
#[case::overflow(insert("INSERT", "k", CLEARING, AVAILABLE, "9223372036854775807", "topup"))]
#[case::currencies(insert("INSERT", "k", CLEARING, ABROAD, "1", "adjust"))]
#[case::to_itself(insert("INSERT", "k", CLEARING, CLEARING, "1", "adjust"))]
#[case::unknown_kind(insert("INSERT", "k", CLEARING, AVAILABLE, "1", "gift"))]
#[case::capture_of_nothing(insert("INSERT", "k", HELD, CLEARING, "1", "capture"))]
#[case::same_key(insert("INSERT", "t", CLEARING, AVAILABLE, "1", "topup"))]
#[case::no_account(
    "INSERT INTO transfers (idempotency_key, debit_account, credit_account, amount, kind, actor, at_ms)
     VALUES ('k', 1, 999, 1, 'adjust', 'test', 1)".into()
)]
#[case::topup_that_resolves(
    "INSERT INTO transfers (idempotency_key, debit_account, credit_account, amount, kind, actor, at_ms, resolves)
     VALUES ('k', 1, 2, 1, 'topup', 'test', 1, 2)".into()
)]
#[case::text_for_amount(insert("INSERT", "k", CLEARING, AVAILABLE, "'much'", "topup"))]
#[case::rename("UPDATE accounts SET name = 'mine' WHERE id = 1".into())]
#[case::owner("UPDATE accounts SET user_id = 7 WHERE id = 2".into())]
#[case::currency("UPDATE accounts SET currency = 'USD' WHERE id = 1".into())]
#[case::renumber("UPDATE accounts SET id = 77 WHERE id = 1".into())]
#[case::delete_account("DELETE FROM accounts WHERE id = 1".into())]
#[case::rich_account(
    "INSERT INTO accounts (name, currency, user_id, balance) VALUES ('user:7:available', 'IDR', 7, 100)".into()
)]
#[case::second_account(
    "INSERT INTO accounts (name, currency, user_id, balance) VALUES ('user:1001:available', 'IDR', 7, 0)".into()
)]
#[case::negative_balance("UPDATE accounts SET balance = -1 WHERE user_id = 1001".into())]
#[tokio::test]
async fn the_database_itself_refuses(#[case] sql: String) {
    let (database, store) = furnished().await;
    refused(&database, &store, &sql).await;
    finish(store, database).await;
}

#[tokio::test]
async fn the_database_itself_refuses_to_replace() {
    let (database, store) = furnished().await;
    let statements = if database.is_sqlite() {
        vec![
            insert("INSERT OR REPLACE", "t", CLEARING, AVAILABLE, "1", "topup"),
            "REPLACE INTO transfers (id, idempotency_key, debit_account, credit_account, amount, kind, actor, at_ms)
             VALUES (1, 'new', 1, 2, 1, 'topup', 'test', 1)".to_owned(),
            "INSERT OR REPLACE INTO accounts (id, name, currency, user_id, balance)
             VALUES (2, 'user:1001:available', 'IDR', 1001, 99999)".to_owned(),
            "UPDATE OR REPLACE transfers SET id = 1 WHERE id = 2".to_owned(),
        ]
    } else {
        vec![
            insert("INSERT", "t", CLEARING, AVAILABLE, "1", "topup")
                + " ON CONFLICT (idempotency_key) DO UPDATE SET amount = 1",
            "TRUNCATE transfers CASCADE".to_owned(),
            "TRUNCATE accounts CASCADE".to_owned(),
        ]
    };
    for sql in statements {
        refused(&database, &store, &sql).await;
    }
    finish(store, database).await;
}

async fn refused(database: &Database, store: &Store, sql: &str) {
    let everything = || async {
        let accounts = accounts::Entity::find().all(store.read()).await.unwrap();
        let transfers = numshop::store::entity::transfers::Entity::find()
            .all(store.read())
            .await
            .unwrap();
        (accounts, transfers)
    };
    let before = everything().await;
    let raw = database.connect().await;
    if database.is_sqlite() {
        // Whoever does harm need not keep to the rule either that foreign keys are checked.
        raw.execute_unprepared("PRAGMA busy_timeout = 5000; PRAGMA recursive_triggers = OFF")
            .await
            .unwrap();
    }
    assert!(raw.execute_unprepared(sql).await.is_err(), "done: {sql}");
    raw.close().await.unwrap();
    assert_eq!(everything().await, before);
}
