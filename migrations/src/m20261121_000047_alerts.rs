//! What the admins were warned of and is not solved yet.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
CREATE TABLE alerts (
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    raised_at_ms {int} NOT NULL,
    told_at_ms {int} NOT NULL,
    PRIMARY KEY (kind, about)
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
