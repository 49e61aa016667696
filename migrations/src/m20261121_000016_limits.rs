//! The most that somebody who waits for news wants to pay.

use sea_orm_migration::prelude::*;

const TABLES: &str =
    "ALTER TABLE watches ADD COLUMN max_price {int} CHECK (max_price IS NULL OR max_price > 0);";

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
