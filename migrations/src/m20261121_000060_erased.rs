//! When what is personal was erased from an order that had ended.

use sea_orm_migration::prelude::*;

const CHANGES: &str = "
ALTER TABLE orders ADD COLUMN erased_at_ms {int};
CREATE INDEX orders_to_erase ON orders (id)
    WHERE erased_at_ms IS NULL AND state IN ('completed', 'cancelled', 'expired', 'failed');
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
