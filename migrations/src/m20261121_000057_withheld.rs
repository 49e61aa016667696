//! Messages that were not handed over, for they name a service that is not sold.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
CREATE TABLE withheld (
    order_id {int} NOT NULL REFERENCES orders (id),
    digest TEXT NOT NULL,
    service TEXT NOT NULL,
    at_ms {int} NOT NULL,
    PRIMARY KEY (order_id, digest)
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
