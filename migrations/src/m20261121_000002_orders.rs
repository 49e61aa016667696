//! Users, what their buttons stand for, and their orders.

use sea_orm_migration::prelude::*;

const TABLES: &str = "
CREATE TABLE users (
    id {int} PRIMARY KEY,
    first_name TEXT NOT NULL,
    username TEXT,
    telegram_language TEXT,
    chosen_language TEXT,
    unreachable_since_ms {int},
    created_at_ms {int} NOT NULL
) {strict};
CREATE INDEX users_by_username ON users (lower(username));

CREATE TABLE intents (
    nonce TEXT PRIMARY KEY NOT NULL,
    user_id {int} NOT NULL,
    kind TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at_ms {int} NOT NULL,
    expires_at_ms {int} NOT NULL,
    used_at_ms {int}
) {strict};
CREATE INDEX intents_by_expiry ON intents (expires_at_ms);

CREATE TABLE orders (
    id {id},
    user_id {int} NOT NULL REFERENCES users (id),
    nonce TEXT NOT NULL,
    service_id {int} NOT NULL,
    service_name TEXT NOT NULL,
    country TEXT NOT NULL,
    operator TEXT,
    price {int} NOT NULL CHECK (price >= 0),
    state TEXT NOT NULL,
    version {int} NOT NULL,
    reason TEXT,
    provider TEXT,
    upstream_id TEXT,
    number TEXT,
    cost TEXT,
    cost_currency TEXT,
    can_resend {bool} NOT NULL,
    awaits_another {bool} NOT NULL,
    created_at_ms {int} NOT NULL,
    updated_at_ms {int} NOT NULL,
    quote_until_ms {int} NOT NULL,
    expires_at_ms {int},
    cancel_from_ms {int},
    next_action_at_ms {int} NOT NULL,
    deadline_at_ms {int} NOT NULL,
    card_chat_id {int},
    card_message_id {int},
    UNIQUE (user_id, nonce),
    UNIQUE (provider, upstream_id)
) {strict};
CREATE INDEX orders_by_user ON orders (user_id, id);
CREATE INDEX orders_due ON orders (next_action_at_ms)
    WHERE state NOT IN ('completed', 'cancelled', 'expired', 'failed');
CREATE INDEX orders_open ON orders (provider, state)
    WHERE state NOT IN ('completed', 'cancelled', 'expired', 'failed');
CREATE INDEX orders_by_service ON orders (service_id);

CREATE TABLE order_events (
    id {id},
    order_id {int} NOT NULL REFERENCES orders (id),
    event TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    at_ms {int} NOT NULL
) {strict};
CREATE INDEX order_events_by_order ON order_events (order_id, id);

CREATE TABLE attempts (
    id {id},
    order_id {int} NOT NULL REFERENCES orders (id),
    provider TEXT NOT NULL,
    service_code TEXT NOT NULL,
    country_code TEXT NOT NULL,
    operator TEXT,
    cost TEXT NOT NULL,
    currency TEXT NOT NULL,
    started_at_ms {int} NOT NULL,
    good_reads {int} NOT NULL,
    outcome TEXT,
    detail TEXT,
    closed_at_ms {int}
) {strict};
CREATE INDEX attempts_by_order ON attempts (order_id, id);
CREATE UNIQUE INDEX attempts_one_unresolved ON attempts (order_id) WHERE outcome IS NULL;

CREATE TABLE sms (
    id {id},
    order_id {int} NOT NULL REFERENCES orders (id),
    text TEXT NOT NULL,
    code TEXT,
    seen_at_ms {int} NOT NULL
) {strict};
CREATE UNIQUE INDEX sms_once ON sms (order_id, {digest}(text));
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
