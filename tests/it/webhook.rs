//! Updates that Telegram brings by itself: each is on disk before it is answered, is handled once,
//! and nobody else can bring any.

use std::net::{SocketAddr, TcpListener};

use numshop::bot::webhook::WebhookSettings;
use reqwest::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

use crate::harness::{ALEX, PATIENCE, Stage, eventually};
use crate::rig::Rig;

const SECRET: &str = "X-Telegram-Bot-Api-Secret-Token";
const URL: &str = "https://shop.example/telegram";

/// An address that nobody listens on.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// A shop to which Telegram brings updates, and where.
async fn open() -> (Stage, SocketAddr) {
    let bind = free_address();
    let stage = Stage::open().await;
    stage.telegram.deliver_webhooks_to(bind);
    let url = URL.parse().unwrap();
    let stage = stage
        .with(|it| it.webhook = Some(WebhookSettings { url, bind }))
        .await;
    (stage, bind)
}

/// What Telegram says of the webhook.
async fn info(stage: &Stage) -> Value {
    let (url, token) = (stage.telegram.url(), stage.telegram.token());
    let address = format!("{url}/bot{token}/getWebhookInfo");
    let answer = reqwest::get(address).await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    answer["result"].clone()
}

/// What somebody brings who knows the secret, or some other one.
async fn bring(to: SocketAddr, secret: Option<&str>, body: String) -> StatusCode {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = client.post(format!("http://{to}/telegram")).body(body);
    if let Some(secret) = secret {
        request = request.header(SECRET, secret);
    }
    request.send().await.unwrap().status()
}

/// Alex writes that.
fn update(id: i64, text: &str) -> String {
    let alex = json!({ "id": ALEX, "is_bot": false, "first_name": "Alex", "language_code": "en" });
    let chat = json!({ "id": ALEX, "type": "private", "first_name": "Alex" });
    let message = json!({
        "message_id": 1, "date": 1_800_000_000, "from": alex, "chat": chat, "text": text,
    });
    json!({ "update_id": id, "message": message }).to_string()
}

fn helped(stage: &Stage) -> usize {
    let messages = stage.telegram.messages(ALEX);
    let helps = |text: &str| text.contains("How it works");
    messages.iter().filter(|it| helps(&it.text)).count()
}

#[tokio::test]
async fn a_purchase_goes_through_the_webhook_and_then_without_it() {
    let (stage, _) = open().await;
    let fetched = stage.telegram.requests("getUpdates");
    let told = info(&stage).await;
    assert_eq!(
        (&told["url"], &told["max_connections"]),
        (&json!(URL), &json!(16))
    );
    let alex = stage.alex();
    alex.says("/start").await;
    alex.funded(50_000).await;
    alex.buys("whatsapp").await;
    for upstream in [&stage.virtusim, &stage.otpcepat] {
        upstream.deliver_all(Some("Your WhatsApp code is 481-902"));
    }
    alex.sees("Your code for WhatsApp").await;
    alex.presses("Finish").await;
    alex.sees("Done.").await;
    assert_eq!(stage.telegram.requests("getUpdates"), fetched);
    // What comes while nobody listens comes again.
    let mut stage = stage;
    stage.stop().await;
    let help = stage.telegram.send_text(ALEX, "/help").unwrap();
    eventually("it was tried in vain", async || {
        info(&stage).await["last_error_message"].is_string()
    })
    .await;
    stage.start().await;
    stage.alex().sees("How it works").await;
    // And what was taken is not handled again.
    stage.telegram.redeliver(help).unwrap();
    stage.alex().says("/wallet").await;
    assert_eq!(helped(&stage), 1);
    let stage = stage.with(|it| it.webhook = None).await;
    assert_eq!(info(&stage).await["url"], "");
    stage.alex().says("/orders").await;
    assert!(stage.telegram.requests("getUpdates") > fetched);
    stage.alex().skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn nobody_but_telegram_brings_anything_and_rubbish_is_refused() {
    let (stage, address) = open().await;
    stage.alex().says("/start").await;
    let secret = stage.telegram.webhook_secret().unwrap();
    assert!(secret.len() >= 32 && secret.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let help = || update(900_000_001, "/help");
    let (half, longer) = (&secret[..32], format!("{secret}a"));
    for wrong in [
        None,
        Some(""),
        Some("wrong"),
        Some(half),
        Some(longer.as_str()),
    ] {
        let status = bring(address, wrong, help()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{wrong:?}");
    }
    let right = Some(secret.as_str());
    let large = " ".repeat(2 * 1024 * 1024);
    for (body, expected) in [
        (large.clone(), StatusCode::PAYLOAD_TOO_LARGE),
        (help() + &large, StatusCode::PAYLOAD_TOO_LARGE),
        (String::new(), StatusCode::BAD_REQUEST),
        ("rubbish".to_owned(), StatusCode::BAD_REQUEST),
        (r#"{"message":{}}"#.to_owned(), StatusCode::BAD_REQUEST),
        (r#"[{"update_id":1}]"#.to_owned(), StatusCode::BAD_REQUEST),
        (r#"{"update_id":"1"}"#.to_owned(), StatusCode::BAD_REQUEST),
        // Of a kind that we do not know: stored, marked, and never brought again.
        (
            r#"{"update_id":900000000,"new":{}}"#.to_owned(),
            StatusCode::OK,
        ),
    ] {
        let start: String = body.chars().take(40).collect();
        assert_eq!(bring(address, right, body).await, expected, "{start}");
    }
    stage.is_idle().await;
    assert_eq!(helped(&stage), 0);
    // Without a body of that size for those who do not know the secret.
    let status = bring(address, Some("wrong"), large).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    stage.finish().await;
}

#[tokio::test]
async fn the_same_update_is_handled_once_however_often_it_comes() {
    let (stage, address) = open().await;
    stage.alex().says("/start").await;
    let secret = stage.telegram.webhook_secret().unwrap();
    let brought = (0..8).map(|_| bring(address, Some(&secret), update(900_000_001, "/help")));
    for status in futures_util::future::join_all(brought).await {
        assert_eq!(status, StatusCode::OK);
    }
    stage.alex().sees("How it works").await;
    let again = bring(address, Some(&secret), update(900_000_001, "/help")).await;
    assert_eq!(again, StatusCode::OK);
    // Another start has another secret, and knows what was handled.
    let stage = stage.with(|_| ()).await;
    let old = bring(address, Some(&secret), update(900_000_002, "/help")).await;
    assert_eq!(old, StatusCode::UNAUTHORIZED);
    let secret = stage.telegram.webhook_secret().unwrap();
    let again = bring(address, Some(&secret), update(900_000_001, "/help")).await;
    assert_eq!(again, StatusCode::OK);
    stage.alex().says("/wallet").await;
    assert_eq!(helped(&stage), 1);
    stage.alex().skims().await;
    stage.finish().await;
}

/// The binary dies between Telegram's word and its handling: one number for one debit.
#[rstest]
#[case::before_the_update_is_stored("C0", 0)]
#[case::after_it_is_stored("C1", 1)]
#[tokio::test]
async fn a_death_between_storing_and_handling_loses_nothing(
    #[case] point: &str,
    #[case] expected: i64,
) {
    let mut rig = Rig::open().await;
    rig.is_idle().await;
    rig.kill().await;
    let address = free_address();
    rig.webhook = Some((URL, address));
    rig.telegram.deliver_webhooks_to(address);
    rig.start();
    rig.comes_to_confirm(ALEX).await;
    rig.arm(point).await;
    rig.presses(ALEX, "Buy for").await;
    rig.has_died().await;
    let stored = rig
        .number("SELECT COUNT(*) FROM inbox WHERE handled_at_ms IS NULL")
        .await;
    assert_eq!((stored, rig.telegram.pending_updates()), (expected, 1));
    rig.start();
    rig.sees(ALEX, "Waiting for the SMS").await;
    assert_eq!(
        rig.virtusim
            .deliver_all(Some("Your WhatsApp code is 481-902")),
        1
    );
    rig.sees(ALEX, "Your SMS is here").await;
    assert!(rig.telegram.requests("setWebhook") >= 3);
    rig.finish(1, 1).await;
}

#[tokio::test]
async fn a_port_that_is_taken_ends_the_start_with_one_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut rig = Rig::open().await;
    rig.is_idle().await;
    rig.kill().await;
    rig.webhook = Some((URL, taken.local_addr().unwrap()));
    let mut command = rig.command("run");
    let ended = command.stdout(std::process::Stdio::piped()).output();
    let ended = tokio::time::timeout(PATIENCE, ended)
        .await
        .unwrap()
        .unwrap();
    let said = String::from_utf8(ended.stdout).unwrap();
    assert!(
        said.contains("WEBHOOK_BIND: nothing can listen on"),
        "{said}"
    );
    rig.webhook = None;
    rig.start();
    rig.finish(0, 0).await;
}
