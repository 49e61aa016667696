//! Payments in Telegram Stars: what was offered, what came in, and how far Telegram's own list of
//! transactions has been read.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
CREATE TABLE star_invoices (
    nonce TEXT PRIMARY KEY NOT NULL,
    user_id {int} NOT NULL REFERENCES users (id),
    stars {int} NOT NULL CHECK (stars > 0),
    credit {int} NOT NULL CHECK (credit > 0),
    created_at_ms {int} NOT NULL,
    expires_at_ms {int} NOT NULL,
    approved_at_ms {int}
) {strict};
CREATE INDEX star_invoices_by_expiry ON star_invoices (expires_at_ms);

CREATE TABLE star_payments (
    charge_id TEXT PRIMARY KEY NOT NULL,
    user_id {int} NOT NULL REFERENCES users (id),
    stars {int} NOT NULL CHECK (stars > 0),
    credit {int} NOT NULL CHECK (credit > 0),
    state TEXT NOT NULL CHECK (state IN ('credited', 'refunding', 'refunded', 'owed')),
    refunds {int} NOT NULL DEFAULT 0,
    refunded_by {int},
    paid_at_ms {int} NOT NULL,
    updated_at_ms {int} NOT NULL
) {strict};
CREATE INDEX star_payments_by_user ON star_payments (user_id, paid_at_ms);
CREATE INDEX star_payments_by_state ON star_payments (state) WHERE state IN ('refunding', 'owed');

CREATE TABLE star_reading (
    id {int} PRIMARY KEY NOT NULL CHECK (id = 1),
    next_offset {int} NOT NULL
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
