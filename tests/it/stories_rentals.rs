//! Stories of rentals: from /rent to the end, and what upstreams do to them meanwhile.

use chrono::TimeDelta;
use numshop::sandbox::upstream::SimulatedUpstream;
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::sandbox::upstream::fault::{Fault, Scope, step};
use numshop::sandbox::upstream::rental::SimulatedRental;
use numshop::shop::habits::Habits;

use crate::harness::{Actor, Stage, eventually};

/// Enough for a year and a month.
const CREDIT: u32 = 1_000_000;

/// A shop in which OTPGet rents numbers out.
async fn open() -> Stage {
    let stage = Stage::open_with(&[Dialect::OtpGet]).await;
    eventually("the rentals are read", async || {
        stage
            .shop()
            .rental_countries(&Habits::default(), None)
            .len()
            == 3
    })
    .await;
    let alex = stage.alex();
    alex.says("/start").await;
    alex.funded(CREDIT).await;
    stage
}

fn otpget(stage: &Stage) -> &SimulatedUpstream {
    &stage.others[0]
}

fn rental(stage: &Stage, place: usize) -> SimulatedRental {
    otpget(stage).rentals().remove(place)
}

/// From /rent to the confirmation card.
async fn chooses(alex: Actor<'_>, country: &str, duration: &str) {
    alex.says("/rent").await;
    alex.presses(country).await;
    alex.presses(duration).await;
    alex.sees("Your balance:").await;
}

/// From /rent to a number.
async fn rents(alex: Actor<'_>, country: &str, duration: &str) {
    chooses(alex, country, duration).await;
    alex.presses("Buy for").await;
    alex.sees("Yours for").await;
}

#[tokio::test]
async fn a_rental_from_the_country_to_its_end() {
    let stage = open().await;
    let alex = stage.alex();
    let countries = alex.says("/rent").await;
    let shown: Vec<_> = countries.buttons().map(|it| it.text.clone()).collect();
    assert!(
        shown[0].contains("🇳🇱") && shown[1].contains("🇬🇧"),
        "{shown:?}"
    );
    let found = alex.says("united st").await;
    assert!(found.text.contains("This fits"), "{}", found.text);
    alex.presses("United States").await;
    let (_, month) = alex.finds("30 d").await;
    // The second server is the cheaper: 780 rupees of Rp57 and a quarter more.
    assert!(
        month.contains("Rp55,600") && month.contains("Rp1,854 a day"),
        "{month}"
    );
    alex.presses("30 d").await;
    let card = alex.sees("Your balance:").await;
    assert!(card.text.contains("Numbers left: "), "{}", card.text);
    alex.presses("Buy for").await;
    let rented = alex.sees("Yours for 30 d").await;
    let number = rental(&stage, 0).number;
    assert_eq!(rented.spans("code"), [format!("+{number}")]);
    assert_eq!(alex.balance().await, (i64::from(CREDIT) - 55_600, 0));

    for (text, code) in [("Your code is 481-902", "481902"), ("Hello again", "")] {
        otpget(&stage)
            .deliver(&rental(&stage, 0).order_id, text)
            .unwrap();
        let bell = alex.sees(text).await;
        assert!(
            bell.text.contains("WhatsApp") || bell.text.contains("Telegram"),
            "{}",
            bell.text
        );
        assert!(code.is_empty() || bell.spans("code").contains(&code.to_owned()));
    }
    alex.skims().await;
    let inbox = alex.presses("All SMS").await;
    let (first, last) = (inbox.text.find("Hello again"), inbox.text.find("481-902"));
    assert!(
        first < last && first.is_some(),
        "newest first: {}",
        inbox.text
    );
    stage.later(TimeDelta::days(29) + TimeDelta::minutes(1));
    alex.sees("This rental ends in").await;
    stage.later(TimeDelta::hours(23));
    alex.skims().await;
    stage.later(TimeDelta::hours(1));
    alex.sees("This rental is over").await;
    alex.skims().await;
    let over = alex.says("/orders").await;
    assert!(
        over.buttons().any(|it| it.text.contains("✅ done")),
        "{:?}",
        over.text
    );
    alex.presses("✅ done").await;
    let inbox = alex.presses("All SMS").await;
    assert!(inbox.text.contains("481-902"), "{}", inbox.text);
    stage.finish().await;
}

#[tokio::test]
async fn a_country_with_a_star_comes_first() {
    let stage = open().await;
    let alex = stage.alex();
    alex.says("/rent").await;
    alex.presses("United States").await;
    alex.finds("30 d").await;
    assert!(alex.taps("Add to favourites").await.text.contains("top"));
    alex.finds("In your favourites").await;
    let countries = alex.says("/rent").await;
    let first = countries.buttons().next().unwrap().text.clone();
    assert_eq!(first, "★ 🇺🇸 United States");
    alex.presses("United States").await;
    assert!(
        alex.taps("In your favourites")
            .await
            .text
            .contains("No longer")
    );
    alex.finds("Add to favourites").await;
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_reminder_that_is_switched_off_is_not_sent() {
    let stage = open().await;
    let alex = stage.alex();
    rents(alex, "United States", "30 d").await;
    alex.says("/language").await;
    alex.presses("Reminders of rentals").await;
    alex.presses("✓ 24 h before the end").await;
    alex.finds("✗ 24 h before the end").await;
    stage.later(TimeDelta::days(29) + TimeDelta::hours(2));
    alex.skims().await;
    stage.later(TimeDelta::hours(21) + TimeDelta::minutes(1));
    let word = alex.sees("This rental ends in").await;
    assert!(word.text.contains("59 min"), "{}", word.text);
    let wallet = alex.says("/wallet").await;
    assert!(
        wallet.text.contains("paid for 📞 Rental for 30 d"),
        "{}",
        wallet.text
    );
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn a_rental_is_named_muted_and_renewed() {
    let stage = open().await;
    let alex = stage.alex();
    rents(alex, "Netherlands", "30 d").await;
    alex.presses("Name it").await;
    alex.says("my shop").await;
    alex.presses("Open").await;
    alex.sees("my shop").await;
    assert!(alex.taps("Mute").await.text.contains("no longer ring"));
    alex.finds("Unmute").await;
    let before = rental(&stage, 0);
    otpget(&stage)
        .deliver(&before.order_id, "silent night")
        .unwrap();
    alex.sees("silent night").await;
    let (spent, _) = alex.balance().await;

    alex.presses("Renew").await;
    alex.presses("180 d").await;
    let quote = alex.sees("180 d more").await;
    assert!(
        quote.text.contains("Your number stays the same"),
        "{}",
        quote.text
    );
    alex.presses("Buy for").await;
    alex.sees("Renewed until").await;
    let after = rental(&stage, 0);
    assert_eq!(
        after.expires_at,
        before.expires_at + TimeDelta::hours(4_320)
    );
    let (left, held) = alex.balance().await;
    assert_eq!((spent - left, held), (277_900, 0));
    alex.skims().await;
    let list = alex.says("/orders").await;
    assert_eq!(
        list.buttons()
            .filter(|it| it.text.contains("210 d")
                || it.text.contains("NL")
                || it.text.contains("🇳🇱"))
            .count(),
        2
    );
    stage.later(TimeDelta::days(31));
    alex.skims().await;
    assert_eq!(
        stage
            .shop()
            .rentals(alex.id(), 0, 8)
            .await
            .unwrap()
            .rows
            .len(),
        1
    );
    alex.says("/rent").await;
    let mine = alex.presses("My rentals").await;
    assert!(
        mine.buttons().any(|it| it.text.contains("my shop")),
        "{}",
        mine.text
    );
    stage.finish().await;
}

/// The upstream rented the number out, and its answer was lost: the list tells.
#[tokio::test]
async fn a_rental_whose_answer_was_lost_is_found_in_the_list() {
    let stage = open().await;
    let alex = stage.alex();
    let lost = Scope::on(step::RENT).once().after_work();
    otpget(&stage).set_fault(Fault::DroppedConnection, lost);
    rents(alex, "Netherlands", "30 d").await;
    assert_eq!(otpget(&stage).rentals().len(), 1);
    assert_eq!(otpget(&stage).requests(step::RENT), 1);
    alex.skims().await;
    stage.finish().await;
}

/// The call never did anything: three good reads without the rental, and the money is back.
#[tokio::test]
async fn a_rental_that_was_never_made_is_paid_back() {
    let stage = open().await;
    let alex = stage.alex();
    let lost = Scope::on(step::RENT).once();
    otpget(&stage).set_fault(Fault::DroppedConnection, lost);
    chooses(alex, "Netherlands", "30 d").await;
    alex.presses("Buy for").await;
    alex.sees("answer got lost").await;
    stage.later(TimeDelta::seconds(95));
    for _ in 0..3 {
        let reads = otpget(&stage).requests(step::RENTALS);
        stage.later(TimeDelta::seconds(11));
        eventually("the list is read", async || {
            otpget(&stage).requests(step::RENTALS) > reads
        })
        .await;
    }
    alex.sees("never confirmed").await;
    assert_eq!(alex.balance().await, (i64::from(CREDIT), 0));
    assert_eq!(otpget(&stage).rentals().len(), 0);
    alex.skims().await;
    stage.finish().await;
}

/// A renewal whose answer was lost shows in the end that moved.
#[tokio::test]
async fn a_renewal_whose_answer_was_lost_shows_in_the_end() {
    let stage = open().await;
    let alex = stage.alex();
    rents(alex, "Netherlands", "30 d").await;
    let before = rental(&stage, 0);
    let lost = Scope::on(step::RENEW).once().after_work();
    otpget(&stage).set_fault(Fault::DroppedConnection, lost);
    alex.presses("Renew").await;
    alex.presses("30 d").await;
    alex.presses("Buy for").await;
    alex.sees("Renewed until").await;
    let after = rental(&stage, 0);
    assert_eq!(after.expires_at, before.expires_at + TimeDelta::hours(720));
    assert_eq!(otpget(&stage).requests(step::RENEW), 1);
    alex.skims().await;
    stage.finish().await;
}

/// What is sold out since it was last read is told before anything is confirmed.
#[tokio::test]
async fn what_is_left_is_asked_for_before_the_confirmation() {
    let stage = open().await;
    let alex = stage.alex();
    otpget(&stage).set_rental_stock(2, "NL", 0).unwrap();
    alex.says("/rent").await;
    alex.presses("Netherlands").await;
    alex.presses("30 d").await;
    alex.sees("sold out").await;
    assert_eq!(alex.balance().await, (i64::from(CREDIT), 0));
    stage.finish().await;
}

/// The upstream refuses: nothing was bought, and the money is back at once.
#[tokio::test]
async fn a_rental_that_is_refused_costs_nothing() {
    let stage = open().await;
    let alex = stage.alex();
    chooses(alex, "Netherlands", "30 d").await;
    otpget(&stage).set_fault(Fault::NoStock, Scope::on(step::RENT));
    alex.presses("Buy for").await;
    alex.sees("back in your wallet").await;
    assert_eq!(alex.balance().await, (i64::from(CREDIT), 0));
    stage.finish().await;
}
