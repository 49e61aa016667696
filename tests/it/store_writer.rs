//! The one writer: its order, its isolation, its end.

use std::sync::{Arc, Mutex};

use numshop::domain::id::UserId;
use numshop::domain::money::Money;
use numshop::store::ledger::{self, Account, Ledger, NewTransfer, TransferKind};
use numshop::store::{Store, StoreError, Tx, audit, messages, work};
use tokio::sync::Notify;

use crate::database::Database;
use crate::harness::eventually;

const SARI: UserId = UserId(1_001);

async fn topup(tx: &Tx, key: String) -> Result<(), StoreError> {
    let transfer = NewTransfer {
        key,
        from: Account::ClearingManual,
        to: Account::Available(SARI),
        amount: 1,
        kind: TransferKind::TopUp,
        order: None,
        resolves: None,
        actor: "test".to_owned(),
        memo: None,
    };
    Ledger::new(tx, "IDR", 1).post(transfer).await?;
    Ok(())
}

async fn money(store: &Store) -> Money {
    ledger::balance(store.read(), &Account::Available(SARI))
        .await
        .unwrap()
}

async fn open() -> (Database, Store) {
    let database = Database::fresh().await;
    let store = Store::open(database.url(), &crate::database::key())
        .await
        .unwrap();
    (database, store)
}

async fn finish(store: Store, database: Database) {
    assert_eq!(audit::audit(store.read()).await.unwrap(), []);
    store.close().await;
    database.drop().await;
}

/// Keeps the writer busy until it is let go, so that what follows queues up behind it.
async fn occupy(store: &Store) -> Arc<Notify> {
    let (go, started) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (store, held, begun) = (store.clone(), Arc::clone(&go), Arc::clone(&started));
    tokio::spawn(async move {
        store
            .write(move |_| {
                work(async move {
                    begun.notify_one();
                    held.notified().await;
                    Ok::<_, StoreError>(())
                })
            })
            .await
    });
    started.notified().await;
    go
}

#[tokio::test]
async fn works_run_in_the_order_in_which_they_were_asked_for() {
    let (database, store) = open().await;
    let go = occupy(&store).await;
    // Few enough for one turn of tokio, which otherwise asks for the rest in another order.
    let seen = Arc::new(Mutex::new(Vec::new()));
    let writes = (0..100).map(|number| {
        let seen = Arc::clone(&seen);
        store.write(move |tx| {
            work(async move {
                topup(tx, format!("t:{number}")).await?;
                seen.lock().unwrap().push(number);
                Ok::<_, StoreError>(())
            })
        })
    });
    let all = futures_util::future::join_all(writes);
    let (results, ()) = tokio::join!(all, async { go.notify_one() });
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(*seen.lock().unwrap(), (0..100).collect::<Vec<_>>());
    assert_eq!(money(&store).await, Money::minor(100));
    finish(store, database).await;
}

#[tokio::test]
async fn a_failure_undoes_only_its_own_writes() {
    let (database, store) = open().await;
    let go = occupy(&store).await;
    let writes = (0..60).map(|number| {
        store.write(move |tx| {
            work(async move {
                topup(tx, format!("t:{number}")).await?;
                match number % 3 {
                    0 => Ok(()),
                    // Our own refusal, and one of the database in the middle of the work.
                    1 => Err(StoreError::NotEnough),
                    _ => {
                        use sea_orm::ConnectionTrait;
                        tx.execute_unprepared("DELETE FROM transfers").await?;
                        Ok(())
                    }
                }
            })
        })
    });
    let all = futures_util::future::join_all(writes);
    let (results, ()) = tokio::join!(all, async { go.notify_one() });
    for (number, result) in results.iter().enumerate() {
        match number % 3 {
            0 => assert!(result.is_ok(), "{result:?}"),
            1 => assert!(matches!(result, Err(StoreError::NotEnough)), "{result:?}"),
            _ => assert!(matches!(result, Err(StoreError::Db(_))), "{result:?}"),
        }
    }
    assert_eq!(money(&store).await, Money::minor(20));
    finish(store, database).await;
}

#[tokio::test]
async fn a_panic_ends_its_own_work_only() {
    let (database, store) = open().await;
    let go = occupy(&store).await;
    let before = store.write(|tx| work(async move { topup(tx, "before".to_owned()).await }));
    let during = store.write(|tx| {
        work(async move {
            topup(tx, "during".to_owned()).await?;
            if tx.support_returning_or_not() {
                panic!("this panic belongs to a test");
            }
            Ok::<(), StoreError>(())
        })
    });
    let at_once = store.write(|_| -> numshop::store::Work<'_, (), StoreError> {
        panic!("this panic belongs to a test too")
    });
    let after = store.write(|tx| work(async move { topup(tx, "after".to_owned()).await }));
    let all = async { tokio::join!(before, during, at_once, after) };
    let ((before, during, at_once, after), ()) = tokio::join!(all, async { go.notify_one() });
    assert!(before.is_ok() && after.is_ok());
    assert!(matches!(during, Err(StoreError::Panicked)), "{during:?}");
    assert!(matches!(at_once, Err(StoreError::Panicked)), "{at_once:?}");
    assert_eq!(money(&store).await, Money::minor(2));
    let later = store
        .write(|tx| work(async move { topup(tx, "later".to_owned()).await }))
        .await;
    assert!(later.is_ok());
    assert_eq!(money(&store).await, Money::minor(3));
    finish(store, database).await;
}

/// Hides from the compiler that the work always panics.
trait Undecided {
    fn support_returning_or_not(&self) -> bool;
}

impl Undecided for Tx {
    fn support_returning_or_not(&self) -> bool {
        use sea_orm::ConnectionTrait;
        self.support_returning() || !self.support_returning()
    }
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_stop_its_write() {
    let (database, store) = open().await;
    let go = occupy(&store).await;
    let mut write =
        Box::pin(store.write(|tx| work(async move { topup(tx, "left".to_owned()).await })));
    // One poll hands the work over; then the caller is gone.
    assert!(futures_util::poll!(write.as_mut()).is_pending());
    drop(write);
    go.notify_one();
    eventually("the write is done without its caller", async || {
        money(&store).await == Money::minor(1)
    })
    .await;
    finish(store, database).await;
}

#[tokio::test]
async fn closing_writes_what_is_queued_and_nothing_after() {
    let (database, store) = open().await;
    let go = occupy(&store).await;
    let queued = futures_util::future::join_all((0..100).map(|number| {
        store.write(move |tx| work(async move { topup(tx, format!("t:{number}")).await }))
    }));
    let closing = store.clone().close();
    let (queued, (), ()) = tokio::join!(queued, closing, async { go.notify_one() });
    assert!(queued.iter().all(Result::is_ok));
    let late = store
        .write(|tx| work(async move { messages::notify(tx, SARI, "{}".into(), true, 1).await }))
        .await;
    assert!(matches!(late, Err(StoreError::Stopped)), "{late:?}");
    store.close().await;

    let store = Store::open(database.url(), &crate::database::key())
        .await
        .unwrap();
    assert_eq!(money(&store).await, Money::minor(100));
    finish(store, database).await;
}
