//! What came from Telegram and what must go there.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
CREATE TABLE inbox (
    update_id {int} PRIMARY KEY,
    json TEXT,
    received_at_ms {int} NOT NULL,
    handled_at_ms {int}
) {strict};
CREATE INDEX inbox_unhandled ON inbox (update_id) WHERE handled_at_ms IS NULL;
CREATE INDEX inbox_by_age ON inbox (received_at_ms);

CREATE TABLE outbox (
    id {id},
    user_id {int} NOT NULL,
    notice TEXT NOT NULL,
    urgent {bool} NOT NULL,
    generation {int} NOT NULL,
    created_at_ms {int} NOT NULL,
    next_attempt_at_ms {int} NOT NULL,
    attempts {int} NOT NULL,
    done_at_ms {int},
    outcome TEXT
) {strict};
CREATE INDEX outbox_due ON outbox (next_attempt_at_ms) WHERE done_at_ms IS NULL;
CREATE INDEX outbox_by_age ON outbox (done_at_ms) WHERE done_at_ms IS NOT NULL;
CREATE UNIQUE INDEX outbox_coalesced ON outbox (user_id, notice) WHERE done_at_ms IS NULL;

CREATE TABLE dialogues (
    chat_id {int} PRIMARY KEY,
    state TEXT NOT NULL,
    updated_at_ms {int} NOT NULL
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
