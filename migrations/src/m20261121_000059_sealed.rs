//! What is personal is sealed: the names of the keys, and keyed hashes to find equals by. What is
//! there already was never sealed, which the row `plain` says.

use sea_orm_migration::prelude::*;

const CHANGES: &str = "
CREATE TABLE data_keys (
    id TEXT PRIMARY KEY NOT NULL,
    check_value TEXT NOT NULL
) {strict};
INSERT INTO data_keys (id, check_value)
    SELECT 'plain', '' WHERE EXISTS (SELECT 1 FROM orders) OR EXISTS (SELECT 1 FROM inbox);

ALTER TABLE orders ADD COLUMN number_mark TEXT;
CREATE INDEX orders_by_number ON orders (number_mark) WHERE number_mark IS NOT NULL;

ALTER TABLE sms ADD COLUMN digest TEXT;
DROP INDEX sms_once;
CREATE UNIQUE INDEX sms_once ON sms (order_id, digest, COALESCE(sent_at_ms, 0));
";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, CHANGES).await
    }
}
