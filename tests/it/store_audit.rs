//! The audit: silent on a healthy shop, and it names exactly what is broken.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;
use numshop::domain::order::OrderState;
use numshop::provider::{CancelAnswer, ProviderError};
use numshop::store::audit;
use numshop::store::entity::orders;
use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseConnection, EntityTrait, Statement};
use tokio::sync::Notify;

use crate::harness::eventually;
use crate::scripted::Buy;
use crate::shop_stage::{ALEX, SARI, Stage};

/// Sari's orders 1 to 5: completed, received, cancelled, expired, failed.
async fn ended(stage: &Stage) {
    for _ in 0..2 {
        let order = stage.buy(SARI, "Telegram").await;
        stage
            .alpha
            .deliver(u32::try_from(order.0).unwrap(), "code 4711");
        stage.until(order, OrderState::Received).await;
        if order.0 == 1 {
            stage.shop().finish(SARI, order).await.unwrap();
        }
    }
    let order = stage.buy(SARI, "Telegram").await;
    stage.alpha.close(3);
    stage.until(order, OrderState::Cancelled).await;
    stage.alpha.next(Buy::Reject(ProviderError::OutOfStock));
    let order = stage.order(SARI, "Telegram").await;
    stage.until(order, OrderState::Failed).await;
}

#[tokio::test]
async fn a_shop_with_orders_in_every_state_is_sound() {
    let mut stage = Stage::open().await;
    stage.topup(SARI, 50_000).await;
    let order = stage.buy(SARI, "WhatsApp").await;
    stage.advance(TimeDelta::seconds(1_201));
    stage.until(order, OrderState::Expired).await;
    let order = stage.buy(SARI, "WhatsApp").await;
    stage.advance(TimeDelta::seconds(61));
    // Refused for now: it is asked for again long after this test has looked.
    stage.alpha.next_cancel(Ok(CancelAnswer::NotNow));
    stage.shop().cancel(SARI, order).await.unwrap();
    stage.until(order, OrderState::Cancelling).await;
    let delivered = stage.buy(ALEX, "Telegram").await;
    stage.alpha.deliver(3, "code 4711");
    stage.until(delivered, OrderState::Received).await;
    let done = stage.buy(ALEX, "Telegram").await;
    stage.alpha.deliver(4, "code 4712");
    stage.until(done, OrderState::Received).await;
    stage.shop().finish(ALEX, done).await.unwrap();
    let closed = stage.buy(ALEX, "Telegram").await;
    stage.alpha.close(5);
    stage.until(closed, OrderState::Cancelled).await;
    stage.alpha.next(Buy::NotSent);
    let failed = stage.order(ALEX, "Telegram").await;
    stage.until(failed, OrderState::Failed).await;
    stage.buy(SARI, "WhatsApp").await;
    let go = Arc::new(Notify::new());
    stage.alpha.next(Buy::Wait(go, Box::new(Buy::Sell)));
    let placing = stage.order(SARI, "Telegram").await;
    stage.until(placing, OrderState::Placing).await;
    stage.alpha.next(Buy::Lose { sold: false });
    let doubted = stage.order(SARI, "WhatsApp").await;
    stage.until(doubted, OrderState::InDoubt).await;
    stage.stop_workers().await;
    stage.order(SARI, "WhatsApp").await;

    let connection = stage.database.connect().await;
    let rows = orders::Entity::find().all(&connection).await.unwrap();
    connection.close().await.unwrap();
    let states: BTreeSet<String> = rows.into_iter().map(|row| row.state).collect();
    let all = OrderState::ALL
        .iter()
        .map(|state| state.as_str().to_owned());
    let expected: BTreeSet<String> = all.filter(|state| state != "quoted").collect();
    assert_eq!(states, expected);
    stage.check_books().await;
    stage.kill().await;
    stage.start().await;
    eventually("the held order goes on", async || {
        stage
            .shop()
            .due_orders(&[], 99)
            .await
            .unwrap()
            .now
            .is_empty()
    })
    .await;
    stage.finish().await;
}

/// A raw transfer, by the names of its accounts.
fn transfer(key: &str, from: &str, to: &str, amount: i64) -> String {
    format!(
        "INSERT INTO transfers (idempotency_key, debit_account, credit_account, amount, kind, actor, at_ms)
         SELECT '{key}', d.id, c.id, {amount}, 'adjust', 'test', 1 FROM accounts d, accounts c
         WHERE d.name = '{from}' AND c.name = '{to}'"
    )
}

/// How the rules that the database itself keeps are put out of force: the triggers of a table, or
/// a rule in its definition.
enum Loosen {
    Nothing,
    Trigger(&'static str, &'static str),
    Rule {
        table: &'static str,
        sqlite: [&'static str; 2],
        postgres: &'static str,
    },
}

async fn run(connection: &DatabaseConnection, sql: &str) {
    let done = connection.execute_unprepared(sql).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn loosen(connection: &DatabaseConnection, is_sqlite: bool, what: Loosen) {
    match what {
        Loosen::Nothing => {}
        Loosen::Trigger(name, _) if is_sqlite => {
            run(connection, &format!("DROP TRIGGER {name}")).await;
        }
        Loosen::Trigger(name, table) => {
            run(connection, &format!("DROP TRIGGER {name} ON {table}")).await;
        }
        Loosen::Rule {
            table,
            sqlite: [rule, looser],
            ..
        } if is_sqlite => {
            let query = format!("SELECT sql FROM sqlite_master WHERE name = '{table}'");
            let query = Statement::from_string(connection.get_database_backend(), query);
            let row = connection.query_one_raw(query).await.unwrap().unwrap();
            let sql: String = row.try_get("", "sql").unwrap();
            assert!(sql.contains(rule), "{sql}");
            let sql = sql
                .replace(rule, looser)
                .replace(&format!("CREATE TABLE \"{table}\""), "CREATE TABLE loose")
                .replace(&format!("CREATE TABLE {table}"), "CREATE TABLE loose");
            run(connection, "PRAGMA legacy_alter_table = ON").await;
            run(connection, &sql).await;
            run(
                connection,
                &format!("INSERT INTO loose SELECT * FROM {table}"),
            )
            .await;
            run(connection, &format!("DROP TABLE {table}")).await;
            run(connection, &format!("ALTER TABLE loose RENAME TO {table}")).await;
        }
        Loosen::Rule {
            table, postgres, ..
        } => {
            run(
                connection,
                &format!("ALTER TABLE {table} DROP CONSTRAINT {postgres}"),
            )
            .await;
        }
    }
}

const CLEARING: &str = "clearing:manual";
const AVAILABLE: &str = "user:1001:available";
const NO_OVERDRAFT: Loosen = Loosen::Rule {
    table: "accounts",
    sqlite: [",\n    CHECK (user_id IS NULL OR balance >= 0)", ""],
    postgres: "accounts_check",
};
const ONE_UPSTREAM_ID: Loosen = Loosen::Rule {
    table: "orders",
    sqlite: [",\n    UNIQUE (provider, upstream_id)", ""],
    postgres: "orders_provider_upstream_id_key",
};
const ONE_KEY: Loosen = Loosen::Rule {
    table: "transfers",
    sqlite: ["TEXT NOT NULL UNIQUE", "TEXT NOT NULL"],
    postgres: "transfers_idempotency_key_key",
};

#[rstest]
#[case::currencies_mixed(
    "I1",
    Loosen::Trigger("transfers_guard", "transfers"),
    &[&*transfer("x", CLEARING, "provider:alpha:PKR:float", 5)]
)]
#[case::overdraft("I2", NO_OVERDRAFT, &[&*transfer("x", AVAILABLE, "revenue", 9_000_000)])]
#[case::no_hold(
    "I3",
    Loosen::Nothing,
    &["INSERT INTO orders (id, user_id, nonce, service_id, service_name, country, operator, price,
        state, version, reason, provider, cost, cost_currency, can_resend, awaits_another,
        created_at_ms, updated_at_ms, quote_until_ms, next_action_at_ms, deadline_at_ms, product)
        SELECT 99, user_id, 'n99', service_id, service_name, country, operator, price,
        state, version, reason, provider, cost, cost_currency, can_resend, awaits_another,
        created_at_ms, updated_at_ms, quote_until_ms, next_action_at_ms, deadline_at_ms, product
        FROM orders WHERE id = 4"]
)]
#[case::final_but_held("I3", Loosen::Nothing, &["UPDATE orders SET state = 'failed' WHERE id = 5"])]
#[case::paid_but_cancelled("I3", Loosen::Nothing, &["UPDATE orders SET state = 'cancelled' WHERE id = 1"])]
#[case::price_was_never_held("I3", Loosen::Nothing, &["UPDATE orders SET price = price - 1 WHERE id = 4"])]
#[case::resolved_with_less(
    "I3",
    Loosen::Trigger("transfers_no_update", "transfers"),
    // The rest goes by another transfer, so that only the resolution itself is wrong.
    &["UPDATE transfers SET amount = amount - 1 WHERE idempotency_key = 'resolve:4'",
      "INSERT INTO transfers (idempotency_key, debit_account, credit_account, amount, kind, actor, at_ms)
        SELECT 'rest', debit_account, credit_account, 1, 'adjust', 'test', 1 FROM transfers
        WHERE idempotency_key = 'resolve:4'",
      "UPDATE accounts SET balance = balance + 1 WHERE name = 'user:1001:held'",
      "UPDATE accounts SET balance = balance - 1 WHERE name = 'user:1001:available'"]
)]
#[case::held_without_hold("I4", Loosen::Nothing, &[&*transfer("x", AVAILABLE, "user:1001:held", 7)])]
#[case::nothing_delivered("I5", Loosen::Nothing, &["DELETE FROM sms WHERE order_id = 2"])]
#[case::rental_without_a_number(
    "I5",
    Loosen::Nothing,
    &["UPDATE orders SET product = 'rental', number = NULL WHERE id = 2",
      "INSERT INTO rentals (order_id, hours, is_muted) VALUES (2, 24, FALSE)"]
)]
#[case::rental_without_particulars(
    "I5",
    Loosen::Nothing,
    &["UPDATE orders SET product = 'rental' WHERE id = 2"]
)]
#[case::renewed_nothing(
    "I5",
    Loosen::Nothing,
    &["UPDATE orders SET product = 'renewal' WHERE id = 2",
      "INSERT INTO renewals (order_id, rental_id, hours, ended_before_ms) VALUES (2, 1, 24, 1)"]
)]
#[case::one_number_twice(
    "I6",
    ONE_UPSTREAM_ID,
    &["UPDATE orders SET upstream_id = '1' WHERE id = 2"]
)]
#[case::attempt_left_open(
    "I7",
    Loosen::Nothing,
    &["INSERT INTO attempts (order_id, provider, service_code, country_code, cost, currency, started_at_ms, good_reads)
        VALUES (4, 'alpha', 'x', '6', '1', 'IDR', 1, 0)"]
)]
#[case::number_from_nowhere("I7", Loosen::Nothing, &["UPDATE attempts SET outcome = 'absent' WHERE order_id = 5"])]
#[case::never_looked_at("I8", Loosen::Nothing, &["UPDATE orders SET next_action_at_ms = 0 WHERE id = 5"])]
#[case::no_deadline("I8", Loosen::Nothing, &["UPDATE orders SET deadline_at_ms = 0 WHERE id = 5"])]
#[case::balance_by_hand(
    "I11",
    Loosen::Nothing,
    &["UPDATE accounts SET balance = balance + 1 WHERE name = 'revenue'",
      "UPDATE accounts SET balance = balance - 1 WHERE name = 'clearing:manual'"]
)]
#[case::one_key_twice("I12", ONE_KEY, &[&*transfer("topup:x", CLEARING, "revenue", 0)])]
#[tokio::test]
async fn a_broken_rule_is_named(
    #[case] invariant: &str,
    #[case] loosened: Loosen,
    #[case] harm: &[&str],
) {
    let mut stage = Stage::open().await;
    ended(&stage).await;
    stage.buy(SARI, "Telegram").await;
    stage.kill().await;
    let is_sqlite = stage.database.is_sqlite();
    let raw = stage.database.connect().await;
    run(
        &raw,
        "INSERT INTO accounts (name, currency, balance) VALUES ('provider:alpha:PKR:float', 'PKR', 0)",
    )
    .await;
    if is_sqlite {
        run(&raw, "PRAGMA foreign_keys = OFF").await;
    }
    if invariant == "I12" {
        run(&raw, &transfer("topup:x", CLEARING, "revenue", 3)).await;
    }
    assert_eq!(audit::audit(&raw).await.unwrap(), []);
    loosen(&raw, is_sqlite, loosened).await;
    for sql in harm {
        if invariant == "I12" {
            run(&raw, &transfer("topup:x", CLEARING, "revenue", 3)).await;
            if is_sqlite {
                // With the table's rule its triggers went too.
                run(
                    &raw,
                    "UPDATE accounts SET balance = balance + 3 WHERE name = 'revenue'",
                )
                .await;
                run(
                    &raw,
                    "UPDATE accounts SET balance = balance - 3 WHERE name = 'clearing:manual'",
                )
                .await;
            }
        } else {
            run(&raw, sql).await;
        }
    }
    let named: BTreeSet<_> = audit::audit(&raw)
        .await
        .unwrap()
        .into_iter()
        .map(|difference| difference.invariant)
        .collect();
    assert_eq!(named, BTreeSet::from([invariant]));
    raw.close().await.unwrap();
    stage.database.drop().await;
}
