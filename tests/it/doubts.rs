//! `/doubts` as admins see it, over an upstream that lists nothing.

use chrono::TimeDelta;
use numshop::domain::id::ProviderId;
use numshop::sandbox::upstream::fault::{Fault, Scope, step};
use rust_decimal::Decimal;

use crate::harness::{Stage, eventually};

/// OTPCepat alone sells, and its balance is known.
async fn without_a_list() -> Stage {
    let stage = Stage::open().await;
    let maya = stage.maya();
    maya.says("/providers set virtusim off").await;
    for _ in 0..2 {
        reconcile(&stage).await;
    }
    stage
}

async fn reconcile(stage: &Stage) {
    let id = ProviderId::from("otpcepat");
    let mut providers = stage.shop().providers();
    let otpcepat = providers.find(|provider| *provider.id() == id).unwrap();
    stage.shop().reconcile(otpcepat.as_ref()).await.unwrap();
}

/// Alex buys, and the answer gets lost after the number was sold.
async fn lost(stage: &Stage) {
    let alex = stage.alex();
    alex.says("/start").await;
    alex.funded(10_000).await;
    let lost = Scope::on(step::BUY).once().after_work();
    stage.otpcepat.set_fault(Fault::DroppedConnection, lost);
    alex.chooses("Facebook").await;
    alex.presses("Buy for").await;
    alex.sees("answer got lost").await;
}

#[tokio::test]
async fn an_admin_finds_the_order_upstream_and_hands_its_number_over() {
    let stage = without_a_list().await;
    lost(&stage).await;
    let (alex, maya) = (stage.alex(), stage.maya());
    let board = maya.says("/doubts").await;
    for part in ["Order 1", "Facebook", "otpcepat was asked", "at the latest"] {
        assert!(board.text.contains(part), "{part}: {}", board.text);
    }
    let waits = maya.says("/providers").await;
    assert!(waits.text.contains("is in doubt"), "{}", waits.text);

    let [sold] = stage.otpcepat.orders().try_into().unwrap();
    let unread = maya.says("/doubts bought one").await;
    assert!(
        unread.text.contains("Nothing was changed"),
        "{}",
        unread.text
    );
    let command = format!("/doubts bought 1 {} +{}", sold.id, sold.number);
    let done = maya.says(&command).await;
    assert!(done.text.contains("has its number now"), "{}", done.text);
    let again = maya.says(&command).await;
    assert!(again.text.contains("settled already"), "{}", again.text);
    alex.sees("Waiting for the SMS").await;
    stage
        .otpcepat
        .deliver(&sold.id, "Your code: 481-902")
        .unwrap();
    alex.sees("Your SMS is here").await;
    alex.sees("Your code for Facebook").await;
    let calm = maya.says("/doubts").await;
    assert!(calm.text.contains("Nothing is in doubt"), "{}", calm.text);
    stage.finish().await;
}

#[tokio::test]
async fn a_doubt_without_proof_pays_back_and_an_admin_settles_the_cost() {
    let stage = without_a_list().await;
    lost(&stage).await;
    let (alex, maya) = (stage.alex(), stage.maya());
    stage.later(TimeDelta::seconds(181));
    alex.sees("is back in your wallet").await;
    assert_eq!(alex.balance().await, (10_000, 0));
    maya.sees("paid back without proof").await;
    let board = maya.says("/doubts").await;
    assert!(
        board.text.contains("The user has the money back"),
        "{}",
        board.text
    );
    let after = maya.presses("charged, number lost").await;
    assert!(after.text.contains("Nothing is in doubt"), "{}", after.text);
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn users_decide_nothing() {
    let stage = without_a_list().await;
    lost(&stage).await;
    let alex = stage.alex();
    let answer = alex.says("/doubts").await;
    assert!(!answer.text.contains("otpcepat"), "{}", answer.text);
    stage.later(TimeDelta::seconds(181));
    alex.sees("is back in your wallet").await;
    alex.skims().await;
    stage.maya().skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_balance_that_fell_is_told_and_taken_into_the_books() {
    let mut stage = without_a_list().await;
    // What the upstream took without saying so.
    stage.silent_refunds.insert("otpcepat", 700.into());
    let maya = stage.maya();
    let balance = stage.otpcepat.balance();
    stage.otpcepat.set_balance(balance - Decimal::from(700));
    for _ in 0..2 {
        reconcile(&stage).await;
        stage.later(TimeDelta::seconds(60));
    }
    let told = maya.sees("700 IDR lower").await;
    assert!(told.text.contains("/doubts"), "{}", told.text);
    let board = maya.says("/doubts").await;
    assert!(board.text.contains("700 IDR lower"), "{}", board.text);
    let after = maya.presses("Take it into the books").await;
    assert!(after.text.contains("Nothing is in doubt"), "{}", after.text);
    eventually("the books agree", async || {
        stage.shop().audit().await.unwrap().is_empty()
    })
    .await;
    stage.finish().await;
}
