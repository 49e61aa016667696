//! The upstream a user asked for by its number, and a way to the orders of the last days.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
ALTER TABLE orders ADD COLUMN server TEXT;
CREATE INDEX orders_by_time ON orders (created_at_ms);
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
