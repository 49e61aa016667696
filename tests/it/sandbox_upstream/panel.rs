//! The demo's side panel.

use std::sync::Arc;

use numshop::clock::{Clock, ManualClock};
use numshop::sandbox::panel::router;
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::sandbox::upstream::{OrderState, SimulatedUpstream};
use reqwest::Client;
use serde_json::{Value, json};

/// The panel over three upstreams, served on a port of its own.
struct Desk {
    url: String,
    virtusim: SimulatedUpstream,
    otpget: SimulatedUpstream,
    client: Client,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Desk {
    async fn new() -> Self {
        let clock = Arc::new(ManualClock::default());
        let start = async |dialect| {
            SimulatedUpstream::start(dialect, Arc::clone(&clock) as Arc<dyn Clock>)
                .await
                .unwrap()
        };
        let virtusim = start(Dialect::VirtuSim).await;
        let otpcepat = start(Dialect::OtpCepat).await;
        let otpget = start(Dialect::OtpGet).await;
        let shown = vec![virtusim.clone(), otpcepat, otpget.clone()];
        let router = router(shown, clock);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/panel/", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let client = Client::new();
        Self {
            url,
            virtusim,
            otpget,
            client,
            server,
        }
    }

    async fn state(&self) -> Value {
        let response = self.client.get(format!("{}state", self.url)).send().await;
        serde_json::from_str(&response.unwrap().text().await.unwrap()).unwrap()
    }

    async fn press(&self, button: &str, body: Value) -> (u16, String) {
        let request = self.client.post(format!("{}{button}", self.url));
        let response = request.body(body.to_string()).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.text().await.unwrap())
    }

    async fn rent(&self) {
        let upstream = &self.otpget;
        let query = "action=rentNumber&country_code=US&provider=1&duration_hours=12";
        let (url, key) = (upstream.url(), upstream.key());
        let url = format!("{url}/rental-handler.php?api_key={key}&{query}");
        self.client.get(url).send().await.unwrap();
    }

    async fn buy(&self) {
        let upstream = &self.virtusim;
        let query = "action=order&service=2&operator=any";
        let url = format!("{}?api_key={}&{query}", upstream.url(), upstream.key());
        self.client.get(url).send().await.unwrap();
    }
}

fn ok() -> (u16, String) {
    (200, r#"{"ok":true}"#.to_owned())
}

#[tokio::test]
async fn shows_both_upstreams_and_the_newest_orders_first() {
    let desk = Desk::new().await;
    for _ in 0..21 {
        desk.buy().await;
    }
    let state = desk.state().await;
    assert!(state["now"].as_str().unwrap().ends_with('Z'));
    let virtusim = &state["upstreams"][0];
    assert_eq!(virtusim["id"], "virtusim");
    assert_eq!(virtusim["name"], "VirtuSIM");
    assert_eq!(virtusim["balance"], "4926500");
    assert_eq!(virtusim["currency"], "IDR");
    assert_eq!(virtusim["fault"], Value::Null);
    let orders = virtusim["orders"].as_array().unwrap();
    assert_eq!(orders.len(), 20);
    let mut newest = orders[0].clone();
    assert!(newest["age_seconds"].take().as_i64().unwrap() < 60);
    assert_eq!(
        newest,
        json!({"id": "1000021", "service": "WhatsApp", "number": "628991000021", "state": "waiting", "age_seconds": null, "cancellable": true})
    );
    assert_eq!(state["upstreams"][1]["id"], "otpcepat");
    assert_eq!(state["upstreams"][1]["orders"], json!([]));
}

#[tokio::test]
async fn delivers_given_and_invented_texts() {
    let desk = Desk::new().await;
    desk.buy().await;
    let body = json!({"upstream": "virtusim", "order": "1000001", "text": "Kode 4821"});
    assert_eq!(desk.press("deliver", body).await, ok());
    let body = json!({"upstream": "virtusim", "order": "1000001", "text": null});
    assert_eq!(desk.press("deliver", body).await, ok());
    let order = desk.virtusim.order("1000001").unwrap();
    assert_eq!(order.sms[0], "Kode 4821");
    assert!(order.sms[1].starts_with("Kode WhatsApp Anda: "));
    let state = desk.state().await;
    assert_eq!(state["upstreams"][0]["orders"][0]["state"], "received");
}

#[tokio::test]
async fn cancels_and_jumps_ahead() {
    let desk = Desk::new().await;
    desk.buy().await;
    desk.buy().await;
    let body = json!({"upstream": "virtusim", "order": "1000001"});
    assert_eq!(desk.press("cancel", body.clone()).await, ok());
    assert_eq!(desk.press("advance", json!({"minutes": 20})).await, ok());
    let state = |id: &str| desk.virtusim.order(id).unwrap().state;
    assert_eq!(state("1000001"), OrderState::Cancelled);
    assert_eq!(state("1000002"), OrderState::Expired);
    assert_eq!(
        desk.press("cancel", body).await,
        (409, r#"{"error":"This order is closed."}"#.to_owned())
    );
}

#[tokio::test]
async fn rentals_get_sms_and_end_but_are_not_taken_back() {
    let desk = Desk::new().await;
    desk.rent().await;
    let shown = async || {
        let mut rental = desk.state().await["upstreams"][2]["orders"][0].take();
        rental["age_seconds"].take();
        rental
    };
    let rental = |state: &str| json!({"id": "RNT90001", "service": "Rental, US", "number": "12025550001", "state": state, "age_seconds": null, "cancellable": false});
    assert_eq!(shown().await, rental("waiting"));
    let body = json!({"upstream": "otpget", "order": "RNT90001", "text": "Kode 4821"});
    assert_eq!(desk.press("deliver", body.clone()).await, ok());
    assert_eq!(shown().await, rental("received"));
    assert_eq!(desk.press("cancel", body.clone()).await.0, 404);
    assert_eq!(desk.press("expire", body.clone()).await, ok());
    assert_eq!(shown().await, rental("expired"));
    assert_eq!(desk.press("expire", body).await.0, 409);
}

#[tokio::test]
async fn a_number_s_time_ends_by_a_button() {
    let desk = Desk::new().await;
    desk.buy().await;
    let body = json!({"upstream": "virtusim", "order": "1000001"});
    assert_eq!(desk.press("expire", body.clone()).await, ok());
    let order = desk.virtusim.order("1000001").unwrap();
    assert_eq!(order.state, OrderState::Expired);
    assert_eq!(order.refunded, order.charged);
    assert_eq!(desk.press("expire", body).await.0, 409);
}

#[tokio::test]
async fn sets_and_clears_every_fault() {
    let desk = Desk::new().await;
    let fault = |name: Value| json!({"upstream": "virtusim", "fault": name});
    for name in [
        "slow",
        "timeout_after_buying",
        "dropped_connection",
        "server_error",
        "html",
        "rate_limited",
        "price_change",
        "sms_during_cancel",
        "no_stock",
    ] {
        assert_eq!(desk.press("fault", fault(json!(name))).await, ok());
        assert_eq!(desk.state().await["upstreams"][0]["fault"], name);
    }
    desk.buy().await;
    assert!(desk.virtusim.orders().is_empty());
    assert_eq!(desk.press("fault", fault(Value::Null)).await, ok());
    assert_eq!(desk.state().await["upstreams"][0]["fault"], Value::Null);
    desk.buy().await;
    assert_eq!(desk.virtusim.orders().len(), 1);
}

#[tokio::test]
async fn says_in_one_sentence_what_is_wrong() {
    let desk = Desk::new().await;
    let answers = [
        desk.press(
            "deliver",
            json!({"upstream": "virtusim", "order": "5", "text": null}),
        )
        .await,
        desk.press("cancel", json!({"upstream": "nobody", "order": "5"}))
            .await,
        desk.press("advance", json!({"minutes": 0})).await,
        desk.press("fault", json!({"upstream": "virtusim", "fault": "flood"}))
            .await,
    ];
    assert_eq!(
        answers[0],
        (
            404,
            r#"{"error":"This upstream has no such order."}"#.to_owned()
        )
    );
    assert_eq!(
        answers[1],
        (404, r#"{"error":"There is no such upstream."}"#.to_owned())
    );
    assert_eq!(
        answers[2],
        (
            400,
            r#"{"error":"The clock jumps 1 to 10080 minutes at once."}"#.to_owned()
        )
    );
    assert_eq!(answers[3].0, 400);
    assert!(
        answers[3]
            .1
            .starts_with(r#"{"error":"The panel cannot read this: unknown variant `flood`"#)
    );
}
