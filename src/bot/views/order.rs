//! An order: its card, the SMS, the refund, and the list of orders.
//!
//! Invariant: every state tells what happened to the money, and a card offers only what the
//! order's present state allows.

use crate::bot::callback::Callback;
use crate::bot::html::{Html, cut, html, plain};
use crate::bot::i18n::countdown;
use crate::bot::keyboard::{Keyboard, Screen};
use crate::bot::views::{Look, mailbox, rental};
use crate::domain::order::{FailReason, OrderState};
use crate::domain::product::Product;
use crate::shop::Page;
use crate::shop::orders::{OrderView, SmsView};

/// One SMS alone on a message; far under Telegram's limit with everything around it.
const SMS_UNITS: usize = 3000;
/// One of several SMS on a card.
const CARD_SMS_UNITS: usize = 700;
/// The latest SMS that a card shows.
const CARD_SMS: usize = 3;

/// Where a card stands, for the way out under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CardUse {
    /// The live card: it is edited later on, so ways out open below it.
    Live,
    /// Opened from the list of orders, which it may give back.
    FromList,
}

/// What an order is for, as far as a line has room.
pub(crate) fn title(look: &Look, order: &OrderView) -> String {
    let service = cut(&order.service_name, 64);
    match order.product {
        Product::Activation => format!("{service} · {}", look.place(&order.country)),
        Product::Mailbox => plain!(look.lang, "mailbox-title", service = service.as_ref()),
        Product::Rental | Product::Renewal => rental::title(look, order),
    }
}

fn heading(look: &Look, order: &OrderView) -> Html {
    let mut what = title(look, order);
    if let Some(server) = order.server {
        what.push_str(" · ");
        what.push_str(&plain!(look.lang, "server", number = server.0));
    }
    if let Some(operator) = &order.operator {
        what.push_str(" · ");
        what.push_str(&cut(operator, 40));
    }
    Html::bold(&what).line(html!(look.lang, "order-number", id = order.id.to_string()))
}

pub(super) fn international(number: &str) -> String {
    format!("+{}", number.trim_start_matches('+'))
}

/// What was bought, as it is typed elsewhere: a number, or an address.
fn bought(order: &OrderView) -> Option<String> {
    let number = order.number.as_deref()?;
    Some(match order.product {
        Product::Mailbox => number.to_owned(),
        Product::Activation | Product::Rental | Product::Renewal => international(number),
    })
}

/// What the order's state means, and where the money is.
fn state_text(look: &Look, order: &OrderView) -> Html {
    let lang = look.lang;
    let price = look.money(order.price);
    let settled_in = lang.span(order.deadline_at - look.now);
    if let Some(text) = product_text(look, order) {
        return text;
    }
    match order.state {
        OrderState::Quoted => html!(lang, "card-quoted"),
        OrderState::Held if order.queued_until.is_some() => {
            html!(lang, "card-queued", price = price, span = settled_in)
        }
        OrderState::Held | OrderState::Placing => html!(lang, "card-reserving", price = price),
        OrderState::InDoubt => {
            html!(lang, "card-in-doubt", price = price, span = settled_in)
        }
        OrderState::Waiting => {
            let left = order.expires_at.unwrap_or(order.deadline_at) - look.now;
            html!(lang, "card-waiting", left = lang.span(left), price = price)
        }
        OrderState::Cancelling if order.is_given_back() => {
            html!(lang, "card-given-back", price = price, span = settled_in)
        }
        OrderState::Cancelling => {
            html!(lang, "card-cancelling", price = price, span = settled_in)
        }
        OrderState::Received if order.awaits_another => {
            let left = order.expires_at.unwrap_or(order.deadline_at) - look.now;
            html!(
                lang,
                "card-awaits-another",
                left = lang.span(left),
                price = price
            )
        }
        OrderState::Received => html!(lang, "card-received", price = price),
        OrderState::Completed => html!(lang, "card-completed", price = price),
        OrderState::Cancelled if order.is_given_back() => {
            html!(lang, "card-was-given-back", price = price)
        }
        OrderState::Cancelled => html!(lang, "card-cancelled", price = price),
        OrderState::Expired => html!(lang, "card-expired", price = price),
        OrderState::Failed => failed_text(look, order.reason, price),
    }
}

/// What the state means for other products than a number, where it differs.
fn product_text(look: &Look, order: &OrderView) -> Option<Html> {
    match order.product {
        Product::Activation => None,
        Product::Mailbox => mailbox::state_text(look, order),
        Product::Rental | Product::Renewal => rental::state_text(look, order),
    }
}

fn failed_text(look: &Look, reason: Option<FailReason>, price: String) -> Html {
    match reason {
        Some(FailReason::OutOfStock) => html!(look.lang, "failed-out-of-stock", price = price),
        Some(FailReason::UpstreamDown) => html!(look.lang, "failed-upstream", price = price),
        Some(FailReason::PriceRose) => html!(look.lang, "failed-price-rose", price = price),
        Some(FailReason::NeverConfirmed) => {
            html!(look.lang, "failed-never-confirmed", price = price)
        }
        Some(FailReason::TooLate) => html!(look.lang, "failed-too-late", price = price),
        Some(FailReason::QueuedInVain) => html!(look.lang, "failed-queued-in-vain", price = price),
        None => html!(look.lang, "failed", price = price),
    }
}

fn with_sms(text: Html, sms: &SmsView, units: usize) -> Html {
    let text = match &sms.code {
        Some(code) => text.paragraph(Html::code(code)),
        None => text,
    };
    text.paragraph(Html::quote(&cut(&sms.text, units)))
}

/// Where number and texts stood before they were erased.
pub(super) fn erased(look: &Look, after_days: u32) -> Html {
    let span = look.lang.hours(after_days.saturating_mul(24));
    html!(look.lang, "card-erased", span = span)
}

/// An order's card.
pub(crate) fn card(look: &Look, order: &OrderView, card_use: CardUse) -> Screen {
    let mut text = heading(look, order);
    let is_usable = order.state != OrderState::Cancelling || !order.is_given_back();
    if let Some(number) = bought(order).filter(|_| is_usable) {
        text = text.paragraph(Html::code(&number));
    }
    let units = if order.sms.len() > 1 {
        CARD_SMS_UNITS
    } else {
        SMS_UNITS
    };
    for sms in order.sms.iter().rev().take(CARD_SMS).rev() {
        text = match order.product {
            Product::Rental => text.paragraph(rental::sms_text(look, sms, units)),
            Product::Activation | Product::Renewal | Product::Mailbox => with_sms(text, sms, units),
        };
    }
    text = text.paragraph(state_text(look, order));
    if let Some(days) = order.erased_after_days {
        text = text.paragraph(erased(look, days));
    }
    let is_late = order.state.is_final() && order.state != OrderState::Completed;
    if is_late && !order.sms.is_empty() {
        text = text.line(html!(look.lang, "card-late-sms"));
    }
    let keyboard = card_buttons(look, order);
    match card_use {
        CardUse::Live => {
            keyboard.wide(&plain!(look.lang, "button-menu-below"), Callback::MenuBelow)
        }
        CardUse::FromList => keyboard.wide(
            &plain!(look.lang, "button-back"),
            Callback::Orders { page: 0 },
        ),
    }
    .under(text)
}

fn card_buttons(look: &Look, order: &OrderView) -> Keyboard {
    let id = order.id;
    let mut keyboard = look.keyboard();
    if let Some(code) = order.sms.last().and_then(|sms| sms.code.as_deref()) {
        let label = plain!(look.lang, "button-copy-code", code = code);
        keyboard = keyboard.copy(&label, code);
    } else if let Some(number) = bought(order) {
        let label = match order.product {
            Product::Mailbox => plain!(look.lang, "button-copy-address"),
            Product::Activation | Product::Rental | Product::Renewal => {
                plain!(look.lang, "button-copy-number")
            }
        };
        keyboard = keyboard.copy(&label, &number);
    }
    if order.product == Product::Rental && order.number.is_some() {
        return rental::buttons(look, order, keyboard);
    }
    if let Some(from) = order.cancel_from {
        let label = if from > look.now {
            plain!(
                look.lang,
                "button-cancel-later",
                wait = countdown(from - look.now)
            )
        } else {
            plain!(look.lang, "button-cancel")
        };
        keyboard = keyboard.wide(&label, Callback::Cancel { id });
    }
    if order.can_resend {
        let label = plain!(look.lang, "button-another-sms");
        keyboard = keyboard.wide(&label, Callback::Resend { id });
    }
    if let Some(renewal) = &order.renewal {
        let id = renewal.rental;
        let open = plain!(look.lang, "button-open-rental");
        return keyboard.wide(&open, Callback::Order { id });
    }
    let again = plain!(look.lang, "button-buy-again");
    if order.state == OrderState::Received {
        let finish = plain!(look.lang, "button-finish");
        keyboard.row([
            (finish.as_str(), Callback::Finish { id }),
            (again.as_str(), Callback::Again { id }),
        ])
    } else if order.state.is_final() {
        keyboard.wide(&again, Callback::Again { id })
    } else {
        keyboard
    }
}

/// An SMS as a message of its own.
pub(crate) fn sms(look: &Look, order: &OrderView, sms: &SmsView) -> Screen {
    if order.product == Product::Rental {
        return rental_sms(look, order, sms);
    }
    let service = cut(&order.service_name, 64);
    let title = match &sms.code {
        Some(_) => html!(look.lang, "sms-code", service = service.as_ref()),
        None if order.product == Product::Mailbox => {
            html!(look.lang, "mail-no-code", service = service.as_ref())
        }
        None => html!(look.lang, "sms-no-code", service = service.as_ref()),
    };
    let mut keyboard = look.keyboard();
    if let Some(code) = &sms.code {
        let label = plain!(look.lang, "button-copy-code", code = code);
        keyboard = keyboard.copy(&label, code);
    }
    keyboard.under(with_sms(title, sms, SMS_UNITS))
}

/// An SMS to a rented number: which number it is is not plain from it.
fn rental_sms(look: &Look, order: &OrderView, sms: &SmsView) -> Screen {
    let number = bought(order).unwrap_or_default();
    let text = Html::bold(&title(look, order))
        .line(Html::code(&number))
        .paragraph(rental::sms_text(look, sms, SMS_UNITS));
    let id = order.id;
    let mut keyboard = look.keyboard();
    if let Some(code) = &sms.code {
        let label = plain!(look.lang, "button-copy-code", code = code);
        keyboard = keyboard.copy(&label, code);
    }
    keyboard
        .wide(&plain!(look.lang, "button-open"), Callback::Order { id })
        .under(text)
}

/// An order that waited for a number has one.
pub(crate) fn arrived(look: &Look, order: &OrderView) -> Screen {
    let mut text = heading(look, order).paragraph(html!(look.lang, "arrived"));
    if let Some(number) = bought(order) {
        text = text.paragraph(Html::code(&number));
    }
    let text = text.paragraph(state_text(look, order));
    let id = order.id;
    look.keyboard()
        .wide(&plain!(look.lang, "button-open"), Callback::Order { id })
        .under(text)
}

/// The money of an order came back without the user having asked.
pub(crate) fn refunded(look: &Look, order: &OrderView) -> Screen {
    let text = heading(look, order).paragraph(state_text(look, order));
    let id = order.id;
    look.keyboard()
        .wide(
            &plain!(look.lang, "button-buy-again"),
            Callback::Again { id },
        )
        .wide(&plain!(look.lang, "button-menu-below"), Callback::MenuBelow)
        .under(text)
}

/// What stays where a card stood before it was opened anew.
pub(crate) fn moved(look: &Look, order: &OrderView) -> Screen {
    Screen {
        text: heading(look, order).paragraph(html!(look.lang, "card-moved")),
        keyboard: Some(teloxide::types::InlineKeyboardMarkup::default()),
        attachment: None,
    }
}

/// What an order is for, in the list of all.
fn list_name(look: &Look, order: &OrderView) -> String {
    match order.product {
        Product::Activation => cut(&order.service_name, 20).into_owned(),
        Product::Mailbox => title(look, order),
        Product::Rental | Product::Renewal => rental::short_title(look, order),
    }
}

/// Where an order stands, in a word.
pub(crate) fn state_label(look: &Look, order: &OrderView) -> String {
    match order.state {
        OrderState::Held if order.queued_until.is_some() => plain!(look.lang, "state-queued"),
        OrderState::Quoted | OrderState::Held | OrderState::Placing => {
            plain!(look.lang, "state-reserving")
        }
        OrderState::InDoubt => plain!(look.lang, "state-in-doubt"),
        OrderState::Waiting => plain!(look.lang, "state-waiting"),
        OrderState::Received if order.product == Product::Rental => {
            plain!(look.lang, "state-rented")
        }
        OrderState::Received => plain!(look.lang, "state-received"),
        OrderState::Cancelling => plain!(look.lang, "state-cancelling"),
        OrderState::Completed => plain!(look.lang, "state-completed"),
        OrderState::Cancelled => plain!(look.lang, "state-cancelled"),
        OrderState::Expired => plain!(look.lang, "state-expired"),
        OrderState::Failed => plain!(look.lang, "state-failed"),
    }
}

/// An order on a button of a list.
pub(crate) fn list_label(look: &Look, order: &OrderView) -> String {
    plain!(
        look.lang,
        "label-order",
        state = state_label(look, order),
        service = cut(&list_name(look, order), 24).as_ref(),
        ago = look.lang.ago(order.created_at, look.now)
    )
}

/// The list of orders, with the way to what else the user waits for.
pub(crate) fn list(look: &Look, page: &Page<OrderView>, watches: usize) -> Screen {
    let others: Vec<_> = (watches > 0)
        .then(|| plain!(look.lang, "button-watches-count", count = watches))
        .map(|label| (label, Callback::Watches))
        .into_iter()
        .collect();
    if page.rows.is_empty() {
        return look
            .keyboard()
            .columns(1, others)
            .wide(&plain!(look.lang, "button-buy"), Callback::Buy)
            .wide(&plain!(look.lang, "button-menu"), Callback::Menu)
            .under(html!(look.lang, "orders-none"));
    }
    let rows = page
        .rows
        .iter()
        .map(|order| (list_label(look, order), Callback::Order { id: order.id }))
        .collect();
    look.keyboard()
        .columns(1, rows)
        .pager(page.page, page.pages, |page| Callback::Orders { page })
        .columns(1, others)
        .wide(&plain!(look.lang, "button-menu"), Callback::Menu)
        .under(html!(look.lang, "orders"))
}
