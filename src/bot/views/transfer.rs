//! Money that is sent by bank, e-wallet or QRIS: what the user does, what the admins see.
//!
//! Invariant: the amount stands to the last digit wherever it is to be paid or was, and every
//! screen says until when and what comes next.

use std::sync::Arc;

use crate::bot::callback::Callback;
use crate::bot::html::{Html, html, plain};
use crate::bot::keyboard::{Picture, Screen};
use crate::bot::qr;
use crate::bot::views::Look;
use crate::bot::views::stars::person;
use crate::domain::money::Money;
use crate::shop::account::User;
use crate::shop::request::{Decision, RequestState, RequestView, Way};

/// How much shall it be?
pub(crate) fn how_much(look: &Look, [least, most]: [Money; 2]) -> Screen {
    look.keyboard()
        .wide(&plain!(look.lang, "button-back"), Callback::Wallet)
        .under(html!(
            look.lang,
            "transfer-how-much",
            least = look.money(least),
            most = look.money(most)
        ))
}

/// What the user has to do: the operator's words for a transfer, a QR code for QRIS.
pub(crate) fn instructions(
    look: &Look,
    request: &RequestView,
    words: Option<&str>,
    picture: Option<Arc<[u8]>>,
) -> Screen {
    let lang = look.lang;
    let money = look.money(request.amount);
    let digits = request.amount.as_minor().to_string();
    let left = lang.span(request.until - look.now);
    let (text, picture) = match request.way {
        Way::Transfer => {
            let text = html!(lang, "transfer-instructions", money = Html::bold(&money));
            let words = words.map_or_else(Html::default, Html::text);
            (text.paragraph(words), picture)
        }
        Way::Qris => {
            let text = html!(lang, "qris-instructions", money = Html::bold(&money));
            (text, request.qris.as_deref().and_then(qr::png))
        }
    };
    let text = text.paragraph(html!(lang, "transfer-then", left = left));
    let mut keyboard = look.keyboard();
    if look.currency.decimals() == 0 {
        keyboard = keyboard.copy(&plain!(lang, "button-copy-amount", amount = money), &digits);
    }
    let screen = keyboard
        .wide(
            &plain!(lang, "button-withdraw"),
            Callback::WithdrawRequest { id: request.id },
        )
        .under(text);
    match picture {
        Some(picture) => screen.with_picture(Picture::Upload(picture)),
        None => screen,
    }
}

/// The proof is there.
pub(crate) fn received(look: &Look, request: &RequestView) -> Screen {
    look.keyboard()
        .wide(&plain!(look.lang, "button-menu"), Callback::Menu)
        .under(html!(
            look.lang,
            "transfer-received",
            money = look.money(request.amount)
        ))
}

/// The request was taken back.
pub(crate) fn withdrawn(look: &Look) -> Screen {
    look.keyboard()
        .wide(&plain!(look.lang, "button-wallet"), Callback::Wallet)
        .under(html!(look.lang, "transfer-withdrawn"))
}

fn facts(look: &Look, request: &RequestView, user: &User) -> Html {
    let way = match request.way {
        Way::Transfer => plain!(look.lang, "label-way-transfer"),
        Way::Qris => plain!(look.lang, "label-way-qris"),
    };
    html!(
        look.lang,
        "transfer-facts",
        name = person(user),
        id = Html::code(&user.id.to_string()),
        money = Html::bold(&look.money(request.amount)),
        way = way
    )
}

/// What an admin decides.
pub(crate) fn paper(look: &Look, request: &RequestView, user: &User) -> Screen {
    let lang = look.lang;
    let id = request.id;
    let money = look.money(request.amount);
    let screen = look
        .keyboard()
        .wide(
            &plain!(lang, "button-approve", money = money),
            Callback::Decide {
                id,
                decision: Decision::Approve,
            },
        )
        .row([
            (
                plain!(lang, "button-other-amount").as_str(),
                Callback::OtherAmount { id },
            ),
            (
                plain!(lang, "button-reject").as_str(),
                Callback::Decide {
                    id,
                    decision: Decision::Reject,
                },
            ),
        ])
        .under(facts(look, request, user));
    match &request.proof {
        Some(proof) => screen.with_picture(Picture::Known {
            file_id: proof.file_id.clone(),
            is_photo: proof.is_photo,
        }),
        None => screen,
    }
}

/// The same once it ended, without buttons: who decided, and what.
pub(crate) fn closed(
    look: &Look,
    request: &RequestView,
    user: &User,
    decided_by: Option<&User>,
) -> Screen {
    let lang = look.lang;
    let who = decided_by.map_or_else(String::new, person);
    let ending = match request.state {
        RequestState::Approved => html!(
            lang,
            "transfer-approved",
            who = who,
            money = look.money(request.credited.unwrap_or(request.amount))
        ),
        RequestState::Rejected => html!(lang, "transfer-rejected", who = who),
        RequestState::Expired => html!(lang, "transfer-expired"),
        RequestState::Withdrawn => html!(lang, "transfer-taken-back"),
        RequestState::Open | RequestState::Submitted => Html::default(),
    };
    let text = facts(look, request, user).paragraph(ending);
    Screen::plain(text).in_caption()
}

/// It ended without money.
pub(crate) fn ended(look: &Look, request: &RequestView) -> Screen {
    let money = look.money(request.amount);
    let text = if request.state == RequestState::Rejected {
        html!(look.lang, "transfer-was-rejected", money = money)
    } else {
        html!(look.lang, "transfer-was-late", money = money)
    };
    look.keyboard()
        .wide(&plain!(look.lang, "button-wallet"), Callback::Wallet)
        .under(text)
}

/// Which amount came?
pub(crate) fn which_amount(look: &Look, request: &RequestView, user: &User) -> Screen {
    let text = facts(look, request, user);
    Screen::plain(text.paragraph(html!(look.lang, "transfer-which-amount")))
}

/// Another amount before its Confirm.
pub(crate) fn other_amount(
    look: &Look,
    request: &RequestView,
    user: &User,
    amount: Money,
) -> Screen {
    let id = request.id;
    let money = look.money(amount);
    let text = html!(look.lang, "transfer-other", money = money.as_str());
    look.keyboard()
        .wide(
            &plain!(look.lang, "button-admin-book", amount = money),
            Callback::Decide {
                id,
                decision: Decision::ApproveOther(amount),
            },
        )
        .wide(
            &plain!(look.lang, "button-admin-discard"),
            Callback::Discard,
        )
        .under(facts(look, request, user).paragraph(text))
}
