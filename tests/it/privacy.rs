//! What is personal on disk: sealed, found again, sealed anew, erased in time, and never said.

mod keys;
mod silence;

use chrono::TimeDelta;
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::shop::habits::Habits;
use numshop::shop::support::SupportId;
use numshop::store::orders;
use sea_orm::{ConnectionTrait, Statement};

use crate::database::Database;
use crate::harness::{Actor, Stage, eventually};

const CREDIT: u32 = 100_000;
const SMS: &str = "Your WhatsApp code is 48190277, Zanzibar";
const CODE: &str = "48190277";
const RENTED_SMS: &str = "Timbuktu says hello, 733-104";

/// Everything that stands in a database, as text: the bytes of its files, or of every column.
async fn everything(database: &Database) -> String {
    if let Some(folder) = database.folder() {
        let mut all = String::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            all.push_str(&String::from_utf8_lossy(&bytes));
        }
        return all;
    }
    let connection = database.connect().await;
    let backend = connection.get_database_backend();
    let tables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()";
    let tables = connection
        .query_all_raw(Statement::from_string(backend, tables))
        .await
        .unwrap();
    let mut all = String::new();
    for table in tables {
        let table: String = table.try_get_by_index(0).unwrap();
        let rows = format!("SELECT COALESCE(string_agg(t::text, ' '), '') FROM \"{table}\" t");
        let rows = Statement::from_string(backend, rows);
        let row = connection.query_one_raw(rows).await.unwrap().unwrap();
        all.push_str(&row.try_get_by_index::<String>(0).unwrap());
    }
    connection.close().await.unwrap();
    all
}

/// What must not change where nothing is written. SQLite makes its journal anew at each look.
async fn content(database: &Database) -> String {
    match database.folder() {
        Some(folder) => {
            let bytes = std::fs::read(folder.join("numshop.db")).unwrap();
            String::from_utf8_lossy(&bytes).into_owned()
        }
        None => everything(database).await,
    }
}

/// Fails where one of the words stands in the database.
async fn holds_none_of(database: &Database, words: &[&str]) {
    let all = everything(database).await;
    assert!(all.len() > 1_000, "there is hardly anything to look at");
    for word in words {
        assert!(word.len() > 4, "{word} could stand there by chance");
        assert!(!all.contains(word), "{word} is on disk");
    }
}

async fn buys_and_gets_it(stage: &Stage, alex: Actor<'_>) -> String {
    alex.buys("WhatsApp").await;
    let order = stage.shop().orders(alex.id(), 0, 1).await.unwrap();
    let number = order.rows[0].number.clone().unwrap();
    for upstream in [&stage.virtusim, &stage.otpcepat, &stage.others[0]] {
        upstream.deliver_all(Some(SMS));
    }
    alex.sees("Your code for WhatsApp").await;
    alex.skims().await;
    number
}

async fn rents_and_gets_it(stage: &Stage, alex: Actor<'_>) -> String {
    alex.says("/rent").await;
    alex.presses("United Kingdom").await;
    alex.presses("12 h").await;
    alex.sees("Your balance:").await;
    alex.presses("Buy for").await;
    alex.sees("Yours for").await;
    let rental = stage.others[0].rentals().remove(0);
    alex.presses("Name").await;
    alex.says("Casablanca phone").await;
    stage.others[0]
        .deliver(&rental.order_id, RENTED_SMS)
        .unwrap();
    alex.sees("733-104").await;
    alex.skims().await;
    rental.number
}

async fn open() -> Stage {
    let stage = Stage::open_with(&[Dialect::OtpGet]).await;
    let none = Habits::default();
    eventually("rentals and mailboxes are read", async || {
        stage.shop().rental_countries(&none, None).len() == 3
            && stage.shop().mail_domains().len() == 3
    })
    .await;
    let alex = stage.alex();
    alex.says("/start").await;
    alex.funded(CREDIT).await;
    stage
}

#[tokio::test]
async fn nothing_personal_stands_on_disk() {
    let stage = open().await;
    let alex = stage.alex();
    let number = buys_and_gets_it(&stage, alex).await;
    let rented = rents_and_gets_it(&stage, alex).await;
    alex.says("/email").await;
    alex.presses("Instagram").await;
    alex.presses("@hotmail.com").await;
    alex.sees("Your balance:").await;
    alex.presses("Buy for").await;
    alex.sees("Waiting for the mail").await;
    let address = stage.others[0].mailboxes().remove(0).number;
    alex.skims().await;
    let words = [
        &number,
        &rented,
        &address,
        SMS,
        CODE,
        "Zanzibar",
        RENTED_SMS,
        "733-104",
        "Casablanca",
    ];
    holds_none_of(&stage.database, &words).await;
    stage.finish().await;
}

#[tokio::test]
async fn support_finds_an_order_by_its_number() {
    let stage = open().await;
    let alex = stage.alex();
    let number = buys_and_gets_it(&stage, alex).await;
    let maya = stage.maya();
    maya.says("/start").await;
    let typed = format!("/find +{} {}-{}", &number[..2], &number[2..5], &number[5..]);
    let found = maya.says(&typed).await;
    assert!(
        found.text.contains("Orders with this number: 1"),
        "{}",
        found.text
    );
    let nothing = maya.says("/find 4912345678901").await;
    assert!(nothing.text.contains("No order has this number"));
    assert!(maya.says("/find me").await.text.contains("Which number?"));
    let story = maya.presses("WhatsApp").await;
    assert!(!story.text.contains(&number), "{}", story.text);
    let acts = stage.shop().acts(None, 0).await.unwrap().rows;
    let noted = acts.iter().filter(|act| act.subject == "number").count();
    assert_eq!(noted, 2);
    maya.skims().await;
    holds_none_of(&stage.database, &[&number]).await;
    stage.finish().await;
}

#[tokio::test]
async fn an_order_is_erased_a_week_after_its_end_and_a_rental_after_its_own() {
    let stage = open().await;
    let alex = stage.alex();
    let number = buys_and_gets_it(&stage, alex).await;
    let rented = rents_and_gets_it(&stage, alex).await;
    let order = stage.shop().orders(alex.id(), 0, 9).await.unwrap().rows;
    let (rental, bought) = (order[0].id, order[1].id);
    stage.later(TimeDelta::hours(13));
    alex.sees("This rental is over").await;
    let whole = async |id| stage.shop().order(alex.id(), id).await.unwrap();
    eventually("the order is over", async || {
        whole(bought).await.state.is_final()
    })
    .await;
    stage.later(TimeDelta::days(6) + TimeDelta::hours(20));
    stage.shop().erase_old().await.unwrap();
    assert!(whole(bought).await.number.is_some(), "it is not time yet");
    alex.skims().await;
    stage.later(TimeDelta::hours(5));
    stage.shop().erase_old().await.unwrap();
    stage.shop().erase_old().await.unwrap();
    for id in [bought, rental] {
        let view = whole(id).await;
        assert_eq!((view.number.as_deref(), view.sms.len()), (None, 0));
        assert_eq!(view.erased_after_days, Some(7));
    }
    alex.skims().await;
    alex.says("/orders").await;
    let card = alex.presses("WhatsApp").await;
    assert!(card.text.contains("erased 7 d after"), "{}", card.text);
    assert!(card.buttons().any(|button| button.text.contains("again")));
    let (_, page) = stage.shop().inbox(alex.id(), rental, 0, 5).await.unwrap();
    assert!(page.rows.is_empty());
    assert_eq!(stage.shop().audit().await.unwrap(), []);
    let read = stage.database.connect().await;
    let left =
        "SELECT COUNT(*) FROM sms WHERE text <> '' OR code IS NOT NULL OR digest IS NOT NULL";
    let left = Statement::from_string(read.get_database_backend(), left);
    let left: i64 = read
        .query_one_raw(left)
        .await
        .unwrap()
        .unwrap()
        .try_get_by_index(0)
        .unwrap();
    assert_eq!(left, 0);
    read.close().await.unwrap();
    for gone in [&number, &rented] {
        let found = stage.shop().find_number(alex.id(), gone).await.unwrap();
        assert_eq!(found.unwrap().len(), 0);
    }
    stage.finish().await;
}

#[tokio::test]
async fn what_is_written_to_support_is_sealed_and_forgotten_once_it_is_answered() {
    let stage = open().await;
    let (alex, maya, shop) = (stage.alex(), stage.maya(), stage.shop());
    maya.says("/start").await;
    alex.says("/support Where is the code for 6281-555-0199?")
        .await;
    maya.presses("Answer").await;
    maya.says("It came to 6281-555-0199 at noon").await;
    alex.sees("at noon").await;
    alex.says("/support Thank you, and what about Kowalewska?")
        .await;
    for person in [alex, maya] {
        person.skims().await;
    }
    holds_none_of(&stage.database, &["6281-555-0199", "Kowalewska"]).await;
    let kept = async || {
        shop.erase_old().await.unwrap();
        let mut kept = Vec::new();
        for id in 1..=3 {
            let message = shop.support_message(SupportId(id)).await.unwrap();
            kept.push(message.map(|it| it.letter.text));
        }
        kept
    };
    let [asked, answer, open] = kept().await.try_into().unwrap();
    assert_eq!(asked.unwrap(), "Where is the code for 6281-555-0199?");
    assert_eq!(answer.unwrap(), "It came to 6281-555-0199 at noon");
    stage.later(TimeDelta::days(7) - TimeDelta::minutes(5));
    assert!(kept().await.iter().all(Option::is_some), "it is not time");
    stage.later(TimeDelta::hours(2));
    assert_eq!(kept().await, [None, None, open]);
    stage.finish().await;
}

/// The same text polled again is one SMS, whichever key marked it, or none.
#[tokio::test]
async fn a_text_stays_one_sms_after_its_key_has_changed() {
    let database = Database::fresh().await;
    let (old, both) = keys::old_and_both();
    let sms = || orders::NewSms {
        text: SMS.to_owned(),
        ..<_ as Default>::default()
    };
    let order = keys::with_one_order(&database, &old).await;
    assert!(keys::adds(&database, &old, order, sms()).await);
    assert!(!keys::adds(&database, &old, order, sms()).await);
    assert!(!keys::adds(&database, &both, order, sms()).await);
    let raw = database.connect().await;
    let plain = format!("UPDATE sms SET digest = NULL, text = '{SMS}', code = NULL");
    raw.execute_unprepared(&plain).await.unwrap();
    raw.close().await.unwrap();
    assert!(!keys::adds(&database, &both, order, sms()).await);
    database.drop().await;
}
