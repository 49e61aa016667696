//! The hosts of the sms-activate family: as many as are named, each by settings of its own.
//!
//! Invariant: a host that is named is whole, and a setting of a host that is not named is a
//! mistake.

use secrecy::SecretString;

use crate::config::upstream::Access;
use crate::config::{ConfigError, Source, unreadable};
use crate::domain::money::Currency;

/// The setting that names the hosts.
pub const NAMES: &str = "COMPAT_PROVIDERS";
/// What each host is set by: `COMPAT_HERO_URL`.
const PARTS: [&str; 3] = ["URL", "KEY", "CURRENCY"];
/// Names that other upstreams have.
const TAKEN: [&str; 6] = [
    "virtusim",
    "otpcepat",
    "otpget",
    "otpgetcheap",
    "otpgan",
    "otpbuddy",
];
/// Longer ones would not fit the buttons that name an upstream.
const LONGEST_NAME: usize = 16;

/// One host that is on.
#[derive(Clone, Debug)]
pub struct Host {
    /// Its name with us: lower-case letters and digits.
    pub name: String,
    /// Where it is, and our key there.
    pub access: Access,
    /// ISO 4217 code of its prices.
    pub currency: &'static str,
}

/// Whether a setting has the form of a host's: `COMPAT_<NAME>_URL`, `_KEY` or `_CURRENCY`.
#[must_use]
pub fn is_setting(name: &str) -> bool {
    host_of(name).is_some()
}

/// The host whose setting this is, as the setting spells it.
fn host_of(setting: &str) -> Option<&str> {
    let (host, part) = setting.strip_prefix("COMPAT_")?.rsplit_once('_')?;
    let is_name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let well = !host.is_empty() && host.bytes().all(is_name) && PARTS.contains(&part);
    well.then_some(host)
}

/// Reads and checks the hosts.
///
/// # Errors
/// [`ConfigError`].
pub fn hosts(source: &Source) -> Result<Vec<Host>, ConfigError> {
    let mut names: Vec<&str> = Vec::new();
    let listed = source.get(NAMES).unwrap_or_default().split(',');
    for name in listed.map(str::trim).filter(|name| !name.is_empty()) {
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let reason = if !name.bytes().all(is_name) || name.len() > LONGEST_NAME {
            "is not a name of at most 16 lower-case letters and digits"
        } else if TAKEN.contains(&name) {
            "is the name of another upstream"
        } else if names.contains(&name) {
            "is named twice"
        } else {
            names.push(name);
            continue;
        };
        return Err(unreadable(NAMES, &format!("`{name}` {reason}")));
    }
    let unnamed = source.names().find(|setting| {
        let host = host_of(setting).map(str::to_lowercase);
        host.is_some_and(|host| !names.contains(&host.as_str())) && source.get(setting).is_some()
    });
    if let Some(setting) = unnamed {
        let reason = format!("{NAMES} names no such host");
        return Err(unreadable(setting, &reason));
    }
    names.into_iter().map(|name| host(source, name)).collect()
}

fn host(source: &Source, name: &str) -> Result<Host, ConfigError> {
    let [url_name, key_name, currency_name] =
        PARTS.map(|part| format!("COMPAT_{}_{part}", name.to_uppercase()));
    let needed = |setting: &str| {
        let missing = || {
            unreadable(
                NAMES,
                &format!("`{name}` needs {setting}, which is not set"),
            )
        };
        source.get(setting).ok_or_else(missing)
    };
    let url = needed(&url_name)?;
    let key = needed(&key_name)?;
    let currency = needed(&currency_name)?;
    if key.contains(char::is_whitespace) {
        return Err(unreadable(&key_name, "a key holds no spaces"));
    }
    let currency = Currency::from_code(currency)
        .map_err(|error| unreadable(&currency_name, &error.to_string()))?;
    Ok(Host {
        name: name.to_owned(),
        access: Access {
            key: SecretString::from(key),
            url: source.url(&url_name, url)?,
        },
        currency: currency.code(),
    })
}
