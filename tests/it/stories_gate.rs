//! Whoever floods the bot gets one word and then silence; money, codes and the staff notice nothing.

use std::num::NonZeroU32;

use numshop::bot::gate::GateSettings;
use numshop::sandbox::telegram::message::ChatMessage;
use numshop::sandbox::telegram::stars::Payment;

use crate::harness::{ALEX, Actor, PATIENCE, Stage, eventually};
use crate::stories_stars::gets_invoice;

const TOO_FAST: &str = "That was too fast for me";
const TOO_BUSY: &str = "The shop is very busy just now";
/// Nobody reads what these two are told; the second one runs the shop.
const GUEST: i64 = 2_001;
const STAFF: i64 = 2_002;
/// Far more than anybody may do at once.
const FLOOD: usize = 100;

/// A shop in which a person may do thirty things at once, and then one a second.
async fn stage() -> Stage {
    let stage = Stage::open().await;
    stage
        .with(|stage| {
            stage.telegram.add_user(STAFF, "Staff", None, "en");
            stage.admins.push(STAFF);
            stage.gate = GateSettings {
                per_second: NonZeroU32::MIN,
                burst: NonZeroU32::new(30).unwrap(),
                most_under_way: 5_000,
            };
        })
        .await
}

fn told(stage: &Stage, chat: i64, text: &str) -> usize {
    let messages = stage.telegram.messages(chat);
    let says_so = |message: &&ChatMessage| message.from_bot() && message.text.contains(text);
    messages.iter().filter(says_so).count()
}

async fn floods(stage: &Stage, chat: i64) {
    for _ in 0..FLOOD {
        stage.telegram.send_text(chat, "/help").unwrap();
    }
    stage.is_idle().await;
}

async fn pays(person: &Actor<'_>, invoice: &ChatMessage) {
    let paid = person.pays(invoice.id).await;
    assert!(matches!(paid, Payment::Made { .. }), "{paid:?}");
    person.sees("Rp20,000 was added").await;
}

#[tokio::test]
async fn a_flooder_hears_one_word_and_still_gets_codes_and_money() {
    let stage = stage().await;
    let alex = stage.alex();
    alex.says("/start").await;
    let invoice = gets_invoice(&alex).await;
    alex.funded(20_000).await;
    alex.buys("whatsapp").await;
    floods(&stage, ALEX).await;
    alex.sees(TOO_FAST).await;
    let helped = || told(&stage, ALEX, "How it works");
    eventually("what there was room for is answered", async || {
        helped() >= 5
    })
    .await;
    // A press is left out like a message, and without another word.
    let telegram = &stage.telegram;
    for _ in 0..FLOOD / 2 {
        telegram.press_forged(ALEX, invoice.id, "of old").unwrap();
    }
    stage.is_idle().await;
    let toasts = telegram.toasts(ALEX);
    assert!(!toasts.iter().any(|toast| toast.text.contains(TOO_FAST)));
    for upstream in [&stage.virtusim, &stage.otpcepat] {
        upstream.deliver_all(Some("Your WhatsApp code is 481-902"));
    }
    alex.sees("Your code for").await;
    pays(&alex, &invoice).await;
    assert_eq!(told(&stage, ALEX, TOO_FAST), 1);
    assert!(helped() < FLOOD / 2, "{} were answered", helped());
    // Nobody else is any slower for it, and the staff may do what it likes.
    let sari = stage.sari();
    sari.says("/start").await;
    floods(&stage, STAFF).await;
    eventually(
        "the staff is answered as long as there is room",
        async || told(&stage, STAFF, "How it works") > 45,
    )
    .await;
    assert_eq!(told(&stage, STAFF, TOO_FAST), 0);
    for person in [alex, sari, stage.maya()] {
        person.skims().await;
    }
    stage.finish().await;
}

#[tokio::test]
async fn whoever_floods_with_presses_reads_it_over_the_button() {
    let stage = stage().await;
    let telegram = &stage.telegram;
    telegram.add_user(GUEST, "Guest", None, "en");
    let menu = stage.person(GUEST).says("/start").await;
    // As many as the simulation remembers.
    for _ in 0..60 {
        telegram.press_forged(GUEST, menu.id, "of old").unwrap();
    }
    stage.is_idle().await;
    let over = |text: &str| text.contains(TOO_FAST);
    let seen = telegram.wait_for_toast(GUEST, 0, |toast| over(&toast.text), PATIENCE);
    assert!(seen.await.unwrap().alert);
    let toasts = telegram.toasts(GUEST);
    assert_eq!(toasts.iter().filter(|toast| over(&toast.text)).count(), 1);
    assert_eq!(told(&stage, GUEST, TOO_FAST), 0);
    stage.finish().await;
}

#[tokio::test]
async fn a_shop_that_is_far_behind_takes_money_and_nothing_else() {
    let stage = Stage::open().await;
    let alex = stage.alex();
    alex.says("/start").await;
    let invoice = gets_invoice(&alex).await;
    let stage = stage.with(|stage| stage.gate.most_under_way = 0).await;
    let alex = stage.alex();
    let answer = alex.says("/wallet").await;
    assert!(answer.text.contains(TOO_BUSY), "{}", answer.text);
    floods(&stage, ALEX).await;
    pays(&alex, &invoice).await;
    assert_eq!(told(&stage, ALEX, TOO_BUSY), 1);
    assert_eq!(alex.balance().await, (20_000, 0));
    let board = stage.maya().says("/providers").await;
    assert!(board.text.contains("virtusim"), "{}", board.text);
    stage.finish().await;
}
