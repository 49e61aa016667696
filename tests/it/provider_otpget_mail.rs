//! OTPGet's mailboxes: each answer and its variants, each refusal.

use numshop::domain::id::UpstreamId;
use numshop::provider::mailbox::{
    BoughtMailbox, MailboxCancel, MailboxProvider, MailboxPurchase, MailboxState, MailboxWord,
};
use numshop::provider::otpget::mail::OtpGetMail;
use numshop::provider::{ProviderError, PurchaseAnswer, Server};
use rstest::rstest;

use crate::provider_server::{Answer, FAULTS, KEY, Upstream, assert_clean};

const ADDRESS: &str = "invented.person@gmail.example";

fn open(upstream: &Upstream) -> OtpGetMail {
    OtpGetMail::new(upstream.http("/stubs", OtpGetMail::account))
}

fn fixture(name: &str) -> Answer {
    Answer::fixture(&format!("otpget_mail/{name}"))
}

fn id() -> UpstreamId {
    "90417".into()
}

fn for_a_service() -> MailboxPurchase {
    MailboxPurchase {
        server: Server::One,
        service_code: "tg".to_owned(),
        domain: "gmail.com".to_owned(),
        max_cost: 38.into(),
    }
}

fn for_a_site() -> MailboxPurchase {
    MailboxPurchase {
        server: Server::Two,
        service_code: "telegram.com".to_owned(),
        domain: "hotmail.com".to_owned(),
        max_cost: "8.50".parse().unwrap(),
    }
}

/// Fails when a text shows an address or what [`assert_clean`] looks for.
fn assert_hidden(text: &str) {
    assert_clean(text);
    assert!(!text.contains("person"), "an address shows in {text}");
}

async fn bought_by(answer: Answer) -> (Upstream, PurchaseAnswer<BoughtMailbox>) {
    let upstream = Upstream::start().await;
    upstream
        .on("getEmailServices", fixture("services.json"))
        .on("buyEmail", answer);
    let answer = open(&upstream).buy(&for_a_service()).await;
    assert_eq!(upstream.seen("buyEmail").len(), 1);
    assert_hidden(&format!("{answer:?}"));
    (upstream, answer)
}

#[tokio::test]
async fn server_1_lists_services_at_a_domain() {
    let upstream = Upstream::start().await;
    upstream.on("getEmailServices", fixture("services.json"));
    let offers = open(&upstream).services("gmail.com").await.unwrap();
    let rows: Vec<_> = offers
        .iter()
        .map(|it| {
            let cost = it.cost.amount.to_string();
            (
                it.service_code.as_str(),
                it.service_name.as_str(),
                cost,
                it.stock,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("tg", "Telegram", "38.00".to_owned(), Some(410)),
            ("fb", "fb", "22".to_owned(), Some(900)),
            ("ig", "Instagram", "24.00".to_owned(), None),
        ]
    );
    assert!(offers.iter().all(|it| {
        it.server == Server::One && it.domain == "gmail.com" && it.cost.currency == "PKR"
    }));
    let seen = upstream.wait_for("getEmailServices").await;
    assert_eq!(
        (seen.query["api_key"].as_str(), seen.path.as_str()),
        (KEY, "/stubs/email_handler.php")
    );
    assert_eq!(
        (seen.query["server"].as_str(), seen.query["domain"].as_str()),
        ("1", "gmail.com")
    );
}

#[tokio::test]
async fn server_2_lists_domains_for_a_site() {
    let upstream = Upstream::start().await;
    upstream.on("getEmailServices", fixture("domains.json"));
    let offers = open(&upstream).domains("telegram.com").await.unwrap();
    let rows: Vec<_> = offers
        .iter()
        .map(|it| (it.domain.as_str(), it.cost.amount.to_string(), it.stock))
        .collect();
    assert_eq!(
        rows,
        [
            ("gmail.com", "31".to_owned(), Some(120)),
            ("hotmail.com", "8.50".to_owned(), Some(640)),
        ]
    );
    assert!(
        offers
            .iter()
            .all(|it| { it.server == Server::Two && it.service_code == "telegram.com" })
    );
    let seen = upstream.wait_for("getEmailServices").await;
    assert_eq!(
        (seen.query["server"].as_str(), seen.query["site"].as_str()),
        ("2", "telegram.com")
    );
}

#[rstest]
#[case(200, r#"{"status":404,"message":"Out of stock"}"#, true)]
#[case(404, r#"{"status":404,"message":"No stock for this domain"}"#, true)]
#[case(200, r#"{"status":200,"services":[]}"#, true)]
#[case(404, r#"{"status":404,"message":"Service not found"}"#, false)]
#[case(200, r#"{"status":200,"domains":[]}"#, false)]
#[tokio::test]
async fn an_empty_shelf_is_an_empty_list(
    #[case] status: u16,
    #[case] body: &str,
    #[case] well: bool,
) {
    let upstream = Upstream::start().await;
    upstream.on(
        "getEmailServices",
        Answer::http(status, "", body.as_bytes()),
    );
    let offers = open(&upstream).services("gmail.com").await;
    assert_eq!(offers.ok(), well.then(Vec::new));
}

#[tokio::test]
async fn a_mailbox_is_bought_at_either_server() {
    let (upstream, answer) = bought_by(fixture("bought.json")).await;
    let PurchaseAnswer::Bought(bought) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!((bought.email_id, bought.address.as_str()), (id(), ADDRESS));
    assert_eq!(bought.cost.unwrap().amount.to_string(), "38.00");
    let query = &upstream.seen("buyEmail")[0].query;
    let sent = ["server", "service_id", "domain"].map(|name| query[name].as_str());
    assert_eq!(sent, ["1", "tg", "gmail.com"]);

    let upstream = Upstream::start().await;
    upstream
        .on("getEmailServices", fixture("domains.json"))
        .on("buyEmail", fixture("bought.json"));
    let answer = open(&upstream).buy(&for_a_site()).await;
    assert!(matches!(answer, PurchaseAnswer::Bought(_)), "{answer:?}");
    let query = &upstream.seen("buyEmail")[0].query;
    let sent = ["server", "site", "domain"].map(|name| query[name].as_str());
    assert_eq!(sent, ["2", "telegram.com", "hotmail.com"]);
    assert!(!query.contains_key("service_id"));
}

fn refused(text: &str) -> ProviderError {
    ProviderError::Refused(text.to_owned())
}

fn not_found(text: &str) -> ProviderError {
    ProviderError::NotFound(text.to_owned())
}

fn unavailable(text: &str) -> ProviderError {
    ProviderError::Unavailable(text.to_owned())
}

#[rstest]
#[case("401", "BAD_KEY", refused("BAD_KEY"))]
#[case("403", "ACCOUNT_BLOCKED", refused("ACCOUNT_BLOCKED"))]
#[case("400", "Missing parameters", refused("Missing parameters"))]
#[case(
    "402",
    "Insufficient balance. Need: 38.00 — Have: 2.50",
    ProviderError::NoFunds
)]
#[case("404", "Service not found", not_found("Service not found"))]
#[case("404", "Out of stock", ProviderError::OutOfStock)]
#[case("500", "DATABASE_ERROR", unavailable("DATABASE_ERROR"))]
#[case("503", "Server disabled", unavailable("Server disabled"))]
#[tokio::test]
async fn a_refused_purchase_is_surely_not_bought(
    #[case] status: &str,
    #[case] text: &str,
    #[case] expected: ProviderError,
) {
    let quoted = format!(r#"{{"status":"{status}","message":"{text}"}}"#);
    let number = format!(r#"{{"status":{status},"error":"{text}"}}"#);
    let http = Answer::http(status.parse().unwrap(), "", number.as_bytes());
    for answer in [Answer::json(&quoted), Answer::json(&number), http] {
        let (_, answer) = bought_by(answer).await;
        let PurchaseAnswer::Rejected(error) = answer else {
            panic!("{answer:?}");
        };
        assert_eq!(error, expected);
    }
}

#[rstest]
#[case(r#"{"status":200,"email_id":"90417"}"#)]
#[case(r#"{"status":200,"email":"invented.person@gmail.example"}"#)]
#[case(r#"{"status":200,"email_id":"90417","email":"soon"}"#)]
#[case(r#"{"status":200,"email_id":"90417","email":"in vented@gmail.example"}"#)]
#[case(r#"{"status":200}"#)]
#[case(r#"{"status":404,"message":"Out of stock","email_id":"90417"}"#)]
#[case(r#"{"status":402,"message":"Insufficient balance","data":{"email":"invented.person@gmail.example"}}"#)]
#[case(r#"{"status":500,"message":"Internal error"}"#)]
#[case(r#"{"status":503,"message":"Try again"}"#)]
#[case(r#"{"status":202,"message":"Being prepared"}"#)]
#[case("Bought, see your account")]
#[tokio::test]
async fn a_purchase_that_could_have_happened_is_ambiguous(#[case] body: &str) {
    let (_, answer) = bought_by(Answer::json(body)).await;
    assert!(matches!(answer, PurchaseAnswer::Ambiguous(_)), "{answer:?}");
}

#[tokio::test]
async fn nothing_is_bought_above_its_price() {
    let upstream = Upstream::start().await;
    upstream.on("getEmailServices", fixture("services.json"));
    let provider = open(&upstream);
    let cheaper = MailboxPurchase {
        max_cost: "37.99".parse().unwrap(),
        ..for_a_service()
    };
    let answer = provider.buy(&cheaper).await;
    assert!(
        matches!(answer, PurchaseAnswer::NotSent(ProviderError::PriceRose)),
        "{answer:?}"
    );
    let unlisted = MailboxPurchase {
        service_code: "zz".to_owned(),
        ..for_a_service()
    };
    let answer = provider.buy(&unlisted).await;
    assert!(
        matches!(answer, PurchaseAnswer::NotSent(ProviderError::NotFound(_))),
        "{answer:?}"
    );
    assert_eq!(upstream.seen("buyEmail").len(), 0);
}

/// Runs into a fault with every call, each by a way of its own: after a 429 nothing is sent for a
/// while.
async fn runs_into(fault: &str) {
    let (_, answer) = bought_by(Answer::fault(fault)).await;
    assert!(
        matches!(answer, PurchaseAnswer::Ambiguous(_)),
        "{fault}: {answer:?}"
    );
    let upstream = Upstream::start().await;
    upstream.otherwise(Answer::fault(fault));
    let mut errors = vec![
        open(&upstream).code(&id(), Server::One).await.err(),
        open(&upstream).cancel(&id(), Server::One).await.err(),
        open(&upstream).history(1).await.err(),
    ];
    // Long lists are waited for longer than a test should wait.
    if !matches!(fault, "slow" | "stalled") {
        errors.push(open(&upstream).services("gmail.com").await.err());
        errors.push(open(&upstream).domains("telegram.com").await.err());
    }
    for error in errors {
        let error = error.unwrap_or_else(|| panic!("{fault} was read"));
        assert_hidden(&format!("{fault}: {error} {error:?}"));
    }
    assert_eq!(upstream.seen("cancelEmail").len(), 1, "{fault}");
}

#[tokio::test]
async fn a_useless_answer_is_an_error_without_secrets_and_a_doubt() {
    futures_util::future::join_all(FAULTS.map(runs_into)).await;
}

async fn state_by(status: u16, body: &str) -> Result<MailboxState, ProviderError> {
    let upstream = Upstream::start().await;
    upstream.on("getEmailCode", Answer::http(status, "", body.as_bytes()));
    let state = open(&upstream).code(&id(), Server::Two).await;
    assert_hidden(&format!("{state:?}"));
    let query = upstream.wait_for("getEmailCode").await.query;
    assert_eq!(
        (query["email_id"].as_str(), query["server"].as_str()),
        ("90417", "2")
    );
    state
}

#[rstest]
#[case(
    200,
    r#"{"status":202,"message":"Waiting for email"}"#,
    MailboxState::Waiting
)]
#[case(202, r#"{"status":"202"}"#, MailboxState::Waiting)]
#[case(200, r#"{"status":200,"messages":[]}"#, MailboxState::Waiting)]
#[case(
    200,
    r#"{"status":200,"messages":[{"code":""}]}"#,
    MailboxState::Waiting
)]
#[case(
    200,
    r#"{"status":300,"message":"Cancelled"}"#,
    MailboxState::Cancelled
)]
#[case(300, r#"{"status":"300"}"#, MailboxState::Cancelled)]
#[tokio::test]
async fn a_mailbox_without_a_message(
    #[case] status: u16,
    #[case] body: &str,
    #[case] expected: MailboxState,
) {
    assert_eq!(state_by(status, body).await.unwrap(), expected);
}

#[rstest]
#[case(r#"{"status":200,"messages":[{"code":"4821"}]}"#, Some("4821"), None)]
#[case(
    r#"{"status":"200","messages":[{"code":4821,"subject":"Hello"}]}"#,
    Some("4821"),
    None
)]
#[case(
    r#"{"status":200,"messages":[{"code":"","body":"Your code is 4821"}]}"#,
    Some("4821"),
    Some("Your code is 4821")
)]
#[case(
    r#"{"status":200,"messages":[{"code":"-","subject":"4821 is your code","text":"Hello there"}]}"#,
    Some("4821"),
    Some("Hello there")
)]
#[case(
    r#"{"status":200,"messages":[{"code":null,"text":"Hello there"}]}"#,
    None,
    Some("Hello there")
)]
#[case(r#"{"status":200,"code":"4821"}"#, Some("4821"), None)]
#[tokio::test]
async fn a_message_has_a_code_or_a_text(
    #[case] body: &str,
    #[case] code: Option<&str>,
    #[case] text: Option<&str>,
) {
    let Ok(MailboxState::Received(mails)) = state_by(200, body).await else {
        panic!("no message");
    };
    assert_eq!(mails.len(), 1);
    assert_eq!(
        (mails[0].code.as_deref(), mails[0].text.as_deref()),
        (code, text)
    );
}

#[rstest]
#[case(
    r#"{"status":404,"message":"Activation not found"}"#,
    not_found("Activation not found")
)]
#[case(r#"{"status":401,"message":"BAD_KEY"}"#, refused("BAD_KEY"))]
#[case(r#"{"status":500,"message":"Oh no"}"#, unavailable("Oh no"))]
#[tokio::test]
async fn a_refused_read_is_an_error(#[case] body: &str, #[case] expected: ProviderError) {
    assert_eq!(state_by(200, body).await.unwrap_err(), expected);
}

async fn cancelled_by(body: &str) -> Result<MailboxCancel, ProviderError> {
    let upstream = Upstream::start().await;
    upstream.on("cancelEmail", Answer::json(body));
    let answer = open(&upstream).cancel(&id(), Server::One).await;
    assert_hidden(&format!("{answer:?}"));
    let query = upstream.wait_for("cancelEmail").await.query;
    assert_eq!(
        (query["email_id"].as_str(), query["server"].as_str()),
        ("90417", "1")
    );
    answer
}

#[rstest]
#[case(
    r#"{"status":200,"message":"Email cancelled, balance refunded"}"#,
    MailboxCancel::Cancelled
)]
#[case(r#"{"status":"200","message":"Refunded"}"#, MailboxCancel::Cancelled)]
// Nothing says that the money is back.
#[case(r#"{"status":200}"#, MailboxCancel::NotNow)]
#[case(
    r#"{"status":200,"message":"Request accepted"}"#,
    MailboxCancel::NotNow
)]
#[case(
    r#"{"status":200,"message":"Could not be cancelled"}"#,
    MailboxCancel::NotNow
)]
#[case(
    r#"{"status":200,"message":"Activation completed"}"#,
    MailboxCancel::AlreadyClosed
)]
#[case(r#"{"status":202,"message":"Waiting"}"#, MailboxCancel::NotNow)]
#[case(
    r#"{"status":300,"message":"Cancelled"}"#,
    MailboxCancel::AlreadyClosed
)]
#[case(
    r#"{"status":400,"message":"Already cancelled"}"#,
    MailboxCancel::AlreadyClosed
)]
#[case(
    r#"{"status":400,"message":"Too early to cancel"}"#,
    MailboxCancel::NotNow
)]
#[tokio::test]
async fn a_cancellation_is_answered(#[case] body: &str, #[case] expected: MailboxCancel) {
    assert_eq!(cancelled_by(body).await.unwrap(), expected);
}

#[rstest]
#[case(r#"{"status":200,"message":"Email cancelled","code":"4821"}"#)]
#[case(r#"{"status":200,"message":"Completed","messages":[{"code":"4821"}]}"#)]
#[case(r#"{"status":200,"data":{"code":4821}}"#)]
#[tokio::test]
async fn a_message_wins_over_a_cancellation(#[case] body: &str) {
    let MailboxCancel::Completed(mails) = cancelled_by(body).await.unwrap() else {
        panic!("the message is lost");
    };
    assert_eq!(mails[0].code.as_deref(), Some("4821"));
}

#[rstest]
#[case(
    r#"{"status":404,"message":"Activation not found"}"#,
    not_found("Activation not found")
)]
#[case(
    r#"{"status":400,"message":"Missing parameters"}"#,
    refused("Missing parameters")
)]
#[case(r#"{"status":401,"message":"BAD_KEY"}"#, refused("BAD_KEY"))]
#[case(
    r#"{"status":503,"message":"Server disabled"}"#,
    unavailable("Server disabled")
)]
#[tokio::test]
async fn what_does_not_cancel_is_an_error(#[case] body: &str, #[case] expected: ProviderError) {
    assert_eq!(cancelled_by(body).await.unwrap_err(), expected);
}

#[tokio::test]
async fn the_history_is_read_page_by_page() {
    let upstream = Upstream::start().await;
    upstream.on("getEmailHistory", fixture("history.json"));
    let records = open(&upstream).history(3).await.unwrap();
    assert_hidden(&format!("{records:?}"));
    let rows: Vec<_> = records
        .iter()
        .map(|it| {
            (
                it.email_id.as_ref().map(UpstreamId::as_str),
                it.server,
                it.word.clone(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (Some("90417"), Some(Server::One), MailboxWord::Waiting),
            (None, Some(Server::Two), MailboxWord::Received),
            (Some("90415"), None, MailboxWord::Cancelled),
            (None, None, MailboxWord::Other(String::new())),
        ]
    );
    assert_eq!(records[0].address, ADDRESS);
    assert_eq!(records[0].service.as_deref(), Some("Telegram"));
    let cost = records[0].cost.as_ref().unwrap();
    assert_eq!(cost.amount.to_string(), "38.00");
    assert_eq!(
        upstream.wait_for("getEmailHistory").await.query["page"],
        "3"
    );
}

#[rstest]
#[case(r#"{"status":200,"history":[]}"#, true)]
#[case(r#"{"status":200,"history":null}"#, true)]
#[case(
    r#"{"status":200,"history":[{"status":"waiting","server":"1"}]}"#,
    false
)]
#[case(r#"{"status":200,"history":[{"email_address":"nobody"}]}"#, false)]
#[case(r#"{"status":200}"#, false)]
#[case(r#"{"status":401,"message":"BAD_KEY"}"#, false)]
#[tokio::test]
async fn only_a_page_that_was_read_is_empty(#[case] body: &str, #[case] well: bool) {
    let upstream = Upstream::start().await;
    upstream.on("getEmailHistory", Answer::json(body));
    assert_eq!(open(&upstream).history(1).await.ok(), well.then(Vec::new));
}

#[tokio::test]
async fn mailboxes_bear_the_name_of_the_account_that_pays() {
    let upstream = Upstream::start().await;
    assert_eq!(open(&upstream).id().as_str(), "otpget");
}
