//! Updates that are brought to the bot, one after the other, until it takes each.
//!
//! Invariant: an update leaves the queue only after the bot answered it with 2xx.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::SimulatedTelegram;
use super::params::Params;
use super::refusal::Refusal;
use super::world::World;

/// The real one waits longer and longer; here nobody has so much time.
const PAUSE: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(60);
const USUAL_CONNECTIONS: i64 = 40;

/// What `setWebhook` was told.
#[derive(Clone, Debug, Default)]
pub(super) struct Webhook {
    pub(super) url: String,
    pub(super) secret: Option<String>,
    pub(super) connections: i64,
    pub(super) last_error: Option<String>,
}

/// An update on its way to the bot.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) id: i64,
    pub(super) body: String,
    pub(super) webhook: Webhook,
    pub(super) proxy: SocketAddr,
}

pub(super) fn set(world: &World, params: &Params) -> Result<Value, Refusal> {
    let url = params.text("url").unwrap_or_default();
    if !url.is_empty() {
        let parsed = url::Url::parse(&url)
            .ok()
            .filter(|url| url.scheme() == "https")
            .ok_or(Refusal::WEBHOOK_NOT_HTTPS)?;
        if !matches!(parsed.port_or_known_default(), Some(80 | 88 | 443 | 8443)) {
            return Err(Refusal::WEBHOOK_BAD_PORT);
        }
    }
    let secret = params.text("secret_token");
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if secret
        .as_ref()
        .is_some_and(|secret| secret.len() > 256 || !secret.bytes().all(is_letter))
    {
        return Err(Refusal::WEBHOOK_BAD_SECRET);
    }
    if let Some(list) = params.structure("allowed_updates")? {
        let allowed = serde_json::from_value(list).map_err(|_| {
            Refusal::bad_request("can't parse allowed updates list: Expected an Array of String")
        })?;
        world.updates.allow(allowed);
    }
    let webhook = Webhook {
        url,
        secret,
        connections: params
            .number("max_connections")
            .unwrap_or(USUAL_CONNECTIONS),
        last_error: None,
    };
    let drop_pending = params.flag("drop_pending_updates");
    world.updates.set_webhook(webhook, drop_pending);
    Ok(json!(true))
}

pub(super) fn delete(world: &World, params: &Params) -> Value {
    let drop_pending = params.flag("drop_pending_updates");
    world.updates.set_webhook(Webhook::default(), drop_pending);
    json!(true)
}

pub(super) fn info(world: &World) -> Value {
    let webhook = world.updates.webhook();
    let mut info = json!({
        "url": webhook.url,
        "has_custom_certificate": false,
        "pending_update_count": world.updates.pending(),
    });
    if !webhook.url.is_empty() {
        info["max_connections"] = json!(webhook.connections);
    }
    if let Some(error) = webhook.last_error {
        info["last_error_date"] = json!(world.clock.now().timestamp());
        info["last_error_message"] = json!(error);
    }
    info
}

/// Brings updates until `stop`, as long as a webhook is set and somebody passes them on.
pub(super) async fn deliver(world: Arc<World>, stop: CancellationToken) {
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE);
    let client = match client.build() {
        Ok(client) => client,
        Err(error) => return log::error!("no webhook can be called: {error}"),
    };
    let mut changed = world.updates.watch();
    loop {
        changed.mark_unchanged();
        let Some(delivery) = world.updates.next_delivery() else {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = changed.changed() => continue,
            }
        };
        let failed = tokio::select! {
            () = stop.cancelled() => return,
            brought = bring(&client, &delivery) => brought.err(),
        };
        let has_failed = failed.is_some();
        world.updates.brought(delivery.id, failed);
        if has_failed {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

async fn bring(client: &reqwest::Client, delivery: &Delivery) -> Result<(), String> {
    // The host of the address is the proxy's business.
    let path = url::Url::parse(&delivery.webhook.url).map_err(|error| error.to_string())?;
    let address = format!("http://{}{}", delivery.proxy, path.path());
    let mut request = client
        .post(address)
        .header("content-type", "application/json")
        .body(delivery.body.clone());
    if let Some(secret) = &delivery.webhook.secret {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    match request.send().await {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(format!(
            "Wrong response from the webhook: {}",
            answer.status()
        )),
        Err(_) => Err(String::from("Connection refused")),
    }
}

impl SimulatedTelegram {
    /// Plays the proxy that stands before the bot and speaks TLS: whatever address a webhook has,
    /// updates for it are brought to this one, in the clear.
    pub fn deliver_webhooks_to(&self, proxy: SocketAddr) {
        self.world.updates.route(proxy);
    }

    /// What the bot said must stand in the header of each update.
    #[must_use]
    pub fn webhook_secret(&self) -> Option<String> {
        self.world.updates.webhook().secret
    }
}
