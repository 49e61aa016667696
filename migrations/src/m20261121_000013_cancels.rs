//! When admins were warned that too many numbers of an upstream are given back.

use sea_orm_migration::prelude::*;

const TABLES: &str = "ALTER TABLE standings ADD COLUMN cancels_warned_at_ms {int};";

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
