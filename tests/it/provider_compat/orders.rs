//! The sms-activate family's orders: their states, their list, what can be done to them.

use numshop::provider::{ActivationState, CancelAnswer, Provider, ProviderError};
use rstest::rstest;

use super::{fixture, id, not_found, open, refused};
use crate::provider_server::{Answer, FAULTS, NUMBER, Upstream, assert_clean};

#[rstest]
#[case("STATUS_WAIT_CODE", ActivationState::Waiting, None)]
#[case("STATUS_WAIT_RETRY:1111", ActivationState::Waiting, None)]
#[case("STATUS_WAIT_RESEND", ActivationState::Waiting, None)]
#[case("STATUS_CANCEL", ActivationState::Cancelled, None)]
#[case("ACCESS_CANCEL", ActivationState::Cancelled, None)]
#[case("STATUS_OK:4821", ActivationState::Received, Some("4821"))]
#[case("STATUS_OK:'4821'", ActivationState::Received, Some("4821"))]
#[case(
    "STATUS_OK: Your code: 4821",
    ActivationState::Received,
    Some("Your code: 4821")
)]
#[case("STATUS_OK:", ActivationState::Waiting, None)]
#[case("STATUS_OK", ActivationState::Waiting, None)]
#[case("STATUS_DREAM:1", ActivationState::Other("STATUS_DREAM".to_owned()), None)]
#[tokio::test]
async fn one_order_is_asked_about(
    #[case] body: &str,
    #[case] state: ActivationState,
    #[case] sms: Option<&str>,
) {
    let upstream = Upstream::start().await;
    upstream
        .on("getStatus", Answer::json(body))
        .on("getActiveActivations", Answer::json("BAD_ACTION"));
    let order = open(&upstream).status(&id()).await.unwrap();
    assert_eq!((order.upstream_id, order.state), (id(), state));
    assert_eq!(order.sms.as_deref(), sms);
    assert_eq!(
        upstream.wait_for("getStatus").await.query["id"],
        "635468024"
    );
}

#[rstest]
#[case(fixture("active.json"), "635468022", "Telegram code: 4821")]
// Not in the list, or no list: the code is all that there is.
#[case(fixture("active.json"), "635468029", "4821")]
#[case(Answer::fault("bare 502"), "635468022", "4821")]
#[tokio::test]
async fn one_sms_has_one_text(#[case] list: Answer, #[case] id: &str, #[case] sms: &str) {
    let upstream = Upstream::start().await;
    upstream
        .on("getStatus", Answer::json("STATUS_OK:4821"))
        .on("getActiveActivations", list)
        .on("getServicesList", fixture("services.json"));
    let order = open(&upstream).status(&id.into()).await.unwrap();
    assert_eq!(order.sms.as_deref(), Some(sms));
    assert_eq!(order.state, ActivationState::Received);
}

#[rstest]
#[case(200, "NO_ACTIVATION", not_found("NO_ACTIVATION"))]
#[case(200, "WRONG_ACTIVATION_ID", not_found("WRONG_ACTIVATION_ID"))]
#[case(200, "BAD_KEY", refused("BAD_KEY"))]
#[case(200, "ERROR_SQL", ProviderError::Unavailable("ERROR_SQL".to_owned()))]
#[case(
    404,
    r#"{"title":"WRONG_ACTIVATION_ID"}"#,
    not_found("WRONG_ACTIVATION_ID")
)]
// A page that is missing is not an order that is missing.
#[case(404, r#"{"title":"Not Found"}"#, ProviderError::Unavailable("HTTP 404: Not Found".to_owned()))]
#[case(401, r#"{"title":"Unauthorized"}"#, refused("Unauthorized"))]
#[tokio::test]
async fn a_refused_status_is_an_error(
    #[case] status: u16,
    #[case] body: &str,
    #[case] expected: ProviderError,
) {
    let upstream = Upstream::start().await;
    upstream.on("getStatus", Answer::http(status, "", body.as_bytes()));
    assert_eq!(open(&upstream).status(&id()).await.unwrap_err(), expected);
}

#[tokio::test]
async fn all_open_orders_are_read_at_once() {
    let upstream = Upstream::start().await;
    upstream
        .on("getActiveActivations", fixture("active.json"))
        .on("getServicesList", fixture("services.json"));
    let provider = open(&upstream);
    assert!(provider.capabilities().batch_poll);
    let orders = provider.open_orders().await.unwrap().unwrap();
    let rows: Vec<_> = orders
        .iter()
        .map(|order| {
            (
                order.upstream_id.as_str(),
                &order.state,
                order.sms.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("635468021", &ActivationState::Waiting, None),
            (
                "635468022",
                &ActivationState::Received,
                Some("Telegram code: 4821")
            ),
            ("635468023", &ActivationState::Received, Some("4821")),
        ]
    );
    assert!(
        orders
            .iter()
            .all(|order| order.number.as_deref() == Some(NUMBER))
    );
    let names: Vec<_> = orders
        .iter()
        .map(|order| order.service_name.as_deref())
        .collect();
    assert_eq!(names, [Some("Whatsapp"), Some("Telegram"), Some("zz")]);
}

#[tokio::test]
async fn without_names_an_order_says_no_service_and_rows_may_be_under_data() {
    let upstream = Upstream::start().await;
    upstream
        .on("getActiveActivations", fixture("active_data.json"))
        .on("getServicesList", Answer::fault("bare 502"));
    let orders = open(&upstream).open_orders().await.unwrap().unwrap();
    assert_eq!(orders.len(), 1);
    assert_eq!(orders[0].service_name, None);
    assert_eq!(orders[0].sms.as_deref(), Some("Kode WhatsApp Anda: 4821"));
}

#[rstest]
#[case("NO_ACTIVATIONS")]
#[case(r#"{"status":"error","error":"NO_ACTIVATIONS"}"#)]
#[case(r#"{"status":"success","activeActivations":[]}"#)]
#[case(r#"{"status":"success","data":[]}"#)]
#[case(r#"{"status":"success","activeActivations":null}"#)]
#[tokio::test]
async fn no_open_order_is_an_empty_list(#[case] body: &str) {
    let upstream = Upstream::start().await;
    upstream
        .on("getActiveActivations", Answer::json(body))
        .on("getServicesList", fixture("services.json"));
    let orders = open(&upstream).open_orders().await.unwrap();
    assert_eq!(orders, Some(Vec::new()));
}

#[rstest]
#[case("BAD_KEY")]
#[case(r#"{"status":"success"}"#)]
#[case(r#"{"status":"success","activeActivations":[{"phoneNumber":"6281234500001"}]}"#)]
#[case("[]")]
#[tokio::test]
async fn a_list_that_cannot_be_read_is_an_error(#[case] body: &str) {
    let upstream = Upstream::start().await;
    upstream
        .on("getActiveActivations", Answer::json(body))
        .on("getServicesList", fixture("services.json"));
    let error = open(&upstream).open_orders().await.unwrap_err();
    assert_clean(&format!("{error:?} {error}"));
}

#[tokio::test]
async fn a_host_without_a_list_is_remembered() {
    let upstream = Upstream::start().await;
    upstream.on("getActiveActivations", Answer::json("BAD_ACTION"));
    let provider = open(&upstream);
    assert_eq!(provider.open_orders().await.unwrap(), None);
    assert!(!provider.capabilities().batch_poll);
}

#[rstest]
#[case(200, "ACCESS_CANCEL", CancelAnswer::Cancelled)]
#[case(204, "", CancelAnswer::Cancelled)]
#[case(200, r#"{"status":"success"}"#, CancelAnswer::Cancelled)]
#[case(200, "EARLY_CANCEL_DENIED", CancelAnswer::NotNow)]
#[case(
    409,
    r#"{"title":"EARLY_CANCEL_DENIED","details":"Wait","info":{}}"#,
    CancelAnswer::NotNow
)]
#[case(200, "BAD_STATUS", CancelAnswer::NotNow)]
#[case(200, "ACCESS_ACTIVATION", CancelAnswer::AlreadyClosed)]
#[tokio::test]
async fn a_cancellation_is_answered(
    #[case] status: u16,
    #[case] body: &str,
    #[case] expected: CancelAnswer,
) {
    let upstream = Upstream::start().await;
    upstream.on("setStatus", Answer::http(status, "", body.as_bytes()));
    assert_eq!(open(&upstream).cancel(&id()).await.unwrap(), expected);
    let seen = upstream.wait_for("setStatus").await;
    assert_eq!(
        (seen.query["id"].as_str(), seen.query["status"].as_str()),
        ("635468024", "8")
    );
}

#[rstest]
#[case("NO_ACTIVATION")]
// Here it means that the number is in use; another host cancels with this word.
#[case("ACCESS_READY")]
#[case("BAD_KEY")]
#[case("Cancelled, probably")]
#[tokio::test]
async fn what_does_not_cancel_is_an_error(#[case] body: &str) {
    let upstream = Upstream::start().await;
    upstream.on("setStatus", Answer::json(body));
    let error = open(&upstream).cancel(&id()).await.unwrap_err();
    assert_clean(&error.to_string());
}

#[tokio::test]
async fn another_sms_and_the_end_are_told() {
    let upstream = Upstream::start().await;
    upstream
        .on("setStatus", Answer::json("ACCESS_RETRY_GET"))
        .on("setStatus", Answer::json("ACCESS_ACTIVATION"))
        .on("setStatus", Answer::json("BAD_STATUS"));
    let provider = open(&upstream);
    provider.resend(&id()).await.unwrap();
    provider.finish(&id()).await.unwrap();
    assert_eq!(
        provider.resend(&id()).await.unwrap_err(),
        refused("BAD_STATUS")
    );
    let seen = upstream.seen("setStatus");
    let codes: Vec<_> = seen
        .iter()
        .map(|seen| seen.query["status"].as_str())
        .collect();
    assert_eq!(codes, ["3", "6", "3"]);
}

#[tokio::test]
async fn a_useless_answer_to_anything_else_is_an_error_without_secrets() {
    for fault in FAULTS {
        let upstream = Upstream::start().await;
        // The list is asked for with a larger cap and a longer time.
        let short = matches!(fault, "slow" | "stalled");
        let list = if short { "dropped" } else { fault };
        upstream
            .on("getStatus", Answer::fault(fault))
            .on("setStatus", Answer::fault(fault))
            .on("getActiveActivations", Answer::fault(list))
            .on("getServicesList", Answer::fault(list));
        // After a 429 a connection sends nothing for a while, so each call has its own.
        let open = || open(&upstream);
        let (order, status, cancel, resend, list) = (id(), open(), open(), open(), open());
        let (status, cancel, resend, list) = tokio::join!(
            status.status(&order),
            cancel.cancel(&order),
            resend.resend(&order),
            list.open_orders(),
        );
        assert_eq!(upstream.seen("setStatus").len(), 2, "{fault}");
        let errors = [
            status.map(|_| ()).unwrap_err(),
            cancel.map(|_| ()).unwrap_err(),
            resend.unwrap_err(),
        ];
        for error in errors {
            assert_clean(&format!("{error} {error:?}"));
        }
        // A larger list than a status may be is no fault, as long as something is in it.
        let list = list.map(|_| ()).unwrap_err();
        assert_clean(&format!("{list} {list:?}"));
    }
}
