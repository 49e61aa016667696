//! Numbers for one thing that are used for a bank or a wallet: the message is withheld.

use numshop::domain::order::OrderState;
use numshop::sandbox::telegram::message::ChatMessage;
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::shop::habits::Habits;
use numshop::store::entity::{outbox, sms};
use sea_orm::{DatabaseConnection, EntityTrait};

use crate::harness::{Actor, Stage, eventually};

/// A message of a wallet that nobody may sign up at with our numbers.
const DENIED: &str = "Your PayPal code is 481-902";
const FINE: &str = "Your WhatsApp code is 551-177";

async fn open() -> Stage {
    let stage = Stage::open().await;
    stage.alex().says("/start").await;
    stage.alex().funded(50_000).await;
    stage
}

fn everywhere(stage: &Stage, text: &str) {
    for upstream in [&stage.virtusim, &stage.otpcepat] {
        upstream.deliver_all(Some(text));
    }
}

/// Nobody was shown what was in it, and nothing of it is kept.
async fn is_nowhere(stage: &Stage, words: &[&str]) {
    stage.is_idle().await;
    for person in [stage.alex(), stage.maya()] {
        for message in stage.telegram.messages(person.id().0) {
            let is_shown = words.iter().any(|word| message.text.contains(word));
            assert!(!is_shown || !message.from_bot(), "{}", message.text);
        }
    }
    let connection = stage.database.connect().await;
    let kept = sms::Entity::find().all(&connection).await.unwrap();
    let notices = outbox::Entity::find().all(&connection).await.unwrap();
    DatabaseConnection::close(connection).await.unwrap();
    for word in words {
        assert!(kept.iter().all(|row| !row.text.contains(word)));
        assert!(notices.iter().all(|row| !row.notice.contains(word)));
    }
}

async fn told(person: Actor<'_>) -> ChatMessage {
    person.sees("was withheld").await
}

#[tokio::test]
async fn a_first_message_of_a_wallet_is_paid_back_and_shown_to_nobody() {
    let stage = open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    maya.says("/start").await;
    alex.buys("WhatsApp").await;
    everywhere(&stage, DENIED);
    let news = told(alex).await;
    assert!(
        news.text.contains("is back in your wallet"),
        "{}",
        news.text
    );
    alex.sees("so it is withheld").await;
    assert_eq!(alex.balance().await, (50_000, 0));
    let flag = maya.sees("A message to order 1").await;
    assert!(
        flag.text.contains("Alex @alex") && flag.text.contains("names PayPal"),
        "{}",
        flag.text
    );
    let card = maya.presses("User card").await;
    assert!(card.text.contains("@alex"), "{}", card.text);

    // What comes afterwards is not handed over either, not even for nothing.
    everywhere(&stage, FINE);
    is_nowhere(&stage, &["481", "551"]).await;
    let orders = stage.shop().orders(alex.id(), 0, 10).await.unwrap();
    let order = &orders.rows[0];
    assert_eq!(order.state, OrderState::Cancelled);
    assert!(order.is_withheld() && order.sms.is_empty());
    alex.skims().await;
    maya.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_further_message_is_withheld_and_the_first_stays_paid() {
    let stage = open().await;
    let alex = stage.alex();
    alex.buys("WhatsApp").await;
    everywhere(&stage, FINE);
    alex.sees("Your SMS is here").await;
    let paid = alex.balance().await;
    alex.presses("Another SMS").await;
    alex.sees("Waiting for another SMS").await;
    eventually("the upstream waits for another", async || {
        let resend = numshop::sandbox::upstream::fault::step::RESEND;
        stage.virtusim.requests(resend) + stage.otpcepat.requests(resend) == 1
    })
    .await;
    everywhere(&stage, DENIED);
    let news = told(alex).await;
    assert!(news.text.contains("You got the code"), "{}", news.text);
    assert_eq!(alex.balance().await, paid);
    is_nowhere(&stage, &["481"]).await;
    alex.skims().await;
    stage.maya().skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn the_ordered_service_never_triggers_and_neither_do_common_words() {
    let stage = open().await;
    let alex = stage.alex();
    // It is denied where it is shipped, and allowed by this shop's operator.
    alex.buys("Telegram").await;
    everywhere(&stage, "Telegram code 48190");
    alex.sees("Your code for Telegram").await;
    alex.chooses("WhatsApp").await;
    alex.presses("Buy for").await;
    alex.sees("WhatsApp · 🇮🇩 Indonesia").await;
    eventually("both orders have their numbers", async || {
        let orders = stage.shop().orders(alex.id(), 0, 10).await.unwrap();
        orders.rows.iter().all(|order| order.number.is_some())
    })
    .await;
    // It names the ordered service, too; and whom not to tell.
    everywhere(
        &stage,
        "WhatsApp code 551-177. Never tell it anybody, not even PayPal or your bank",
    );
    let bell = alex.sees("Your code for WhatsApp").await;
    assert!(bell.text.contains("551"), "{}", bell.text);
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn in_a_rental_s_inbox_only_that_message_is_withheld() {
    let stage = Stage::open_with(&[Dialect::OtpGet]).await;
    eventually("the rentals are read", async || {
        stage
            .shop()
            .rental_countries(&Habits::default(), None)
            .len()
            == 3
    })
    .await;
    let alex = stage.alex();
    alex.says("/start").await;
    alex.funded(200_000).await;
    alex.says("/rent").await;
    alex.presses("United States").await;
    alex.presses("30 d").await;
    alex.sees("Your balance:").await;
    alex.presses("Buy for").await;
    alex.sees("Yours for").await;
    let (available, held) = alex.balance().await;
    assert_eq!(held, 0);
    let otpget = &stage.others[0];
    let order = otpget.rentals().remove(0).order_id;
    otpget.deliver(&order, DENIED).unwrap();
    let news = told(alex).await;
    assert!(news.text.contains("Your rental goes on"), "{}", news.text);
    otpget.deliver(&order, FINE).unwrap();
    alex.sees("551177").await;
    assert_eq!(alex.balance().await, (available, 0));
    is_nowhere(&stage, &["481"]).await;
    alex.skims().await;
    stage.maya().skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_mail_that_names_its_own_service_is_handed_over() {
    let stage = Stage::open_with(&[Dialect::OtpGet]).await;
    eventually("the mailboxes are read", async || {
        stage.shop().mail_domains().len() == 3
    })
    .await;
    let alex = stage.alex();
    alex.says("/start").await;
    alex.funded(50_000).await;
    alex.says("/email").await;
    alex.presses("Instagram").await;
    alex.presses("@hotmail.com").await;
    alex.sees("Your balance:").await;
    alex.presses("Buy for").await;
    alex.sees("Waiting for the mail").await;
    // Its subject says that Instagram sent it.
    stage.others[0].deliver_all(Some(DENIED));
    let card = alex.sees("Your mail is here").await;
    assert!(card.text.contains("instagram.com"), "{}", card.text);
    alex.skims().await;
    stage.finish().await;
}
