//! A clock that jumps, a Telegram that is away or refuses everything, upstreams that are all down:
//! the bot stays up, says what is true, recovers by itself and loses nothing.

use std::time::Duration;

use chrono::TimeDelta;
use numshop::domain::id::OrderId;
use numshop::domain::order::OrderState;
use numshop::sandbox::telegram::limits;
use numshop::sandbox::upstream::fault::{Fault, Scope, step};
use numshop::sandbox::upstream::{self, SimulatedUpstream};
use numshop::shop::notice::{Delivery, Notice};
use rstest::rstest;

use crate::harness::{Actor, Stage, eventually};
use crate::scripted::Buy;
use crate::shop_stage::{self, PRICE};

const SMS: &str = "Your WhatsApp code: 481-902. Don't share it";

async fn customer<'s>(stage: &'s Stage, who: Actor<'s>) -> Actor<'s> {
    who.says("/start").await;
    let language = stage.shop().choose_language(who.id(), "en").await;
    language.unwrap();
    who.funded(50_000).await;
    who
}

fn upstreams(stage: &Stage) -> [&SimulatedUpstream; 2] {
    [&stage.virtusim, &stage.otpcepat]
}

fn polls(stage: &Stage) -> u64 {
    let polls = upstreams(stage).map(|upstream| upstream.requests(step::POLL));
    polls.iter().sum()
}

/// Asks every upstream for something that it can tell; whether all of them answered.
async fn answer(stage: &Stage) -> bool {
    let mut all = true;
    for provider in stage.shop().providers() {
        all &= if provider.capabilities().batch_poll {
            provider.open_orders().await.is_ok()
        } else {
            provider.balance().await.is_ok()
        };
    }
    all
}

/// The number of the newest order of somebody.
async fn newest(stage: &Stage, who: Actor<'_>) -> OrderId {
    let orders = stage.shop().orders(who.id(), 0, 1).await.unwrap();
    orders.rows[0].id
}

/// Brings the SMS of an order.
async fn delivers(stage: &Stage, who: Actor<'_>, order: OrderId) {
    let view = stage.shop().order(who.id(), order).await.unwrap();
    let number = view.number.unwrap();
    for upstream in upstreams(stage) {
        let orders = upstream.orders();
        let mut fitting = orders
            .iter()
            .filter(|order| order.number == number && order.state == upstream::OrderState::Waiting);
        if let Some(order) = fitting.next() {
            upstream.deliver(&order.id, SMS).unwrap();
            return;
        }
    }
    panic!("no upstream waits for this number");
}

#[tokio::test]
async fn a_clock_that_jumps_back_an_hour_delays_nobody() {
    let stage = Stage::open().await;
    let alex = customer(&stage, stage.alex()).await;
    let sari = customer(&stage, stage.sari()).await;
    let telegram = stage.shop().search("ID", "Telegram", 1)[0].id;
    let whatsapp = stage.shop().search("ID", "WhatsApp", 1)[0].id;
    let star = stage.shop().set_favourite(alex.id(), telegram, true).await;
    star.unwrap();
    alex.buys("WhatsApp").await;
    sari.chooses("WhatsApp").await;
    // Polling has slowed down after errors when it happens.
    for upstream in upstreams(&stage) {
        upstream.set_fault(Fault::ServerError(502), Scope::on(step::POLL));
    }
    let before = polls(&stage);
    eventually("polling has failed for a while", async || {
        polls(&stage) > before + 4
    })
    .await;
    stage.later(TimeDelta::hours(-1));
    for upstream in upstreams(&stage) {
        upstream.clear_faults();
    }
    let order = newest(&stage, alex).await;
    eventually("the card shows the time that is left", async || {
        let view = stage.shop().order(alex.id(), order).await.unwrap();
        let left = view.expires_at.unwrap() - stage.shop().now();
        left < TimeDelta::minutes(21) && left > TimeDelta::minutes(10)
    })
    .await;
    delivers(&stage, alex, order).await;
    alex.sees("Your code for WhatsApp").await;
    // What was offered before the jump is sold after it, once.
    sari.presses("Buy for").await;
    sari.sees("Waiting for the SMS").await;
    stage.later(TimeDelta::minutes(4));
    sari.taps("Cancel").await;
    sari.sees("Cancelled. Rp").await;
    assert_eq!(sari.balance().await, (50_000, 0));
    let star = stage.shop().set_favourite(alex.id(), whatsapp, true).await;
    star.unwrap();
    let habits = stage.shop().habits(alex.id()).await.unwrap();
    assert!(habits.is_favourite(telegram) && habits.is_favourite(whatsapp));
    alex.skims().await;
    sari.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_clock_that_jumps_back_leaves_no_order_hanging() {
    let mut stage = shop_stage::Stage::open().await;
    let (sari, alex) = (shop_stage::SARI, shop_stage::ALEX);
    stage.alpha.next(Buy::Lose { sold: true });
    let lost = stage.order(sari, "WhatsApp").await;
    stage.until(lost, OrderState::InDoubt).await;
    stage.advance(TimeDelta::hours(-1));
    // The next look at the list was to be in two seconds, and still is.
    eventually("its times are mended", async || {
        let row = stage.row(lost).await;
        row.deadline_at_ms <= stage.shop().now().timestamp_millis() + 180_000
    })
    .await;
    stage.advance(TimeDelta::seconds(3));
    stage.until(lost, OrderState::Waiting).await;

    // A code that is put off while the clock jumps comes as soon as it can.
    let later = Delivery::Later(Duration::from_secs(30));
    stage.courier.answers.lock().unwrap().insert(sari, later);
    stage.alpha.deliver(1, SMS);
    let code = Notice::Sms {
        order: lost,
        index: 0,
    };
    stage.until_brought(sari, code.clone()).await;
    eventually("it is put off", async || {
        let due = stage.shop().due_notices(Vec::new(), 9).await.unwrap();
        due.is_empty()
    })
    .await;
    stage.courier.answers.lock().unwrap().clear();
    let tried = stage.courier.count(sari, &code);
    stage.advance(TimeDelta::hours(-1));
    eventually("the code is brought", async || {
        stage.courier.count(sari, &code) > tried
    })
    .await;

    // The clock jumps while nobody is there: an order that is held goes on at the start.
    stage.stop_workers().await;
    let held = stage.order(alex, "WhatsApp").await;
    stage.kill().await;
    stage.clock.advance(TimeDelta::hours(-1));
    stage.start().await;
    stage.until(held, OrderState::Waiting).await;
    assert_eq!(stage.wallet(alex).await, (15_000, PRICE));
    stage.finish().await;
}

#[tokio::test]
async fn a_clock_that_jumps_back_does_not_put_the_money_off() {
    let stage = shop_stage::Stage::open().await;
    let sari = shop_stage::SARI;
    stage.alpha.has_no_list();
    stage.alpha.next(Buy::Lose { sold: false });
    let lost = stage.order(sari, "WhatsApp").await;
    stage.until(lost, OrderState::InDoubt).await;
    stage.advance(TimeDelta::hours(-1));
    eventually("its times are mended", async || {
        let row = stage.row(lost).await;
        row.deadline_at_ms <= stage.shop().now().timestamp_millis() + 180_000
    })
    .await;
    stage.advance(TimeDelta::seconds(181));
    stage.until(lost, OrderState::Failed).await;
    assert_eq!(stage.wallet(sari).await, (20_000, 0));
    stage.finish().await;
}

#[tokio::test]
async fn a_clock_that_jumps_ahead_a_day_gives_the_money_back_and_goes_on() {
    let stage = Stage::open().await;
    let alex = customer(&stage, stage.alex()).await;
    let sari = customer(&stage, stage.sari()).await;
    let whatsapp = stage.shop().search("ID", "WhatsApp", 1)[0].id;
    let star = stage.shop().set_favourite(sari.id(), whatsapp, true).await;
    star.unwrap();
    alex.buys("WhatsApp").await;
    sari.chooses("WhatsApp").await;
    stage.later(TimeDelta::days(1));
    alex.sees("No SMS came in time").await;
    assert_eq!(alex.balance().await, (50_000, 0));
    let late = sari.presses("Buy for").await;
    assert!(
        late.text.contains("out of date. Nothing was charged"),
        "{}",
        late.text
    );
    // The price lists are a day old now. They are read again, as always after some minutes.
    let shut = sari.says("WhatsApp").await;
    assert!(shut.text.contains("Nothing is for sale"), "{}", shut.text);
    for provider in stage.shop().providers() {
        stage.shop().refresh(provider.as_ref()).await.unwrap();
    }
    sari.buys("WhatsApp").await;
    let order = newest(&stage, sari).await;
    delivers(&stage, sari, order).await;
    sari.sees("Your code for WhatsApp").await;
    let habits = stage.shop().habits(sari.id()).await.unwrap();
    assert!(habits.is_favourite(whatsapp));
    alex.skims().await;
    sari.skims().await;
    stage.finish().await;
}

#[rstest]
#[case::refused(limits::Fault::Refused)]
#[case::dropped(limits::Fault::Dropped)]
#[case::failing(limits::Fault::Status(502))]
#[case::limited(limits::Fault::FloodFor(Duration::from_secs(2)))]
#[tokio::test]
async fn a_telegram_that_is_away_for_an_hour_loses_no_message(#[case] fault: limits::Fault) {
    let stage = Stage::open().await;
    let alex = customer(&stage, stage.alex()).await;
    let sari = customer(&stage, stage.sari()).await;
    alex.buys("WhatsApp").await;
    sari.buys("WhatsApp").await;
    let ends_by_itself = matches!(fault, limits::Fault::FloodFor(_));
    stage.telegram.set_fault(Some(fault)).await;
    // A code comes, a number ends without one, and somebody writes.
    let order = newest(&stage, alex).await;
    delivers(&stage, alex, order).await;
    eventually("the code is written down", async || {
        alex.balance().await.1 == 0
    })
    .await;
    stage.telegram.send_text(alex.id().0, "/wallet").unwrap();
    if ends_by_itself {
        let number = newest(&stage, sari).await;
        delivers(&stage, sari, number).await;
    } else {
        stage.later(TimeDelta::hours(1));
        eventually("the money is back", async || {
            sari.balance().await == (50_000, 0)
        })
        .await;
        stage.telegram.set_fault(None).await;
    }
    alex.sees("Your code for WhatsApp").await;
    // An hour later the order may be done already.
    alex.sees("is paid.").await;
    alex.sees("You can spend").await;
    if ends_by_itself {
        sari.sees("Your code for WhatsApp").await;
    } else {
        sari.sees("No SMS came in time").await;
    }
    // What seemed forgotten after that hour is answered once more.
    stage.is_idle().await;
    alex.skims().await;
    sari.skims().await;
    let told = stage.telegram.messages(alex.id().0);
    let codes = told.iter().filter(|it| it.text.contains("Your code for"));
    assert_eq!(
        codes.count(),
        1,
        "nothing was carried out before it was refused"
    );
    stage.finish().await;
}

#[tokio::test]
async fn a_telegram_that_limits_everything_is_not_hammered() {
    let stage = Stage::open().await;
    let alex = customer(&stage, stage.alex()).await;
    alex.buys("WhatsApp").await;
    let calls = || {
        let methods = ["sendMessage", "editMessageText", "getUpdates"];
        let calls = methods.map(|method| stage.telegram.requests(method));
        calls.iter().sum::<u64>()
    };
    let flood = limits::Fault::FloodFor(Duration::from_secs(3));
    stage.telegram.set_fault(Some(flood)).await;
    let before = calls();
    let order = newest(&stage, alex).await;
    delivers(&stage, alex, order).await;
    alex.sees("Your code for WhatsApp").await;
    let during = calls() - before;
    assert!(during < 30, "{during} calls in three seconds of refusals");
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn when_every_upstream_is_down_nothing_is_charged_and_codes_come_afterwards() {
    let stage = Stage::open().await;
    let alex = customer(&stage, stage.alex()).await;
    let sari = customer(&stage, stage.sari()).await;
    alex.buys("WhatsApp").await;
    sari.chooses("Facebook").await;
    let held = alex.balance().await;
    for upstream in upstreams(&stage) {
        upstream.stop().await;
    }
    sari.presses("Buy for").await;
    sari.sees("supplier is not reachable right now. Rp").await;
    assert_eq!(sari.balance().await, (50_000, 0));
    // Once that is known, nobody is led on.
    for _ in 0..5 {
        assert!(!answer(&stage).await);
    }
    sari.says("Facebook").await;
    sari.presses("Facebook ·").await;
    let refused = sari.presses("Any").await;
    assert!(
        refused
            .text
            .contains("not answering right now. Nothing was charged"),
        "{}",
        refused.text
    );
    assert_eq!(alex.balance().await, held, "his number still waits");
    let order = newest(&stage, alex).await;
    delivers(&stage, alex, order).await;
    for upstream in upstreams(&stage) {
        upstream.restart().await.unwrap();
    }
    stage.later(TimeDelta::seconds(31));
    alex.sees("Your code for WhatsApp").await;
    alex.sees("Your SMS is here").await;
    // The first good answer ends the rest.
    assert!(answer(&stage).await);
    sari.buys("Facebook").await;
    let order = newest(&stage, sari).await;
    delivers(&stage, sari, order).await;
    sari.sees("Your code for Facebook").await;
    alex.skims().await;
    sari.skims().await;
    stage.maya().skims().await;
    stage.finish().await;
}
