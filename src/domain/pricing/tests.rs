//! That a price is what the rules say, and never too little.

use super::promotion::{Off, Promotion};
use super::*;
use proptest::prelude::*;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn markup(percent: &str, fixed: i64, step: i64) -> Markup {
    Markup::new(decimal(percent), Money::minor(fixed), Money::minor(step)).unwrap()
}

fn list(default: Markup, rules: Vec<Rule>) -> PriceList {
    PriceList {
        wallet: Currency::from_code("IDR").unwrap(),
        default,
        rules,
        promotions: Vec::new(),
        until: None,
        rates: BTreeMap::from([("PKR".to_owned(), decimal("58.5"))]),
        version: 0,
    }
}

fn scope(provider: Option<&str>, country: Option<&str>, service: Option<&str>) -> Scope {
    Scope {
        provider: provider.map(ProviderId::from),
        country: country.map(str::to_owned),
        service: service.map(str::to_owned),
    }
}

#[test]
fn prices_are_cost_rate_percent_fixed_rounded_up() {
    let provider = ProviderId::from("virtusim");
    let route = Route {
        provider: &provider,
        country: "ID",
        service: "wa",
    };
    let cases = [
        ("650", "IDR", markup("25", 0, 100), 900),
        ("650", "IDR", markup("0", 0, 1), 650),
        ("650", "IDR", markup("0", 0, 50), 650),
        ("650", "IDR", markup("0", 1, 50), 700),
        ("60", "PKR", markup("10", 500, 100), 4_400),
        ("0.001", "IDR", markup("0", 0, 1), 1),
        ("0", "IDR", markup("50", 0, 100), 0),
    ];
    for (cost, currency, markup, price) in cases {
        let list = list(markup.clone(), vec![]);
        assert_eq!(
            list.price(route, decimal(cost), currency).unwrap().now,
            Money::minor(price),
            "{cost} {currency} {markup:?}"
        );
    }
}

#[test]
fn the_most_specific_rule_wins() {
    let rule = |scope, percent| Rule {
        scope,
        markup: markup(percent, 0, 1),
    };
    let list = list(
        markup("1", 0, 1),
        vec![
            rule(scope(Some("a"), None, None), "2"),
            rule(scope(None, Some("ID"), None), "3"),
            rule(scope(None, None, Some("wa")), "4"),
            rule(scope(Some("a"), None, Some("wa")), "5"),
            rule(scope(None, Some("ID"), Some("wa")), "6"),
        ],
    );
    let cases = [
        ("b", "MY", "tg", "1"),
        ("a", "MY", "tg", "2"),
        ("b", "ID", "tg", "3"),
        ("a", "ID", "tg", "2"),
        ("b", "ID", "wa", "6"),
        ("a", "MY", "wa", "5"),
        ("a", "ID", "wa", "5"),
        ("b", "MY", "wa", "4"),
    ];
    for (provider, country, service, percent) in cases {
        let provider = ProviderId::from(provider);
        let route = Route {
            provider: &provider,
            country,
            service,
        };
        assert_eq!(list.markup(route).percent, decimal(percent), "{route:?}");
    }
}

#[test]
fn what_cannot_be_priced_is_refused() {
    let list = list(markup("0", 0, 1), vec![]);
    assert_eq!(
        list.cost(decimal("1"), "USD"),
        Err(PriceError::NoRate("USD".into()))
    );
    assert_eq!(
        list.cost(decimal("-1"), "IDR"),
        Err(PriceError::NegativeCost)
    );
    assert_eq!(list.cost(Decimal::MAX, "PKR"), Err(PriceError::TooLarge));
    assert_eq!(
        Markup::new(decimal("-1"), Money::ZERO, Money::minor(1)),
        Err(MarkupError::UnderCost)
    );
    assert_eq!(
        Markup::new(Decimal::ZERO, Money::minor(-1), Money::minor(1)),
        Err(MarkupError::UnderCost)
    );
    assert_eq!(
        Markup::new(Decimal::ZERO, Money::ZERO, Money::ZERO),
        Err(MarkupError::NoStep)
    );
    assert_eq!(
        Markup::new(decimal("10001"), Money::ZERO, Money::minor(1)),
        Err(MarkupError::TooLarge)
    );
}

proptest! {
    #[test]
    fn a_price_covers_its_cost_and_fits_the_step(
        cost_thousandths in 0_i64..10_000_000_000,
        percent in 0_i64..10_000,
        fixed in 0_i64..1_000_000,
        step in 1_i64..10_000,
    ) {
        let markup = Markup::new(
            Decimal::from(percent),
            Money::minor(fixed),
            Money::minor(step),
        ).unwrap();
        let list = list(markup, vec![]);
        let cost = Decimal::new(cost_thousandths, 3);
        let provider = ProviderId::from("p");
        let route = Route { provider: &provider, country: "ID", service: "s" };
        let price = list.price(route, cost, "PKR").unwrap().now;
        prop_assert!(price >= list.cost(cost, "PKR").unwrap());
        prop_assert_eq!(price.as_minor() % step, 0);
    }
}

fn promotion(scope: Scope, off: Off) -> Promotion {
    let ends_at = DateTime::from_timestamp(1_000, 0).unwrap();
    Promotion {
        scope,
        off,
        starts_at: DateTime::from_timestamp(0, 0).unwrap(),
        ends_at,
    }
}

#[test]
fn the_minimum_margin_and_promotions_make_the_price() {
    let provider = ProviderId::from("virtusim");
    let route = Route {
        provider: &provider,
        country: "ID",
        service: "wa",
    };
    let percent = |text: &str| Some(Off::Percent(decimal(text)));
    let fixed = |minor: i64| Some(Off::Fixed(Money::minor(minor)));
    // cost, minimum, off; the price now, the one without the promotion, whether it was stopped
    let cases = [
        ("650", 0, None, 900, None, false),
        ("650", 500, None, 1_200, None, false),
        ("650", 200, None, 900, None, false),
        ("4000", 0, percent("10"), 4_500, Some(5_000), false),
        // What is promised is not lost in the rounding.
        ("4000", 0, percent("5"), 4_700, Some(5_000), false),
        ("4000", 0, percent("50"), 4_000, Some(5_000), true),
        ("4000", 300, percent("50"), 4_300, Some(5_000), true),
        ("4000", 1_000, percent("50"), 5_000, None, true),
        ("4000", 0, fixed(250), 4_700, Some(5_000), false),
        ("4000", 0, fixed(1_000_000), 4_000, Some(5_000), true),
        ("0", 0, fixed(10), 0, None, false),
    ];
    for (cost, minimum, off, now, was, is_stopped) in cases {
        let markup = markup("25", 0, 100).with_minimum(Money::minor(minimum));
        let mut list = list(markup.unwrap(), vec![]);
        list.promotions = off
            .map(|off| promotion(Scope::everywhere(), off))
            .into_iter()
            .collect();
        let price = list.price(route, decimal(cost), "IDR").unwrap();
        let got = (price.now, price.was.map(|was| was.price), price.is_stopped);
        let expected = (Money::minor(now), was.map(Money::minor), is_stopped);
        assert_eq!(got, expected, "{cost} {minimum} {off:?}");
    }
}

#[test]
fn the_most_specific_promotion_wins() {
    let mut list = list(markup("0", 0, 1), vec![]);
    let off = |percent: &str| Off::Percent(decimal(percent));
    list.promotions = vec![
        promotion(scope(None, None, Some("wa")), off("20")),
        promotion(Scope::everywhere(), off("10")),
        promotion(scope(None, Some("ID"), None), off("30")),
    ];
    for (country, service, percent) in [("MY", "tg", "10"), ("ID", "tg", "30"), ("ID", "wa", "20")]
    {
        let provider = ProviderId::from("a");
        let route = Route {
            provider: &provider,
            country,
            service,
        };
        assert_eq!(
            list.promotion(route).unwrap().off,
            off(percent),
            "{route:?}"
        );
    }
}

#[test]
fn a_scope_contains_what_is_narrower() {
    let wide = scope(None, Some("ID"), None);
    let narrow = scope(Some("a"), Some("ID"), None);
    assert!(Scope::everywhere().contains(&wide) && wide.contains(&narrow) && wide.contains(&wide));
    assert!(!narrow.contains(&wide) && !wide.contains(&scope(Some("a"), Some("MY"), None)));
}

fn any_off() -> impl Strategy<Value = Off> {
    prop_oneof![
        (1_i64..100).prop_map(|percent| Off::Percent(percent.into())),
        (1_i64..10_000_000).prop_map(|minor| Off::Fixed(Money::minor(minor))),
    ]
}

fn any_scope() -> impl Strategy<Value = Scope> {
    let part =
        |words: [&'static str; 2]| proptest::option::of(proptest::sample::select(words.to_vec()));
    (part(["p", "q"]), part(["ID", "MY"]), part(["s", "t"]))
        .prop_map(|(provider, country, service)| scope(provider, country, service))
}

fn any_markup() -> impl Strategy<Value = Markup> {
    (
        0_i64..10_000,
        0_i64..1_000_000,
        1_i64..10_000,
        0_i64..1_000_000,
    )
        .prop_map(|(percent, fixed, step, minimum)| {
            let markup = Markup::new(percent.into(), Money::minor(fixed), Money::minor(step));
            markup.unwrap().with_minimum(Money::minor(minimum)).unwrap()
        })
}

proptest! {
    #[test]
    fn no_rule_and_no_promotion_sells_under_cost_and_the_minimum(
        cost_thousandths in 0_i64..10_000_000_000,
        default in any_markup(),
        rules in proptest::collection::vec((any_scope(), any_markup()), 0..6),
        promotions in proptest::collection::vec((any_scope(), any_off()), 0..6),
    ) {
        let rules = rules.into_iter().map(|(scope, markup)| Rule { scope, markup });
        let mut list = list(default, rules.collect());
        list.promotions = promotions.into_iter().map(|(scope, off)| promotion(scope, off)).collect();
        let cost = Decimal::new(cost_thousandths, 3);
        let provider = ProviderId::from("p");
        let route = Route { provider: &provider, country: "ID", service: "s" };
        let price = list.price(route, cost, "PKR").unwrap();
        let markup = list.markup(route);
        let least = list.cost(cost, "PKR").unwrap().checked_add(markup.minimum).unwrap();
        prop_assert!(price.now >= least);
        prop_assert_eq!(price.now.as_minor() % markup.step.as_minor(), 0);
        prop_assert!(price.was.is_none_or(|was| was.price > price.now));
    }
}
