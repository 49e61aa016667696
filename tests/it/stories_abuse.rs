//! People and upstreams who want what is not theirs, each with how that ends.

use std::sync::Arc;

use numshop::bot::callback::payload::Pressed;
use numshop::bot::callback::{Callback, Iso2, Route};
use numshop::domain::id::{Nonce, UserId};
use numshop::domain::market::Market;
use numshop::domain::order::OrderState;
use numshop::shop::ShopError;
use numshop::shop::browse::{ServerNumber, ServiceId};
use numshop::store::entity::services;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::harness::{Actor, MAYA, PATIENCE, Stage};
use crate::shop_stage;

/// What the simulated upstreams list and nobody may be sold.
const BANKS: [&str; 3] = ["DANA", "OVO", "PayPal"];
const IMPOSTOR: i64 = 6_666;

async fn customer<'s>(stage: &'s Stage, who: Actor<'s>) -> Actor<'s> {
    who.says("/start").await;
    let language = stage.shop().choose_language(who.id(), "en").await;
    language.unwrap();
    who.funded(50_000).await;
    who
}

/// The numbers that the denied services have with us.
async fn denied(stage: &Stage) -> Vec<ServiceId> {
    let connection = stage.database.connect().await;
    let rows = services::Entity::find()
        .filter(services::Column::Name.is_in(BANKS))
        .all(&connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    assert_eq!(rows.len(), BANKS.len(), "the upstreams sell them");
    rows.into_iter().map(|row| ServiceId(row.id)).collect()
}

/// Whatever a button that was never drawn could ask for about a service.
fn about(service: ServiceId) -> Vec<Callback> {
    let country = Iso2::new("ID").unwrap();
    let route = |server| Route {
        country,
        service,
        operator: None,
        server,
    };
    let mut all = vec![
        Callback::Places { service, page: 0 },
        Callback::Service { country, service },
        Callback::Star {
            country,
            service,
            on: true,
        },
    ];
    for server in [None, Some(ServerNumber(1)), Some(ServerNumber(2))] {
        let route = route(server);
        all.extend([
            Callback::Offer { route },
            Callback::Tell { route, limit: None },
            Callback::Cheaper { route },
            Callback::Queue { route, limit: 0 },
        ]);
    }
    all
}

/// A number in the form in which buttons and links carry it.
fn base36(mut number: i64) -> String {
    let mut digits = Vec::new();
    while number > 0 {
        let digit = u32::try_from(number % 36).unwrap();
        digits.push(char::from_digit(digit, 36).unwrap());
        number /= 36;
    }
    digits.into_iter().rev().collect()
}

/// Fails where anything that somebody was shown offers one of them.
fn offers_none(stage: &Stage, who: UserId) {
    for message in stage.telegram.messages(who.0) {
        for button in message.buttons() {
            let offered = BANKS.iter().find(|bank| button.text.contains(*bank));
            assert_eq!(offered, None, "{}", button.text);
        }
    }
}

#[tokio::test]
async fn numbers_for_banks_are_sold_by_no_way_in() {
    let stage = Stage::open().await;
    let alex = customer(&stage, stage.alex()).await;
    let menu = alex.says("/start").await;
    for typed in [
        "DANA",
        "dana",
        "ovo",
        "pay pal",
        "D A N A",
        "DANA Indonesia",
    ] {
        alex.says(typed).await;
        let query = stage.telegram.ask_inline(alex.id().0, typed).unwrap();
        let answer = stage
            .telegram
            .wait_for_inline(alex.id().0, &query, PATIENCE);
        for result in answer.await.unwrap().results {
            assert!(!BANKS.contains(&result.title.as_str()), "{}", result.title);
        }
    }
    for service in denied(&stage).await {
        alex.says(&format!("/start s_{}", base36(service.0))).await;
        for callback in about(service) {
            let user = alex.id();
            let forged = Pressed { user, callback }.encode();
            alex.forges(menu.id, &forged).await;
        }
    }
    alex.skims().await;
    offers_none(&stage, alex.id());
    let shop = stage.shop();
    let habits = shop.habits(alex.id()).await.unwrap();
    assert!(shop.favourites(&habits).is_empty());
    assert!(shop.watches(alex.id()).await.unwrap().is_empty());
    assert!(shop.orders(alex.id(), 0, 9).await.unwrap().rows.is_empty());
    assert_eq!(alex.balance().await, (50_000, 0));
    stage.finish().await;
}

#[tokio::test]
async fn what_is_denied_from_today_on_is_offered_by_no_old_way() {
    let mut stage = shop_stage::Stage::open().await;
    let sari = shop_stage::SARI;
    let order = stage.buy(sari, "Telegram").await;
    stage.alpha.deliver(1, "Your code is 481-902");
    stage.until(order, OrderState::Received).await;
    let (service, choice) = (stage.service("Telegram"), stage.choice("Telegram"));
    stage
        .shop()
        .set_favourite(sari, service, true)
        .await
        .unwrap();
    let quote = stage.quote(sari, "Telegram").await;
    let habits = stage.shop().habits(sari).await.unwrap();
    assert_eq!(stage.shop().again(&habits).len(), 1);
    assert_eq!(stage.shop().favourites(&habits).len(), 1);
    let balance = stage.wallet(sari).await;

    stage.terms.market = Arc::new(Market::shipped());
    stage.restart().await;
    let shop = stage.shop();
    let habits = shop.habits(sari).await.unwrap();
    assert!(shop.again(&habits).is_empty());
    assert!(shop.favourites(&habits).is_empty());
    assert!(shop.search_everywhere("Telegram", 9).is_empty());
    let refused = shop.quote(sari, choice).await;
    assert!(matches!(refused, Err(ShopError::NotSold)), "{refused:?}");
    let confirmed = stage.confirm(sari, &quote).await;
    assert!(confirmed.is_err(), "a button drawn before sells it");
    assert_eq!(stage.alpha.purchases(), 1);
    assert_eq!(stage.wallet(sari).await, balance);
    stage.finish().await;
}

#[tokio::test]
async fn an_order_of_somebody_else_answers_to_no_forged_button() {
    let stage = Stage::open().await;
    let alex = customer(&stage, stage.alex()).await;
    let sari = customer(&stage, stage.sari()).await;
    let menu = sari.says("/start").await;
    let card = alex.buys("WhatsApp").await;
    let number = card.spans("code").pop().unwrap();
    let orders = stage.shop().orders(alex.id(), 0, 1).await.unwrap();
    let id = orders.rows[0].id;
    let held = alex.balance().await;
    for callback in [
        Callback::Order { id },
        Callback::Cancel { id },
        Callback::Resend { id },
        Callback::Finish { id },
        Callback::Again { id },
        Callback::Confirm {
            nonce: Nonce::random(),
        },
    ] {
        // As one's own, and in the name of whose it is.
        for user in [sari.id(), alex.id()] {
            let callback = callback.clone();
            let toast = sari
                .forges(menu.id, &Pressed { user, callback }.encode())
                .await;
            let is_foreign = user == alex.id();
            let says_so = toast.text.contains("belongs to somebody else");
            assert_eq!(is_foreign, says_so, "{}", toast.text);
        }
    }
    sari.skims().await;
    for message in stage.telegram.messages(sari.id().0) {
        assert!(!message.text.contains(&number), "{}", message.text);
    }
    let view = stage.shop().order(alex.id(), id).await.unwrap();
    assert_eq!(view.state, OrderState::Waiting);
    assert_eq!(alex.balance().await, held);
    assert_eq!(sari.balance().await, (50_000, 0));
    stage.finish().await;
}

#[tokio::test]
async fn somebody_with_an_admin_s_name_is_nobody() {
    let stage = Stage::open().await;
    let alex = customer(&stage, stage.alex()).await;
    stage
        .telegram
        .add_user(IMPOSTOR, "Maya", Some("maya_"), "en");
    let (maya, impostor) = (stage.maya(), stage.person(IMPOSTOR));
    let menu = impostor.says("/start").await;
    let unknown = impostor.says("/nonsense").await.text;
    for command in ["/topup @alex 5000", "/role @maya_ admin", "/user @alex"] {
        assert_eq!(impostor.says(command).await.text, unknown, "{command}");
    }
    // What Maya is about to confirm, forwarded to them, and under their own name.
    let draft = maya.says("/topup @alex 5000").await;
    let button = draft.buttons().next().unwrap();
    let seq = stage.telegram.seq();
    stage
        .telegram
        .press_forwarded(IMPOSTOR, MAYA, draft.id, &button.text)
        .unwrap();
    let toast = stage
        .telegram
        .wait_for_toast(IMPOSTOR, seq, |_| true, PATIENCE);
    let toast = toast.await.unwrap();
    assert!(
        toast.text.contains("belongs to somebody else"),
        "{}",
        toast.text
    );
    let numshop::sandbox::telegram::keyboard::Action::Callback(data) = &button.action else {
        panic!("the button asks for nothing");
    };
    let pressed = Pressed::decode(data).unwrap();
    let forged = Pressed {
        user: impostor.id(),
        ..pressed
    };
    let toast = impostor.forges(menu.id, &forged.encode()).await;
    assert!(toast.text.contains("out of date"), "{}", toast.text);
    assert_eq!(alex.balance().await, (50_000, 0));
    maya.skims().await;
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn markup_in_an_sms_and_in_a_name_is_only_text() {
    const NAME: &str = "</b><a href=\"tg://user?id=1003\">Maya</a> &lt;b>";
    const SMS: &str = "<b>WhatsApp</b> code 481-902 </blockquote><a href=\"http://evil.example/\">&amp; more</a> <";
    let stage = Stage::open().await;
    stage.telegram.add_user(IMPOSTOR, NAME, None, "en");
    let guest = stage.person(IMPOSTOR);
    let greeting = guest.says("/start").await;
    assert!(greeting.text.contains(NAME), "{}", greeting.text);
    guest.funded(50_000).await;
    guest.buys("WhatsApp").await;
    for upstream in [&stage.virtusim, &stage.otpcepat] {
        upstream.deliver_all(Some(SMS));
    }
    let bell = guest.sees("Your code for WhatsApp").await;
    let card = guest.sees("Your SMS is here").await;
    for message in [&bell, &card] {
        assert!(message.text.contains(SMS), "{}", message.text);
    }
    let desk = stage.maya().says(&format!("/user {IMPOSTOR}")).await;
    assert!(desk.text.contains(NAME), "{}", desk.text);
    for message in [greeting, bell, card, desk] {
        assert_eq!(message.spans("text_link"), [""; 0]);
    }
    stage.maya().skims().await;
    stage.finish().await;
}
