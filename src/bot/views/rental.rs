//! Rentals: countries, durations, the user's rentals, their SMS, and what happens at their end.
//!
//! Invariant: a rental is shown with the time that is left, and the upstream that rents it out is
//! not shown at all.

use crate::bot::callback::renting::Renting;
use crate::bot::callback::{Callback, Iso2};
use crate::bot::html::{Html, cut, html, plain};
use crate::bot::keyboard::{Keyboard, Screen};
use crate::bot::views::Look;
use crate::bot::views::order::international;
use crate::domain::order::OrderState;
use crate::shop::Page;
use crate::shop::browse::{CountryEntry, ServiceId};
use crate::shop::buy::Quote;
use crate::shop::habits::Habits;
use crate::shop::orders::{OrderView, SmsView};
use crate::shop::rental::renew::RenewalEntry;
use crate::shop::rental::shelf::DurationEntry;

/// Countries on one page.
const COUNTRIES_PER_PAGE: usize = 20;
/// One of several SMS on a page of them.
const INBOX_SMS_UNITS: usize = 500;

/// The countries in which numbers are rented out.
pub(crate) fn countries(
    look: &Look,
    found: &[CountryEntry],
    habits: &Habits,
    text: Option<&str>,
    page: usize,
) -> Screen {
    let pages = found.len().div_ceil(COUNTRIES_PER_PAGE).max(1);
    let page = page.min(pages - 1);
    let buttons = found
        .iter()
        .skip(page * COUNTRIES_PER_PAGE)
        .take(COUNTRIES_PER_PAGE)
        .filter_map(|entry| {
            let country = Iso2::new(&entry.country.iso2)?;
            let callback = Callback::Rent(Renting::Durations { country });
            let place = look.place(&entry.country);
            let label = match habits.is_favourite_place(&entry.country.iso2) {
                true => plain!(look.lang, "label-favourite", name = place),
                false => place,
            };
            Some((label, callback))
        })
        .collect();
    let keyboard = look.keyboard().columns(2, buttons);
    let keyboard = match text {
        None => keyboard.pager(page, pages, |page| {
            Callback::Rent(Renting::Countries { page })
        }),
        Some(_) => keyboard.wide(
            &plain!(look.lang, "button-all-countries"),
            Callback::Rent(Renting::Countries { page: 0 }),
        ),
    };
    let text = match text.map(|text| cut(text.trim(), 40)) {
        None if found.is_empty() => html!(look.lang, "rent-nothing"),
        None => html!(look.lang, "rent-countries"),
        Some(text) if found.is_empty() => {
            html!(look.lang, "rent-not-found", text = text.as_ref())
        }
        Some(text) => html!(look.lang, "rent-found", text = text.as_ref()),
    };
    with_ways_out(look, keyboard).under(text)
}

fn with_ways_out(look: &Look, keyboard: Keyboard) -> Keyboard {
    keyboard.columns(
        2,
        vec![
            (
                plain!(look.lang, "button-my-rentals"),
                Callback::Rent(Renting::Mine { page: 0 }),
            ),
            (plain!(look.lang, "button-menu"), Callback::Menu),
        ],
    )
}

fn duration_label(look: &Look, entry: &DurationEntry) -> String {
    let span = look.lang.hours(entry.hours);
    let price = look.money(entry.price);
    match (entry.stock, entry.per_day.filter(|_| entry.hours > 24)) {
        (Some(0), _) => plain!(look.lang, "label-sold-out", name = span),
        (_, Some(day)) => plain!(
            look.lang,
            "label-duration-per-day",
            span = span,
            price = price,
            day = look.money(day)
        ),
        (_, None) => plain!(look.lang, "label-service", name = span, price = price),
    }
}

/// The durations of a country.
pub(crate) fn durations(
    look: &Look,
    entry: &CountryEntry,
    durations: &[DurationEntry],
    is_favourite: bool,
) -> Screen {
    let country = Iso2::new(&entry.country.iso2);
    let star = country.map(|country| {
        let on = !is_favourite;
        let callback = Callback::Rent(Renting::Star { country, on });
        (look.star(is_favourite), callback)
    });
    let buttons = durations.iter().filter_map(|duration| {
        let callback = Callback::Rent(Renting::Offer {
            country: country?,
            service: duration.service,
        });
        Some((duration_label(look, duration), callback))
    });
    look.keyboard()
        .columns(1, buttons.collect())
        .columns(1, star.into_iter().collect())
        .columns(
            2,
            vec![
                (
                    plain!(look.lang, "button-country"),
                    Callback::Rent(Renting::Countries { page: 0 }),
                ),
                (plain!(look.lang, "button-menu"), Callback::Menu),
            ],
        )
        .under(html!(
            look.lang,
            "rent-durations",
            country = look.place(&entry.country)
        ))
}

/// While the upstream is asked what is left.
pub(crate) fn checking(look: &Look, back: Callback) -> Screen {
    look.keyboard()
        .wide(&plain!(look.lang, "button-back"), back)
        .under(html!(look.lang, "rent-checking"))
}

/// Which reminders of a rental's end the user wants.
pub(crate) fn reminders(look: &Look, reminders: &[(u32, bool)]) -> Screen {
    let buttons = reminders.iter().map(|(hours, is_wanted)| {
        let (hours, on) = (*hours, !is_wanted);
        let sign = if *is_wanted { "✓" } else { "✗" };
        let span = look.lang.hours(hours);
        let label = plain!(look.lang, "label-reminder", sign = sign, span = span);
        (label, Callback::Rent(Renting::Remind { hours, on }))
    });
    look.keyboard()
        .columns(1, buttons.collect())
        .wide(&plain!(look.lang, "button-back"), Callback::Settings)
        .under(html!(look.lang, "reminders"))
}

/// What a quote for a time says besides its price.
pub(crate) fn quote_lines(look: &Look, quote: &Quote, text: Html) -> Html {
    let text = match quote.stock {
        Some(stock) => text.paragraph(html!(look.lang, "rent-left", count = stock)),
        None => text,
    };
    if quote.is_renewal {
        return text.paragraph(html!(look.lang, "renewal-promise"));
    }
    text.paragraph(html!(look.lang, "rent-promise"))
}

/// Where the Back button of a quote for a time leads.
pub(crate) fn quote_back(quote: &Quote) -> Callback {
    match Iso2::new(&quote.choice.country) {
        Some(country) if !quote.is_renewal => Callback::Rent(Renting::Durations { country }),
        Some(_) | None => Callback::Rent(Renting::Mine { page: 0 }),
    }
}

/// `30 d · 🇺🇸 United States · work`.
pub(crate) fn title(look: &Look, order: &OrderView) -> String {
    let place = look.place(&order.country);
    let label = order.rental.as_ref().and_then(|it| it.label.as_deref());
    let hours = order.rental.as_ref().map(|it| it.hours);
    let hours = hours.or(order.renewal.as_ref().map(|it| it.hours));
    let span = look.lang.hours(hours.unwrap_or(0));
    let what = match &order.renewal {
        Some(_) => plain!(look.lang, "renewal-title", span = span),
        None => plain!(look.lang, "rental-title", span = span),
    };
    match label {
        Some(label) => format!("{} · {what} · {place}", cut(label, 32)),
        None => format!("{what} · {place}"),
    }
}

/// `📞 30 d 🇺🇸 work`, where there is little room.
pub(crate) fn short_title(look: &Look, order: &OrderView) -> String {
    let (sign, hours) = match (&order.rental, &order.renewal) {
        (_, Some(renewal)) => ("🔁", renewal.hours),
        (Some(rental), None) => ("📞", rental.hours),
        (None, None) => ("📞", 0),
    };
    let label = order.rental.as_ref().and_then(|it| it.label.as_deref());
    let span = look.lang.hours(hours);
    let flag = order.country.flag();
    match label {
        Some(label) => format!("{sign} {span} {flag} {label}"),
        None => format!("{sign} {span} {flag}"),
    }
}

/// What a rental's or a renewal's state means, where it differs from other orders'.
pub(crate) fn state_text(look: &Look, order: &OrderView) -> Option<Html> {
    let price = look.money(order.price);
    let ends = order.expires_at.unwrap_or(order.deadline_at);
    let until = look.date(ends);
    match (order.state, &order.renewal) {
        (OrderState::Held | OrderState::Placing, Some(_)) => {
            Some(html!(look.lang, "card-renewing", price = price))
        }
        (OrderState::Received | OrderState::Completed, Some(_)) => Some(html!(
            look.lang,
            "card-renewed",
            price = price,
            until = until
        )),
        (OrderState::Received, None) => Some(html!(
            look.lang,
            "card-rented",
            left = look.lang.span(ends - look.now),
            until = until
        )),
        (OrderState::Completed, None) => Some(html!(look.lang, "card-rental-over", until = until)),
        _ => None,
    }
}

/// The buttons of a rental that was delivered.
pub(crate) fn buttons(look: &Look, order: &OrderView, mut keyboard: Keyboard) -> Keyboard {
    let id = order.id;
    let lang = look.lang;
    let inbox = Callback::Rent(Renting::Inbox { id, page: 0 });
    keyboard = keyboard.wide(&plain!(lang, "button-inbox"), inbox);
    if order.state != OrderState::Received {
        return keyboard.wide(&plain!(lang, "button-buy-again"), Callback::Again { id });
    }
    let is_muted = order.rental.as_ref().is_some_and(|rental| rental.is_muted);
    let mute = if is_muted {
        plain!(lang, "button-unmute")
    } else {
        plain!(lang, "button-mute")
    };
    let mute_callback = Callback::Rent(Renting::Mute { id, on: !is_muted });
    keyboard
        .wide(
            &plain!(lang, "button-renew"),
            Callback::Rent(Renting::Renewals { id }),
        )
        .columns(
            2,
            vec![
                (
                    plain!(lang, "button-label"),
                    Callback::Rent(Renting::Label { id }),
                ),
                (mute, mute_callback),
            ],
        )
}

/// The user's rentals.
pub(crate) fn mine(look: &Look, page: &Page<OrderView>) -> Screen {
    let rows = page.rows.iter().map(|order| {
        let number = order.number.as_deref().map(international);
        let label = order.rental.as_ref().and_then(|it| it.label.as_deref());
        let name = label.or(number.as_deref()).unwrap_or_default();
        let left = match order
            .expires_at
            .filter(|_| order.state == OrderState::Received)
        {
            Some(ends) => look.lang.span(ends - look.now),
            None => plain!(look.lang, "state-completed"),
        };
        let label = plain!(
            look.lang,
            "label-rental",
            flag = order.country.flag(),
            name = cut(name, 32).as_ref(),
            left = left
        );
        (label, Callback::Order { id: order.id })
    });
    let text = if page.rows.is_empty() {
        html!(look.lang, "rentals-none")
    } else {
        html!(look.lang, "rentals")
    };
    look.keyboard()
        .columns(1, rows.collect())
        .pager(page.page, page.pages, |page| {
            Callback::Rent(Renting::Mine { page })
        })
        .columns(
            2,
            vec![
                (
                    plain!(look.lang, "button-rent"),
                    Callback::Rent(Renting::Countries { page: 0 }),
                ),
                (plain!(look.lang, "button-menu"), Callback::Menu),
            ],
        )
        .under(text)
}

/// One SMS with its sender, its time, its code and its text.
pub(crate) fn sms_text(look: &Look, sms: &SmsView, units: usize) -> Html {
    let sender = sms.sender.as_deref().map(|sender| cut(sender, 40));
    let when = look.date(sms.seen_at);
    let head = match sender {
        Some(sender) => html!(
            look.lang,
            "sms-from",
            sender = sender.as_ref(),
            when = when.as_str()
        ),
        None => html!(look.lang, "sms-at", when = when.as_str()),
    };
    let head = match &sms.code {
        Some(code) => head.line(Html::code(code)),
        None => head,
    };
    head.line(Html::quote(&cut(&sms.text, units)))
}

/// The SMS of a rental, newest first.
pub(crate) fn inbox(look: &Look, order: &OrderView, page: &Page<SmsView>) -> Screen {
    let id = order.id;
    let mut text = Html::bold(&title(look, order));
    if let Some(number) = &order.number {
        text = text.line(Html::code(&international(number)));
    }
    if let Some(days) = order.erased_after_days {
        text = text.paragraph(super::order::erased(look, days));
    } else if page.rows.is_empty() {
        text = text.paragraph(html!(look.lang, "inbox-none"));
    }
    let mut keyboard = look.keyboard();
    for sms in &page.rows {
        text = text.paragraph(sms_text(look, sms, INBOX_SMS_UNITS));
        if let Some(code) = &sms.code {
            let label = plain!(look.lang, "button-copy-code", code = code);
            keyboard = keyboard.copy(&label, code);
        }
    }
    keyboard
        .pager(page.page, page.pages, |page| {
            Callback::Rent(Renting::Inbox { id, page })
        })
        .columns(
            2,
            vec![
                (
                    plain!(look.lang, "button-try-again-inbox"),
                    Callback::Rent(Renting::Inbox { id, page: 0 }),
                ),
                (plain!(look.lang, "button-back"), Callback::Order { id }),
            ],
        )
        .under(text)
}

/// For how long a rental can be renewed.
pub(crate) fn renewals(look: &Look, order: &OrderView, entries: &[RenewalEntry]) -> Screen {
    let id = order.id;
    let buttons = entries.iter().map(|entry| {
        let service: ServiceId = entry.service;
        let label = plain!(
            look.lang,
            "label-service",
            name = look.lang.hours(entry.hours),
            price = look.money(entry.price)
        );
        (label, Callback::Rent(Renting::Renewal { id, service }))
    });
    let ends = order.expires_at.unwrap_or(order.deadline_at);
    let text = if entries.is_empty() {
        html!(look.lang, "renew-nothing")
    } else {
        html!(
            look.lang,
            "renew-durations",
            left = look.lang.span(ends - look.now),
            until = look.date(ends)
        )
    };
    look.keyboard()
        .columns(1, buttons.collect())
        .wide(&plain!(look.lang, "button-back"), Callback::Order { id })
        .under(Html::bold(&title(look, order)).paragraph(text))
}

/// Asks what a rental is to be called.
pub(crate) fn ask_label(look: &Look, order: &OrderView) -> Screen {
    let id = order.id;
    look.keyboard()
        .wide(&plain!(look.lang, "button-back"), Callback::Order { id })
        .under(Html::bold(&title(look, order)).paragraph(html!(look.lang, "rental-ask-label")))
}

/// A rental was named.
pub(crate) fn labelled(look: &Look, order: &OrderView) -> Screen {
    let id = order.id;
    look.keyboard()
        .wide(&plain!(look.lang, "button-open"), Callback::Order { id })
        .under(Html::bold(&title(look, order)).paragraph(html!(look.lang, "rental-labelled")))
}

/// A rental ends soon.
pub(crate) fn ends(look: &Look, order: &OrderView) -> Screen {
    let ends = order.expires_at.unwrap_or(order.deadline_at);
    let id = order.id;
    let mut text = Html::bold(&title(look, order));
    if let Some(number) = &order.number {
        text = text.line(Html::code(&international(number)));
    }
    look.keyboard()
        .wide(
            &plain!(look.lang, "button-renew"),
            Callback::Rent(Renting::Renewals { id }),
        )
        .wide(&plain!(look.lang, "button-open"), Callback::Order { id })
        .under(text.paragraph(html!(
            look.lang,
            "rental-ends",
            left = look.lang.span(ends - look.now),
            until = look.date(ends)
        )))
}

/// A rental's time is over.
pub(crate) fn over(look: &Look, order: &OrderView) -> Screen {
    let id = order.id;
    let mut text = Html::bold(&title(look, order));
    if let Some(number) = &order.number {
        text = text.line(Html::code(&international(number)));
    }
    look.keyboard()
        .wide(
            &plain!(look.lang, "button-inbox"),
            Callback::Rent(Renting::Inbox { id, page: 0 }),
        )
        .wide(
            &plain!(look.lang, "button-rent"),
            Callback::Rent(Renting::Countries { page: 0 }),
        )
        .under(text.paragraph(html!(look.lang, "rental-over")))
}
