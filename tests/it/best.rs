//! What "best" means: the list, the default and the fallbacks follow what the operator chose.

use chrono::TimeDelta;
use numshop::domain::best::BestBy;
use numshop::domain::id::UserId;
use numshop::domain::money::Money;
use numshop::domain::order::OrderState;
use numshop::shop::notice::Notice;
use rstest::rstest;

use crate::scripted::listing;
use crate::shop_stage::{ADAM, ALEX, MAYA, SARI, Stage};

const CHEAP: Money = Money::minor(2_500);
const GOOD: Money = Money::minor(3_800);

/// `alpha` is cheap and delivers nothing; `beta` costs half as much again and always delivers.
async fn with_a_record() -> Stage {
    let stage = Stage::open().await;
    stage.topup(SARI, 200_000).await;
    for (seller, other, cost) in [
        (&stage.alpha, &stage.beta, 2_000),
        (&stage.beta, &stage.alpha, 3_000),
    ] {
        seller.sells(vec![listing("WhatsApp", cost, None)]);
        other.sells(vec![listing("Telegram", 9_000, None)]);
        stage.refresh().await;
        for number in 1..=10 {
            let order = stage.buy(SARI, "WhatsApp").await;
            if cost == 3_000 {
                seller.deliver(number, "code 4711");
                stage.until(order, OrderState::Received).await;
            } else {
                seller.close(number);
                stage.until(order, OrderState::Cancelled).await;
            }
        }
    }
    for (seller, cost) in [(&stage.alpha, 2_000), (&stage.beta, 3_000)] {
        seller.sells(vec![listing("WhatsApp", cost, None)]);
    }
    stage.refresh().await;
    stage.shop().review_routes().await.unwrap();
    stage
}

#[rstest]
#[case::price(BestBy::Price, [CHEAP, GOOD])]
#[case::balanced(BestBy::Balanced, [GOOD, CHEAP])]
#[case::success(BestBy::Success, [GOOD, CHEAP])]
#[tokio::test]
async fn the_list_the_default_and_the_purchase_have_one_order(
    #[case] best_by: BestBy,
    #[case] expected: [Money; 2],
) {
    let mut stage = with_a_record().await;
    stage.terms.best_by = best_by;
    stage.restart().await;
    stage.shop().review_routes().await.unwrap();
    let shelf = stage.shop().shelf("ID", stage.service("WhatsApp")).unwrap();
    assert_eq!(shelf.best_by, best_by);
    let prices: Vec<Money> = shelf.servers.iter().map(|it| it.price).collect();
    assert_eq!(prices, expected);
    assert_eq!(shelf.operators[0].price, expected[0]);
    assert_eq!(shelf.service.from_price, CHEAP, "that it is sold from");
    let quote = stage.quote(SARI, "WhatsApp").await;
    assert_eq!(quote.price, expected[0]);
    let order = stage.confirm(SARI, &quote).await.unwrap().order;
    stage.until(order.id, OrderState::Waiting).await;
    let seller = if expected[0] == CHEAP {
        "alpha"
    } else {
        "beta"
    };
    assert_eq!(stage.row(order.id).await.provider.as_deref(), Some(seller));
    stage.advance(TimeDelta::minutes(25));
    stage.until(order.id, OrderState::Expired).await;
    stage.finish().await;
}

/// Buys five numbers of `alpha` at once and gives them back as soon as that may be.
async fn five_given_back(stage: &Stage, user: UserId) {
    for _ in 0..5 {
        stage.buy(user, "WhatsApp").await;
    }
    stage.advance(TimeDelta::seconds(61));
    let orders = stage.shop().orders(user, 0, 5).await.unwrap().rows;
    for order in orders {
        stage.shop().cancel(user, order.id).await.unwrap();
        stage.until(order.id, OrderState::Cancelled).await;
    }
}

fn warning() -> Notice {
    Notice::ManyCancelled {
        provider: "alpha".to_owned(),
        percent: 100,
        limit: 40,
    }
}

async fn default_price(stage: &Stage) -> Money {
    stage.shop().review_routes().await.unwrap();
    stage.quote(SARI, "WhatsApp").await.price
}

#[tokio::test]
async fn an_upstream_whose_numbers_are_given_back_sells_last_until_they_are_few() {
    let mut stage = Stage::open().await;
    let sells = async |stage: &Stage| {
        stage.alpha.sells(vec![listing("WhatsApp", 2_000, None)]);
        stage.beta.sells(vec![listing("WhatsApp", 3_000, None)]);
        stage.refresh().await;
    };
    sells(&stage).await;
    for user in [SARI, ALEX, MAYA] {
        stage.topup(user, 50_000).await;
        five_given_back(&stage, user).await;
    }
    assert_eq!(default_price(&stage).await, CHEAP, "15 say nothing yet");
    assert_eq!(stage.courier.count(MAYA, &warning()), 0);
    stage.topup(ADAM, 50_000).await;
    five_given_back(&stage, ADAM).await;
    assert_eq!(default_price(&stage).await, GOOD);
    for admin in [MAYA, ADAM] {
        stage.until_brought(admin, warning()).await;
    }
    let shelf = stage.shop().shelf("ID", stage.service("WhatsApp")).unwrap();
    assert_eq!(shelf.servers, [], "there is no choice to offer");
    let standings = stage.shop().standings();
    let alpha = standings.iter().find(|it| it.provider.as_str() == "alpha");
    let alpha = alpha.unwrap();
    assert_eq!((alpha.cancels.cancelled, alpha.cancels.bought), (20, 20));
    assert_eq!(alpha.cancel_limit_exceeded, Some(40));

    // It still sells what nobody else has, and admins are not told twice.
    stage.restart().await;
    stage.beta.sells(vec![listing("WhatsApp", 3_000, Some(0))]);
    stage.refresh().await;
    assert_eq!(default_price(&stage).await, CHEAP);
    stage.advance(TimeDelta::hours(24));
    sells(&stage).await;
    assert_eq!(default_price(&stage).await, CHEAP, "it is forgotten");
    for admin in [MAYA, ADAM] {
        assert_eq!(stage.courier.count(admin, &warning()), 1);
    }
    stage.finish().await;
}
