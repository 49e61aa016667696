//! Who was invited by whom, and what it brought. Rewards are transfers of a kind of their own.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DbBackend, Statement, TryGetable};

const TABLES: &str = "
CREATE TABLE referrers (
    user_id {int} PRIMARY KEY REFERENCES users (id),
    code TEXT NOT NULL UNIQUE,
    since_ms {int} NOT NULL
) {strict};

CREATE TABLE referrals (
    invited_id {int} PRIMARY KEY REFERENCES users (id),
    referrer_id {int} NOT NULL REFERENCES users (id),
    at_ms {int} NOT NULL,
    CHECK (invited_id <> referrer_id)
) {strict};
CREATE INDEX referrals_by_referrer ON referrals (referrer_id);

CREATE TABLE referral_rewards (
    source TEXT PRIMARY KEY,
    invited_id {int} NOT NULL REFERENCES referrals (invited_id),
    referrer_id {int} NOT NULL,
    amount {int} NOT NULL CHECK (amount >= 0),
    taken_back {int} NOT NULL DEFAULT 0 CHECK (taken_back >= 0 AND taken_back <= amount),
    at_ms {int} NOT NULL
) {strict};
CREATE INDEX referral_rewards_by_invited ON referral_rewards (invited_id);
CREATE INDEX referral_rewards_by_referrer ON referral_rewards (referrer_id);
";

const POSTGRES: &str = "
ALTER TABLE transfers DROP CONSTRAINT transfers_kind_check;
ALTER TABLE transfers ADD CONSTRAINT transfers_kind_check CHECK (kind IN ('topup', 'hold',
    'capture', 'release', 'goodwill', 'stars_refund', 'adjust', 'cost', 'cost_refund', 'referral'));
";

/// The last of the kinds there were before.
const LAST_KIND: &str = "'cost_refund'";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, TABLES).await?;
        if manager.get_database_backend() == DbBackend::Sqlite {
            rebuild(manager).await
        } else {
            crate::run(manager, POSTGRES).await
        }
    }
}

/// What SQLite knows of the table, or of what hangs on it.
async fn written(manager: &SchemaManager<'_>, which: &str) -> Result<Vec<String>, DbErr> {
    let query = format!(
        "SELECT sql FROM sqlite_master WHERE tbl_name = 'transfers' AND sql IS NOT NULL AND type {which} ORDER BY rowid"
    );
    let statement = Statement::from_string(DbBackend::Sqlite, query);
    let rows = manager.get_connection().query_all_raw(statement).await?;
    let texts = rows.iter().map(|row| String::try_get_by(row, 0));
    let texts: Result<Vec<_>, _> = texts.collect();
    texts.map_err(DbErr::from)
}

/// SQLite changes no CHECK, so the table is made anew under its name: with the same rows under the
/// same numbers, and with every index and trigger that hangs on it, whoever made them. While the
/// rows move there are no triggers, so no balance moves with them.
async fn rebuild(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = written(manager, "= 'table'").await?.concat();
    let further = written(manager, "IN ('index', 'trigger')").await?;
    let kinds = format!("{LAST_KIND}, 'referral'");
    let fresh = table
        .replacen("CREATE TABLE transfers", "CREATE TABLE transfers_new", 1)
        .replacen("REFERENCES transfers ", "REFERENCES transfers_new ", 1)
        .replacen(LAST_KIND, &kinds, 1);
    if !fresh.contains(&kinds) || !fresh.contains("REFERENCES transfers_new ") {
        let unknown = "the table of transfers is not as it was made".to_owned();
        return Err(DbErr::Migration(unknown));
    }
    let move_rows = "
        INSERT INTO transfers_new SELECT * FROM transfers ORDER BY id;
        DROP TABLE transfers;
        ALTER TABLE transfers_new RENAME TO transfers;
    ";
    let connection = manager.get_connection();
    for sql in [fresh.as_str(), move_rows] {
        connection.execute_unprepared(sql).await?;
    }
    for sql in further {
        connection.execute_unprepared(&sql).await?;
    }
    Ok(())
}
