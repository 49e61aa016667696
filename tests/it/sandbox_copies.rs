//! `copyMessage` of the simulated Bot API: what a copy is, and what Telegram refuses.

use std::sync::Arc;

use numshop::clock::ManualClock;
use numshop::sandbox::telegram::limits::{Fault, RateLimits};
use numshop::sandbox::telegram::{Config, SimulatedTelegram};
use serde_json::{Value, json};

const SARI: i64 = 5_000_001;
const ALEX: i64 = 5_000_002;

/// Both have started the bot.
async fn started() -> SimulatedTelegram {
    let clock = Arc::new(ManualClock::default());
    let telegram = SimulatedTelegram::start(Config::default(), clock)
        .await
        .unwrap();
    for (id, name) in [(SARI, "Sari"), (ALEX, "Alex")] {
        telegram.add_user(id, name, None, "en");
        telegram.send_text(id, "/start").unwrap();
    }
    telegram
}

async fn call(telegram: &SimulatedTelegram, method: &str, body: Value) -> Result<Value, String> {
    let address = format!("{}/bot{}/{method}", telegram.url(), telegram.token());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client
        .post(address)
        .header("content-type", "application/json")
        .body(body.to_string());
    let text = request.send().await.map_err(|error| error.to_string())?;
    let text = text.text().await.map_err(|error| error.to_string())?;
    let answer: Value = serde_json::from_str(&text).unwrap();
    match answer["ok"].as_bool() {
        Some(true) => Ok(answer["result"].clone()),
        _ => Err(answer["description"].as_str().unwrap().to_owned()),
    }
}

async fn copy(telegram: &SimulatedTelegram, message: i32, to: i64) -> Result<Value, String> {
    let body = json!({
        "chat_id": to,
        "from_chat_id": SARI,
        "message_id": message,
        "reply_markup": { "inline_keyboard": [[{ "text": "Stop", "callback_data": "s" }]] },
    });
    call(telegram, "copyMessage", body).await
}

#[tokio::test]
async fn a_copy_looks_as_if_the_bot_had_written_it() {
    let telegram = started().await;
    let original = telegram.send_formatted(SARI, "News", Vec::new()).unwrap();
    let copied = copy(&telegram, original, ALEX).await.unwrap();
    let id = i32::try_from(copied["message_id"].as_i64().unwrap()).unwrap();
    let shown = telegram.message(ALEX, id).unwrap();
    assert!(shown.from_bot() && shown.text == "News");
    assert!(shown.button("Stop").is_some());
}

#[tokio::test]
async fn what_telegram_refuses_is_refused_in_its_words() {
    let telegram = started().await;
    let original = telegram.send_formatted(SARI, "News", Vec::new()).unwrap();
    let gone = copy(&telegram, 99_999, ALEX).await;
    assert_eq!(
        gone,
        Err("Bad Request: message to copy not found".to_owned())
    );
    let nobody = copy(&telegram, original, 1).await;
    assert_eq!(nobody, Err("Bad Request: chat not found".to_owned()));
    telegram.block_bot(ALEX).unwrap();
    let blocked = copy(&telegram, original, ALEX).await;
    let words = "Forbidden: bot was blocked by the user".to_owned();
    assert_eq!(blocked, Err(words));
    telegram.unblock_bot(ALEX).unwrap();
    let invoice = json!({
        "chat_id": SARI, "title": "Stars", "description": "For the wallet", "payload": "p",
        "currency": "XTR", "prices": [{ "label": "Stars", "amount": 50 }],
    });
    let invoice = call(&telegram, "sendInvoice", invoice).await.unwrap();
    let invoice = i32::try_from(invoice["message_id"].as_i64().unwrap()).unwrap();
    let bill = copy(&telegram, invoice, ALEX).await;
    assert_eq!(bill, Err("Bad Request: message can't be copied".to_owned()));
    telegram.set_rate_limits(Some(RateLimits::like_telegram()));
    let mut refused = None;
    for _ in 0..6 {
        refused = copy(&telegram, original, ALEX).await.err();
    }
    assert!(
        refused
            .unwrap()
            .starts_with("Too Many Requests: retry after")
    );
    telegram.set_rate_limits(None);
    // The copy is there, and the word that it is got lost.
    let before = telegram.messages(ALEX).len();
    telegram.set_fault(Some(Fault::DropAfterSending(1))).await;
    copy(&telegram, original, ALEX).await.unwrap_err();
    assert_eq!(telegram.messages(ALEX).len(), before + 1);
}
