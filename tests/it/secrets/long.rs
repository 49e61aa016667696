//! The same for rentals and mailboxes. What buys reads a price first, so it comes to a place where
//! the price lists are in order and all else goes wrong.

use std::collections::BTreeSet;
use std::fmt::Debug;

use numshop::provider::http::Http;
use numshop::provider::mailbox::{MailboxProvider, MailboxPurchase};
use numshop::provider::otpget::mail::OtpGetMail;
use numshop::provider::otpget::rental::OtpGetRental;
use numshop::provider::rental::{Renewal, RentalProvider, RentalPurchase};
use numshop::provider::{ProviderError, Server};

use super::ear::Ear;
use super::faults::{FAULTS, Place};
use super::{OTPGET, assert_hidden, order, shown, shown_answer};
use crate::provider_server::{Answer, KEY};

/// The calls that only read or change.
const READS: [&str; 10] = [
    "countries",
    "pricing",
    "stock",
    "mine",
    "inbox",
    "services",
    "domains",
    "code",
    "cancel",
    "history",
];
/// The calls that buy.
const SALES: [&str; 3] = ["rent", "renew", "buy"];

/// Makes a call and tells all that can be shown of how it ended.
async fn call(place: &Place, call: &str) -> String {
    let rentals = OtpGetRental::new(OTPGET.http(place, call));
    let mailboxes = OtpGetMail::new(OTPGET.http(place, call));
    let one = Server::One;
    let ended = match call {
        "countries" => read(rentals.countries().await),
        "pricing" => read(rentals.pricing("ID", one).await),
        "stock" => read(rentals.stock("ID", one).await),
        "mine" => read(rentals.mine().await),
        "inbox" => read(rentals.inbox(&order()).await),
        "rent" => shown_answer(&rentals.rent(&terms()).await),
        "renew" => {
            let renewal = Renewal {
                rental_id: "27".into(),
                terms: terms(),
            };
            shown_answer(&rentals.renew(&renewal).await)
        }
        "services" => read(mailboxes.services("gmail.com").await),
        "domains" => read(mailboxes.domains("telegram.com").await),
        "buy" => shown_answer(&mailboxes.buy(&mailbox()).await),
        "code" => read(mailboxes.code(&order(), one).await),
        "cancel" => read(mailboxes.cancel(&order(), one).await),
        "history" => read(mailboxes.history(1).await),
        other => panic!("no such call: {other}"),
    };
    format!("{ended} {rentals:?} {rentals:#?} {mailboxes:?} {mailboxes:#?}")
}

fn read<T: Debug>(outcome: Result<T, ProviderError>) -> String {
    format!("{outcome:?} {outcome:#?} {}", shown(outcome.as_ref().err()))
}

fn terms() -> RentalPurchase {
    RentalPurchase {
        country_code: "ID".to_owned(),
        server: Server::One,
        duration_hours: 720,
        max_cost: 840.into(),
    }
}

fn mailbox() -> MailboxPurchase {
    MailboxPurchase {
        server: Server::One,
        service_code: "tg".to_owned(),
        domain: "gmail.com".to_owned(),
        max_cost: 38.into(),
    }
}

/// Makes calls at a place, and checks that each came there.
async fn come_to(place: &Place, calls: &[&str], name: &str) {
    let ended = calls.iter().map(|name| call(place, name));
    for ended in futures_util::future::join_all(ended).await {
        assert_hidden(&format!("{name}: {ended}"));
    }
    if let Some(asked) = place.asked() {
        let expected: BTreeSet<String> = calls.iter().map(|call| (*call).to_owned()).collect();
        assert_eq!(asked, expected, "{name}");
    }
}

#[tokio::test]
async fn nothing_secret_leaves_the_rentals_and_the_mailboxes() {
    let ear = Ear::listen();
    let mut sales = 0;
    for (name, fault) in FAULTS {
        come_to(&Place::new(fault).await, &READS, name).await;
        let place = Place::new(fault).await;
        if let Place::Answers(upstream) | Place::Tarries(upstream) = &place {
            upstream
                .on(
                    "getRentalPricing",
                    Answer::fixture("otpget_rental/pricing.json"),
                )
                .on(
                    "getEmailServices",
                    Answer::fixture("otpget_mail/services.json"),
                );
        }
        come_to(&place, &SALES, name).await;
        if let Place::Answers(upstream) = &place {
            for action in ["rentNumber", "renewRental", "buyEmail"] {
                assert_eq!(upstream.seen(action).len(), 1, "{name}: {action}");
                sales += 1;
            }
        }
    }
    assert!(sales >= 3 * 40, "{sales} sales");
    ear.heard_the_libraries();
    for line in ear.lines() {
        assert_hidden(&line);
    }
}

#[test]
fn drivers_show_no_key() {
    let url = format!("http://127.0.0.1/{KEY}").parse().unwrap();
    let account = OtpGetRental::account(url, KEY.into());
    assert_hidden(&format!("{account:?} {account:#?}"));
    let rentals = OtpGetRental::new(Http::new(account.clone()).unwrap());
    let mailboxes = OtpGetMail::new(Http::new(account).unwrap());
    assert_hidden(&format!(
        "{rentals:?} {rentals:#?} {mailboxes:?} {mailboxes:#?}"
    ));
}
