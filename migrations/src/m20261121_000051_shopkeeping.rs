//! How services are shown, and what stands over the shop's door: an announcement, maintenance.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
CREATE TABLE service_faces (
    key TEXT PRIMARY KEY NOT NULL,
    is_hidden {bool} NOT NULL,
    pinned_at_ms {int},
    name TEXT
) {strict};

CREATE TABLE shop_front (
    id {int} PRIMARY KEY NOT NULL CHECK (id = 1),
    announcement TEXT,
    is_closed {bool} NOT NULL,
    closed_text TEXT
) {strict};
INSERT INTO shop_front (id, is_closed) VALUES (1, FALSE);
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
