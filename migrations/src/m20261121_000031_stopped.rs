//! Purchases that stopped for lack of money, to be offered again once it is there.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
CREATE TABLE stopped_purchases (
    user_id {int} PRIMARY KEY NOT NULL REFERENCES users (id),
    choice TEXT NOT NULL,
    service_id {int} NOT NULL,
    country TEXT NOT NULL,
    price {int} NOT NULL,
    at_ms {int} NOT NULL
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
