//! The Bot API's client against a Telegram that answers as told.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use rstest::rstest;

use super::*;
use crate::bot::html::Html;
use crate::bot::keyboard::{Document, Picture};
use crate::bot::sender::{self, Job, Outcome, Priority, Sender, SenderSettings, Target};

#[test]
fn refusals_are_told_apart() {
    let wait = Duration::from_secs(7);
    for (code, text, expected) in [
        (
            429,
            "Too Many Requests: retry after 7",
            ApiError::TooFast(wait),
        ),
        (
            400,
            "Bad Request: message is not modified: specified new …",
            ApiError::NotModified,
        ),
        (
            403,
            "Forbidden: bot was blocked by the user",
            ApiError::Unreachable,
        ),
        (403, "Forbidden: user is deactivated", ApiError::Unreachable),
        (400, "Bad Request: chat not found", ApiError::Unreachable),
        (
            400,
            "Bad Request: message to edit not found",
            ApiError::MessageGone,
        ),
        (
            400,
            "Bad Request: message can't be edited",
            ApiError::MessageGone,
        ),
        (
            400,
            "Bad Request: can't parse entities: Unsupported …",
            ApiError::BadMarkup,
        ),
        (
            400,
            "Bad Request: query is too old and response timeout …",
            ApiError::QueryTooOld,
        ),
        (
            400,
            "Bad Request: CHARGE_ALREADY_REFUNDED",
            ApiError::AlreadyRefunded,
        ),
        (401, "Unauthorized", ApiError::BadToken),
        (
            409,
            "Conflict: terminated by other getUpdates request",
            ApiError::Conflict,
        ),
        (
            400,
            "Bad Request: message text is empty",
            ApiError::Refused(400),
        ),
        (502, "Bad Gateway", ApiError::Server(502)),
    ] {
        assert_eq!(refusal(code, text, Some(7)), expected, "{code} {text}");
    }
}

/// An API whose every call is answered like this.
async fn answering(status: u16, body: &'static str) -> (Api, Arc<Mutex<Vec<String>>>) {
    let paths = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&paths);
    let api = serving(move |uri, _, _| {
        seen.lock().unwrap().push(uri.path().to_owned());
        (StatusCode::from_u16(status).unwrap(), body).into_response()
    });
    (api.await, paths)
}

/// An API over a server that does this with the address, the head and the body of a call.
async fn serving<Serve>(serve: Serve) -> Api
where
    Serve: Fn(Uri, HeaderMap, String) -> Response + Clone + Send + Sync + 'static,
{
    let app = axum::Router::new().fallback(
        move |uri: Uri, headers: HeaderMap, body: Bytes| async move {
            serve(uri, headers, String::from_utf8_lossy(&body).into_owned())
        },
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    Api::new(base.parse().unwrap(), SecretString::from("1:secret")).unwrap()
}

#[tokio::test]
async fn a_message_is_sent_under_the_token_and_gets_its_id() {
    let body = r#"{"ok":true,"result":{"message_id":55,"chat":{"id":1}}}"#;
    let (api, paths) = answering(200, body).await;
    let screen = Screen::plain(Html::text("hello"));
    assert_eq!(api.send(1, &screen, Markup::Html).await, Ok(55));
    assert_eq!(*paths.lock().unwrap(), ["/bot1:secret/sendMessage"]);
}

#[tokio::test]
async fn whatever_comes_back_is_an_error_of_a_kind() {
    let too_fast = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 9","parameters":{"retry_after":9}}"#;
    let conflict = r#"{"ok":false,"error_code":409,"description":"Conflict: terminated"}"#;
    for (status, body, expected) in [
        (429, too_fast, ApiError::TooFast(Duration::from_secs(9))),
        (409, conflict, ApiError::Conflict),
        (502, "<html>Bad Gateway</html>", ApiError::Server(502)),
        (200, "<html>", ApiError::AnswerLost),
        (200, r#"{"ok":true}"#, ApiError::AnswerLost),
        (200, r#"{"ok":true,"result":[{"#, ApiError::AnswerLost),
        (302, "", ApiError::AnswerLost),
    ] {
        let (api, _) = answering(status, body).await;
        let error = api.get_updates(0).await.err();
        assert_eq!(error, Some(expected), "{status} {body}");
    }
}

#[tokio::test]
async fn nobody_at_home_means_not_sent() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let api = Api::new(base.parse().unwrap(), SecretString::from("1:secret")).unwrap();
    let error = api.get_me().await.unwrap_err();
    assert_eq!(error, ApiError::NotSent);
    assert!(!format!("{error} {error:?}").contains("secret"));
}

#[tokio::test]
async fn an_answer_without_end_is_read_up_to_the_cap() {
    const PART: usize = 64 * 1024;
    /// What the sockets of both sides may hold beyond what was read.
    const IN_SOCKETS: usize = 16 * 1024 * 1024;
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    let api = serving(move |_, _, _| {
        let counted = Arc::clone(&counted);
        let parts = futures_util::stream::repeat(Bytes::from(vec![b' '; PART]));
        Body::from_stream(parts.map(move |part| {
            counted.fetch_add(part.len(), Ordering::SeqCst);
            Ok::<_, std::convert::Infallible>(part)
        }))
        .into_response()
    })
    .await;
    assert_eq!(api.get_me().await, Err(ApiError::AnswerLost));
    let sent = sent.load(Ordering::SeqCst);
    assert!(sent < LARGEST_ANSWER_BYTES + IN_SOCKETS, "{sent}");
}

#[tokio::test]
async fn an_answer_that_drips_ends_with_the_time_for_the_call() {
    let api = serving(|_, _, _| {
        let parts = futures_util::stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Some((
                Ok::<_, std::convert::Infallible>(Bytes::from_static(b" ")),
                (),
            ))
        });
        Body::from_stream(parts).into_response()
    })
    .await;
    assert_eq!(api.confirm_offset(7).await, Err(ApiError::AnswerLost));
}

#[rstest]
#[tokio::test]
async fn a_redirect_takes_the_token_nowhere(#[values(301, 302, 303, 307, 308)] status: u16) {
    let (elsewhere, seen) = answering(200, r#"{"ok":true,"result":true}"#).await;
    let target = elsewhere.base.to_string();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&heads);
    let api = serving(move |_, headers, _| {
        noted.lock().unwrap().push(headers);
        let status = StatusCode::from_u16(status).unwrap();
        (status, [("Location", target.clone())]).into_response()
    })
    .await;
    for _ in 0..2 {
        assert_eq!(api.delete_webhook().await, Err(ApiError::AnswerLost));
    }
    assert_eq!(*seen.lock().unwrap(), [""; 0]);
    let heads = heads.lock().unwrap();
    assert_eq!(heads.len(), 2);
    assert!(heads.iter().all(|head| !head.contains_key("referer")));
}

/// Refuses whatever comes with markup, as Telegram refuses tags that it cannot read, and notes
/// which calls were made with and without.
async fn without_markup() -> (Sender, Arc<Mutex<Vec<(String, bool)>>>) {
    let calls = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&calls);
    let api = serving(move |uri, _, body| {
        let method = uri.path().rsplit('/').next().unwrap().to_owned();
        let has_markup = body.contains("parse_mode");
        assert!(has_markup == body.contains("<i>"), "{body}");
        noted.lock().unwrap().push((method, has_markup));
        if has_markup {
            let refusal = r#"{"ok":false,"error_code":400,"description":"Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"i\""}"#;
            (StatusCode::BAD_REQUEST, refusal).into_response()
        } else {
            r#"{"ok":true,"result":{"message_id":55}}"#.into_response()
        }
    })
    .await;
    (Sender::new(Arc::new(api), SenderSettings::default()), calls)
}

#[rstest]
#[case::message(|screen: Screen| screen, "sendMessage", "editMessageText")]
#[case::photo(photo, "sendPhoto", "")]
#[case::known_photo(known_photo, "sendPhoto", "")]
#[case::file(file, "sendDocument", "")]
#[case::caption(Screen::in_caption, "sendMessage", "editMessageCaption")]
#[tokio::test]
async fn what_telegram_cannot_read_goes_out_as_plain_text(
    #[case] dress: fn(Screen) -> Screen,
    #[case] sends: &str,
    #[case] edits: &str,
) {
    let torn = || dress(Screen::plain(Html::of_locale("<i>torn & done".to_owned())));
    let (sender, calls) = without_markup().await;
    let sent = sender.reply(1, torn()).await.unwrap();
    assert_eq!(sent, Outcome::Sent { message: 55 });
    let mut expected = vec![(sends.to_owned(), true), (sends.to_owned(), false)];
    if !edits.is_empty() {
        let edited = sender.enqueue(Job {
            chat: 1,
            target: Target::Edit {
                message: 7,
                or_new: false,
            },
            body: sender::Body::Ready(Box::new(torn())),
            priority: Priority::Reply,
            patience: None,
        });
        assert_eq!(edited.await.unwrap(), Outcome::Sent { message: 7 });
        expected.extend([(edits.to_owned(), true), (edits.to_owned(), false)]);
    }
    assert_eq!(*calls.lock().unwrap(), expected);
}

fn photo(screen: Screen) -> Screen {
    screen.with_picture(Picture::Upload(vec![1, 2, 3].into()))
}

fn known_photo(screen: Screen) -> Screen {
    screen.with_picture(Picture::Known {
        file_id: "known".to_owned(),
        is_photo: true,
    })
}

fn file(screen: Screen) -> Screen {
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, b"a,b\n").unwrap();
    screen.with_document(Document {
        name: "orders.csv".to_owned(),
        bytes: 4,
        file: file.into(),
    })
}
