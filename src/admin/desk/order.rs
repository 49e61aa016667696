//! `/order`: the story of one order, and giving its money back.
//!
//! Invariant: nothing that was received is shown, and of the number only its last digits until the
//! admin asks for all of it.

use chrono::{DateTime, Utc};

use super::button;
use crate::bot::callback::desk::DeskPress;
use crate::bot::context::{Context, Guest};
use crate::bot::error::BotError;
use crate::bot::handler::press::Press;
use crate::bot::html::{Html, cut, html, plain};
use crate::bot::keyboard::Screen;
use crate::bot::views::Look;
use crate::bot::views::order::{state_label, title};
use crate::bot::views::stars::person;
use crate::domain::id::{Nonce, OrderId};
use crate::domain::order::OrderEvent;
use crate::shop::ShopError;
use crate::shop::goodwill::{RefundDraft, RefundWay, Refunded};
use crate::shop::order_story::{Call, Disagreement, Line, Moved, OrderStory, Step, TransferKind};

/// A message has room for so many of each kind: the first one and the latest.
const SHOWN: usize = 12;
/// An upstream's own words can be long.
const DETAIL_UNITS: usize = 120;

/// The command.
pub(in crate::admin) async fn on_command(
    context: &Context,
    guest: &Guest,
    arguments: &str,
) -> Result<Screen, ShopError> {
    let usage = || Ok(Screen::plain(html!(guest.look.lang, "order-usage")));
    let mut words = arguments.trim().splitn(4, char::is_whitespace);
    let id = words.next().unwrap_or_default().trim_start_matches('#');
    let Ok(id) = id.parse().map(OrderId) else {
        return usage();
    };
    match (words.next(), words.next()) {
        (None, _) => story(context, guest, id).await,
        (Some("refund"), Some(amount)) => {
            let reason = words.next().unwrap_or_default();
            draft(context, guest, id, Some(amount), reason).await
        }
        (Some(_), _) => usage(),
    }
}

/// The story with its buttons.
pub(super) async fn story(
    context: &Context,
    guest: &Guest,
    id: OrderId,
) -> Result<Screen, ShopError> {
    let story = context.shop.order_story(id).await?;
    let number = story.number.clone();
    Ok(screen(&guest.look, &story, number.as_deref(), true))
}

/// The same with its whole number; that the admin looked is noted.
pub(super) async fn with_number(
    context: &Context,
    guest: &Guest,
    id: OrderId,
) -> Result<Screen, ShopError> {
    let number = context.shop.look_at_number(guest.user.id, id).await?;
    let story = context.shop.order_story(id).await?;
    Ok(screen(&guest.look, &story, Some(&number), false))
}

fn screen(look: &Look, story: &OrderStory, number: Option<&str>, is_hidden: bool) -> Screen {
    let lang = look.lang;
    let order = &story.order;
    let mut text = head(look, story, number);
    text = text.paragraph(html!(lang, "story-steps"));
    for step in shown(&story.steps) {
        text = text.line(step_line(look, step));
    }
    if !story.calls.is_empty() {
        text = text.paragraph(html!(lang, "story-calls"));
        for call in shown(&story.calls) {
            text = text.line(call_line(look, call));
        }
    }
    if !story.lines.is_empty() {
        text = text.paragraph(html!(lang, "story-money"));
        for line in shown(&story.lines) {
            text = text.line(money_line(look, line));
        }
    }
    if story.sms > 0 {
        let times: Vec<String> = story.sms_at.iter().rev().map(|at| time(*at)).collect();
        text = text.paragraph(html!(
            lang,
            "story-sms",
            count = story.sms,
            times = times.join(", ")
        ));
    }
    for difference in &story.disagreements {
        text = text.paragraph(difference_line(look, difference));
    }
    let mut keyboard = look.keyboard();
    if number.is_some() && is_hidden {
        let label = plain!(lang, "button-desk-number");
        keyboard = keyboard.wide(&label, button(DeskPress::Number { id: order.id }));
    }
    if let Some((way, most)) = story.refund {
        let amount = look.money(most);
        let label = match way {
            RefundWay::Cancel => plain!(lang, "button-desk-cancel", amount = amount),
            RefundWay::Goodwill => plain!(lang, "button-desk-refund", amount = amount),
        };
        keyboard = keyboard.wide(&label, button(DeskPress::Refund { id: order.id }));
    }
    let linked = order.renewal.iter().map(|it| it.rental);
    let linked = linked.chain(story.renewals.iter().copied()).take(SHOWN);
    for id in linked {
        let label = plain!(lang, "button-desk-order", order = id.to_string());
        keyboard = keyboard.wide(&label, button(DeskPress::Order { id }));
    }
    let label = plain!(lang, "button-desk-user", name = person(&story.user));
    keyboard
        .wide(&label, button(DeskPress::User { id: order.user }))
        .under(text)
}

fn head(look: &Look, story: &OrderStory, number: Option<&str>) -> Html {
    let lang = look.lang;
    let order = &story.order;
    let mut text = html!(
        lang,
        "story",
        order = order.id.to_string(),
        state = state_label(look, order),
        title = title(look, order),
        price = look.money(order.price),
        name = person(&story.user),
        user = Html::code(&order.user.to_string()),
        at = look.date(order.created_at)
    );
    if let Some((provider, id)) = &story.upstream {
        text = text.line(html!(
            lang,
            "story-upstream",
            provider = provider.as_str(),
            id = cut(id.as_deref().unwrap_or("–"), 64).as_ref(),
            cost = story.cost.as_deref().unwrap_or("–")
        ));
    }
    if let Some(number) = number {
        text = text.line(html!(lang, "story-number", number = Html::code(number)));
    }
    text
}

/// The first and the latest where there are too many.
fn shown<T>(all: &[T]) -> impl Iterator<Item = &T> {
    let hidden = all.len().saturating_sub(SHOWN);
    all.iter()
        .enumerate()
        .filter(move |(at, _)| *at == 0 || *at > hidden)
        .map(|(_, it)| it)
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%m-%d %H:%M:%S").to_string()
}

fn step_line(look: &Look, step: &Step) -> Html {
    let lang = look.lang;
    let what = match step.event {
        Some(OrderEvent::Confirmed) => html!(lang, "step-confirmed"),
        Some(OrderEvent::AttemptStarted) => html!(lang, "step-attempt-started"),
        Some(OrderEvent::AttemptRefused) => html!(lang, "step-attempt-refused"),
        Some(OrderEvent::GaveUp) => html!(lang, "step-gave-up"),
        Some(OrderEvent::AnswerLost) => html!(lang, "step-answer-lost"),
        Some(OrderEvent::NumberBought) => html!(lang, "step-number-bought"),
        Some(OrderEvent::Delivered) => html!(lang, "step-delivered"),
        Some(OrderEvent::NumberNotFound) => html!(lang, "step-number-not-found"),
        Some(OrderEvent::SmsArrived) => html!(lang, "step-sms-arrived"),
        Some(OrderEvent::CancelAsked) => html!(lang, "step-cancel-asked"),
        Some(OrderEvent::ClosedUpstream) => html!(lang, "step-closed-upstream"),
        Some(OrderEvent::TimeUp) => html!(lang, "step-time-up"),
        Some(OrderEvent::Finished) => html!(lang, "step-finished"),
        None => Html::default(),
    };
    html!(
        lang,
        "story-step",
        at = time(step.at),
        what = what,
        state = step.to.as_str()
    )
}

fn call_line(look: &Look, call: &Call) -> Html {
    let lang = look.lang;
    let took = call.took_ms.unwrap_or_default();
    let line = html!(
        lang,
        "story-call",
        at = time(call.at),
        provider = call.provider.as_str(),
        asked = cut(&call.asked, 64).as_ref(),
        cost = call.cost.as_str()
    );
    let answer = match &call.outcome {
        Some(outcome) => html!(
            lang,
            "story-answer",
            outcome = outcome.as_str(),
            took = format!("{}.{:03}", took / 1_000, took % 1_000)
        ),
        None => html!(lang, "story-no-answer"),
    };
    match &call.detail {
        Some(detail) => line.line(answer).line(html!(
            lang,
            "move-memo",
            memo = cut(detail, DETAIL_UNITS).as_ref()
        )),
        None => line.line(answer),
    }
}

fn kind_label(look: &Look, kind: TransferKind) -> String {
    let lang = look.lang;
    match kind {
        TransferKind::TopUp => plain!(lang, "label-kind-topup"),
        TransferKind::Hold => plain!(lang, "label-kind-hold"),
        TransferKind::Capture => plain!(lang, "label-kind-capture"),
        TransferKind::Release => plain!(lang, "label-kind-release"),
        TransferKind::Goodwill => plain!(lang, "label-kind-goodwill"),
        TransferKind::StarsRefund => plain!(lang, "label-kind-stars-refund"),
        TransferKind::Adjust => plain!(lang, "label-kind-adjust"),
        TransferKind::Cost => plain!(lang, "label-kind-cost"),
        TransferKind::CostRefund => plain!(lang, "label-kind-cost-refund"),
        TransferKind::Referral => plain!(lang, "label-kind-referral"),
    }
}

fn money_line(look: &Look, line: &Line) -> Html {
    let amount = match &line.amount {
        Moved::Wallet(amount) => look.money(*amount),
        Moved::Upstream(amount, currency) => format!("{amount} {currency}"),
    };
    let kind = kind_label(look, line.kind);
    let text = html!(
        look.lang,
        "story-transfer",
        at = time(line.at),
        kind = kind.as_str(),
        amount = amount,
        actor = line.actor.as_str()
    );
    let text = if line.is_unproven {
        text.line(html!(look.lang, "story-unproven"))
    } else {
        text
    };
    match &line.memo {
        Some(memo) => text.line(html!(
            look.lang,
            "move-memo",
            memo = cut(memo, DETAIL_UNITS).as_ref()
        )),
        None => text,
    }
}

fn difference_line(look: &Look, difference: &Disagreement) -> Html {
    html!(
        look.lang,
        "story-difference",
        provider = difference.provider.as_str(),
        id = cut(&difference.upstream_id, 64).as_ref(),
        since = look.date(difference.since),
        last = look.date(difference.last)
    )
}

/// Asks why.
pub(super) async fn why(
    context: &Context,
    guest: &Guest,
    id: OrderId,
) -> Result<Screen, ShopError> {
    let story = context.shop.order_story(id).await?;
    let look = &guest.look;
    let back = plain!(look.lang, "button-back");
    Ok(look
        .keyboard()
        .wide(&back, button(DeskPress::Order { id }))
        .under(html!(
            look.lang,
            "refund-why",
            order = id.to_string(),
            name = person(&story.user)
        )))
}

/// What would be given back, with its Confirm.
pub(super) async fn draft(
    context: &Context,
    guest: &Guest,
    id: OrderId,
    amount: Option<&str>,
    reason: &str,
) -> Result<Screen, ShopError> {
    let shop = &context.shop;
    let draft = shop
        .draft_refund_of(guest.user.id, id, amount, reason)
        .await?;
    Ok(draft_screen(&guest.look, &draft))
}

fn draft_screen(look: &Look, draft: &RefundDraft) -> Screen {
    let lang = look.lang;
    let amount = look.money(draft.amount);
    let (order, name) = (draft.order.to_string(), person(&draft.user));
    let (text, label) = match draft.way {
        RefundWay::Cancel => (
            html!(
                lang,
                "refund-cancels",
                order = order,
                name = name,
                amount = &amount
            ),
            plain!(lang, "button-desk-cancel", amount = amount),
        ),
        RefundWay::Goodwill => (
            html!(
                lang,
                "refund-goodwill",
                order = order,
                name = name,
                amount = &amount,
                price = look.money(draft.price)
            ),
            plain!(lang, "button-desk-refund", amount = amount),
        ),
    };
    let nonce = draft.nonce.clone();
    look.keyboard()
        .wide(&label, button(DeskPress::GiveBack { nonce }))
        .wide(
            &plain!(lang, "button-back"),
            button(DeskPress::Order { id: draft.order }),
        )
        .under(text.line(html!(lang, "move-memo", memo = &draft.reason)))
}

/// Gives back what was drafted, once, and shows the order as it stands then.
pub(super) async fn give_back(press: &Press, nonce: &Nonce) -> Result<Screen, BotError> {
    let guest = &press.guest;
    let lang = guest.look.lang;
    let refunded = press.context.shop.refund_order(guest.user.id, nonce).await;
    let (id, refunded) = refunded.inspect_err(|_| press.ack())?;
    press.toast(&match refunded {
        Refunded::CancelAsked => plain!(lang, "toast-desk-cancel-asked"),
        Refunded::Cancelled => plain!(lang, "toast-desk-cancelled"),
        Refunded::Given(amount) => {
            plain!(lang, "toast-desk-given", amount = guest.look.money(amount))
        }
        Refunded::Already => plain!(lang, "toast-topup-already"),
    });
    Ok(story(&press.context, guest, id).await?)
}
