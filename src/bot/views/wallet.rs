//! The wallet: what can be spent, what is set aside, and what moved.
//!
//! Invariant: a sign in front of an amount is its effect on what can be spent.

use crate::bot::callback::Callback;
use crate::bot::callback::inviting::Inviting;
use crate::bot::html::{Html, cut, html, plain};
use crate::bot::keyboard::Screen;
use crate::bot::views::Look;
use crate::domain::money::Money;
use crate::domain::product::Product;
use crate::shop::notice::Notice;
use crate::shop::request::Way;
use crate::shop::wallet::{Movement, MovementKind, Subject, WalletView};

/// What an order is for, in a line of the wallet.
fn subject(look: &Look, subject: &Subject) -> String {
    let name = cut(&subject.service_name, 32);
    let span = || {
        subject
            .hours
            .map_or(name.to_string(), |hours| look.lang.hours(hours))
    };
    match subject.product {
        Product::Activation => name.into_owned(),
        Product::Mailbox => plain!(look.lang, "mailbox-title", service = name.as_ref()),
        Product::Rental => plain!(look.lang, "rental-title", span = span()),
        Product::Renewal => plain!(look.lang, "renewal-title", span = span()),
    }
}

/// One line of the movements.
pub(crate) fn movement(look: &Look, movement: &Movement) -> Html {
    let lang = look.lang;
    let ago = lang.ago(movement.at, look.now);
    let service = movement.subject.as_ref().map(|it| subject(look, it));
    let service = service.as_deref().unwrap_or_default();
    let amount = look.money(movement.amount);
    let plus = lang.signed(look.currency, movement.amount);
    let minus = Money::ZERO.checked_sub(movement.amount);
    let minus = minus.map_or_else(String::new, |amount| look.money(amount));
    let line = match movement.kind {
        MovementKind::TopUp => html!(lang, "move-top-up", amount = plus, ago = ago),
        MovementKind::Hold => html!(
            lang,
            "move-hold",
            amount = minus,
            service = service,
            ago = ago
        ),
        // The price left the balance when it was set aside: paying it changes nothing any more.
        MovementKind::Capture => html!(
            lang,
            "move-capture",
            amount = amount,
            service = service,
            ago = ago
        ),
        MovementKind::Release => html!(
            lang,
            "move-release",
            amount = plus,
            service = service,
            ago = ago
        ),
        MovementKind::Goodwill => html!(
            lang,
            "move-goodwill",
            amount = plus,
            service = service,
            ago = ago
        ),
        MovementKind::StarsRefund if movement.is_out => {
            html!(lang, "move-stars-refund", amount = minus, ago = ago)
        }
        // Telegram refused, so the money came back.
        MovementKind::StarsRefund => {
            html!(lang, "move-stars-refund-failed", amount = plus, ago = ago)
        }
        MovementKind::Adjust => {
            let amount = if movement.is_out { minus } else { plus };
            html!(lang, "move-adjust", amount = amount, ago = ago)
        }
        MovementKind::Referral if movement.is_out => {
            html!(lang, "move-referral-back", amount = minus, ago = ago)
        }
        MovementKind::Referral => html!(lang, "move-referral", amount = plus, ago = ago),
    };
    match movement.memo.as_deref().filter(|memo| !memo.is_empty()) {
        Some(memo) => line.line(html!(lang, "move-memo", memo = cut(memo, 80).as_ref())),
        None => line,
    }
}

/// How money can come in, as the operator set it up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ways<'a> {
    /// In the operator's own words.
    pub(crate) hint: Option<&'a str>,
    /// Whether Stars are taken.
    pub(crate) stars: bool,
    /// Whether transfers are taken.
    pub(crate) transfer: bool,
    /// Whether QRIS is taken.
    pub(crate) qris: bool,
    /// Whether there are vouchers.
    pub(crate) vouchers: bool,
    /// Whether inviting others brings something.
    pub(crate) invites: bool,
}

/// The wallet.
pub(crate) fn wallet(look: &Look, wallet: &WalletView, ways: &Ways<'_>) -> Screen {
    let mut text = html!(
        look.lang,
        "wallet",
        available = look.money(wallet.available)
    );
    if wallet.held.is_positive() {
        text = text.line(html!(
            look.lang,
            "wallet-held",
            held = look.money(wallet.held)
        ));
    }
    if wallet.movements.is_empty() {
        text = text.paragraph(html!(look.lang, "wallet-no-movements"));
    } else {
        text = text.paragraph(html!(look.lang, "wallet-movements"));
        for row in &wallet.movements {
            text = text.line(movement(look, row));
        }
    }
    text = match ways.hint {
        Some(hint) => text.paragraph(html!(look.lang, "wallet-top-up-hint", hint = hint)),
        None if ways.stars || ways.transfer || ways.qris => text,
        None => text.paragraph(html!(look.lang, "wallet-top-up")),
    };
    let id = look.user.to_string();
    let mut keyboard = look.keyboard();
    if ways.stars {
        keyboard = keyboard.wide(&plain!(look.lang, "button-stars"), Callback::Stars);
    }
    if ways.qris {
        keyboard = keyboard.wide(
            &plain!(look.lang, "button-qris"),
            Callback::Send { way: Way::Qris },
        );
    }
    if ways.transfer {
        keyboard = keyboard.wide(
            &plain!(look.lang, "button-transfer"),
            Callback::Send { way: Way::Transfer },
        );
    }
    if ways.vouchers {
        keyboard = keyboard.wide(&plain!(look.lang, "button-voucher"), Callback::Voucher);
    }
    if ways.invites {
        keyboard = keyboard.wide(
            &plain!(look.lang, "button-invite"),
            Callback::Invite(Inviting::Show),
        );
    }
    keyboard
        .copy(&plain!(look.lang, "button-copy-id", id = id.as_str()), &id)
        .wide(&plain!(look.lang, "button-buy"), Callback::Buy)
        .wide(&plain!(look.lang, "button-menu"), Callback::Menu)
        .under(text.paragraph(html!(look.lang, "wallet-id", id = Html::code(&id))))
}

/// Which code?
pub(crate) fn which_voucher(look: &Look) -> Screen {
    look.keyboard()
        .wide(&plain!(look.lang, "button-back"), Callback::Wallet)
        .under(html!(look.lang, "voucher-which"))
}

/// An admin took money out; `None` for any other notice.
pub(crate) fn deducted(look: &Look, notice: &Notice) -> Option<Screen> {
    let Notice::Deducted {
        amount,
        available,
        reason,
    } = notice
    else {
        return None;
    };
    let text = html!(
        look.lang,
        "deducted",
        amount = look.money(*amount),
        available = look.money(*available)
    );
    let reason = html!(look.lang, "move-memo", memo = cut(reason, 500).as_ref());
    let screen = look
        .keyboard()
        .wide(&plain!(look.lang, "button-wallet"), Callback::Wallet)
        .under(text.line(reason));
    Some(screen)
}

/// Money came in.
pub(crate) fn topped_up(
    look: &Look,
    amount: Money,
    available: Money,
    memo: Option<&str>,
) -> Screen {
    let mut text = html!(
        look.lang,
        "topped-up",
        amount = look.money(amount),
        available = look.money(available)
    );
    if let Some(memo) = memo.filter(|memo| !memo.is_empty()) {
        text = text.line(html!(
            look.lang,
            "move-memo",
            memo = cut(memo, 500).as_ref()
        ));
    }
    look.keyboard()
        .wide(&plain!(look.lang, "button-buy"), Callback::Buy)
        .wide(&plain!(look.lang, "button-menu-below"), Callback::MenuBelow)
        .under(text)
}
