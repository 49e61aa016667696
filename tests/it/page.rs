//! The chat page in a real browser, with a small scripted bot on the other side.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::routing::{get, post};
use axum::{Json, Router};
use numshop::clock::ManualClock;
use numshop::sandbox::page::{self, Seat};
use numshop::sandbox::telegram::{Config, SimulatedTelegram};
use serde_json::{Value, json};
use teloxide::requests::Requester;
use teloxide::types::{ChatId, InputFile};

use crate::browser::Browser;

const SARI: i64 = 5_000_001;
const ALEX: i64 = 5_000_002;
const MAYA: i64 = 5_000_003;

const CARD: &str = "<b>📱 WhatsApp · Indonesia</b>\nNumber: <code>+62 899 0000 1234</code>\n\
    Lives for <i>20 minutes</i>, no <s>hurry</s>.\n\
    <blockquote>Put it into the app and ask for the code.</blockquote>\
    Secret: <tg-spoiler>well hidden</tg-spoiler> · <a href=\"https://example.com/help\">Help</a>";
const CODE: &str = "✅ <b>Your code</b>\n\n<pre><code class=\"language-code\">482913</code></pre>\n\
    Your WhatsApp code is 482913 &lt;img src=x onerror=alert(1)&gt;\n/orders shows all orders.";

struct Stage {
    telegram: SimulatedTelegram,
    url: String,
    panel: Arc<Mutex<Vec<(String, Value)>>>,
}

/// A simulated Telegram, a bot that follows a script, a panel that writes down, and the page.
async fn stage() -> Stage {
    let clock = Arc::new(ManualClock::default());
    let telegram = SimulatedTelegram::start(Config::default(), clock)
        .await
        .unwrap();
    telegram.add_user(SARI, "Sari", Some("sari_demo"), "id");
    telegram.add_user(ALEX, "Alex", Some("alex_demo"), "en");
    telegram.add_user(MAYA, "Maya", Some("maya_demo"), "en");
    let seats = [SARI, ALEX, MAYA].map(|user| Seat {
        user,
        admin: user == MAYA,
    });
    let panel = Arc::new(Mutex::new(Vec::new()));
    let router = page::router(telegram.clone(), seats.to_vec()).merge(panel_router(&panel));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    tokio::spawn(bot(format!("{}/bot{}", telegram.url(), telegram.token())));
    Stage {
        telegram,
        url,
        panel,
    }
}

fn panel_router(seen: &Arc<Mutex<Vec<(String, Value)>>>) -> Router {
    let mut router = Router::new().route("/panel/state", get(async || Json(json!({
        "now": "2026-03-01T09:41:00Z",
        "upstreams": [
            { "id": "virtusim", "name": "VirtuSIM", "balance": "4998700", "currency": "IDR", "fault": null, "orders": [
                { "id": "123", "service": "WhatsApp", "number": "6289900001234", "state": "waiting", "age_seconds": 42, "cancellable": true },
                { "id": "122", "service": "Telegram", "number": "6289900005678", "state": "received", "age_seconds": 260, "cancellable": true },
                { "id": "121", "service": "Shopee", "number": "6289900009012", "state": "cancelled", "age_seconds": 1900, "cancellable": true },
            ] },
            { "id": "otpcepat", "name": "OTPCepat", "balance": "250000", "currency": "IDR", "fault": "no_stock", "orders": [] },
        ],
    }))));
    for verb in ["deliver", "fault", "cancel", "advance"] {
        let seen = Arc::clone(seen);
        let write_down = async move |Json(body): Json<Value>| {
            seen.lock().unwrap().push((verb.to_owned(), body));
            Json(json!({ "ok": true }))
        };
        router = router.route(&format!("/panel/{verb}"), post(write_down));
    }
    router
}

async fn api(client: &reqwest::Client, base: &str, method: &str, body: Value) -> Value {
    let response = client
        .post(format!("{base}/{method}"))
        .header("content-type", "application/json")
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    let answer: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert_eq!(answer["ok"], true, "{method}: {answer}");
    answer["result"].clone()
}

/// Ends with the test's runtime.
async fn bot(base: String) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let commands = json!({ "commands": [
        { "command": "buy", "description": "Buy a number" },
        { "command": "orders", "description": "Your orders" },
        { "command": "wallet", "description": "Your money" },
    ] });
    api(&client, &base, "setMyCommands", commands).await;
    let mut offset = 0;
    loop {
        let body = json!({ "offset": offset, "timeout": 30 });
        let updates = api(&client, &base, "getUpdates", body).await;
        for update in updates.as_array().unwrap() {
            offset = update["update_id"].as_i64().unwrap() + 1;
            if let Some(query) = update.get("callback_query") {
                pressed(&client, &base, query).await;
            } else {
                wrote(&client, &base, &update["message"]).await;
            }
        }
    }
}

async fn wrote(client: &reqwest::Client, base: &str, message: &Value) {
    let chat = &message["chat"]["id"];
    let buttons = json!({ "inline_keyboard": [
        [{ "text": "📱 Buy", "callback_data": "buy" }, { "text": "🧾 Orders", "callback_data": "slow" }],
        [{ "text": "👛 Wallet", "callback_data": "note" }, { "text": "⚙️ Settings", "callback_data": "alert" }],
        [{ "text": "Website", "url": "https://example.com/" }],
    ] });
    let body = json!({
        "chat_id": chat, "parse_mode": "HTML", "reply_markup": buttons,
        "text": "👋 <b>Welcome!</b>\nI sell numbers that receive one code. Your wallet holds <b>Rp 50.000</b>.",
    });
    api(client, base, "sendMessage", body).await;
}

async fn pressed(client: &reqwest::Client, base: &str, query: &Value) {
    let (chat, message) = (
        &query["message"]["chat"]["id"],
        &query["message"]["message_id"],
    );
    let mut answer = json!({ "callback_query_id": query["id"] });
    let edit = |text: &str, buttons: Value| {
        json!({
            "chat_id": chat, "message_id": message, "text": text, "parse_mode": "HTML",
            "reply_markup": { "inline_keyboard": buttons },
        })
    };
    match query["data"].as_str().unwrap() {
        "buy" => {
            let buttons = json!([
                [{ "text": "Copy number", "copy_text": { "text": "+6289900001234" } }],
                [{ "text": "Check now", "callback_data": "code" }, { "text": "Cancel", "callback_data": "alert" }],
            ]);
            api(client, base, "editMessageText", edit(CARD, buttons)).await;
        }
        "code" => {
            let buttons = json!([
                [{ "text": "Copy 482913", "copy_text": { "text": "482913" } }],
                [{ "text": "Another SMS", "callback_data": "note" }, { "text": "Finish", "callback_data": "note" }],
            ]);
            api(client, base, "editMessageText", edit(CODE, buttons)).await;
        }
        "note" => answer["text"] = json!("Nothing has changed."),
        // Answered by nobody, so its spinner stays.
        "slow" => return,
        _ => {
            answer["text"] = json!("You can cancel in 2 minutes.\nYour money is safe.");
            answer["show_alert"] = json!(true);
        }
    }
    api(client, base, "answerCallbackQuery", answer).await;
}

/// Where pictures go: a folder named by NUMSHOP_SCREENSHOTS, or nowhere lasting.
pub(crate) fn gallery() -> PathBuf {
    std::env::var_os("NUMSHOP_SCREENSHOTS")
        .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chat_is_played_by_clicking_on_a_phone() {
    let stage = stage().await;
    let browser = Browser::start(390, 844).await;
    browser.prefer_dark(false).await;
    browser.open(&stage.url).await;
    browser.screenshot(&gallery().join("phone-empty.png")).await;
    browser.press("Start").await;
    browser.wait_for_bubble("Welcome!").await;
    browser.screenshot(&gallery().join("phone-menu.png")).await;

    browser.press("🧾 Orders").await;
    browser
        .wait_for(
            "return document.querySelector('.keyboard .busy');",
            "spinner",
        )
        .await;
    browser.press("👛 Wallet").await;
    browser.wait_for_toast("Nothing has changed.").await;
    browser.screenshot(&gallery().join("phone-busy.png")).await;

    browser.press("📱 Buy").await;
    browser.wait_for_bubble("+62 899 0000 1234").await;
    browser.press("Hidden text, press to show").await;
    browser.screenshot(&gallery().join("phone-card.png")).await;
    browser.press("Copy number").await;
    browser.wait_for_toast("Copied: +6289900001234").await;
    browser.press("Cancel").await;
    browser
        .wait_for(
            "return document.querySelector('dialog[open]')?.innerText.includes(label);",
            "Your money is safe.",
        )
        .await;
    browser.screenshot(&gallery().join("phone-alert.png")).await;
    browser.press("OK").await;
    browser.press("Check now").await;
    let bubble = browser.wait_for_bubble("Your code").await;
    assert!(bubble.contains("<img src=x onerror=alert(1)>"), "{bubble}");
    let images = browser
        .script("return document.querySelectorAll('.bubble img').length;")
        .await;
    assert_eq!(images, 0, "text of a message must not become markup");

    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let bot = teloxide::Bot::with_client(stage.telegram.token(), client)
        .set_api_url(stage.telegram.url().parse().unwrap());
    let file = InputFile::memory("a,b\n").file_name("orders.csv");
    bot.send_document(ChatId(SARI), file).await.unwrap();
    browser.wait_for_bubble("orders.csv").await;
    browser.type_text("two words").await;
    browser.wait_for_bubble("two words").await;
    browser.press("Commands").await;
    browser
        .screenshot(&gallery().join("phone-commands.png"))
        .await;
    browser.press("/wallet").await;
    browser.wait_for_bubble("/wallet").await;
    browser.press("Play the upstream").await;
    browser.screenshot(&gallery().join("phone-panel.png")).await;
    browser.press("Close").await;
    browser.resize(360, 640).await;
    let overflow = browser
        .script("return document.documentElement.scrollWidth > innerWidth;")
        .await;
    assert_eq!(overflow, false, "the page must fit a narrow phone");
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_are_switched_and_the_upstream_is_played_on_a_desktop() {
    let stage = stage().await;
    let browser = Browser::start(1280, 800).await;
    browser.prefer_dark(false).await;
    browser.open(&stage.url).await;
    browser.press("Start").await;
    browser.wait_for_bubble("Welcome!").await;
    browser.press("📱 Buy").await;
    browser.wait_for_bubble("+62 899 0000 1234").await;
    browser.press("Alex").await;
    browser.press("Start").await;
    browser.wait_for_bubble("Welcome!").await;
    browser.press("Sari").await;
    browser.wait_for_bubble("+62 899 0000 1234").await;

    let before = stage.telegram.seq();
    stage.telegram.send_text(ALEX, "hello again").unwrap();
    stage
        .telegram
        .wait_after(ALEX, before, |m| m.from_bot(), Duration::from_secs(10))
        .await
        .unwrap();
    browser
        .wait_for(
            "return document.querySelector(`#person-${label} .badge`)?.textContent === '1';",
            &ALEX.to_string(),
        )
        .await;
    browser.press("Check now").await;
    browser.wait_for_bubble("Your code").await;
    browser
        .type_text("Terima kasih! Is <b>this</b> plain?")
        .await;
    browser.wait_for_bubble("<b>this</b>").await;
    browser
        .screenshot(&gallery().join("desktop-light.png"))
        .await;
    browser.prefer_dark(true).await;
    browser
        .screenshot(&gallery().join("desktop-dark.png"))
        .await;

    browser.press("Deliver SMS").await;
    browser.wait_for_toast("SMS delivered").await;
    browser.press("Jump 20 minutes").await;
    browser.wait_for_toast("20 minutes later").await;
    let played = stage.panel.lock().unwrap().clone();
    assert_eq!(
        played,
        [
            (
                "deliver".to_owned(),
                json!({ "upstream": "virtusim", "order": "123", "text": null })
            ),
            ("advance".to_owned(), json!({ "minutes": 20 })),
        ]
    );
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}
