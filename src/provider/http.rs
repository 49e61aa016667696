//! The one way out to an upstream: one request, one answer, with limits on time, size and rate.
//!
//! Invariant: the key never leaves through an error, a log line or `Debug`; a call that buys or
//! changes something is sent at most once; an answer larger than its cap is never held in memory.

pub mod redact;
pub mod reply;
pub mod settings;
pub mod transport;

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use fail::fail_point;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use reqwest::Response;
use reqwest::header::HeaderValue;
use secrecy::ExposeSecret;
use tokio::sync::Semaphore;
use url::Url;

use super::ProviderError;
use crate::domain::id::ProviderId;
use reply::Reply;
use settings::Account;
use transport::{Network, Transport};

/// The largest answer to a status, a purchase or a change.
pub const MAX_ANSWER_BYTES: usize = 1024 * 1024;
/// The largest catalogue or list of orders: ten thousand of them are 1.7 MB.
pub const MAX_CATALOGUE_BYTES: usize = 16 * 1024 * 1024;
/// However long an upstream asks us to stay away, we look again after this.
const MAX_PAUSE: Duration = Duration::from_secs(300);

/// What a call is for, which decides how long it may take and whether it may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Reads a status or a balance.
    Read,
    /// Reads all open orders: as soon as a status, as long as a catalogue.
    OpenOrders,
    /// Reads a long list.
    Catalogue,
    /// Changes an order.
    Change,
    /// Spends money.
    Purchase,
}

impl Call {
    fn repeatable(self) -> bool {
        matches!(self, Self::Read | Self::OpenOrders | Self::Catalogue)
    }

    fn cap(self) -> usize {
        match self {
            Self::OpenOrders | Self::Catalogue => MAX_CATALOGUE_BYTES,
            Self::Read | Self::Change | Self::Purchase => MAX_ANSWER_BYTES,
        }
    }
}

/// One request, without the key.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// What it is for.
    pub call: Call,
    /// Appended to the base URL, without a leading slash; empty where there is one endpoint.
    pub path: &'a str,
    /// The query, besides the key.
    pub query: &'a [(&'a str, &'a str)],
    /// A JSON document to POST; a GET without it.
    pub json: Option<&'a str>,
}

/// Why there is no answer.
#[derive(Debug)]
pub struct Failure {
    /// Whether the request may have reached the upstream.
    pub sent: bool,
    /// What happened.
    pub error: ProviderError,
    /// Whether the next attempt may well succeed at once.
    passing: bool,
}

impl From<Failure> for ProviderError {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

impl Failure {
    fn unsent(error: ProviderError) -> Self {
        Self {
            sent: false,
            error,
            passing: false,
        }
    }

    fn answered(error: ProviderError, passing: bool) -> Self {
        Self {
            sent: true,
            error,
            passing,
        }
    }

    /// The answer was lost on its way, which for a call that changes something leaves a doubt.
    fn lost(call: Call, what: &str, passing: bool) -> Self {
        let error = if call.repeatable() {
            ProviderError::Unavailable(what.to_owned())
        } else {
            ProviderError::Ambiguous(what.to_owned())
        };
        Self::answered(error, passing)
    }
}

/// The connection to one upstream.
pub struct Http {
    account: Account,
    transport: Box<dyn Transport>,
    rate: DefaultDirectRateLimiter,
    reads: Semaphore,
    writes: Semaphore,
    paused_until: Mutex<Option<Instant>>,
}

/// Shows the host, and neither the rest of the URL nor the key.
impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("host", &self.account.base_url.host_str())
            .finish_non_exhaustive()
    }
}

impl Http {
    /// Prepares the connection; nothing is sent.
    ///
    /// # Errors
    /// [`ProviderError::Refused`] for an empty key, a URL that is not HTTP, or a user agent that
    /// is not a header value.
    pub fn new(account: Account) -> Result<Self, ProviderError> {
        if HeaderValue::from_str(&account.user_agent).is_err() {
            let text = "the user agent is not a header value".to_owned();
            return Err(ProviderError::Refused(text));
        }
        let network = Network::new(&account)?;
        Self::over(network, account)
    }

    /// The same over another transport than the network.
    ///
    /// # Errors
    /// [`ProviderError::Refused`] for an empty key and a URL that is not HTTP.
    pub fn over(
        transport: impl Transport + 'static,
        account: Account,
    ) -> Result<Self, ProviderError> {
        let refused = |what: &str| Err(ProviderError::Refused(what.to_owned()));
        if account.key.expose_secret().trim().is_empty() {
            return refused("the key is empty");
        }
        if !matches!(account.base_url.scheme(), "http" | "https") {
            return refused("the URL is neither http nor https");
        }
        let quota = Quota::per_second(account.limits.per_second).allow_burst(account.limits.burst);
        Ok(Self {
            transport: Box::new(transport),
            rate: RateLimiter::direct(quota),
            reads: Semaphore::new(account.limits.reads.max(1)),
            writes: Semaphore::new(account.limits.writes.max(1)),
            paused_until: Mutex::new(None),
            account,
        })
    }

    /// The name that the upstream has with us.
    #[must_use]
    pub fn id(&self) -> &ProviderId {
        &self.account.id
    }

    /// What is set about it.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Sends a request and reads the answer. Reads are repeated as
    /// [`settings::Retries`] says.
    ///
    /// # Errors
    /// A [`Failure`] that tells whether the request may have arrived.
    pub async fn send(&self, ask: Ask<'_>) -> Result<Reply, Failure> {
        let mut repeated = 0;
        loop {
            match self.send_once(ask).await {
                Err(failure)
                    if failure.passing
                        && ask.call.repeatable()
                        && repeated < self.account.retries.count =>
                {
                    let pause = self.pause_before(repeated);
                    // Sleeping for no time at all takes a millisecond: the timer's smallest step.
                    if !pause.is_zero() {
                        tokio::time::sleep(pause).await;
                    }
                    repeated += 1;
                }
                outcome => return outcome,
            }
        }
    }

    /// Makes an upstream's text fit to be shown and logged: without our key, without numbers that
    /// could be codes or phone numbers, on one line, short.
    #[must_use]
    pub fn clean(&self, text: &str) -> String {
        redact::clean(text, &self.account.key)
    }

    async fn send_once(&self, ask: Ask<'_>) -> Result<Reply, Failure> {
        let _admitted = self.admit(ask.call).await?;
        let url = self.url(ask)?;
        let response = match self.transport.carry(ask.call, url, ask.json).await {
            Ok(response) => response,
            Err(error) => return Err(unanswered(ask.call, &error)),
        };
        if ask.call == Call::Purchase {
            fail_point!("C4");
        }
        let mut head = reply::Head::read(&response);
        head.location = head.location.map(|host| self.clean(&host));
        if let Some(pause) = head.retry_after.filter(|_| head.status == 429) {
            self.pause(pause);
        }
        let body = read_capped(ask.call, response).await?;
        let reply = reply::classify(&head, &body)
            .map_err(|error| Failure::answered(error, head.status >= 500))?;
        match reply.bare_error() {
            // Reads are repeated on a bare 5xx; an envelope is an answer, whatever the status.
            Some(error) if ask.call.repeatable() && reply.is_bare() && head.status >= 500 => {
                Err(Failure::answered(error, true))
            }
            _ => Ok(reply),
        }
    }

    /// Waits for our own limits; what waits too long is given up.
    async fn admit(&self, call: Call) -> Result<tokio::sync::SemaphorePermit<'_>, Failure> {
        self.not_paused()?;
        let lane = if call.repeatable() {
            &self.reads
        } else {
            &self.writes
        };
        let admission = async {
            let permit = lane.acquire().await;
            self.rate.until_ready().await;
            permit
        };
        match tokio::time::timeout(self.account.limits.queue, admission).await {
            // The upstream may have asked for a pause while this call was waiting.
            Ok(Ok(permit)) => self.not_paused().map(|()| permit),
            Ok(Err(_)) | Err(_) => Err(Failure::unsent(ProviderError::RateLimited {
                retry_after: None,
            })),
        }
    }

    fn url(&self, ask: Ask<'_>) -> Result<Url, Failure> {
        let mut url = self.account.base_url.clone();
        if !ask.path.is_empty() {
            url.path_segments_mut()
                .map_err(|()| {
                    Failure::unsent(ProviderError::Refused("the URL has no path".to_owned()))
                })?
                .pop_if_empty()
                .extend(ask.path.split('/'));
        }
        url.query_pairs_mut()
            .append_pair(self.account.key_param, self.account.key.expose_secret())
            .extend_pairs(ask.query);
        Ok(url)
    }

    fn pause(&self, asked: Duration) {
        let until = Instant::now() + asked.min(MAX_PAUSE);
        let mut paused = self
            .paused_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *paused = (*paused).max(Some(until));
    }

    fn not_paused(&self) -> Result<(), Failure> {
        let paused = *self
            .paused_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let left = paused.map(|until| until.saturating_duration_since(Instant::now()));
        match left.filter(|left| !left.is_zero()) {
            Some(left) => Err(Failure::unsent(ProviderError::RateLimited {
                retry_after: Some(left),
            })),
            None => Ok(()),
        }
    }

    fn pause_before(&self, repeated: u32) -> Duration {
        let retries = &self.account.retries;
        let full = retries
            .pause
            .saturating_mul(2_u32.saturating_pow(repeated))
            .min(retries.max_pause);
        full - full / 200 * rand::random_range(0..=100)
    }
}

/// Reads a body, decompressed, and stops at the cap: a small compressed body can be a large one.
async fn read_capped(call: Call, mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                if body.len() + chunk.len() > call.cap() {
                    return Err(Failure::lost(call, "the answer is too large", false));
                }
                body.extend_from_slice(&chunk);
            }
            Ok(None) => return Ok(body),
            Err(error) if error.is_timeout() => {
                return Err(Failure::lost(call, "timed out while answering", false));
            }
            Err(_) => return Err(Failure::lost(call, "the answer broke off", true)),
        }
    }
}

/// Only failures to connect and requests that could not be built are surely unsent.
///
/// Nothing of the error's own text is used: it holds the URL, which holds the key.
fn unanswered(call: Call, error: &reqwest::Error) -> Failure {
    if error.is_builder() {
        return Failure::unsent(ProviderError::Refused(
            "the request cannot be built".to_owned(),
        ));
    }
    if error.is_connect() {
        let what = if error.is_timeout() {
            "timed out while connecting"
        } else {
            "cannot connect"
        };
        return Failure {
            sent: false,
            error: ProviderError::Unavailable(what.to_owned()),
            passing: !error.is_timeout(),
        };
    }
    if error.is_timeout() {
        return Failure::lost(call, "timed out", false);
    }
    Failure::lost(call, "the connection broke", true)
}
