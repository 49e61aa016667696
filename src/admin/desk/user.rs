//! `/user`: who somebody is, what they did, and what to do about them.
//!
//! Invariant: nothing is sent to a user before the admin saw it as it will be.

use super::button;
use crate::bot::callback::desk::DeskPress;
use crate::bot::context::{Context, Guest};
use crate::bot::error::BotError;
use crate::bot::handler::press::Press;
use crate::bot::html::{Html, cut, html, plain};
use crate::bot::i18n::Lang;
use crate::bot::keyboard::{Keyboard, Screen};
use crate::bot::views::Look;
use crate::bot::views::order::list_label;
use crate::bot::views::stars::person;
use crate::bot::views::wallet::movement;
use crate::domain::id::{Nonce, UserId};
use crate::domain::order::OrderState;
use crate::shop::ShopError;
use crate::shop::user_card::UserCard;

/// So many orders are on one page.
const ORDERS: usize = 8;
/// So many movements are on one page.
const MOVES: u64 = 10;
const TEXT_UNITS: usize = 3_000;

/// The command.
pub(in crate::admin) async fn on_command(
    context: &Context,
    guest: &Guest,
    arguments: &str,
) -> Result<Screen, ShopError> {
    let target = arguments.trim();
    if target.is_empty() {
        return Ok(Screen::plain(html!(guest.look.lang, "user-usage")));
    }
    let user = context.shop.user_named(target).await?;
    card(context, guest, user.id).await
}

/// The card with its buttons.
pub(super) async fn card(
    context: &Context,
    guest: &Guest,
    id: UserId,
) -> Result<Screen, ShopError> {
    let card = context.shop.user_card(id).await?;
    Ok(card_screen(&guest.look, &card))
}

fn card_screen(look: &Look, card: &UserCard) -> Screen {
    let lang = look.lang;
    let id = card.user.id;
    let mut text = html!(
        lang,
        "user-card",
        name = person(&card.user),
        id = Html::code(&id.to_string()),
        language = Lang::of(card.user.language.as_deref()).tag(),
        since = look.date(card.since),
        available = look.money(card.available),
        held = look.money(card.held)
    );
    for (flag, since) in [
        (html!(lang, "user-banned"), card.banned_since),
        (html!(lang, "user-blocked"), card.blocked_since),
    ] {
        if let Some(since) = since {
            text = text.line(html!(
                lang,
                "user-flag",
                flag = flag,
                ago = lang.ago(since, look.now)
            ));
        }
    }
    text = text.line(match card.seen {
        Some(at) => html!(lang, "user-seen", ago = lang.ago(at, look.now)),
        None => html!(lang, "user-never-seen"),
    });
    text = text.paragraph(orders_line(look, card));
    if let Some(percent) = card.given_back_percent {
        text = text.line(html!(lang, "user-given-back", percent = percent));
    }
    for source in &card.came_in {
        text = text.line(html!(
            lang,
            "user-came-in",
            source = source_label(lang, &source.source),
            amount = look.money(source.amount),
            count = source.transfers
        ));
    }
    if let Some(note) = &card.note {
        text = text.paragraph(html!(lang, "user-note", note = cut(note, 500).as_ref()));
    }
    card_buttons(look, card).under(text)
}

fn card_buttons(look: &Look, card: &UserCard) -> Keyboard {
    let (lang, id) = (look.lang, card.user.id);
    let is_banned = card.banned_since.is_some();
    let ban = if is_banned {
        plain!(lang, "button-desk-unban")
    } else {
        plain!(lang, "button-desk-ban")
    };
    let (orders, moves) = (
        plain!(lang, "button-orders"),
        plain!(lang, "button-desk-moves"),
    );
    let (note, write) = (
        plain!(lang, "button-desk-note"),
        plain!(lang, "button-desk-write"),
    );
    let is_on = !is_banned;
    look.keyboard()
        .row([
            (orders.as_str(), button(DeskPress::Orders { id, page: 0 })),
            (moves.as_str(), button(DeskPress::Moves { id, page: 0 })),
        ])
        .row([
            (note.as_str(), button(DeskPress::Note { id })),
            (write.as_str(), button(DeskPress::Write { id })),
        ])
        .wide(&ban, button(DeskPress::Ban { id, is_on }))
}

fn orders_line(look: &Look, card: &UserCard) -> Html {
    let of = |states: &[OrderState]| -> i64 {
        let counted = card
            .orders
            .iter()
            .filter(|(state, _)| states.contains(state));
        counted.map(|(_, count)| count).sum()
    };
    let all: i64 = card.orders.iter().map(|(_, count)| count).sum();
    let ended = [
        OrderState::Received,
        OrderState::Completed,
        OrderState::Cancelled,
        OrderState::Expired,
        OrderState::Failed,
    ];
    html!(
        look.lang,
        "user-orders",
        all = all,
        delivered = of(&[OrderState::Received, OrderState::Completed]),
        cancelled = of(&[OrderState::Cancelled]),
        expired = of(&[OrderState::Expired]),
        failed = of(&[OrderState::Failed]),
        open = all - of(&ended)
    )
}

/// Where money came from.
pub(super) fn source_label(lang: &Lang, source: &str) -> String {
    match source {
        "manual" => plain!(lang, "label-source-manual"),
        "stars" => plain!(lang, "label-source-stars"),
        "voucher" => plain!(lang, "label-source-voucher"),
        "request" => plain!(lang, "label-source-request"),
        other => other.to_owned(),
    }
}

/// A page of a user's orders.
pub(super) async fn orders(
    context: &Context,
    guest: &Guest,
    id: UserId,
    page: usize,
) -> Result<Screen, ShopError> {
    let look = &guest.look;
    let user = context.shop.user(id).await?;
    let orders = context.shop.orders(id, page, ORDERS).await?;
    let rows = orders.rows.iter();
    let rows = rows.map(|order| {
        let label = format!("{} · {}", order.id, list_label(look, order));
        (label, button(DeskPress::Order { id: order.id }))
    });
    let text = if orders.rows.is_empty() {
        html!(look.lang, "user-no-orders", name = person(&user))
    } else {
        html!(look.lang, "user-orders-of", name = person(&user))
    };
    Ok(look
        .keyboard()
        .columns(1, rows.collect())
        .pager(orders.page, orders.pages, |page| {
            button(DeskPress::Orders { id, page })
        })
        .wide(
            &plain!(look.lang, "button-back"),
            button(DeskPress::User { id }),
        )
        .under(text))
}

/// A page of what moved in a user's wallet.
pub(super) async fn moves(
    context: &Context,
    guest: &Guest,
    id: UserId,
    page: usize,
) -> Result<Screen, ShopError> {
    let look = &guest.look;
    let user = context.shop.user(id).await?;
    let skipped = (page as u64).saturating_mul(MOVES);
    // One more says whether there is a next page.
    let mut rows = context.shop.movements(id, skipped, MOVES + 1).await?;
    let is_last = rows.len() as u64 <= MOVES;
    rows.truncate(usize::try_from(MOVES).unwrap_or(usize::MAX));
    let mut text = html!(look.lang, "user-moves-of", name = person(&user));
    if rows.is_empty() {
        text = text.paragraph(html!(look.lang, "wallet-no-movements"));
    }
    for row in &rows {
        let order = row.order.map(|id| format!("#{id} ")).unwrap_or_default();
        text = text.line(html!(
            look.lang,
            "user-move",
            at = row.at.format("%m-%d %H:%M").to_string(),
            order = order,
            what = movement(look, row)
        ));
    }
    let mut others = Vec::new();
    if page > 0 {
        let label = plain!(look.lang, "button-desk-newer");
        others.push((label, button(DeskPress::Moves { id, page: page - 1 })));
    }
    if !is_last {
        let label = plain!(look.lang, "button-desk-older");
        others.push((label, button(DeskPress::Moves { id, page: page + 1 })));
    }
    Ok(look
        .keyboard()
        .columns(2, others)
        .wide(
            &plain!(look.lang, "button-back"),
            button(DeskPress::User { id }),
        )
        .under(text))
}

/// Bans a user, or lets them back in, and shows the card as it is then.
pub(super) async fn ban(press: &Press, id: UserId, is_on: bool) -> Result<Screen, BotError> {
    let (shop, guest) = (&press.context.shop, &press.guest);
    let lang = guest.look.lang;
    let changed = shop.ban(guest.user.id, id, is_on).await;
    changed.inspect_err(|_| press.ack())?;
    press.toast(&if is_on {
        plain!(lang, "toast-desk-banned")
    } else {
        plain!(lang, "toast-desk-unbanned")
    });
    Ok(card(&press.context, guest, id).await?)
}

/// Asks what shall be noted.
pub(super) async fn which_note(
    context: &Context,
    guest: &Guest,
    id: UserId,
) -> Result<Screen, ShopError> {
    let user = context.shop.user(id).await?;
    let text = html!(guest.look.lang, "user-which-note", name = person(&user));
    Ok(with_way_back(&guest.look, id, text))
}

/// Asks what shall be written.
pub(super) async fn which_words(
    context: &Context,
    guest: &Guest,
    id: UserId,
) -> Result<Screen, ShopError> {
    let user = context.shop.user(id).await?;
    let text = html!(guest.look.lang, "user-which-words", name = person(&user));
    Ok(with_way_back(&guest.look, id, text))
}

fn with_way_back(look: &Look, id: UserId, text: Html) -> Screen {
    look.keyboard()
        .wide(
            &plain!(look.lang, "button-back"),
            button(DeskPress::User { id }),
        )
        .under(text)
}

/// Keeps a note, and shows the card with it. A dash takes it away.
pub(super) async fn note(
    context: &Context,
    guest: &Guest,
    id: UserId,
    text: &str,
) -> Result<Screen, ShopError> {
    let text = if text.trim() == "-" { "" } else { text };
    context.shop.note_user(guest.user.id, id, text).await?;
    card(context, guest, id).await
}

/// A message before it is sent.
pub(super) async fn draft(
    context: &Context,
    guest: &Guest,
    id: UserId,
    text: &str,
) -> Result<Screen, ShopError> {
    let draft = context.shop.draft_message(guest.user.id, id, text).await?;
    let look = &guest.look;
    let quoted = Html::quote(&cut(&draft.text, TEXT_UNITS));
    let text = html!(look.lang, "user-draft", name = person(&draft.user)).paragraph(quoted);
    let nonce = draft.nonce;
    Ok(look
        .keyboard()
        .wide(
            &plain!(look.lang, "button-desk-send"),
            button(DeskPress::Send { nonce }),
        )
        .wide(
            &plain!(look.lang, "button-back"),
            button(DeskPress::User { id }),
        )
        .under(text))
}

/// Sends a drafted message, once.
pub(super) async fn send(press: &Press, nonce: &Nonce) -> Result<Screen, BotError> {
    let guest = &press.guest;
    let lang = guest.look.lang;
    let sent = press.context.shop.send_message(guest.user.id, nonce).await;
    let (user, is_new) = sent.inspect_err(|_| press.ack())?;
    press.toast(&if is_new {
        plain!(lang, "toast-desk-sent")
    } else {
        plain!(lang, "toast-desk-sent-already")
    });
    Ok(card(&press.context, guest, user.id).await?)
}
