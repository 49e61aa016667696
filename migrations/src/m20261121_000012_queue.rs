//! Orders that wait until there is something to buy, what each attempt would have been sold for,
//! and users who want to hear when something is in stock again.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
ALTER TABLE orders ADD COLUMN queued_until_ms {int};
CREATE INDEX orders_queued ON orders (id) WHERE queued_until_ms IS NOT NULL AND state = 'held';
ALTER TABLE attempts ADD COLUMN price {int};

CREATE TABLE watches (
    id {id},
    user_id {int} NOT NULL REFERENCES users (id),
    service_id {int} NOT NULL,
    service_name TEXT NOT NULL,
    country TEXT NOT NULL,
    operator TEXT NOT NULL,
    server TEXT NOT NULL,
    created_at_ms {int} NOT NULL,
    expires_at_ms {int} NOT NULL,
    told_at_ms {int},
    UNIQUE (user_id, service_id, country, operator, server)
) {strict};
CREATE INDEX watches_by_expiry ON watches (expires_at_ms);
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
