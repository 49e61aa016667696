//! OTPGet's rentals and mailboxes, given bytes as the answers of their upstream.
//!
//! A purchase or a renewal reads a price list first, so the first answer of a file has to be one
//! for the second to be reached.

use chrono::NaiveDate;
use numshop::domain::id::UpstreamId;
use numshop::provider::http::Http;
use numshop::provider::mailbox::{
    Mail, MailboxCancel, MailboxOffer, MailboxProvider, MailboxPurchase, MailboxRecord,
    MailboxState, MailboxWord,
};
use numshop::provider::otpget::mail::OtpGetMail;
use numshop::provider::otpget::rental::OtpGetRental;
use numshop::provider::rental::{
    Expiry, Renewal, Renewed, RentalProvider, RentalPurchase, RentalSms, RentalState, Rented,
    UpstreamRental,
};
use numshop::provider::{Bought, Cost, Server};

use super::drivers::{Host, KEY, ORDER, Verdict, check_number, of_cost, of_sale, told, with};

const RENTALS: Host = Host {
    account: OtpGetRental::account,
    url: "http://upstream.invalid/stubs",
    most_sales: 1,
    looks_first: true,
};
const MAILBOXES: Host = Host {
    account: OtpGetMail::account,
    ..RENTALS
};

/// OTPGet's rentals.
pub fn otpget_rental(data: &[u8]) {
    let order = UpstreamId::from(ORDER);
    let terms = RentalPurchase {
        country_code: "ID".to_owned(),
        server: Server::One,
        duration_hours: 720,
        max_cost: 840.into(),
    };
    let renewal = Renewal {
        rental_id: "27".into(),
        terms: terms.clone(),
    };
    with(data, RENTALS, async |http| {
        told(&rentals(http).countries().await, |rows| {
            rows.iter()
                .map(|it| it.country_code.len() + it.name.len())
                .sum()
        })
    });
    with(data, RENTALS, async |http| {
        told(&rentals(http).pricing("ID", Server::One).await, |rows| {
            assert!(
                rows.is_sorted_by_key(|row| row.duration_hours),
                "not sorted"
            );
            rows.iter().map(|row| price(&row.cost)).sum()
        })
    });
    with(data, RENTALS, async |http| {
        told(&rentals(http).stock("ID", Server::One).await, |rows| {
            rows.iter().map(|it| it.code.len() + it.title.len()).sum()
        })
    });
    with(data, RENTALS, async |http| {
        told(&rentals(http).mine().await, |rows| {
            rows.iter().map(of_rental).sum()
        })
    });
    with(data, RENTALS, async |http| {
        told(&rentals(http).inbox(&order).await, |rows| {
            rows.iter().map(of_sms).sum()
        })
    });
    with(data, RENTALS, async |http| {
        of_sale(&rentals(http).rent(&terms).await, of_rented)
    });
    with(data, RENTALS, async |http| {
        of_sale(&rentals(http).renew(&renewal).await, of_renewed)
    });
}

/// OTPGet's mailboxes.
pub fn otpget_mail(data: &[u8]) {
    let id = UpstreamId::from(ORDER);
    let wanted = |server| MailboxPurchase {
        server,
        service_code: "tg".to_owned(),
        domain: "gmail.com".to_owned(),
        max_cost: 38.into(),
    };
    with(data, MAILBOXES, async |http| {
        told(&mailboxes(http).services("gmail.com").await, |offers| {
            of_offers(offers)
        })
    });
    with(data, MAILBOXES, async |http| {
        told(&mailboxes(http).domains("tg").await, |offers| {
            of_offers(offers)
        })
    });
    for server in Server::ALL {
        with(data, MAILBOXES, async |http| {
            of_sale(&mailboxes(http).buy(&wanted(server)).await, |bought| {
                check_address(&bought.address);
                let words = vec![bought.email_id.to_string(), bought.address.clone()];
                let cost = bought.cost.as_ref().map_or(0, price);
                let bytes = words.iter().map(String::len).sum::<usize>() + cost;
                (bytes, Verdict::Shown(words))
            })
        });
    }
    with(data, MAILBOXES, async |http| {
        told(
            &mailboxes(http).code(&id, Server::One).await,
            |state| match state {
                MailboxState::Received(mails) => of_mails(mails),
                MailboxState::Waiting | MailboxState::Cancelled => 0,
            },
        )
    });
    with(data, MAILBOXES, async |http| {
        told(
            &mailboxes(http).cancel(&id, Server::Two).await,
            |answer| match answer {
                MailboxCancel::Completed(mails) => of_mails(mails),
                MailboxCancel::Cancelled | MailboxCancel::NotNow | MailboxCancel::AlreadyClosed => {
                    0
                }
            },
        )
    });
    with(data, MAILBOXES, async |http| {
        told(&mailboxes(http).history(1).await, |rows| {
            rows.iter().map(of_record).sum()
        })
    });
}

fn rentals(http: Http) -> OtpGetRental {
    OtpGetRental::new(http)
}

fn mailboxes(http: Http) -> OtpGetMail {
    OtpGetMail::new(http)
}

fn price(cost: &Cost) -> usize {
    assert!(!cost.amount.is_sign_negative(), "a negative price");
    of_cost(cost)
}

fn of_rented(rented: &Rented) -> (usize, Verdict) {
    check_number(&rented.number);
    rented.expires.iter().for_each(check_expiry);
    let cost = rented.cost.as_ref().map_or(0, price);
    let bytes = rented.upstream_id.as_str().len() + rented.number.len() + cost;
    let bought = Bought {
        upstream_id: rented.upstream_id.clone(),
        number: rented.number.clone(),
        cost: None,
        ends: None,
    };
    (bytes, Verdict::Bought(bought))
}

fn of_renewed(renewed: &Renewed) -> (usize, Verdict) {
    renewed
        .number
        .iter()
        .for_each(|number| check_number(number));
    check_expiry(&renewed.expires);
    let number = renewed.number.as_ref().map_or(0, String::len);
    let bytes = number + renewed.cost.as_ref().map_or(0, price);
    (bytes, Verdict::Shown(vec!["new_expiry".to_owned()]))
}

fn of_rental(rental: &UpstreamRental) -> usize {
    rental.number.iter().for_each(|number| check_number(number));
    rental.expires.iter().for_each(check_expiry);
    let state = match &rental.state {
        RentalState::Other(word) => word.as_str(),
        RentalState::Active | RentalState::Expired | RentalState::Cancelled => "",
    };
    assert!(!state.contains(KEY), "the key shows");
    let country = rental.country_code.as_ref().map_or(0, String::len);
    rental.rental_id.as_str().len() + rental.order_id.as_str().len() + state.len() + country
}

fn of_sms(sms: &RentalSms) -> usize {
    assert!(!sms.text.trim().is_empty(), "an SMS without a text");
    let beside = [&sms.from, &sms.code];
    sms.text.len() + beside.into_iter().flatten().map(String::len).sum::<usize>()
}

/// Whatever was written, the reading stays near it.
fn check_expiry(expiry: &Expiry) {
    let day = NaiveDate::from_ymd_opt(2026, 4, 9).and_then(|day| day.and_hms_opt(21, 55, 55));
    let paid_until = day.expect("a day of that year").and_utc();
    let read = expiry.near(paid_until);
    match expiry {
        Expiry::At(moment) => assert_eq!(read, *moment, "a time that moved"),
        Expiry::Zoneless(written) => {
            let apart = read.naive_utc().signed_duration_since(*written).num_hours();
            assert!((-14..=12).contains(&apart), "{apart} hours apart");
        }
    }
}

fn of_offers(offers: &[MailboxOffer]) -> usize {
    let size = |it: &MailboxOffer| {
        it.service_code.len() + it.service_name.len() + it.domain.len() + price(&it.cost)
    };
    offers.iter().map(size).sum()
}

fn of_mails(mails: &[Mail]) -> usize {
    assert!(!mails.is_empty(), "received without a message");
    let of_mail = |mail: &Mail| {
        assert!(
            mail.code.is_some() || mail.text.is_some(),
            "an empty message"
        );
        let texts = [&mail.from, &mail.subject, &mail.text, &mail.code];
        texts.into_iter().flatten().map(String::len).sum::<usize>()
    };
    mails.iter().map(of_mail).sum()
}

fn of_record(record: &MailboxRecord) -> usize {
    check_address(&record.address);
    let word = match &record.word {
        MailboxWord::Other(word) => word.as_str(),
        MailboxWord::Waiting | MailboxWord::Received | MailboxWord::Cancelled => "",
    };
    assert!(!word.contains(KEY), "the key shows");
    let service = record.service.as_ref().map_or(0, String::len);
    let id = record.email_id.as_ref().map_or(0, |id| id.as_str().len());
    record.address.len() + word.len() + service + id + record.cost.as_ref().map_or(0, price)
}

fn check_address(address: &str) {
    let is_plain = !address.contains(|c: char| c.is_whitespace() || c.is_control());
    assert!(is_plain && address.contains('@'), "not an address");
}
