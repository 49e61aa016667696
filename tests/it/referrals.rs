//! Inviting others: who counts, what it brings, and that the books explain it.

use migrations::Migrator;
use numshop::domain::money::Money;
use numshop::domain::referral::{ReferralTerms, RewardOf};
use numshop::shop::wallet::MovementKind;
use numshop::store::Store;
use numshop::store::ledger::{self, Account};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use sea_orm_migration::MigratorTrait;

use crate::database::{Database, key};
use crate::harness::{Actor, Stage};

/// Maya and Alex were here before; ten percent of the first two purchases are granted.
async fn stage_with(terms: ReferralTerms) -> Stage {
    let mut stage = Stage::open().await;
    for person in [stage.alex(), stage.maya()] {
        person.says("/start").await;
    }
    stage.referrals = Some(terms);
    stage.stop().await;
    stage.start().await;
    stage
}

fn purchases() -> ReferralTerms {
    ReferralTerms {
        percent: 10.into(),
        of: RewardOf::Purchases,
        first: 2,
        cap: None,
    }
}

/// What stands behind `?start=` in somebody's link.
async fn link(person: &Actor<'_>) -> String {
    let invitation = person.says("/invite").await;
    let links = invitation.spans("code");
    let (_, parameter) = links[0].split_once("?start=").unwrap();
    assert!(!parameter.contains(&person.id().to_string()));
    parameter.to_owned()
}

/// Buys WhatsApp and gets the code; the price.
async fn buys(stage: &Stage, person: &Actor<'_>) -> i64 {
    person.buys("WhatsApp").await;
    let (_, held) = person.balance().await;
    stage.otpcepat.deliver_all(Some("Your code is 481-902"));
    stage.virtusim.deliver_all(Some("Your code is 481-902"));
    person.sees("Your SMS is here").await;
    person.presses("Finish").await;
    person.sees("Done.").await;
    held
}

async fn skim(stage: &Stage) {
    for person in [stage.alex(), stage.sari(), stage.maya()] {
        person.skims().await;
    }
}

#[tokio::test]
async fn a_friend_brings_a_share_of_the_first_purchases() {
    let stage = stage_with(purchases()).await;
    let alex = stage.alex();
    let wallet = alex.says("/wallet").await;
    assert!(wallet.buttons().any(|it| it.text.contains("Invite")));
    let link = link(&alex).await;
    // Sari's first contact is the link; who taps it twice comes once.
    let sari = stage.sari();
    sari.says(&format!("/start {link}")).await;
    sari.says(&format!("/start {link}")).await;
    stage.shop().choose_language(sari.id(), "en").await.unwrap();
    sari.funded(50_000).await;
    let first = buys(&stage, &sari).await;
    assert_eq!(alex.balance().await, (first / 10, 0));
    let second = buys(&stage, &sari).await;
    buys(&stage, &sari).await;
    let earned = first / 10 + second / 10;
    assert_eq!(alex.balance().await, (earned, 0), "the first two only");
    let moved = alex.wallet().await.movements;
    assert!(
        moved
            .iter()
            .all(|it| it.kind == MovementKind::Referral && !it.is_out)
    );
    let wallet = alex.says("/wallet").await;
    assert!(
        wallet.text.contains("from a friend you invited"),
        "{}",
        wallet.text
    );
    let shown = alex.says("/invite").await;
    assert!(shown.text.contains("Came so far: 1"), "{}", shown.text);
    let spent = Store::open(stage.database.url(), &key()).await.unwrap();
    let marketing = ledger::balance(spent.read(), &Account::Marketing).await;
    assert_eq!(marketing.unwrap(), Money::minor(-earned));
    spent.close().await;
    skim(&stage).await;
    stage.finish().await;
}

#[tokio::test]
async fn nobody_who_was_here_counts_nor_does_oneself() {
    let stage = stage_with(purchases()).await;
    let (alex, maya) = (stage.alex(), stage.maya());
    let own = link(&alex).await;
    alex.says(&format!("/start {own}")).await;
    maya.says(&format!("/start {own}")).await;
    maya.says("/start r_22222222").await;
    maya.says("/start r_nonsense-and-more").await;
    let shown = alex.says("/invite").await;
    assert!(shown.text.contains("Came so far: 0"), "{}", shown.text);
    // Who was invited invites on, but that leads no further and not back.
    let sari = stage.sari();
    sari.says(&format!("/start {own}")).await;
    let hers = link(&sari).await;
    alex.says(&format!("/start {hers}")).await;
    alex.funded(50_000).await;
    buys(&stage, &alex).await;
    assert_eq!(sari.balance().await, (0, 0));
    skim(&stage).await;
    stage.finish().await;
}

#[tokio::test]
async fn a_share_goes_back_with_the_money() {
    let stage = stage_with(purchases()).await;
    let (alex, maya) = (stage.alex(), stage.maya());
    let link = link(&alex).await;
    let sari = stage.sari();
    sari.says(&format!("/start {link}")).await;
    stage.shop().choose_language(sari.id(), "en").await.unwrap();
    sari.funded(50_000).await;
    let price = buys(&stage, &sari).await;
    assert_eq!(alex.balance().await, (price / 10, 0));
    let shop = stage.shop();
    let orders = shop.orders(sari.id(), 0, 5).await.unwrap();
    let order = orders.rows[0].id;
    let draft = shop
        .draft_refund_of(maya.id(), order, None, "it did not work")
        .await
        .unwrap();
    shop.refund_order(maya.id(), &draft.nonce).await.unwrap();
    assert_eq!(alex.balance().await, (0, 0));
    let wallet = alex.says("/wallet").await;
    assert!(wallet.text.contains("taken back"), "{}", wallet.text);
    skim(&stage).await;
    stage.finish().await;
}

#[tokio::test]
async fn top_ups_bring_a_share_up_to_the_cap_and_vouchers_do_not() {
    let stage = stage_with(ReferralTerms {
        of: RewardOf::TopUps,
        cap: Some(Money::minor(1_500)),
        ..purchases()
    })
    .await;
    let alex = stage.alex();
    let link = link(&alex).await;
    let sari = stage.sari();
    sari.says(&format!("/start {link}")).await;
    stage.shop().choose_language(sari.id(), "en").await.unwrap();
    let maya = stage.maya();
    maya.says("/voucher create 5000 1").await;
    let made = maya.presses("Make").await;
    let code = made.spans("code").remove(0);
    sari.says(&format!("/voucher {code}")).await;
    sari.sees("was added").await;
    assert_eq!(alex.balance().await, (0, 0), "a voucher is a gift already");
    sari.funded(10_000).await;
    assert_eq!(alex.balance().await, (1_000, 0));
    sari.funded(20_000).await;
    assert_eq!(alex.balance().await, (1_500, 0), "capped");
    skim(&stage).await;
    stage.finish().await;
}

#[tokio::test]
async fn where_it_is_off_nothing_is_promised() {
    let stage = Stage::open().await;
    let alex = stage.alex();
    alex.says("/start").await;
    let off = alex.says("/invite").await;
    assert!(off.text.contains("brings nothing here"), "{}", off.text);
    let wallet = alex.says("/wallet").await;
    assert!(wallet.buttons().all(|it| !it.text.contains("Invite")));
    alex.skims().await;
    stage.finish().await;
}

async fn numbers(connection: &DatabaseConnection, query: &str) -> Vec<i64> {
    let backend = connection.get_database_backend();
    let rows = connection.query_all_raw(Statement::from_string(backend, query));
    let rows = rows.await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

async fn names(connection: &DatabaseConnection) -> Vec<String> {
    let backend = connection.get_database_backend();
    let is_sqlite = backend == sea_orm::DbBackend::Sqlite;
    let query = if is_sqlite {
        "SELECT type || ' ' || name || ': ' || COALESCE(sql, '') FROM sqlite_master
             WHERE tbl_name = 'transfers' AND type <> 'table' ORDER BY 1"
    } else {
        "SELECT 'index ' || indexdef FROM pg_indexes WHERE tablename = 'transfers'
             UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgrelid = 'transfers'::regclass
                AND NOT tgisinternal ORDER BY 1"
    };
    let rows = connection.query_all_raw(Statement::from_string(backend, query));
    let rows = rows.await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

/// A ledger as it was before there were referrals.
const FILL: &str = "
INSERT INTO accounts (name, currency, user_id) VALUES ('clearing:manual', 'IDR', NULL),
    ('user:7:available', 'IDR', 7), ('user:7:held', 'IDR', 7), ('revenue', 'IDR', NULL);
INSERT INTO transfers (idempotency_key, debit_account, credit_account, amount, kind, order_id, resolves, actor, memo, at_ms)
    VALUES ('topup:manual:a', 1, 2, 5000, 'topup', NULL, NULL, 'admin:1', 'cash', 10);
INSERT INTO transfers (idempotency_key, debit_account, credit_account, amount, kind, order_id, resolves, actor, memo, at_ms)
    VALUES ('hold:1', 2, 3, 1200, 'hold', 1, NULL, 'user:7', NULL, 20);
INSERT INTO transfers (idempotency_key, debit_account, credit_account, amount, kind, order_id, resolves, actor, memo, at_ms)
    VALUES ('resolve:1', 3, 4, 1200, 'capture', 1, 2, 'worker', NULL, 30);
";

#[tokio::test]
async fn the_ledger_of_before_is_the_same_afterwards_and_as_strict() {
    let database = Database::fresh().await;
    let connection = database.connect().await;
    let before = Migrator::migrations()
        .iter()
        .position(|it| it.name().ends_with("referrals"))
        .unwrap();
    Migrator::up(&connection, Some(u32::try_from(before).unwrap()))
        .await
        .unwrap();
    connection.execute_unprepared(FILL).await.unwrap();
    let rows = "SELECT id * 1000000 + amount FROM transfers ORDER BY id";
    let balances = "SELECT balance FROM accounts ORDER BY id";
    let was = (
        numbers(&connection, rows).await,
        numbers(&connection, balances).await,
    );
    assert_eq!(was.1, [-5_000, 3_800, 0, 1_200]);
    let hangs_on = names(&connection).await;
    Migrator::up(&connection, None).await.unwrap();
    let is = (
        numbers(&connection, rows).await,
        numbers(&connection, balances).await,
    );
    assert_eq!(is, was);
    assert_eq!(names(&connection).await, hangs_on);
    let insert = |key: &str, kind: &str| {
        format!(
            "INSERT INTO transfers (idempotency_key, debit_account, credit_account, amount, kind, actor, at_ms)
             VALUES ('{key}', 1, 2, 10, '{kind}', 'worker', 40)"
        )
    };
    for refused in [
        "UPDATE transfers SET amount = 1 WHERE id = 1".to_owned(),
        "DELETE FROM transfers WHERE id = 3".to_owned(),
        insert("topup:manual:a", "topup"),
        insert("other", "gift"),
        insert("other", "capture"),
        "INSERT INTO transfers (idempotency_key, debit_account, credit_account, amount, kind, resolves, actor, at_ms)
            VALUES ('again', 3, 2, 1200, 'release', 2, 'worker', 50)"
            .to_owned(),
        "INSERT INTO transfers (idempotency_key, debit_account, credit_account, amount, kind, resolves, actor, at_ms)
            VALUES ('nowhere', 2, 3, 1200, 'release', 99, 'worker', 50)"
            .to_owned(),
    ] {
        let done = connection.execute_unprepared(&refused).await;
        assert!(done.is_err(), "{refused}");
    }
    connection
        .execute_unprepared(&insert("referral:1", "referral"))
        .await
        .unwrap();
    let ids = numbers(&connection, "SELECT MAX(id) FROM transfers").await;
    assert!(ids[0] > 3, "numbers go on");
    let now = numbers(&connection, balances).await;
    assert_eq!(
        now,
        [-5_010, 3_810, 0, 1_200],
        "the triggers still move balances"
    );
    connection.close().await.unwrap();
    database.drop().await;
}
