//! What carries a request to an upstream and brings the answer back: the network, or whatever a
//! caller hands in, such as bytes that are at hand already.
//!
//! Invariant: a request is carried once, and no redirect is followed.

use async_trait::async_trait;
use reqwest::{Client, ClientBuilder, Response, header, redirect, retry};
use url::{Host, Url};

use super::Call;
use super::settings::{Account, Timeouts};
use crate::provider::ProviderError;

/// Carries requests.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Asks `url`, which holds the key, and brings the answer back; a POST where there is `json`.
    ///
    /// # Errors
    /// Where no answer came; its kind tells whether the request may have arrived.
    async fn carry(&self, call: Call, url: Url, json: Option<&str>) -> reqwest::Result<Response>;
}

/// The network.
pub(super) struct Network {
    /// Reads share warm connections.
    pooled: Client,
    /// Purchases and changes each open their own HTTP/1.1 connection: a warm one that the host
    /// closes at the same moment would lose the answer and leave a needless doubt.
    fresh: Client,
    timeouts: Timeouts,
}

impl Network {
    pub(super) fn new(account: &Account) -> Result<Self, ProviderError> {
        let client = |calls: [Call; 2]| {
            builder(account).connect_timeout(account.timeouts.connect_within(calls))
        };
        let build = |client: ClientBuilder| {
            client
                .build()
                .map_err(|_| ProviderError::Refused("the HTTP client cannot start".to_owned()))
        };
        let fresh = client([Call::Change, Call::Purchase])
            .pool_max_idle_per_host(0)
            .http1_only();
        Ok(Self {
            pooled: build(client([Call::Read, Call::Catalogue]))?,
            fresh: build(fresh)?,
            timeouts: account.timeouts.clone(),
        })
    }
}

#[async_trait]
impl Transport for Network {
    async fn carry(&self, call: Call, url: Url, json: Option<&str>) -> reqwest::Result<Response> {
        let client = if call.repeatable() {
            &self.pooled
        } else {
            &self.fresh
        };
        let request = match json {
            Some(json) => client
                .post(url)
                .header(header::CONTENT_TYPE, "application/json")
                .body(json.to_owned()),
            None => client.get(url),
        };
        request.timeout(self.timeouts.of(call)).send().await
    }
}

fn builder(account: &Account) -> ClientBuilder {
    let builder = Client::builder()
        .user_agent(&account.user_agent)
        .redirect(redirect::Policy::none())
        .retry(retry::never());
    // A simulated upstream on this machine is never reached through somebody's proxy.
    let local = match account.base_url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if local { builder.no_proxy() } else { builder }
}
