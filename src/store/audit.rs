//! Recomputes the ledger and compares it with what the books say.
//!
//! Invariant: an audit only reads. It names every difference; no difference is too small.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use crate::store::{StoreError, is_sqlite};

/// A difference between the books and what they must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which rule is broken: `I1`.
    pub invariant: &'static str,
    /// What is wrong, in one sentence without anything personal.
    pub detail: String,
}

/// One rule: a query whose every row is a difference, worded by its `detail` column.
struct Rule {
    invariant: &'static str,
    query: &'static str,
}

/// The rules that can be broken so far. `||`, `CAST`, `RTRIM` and `REPLACE` read the same in both
/// databases. Where a key holds an id, one side of the comparison is a column as it stands: a
/// million rows are not compared each with each.
const RULES: &[Rule] = &[
    Rule {
        invariant: "I1",
        query: "SELECT 'the balances in ' || currency || ' sum up to ' || CAST(SUM(balance) AS TEXT) || ', not 0' AS detail
            FROM accounts GROUP BY currency HAVING SUM(balance) <> 0",
    },
    Rule {
        invariant: "I2",
        query: "SELECT 'account ' || CAST(id AS TEXT) || ' of a user holds ' || CAST(balance AS TEXT) AS detail
            FROM accounts WHERE user_id IS NOT NULL AND balance < 0",
    },
    Rule {
        invariant: "I3",
        query: "SELECT 'order ' || CAST(o.id AS TEXT) || ' is ' || o.state || ' with ' || CAST(COUNT(h.id) AS TEXT)
                || ' holds of which ' || CAST(COUNT(r.id) AS TEXT) || ' are resolved' AS detail
            FROM orders o
            LEFT JOIN transfers h ON h.order_id = o.id AND h.kind = 'hold'
            LEFT JOIN transfers r ON r.resolves = h.id
            WHERE o.price > 0
            GROUP BY o.id, o.state
            HAVING COUNT(h.id) NOT IN (1, 2) OR COUNT(h.id) - COUNT(r.id)
                <> CASE WHEN o.state IN ('received', 'completed', 'cancelled', 'expired', 'failed') THEN 0 ELSE 1 END",
    },
    // A price that is lowered releases the whole hold and holds the lower price instead.
    Rule {
        invariant: "I3",
        query: "SELECT 'order ' || CAST(o.id AS TEXT) || ' costs ' || CAST(o.price AS TEXT) || ' but last held '
                || CAST(h.amount AS TEXT) AS detail
            FROM orders o JOIN transfers h ON h.order_id = o.id AND h.kind = 'hold'
            WHERE o.price > 0 AND h.amount <> o.price AND NOT EXISTS (SELECT 1 FROM transfers later
                WHERE later.order_id = o.id AND later.kind = 'hold' AND later.id > h.id)",
    },
    Rule {
        invariant: "I3",
        query: "SELECT 'transfer ' || CAST(r.id AS TEXT) || ' resolves another amount or order than its hold ' || CAST(h.id AS TEXT) AS detail
            FROM transfers r JOIN transfers h ON h.id = r.resolves
            WHERE h.kind <> 'hold' OR r.amount <> h.amount OR r.debit_account <> h.credit_account
                OR r.order_id <> h.order_id
                OR (r.kind = 'release' AND r.credit_account <> h.debit_account)",
    },
    Rule {
        invariant: "I3",
        query: "SELECT 'order ' || CAST(o.id AS TEXT) || ' is ' || o.state || ' but its hold was ended by a ' || r.kind AS detail
            FROM orders o
            JOIN transfers h ON h.order_id = o.id AND h.kind = 'hold'
            JOIN transfers r ON r.resolves = h.id
            WHERE r.kind <> CASE WHEN o.state IN ('received', 'completed') AND o.price > 0
                    AND NOT EXISTS (SELECT 1 FROM transfers later
                        WHERE later.order_id = o.id AND later.kind = 'hold' AND later.id > h.id)
                THEN 'capture' ELSE 'release' END",
    },
    Rule {
        invariant: "I4",
        query: "SELECT 'account ' || CAST(a.id AS TEXT) || ' holds ' || CAST(a.balance AS TEXT) || ' but open holds sum up to '
                || CAST(COALESCE(open.amount, 0) AS TEXT) AS detail
            FROM accounts a
            LEFT JOIN (SELECT h.credit_account AS account, SUM(h.amount) AS amount FROM transfers h
                WHERE h.kind = 'hold' AND NOT EXISTS (SELECT 1 FROM transfers r WHERE r.resolves = h.id)
                GROUP BY h.credit_account) open ON open.account = a.id
            WHERE a.name LIKE 'user:%:held' AND a.balance <> COALESCE(open.amount, 0)",
    },
    Rule {
        invariant: "I5",
        query: "SELECT 'order ' || CAST(o.id AS TEXT) || ' is paid but nothing was delivered' AS detail
            FROM orders o WHERE o.state IN ('received', 'completed')
                AND CASE WHEN o.product IN ('rental', 'renewal') THEN COALESCE(o.number, '') = '' AND o.erased_at_ms IS NULL
                    ELSE NOT EXISTS (SELECT 1 FROM sms s WHERE s.order_id = o.id) END",
    },
    Rule {
        invariant: "I5",
        query: "SELECT 'order ' || CAST(o.id AS TEXT) || ' is paid but renewed nothing' AS detail
            FROM orders o LEFT JOIN renewals r ON r.order_id = o.id
            WHERE o.product = 'renewal' AND o.state IN ('received', 'completed')
                AND COALESCE(r.ends_at_ms, 0) <= COALESCE(r.ended_before_ms, 0)",
    },
    Rule {
        invariant: "I5",
        query: "SELECT 'order ' || CAST(o.id AS TEXT) || ' is a ' || o.product || ' without its particulars' AS detail
            FROM orders o WHERE (o.product = 'rental' AND NOT EXISTS (SELECT 1 FROM rentals r WHERE r.order_id = o.id))
                OR (o.product = 'renewal' AND NOT EXISTS (SELECT 1 FROM renewals r WHERE r.order_id = o.id))",
    },
    Rule {
        invariant: "I6",
        query: "SELECT CAST(COUNT(*) AS TEXT) || ' orders share one id at ' || provider AS detail
            FROM orders WHERE upstream_id IS NOT NULL GROUP BY provider, upstream_id HAVING COUNT(*) > 1",
    },
    Rule {
        invariant: "I7",
        query: "SELECT 'order ' || CAST(o.id AS TEXT) || ' is ' || o.state || ' with ' || CAST(COUNT(t.id) AS TEXT)
                || ' unresolved purchase attempts' AS detail
            FROM orders o LEFT JOIN attempts t ON t.order_id = o.id AND t.outcome IS NULL
            GROUP BY o.id, o.state
            HAVING COUNT(t.id) <> CASE WHEN o.state IN ('placing', 'in_doubt') THEN 1 ELSE 0 END",
    },
    Rule {
        invariant: "I7",
        query: "SELECT 'order ' || CAST(o.id AS TEXT) || ' has a number but no attempt that bought it' AS detail
            FROM orders o WHERE o.upstream_id IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM attempts t WHERE t.order_id = o.id AND t.outcome = 'bought')",
    },
    Rule {
        invariant: "I8",
        query: "SELECT 'order ' || CAST(id AS TEXT) || ' is ' || state || ' without a next action before its deadline' AS detail
            FROM orders WHERE state NOT IN ('completed', 'cancelled', 'expired', 'failed')
                AND (next_action_at_ms <= 0 OR deadline_at_ms <= 0)",
    },
    Rule {
        invariant: "I9",
        query: "SELECT 'the balance at ' || provider || ' differs by ' || CAST(seen - settled AS TEXT) || ' millionths of ' || currency
                || ' from what the books explain; see /doubts' AS detail
            FROM floats WHERE seen <> settled AND told IS NOT NULL",
    },
    Rule {
        invariant: "I9",
        query: "SELECT 'account ' || CAST(a.id AS TEXT) || ' holds ' || CAST(a.balance AS TEXT) || ' but purchases without proof cost '
                || CAST(COALESCE(unproven.amount, 0) AS TEXT) AS detail
            FROM accounts a
            LEFT JOIN (SELECT t.credit_account AS account, SUM(t.amount) AS amount FROM transfers t
                JOIN attempts p ON p.order_id = t.order_id AND p.outcome = 'unknown'
                WHERE t.kind = 'cost' GROUP BY t.credit_account) unproven ON unproven.account = a.id
            WHERE a.name LIKE 'provider:%:suspense' AND a.balance <> COALESCE(unproven.amount, 0)",
    },
    Rule {
        invariant: "I10",
        query: "SELECT 'payment ' || p.charge_id || ' of ' || CAST(p.credit AS TEXT) || ' is credited with '
                || CAST(COALESCE(t.amount, 0) AS TEXT) AS detail
            FROM star_payments p
            LEFT JOIN (SELECT t.idempotency_key, t.amount, a.user_id FROM transfers t
                JOIN accounts a ON a.id = t.credit_account WHERE t.kind = 'topup') t
                ON t.idempotency_key = 'topup:stars:' || p.charge_id
            WHERE t.amount IS NULL OR t.amount <> p.credit OR t.user_id IS NULL OR t.user_id <> p.user_id",
    },
    Rule {
        invariant: "I10",
        query: "SELECT 'transfer ' || CAST(t.id AS TEXT) || ' credits Stars that nobody paid' AS detail
            FROM transfers t JOIN accounts a ON a.id = t.debit_account
            WHERE a.name = 'clearing:stars' AND t.kind = 'topup'
                AND NOT EXISTS (SELECT 1 FROM star_payments p
                    WHERE p.charge_id = SUBSTR(t.idempotency_key, 13) AND 'topup:stars:' || p.charge_id = t.idempotency_key)",
    },
    Rule {
        invariant: "I10",
        query: "SELECT 'payment ' || p.charge_id || ' is ' || p.state || ' but ' || CAST(COALESCE(SUM(r.amount), 0) AS TEXT)
                || ' of ' || CAST(p.credit AS TEXT) || ' left the wallet for it' AS detail
            FROM star_payments p
            LEFT JOIN (SELECT REPLACE(RTRIM(t.idempotency_key, '0123456789'), 'refund_undone:', 'refund:') AS stem,
                    CASE WHEN d.user_id IS NULL THEN -t.amount ELSE t.amount END AS amount
                FROM transfers t JOIN accounts d ON d.id = t.debit_account WHERE t.kind = 'stars_refund') r
                ON r.stem = 'refund:stars:' || p.charge_id || ':'
            GROUP BY p.charge_id, p.state, p.credit
            HAVING COALESCE(SUM(r.amount), 0)
                <> CASE WHEN p.state IN ('refunding', 'refunded') THEN p.credit ELSE 0 END",
    },
    Rule {
        invariant: "I11",
        query: "SELECT 'account ' || CAST(a.id AS TEXT) || ' shows ' || CAST(a.balance AS TEXT) || ' but its transfers give '
                || CAST(COALESCE(c.amount, 0) - COALESCE(d.amount, 0) AS TEXT) AS detail
            FROM accounts a
            LEFT JOIN (SELECT credit_account AS account, SUM(amount) AS amount FROM transfers GROUP BY credit_account) c ON c.account = a.id
            LEFT JOIN (SELECT debit_account AS account, SUM(amount) AS amount FROM transfers GROUP BY debit_account) d ON d.account = a.id
            WHERE a.balance <> COALESCE(c.amount, 0) - COALESCE(d.amount, 0)",
    },
    // A voucher brings as much as its uses, and no more.
    Rule {
        invariant: "I13",
        query: "SELECT 'voucher ' || CAST(v.id AS TEXT) || ' was used ' || CAST(v.used AS TEXT) || ' times but brought '
                || CAST(COALESCE(t.uses, 0) AS TEXT) || ' credits to ' || CAST(COALESCE(u.uses, 0) AS TEXT) || ' uses' AS detail
            FROM vouchers v
            LEFT JOIN (SELECT voucher_id, COUNT(*) AS uses FROM voucher_uses GROUP BY voucher_id) u ON u.voucher_id = v.id
            LEFT JOIN (SELECT RTRIM(t.idempotency_key, '0123456789') AS stem, COUNT(*) AS uses,
                    MIN(t.amount) AS least, MAX(t.amount) AS most
                FROM transfers t JOIN accounts a ON a.id = t.debit_account WHERE a.name = 'clearing:voucher'
                GROUP BY RTRIM(t.idempotency_key, '0123456789')) t ON t.stem = 'topup:voucher:' || CAST(v.id AS TEXT) || ':'
            WHERE v.used <> COALESCE(u.uses, 0) OR v.used <> COALESCE(t.uses, 0) OR v.used > v.uses
                OR t.least <> v.amount OR t.most <> v.amount",
    },
    // What inviting brought is what was booked for it, to whom it belongs.
    Rule {
        invariant: "I14",
        query: "SELECT 'the share of ' || r.source || ' is ' || CAST(r.amount AS TEXT) || ' less ' || CAST(r.taken_back AS TEXT)
                || ' but ' || CAST(COALESCE(t.amount, 0) AS TEXT) || ' less ' || CAST(COALESCE(b.amount, 0) AS TEXT) || ' was booked' AS detail
            FROM referral_rewards r
            LEFT JOIN referrals i ON i.invited_id = r.invited_id
            LEFT JOIN transfers t ON t.idempotency_key = 'referral:' || r.source
            LEFT JOIN transfers b ON b.idempotency_key = 'referral_back:' || r.source
            LEFT JOIN accounts a ON a.id = t.credit_account
            LEFT JOIN accounts c ON c.id = b.debit_account
            WHERE COALESCE(t.amount, 0) <> r.amount OR COALESCE(b.amount, 0) <> r.taken_back
                OR COALESCE(a.user_id, r.referrer_id) <> r.referrer_id OR COALESCE(c.user_id, r.referrer_id) <> r.referrer_id
                OR COALESCE(i.referrer_id, 0) <> r.referrer_id",
    },
    Rule {
        invariant: "I14",
        query: "SELECT 'transfer ' || CAST(t.id AS TEXT) || ' is a share of nothing that is known' AS detail
            FROM transfers t WHERE t.kind = 'referral' AND NOT EXISTS (SELECT 1 FROM referral_rewards r
                WHERE r.source = CASE WHEN t.idempotency_key LIKE 'referral_back:%' THEN SUBSTR(t.idempotency_key, 15)
                    ELSE SUBSTR(t.idempotency_key, 10) END)",
    },
    Rule {
        invariant: "I14",
        query: "SELECT 'order ' || CAST(t.order_id AS TEXT) || ' was paid ' || CAST(SUM(CASE WHEN t.kind = 'capture' THEN t.amount ELSE 0 END) AS TEXT)
                || ' but ' || CAST(SUM(CASE WHEN t.kind = 'goodwill' THEN t.amount ELSE 0 END) AS TEXT) || ' was given back' AS detail
            FROM transfers t WHERE t.kind IN ('capture', 'goodwill') GROUP BY t.order_id
            HAVING SUM(CASE WHEN t.kind = 'capture' THEN t.amount ELSE -t.amount END) < 0",
    },
    Rule {
        invariant: "I12",
        query: "SELECT CAST(COUNT(*) AS TEXT) || ' transfers share one key' AS detail
            FROM transfers GROUP BY idempotency_key HAVING COUNT(*) > 1",
    },
];

#[derive(Debug, FromQueryResult)]
struct Detail {
    detail: String,
}

/// Checks every rule and the file itself.
///
/// # Errors
/// Only the database's own: an audit that could not be done is no clean audit.
pub async fn audit(connection: &impl ConnectionTrait) -> Result<Vec<Difference>, StoreError> {
    let backend = connection.get_database_backend();
    let mut differences = Vec::new();
    for rule in RULES {
        let rows = Detail::find_by_statement(Statement::from_string(backend, rule.query))
            .all(connection)
            .await?;
        differences.extend(rows.into_iter().map(|row| Difference {
            invariant: rule.invariant,
            detail: row.detail,
        }));
    }
    if is_sqlite(connection) {
        differences.extend(check_file(connection).await?);
    }
    Ok(differences)
}

/// SQLite's own check of the file and of its foreign keys.
async fn check_file(connection: &impl ConnectionTrait) -> Result<Vec<Difference>, StoreError> {
    let backend = connection.get_database_backend();
    let rows = Detail::find_by_statement(Statement::from_string(
        backend,
        "SELECT integrity_check AS detail FROM pragma_integrity_check WHERE integrity_check <> 'ok'
         UNION ALL SELECT 'a row of ' || \"table\" || ' points nowhere' FROM pragma_foreign_key_check",
    ))
    .all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Difference {
            invariant: "file",
            detail: row.detail,
        })
        .collect())
}
