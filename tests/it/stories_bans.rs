//! Whoever is banned is banned everywhere: each command, each kind of button, and every other way
//! in. What is theirs stays theirs to see, and help can be asked for.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use numshop::bot::callback::broadcasting::Broadcasting;
use numshop::bot::callback::inviting::Inviting;
use numshop::bot::callback::mailing::Mailing;
use numshop::bot::callback::payload::Pressed;
use numshop::bot::callback::renting::Renting;
use numshop::bot::callback::trust::TrustPress;
use numshop::bot::callback::{Callback, Iso2, OperatorTag, Route};
use numshop::domain::id::{Nonce, OrderId, UserId};
use numshop::domain::money::Money;
use numshop::sandbox::telegram::message::ChatMessage;
use numshop::sandbox::telegram::stars::{Bill, Payment};
use numshop::shop::account::Visitor;
use numshop::shop::browse::ServiceId;
use numshop::shop::request::{RequestId, Way};
use numshop::shop::stars::StarsPaid;
use numshop::shop::watch::WatchId;

use crate::harness::{ALEX, Actor, MAYA, PATIENCE, Stage, eventually};
use crate::stories_staff::buttons;
use crate::stories_stars::gets_invoice;

const REFUSED: &str = "can't use this shop";
/// One grey pixel.
const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkM9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// Every command, and whether it is left to whoever is banned.
const COMMANDS: [(&str, bool); 17] = [
    ("start", false),
    ("buy", false),
    ("rent", false),
    ("email", false),
    ("orders", true),
    ("wallet", true),
    ("invite", false),
    ("language", false),
    ("help", false),
    ("voucher", false),
    ("paysupport", true),
    ("mydata", true),
    ("deleteme", false),
    ("support", true),
    ("terms", true),
    ("privacy", true),
    ("cancel", true),
];

/// Alex has an order under way, and is banned after `before` was done.
async fn banned(stage: &Stage) -> (Actor<'_>, ChatMessage) {
    let (alex, maya) = (stage.alex(), stage.maya());
    for person in [alex, maya] {
        person.says("/start").await;
    }
    alex.funded(50_000).await;
    let invoice = gets_invoice(&alex).await;
    alex.buys("WhatsApp").await;
    assert!(stage.shop().ban(maya.id(), alex.id(), true).await.unwrap());
    (alex, invoice)
}

fn refusals(stage: &Stage) -> usize {
    let messages = stage.telegram.messages(ALEX);
    let says_so = |message: &&ChatMessage| message.text.contains(REFUSED);
    messages.iter().filter(says_so).count()
}

/// Every kind of button that users get and that is closed to whoever is banned.
fn closed() -> Vec<Callback> {
    let (country, service) = (Iso2::new("ID").unwrap(), ServiceId(1));
    let (id, page, nonce) = (OrderId(1), 0, Nonce::random());
    let route = Route {
        country,
        service,
        operator: None,
        server: None,
    };
    let confirm = nonce.clone();
    let (tag, limit) = ("id".to_owned(), None);
    let mut closed = vec![
        Callback::Menu,
        Callback::MenuBelow,
        Callback::Buy,
        Callback::Countries { page },
        Callback::Everywhere { page },
        Callback::Places { service, page },
        Callback::Services { country, page },
        Callback::Service { country, service },
        Callback::Offer { route },
        Callback::Tell { route, limit },
        Callback::Cheaper { route },
        Callback::Queue { route, limit: 0 },
        Callback::Watches,
        Callback::Unwatch { id: WatchId(1) },
        Callback::Confirm { nonce: confirm },
        Callback::Cancel { id },
        Callback::Resend { id },
        Callback::Finish { id },
        Callback::Again { id },
        Callback::Stars,
        Callback::PayStars { stars: 50 },
        Callback::OtherStars,
        Callback::Settings,
        Callback::Language { tag },
        Callback::Help,
        Callback::Send { way: Way::Transfer },
        Callback::WithdrawRequest { id: RequestId(1) },
        Callback::Voucher,
        Callback::Invite(Inviting::Show),
    ];
    let (on, nonce) = (true, Some(nonce));
    let (version, given_up) = (OperatorTag(1), Money::ZERO);
    closed.push(Callback::Star {
        country,
        service,
        on,
    });
    closed.push(Callback::Broadcast(Broadcasting::News {
        on,
        in_settings: on,
    }));
    let trust = [
        TrustPress::Accept { version, nonce },
        TrustPress::EraseSure,
        TrustPress::EraseNow { given_up },
    ];
    closed.extend(trust.map(Callback::Trust));
    closed.extend(closed_renting(id).map(Callback::Rent));
    closed.extend(closed_mailing().map(Callback::Mail));
    closed
}

fn closed_renting(id: OrderId) -> [Renting; 10] {
    let (country, service) = (Iso2::new("ID").unwrap(), ServiceId(1));
    let (on, hours) = (true, 1);
    [
        Renting::Countries { page: 0 },
        Renting::Durations { country },
        Renting::Offer { country, service },
        Renting::Renewals { id },
        Renting::Renewal { id, service },
        Renting::Label { id },
        Renting::Star { country, on },
        Renting::Reminders,
        Renting::Remind { hours, on },
        Renting::Mute { id, on },
    ]
}

fn closed_mailing() -> [Mailing; 6] {
    let (service, domain, page) = (ServiceId(1), OperatorTag(1), 0);
    let on = true;
    [
        Mailing::Services { page },
        Mailing::Domains,
        Mailing::Service { service },
        Mailing::Domain { domain, page },
        Mailing::Star { service, on },
        Mailing::Offer { service, domain },
    ]
}

/// Every kind of button that is left.
fn left() -> [Callback; 8] {
    let (id, page) = (OrderId(1), 0);
    [
        Callback::Orders { page },
        Callback::OrdersBelow,
        Callback::Order { id },
        Callback::Wallet,
        Callback::Rent(Renting::Mine { page }),
        Callback::Rent(Renting::Inbox { id, page }),
        Callback::Trust(TrustPress::Terms),
        Callback::Trust(TrustPress::Privacy),
    ]
}

#[tokio::test]
async fn each_command_is_closed_or_left_as_it_is_written() {
    let stage = Stage::open().await;
    let (alex, _) = banned(&stage).await;
    let listed = stage.telegram.commands_for(ALEX, ALEX);
    let listed: BTreeSet<_> = listed.iter().map(|it| it.command.as_str()).collect();
    assert_eq!(listed, COMMANDS.iter().map(|(word, _)| *word).collect());
    for (word, is_left) in COMMANDS {
        for text in [format!("/{word}"), format!("/{word} abc")] {
            let answer = alex.says(&text).await;
            let is_refused = answer.text.contains(REFUSED);
            assert_eq!(is_refused, !is_left, "{text}: {}", answer.text);
            assert_eq!(answer.keyboard.is_empty(), is_refused || word == "mydata");
            // What it asked shall not be answered by what comes next.
            alex.says("/cancel").await;
        }
    }
    for person in [alex, stage.maya()] {
        person.skims().await;
    }
    stage.finish().await;
}

#[tokio::test]
async fn each_kind_of_button_is_closed_or_left_as_it_is_written() {
    let stage = Stage::open().await;
    let (alex, _) = banned(&stage).await;
    let menu = alex.says("/terms").await;
    let before = alex.balance().await;
    let forge = async |callback: Callback| {
        let user = alex.id();
        let pressed = Pressed { user, callback };
        alex.forges(menu.id, &pressed.encode()).await
    };
    for callback in left() {
        forge(callback).await;
    }
    let mut closed = closed();
    closed.extend(buttons());
    let expected = closed.len();
    for callback in closed {
        let toast = forge(callback.clone()).await;
        assert_eq!(toast.text, "", "{callback:?}");
    }
    // Answers to one person come one after the other, so this is the last one.
    alex.says("/start").await;
    assert_eq!(refusals(&stage), expected + 1);
    assert_eq!(alex.balance().await, before);
    assert_eq!(stage.shop().acts(None, 0).await.unwrap().rows.len(), 2);
    for person in [alex, stage.maya()] {
        person.skims().await;
    }
    stage.finish().await;
}

#[tokio::test]
async fn every_other_way_in_is_closed_and_support_is_not() {
    let stage = Stage::open().await;
    let (alex, invoice) = banned(&stage).await;
    for text in [
        "whatsapp",
        "/start buy",
        "/start stars",
        "/start v_ABCDEFGHJKLM",
        "/start s_1",
        "/nonsense",
        "/topup @alex 5000",
    ] {
        let answer = alex.says(text).await;
        assert!(answer.text.contains(REFUSED), "{text}: {}", answer.text);
    }
    let telegram = &stage.telegram;
    let picture = STANDARD.decode(PICTURE).unwrap();
    let told = refusals(&stage);
    telegram.send_photo(ALEX, picture.clone().into()).unwrap();
    eventually("the picture is refused", async || {
        refusals(&stage) == told + 1
    })
    .await;
    let query = telegram.ask_inline(ALEX, "whatsapp").unwrap();
    let offered = telegram.wait_for_inline(ALEX, &query, PATIENCE).await;
    assert!(offered.unwrap().results.is_empty());
    // Asking for help: a text, and a picture. After that the door is shut again.
    alex.says("/support").await;
    let sent = alex.says("why?").await;
    assert!(sent.text.contains("have your message"), "{}", sent.text);
    stage.maya().sees("why?").await;
    alex.says("/paysupport").await;
    alex.says("/support").await;
    telegram.send_photo(ALEX, picture.into()).unwrap();
    eventually("the picture is sent to support", async || {
        let messages = stage.telegram.messages(MAYA);
        messages.iter().any(|message| message.media.is_some())
    })
    .await;
    let refused = alex.says("and now?").await;
    assert!(refused.text.contains(REFUSED), "{}", refused.text);
    let declined = alex.pays(invoice.id).await;
    assert!(
        matches!(&declined, Payment::Declined(why) if why.contains(REFUSED)),
        "{declined:?}"
    );
    for person in [alex, stage.maya()] {
        person.skims().await;
    }
    stage.finish().await;
}

#[tokio::test]
async fn codes_and_money_still_reach_whoever_is_banned() {
    let stage = Stage::open().await;
    let (alex, invoice) = banned(&stage).await;
    for upstream in [&stage.virtusim, &stage.otpcepat] {
        upstream.deliver_all(Some("Your WhatsApp code is 481-902"));
    }
    alex.sees("Your code for WhatsApp").await;
    alex.says("/orders").await;
    let card = alex.presses("WhatsApp").await;
    assert!(card.text.contains("481902"), "{}", card.text);
    // They had paid a moment before the ban; the word of it comes after.
    let Some(Bill::Invoice(bill)) = &invoice.bill else {
        panic!("this is no invoice");
    };
    let (available, _) = alex.balance().await;
    let paid = StarsPaid {
        charge: "charge-1".to_owned(),
        payer: Visitor {
            id: UserId(ALEX),
            first_name: "Alex".to_owned(),
            username: Some("alex".to_owned()),
            language_code: Some("en".to_owned()),
        },
        stars: u32::try_from(bill.stars).unwrap(),
        payload: bill.payload.clone(),
        at: stage.shop().now(),
    };
    assert!(stage.shop().credit_stars(paid).await.unwrap());
    alex.sees("Rp20,000 was added").await;
    assert_eq!(alex.balance().await.0, available + 20_000);
    for person in [alex, stage.maya()] {
        person.skims().await;
    }
    stage.finish().await;
}
