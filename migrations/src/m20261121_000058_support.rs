//! What users write to the people who run the shop, what they are answered, and where admins see it.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
CREATE TABLE support_messages (
    id {id},
    user_id {int} NOT NULL REFERENCES users (id),
    author_id {int} NOT NULL,
    text TEXT NOT NULL,
    file_id TEXT,
    is_photo {bool} NOT NULL,
    at_ms {int} NOT NULL,
    answered_by {int},
    answered_at_ms {int}
) {strict};
CREATE INDEX support_messages_by_user ON support_messages (user_id, id);

CREATE TABLE support_papers (
    message_id {int} NOT NULL REFERENCES support_messages (id),
    admin_id {int} NOT NULL,
    telegram_id {int} NOT NULL,
    PRIMARY KEY (message_id, admin_id)
) {strict};
CREATE INDEX support_papers_by_place ON support_papers (admin_id, telegram_id);
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
