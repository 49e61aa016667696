//! Vouchers: codes that bring money into a wallet, who used them, and who guessed.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
CREATE TABLE vouchers (
    id {id},
    nonce TEXT NOT NULL UNIQUE,
    code TEXT NOT NULL UNIQUE,
    amount {int} NOT NULL CHECK (amount > 0),
    uses {int} NOT NULL CHECK (uses > 0),
    used {int} NOT NULL DEFAULT 0,
    per_user {int} NOT NULL CHECK (per_user > 0),
    expires_at_ms {int},
    closed_at_ms {int},
    created_by {int} NOT NULL,
    created_at_ms {int} NOT NULL,
    CHECK (used >= 0 AND used <= uses)
) {strict};
CREATE INDEX vouchers_by_admin ON vouchers (created_by, created_at_ms);

CREATE TABLE voucher_uses (
    id {id},
    voucher_id {int} NOT NULL REFERENCES vouchers (id),
    user_id {int} NOT NULL REFERENCES users (id),
    occasion TEXT NOT NULL,
    at_ms {int} NOT NULL,
    UNIQUE (user_id, occasion)
) {strict};
CREATE INDEX voucher_uses_by_voucher ON voucher_uses (voucher_id, user_id);

CREATE TABLE voucher_guesses (
    id {id},
    user_id {int} NOT NULL,
    at_ms {int} NOT NULL
) {strict};
CREATE INDEX voucher_guesses_by_user ON voucher_guesses (user_id, at_ms);
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
