//! A user's own data: the document with it, and the end of the account.
//!
//! Invariant: nothing is erased by a single tap, and no money is given up without its amount on the
//! button.

use crate::bot::callback::Callback;
use crate::bot::callback::trust::TrustPress;
use crate::bot::html::{html, plain};
use crate::bot::keyboard::{Document, Screen};
use crate::bot::views::Look;
use crate::domain::money::Money;
use crate::shop::erase::Farewell;

/// The document with everything that is kept.
pub(crate) fn my_data(look: &Look, document: Document) -> Screen {
    Screen::plain(html!(look.lang, "mydata-ready")).with_document(document)
}

/// What deleting means, and what stands in the way.
pub(crate) fn farewell(look: &Look, farewell: &Farewell) -> Screen {
    let lang = look.lang;
    let text = html!(lang, "erase-title")
        .paragraph(html!(lang, "erase-gone"))
        .paragraph(html!(lang, "erase-stays"));
    let keyboard = look.keyboard();
    let menu = plain!(lang, "button-menu");
    if !farewell.is_possible() {
        let why = if farewell.expects_money && farewell.open == 0 {
            html!(lang, "erase-expects-money")
        } else {
            html!(lang, "erase-orders-run")
        };
        let orders = plain!(lang, "button-orders");
        return keyboard
            .wide(&orders, Callback::Orders { page: 0 })
            .wide(&menu, Callback::Menu)
            .under(text.paragraph(why));
    }
    let sure = Callback::Trust(TrustPress::EraseSure);
    if farewell.available == Money::ZERO {
        return keyboard
            .wide(&plain!(lang, "button-erase"), sure)
            .wide(&menu, Callback::Menu)
            .under(text);
    }
    let money = look.money(farewell.available);
    let text = text.paragraph(html!(lang, "erase-money", money = money.as_str()));
    keyboard
        .wide(&plain!(lang, "button-erase-spend"), Callback::Buy)
        .wide(
            &plain!(lang, "button-erase-pay-out"),
            Callback::Trust(TrustPress::Support),
        )
        .wide(&plain!(lang, "button-erase-give-up", money = money), sure)
        .wide(&menu, Callback::Menu)
        .under(text)
}

/// Asks a second time.
pub(crate) fn sure(look: &Look, farewell: &Farewell) -> Screen {
    let lang = look.lang;
    let given_up = farewell.available;
    let (text, label) = if given_up == Money::ZERO {
        (html!(lang, "erase-sure"), plain!(lang, "button-erase-now"))
    } else {
        let money = look.money(given_up);
        (
            html!(lang, "erase-sure-money", money = money.as_str()),
            plain!(lang, "button-erase-now-money", money = money),
        )
    };
    look.keyboard()
        .wide(&plain!(lang, "button-erase-not"), Callback::Menu)
        .wide(&label, Callback::Trust(TrustPress::EraseNow { given_up }))
        .under(text)
}

/// It is done.
pub(crate) fn erased(look: &Look) -> Screen {
    Screen::plain(html!(look.lang, "erase-done"))
}
