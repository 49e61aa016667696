//! What admins are warned of: one message a kind, the same thing at most hourly, and one word when
//! it is over.

use axum::body::Bytes;
use chrono::TimeDelta;
use numshop::domain::id::UserId;
use numshop::domain::money::Money;
use numshop::sandbox::upstream::fault::{Fault, Scope, step};
use numshop::shop::alerts::AlertTerms;
use numshop::shop::request::{Decision, Way};

use crate::harness::{ALEX, MAYA, SARI, Stage, eventually};

/// One black pixel.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55";

/// How many messages with this text Maya has.
async fn told(stage: &Stage, text: &str) -> usize {
    stage.is_idle().await;
    let messages = stage.telegram.messages(MAYA);
    messages
        .iter()
        .filter(|it| it.from_bot() && it.text.contains(text))
        .count()
}

async fn look(stage: &Stage) {
    stage.shop().review_alerts().await.unwrap();
    stage.is_idle().await;
}

async fn skim(stage: &Stage) {
    for person in [stage.alex(), stage.sari(), stage.maya()] {
        person.skims().await;
    }
}

#[tokio::test]
async fn money_that_waits_is_told_together_hourly_and_when_it_is_over() {
    let stage = Stage::open().await;
    for person in [stage.alex(), stage.sari(), stage.maya()] {
        person.says("/start").await;
    }
    let maya = stage.maya();
    let shop = stage.shop();
    for user in [ALEX, SARI].map(UserId) {
        let amount = Money::minor(50_000);
        shop.request_top_up(user, Way::Transfer, amount)
            .await
            .unwrap();
        let picture = Bytes::from_static(PNG);
        stage.telegram.send_photo(user.0, picture).unwrap();
        stage.is_idle().await;
    }
    look(&stage).await;
    assert_eq!(told(&stage, "the money they sent").await, 0, "not yet");
    stage.later(TimeDelta::minutes(31));
    look(&stage).await;
    look(&stage).await;
    let alert = maya.sees("the money they sent: 2").await;
    assert_eq!(told(&stage, "the money they sent").await, 1, "one for both");
    assert_eq!(alert.buttons().count(), 2);
    stage.later(TimeDelta::minutes(61));
    look(&stage).await;
    assert_eq!(told(&stage, "the money they sent").await, 2, "once an hour");
    // Its button leads to the paper, and the paper decides.
    let paper = maya.presses("Request").await;
    assert!(paper.text.contains("says that they sent"), "{}", paper.text);
    let request = shop.open_request(UserId(ALEX)).await.unwrap().unwrap();
    let decided = shop.decide_request(UserId(MAYA), request.id, Decision::Reject);
    decided.await.unwrap();
    look(&stage).await;
    look(&stage).await;
    let solved = maya.sees("No longer waiting").await;
    assert!(
        solved.text.contains(&request.id.0.to_string()),
        "{}",
        solved.text
    );
    assert_eq!(told(&stage, "No longer waiting").await, 1);
    skim(&stage).await;
    stage.finish().await;
}

#[tokio::test]
async fn an_upstream_that_is_of_no_use_for_minutes_is_told_and_its_return() {
    let stage = Stage::open().await;
    let maya = stage.maya();
    maya.says("/start").await;
    let broken = Fault::ServerError(502);
    stage.virtusim.set_fault(broken, Scope::everything());
    let shop = stage.shop();
    let provider = shop
        .providers()
        .find(|it| it.id().as_str() == "virtusim")
        .unwrap();
    for _ in 0..5 {
        provider.open_orders().await.unwrap_err();
    }
    look(&stage).await;
    assert_eq!(
        told(&stage, "of no use").await,
        0,
        "it may come back by itself"
    );
    stage.later(TimeDelta::minutes(6));
    look(&stage).await;
    let alert = maya.sees("of no use").await;
    assert!(
        alert.text.contains("virtusim · for 6 min"),
        "{}",
        alert.text
    );
    let board = maya.presses("Upstreams").await;
    assert!(board.text.contains("virtusim"), "{}", board.text);
    stage.virtusim.clear_faults();
    eventually("it answers again", async || {
        provider.open_orders().await.is_ok()
    })
    .await;
    look(&stage).await;
    maya.sees("Of use again: virtusim").await;
    skim(&stage).await;
    stage.finish().await;
}

#[tokio::test]
async fn a_purchase_in_doubt_and_a_full_disk_are_told() {
    let mut stage = Stage::open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    alex.says("/start").await;
    maya.says("/start").await;
    stage.alerts = AlertTerms {
        least_free_bytes: u64::MAX,
        ..AlertTerms::default()
    };
    stage.stop().await;
    stage.start().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    look(&stage).await;
    if stage.database.is_sqlite() {
        maya.sees("disk is nearly full").await;
        let room = maya.presses("Look again").await;
        assert!(room.text.contains("are free"), "{}", room.text);
    }
    alex.funded(50_000).await;
    let lost = Scope::on(step::BUY).once();
    for upstream in [&stage.otpcepat, &stage.virtusim] {
        upstream.set_fault(Fault::DroppedConnection, lost.clone());
    }
    alex.chooses("WhatsApp").await;
    alex.presses("Buy for").await;
    let shop = stage.shop();
    eventually("it is in doubt", async || {
        !shop.doubt_board().await.unwrap().is_empty()
    })
    .await;
    stage.later(TimeDelta::seconds(70));
    look(&stage).await;
    maya.sees("in doubt").await;
    maya.presses("What is not settled").await;
    skim(&stage).await;
    stage.finish().await;
}
