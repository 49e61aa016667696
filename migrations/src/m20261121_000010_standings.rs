//! What admins decided about each upstream, and when they were last warned about it.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
CREATE TABLE standings (
    provider TEXT PRIMARY KEY NOT NULL,
    is_on {bool} NOT NULL,
    priority {int} NOT NULL,
    low_balance TEXT,
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
