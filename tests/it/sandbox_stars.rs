//! Payments in Stars against the simulated Telegram: what teloxide gets, and what is refused.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use numshop::clock::ManualClock;
use numshop::sandbox::telegram::people::Impossible;
use numshop::sandbox::telegram::stars::{Bill, Payment};
use numshop::sandbox::telegram::{Config, SimulatedTelegram};
use serde_json::{Value, json};
use teloxide::Bot;
use teloxide::payloads::GetUpdatesSetters;
use teloxide::requests::Requester;
use teloxide::types::{TelegramTransactionId, Update, UpdateKind, UserId};

const SARI: i64 = 5_000_001;
const ALEX: i64 = 5_000_002;
const SOON: Duration = Duration::from_secs(10);

struct Stage {
    telegram: SimulatedTelegram,
    clock: Arc<ManualClock>,
}

fn invoice() -> Value {
    json!({
        "chat_id": SARI,
        "title": "Top up",
        "description": "Money for numbers",
        "payload": "mine",
        "currency": "XTR",
        "provider_token": "",
        "prices": [{ "label": "Top up", "amount": 50 }],
    })
}

impl Stage {
    async fn open() -> Self {
        let clock = Arc::new(ManualClock::default());
        let telegram = SimulatedTelegram::start(Config::default(), clock.clone()).await;
        let telegram = telegram.unwrap();
        telegram.add_user(SARI, "Sari", Some("sari_demo"), "id");
        telegram.add_user(ALEX, "Alex", None, "en");
        telegram.send_text(SARI, "/start").unwrap();
        Self { telegram, clock }
    }

    fn bot(&self) -> Bot {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Bot::with_client(self.telegram.token(), client)
            .set_api_url(self.telegram.url().parse().unwrap())
    }

    /// Calls a method; its result, or the refusal's text.
    async fn calls(&self, method: &str, body: &Value) -> Result<Value, String> {
        let (url, token) = (self.telegram.url(), self.telegram.token());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client
            .post(format!("{url}/bot{token}/{method}"))
            .header("content-type", "application/json")
            .body(body.to_string());
        let text = request.send().await.unwrap().text().await.unwrap();
        let mut body: Value = serde_json::from_str(&text).unwrap();
        if body["ok"] == json!(true) {
            return Ok(body["result"].take());
        }
        Err(body["description"].as_str().unwrap().to_owned())
    }

    /// The newest update, as teloxide reads it.
    async fn newest(&self) -> Update {
        let updates = self.bot().get_updates().offset(-1).await.unwrap();
        updates.into_iter().next().unwrap()
    }
}

#[tokio::test]
async fn an_invoice_is_paid_listed_and_given_back() {
    let stage = Stage::open().await;
    let sent = stage.calls("sendInvoice", &invoice()).await.unwrap();
    assert_eq!(sent["invoice"]["total_amount"], json!(50));
    let message = i32::try_from(sent["message_id"].as_i64().unwrap()).unwrap();
    let query = stage.telegram.pay(SARI, message).unwrap();
    let UpdateKind::PreCheckoutQuery(asked) = stage.newest().await.kind else {
        panic!("teloxide does not know the question");
    };
    assert_eq!((asked.id.0.as_str(), asked.total_amount), (&*query, 50));
    assert_eq!(asked.invoice_payload, "mine");
    let answer = json!({ "pre_checkout_query_id": query, "ok": true });
    stage
        .calls("answerPreCheckoutQuery", &answer)
        .await
        .unwrap();
    let paid = stage.telegram.wait_for_payment(SARI, &query, SOON).await;
    let Payment::Made { charge_id, .. } = paid.unwrap() else {
        panic!("it was not declined");
    };
    let UpdateKind::Message(message) = stage.newest().await.kind else {
        panic!("teloxide does not know the payment");
    };
    let payment = message.successful_payment().unwrap();
    assert_eq!(payment.telegram_payment_charge_id.0, charge_id);

    let sari = UserId(u64::try_from(SARI).unwrap());
    let charge = TelegramTransactionId(charge_id.clone());
    let refund = stage.bot().refund_star_payment(sari, charge.clone()).await;
    refund.unwrap();
    let again = json!({ "user_id": SARI, "telegram_payment_charge_id": charge_id });
    let refused = stage.calls("refundStarPayment", &again).await;
    assert_eq!(refused, Err("Bad Request: CHARGE_ALREADY_REFUNDED".into()));
    let UpdateKind::Message(message) = stage.newest().await.kind else {
        panic!("teloxide does not know the refund");
    };
    assert!(message.successful_payment().is_none());
    let list = stage.bot().get_star_transactions().await.unwrap();
    let ids: Vec<_> = list.transactions.iter().map(|it| &it.id).collect();
    assert_eq!(ids, [&charge, &charge], "oldest first, under one number");
    assert!(list.transactions[0].source.is_some() && list.transactions[1].receiver.is_some());
    let beyond = json!({ "offset": 2 });
    let rest = stage.calls("getStarTransactions", &beyond).await;
    assert_eq!(rest.unwrap(), json!({ "transactions": [] }));
}

#[tokio::test]
async fn a_declined_payment_is_none() {
    let stage = Stage::open().await;
    let sent = stage.calls("sendInvoice", &invoice()).await.unwrap();
    let message = i32::try_from(sent["message_id"].as_i64().unwrap()).unwrap();
    let query = stage.telegram.pay(SARI, message).unwrap();
    let wordless = json!({ "pre_checkout_query_id": query, "ok": false });
    assert!(
        stage
            .calls("answerPreCheckoutQuery", &wordless)
            .await
            .is_err()
    );
    let answer =
        json!({ "pre_checkout_query_id": query, "ok": false, "error_message": "Not today" });
    stage
        .calls("answerPreCheckoutQuery", &answer)
        .await
        .unwrap();
    let ended = stage.telegram.wait_for_payment(SARI, &query, SOON).await;
    assert_eq!(ended.unwrap(), Payment::Declined("Not today".to_owned()));
    assert_eq!(stage.telegram.star_entries(), []);
    // Too late is too late.
    let query = stage.telegram.pay(SARI, message).unwrap();
    stage.clock.advance(TimeDelta::seconds(16));
    let answer = json!({ "pre_checkout_query_id": query, "ok": true });
    let late = stage.calls("answerPreCheckoutQuery", &answer).await;
    assert!(late.unwrap_err().contains("query is too old"));
    assert_eq!(stage.telegram.star_entries(), []);
}

#[tokio::test]
async fn a_forwarded_copy_can_be_paid_unless_it_leads_elsewhere() {
    let stage = Stage::open().await;
    let sent = stage.calls("sendInvoice", &invoice()).await.unwrap();
    let message = i32::try_from(sent["message_id"].as_i64().unwrap()).unwrap();
    let copy = stage.telegram.forward_invoice(ALEX, SARI, message).unwrap();
    let query = stage.telegram.pay(ALEX, copy.unwrap()).unwrap();
    let UpdateKind::PreCheckoutQuery(asked) = stage.newest().await.kind else {
        panic!("teloxide does not know the question");
    };
    assert_eq!(asked.from.first_name, "Alex");
    assert_eq!(asked.id.0, query);
    let mut guarded = invoice();
    guarded["start_parameter"] = json!("pay");
    let sent = stage.calls("sendInvoice", &guarded).await.unwrap();
    let message = i32::try_from(sent["message_id"].as_i64().unwrap()).unwrap();
    let copy = stage.telegram.forward_invoice(ALEX, SARI, message).unwrap();
    assert_eq!(
        copy,
        Err("https://t.me/number_shop_bot?start=pay".to_owned())
    );
}

#[tokio::test]
async fn what_telegram_would_refuse_is_refused() {
    let stage = Stage::open().await;
    let long = "x".repeat(129);
    for (field, value, reason) in [
        ("title", json!(""), "INPUT_INVOICE_TITLE_INVALID"),
        (
            "title",
            json!("x".repeat(33)),
            "INPUT_INVOICE_TITLE_INVALID",
        ),
        (
            "description",
            json!(""),
            "INPUT_INVOICE_DESCRIPTION_INVALID",
        ),
        ("payload", json!(long), "INVOICE_PAYLOAD_INVALID"),
        ("currency", json!("IDR"), "CURRENCY_INVALID"),
        ("provider_token", json!("1:x"), "PAYMENT_PROVIDER_INVALID"),
        ("prices", json!([]), "STARS_INVOICE_INVALID"),
        (
            "prices",
            json!([{ "label": "a", "amount": 1 }, { "label": "b", "amount": 1 }]),
            "STARS_INVOICE_INVALID",
        ),
        (
            "prices",
            json!([{ "label": "a", "amount": 0 }]),
            "CURRENCY_TOTAL_AMOUNT_INVALID",
        ),
        ("chat_id", json!(ALEX), "chat not found"),
    ] {
        let mut body = invoice();
        body[field] = value;
        let refused = stage.calls("sendInvoice", &body).await.unwrap_err();
        assert_eq!(refused, format!("Bad Request: {reason}"));
    }
    for (method, body) in [
        (
            "answerPreCheckoutQuery",
            json!({ "pre_checkout_query_id": "1:5000001", "ok": true }),
        ),
        ("getStarTransactions", json!({ "limit": 101 })),
        ("getStarTransactions", json!({ "offset": -1 })),
        ("refundStarPayment", json!({ "user_id": SARI })),
        (
            "refundStarPayment",
            json!({ "user_id": SARI, "telegram_payment_charge_id": "none" }),
        ),
    ] {
        assert!(stage.calls(method, &body).await.is_err(), "{method} {body}");
    }
    // Nothing but an invoice can be paid.
    let written = stage.telegram.messages(SARI).remove(0);
    let none = stage.telegram.pay(SARI, written.id);
    assert_eq!(none, Err(Impossible::NotPayable));
    assert!(!matches!(written.bill, Some(Bill::Invoice(_))));
}
