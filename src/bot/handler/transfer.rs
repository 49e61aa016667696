//! Requests to be credited for money that was sent: the user's side.
//!
//! Invariant: what is to be paid comes from the shop; a picture is a proof only while a request of
//! its sender is open.

use teloxide::types::{Document, Message};

use crate::bot::context::{Context, Guest};
use crate::bot::dialogue::{self, Question};
use crate::bot::error::BotError;
use crate::bot::handler::press::Press;
use crate::bot::handler::wallet::{self, Answer};
use crate::bot::html::plain;
use crate::bot::keyboard::Screen;
use crate::bot::views::transfer;
use crate::domain::money::{Currency, Money};
use crate::shop::ShopError;
use crate::shop::request::{Proof, RequestId, RequestView, Way};
use crate::shop::topup::TopUpError;

/// Asks how much it shall be, or shows the request that is open.
pub(super) async fn begin(context: &Context, guest: &Guest, way: Way) -> Result<Screen, BotError> {
    let shop = &context.shop;
    if !shop.takes(way) {
        return wallet::wallet(context, guest).await;
    }
    if let Some(request) = shop.open_request(guest.user.id).await? {
        return Ok(instructions(context, guest, &request));
    }
    let question = match way {
        Way::Transfer => Question::TransferAmount,
        Way::Qris => Question::QrisAmount,
    };
    dialogue::ask(shop, guest.chat(), question).await?;
    Ok(transfer::how_much(&guest.look, shop.transfer_limits()?))
}

fn instructions(context: &Context, guest: &Guest, request: &RequestView) -> Screen {
    let how = context.settings.transfers.as_ref();
    let words = how.and_then(|how| how.words(guest.look.lang.tag()));
    let picture = how.and_then(|how| how.picture.clone());
    transfer::instructions(&guest.look, request, words, picture)
}

/// The answer to "how much?".
pub(super) async fn amount(
    context: &Context,
    guest: &Guest,
    way: Way,
    text: &str,
) -> Result<Answer, BotError> {
    let shop = &context.shop;
    let Some(amount) = read_amount(text, guest.look.currency) else {
        dialogue::no_question(shop, guest.chat()).await?;
        return Ok(Answer::None);
    };
    match shop.request_top_up(guest.user.id, way, amount).await {
        Ok(request) => {
            dialogue::no_question(shop, guest.chat()).await?;
            Ok(Answer::Screen(instructions(context, guest, &request)))
        }
        // The question stands: a better amount may follow.
        Err(ShopError::TopUp(TopUpError::TransferAmount { least, most })) => Ok(Answer::Screen(
            transfer::how_much(&guest.look, [least, most]),
        )),
        Err(error) => Err(error.into()),
    }
}

/// An amount as people type it: `50000`, `50.000`, `Rp50rb`, `50k`; `None` for other words.
pub(crate) fn read_amount(text: &str, currency: Currency) -> Option<Money> {
    let text = text.trim().to_lowercase();
    if currency.decimals() > 0 {
        return currency
            .parse(text.trim_start_matches(&currency.symbol()).trim())
            .ok();
    }
    let text = text.strip_prefix("rp").unwrap_or(&text);
    let (digits, thousands) = match text.strip_suffix("rb").or(text.strip_suffix('k')) {
        Some(rest) => (rest, "000"),
        None => (text, ""),
    };
    // Without decimals both signs can only group.
    let digits: String = digits.chars().filter(|c| !" .,".contains(*c)).collect();
    currency.parse(&format!("{digits}{thousands}")).ok()
}

/// A picture: the proof of a payment, where one is waited for.
pub(super) async fn picture(
    context: &Context,
    guest: &Guest,
    message: &Message,
) -> Result<Option<Screen>, BotError> {
    let Some(proof) = proof_in(message) else {
        return Ok(None);
    };
    let request = context.shop.prove(guest.user.id, proof).await?;
    Ok(request.map(|request| transfer::received(&guest.look, &request)))
}

/// The largest copy of a photo, or a file that is a picture.
pub(super) fn proof_in(message: &Message) -> Option<Proof> {
    if let Some(sizes) = message.photo() {
        let largest = sizes.iter().max_by_key(|size| size.width)?;
        return Some(Proof {
            file_id: largest.file.id.0.clone(),
            is_photo: true,
        });
    }
    let is_picture = |document: &&Document| {
        let kind = document.mime_type.as_ref();
        kind.is_some_and(|kind| kind.type_() == "image" || kind.subtype() == "pdf")
    };
    let document = message.document().filter(is_picture)?;
    Some(Proof {
        file_id: document.file.id.0.clone(),
        is_photo: false,
    })
}

/// Takes a request back.
pub(super) async fn withdraw(press: &Press, id: RequestId) -> Result<(), BotError> {
    let guest = &press.guest;
    let shop = &press.context.shop;
    match shop.withdraw_request(guest.user.id, id).await {
        Ok(()) => press.ack(),
        Err(ShopError::TopUp(TopUpError::NoSuchRequest)) => {
            press.toast(&plain!(guest.look.lang, "toast-request-ended"));
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    }
    press.show(transfer::withdrawn(&guest.look));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        let idr = Currency::from_code("IDR").unwrap();
        let usd = Currency::from_code("USD").unwrap();
        for (text, currency, minor) in [
            ("50000", idr, Some(50_000)),
            ("50.000", idr, Some(50_000)),
            ("Rp 50.000", idr, Some(50_000)),
            ("1,250,000", idr, Some(1_250_000)),
            ("50rb", idr, Some(50_000)),
            ("75 k", idr, Some(75_000)),
            ("WhatsApp", idr, None),
            ("-5", idr, None),
            ("0", idr, None),
            ("", idr, None),
            ("12.50", usd, Some(1_250)),
            ("$12", usd, Some(1_200)),
            ("12k", usd, None),
        ] {
            let read = read_amount(text, currency);
            assert_eq!(read, minor.map(Money::minor), "{text}");
        }
    }
}
