//! Looking at prices: the first screen, scopes and their parts, and the questions.
//!
//! Invariant: no button here changes anything; each leads on, or to a preview.

use super::{COMMON_PERCENT_OFF, names, percent_off};
use crate::bot::callback::Callback;
use crate::bot::callback::pricing::{Part, PricingPress, ScopeTag};
use crate::bot::html::{Html, cut, html, plain};
use crate::bot::keyboard::{Keyboard, Screen};
use crate::bot::views::Look;
use crate::domain::money::Money;
use crate::domain::pricing::Scope;
use crate::domain::pricing::promotion::{Off, Promotion};
use crate::shop::Page;
use crate::shop::prices::browse::{
    Dimension, Facet, PriceBoard, RouteView, RuleView, ScopeName, ScopeView,
};

/// Common percentages.
const PERCENT: [i64; 8] = [0, 10, 20, 25, 30, 50, 75, 100];
/// Common amounts, in minor units of a currency without decimals, and of one with.
const AMOUNTS: [[i64; 6]; 2] = [[0, 100, 250, 500, 1_000, 2_500], [0, 5, 10, 25, 50, 100]];
/// Common steps, likewise.
const STEPS: [[i64; 5]; 2] = [[1, 50, 100, 500, 1_000], [1, 5, 10, 50, 100]];
/// How many days a promotion lasts, and in how many it starts.
const DAYS: [u32; 6] = [1, 2, 3, 7, 14, 30];
const STARTS: [u32; 4] = [0, 1, 3, 7];

fn press(pricing: PricingPress) -> Callback {
    Callback::Pricing(pricing)
}

/// The first screen.
pub(super) fn board(look: &Look, board: &PriceBoard) -> Screen {
    let lang = look.lang;
    let default = names::markup(look, &board.default);
    let default = if board.is_set {
        html!(lang, "prices-default", markup = default)
    } else {
        html!(lang, "prices-default-settings", markup = default)
    };
    let mut text = html!(lang, "prices-board", routes = board.routes).paragraph(default);
    if board.unpriced > 0 {
        text = text.paragraph(html!(lang, "prices-unpriced", count = board.unpriced));
    }
    for rate in &board.old_rates {
        let since = rate
            .since
            .map_or(String::new(), |at| lang.ago(at, look.now));
        text = text.paragraph(html!(
            lang,
            "prices-old-rate",
            currency = rate.currency.as_str(),
            ago = since
        ));
    }
    let everywhere = ScopeTag::default();
    let keyboard = look.keyboard().wide(
        &plain!(lang, "button-prices-everywhere"),
        press(PricingPress::Scope(everywhere)),
    );
    let rules = plain!(lang, "button-prices-rules", count = board.rules);
    let promotions = board.running + board.coming;
    let promotions = plain!(lang, "button-prices-promotions", count = promotions);
    by_parts(look, keyboard, &Scope::everywhere(), everywhere)
        .row([
            (rules.as_str(), press(PricingPress::Rules { page: 0 })),
            (
                promotions.as_str(),
                press(PricingPress::Promotions { page: 0 }),
            ),
        ])
        .row([
            (
                plain!(lang, "button-rates").as_str(),
                press(PricingPress::Rates),
            ),
            (
                plain!(lang, "button-prices-history").as_str(),
                press(PricingPress::History { page: 0 }),
            ),
        ])
        .under(text)
}

/// A text with how to change prices by typing below.
pub(super) fn with_usage(look: &Look, text: Html) -> Screen {
    look.keyboard()
        .wide(
            &plain!(look.lang, "button-prices"),
            press(PricingPress::Board),
        )
        .under(text.paragraph(html!(look.lang, "prices-usage")))
}

/// The ways in which a scope can be split up further.
fn by_parts(look: &Look, keyboard: Keyboard, scope: &Scope, tag: ScopeTag) -> Keyboard {
    let lang = look.lang;
    let mut ways = Vec::new();
    let mut way = |is_open: bool, label: String, by| {
        if is_open {
            let page = 0;
            let scope = tag;
            ways.push((label, press(PricingPress::List { scope, by, page })));
        }
    };
    way(
        scope.provider.is_none(),
        plain!(lang, "button-prices-by-provider"),
        Dimension::Provider,
    );
    way(
        scope.country.is_none(),
        plain!(lang, "button-prices-by-country"),
        Dimension::Country,
    );
    way(
        scope.service.is_none(),
        plain!(lang, "button-prices-by-service"),
        Dimension::Service,
    );
    keyboard.columns(3, ways)
}

/// A scope in full, with what can be done about it.
pub(super) fn scope(look: &Look, view: &ScopeView) -> Screen {
    let lang = look.lang;
    let mut text = Html::bold(&names::scope(look, &view.name));
    if let [route] = view.offers.as_slice() {
        text = text.paragraph(route_block(look, route, view));
    } else if let Some([low, high]) = view.prices {
        text = text.line(html!(
            lang,
            "prices-range",
            routes = view.routes,
            low = look.money(low),
            high = look.money(high)
        ));
        for route in &view.offers {
            text = text.paragraph(route_block(look, route, view));
        }
    } else {
        text = text.line(html!(lang, "prices-none-here"));
    }
    text = text.paragraph(markup_lines(look, view));
    if let Some(promotion) = &view.promotion {
        text = text.line(names::promotion(look, promotion));
    }
    let Some(tag) = names::tag(&view.name) else {
        return with_usage(look, text);
    };
    let keyboard = by_parts(look, look.keyboard(), &view.name.scope, tag);
    change_buttons(look, keyboard, view, tag).under(text)
}

/// The rule here, or where the one comes from that applies.
fn markup_lines(look: &Look, view: &ScopeView) -> Html {
    let lang = look.lang;
    if let Some(rule) = &view.rule {
        return html!(lang, "prices-rule-here", markup = names::markup(look, rule));
    }
    let markup = names::markup(look, &view.over);
    let from = origin(look, view.over_from.as_ref());
    html!(lang, "prices-rule-over", markup = markup, from = from)
}

/// Where a markup comes from.
fn origin(look: &Look, from: Option<&Scope>) -> String {
    match from {
        None => plain!(look.lang, "label-prices-settings"),
        Some(scope) => scope.to_string(),
    }
}

fn change_buttons(look: &Look, keyboard: Keyboard, view: &ScopeView, scope: ScopeTag) -> Keyboard {
    let lang = look.lang;
    let parts = Part::ALL.map(|part| {
        let label = format!("✏️ {}", part_name(look, part));
        (label, press(PricingPress::Ask { scope, part }))
    });
    let mut keyboard = keyboard.columns(2, parts.into());
    let mut more = vec![(
        plain!(lang, "button-prices-promote"),
        press(PricingPress::Off(scope)),
    )];
    if view.promotion.is_some() {
        more.push((
            plain!(lang, "button-prices-end-promotion"),
            press(PricingPress::EndPromotion(scope)),
        ));
    }
    if view.rule.is_some() {
        more.push((
            plain!(lang, "button-prices-remove"),
            press(PricingPress::Remove(scope)),
        ));
    }
    keyboard = keyboard.columns(2, more);
    keyboard.wide(&plain!(lang, "button-prices"), press(PricingPress::Board))
}

fn part_name(look: &Look, part: Part) -> String {
    match part {
        Part::Percent => plain!(look.lang, "label-prices-percent"),
        Part::Fixed => plain!(look.lang, "label-prices-fixed"),
        Part::Step => plain!(look.lang, "label-prices-step"),
        Part::Minimum => plain!(look.lang, "label-prices-minimum"),
    }
}

/// One offer: price and margin first, then where they come from.
fn route_block(look: &Look, route: &RouteView, view: &ScopeView) -> Html {
    let lang = look.lang;
    let price = look.money(route.price);
    let mut text = match route.was {
        Some(was) => html!(
            lang,
            "prices-route-promo",
            price = price,
            was = look.money(was.price),
            until = look.date(was.until)
        ),
        None => html!(lang, "prices-route-price", price = price),
    };
    let margin = look.money(route.margin);
    text = text.line(match route.margin_percent {
        Some(percent) => html!(
            lang,
            "prices-route-margin",
            margin = margin,
            percent = percent.normalize().to_string()
        ),
        None => html!(lang, "prices-route-margin-free", margin = margin),
    });
    let cost = look.cost(route.cost, &route.currency);
    text = text.line(html!(
        lang,
        "prices-route-cost",
        cost = cost,
        wallet = look.money(route.cost_in_wallet)
    ));
    if let Some(rate) = &route.rate {
        text = text.line(super::rates_view::aged(look, rate));
    }
    // What applies to the whole of the scope is told once, below.
    if view.rule.as_ref().unwrap_or(&view.over) != &route.markup {
        text = text.line(html!(
            lang,
            "prices-route-markup",
            markup = names::markup(look, &route.markup),
            from = origin(look, route.from.as_ref())
        ));
    }
    match route.stock {
        Some(stock) => text.line(html!(lang, "prices-route-stock", stock = stock)),
        None => text,
    }
}

fn facet_label(look: &Look, facet: &Facet) -> String {
    let name = match facet.by {
        Dimension::Provider => facet.name.scope.provider.as_ref().map(ToString::to_string),
        Dimension::Country => facet
            .name
            .country
            .as_deref()
            .map(|it| names::country(look, it)),
        Dimension::Service => facet.name.service.as_ref().map(names::service),
    };
    let name = name.unwrap_or_default();
    let [low, high] = facet.prices.map(|price| look.money(price));
    if facet.prices[0] == facet.prices[1] {
        format!("{name} · {low}")
    } else {
        format!("{name} · {low}–{high}")
    }
}

fn facet_buttons(look: &Look, facets: &[Facet]) -> Vec<(String, Callback)> {
    let buttons = facets.iter().filter_map(|facet| {
        let tag = names::tag(&facet.name)?;
        Some((facet_label(look, facet), press(PricingPress::Scope(tag))))
    });
    buttons.collect()
}

/// The parts of a scope.
pub(super) fn list(
    look: &Look,
    name: &ScopeName,
    scope: ScopeTag,
    by: Dimension,
    facets: &Page<Facet>,
) -> Screen {
    let lang = look.lang;
    let text = Html::bold(&names::scope(look, name)).paragraph(html!(lang, "prices-list"));
    look.keyboard()
        .columns(1, facet_buttons(look, &facets.rows))
        .pager(facets.page, facets.pages, |page| {
            press(PricingPress::List { scope, by, page })
        })
        .wide(
            &plain!(lang, "button-back"),
            press(if scope == ScopeTag::default() {
                PricingPress::Board
            } else {
                PricingPress::Scope(scope)
            }),
        )
        .under(text)
}

/// What a typed word found.
pub(super) fn hits(look: &Look, scope: ScopeTag, text: &str, hits: &[Facet]) -> Screen {
    let lang = look.lang;
    let word = cut(text, 40);
    let text = if hits.is_empty() {
        html!(lang, "prices-found-nothing", text = word.as_ref())
    } else {
        html!(lang, "prices-found", text = word.as_ref())
    };
    look.keyboard()
        .columns(1, facet_buttons(look, hits))
        .wide(
            &plain!(lang, "button-back"),
            press(PricingPress::Scope(scope)),
        )
        .under(text)
}

/// Common values for a part of a markup.
pub(super) fn ask(look: &Look, view: &ScopeView, scope: ScopeTag, part: Part) -> Screen {
    let lang = look.lang;
    let kind = usize::from(look.currency.decimals() > 0);
    let values: &[i64] = match part {
        Part::Percent => &PERCENT,
        Part::Fixed | Part::Minimum => &AMOUNTS[kind],
        Part::Step => &STEPS[kind],
    };
    let buttons = values.iter().map(|value| {
        let label = match part {
            Part::Percent => format!("{value}%"),
            Part::Fixed | Part::Step | Part::Minimum => look.money(Money::minor(*value)),
        };
        let value = *value;
        (label, press(PricingPress::Set { scope, part, value }))
    });
    let text = Html::bold(&names::scope(look, &view.name))
        .paragraph(markup_lines(look, view))
        .paragraph(part_question(look, part));
    look.keyboard()
        .columns(3, buttons.collect())
        .wide(
            &plain!(lang, "button-prices-other"),
            press(PricingPress::Other { scope, part }),
        )
        .wide(
            &plain!(lang, "button-back"),
            press(PricingPress::Scope(scope)),
        )
        .under(text)
}

fn part_question(look: &Look, part: Part) -> Html {
    match part {
        Part::Percent => html!(look.lang, "prices-ask-percent"),
        Part::Fixed => html!(look.lang, "prices-ask-fixed"),
        Part::Step => html!(look.lang, "prices-ask-step"),
        Part::Minimum => html!(look.lang, "prices-ask-minimum"),
    }
}

/// How much shall be off?
pub(super) fn how_much_off(look: &Look, view: &ScopeView, scope: ScopeTag) -> Screen {
    let lang = look.lang;
    let kind = usize::from(look.currency.decimals() > 0);
    let percent = COMMON_PERCENT_OFF.map(percent_off);
    let amounts = AMOUNTS[kind].iter().skip(1).take(3);
    let amounts = amounts.map(|minor| Off::Fixed(Money::minor(*minor)));
    let start = 0;
    let buttons = percent.into_iter().chain(amounts).map(|off| {
        let label = names::off(look, off);
        (label, press(PricingPress::Until { scope, off, start }))
    });
    let mut text = Html::bold(&names::scope(look, &view.name));
    if let Some(promotion) = &view.promotion {
        text = text.paragraph(names::promotion(look, promotion));
    }
    look.keyboard()
        .columns(3, buttons.collect())
        .wide(
            &plain!(lang, "button-prices-other"),
            press(PricingPress::OtherOff(scope)),
        )
        .wide(
            &plain!(lang, "button-back"),
            press(PricingPress::Scope(scope)),
        )
        .under(text.paragraph(html!(lang, "prices-ask-off")))
}

/// From when until when?
pub(super) fn until_when(
    look: &Look,
    name: &ScopeName,
    scope: ScopeTag,
    off: Off,
    start: u32,
) -> Screen {
    let lang = look.lang;
    let starts = STARTS.map(|days| {
        let label = if days == 0 {
            plain!(lang, "button-prices-from-now")
        } else {
            plain!(lang, "button-prices-from-day", days = i64::from(days))
        };
        let label = if days == start {
            format!("✓ {label}")
        } else {
            label
        };
        let start = days;
        (label, press(PricingPress::Until { scope, off, start }))
    });
    let lengths = DAYS.map(|days| {
        let label = plain!(lang, "button-prices-for-days", days = i64::from(days));
        let promote = PricingPress::Promote {
            scope,
            off,
            start,
            days,
        };
        (label, press(promote))
    });
    let heading = format!("{} · {}", names::scope(look, name), names::off(look, off));
    look.keyboard()
        .columns(2, starts.into())
        .columns(3, lengths.into())
        .wide(
            &plain!(lang, "button-prices-other"),
            press(PricingPress::OtherUntil { scope, off }),
        )
        .wide(
            &plain!(lang, "button-back"),
            press(PricingPress::Off(scope)),
        )
        .under(Html::bold(&heading).paragraph(html!(lang, "prices-ask-until")))
}

/// What is asked for, where no button has it.
pub(super) fn question(look: &Look, asked: &PricingPress) -> Screen {
    let lang = look.lang;
    let (text, back) = match asked {
        PricingPress::Other { scope, part } => {
            let (scope, part) = (*scope, *part);
            (part_question(look, part), PricingPress::Ask { scope, part })
        }
        PricingPress::OtherOff(scope) => {
            (html!(lang, "prices-type-off"), PricingPress::Off(*scope))
        }
        PricingPress::OtherUntil { scope, off } => {
            let (scope, off, start) = (*scope, *off, 0);
            let back = PricingPress::Until { scope, off, start };
            (html!(lang, "prices-type-until"), back)
        }
        PricingPress::OtherRate(currency) => {
            let code = currency.as_str();
            let own = look.currency.code();
            let text = html!(lang, "rates-type", currency = code, own = own);
            (text, PricingPress::Rate(currency.clone()))
        }
        PricingPress::Board
        | PricingPress::Scope(_)
        | PricingPress::List { .. }
        | PricingPress::Ask { .. }
        | PricingPress::Set { .. }
        | PricingPress::Remove(_)
        | PricingPress::Off(_)
        | PricingPress::Until { .. }
        | PricingPress::Promote { .. }
        | PricingPress::EndPromotion(_)
        | PricingPress::Rules { .. }
        | PricingPress::Promotions { .. }
        | PricingPress::History { .. }
        | PricingPress::Undo { .. }
        | PricingPress::Apply { .. }
        | PricingPress::Rates
        | PricingPress::Rate(_)
        | PricingPress::SetRate { .. }
        | PricingPress::ForgetRate(_) => (html!(lang, "prices-list"), PricingPress::Board),
    };
    let text = text.line(html!(lang, "prices-type-it"));
    look.keyboard()
        .wide(&plain!(lang, "button-back"), press(back))
        .under(text)
}

/// A page of the rules.
pub(super) fn rules(look: &Look, page: &Page<RuleView>) -> Screen {
    let lang = look.lang;
    let mut text = html!(lang, "prices-rules");
    if page.rows.is_empty() {
        text = text.paragraph(html!(lang, "prices-no-rules"));
    }
    let mut buttons = Vec::new();
    for rule in &page.rows {
        let name = names::scope(look, &rule.name);
        text = text.paragraph(html!(
            lang,
            "prices-rule",
            scope = name.as_str(),
            markup = names::markup(look, &rule.markup),
            ago = lang.ago(rule.set_at, look.now)
        ));
        if let Some(tag) = names::tag(&rule.name) {
            buttons.push((name, press(PricingPress::Scope(tag))));
        }
    }
    look.keyboard()
        .columns(1, buttons)
        .pager(page.page, page.pages, |page| {
            press(PricingPress::Rules { page })
        })
        .wide(&plain!(lang, "button-prices"), press(PricingPress::Board))
        .under(text)
}

/// A page of the promotions.
pub(super) fn promotions(
    look: &Look,
    all: &[(ScopeName, Promotion)],
    page: usize,
    page_size: usize,
) -> Screen {
    let lang = look.lang;
    let pages = all.len().div_ceil(page_size).max(1);
    let page = page.min(pages - 1);
    let mut text = html!(lang, "prices-promotions");
    if all.is_empty() {
        text = text.paragraph(html!(lang, "prices-no-promotions"));
    }
    let mut buttons = Vec::new();
    for (name, promotion) in all.iter().skip(page * page_size).take(page_size) {
        let label = names::scope(look, name);
        text = text.paragraph(Html::bold(&label));
        text = text.line(names::promotion(look, promotion));
        if let Some(tag) = names::tag(name) {
            buttons.push((label, press(PricingPress::Scope(tag))));
        }
    }
    look.keyboard()
        .columns(1, buttons)
        .pager(page, pages, |page| press(PricingPress::Promotions { page }))
        .wide(&plain!(lang, "button-prices"), press(PricingPress::Board))
        .under(text)
}
