//! Seals what an older key sealed, or nobody, with the current key.
//!
//! Invariant: a row is read and written in one short transaction, and only if nobody changed it
//! meanwhile; what is done stays done, so it can be broken off at any moment and begun again.

use chrono::{DateTime, Utc};
use fail::fail_point;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, ValueType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, Database, DbErr, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect,
};

use crate::store::connection::Keyed;
use crate::store::entity::{inbox, orders, rentals, sms, support_messages};
use crate::store::lease::Lock;
use crate::store::open::{self, OpenError};
use crate::store::sealed::known::{Known, retire_all, retire_others};
use crate::store::sealed::{Personal, text_of};
use crate::store::{Store, StoreError, Tx, to_ms, work};

/// Rows in one transaction: users must not wait for it.
const BATCH: u64 = 200;
/// How often it is told how far it has come.
const TELL_EVERY: u64 = 10_000;

/// Whether there can be something that the current key did not seal.
pub async fn is_needed(store: &Store) -> bool {
    let known = Known::of(store.read()).await;
    known.has_others(store.read().keys())
}

/// Seals everything with the current key, in small batches; how many rows that were.
///
/// # Errors
/// The database's own, or a value that does not open. What was done before stays done.
pub async fn everything(store: &Store) -> Result<u64, StoreError> {
    Ok(table::<orders::Model>(store).await?
        + table::<sms::Model>(store).await?
        + table::<rentals::Model>(store).await?
        + table::<inbox::Model>(store).await?
        + table::<support_messages::Model>(store).await?)
}

/// Forgets the older keys once nothing is left of theirs, and writes a SQLite file anew; `false`
/// where a process serves the database, for that one may still use one.
///
/// # Errors
/// Only the database's own.
pub async fn retire(store: &Store, url: &str) -> Result<bool, OpenError> {
    let lock = match Lock::take(url).await {
        Ok(lock) => lock,
        Err(OpenError::Served { .. }) => return Ok(false),
        Err(error) => return Err(error),
    };
    let retired = match retire_now(store).await {
        Ok(()) => rewrite(url).await,
        Err(error) => Err(OpenError::Unreachable(error.to_string())),
    };
    lock.give_back().await;
    retired.map(|()| true)
}

/// Writes a SQLite file anew: parts of it that are in no use hold what stood there before, which
/// nobody may have sealed.
async fn rewrite(url: &str) -> Result<(), OpenError> {
    if !open::is_sqlite_url(url) {
        return Ok(());
    }
    let path = open::sqlite_path(url)?;
    let failed = |error: DbErr| OpenError::Unreachable(open::plain(&error));
    let mut options = open::quiet("sqlite://numshop.db?mode=rw");
    options.max_connections(1);
    options.map_sqlx_sqlite_opts(move |sqlite| sqlite.filename(&path));
    let connection = Database::connect(options).await.map_err(failed)?;
    let written = connection.execute_unprepared("VACUUM").await;
    connection.close().await.map_err(failed)?;
    written.map(|_| ()).map_err(failed)
}

/// The same where this process serves.
///
/// # Errors
/// Only the database's own.
pub async fn retire_now(store: &Store) -> Result<(), StoreError> {
    store
        .write(|tx| work(async move { retire_others(tx, tx.keys()).await }))
        .await
}

/// Erases all that is sealed and forgets all keys: they are lost. How many orders had something.
///
/// # Errors
/// [`OpenError::Served`] while a process serves the database, which then has the keys.
pub async fn forget_all(store: &Store, url: &str, now: DateTime<Utc>) -> Result<u64, OpenError> {
    let lock = Lock::take(url).await?;
    let now_ms = to_ms(now);
    let forgotten = store
        .write(move |tx| work(async move { forget(tx, now_ms).await }))
        .await;
    lock.give_back().await;
    forgotten.map_err(|error: StoreError| OpenError::Unreachable(error.to_string()))
}

async fn forget(tx: &Tx, now_ms: i64) -> Result<u64, StoreError> {
    let mut forgotten = 0;
    for id in Known::of(tx).await.ids() {
        // The name of a key is eight letters and digits of its own making.
        let sealed = format!("LIKE 'k{id}.%'");
        let orders = format!(
            "UPDATE orders SET number = NULL, number_mark = NULL, version = version + 1,
                erased_at_ms = CASE WHEN product IN ('rental', 'renewal') OR state IN
                    ('completed', 'cancelled', 'expired', 'failed') THEN {now_ms} END
             WHERE number {sealed}"
        );
        forgotten += tx.execute_unprepared(&orders).await?.rows_affected();
        for rest in [
            "sms SET text = '', code = NULL, sender = NULL, digest = NULL WHERE text",
            "rentals SET label = NULL WHERE label",
            "inbox SET json = NULL WHERE json",
            "support_messages SET text = '' WHERE text",
        ] {
            tx.execute_unprepared(&format!("UPDATE {rest} {sealed}"))
                .await?;
        }
    }
    retire_all(tx).await?;
    Ok(forgotten)
}

async fn table<R>(store: &Store) -> Result<u64, StoreError>
where
    R: Personal + FromQueryResult + 'static,
    R::Entity: EntityTrait<Model = R>,
{
    let mut done = 0;
    let mut after = i64::MIN;
    loop {
        let batch = store
            .write(move |tx| work(async move { batch::<R>(tx, after).await }))
            .await?;
        let Some((last, sealed)) = batch else {
            return Ok(done);
        };
        after = last;
        let told = done / TELL_EVERY;
        done += sealed;
        if done / TELL_EVERY > told {
            log::info!("{done} rows of {} were sealed anew so far", R::TABLE);
        }
        fail_point!("rows were sealed anew");
        // Whoever waits for the writer comes first.
        tokio::task::yield_now().await;
    }
}

/// Seals the next rows after a key; the last one's key, and how many were sealed.
async fn batch<R>(tx: &Tx, after: i64) -> Result<Option<(i64, u64)>, StoreError>
where
    R: Personal + FromQueryResult,
    R::Entity: EntityTrait<Model = R>,
{
    let prefix = tx.keys().prefix()?;
    let mut others = Condition::any();
    for (column, _) in R::SEALED {
        others = others.add(
            Condition::all()
                .add(column.is_not_null())
                .add(column.ne(""))
                .add(column.not_like(format!("{prefix}%"))),
        );
    }
    let rows = R::Entity::find()
        .filter(R::KEY.gt(after))
        .filter(others)
        .order_by_asc(R::KEY)
        .limit(BATCH)
        .all(tx)
        .await?;
    let mut last = None;
    let mut sealed = 0;
    for row in rows {
        last = <Option<i64> as ValueType>::try_from(row.get(R::KEY))
            .ok()
            .flatten();
        sealed += seal(tx, row).await?;
    }
    Ok(last.map(|last| (last, sealed)))
}

/// Seals one row, unless somebody else wrote its values meanwhile.
async fn seal<R>(tx: &Tx, before: R) -> Result<u64, StoreError>
where
    R: Personal,
{
    let after = before.clone().opened(tx.keys())?.sealed(tx.keys())?;
    let mut update = R::Entity::update_many().filter(R::KEY.eq(before.get(R::KEY)));
    for (column, _) in R::SEALED {
        update = update.col_expr(*column, Expr::value(after.get(*column)));
        update = match text_of(before.get(*column)) {
            Some(value) => update.filter(column.eq(value)),
            None => update.filter(column.is_null().or(column.eq(""))),
        };
    }
    if let Some(mark) = R::MARK {
        update = update.col_expr(mark, Expr::value(after.get(mark)));
    }
    Ok(update.exec(tx).await?.rows_affected)
}
