//! What is set per upstream: where it is, who we are there, and how hard we may lean on it.
//!
//! Invariant: `Debug` shows no key, not even one that stands in an address.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::Call;
use crate::domain::id::ProviderId;

/// What we call ourselves unless the settings say otherwise.
pub const USER_AGENT: &str = concat!("numshop/", env!("CARGO_PKG_VERSION"));

/// How long a call may take, from its start to the last byte read, connecting included.
#[derive(Clone, Debug)]
pub struct Timeouts {
    /// Name lookup, TCP and TLS together. Running out of it means that nothing was sent; so that
    /// it always runs out first, no more than half of the time for the whole call is used.
    pub connect: Duration,
    /// A [`Call::Read`] or [`Call::OpenOrders`].
    pub read: Duration,
    /// A [`Call::Change`].
    pub change: Duration,
    /// A [`Call::Purchase`]: long, because giving up early leaves an order in doubt.
    pub purchase: Duration,
    /// A [`Call::Catalogue`].
    pub catalogue: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            read: Duration::from_secs(10),
            change: Duration::from_secs(20),
            purchase: Duration::from_secs(75),
            catalogue: Duration::from_secs(60),
        }
    }
}

impl Timeouts {
    pub(super) fn connect_within(&self, calls: [Call; 2]) -> Duration {
        let halves = calls.map(|call| self.of(call) / 2);
        halves.into_iter().fold(self.connect, Duration::min)
    }

    pub(super) fn of(&self, call: Call) -> Duration {
        match call {
            Call::Read | Call::OpenOrders => self.read,
            Call::Change => self.change,
            Call::Purchase => self.purchase,
            Call::Catalogue => self.catalogue,
        }
    }
}

/// How much we ask of one upstream.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Requests per second in the long run, all calls together.
    pub per_second: NonZeroU32,
    /// How many of them may come at once.
    pub burst: NonZeroU32,
    /// Reads under way at the same time.
    pub reads: usize,
    /// Purchases and changes under way at the same time, so that polling never holds them up.
    pub writes: usize,
    /// A call that cannot leave within this time is given up, unsent.
    pub queue: Duration,
}

impl Limits {
    /// So many requests per second in the long run, twice as many at once, and as many under way
    /// as that needs if each takes a second.
    #[must_use]
    pub fn per_second(per_second: NonZeroU32) -> Self {
        let under_way = usize::try_from(per_second.get()).unwrap_or(usize::MAX);
        Self {
            per_second,
            burst: per_second.saturating_mul(NonZeroU32::MIN.saturating_add(1)),
            reads: under_way.clamp(8, 64),
            writes: under_way.clamp(8, 64),
            queue: Duration::from_secs(15),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::per_second(NonZeroU32::MIN.saturating_add(4))
    }
}

/// How reads are repeated when the host fails for a moment. Time-outs are not repeated: a host
/// that is too slow is not helped by asking it twice.
#[derive(Clone, Debug)]
pub struct Retries {
    /// Repetitions after the first attempt.
    pub count: u32,
    /// The first pause; each further one is twice as long, less a random part of up to a half.
    pub pause: Duration,
    /// The longest pause.
    pub max_pause: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            count: 2,
            pause: Duration::from_millis(250),
            max_pause: Duration::from_secs(2),
        }
    }
}

/// Our account at one upstream.
#[derive(Clone)]
pub struct Account {
    /// The name it has with us.
    pub id: ProviderId,
    /// The endpoint, or the folder above the calls.
    pub base_url: Url,
    /// Our key there.
    pub key: SecretString,
    /// The query parameter that carries the key: `api_key`, `token`.
    pub key_param: &'static str,
    /// The `User-Agent` header. Some firewalls refuse some clients.
    pub user_agent: String,
    /// See [`Timeouts`].
    pub timeouts: Timeouts,
    /// See [`Limits`].
    pub limits: Limits,
    /// See [`Retries`].
    pub retries: Retries,
    /// How long a fresh order cannot be cancelled there.
    pub cancel_after: Duration,
    /// How long a number lives.
    pub lifetime: Duration,
}

/// Shows the host, and neither the rest of the URL nor the key.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("id", &self.id)
            .field("host", &self.base_url.host_str())
            .finish_non_exhaustive()
    }
}

impl Account {
    /// An account with the usual settings. Where documents are silent, two minutes before a
    /// cancellation and twenty of life are what hosts of this kind give.
    #[must_use]
    pub fn new(id: &str, base_url: Url, key: SecretString) -> Self {
        Self {
            id: id.into(),
            base_url,
            key,
            key_param: "api_key",
            user_agent: USER_AGENT.to_owned(),
            timeouts: Timeouts::default(),
            limits: Limits::default(),
            retries: Retries::default(),
            cancel_after: Duration::from_secs(2 * 60),
            lifetime: Duration::from_secs(20 * 60),
        }
    }
}
