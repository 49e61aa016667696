//! Money that users send by bank, e-wallet or QRIS, and what admins say to it.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
CREATE TABLE topup_requests (
    id {id},
    user_id {int} NOT NULL REFERENCES users (id),
    way TEXT NOT NULL CHECK (way IN ('transfer', 'qris')),
    amount {int} NOT NULL CHECK (amount > 0),
    state TEXT NOT NULL CHECK (state IN ('open', 'submitted', 'approved', 'rejected', 'expired', 'withdrawn')),
    proof TEXT,
    proof_is_photo {bool} NOT NULL,
    credited {int},
    decided_by {int},
    created_at_ms {int} NOT NULL,
    updated_at_ms {int} NOT NULL,
    expires_at_ms {int} NOT NULL,
    CHECK ((state = 'approved') = (credited IS NOT NULL))
) {strict};
CREATE UNIQUE INDEX topup_requests_one_open ON topup_requests (user_id) WHERE state IN ('open', 'submitted');
CREATE UNIQUE INDEX topup_requests_one_amount ON topup_requests (amount) WHERE state IN ('open', 'submitted');
CREATE INDEX topup_requests_by_expiry ON topup_requests (expires_at_ms) WHERE state IN ('open', 'submitted');

CREATE TABLE topup_papers (
    request_id {int} NOT NULL REFERENCES topup_requests (id),
    admin_id {int} NOT NULL,
    message_id {int} NOT NULL,
    PRIMARY KEY (request_id, admin_id)
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
