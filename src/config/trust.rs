//! The terms that users accept, and what one user may do.
//!
//! Invariant: a limit that is not a number or `off` ends the start; no limit is guessed.

use std::collections::BTreeMap;
use std::path::Path;

use crate::config::{ConfigError, Source, unreadable};
use crate::domain::limits::{Limit, Limits};
use crate::domain::money::{Currency, Money};

const FOLDER: &str = "TERMS_FOLDER";
/// Telegram's limit for a message, less what stands under the text.
const LONGEST_CHARS: usize = 3_500;

/// Which version of the terms users have to accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TermsVersion {
    /// The one of their text: other words are another version.
    OfText,
    /// The one that the operator names.
    Named(String),
    /// None: nobody is asked.
    Off,
}

/// The settings of responsible use.
#[derive(Clone, Debug)]
pub struct TrustConfig {
    /// Which terms have to be accepted.
    pub version: TermsVersion,
    /// The operator's own terms, by the tag of the language.
    pub terms: BTreeMap<String, String>,
    /// What the operator says about privacy, by the tag of the language.
    pub privacy: BTreeMap<String, String>,
    /// What one user may do.
    pub limits: Limits,
}

/// The settings of the limits; the spending has its own.
const COUNTED: [(&str, Limit); 5] = [
    ("LIMIT_NEW_ORDERS", Limit::NewOrders),
    ("LIMIT_OPEN_ORDERS", Limit::OpenOrders),
    ("LIMIT_CANCELS", Limit::Cancels),
    ("LIMIT_CANCELLED_SHARE", Limit::CancelledShare),
    ("LIMIT_TOP_UPS", Limit::TopUps),
];

impl TrustConfig {
    /// Reads and checks the settings.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn from_source(source: &Source, currency: Currency) -> Result<Self, ConfigError> {
        let version = match source.get("TERMS_VERSION") {
            None => TermsVersion::OfText,
            Some("off") => TermsVersion::Off,
            Some(name) => TermsVersion::Named(name.to_owned()),
        };
        Ok(Self {
            version,
            terms: papers(source, "terms")?,
            privacy: papers(source, "privacy")?,
            limits: limits(source, currency)?,
        })
    }
}

/// The files `<name>.<language>.txt` of the folder.
fn papers(source: &Source, name: &str) -> Result<BTreeMap<String, String>, ConfigError> {
    let Some(folder) = source.get(FOLDER).map(Path::new) else {
        return Ok(BTreeMap::new());
    };
    let broken = |path: &Path, why: &str| unreadable(FOLDER, &format!("{}: {why}", path.display()));
    let entries = std::fs::read_dir(folder).map_err(|error| broken(folder, &error.to_string()))?;
    let mut papers = BTreeMap::new();
    for entry in entries {
        let path = entry
            .map_err(|error| broken(folder, &error.to_string()))?
            .path();
        let file = path.file_name().and_then(std::ffi::OsStr::to_str);
        let tag = file.and_then(|file| {
            let tag = file.strip_prefix(name)?.strip_prefix('.')?;
            tag.strip_suffix(".txt")
        });
        let Some(tag) = tag else { continue };
        let text =
            std::fs::read_to_string(&path).map_err(|error| broken(&path, &error.to_string()))?;
        let chars = text.trim().chars().count();
        if !(1..=LONGEST_CHARS).contains(&chars) {
            let why = format!("it has {chars} characters, and may have 1 to {LONGEST_CHARS}");
            return Err(broken(&path, &why));
        }
        papers.insert(tag.to_owned(), text);
    }
    Ok(papers)
}

fn limits(source: &Source, currency: Currency) -> Result<Limits, ConfigError> {
    let mut limits = Limits::usual(usual_spend(currency));
    for (name, limit) in COUNTED {
        let most = match source.get(name) {
            None => continue,
            Some("off") => None,
            Some(text) => {
                let most: u32 = text
                    .parse()
                    .map_err(|_| unreadable(name, "it must be a whole number or `off`"))?;
                Some(i64::from(most))
            }
        };
        limits = limits.with(limit, most);
    }
    match source.get("LIMIT_SPEND") {
        None => {}
        Some("off") => limits = limits.with(Limit::Spend, None),
        Some(text) => {
            let most = currency
                .parse(text)
                .map_err(|error| unreadable("LIMIT_SPEND", &error.to_string()))?;
            limits = limits.with(Limit::Spend, Some(most.as_minor()));
        }
    }
    Ok(limits)
}

/// A million rupiah, or a hundred of a currency that has decimals.
fn usual_spend(currency: Currency) -> Money {
    if currency.decimals() == 0 {
        Money::minor(1_000_000)
    } else {
        Money::minor(10_000)
    }
}
