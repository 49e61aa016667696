//! OTPGet's mailboxes: their JSON, byte for byte, and the real driver's life with them.

use std::time::Duration;

use chrono::TimeDelta;
use numshop::provider::mailbox::{
    BoughtMailbox, HISTORY_PAGE_ROWS, MailboxCancel, MailboxProvider, MailboxPurchase,
    MailboxState, MailboxWord,
};
use numshop::provider::otpget::mail::OtpGetMail;
use numshop::provider::{ProviderError, PurchaseAnswer, Server};
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::sandbox::upstream::fault::{Fault, Scope, step};
use numshop::sandbox::upstream::{ControlError, OrderState};
use rstest::rstest;
use rust_decimal::Decimal;

use super::{Bench, bought, rejected};

const BUY: &str = "action=buyEmail&server=1&service_id=tg&domain=gmail.com";
const MAIL: &str = "Telegram code: 48213";

fn open(bench: &Bench, key: &str) -> OtpGetMail {
    OtpGetMail::new(bench.http(key, OtpGetMail::account))
}

async fn start() -> (Bench, OtpGetMail) {
    let bench = Bench::new(Dialect::OtpGet).await;
    let provider = open(&bench, bench.upstream.key());
    (bench, provider)
}

/// The body that a request to a handler gets.
async fn get(bench: &Bench, file: &str, query: &str) -> String {
    let endpoint = format!("{}/{file}", bench.upstream.url());
    let response = bench.send(&endpoint, query).await.unwrap();
    assert_eq!(response.status(), 200);
    response.text().await.unwrap()
}

fn telegram() -> MailboxPurchase {
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
        max_cost: 8.into(),
    }
}

async fn buys(provider: &OtpGetMail, wanted: &MailboxPurchase) -> BoughtMailbox {
    bought(provider.buy(wanted).await)
}

#[rstest]
#[case(
    "action=getEmailServices&server=1&domain=outlook.com",
    r#"{"status":200,"services":[{"service_code":"tg","service_name":"Telegram","price":"9.00","count":2300},{"service_code":"fb","service_name":"Facebook","price":"6.00","count":5200}]}"#
)]
#[case(
    "action=getEmailServices&server=2&site=telegram.com",
    r#"{"status":200,"domains":[{"domain":"gmail.com","price":31,"count":"120"},{"domain":"hotmail.com","price":8,"count":"640"}]}"#
)]
#[case(
    "action=getEmailServices&server=1&domain=nowhere.example",
    r#"{"status":404,"message":"Service not found"}"#
)]
#[case(
    "action=getEmailServices&server=3&domain=gmail.com",
    r#"{"status":400,"message":"Missing or invalid parameters"}"#
)]
#[case(
    "action=buyEmail&server=2&site=telegram.com&domain=hotmail.com",
    r#"{"status":200,"email_id":90002,"email":"inbox90002@hotmail.com","service":"telegram.com","domain":"hotmail.com","price":"8.00","balance":"4999954.00","server":2}"#
)]
#[case(
    "action=buyEmail&server=2&site=telegram.com",
    r#"{"status":400,"message":"Missing or invalid parameters"}"#
)]
#[case(
    "action=buyEmail&server=1&service_id=xx&domain=gmail.com",
    r#"{"status":404,"message":"Service not found"}"#
)]
#[case(
    "action=buyEmail&server=1&service_id=ig&domain=gmail.com",
    r#"{"status":404,"message":"Out of stock for this service"}"#
)]
#[case(
    "action=getEmailCode&email_id=90001&server=1",
    r#"{"status":202,"message":"Waiting for email"}"#
)]
#[case(
    "action=getEmailCode&email_id=90001&server=2",
    r#"{"status":404,"message":"Activation not found"}"#
)]
#[case(
    "action=cancelEmail&email_id=90001&server=1",
    r#"{"status":200,"message":"Email cancelled and refunded","refund":"38.00","balance":"5000000.00"}"#
)]
#[case(
    "action=getEmailHistory&page=1",
    r#"{"status":200,"page":1,"history":[{"id":"90001","email_address":"inbox90001@gmail.com","service":"Telegram","status":"waiting","server":"1","price":"38.00","created_at":"2026-01-15 20:30:00"}]}"#
)]
#[case(
    "action=getEmailHistory&page=2",
    r#"{"status":200,"page":2,"history":[]}"#
)]
#[case(
    "action=dance",
    r#"{"status":400,"message":"Missing or invalid parameters"}"#
)]
#[tokio::test]
async fn the_handler_speaks_json(#[case] query: &str, #[case] body: &str) {
    let (bench, _) = start().await;
    assert_eq!(
        get(&bench, "email_handler.php", BUY).await,
        r#"{"status":200,"email_id":90001,"email":"inbox90001@gmail.com","service":"Telegram","domain":"gmail.com","price":"38.00","balance":"4999962.00","server":1}"#
    );
    assert_eq!(get(&bench, "email_handler.php", query).await, body);
    bench.assert_balanced();
}

#[tokio::test]
async fn a_mailbox_is_no_number() {
    let (bench, _) = start().await;
    get(&bench, "email_handler.php", BUY).await;
    for query in [
        "action=getStatus&id=90001",
        "action=setStatus&id=90001&status=8",
    ] {
        assert_eq!(get(&bench, "handler_api.php", query).await, "NO_ACTIVATION");
    }
    let countries = get(&bench, "handler_api.php", "action=getCountries").await;
    assert!(!countries.contains("mail"), "{countries}");
    get(
        &bench,
        "handler_api.php",
        "action=getNumber&service=101&country=92&type=1",
    )
    .await;
    let code = "action=getEmailCode&email_id=90002&server=1";
    assert_eq!(
        get(&bench, "email_handler.php", code).await,
        r#"{"status":404,"message":"Activation not found"}"#
    );
    assert_eq!(bench.upstream.mailboxes().len(), 1);
    assert_eq!(bench.upstream.orders().len(), 2);
    bench.assert_balanced();
}

#[rstest]
#[case(telegram(), "inbox90001@gmail.com")]
#[case(for_a_site(), "inbox90001@hotmail.com")]
#[tokio::test]
async fn a_mailbox_gets_its_message(#[case] wanted: MailboxPurchase, #[case] address: &str) {
    let (bench, provider) = start().await;
    let bought = buys(&provider, &wanted).await;
    assert_eq!(bought.address, address);
    assert_eq!(bought.cost.unwrap().amount, wanted.max_cost);
    let id = &bought.email_id;
    let code = async || provider.code(id, wanted.server).await.unwrap();
    assert_eq!(code().await, MailboxState::Waiting);
    bench.upstream.deliver(id.as_str(), MAIL).unwrap();
    let MailboxState::Received(mails) = code().await else {
        panic!("no message");
    };
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].code.as_deref(), Some("48213"));
    assert_eq!(mails[0].text.as_deref(), Some(MAIL));
    // Too late for the money.
    let MailboxCancel::Completed(mails) = provider.cancel(id, wanted.server).await.unwrap() else {
        panic!("the message is lost");
    };
    assert_eq!(mails[0].code.as_deref(), Some("48213"));
    assert_eq!(bench.upstream.mailboxes()[0].state, OrderState::Finished);
    assert_eq!(
        provider.cancel(id, wanted.server).await.unwrap(),
        MailboxCancel::AlreadyClosed
    );
    assert!(matches!(code().await, MailboxState::Received(_)));
    assert_eq!(bench.upstream.spent(), wanted.max_cost);
    bench.assert_balanced();
}

#[tokio::test]
async fn a_mailbox_without_a_message_is_paid_back() {
    let (bench, provider) = start().await;
    let [cancelled, run_out, taken_back, ended] = [(); 4].map(|()| telegram());
    let mut bought = Vec::new();
    for wanted in [&cancelled, &run_out, &taken_back, &ended] {
        bought.push(buys(&provider, wanted).await.email_id);
    }
    let cancel = async |at: usize| provider.cancel(&bought[at], Server::One).await.unwrap();
    assert_eq!(cancel(0).await, MailboxCancel::Cancelled);
    assert_eq!(cancel(0).await, MailboxCancel::AlreadyClosed);
    bench
        .upstream
        .cancel_by_upstream(bought[2].as_str())
        .unwrap();
    bench.upstream.expire(bought[3].as_str()).unwrap();
    assert_eq!(
        bench.upstream.expire(bought[3].as_str()),
        Err(ControlError::OrderClosed)
    );
    bench.clock.advance(TimeDelta::hours(1));
    for id in &bought {
        let state = provider.code(id, Server::One).await.unwrap();
        assert_eq!(state, MailboxState::Cancelled);
    }
    assert_eq!(bench.upstream.spent(), Decimal::ZERO);
    bench.assert_balanced();
}

#[tokio::test]
async fn a_message_comes_during_the_cancel() {
    let (bench, provider) = start().await;
    let id = buys(&provider, &telegram()).await.email_id;
    bench
        .upstream
        .set_fault(Fault::SmsDuringCancel, Scope::on(step::CANCEL_MAIL));
    let answer = provider.cancel(&id, Server::One).await.unwrap();
    assert!(matches!(answer, MailboxCancel::Completed(_)), "{answer:?}");
    assert_eq!(bench.upstream.spent(), Decimal::from(38));
    bench.assert_balanced();
}

#[tokio::test]
async fn a_second_message_comes_and_messages_come_by_themselves() {
    let (bench, provider) = start().await;
    bench.upstream.set_sms_after(Some(Duration::from_secs(30)));
    let id = buys(&provider, &telegram()).await.email_id;
    bench.clock.advance(TimeDelta::seconds(30));
    let count = async || {
        let state = provider.code(&id, Server::One).await.unwrap();
        let MailboxState::Received(mails) = state else {
            panic!("{state:?}");
        };
        mails.len()
    };
    assert_eq!(count().await, 1);
    bench
        .upstream
        .set_fault(Fault::SecondSms, Scope::on(step::MAIL_CODE).once());
    assert_eq!(count().await, 2);
}

#[tokio::test]
async fn what_the_upstream_refuses_is_surely_not_bought() {
    let (bench, provider) = start().await;
    let upstream = &bench.upstream;
    let refused = async || rejected(provider.buy(&telegram()).await);
    upstream.set_stock("1:gmail.com:tg", 0).unwrap();
    assert_eq!(refused().await, ProviderError::OutOfStock);
    upstream.set_stock("1:gmail.com:tg", 1).unwrap();
    upstream.set_balance(Decimal::from(37));
    assert_eq!(refused().await, ProviderError::NoFunds);
    upstream.set_balance(Decimal::from(38));
    for status in [400, 401, 403, 404, 500, 503] {
        upstream.set_fault(Fault::Complaint(status), Scope::on(step::BUY_MAIL).once());
        refused().await;
    }
    upstream.set_price("1:gmail.com:tg", 39.into()).unwrap();
    let answer = provider.buy(&telegram()).await;
    assert!(
        matches!(answer, PurchaseAnswer::NotSent(ProviderError::PriceRose)),
        "{answer:?}"
    );
    assert_eq!(upstream.requests(step::BUY_MAIL), 8);
    assert_eq!(upstream.mailboxes(), []);
}

#[rstest]
#[case(Fault::DroppedConnection)]
#[case(Fault::ServerError(504))]
#[case(Fault::TruncatedJson)]
#[case(Fault::BrokenBody)]
#[case(Fault::EmptyBody)]
#[case(Fault::HtmlPage)]
#[tokio::test]
async fn a_lost_answer_leaves_a_doubt_that_the_history_resolves(#[case] fault: Fault) {
    let (bench, provider) = start().await;
    let scope = Scope::on(step::BUY_MAIL).once().after_work();
    bench.upstream.set_fault(fault, scope);
    let answer = provider.buy(&telegram()).await;
    assert!(matches!(answer, PurchaseAnswer::Ambiguous(_)), "{answer:?}");
    let known = bench.upstream.mailboxes();
    assert_eq!(
        (bench.upstream.requests(step::BUY_MAIL), known.len()),
        (1, 1)
    );
    let record = provider.history(1).await.unwrap().remove(0);
    assert_eq!(record.email_id.unwrap().as_str(), known[0].id);
    assert_eq!(record.address, known[0].number);
    assert_eq!(
        (record.server, record.word),
        (Some(Server::One), MailboxWord::Waiting)
    );
    assert_eq!(record.cost.unwrap().amount, Decimal::from(38));
    bench.assert_balanced();
}

#[tokio::test]
async fn the_history_comes_in_pages_of_our_own() {
    let (bench, provider) = start().await;
    bench.upstream.open_account("another-key", 5_000.into());
    let stranger = open(&bench, "another-key");
    for _ in 0..HISTORY_PAGE_ROWS + 1 {
        buys(&provider, &for_a_site()).await;
    }
    let id = buys(&stranger, &telegram()).await.email_id;
    let first = provider.history(1).await.unwrap();
    assert_eq!(first.len(), HISTORY_PAGE_ROWS);
    let newest = bench.upstream.mailboxes()[HISTORY_PAGE_ROWS].number.clone();
    assert_eq!(first[0].address, newest);
    assert_eq!(provider.history(2).await.unwrap().len(), 1);
    assert_eq!(provider.history(3).await.unwrap(), []);
    let unknown = provider.code(&id, Server::One).await.unwrap_err();
    assert!(matches!(unknown, ProviderError::NotFound(_)), "{unknown}");
    let unknown = provider.cancel(&id, Server::One).await.unwrap_err();
    assert!(matches!(unknown, ProviderError::NotFound(_)), "{unknown}");
    bench.assert_balanced();
}
