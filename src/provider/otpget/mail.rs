//! OTPGet's mailboxes at `email_handler.php`, in JSON.
//!
//! Its price lists have no limit to send with a purchase, so a purchase reads its list once more
//! before it is sent.
//!
//! Invariant: a mailbox is called cancelled only by the code or a word for it and without a
//! message; a row of the history that cannot be read spoils its page.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;
use url::Url;

use super::answers::{self, READ, SALE};
use super::handler::Handler;
use crate::domain::id::{ProviderId, UpstreamId};
use crate::domain::sms::extract_code;
use crate::provider::http::settings::Account;
use crate::provider::http::{Call, Http};
use crate::provider::mailbox::{
    BoughtMailbox, Mail, MailboxCancel, MailboxOffer, MailboxProvider, MailboxPurchase,
    MailboxRecord, MailboxState, MailboxWord,
};
use crate::provider::wire::envelope::{self, Envelope, Found};
use crate::provider::wire::{Json, Object};
use crate::provider::{ProviderError, PurchaseAnswer, Server};

const FILE: &str = "email_handler.php";
const WAITING: u64 = 202;
const CANCELLED: u64 = 300;
const ID_FIELDS: [&str; 2] = ["email_id", "activation_id"];
const ADDRESS_FIELDS: [&str; 2] = ["email", "email_address"];

/// The driver of the mailboxes.
#[derive(Clone, Debug)]
pub struct OtpGetMail {
    handler: Handler,
}

impl OtpGetMail {
    /// The account of the activations; `base_url` is the folder of the handlers, `…/stubs`.
    #[must_use]
    pub fn account(base_url: Url, key: SecretString) -> Account {
        super::OtpGet::account(base_url, key)
    }

    /// The driver of an account. Drivers that share one way to the upstream share its limits.
    #[must_use]
    pub fn new(http: impl Into<Arc<Http>>) -> Self {
        Self {
            handler: Handler::new(http, FILE),
        }
    }

    /// The offers of one of the two lists.
    async fn offers(
        &self,
        server: Server,
        asked: (&str, &str),
        name: &str,
        read: impl FnMut(Json<'_>) -> Option<MailboxOffer>,
    ) -> Result<Vec<MailboxOffer>, ProviderError> {
        let query = [("server", server.as_str()), asked];
        let (handler, action) = (&self.handler, "getEmailServices");
        let rows = answers::list(handler, Call::Catalogue, action, &query, name, read);
        match rows.await {
            Ok(rows) => Ok(answers::readable(handler, "offers", rows)),
            Err(ProviderError::OutOfStock) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Whether the terms still hold.
    async fn still_sells(&self, terms: &MailboxPurchase) -> Result<(), ProviderError> {
        let offers = match terms.server {
            Server::One => self.services(&terms.domain).await?,
            Server::Two => self.domains(&terms.service_code).await?,
        };
        let now = offers
            .iter()
            .find(|it| it.service_code == terms.service_code && it.domain == terms.domain);
        answers::still(now.map(|offer| &offer.cost), terms.max_cost)
    }

    fn record(&self, row: Json<'_>) -> Option<MailboxRecord> {
        let row = row.object()?;
        let word = row.text(&["status"]).unwrap_or_default();
        Some(MailboxRecord {
            email_id: row.id(&["email_id", "activation_id", "id"]).map(UpstreamId),
            address: row.text(&ADDRESS_FIELDS).and_then(address)?,
            server: row.text(&["server"]).and_then(|text| Server::read(&text)),
            word: match word.to_lowercase().as_str() {
                "202" | "waiting" | "pending" | "active" => MailboxWord::Waiting,
                "200" | "received" | "completed" | "success" => MailboxWord::Received,
                "300" | "cancelled" | "canceled" | "refunded" => MailboxWord::Cancelled,
                _ => MailboxWord::Other(self.handler.http().clean(&word)),
            },
            service: row.text(&["service", "site"]),
            cost: answers::price(&row),
        })
    }
}

/// A text that can be an address.
fn address(text: String) -> Option<String> {
    let (name, domain) = text.split_once('@')?;
    let is_plain = !text.contains(|c: char| c.is_whitespace() || c.is_control());
    (is_plain && !name.is_empty() && domain.contains('.')).then_some(text)
}

fn offer(
    server: Server,
    service: (String, String),
    domain: String,
    row: &Object<'_>,
) -> Option<MailboxOffer> {
    let (service_code, service_name) = service;
    Some(MailboxOffer {
        server,
        service_code,
        service_name,
        domain,
        cost: answers::price(row)?,
        stock: row.get("count").and_then(Json::count),
    })
}

/// Every message in an answer that holds a code or a text.
fn mails(envelope: &Envelope<'_>) -> Vec<Mail> {
    let listed = envelope.field("messages").and_then(Json::rows);
    let listed = listed.unwrap_or_default().into_iter();
    let mails: Vec<Mail> = listed.filter_map(|row| mail(&row.object()?)).collect();
    if !mails.is_empty() {
        return mails;
    }
    let code = envelope.field("code").and_then(Json::text).and_then(told);
    let alone = code.map(|code| Mail {
        from: None,
        subject: None,
        text: None,
        code: Some(code),
    });
    alone.into_iter().collect()
}

fn mail(row: &Object<'_>) -> Option<Mail> {
    let raw = |name: &str| {
        let text = row.get(name)?.raw_text();
        text.filter(|text| !text.trim().is_empty())
    };
    let text = ["text", "body", "message"].into_iter().find_map(raw);
    let subject = raw("subject");
    let sent = row.text(&["code"]).and_then(told);
    let found = || {
        [&text, &subject]
            .into_iter()
            .flatten()
            .find_map(|text| extract_code(text))
    };
    let code = sent.or_else(found);
    if code.is_none() && text.is_none() {
        return None;
    }
    Some(Mail {
        from: row.text(&["from", "sender"]),
        subject,
        text,
        code,
    })
}

/// A code, unless it is one of the words for none.
fn told(code: String) -> Option<String> {
    (code != "-").then_some(code)
}

/// What a success without a message says about a cancellation.
fn without_mail(envelope: &Envelope<'_>) -> MailboxCancel {
    let text = envelope
        .message
        .as_deref()
        .unwrap_or_default()
        .to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&["not ", "cannot", "can't", "n't "]) {
        MailboxCancel::NotNow
    } else if has(&["complet"]) {
        MailboxCancel::AlreadyClosed
    } else if has(&["cancelled", "canceled", "refunded"]) {
        MailboxCancel::Cancelled
    } else {
        MailboxCancel::NotNow
    }
}

/// What a refused cancellation says about the mailbox; `None` where it is about something else.
fn refused_cancel(envelope: &Envelope<'_>) -> Option<MailboxCancel> {
    let text = envelope
        .message
        .as_deref()
        .unwrap_or_default()
        .to_lowercase();
    match envelope.code {
        Some(WAITING) => Some(MailboxCancel::NotNow),
        Some(CANCELLED) => Some(MailboxCancel::AlreadyClosed),
        Some(400) if text.contains("already") => Some(MailboxCancel::AlreadyClosed),
        Some(400) if text.contains("early") || text.contains("wait") => Some(MailboxCancel::NotNow),
        Some(_) | None => None,
    }
}

#[async_trait]
impl MailboxProvider for OtpGetMail {
    fn id(&self) -> &ProviderId {
        self.handler.id()
    }

    async fn services(&self, domain: &str) -> Result<Vec<MailboxOffer>, ProviderError> {
        let server = Server::One;
        let read = |row: Json<'_>| {
            let row = row.object()?;
            let code = row.text(&["service_code"])?;
            let name = row.text(&["service_name"]).unwrap_or_else(|| code.clone());
            offer(server, (code, name), domain.to_owned(), &row)
        };
        self.offers(server, ("domain", domain), "services", read)
            .await
    }

    async fn domains(&self, site: &str) -> Result<Vec<MailboxOffer>, ProviderError> {
        let server = Server::Two;
        let read = |row: Json<'_>| {
            let row = row.object()?;
            let service = (site.to_owned(), site.to_owned());
            offer(server, service, row.text(&["domain"])?, &row)
        };
        self.offers(server, ("site", site), "domains", read).await
    }

    async fn buy(&self, purchase: &MailboxPurchase) -> PurchaseAnswer<BoughtMailbox> {
        if let Err(error) = self.still_sells(purchase).await {
            return PurchaseAnswer::NotSent(error);
        }
        let service_field = match purchase.server {
            Server::One => "service_id",
            Server::Two => "site",
        };
        let query = [
            ("server", purchase.server.as_str()),
            (service_field, purchase.service_code.as_str()),
            ("domain", purchase.domain.as_str()),
        ];
        let answer = self.handler.ask(Call::Purchase, "buyEmail", &query).await;
        envelope::judge(self.handler.http(), SALE, answer, |envelope| {
            let id = envelope.id(&ID_FIELDS);
            let sent = envelope.id(&ADDRESS_FIELDS);
            let is_there = id.is_some() || sent.is_some();
            match (id, sent.and_then(address)) {
                (Some(id), Some(address)) => Found::Whole(BoughtMailbox {
                    email_id: UpstreamId(id),
                    address,
                    cost: envelope::cost(SALE, envelope, "price"),
                }),
                _ if is_there => Found::Part,
                _ => Found::Nothing,
            }
        })
    }

    async fn code(
        &self,
        email_id: &UpstreamId,
        server: Server,
    ) -> Result<MailboxState, ProviderError> {
        let handler = &self.handler;
        let query = [("email_id", email_id.as_str()), ("server", server.as_str())];
        let reply = handler.ask(Call::Read, "getEmailCode", &query).await?;
        let envelope = envelope::open(handler.http(), READ, &reply)?;
        match envelope.code {
            Some(WAITING) => return Ok(MailboxState::Waiting),
            Some(CANCELLED) => return Ok(MailboxState::Cancelled),
            Some(_) | None => {}
        }
        let mails = mails(&answers::success(handler, &reply)?);
        Ok(if mails.is_empty() {
            MailboxState::Waiting
        } else {
            MailboxState::Received(mails)
        })
    }

    async fn cancel(
        &self,
        email_id: &UpstreamId,
        server: Server,
    ) -> Result<MailboxCancel, ProviderError> {
        let handler = &self.handler;
        let query = [("email_id", email_id.as_str()), ("server", server.as_str())];
        let reply = handler.ask(Call::Change, "cancelEmail", &query).await?;
        let envelope = envelope::open(handler.http(), READ, &reply)?;
        let mails = mails(&envelope);
        if envelope.ok != Some(true) {
            return refused_cancel(&envelope)
                .ok_or_else(|| envelope::refused(handler.http(), READ, &reply, &envelope));
        }
        Ok(if mails.is_empty() {
            without_mail(&envelope)
        } else {
            MailboxCancel::Completed(mails)
        })
    }

    async fn history(&self, page: u32) -> Result<Vec<MailboxRecord>, ProviderError> {
        let page = page.to_string();
        let query = [("page", page.as_str())];
        let read = |row: Json<'_>| self.record(row);
        let action = "getEmailHistory";
        let rows = answers::list(
            &self.handler,
            Call::OpenOrders,
            action,
            &query,
            "history",
            read,
        );
        let rows = rows.await?.into_iter();
        rows.map(|row| {
            row.ok_or_else(|| ProviderError::Protocol("a mailbox without an address".to_owned()))
        })
        .collect()
    }
}
