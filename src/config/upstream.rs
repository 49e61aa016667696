//! Keys and addresses of the upstreams. One without a key is off.
//!
//! Invariant: an upstream is whole or off: a key without an address has the usual one, an
//! address without a key is a mistake.

use std::fmt;
use std::num::NonZeroU32;
use std::path::Path;

use secrecy::SecretString;
use url::Url;

use crate::config::compat::{self, Host};
use crate::config::services::{self, SoldService};
use crate::config::{ConfigError, Source, unreadable};

/// What small hosts bear.
const USUAL_RATE: NonZeroU32 = NonZeroU32::new(5).expect("five is not zero");

/// Where mailboxes are asked for, and for what, unless the operator says otherwise.
const USUAL_DOMAINS: &str = "gmail.com,outlook.com,hotmail.com";
const USUAL_SITES: &str = "telegram.com,facebook.com,instagram.com,twitter.com,discord.com";

/// One upstream that is on.
#[derive(Clone)]
pub struct Access {
    /// Our key there.
    pub key: SecretString,
    /// Its endpoint.
    pub url: Url,
}

/// Shows where it is and no key, not even one that stands in the address.
impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("host", &self.url.host_str())
            .finish_non_exhaustive()
    }
}

/// OTPGan, whose document has no call for what it sells.
#[derive(Clone, Debug)]
pub struct OtpGanAccess {
    /// Key and address.
    pub access: Access,
    /// What it sells, as the operator wrote it down; `None` asks a call that may be there.
    pub services: Option<Vec<SoldService>>,
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
    /// OTPGet, with its cheap numbers, its rentals and its mailboxes.
    pub otpget: Option<Access>,
    /// Domains of its mailboxes: nothing there lists them.
    pub mailbox_domains: Vec<String>,
    /// Sites that they are for: nothing there lists these either.
    pub mailbox_sites: Vec<String>,
    /// Hosts of the sms-activate family.
    pub compat: Vec<Host>,
    /// OTPGan.
    pub otpgan: Option<OtpGanAccess>,
    /// OTPBuddy.
    pub otpbuddy: Option<Access>,
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
            otpgan: otpgan(source)?,
            otpbuddy: access(
                source,
                ["API_KEY_OTPBUDDY", "OTPBUDDY_URL"],
                "https://otpbuddy.xyz/v1/api",
            )?,
            otpget: access(
                source,
                ["API_KEY_OTPGET", "OTPGET_URL"],
                "https://otpget.com/stubs",
            )?,
            mailbox_domains: domains(source, "MAILBOX_DOMAINS", USUAL_DOMAINS)?,
            mailbox_sites: domains(source, "MAILBOX_SITES", USUAL_SITES)?,
            compat: compat::hosts(source)?,
        };
        let is_on = [
            config.virtusim.is_some(),
            config.otpcepat.is_some(),
            config.otpgan.is_some(),
            config.otpbuddy.is_some(),
            config.otpget.is_some(),
            !config.compat.is_empty(),
        ];
        if !is_on.contains(&true) {
            return Err(ConfigError::Missing(
                "the key of an upstream, such as API_KEY_VIRTUSIM,",
            ));
        }
        Ok(config)
    }

    /// Every key that is set, by the setting that brings it.
    pub fn accesses(&self) -> impl Iterator<Item = (String, &Access)> {
        let own = [
            ("VIRTUSIM", self.virtusim.as_ref()),
            ("OTPCEPAT", self.otpcepat.as_ref()),
            ("OTPGET", self.otpget.as_ref()),
            ("OTPGAN", self.otpgan.as_ref().map(|it| &it.access)),
            ("OTPBUDDY", self.otpbuddy.as_ref()),
        ];
        let own = own.into_iter().filter_map(|(name, access)| {
            let setting = format!("API_KEY_{name}");
            access.map(|access| (setting, access))
        });
        let hosts = self.compat.iter().map(|host| {
            let setting = format!("COMPAT_{}_KEY", host.name.to_uppercase());
            (setting, &host.access)
        });
        own.chain(hosts)
    }

    /// The currencies that must have a rate, each with the setting that brings it.
    pub(super) fn currencies(&self) -> impl Iterator<Item = (String, &'static str)> {
        let otpget = self.otpget.iter();
        let otpget = otpget.map(|_| ("API_KEY_OTPGET".to_owned(), "PKR"));
        let hosts = self.compat.iter().map(|host| {
            let name = host.name.to_uppercase();
            (format!("COMPAT_{name}_CURRENCY"), host.currency)
        });
        let otpbuddy = self.otpbuddy.iter();
        let otpbuddy = otpbuddy.map(|_| ("API_KEY_OTPBUDDY".to_owned(), "INR"));
        otpget.chain(otpbuddy).chain(hosts)
    }
}

/// Its address and its services are needed: neither has a default that could be right.
fn otpgan(source: &Source) -> Result<Option<OtpGanAccess>, ConfigError> {
    let [key, url, list] = ["API_KEY_OTPGAN", "OTPGAN_URL", "OTPGAN_SERVICES"];
    if source.get(key).is_none() && source.get(list).is_some() {
        return Err(useless(list, key));
    }
    if source.get(key).is_some() {
        source.required(url)?;
    }
    let Some(access) = access(source, [key, url], "")? else {
        return Ok(None);
    };
    let services = match source.required(list)? {
        "online" => None,
        file => Some(services::read(list, Path::new(file))?),
    };
    Ok(Some(OtpGanAccess { access, services }))
}

/// Names with commas between them; `off` for none.
fn domains(source: &Source, name: &str, usual: &str) -> Result<Vec<String>, ConfigError> {
    let listed = source.get(name).unwrap_or(usual).split(',');
    let listed = listed.map(|part| part.trim().to_ascii_lowercase());
    let listed: Vec<String> = listed
        .filter(|part| !part.is_empty() && part != "off")
        .collect();
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
    let is_domain = |domain: &String| domain.contains('.') && domain.bytes().all(is_part);
    if listed.iter().all(is_domain) {
        Ok(listed)
    } else {
        let problem = "it must be domains such as gmail.com with commas between them, or `off`";
        Err(unreadable(name, problem))
    }
}

fn useless(name: &str, key_name: &str) -> ConfigError {
    unreadable(
        name,
        &format!("{key_name} is not set, so this is of no use"),
    )
}

fn access(
    source: &Source,
    [key_name, url_name]: [&str; 2],
    default_url: &str,
) -> Result<Option<Access>, ConfigError> {
    let Some(key) = source.get(key_name) else {
        if source.get(url_name).is_some() {
            return Err(useless(url_name, key_name));
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
