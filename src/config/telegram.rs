//! How to reach Telegram, and who the admins are.
//!
//! Invariant: the token stays in a secret from here on, and no error shows it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;

use secrecy::SecretString;
use url::Url;

use crate::config::{ConfigError, Source, unreadable};
use crate::domain::id::UserId;

/// Twice a second for as long as one likes, and twenty times at once: faster than thumbs are.
const USUAL_TAPS: NonZeroU32 = NonZeroU32::new(2).unwrap();

/// The settings for Telegram.
#[derive(Clone, Debug)]
pub struct TelegramConfig {
    /// The bot's token.
    pub token: SecretString,
    /// Where the Bot API is.
    pub api_url: Url,
    /// Where Telegram brings updates; `None` where they are fetched.
    pub webhook: Option<WebhookConfig>,
    /// Who may run the shop.
    pub admins: Vec<UserId>,
    /// How many messages a chat gets in the long run; Telegram wants about one.
    pub messages_per_second: NonZeroU32,
    /// How many taps and messages of one person are handled a second, in the long run.
    pub taps_per_second: NonZeroU32,
    /// How users can top up, shown in the wallet as it is.
    pub topup_hint: Option<String>,
}

/// Where Telegram brings updates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookConfig {
    /// What Telegram calls.
    pub url: Url,
    /// What this process listens on.
    pub bind: SocketAddr,
}

/// The ports that Telegram calls.
const WEBHOOK_PORTS: [u16; 4] = [443, 80, 88, 8443];
/// Behind a proxy on the same machine.
const USUAL_BIND: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8443);

fn webhook(source: &Source) -> Result<Option<WebhookConfig>, ConfigError> {
    let Some(text) = source.get("WEBHOOK_URL") else {
        if source.get("WEBHOOK_BIND").is_some() {
            return Err(unreadable("WEBHOOK_BIND", "it needs WEBHOOK_URL"));
        }
        return Ok(None);
    };
    let url = Url::parse(text).map_err(|error| unreadable("WEBHOOK_URL", &error.to_string()))?;
    let port = url.port_or_known_default().unwrap_or_default();
    if url.scheme() != "https" || !WEBHOOK_PORTS.contains(&port) {
        return Err(unreadable(
            "WEBHOOK_URL",
            "it must begin with https://, on port 443, 80, 88 or 8443: Telegram calls nothing else",
        ));
    }
    let expected = "an address and a port, such as 127.0.0.1:8443";
    let bind = source.parsed("WEBHOOK_BIND", USUAL_BIND, expected)?;
    Ok(Some(WebhookConfig { url, bind }))
}

impl TelegramConfig {
    /// Reads and checks the settings.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn from_source(source: &Source) -> Result<Self, ConfigError> {
        let token = source.required("TELEGRAM_BOT_TOKEN")?;
        let well_formed = token.split_once(':').is_some_and(|(id, secret)| {
            !id.is_empty()
                && id.bytes().all(|byte| byte.is_ascii_digit())
                && secret.len() >= 10
                && secret
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        });
        if !well_formed {
            return Err(unreadable(
                "TELEGRAM_BOT_TOKEN",
                "it must look like 123456789:AbC…, as BotFather gives it",
            ));
        }
        let admins = source
            .get("ADMIN_IDS")
            .unwrap_or_default()
            .split([',', ' '])
            .filter(|part| !part.is_empty())
            .map(|part| match part.parse() {
                Ok(id) if id > 0 => Ok(UserId(id)),
                Ok(_) | Err(_) => Err(unreadable(
                    "ADMIN_IDS",
                    &format!(
                        "`{part}` is no Telegram user id; ids are numbers, separated by commas"
                    ),
                )),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            token: token.into(),
            api_url: source.url("TELEGRAM_API_URL", "https://api.telegram.org")?,
            webhook: webhook(source)?,
            admins,
            messages_per_second: source.parsed(
                "MESSAGES_PER_SECOND_PER_CHAT",
                NonZeroU32::MIN,
                "a whole number of at least one",
            )?,
            taps_per_second: source.parsed(
                "TAPS_PER_SECOND_PER_USER",
                USUAL_TAPS,
                "a whole number of at least one",
            )?,
            topup_hint: source.get("TOPUP_HINT").map(str::to_owned),
        })
    }
}
