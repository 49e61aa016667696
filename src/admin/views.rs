//! What admins see.
//!
//! Invariant: what a Confirm would do stands above it, with the state before and after.

use crate::bot::callback::Callback;
use crate::bot::html::{Html, cut, html, plain};
use crate::bot::keyboard::Screen;
use crate::bot::views::Look;
use crate::bot::views::stars::person as name;
use crate::domain::pricing::{Markup, Rule};
use crate::shop::prices::{PriceBoard, PriceDraft, PriceExample};
use crate::shop::topup::{TopUpBooked, TopUpDraft};

/// Rules that one message shows; more would not fit.
const RULES_SHOWN: usize = 20;
/// Examples that one message shows.
const EXAMPLES_SHOWN: usize = 10;

/// A top-up before its Confirm.
pub(super) fn topup_draft(look: &Look, draft: &TopUpDraft) -> Screen {
    let amount = look.money(draft.amount);
    let mut text = html!(
        look.lang,
        "topup-draft",
        name = name(&draft.user),
        id = Html::code(&draft.user.id.to_string()),
        amount = amount.as_str(),
        before = look.money(draft.before),
        after = look.money(draft.after)
    );
    if let Some(memo) = &draft.memo {
        text = text.line(html!(look.lang, "move-memo", memo = memo));
    }
    if let Some(same) = draft.same {
        text = text.line(html!(
            look.lang,
            "topup-same",
            by = same
                .by
                .map_or_else(|| "?".to_owned(), |admin| admin.to_string()),
            ago = look.lang.ago(same.at, look.now)
        ));
    }
    let nonce = draft.nonce.clone();
    let book = if draft.same.is_some() {
        plain!(look.lang, "button-admin-book-again", amount = amount)
    } else {
        plain!(look.lang, "button-admin-book", amount = amount)
    };
    look.keyboard()
        .wide(&book, Callback::TopUp { nonce })
        .wide(
            &plain!(look.lang, "button-admin-discard"),
            Callback::Discard,
        )
        .under(text)
}

/// A top-up after its Confirm.
pub(super) fn topup_booked(look: &Look, booked: &TopUpBooked) -> Screen {
    Screen::plain(html!(
        look.lang,
        "topup-booked",
        name = name(&booked.user),
        id = Html::code(&booked.user.id.to_string()),
        amount = look.money(booked.amount),
        available = look.money(booked.available)
    ))
}

fn markup(look: &Look, markup: &Markup) -> Html {
    html!(
        look.lang,
        "prices-markup",
        percent = markup.percent.normalize().to_string(),
        fixed = look.money(markup.fixed),
        step = look.money(markup.step)
    )
}

fn example(look: &Look, example: &PriceExample) -> Html {
    let service = cut(&example.service_name, 32);
    match example.new_price {
        Some(new) => html!(
            look.lang,
            "prices-example-new",
            service = service.as_ref(),
            country = example.country.as_str(),
            provider = example.provider.as_str(),
            price = look.money(example.price),
            new = look.money(new)
        ),
        None => html!(
            look.lang,
            "prices-example",
            service = service.as_ref(),
            country = example.country.as_str(),
            provider = example.provider.as_str(),
            cost = example.cost.normalize().to_string(),
            currency = example.currency.as_str(),
            wallet = look.money(example.cost_in_wallet),
            price = look.money(example.price)
        ),
    }
}

/// All rules and rates, with examples.
pub(super) fn price_board(look: &Look, board: &PriceBoard) -> Screen {
    let lang = look.lang;
    let mut text = html!(lang, "prices-board").paragraph(html!(
        lang,
        "prices-default",
        markup = markup(look, &board.default)
    ));
    if board.rules.is_empty() {
        text = text.line(html!(lang, "prices-no-rules"));
    }
    for rule in board.rules.iter().take(RULES_SHOWN) {
        text = text.line(html!(
            lang,
            "prices-rule",
            scope = rule.scope.to_string(),
            markup = markup(look, &rule.markup)
        ));
    }
    if board.rules.len() > RULES_SHOWN {
        text = text.line(Html::text("…"));
    }
    if !board.rates.is_empty() {
        text = text.paragraph(html!(lang, "prices-rates"));
    }
    for (currency, rate) in &board.rates {
        let rate = format!("{} {}", rate.normalize(), look.currency);
        text = text.line(html!(
            lang,
            "prices-rate",
            currency = currency.as_str(),
            rate = rate
        ));
    }
    if !board.examples.is_empty() {
        text = text.paragraph(html!(lang, "prices-examples"));
    }
    for row in board.examples.iter().take(EXAMPLES_SHOWN) {
        text = text.line(example(look, row));
    }
    with_usage(look, text)
}

/// A text with how to change prices below.
pub(super) fn with_usage(look: &Look, text: Html) -> Screen {
    Screen::plain(text.paragraph(html!(look.lang, "prices-usage")))
}

/// A price change before its Confirm.
pub(super) fn price_draft(look: &Look, draft: &PriceDraft) -> Screen {
    let mut text = html!(
        look.lang,
        "prices-draft",
        scope = draft.scope.to_string(),
        old = markup(look, &draft.old),
        new = markup(look, &draft.new),
        changed = draft.changed
    );
    if !draft.examples.is_empty() {
        text = text.paragraph(html!(look.lang, "prices-examples"));
    }
    for row in draft.examples.iter().take(EXAMPLES_SHOWN) {
        text = text.line(example(look, row));
    }
    let nonce = draft.nonce.clone();
    look.keyboard()
        .wide(
            &plain!(look.lang, "button-admin-apply"),
            Callback::SetPrice { nonce },
        )
        .wide(
            &plain!(look.lang, "button-admin-discard"),
            Callback::Discard,
        )
        .under(text)
}

/// A price change after its Confirm.
pub(super) fn price_set(look: &Look, rule: &Rule) -> Screen {
    Screen::plain(html!(
        look.lang,
        "prices-set",
        scope = rule.scope.to_string(),
        markup = markup(look, &rule.markup)
    ))
}
