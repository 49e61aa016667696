//! How upstreams stand: `/providers`, rests after troubles, balances that run out.

use chrono::TimeDelta;
use numshop::domain::id::ProviderId;
use numshop::provider::Provider;
use numshop::sandbox::telegram::message::ChatMessage;
use numshop::sandbox::upstream::fault::{Fault, Scope, step};

use crate::harness::{Actor, PATIENCE, Stage, eventually};

/// Both upstreams sell it at the same price.
const SERVICE: &str = "Facebook";

/// How many numbers each upstream has sold.
fn sold(stage: &Stage) -> (usize, usize) {
    (stage.virtusim.orders().len(), stage.otpcepat.orders().len())
}

/// Buys one and waits until its card shows the number.
async fn buys(stage: &Stage, user: &Actor<'_>) {
    user.chooses(SERVICE).await;
    let (card, _) = user.finds("Buy for").await;
    user.presses("Buy for").await;
    let shows =
        |message: &ChatMessage| message.id == card && message.text.contains("Waiting for the SMS");
    let seen = stage.telegram.wait_for(user.id().0, shows, PATIENCE).await;
    seen.unwrap();
}

fn provider(stage: &Stage, id: &str) -> std::sync::Arc<dyn Provider> {
    let id = ProviderId::from(id);
    let mut providers = stage.shop().providers();
    std::sync::Arc::clone(providers.find(|provider| *provider.id() == id).unwrap())
}

#[tokio::test]
async fn admins_see_every_upstream_and_switch_it_off_and_on() {
    let stage = Stage::open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    let board = maya.says("/providers").await;
    for part in [
        "🟢 otpcepat · priority 0",
        "🟢 virtusim",
        "Price list read",
        "5,000,000 IDR",
        "does not tell it",
    ] {
        assert!(board.text.contains(part), "{part}: {}", board.text);
    }
    let off = maya.presses("Switch virtusim off").await;
    assert!(off.text.contains("⏸ virtusim"), "{}", off.text);
    maya.presses("Switch otpcepat off").await;
    alex.says("/start").await;
    alex.funded(10_000).await;
    alex.says("/buy").await;
    alex.presses("Indonesia").await;
    alex.says(SERVICE).await;
    alex.presses("Facebook ·").await;
    let refused = alex.presses("Any").await;
    assert!(
        refused.text.contains("Nothing was charged"),
        "{}",
        refused.text
    );
    maya.presses("Switch otpcepat on").await;
    buys(&stage, &alex).await;
    assert_eq!(sold(&stage), (0, 1));
    alex.skims().await;
    maya.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn what_admins_decided_outlives_a_restart_and_users_decide_nothing() {
    let mut stage = Stage::open().await;
    stage
        .maya()
        .says("/providers set virtusim off priority=3 low=1000")
        .await;
    stage.stop().await;
    stage.start().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    let board = maya.says("/providers").await;
    assert!(board.text.contains("⏸ virtusim"), "{}", board.text);
    assert!(board.text.contains("warned below 1000"), "{}", board.text);
    for (command, answer) in [
        ("/providers set", "can't read"),
        ("/providers set virtusim maybe", "“maybe”"),
        ("/providers set nobody on", "no upstream called “nobody”"),
    ] {
        let text = maya.says(command).await.text;
        assert!(text.contains(answer), "{command}: {text}");
    }
    let answer = alex.says("/providers").await;
    assert!(!answer.text.contains("virtusim"), "{}", answer.text);
    maya.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn of_equal_prices_the_higher_priority_sells() {
    let stage = Stage::open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    alex.says("/start").await;
    alex.funded(10_000).await;
    maya.says("/providers set otpcepat priority=1").await;
    buys(&stage, &alex).await;
    maya.says("/providers set virtusim priority=2").await;
    buys(&stage, &alex).await;
    assert_eq!(sold(&stage), (1, 1));
    alex.skims().await;
    maya.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn an_upstream_that_keeps_failing_is_left_in_peace_and_the_other_sells() {
    let stage = Stage::open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    alex.says("/start").await;
    alex.funded(10_000).await;
    maya.says("/providers set virtusim priority=1").await;
    stage
        .virtusim
        .set_fault(Fault::ServerError(502), Scope::everything());
    let virtusim = provider(&stage, "virtusim");
    for _ in 0..5 {
        virtusim.open_orders().await.unwrap_err();
    }
    let asked = stage.virtusim.requests(step::BUY);
    buys(&stage, &alex).await;
    assert_eq!(
        (sold(&stage), stage.virtusim.requests(step::BUY)),
        ((0, 1), asked)
    );
    let board = maya.says("/providers").await;
    assert!(board.text.contains("🔴 virtusim"), "{}", board.text);
    // It recovers: the first good answer, to whatever question, ends the rest.
    stage.virtusim.clear_faults();
    virtusim.open_orders().await.unwrap();
    buys(&stage, &alex).await;
    assert_eq!(sold(&stage), (1, 1));
    alex.skims().await;
    maya.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn an_empty_balance_costs_one_refusal_and_the_other_upstream_sells() {
    let stage = Stage::open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    alex.says("/start").await;
    alex.funded(10_000).await;
    maya.says("/providers set otpcepat priority=1").await;
    stage.otpcepat.set_balance(100.into());
    buys(&stage, &alex).await;
    assert_eq!(
        (sold(&stage), stage.otpcepat.requests(step::BUY)),
        ((1, 0), 1)
    );
    let alert = maya.sees("runs out").await;
    assert!(alert.text.contains("otpcepat"), "{}", alert.text);
    buys(&stage, &alex).await;
    assert_eq!(
        (sold(&stage), stage.otpcepat.requests(step::BUY)),
        ((2, 0), 1)
    );
    let board = maya.says("/providers").await;
    assert!(
        board.text.contains("offers are held back"),
        "{}",
        board.text
    );
    stage.otpcepat.set_balance(1_000_000.into());
    let otpcepat = provider(&stage, "otpcepat");
    stage.shop().watch_balance(otpcepat.as_ref()).await.unwrap();
    buys(&stage, &alex).await;
    assert_eq!(sold(&stage), (2, 1));
    alex.skims().await;
    maya.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn admins_are_warned_of_a_low_balance_once_an_hour() {
    let stage = Stage::open().await;
    let maya = stage.maya();
    maya.says("/providers set otpcepat low=6000000").await;
    let otpcepat = provider(&stage, "otpcepat");
    let warnings = || {
        let messages = stage.telegram.messages(maya.id().0).into_iter();
        messages
            .filter(|message| message.text.contains("runs out"))
            .count()
    };
    for (minutes, expected) in [(0, 1), (30, 1), (31, 2)] {
        stage.later(TimeDelta::minutes(minutes));
        stage.shop().watch_balance(otpcepat.as_ref()).await.unwrap();
        maya.skims().await;
        assert_eq!(warnings(), expected, "after {minutes} more minutes");
    }
    stage.finish().await;
}

/// A number whose upstream took more than was quoted, and what its user sees first.
async fn buys_at_a_raised_price<'s>(stage: &'s Stage, percent: u32, sees: &str) -> Actor<'s> {
    let alex = stage.alex();
    alex.says("/start").await;
    alex.funded(10_000).await;
    let raised = Fault::PriceChange { percent };
    stage.otpcepat.set_fault(raised, Scope::on(step::BUY));
    alex.chooses("WhatsApp").await;
    alex.presses("Buy for Rp4,000").await;
    alex.sees(sees).await;
    alex
}

#[tokio::test]
async fn a_higher_cost_is_borne_where_the_margin_allows() {
    let stage = Stage::open().await;
    // 3,150 becomes 3,465, and the user pays 4,000.
    let alex = buys_at_a_raised_price(&stage, 10, "Waiting for the SMS").await;
    let order = stage.otpcepat.orders().remove(0);
    assert_eq!(order.charged, 3_465.into());
    stage
        .otpcepat
        .deliver(&order.id, "Your code is 551177")
        .unwrap();
    alex.sees("551177").await;
    assert_eq!(alex.balance().await, (6_000, 0));
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_number_that_costs_more_than_the_user_pays_is_given_back() {
    let stage = Stage::open().await;
    // 3,150 becomes 4,725, and the user pays 4,000.
    let alex = buys_at_a_raised_price(&stage, 50, "giving this number back").await;
    let card = alex.sees("giving this number back").await;
    let order = stage.otpcepat.orders().remove(0);
    assert!(!card.text.contains(&order.number), "{}", card.text);
    assert_eq!(alex.balance().await, (6_000, 4_000));
    stage.later(TimeDelta::minutes(3));
    alex.sees("we gave the number back").await;
    assert_eq!(alex.balance().await, (10_000, 0));
    assert_eq!(stage.otpcepat.spent(), 0.into());
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn an_sms_that_comes_before_the_number_is_given_back_is_the_users() {
    let stage = Stage::open().await;
    let alex = buys_at_a_raised_price(&stage, 50, "giving this number back").await;
    let order = stage.otpcepat.orders().remove(0);
    stage
        .otpcepat
        .deliver(&order.id, "Your code is 551177")
        .unwrap();
    stage.later(TimeDelta::minutes(3));
    alex.sees("551177").await;
    assert_eq!(alex.balance().await, (6_000, 0));
    alex.skims().await;
    stage.finish().await;
}

/// The screen with the ways to buy WhatsApp.
async fn shelf(alex: &Actor<'_>) -> ChatMessage {
    alex.says("/buy").await;
    alex.presses("Indonesia").await;
    alex.says("WhatsApp").await;
    alex.presses("WhatsApp ·").await
}

#[tokio::test]
async fn a_user_chooses_an_upstream_by_its_number() {
    let stage = Stage::open().await;
    let alex = stage.alex();
    alex.says("/start").await;
    alex.funded(10_000).await;
    let shelf = shelf(&alex).await;
    let labels: Vec<&str> = shelf.buttons().map(|button| button.text.as_str()).collect();
    assert!(labels[1].starts_with("Server 1 · Rp4,000"), "{labels:?}");
    assert!(labels[2].starts_with("Server 2 · Rp4,400"), "{labels:?}");
    let seen = format!("{} {labels:?}", shelf.text).to_lowercase();
    assert!(
        !seen.contains("virtusim") && !seen.contains("otpcepat"),
        "{seen}"
    );
    let quote = alex.presses("Server 2").await;
    assert!(quote.text.contains("Server 2"), "{}", quote.text);
    alex.presses("Buy for Rp4,400").await;
    let card = alex.sees("Waiting for the SMS").await;
    assert!(card.text.contains("Server 2"), "{}", card.text);
    assert_eq!(sold(&stage), (1, 0));
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn an_upstream_that_was_chosen_is_not_replaced_by_another() {
    let stage = Stage::open().await;
    let alex = stage.alex();
    alex.says("/start").await;
    alex.funded(10_000).await;
    shelf(&alex).await;
    alex.presses("Server 2").await;
    stage.virtusim.set_stock("WhatsApp", 0).unwrap();
    alex.presses("Buy for Rp4,400").await;
    alex.sees("Rp4,400 is back in your wallet").await;
    assert_eq!((sold(&stage), alex.balance().await), ((0, 0), (10_000, 0)));
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_route_shows_how_it_did_lately() {
    let stage = Stage::open().await;
    let alex = stage.alex();
    alex.says("/start").await;
    alex.funded(50_000).await;
    for round in 0..5 {
        alex.chooses("WhatsApp").await;
        alex.presses("Buy for").await;
        eventually("it is bought", async || sold(&stage).1 == round + 1).await;
        if round < 4 {
            let order = stage.otpcepat.orders().pop().unwrap();
            stage.later(TimeDelta::seconds(30));
            let code = format!("Your code is 55117{round}");
            stage.otpcepat.deliver(&order.id, &code).unwrap();
            alex.sees(&code).await;
        }
    }
    stage.later(TimeDelta::minutes(25));
    alex.sees("is back in your wallet").await;
    alex.skims().await;
    stage.shop().review_routes().await.unwrap();
    let shelf = shelf(&alex).await;
    assert!(
        shelf.text.contains("how many of its numbers got a code"),
        "{}",
        shelf.text
    );
    let button = shelf.buttons().nth(1).unwrap().text.clone();
    assert!(button.contains("· 80% · 30 s"), "{button}");
    alex.skims().await;
    stage.finish().await;
}
