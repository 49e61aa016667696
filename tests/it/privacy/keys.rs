//! Keys: made, refused, changed while rows of several are there, and given to a database that
//! never had one.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use migrations::Migrator;
use numshop::domain::id::OrderId;
use numshop::store::open::OpenError;
use numshop::store::sealed::keyfile::{self, DataKey, KeyError};
use numshop::store::sealed::new_key;
use numshop::store::{Store, orders, work};
use sea_orm::ConnectionTrait;
use sea_orm_migration::MigratorTrait;
use secrecy::ExposeSecret;

use crate::database::{Database, KEY};
use crate::rig::Rig;

/// Rows of an old database: more than two batches.
const ROWS: u64 = 450;

/// A key, and one newer that stands in front of it.
pub(super) fn old_and_both() -> (DataKey, DataKey) {
    let both = format!("{},{KEY}", new_key().expose_secret());
    (DataKey::Given(KEY.into()), DataKey::Given(both.into()))
}

const USER: &str = "INSERT INTO users (id, first_name, created_at_ms) VALUES (7, 'Ann', 1)";

fn an_order(id: u64) -> String {
    format!(
        "INSERT INTO orders (id, user_id, nonce, service_id, service_name, country, price, state,
            version, number, can_resend, awaits_another, created_at_ms, updated_at_ms,
            quote_until_ms, next_action_at_ms, deadline_at_ms)
         VALUES ({id}, 7, 'n{id}', 1, 'WhatsApp', 'ID', 0, 'failed', 1, '628110{id:06}', FALSE,
            FALSE, 1, 1, 1, 1, 1)"
    )
}

/// A database with one order; its id.
pub(super) async fn with_one_order(database: &Database, key: &DataKey) -> OrderId {
    let store = Store::open(database.url(), key).await.unwrap();
    store.close().await;
    let raw = database.connect().await;
    for sql in [USER.to_owned(), an_order(1)] {
        raw.execute_unprepared(&sql).await.unwrap();
    }
    raw.close().await.unwrap();
    OrderId(1)
}

/// Whether an SMS was new.
pub(super) async fn adds(
    database: &Database,
    key: &DataKey,
    order: OrderId,
    sms: orders::NewSms,
) -> bool {
    let store = Store::open(database.url(), key).await.unwrap();
    let added = store
        .write(move |tx| work(async move { orders::add_sms(tx, order, sms, 1).await }))
        .await
        .unwrap();
    store.close().await;
    added
}

/// A database as it was before anything was sealed.
async fn old_database() -> Database {
    let database = Database::fresh().await;
    let sealed = |name: &str| name.ends_with("_sealed");
    let before = Migrator::migrations()
        .iter()
        .position(|migration| sealed(migration.name()))
        .unwrap();
    let raw = database.connect().await;
    let steps = u32::try_from(before).unwrap();
    Migrator::up(&raw, Some(steps)).await.unwrap();
    raw.execute_unprepared(USER).await.unwrap();
    for id in 1..=ROWS {
        raw.execute_unprepared(&an_order(id)).await.unwrap();
        let sms = format!(
            "INSERT INTO sms (order_id, text, code, seen_at_ms)
             VALUES ({id}, 'Xanadu says {id:06}', '{id:06}', 1)"
        );
        raw.execute_unprepared(&sms).await.unwrap();
    }
    raw.close().await.unwrap();
    database
}

/// Reads every number and every text through the store.
async fn reads_as_it_was(database: &Database, key: &DataKey) {
    let store = Store::open(database.url(), key).await.unwrap();
    let ids: Vec<i64> = (1..=i64::try_from(ROWS).unwrap()).collect();
    let rows = orders::newest(store.read(), 10_000).await.unwrap();
    assert_eq!(rows.len(), ids.len());
    for row in rows {
        assert_eq!(row.number, Some(format!("628110{:06}", row.id)));
    }
    let texts = orders::sms_of(store.read(), ids).await.unwrap();
    for sms in texts {
        assert_eq!(sms.text, format!("Xanadu says {:06}", sms.order_id));
        assert_eq!(sms.code, Some(format!("{:06}", sms.order_id)));
    }
    let found = orders::with_number(store.read(), "+62 811 0000 007", 9);
    assert!(found.await.unwrap().len() <= 1);
    store.close().await;
}

/// Runs `numshop rekey`; whether it ended well, and what it said.
async fn rekeys(rig: &Rig, keys: &str, dies_at: Option<&str>) -> (bool, String) {
    let mut command = rig.command("rekey");
    command.env("DATA_KEY", keys).stdout(Stdio::piped());
    if let Some(passage) = dies_at {
        command.env("NUMSHOP_DIES_AT", format!("rows were sealed anew{passage}"));
    }
    let output = command.output().await.unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    (output.status.success(), said)
}

const SEALED: &str = "SELECT COUNT(*) FROM orders WHERE number LIKE 'k%'";

#[tokio::test]
async fn an_old_database_is_read_and_sealed_and_its_key_is_changed_by_halves() {
    let rig = Rig::furnish(old_database().await).await;
    let (old, _) = old_and_both();
    reads_as_it_was(&rig.database, &old).await;
    assert_eq!(rig.number(SEALED).await, 0);

    let (well, _) = rekeys(&rig, KEY, Some("")).await;
    assert!(!well, "it was to die after a batch");
    assert_eq!(rig.number(SEALED).await, 200);
    reads_as_it_was(&rig.database, &old).await;
    let (well, said) = rekeys(&rig, KEY, None).await;
    assert!(well, "{said}");
    assert!(said.contains("700 rows were sealed"), "{said}");
    assert!(said.contains("no longer needed"), "{said}");
    super::holds_none_of(&rig.database, &["628110000", "Xanadu"]).await;

    let newest = new_key();
    let both = format!("{},{KEY}", newest.expose_secret());
    let (well, _) = rekeys(&rig, &both, Some(":3")).await;
    assert!(!well, "it was to die after three batches");
    // Rows of both keys are there, and neither key alone is enough.
    reads_as_it_was(&rig.database, &DataKey::Given(both.clone().into())).await;
    for alone in [KEY, newest.expose_secret()] {
        let refused = Store::open(rig.database.url(), &DataKey::Given(alone.into())).await;
        let wrong = matches!(refused, Err(OpenError::Key(KeyError::Wrong { .. })));
        assert!(wrong, "{refused:?}");
    }
    let (well, said) = rekeys(&rig, &both, None).await;
    assert!(well, "{said}");
    let (well, said) = rekeys(&rig, &both, None).await;
    assert!(well && said.contains("0 rows were sealed"), "{said}");
    reads_as_it_was(&rig.database, &DataKey::Given(newest)).await;
    let refused = Store::open(rig.database.url(), &old).await.unwrap_err();
    assert!(
        refused.to_string().contains("none of the keys"),
        "{refused}"
    );
    rig.database.drop().await;
}

#[tokio::test]
async fn a_shop_whose_key_is_lost_goes_on_without_what_was_sealed() {
    let rig = Rig::furnish(old_database().await).await;
    let (well, said) = rekeys(&rig, KEY, None).await;
    assert!(well, "{said}");
    let mut command = rig.command("newkey");
    let said = command.arg("--lost").stdout(Stdio::piped()).output().await;
    let said = String::from_utf8(said.unwrap().stdout).unwrap();
    assert!(
        said.contains(&format!("in {ROWS} orders is erased")),
        "{said}"
    );
    let fresh = DataKey::Given(new_key());
    let store = Store::open(rig.database.url(), &fresh).await.unwrap();
    let rows = orders::newest(store.read(), 10_000).await.unwrap();
    assert!(
        rows.iter()
            .all(|row| row.number.is_none() && row.erased_at_ms.is_some())
    );
    let texts = orders::sms_of(store.read(), vec![1, 2, 3]).await.unwrap();
    assert!(texts.len() == 3 && texts.iter().all(|sms| sms.text.is_empty()));
    store.close().await;
    rig.database.drop().await;
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_nothing_is_written() {
    let database = Database::fresh().await;
    let (old, _) = old_and_both();
    with_one_order(&database, &old).await;
    let before = super::content(&database).await;
    for _ in 0..2 {
        let other = DataKey::Given(new_key());
        let refused = Store::open(database.url(), &other).await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("nothing was read or written"), "{refused}");
        assert!(!refused.contains('\n'), "{refused}");
    }
    assert!(super::content(&database).await == before, "it was written");
    let raw = database.connect().await;
    // A key of the right name that does not open the value.
    raw.execute_unprepared("UPDATE data_keys SET check_value = 'forged'")
        .await
        .unwrap();
    raw.close().await.unwrap();
    let refused = Store::open(database.url(), &old).await.unwrap_err();
    assert!(
        matches!(refused, OpenError::Key(KeyError::Forged { .. })),
        "{refused}"
    );
    database.drop().await;
}

#[tokio::test]
async fn a_file_of_keys_is_made_once_and_is_its_owner_s_alone() {
    let database = Database::sqlite();
    let beside = DataKey::Beside(".".into());
    let path = beside.file(database.url()).unwrap();
    assert!(path.ends_with("numshop.db-key"), "{}", path.display());
    for _ in 0..2 {
        let store = Store::open(database.url(), &beside).await.unwrap();
        store.close().await;
    }
    let mode = |mode| std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
    let found = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(found & 0o777, 0o600);
    let refused = async || {
        let opened = Store::open(database.url(), &beside).await;
        let Err(OpenError::Key(refused)) = opened else {
            panic!("{opened:?}");
        };
        refused
    };
    mode(0o640);
    assert!(matches!(refused().await, KeyError::Open { .. }));
    mode(0o400);
    Store::open(database.url(), &beside)
        .await
        .unwrap()
        .close()
        .await;
    mode(0o600);
    let one = std::fs::read_to_string(&path).unwrap();
    let both = keyfile::add(&path).unwrap();
    assert_eq!(both.ids().count(), 2);
    assert!(std::fs::read_to_string(&path).unwrap().ends_with(&one));
    Store::open(database.url(), &beside)
        .await
        .unwrap()
        .close()
        .await;
    std::fs::write(&path, "no key at all").unwrap();
    let unread = refused().await.to_string();
    assert!(unread.contains("43 letters") && !unread.contains("no key at all"));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(refused().await, KeyError::Gone { .. }));
    assert!(!path.exists(), "no key is made for what another one sealed");
    let named = DataKey::File(path.clone());
    let missing = Store::open(database.url(), &named).await.unwrap_err();
    assert!(missing.to_string().contains("numshop newkey"), "{missing}");
    database.drop().await;
}
