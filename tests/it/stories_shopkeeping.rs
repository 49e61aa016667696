//! Stories of an admin who minds the shop: services hidden, pinned and renamed, announcements,
//! maintenance.

use numshop::domain::id::UserId;
use numshop::domain::order::OrderState;
use numshop::sandbox::telegram::message::ChatMessage;
use numshop::shop::ShopError;
use numshop::shop::browse::ServiceId;
use numshop::shop::faces::FaceChange;

use crate::harness::{MAYA, Stage, eventually};

fn labels(message: &ChatMessage) -> Vec<String> {
    message.buttons().map(|it| it.text.clone()).collect()
}

fn has(message: &ChatMessage, text: &str) {
    let shown = format!("{}\n{:?}", message.text, labels(message));
    assert!(shown.contains(text), "no {text} in:\n{shown}");
}

fn lacks(message: &ChatMessage, text: &str) {
    let shown = format!("{}\n{:?}", message.text, labels(message));
    assert!(!shown.contains(text), "{text} in:\n{shown}");
}

fn service(stage: &Stage, name: &str) -> ServiceId {
    let found = stage.shop().search("ID", name, 1);
    found.first().expect("it is sold").id
}

#[tokio::test]
async fn a_hidden_service_is_nowhere_and_comes_back() {
    let stage = Stage::open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    alex.says("/start").await;
    alex.funded(50_000).await;
    let whatsapp = service(&stage, "WhatsApp");
    alex.buys("WhatsApp").await;
    stage
        .shop()
        .set_favourite(alex.id(), whatsapp, true)
        .await
        .unwrap();
    let quoted = alex.chooses("WhatsApp").await;
    has(&quoted, "Buy for");

    let nothing = maya.says("/services").await;
    has(&nothing, "none is hidden, pinned or renamed");
    let found = maya.says("watsap").await;
    has(&found, "WhatsApp");
    let face = maya.presses("WhatsApp").await;
    has(&face, "Routes on sale: ");
    let hidden = maya.presses("Hide").await;
    has(&hidden, "Hidden: shown and sold nowhere");
    has(&hidden, "Routes on sale: 0");

    // The card that was drawn before sells no more, and no list, search or link knows it.
    alex.presses("Buy for").await;
    alex.skims().await;
    assert_eq!(
        alex.balance().await.0,
        46_000,
        "only the first one was paid for"
    );
    let searched = alex.says("whatsapp").await;
    lacks(&searched, "WhatsApp ·");
    let list = alex.says("/buy").await;
    lacks(&list, "WhatsApp");
    let digits = [whatsapp.0 / 36, whatsapp.0 % 36];
    let digits = digits.map(|digit| char::from_digit(digit.try_into().unwrap(), 36).unwrap());
    let payload: String = digits.iter().collect();
    let linked = alex
        .says(&format!("/start s_{}", payload.trim_start_matches('0')))
        .await;
    lacks(&linked, "WhatsApp");
    let again = stage.shop().habits(alex.id()).await.unwrap();
    assert!(stage.shop().again(&again).is_empty() && stage.shop().favourites(&again).is_empty());
    let choice = numshop::shop::buy::Choice {
        service: whatsapp,
        country: "ID".to_owned(),
        operator: None,
        server: None,
    };
    let watched = stage.shop().watch(alex.id(), &choice, None).await;
    assert!(matches!(watched, Err(ShopError::NotSold)), "{watched:?}");

    // What was bought before goes on.
    stage
        .virtusim
        .deliver_all(Some("Your WhatsApp code is 481-902"));
    stage
        .otpcepat
        .deliver_all(Some("Your WhatsApp code is 481-902"));
    alex.sees("Your code for WhatsApp").await;

    let list = maya.says("/services").await;
    has(&list, "🙈 WhatsApp");
    maya.presses("🙈 WhatsApp").await;
    let shown = maya.presses("Show").await;
    lacks(&shown, "Hidden");
    let searched = alex.says("whatsapp").await;
    has(&searched, "WhatsApp ·");
    let log = maya.says("/audit").await;
    has(&log, "service");
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_service_is_renamed_and_pinned() {
    let mut stage = Stage::open().await;
    {
        let (alex, maya) = (stage.alex(), stage.maya());
        maya.says("/services telegram").await;
        let none = maya.says("/services nonsensical").await;
        has(&none, "No service is called “nonsensical”.");
        maya.says("/services shopee").await;
        maya.presses("Shopee").await;
        maya.presses("Rename").await;
        let renamed = maya.says("  Toko <Oranye>  ").await;
        has(&renamed, "Toko <Oranye>");
        has(&renamed, "Its own name: Shopee");
        maya.presses("Pin to the top").await;
        alex.says("/buy").await;
        let list = alex.presses("Indonesia").await;
        assert!(
            labels(&list)[0].starts_with("Toko <Oranye>"),
            "{:?}",
            labels(&list)
        );
        // Found by both names.
        for typed in ["toko oranye", "shopee"] {
            let found = alex.says(typed).await;
            has(&found, "Toko <Oranye>");
        }
    }
    stage.stop().await;
    stage.start().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    let found = alex.says("shopee").await;
    has(&found, "Toko <Oranye>");
    // Two admins press the same: the second changes nothing.
    let id = service(&stage, "shopee");
    let admin = UserId(MAYA);
    let changes = [
        (FaceChange::Pin(true), false),
        (FaceChange::Pin(false), true),
        (FaceChange::Rename(None), true),
        (FaceChange::Rename(None), false),
    ];
    for (change, expected) in changes {
        let is_new = stage.shop().change_face(admin, id, change.clone()).await;
        assert_eq!(is_new.unwrap(), expected, "{change:?}");
    }
    let found = alex.says("shopee").await;
    lacks(&found, "Toko");
    maya.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn an_announcement_is_seen_by_its_admin_first() {
    let stage = Stage::open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    let none = maya.says("/announce").await;
    has(&none, "Nothing is announced.");
    let draft = maya.says("/announce Libur <b>Senin</b> & Selasa").await;
    has(&draft, "Libur <b>Senin</b> & Selasa");
    let menu = alex.says("/start").await;
    lacks(&menu, "Libur");
    let now = maya.presses("Put it on the menu").await;
    has(&now, "On the main menu:");
    let menu = alex.says("/start").await;
    has(&menu, "📣 Libur <b>Senin</b> & Selasa");
    // A second tap on the same draft's button, drawn anew, changes nothing.
    let long = maya.says(&format!("/announce {}", "x".repeat(600))).await;
    has(&long, "its end is cut off");
    maya.presses("Discard").await;
    let menu = alex.says("/start").await;
    has(&menu, "📣 Libur");
    let off = maya.says("/announce off").await;
    has(&off, "Nothing is announced.");
    let menu = alex.says("/start").await;
    lacks(&menu, "Libur");
    stage.finish().await;
}

#[tokio::test]
async fn while_the_shop_is_closed_nothing_new_is_bought_and_the_rest_goes_on() {
    let mut stage = Stage::open().await;
    {
        let (alex, maya) = (stage.alex(), stage.maya());
        alex.says("/start").await;
        alex.funded(50_000).await;
        alex.buys("WhatsApp").await;
        alex.chooses("Telegram").await;
        let unreadable = maya.says("/maintenance perhaps").await;
        has(&unreadable, "I can't read “perhaps”");
        has(&unreadable, "The shop is open.");
        let closed = maya.says("/maintenance on Kembali jam 9 <pagi>").await;
        has(&closed, "The shop is closed.");
        let refused = alex.presses("Buy for").await;
        has(&refused, "nothing can be bought for the moment");
        has(&refused, "Kembali jam 9 <pagi>");
        assert_eq!(alex.balance().await.1, 4_000, "only the first one is held");
    }
    stage.stop().await;
    stage.start().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    let menu = alex.says("/start").await;
    has(&menu, "We are working on the shop.");
    alex.says("/buy").await;
    alex.presses("Indonesia").await;
    let refused = alex.browses_to("Indonesia", "WhatsApp").await;
    has(&refused, "nothing can be bought for the moment");
    // The order that ran goes on, and money that comes in is credited.
    stage
        .virtusim
        .deliver_all(Some("Your WhatsApp code is 481-902"));
    stage
        .otpcepat
        .deliver_all(Some("Your WhatsApp code is 481-902"));
    alex.sees("Your code for WhatsApp").await;
    alex.funded(1_000).await;
    let board = maya.says("/doubts").await;
    has(&board, "Nothing is in doubt");

    let toast = maya.says("/maintenance").await;
    has(&toast, "The shop is closed.");
    let open = maya.presses("Open the shop").await;
    has(&open, "The shop is open.");
    alex.skims().await;
    let card = alex.chooses("WhatsApp").await;
    has(&card, "Buy for");
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn what_waits_in_line_waits_while_the_shop_is_closed() {
    let stage = Stage::open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    alex.says("/start").await;
    alex.funded(50_000).await;
    let whatsapp = service(&stage, "WhatsApp");
    let sells = async |word: &str| {
        for upstream in ["virtusim", "otpcepat"] {
            maya.says(&format!("/providers set {upstream} {word}"))
                .await;
        }
    };
    sells("off").await;
    let choice = numshop::shop::buy::Choice {
        service: whatsapp,
        country: "ID".to_owned(),
        operator: None,
        server: None,
    };
    let shop = stage.shop();
    let quote = shop
        .quote_queue(alex.id(), choice.clone(), 0)
        .await
        .unwrap();
    let card = numshop::shop::buy::CardPlace {
        chat_id: alex.id().0,
        message_id: 1,
    };
    let late = shop
        .quote_queue(alex.id(), choice.clone(), 0)
        .await
        .unwrap();
    let order = shop.confirm(alex.id(), &quote.nonce, card).await.unwrap();
    let order = order.order.id;
    maya.says("/maintenance on").await;
    let refused = shop.confirm(alex.id(), &late.nonce, card).await;
    assert!(
        matches!(refused, Err(ShopError::Closed(None))),
        "{refused:?}"
    );
    let refused = shop.quote_queue(alex.id(), choice, 0).await;
    assert!(
        matches!(refused, Err(ShopError::Closed(None))),
        "{refused:?}"
    );
    sells("on").await;
    shop.restock().await.unwrap();
    shop.wake().orders.notify_one();
    let waiting = shop.order(alex.id(), order).await.unwrap();
    assert!(waiting.queued_until.is_some() && waiting.number.is_none());
    assert_eq!(
        stage.virtusim.orders().len() + stage.otpcepat.orders().len(),
        0
    );
    maya.presses("Open the shop").await;
    eventually("it leaves the line", async || {
        shop.order(alex.id(), order).await.unwrap().state != OrderState::Held
    })
    .await;
    alex.sees("Your number came in!").await;
    alex.skims().await;
    stage.finish().await;
}
