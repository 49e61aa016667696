//! The services that users gave a star.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
CREATE TABLE favourites (
    user_id {int} NOT NULL REFERENCES users (id),
    service_id {int} NOT NULL REFERENCES services (id),
    added_at_ms {int} NOT NULL,
    PRIMARY KEY (user_id, service_id)
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
