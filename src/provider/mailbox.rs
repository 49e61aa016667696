//! Mailboxes for one code: an address at a domain, for one service or site.
//!
//! Two servers sell them. The first is asked for a domain and lists services, the second is asked
//! for a site and lists domains; both come down to [`MailboxOffer`]s. Nothing lists the domains of
//! the first or the sites of the second.
//!
//! Its price comes out of the account's balance, which the numbers for one code come out of, too:
//! one account, one [`ProviderId`], one float.
//!
//! Invariant: as for every upstream: a purchase is sent once, and whatever is not surely refused
//! is [`PurchaseAnswer::Ambiguous`]. A mailbox counts as paid back only by a word that says so.

use async_trait::async_trait;
use rust_decimal::Decimal;

use super::{Cost, ProviderError, PurchaseAnswer, Server};
use crate::domain::id::{ProviderId, UpstreamId};

/// So many rows are on a full page of [`MailboxProvider::history`].
pub const HISTORY_PAGE_ROWS: usize = 20;

/// What a mailbox is for and where its address is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxOffer {
    /// Who sells it.
    pub server: Server,
    /// What the upstream wants to be sent: the service's code at server 1, the site at server 2.
    pub service_code: String,
    /// The upstream's name for the service; the site at server 2.
    pub service_name: String,
    /// The domain of the address: `gmail.com`.
    pub domain: String,
    /// What it costs us.
    pub cost: Cost,
    /// How many addresses there are; `None` where the upstream does not say.
    pub stock: Option<u64>,
}

/// What to buy, in the upstream's own codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxPurchase {
    /// [`MailboxOffer::server`].
    pub server: Server,
    /// [`MailboxOffer::service_code`].
    pub service_code: String,
    /// [`MailboxOffer::domain`].
    pub domain: String,
    /// What it cost when it was offered, in the upstream's currency. The call takes no limit, so
    /// the driver reads the price again before it and gives up, unsent, where that is higher.
    pub max_cost: Decimal,
}

/// A mailbox that is surely ours: both the id and the address could be read.
#[derive(Clone, PartialEq, Eq)]
pub struct BoughtMailbox {
    /// Its id upstream, unique together with its server.
    pub email_id: UpstreamId,
    /// The address.
    pub address: String,
    /// What the upstream said it took, if it said so.
    pub cost: Option<Cost>,
}

/// One message. At least one of code and text is there.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Who sent it, if the upstream says so.
    pub from: Option<String>,
    /// Its subject, if the upstream says so.
    pub subject: Option<String>,
    /// Its text, raw, if the upstream says so.
    pub text: Option<String>,
    /// The code: the upstream's, else the one found in text or subject, else none.
    pub code: Option<String>,
}

/// Where a mailbox stands upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailboxState {
    /// No message yet. Ask again in five to ten seconds.
    Waiting,
    /// At least one message came, in the upstream's order.
    Received(Vec<Mail>),
    /// Closed without a message: the upstream gave our money back.
    Cancelled,
}

/// The answer to a cancellation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailboxCancel {
    /// The upstream closed it and gave the money back.
    Cancelled,
    /// A message had come: the upstream closed it and kept the money.
    Completed(Vec<Mail>),
    /// Refused for now, or an answer that can be read either way: ask for the state, try later.
    NotNow,
    /// It is closed already: ask for the state.
    AlreadyClosed,
}

/// A mailbox's word in the list of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailboxWord {
    /// No message yet.
    Waiting,
    /// A message came, whether or not it is closed since.
    Received,
    /// Closed without a message.
    Cancelled,
    /// A word that is none of these, or none at all; kept raw.
    Other(String),
}

/// One mailbox that we bought at some time, as the upstream lists it.
#[derive(Clone, PartialEq, Eq)]
pub struct MailboxRecord {
    /// Its id, if the row says so.
    pub email_id: Option<UpstreamId>,
    /// Its address.
    pub address: String,
    /// Who sold it, if the row says so.
    pub server: Option<Server>,
    /// Where it stands.
    pub word: MailboxWord,
    /// What it was for, if the row says so: a service's name or code, or a site.
    pub service: Option<String>,
    /// What it took, if the row says so.
    pub cost: Option<Cost>,
}

/// One upstream that sells mailboxes.
#[async_trait]
pub trait MailboxProvider: Send + Sync + std::fmt::Debug {
    /// The short name of the account that pays, which is that of the [`super::Provider`] with the
    /// same key.
    fn id(&self) -> &ProviderId;

    /// What server 1 sells at a domain: an offer a service.
    async fn services(&self, domain: &str) -> Result<Vec<MailboxOffer>, ProviderError>;

    /// What server 2 sells for a site: an offer a domain.
    async fn domains(&self, site: &str) -> Result<Vec<MailboxOffer>, ProviderError>;

    /// Buys one mailbox. Sent once, whatever happens.
    async fn buy(&self, purchase: &MailboxPurchase) -> PurchaseAnswer<BoughtMailbox>;

    /// Asks about one mailbox.
    async fn code(
        &self,
        email_id: &UpstreamId,
        server: Server,
    ) -> Result<MailboxState, ProviderError>;

    /// Asks the upstream to close it: with the money back if nothing came.
    async fn cancel(
        &self,
        email_id: &UpstreamId,
        server: Server,
    ) -> Result<MailboxCancel, ProviderError>;

    /// A page of all mailboxes ever bought, the first being 1: [`HISTORY_PAGE_ROWS`] a page, fewer
    /// on the last. A row that cannot be read spoils the page, so that no mailbox looks absent.
    async fn history(&self, page: u32) -> Result<Vec<MailboxRecord>, ProviderError>;
}

/// Shows its id, never the address.
impl std::fmt::Debug for BoughtMailbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BoughtMailbox")
            .field("email_id", &self.email_id)
            .field("cost", &self.cost)
            .finish_non_exhaustive()
    }
}

/// Shows whether there is a code, never the message.
impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail")
            .field("has_code", &self.code.is_some())
            .finish_non_exhaustive()
    }
}

/// Shows everything but the address.
impl std::fmt::Debug for MailboxRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailboxRecord")
            .field("email_id", &self.email_id)
            .field("server", &self.server)
            .field("word", &self.word)
            .field("cost", &self.cost)
            .finish_non_exhaustive()
    }
}
