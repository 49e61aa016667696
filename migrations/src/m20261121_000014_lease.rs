//! Who serves this database, and whether it is known to be the newest copy of itself.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
CREATE TABLE lease (
    id {int} PRIMARY KEY NOT NULL CHECK (id = 1),
    epoch {int} NOT NULL,
    holder TEXT NOT NULL,
    taken_at_ms {int} NOT NULL,
    commits {int} NOT NULL
) {strict};
INSERT INTO lease (id, epoch, holder, taken_at_ms, commits) VALUES (1, 0, '', 0, 0);

CREATE TABLE recovery (
    id {int} PRIMARY KEY NOT NULL CHECK (id = 1),
    database_id TEXT NOT NULL,
    since_ms {int},
    evidence TEXT
) {strict};
INSERT INTO recovery (id, database_id) VALUES (1, '');
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
