//! Messages to many, how far each has come, and who wants none of them.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
CREATE TABLE news_off (
    user_id {int} PRIMARY KEY REFERENCES users (id),
    since_ms {int} NOT NULL
) {strict};

CREATE TABLE broadcasts (
    id {id},
    slot {int} UNIQUE,
    by_user {int} NOT NULL,
    message_id {int} NOT NULL,
    audience TEXT NOT NULL,
    state TEXT NOT NULL,
    card_message_id {int} NOT NULL,
    total {int} NOT NULL,
    delivered {int} NOT NULL DEFAULT 0,
    blocked {int} NOT NULL DEFAULT 0,
    failed {int} NOT NULL DEFAULT 0,
    declined {int} NOT NULL DEFAULT 0,
    started_at_ms {int} NOT NULL,
    ended_at_ms {int},
    CHECK ((slot IS NULL) = (ended_at_ms IS NOT NULL))
) {strict};

CREATE TABLE broadcast_recipients (
    broadcast_id {int} NOT NULL REFERENCES broadcasts (id),
    user_id {int} NOT NULL REFERENCES users (id),
    tries {int} NOT NULL DEFAULT 0,
    outcome TEXT,
    PRIMARY KEY (broadcast_id, user_id)
) {strict};
CREATE INDEX broadcast_pending ON broadcast_recipients (broadcast_id, tries, user_id) WHERE outcome IS NULL;
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
