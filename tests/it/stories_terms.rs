//! The terms: accepted once before the first purchase, and again when they change.

use chrono::TimeDelta;
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::shop::habits::Habits;

use crate::harness::{Actor, Stage, eventually};

/// A shop with terms, and Alex with money.
async fn open() -> Stage {
    with_terms(Stage::open().await).await
}

async fn with_terms(stage: Stage) -> Stage {
    let stage = stage.with(|it| it.terms_version = Some("1".into())).await;
    stage.alex().says("/start").await;
    stage.alex().funded(50_000).await;
    stage
}

/// Presses Confirm, reads the terms and accepts them; the offer is back then.
async fn accepts(alex: Actor<'_>, confirm: &str) {
    let terms = alex.presses(confirm).await;
    assert!(terms.text.contains("Terms of use"), "{}", terms.text);
    assert!(terms.text.contains("Nothing is charged"), "{}", terms.text);
    let toast = alex.taps("I accept").await;
    assert!(toast.text.contains("Thank you"), "{}", toast.text);
    let offer = alex.sees("Your balance:").await;
    assert_eq!(offer.id, terms.id, "the offer is back in its place");
}

#[tokio::test]
async fn the_terms_stand_before_the_first_purchase_only() {
    let stage = open().await;
    let alex = stage.alex();
    alex.chooses("WhatsApp").await;
    accepts(alex, "Buy for").await;
    assert_eq!(alex.balance().await, (50_000, 0), "nothing moved by that");
    alex.presses("Buy for").await;
    alex.sees("Waiting for the SMS").await;
    alex.buys("Shopee").await;

    // Other terms are asked for again, whatever was accepted before.
    let stage = stage.with(|it| it.terms_version = Some("2".into())).await;
    let alex = stage.alex();
    alex.chooses("Instagram").await;
    accepts(alex, "Buy for").await;
    let stage = stage.with(|it| it.terms_version = Some("1".into())).await;
    let alex = stage.alex();
    let known = alex.says("/terms").await;
    assert!(known.text.contains("have accepted"), "{}", known.text);
    let privacy = alex.presses("Privacy").await;
    assert!(privacy.text.contains("about you"), "{}", privacy.text);
    alex.says("/privacy").await;
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn an_offer_that_ran_out_meanwhile_is_a_fresh_one() {
    let stage = open().await;
    let alex = stage.alex();
    alex.chooses("WhatsApp").await;
    alex.presses("Buy for").await;
    stage.later(TimeDelta::minutes(30));
    alex.taps("I accept").await;
    alex.sees("Your balance:").await;
    alex.presses("Buy for").await;
    alex.sees("Waiting for the SMS").await;
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn terms_that_changed_under_the_button_are_not_accepted() {
    let stage = open().await;
    let alex = stage.alex();
    let terms = alex.says("/terms").await;
    assert!(terms.text.contains("Do you accept them?"), "{}", terms.text);
    let stage = stage.with(|it| it.terms_version = Some("2".into())).await;
    let alex = stage.alex();
    let refused = alex.presses("I accept").await;
    assert!(refused.text.contains("out of date"), "{}", refused.text);
    let shop = stage.shop();
    assert!(!shop.has_accepted_terms(alex.id()).await.unwrap());
    alex.says("/terms").await;
    alex.taps("I accept").await;
    alex.sees("You can buy now").await;
    assert!(shop.has_accepted_terms(alex.id()).await.unwrap());
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn nothing_of_any_kind_is_bought_before() {
    let stage = Stage::open_with(&[Dialect::OtpGet]).await;
    let stage = with_terms(stage).await;
    let alex = stage.alex();
    eventually("rentals and mailboxes are read", async || {
        stage
            .shop()
            .rental_countries(&Habits::default(), None)
            .len()
            == 3
            && stage.shop().mail_domains().len() == 3
    })
    .await;
    // A mailbox.
    alex.says("/email").await;
    alex.presses("Instagram").await;
    alex.presses("@hotmail.com").await;
    alex.sees("Your balance:").await;
    let terms = alex.presses("Buy for").await;
    assert!(terms.text.contains("Terms of use"), "{}", terms.text);
    // A rental.
    alex.funded(1_000_000).await;
    alex.says("/rent").await;
    alex.presses("United States").await;
    alex.presses("30 d").await;
    alex.sees("Your balance:").await;
    accepts(alex, "Buy for").await;
    alex.presses("Buy for").await;
    alex.sees("Yours for").await;
    // Its renewal, under other terms.
    let stage = stage.with(|it| it.terms_version = Some("2".into())).await;
    let alex = stage.alex();
    alex.presses("Renew").await;
    alex.presses("30 d").await;
    accepts(alex, "Buy for").await;
    let orders = stage.shop().orders(alex.id(), 0, 10).await.unwrap();
    assert_eq!(orders.rows.len(), 1, "only the rental was bought");
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn what_waits_for_stock_comes_back_with_its_limit() {
    let stage = open().await;
    let alex = stage.alex();
    alex.chooses("WhatsApp").await;
    alex.presses("When it gets cheaper").await;
    alex.presses("Buy it").await;
    let chosen = alex.presses("Up to Rp3,200").await;
    let terms = alex.presses("Set aside Rp3,200").await;
    assert!(terms.text.contains("Terms of use"), "{}", terms.text);
    alex.taps("I accept").await;
    let back = alex.sees("for at most Rp3,200").await;
    assert_eq!((back.id, &back.text), (chosen.id, &chosen.text));
    alex.presses("Set aside Rp3,200").await;
    alex.sees("In line").await;
    alex.skims().await;
    stage.finish().await;
}

#[tokio::test]
async fn the_operator_s_own_words_are_shown_escaped() {
    let stage = Stage::open().await;
    let own = [("en".to_owned(), "Be <kind> & fair.".to_owned())];
    let stage = stage
        .with(|it| {
            it.papers.terms = own.clone().into();
            it.papers.privacy = own.into();
        })
        .await;
    let alex = stage.alex();
    for command in ["/terms", "/privacy"] {
        let shown = alex.says(command).await;
        assert!(shown.text.contains("Be <kind> & fair."), "{}", shown.text);
    }
    stage.finish().await;
}
