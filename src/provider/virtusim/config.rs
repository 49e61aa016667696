//! How one VirtuSIM account is reached.
//!
//! Invariant: `Debug` shows no key.

use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::domain::id::ProviderId;
use crate::provider::http::settings::{Limits, Retries, Timeouts, USER_AGENT};

/// The documented endpoint.
pub const DEFAULT_URL: &str = "https://virtusim.com/api/json.php";

/// What the endpoint understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiVersion {
    /// Indonesia only; no balance, country or operator calls.
    V1,
    /// Many countries, by name; balance, lists, history and reactivation.
    V2,
}

/// How one VirtuSIM account is reached.
#[derive(Clone, Debug)]
pub struct Config {
    /// The name it has with us.
    pub id: ProviderId,
    /// The whole endpoint, `…/json.php`.
    pub base_url: Url,
    /// The API key.
    pub key: SecretString,
    /// What the endpoint understands; read off the URL by [`Config::new`].
    pub api_version: ApiVersion,
    /// The `User-Agent` header.
    pub user_agent: String,
    /// How much may be asked of it.
    pub limits: Limits,
    /// How long calls may take.
    pub timeouts: Timeouts,
    /// How reads are repeated.
    pub retries: Retries,
    /// How long it refuses to cancel a fresh order. Its document is silent and clients report
    /// "the first minutes", so three: shorter shows a button that fails, longer holds money up.
    pub cancel_after: Duration,
    /// How long a number lives.
    pub lifetime: Duration,
}

impl Config {
    /// The usual settings. A URL with `/v2/` in its path speaks version 2.
    #[must_use]
    pub fn new(base_url: Url, key: SecretString) -> Self {
        let api_version = if base_url.path().contains("/v2/") {
            ApiVersion::V2
        } else {
            ApiVersion::V1
        };
        Self {
            id: "virtusim".into(),
            base_url,
            key,
            api_version,
            user_agent: USER_AGENT.to_owned(),
            limits: Limits::default(),
            timeouts: Timeouts::default(),
            retries: Retries::default(),
            cancel_after: Duration::from_secs(3 * 60),
            lifetime: Duration::from_secs(20 * 60),
        }
    }
}
