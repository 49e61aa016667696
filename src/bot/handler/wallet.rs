//! The wallet, and the ways in which money comes into it.
//!
//! Invariant: an invoice is made by the shop for the one who asked; the bot only shows it.

use crate::admin::{desk, prices, request, shopkeeping};
use crate::bot::context::{Context, Guest};
use crate::bot::dialogue::{self, Question};
use crate::bot::error::BotError;
use crate::bot::handler::press::Press;
use crate::bot::handler::{mailbox, rental, transfer};
use crate::bot::keyboard::Screen;
use crate::bot::link::Start;
use crate::bot::views::wallet::Ways;
use crate::bot::views::{stars, wallet};
use crate::domain::voucher::VoucherCode;
use crate::shop::request::Way;
use crate::shop::topup::TopUpError;
use crate::shop::{Shop, ShopError};

/// How many movements a wallet shows.
const MOVEMENTS: u64 = 8;

/// The wallet.
pub(super) async fn wallet(context: &Context, guest: &Guest) -> Result<Screen, BotError> {
    let view = context.shop.wallet(guest.user.id, MOVEMENTS).await?;
    let ways = Ways {
        hint: context.settings.topup_hint.as_deref(),
        stars: context.shop.stars_offers().is_some(),
        transfer: context.shop.takes(Way::Transfer),
        qris: context.shop.takes(Way::Qris),
        vouchers: !context.shop.open_vouchers().await?.is_empty(),
        invites: context.shop.has_referrals(),
    };
    Ok(wallet::wallet(&guest.look, &view, &ways))
}

/// What is offered for Stars.
pub(super) async fn stars_offers(context: &Context, guest: &Guest) -> Result<Screen, BotError> {
    match context.shop.stars_offers() {
        Some(offers) => Ok(stars::offers(&guest.look, &offers)),
        None => wallet(context, guest).await,
    }
}

/// Asks how many Stars it shall be.
pub(super) async fn other_stars(context: &Context, guest: &Guest) -> Result<Screen, BotError> {
    let Some((least, most)) = context.shop.stars_limits() else {
        return wallet(context, guest).await;
    };
    dialogue::ask(&context.shop, guest.chat(), Question::Stars).await?;
    Ok(stars::how_many(&guest.look, [least, most]))
}

/// An invoice below the offers.
pub(super) async fn pay_stars(press: &Press, count: u32) -> Result<(), BotError> {
    let invoice = invoice(&press.context, &press.guest, count).await?;
    press.below(invoice);
    Ok(())
}

async fn invoice(context: &Context, guest: &Guest, count: u32) -> Result<Screen, BotError> {
    let invoice = context.shop.stars_invoice(guest.user.id, count).await?;
    Ok(stars::invoice(&guest.look, &invoice, Start::Stars.encode()))
}

/// What became of a text.
pub(super) enum Answer {
    /// It answers a question of ours, and this comes of it.
    Screen(Screen),
    /// It answers one, and a notice says what came of it.
    Done,
    /// It is none.
    None,
}

/// Asks for the code of a voucher.
pub(super) async fn ask_voucher(context: &Context, guest: &Guest) -> Result<Screen, BotError> {
    dialogue::ask(&context.shop, guest.chat(), Question::Voucher).await?;
    Ok(wallet::which_voucher(&guest.look))
}

/// Redeems a voucher; a notice tells what it brought.
pub(super) async fn redeem(
    context: &Context,
    guest: &Guest,
    text: &str,
    message: i32,
) -> Result<(), BotError> {
    let occasion = format!("message {message}");
    let shop = &context.shop;
    shop.redeem(guest.user.id, text, &occasion).await?;
    Ok(())
}

/// What a text means that answers a question of ours, or is a voucher's code.
pub(super) async fn answer(
    context: &Context,
    guest: &Guest,
    text: &str,
    message: i32,
) -> Result<Answer, BotError> {
    let shop = &context.shop;
    if VoucherCode::read_message(text).is_some() {
        redeem(context, guest, text, message).await?;
        return Ok(Answer::Done);
    }
    match dialogue::question(shop, guest.chat()).await? {
        None => Ok(Answer::None),
        Some(Question::Rental) => Ok(Answer::Screen(rental::begin(context, guest, text).await?)),
        Some(Question::Mailbox) => Ok(Answer::Screen(mailbox::begin(context, guest, text).await?)),
        Some(Question::Desk(asked)) => {
            let screen = desk::on_answer(context, guest, asked, text).await?;
            Ok(screen.map_or(Answer::None, Answer::Screen))
        }
        Some(Question::Label { order }) => Ok(Answer::Screen(
            rental::label(context, guest, order, text).await?,
        )),
        Some(Question::Stars) => stars_answer(context, guest, text).await,
        Some(Question::TransferAmount) => {
            transfer::amount(context, guest, Way::Transfer, text).await
        }
        Some(Question::QrisAmount) => transfer::amount(context, guest, Way::Qris, text).await,
        Some(Question::PaperAmount(id)) => {
            let screen = request::on_amount(context, guest, id, text).await?;
            Ok(screen.map_or(Answer::None, Answer::Screen))
        }
        Some(Question::Pricing(note)) => {
            let screen = prices::on_answer(context, guest, &note, text).await?;
            Ok(screen.map_or(Answer::None, Answer::Screen))
        }
        Some(Question::FindService) => {
            let screen = shopkeeping::on_answer(context, guest, None, text).await?;
            Ok(screen.map_or(Answer::None, Answer::Screen))
        }
        Some(Question::ServiceName(id)) => {
            let screen = shopkeeping::on_answer(context, guest, Some(id), text).await?;
            Ok(screen.map_or(Answer::None, Answer::Screen))
        }
        Some(Question::Voucher) => {
            dialogue::no_question(shop, guest.chat()).await?;
            // Anything else is more likely the name of a service than a wrong code.
            if VoucherCode::read(text).is_none() {
                return Ok(Answer::None);
            }
            redeem(context, guest, text, message).await?;
            Ok(Answer::Done)
        }
    }
}

async fn stars_answer(context: &Context, guest: &Guest, text: &str) -> Result<Answer, BotError> {
    let shop: &Shop = &context.shop;
    let digits: String = text.chars().filter(|c| !"⭐️ .,".contains(*c)).collect();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        // Whoever writes words wants something else.
        dialogue::no_question(shop, guest.chat()).await?;
        return Ok(Answer::None);
    }
    // What does not fit is more than anybody can pay.
    let count = digits.parse().unwrap_or(u32::MAX);
    match invoice(context, guest, count).await {
        // The question stands: a better number may follow.
        Err(BotError::Shop(ShopError::TopUp(TopUpError::Stars { least, most }))) => {
            Ok(Answer::Screen(stars::how_many(&guest.look, [least, most])))
        }
        Err(error) => Err(error),
        Ok(screen) => {
            dialogue::no_question(shop, guest.chat()).await?;
            Ok(Answer::Screen(screen))
        }
    }
}

/// `/paysupport`: one's payments, and a way to the admins.
pub(super) async fn pay_support(
    context: &Context,
    guest: &Guest,
    text: &str,
) -> Result<Screen, BotError> {
    let shop = &context.shop;
    if text.is_empty() {
        let payments = shop.stars_payments(guest.user.id).await?;
        return Ok(stars::support(&guest.look, &payments));
    }
    shop.ask_pay_support(guest.user.id, text).await?;
    Ok(stars::support_called(&guest.look))
}
