//! Updates that Telegram brings by itself, over HTTP.
//!
//! Invariant: an update is answered with 200 only after it is stored; without the secret, which is
//! a new one at each start, nothing is read.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use rand::Rng;
use rand::distr::Alphanumeric;
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::bot::BotStopped;
use crate::bot::inbox::{Intake, stored};

/// Where the secret stands.
const SECRET_HEADER: &str = "X-Telegram-Bot-Api-Secret-Token";
const SECRET_LENGTH: usize = 64;
/// Far above the largest update.
const LARGEST_BYTES: usize = 1024 * 1024;
/// Updates that are being stored at a time. Telegram keeps the others, and comes again.
const MOST_AT_ONCE: usize = 64;
/// How long Telegram is let wait for an update to be stored.
const STORING_AT_MOST: Duration = Duration::from_secs(10);
/// How long the end waits for what is being brought just then.
const LAST_UPDATES: Duration = Duration::from_secs(1);

/// Where updates are brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookSettings {
    /// What Telegram calls.
    pub url: Url,
    /// What this process listens on, behind whatever speaks TLS.
    pub bind: SocketAddr,
}

/// The open port, and the secret that opens it.
#[derive(Debug)]
pub(crate) struct Hook {
    url: Url,
    listener: TcpListener,
    secret: SecretString,
}

impl Hook {
    /// Opens the port. Whoever calls before anything is served waits.
    pub(crate) fn open(settings: &WebhookSettings) -> Result<Self, BotStopped> {
        let listener = TcpListener::bind(settings.bind)
            .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
            .map_err(|error| BotStopped::NoPort {
                bind: settings.bind,
                reason: error.to_string(),
            })?;
        let secret: String = rand::rng()
            .sample_iter(Alphanumeric)
            .take(SECRET_LENGTH)
            .map(char::from)
            .collect();
        Ok(Self {
            url: settings.url.clone(),
            listener,
            secret: secret.into(),
        })
    }

    pub(crate) const fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn secret(&self) -> &str {
        self.secret.expose_secret()
    }

    /// In a time that tells nothing of how much of it is right.
    fn is_secret(&self, headers: &HeaderMap) -> bool {
        headers
            .get(SECRET_HEADER)
            .is_some_and(|given| given.as_bytes().ct_eq(self.secret().as_bytes()).into())
    }
}

#[derive(Clone)]
struct Desk {
    hook: Arc<Hook>,
    intake: Arc<Intake>,
    places: Arc<Semaphore>,
}

/// Takes updates in until `shutdown`; what is left over from before comes first.
pub(crate) async fn serve(hook: Arc<Hook>, intake: Intake, shutdown: CancellationToken) {
    intake.replay().await;
    let listener = hook.listener.try_clone();
    let listener = match listener.and_then(tokio::net::TcpListener::from_std) {
        Ok(listener) => listener,
        Err(error) => return log::error!("the webhook's port is gone: {error}"),
    };
    let desk = Desk {
        hook,
        intake: Arc::new(intake),
        places: Arc::new(Semaphore::new(MOST_AT_ONCE)),
    };
    let router = Router::new()
        .fallback(receive)
        .layer(DefaultBodyLimit::max(LARGEST_BYTES))
        .with_state(desk);
    let asked = shutdown.clone();
    let serving = axum::serve(listener, router)
        .with_graceful_shutdown(async move { asked.cancelled().await });
    let in_time = async {
        shutdown.cancelled().await;
        tokio::time::sleep(LAST_UPDATES).await;
    };
    tokio::select! {
        served = serving => if let Err(error) = served {
            log::error!("the webhook is no longer served: {error}");
        },
        () = in_time => {}
    }
}

async fn receive(State(desk): State<Desk>, request: Request) -> Response {
    if !desk.hook.is_secret(request.headers()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if request.method() != Method::POST {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let Ok(place) = Arc::clone(&desk.places).try_acquire_owned() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let body = match Bytes::from_request(request, &()).await {
        Ok(body) => body,
        Err(refused) => return refused.into_response(),
    };
    let raw: Result<Box<RawValue>, _> = serde_json::from_slice(&body);
    let Some(update) = raw.ok().and_then(|raw| stored(&raw)) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    // Whoever calls may hang up at any moment: what is stored is handed on all the same.
    let taking = tokio::spawn(async move {
        let is_stored = desk.intake.take_in(update).await;
        drop(place);
        is_stored
    });
    match tokio::time::timeout(STORING_AT_MOST, taking).await {
        Ok(Ok(true)) => StatusCode::OK.into_response(),
        Ok(Ok(false) | Err(_)) | Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
