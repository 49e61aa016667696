//! What happened on each day, kept by the database itself in the transaction that makes it true:
//! money by account, orders as they ended, and how long codes took. Statistics over a million
//! orders read some thousands of these rows.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

const TABLES: &str = "
CREATE TABLE money_days (
    day {int} NOT NULL,
    account {int} NOT NULL REFERENCES accounts (id),
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    amount {int} NOT NULL,
    transfers {int} NOT NULL,
    PRIMARY KEY (day, account, kind, about)
) {strict};

CREATE TABLE order_days (
    day {int} NOT NULL,
    aspect TEXT NOT NULL,
    name TEXT NOT NULL,
    ending TEXT NOT NULL,
    orders {int} NOT NULL,
    PRIMARY KEY (day, aspect, name, ending)
) {strict};

CREATE TABLE wait_days (
    aspect TEXT NOT NULL,
    name TEXT NOT NULL,
    day {int} NOT NULL,
    seconds {int} NOT NULL,
    orders {int} NOT NULL,
    PRIMARY KEY (aspect, name, day, seconds)
) {strict};

CREATE TABLE visits (
    day {int} NOT NULL,
    user_id {int} NOT NULL REFERENCES users (id),
    PRIMARY KEY (user_id, day)
) {strict};
INSERT INTO visits (user_id, day)
    SELECT DISTINCT user_id, created_at_ms / 86400000 FROM orders;
CREATE INDEX users_by_time ON users (created_at_ms);
";

/// What each transfer does to accounts that are no user's, by day, kind, and product or source.
const MONEY: &str = "
INSERT INTO money_days (day, account, kind, about, amount, transfers)
SELECT t.at_ms / 86400000, a.id, t.kind,
    COALESCE((SELECT o.product FROM orders o WHERE o.id = t.order_id),
        CASE WHEN t.kind = 'topup' THEN {source} ELSE t.kind END),
    CAST(SUM(CASE WHEN a.id = t.credit_account THEN t.amount ELSE -t.amount END) AS {int}), COUNT(*)
FROM transfers t JOIN accounts a ON a.id IN (t.debit_account, t.credit_account)
WHERE a.user_id IS NULL {which}
GROUP BY 1, 2, 3, 4
ON CONFLICT (day, account, kind, about) DO UPDATE
    SET amount = money_days.amount + excluded.amount, transfers = money_days.transfers + excluded.transfers;
";

/// How each order ended, by the day on which it was confirmed, under its product, its upstream
/// and its service. What is rented or renewed has no code to wait for, and so no service.
const ORDERS: &str = "
INSERT INTO order_days (day, aspect, name, ending, orders)
SELECT o.created_at_ms / 86400000, a.aspect,
    CASE a.aspect WHEN 'product' THEN o.product WHEN 'provider' THEN o.provider ELSE CAST(o.service_id AS TEXT) END,
    CASE WHEN e.to_state IN ('received', 'completed') THEN 'delivered' ELSE e.to_state END, COUNT(*)
FROM order_events e JOIN orders o ON o.id = e.order_id
    CROSS JOIN (SELECT 'product' AS aspect UNION ALL SELECT 'provider' UNION ALL SELECT 'service') a
WHERE e.from_state NOT IN ('received', 'completed', 'cancelled', 'expired', 'failed')
    AND e.to_state IN ('received', 'completed', 'cancelled', 'expired', 'failed')
    AND (a.aspect <> 'provider' OR o.provider IS NOT NULL)
    AND (a.aspect <> 'service' OR o.product IN ('activation', 'mailbox')) {which}
GROUP BY 1, 2, 3, 4
ON CONFLICT (day, aspect, name, ending) DO UPDATE SET orders = order_days.orders + excluded.orders;
";

/// From the bought number to its first code, in steps of 5 seconds up to a minute, of 15 up to
/// five, and of a minute beyond.
const WAITS: &str = "
INSERT INTO wait_days (aspect, name, day, seconds, orders)
SELECT a.aspect, CASE a.aspect WHEN 'provider' THEN w.provider ELSE CAST(w.service_id AS TEXT) END,
    w.day, CASE WHEN w.seconds < 60 THEN w.seconds / 5 * 5 WHEN w.seconds < 300 THEN w.seconds / 15 * 15
        ELSE w.seconds / 60 * 60 END, COUNT(*)
FROM (SELECT o.provider, o.service_id, o.created_at_ms / 86400000 AS day,
        (e.at_ms - (SELECT MAX(b.at_ms) FROM order_events b
            WHERE b.order_id = e.order_id AND b.event = 'NumberBought')) / 1000 AS seconds
    FROM order_events e JOIN orders o ON o.id = e.order_id
    WHERE e.from_state IN ('waiting', 'cancelling') AND e.to_state = 'received'
        AND o.product IN ('activation', 'mailbox') AND o.provider IS NOT NULL {which}) w
    CROSS JOIN (SELECT 'provider' AS aspect UNION ALL SELECT 'service') a
WHERE w.seconds >= 0
GROUP BY 1, 2, 3, 4
ON CONFLICT (aspect, name, day, seconds) DO UPDATE SET orders = wait_days.orders + excluded.orders;
";

/// The second part of a key such as `topup:stars:…`.
const SQLITE_SOURCE: &str =
    "SUBSTR(t.idempotency_key, 7, INSTR(SUBSTR(t.idempotency_key, 7) || ':', ':') - 1)";
const POSTGRES_SOURCE: &str = "SPLIT_PART(t.idempotency_key, ':', 2)";

const SQLITE_TRIGGERS: &str = "
CREATE TRIGGER transfers_by_day AFTER INSERT ON transfers BEGIN {money} END;
CREATE TRIGGER orders_by_day AFTER INSERT ON order_events
WHEN NEW.to_state IN ('received', 'completed', 'cancelled', 'expired', 'failed')
BEGIN {orders} {waits} END;
";

const POSTGRES_TRIGGERS: &str = "
CREATE FUNCTION transfers_by_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN {money} RETURN NEW; END $$;
CREATE TRIGGER transfers_by_day AFTER INSERT ON transfers
    FOR EACH ROW EXECUTE FUNCTION transfers_by_day();
CREATE FUNCTION orders_by_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN {orders} {waits} RETURN NEW; END $$;
CREATE TRIGGER orders_by_day AFTER INSERT ON order_events
    FOR EACH ROW WHEN (NEW.to_state IN ('received', 'completed', 'cancelled', 'expired', 'failed'))
    EXECUTE FUNCTION orders_by_day();
";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        let (source, triggers) = if sqlite {
            (SQLITE_SOURCE, SQLITE_TRIGGERS)
        } else {
            (POSTGRES_SOURCE, POSTGRES_TRIGGERS)
        };
        let money = MONEY.replace("{source}", source);
        crate::run(manager, TABLES).await?;
        // What is there already.
        for sums in [&money, ORDERS, WAITS] {
            crate::run(manager, &sums.replace("{which}", "")).await?;
        }
        let triggers = triggers
            .replace("{money}", &money.replace("{which}", "AND t.id = NEW.id"))
            .replace("{orders}", &ORDERS.replace("{which}", "AND e.id = NEW.id"))
            .replace("{waits}", &WAITS.replace("{which}", "AND e.id = NEW.id"));
        crate::run(manager, &triggers).await
    }
}
