//! The countries of rentals that users gave a star, and the reminders that they do not want.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
CREATE TABLE favourite_places (
    user_id {int} NOT NULL REFERENCES users (id),
    country TEXT NOT NULL,
    added_at_ms {int} NOT NULL,
    PRIMARY KEY (user_id, country)
) {strict};

CREATE TABLE unwanted_reminders (
    user_id {int} NOT NULL REFERENCES users (id),
    hours {int} NOT NULL,
    PRIMARY KEY (user_id, hours)
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
