//! What admins know of a user: when they were last here, whether they may buy, a note. And what
//! an admin moved by hand, with what was given back out of goodwill.

use sea_orm_migration::prelude::*;

const CHANGES: &str = "
ALTER TABLE users ADD COLUMN seen_at_ms {int};
ALTER TABLE users ADD COLUMN banned_at_ms {int};
ALTER TABLE users ADD COLUMN note TEXT;
UPDATE users SET seen_at_ms = (SELECT MAX(o.created_at_ms) FROM orders o WHERE o.user_id = users.id);
DROP INDEX transfers_by_hand;
CREATE INDEX transfers_by_hand ON transfers (actor, at_ms) WHERE kind IN ('topup', 'adjust', 'stars_refund', 'goodwill');
";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, CHANGES).await
    }
}
