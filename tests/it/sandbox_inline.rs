//! Inline queries against the simulated Telegram: what teloxide gets, what is refused, and what
//! becomes of a chosen result.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use numshop::clock::ManualClock;
use numshop::sandbox::telegram::inline::InlineAnswer;
use numshop::sandbox::telegram::keyboard::Action;
use numshop::sandbox::telegram::people::{Impossible, Pressed};
use numshop::sandbox::telegram::{Config, SimulatedTelegram};
use rstest::rstest;
use serde_json::{Value, json};
use teloxide::Bot;
use teloxide::payloads::GetUpdatesSetters;
use teloxide::requests::Requester;
use teloxide::types::UpdateKind;

const SARI: i64 = 5_000_001;
const GROUP: i64 = -77;
const SOON: Duration = Duration::from_secs(10);

struct Stage {
    telegram: SimulatedTelegram,
    clock: Arc<ManualClock>,
}

impl Stage {
    async fn open() -> Self {
        let clock = Arc::new(ManualClock::default());
        let telegram = SimulatedTelegram::start(Config::default(), clock.clone()).await;
        let telegram = telegram.unwrap();
        telegram.add_user(SARI, "Sari", Some("sari_demo"), "id");
        telegram.add_group(GROUP, "Friends");
        Self { telegram, clock }
    }

    /// Calls `answerInlineQuery`; gives back the refusal's text, if it was refused.
    async fn answers(&self, body: Value) -> Option<String> {
        let (url, token) = (self.telegram.url(), self.telegram.token());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client
            .post(format!("{url}/bot{token}/answerInlineQuery"))
            .header("content-type", "application/json")
            .body(body.to_string());
        let text = request.send().await.unwrap().text().await.unwrap();
        let body: Value = serde_json::from_str(&text).unwrap();
        if body["ok"] == json!(true) {
            return None;
        }
        Some(body["description"].as_str().unwrap().to_owned())
    }

    async fn answered(&self, query: &str) -> InlineAnswer {
        let seen = self.telegram.wait_for_inline(SARI, query, SOON).await;
        seen.unwrap()
    }
}

fn article(id: &str, title: &str, text: &str) -> Value {
    json!({
        "type": "article",
        "id": id,
        "title": title,
        "input_message_content": { "message_text": text, "parse_mode": "HTML" },
        "reply_markup": { "inline_keyboard": [[
            { "text": "Open", "url": "https://t.me/number_shop_bot?start=s_1" }
        ]] },
    })
}

#[tokio::test]
async fn a_query_is_asked_answered_and_chosen() {
    let stage = Stage::open().await;
    let query = stage.telegram.ask_inline(SARI, "whats").unwrap();
    let bot = Bot::new(stage.telegram.token()).set_api_url(stage.telegram.url().parse().unwrap());
    let updates = bot.get_updates().await.unwrap();
    let UpdateKind::InlineQuery(asked) = &updates[0].kind else {
        panic!("no inline query: {:?}", updates[0].kind);
    };
    assert_eq!((asked.query.as_str(), asked.offset.as_str()), ("whats", ""));
    assert_eq!(asked.id.0, query);

    let body = json!({
        "inline_query_id": query,
        "results": [article("1", "One", "<b>One</b> &amp; only"), article("2", "Two", "Two")],
        "button": { "text": "Shop", "start_parameter": "buy" },
        "is_personal": true,
    });
    assert_eq!(stage.answers(body.clone()).await, None);
    let answer = stage.answered(&query).await;
    assert!(answer.is_personal);
    assert_eq!(answer.button, Some(("Shop".to_owned(), "buy".to_owned())));
    assert_eq!(answer.results[0].text, "One & only");
    let again = stage.answers(body).await.unwrap();
    assert!(again.contains("query is too old"), "{again}");

    let telegram = &stage.telegram;
    let unknown = telegram.choose_inline(SARI, GROUP, &answer, "3");
    assert_eq!(unknown, Err(Impossible::NoSuchResult("3".to_owned())));
    let message = telegram.choose_inline(SARI, GROUP, &answer, "1").unwrap();
    assert_eq!(
        (message.from_bot(), message.text.as_str()),
        (false, "One & only")
    );
    let button = message.buttons().next().unwrap();
    assert!(matches!(&button.action, Action::Url(_)));
    let opened = telegram.press_in(SARI, GROUP, message.id, "Open").unwrap();
    let link = "https://t.me/number_shop_bot?start=s_1".to_owned();
    assert_eq!(opened, Pressed::Opened(link.clone()));
    telegram.open_link(SARI, &link).unwrap();
    assert_eq!(telegram.messages(SARI).pop().unwrap().text, "/start s_1");
    let elsewhere = telegram.open_link(SARI, "https://t.me/other_bot?start=x");
    assert!(matches!(elsewhere, Err(Impossible::NotOurLink(_))));

    let offset = updates[0].id.as_offset();
    let updates = bot.get_updates().offset(offset).await.unwrap();
    let UpdateKind::Message(chosen) = &updates[0].kind else {
        panic!("no message: {:?}", updates[0].kind);
    };
    assert!(chosen.via_bot.as_ref().is_some_and(|via| via.is_bot));
}

#[rstest]
#[case(json!([article("", "One", "1")]), "RESULT_ID_INVALID")]
#[case(json!([article(&"x".repeat(65), "One", "1")]), "RESULT_ID_INVALID")]
#[case(json!([article("1", "One", "1"), article("1", "Two", "2")]), "RESULT_ID_DUPLICATE")]
#[case(json!([article("1", " ", "1")]), "ARTICLE_TITLE_EMPTY")]
#[case(json!([article("1", "One", "")]), "message text is empty")]
#[case(json!([article("1", "One", "<b>")]), "can't parse entities")]
#[case(json!([{ "type": "article", "id": "1", "title": "One" }]), "content not specified")]
#[case(json!([{ "type": "game", "id": "1" }]), "Unallowed inline query result type")]
#[case(json!((0..51).map(|id| article(&id.to_string(), "One", "1")).collect::<Vec<_>>()), "RESULTS_TOO_MUCH")]
#[case(json!("nonsense"), "can't parse")]
#[tokio::test]
async fn results_are_refused(#[case] results: Value, #[case] expected: &str) {
    let stage = Stage::open().await;
    let query = stage.telegram.ask_inline(SARI, "").unwrap();
    let body = json!({ "inline_query_id": query, "results": results });
    let refused = stage.answers(body).await.unwrap();
    assert!(refused.contains(expected), "{refused}");
}

#[rstest]
#[case(json!({ "text": "", "start_parameter": "buy" }), "SWITCH_PM_TEXT_EMPTY")]
#[case(json!({ "text": "Shop" }), "START_PARAM_EMPTY")]
#[case(json!({ "text": "Shop", "start_parameter": "a b" }), "START_PARAM_INVALID")]
#[case(json!({ "text": "Shop", "start_parameter": "x".repeat(65) }), "START_PARAM_INVALID")]
#[tokio::test]
async fn buttons_are_refused(#[case] button: Value, #[case] expected: &str) {
    let stage = Stage::open().await;
    let query = stage.telegram.ask_inline(SARI, "").unwrap();
    let body = json!({ "inline_query_id": query, "results": [], "button": button });
    let refused = stage.answers(body).await.unwrap();
    assert!(refused.contains(expected), "{refused}");
}

#[tokio::test]
async fn an_answer_that_is_late_or_to_something_else_is_refused() {
    let stage = Stage::open().await;
    let query = stage.telegram.ask_inline(SARI, "x").unwrap();
    stage.clock.advance(TimeDelta::minutes(1));
    for id in [query.as_str(), "1:5000001", "nonsense", ""] {
        let body = json!({ "inline_query_id": id, "results": [] });
        let refused = stage.answers(body).await.unwrap();
        assert!(refused.contains("query is too old"), "{refused}");
    }
    let long = stage.telegram.ask_inline(SARI, &"x".repeat(257));
    assert_eq!(long, Err(Impossible::TextLength));
}
