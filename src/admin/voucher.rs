//! `/voucher`: making codes that bring money, and closing them.
//!
//! Invariant: what a voucher brings in all stands above its Confirm; its code is shown to the
//! admin who made it and in the admins' lists, and nowhere else.

use chrono::TimeDelta;

use crate::admin::or_refusal;
use crate::bot::callback::Callback;
use crate::bot::context::{Context, Guest};
use crate::bot::error::BotError;
use crate::bot::handler::press::Press;
use crate::bot::html::{Html, html, plain};
use crate::bot::keyboard::Screen;
use crate::bot::link::Start;
use crate::bot::views::Look;
use crate::domain::id::Nonce;
use crate::domain::money::Currency;
use crate::domain::voucher::VoucherCode;
use crate::shop::ShopError;
use crate::shop::topup::TopUpError;
use crate::shop::voucher::{VoucherDraft, VoucherView, VoucherWish};

/// Reads and answers the command.
pub(super) async fn on_command(
    context: &Context,
    guest: &Guest,
    arguments: &str,
) -> Result<Screen, ShopError> {
    let (shop, look) = (&context.shop, &guest.look);
    let words: Vec<&str> = arguments.split_whitespace().collect();
    match words.as_slice() {
        [] | ["list"] => Ok(list(look, &shop.open_vouchers().await?)),
        ["create", rest @ ..] => {
            let wish = read_wish(rest, look.currency)?;
            let draft = shop.draft_voucher(guest.user.id, wish).await?;
            Ok(draft_screen(look, &draft))
        }
        ["close", code] => {
            let code = VoucherCode::read(code).ok_or(TopUpError::NoSuchVoucher)?;
            shop.close_voucher(guest.user.id, &code).await?;
            let code = Html::code(&code.to_string());
            Ok(Screen::plain(html!(
                look.lang,
                "voucher-closed",
                code = code
            )))
        }
        [..] => Ok(Screen::plain(html!(look.lang, "voucher-usage"))),
    }
}

/// `<amount> <uses> [expiry] [per user]`.
fn read_wish(words: &[&str], currency: Currency) -> Result<VoucherWish, ShopError> {
    let (amount, uses, rest) = match words {
        [amount, uses, rest @ ..] if rest.len() <= 2 => (amount, uses, rest),
        [..] => return Err(TopUpError::Voucher.into()),
    };
    let number = |text: &str| text.parse::<u32>().map_err(|_| TopUpError::Voucher);
    let (expiry, per_user) = match rest {
        [] => (None, "1"),
        [expiry] => (Some(*expiry), "1"),
        [expiry, per_user] => (Some(*expiry), *per_user),
        [..] => return Err(TopUpError::Voucher.into()),
    };
    Ok(VoucherWish {
        amount: currency.parse(amount)?,
        uses: number(uses)?,
        per_user: number(per_user)?,
        lives_for: match expiry {
            None | Some("never") => None,
            Some(text) => Some(read_span(text).ok_or(TopUpError::Voucher)?),
        },
    })
}

/// `30d` or `12h`, up to ten years.
fn read_span(text: &str) -> Option<TimeDelta> {
    let unit = text.chars().next_back()?;
    let count: i64 = text.strip_suffix(unit)?.parse().ok()?;
    let hours = match unit {
        'h' => count,
        'd' => count.checked_mul(24)?,
        _ => return None,
    };
    (1..=87_600)
        .contains(&hours)
        .then(|| TimeDelta::hours(hours))
}

fn draft_screen(look: &Look, draft: &VoucherDraft) -> Screen {
    let lang = look.lang;
    let wish = &draft.wish;
    let mut text = html!(
        lang,
        "voucher-draft",
        amount = look.money(wish.amount),
        uses = i64::from(wish.uses),
        per_user = i64::from(wish.per_user),
        total = look.money(draft.total)
    );
    if let Some(time) = wish.lives_for {
        text = text.line(html!(lang, "voucher-lives", span = lang.span(time)));
    }
    let nonce = draft.nonce.clone();
    look.keyboard()
        .wide(
            &plain!(lang, "button-voucher-make"),
            Callback::MakeVoucher { nonce },
        )
        .wide(&plain!(lang, "button-admin-discard"), Callback::Discard)
        .under(text)
}

/// Makes a voucher, once.
pub(crate) async fn on_make(press: &Press, nonce: &Nonce) -> Result<(), BotError> {
    press.ack();
    let guest = &press.guest;
    let made = press.context.shop.make_voucher(guest.user.id, nonce).await;
    let name = press.context.bot_name();
    let screen = made.map(|voucher| made_screen(&guest.look, &voucher, name));
    press.show(or_refusal(guest, screen)?);
    Ok(())
}

fn made_screen(look: &Look, voucher: &VoucherView, bot_name: &str) -> Screen {
    let start = Start::Voucher(voucher.code.clone()).encode();
    let link = format!("https://t.me/{bot_name}?start={start}");
    let code = voucher.code.to_string();
    let text = html!(
        look.lang,
        "voucher-made",
        code = Html::code(&code),
        amount = look.money(voucher.amount),
        uses = voucher.uses,
        link = link
    );
    look.keyboard()
        .copy(&plain!(look.lang, "button-copy-voucher"), &code)
        .under(text)
}

fn list(look: &Look, vouchers: &[VoucherView]) -> Screen {
    let lang = look.lang;
    let mut text = if vouchers.is_empty() {
        html!(lang, "vouchers-none")
    } else {
        html!(lang, "vouchers")
    };
    for voucher in vouchers {
        let code = Html::code(&voucher.code.to_string());
        let line = html!(
            lang,
            "voucher-line",
            code = code,
            amount = look.money(voucher.amount),
            used = voucher.used,
            uses = voucher.uses
        );
        text = text.line(line);
        if let Some(until) = voucher.until {
            let span = lang.span(until - look.now);
            text = text.line(html!(lang, "voucher-lives", span = span));
        }
    }
    Screen::plain(text.paragraph(html!(lang, "voucher-usage")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Money;

    #[test]
    fn a_voucher_is_read_as_typed() {
        let idr = Currency::from_code("IDR").unwrap();
        let read = |text: &str| {
            let words: Vec<&str> = text.split_whitespace().collect();
            read_wish(&words, idr).ok()
        };
        let wish = |uses, per_user, lives_for| VoucherWish {
            amount: Money::minor(25_000),
            uses,
            per_user,
            lives_for,
        };
        assert_eq!(read("25000 10"), Some(wish(10, 1, None)));
        let month = Some(TimeDelta::days(30));
        assert_eq!(read("25000 10 30d"), Some(wish(10, 1, month)));
        let hours = Some(TimeDelta::hours(12));
        assert_eq!(read("25000 10 12h 3"), Some(wish(10, 3, hours)));
        assert_eq!(read("25000 10 never 3"), Some(wish(10, 3, None)));
        for text in [
            "",
            "25000",
            "x 10",
            "25000 x",
            "25000 -1",
            "25000 10 soon",
            "25000 10 0d",
            "25000 10 99999999d",
            "25000 10 12",
            "25000 10 d",
            "25000 10 ",
            "25000 10 30d x",
            "25000 10 30d 1 1",
            "0 10",
        ] {
            let expected = (text == "25000 10 ").then(|| wish(10, 1, None));
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
