//! The people's view of what cannot be bought now.

use crate::harness::{Actor, Stage};

/// Alex looks at WhatsApp while no upstream sells.
async fn nothing_sells(stage: &Stage) -> Actor<'_> {
    let (alex, maya) = (stage.alex(), stage.maya());
    alex.says("/start").await;
    alex.funded(10_000).await;
    for upstream in ["virtusim", "otpcepat"] {
        maya.says(&format!("/providers set {upstream} off")).await;
    }
    let screen = alex.chooses("WhatsApp").await;
    assert!(screen.text.contains("not answering"), "{}", screen.text);
    alex
}

async fn it_sells_again(stage: &Stage) {
    stage.maya().says("/providers set otpcepat on").await;
}

#[tokio::test]
async fn somebody_is_told_and_buys() {
    let stage = Stage::open().await;
    let alex = nothing_sells(&stage).await;
    let toast = alex.taps("Tell me when it is back").await;
    assert!(toast.text.contains("I will tell you"), "{}", toast.text);
    alex.sees("once any of these").await;
    let orders = alex.says("/orders").await;
    assert!(orders.text.contains("no orders yet"), "{}", orders.text);
    let list = alex.presses("You want to hear of 1").await;
    assert!(list.text.contains("once any of these"), "{}", list.text);
    it_sells_again(&stage).await;
    let news = alex.sees("is back, for Rp4,000").await;
    assert!(!news.text.contains("otpcepat"), "{}", news.text);
    let card = alex.presses("Buy now").await;
    assert!(card.text.contains("Price: Rp4,000"), "{}", card.text);
    alex.presses("Buy for Rp4,000").await;
    alex.sees("Waiting for the SMS").await;
    alex.skims().await;
    stage.maya().skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn somebody_changes_their_mind() {
    let stage = Stage::open().await;
    let alex = nothing_sells(&stage).await;
    alex.presses("Tell me when it is back").await;
    let toast = alex.taps("✖️ WhatsApp").await;
    assert!(toast.text.contains("Forgotten"), "{}", toast.text);
    alex.sees("You wait for no news").await;
    it_sells_again(&stage).await;
    alex.skims().await;
    let told = stage.telegram.messages(alex.id().0);
    assert!(!told.iter().any(|message| message.text.contains("is back,")));
    stage.maya().skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn it_is_bought_as_soon_as_it_is_back() {
    let stage = Stage::open().await;
    let alex = nothing_sells(&stage).await;
    let card = alex.presses("Buy it as soon as it is back").await;
    assert!(card.text.contains("at most Rp4,000"), "{}", card.text);
    let card = alex.presses("Up to Rp5,000").await;
    assert!(card.text.contains("at most Rp5,000"), "{}", card.text);
    alex.presses("Set aside Rp5,000").await;
    alex.sees("In line").await;
    assert_eq!(alex.balance().await, (5_000, 5_000));
    let orders = alex.says("/orders").await;
    assert!(orders.buttons().any(|it| it.text.contains("in line")));
    it_sells_again(&stage).await;
    let news = alex.sees("Your number came in!").await;
    let order = stage.otpcepat.orders().remove(0);
    assert!(news.text.contains(&order.number), "{}", news.text);
    assert_eq!(alex.balance().await, (6_000, 4_000));
    alex.presses("Open").await;
    stage
        .otpcepat
        .deliver(&order.id, "Your code is 551177")
        .unwrap();
    alex.sees("551177").await;
    assert_eq!(alex.balance().await, (6_000, 0));
    alex.skims().await;
    stage.maya().skims().await;
    stage.finish().await;
}

/// Alex looks at WhatsApp, finds it dear, and sees what could be waited for.
async fn it_is_too_dear(stage: &Stage) -> Actor<'_> {
    let alex = stage.alex();
    alex.says("/start").await;
    alex.funded(10_000).await;
    let card = alex.chooses("WhatsApp").await;
    assert!(card.text.contains("Price: Rp4,000"), "{}", card.text);
    let card = alex.presses("When it gets cheaper").await;
    assert!(card.text.contains("It costs Rp4,000 now"), "{}", card.text);
    alex
}

async fn prices_fall(stage: &Stage, percent: u32) {
    let maya = stage.maya();
    maya.says(&format!("/prices set percent={percent}")).await;
    maya.presses("Apply").await;
}

#[tokio::test]
async fn somebody_is_told_when_it_is_cheap_enough_and_not_before() {
    let stage = Stage::open().await;
    let alex = it_is_too_dear(&stage).await;
    let toast = alex.taps("Rp3,600 or less").await;
    assert!(toast.text.contains("I will tell you"), "{}", toast.text);
    let list = alex.sees("once any of these").await;
    assert!(list.buttons().any(|it| it.text.contains("≤ Rp3,600")));
    prices_fall(&stage, 20).await;
    alex.skims().await;
    let told = stage.telegram.messages(alex.id().0);
    assert!(!told.iter().any(|message| message.text.contains("costs")));
    prices_fall(&stage, 10).await;
    let news = alex.sees("First come, first served").await;
    assert!(news.text.contains("costs Rp3,500 now"), "{}", news.text);
    alex.presses("Buy now").await;
    alex.presses("Buy for Rp3,500").await;
    alex.sees("Waiting for the SMS").await;
    alex.skims().await;
    stage.maya().skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn it_is_bought_when_it_is_cheap_enough() {
    let stage = Stage::open().await;
    let alex = it_is_too_dear(&stage).await;
    let card = alex.presses("Buy it for me when it gets cheaper").await;
    assert!(card.text.contains("at most Rp3,600"), "{}", card.text);
    alex.presses("Set aside Rp3,600").await;
    alex.sees("In line").await;
    prices_fall(&stage, 20).await;
    assert_eq!(alex.balance().await, (6_400, 3_600));
    assert_eq!(stage.otpcepat.orders().len(), 0);
    prices_fall(&stage, 10).await;
    alex.sees("Your number came in!").await;
    assert_eq!(alex.balance().await, (6_500, 3_500));
    alex.skims().await;
    stage.maya().skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn the_line_is_left_with_the_usual_button() {
    let stage = Stage::open().await;
    let alex = nothing_sells(&stage).await;
    alex.presses("Buy it as soon as it is back").await;
    alex.presses("Set aside Rp4,000").await;
    alex.sees("In line").await;
    let toast = alex.taps("Cancel").await;
    assert!(
        toast.text.contains("is back in your wallet"),
        "{}",
        toast.text
    );
    alex.sees("Cancelled. Rp4,000").await;
    assert_eq!(alex.balance().await, (10_000, 0));
    it_sells_again(&stage).await;
    alex.skims().await;
    assert_eq!(stage.otpcepat.orders().len(), 0);
    stage.maya().skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn admins_see_how_much_is_given_back() {
    let stage = Stage::open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    alex.says("/start").await;
    alex.funded(10_000).await;
    alex.buys("WhatsApp").await;
    stage.later(chrono::TimeDelta::minutes(3));
    alex.presses("Cancel").await;
    alex.sees("Cancelled. Rp4,000").await;
    stage.shop().review_routes().await.unwrap();
    let board = maya.says("/providers").await;
    assert!(board.text.contains("1 of 1 (100%)"), "{}", board.text);
    assert!(!board.text.contains("sell first"), "{}", board.text);
    alex.skims().await;
    maya.skims().await;
    stage.finish().await;
}
