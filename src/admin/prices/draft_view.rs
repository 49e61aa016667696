//! A change of prices before and after its Confirm.
//!
//! Invariant: what a Confirm would do stands above it: what is set, how many prices change, and
//! every kind of harm with how much of it there is.

use super::names;
use crate::bot::callback::Callback;
use crate::bot::callback::pricing::PricingPress;
use crate::bot::html::{Html, html, plain};
use crate::bot::keyboard::{Keyboard, Screen};
use crate::bot::views::Look;
use crate::domain::id::ProviderId;
use crate::shop::prices::Subject;
use crate::shop::prices::browse::ScopeName;
use crate::shop::prices::draft::{PriceDraft, PriceSet};
use crate::shop::prices::effect::{Move, Named};

/// A message has room for so many routes of the kinds that say less.
const FEW: usize = 5;

/// What is set: a scope, or a currency.
pub(super) fn subject(look: &Look, subject: &Subject, name: &ScopeName) -> String {
    match subject {
        Subject::Rule(_) => names::scope(look, name),
        Subject::Promotion(_) => format!("🏷 {}", names::scope(look, name)),
        Subject::Rate(currency) => format!("💱 {currency}"),
    }
}

/// The screen on which something stands.
fn back(subject: &Subject, name: &ScopeName) -> PricingPress {
    match subject {
        Subject::Rule(_) | Subject::Promotion(_) => {
            names::tag(name).map_or(PricingPress::Board, PricingPress::Scope)
        }
        Subject::Rate(currency) => PricingPress::Rate(currency.clone()),
    }
}

/// A change before its Confirm; `is_again` where something moved since it was shown.
pub(in crate::admin) fn draft(look: &Look, draft: &PriceDraft, is_again: bool) -> Screen {
    let lang = look.lang;
    let what = subject(look, &draft.subject, &draft.name);
    let mut text = if is_again {
        html!(lang, "prices-again").paragraph(html!(lang, "prices-draft", what = what))
    } else {
        html!(lang, "prices-draft", what = what)
    };
    if let Some(id) = draft.undoes {
        text = text.line(html!(lang, "prices-undoes", id = id.to_string()));
    }
    let (old, new) = (draft.old.as_ref(), draft.new.as_ref());
    let old = names::setting(look, old.or(draft.inherited.as_ref()));
    let new = names::setting(look, new.or(draft.falls_back_to.as_ref()));
    text = text.paragraph(html!(lang, "prices-now", setting = old));
    text = text.line(html!(lang, "prices-then", setting = new));
    text = effect(look, draft, text);
    let nonce = draft.nonce.clone();
    let label = if draft.effect.losses.count > 0 {
        plain!(lang, "button-admin-apply-loss")
    } else {
        plain!(lang, "button-admin-apply")
    };
    let apply = Callback::Pricing(PricingPress::Apply { nonce });
    let keyboard = look.keyboard().wide(&label, apply);
    let back = Callback::Pricing(back(&draft.subject, &draft.name));
    keyboard
        .wide(&plain!(lang, "button-prices-leave"), back)
        .under(text)
}

fn effect(look: &Look, draft: &PriceDraft, text: Html) -> Html {
    let (lang, effect) = (look.lang, &draft.effect);
    let mut text = text.paragraph(html!(
        lang,
        "prices-effect",
        changed = effect.changed.count,
        routes = effect.routes,
        rise = effect.rise,
        fall = effect.fall
    ));
    if !effect.changed.first.is_empty() {
        text = text.paragraph(html!(lang, "prices-most"));
        for it in &effect.changed.first {
            text = text.line(moved(look, it));
        }
        text = and_more(look, text, &effect.changed, effect.changed.first.len());
    }
    if effect.gone.count > 0 {
        text = text.paragraph(html!(lang, "prices-gone", count = effect.gone.count));
        text = routes(look, text, &effect.gone);
    }
    if effect.come.count > 0 {
        text = text.paragraph(html!(lang, "prices-come", count = effect.come.count));
        text = routes(look, text, &effect.come);
    }
    if effect.stopped.count > 0 {
        text = text.paragraph(html!(lang, "prices-stopped", count = effect.stopped.count));
        text = routes(look, text, &effect.stopped);
    }
    // What harms most stands next to the buttons.
    if effect.losses.count > 0 {
        text = text.paragraph(html!(lang, "prices-losses", count = effect.losses.count));
        for it in &effect.losses.first {
            text = text.line(loss(look, it));
        }
        text = and_more(look, text, &effect.losses, effect.losses.first.len());
    }
    text
}

/// The first routes of a kind, and how many more there are.
fn routes(look: &Look, text: Html, named: &Named) -> Html {
    let shown = named.first.iter().take(FEW);
    let text = shown.fold(text, |text, it| text.line(moved(look, it)));
    and_more(look, text, named, named.first.len().min(FEW))
}

fn and_more(look: &Look, text: Html, named: &Named, shown: usize) -> Html {
    match named.count - shown {
        0 => text,
        more => text.line(html!(look.lang, "prices-and-more", count = more)),
    }
}

/// `WhatsApp ID · virtusim`.
fn route(it: &Move) -> String {
    let name = names::signed(&it.service_name, it.product);
    let provider: &ProviderId = &it.provider;
    match it.country.as_str() {
        "@" => format!("{name} · {provider}"),
        country => format!("{name} {country} · {provider}"),
    }
}

fn moved(look: &Look, it: &Move) -> Html {
    if let Some(price) = it.new.filter(|_| it.old == it.new) {
        return html!(
            look.lang,
            "prices-stays",
            route = route(it),
            price = look.money(price)
        );
    }
    let [old, new] = [it.old, it.new].map(|money| match money {
        Some(money) => look.money(money),
        None => plain!(look.lang, "label-prices-none"),
    });
    html!(
        look.lang,
        "prices-move",
        route = route(it),
        old = old,
        new = new
    )
}

fn loss(look: &Look, it: &Move) -> Html {
    let [cost, price] =
        [it.cost, it.new].map(|money| money.map_or(String::new(), |it| look.money(it)));
    html!(
        look.lang,
        "prices-loss",
        route = route(it),
        cost = cost,
        price = price
    )
}

/// A change after its Confirm.
pub(in crate::admin) fn done(look: &Look, set: &PriceSet) -> Screen {
    let lang = look.lang;
    let text = html!(
        lang,
        "prices-set",
        what = subject(look, &set.subject, &set.name),
        setting = names::setting(look, set.setting.as_ref())
    );
    let keyboard: Keyboard = look.keyboard();
    let id = set.id;
    keyboard
        .row([
            (
                plain!(lang, "button-prices-undo").as_str(),
                Callback::Pricing(PricingPress::Undo { id }),
            ),
            (
                plain!(lang, "button-back").as_str(),
                Callback::Pricing(back(&set.subject, &set.name)),
            ),
        ])
        .wide(
            &plain!(lang, "button-prices"),
            Callback::Pricing(PricingPress::Board),
        )
        .under(text)
}
