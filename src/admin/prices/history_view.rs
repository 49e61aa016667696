//! The history of prices.
//!
//! Invariant: a line says who, when, and from what to what; only what can be taken back has a
//! button for it.

use super::draft_view::subject;
use super::names;
use crate::bot::callback::Callback;
use crate::bot::callback::pricing::PricingPress;
use crate::bot::html::{Html, html, plain};
use crate::bot::keyboard::Screen;
use crate::bot::views::Look;
use crate::bot::views::stars::person;
use crate::shop::Page;
use crate::shop::prices::history::ChangeView;

/// A page of the history.
pub(super) fn history(look: &Look, page: &Page<ChangeView>) -> Screen {
    let lang = look.lang;
    let mut text = html!(lang, "prices-history");
    if page.rows.is_empty() {
        text = text.paragraph(html!(lang, "prices-no-history"));
    }
    let mut undo = Vec::new();
    for change in &page.rows {
        text = text.paragraph(line(look, change));
        if change.is_last {
            let label = plain!(lang, "button-prices-undo-one", id = change.id.to_string());
            let id = change.id;
            undo.push((label, Callback::Pricing(PricingPress::Undo { id })));
        }
    }
    look.keyboard()
        .columns(3, undo)
        .pager(page.page, page.pages, |page| {
            Callback::Pricing(PricingPress::History { page })
        })
        .wide(
            &plain!(lang, "button-prices"),
            Callback::Pricing(PricingPress::Board),
        )
        .under(text)
}

fn line(look: &Look, change: &ChangeView) -> Html {
    let lang = look.lang;
    let who = change
        .person
        .as_ref()
        .map_or_else(|| change.admin.to_string(), person);
    let text = html!(
        lang,
        "prices-change",
        id = change.id.to_string(),
        what = subject(look, &change.subject, &change.name),
        who = who,
        ago = lang.ago(change.at, look.now),
        old = names::setting(look, change.old.as_ref()),
        new = names::setting(look, change.new.as_ref())
    );
    match change.undoes {
        Some(id) => text.line(html!(lang, "prices-undid", id = id.to_string())),
        None => text,
    }
}
