//! Made-up orders of the last months, for demonstrations and measurements.
//!
//! The database makes them up by itself, a batch at a time: nothing but a few statements goes in.
//!
//! Invariant: only a new SQLite file is filled, and its books are right: every order has its
//! steps, its transfers and what was delivered, as if it had been sold.

use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};

use crate::store::entity::orders;
use crate::store::{Store, StoreError, Tx, is_sqlite, work};

/// Orders of one transaction; a multiple of 100, so that a renewal stands beside its rental.
const BATCH: i64 = 20_000;
/// So far back they go.
const SPAN_MS: i64 = 180 * 86_400_000;
/// The last one is this old, so that all have ended.
const AGE_MS: i64 = 2 * 3_600_000;
/// Whoever has fewer orders is hardly a customer.
const ORDERS_PER_USER: i64 = 20;
const MOST_USERS: i64 = 50_000;
/// Far from the ids that demos and tests use.
const FIRST_USER: i64 = 7_000_000_000;
/// What everybody begins with, enough for whatever is held at one time.
const CREDIT: i64 = 200_000;

/// Why a database was not filled.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// Only files are filled.
    #[error("made-up orders go into an SQLite file only")]
    NotSqlite,
    /// There are orders already.
    #[error("this database has orders already; made-up ones go into a new file only")]
    NotNew,
    /// The database itself.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is filled in.
#[derive(Clone, Copy, Debug)]
struct Plan {
    orders: i64,
    users: i64,
    begin_ms: i64,
    /// From one order to the next.
    step_ms: i64,
    now_ms: i64,
}

/// Fills a new database with so many orders of all products that ended, with users, transfers,
/// steps and SMS, over the last months before `now_ms`.
///
/// # Errors
/// [`SeedError`].
pub async fn fill(store: &Store, orders: u32, now_ms: i64) -> Result<(), SeedError> {
    if !is_sqlite(store.read()) {
        return Err(SeedError::NotSqlite);
    }
    let known = orders::Entity::find().count(store.read()).await;
    if known.map_err(StoreError::from)? > 0 {
        return Err(SeedError::NotNew);
    }
    let orders = i64::from(orders.max(1));
    let plan = Plan {
        orders,
        users: (orders / ORDERS_PER_USER).clamp(1, MOST_USERS),
        begin_ms: now_ms - AGE_MS - SPAN_MS,
        step_ms: (SPAN_MS / orders).max(2),
        now_ms,
    };
    run(store, people(plan)).await?;
    let mut first = 1;
    while first <= orders {
        let last = orders.min(first + BATCH - 1);
        run(store, batch(plan, first, last)).await?;
        first = last + 1;
    }
    let seen = "UPDATE users SET seen_at_ms = (SELECT MAX(o.created_at_ms) FROM orders o WHERE o.user_id = users.id);";
    run(store, vec![seen.to_owned(), "ANALYZE;".to_owned()]).await?;
    Ok(())
}

async fn run(store: &Store, statements: Vec<String>) -> Result<(), StoreError> {
    store
        .write(move |tx: &Tx| {
            work(async move {
                for statement in &statements {
                    tx.execute_unprepared(statement).await?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .await
}

/// A number that looks random, made of the order's and of what it is for.
fn chance(number: &str, what: i64) -> String {
    format!(
        "((({number} * 2654435761 + {what} * 2246822519) % 4294967296 * 1103515245 + 12345) % 2147483648 / 128)"
    )
}

/// Numbers up to `last`, as a table.
fn count_to(first: i64, last: i64) -> String {
    format!(
        "WITH RECURSIVE c (n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM c WHERE n < {last})"
    )
}

const SHARED: &str = "
INSERT INTO services (key, name, kind, popular) VALUES
    ('wa', 'WhatsApp', 'messenger', 1), ('go', 'Google', 'mail', 3), ('fb', 'Facebook', 'social', 4),
    ('ig', 'Instagram', 'social', 5), ('lf', 'TikTok', 'social', 6), ('ka', 'Shopee', 'shopping', 7),
    ('ds', 'Discord', 'messenger', 10), ('mail-fb', 'Facebook', 'mailbox', NULL),
    ('rental-24h', '1 day', 'rental', NULL)
    ON CONFLICT (key) DO NOTHING;
INSERT INTO accounts (id, name, currency) VALUES (1, 'clearing:manual', 'IDR'), (2, 'clearing:stars', 'IDR'),
    (3, 'revenue', 'IDR'),
    (10, 'provider:virtusim:IDR:float', 'IDR'), (11, 'provider:virtusim:IDR:cost_of_goods', 'IDR'),
    (12, 'provider:otpcepat:IDR:float', 'IDR'), (13, 'provider:otpcepat:IDR:cost_of_goods', 'IDR'),
    (14, 'provider:otpgan:IDR:float', 'IDR'), (15, 'provider:otpgan:IDR:cost_of_goods', 'IDR'),
    (16, 'provider:otpget:PKR:float', 'PKR'), (17, 'provider:otpget:PKR:cost_of_goods', 'PKR');
CREATE TEMP TABLE seed (n INTEGER PRIMARY KEY, user INTEGER, wallet INTEGER, product TEXT, fate TEXT,
    at_ms INTEGER, service TEXT, provider TEXT, cost INTEGER, currency TEXT, float INTEGER, price INTEGER,
    wait_ms INTEGER, source TEXT);
";

/// Users with something to spend, and what all orders share.
fn people(plan: Plan) -> Vec<String> {
    let Plan {
        users, begin_ms, ..
    } = plan;
    let count = count_to(0, users - 1);
    let at = format!("{begin_ms} + n * {SPAN_MS} / {users} - 3600000");
    let name =
        "CASE n % 8 WHEN 0 THEN 'Budi' WHEN 1 THEN 'Siti' WHEN 2 THEN 'Agus' WHEN 3 THEN 'Dewi'
        WHEN 4 THEN 'Rina' WHEN 5 THEN 'Joko' WHEN 6 THEN 'Maria' ELSE 'Andi' END";
    vec![
        SHARED.to_owned(),
        format!(
            "INSERT INTO users (id, first_name, username, telegram_language, created_at_ms)
            {count} SELECT {FIRST_USER} + n, {name}, CASE WHEN n % 3 = 0 THEN NULL ELSE 'user' || n END,
                CASE WHEN n % 4 = 0 THEN 'en' ELSE 'id' END, {at} FROM c;"
        ),
        format!(
            "INSERT INTO accounts (id, name, currency, user_id)
            {count} SELECT 1000 + 2 * n, 'user:' || ({FIRST_USER} + n) || ':available', 'IDR', {FIRST_USER} + n FROM c
            UNION ALL SELECT 1001 + 2 * n, 'user:' || ({FIRST_USER} + n) || ':held', 'IDR', {FIRST_USER} + n FROM c;"
        ),
        format!(
            "INSERT INTO transfers (id, idempotency_key, debit_account, credit_account, amount, kind, actor, at_ms)
            {count} SELECT n + 1, 'topup:manual:first' || n, 1, 1000 + 2 * n, {CREDIT}, 'topup', 'admin:1', {at} FROM c;"
        ),
    ]
}

/// One batch: first what each order is, then all that is written down about it.
fn batch(plan: Plan, first: i64, last: i64) -> Vec<String> {
    let mut statements = vec!["DELETE FROM temp.seed;".to_owned(), what(plan, first, last)];
    statements.push(orders_of(plan));
    statements.extend(steps());
    statements.extend(delivered(plan));
    statements.push(transfers(plan));
    statements.push(
        "INSERT INTO visits (user_id, day) SELECT DISTINCT user, at_ms / 86400000 FROM temp.seed
        WHERE true ON CONFLICT (user_id, day) DO NOTHING;"
            .to_owned(),
    );
    statements
}

/// What each order is for, for whom, and how it ends.
fn what(plan: Plan, first: i64, last: i64) -> String {
    let Plan {
        orders,
        users,
        begin_ms,
        step_ms,
        now_ms,
    } = plan;
    let count = count_to(first, last);
    let (jitter, person, fate) = (chance("n", 1), chance("m", 2), chance("n", 3));
    let (cost, provider, service) = (chance("n", 4), chance("n", 5), chance("n", 6));
    let (wait, source) = (chance("n", 7), chance("n", 8));
    // What was rented before that has ended by now.
    let rented_before_ms = now_ms - 3 * 86_400_000;
    format!(
        "INSERT INTO temp.seed
        {count},
        a AS (SELECT n, CASE n % 100 WHEN 99 THEN n - 1 ELSE n END AS m,
            {begin_ms} + n * {step_ms} + {jitter} % {step_ms} AS at_ms FROM c),
        b AS (SELECT *, {person} % (1 + m * ({users} - 1) / {orders}) AS u, {fate} % 100 AS f,
            CASE WHEN n % 100 < 84 THEN 'activation' WHEN n % 100 < 92 THEN 'mailbox'
                WHEN at_ms > {rented_before_ms} THEN 'activation' WHEN n % 100 = 99 THEN 'renewal' ELSE 'rental' END AS product
            FROM a),
        d AS (SELECT *, CASE product WHEN 'activation' THEN 1200 + {cost} % 40 * 100 WHEN 'mailbox' THEN 30 ELSE 150 END AS cost,
            {provider} % 3 AS p, {service} % 20 AS s, {wait} % 100 AS w, {source} % 10 AS t FROM b)
        SELECT n, {FIRST_USER} + u, 1000 + 2 * u, product,
            CASE WHEN product IN ('rental', 'renewal') THEN CASE WHEN n % 100 >= 98 OR f < 95 THEN 'completed' ELSE 'failed' END
                WHEN f < 68 THEN 'completed' WHEN f < 88 THEN 'cancelled' WHEN f < 96 THEN 'expired' ELSE 'failed' END,
            at_ms,
            CASE product WHEN 'mailbox' THEN 'mail-fb' WHEN 'activation' THEN
                CASE WHEN s < 8 THEN 'wa' WHEN s < 11 THEN 'go' WHEN s < 14 THEN 'fb' WHEN s < 16 THEN 'ig'
                    WHEN s < 18 THEN 'lf' WHEN s < 19 THEN 'ka' ELSE 'ds' END
                ELSE 'rental-24h' END,
            CASE product WHEN 'activation' THEN CASE p WHEN 0 THEN 'virtusim' WHEN 1 THEN 'otpcepat' ELSE 'otpgan' END
                WHEN 'mailbox' THEN 'otpget-mailboxes' ELSE 'otpget-rentals' END,
            cost, CASE product WHEN 'activation' THEN 'IDR' ELSE 'PKR' END,
            CASE product WHEN 'activation' THEN 10 + 2 * p ELSE 16 END,
            CASE product WHEN 'activation' THEN (cost * 125 + 9999) / 10000 * 100 ELSE (cost * 58 * 125 + 9999) / 10000 * 100 END,
            4000 + w * w * 25,
            CASE WHEN t < 5 THEN 'manual' WHEN t < 8 THEN 'request' ELSE 'stars' END
        FROM d;"
    )
}

fn orders_of(plan: Plan) -> String {
    let now_ms = plan.now_ms;
    format!(
        "INSERT INTO orders (id, user_id, nonce, product, service_id, service_name, country, price, state, version, reason,
            provider, purse, upstream_id, number, cost, cost_currency, can_resend, awaits_another, created_at_ms,
            updated_at_ms, quote_until_ms, expires_at_ms, next_action_at_ms, deadline_at_ms)
        SELECT n, user, 'seed' || n, product, v.id, v.name, CASE currency WHEN 'IDR' THEN 'ID' ELSE 'US' END, price, fate, 5,
            CASE fate WHEN 'failed' THEN 'out_of_stock' END, provider,
            CASE currency WHEN 'PKR' THEN 'otpget' END,
            CASE fate WHEN 'failed' THEN NULL ELSE 'S' || n END,
            CASE WHEN fate = 'failed' THEN NULL WHEN product = 'mailbox' THEN 'box' || n || '@example.com'
                ELSE '62899' || (10000000 + CASE product WHEN 'renewal' THEN n - 1 ELSE n END) END,
            CAST(cost AS TEXT), currency, 0, 0, at_ms,
            CASE fate WHEN 'completed' THEN MIN(at_ms + wait_ms + 60000, {now_ms}) WHEN 'cancelled' THEN at_ms + 200000
                WHEN 'expired' THEN at_ms + 1203000 ELSE at_ms + 3000 END,
            at_ms + 600000, CASE WHEN fate = 'failed' THEN NULL WHEN product IN ('rental', 'renewal') THEN at_ms + 86400000
                ELSE at_ms + 1203000 END,
            at_ms + 600000, at_ms + 1323000
        FROM temp.seed JOIN services v ON v.key = service ORDER BY n;"
    )
}

/// The story of each order, one kind of step after the other, and its purchase call.
fn steps() -> Vec<String> {
    let paid_on_arrival = "product IN ('rental', 'renewal')";
    let bought = format!("fate <> 'failed' AND NOT {paid_on_arrival}");
    let delivered = format!("fate = 'completed' AND NOT {paid_on_arrival}");
    let rented = format!("fate = 'completed' AND {paid_on_arrival}");
    let step = |event: &str, from: &str, to: &str, after: &str, of: &str| {
        format!(
            "INSERT INTO order_events (order_id, event, from_state, to_state, at_ms)
            SELECT n, '{event}', '{from}', '{to}', at_ms + {after} FROM temp.seed WHERE {of} ORDER BY n;"
        )
    };
    vec![
        step("Confirmed", "quoted", "held", "0", "true"),
        step("AttemptStarted", "held", "placing", "1000", "true"),
        step("GaveUp", "placing", "failed", "3000", "fate = 'failed'"),
        step("NumberBought", "placing", "waiting", "3000", &bought),
        step("SmsArrived", "waiting", "received", "3000 + wait_ms", &delivered),
        step("Finished", "received", "completed", "60000 + wait_ms", &delivered),
        step("CancelAsked", "waiting", "cancelling", "190000", "fate = 'cancelled'"),
        step("ClosedUpstream", "cancelling", "cancelled", "200000", "fate = 'cancelled'"),
        step("TimeUp", "waiting", "expired", "1203000", "fate = 'expired'"),
        step("Delivered", "placing", "received", "3000", &rented),
        step("TimeUp", "received", "completed", "86400000", &rented),
        "INSERT INTO attempts (order_id, provider, purse, service_code, country_code, cost, currency, price,
            started_at_ms, good_reads, outcome, detail, closed_at_ms)
        SELECT n, provider, CASE currency WHEN 'PKR' THEN 'otpget' END, service, '6', CAST(cost AS TEXT), currency, price,
            at_ms + 1000, 0, CASE fate WHEN 'failed' THEN 'refused' ELSE 'bought' END,
            CASE fate WHEN 'failed' THEN 'out of stock' END, at_ms + 3000
        FROM temp.seed ORDER BY n;"
            .to_owned(),
    ]
}

/// What came: codes, and rentals with their renewals.
fn delivered(plan: Plan) -> Vec<String> {
    let Plan {
        begin_ms, step_ms, ..
    } = plan;
    let before = chance("(n - 1)", 1);
    let end = format!("{begin_ms} + (n - 1) * {step_ms} + {before} % {step_ms} + 86400000");
    let code = format!("100000 + {} % 900000", chance("n", 9));
    vec![
        format!(
            "INSERT INTO sms (order_id, text, code, seen_at_ms)
            SELECT n, 'Your code is ' || ({code}), CAST({code} AS TEXT), at_ms + 3000 + wait_ms
            FROM temp.seed WHERE fate = 'completed' AND product IN ('activation', 'mailbox') ORDER BY n;"
        ),
        "INSERT INTO rentals (order_id, hours, is_muted) SELECT n, 24, 0 FROM temp.seed WHERE product = 'rental';"
            .to_owned(),
        format!(
            "INSERT INTO renewals (order_id, rental_id, hours, ended_before_ms, ends_at_ms)
            SELECT n, n - 1, 24, {end}, {end} + 86400000 FROM temp.seed WHERE product = 'renewal';"
        ),
        "INSERT INTO star_payments (charge_id, user_id, stars, credit, state, paid_at_ms, updated_at_ms)
        SELECT 'seed' || n, user, price / 200 + 1, price, 'credited', at_ms - 60000, at_ms - 60000
        FROM temp.seed WHERE fate = 'completed' AND source = 'stars';"
            .to_owned(),
    ]
}

/// The transfers of each order in their order: what came in, the hold and its end, the cost and
/// where it came back. Each has a number of its own, for the end names the hold.
fn transfers(plan: Plan) -> String {
    let users = plan.users;
    let id = |place: i64| format!("{users} + (n - 1) * 5 + {place}");
    let (first, hold, end, cost, back) = (id(1), id(2), id(3), id(4), id(5));
    format!(
        "INSERT INTO transfers (id, idempotency_key, debit_account, credit_account, amount, kind, order_id, resolves, actor, at_ms)
        SELECT * FROM (
            SELECT {first} AS id, 'topup:' || source || ':seed' || n, CASE source WHEN 'stars' THEN 2 ELSE 1 END, wallet, price,
                'topup', NULL, NULL, CASE source WHEN 'stars' THEN 'worker' ELSE 'admin:1' END, at_ms - 60000
            FROM temp.seed WHERE fate = 'completed'
            UNION ALL SELECT {hold}, 'hold:' || n, wallet, wallet + 1, price, 'hold', n, NULL, 'user:' || user, at_ms FROM temp.seed
            UNION ALL SELECT {end}, 'resolve:' || n, wallet + 1, CASE fate WHEN 'completed' THEN 3 ELSE wallet END, price,
                CASE fate WHEN 'completed' THEN 'capture' ELSE 'release' END, n, {hold}, 'worker',
                CASE WHEN fate = 'completed' AND product IN ('activation', 'mailbox') THEN at_ms + 3000 + wait_ms
                    WHEN fate = 'cancelled' THEN at_ms + 200000 WHEN fate = 'expired' THEN at_ms + 1203000 ELSE at_ms + 3000 END
            FROM temp.seed
            UNION ALL SELECT {cost}, 'cost:' || n, float, float + 1, cost * 1000000, 'cost', n, NULL, 'worker', at_ms + 3000
            FROM temp.seed WHERE fate <> 'failed'
            UNION ALL SELECT {back}, 'cost_refund:' || n, float + 1, float, cost * 1000000, 'cost_refund', n, NULL, 'worker', at_ms + 200000
            FROM temp.seed WHERE fate IN ('cancelled', 'expired')
        ) ORDER BY 1;"
    )
}
