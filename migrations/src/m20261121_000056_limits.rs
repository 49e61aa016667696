//! Limits that admins set for single users, what is frozen, and the indexes that the limits are
//! counted by.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
CREATE TABLE user_limits (
    user_id {int} NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    most {int} CHECK (most IS NULL OR most >= 0),
    set_by {int} NOT NULL,
    at_ms {int} NOT NULL,
    PRIMARY KEY (user_id, name)
) {strict};

CREATE TABLE freezes (
    what TEXT NOT NULL CHECK (what IN ('user', 'service', 'provider', 'all')),
    target TEXT NOT NULL,
    name TEXT NOT NULL,
    reason TEXT,
    set_by {int} NOT NULL,
    at_ms {int} NOT NULL,
    PRIMARY KEY (what, target)
) {strict};

CREATE INDEX orders_by_day ON orders (user_id, created_at_ms);
CREATE INDEX orders_open_of_user ON orders (user_id)
    WHERE state NOT IN ('completed', 'cancelled', 'expired', 'failed');
CREATE INDEX topup_requests_by_user ON topup_requests (user_id, created_at_ms);
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
