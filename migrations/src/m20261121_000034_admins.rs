//! What an admin moved by hand lately, found quickly.

use sea_orm_migration::prelude::*;

const INDEX: &str = "
CREATE INDEX transfers_by_hand ON transfers (actor, at_ms) WHERE kind IN ('topup', 'adjust');
";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, INDEX).await
    }
}
