//! What only rentals and their renewals know, and who sent an SMS when: to a rented number the
//! same text can come again.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
CREATE TABLE rentals (
    order_id {int} PRIMARY KEY NOT NULL REFERENCES orders (id),
    hours {int} NOT NULL,
    label TEXT,
    is_muted {bool} NOT NULL,
    end_written TEXT,
    reminded_hours {int},
    last_sms_at_ms {int}
) {strict};

CREATE TABLE renewals (
    order_id {int} PRIMARY KEY NOT NULL REFERENCES orders (id),
    rental_id {int} NOT NULL REFERENCES orders (id),
    hours {int} NOT NULL,
    end_written_before TEXT,
    ended_before_ms {int} NOT NULL,
    ends_at_ms {int}
) {strict};
CREATE INDEX renewals_by_rental ON renewals (rental_id, order_id);

ALTER TABLE sms ADD COLUMN sender TEXT;
ALTER TABLE sms ADD COLUMN sent_at_ms {int};
DROP INDEX sms_once;
CREATE UNIQUE INDEX sms_once ON sms (order_id, {digest}(text), COALESCE(sent_at_ms, 0));
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
