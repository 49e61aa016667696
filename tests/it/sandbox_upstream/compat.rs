//! The sms-activate family: its words, byte for byte, and the real driver's life with them.

use std::time::Duration;

use chrono::TimeDelta;
use numshop::provider::compat::Compat;
use numshop::provider::http::settings::Account;
use numshop::provider::{
    ActivationState, Bought, CancelAnswer, Provider, ProviderError, Purchase, PurchaseAnswer,
};
use numshop::sandbox::upstream::OrderState;
use numshop::sandbox::upstream::dialect::Dialect;
use numshop::sandbox::upstream::fault::{Fault, Scope, step};
use rstest::rstest;
use rust_decimal::Decimal;

use super::{Bench, buys, is_refused};

const BUY: &str = "action=getNumber&service=wa&country=6";
const PAID: &str = "0.2850";

async fn bench(modern: bool) -> Bench {
    let name = if modern { "hero" } else { "grizzly" };
    Bench::new(Dialect::Compat { name, modern }).await
}

fn driver(bench: &Bench) -> Compat {
    let usual = |url, key| Account::new(bench.upstream.id(), url, key);
    Compat::new(bench.http(bench.upstream.key(), usual), "USD")
}

fn wanted() -> Purchase {
    Purchase {
        country_code: "6".to_owned(),
        service_code: "wa".to_owned(),
        operator: Some("indosat".to_owned()),
        max_cost: PAID.parse().unwrap(),
    }
}

async fn buy(provider: &Compat) -> Bought {
    buys(provider, &wanted()).await
}

async fn rejected(provider: &Compat) -> ProviderError {
    is_refused(provider, &wanted()).await
}

#[rstest]
#[case("action=getBalance", "ACCESS_BALANCE:5000000")]
#[case("action=dance", "BAD_ACTION")]
#[case(
    "action=getOperators&country=6",
    r#"{"status":"success","countryOperators":{"6":["telkomsel","indosat","axis","three"]}}"#
)]
#[case("action=getOperators&country=99", "[]")]
#[case(
    "action=getPrices&country=6&service=wa",
    r#"{"6":{"wa":{"cost":0.285,"count":1203}}}"#
)]
#[case("action=getPrices&country=99", "[]")]
#[case("action=getNumber&service=xx&country=6", "BAD_SERVICE")]
#[case("action=getNumber&service=wa&country=99", "BAD_SERVICE")]
#[case("action=getNumber&service=tg&country=0", "NO_NUMBERS")]
#[case("action=getNumber&service=wa&country=6&operator=nobody", "NO_NUMBERS")]
#[case(
    "action=getNumber&service=wa&country=6&maxPrice=0.28",
    "WRONG_MAX_PRICE:0.285"
)]
#[case(
    "action=getNumber&service=wa&country=6&maxPrice=0.285",
    "ACCESS_NUMBER:635400002:628965400002"
)]
#[case("action=getStatus&id=635400001", "STATUS_WAIT_CODE")]
#[case("action=getStatus&id=1", "NO_ACTIVATION")]
#[case("action=getStatus&id=x", "WRONG_ACTIVATION_ID")]
#[case("action=setStatus&id=635400001&status=1", "ACCESS_READY")]
#[case("action=setStatus&id=635400001&status=3", "BAD_STATUS")]
#[case("action=setStatus&id=635400001&status=6", "BAD_STATUS")]
#[case("action=setStatus&id=635400001&status=7", "BAD_STATUS")]
#[case("action=setStatus&id=635400001&status=8", "EARLY_CANCEL_DENIED")]
#[case("action=setStatus&id=1&status=8", "NO_ACTIVATION")]
#[tokio::test]
async fn speaks_in_words(#[case] query: &str, #[case] answer: &str) {
    let bench = bench(true).await;
    assert_eq!(bench.get(BUY).await, "ACCESS_NUMBER:635400001:628965400001");
    bench.upstream.set_balance(5_000_000.into());
    assert_eq!(bench.get(query).await, answer);
    bench.assert_balanced();
}

#[rstest]
#[case("", "NO_KEY")]
#[case("nope", "BAD_KEY")]
#[tokio::test]
async fn refuses_a_wrong_key(#[case] key: &str, #[case] answer: &str) {
    let bench = bench(true).await;
    let url = format!("{}?api_key={key}&{BUY}", bench.upstream.url());
    let response = bench.client.get(url).send().await.unwrap();
    assert_eq!(response.text().await.unwrap(), answer);
    assert_eq!(bench.upstream.orders().len(), 0);
}

#[tokio::test]
async fn a_modern_host_tells_more() {
    let bench = bench(true).await;
    let v2 = BUY.replace("getNumber", "getNumberV2");
    assert_eq!(
        bench.get(&v2).await,
        r#"{"activationId":635400001,"phoneNumber":"628965400001","activationCost":"0.285","currency":840,"countryCode":"6","canGetAnotherSms":"1","activationTime":"2026-01-15 20:30:00","activationOperator":"telkomsel"}"#
    );
    let refused = bench
        .send(&bench.upstream.url(), &format!("{v2}&maxPrice=0.1"))
        .await
        .unwrap();
    assert_eq!(refused.status(), 400);
    assert_eq!(
        refused.text().await.unwrap(),
        r#"{"title":"WRONG_MAX_PRICE","details":"The price is above the limit","info":{"min":0.285}}"#
    );
    bench.upstream.deliver("635400001", "Kode: 48-21").unwrap();
    assert_eq!(
        bench.get("action=getActiveActivations").await,
        r#"{"status":"success","activeActivations":[{"activationId":"635400001","serviceCode":"wa","phoneNumber":"628965400001","activationCost":0.285,"activationStatus":"4","smsCode":["4821"],"smsText":"Kode: 48-21","activationTime":"2026-01-15 20:30:00","countryCode":"6","canGetAnotherSms":"1"}]}"#
    );
    let finish = "action=setStatus&id=635400001&status=6";
    let finished = bench.send(&bench.upstream.url(), finish).await.unwrap();
    assert_eq!(finished.status(), 204);
    assert_eq!(finished.text().await.unwrap(), "");
    assert_eq!(
        bench.get("action=getActiveActivations").await,
        r#"{"status":"error","error":"NO_ACTIVATIONS"}"#
    );
    bench.assert_balanced();
}

#[tokio::test]
async fn an_old_host_knows_words_only() {
    let bench = bench(false).await;
    for action in ["getNumberV2&service=wa&country=6", "getActiveActivations"] {
        assert_eq!(bench.get(&format!("action={action}")).await, "BAD_ACTION");
    }
    bench.get(BUY).await;
    bench.upstream.deliver("635400001", "Kode 4821").unwrap();
    let set = |status| format!("action=setStatus&id=635400001&status={status}");
    assert_eq!(bench.get(&set(3)).await, "ACCESS_RETRY_GET");
    let status = "action=getStatus&id=635400001";
    assert_eq!(bench.get(status).await, "STATUS_WAIT_RETRY:4821");
    bench.upstream.deliver("635400001", "Kode 9137").unwrap();
    assert_eq!(bench.get(status).await, "STATUS_OK:9137");
    assert_eq!(bench.get(&set(6)).await, "ACCESS_ACTIVATION");
    assert_eq!(bench.get(&set(8)).await, "BAD_STATUS");
    assert_eq!(bench.upstream.spent(), PAID.parse::<Decimal>().unwrap());
    bench.assert_balanced();
}

#[tokio::test]
async fn the_driver_reads_what_is_sold() {
    let bench = bench(true).await;
    let provider = driver(&bench);
    let countries = provider.countries().await.unwrap();
    assert_eq!(countries.len(), 6);
    assert!(
        countries
            .iter()
            .any(|row| row.code == "6" && row.name == "Indonesia")
    );
    let sold = provider.assortment("6").await.unwrap();
    assert_eq!(sold.operators, ["telkomsel", "indosat", "axis", "three"]);
    let whatsapp = sold
        .listings
        .iter()
        .find(|row| row.service_code == "wa")
        .unwrap();
    assert_eq!(whatsapp.service_name, "Whatsapp");
    assert_eq!(whatsapp.cost.amount.to_string(), "0.285");
    assert_eq!(whatsapp.stock, Some(1_204));
    let balance = provider.balance().await.unwrap();
    assert_eq!(
        (balance.amount, balance.currency.as_str()),
        (5_000_000.into(), "USD")
    );
}

#[rstest]
#[tokio::test]
async fn from_purchase_to_finish(#[values(true, false)] modern: bool) {
    let bench = bench(modern).await;
    let provider = driver(&bench);
    let bought = buy(&provider).await;
    let id = &bought.upstream_id;
    assert_eq!(bought.number, "628965400001");
    assert_eq!(bought.cost.is_some(), modern);
    assert_eq!(bench.upstream.orders()[0].operator, "indosat");
    assert_eq!(
        provider.status(id).await.unwrap().state,
        ActivationState::Waiting
    );

    bench.upstream.deliver(id.as_str(), "Kode 4821").unwrap();
    let seen = provider.status(id).await.unwrap();
    // A host that lists its orders tells the text, another one the code.
    let text = if modern { "Kode 4821" } else { "4821" };
    assert_eq!(
        (seen.state, seen.sms.as_deref()),
        (ActivationState::Received, Some(text))
    );
    provider.resend(id).await.unwrap();
    assert_eq!(
        provider.status(id).await.unwrap().state,
        ActivationState::Waiting
    );
    bench.upstream.deliver(id.as_str(), "Kode 9137").unwrap();
    let list = provider.open_orders().await.unwrap();
    if modern {
        let list = list.unwrap();
        assert_eq!(list.len(), 1);
        assert_eq!(list[0].sms.as_deref(), Some("Kode 9137"));
        assert_eq!(list[0].number.as_deref(), Some("628965400001"));
        assert_eq!(list[0].service_name.as_deref(), Some("Whatsapp"));
    } else {
        assert_eq!(list, None);
    }
    assert_eq!(provider.cancel(id).await.unwrap(), CancelAnswer::NotNow);
    provider.finish(id).await.unwrap();
    assert_eq!(bench.upstream.orders()[0].state, OrderState::Finished);
    assert_eq!(bench.upstream.spent(), PAID.parse::<Decimal>().unwrap());
    bench.assert_balanced();
}

#[rstest]
#[tokio::test]
async fn a_cancellation_is_refused_at_first_and_then_pays_back(
    #[values(true, false)] modern: bool,
) {
    let bench = bench(modern).await;
    let provider = driver(&bench);
    let id = buy(&provider).await.upstream_id;
    assert_eq!(provider.cancel(&id).await.unwrap(), CancelAnswer::NotNow);
    bench.clock.advance(TimeDelta::minutes(2));
    assert_eq!(provider.cancel(&id).await.unwrap(), CancelAnswer::Cancelled);
    assert_eq!(
        provider.status(&id).await.unwrap().state,
        ActivationState::Cancelled
    );
    if modern {
        assert_eq!(provider.open_orders().await.unwrap(), Some(Vec::new()));
    }
    assert_eq!(bench.upstream.spent(), Decimal::ZERO);
    bench.assert_balanced();
}

#[tokio::test]
async fn a_number_runs_out_and_is_paid_back() {
    let bench = bench(true).await;
    let provider = driver(&bench);
    let id = buy(&provider).await.upstream_id;
    bench.clock.advance(TimeDelta::seconds(
        i64::try_from(provider.capabilities().lifetime.as_secs()).unwrap(),
    ));
    assert_eq!(
        provider.status(&id).await.unwrap().state,
        ActivationState::Cancelled
    );
    assert_eq!(bench.upstream.spent(), Decimal::ZERO);
}

#[rstest]
#[tokio::test]
async fn what_cannot_be_bought_is_surely_not_bought(#[values(true, false)] modern: bool) {
    let bench = bench(modern).await;
    let provider = driver(&bench);
    bench.upstream.set_stock("6:wa", 0).unwrap();
    assert_eq!(rejected(&provider).await, ProviderError::OutOfStock);
    bench.upstream.set_stock("6:wa", 9).unwrap();

    let dearer = Fault::PriceChange { percent: 10 };
    bench
        .upstream
        .set_fault(dearer, Scope::on(step::BUY).once());
    if !modern {
        // The first call only teaches the driver what this host lacks.
        bench.upstream.set_fault(
            Fault::PriceChange { percent: 10 },
            Scope::on(step::BUY).once(),
        );
    }
    assert_eq!(rejected(&provider).await, ProviderError::PriceRose);
    bench.upstream.clear_faults();

    bench
        .upstream
        .set_fault(Fault::WrongKey, Scope::on(step::BUY).once());
    assert_eq!(
        rejected(&provider).await,
        ProviderError::Refused("BAD_KEY".to_owned())
    );
    bench.upstream.set_balance("0.28".parse().unwrap());
    assert_eq!(rejected(&provider).await, ProviderError::NoFunds);
    assert_eq!(bench.upstream.orders().len(), 0);
    bench.assert_balanced();
}

#[tokio::test]
async fn a_lost_answer_is_a_doubt_that_the_list_resolves() {
    let bench = bench(true).await;
    let provider = driver(&bench);
    let lost = Scope::on(step::BUY).once().after_work();
    bench.upstream.set_fault(Fault::DroppedConnection, lost);
    let answer = provider.buy(&wanted()).await;
    assert!(matches!(answer, PurchaseAnswer::Ambiguous(_)), "{answer:?}");
    assert_eq!(bench.upstream.requests(step::BUY), 1);
    let list = provider.open_orders().await.unwrap().unwrap();
    assert_eq!(list[0].upstream_id.as_str(), bench.upstream.orders()[0].id);
    assert_eq!(list[0].service_name.as_deref(), Some("Whatsapp"));
}

#[tokio::test]
async fn two_hosts_of_different_names_stand_side_by_side() {
    let (hero, grizzly) = (bench(true).await, bench(false).await);
    hero.upstream.set_sms_after(Some(Duration::from_secs(5)));
    let (one, other) = (driver(&hero), driver(&grizzly));
    assert_eq!(
        (one.id().as_str(), other.id().as_str()),
        ("hero", "grizzly")
    );
    let first = buy(&one).await.upstream_id;
    let second = buy(&other).await.upstream_id;
    hero.clock.advance(TimeDelta::seconds(5));
    assert!(one.status(&first).await.unwrap().sms.is_some());
    assert!(other.status(&second).await.unwrap().sms.is_none());
}
