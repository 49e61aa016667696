//! Prices: what admins set, what it does, and how it is taken back.

use std::collections::BTreeMap;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use numshop::clock::Clock;
use numshop::domain::id::{Nonce, ProviderId, UserId};
use numshop::domain::money::Money;
use numshop::domain::order::OrderState;
use numshop::domain::pricing::promotion::{Off, PromotionError};
use numshop::domain::pricing::{MarkupError, Scope};
use numshop::shop::ShopError;
use numshop::shop::notice::Notice;
use numshop::shop::prices::browse::Dimension;
use numshop::shop::prices::draft::{Applied, PriceDraft, PriceSet};
use numshop::shop::prices::rates::RateBy;
use numshop::shop::prices::{MarkupChange, PricingError, Setting, Subject, Wish};
use rust_decimal::Decimal;

use crate::harness::eventually;
use crate::scripted::{listing, listing_in};
use crate::shop_stage::{ADAM, MAYA, SARI, Stage};

fn everywhere() -> Scope {
    Scope::everywhere()
}

fn at(provider: Option<&str>, country: Option<&str>, service: Option<&str>) -> Scope {
    Scope {
        provider: provider.map(ProviderId::from),
        country: country.map(str::to_owned),
        service: service.map(str::to_owned),
    }
}

fn percent(scope: Scope, percent: i64) -> Wish {
    Wish::Markup(MarkupChange {
        scope,
        percent: Some(percent.into()),
        ..MarkupChange::default()
    })
}

fn minimum(scope: Scope, minor: i64) -> Wish {
    Wish::Markup(MarkupChange {
        scope,
        minimum: Some(Money::minor(minor)),
        ..MarkupChange::default()
    })
}

fn rate(currency: &str, rate: i64) -> Wish {
    Wish::Rate {
        currency: currency.to_owned(),
        rate: rate.into(),
    }
}

fn promote(stage: &Stage, scope: Scope, off: i64, hours: i64) -> Wish {
    promote_until(stage.clock.now() + TimeDelta::hours(hours), scope, off)
}

fn promote_until(ends_at: DateTime<Utc>, scope: Scope, off: i64) -> Wish {
    Wish::Promote {
        scope,
        off: Off::Percent(off.into()),
        starts_at: None,
        ends_at,
    }
}

async fn draft(stage: &Stage, admin: UserId, wish: Wish) -> PriceDraft {
    stage.shop().draft_price(admin, wish).await.unwrap()
}

async fn refusal(stage: &Stage, wish: Wish) -> ShopError {
    stage.shop().draft_price(MAYA, wish).await.unwrap_err()
}

async fn confirmed(stage: &Stage, admin: UserId, nonce: &Nonce) -> PriceSet {
    match stage.shop().set_price(admin, nonce).await.unwrap() {
        Applied::Set(set) => *set,
        Applied::Again(draft) => panic!("shown again: {draft:?}"),
    }
}

async fn shown_again(stage: &Stage, admin: UserId, nonce: &Nonce) -> PriceDraft {
    match stage.shop().set_price(admin, nonce).await.unwrap() {
        Applied::Again(draft) => *draft,
        Applied::Set(set) => panic!("it took effect: {set:?}"),
    }
}

/// Drafts and confirms.
async fn set(stage: &Stage, admin: UserId, wish: Wish) -> PriceSet {
    let draft = draft(stage, admin, wish).await;
    let set = confirmed(stage, admin, &draft.nonce).await;
    assert!(set.is_new);
    set
}

async fn price(stage: &Stage, name: &str) -> i64 {
    stage.quote(SARI, name).await.price.as_minor()
}

#[tokio::test]
async fn a_price_takes_effect_as_it_was_previewed() {
    let mut stage = Stage::open().await;
    let scope = at(Some("alpha"), Some("indonesia"), Some("whatsapp"));
    let shown = draft(&stage, MAYA, percent(scope, 50)).await;
    let known = at(Some("alpha"), Some("ID"), Some("wa"));
    assert_eq!(shown.subject, Subject::Rule(known));
    let effect = &shown.effect;
    assert_eq!((effect.changed.count, effect.rise, effect.fall), (1, 1, 0));
    assert_eq!(effect.routes, 3);
    assert_eq!(effect.changed.first[0].old, Some(Money::minor(5_000)));
    assert_eq!(effect.changed.first[0].new, Some(Money::minor(6_000)));
    assert_eq!(price(&stage, "WhatsApp").await, 5_000);
    let foreign = stage.shop().set_price(ADAM, &shown.nonce).await;
    assert!(matches!(foreign, Err(ShopError::QuoteExpired)));
    for expected in [true, false] {
        let set = confirmed(&stage, MAYA, &shown.nonce).await;
        assert_eq!((set.setting, set.is_new), (shown.new.clone(), expected));
    }
    assert_eq!(price(&stage, "WhatsApp").await, 6_000);
    assert_eq!(price(&stage, "Telegram").await, 2_500);

    set(&stage, MAYA, percent(everywhere(), 100)).await;
    stage.restart().await;
    assert_eq!(price(&stage, "Telegram").await, 4_000);
    assert_eq!(price(&stage, "WhatsApp").await, 6_000);
    let board = stage.shop().price_board().await.unwrap();
    assert_eq!((board.rules, board.is_set, board.routes), (1, true, 3));
    stage.finish().await;
}

#[tokio::test]
async fn a_price_that_cannot_be_is_refused() {
    let stage = Stage::open().await;
    let scopes = [
        at(Some("gamma"), None, None),
        at(None, Some("Atlantis"), None),
        at(None, Some("US"), None),
        at(None, None, Some("Zzyx Loans")),
    ];
    for scope in scopes {
        let error = refusal(&stage, percent(scope, 50)).await;
        assert!(matches!(error, ShopError::NotSold), "{error}");
    }
    let under_cost = [percent(everywhere(), -1), minimum(everywhere(), -1)];
    for wish in under_cost {
        let error = refusal(&stage, wish).await;
        assert!(matches!(error, ShopError::Markup(MarkupError::UnderCost)));
    }
    let no_step = Wish::Markup(MarkupChange {
        step: Some(Money::ZERO),
        ..MarkupChange::default()
    });
    let error = refusal(&stage, no_step).await;
    assert!(matches!(error, ShopError::Markup(MarkupError::NoStep)));
    let over = promote_until(stage.clock.now(), everywhere(), 10);
    let cases = [
        (
            promote(&stage, everywhere(), 0, 1),
            PromotionError::Nothing.into(),
        ),
        (
            promote(&stage, everywhere(), 100, 1),
            PromotionError::Everything.into(),
        ),
        (over, PromotionError::Over.into()),
        (
            promote(&stage, everywhere(), 10, 24 * 400),
            PromotionError::TooLong.into(),
        ),
        (Wish::EndPromotion(everywhere()), PricingError::NoPromotion),
        (Wish::RemoveRule(everywhere()), PricingError::NoRule),
        (Wish::Undo(7), PricingError::NoChange),
        (
            rate("USD", 16_500),
            PricingError::UnknownCurrency("USD".to_owned()),
        ),
        (
            rate("IDR", 2),
            PricingError::UnknownCurrency("IDR".to_owned()),
        ),
    ];
    for (wish, expected) in cases {
        let error = refusal(&stage, wish).await;
        assert!(
            matches!(&error, ShopError::Pricing(it) if *it == expected),
            "{error}"
        );
    }
    set(&stage, MAYA, percent(everywhere(), 30)).await;
    let error = refusal(&stage, percent(everywhere(), 30)).await;
    assert!(matches!(error, ShopError::Pricing(PricingError::AsItIs)));
    let history = stage.shop().price_history(0, 9).await.unwrap();
    assert_eq!(history.rows.len(), 1);
    stage.finish().await;
}

#[tokio::test]
async fn a_minimum_margin_stands_under_every_price() {
    let stage = Stage::open().await;
    set(&stage, MAYA, minimum(everywhere(), 1_500)).await;
    assert_eq!(price(&stage, "WhatsApp").await, 5_500);
    assert_eq!(price(&stage, "Telegram").await, 3_500);
    // A rule starts from what applied there: the minimum stays.
    set(&stage, MAYA, percent(at(None, None, Some("wa")), 0)).await;
    assert_eq!(price(&stage, "WhatsApp").await, 5_500);

    // Half off would be 2,750 and 1,750; both stop at cost and minimum.
    let shown = draft(&stage, MAYA, promote(&stage, everywhere(), 50, 24)).await;
    assert_eq!(shown.effect.stopped.count, 3);
    assert_eq!(
        (shown.effect.changed.count, shown.effect.losses.count),
        (0, 0)
    );
    confirmed(&stage, MAYA, &shown.nonce).await;
    assert_eq!(price(&stage, "WhatsApp").await, 5_500);
    stage.finish().await;
}

#[tokio::test]
async fn a_promotion_lowers_prices_until_it_ends() {
    let stage = Stage::open().await;
    let wa = at(None, None, Some("wa"));
    let ends_at = stage.clock.now().trunc_subsecs(3) + TimeDelta::hours(2);
    set(&stage, MAYA, promote_until(ends_at, wa.clone(), 10)).await;
    let quote = stage.quote(SARI, "WhatsApp").await;
    assert_eq!(quote.price, Money::minor(4_500));
    let was = quote.was.unwrap();
    assert_eq!((was.price, was.until), (Money::minor(5_000), ends_at));
    assert_eq!(stage.quote(SARI, "Telegram").await.was, None);

    // Confirmed while it runs: that price is held, whatever comes.
    let order = stage.confirm(SARI, &quote).await.unwrap().order.id;
    let late = stage.quote(SARI, "WhatsApp").await;
    assert_eq!(late.price, Money::minor(4_500));
    stage.clock.advance(TimeDelta::hours(2));
    stage.shop().wake().prices.notify_one();
    eventually("the promotion is over", async || {
        stage.quote(SARI, "WhatsApp").await.was.is_none()
    })
    .await;
    assert_eq!(price(&stage, "WhatsApp").await, 5_000);
    assert_eq!(stage.view(order).await.price, Money::minor(4_500));
    // Not confirmed in time: the button says so, and nothing is paid.
    let error = stage.confirm(SARI, &late).await.unwrap_err();
    assert!(matches!(error, ShopError::QuoteExpired), "{error}");
    assert_eq!(stage.shop().promotions().await.unwrap().len(), 0);
    let error = refusal(&stage, Wish::EndPromotion(wa)).await;
    assert!(matches!(
        error,
        ShopError::Pricing(PricingError::NoPromotion)
    ));
    stage.shop().cancel(SARI, order).await.ok();
    stage.finish().await;
}

#[tokio::test]
async fn what_is_confirmed_keeps_its_price_whatever_admins_do() {
    let mut stage = Stage::open().await;
    stage.stop_workers().await;
    let quote = stage.quote(SARI, "WhatsApp").await;
    let order = stage.confirm(SARI, &quote).await.unwrap().order.id;
    let late = stage.quote(SARI, "WhatsApp").await;
    set(&stage, MAYA, percent(everywhere(), 100)).await;
    let error = stage.confirm(SARI, &late).await.unwrap_err();
    assert!(matches!(error, ShopError::PriceChanged), "{error}");
    stage.restart().await;
    stage.until(order, OrderState::Waiting).await;
    assert_eq!(stage.view(order).await.price, Money::minor(5_000));
    assert_eq!(stage.wallet(SARI).await, (15_000, 5_000));

    // What the upstream raised is another matter: that order is paid back.
    stage.stop_workers().await;
    let quote = stage.quote(SARI, "WhatsApp").await;
    let order = stage.confirm(SARI, &quote).await.unwrap().order.id;
    stage
        .alpha
        .sells(vec![listing("WhatsApp", 4_001, Some(50))]);
    stage.restart().await;
    stage.until(order, OrderState::Failed).await;
    assert_eq!(stage.wallet(SARI).await, (15_000, 5_000));
    stage.finish().await;
}

#[tokio::test]
async fn a_quote_over_the_end_of_a_promotion_is_refused_with_the_new_price() {
    let stage = Stage::open().await;
    let wish = Wish::Promote {
        scope: everywhere(),
        off: Off::Fixed(Money::minor(300)),
        starts_at: None,
        ends_at: stage.clock.now() + TimeDelta::minutes(5),
    };
    set(&stage, MAYA, wish).await;
    let quote = stage.quote(SARI, "WhatsApp").await;
    assert_eq!(quote.price, Money::minor(4_700));
    stage.clock.advance(TimeDelta::minutes(5));
    stage.shop().follow_promotions().await.unwrap();
    let error = stage.confirm(SARI, &quote).await.unwrap_err();
    assert!(matches!(error, ShopError::PriceChanged), "{error}");
    assert_eq!(stage.wallet(SARI).await, (20_000, 0));
    stage.finish().await;
}

#[tokio::test]
async fn a_promotion_begins_by_itself_and_can_be_ended() {
    let stage = Stage::open().await;
    let now = stage.clock.now();
    let wish = Wish::Promote {
        scope: everywhere(),
        off: Off::Percent(10.into()),
        starts_at: Some(now + TimeDelta::hours(1)),
        ends_at: now + TimeDelta::hours(3),
    };
    let shown = draft(&stage, MAYA, wish).await;
    assert_eq!(shown.effect.changed.count, 3, "as it will be then");
    confirmed(&stage, MAYA, &shown.nonce).await;
    assert_eq!(price(&stage, "WhatsApp").await, 5_000);
    let board = stage.shop().price_board().await.unwrap();
    assert_eq!((board.running, board.coming), (0, 1));
    stage.clock.advance(TimeDelta::hours(1));
    stage.shop().follow_promotions().await.unwrap();
    assert_eq!(price(&stage, "WhatsApp").await, 4_500);

    let ended = set(&stage, ADAM, Wish::EndPromotion(everywhere())).await;
    assert_eq!(price(&stage, "WhatsApp").await, 5_000);
    set(&stage, MAYA, Wish::Undo(ended.id)).await;
    assert_eq!(price(&stage, "WhatsApp").await, 4_500);
    // Once its time is over there is nothing to bring back.
    let ended = set(&stage, ADAM, Wish::EndPromotion(everywhere())).await;
    stage.clock.advance(TimeDelta::hours(3));
    let error = refusal(&stage, Wish::Undo(ended.id)).await;
    assert!(
        matches!(error, ShopError::Pricing(PricingError::AsItIs)),
        "{error}"
    );
    stage.finish().await;
}

#[tokio::test]
async fn of_two_admins_the_second_is_shown_what_the_first_did() {
    let stage = Stage::open().await;
    let hers = draft(&stage, MAYA, percent(everywhere(), 50)).await;
    let step = Wish::Markup(MarkupChange {
        step: Some(Money::minor(1_000)),
        ..MarkupChange::default()
    });
    let his = draft(&stage, ADAM, step).await;
    let both = futures_util::future::join(
        stage.shop().set_price(MAYA, &hers.nonce),
        stage.shop().set_price(ADAM, &his.nonce),
    );
    let (first, second) = both.await;
    let outcomes = [(MAYA, first.unwrap()), (ADAM, second.unwrap())];
    let mut again = outcomes.into_iter().filter_map(|(admin, it)| match it {
        Applied::Again(draft) => Some((admin, draft)),
        Applied::Set(_) => None,
    });
    let (admin, shown) = again.next().expect("one of them was too late");
    assert!(again.next().is_none(), "both were refused");
    assert_eq!(
        stage.shop().price_history(0, 9).await.unwrap().rows.len(),
        1
    );
    // What is confirmed now holds both wishes.
    confirmed(&stage, admin, &shown.nonce).await;
    assert_eq!(price(&stage, "Telegram").await, 3_000);
    assert_eq!(price(&stage, "WhatsApp").await, 6_000);
    let Some(Setting::Markup(markup)) = shown.new else {
        panic!("a markup was set");
    };
    let parts = (markup.percent, markup.step);
    assert_eq!(parts, (50.into(), Money::minor(1_000)));
    stage.finish().await;
}

#[tokio::test]
async fn a_preview_that_the_catalogue_left_behind_is_shown_again() {
    let stage = Stage::open().await;
    let shown = draft(&stage, MAYA, percent(everywhere(), 50)).await;
    stage
        .alpha
        .sells(vec![listing("WhatsApp", 4_400, Some(50))]);
    stage.refresh().await;
    let again = shown_again(&stage, MAYA, &shown.nonce).await;
    assert_eq!(price(&stage, "WhatsApp").await, 5_500);
    assert_eq!(again.effect.changed.first[0].new, Some(Money::minor(6_600)));
    // What only sells out is the same price as before.
    stage.alpha.sells(vec![listing("WhatsApp", 4_400, Some(7))]);
    stage.refresh().await;
    confirmed(&stage, MAYA, &again.nonce).await;
    assert_eq!(price(&stage, "WhatsApp").await, 6_600);
    let shown = draft(&stage, MAYA, percent(everywhere(), 10)).await;
    stage.advance(TimeDelta::minutes(31));
    let late = stage.shop().set_price(MAYA, &shown.nonce).await;
    assert!(matches!(late, Err(ShopError::QuoteExpired)));
    stage.finish().await;
}

#[tokio::test]
async fn a_change_is_taken_back_as_long_as_it_is_the_last() {
    let stage = Stage::open().await;
    let wa = at(None, None, Some("wa"));
    let first = set(&stage, MAYA, percent(wa.clone(), 50)).await;
    let second = set(&stage, ADAM, percent(wa.clone(), 75)).await;
    // Something else in between does not matter.
    set(&stage, MAYA, percent(everywhere(), 30)).await;
    let error = refusal(&stage, Wish::Undo(first.id)).await;
    assert!(matches!(
        error,
        ShopError::Pricing(PricingError::ChangedSince)
    ));
    let shown = draft(&stage, MAYA, Wish::Undo(second.id)).await;
    assert_eq!(shown.undoes, Some(second.id));
    // Somebody changes it while the preview is looked at.
    let third = set(&stage, ADAM, percent(wa.clone(), 80)).await;
    let late = stage.shop().set_price(MAYA, &shown.nonce).await;
    assert!(
        matches!(late, Err(ShopError::Pricing(PricingError::ChangedSince))),
        "{late:?}"
    );
    assert_eq!(price(&stage, "WhatsApp").await, 7_200);
    let undone = set(&stage, MAYA, Wish::Undo(third.id)).await;
    assert_eq!(price(&stage, "WhatsApp").await, 7_000);
    set(&stage, MAYA, Wish::Undo(undone.id)).await;
    assert_eq!(price(&stage, "WhatsApp").await, 7_200);
    // Back to no rule at all, and what is broader applies.
    set(&stage, MAYA, Wish::RemoveRule(wa)).await;
    assert_eq!(price(&stage, "WhatsApp").await, 5_200);

    let history = stage.shop().price_history(0, 4).await.unwrap();
    assert_eq!((history.pages, history.rows.len()), (2, 4));
    let line = &history.rows[1];
    assert_eq!((line.admin, line.undoes), (MAYA, Some(undone.id)));
    assert_eq!(line.person.as_ref().unwrap().first_name, "MAYA");
    let last: Vec<bool> = history.rows.iter().map(|row| row.is_last).collect();
    assert_eq!(last, [true, false, false, false]);
    stage.finish().await;
}

/// A shop whose first upstream takes dollars.
async fn with_dollars(usd: Option<i64>) -> Stage {
    let mut stage = Stage::open().await;
    stage.alpha.sells(vec![
        listing_in("USD", "WhatsApp", 1, Some(9)),
        listing("Telegram", 2_000, None),
    ]);
    stage.terms.rates = usd
        .map(|rate| ("USD".to_owned(), Decimal::from(rate)))
        .into_iter()
        .collect::<BTreeMap<_, _>>();
    stage.restart().await;
    stage
}

#[tokio::test]
async fn a_rate_of_an_admin_wins_over_the_settings_until_it_is_taken_back() {
    let mut stage = with_dollars(Some(16_000)).await;
    assert_eq!(price(&stage, "WhatsApp").await, 20_000);
    let usd = stage.shop().rate("USD").await.unwrap();
    assert_eq!((usd.by, usd.routes), (RateBy::Settings, 1));

    let shown = draft(&stage, MAYA, rate("usd", 12_000)).await;
    // 12,000 and a quarter are less than the 16,000 that it costs by what is known now.
    assert_eq!(shown.effect.losses.count, 1);
    assert_eq!(
        shown.effect.losses.first[0].cost,
        Some(Money::minor(16_000))
    );
    assert_eq!(shown.effect.losses.first[0].new, Some(Money::minor(15_000)));
    confirmed(&stage, MAYA, &shown.nonce).await;
    assert_eq!(price(&stage, "WhatsApp").await, 15_000);
    stage.terms.rates.insert("USD".to_owned(), 17_000.into());
    stage.restart().await;
    assert_eq!(price(&stage, "WhatsApp").await, 15_000);
    let usd = stage.shop().rate("USD").await.unwrap();
    assert!(matches!(usd.by, RateBy::Admin(MAYA, Some(_))));
    assert_eq!(usd.settings, Some(17_000.into()));

    let reset = set(&stage, ADAM, Wish::ForgetRate("USD".to_owned())).await;
    assert_eq!(stage.shop().rate("USD").await.unwrap().by, RateBy::Settings);
    let error = refusal(&stage, Wish::ForgetRate("USD".to_owned())).await;
    assert!(matches!(error, ShopError::Pricing(PricingError::NotSet)));
    set(&stage, MAYA, Wish::Undo(reset.id)).await;
    assert_eq!(price(&stage, "WhatsApp").await, 15_000);
    for wrong in [0, -5] {
        let error = refusal(&stage, rate("USD", wrong)).await;
        assert!(matches!(error, ShopError::Pricing(PricingError::NoRate)));
    }
    stage.finish().await;
}

#[tokio::test]
async fn what_has_no_rate_is_sold_once_it_has_one() {
    let stage = with_dollars(None).await;
    let board = stage.shop().price_board().await.unwrap();
    assert_eq!((board.routes, board.unpriced), (1, 1));
    let usd = stage.shop().rate("USD").await.unwrap();
    assert_eq!((usd.by, usd.rate, usd.routes), (RateBy::Nobody, None, 1));
    let shown = draft(&stage, MAYA, rate("USD", 4_000)).await;
    assert_eq!(shown.effect.come.count, 1);
    assert_eq!(shown.effect.come.first[0].new, Some(Money::minor(5_000)));
    let given = confirmed(&stage, MAYA, &shown.nonce).await;
    assert_eq!(price(&stage, "WhatsApp").await, 5_000);
    let shown = draft(&stage, MAYA, Wish::Undo(given.id)).await;
    assert_eq!((shown.effect.gone.count, shown.new), (1, None));
    stage.finish().await;
}

#[tokio::test]
async fn admins_hear_of_old_rates_once_a_day() {
    let stage = with_dollars(Some(16_000)).await;
    let shop = stage.shop();
    let told = |stage: &Stage| {
        let brought = stage.courier.all(ADAM).into_iter();
        brought
            .filter(|notice| matches!(notice, Notice::OldRates { .. }))
            .count()
    };
    eventually("the age is noted", async || {
        shop.rate("USD").await.unwrap().since.is_some()
    })
    .await;
    stage.advance(TimeDelta::days(6));
    stage.refresh().await;
    shop.warn_of_old_rates().await.unwrap();
    assert!(!shop.rate("USD").await.unwrap().is_old);
    stage.advance(TimeDelta::days(1) + TimeDelta::seconds(1));
    stage.refresh().await;
    for _ in 0..3 {
        shop.warn_of_old_rates().await.unwrap();
    }
    eventually("admins are told", async || told(&stage) > 0).await;
    assert_eq!(shop.price_board().await.unwrap().old_rates.len(), 1);
    stage.advance(TimeDelta::hours(23));
    shop.warn_of_old_rates().await.unwrap();
    assert_eq!(told(&stage), 1);
    stage.advance(TimeDelta::hours(1));
    stage.refresh().await;
    shop.warn_of_old_rates().await.unwrap();
    eventually("admins are told again", async || told(&stage) == 2).await;
    set(&stage, MAYA, rate("USD", 16_100)).await;
    assert!(!shop.rate("USD").await.unwrap().is_old);
    stage.finish().await;
}

#[tokio::test]
async fn prices_are_browsed_down_to_one_route() {
    let stage = Stage::open().await;
    stage.beta.sells(vec![listing("WhatsApp", 5_000, Some(2))]);
    stage.refresh().await;
    let shop = stage.shop();
    let providers = shop.price_facets(&everywhere(), Dimension::Provider, 0, 9);
    let routes: Vec<usize> = providers.rows.iter().map(|row| row.routes).collect();
    assert_eq!(routes, [3, 1]);
    let services = shop.price_facets(&everywhere(), Dimension::Service, 0, 2);
    assert_eq!((services.rows.len(), services.pages), (2, 2));
    let whatsapp = &services.rows[0];
    assert_eq!(whatsapp.prices, [5_000, 6_300].map(Money::minor));

    let hits = shop.price_hits(&everywhere(), "indo");
    assert_eq!(hits[0].name.scope, at(None, Some("ID"), None));
    let hits = shop.price_hits(&everywhere(), "watsap");
    assert_eq!(hits[0].name.scope, at(None, None, Some("wa")));
    assert!(shop.price_hits(&everywhere(), "quxquux").is_empty());

    set(&stage, MAYA, percent(at(None, None, Some("wa")), 50)).await;
    let route = at(Some("beta"), Some("ID"), Some("wa"));
    let view = shop.price_scope(&route).await.unwrap();
    let [offer] = view.offers.as_slice() else {
        panic!("one offer: {view:?}");
    };
    assert_eq!(
        (offer.cost, offer.price),
        (5_000.into(), Money::minor(7_500))
    );
    assert_eq!(offer.from, Some(at(None, None, Some("wa"))));
    assert_eq!(offer.margin, Money::minor(2_500));
    assert_eq!(offer.margin_percent, Some(50.into()));
    assert_eq!(offer.rate, None);
    assert_eq!((view.rule, view.over_from), (None, offer.from.clone()));
    stage.finish().await;
}
