//! Payments on their way: the question before one, and the word that it was made.
//!
//! Invariant: the question is answered whatever happens, and well within Telegram's ten seconds; a
//! payment that cannot be credited now is credited from Telegram's list.

use std::sync::Arc;

use chrono::DateTime;
use teloxide::types::{Message, PreCheckoutQuery};

use crate::bot::api::ApiError;
use crate::bot::context::{Context, language_of, user_id};
use crate::bot::error::BotError;
use crate::bot::views::stars;
use crate::domain::id::UserId;
use crate::domain::stars::XTR;
use crate::shop::account::Visitor;
use crate::shop::stars::{Checkout, StarsPaid};

/// Somebody is about to pay.
pub(crate) async fn on_pre_checkout(
    context: Arc<Context>,
    query: PreCheckoutQuery,
) -> Result<(), BotError> {
    let payer = user_id(&query.from).unwrap_or(UserId(0));
    let checkout = Checkout {
        payer,
        currency: query.currency,
        total: query.total_amount,
        payload: query.invoice_payload,
    };
    let declined = match context.shop.check_out(&checkout).await {
        Ok(()) => None,
        Err(reason) => {
            let lang = language_of(&context.shop, &query.from).await;
            Some(stars::declined(lang, reason))
        }
    };
    let answered = context.api.answer_pre_checkout(&query.id.0, declined).await;
    match answered {
        // Without an answer nothing is paid; the user sees that, and tries again.
        Ok(()) | Err(ApiError::QueryTooOld) => {}
        Err(error) => log::warn!("a payment was not let through: {error}"),
    }
    Ok(())
}

/// Somebody paid.
pub(crate) async fn on_payment(context: Arc<Context>, message: Message) -> Result<(), BotError> {
    let (Some(payment), Some(from)) = (message.successful_payment(), &message.from) else {
        return Ok(());
    };
    if payment.currency != XTR {
        log::error!("a payment came in a currency that is not taken");
        return Ok(());
    }
    let paid = StarsPaid {
        charge: payment.telegram_payment_charge_id.0.clone(),
        payer: Visitor {
            id: user_id(from).unwrap_or(UserId(0)),
            first_name: from.first_name.clone(),
            username: from.username.clone(),
            language_code: from.language_code.clone(),
        },
        stars: payment.total_amount,
        payload: payment.invoice_payload.clone(),
        at: DateTime::from_timestamp(message.date.timestamp(), 0).unwrap_or_default(),
    };
    let credited = context.shop.credit_stars(paid).await;
    if credited.is_err() {
        // Telegram's list has it, too.
        context.shop.wake().stars.notify_one();
    }
    credited?;
    Ok(())
}

/// Telegram says that Stars went back: its list says to whom and for what.
pub(crate) async fn on_refund(context: Arc<Context>) -> Result<(), BotError> {
    context.shop.wake().stars.notify_one();
    Ok(())
}
