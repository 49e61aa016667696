//! An upstream of mailboxes as a provider: a domain is a country with one operator, itself.
//!
//! The first server lists what it sells at a domain, the second where it sells for a site, and
//! nothing lists domains or sites: the operator names those that are asked for. A service's code
//! is a server and that server's own code, `1/tg` or `2/telegram.com`; so is a mailbox's id.
//!
//! Invariant: a mailbox that cannot be told apart spoils the list it stands in, so that none looks
//! absent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::{code, parts};
use crate::domain::id::{ProviderId, UpstreamId};
use crate::domain::product::Product;
use crate::provider::mailbox::{
    BoughtMailbox, Mail, MailboxCancel, MailboxOffer, MailboxProvider, MailboxPurchase,
    MailboxRecord, MailboxState, MailboxWord,
};
use crate::provider::{
    Activation, ActivationState, Assortment, Bought, CancelAnswer, Capabilities, Cost, Listing,
    Provider, ProviderError, Purchase, PurchaseAnswer, Server, UpstreamCountry,
};

/// How long a mail is waited for. The upstream names no time of its own.
const LIFETIME: Duration = Duration::from_secs(20 * 60);

/// What the servers are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Domains of the first server.
    pub domains: Vec<String>,
    /// Sites of the second.
    pub sites: Vec<String>,
}

/// The desk of an upstream of mailboxes.
#[derive(Debug)]
pub struct MailboxDesk {
    id: ProviderId,
    driver: Arc<dyn MailboxProvider>,
    wanted: Wanted,
    /// What the second server sells, by domain, as last read.
    by_domain: Mutex<BTreeMap<String, Vec<MailboxOffer>>>,
}

impl MailboxDesk {
    /// The desk of a driver.
    #[must_use]
    pub fn new(driver: Arc<dyn MailboxProvider>, wanted: Wanted) -> Self {
        Self {
            id: ProviderId(format!("{}-mailboxes", driver.id())),
            driver,
            wanted,
            by_domain: Mutex::default(),
        }
    }

    /// What the second server sells, by domain. A site that cannot be read leaves the others.
    async fn read_sites(&self) -> Result<BTreeMap<String, Vec<MailboxOffer>>, ProviderError> {
        let mut found: BTreeMap<String, Vec<MailboxOffer>> = BTreeMap::new();
        let mut failed = None;
        for site in &self.wanted.sites {
            match self.driver.domains(site).await {
                Ok(offers) => {
                    for offer in offers {
                        found.entry(offer.domain.clone()).or_default().push(offer);
                    }
                }
                Err(ProviderError::NotFound(_)) => {}
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            Some(error) if found.is_empty() => Err(error),
            Some(_) | None => Ok(found),
        }
    }
}

fn listing(offer: MailboxOffer) -> Listing {
    Listing {
        service_code: code(offer.server, &offer.service_code),
        service_name: offer.service_name,
        cost: offer.cost,
        stock: offer.stock,
    }
}

fn bought(server: Server, mailbox: BoughtMailbox) -> Bought {
    Bought {
        upstream_id: UpstreamId(code(server, mailbox.email_id.as_str())),
        number: mailbox.address,
        cost: mailbox.cost,
        ends: None,
    }
}

/// A mail as one text. A code that the text does not show stands before it.
fn text(mail: &Mail) -> String {
    let parts = [mail.subject.as_deref(), mail.text.as_deref()];
    let parts = parts.into_iter().flatten().map(str::trim);
    let text: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let text = text.join("\n\n");
    match mail.code.as_deref().map(str::trim) {
        Some(code) if !text.contains(code) => {
            let lines = [code, text.as_str()].into_iter();
            let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
            lines.join("\n\n")
        }
        Some(_) | None => text,
    }
}

fn activation(id: &UpstreamId, state: MailboxState) -> Activation {
    let (state, mails) = match state {
        MailboxState::Waiting => (ActivationState::Waiting, Vec::new()),
        MailboxState::Received(mails) => (ActivationState::Received, mails),
        MailboxState::Cancelled => (ActivationState::Cancelled, Vec::new()),
    };
    let mut texts: Vec<String> = mails.iter().map(text).collect();
    Activation {
        upstream_id: id.clone(),
        state,
        number: None,
        sms: texts.pop(),
        service_name: None,
        others: texts,
        ends: None,
    }
}

fn listed(record: MailboxRecord) -> Result<Activation, ProviderError> {
    let id = record.server.zip(record.email_id);
    let state = match record.word {
        MailboxWord::Waiting => ActivationState::Waiting,
        MailboxWord::Received => ActivationState::Received,
        MailboxWord::Cancelled => ActivationState::Cancelled,
        MailboxWord::Other(word) => ActivationState::Other(word),
    };
    let Some((server, email_id)) = id else {
        let text = "a mailbox in the list has no id or server".to_owned();
        return Err(ProviderError::Protocol(text));
    };
    Ok(Activation {
        upstream_id: UpstreamId(code(server, email_id.as_str())),
        state,
        number: Some(record.address),
        sms: None,
        service_name: record.service,
        others: Vec::new(),
        ends: None,
    })
}

fn unknown_mailbox() -> ProviderError {
    ProviderError::NotFound("no such mailbox".to_owned())
}

#[async_trait]
impl Provider for MailboxDesk {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn product(&self) -> Product {
        Product::Mailbox
    }

    fn purse(&self) -> &ProviderId {
        self.driver.id()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            batch_poll: false,
            resend: false,
            finish: false,
            balance: false,
            cancel_after: Duration::ZERO,
            lifetime: LIFETIME,
        }
    }

    async fn balance(&self) -> Result<Cost, ProviderError> {
        let text = "its balance is that of its account".to_owned();
        Err(ProviderError::Refused(text))
    }

    async fn countries(&self) -> Result<Vec<UpstreamCountry>, ProviderError> {
        let by_domain = self.read_sites().await?;
        let mut domains: BTreeSet<String> = self.wanted.domains.iter().cloned().collect();
        domains.extend(by_domain.keys().cloned());
        *self
            .by_domain
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = by_domain;
        let domains = domains.into_iter().map(|domain| UpstreamCountry {
            code: domain.clone(),
            name: domain,
        });
        Ok(domains.collect())
    }

    async fn assortment(&self, domain: &str) -> Result<Assortment, ProviderError> {
        let mut offers = Vec::new();
        if self.wanted.domains.iter().any(|wanted| wanted == domain) {
            match self.driver.services(domain).await {
                Ok(services) => offers = services,
                Err(ProviderError::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let second = self
            .by_domain
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(domain)
            .cloned();
        offers.extend(second.into_iter().flatten());
        Ok(Assortment {
            operators: vec![domain.to_owned()],
            listings: offers.into_iter().map(listing).collect(),
        })
    }

    async fn buy(&self, purchase: &Purchase) -> PurchaseAnswer {
        let Some((server, service_code)) = parts(&purchase.service_code) else {
            return PurchaseAnswer::NotSent(unknown_mailbox());
        };
        let wanted = MailboxPurchase {
            server,
            service_code: service_code.to_owned(),
            domain: purchase.country_code.clone(),
            max_cost: purchase.max_cost,
        };
        let answer = self.driver.buy(&wanted).await;
        answer.map(|mailbox| bought(server, mailbox))
    }

    async fn status(&self, id: &UpstreamId) -> Result<Activation, ProviderError> {
        let (server, email_id) = parts(id.as_str()).ok_or_else(unknown_mailbox)?;
        let state = self.driver.code(&email_id.into(), server).await?;
        Ok(activation(id, state))
    }

    /// The newest page is enough: what is looked for was bought minutes ago.
    async fn open_orders(&self) -> Result<Option<Vec<Activation>>, ProviderError> {
        let records = self.driver.history(1).await?;
        records
            .into_iter()
            .map(listed)
            .collect::<Result<Vec<_>, _>>()
            .map(Some)
    }

    async fn cancel(&self, id: &UpstreamId) -> Result<CancelAnswer, ProviderError> {
        let (server, email_id) = parts(id.as_str()).ok_or_else(unknown_mailbox)?;
        let answer = self.driver.cancel(&email_id.into(), server).await?;
        Ok(match answer {
            MailboxCancel::Cancelled => CancelAnswer::Cancelled,
            MailboxCancel::Completed(mails) => {
                let received = MailboxState::Received(mails);
                CancelAnswer::Delivered(Box::new(activation(id, received)))
            }
            MailboxCancel::NotNow => CancelAnswer::NotNow,
            MailboxCancel::AlreadyClosed => CancelAnswer::AlreadyClosed,
        })
    }

    async fn resend(&self, _id: &UpstreamId) -> Result<(), ProviderError> {
        Err(ProviderError::Refused("it is good for one code".to_owned()))
    }

    async fn finish(&self, _id: &UpstreamId) -> Result<(), ProviderError> {
        Err(ProviderError::Refused("it ends by itself".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_the_mail_does_not_show_stands_before_it() {
        let mail = |code: Option<&str>, subject: Option<&str>, body: Option<&str>| Mail {
            from: None,
            subject: subject.map(str::to_owned),
            text: body.map(str::to_owned),
            code: code.map(str::to_owned),
        };
        let body = "Your code is 481902";
        for (mail, expected) in [
            (mail(Some("481902"), None, None), "481902"),
            (
                mail(Some("481902"), Some("Hi"), Some(body)),
                "Hi\n\nYour code is 481902",
            ),
            (mail(Some("AB12"), None, Some(" ")), "AB12"),
            (mail(Some("AB12"), Some("Hi"), None), "AB12\n\nHi"),
            (mail(None, None, Some(body)), body),
        ] {
            assert_eq!(text(&mail), expected);
        }
    }
}
