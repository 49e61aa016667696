//! Payments in Telegram Stars over the Bot API.
//!
//! Invariant: what Telegram's list says is read leniently: an entry of a newer kind is no reason
//! to miss the payment beside it.

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use teloxide::payloads::setters::*;
use teloxide::payloads::{AnswerPreCheckoutQuery, SendInvoice};
use teloxide::types::{ChatId, LabeledPrice, PreCheckoutQueryId};

use crate::bot::api::{Api, ApiError, CALL_TIMEOUT, Sent};
use crate::bot::keyboard::Invoice;
use crate::domain::id::UserId;
use crate::domain::stars::XTR;
use crate::shop::account::Visitor;
use crate::shop::stars::sweep::PAGE;
use crate::shop::stars::{StarsMove, StarsPaid};

#[derive(Serialize)]
struct Page {
    offset: u32,
    limit: u32,
}

#[derive(Deserialize)]
struct Transactions {
    transactions: Vec<Transaction>,
}

#[derive(Deserialize)]
struct Transaction {
    id: String,
    amount: i64,
    date: i64,
    source: Option<Partner>,
    receiver: Option<Partner>,
}

/// Somebody on the other side; only people matter, and only what they paid or got back.
#[derive(Deserialize)]
struct Partner {
    r#type: String,
    user: Option<Payer>,
    invoice_payload: Option<String>,
}

#[derive(Deserialize)]
struct Payer {
    id: i64,
    first_name: String,
    username: Option<String>,
    language_code: Option<String>,
}

#[derive(Serialize)]
struct Refund<'a> {
    user_id: i64,
    telegram_payment_charge_id: &'a str,
}

impl Transaction {
    fn read(self) -> StarsMove {
        if self.receiver.is_some_and(|it| it.r#type == "user") {
            return StarsMove::Returned(self.id);
        }
        let paid = self.source.filter(|source| source.r#type == "user");
        let paid = paid.and_then(|source| Some((source.user?, source.invoice_payload?)));
        let stars = u32::try_from(self.amount).ok().filter(|stars| *stars > 0);
        match (paid, stars) {
            (Some((payer, payload)), Some(stars)) => StarsMove::Paid(StarsPaid {
                charge: self.id,
                payer: Visitor {
                    id: UserId(payer.id),
                    first_name: payer.first_name,
                    username: payer.username,
                    language_code: payer.language_code,
                },
                stars,
                payload,
                at: DateTime::from_timestamp(self.date, 0).unwrap_or_default(),
            }),
            (Some(_) | None, Some(_) | None) => StarsMove::Other,
        }
    }
}

impl Api {
    /// Sends an invoice in Stars. Its copies in other chats lead into the shop and cannot be paid.
    pub(super) async fn send_invoice(&self, chat: i64, invoice: &Invoice) -> Result<i32, ApiError> {
        let price = LabeledPrice {
            label: invoice.title.clone(),
            amount: invoice.stars,
        };
        let request = SendInvoice::new(
            ChatId(chat),
            &invoice.title,
            &invoice.description,
            &invoice.payload,
            XTR,
            [price],
        )
        .provider_token("")
        .start_parameter(&invoice.start_parameter);
        let sent: Sent = self.call("sendInvoice", &request, CALL_TIMEOUT).await?;
        Ok(sent.message_id)
    }

    /// Lets a payment go on, or declines it with a reason that the payer reads.
    pub(crate) async fn answer_pre_checkout(
        &self,
        query: &str,
        declined: Option<String>,
    ) -> Result<(), ApiError> {
        let id = PreCheckoutQueryId(query.to_owned());
        let mut request = AnswerPreCheckoutQuery::new(id, declined.is_none());
        if let Some(reason) = declined {
            request = request.error_message(reason);
        }
        let _: serde::de::IgnoredAny = self
            .call("answerPreCheckoutQuery", &request, CALL_TIMEOUT)
            .await?;
        Ok(())
    }

    /// A page of Telegram's list of transactions, oldest first.
    pub(crate) async fn star_transactions(&self, offset: u32) -> Result<Vec<StarsMove>, ApiError> {
        let page = Page {
            offset,
            limit: PAGE,
        };
        let list: Transactions = self
            .call("getStarTransactions", &page, CALL_TIMEOUT)
            .await?;
        let moves = list.transactions.into_iter();
        Ok(moves.map(Transaction::read).collect())
    }

    /// Returns the Stars of a payment.
    pub(crate) async fn refund_stars(&self, user: UserId, charge: &str) -> Result<(), ApiError> {
        let request = Refund {
            user_id: user.0,
            telegram_payment_charge_id: charge,
        };
        let _: serde::de::IgnoredAny = self
            .call("refundStarPayment", &request, CALL_TIMEOUT)
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> StarsMove {
        serde_json::from_str::<Transaction>(json).unwrap().read()
    }

    #[test]
    fn telegram_s_list_is_read_leniently() {
        let paid = r#"{"id":"ch_1","amount":50,"date":1800000000,"source":{"type":"user","transaction_type":"invoice_payment","user":{"id":5,"is_bot":false,"first_name":"A"},"invoice_payload":"stars:5:x"}}"#;
        let StarsMove::Paid(paid) = read(paid) else {
            panic!("this is a payment");
        };
        assert_eq!((paid.charge.as_str(), paid.stars), ("ch_1", 50));
        assert_eq!(
            (paid.payer.id, paid.payload.as_str()),
            (UserId(5), "stars:5:x")
        );
        let returned = r#"{"id":"ch_1","amount":50,"date":1800000001,"receiver":{"type":"user","user":{"id":5,"is_bot":false,"first_name":"A"}}}"#;
        assert_eq!(read(returned), StarsMove::Returned("ch_1".to_owned()));
        for other in [
            r#"{"id":"w","amount":1000,"date":1,"receiver":{"type":"fragment"}}"#,
            r#"{"id":"g","amount":5,"date":1,"source":{"type":"a_kind_of_tomorrow","x":1}}"#,
            r#"{"id":"m","amount":5,"nanostar_amount":7,"date":1,"source":{"type":"user","user":{"id":5,"is_bot":false,"first_name":"A"},"paid_media_payload":"p"}}"#,
            r#"{"id":"n","amount":-5,"date":1,"source":{"type":"user","user":{"id":5,"is_bot":false,"first_name":"A"},"invoice_payload":"p"}}"#,
            r#"{"id":"o","amount":5,"date":1}"#,
        ] {
            assert_eq!(read(other), StarsMove::Other, "{other}");
        }
    }
}
