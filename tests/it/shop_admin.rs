//! What admins book and set, and what users find on the shelves.

use chrono::TimeDelta;
use numshop::domain::id::{Nonce, UserId};
use numshop::domain::money::{AmountError, Money};
use numshop::domain::order::OrderState;
use numshop::shop::ShopError;
use numshop::shop::account::Visitor;
use numshop::shop::notice::Notice;
use numshop::shop::topup::TopUpError;
use rstest::rstest;

use crate::scripted::listing;
use crate::shop_stage::{ADAM, ALEX, MAYA, SARI, Stage};

#[rstest]
#[case("1001", "0", |e: &ShopError| matches!(e, ShopError::Amount(AmountError::NotPositive)))]
#[case("1001", "-5", |e: &ShopError| matches!(e, ShopError::Amount(AmountError::NotPositive)))]
#[case("1001", "0.5", |e: &ShopError| matches!(e, ShopError::Amount(AmountError::TooPrecise { .. })))]
#[case("1001", "1000000000001", |e: &ShopError| matches!(e, ShopError::Amount(AmountError::TooLarge)))]
#[case("1001", "9223372036854775808", |e: &ShopError| matches!(e, ShopError::Amount(AmountError::TooLarge)))]
#[case("1001", "much", |e: &ShopError| matches!(e, ShopError::Amount(AmountError::NotANumber(_))))]
#[case("1001", "", |e: &ShopError| matches!(e, ShopError::Amount(AmountError::NotANumber(_))))]
#[case("9999", "100", |e: &ShopError| matches!(e, ShopError::UnknownUser))]
#[case("-1", "100", |e: &ShopError| matches!(e, ShopError::UnknownUser))]
#[case("99999999999999999999", "100", |e: &ShopError| matches!(e, ShopError::UnknownUser))]
#[case("@nobody", "100", |e: &ShopError| matches!(e, ShopError::UnknownUser))]
#[case("@", "100", |e: &ShopError| matches!(e, ShopError::UnknownUser))]
#[case("", "100", |e: &ShopError| matches!(e, ShopError::UnknownUser))]
#[case("@TWIN", "100", |e: &ShopError| matches!(e, ShopError::AmbiguousUser))]
#[tokio::test]
async fn a_topup_that_cannot_be_is_refused(
    #[case] target: &str,
    #[case] amount: &str,
    #[case] expected: fn(&ShopError) -> bool,
) {
    let stage = Stage::open().await;
    for id in [2_001, 2_002] {
        let twin = Visitor {
            id: UserId(id),
            first_name: "Twin".to_owned(),
            username: Some("twin".to_owned()),
            language_code: None,
        };
        stage.shop().enter(&twin).await.unwrap();
    }
    let error = stage.shop().draft_topup(MAYA, target, amount, None).await;
    let error = error.unwrap_err();
    assert!(expected(&error), "{error:?}");
    stage.finish().await;
}

#[tokio::test]
async fn a_topup_is_booked_once_as_it_was_shown() {
    let stage = Stage::open().await;
    let shop = stage.shop();
    let long = "x".repeat(5_000);
    let draft = shop.draft_topup(MAYA, "@SARI", "2500", Some(&long)).await;
    let draft = draft.unwrap();
    assert_eq!(draft.user.id, SARI);
    assert_eq!(draft.before, Money::minor(20_000));
    assert_eq!(draft.after, Money::minor(22_500));
    let memo = draft.memo.clone().unwrap();
    assert_eq!(memo.len(), 200);
    for wrong in [ADAM, SARI] {
        let refused = shop.book_topup(wrong, &draft.nonce).await.unwrap_err();
        assert!(matches!(refused, ShopError::QuoteExpired), "{refused}");
    }
    let unknown = shop.book_topup(MAYA, &Nonce::random()).await.unwrap_err();
    assert!(matches!(unknown, ShopError::QuoteExpired), "{unknown}");
    let taps = (0..20).map(|_| shop.book_topup(MAYA, &draft.nonce));
    let booked = futures_util::future::join_all(taps).await;
    let new = booked.iter().filter(|tap| tap.as_ref().unwrap().is_new);
    assert_eq!(new.count(), 1);
    assert_eq!(stage.wallet(SARI).await, (22_500, 0));
    let notice = Notice::ToppedUp {
        amount: Money::minor(2_500),
        available: Money::minor(22_500),
        memo: Some(memo),
    };
    stage.until_brought(SARI, notice.clone()).await;
    assert_eq!(stage.courier.count(SARI, &notice), 1);

    let draft = shop.draft_topup(MAYA, "1001", "1", None).await.unwrap();
    stage.advance(TimeDelta::minutes(31));
    let late = shop.book_topup(MAYA, &draft.nonce).await.unwrap_err();
    assert!(matches!(late, ShopError::QuoteExpired), "{late}");
    assert_eq!(stage.wallet(SARI).await, (22_500, 0));
    stage.booked(2_500);
    stage.finish().await;
}

async fn names(stage: &Stage, user: UserId) -> Vec<String> {
    let habits = stage.shop().habits(user).await.unwrap();
    let page = stage.shop().services(&habits, "ID", 0, 9).unwrap();
    page.rows.into_iter().map(|row| row.name).collect()
}

#[tokio::test]
async fn services_stand_by_what_was_bought() {
    let stage = Stage::open().await;
    assert_eq!(names(&stage, SARI).await.len(), 3);
    for _ in 0..2 {
        stage.buy(ALEX, "Telegram").await;
    }
    let order = stage.buy(SARI, "WhatsApp").await;
    assert_eq!(names(&stage, SARI).await[0], "WhatsApp");
    assert_eq!(names(&stage, ALEX).await[0], "Telegram");
    stage.refresh().await;
    assert_eq!(names(&stage, MAYA).await[..2], ["Telegram", "WhatsApp"]);
    assert_eq!(names(&stage, SARI).await[..2], ["WhatsApp", "Telegram"]);
    assert_eq!(names(&stage, SARI).await.len(), 3);
    let habits = stage.shop().habits(SARI).await.unwrap();
    let last = stage.shop().services(&habits, "ID", 99, 2).unwrap();
    assert_eq!((last.page, last.pages, last.rows.len()), (1, 2, 1));
    let nowhere = stage.shop().services(&habits, "XX", 0, 2);
    assert!(matches!(nowhere, Err(ShopError::NotSold)));

    let again = stage.shop().choice_of(SARI, order).await.unwrap();
    assert_eq!(again, stage.choice("WhatsApp"));
    let foreign = stage.shop().choice_of(ALEX, order).await;
    assert!(matches!(foreign, Err(ShopError::NoSuchOrder)));
    stage.finish().await;
}

#[rstest]
#[case("watsap", Some("WhatsApp"))]
#[case("wa", Some("WhatsApp"))]
#[case("WHATS-APP", Some("WhatsApp"))]
#[case("telegrm", Some("Telegram"))]
#[case("tele", Some("Telegram"))]
#[case("shope", Some("Shopee"))]
#[case("gram", Some("Telegram"))]
#[case("quxquux", None)]
#[case("  ", None)]
#[case("🙂", None)]
#[tokio::test]
async fn a_search_forgives(#[case] typed: &str, #[case] found: Option<&str>) {
    let stage = Stage::open().await;
    let first = stage.shop().search("ID", typed, 5).into_iter().next();
    assert_eq!(first.map(|entry| entry.name).as_deref(), found);
    assert!(stage.shop().search("XX", typed, 5).is_empty());
    stage.finish().await;
}

#[tokio::test]
async fn what_is_near_is_in_stock_and_of_the_same_kind_first() {
    let stage = Stage::open().await;
    stage.alpha.sells(vec![
        listing("Tokopedia", 900, Some(3)),
        listing("Shopee", 1_000, Some(0)),
        listing("WhatsApp", 4_000, Some(0)),
        listing("Telegram", 2_000, Some(2)),
    ]);
    stage.refresh().await;
    let near = |name: &str| -> Vec<String> {
        let service = stage.service(name);
        let near = stage.shop().near("ID", service, 9);
        near.into_iter().map(|entry| entry.name).collect()
    };
    assert_eq!(near("WhatsApp"), ["Telegram", "Tokopedia"]);
    assert_eq!(near("Shopee"), ["Tokopedia", "Telegram"]);
    let sold_out = stage.shop().quote(SARI, stage.choice("WhatsApp")).await;
    assert!(matches!(sold_out, Err(ShopError::SoldOut)));
    stage.finish().await;
}

#[tokio::test]
async fn an_operator_is_bought_where_it_is_sold() {
    let stage = Stage::open().await;
    stage.beta.sells(vec![listing("WhatsApp", 5_000, Some(2))]);
    stage.beta.has_operators(&["telkomsel", "xl"]);
    stage.refresh().await;
    let shelf = stage.shop().shelf("ID", stage.service("WhatsApp")).unwrap();
    assert_eq!(shelf.operators[0].operator, None);
    assert_eq!(shelf.operators[0].price, Money::minor(5_000));
    assert_eq!(shelf.operators[1].price, Money::minor(6_300));
    let mut choice = stage.choice("WhatsApp");
    choice.operator.clone_from(&shelf.operators[1].operator);
    let quote = stage.shop().quote(SARI, choice.clone()).await.unwrap();
    assert_eq!(quote.price, Money::minor(6_300));
    let order = stage.confirm(SARI, &quote).await.unwrap().order.id;
    stage.until(order, OrderState::Waiting).await;
    assert_eq!((stage.alpha.purchases(), stage.beta.purchases()), (0, 1));
    choice.operator = Some("Nobody".to_owned());
    let unknown = stage.shop().quote(SARI, choice).await;
    assert!(matches!(unknown, Err(ShopError::NotSold)));
    stage.finish().await;
}

/// Two admins saw the same payment, and drafted a top-up for it before either booked it.
#[tokio::test]
async fn a_second_top_up_of_the_same_amount_is_asked_about() {
    let stage = Stage::open().await;
    let shop = stage.shop();
    let draft = async |admin: UserId| {
        let sari = SARI.to_string();
        let drafted = shop.draft_topup(admin, &sari, "2500", None).await;
        drafted.unwrap()
    };
    let (hers, his) = (draft(MAYA).await, draft(ADAM).await);
    assert_eq!((hers.same, his.same), (None, None));
    assert!(shop.book_topup(MAYA, &hers.nonce).await.unwrap().is_new);
    let refused = shop.book_topup(ADAM, &his.nonce).await;
    assert!(
        matches!(refused, Err(ShopError::TopUp(TopUpError::BookedMeanwhile))),
        "{refused:?}"
    );
    assert_eq!(stage.wallet(SARI).await, (22_500, 0));
    // Her button once more is answered with what it did.
    assert!(!shop.book_topup(MAYA, &hers.nonce).await.unwrap().is_new);

    let asked = shop.draft_topup_again(ADAM, &his.nonce).await.unwrap();
    assert_eq!(asked.same.and_then(|same| same.by), Some(MAYA));
    assert!(shop.book_topup(ADAM, &asked.nonce).await.unwrap().is_new);
    assert_eq!(stage.wallet(SARI).await, (25_000, 0));
    // The next payment of this amount is another one.
    stage.advance(TimeDelta::minutes(31));
    assert_eq!(draft(MAYA).await.same, None);
    stage.booked(5_000);
    stage.finish().await;
}
