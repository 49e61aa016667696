//! Vouchers, and purchases that go on once money came in.

use chrono::TimeDelta;
use numshop::domain::id::UserId;
use numshop::domain::money::Money;
use numshop::shop::ShopError;
use numshop::shop::topup::TopUpError;
use numshop::shop::voucher::VoucherWish;

use crate::harness::{MAYA, Stage};

/// Maya makes a voucher by hand; its code as people see it.
async fn makes(stage: &Stage, arguments: &str) -> String {
    let maya = stage.maya();
    maya.says(&format!("/voucher create {arguments}")).await;
    let made = maya.presses("Make the voucher").await;
    made.spans("code").remove(0)
}

#[tokio::test]
async fn a_voucher_is_made_and_redeemed_by_text_and_by_link() {
    let stage = Stage::open().await;
    let (alex, sari, maya) = (stage.alex(), stage.sari(), stage.maya());
    alex.says("/start").await;
    sari.says("/start").await;
    let wallet = alex.says("/wallet").await;
    assert!(wallet.buttons().all(|it| !it.text.contains("voucher")));
    let draft = maya.says("/voucher create 25000 2 30d").await;
    assert!(
        draft.text.contains("All uses together bring Rp50,000"),
        "{}",
        draft.text
    );
    let made = maya.presses("Make the voucher").await;
    let code = made.spans("code").remove(0);
    let link = made.text.split("?start=").nth(1).unwrap();
    let link = link.split_whitespace().next().unwrap().to_owned();
    // The code itself, as a message.
    alex.says(&code.to_lowercase()).await;
    alex.sees("Rp25,000 was added to your wallet").await;
    sari.says(&format!("/start {link}")).await;
    sari.sees("Rp25.000").await;
    assert_eq!(alex.balance().await, (25_000, 0));
    assert_eq!(sari.balance().await, (25_000, 0));
    let list = maya.says("/voucher").await;
    assert!(list.text.contains("no vouchers"), "{}", list.text);
    stage.finish().await;
}

#[tokio::test]
async fn each_user_has_a_share_and_a_code_an_end() {
    let stage = Stage::open().await;
    let (alex, maya) = (stage.alex(), stage.maya());
    alex.says("/start").await;
    let code = makes(&stage, "1000 9 12h").await;
    alex.says("/wallet").await;
    let asked = alex.presses("Redeem a voucher").await;
    assert!(asked.text.contains("Which code"), "{}", asked.text);
    alex.says(&code.replace('-', " ")).await;
    alex.sees("Rp1,000 was added").await;
    let again = alex.says(&format!("/voucher {code}")).await;
    assert!(
        again.text.contains("used this voucher already"),
        "{}",
        again.text
    );
    let closed = maya.says(&format!("/voucher close {code}")).await;
    assert!(closed.text.contains("is closed"), "{}", closed.text);
    let over = stage.sari().says(&format!("/voucher {code}")).await;
    assert!(over.text.contains("sudah habis"), "{}", over.text);
    let code = makes(&stage, "1000 9 12h 2").await;
    stage.later(TimeDelta::hours(13));
    let over = alex.says(&code).await;
    assert!(over.text.contains("its time is over"), "{}", over.text);
    for wrong in ["create", "create 5 0", "create 5 1 soon", "create 5 1 1d 2"] {
        let refused = maya.says(&format!("/voucher {wrong}")).await;
        assert!(refused.text.contains("No voucher was made"), "{wrong}");
    }
    let foreign = alex.says("/voucher create 1000 1").await;
    assert!(
        foreign.text.contains("no voucher with this code"),
        "{}",
        foreign.text
    );
    assert_eq!(alex.balance().await, (1_000, 0));
    stage.finish().await;
}

#[tokio::test]
async fn a_message_that_comes_again_uses_nothing_up() {
    let stage = Stage::open().await;
    let alex = stage.alex();
    alex.says("/start").await;
    let code = makes(&stage, "1000 9 never 9").await;
    stage.is_idle().await;
    let update = stage.telegram.send_text(alex.id().0, &code).unwrap();
    alex.sees("Rp1,000 was added").await;
    stage.telegram.duplicate(update).unwrap();
    stage.is_idle().await;
    assert_eq!(alex.balance().await, (1_000, 0));
    alex.says(&code).await;
    alex.sees("You can spend Rp2,000").await;
    stage.finish().await;
}

#[tokio::test]
async fn a_crowd_uses_a_voucher_as_often_as_it_may_be_used() {
    let stage = Stage::open().await;
    let wish = VoucherWish {
        amount: Money::minor(1_000),
        uses: 10,
        per_user: 2,
        lives_for: None,
    };
    let admin = UserId(MAYA);
    stage.maya().says("/start").await;
    let draft = stage.shop().draft_voucher(admin, wish).await.unwrap();
    let made = stage
        .shop()
        .make_voucher(admin, &draft.nonce)
        .await
        .unwrap();
    let again = stage
        .shop()
        .make_voucher(admin, &draft.nonce)
        .await
        .unwrap();
    assert_eq!(made.code, again.code, "one button makes one voucher");
    let code = made.code.to_string();
    let mut guests = Vec::new();
    for id in 6_000..6_012 {
        stage.telegram.add_user(id, "Guest", None, "en");
        let guest = stage.person(id);
        guest.says("/start").await;
        guests.push(guest);
    }
    let tries = guests
        .iter()
        .flat_map(|guest| (0..4).map(move |turn| (guest.id(), turn)));
    let tries = tries.map(async |(user, turn)| {
        let occasion = format!("try {turn}");
        stage.shop().redeem(user, &code, &occasion).await
    });
    let ended = futures_util::future::join_all(tries).await;
    let mut credited = 0;
    for end in ended {
        match end {
            Ok(amount) => {
                assert_eq!(amount, Some(Money::minor(1_000)));
                credited += 1;
            }
            Err(ShopError::TopUp(TopUpError::VoucherUsedUp | TopUpError::VoucherUsedByYou)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(credited, 10);
    let mut total = 0;
    for guest in &guests {
        let (available, _) = guest.balance().await;
        assert!(available <= 2_000, "two uses for each");
        total += available;
    }
    assert_eq!(total, 10_000);
    stage.finish().await;
}

#[tokio::test]
async fn whoever_guesses_has_to_wait() {
    let stage = Stage::open().await;
    let alex = stage.alex();
    alex.says("/start").await;
    let code = makes(&stage, "1000 5").await;
    for letter in ["a", "b", "c", "d", "e"] {
        let wrong = alex.says(&format!("/voucher {}", letter.repeat(16))).await;
        assert!(
            wrong.text.contains("no voucher with this code"),
            "{}",
            wrong.text
        );
    }
    // Even the right one, or guessing would still tell.
    let right = alex.says(&code).await;
    assert!(
        right.text.contains("too many wrong codes"),
        "{}",
        right.text
    );
    stage.later(TimeDelta::minutes(16));
    alex.says(&code).await;
    alex.sees("Rp1,000 was added").await;
    stage.finish().await;
}

#[tokio::test]
async fn a_purchase_goes_on_when_the_money_arrives() {
    let stage = Stage::open().await;
    let alex = stage.alex();
    alex.says("/start").await;
    let card = alex.chooses("WhatsApp").await;
    assert!(
        card.text.contains("more. Nothing was charged"),
        "{}",
        card.text
    );
    // This is not enough yet.
    alex.funded(1_000).await;
    stage.is_idle().await;
    alex.funded(9_000).await;
    let offer = alex.sees("This is what you wanted to buy").await;
    assert!(
        offer.text.contains("Your balance: Rp10,000 →"),
        "{}",
        offer.text
    );
    alex.presses("Buy for Rp4,000").await;
    alex.sees("Waiting for the SMS").await;
    // It is offered once.
    alex.funded(1_000).await;
    alex.skims().await;
    let offers = stage.telegram.messages(alex.id().0);
    let offers = offers
        .iter()
        .filter(|it| it.text.contains("Shall we go on"));
    assert_eq!(offers.count(), 0, "the offer became the order's card");
    stage.finish().await;
}

#[tokio::test]
async fn what_was_bought_otherwise_or_long_ago_is_not_offered_again() {
    let stage = Stage::open().await;
    let (alex, sari) = (stage.alex(), stage.sari());
    sari.says("/start").await;
    stage.shop().choose_language(sari.id(), "en").await.unwrap();
    sari.chooses("WhatsApp").await;
    alex.says("/start").await;
    alex.chooses("WhatsApp").await;
    alex.chooses("Telegram").await;
    alex.funded(500).await;
    stage.later(TimeDelta::hours(25));
    sari.funded(50_000).await;
    alex.skims().await;
    sari.skims().await;
    for person in [alex, sari] {
        let messages = stage.telegram.messages(person.id().0);
        let offered = messages.iter().any(|it| it.text.contains("Shall we go on"));
        assert!(!offered);
    }
    stage.finish().await;
}
