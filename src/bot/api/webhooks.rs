//! Whether Telegram brings updates by itself.
//!
//! Invariant: nothing that waits at Telegram is ever dropped by setting or deleting.

use serde::Serialize;
use serde::de::IgnoredAny;
use url::Url;

use super::{ALLOWED_UPDATES, Api, ApiError, CALL_TIMEOUT, Nothing};

/// Updates that Telegram may bring at a time.
const MOST_CONNECTIONS: u8 = 16;

#[derive(Serialize)]
struct SetWebhook<'a> {
    url: &'a str,
    secret_token: &'a str,
    max_connections: u8,
    allowed_updates: &'a [&'a str],
    drop_pending_updates: bool,
}

impl Api {
    /// Has updates brought to an address, with a secret in a header of each.
    pub(crate) async fn set_webhook(&self, url: &Url, secret: &str) -> Result<(), ApiError> {
        let request = SetWebhook {
            url: url.as_str(),
            secret_token: secret,
            max_connections: MOST_CONNECTIONS,
            allowed_updates: ALLOWED_UPDATES,
            drop_pending_updates: false,
        };
        let _: IgnoredAny = self.call("setWebhook", &request, CALL_TIMEOUT).await?;
        Ok(())
    }

    /// Long polling needs that no webhook is set.
    pub(crate) async fn delete_webhook(&self) -> Result<(), ApiError> {
        let _: IgnoredAny = self
            .call("deleteWebhook", &Nothing {}, CALL_TIMEOUT)
            .await?;
        Ok(())
    }
}
