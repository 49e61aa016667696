//! The double-entry ledger. Money leaves `debit_account` and arrives in `credit_account`; triggers
//! keep both balances, and refuse to change or delete what was written.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

const TABLES: &str = "
CREATE TABLE accounts (
    id {id},
    name TEXT NOT NULL UNIQUE,
    currency TEXT NOT NULL,
    user_id {int},
    balance {int} NOT NULL DEFAULT 0,
    CHECK (user_id IS NULL OR balance >= 0)
) {strict};
CREATE INDEX accounts_by_user ON accounts (user_id);

CREATE TABLE transfers (
    id {id},
    idempotency_key TEXT NOT NULL UNIQUE,
    debit_account {int} NOT NULL REFERENCES accounts (id),
    credit_account {int} NOT NULL REFERENCES accounts (id),
    amount {int} NOT NULL CHECK (amount > 0),
    kind TEXT NOT NULL CHECK (kind IN ('topup', 'hold', 'capture', 'release', 'goodwill',
        'stars_refund', 'adjust', 'cost', 'cost_refund')),
    order_id {int},
    resolves {int} UNIQUE REFERENCES transfers (id),
    actor TEXT NOT NULL,
    memo TEXT,
    at_ms {int} NOT NULL,
    CHECK (debit_account <> credit_account),
    CHECK ((kind IN ('capture', 'release')) = (resolves IS NOT NULL))
) {strict};
CREATE INDEX transfers_by_debit ON transfers (debit_account, id);
CREATE INDEX transfers_by_credit ON transfers (credit_account, id);
CREATE INDEX transfers_by_order ON transfers (order_id);
";

// The guard before an insert is needed because INSERT OR REPLACE deletes the old row without
// firing delete triggers.
const SQLITE_TRIGGERS: &str = "
CREATE TRIGGER transfers_guard BEFORE INSERT ON transfers BEGIN
    SELECT RAISE(ABORT, 'ledger: this transfer exists already')
    WHERE EXISTS (SELECT 1 FROM transfers WHERE idempotency_key = NEW.idempotency_key
        OR id = NEW.id OR (NEW.resolves IS NOT NULL AND resolves = NEW.resolves));
    SELECT RAISE(ABORT, 'ledger: the accounts have different currencies')
    WHERE (SELECT currency FROM accounts WHERE id = NEW.debit_account)
        <> (SELECT currency FROM accounts WHERE id = NEW.credit_account);
END;
CREATE TRIGGER transfers_move AFTER INSERT ON transfers BEGIN
    UPDATE accounts SET balance = balance - NEW.amount WHERE id = NEW.debit_account;
    UPDATE accounts SET balance = balance + NEW.amount WHERE id = NEW.credit_account;
END;
CREATE TRIGGER transfers_no_update BEFORE UPDATE ON transfers BEGIN
    SELECT RAISE(ABORT, 'ledger: transfers are never changed');
END;
CREATE TRIGGER transfers_no_delete BEFORE DELETE ON transfers BEGIN
    SELECT RAISE(ABORT, 'ledger: transfers are never deleted');
END;
CREATE TRIGGER accounts_start_empty BEFORE INSERT ON accounts WHEN NEW.balance <> 0 BEGIN
    SELECT RAISE(ABORT, 'ledger: an account starts with nothing');
END;
CREATE TRIGGER accounts_keep_meaning BEFORE UPDATE OF id, name, currency, user_id ON accounts BEGIN
    SELECT RAISE(ABORT, 'ledger: an account keeps its name, owner and currency');
END;
CREATE TRIGGER accounts_no_delete BEFORE DELETE ON accounts BEGIN
    SELECT RAISE(ABORT, 'ledger: accounts are never deleted');
END;
";

const POSTGRES_TRIGGERS: &str = "
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION ledger_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT currency FROM accounts WHERE id = NEW.debit_account)
        <> (SELECT currency FROM accounts WHERE id = NEW.credit_account) THEN
        RAISE EXCEPTION 'ledger: the accounts have different currencies'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION ledger_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE accounts SET balance = balance - NEW.amount WHERE id = NEW.debit_account;
    UPDATE accounts SET balance = balance + NEW.amount WHERE id = NEW.credit_account;
    RETURN NEW;
END $$;
CREATE TRIGGER transfers_guard BEFORE INSERT ON transfers
    FOR EACH ROW EXECUTE FUNCTION ledger_guard();
CREATE TRIGGER transfers_move AFTER INSERT ON transfers
    FOR EACH ROW EXECUTE FUNCTION ledger_move();
CREATE TRIGGER transfers_no_update BEFORE UPDATE ON transfers
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse('ledger: transfers are never changed');
CREATE TRIGGER transfers_no_delete BEFORE DELETE ON transfers
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse('ledger: transfers are never deleted');
CREATE TRIGGER transfers_no_truncate BEFORE TRUNCATE ON transfers
    EXECUTE FUNCTION ledger_refuse('ledger: transfers are never deleted');
CREATE TRIGGER accounts_start_empty BEFORE INSERT ON accounts
    FOR EACH ROW WHEN (NEW.balance <> 0)
    EXECUTE FUNCTION ledger_refuse('ledger: an account starts with nothing');
CREATE TRIGGER accounts_keep_meaning BEFORE UPDATE OF id, name, currency, user_id ON accounts
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse('ledger: an account keeps its name, owner and currency');
CREATE TRIGGER accounts_no_delete BEFORE DELETE ON accounts
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse('ledger: accounts are never deleted');
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
