//! What is sold and for how much: services, offers, operators, and what admins set.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
CREATE TABLE services (
    id {id},
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    popular {int}
) {strict};

CREATE TABLE offers (
    id {id},
    provider TEXT NOT NULL,
    country TEXT NOT NULL,
    country_code TEXT NOT NULL,
    service_id {int} NOT NULL REFERENCES services (id),
    service_code TEXT NOT NULL,
    service_name TEXT NOT NULL,
    cost TEXT NOT NULL,
    currency TEXT NOT NULL,
    stock {int},
    seen_at_ms {int} NOT NULL,
    UNIQUE (provider, country_code, service_code)
) {strict};

CREATE TABLE operators (
    id {id},
    provider TEXT NOT NULL,
    country TEXT NOT NULL,
    country_code TEXT NOT NULL,
    operator TEXT NOT NULL,
    operator_code TEXT NOT NULL,
    UNIQUE (provider, country_code, operator_code)
) {strict};

CREATE TABLE price_rules (
    scope TEXT PRIMARY KEY NOT NULL,
    provider TEXT,
    country TEXT,
    service TEXT,
    percent TEXT NOT NULL,
    fixed {int} NOT NULL CHECK (fixed >= 0),
    step {int} NOT NULL CHECK (step > 0),
    set_by {int} NOT NULL,
    set_at_ms {int} NOT NULL
) {strict};

CREATE TABLE rates (
    currency TEXT PRIMARY KEY NOT NULL,
    rate TEXT NOT NULL,
    set_by {int} NOT NULL,
    set_at_ms {int} NOT NULL
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
