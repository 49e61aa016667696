//! Which terms each user accepted, and when.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
CREATE TABLE terms_accepted (
    user_id {int} NOT NULL REFERENCES users (id),
    version TEXT NOT NULL,
    at_ms {int} NOT NULL,
    PRIMARY KEY (user_id, version)
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
