//! Keys and addresses of the upstreams. One without a key is off.

use std::num::NonZeroU32;

use secrecy::SecretString;
use url::Url;

use crate::config::{ConfigError, Source, unreadable};

/// What small hosts bear.
const USUAL_RATE: NonZeroU32 = NonZeroU32::new(5).expect("five is not zero");

/// One upstream that is on.
#[derive(Clone, Debug)]
pub struct Access {
    /// Our key there.
    pub key: SecretString,
    /// Its endpoint.
    pub url: Url,
}

/// The upstreams that are on.
#[derive(Clone, Debug)]
pub struct UpstreamConfig {
    /// How much is asked of each of them in the long run.
    pub requests_per_second: NonZeroU32,
    /// VirtuSIM.
    pub virtusim: Option<Access>,
    /// OTPCepat.
    pub otpcepat: Option<Access>,
}

impl UpstreamConfig {
    /// Reads and checks the settings.
    ///
    /// # Errors
    /// [`ConfigError`], also where none is on.
    pub fn from_source(source: &Source) -> Result<Self, ConfigError> {
        let requests_per_second = source.parsed(
            "UPSTREAM_REQUESTS_PER_SECOND",
            USUAL_RATE,
            "a whole number of at least one",
        )?;
        let config = Self {
            requests_per_second,
            virtusim: access(
                source,
                ["API_KEY_VIRTUSIM", "VIRTUSIM_URL"],
                "https://virtusim.com/api/json.php",
            )?,
            otpcepat: access(
                source,
                ["API_KEY_OTPCEPAT", "OTPCEPAT_URL"],
                "https://otpcepat.org/api/handler_api.php",
            )?,
        };
        if config.virtusim.is_none() && config.otpcepat.is_none() {
            return Err(ConfigError::Missing(
                "API_KEY_VIRTUSIM or API_KEY_OTPCEPAT (at least one upstream)",
            ));
        }
        Ok(config)
    }
}

fn access(
    source: &Source,
    [key_name, url_name]: [&str; 2],
    default_url: &str,
) -> Result<Option<Access>, ConfigError> {
    let Some(key) = source.get(key_name) else {
        if source.get(url_name).is_some() {
            return Err(unreadable(
                url_name,
                &format!("{key_name} is not set, so the address is of no use"),
            ));
        }
        return Ok(None);
    };
    if key.contains(char::is_whitespace) {
        return Err(unreadable(key_name, "a key holds no spaces"));
    }
    Ok(Some(Access {
        key: SecretString::from(key),
        url: source.url(url_name, default_url)?,
    }))
}
