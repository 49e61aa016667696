//! `/doubts`: what is not settled between the upstreams and us, and what admins decide about it.
//!
//! Invariant: a ruling is about one order and takes effect once; where the order moved on
//! meanwhile, the admin is told that nothing was changed.

use super::or_refusal;
use crate::bot::callback::Callback;
use crate::bot::context::{Context, Guest};
use crate::bot::error::BotError;
use crate::bot::handler::press::Press;
use crate::bot::html::{Html, cut, html, plain};
use crate::bot::i18n::countdown;
use crate::bot::keyboard::{Keyboard, Screen};
use crate::bot::views::Look;
use crate::domain::id::{Nonce, OrderId, UpstreamId};
use crate::shop::ShopError;
use crate::shop::doubts::{DoubtBoard, DoubtView, Mismatch, Ruling, UnprovenView};
use crate::shop::float::FloatGap;

/// A message has room for so many of each kind; the others come up when these are settled.
const SHOWN: usize = 8;
/// International numbers have at most fifteen digits, and hardly fewer than seven.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// The command.
pub(super) async fn on_command(
    context: &Context,
    guest: &Guest,
    arguments: &str,
) -> Result<Screen, ShopError> {
    let look = &guest.look;
    let arguments = arguments.trim();
    if arguments.is_empty() {
        return board(context, guest).await;
    }
    let Some((order, upstream_id, number)) = read(arguments) else {
        let word = cut(arguments, 64);
        let text = html!(look.lang, "doubts-unreadable", word = word.as_ref());
        return Ok(with_usage(look, text));
    };
    let shop = &context.shop;
    let done = shop
        .rule_bought(guest.user.id, order, upstream_id, number)
        .await?;
    Ok(Screen::plain(if done {
        html!(look.lang, "doubts-bought", order = order.to_string())
    } else {
        html!(look.lang, "doubts-settled", order = order.to_string())
    }))
}

/// An admin's word on a purchase.
pub(crate) async fn on_ruling(press: &Press, id: OrderId, ruling: Ruling) -> Result<(), BotError> {
    let guest = &press.guest;
    let lang = guest.look.lang;
    let ruled = press.context.shop.rule(guest.user.id, id, ruling).await;
    if let Ok(done) = ruled {
        let order = id.to_string();
        press.toast(&match (done, ruling) {
            (true, Ruling::NotBought) => plain!(lang, "toast-ruled-not-bought", order = order),
            (true, Ruling::Lost) => plain!(lang, "toast-ruled-lost", order = order),
            (false, _) => plain!(lang, "toast-ruled-already", order = order),
        });
    }
    press.ack();
    let screen = match ruled {
        Ok(_) => board(&press.context, guest).await,
        Err(refused) => Err(refused),
    };
    press.show(or_refusal(guest, screen)?);
    Ok(())
}

/// Takes a difference of a balance into the books.
pub(crate) async fn on_accept(press: &Press, nonce: &Nonce) -> Result<(), BotError> {
    let guest = &press.guest;
    let accepted = press.context.shop.accept_float(guest.user.id, nonce).await;
    if accepted.is_ok() {
        press.toast(&plain!(guest.look.lang, "toast-float-accepted"));
    }
    press.ack();
    let screen = match accepted {
        // Too old, or the balance differs by something else now: here is what is true.
        Ok(()) | Err(ShopError::QuoteExpired) => board(&press.context, guest).await,
        Err(refused) => Err(refused),
    };
    press.show(or_refusal(guest, screen)?);
    Ok(())
}

/// Reads `bought <order> <id there> <number>`.
fn read(text: &str) -> Option<(OrderId, UpstreamId, String)> {
    let mut words = text.split_whitespace();
    if words.next()? != "bought" {
        return None;
    }
    let order = words.next()?.trim_start_matches('#').parse().ok()?;
    let upstream_id = UpstreamId(words.next()?.to_owned());
    // Numbers are copied with all that people write between digits.
    let number: String = words.collect();
    let strange = |c: char| !c.is_ascii_digit() && !matches!(c, '+' | '-' | '(' | ')');
    if number.contains(strange) {
        return None;
    }
    let number: String = number.chars().filter(char::is_ascii_digit).collect();
    DIGITS
        .contains(&number.len())
        .then_some((OrderId(order), upstream_id, number))
}

async fn board(context: &Context, guest: &Guest) -> Result<Screen, ShopError> {
    let look = &guest.look;
    let board = context.shop.doubt_board().await?;
    if board.is_empty() {
        return Ok(Screen::plain(html!(look.lang, "doubts-none")));
    }
    let mut keyboard = look.keyboard();
    let mut text = html!(look.lang, "doubts-board");
    for doubt in board.doubts.iter().take(SHOWN) {
        text = text.paragraph(doubt_block(look, doubt));
        keyboard = ruling_button(look, keyboard, doubt.order, Ruling::NotBought);
    }
    for unproven in board.unproven.iter().take(SHOWN) {
        text = text.paragraph(unproven_block(look, unproven));
        for ruling in [Ruling::NotBought, Ruling::Lost] {
            keyboard = ruling_button(look, keyboard, unproven.order, ruling);
        }
    }
    for gap in &board.gaps {
        text = text.paragraph(gap_block(look, gap));
        let nonce = context.shop.draft_float(guest.user.id, gap).await?;
        let label = plain!(
            look.lang,
            "button-float-accept",
            provider = gap.provider.as_str()
        );
        keyboard = keyboard.wide(&label, Callback::AcceptFloat { nonce });
    }
    for mismatch in board.mismatches.iter().take(SHOWN) {
        text = text.paragraph(mismatch_block(look, mismatch));
    }
    let hidden = hidden(&board);
    if hidden > 0 {
        text = text.paragraph(html!(look.lang, "doubts-more", count = hidden));
    }
    Ok(keyboard.under(text.paragraph(html!(look.lang, "doubts-usage"))))
}

fn hidden(board: &DoubtBoard) -> usize {
    let sizes = [
        board.doubts.len(),
        board.unproven.len(),
        board.mismatches.len(),
    ];
    sizes.iter().map(|size| size.saturating_sub(SHOWN)).sum()
}

fn ruling_button(look: &Look, keyboard: Keyboard, id: OrderId, ruling: Ruling) -> Keyboard {
    let order = id.to_string();
    let label = match ruling {
        Ruling::NotBought => plain!(look.lang, "button-not-bought", order = order),
        Ruling::Lost => plain!(look.lang, "button-number-lost", order = order),
    };
    keyboard.wide(&label, Callback::Rule { id, ruling })
}

fn doubt_block(look: &Look, doubt: &DoubtView) -> Html {
    html!(
        look.lang,
        "doubts-in-doubt",
        order = doubt.order.to_string(),
        service = doubt.service.as_str(),
        price = look.money(doubt.price),
        provider = doubt.provider.as_str(),
        ago = look.lang.ago(doubt.sent_at, look.now),
        reads = doubt.good_reads,
        left = countdown(doubt.deadline - look.now)
    )
}

fn unproven_block(look: &Look, unproven: &UnprovenView) -> Html {
    html!(
        look.lang,
        "doubts-unproven",
        order = unproven.order.to_string(),
        provider = unproven.provider.as_str(),
        cost = unproven.cost.as_str(),
        ago = look.lang.ago(unproven.sent_at, look.now)
    )
}

fn gap_block(look: &Look, gap: &FloatGap) -> Html {
    let amount = format!("{} {}", gap.amount.abs(), gap.currency);
    let provider = gap.provider.as_str();
    if gap.amount.is_sign_negative() {
        html!(
            look.lang,
            "doubts-balance-lower",
            provider = provider,
            amount = amount
        )
    } else {
        html!(
            look.lang,
            "doubts-balance-higher",
            provider = provider,
            amount = amount
        )
    }
}

fn mismatch_block(look: &Look, mismatch: &Mismatch) -> Html {
    let provider = mismatch.provider.as_str();
    match mismatch.order {
        Some(order) => html!(
            look.lang,
            "doubts-missing",
            provider = provider,
            order = order.to_string(),
            upstream = mismatch.upstream_id.as_str()
        ),
        None => html!(
            look.lang,
            "doubts-stranger",
            provider = provider,
            upstream = mismatch.upstream_id.as_str()
        ),
    }
}

fn with_usage(look: &Look, text: Html) -> Screen {
    Screen::plain(text.paragraph(html!(look.lang, "doubts-usage")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_is_read_as_people_copy_it() {
        for text in [
            "bought 12 A-77 6281234567890",
            "bought #12 A-77 +62 812-3456-7890",
            "  bought  12  A-77  (62)81234567890 ",
        ] {
            let (order, upstream_id, number) = read(text).unwrap();
            assert_eq!(order, OrderId(12));
            assert_eq!(upstream_id.as_str(), "A-77");
            assert_eq!(number, "6281234567890");
        }
    }

    #[test]
    fn what_is_not_understood_changes_nothing() {
        for text in [
            "",
            "sold 12 A 6281234567890",
            "bought twelve A 6281234567890",
            "bought 12 A",
            "bought 12 A 12345",
            "bought 12 A 1234567890123456",
            "bought 12 A 62812abc4567",
        ] {
            assert!(read(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "(bought )?\\PC{0,80}") {
            let _ = read(&text);
        }
    }
}
