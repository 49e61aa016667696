//! Stories of mailboxes: from /email to the mail, and what upstreams do to them meanwhile.

use chrono::TimeDelta;
use numshop::domain::product::Product;
use numshop::sandbox::upstream::SimulatedUpstream;
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::sandbox::upstream::fault::{Fault, Scope, step};

use crate::harness::{Actor, Stage, eventually};

const CREDIT: u32 = 50_000;
const MAIL: &str = "Your code is 481-902";

/// A shop in which OTPGet sells mailboxes.
async fn open() -> Stage {
    let stage = Stage::open_with(&[Dialect::OtpGet]).await;
    eventually("the mailboxes are read", async || {
        stage.shop().mail_domains() == ["gmail.com", "hotmail.com", "outlook.com"]
    })
    .await;
    let alex = stage.alex();
    alex.says("/start").await;
    alex.funded(CREDIT).await;
    stage
}

fn otpget(stage: &Stage) -> &SimulatedUpstream {
    &stage.others[0]
}

/// From /email to the confirmation card for Instagram at the second server.
async fn chooses(alex: Actor<'_>) {
    alex.says("/email").await;
    alex.presses("Instagram").await;
    alex.presses("@hotmail.com").await;
    alex.sees("Your balance:").await;
}

async fn buys(alex: Actor<'_>) {
    chooses(alex).await;
    alex.presses("Buy for").await;
    alex.sees("Waiting for the mail").await;
}

#[tokio::test]
async fn a_mailbox_from_the_service_to_the_code() {
    let stage = open().await;
    let alex = stage.alex();
    buys(alex).await;
    let address = otpget(&stage).mailboxes().remove(0).number;
    assert!(address.ends_with("@hotmail.com"), "{address}");
    let card = alex.sees("Waiting for the mail").await;
    assert_eq!(card.spans("code"), [address]);
    let (available, held) = alex.balance().await;
    // 7 rupees of Rp57 and a quarter more.
    assert_eq!((available, held), (i64::from(CREDIT) - 500, 500));
    assert_eq!(otpget(&stage).deliver_all(Some(MAIL)), 1);
    let bell = alex.sees("Your code for Instagram").await;
    assert!(
        bell.spans("code").contains(&"481902".to_owned()),
        "{}",
        bell.text
    );
    alex.sees("Your mail is here").await;
    assert_eq!(alex.balance().await, (available, 0));
    let list = alex.says("/orders").await;
    assert!(
        list.buttons().any(|it| it.text.contains("📧 Instagram")),
        "{}",
        list.text
    );
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_mailbox_by_its_domain() {
    let stage = open().await;
    let alex = stage.alex();
    alex.says("/email").await;
    alex.presses("By domain").await;
    let domain = alex.presses("@gmail.com").await;
    assert!(
        domain.buttons().count() > 3,
        "both servers sell there: {}",
        domain.text
    );
    let found = alex.says("face").await;
    assert!(
        found.buttons().any(|it| it.text.contains("Facebook")),
        "{}",
        found.text
    );
    alex.presses("Facebook").await;
    alex.presses("@gmail.com").await;
    let quote = alex.sees("Your balance:").await;
    assert!(
        quote.text.contains("Facebook · @gmail.com"),
        "{}",
        quote.text
    );
    stage.finish().await;
}

#[tokio::test]
async fn a_service_with_a_star_comes_first() {
    let stage = open().await;
    let alex = stage.alex();
    alex.says("/email").await;
    let services = alex.presses("Instagram").await;
    assert!(services.text.contains("Instagram"), "{}", services.text);
    assert!(alex.taps("Add to favourites").await.text.contains("top"));
    alex.finds("In your favourites").await;
    let services = alex.says("/email").await;
    let first = services.buttons().next().unwrap().text.clone();
    assert!(first.starts_with("★ Instagram"), "{first}");
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_mailbox_is_cancelled_and_paid_back() {
    let stage = open().await;
    let alex = stage.alex();
    buys(alex).await;
    alex.taps("Cancel").await;
    alex.sees("Cancelled. Rp").await;
    assert_eq!(alex.balance().await, (i64::from(CREDIT), 0));
    alex.skims().await;
    stage.finish().await;
}

/// The mail comes just before the upstream reads our cancellation: the code comes with its answer.
#[tokio::test]
async fn a_mail_that_comes_during_the_cancellation_wins() {
    let stage = open().await;
    let alex = stage.alex();
    buys(alex).await;
    let meanwhile = Scope::on(step::CANCEL_MAIL).once();
    otpget(&stage).set_fault(Fault::SmsDuringCancel, meanwhile);
    alex.taps("Cancel").await;
    alex.sees("Your mail is here").await;
    alex.sees("Your code for Instagram").await;
    assert_eq!(alex.balance().await, (i64::from(CREDIT) - 500, 0));
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_mailbox_without_a_mail_is_paid_back() {
    let stage = open().await;
    let alex = stage.alex();
    buys(alex).await;
    stage.later(TimeDelta::minutes(21));
    alex.sees("No mail came in time").await;
    assert_eq!(alex.balance().await, (i64::from(CREDIT), 0));
    alex.skims().await;
    stage.finish().await;
}

/// The upstream sold the address, and its answer was lost: the history tells.
#[tokio::test]
async fn a_mailbox_whose_answer_was_lost_is_found_in_the_history() {
    let stage = open().await;
    let alex = stage.alex();
    let lost = Scope::on(step::BUY_MAIL).once().after_work();
    otpget(&stage).set_fault(Fault::DroppedConnection, lost);
    buys(alex).await;
    assert_eq!(otpget(&stage).mailboxes().len(), 1);
    assert_eq!(otpget(&stage).requests(step::BUY_MAIL), 1);
    assert_eq!(otpget(&stage).deliver_all(Some(MAIL)), 1);
    alex.sees("Your code for Instagram").await;
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_mailbox_that_is_sold_out_costs_nothing() {
    let stage = open().await;
    let alex = stage.alex();
    chooses(alex).await;
    otpget(&stage).set_fault(Fault::NoStock, Scope::on(step::BUY_MAIL));
    alex.presses("Buy for").await;
    alex.sees("back in your wallet").await;
    assert_eq!(alex.balance().await, (i64::from(CREDIT), 0));
    let shop = stage.shop();
    let order = &shop.orders(alex.id(), 0, 5).await.unwrap().rows[0];
    assert_eq!(order.product, Product::Mailbox);
    stage.finish().await;
}
