//! What one user may do, and what admins freeze.

use chrono::TimeDelta;
use numshop::domain::limits::{Limit, Limits};
use numshop::domain::money::Money;
use numshop::shop::ShopError;
use numshop::shop::browse::ServiceId;
use numshop::shop::buy::{CardPlace, Choice};
use numshop::shop::request::Way;

use crate::harness::{Actor, SARI, Stage, eventually};

/// A shop with one limit, and Alex with money.
async fn open(limit: Limit, most: i64) -> Stage {
    let limits = Limits::default().with(limit, Some(most));
    let stage = Stage::open().await.with(|it| it.limits = limits).await;
    stage.alex().says("/start").await;
    stage.alex().funded(100_000).await;
    stage
}

fn choice(stage: &Stage, name: &str) -> Choice {
    let found = stage.shop().search("ID", name, 1);
    Choice {
        service: found.first().unwrap().id,
        country: "ID".to_owned(),
        operator: None,
        server: None,
    }
}

async fn confirms(stage: &Stage, alex: Actor<'_>, name: &str) -> Result<(), ShopError> {
    let shop = stage.shop();
    let quote = shop.quote(alex.id(), choice(stage, name)).await?;
    let card = CardPlace {
        chat_id: alex.id().0,
        message_id: 1,
    };
    shop.confirm(alex.id(), &quote.nonce, card).await?;
    Ok(())
}

/// Buys, and waits until each of the user's orders has its number.
async fn gets(stage: &Stage, alex: Actor<'_>, name: &str) {
    confirms(stage, alex, name).await.unwrap();
    have_numbers(stage, alex).await;
}

async fn have_numbers(stage: &Stage, alex: Actor<'_>) {
    eventually("every order has its number", async || {
        let orders = stage.shop().orders(alex.id(), 0, 20).await.unwrap();
        orders.rows.iter().all(|order| order.number.is_some())
    })
    .await;
}

#[tokio::test]
async fn a_new_account_buys_so_often_a_day_unless_an_admin_says_otherwise() {
    let stage = open(Limit::NewOrders, 1).await;
    let (alex, maya) = (stage.alex(), stage.maya());
    alex.buys("WhatsApp").await;
    alex.chooses("WhatsApp").await;
    let refused = alex.presses("Buy for").await;
    assert!(
        refused.text.contains("can buy 1× a day") && refused.text.contains("in 24 h"),
        "{}",
        refused.text
    );
    let card = maya.says("/limits @alex").await;
    assert!(card.text.contains("(new account): 1 of 1"), "{}", card.text);
    maya.presses("(new account)").await;
    maya.taps("50").await;
    let card = maya.sees("1 of 50 ✎").await;
    assert!(card.text.contains("Alex"), "{}", card.text);
    alex.buys("WhatsApp").await;
    have_numbers(&stage, alex).await;
    let set = maya.says("/limits @alex new_orders usual").await;
    assert!(set.text.contains("2 of 1"), "{}", set.text);
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn of_many_taps_at_once_one_is_the_last_that_fits() {
    let stage = open(Limit::OpenOrders, 2).await;
    let alex = stage.alex();
    let names = ["WhatsApp", "Shopee", "Instagram"];
    let taps = (0..12).map(|tap| confirms(&stage, alex, names[tap % 3]));
    let taken = futures_util::future::join_all(taps).await;
    assert_eq!(taken.iter().filter(|it| it.is_ok()).count(), 2);
    for refused in taken.into_iter().filter_map(Result::err) {
        let ShopError::Limited(reached) = refused else {
            panic!("{refused}");
        };
        assert_eq!((reached.limit, reached.until), (Limit::OpenOrders, None));
    }
    have_numbers(&stage, alex).await;
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn spending_has_an_end_each_day() {
    let stage = open(Limit::Spend, 7_000).await;
    let alex = stage.alex();
    alex.buys("WhatsApp").await;
    alex.chooses("WhatsApp").await;
    let refused = alex.presses("Buy for").await;
    assert!(
        refused.text.contains("You can spend Rp7,000 within a day"),
        "{}",
        refused.text
    );
    // What comes back was not spent.
    stage.later(TimeDelta::minutes(21));
    alex.sees("No SMS came in time").await;
    alex.buys("WhatsApp").await;
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn top_ups_have_an_end_each_day() {
    let stage = open(Limit::TopUps, 1).await;
    let (alex, shop) = (stage.alex(), stage.shop());
    let amount = Money::minor(50_000);
    let request = shop
        .request_top_up(alex.id(), Way::Transfer, amount)
        .await
        .unwrap();
    // The open one is shown again; one that was taken back does not count.
    shop.request_top_up(alex.id(), Way::Transfer, amount)
        .await
        .unwrap();
    shop.withdraw_request(alex.id(), request.id).await.unwrap();
    shop.stars_invoice(alex.id(), 50).await.unwrap();
    shop.request_top_up(alex.id(), Way::Transfer, amount)
        .await
        .unwrap();
    let refused = shop.stars_invoice(alex.id(), 50).await.unwrap_err();
    assert!(matches!(refused, ShopError::Limited(_)), "{refused}");
    alex.says("/wallet").await;
    alex.presses("Stars").await;
    let refused = alex.presses("50").await;
    assert!(
        refused.text.contains("You can top up 1× a day"),
        "{}",
        refused.text
    );
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_frozen_user_is_told_and_buys_nothing_while_what_runs_goes_on() {
    let stage = open(Limit::OpenOrders, 50).await;
    let (alex, maya) = (stage.alex(), stage.maya());
    alex.buys("WhatsApp").await;
    alex.chooses("Shopee").await;
    let frozen = maya.says("/freeze user @alex odd <orders>").await;
    assert!(frozen.text.contains("odd <orders>"), "{}", frozen.text);
    let told = alex.sees("can't buy at present").await;
    assert!(told.text.contains("Reason: odd <orders>"), "{}", told.text);
    // The button was drawn before.
    let refused = alex.presses("Buy for").await;
    assert!(refused.text.contains("Your account"), "{}", refused.text);
    assert!(confirms(&stage, alex, "Instagram").await.is_err());
    for upstream in [&stage.virtusim, &stage.otpcepat] {
        upstream.deliver_all(Some("Your WhatsApp code is 481-902"));
    }
    alex.sees("Your SMS is here").await;
    // Nobody else is concerned.
    let guest = stage.guest(7_001, 50_000).await;
    guest.buys("WhatsApp").await;
    maya.taps("Lift: 👤").await;
    alex.sees("can buy again").await;
    alex.buys("Instagram").await;
    alex.skims().await;
    maya.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_service_an_upstream_and_everything_can_be_frozen() {
    let stage = open(Limit::OpenOrders, 50).await;
    let (alex, maya) = (stage.alex(), stage.maya());
    maya.says("/freeze service whatsapp their lawyers wrote")
        .await;
    let refused = confirms(&stage, alex, "WhatsApp").await.unwrap_err();
    let ShopError::Frozen(freeze) = refused else {
        panic!("{refused}");
    };
    assert_eq!(freeze.name, "WhatsApp");
    assert_eq!(freeze.reason.as_deref(), Some("their lawyers wrote"));
    gets(&stage, alex, "Shopee").await;
    maya.says("/unfreeze service whatsapp").await;
    gets(&stage, alex, "WhatsApp").await;
    let log = maya.says("/audit").await;
    assert_eq!(log.text.matches(", WhatsApp").count(), 2, "{}", log.text);

    // Only one of the two is left.
    maya.says("/freeze provider otpcepat").await;
    let purchases = stage.otpcepat.orders().len();
    gets(&stage, alex, "WhatsApp").await;
    assert_eq!(stage.otpcepat.orders().len(), purchases);
    maya.says("/freeze all fire").await;
    alex.says("/buy").await;
    alex.presses("Indonesia").await;
    let refused = confirms(&stage, alex, "WhatsApp").await.unwrap_err();
    assert!(matches!(refused, ShopError::Closed(_)), "{refused}");

    // It lasts, and ends by a word.
    let stage = stage.with(|_| ()).await;
    let (alex, maya) = (stage.alex(), stage.maya());
    assert_eq!(stage.shop().freezes().len(), 2);
    let list = maya.says("/freeze").await;
    assert!(list.text.contains("Everything") && list.text.contains("fire"));
    maya.says("/unfreeze all").await;
    maya.says("/unfreeze provider otpcepat").await;
    assert!(stage.shop().freezes().is_empty());
    gets(&stage, alex, "WhatsApp").await;
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn only_admins_freeze_and_set_limits() {
    let stage = open(Limit::OpenOrders, 1).await;
    let alex = stage.alex();
    for command in [
        "/freeze all",
        "/unfreeze all",
        &format!("/limits {SARI} open_orders 99"),
    ] {
        alex.says(command).await;
    }
    assert!(stage.shop().freezes().is_empty());
    let card = stage.maya().says("/limits 1002").await;
    assert!(
        card.text.contains("Orders at once: 0 of 1"),
        "{}",
        card.text
    );
    stage.finish().await;
}

#[tokio::test]
async fn what_is_denied_is_found_by_no_way() {
    let stage = open(Limit::OpenOrders, 50).await;
    let (alex, shop) = (stage.alex(), stage.shop());
    // Typed, by its name, an alias and its code.
    for typed in ["DANA", "dana indonesia", "PayPal", "pay pal", "OVO", "ts"] {
        let found = shop.search_everywhere(typed, 12);
        let denied = ["DANA", "PayPal", "OVO"];
        assert!(
            found
                .iter()
                .all(|entry| !denied.contains(&entry.name.as_str())),
            "{typed}"
        );
    }
    let answer = alex.says("paypal").await;
    assert!(
        answer
            .buttons()
            .all(|button| !button.text.contains("PayPal")),
        "{}",
        answer.text
    );
    // By a link, a star or an old button for whatever number it may have.
    for id in 1..400 {
        let service = ServiceId(id);
        let sold = shop.places(service, 0, 1);
        if let Ok((entry, _)) = sold {
            assert!(!["DANA", "PayPal", "OVO"].contains(&entry.name.as_str()));
        }
    }
    stage.finish().await;
}
