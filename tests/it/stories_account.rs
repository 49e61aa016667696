//! A user's own data: handed over as a file, and erased.

use numshop::domain::money::Money;
use numshop::store::entity::{orders, sms, support_messages, users};
use sea_orm::{DatabaseConnection, EntityTrait};
use serde_json::Value;

use crate::harness::{ALEX, Stage};

const SMS: &str = "Your WhatsApp code is 551-177";

/// Alex has bought, starred, asked and waits for something.
async fn open() -> Stage {
    let stage = Stage::open().await;
    let alex = stage.alex();
    stage.maya().says("/start").await;
    alex.says("/start").await;
    alex.funded(50_000).await;
    alex.buys("WhatsApp").await;
    for upstream in [&stage.virtusim, &stage.otpcepat] {
        upstream.deliver_all(Some(SMS));
    }
    alex.sees("Your SMS is here").await;
    alex.presses("Finish").await;
    alex.sees("Done.").await;
    alex.says("/support Where is my <b>dog</b>?").await;
    stage
}

#[tokio::test]
async fn everything_that_is_kept_is_handed_over_once_an_hour() {
    let stage = open().await;
    let alex = stage.alex();
    let sent = alex.says("/mydata").await;
    let media = sent.media.clone().unwrap();
    assert!(media.name.starts_with("my-data-") && media.name.ends_with(".json"));
    let again = alex.says("/mydata").await;
    assert!(again.text.contains("possible again in"), "{}", again.text);

    stage.later(chrono::TimeDelta::minutes(61));
    let mut data = stage.shop().my_data(alex.id()).await.unwrap();
    let data: Value = serde_json::from_reader(&mut data.file).unwrap();
    assert_eq!(data["profile"]["telegram_id"], ALEX);
    assert_eq!(data["profile"]["first_name"], "Alex");
    let order = &data["orders"][0];
    assert_eq!(order["service"], "WhatsApp");
    assert_eq!(order["messages"][0]["text"], SMS);
    assert!(order["number_or_address"].as_str().unwrap().len() > 5);
    let kinds: Vec<&str> = data["transfers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["topup", "hold", "capture"]);
    assert_eq!(data["support"][0]["text"], "Where is my <b>dog</b>?");
    alex.skims().await;
    stage.maya().skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn an_account_is_deleted_after_two_questions_and_its_money_given_up() {
    let stage = open().await;
    let (alex, shop) = (stage.alex(), stage.shop());
    let (left, _) = alex.balance().await;
    let asked = alex.says("/deleteme").await;
    assert!(
        asked.text.contains("There is still Rp46,000"),
        "{}",
        asked.text
    );
    alex.presses("Give up Rp46,000 and delete").await;
    // Money that came meanwhile is not given up by a button that shows less.
    alex.funded(1_000).await;
    stage.is_idle().await;
    let asked = alex.presses("Yes, give up Rp46,000").await;
    assert!(
        asked.text.contains("There is still Rp47,000"),
        "{}",
        asked.text
    );
    alex.presses("Give up Rp47,000 and delete").await;
    let done = alex.presses("Yes, give up Rp47,000").await;
    assert!(done.text.contains("is deleted"), "{}", done.text);
    assert_eq!(alex.balance().await, (0, 0));
    assert_eq!(left + 1_000, 47_000);

    let connection = stage.database.connect().await;
    let user = users::Entity::find_by_id(ALEX).one(&connection).await;
    let user = user.unwrap().unwrap();
    let order = orders::Entity::find()
        .one(&connection)
        .await
        .unwrap()
        .unwrap();
    let texts = sms::Entity::find().all(&connection).await.unwrap();
    let letters = support_messages::Entity::find().all(&connection).await;
    DatabaseConnection::close(connection).await.unwrap();
    assert_eq!((user.first_name.as_str(), user.username), ("", None));
    assert_eq!(order.number, None);
    assert_eq!((order.user_id, order.price), (ALEX, 4_000));
    assert!(
        texts
            .iter()
            .all(|row| !row.text.contains("551") && row.code.is_none())
    );
    assert!(letters.unwrap().is_empty());
    assert_eq!(shop.audit().await.unwrap(), []);

    // A new beginning, but not as somebody new.
    let hello = alex.says("/start").await;
    assert!(hello.text.contains("Hi Alex!"), "{}", hello.text);
    let view = shop.limits_of(alex.id()).await.unwrap();
    assert_eq!(view.known_since.timestamp_millis(), user.created_at_ms);
    stage.maya().skims().await;
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn nobody_is_erased_while_money_is_at_stake() {
    let stage = Stage::open().await;
    let (alex, shop) = (stage.alex(), stage.shop());
    alex.says("/start").await;
    alex.funded(4_000).await;
    alex.buys("WhatsApp").await;
    let asked = alex.says("/deleteme").await;
    assert!(asked.text.contains("orders that run"), "{}", asked.text);
    assert!(asked.buttons().all(|it| !it.text.contains("delete")));
    // Nor by a button of before.
    let in_the_way = shop.erase(alex.id(), Money::ZERO).await.unwrap().unwrap();
    assert_eq!((in_the_way.open, in_the_way.held.as_minor()), (1, 4_000));
    assert_eq!(shop.user(alex.id()).await.unwrap().first_name, "Alex");
    stage.later(chrono::TimeDelta::minutes(21));
    alex.sees("No SMS came in time").await;
    alex.skims().await;
    let asked = alex.says("/deleteme").await;
    assert!(asked.text.contains("Rp4,000"), "{}", asked.text);
    alex.presses("Ask to have it paid out").await;
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_ban_and_limits_outlive_the_account() {
    let stage = Stage::open().await;
    let (alex, shop) = (stage.alex(), stage.shop());
    alex.says("/start").await;
    let maya = stage.maya();
    maya.says("/start").await;
    maya.says("/limits @alex open_orders 1").await;
    maya.says("/freeze user @alex").await;
    alex.sees("can't buy at present").await;
    assert_eq!(shop.erase(alex.id(), Money::ZERO).await.unwrap(), None);
    alex.says("/start").await;
    let view = shop.limits_of(alex.id()).await.unwrap();
    assert!(
        view.limits
            .iter()
            .any(|row| row.is_own && row.most == Some(1))
    );
    assert_eq!(shop.freezes().len(), 1);
    assert_eq!(shop.freezes()[0].name, "");
    alex.skims().await;
    stage.finish().await;
}
