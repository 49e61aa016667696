//! The simulated Bot API over HTTP: what teloxide gets from it, and everything it refuses.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use numshop::clock::ManualClock;
use numshop::sandbox::telegram::events::EventKind;
use numshop::sandbox::telegram::limits::{Fault, RateLimits};
use numshop::sandbox::telegram::people::{Impossible, Pressed};
use numshop::sandbox::telegram::{Config, SimulatedTelegram};
use rstest::rstest;
use serde_json::{Value, json};
use teloxide::net::Download;
use teloxide::payloads::{
    AnswerCallbackQuerySetters, EditMessageTextSetters, GetMyCommandsSetters, GetUpdatesSetters,
    SendDocumentSetters, SendMessageSetters, SetMyCommandsSetters,
};
use teloxide::requests::Requester;
use teloxide::types::{
    BotCommand, BotCommandScope, CallbackQueryId, ChatAction, ChatId, CopyTextButton, FileId,
    InlineKeyboardButton, InlineKeyboardButtonKind, InlineKeyboardMarkup, InputFile, MessageId,
    ParseMode, Recipient, UpdateKind,
};
use teloxide::{ApiError, Bot, RequestError};

const SARI: i64 = 5_000_001;
const ALEX: i64 = 5_000_002;
const CHAT: ChatId = ChatId(SARI);
const SOON: Duration = Duration::from_secs(10);
/// One black pixel.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55";

struct Stage {
    telegram: SimulatedTelegram,
    clock: Arc<ManualClock>,
    bot: Bot,
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Sari has started the bot and her message is confirmed; Alex has not.
async fn stage() -> Stage {
    let clock = Arc::new(ManualClock::default());
    let telegram = SimulatedTelegram::start(Config::default(), clock.clone())
        .await
        .unwrap();
    telegram.add_user(SARI, "Sari", Some("sari_demo"), "id");
    telegram.add_user(ALEX, "Alex", None, "en");
    let bot =
        Bot::with_client(telegram.token(), client()).set_api_url(telegram.url().parse().unwrap());
    let update = telegram.send_text(SARI, "/start").unwrap();
    bot.get_updates()
        .offset(i32::try_from(update + 1).unwrap())
        .await
        .unwrap();
    Stage {
        telegram,
        clock,
        bot,
    }
}

impl Stage {
    /// Calls a method with raw JSON; gives back the whole body.
    async fn raw(&self, method: &str, body: Value) -> Value {
        let address = format!(
            "{}/bot{}/{method}",
            self.telegram.url(),
            self.telegram.token()
        );
        let request = client()
            .post(address)
            .header("content-type", "application/json")
            .body(body.to_string());
        let text = request.send().await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap()
    }

    async fn pressed(&self, button: &str) -> (i64, String) {
        let message = self.telegram.messages(SARI).pop().unwrap();
        let pressed = self.telegram.press(SARI, message.id, button).unwrap();
        let Pressed::Asked {
            update_id,
            query_id,
        } = pressed
        else {
            panic!("{button} did not ask the bot: {pressed:?}");
        };
        (update_id, query_id)
    }

    async fn menu(&self) -> MessageId {
        let sent = self
            .bot
            .send_message(CHAT, "Menu")
            .reply_markup(keyboard(&[("Buy", "buy"), ("Wallet", "wallet")]))
            .await;
        sent.unwrap().id
    }
}

fn keyboard(buttons: &[(&str, &str)]) -> InlineKeyboardMarkup {
    let row = buttons
        .iter()
        .map(|(text, data)| InlineKeyboardButton::callback(*text, *data));
    InlineKeyboardMarkup::new([row])
}

fn api_error<T: std::fmt::Debug>(result: Result<T, RequestError>) -> ApiError {
    match result {
        Err(RequestError::Api(error)) => error,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[tokio::test]
async fn teloxide_sends_edits_and_deletes() {
    let stage = stage().await;
    let me = stage.bot.get_me().await.unwrap();
    assert_eq!(me.username(), "number_shop_bot");
    let copy = InlineKeyboardButton::new(
        "Copy",
        InlineKeyboardButtonKind::CopyText(CopyTextButton {
            text: "123".to_owned(),
        }),
    );
    let site = InlineKeyboardButton::url("Site", "https://example.com/".parse().unwrap());
    let sent = stage
        .bot
        .send_message(CHAT, "<b>Hi</b> &amp; <code>123</code>")
        .parse_mode(ParseMode::Html)
        .reply_markup(InlineKeyboardMarkup::new([[copy, site]]))
        .await
        .unwrap();
    assert_eq!(sent.text(), Some("Hi & 123"));
    assert_eq!(sent.entities().unwrap().len(), 2);
    let seen = stage.telegram.message(SARI, sent.id.0).unwrap();
    assert_eq!(seen.source, "<b>Hi</b> &amp; <code>123</code>");
    assert_eq!(seen.spans("code"), ["123"]);
    assert_eq!(
        stage.telegram.press(SARI, sent.id.0, "Copy").unwrap(),
        Pressed::Copied("123".to_owned())
    );

    let edited = stage
        .bot
        .edit_message_text(CHAT, sent.id, "Bye")
        .await
        .unwrap();
    assert_eq!(edited.text(), Some("Bye"));
    let seen = stage.telegram.message(SARI, sent.id.0).unwrap();
    assert_eq!((seen.edits, seen.keyboard.len()), (1, 0));
    stage.bot.delete_message(CHAT, sent.id).await.unwrap();
    assert!(stage.telegram.message(SARI, sent.id.0).unwrap().deleted);
    assert_eq!(stage.telegram.requests("sendMessage"), 1);
}

#[tokio::test]
async fn files_are_uploaded_sent_again_and_downloaded() {
    let stage = stage().await;
    let file = InputFile::memory("a,b\n1,2\n").file_name("orders.csv");
    let sent = stage
        .bot
        .send_document(CHAT, file)
        .caption("<i>Orders</i>")
        .parse_mode(ParseMode::Html)
        .await
        .unwrap();
    assert_eq!(sent.caption(), Some("Orders"));
    let id = sent.document().unwrap().file.id.clone();
    let file = stage.bot.get_file(id.clone()).await.unwrap();
    let mut content = Vec::new();
    stage
        .bot
        .download_file(&file.path, &mut content)
        .await
        .unwrap();
    assert_eq!(content, b"a,b\n1,2\n");
    let again = stage.bot.send_document(CHAT, InputFile::file_id(id));
    again.await.unwrap();

    let photo = stage.bot.send_photo(CHAT, InputFile::memory(PNG));
    let photo = photo.await.unwrap();
    assert_eq!(photo.photo().unwrap()[0].width, 1);
    let caption = stage.bot.edit_message_caption(CHAT, photo.id);
    assert_eq!(api_error(caption.await), ApiError::MessageNotModified);
    let text = stage.bot.edit_message_text(CHAT, photo.id, "x").await;
    assert!(api_error(text).to_string().contains("there is no text"));
    let broken = stage.bot.send_photo(CHAT, InputFile::memory("no picture"));
    assert_eq!(api_error(broken.await), ApiError::ImageProcessFailed);
    let unknown = InputFile::file_id(FileId("nothing".to_owned()));
    let unknown = stage.bot.send_document(CHAT, unknown).await;
    assert_eq!(api_error(unknown), ApiError::WrongFileIdOrUrl);
}

#[tokio::test]
async fn messages_and_edits_are_refused_as_telegram_refuses_them() {
    let stage = stage().await;
    let bot = &stage.bot;
    let menu = stage.menu().await;
    let stranger = bot.send_message(ChatId(42), "x").await;
    assert_eq!(api_error(stranger), ApiError::ChatNotFound);
    let not_started = bot.send_message(ChatId(ALEX), "x").await;
    assert_eq!(api_error(not_started), ApiError::ChatNotFound);
    let empty = bot.send_message(CHAT, " \n ").await;
    assert_eq!(api_error(empty), ApiError::MessageTextIsEmpty);
    let long = bot.send_message(CHAT, "é".repeat(4097)).await;
    assert_eq!(api_error(long), ApiError::MessageIsTooLong);
    bot.send_message(CHAT, "é".repeat(4096)).await.unwrap();
    let data = bot
        .send_message(CHAT, "x")
        .reply_markup(keyboard(&[("x", &"d".repeat(65))]));
    assert_eq!(api_error(data.await), ApiError::ButtonDataInvalid);

    let same = bot
        .edit_message_text(CHAT, menu, "Menu")
        .reply_markup(keyboard(&[("Buy", "buy"), ("Wallet", "wallet")]));
    assert_eq!(api_error(same.await), ApiError::MessageNotModified);
    let gone = bot.edit_message_text(CHAT, MessageId(99_999), "x").await;
    assert_eq!(api_error(gone), ApiError::MessageToEditNotFound);
    let theirs = MessageId(stage.telegram.messages(SARI)[0].id);
    let theirs = bot.edit_message_text(CHAT, theirs, "x").await;
    assert_eq!(api_error(theirs), ApiError::MessageCantBeEdited);
    let long = bot.edit_message_text(CHAT, menu, "x".repeat(4097)).await;
    assert_eq!(api_error(long), ApiError::EditedMessageIsTooLong);
    let gone = bot.delete_message(CHAT, MessageId(99_999)).await;
    assert_eq!(api_error(gone), ApiError::MessageToDeleteNotFound);

    stage.telegram.block_bot(SARI).unwrap();
    let blocked = bot.send_message(CHAT, "x").await;
    assert_eq!(api_error(blocked), ApiError::BotBlocked);
    stage.telegram.send_text(SARI, "/start").unwrap();
    bot.send_chat_action(CHAT, ChatAction::Typing)
        .await
        .unwrap();
}

#[rstest]
#[case("sendMessage", json!({ "text": "x" }), 400, "Bad Request: chat_id is empty")]
#[case("SENDMESSAGE", json!({ "chat_id": SARI }), 400, "Bad Request: message text is empty")]
#[case("sendMessage", json!({ "chat_id": SARI, "text": "<b>x", "parse_mode": "HTML" }), 400,
    "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"")]
#[case("sendMessage", json!({ "chat_id": SARI, "text": "é <u1>x</u1>", "parse_mode": "html" }), 400,
    "Bad Request: can't parse entities: Unsupported start tag \"u1\" at byte offset 3")]
#[case("sendMessage", json!({ "chat_id": SARI, "text": "x", "reply_markup":
    { "inline_keyboard": [[{ "text": "x" }]] } }), 400,
    "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline \
     keyboard")]
#[case("sendMessage", json!({ "chat_id": SARI, "text": "x", "reply_markup":
    { "inline_keyboard": [[{ "text": "x", "url": "http://localhost/" }]] } }), 400,
    "Bad Request: inline keyboard button URL 'http://localhost/' is invalid: Wrong HTTP URL")]
#[case("editMessageText", json!({ "chat_id": SARI, "text": "x" }), 400,
    "Bad Request: message identifier is not specified")]
#[case("setWebhook", json!({ "url": "http://example.com/" }), 400,
    "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")]
#[case("setMyCommands", json!({ "commands": [{ "command": "Bad!", "description": "x" }] }), 400,
    "Bad Request: BOT_COMMAND_INVALID")]
#[case("makeCoffee", json!({}), 404, "Not Found")]
#[tokio::test]
async fn error_bodies_are_telegrams(
    #[case] method: &str,
    #[case] body: Value,
    #[case] code: u16,
    #[case] description: &str,
) {
    let stage = stage().await;
    let expected = json!({ "ok": false, "error_code": code, "description": description });
    assert_eq!(stage.raw(method, body).await, expected);
}

#[tokio::test]
async fn tokens_are_checked() {
    let stage = stage().await;
    let url: reqwest::Url = stage.telegram.url().parse().unwrap();
    for token in ["7000000001:wrong", "nonsense"] {
        let bot = Bot::with_client(token, client()).set_api_url(url.clone());
        assert_eq!(api_error(bot.get_me().await), ApiError::InvalidToken);
    }
    let text = client().get(url.join("/bot1:x/getMe").unwrap());
    assert_eq!(text.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn updates_stay_until_an_offset_confirms_them() {
    let stage = stage().await;
    let ids: Vec<i64> = ["one", "two", "three"]
        .map(|text| stage.telegram.send_text(SARI, text).unwrap())
        .to_vec();
    let read = async |offset: i64, limit: u8| -> Vec<i64> {
        let poll = stage.bot.get_updates().limit(limit);
        let updates = poll.offset(i32::try_from(offset).unwrap()).await.unwrap();
        updates
            .iter()
            .map(|update| i64::from(update.id.0))
            .collect()
    };
    assert_eq!(read(0, 2).await, ids[..2]);
    assert_eq!(read(0, 100).await, ids, "nothing was confirmed yet");
    assert_eq!(read(ids[1], 100).await, ids[1..]);
    assert_eq!(read(-1, 100).await, ids[2..], "older ones are forgotten");
    assert_eq!(stage.telegram.pending_updates(), 1);
    assert_eq!(read(ids[2] + 1, 100).await, [0; 0]);

    stage.telegram.redeliver(ids[0]).unwrap();
    assert_eq!(read(ids[2] + 1, 100).await, ids[..1]);
    let copy = stage.telegram.duplicate(ids[0]).unwrap();
    assert_eq!(copy, ids[2] + 1);
    assert_eq!(read(copy, 100).await, [copy]);
}

#[tokio::test]
async fn a_long_poll_ends_with_the_first_update() {
    let stage = stage().await;
    let polling = tokio::spawn({
        let bot = stage.bot.clone();
        async move { bot.get_updates().timeout(30).await }
    });
    stage.telegram.send_text(SARI, "/buy now").unwrap();
    let updates = polling.await.unwrap().unwrap();
    let UpdateKind::Message(message) = &updates.last().unwrap().kind else {
        panic!("not a message: {updates:?}");
    };
    assert_eq!(message.text(), Some("/buy now"));
    assert_eq!(message.entities().unwrap()[0].length, 4);
    assert_eq!(
        message.from.as_ref().unwrap().language_code.as_deref(),
        Some("id")
    );
}

#[tokio::test]
async fn a_second_poller_ends_the_first_and_a_webhook_ends_both() {
    let stage = stage().await;
    let poll = || {
        let bot = stage.bot.clone();
        tokio::spawn(async move { bot.get_updates().timeout(30).await })
    };
    let (first, second) = (poll(), poll());
    // Whichever comes later ends the other; only that one is left for the webhook to end.
    let (ended, left) = match futures_util::future::select(first, second).await {
        futures_util::future::Either::Left(ended) => ended,
        futures_util::future::Either::Right(ended) => ended,
    };
    assert_eq!(
        api_error(ended.unwrap()),
        ApiError::TerminatedByOtherGetUpdates
    );
    let hook = json!({ "url": "https://example.com/hook" });
    assert_eq!(stage.raw("setWebhook", hook).await["ok"], true);
    let text = api_error(left.await.unwrap()).to_string();
    assert!(text.contains("terminated by setWebhook request"), "{text}");
    let refused = stage.raw("getUpdates", json!({})).await;
    assert_eq!(refused["error_code"], 409);
    let info = stage.bot.get_webhook_info().await.unwrap();
    assert_eq!(info.url.unwrap().as_str(), "https://example.com/hook");
    stage.bot.delete_webhook().await.unwrap();
    stage.bot.get_updates().await.unwrap();
}

#[tokio::test]
async fn a_press_is_answered_once_and_in_time() {
    let stage = stage().await;
    stage.menu().await;
    let before = stage.telegram.seq();
    let (_, query) = stage.pressed("Buy").await;
    let updates = stage.bot.get_updates().await.unwrap();
    let UpdateKind::CallbackQuery(seen) = &updates[0].kind else {
        panic!("not a press: {updates:?}");
    };
    assert_eq!(seen.data.as_deref(), Some("buy"));
    assert_eq!(seen.from.id.0, 5_000_001);
    let answer = stage.bot.answer_callback_query(seen.id.clone());
    answer.text("Done").show_alert(true).await.unwrap();
    let toast = stage
        .telegram
        .wait_for_toast(SARI, before, |toast| toast.query_id == query, SOON)
        .await
        .unwrap();
    assert_eq!((toast.text.as_str(), toast.alert), ("Done", true));

    let too_old = "query is too old and response timeout expired or query ID is invalid";
    let twice = stage.bot.answer_callback_query(seen.id.clone()).await;
    assert!(api_error(twice).to_string().contains(too_old));
    let (_, late) = stage.pressed("wallet").await;
    stage.clock.advance(TimeDelta::seconds(60));
    let late = stage.bot.answer_callback_query(CallbackQueryId(late)).await;
    assert!(api_error(late).to_string().contains(too_old));
    let unknown = stage.telegram.press(SARI, 99_999, "Buy");
    assert!(matches!(unknown, Err(Impossible::NoSuchMessage { .. })));
}

#[tokio::test]
async fn a_forwarded_button_asks_in_the_other_persons_name_and_cannot_be_edited() {
    let stage = stage().await;
    let menu = stage.menu().await;
    stage.telegram.send_text(ALEX, "/start").unwrap();
    let pressed = stage.telegram.press_forwarded(ALEX, SARI, menu.0, "Buy");
    assert!(matches!(pressed, Ok(Pressed::Asked { .. })));
    let updates = stage.bot.get_updates().await.unwrap();
    let UpdateKind::CallbackQuery(seen) = &updates.last().unwrap().kind else {
        panic!("not a press: {updates:?}");
    };
    assert_eq!(
        (seen.from.id.0, seen.data.as_deref()),
        (5_000_002, Some("buy"))
    );
    let message = seen.message.as_ref().unwrap();
    assert_eq!(message.chat().id, ChatId(ALEX));
    let edit = stage.bot.edit_message_text(ChatId(ALEX), message.id(), "x");
    assert_eq!(api_error(edit.await), ApiError::MessageCantBeEdited);
}

#[tokio::test]
async fn bots_in_groups_see_commands_only_and_cannot_write_to_members_first() {
    let stage = stage().await;
    stage.telegram.add_group(-100_200, "Friends");
    let say = |text: &str| {
        stage
            .telegram
            .send_text_in_group(ALEX, -100_200, text)
            .unwrap()
    };
    assert_eq!(say("just talking"), None);
    assert!(say("/buy@number_shop_bot").is_some());
    let updates = stage.bot.get_updates().await.unwrap();
    let UpdateKind::Message(message) = &updates[0].kind else {
        panic!("not a message: {updates:?}");
    };
    assert!(message.chat.is_supergroup());
    let refused = stage.raw("sendMessage", json!({ "chat_id": ALEX, "text": "x" }));
    assert_eq!(
        refused.await["description"],
        "Forbidden: bot can't initiate conversation with a user"
    );
}

#[tokio::test]
async fn command_menus_follow_scope_and_language() {
    let stage = stage().await;
    let list = |name: &str| vec![BotCommand::new(name, "Something")];
    stage.bot.set_my_commands(list("all")).await.unwrap();
    let indonesian = stage.bot.set_my_commands(list("beli"));
    indonesian.language_code("id").await.unwrap();
    let admin = BotCommandScope::Chat {
        chat_id: Recipient::Id(ChatId(ALEX)),
    };
    let admin = stage.bot.set_my_commands(list("topup")).scope(admin);
    admin.await.unwrap();
    let seen = |user: i64| stage.telegram.commands_for(user, user)[0].command.clone();
    assert_eq!(
        (seen(SARI).as_str(), seen(ALEX).as_str()),
        ("beli", "topup")
    );
    let read = stage.bot.get_my_commands().language_code("id").await;
    assert_eq!(read.unwrap()[0].command, "beli");
}

#[tokio::test]
async fn flood_limits_say_when_to_come_back() {
    let stage = stage().await;
    let menu = stage.menu().await;
    stage
        .telegram
        .set_rate_limits(Some(RateLimits::like_telegram()));
    let mut sent = 0;
    let wait = loop {
        match stage.bot.send_message(CHAT, "x").await {
            Ok(_) => sent += 1,
            Err(RequestError::RetryAfter(wait)) => break wait,
            Err(other) => panic!("{other}"),
        }
    };
    assert_eq!(sent, 5);
    stage
        .clock
        .advance(TimeDelta::seconds(i64::from(wait.seconds())));
    stage.bot.send_message(CHAT, "x").await.unwrap();
    for number in 0..20 {
        let text = format!("Menu {number}");
        let edit = stage.bot.edit_message_text(CHAT, menu, text);
        edit.await.unwrap();
    }
    let edit = stage.bot.edit_message_text(CHAT, menu, "x").await;
    assert!(matches!(edit, Err(RequestError::RetryAfter(_))), "{edit:?}");
}

#[tokio::test]
async fn faults_come_and_go() {
    let stage = stage().await;
    let fault = async |fault| stage.telegram.set_fault(fault).await;
    fault(Some(Fault::FloodFor(Duration::from_secs(30)))).await;
    let body = stage.raw("getMe", json!({})).await;
    let expected = json!({
        "ok": false, "error_code": 429, "description": "Too Many Requests: retry after 30",
        "parameters": { "retry_after": 30 },
    });
    assert_eq!(body, expected);
    stage.clock.advance(TimeDelta::seconds(31));
    stage.bot.get_me().await.unwrap();

    fault(Some(Fault::Status(502))).await;
    let down = stage.raw("sendMessage", json!({ "chat_id": SARI, "text": "lost" }));
    assert_eq!(down.await["description"], "Bad Gateway");
    for broken in [Fault::Dropped, Fault::Refused] {
        fault(Some(broken)).await;
        let lost = stage.bot.send_message(CHAT, "lost").await;
        assert!(matches!(lost, Err(RequestError::Network(_))), "{lost:?}");
    }
    fault(Some(Fault::DropAfterSending(1))).await;
    let unsure = stage.bot.send_message(CHAT, "arrived").await;
    assert!(
        matches!(unsure, Err(RequestError::Network(_))),
        "{unsure:?}"
    );
    stage.bot.send_message(CHAT, "fine").await.unwrap();
    let texts: Vec<String> = stage
        .telegram
        .messages(SARI)
        .into_iter()
        .map(|m| m.text)
        .collect();
    assert_eq!(texts, ["/start", "arrived", "fine"]);
}

#[tokio::test]
async fn waiting_sees_what_is_there_and_what_comes() {
    let stage = stage().await;
    let before = stage.telegram.seq();
    let menu = stage.menu().await;
    let waiting = tokio::spawn({
        let telegram = stage.telegram.clone();
        async move {
            let fits = |message: &numshop::sandbox::telegram::message::ChatMessage| {
                message.text == "Changed"
            };
            telegram.wait_for(SARI, fits, SOON).await
        }
    });
    let edit = stage.bot.edit_message_text(CHAT, menu, "Changed");
    edit.await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap().id, menu.0);
    let events = stage.telegram.events_after(before, SOON).await.unwrap();
    let kinds: Vec<_> = events.iter().map(|event| &event.kind).collect();
    let message = EventKind::Message { id: menu.0 };
    assert_eq!(kinds, [&message, &message]);
    let never = stage
        .telegram
        .wait_for(
            SARI,
            |message| message.text == "never",
            Duration::from_millis(20),
        )
        .await;
    let text = never.unwrap_err().to_string();
    assert!(text.contains("bot: Changed"), "{text}");
}
