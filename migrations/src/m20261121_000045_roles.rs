//! Who may do what in the shop, and what they did. What is noted is never changed.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

const TABLES: &str = "
CREATE TABLE roles (
    user_id {int} PRIMARY KEY REFERENCES users (id),
    role TEXT NOT NULL,
    given_by {int} NOT NULL,
    given_at_ms {int} NOT NULL
) {strict};

CREATE TABLE acts (
    id {id},
    by_user {int} NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    before TEXT,
    after TEXT,
    reason TEXT,
    at_ms {int} NOT NULL
) {strict};
CREATE INDEX acts_by_user ON acts (by_user, id);

DROP INDEX transfers_by_hand;
CREATE INDEX transfers_by_hand ON transfers (actor, at_ms)
    WHERE kind IN ('topup', 'adjust', 'stars_refund', 'goodwill');
";

// As with transfers: INSERT OR REPLACE deletes without firing delete triggers.
const SQLITE_TRIGGERS: &str = "
CREATE TRIGGER acts_guard BEFORE INSERT ON acts BEGIN
    SELECT RAISE(ABORT, 'acts: this one exists already')
    WHERE EXISTS (SELECT 1 FROM acts WHERE id = NEW.id);
END;
CREATE TRIGGER acts_no_update BEFORE UPDATE ON acts BEGIN
    SELECT RAISE(ABORT, 'acts: what was done is never changed');
END;
CREATE TRIGGER acts_no_delete BEFORE DELETE ON acts BEGIN
    SELECT RAISE(ABORT, 'acts: what was done is never deleted');
END;
";

const POSTGRES_TRIGGERS: &str = "
CREATE TRIGGER acts_no_update BEFORE UPDATE ON acts
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse('acts: what was done is never changed');
CREATE TRIGGER acts_no_delete BEFORE DELETE ON acts
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse('acts: what was done is never deleted');
CREATE TRIGGER acts_no_truncate BEFORE TRUNCATE ON acts
    EXECUTE FUNCTION ledger_refuse('acts: what was done is never deleted');
";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, TABLES).await?;
        let triggers = if manager.get_database_backend() == DbBackend::Sqlite {
            SQLITE_TRIGGERS
        } else {
            POSTGRES_TRIGGERS
        };
        crate::run(manager, triggers).await
    }
}
