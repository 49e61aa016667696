//! What an order is for, and which account pays where several upstreams share one.

use sea_orm_migration::prelude::*;

const CHANGES: &str = "
ALTER TABLE orders ADD COLUMN product TEXT NOT NULL DEFAULT 'activation';
ALTER TABLE orders ADD COLUMN purse TEXT;
ALTER TABLE attempts ADD COLUMN purse TEXT;
CREATE INDEX orders_by_purse ON orders (purse, state) WHERE purse IS NOT NULL;
CREATE INDEX orders_of_products ON orders (user_id, product, id) WHERE product <> 'activation';
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
