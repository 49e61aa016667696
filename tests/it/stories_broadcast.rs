//! Messages to many: who gets them, how they are steered, and that they delay nobody.

use std::time::{Duration, Instant};

use axum::body::Bytes;
use numshop::domain::audience::Audience;
use numshop::domain::id::UserId;
use numshop::sandbox::telegram::limits::Fault;
use numshop::sandbox::telegram::markup::Entity;
use numshop::sandbox::telegram::message::ChatMessage;
use numshop::shop::broadcast::{BroadcastView, Copied};

use crate::harness::{ALEX, Actor, MAYA, PATIENCE, SARI, Stage, eventually};

/// One black pixel.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55";
const NEWS: &str = "Numbers for Gojek are back";

/// Everybody has said hello, and understands English.
async fn stage() -> Stage {
    let stage = Stage::open().await;
    for person in [stage.alex(), stage.sari(), stage.maya()] {
        person.says("/start").await;
    }
    stage
}

/// So many further people who have said hello.
async fn crowd(stage: &Stage, count: i64) -> Vec<i64> {
    let crowd: Vec<i64> = (10_000..10_000 + count).collect();
    for id in &crowd {
        stage.telegram.add_user(*id, "Guest", None, "en");
        stage.telegram.send_text(*id, "/start").unwrap();
    }
    for id in &crowd {
        stage.person(*id).sees("Hi").await;
    }
    crowd
}

/// Maya writes the news, with one word in bold.
async fn news(stage: &Stage) -> i32 {
    let bold = Entity {
        kind: "bold".to_owned(),
        offset: 12,
        length: 5,
        url: None,
        language: None,
        custom_emoji_id: None,
    };
    let telegram = &stage.telegram;
    let seq = telegram.seq();
    let written = telegram.send_formatted(MAYA, NEWS, vec![bold]).unwrap();
    // It was taken for the name of a service: what comes next answers something else.
    let is_answer = |message: &ChatMessage| message.text.contains("I found nothing like");
    let answer = telegram.wait_after(MAYA, seq, is_answer, PATIENCE).await;
    answer.unwrap();
    written
}

/// Maya writes the news and sends it to everybody.
async fn broadcasts<'s>(stage: &'s Stage) -> Actor<'s> {
    let maya = stage.maya();
    let original = news(stage).await;
    maya.replies(original, "/broadcast").await;
    maya.presses("Everybody").await;
    maya.sees("Nothing has left yet").await;
    maya.taps("Send to").await;
    maya
}

async fn open(stage: &Stage) -> BroadcastView {
    stage.shop().open_broadcast().await.unwrap().unwrap()
}

/// How often somebody has the news, however it is shown.
fn copies(stage: &Stage, user: i64) -> usize {
    let messages = stage.telegram.messages(user);
    let news = messages
        .iter()
        .filter(|it| it.from_bot() && it.text == NEWS);
    news.count()
}

async fn skim(stage: &Stage) {
    for person in [stage.alex(), stage.sari(), stage.maya()] {
        person.skims().await;
    }
}

#[tokio::test]
async fn a_message_reaches_those_who_want_it_as_it_was_written() {
    let stage = stage().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    let blocked = crowd(&stage, 1).await[0];
    stage.telegram.block_bot(blocked).unwrap();
    alex.says("/language").await;
    let toast = alex.taps("News from the shop: on").await;
    assert!(toast.text.contains("No more news"), "{}", toast.text);
    alex.sees("And shall news").await;
    let original = news(&stage).await;
    let choice = maya.replies(original, "/broadcast").await;
    let labels: Vec<_> = choice.buttons().map(|it| it.text.as_str()).collect();
    assert!(labels.contains(&"Everybody · 3"), "{labels:?}");
    assert!(labels.contains(&"Indonesia · 1"), "{labels:?}");
    assert!(labels.contains(&"English · 2"), "{labels:?}");
    maya.presses("Everybody").await;
    let confirm = maya.sees("Nothing has left yet").await;
    assert!(confirm.text.contains("3 people"), "{}", confirm.text);
    assert_eq!(copies(&stage, MAYA), 1, "the preview");
    assert_eq!(copies(&stage, SARI), 0);
    maya.taps("Send to 3").await;
    let over = maya.sees("Everybody was written to").await;
    for part in ["2 of 3 have it", "Blocked the bot: 1"] {
        assert!(over.text.contains(part), "{part}: {}", over.text);
    }
    let copy = stage.sari().sees(NEWS).await;
    assert_eq!(copy.spans("bold"), ["Gojek"]);
    assert_eq!(copies(&stage, ALEX), 0, "Alex wants no news");
    // A copy carries its own way out.
    stage.sari().taps("Tanpa kabar lagi").await;
    let everybody = stage.shop().audience_size(&Audience::All, &[]).await;
    assert_eq!(everybody.unwrap(), 1, "Maya alone wants news and is there");
    let log = maya.says("/audit").await;
    assert!(log.text.contains("all: 3"), "{}", log.text);
    skim(&stage).await;
    stage.finish().await;
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_with_words() {
    let stage = stage().await;
    let maya = stage.maya();
    let usage = maya.says("/broadcast").await;
    assert!(usage.text.contains("Reply to it"), "{}", usage.text);
    let pictures = vec![Bytes::from_static(PNG), Bytes::from_static(PNG)];
    let album = stage.telegram.send_album(MAYA, pictures).unwrap();
    stage.is_idle().await;
    let refused = maya.replies(album[1], "/broadcast").await;
    assert!(
        refused.text.contains("can't send albums"),
        "{}",
        refused.text
    );
    skim(&stage).await;
    stage.finish().await;
}

#[tokio::test]
async fn it_is_paused_survives_a_restart_and_passes_over_nobody() {
    let mut stage = stage().await;
    let crowd = crowd(&stage, 60).await;
    let maya = broadcasts(&stage).await;
    eventually("some have it", async || open(&stage).await.delivered > 0).await;
    maya.taps("Pause").await;
    maya.sees("Paused").await;
    stage.is_idle().await;
    let late = 20_000;
    stage.telegram.add_user(late, "Late", None, "en");
    stage.person(late).says("/start").await;
    stage.stop().await;
    stage.start().await;
    let maya = stage.maya();
    let view = open(&stage).await;
    assert!(view.settled() < 63, "nobody further while it is paused");
    // A second one is refused while this one is open.
    let original = news(&stage).await;
    maya.replies(original, "/broadcast").await;
    maya.sees("One at a time").await;
    maya.taps("Resume").await;
    maya.sees("Everybody was written to").await;
    for id in crowd.into_iter().chain([SARI, ALEX]) {
        assert_eq!(copies(&stage, id), 1, "{id}");
    }
    assert_eq!(copies(&stage, late), 0, "who comes later does not get it");
    skim(&stage).await;
    stage.finish().await;
}

#[tokio::test]
async fn it_is_stopped_for_good() {
    let stage = stage().await;
    let crowd = crowd(&stage, 100).await;
    let maya = broadcasts(&stage).await;
    eventually("some have it", async || open(&stage).await.delivered > 0).await;
    maya.taps("Send to nobody else").await;
    maya.sees("Nobody else gets it").await;
    stage.is_idle().await;
    eventually("it is over", async || {
        stage.shop().open_broadcast().await.unwrap().is_none()
    })
    .await;
    let reached = crowd.iter().filter(|id| copies(&stage, **id) > 0).count();
    assert!(reached < 100, "{reached}");
    skim(&stage).await;
    stage.finish().await;
}

#[tokio::test]
async fn telegrams_limits_and_lost_answers_cost_nobody_the_message() {
    let stage = stage().await;
    let crowd = crowd(&stage, 60).await;
    let maya = broadcasts(&stage).await;
    eventually("some have it", async || open(&stage).await.delivered > 0).await;
    let flood = Fault::FloodFor(Duration::from_millis(1_200));
    stage.telegram.set_fault(Some(flood)).await;
    let before = open(&stage).await.settled();
    eventually("it goes on", async || open(&stage).await.settled() > before).await;
    stage
        .telegram
        .set_fault(Some(Fault::DropAfterSending(1)))
        .await;
    maya.sees("Everybody was written to").await;
    let all: Vec<_> = crowd.iter().map(|id| copies(&stage, *id)).collect();
    assert!(all.iter().all(|copies| (1..=2).contains(copies)), "{all:?}");
    skim(&stage).await;
    stage.finish().await;
}

#[tokio::test]
async fn a_code_overtakes_a_message_to_many() {
    let stage = stage().await;
    let alex = stage.alex();
    alex.funded(50_000).await;
    crowd(&stage, 150).await;
    alex.buys("WhatsApp").await;
    broadcasts(&stage).await;
    eventually("some have it", async || open(&stage).await.delivered > 0).await;
    let start = Instant::now();
    stage.otpcepat.deliver_all(Some("Your code is 481-902"));
    stage.virtusim.deliver_all(Some("Your code is 481-902"));
    alex.sees("Your code for WhatsApp").await;
    let took = start.elapsed();
    let view = open(&stage).await;
    assert!(
        view.settled() < view.total,
        "it was over before the code came"
    );
    assert!(took < Duration::from_secs(2), "{took:?}");
    let (shop, maya) = (stage.shop(), UserId(MAYA));
    let cancel = numshop::shop::broadcast::Steer::Cancel;
    shop.steer_broadcast(maya, view.id, cancel).await.unwrap();
    stage.maya().sees("Nobody else gets it").await;
    alex.presses("Finish").await;
    skim(&stage).await;
    stage.finish().await;
}

#[tokio::test]
async fn whoever_is_not_settled_is_written_to_again() {
    let stage = stage().await;
    let (shop, maya) = (stage.shop(), UserId(MAYA));
    // Paused at once, so that the worker leaves it alone.
    let nonce = shop.draft_broadcast(maya, 1).await.unwrap();
    stage.telegram.set_fault(Some(Fault::Refused)).await;
    shop.begin_broadcast(maya, &nonce, Audience::All, &[], 1)
        .await
        .unwrap();
    let first = shop.next_copies().await.unwrap().unwrap();
    let again = shop.next_copies().await.unwrap().unwrap();
    assert_eq!(first.to, again.to, "a crash settles nobody");
    assert_eq!(first.to.len(), 3);
    let lost = vec![(UserId(SARI), Copied::LOST)];
    shop.settle_copies(first.broadcast.id, lost.clone())
        .await
        .unwrap();
    let last = shop.next_copies().await.unwrap().unwrap();
    assert_eq!(
        last.to.last().unwrap().0,
        UserId(SARI),
        "once more, at the end"
    );
    shop.settle_copies(first.broadcast.id, lost).await.unwrap();
    let view = shop.broadcast(first.broadcast.id).await.unwrap();
    assert_eq!((view.failed, view.settled()), (1, 1));
    stage.telegram.set_fault(None).await;
    stage.maya().sees("message was deleted").await;
    skim(&stage).await;
    stage.finish().await;
}
