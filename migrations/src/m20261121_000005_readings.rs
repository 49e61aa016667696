//! When each country of each upstream was last read well, in one row instead of in every offer.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
CREATE TABLE readings (
    provider TEXT NOT NULL,
    country_code TEXT NOT NULL,
    country TEXT NOT NULL,
    country_name TEXT NOT NULL,
    read_at_ms {int} NOT NULL,
    PRIMARY KEY (provider, country_code)
) {strict};
INSERT INTO readings (provider, country_code, country, country_name, read_at_ms)
    SELECT provider, country_code, MIN(country), MIN(country), MAX(seen_at_ms)
    FROM offers GROUP BY provider, country_code;
ALTER TABLE offers DROP COLUMN seen_at_ms;
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
