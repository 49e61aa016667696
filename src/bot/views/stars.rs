//! Telegram Stars: what is offered, an invoice, and what there is to say afterwards.
//!
//! Invariant: an invoice shows what it costs and what it brings, as the shop promised it.

use crate::bot::callback::Callback;
use crate::bot::html::{Html, cut, html, plain};
use crate::bot::i18n::Lang;
use crate::bot::keyboard::{Invoice, Screen};
use crate::bot::views::Look;
use crate::domain::money::Money;
use crate::shop::account::User;
use crate::shop::stars::PaymentState;
use crate::shop::stars::news::{Ending, PaymentView, StarsNews};
use crate::shop::stars::{Declined, StarsInvoice, StarsOffer};
use crate::shop::topup::TopUpError;

/// What is offered for Stars.
pub(crate) fn offers(look: &Look, offers: &[StarsOffer]) -> Screen {
    let lang = look.lang;
    let label = |offer: &StarsOffer| {
        let money = look.money(offer.credit);
        let label = plain!(
            lang,
            "label-stars",
            stars = i64::from(offer.stars),
            money = money
        );
        (label, Callback::PayStars { stars: offer.stars })
    };
    look.keyboard()
        .columns(2, offers.iter().map(label).collect())
        .wide(&plain!(lang, "button-other-stars"), Callback::OtherStars)
        .wide(&plain!(lang, "button-back"), Callback::Wallet)
        .under(html!(lang, "stars-offers"))
}

/// How many shall it be?
pub(crate) fn how_many(look: &Look, [least, most]: [u32; 2]) -> Screen {
    let text = html!(
        look.lang,
        "stars-how-many",
        least = i64::from(least),
        most = i64::from(most)
    );
    look.keyboard()
        .wide(&plain!(look.lang, "button-back"), Callback::Stars)
        .under(text)
}

/// An invoice.
pub(crate) fn invoice(look: &Look, invoice: &StarsInvoice, start_parameter: String) -> Screen {
    let credit = look.money(invoice.offer.credit);
    Screen::invoice(Invoice {
        title: cut(
            &plain!(look.lang, "label-invoice-title", money = &credit),
            32,
        )
        .into_owned(),
        description: plain!(
            look.lang,
            "label-invoice",
            money = credit,
            stars = i64::from(invoice.offer.stars)
        ),
        payload: invoice.payload.to_string(),
        stars: invoice.offer.stars,
        start_parameter,
    })
}

/// Why a payment is declined, as Telegram shows it to the payer.
pub(crate) fn declined(lang: &Lang, reason: Declined) -> String {
    match reason {
        Declined::NotYours => plain!(lang, "toast-pay-not-yours"),
        Declined::Outdated => plain!(lang, "toast-pay-outdated"),
        Declined::RateChanged => plain!(lang, "toast-pay-rate"),
        Declined::TooLarge => plain!(lang, "toast-pay-too-large"),
        Declined::Banned => plain!(lang, "toast-pay-banned"),
        Declined::CannotWrite => plain!(lang, "toast-pay-cannot-write"),
    }
}

/// Why the shop refuses.
pub(crate) fn refusal(look: &Look, error: &TopUpError) -> Html {
    let lang = look.lang;
    match error {
        TopUpError::Off => html!(lang, "refused-top-up-off"),
        TopUpError::Stars { least, most } => html!(
            lang,
            "stars-how-many",
            least = i64::from(*least),
            most = i64::from(*most)
        ),
        TopUpError::NoSuchPayment => html!(lang, "refused-no-such-payment"),
        TopUpError::NotRefundable => html!(lang, "refused-not-refundable"),
        TopUpError::Spent { amount, available } => html!(
            lang,
            "refused-spent",
            amount = look.money(*amount),
            available = look.money(*available)
        ),
        TopUpError::CalledAlready(until) => html!(
            lang,
            "refused-called-already",
            wait = lang.span(*until - look.now)
        ),
        TopUpError::TransferAmount { least, most } => html!(
            lang,
            "transfer-how-much",
            least = look.money(*least),
            most = look.money(*most)
        ),
        TopUpError::NoReason => html!(lang, "deduct-usage"),
        TopUpError::NotThatMuch(available) => html!(
            lang,
            "refused-not-that-much",
            available = look.money(*available)
        ),
        TopUpError::Cap(most) => html!(lang, "refused-cap", most = look.money(*most)),
        TopUpError::NoSuchRequest => html!(lang, "refused-no-such-request"),
        TopUpError::TooManyRequests => html!(lang, "refused-too-many-requests"),
        TopUpError::BookedMeanwhile => html!(lang, "refused-booked-meanwhile"),
        TopUpError::Voucher => html!(lang, "refused-voucher"),
        TopUpError::NoSuchVoucher => html!(lang, "refused-no-such-voucher"),
        TopUpError::VoucherUsedUp => html!(lang, "refused-voucher-used-up"),
        TopUpError::VoucherUsedByYou => html!(lang, "refused-voucher-used-by-you"),
        TopUpError::Guessing(until) => html!(
            lang,
            "refused-guessing",
            wait = lang.span(*until - look.now)
        ),
        TopUpError::NobodyThere => html!(lang, "refused-nobody-there"),
    }
}

/// One payment as a line, with the number that names it everywhere.
pub(crate) fn payment_line(look: &Look, payment: &PaymentView) -> Html {
    let lang = look.lang;
    let state = match payment.state {
        PaymentState::Credited => plain!(lang, "state-payment-credited"),
        PaymentState::Refunding => plain!(lang, "state-payment-refunding"),
        PaymentState::Refunded | PaymentState::Owed => plain!(lang, "state-payment-refunded"),
    };
    html!(
        lang,
        "stars-payment",
        stars = payment.stars,
        money = look.money(payment.credit),
        state = state,
        ago = lang.ago(payment.at, look.now),
        charge = Html::code(&payment.charge)
    )
}

/// One's payments, and how to reach the admins.
pub(crate) fn support(look: &Look, payments: &[PaymentView]) -> Screen {
    let mut text = html!(look.lang, "pay-support");
    if !payments.is_empty() {
        text = text.paragraph(html!(look.lang, "pay-support-payments"));
        for payment in payments {
            text = text.line(payment_line(look, payment));
        }
    }
    look.keyboard()
        .wide(&plain!(look.lang, "button-wallet"), Callback::Wallet)
        .under(text)
}

/// The admins know.
pub(crate) fn support_called(look: &Look) -> Screen {
    look.keyboard()
        .wide(&plain!(look.lang, "button-menu"), Callback::Menu)
        .under(html!(look.lang, "pay-support-called"))
}

/// A user as admins know them.
pub(crate) fn person(user: &User) -> String {
    let first = cut(&user.first_name, 64);
    match &user.username {
        Some(username) => format!("{first} @{username}"),
        None => first.into_owned(),
    }
}

/// A piece of news; `user` is whom it is about.
pub(crate) fn news(look: &Look, news: &StarsNews, user: &User) -> Screen {
    let lang = look.lang;
    let id = Html::code(&user.id.to_string());
    match news {
        StarsNews::Returned { stars, amount } => look
            .keyboard()
            .wide(&plain!(lang, "button-wallet"), Callback::Wallet)
            .under(html!(
                lang,
                "stars-returned",
                stars = *stars,
                amount = look.money(*amount)
            )),
        StarsNews::RefundEnded {
            charge,
            stars,
            amount,
            ending,
            ..
        } => {
            let facts = refund_facts(look, user, [charge, &stars.to_string()], *amount);
            Screen::plain(match ending {
                Ending::Returned => html!(lang, "refund-returned", facts = facts),
                Ending::Refused => html!(lang, "refund-refused", facts = facts),
                Ending::ReturnedByTelegram => html!(lang, "refund-by-telegram", facts = facts),
                Ending::Owed => html!(lang, "refund-owed", facts = facts),
            })
        }
        StarsNews::Support { text, .. } => Screen::plain(html!(
            lang,
            "pay-support-call",
            name = person(user),
            id = id,
            text = text
        )),
    }
}

/// What a refund is about, in one line.
pub(crate) fn refund_facts(
    look: &Look,
    user: &User,
    [charge, stars]: [&str; 2],
    amount: Money,
) -> Html {
    html!(
        look.lang,
        "refund-facts",
        name = person(user),
        id = Html::code(&user.id.to_string()),
        stars = stars,
        amount = look.money(amount),
        charge = Html::code(charge)
    )
}
