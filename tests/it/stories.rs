//! The user's and the admin's stories, from /start to the last message, over real HTTP.

use chrono::TimeDelta;
use numshop::sandbox::upstream::fault::{Fault, Scope, step};

use crate::harness::{ALEX, Stage};

#[tokio::test]
async fn a_purchase_from_start_to_finish() {
    let stage = Stage::open().await;
    let alex = stage.alex();
    let hello = alex.says("/start").await;
    assert!(hello.text.contains("Hi Alex!"), "{}", hello.text);
    alex.funded(50_000).await;
    let card = alex.chooses("whatsapp").await;
    assert!(
        card.text.contains("Your balance: Rp50,000 →"),
        "{}",
        card.text
    );
    alex.presses("Buy for").await;
    let waiting = alex.sees("Waiting for the SMS").await;
    assert_eq!(waiting.id, card.id, "the card is edited in place");
    let number = waiting.spans("code").pop().unwrap();
    let (available, held) = alex.balance().await;
    assert_eq!(available + held, 50_000);
    assert!(held > 0);

    stage
        .otpcepat
        .deliver_all(Some("Your WhatsApp code is 481-902"));
    stage
        .virtusim
        .deliver_all(Some("Your WhatsApp code is 481-902"));
    let bell = alex.sees("Your code for WhatsApp").await;
    assert!(
        bell.spans("code").contains(&"481902".to_owned()),
        "{}",
        bell.text
    );
    assert!(bell.id > card.id, "an edit rings no bell");
    let received = alex.sees("Your SMS is here").await;
    assert!(received.text.contains(&number) && received.text.contains("481902"));
    alex.presses("Finish").await;
    alex.sees("Done.").await;
    assert_eq!(alex.balance().await, (available, 0));
    stage.finish().await;
}

#[tokio::test]
async fn a_cancellation_waits_for_the_upstream_and_gives_the_money_back() {
    let stage = Stage::open().await;
    let alex = stage.alex();
    alex.says("/start").await;
    alex.funded(50_000).await;
    // Only VirtuSIM sells Netflix here, and it makes people wait.
    alex.buys("Telegram").await;
    let toast = alex.taps("possible in").await;
    assert!(toast.text.contains("You can cancel in"), "{}", toast.text);
    assert_ne!(alex.balance().await.1, 0);
    stage.later(TimeDelta::minutes(4));
    alex.taps("Cancel").await;
    alex.sees("Cancelled. Rp").await;
    assert_eq!(alex.balance().await, (50_000, 0));
    let wallet = alex.says("/wallet").await.text;
    for line in ["-Rp6,500 · set aside for", "+Rp6,500 · back from"] {
        assert!(wallet.contains(line), "{line}: {wallet}");
    }
    stage.finish().await;
}

#[tokio::test]
async fn a_number_without_sms_expires_and_rings() {
    let stage = Stage::open().await;
    let sari = stage.sari();
    sari.says("/start").await;
    stage.shop().choose_language(sari.id(), "en").await.unwrap();
    sari.funded(50_000).await;
    sari.buys("WhatsApp").await;
    stage.later(TimeDelta::minutes(21));
    let card = sari.sees("No SMS came in time").await;
    assert_eq!(sari.balance().await, (50_000, 0));
    sari.skims().await;
    assert!(card.text.contains("back in your wallet"));
    stage.finish().await;
}

#[tokio::test]
async fn an_sms_that_comes_during_the_cancellation_wins() {
    let stage = Stage::open().await;
    let alex = stage.alex();
    alex.says("/start").await;
    alex.funded(50_000).await;
    alex.buys("Telegram").await;
    for upstream in [&stage.virtusim, &stage.otpcepat] {
        upstream.set_fault(Fault::SmsDuringCancel, Scope::on(step::CANCEL).once());
    }
    stage.later(TimeDelta::minutes(4));
    alex.taps("Cancel").await;
    alex.sees("Your SMS is here").await;
    alex.sees("Your code for").await;
    let (available, held) = alex.balance().await;
    assert_eq!(held, 0);
    assert!(available < 50_000, "a delivered code is paid for");
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn too_little_money_leads_to_the_wallet() {
    let stage = Stage::open().await;
    let alex = stage.alex();
    alex.says("/start").await;
    let card = alex.chooses("WhatsApp").await;
    assert!(
        card.text.contains("more. Nothing was charged"),
        "{}",
        card.text
    );
    assert!(
        card.buttons()
            .all(|button| !button.text.contains("Buy for"))
    );
    alex.presses("Top up").await;
    assert_eq!(alex.balance().await, (0, 0));
    stage.finish().await;
}

#[tokio::test]
async fn an_upstream_without_stock_gives_the_money_back() {
    let stage = Stage::open().await;
    let alex = stage.alex();
    alex.says("/start").await;
    alex.funded(50_000).await;
    alex.chooses("Telegram").await;
    for upstream in [&stage.virtusim, &stage.otpcepat] {
        upstream.set_fault(Fault::NoStock, Scope::on(step::BUY));
    }
    alex.presses("Buy for").await;
    alex.sees("is back in your wallet").await;
    assert_eq!(alex.balance().await, (50_000, 0));
    stage.finish().await;
}

#[tokio::test]
async fn a_restart_goes_on_with_every_open_order() {
    let mut stage = Stage::open().await;
    stage.alex().says("/start").await;
    stage.alex().funded(50_000).await;
    stage.alex().buys("WhatsApp").await;
    stage.stop().await;
    for upstream in [&stage.virtusim, &stage.otpcepat] {
        upstream.deliver_all(Some("Code 551177"));
    }
    stage.start().await;
    stage.alex().sees("Your code for WhatsApp").await;
    stage.alex().sees("Your SMS is here").await;
    stage.alex().skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn another_sms_to_the_same_number() {
    let stage = Stage::open().await;
    let alex = stage.alex();
    alex.says("/start").await;
    alex.funded(50_000).await;
    alex.buys("WhatsApp").await;
    let everywhere = |text: &str| {
        for upstream in [&stage.virtusim, &stage.otpcepat] {
            upstream.deliver_all(Some(text));
        }
    };
    everywhere("Code 551177");
    alex.sees("Your SMS is here").await;
    let paid = alex.balance().await;
    alex.presses("Another SMS").await;
    alex.sees("Waiting for another SMS").await;
    crate::harness::eventually("the upstream was told", async || {
        stage.virtusim.requests(step::RESEND) + stage.otpcepat.requests(step::RESEND) == 1
    })
    .await;
    everywhere("Code 662288");
    alex.sees("662288").await;
    alex.sees("Your code for WhatsApp").await;
    assert_eq!(alex.balance().await, paid, "a further SMS costs nothing");
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn two_hundred_users_buy_at_once() {
    let stage = Stage::open().await;
    let guests: Vec<_> =
        futures_util::future::join_all((0..200).map(|index| stage.guest(5_000 + index, 20_000)))
            .await;
    for upstream in [&stage.virtusim, &stage.otpcepat] {
        upstream.set_sms_after(Some(std::time::Duration::ZERO));
    }
    stage.is_idle().await;
    futures_util::future::join_all(guests.iter().map(async |guest| {
        guest.browses_to("Indonesia", "WhatsApp").await;
        guest.presses("Buy for").await;
    }))
    .await;
    crate::harness::eventually("everybody has a code or the money", async || {
        for guest in &guests {
            if guest.balance().await.1 != 0 {
                return false;
            }
        }
        true
    })
    .await;
    let mut codes = 0;
    for guest in &guests {
        let orders = stage.shop().orders(guest.id(), 0, 10).await.unwrap();
        assert_eq!(orders.rows.len(), 1);
        let (available, _) = guest.balance().await;
        let order = &orders.rows[0];
        if order.sms.is_empty() {
            assert_eq!(available, 20_000);
        } else {
            assert_eq!(available, 20_000 - order.price.as_minor());
            codes += 1;
        }
    }
    assert_eq!(codes, 200, "there is stock for all");
    stage.finish().await;
}

#[tokio::test]
async fn an_admin_is_asked_before_the_same_is_booked_again() {
    let stage = Stage::open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    alex.says("/start").await;
    let command = format!("/topup {ALEX} 2500");
    let first = maya.says(&command).await;
    assert!(!first.text.contains("the same amount"), "{}", first.text);
    maya.presses("Book").await;
    let second = maya.says(&command).await;
    let warning = "booked the same amount for this user";
    assert!(second.text.contains(warning), "{}", second.text);
    assert_eq!(alex.balance().await, (2_500, 0));
    maya.presses("once more").await;
    assert_eq!(alex.balance().await, (5_000, 0));
    alex.skims().await;
    maya.skims().await;
    stage.finish().await;
}
