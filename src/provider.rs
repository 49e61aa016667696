//! Upstream providers: one trait a product (numbers for one code here, [`rental`], [`mailbox`]),
//! one file per upstream.
//!
//! Invariant: a driver turns whatever the wire brings into a typed answer or a typed error, never
//! panics on it, and never lets its key out. It holds no state that an order depends on.

pub mod compat;
pub mod desk;
pub mod health;
pub mod http;
pub mod mailbox;
pub mod otpbuddy;
pub mod otpcepat;
pub mod otpgan;
pub mod otpget;
pub mod rental;
pub mod virtusim;
pub mod wire;

use std::time::Duration;

use async_trait::async_trait;
use rust_decimal::Decimal;

use crate::domain::id::{ProviderId, UpstreamId};
use crate::domain::product::Product;
use crate::provider::rental::{Expiry, RentalSms};

/// What an upstream can do; the shop offers a button only for what is true here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// [`Provider::open_orders`] answers for all orders at once.
    pub batch_poll: bool,
    /// A further SMS to the same number can be asked for.
    pub resend: bool,
    /// The upstream wants to be told that an order is done.
    pub finish: bool,
    /// [`Provider::balance`] works.
    pub balance: bool,
    /// How long the upstream makes people wait before it accepts a cancellation.
    pub cancel_after: Duration,
    /// How long a number lives from the purchase on.
    pub lifetime: Duration,
}

/// An amount in the upstream's own currency, exactly as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    /// The number, with the digits the upstream sent.
    pub amount: Decimal,
    /// ISO 4217 code: `IDR`, `PKR`.
    pub currency: String,
}

/// One of the two servers behind an upstream's rentals or mailboxes, which sell different things
/// under the same calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Server {
    /// Server 1.
    One,
    /// Server 2.
    Two,
}

impl Server {
    /// Both, in their order.
    pub const ALL: [Self; 2] = [Self::One, Self::Two];

    /// Its number, as the wire and the database have it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::One => "1",
            Self::Two => "2",
        }
    }

    /// The server of a number; `None` for any other.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|server| server.as_str() == text.trim())
    }
}

/// A country as the upstream names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamCountry {
    /// What the upstream wants to be sent: `indo`, `6`.
    pub code: String,
    /// The upstream's name for it: `Wakanda (Indo)`.
    pub name: String,
}

/// A service that the upstream sells in one country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// What the upstream wants to be sent when buying.
    pub service_code: String,
    /// The upstream's name for the service.
    pub service_name: String,
    /// What one number costs us.
    pub cost: Cost,
    /// How many numbers there are; `None` where the upstream does not say.
    pub stock: Option<u64>,
}

/// Everything an upstream sells in one country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assortment {
    /// Operators as the upstream spells them, without its word for "any".
    pub operators: Vec<String>,
    /// One row per service.
    pub listings: Vec<Listing>,
}

/// What to buy, in the upstream's own codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// [`UpstreamCountry::code`].
    pub country_code: String,
    /// [`Listing::service_code`].
    pub service_code: String,
    /// One of [`Assortment::operators`]; `None` lets the upstream choose.
    pub operator: Option<String>,
    /// What it cost when it was offered, in the upstream's currency. An upstream that takes a
    /// limit is sent this one.
    pub max_cost: Decimal,
}

/// A number that is surely ours: both the id and the number could be read.
#[derive(Clone, PartialEq, Eq)]
pub struct Bought {
    /// The order's id upstream.
    pub upstream_id: UpstreamId,
    /// The phone number in international form without `+`: digits only; a mailbox's address.
    pub number: String,
    /// What the upstream said it took, if it said so.
    pub cost: Option<Cost>,
    /// When it ends, where what was bought is a time.
    pub ends: Option<Expiry>,
}

/// The answer to a purchase call, whatever was bought. A purchase is never sent twice by the
/// driver.
#[derive(Debug)]
pub enum PurchaseAnswer<T = Bought> {
    /// It is ours.
    Bought(T),
    /// Nothing left this machine (refused connection, DNS, TLS, our own limiter): safe to try elsewhere.
    NotSent(ProviderError),
    /// The upstream answered with a business error that could be read and that carries neither an
    /// order id nor what was to be bought: surely not bought.
    Rejected(ProviderError),
    /// Anything else, a 429 and a firewall page among it. Nobody knows whether anything was
    /// bought, so nothing is assumed.
    Ambiguous(ProviderError),
}

/// Where an order stands upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActivationState {
    /// No SMS yet.
    Waiting,
    /// At least one SMS came; [`Activation::sms`] holds the latest.
    Received,
    /// Closed upstream after an SMS.
    Finished,
    /// Closed upstream without an SMS: the upstream gave our money back.
    Cancelled,
    /// A word that its document does not know; kept raw.
    Other(String),
}

/// One order as its upstream sees it.
#[derive(Clone, PartialEq, Eq)]
pub struct Activation {
    /// The order's id upstream.
    pub upstream_id: UpstreamId,
    /// Where it stands.
    pub state: ActivationState,
    /// The number, if this answer carries it; normalised as in [`Bought::number`].
    pub number: Option<String>,
    /// The latest SMS, raw; `None` while there is none.
    pub sms: Option<String>,
    /// The upstream's name of the service, if this answer carries it.
    pub service_name: Option<String>,
    /// Messages that came besides [`Self::sms`], where this answer carries several.
    pub others: Vec<String>,
    /// When it ends, where what was bought is a time.
    pub ends: Option<Expiry>,
}

/// The answer to a cancellation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CancelAnswer {
    /// The upstream cancelled the order and gave the money back.
    Cancelled,
    /// Refused for now, or without a reason that can be told apart: ask for the status, try later.
    NotNow,
    /// The order is closed already: ask for the status.
    AlreadyClosed,
    /// Closed, and what it was for had come: here it is.
    Delivered(Box<Activation>),
}

/// One upstream.
#[async_trait]
pub trait Provider: Send + Sync + std::fmt::Debug {
    /// Its short name, as in the settings and the database.
    fn id(&self) -> &ProviderId;

    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// Our balance there.
    async fn balance(&self) -> Result<Cost, ProviderError>;

    /// The countries it sells.
    async fn countries(&self) -> Result<Vec<UpstreamCountry>, ProviderError>;

    /// What it sells in one of them.
    async fn assortment(&self, country_code: &str) -> Result<Assortment, ProviderError>;

    /// Buys one number. Sent once, whatever happens.
    async fn buy(&self, purchase: &Purchase) -> PurchaseAnswer;

    /// Asks about one order.
    async fn status(&self, id: &UpstreamId) -> Result<Activation, ProviderError>;

    /// All orders that are open upstream; `Ok(None)` where there is no such call.
    /// `Ok(Some(vec![]))` is a successful read of an empty list.
    async fn open_orders(&self) -> Result<Option<Vec<Activation>>, ProviderError>;

    /// Asks the upstream to cancel and refund.
    async fn cancel(&self, id: &UpstreamId) -> Result<CancelAnswer, ProviderError>;

    /// Asks for a further SMS to the same number.
    async fn resend(&self, id: &UpstreamId) -> Result<(), ProviderError>;

    /// Tells the upstream that the order is done.
    async fn finish(&self, id: &UpstreamId) -> Result<(), ProviderError>;

    /// What it sells.
    fn product(&self) -> Product {
        Product::Activation
    }

    /// The account that pays, where several upstreams share one: the name of that which tells its
    /// balance.
    fn purse(&self) -> &ProviderId {
        self.id()
    }

    /// Every SMS of a rented number, in the upstream's order.
    async fn inbox(&self, _id: &UpstreamId) -> Result<Vec<RentalSms>, ProviderError> {
        Err(ProviderError::Refused("it rents nothing out".to_owned()))
    }
}

/// Why a call to an upstream gave no answer to work with.
///
/// Texts come from the upstream, shortened and with our key struck out; they hold no number, code
/// or SMS.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// No number of this kind is left.
    #[error("out of stock")]
    OutOfStock,
    /// Our balance at the upstream does not cover it.
    #[error("our balance there is too low")]
    NoFunds,
    /// It costs more by now than [`Purchase::max_cost`].
    #[error("the price rose")]
    PriceRose,
    /// Too many requests.
    #[error("rate limited")]
    RateLimited {
        /// What the upstream asked us to wait, if it said so.
        retry_after: Option<Duration>,
    },
    /// The order, service, operator or country does not exist there.
    #[error("not found: {0}")]
    NotFound(String),
    /// The upstream understood and said no: bad key, blocked account, bad parameter.
    #[error("refused: {0}")]
    Refused(String),
    /// The upstream could not be reached or answered 5xx.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// A firewall (Cloudflare or another HTML page) stands before the upstream.
    #[error("blocked by a firewall page: {0}")]
    Blocked(String),
    /// The request was sent and the answer was lost: it may or may not have taken effect.
    #[error("sent, but the answer was lost: {0}")]
    Ambiguous(String),
    /// The answer could not be understood.
    #[error("unreadable answer: {0}")]
    Protocol(String),
}

/// Shows whether there is a number, never the number.
impl std::fmt::Debug for Bought {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bought")
            .field("upstream_id", &self.upstream_id)
            .field("cost", &self.cost)
            .finish_non_exhaustive()
    }
}

/// Shows whether there is an SMS, never its text.
impl std::fmt::Debug for Activation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Activation")
            .field("upstream_id", &self.upstream_id)
            .field("state", &self.state)
            .field("has_sms", &self.sms.is_some())
            .finish_non_exhaustive()
    }
}
