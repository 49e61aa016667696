//! Mailboxes: services, domains, and what the states of their orders mean.
//!
//! Invariant: every state tells what happened to the money.

use crate::bot::callback::mailing::Mailing;
use crate::bot::callback::{Callback, OperatorTag};
use crate::bot::html::{Html, cut, html, plain};
use crate::bot::keyboard::{Keyboard, Screen};
use crate::bot::views::Look;
use crate::bot::views::shelf::offer_label;
use crate::domain::order::OrderState;
use crate::shop::Page;
use crate::shop::buy::Quote;
use crate::shop::habits::Habits;
use crate::shop::mailbox::{MailDomainEntry, MailServiceEntry};
use crate::shop::orders::OrderView;

fn with_ways_out(look: &Look, keyboard: Keyboard, other: (String, Callback)) -> Keyboard {
    keyboard.columns(
        2,
        vec![other, (plain!(look.lang, "button-menu"), Callback::Menu)],
    )
}

/// The services that mailboxes are sold for, or those that a text finds.
pub(crate) fn services(
    look: &Look,
    page: &Page<MailServiceEntry>,
    habits: &Habits,
    text: Option<&str>,
) -> Screen {
    let buttons = page.rows.iter().map(|entry| {
        let callback = Callback::Mail(Mailing::Service { service: entry.id });
        let name = cut(&entry.name, 24);
        let name = match habits.is_favourite(entry.id) {
            true => plain!(look.lang, "label-favourite", name = name.as_ref()),
            false => name.into_owned(),
        };
        let label = offer_label(look, &name, entry.price, entry.stock.filter(|it| *it == 0));
        (label, callback)
    });
    let keyboard = look.keyboard().columns(2, buttons.collect());
    let text = text.map(|text| cut(text.trim(), 40));
    let keyboard = match text {
        None => keyboard.pager(page.page, page.pages, |page| {
            Callback::Mail(Mailing::Services { page })
        }),
        Some(_) => keyboard.wide(
            &plain!(look.lang, "button-all-services"),
            Callback::Mail(Mailing::Services { page: 0 }),
        ),
    };
    let found = match text {
        None if page.rows.is_empty() => html!(look.lang, "mail-nothing"),
        None => html!(look.lang, "mail-services"),
        Some(text) if page.rows.is_empty() => {
            html!(look.lang, "mail-not-found", text = text.as_ref())
        }
        Some(text) => html!(look.lang, "mail-found", text = text.as_ref()),
    };
    let domains = plain!(look.lang, "button-by-domain");
    with_ways_out(look, keyboard, (domains, Callback::Mail(Mailing::Domains))).under(found)
}

/// The domains.
pub(crate) fn domains(look: &Look, domains: &[String]) -> Screen {
    let buttons = domains.iter().map(|domain| {
        let tag = OperatorTag::of(domain);
        let callback = Callback::Mail(Mailing::Domain {
            domain: tag,
            page: 0,
        });
        (format!("@{}", cut(domain, 40)), callback)
    });
    let keyboard = look.keyboard().columns(2, buttons.collect());
    let by_service = (
        plain!(look.lang, "button-by-service"),
        Callback::Mail(Mailing::Services { page: 0 }),
    );
    with_ways_out(look, keyboard, by_service).under(html!(look.lang, "mail-domains"))
}

/// The domains of a service.
pub(crate) fn service(
    look: &Look,
    entry: &MailServiceEntry,
    domains: &[MailDomainEntry],
    is_favourite: bool,
) -> Screen {
    let buttons = domains.iter().map(|domain| {
        let tag = OperatorTag::of(&domain.domain);
        let callback = Callback::Mail(Mailing::Offer {
            service: entry.id,
            domain: tag,
        });
        let label = offer_label(
            look,
            &cut(&format!("@{}", domain.domain), 24),
            domain.price,
            domain.stock,
        );
        (label, callback)
    });
    let keyboard = look.keyboard().columns(1, buttons.collect());
    let keyboard = keyboard.wide(
        &look.star(is_favourite),
        Callback::Mail(Mailing::Star {
            service: entry.id,
            on: !is_favourite,
        }),
    );
    let all = (
        plain!(look.lang, "button-all-services"),
        Callback::Mail(Mailing::Services { page: 0 }),
    );
    let text = html!(look.lang, "mail-service", service = entry.name.as_str());
    with_ways_out(look, keyboard, all).under(text)
}

/// The services of a domain.
pub(crate) fn domain(look: &Look, domain: &str, page: &Page<MailServiceEntry>) -> Screen {
    let tag = OperatorTag::of(domain);
    let buttons = page.rows.iter().map(|entry| {
        let callback = Callback::Mail(Mailing::Offer {
            service: entry.id,
            domain: tag,
        });
        (
            offer_label(look, &cut(&entry.name, 24), entry.price, entry.stock),
            callback,
        )
    });
    let keyboard =
        look.keyboard()
            .columns(1, buttons.collect())
            .pager(page.page, page.pages, |page| {
                Callback::Mail(Mailing::Domain { domain: tag, page })
            });
    let all = (
        plain!(look.lang, "button-by-domain"),
        Callback::Mail(Mailing::Domains),
    );
    with_ways_out(look, keyboard, all).under(html!(look.lang, "mail-domain", domain = domain))
}

/// What a quote for a mailbox says besides its price.
pub(crate) fn quote_lines(look: &Look, quote: &Quote, text: Html) -> Html {
    text.paragraph(html!(
        look.lang,
        "mail-promise",
        lifetime = look.lang.span(quote.lifetime)
    ))
}

/// What a mailbox's state means, where an SMS is spoken of otherwise.
pub(crate) fn state_text(look: &Look, order: &OrderView) -> Option<Html> {
    let lang = look.lang;
    let price = look.money(order.price);
    let settled_in = lang.span(order.deadline_at - look.now);
    let left = lang.span(order.expires_at.unwrap_or(order.deadline_at) - look.now);
    match order.state {
        OrderState::Held | OrderState::Placing => {
            Some(html!(lang, "card-mail-reserving", price = price))
        }
        OrderState::InDoubt => Some(html!(
            lang,
            "card-mail-in-doubt",
            price = price,
            span = settled_in
        )),
        OrderState::Waiting => Some(html!(lang, "card-mail-waiting", left = left, price = price)),
        OrderState::Cancelling if !order.is_given_back() => Some(html!(
            lang,
            "card-mail-cancelling",
            price = price,
            span = settled_in
        )),
        OrderState::Received => Some(html!(lang, "card-mail-received", price = price)),
        OrderState::Expired => Some(html!(lang, "card-mail-expired", price = price)),
        OrderState::Quoted
        | OrderState::Cancelling
        | OrderState::Completed
        | OrderState::Cancelled
        | OrderState::Failed => None,
    }
}
