//! What our balance at each upstream should be, and what upstreams list that does not fit.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
CREATE TABLE floats (
    provider TEXT PRIMARY KEY NOT NULL,
    currency TEXT NOT NULL,
    settled {int} NOT NULL,
    seen {int} NOT NULL,
    seen_at_ms {int} NOT NULL,
    told {int},
    told_at_ms {int}
) {strict};

CREATE TABLE discrepancies (
    provider TEXT NOT NULL,
    upstream_id TEXT NOT NULL,
    order_id {int},
    first_seen_ms {int} NOT NULL,
    last_seen_ms {int} NOT NULL,
    told_at_ms {int},
    PRIMARY KEY (provider, upstream_id)
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
