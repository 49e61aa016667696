//! Minimum margins, promotions, the history of prices, and how old rates are.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
ALTER TABLE price_rules ADD COLUMN minimum {int} NOT NULL DEFAULT 0 CHECK (minimum >= 0);

CREATE TABLE promotions (
    scope TEXT PRIMARY KEY NOT NULL,
    provider TEXT,
    country TEXT,
    service TEXT,
    percent TEXT,
    amount {int} CHECK (amount > 0),
    starts_at_ms {int} NOT NULL,
    ends_at_ms {int} NOT NULL,
    set_by {int} NOT NULL,
    set_at_ms {int} NOT NULL,
    CHECK (ends_at_ms > starts_at_ms),
    CHECK ((percent IS NULL) <> (amount IS NULL))
) {strict};

CREATE TABLE price_changes (
    id {id},
    nonce TEXT NOT NULL UNIQUE,
    admin {int} NOT NULL,
    at_ms {int} NOT NULL,
    subject TEXT NOT NULL,
    old_setting TEXT,
    new_setting TEXT,
    undoes {int}
) {strict};
CREATE INDEX price_changes_by_subject ON price_changes (subject, id);

CREATE TABLE rate_ages (
    currency TEXT PRIMARY KEY NOT NULL,
    settings_rate TEXT,
    settings_since_ms {int},
    warned_at_ms {int}
) {strict};
";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, TABLES).await
    }
}
