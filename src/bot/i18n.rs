//! Languages: the texts of `locales/`, and how each language writes numbers, money and times.
//!
//! Invariant: every language is read once, at first use; a language is a folder in `locales/`
//! and nothing else has to know its name.

use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};
use i18n_embed::LanguageLoader;
use i18n_embed::fluent::FluentLanguageLoader;
use rust_decimal::Decimal;
use rust_embed::RustEmbed;
use unic_langid::LanguageIdentifier;

use crate::bot::html::plain;
use crate::domain::money::{Currency, Money};

#[derive(RustEmbed)]
#[folder = "locales/"]
struct Locales;

const FILE: &str = "numshop.ftl";
const FALLBACK: &str = "en";

/// One language.
pub(crate) struct Lang {
    tag: String,
    loader: FluentLanguageLoader,
    group: char,
    point: char,
}

static LANGS: LazyLock<Vec<Lang>> = LazyLock::new(read_all);

/// English first, then by tag. A folder whose name is no language tag, or whose file cannot be
/// read, is left out: the parity test finds it long before anybody starts the binary.
fn read_all() -> Vec<Lang> {
    let mut tags: Vec<String> = Locales::iter()
        .filter_map(|path| {
            path.strip_suffix(FILE)?
                .strip_suffix('/')
                .map(str::to_owned)
        })
        .collect();
    tags.sort_by_key(|tag| (tag != FALLBACK, tag.clone()));
    tags.into_iter().filter_map(Lang::read).collect()
}

impl Lang {
    fn read(tag: String) -> Option<Self> {
        let language: LanguageIdentifier = tag.parse().ok()?;
        let fallback: LanguageIdentifier = FALLBACK.parse().ok()?;
        let loader = FluentLanguageLoader::new("numshop", fallback.clone());
        loader
            .load_languages(&Locales, &[language, fallback])
            .map_err(|error| log::error!("the texts in `{tag}` cannot be read: {error}"))
            .ok()?;
        // The marks that Fluent puts around arguments would travel along with every copied code.
        loader.set_use_isolating(false);
        let mut lang = Self {
            tag,
            loader,
            group: ',',
            point: '.',
        };
        lang.group = plain!(lang, "number-group").chars().next().unwrap_or(',');
        lang.point = plain!(lang, "number-point").chars().next().unwrap_or('.');
        Some(lang)
    }

    /// All of them, English first.
    pub(crate) fn all() -> &'static [Self] {
        &LANGS
    }

    /// The one of that tag.
    pub(crate) fn exactly(tag: &str) -> Option<&'static Self> {
        LANGS.iter().find(|lang| lang.tag == tag)
    }

    /// The one nearest to an IETF tag such as `id-ID`, else English.
    #[expect(
        clippy::expect_used,
        reason = "English is compiled in; a test reads all languages"
    )]
    pub(crate) fn of(tag: Option<&str>) -> &'static Self {
        let primary = tag
            .and_then(|tag| tag.split(['-', '_']).next())
            .unwrap_or_default()
            .to_ascii_lowercase();
        Self::exactly(&primary)
            .or_else(|| LANGS.first())
            .expect("English is compiled in")
    }

    /// The IETF tag.
    pub(crate) fn tag(&self) -> &str {
        &self.tag
    }

    /// For the macros of [`crate::bot::html`].
    pub(crate) fn loader(&self) -> &FluentLanguageLoader {
        &self.loader
    }

    /// A size in the largest unit that shows it well.
    pub(crate) fn size(&self, bytes: u64) -> String {
        let (unit, name) = match bytes {
            0..1_000_000 => (1_000, "kB"),
            1_000_000..1_000_000_000 => (1_000_000, "MB"),
            1_000_000_000.. => (1_000_000_000, "GB"),
        };
        let tenths = bytes.div_ceil(unit / 10);
        format!("{}{}{} {name}", tenths / 10, self.point, tenths % 10)
    }

    /// A number of things as this language writes it.
    pub(crate) fn count(&self, number: u64) -> String {
        self.grouped(&number.to_string())
    }

    /// A number with as many decimals as it has.
    pub(crate) fn decimal(&self, number: Decimal) -> String {
        let written = number.normalize().abs().to_string();
        let sign = if number.is_sign_negative() { "-" } else { "" };
        match written.split_once('.') {
            Some((whole, decimals)) => {
                format!("{sign}{}{}{decimals}", self.grouped(whole), self.point)
            }
            None => format!("{sign}{}", self.grouped(&written)),
        }
    }

    fn grouped(&self, digits: &str) -> String {
        let mut written = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                written.push(self.group);
            }
            written.push(digit);
        }
        written
    }

    /// An amount as this language writes it.
    pub(crate) fn money(&self, currency: Currency, money: Money) -> String {
        currency.format(money, self.group, self.point)
    }

    /// An amount with its sign in front, `+` included.
    pub(crate) fn signed(&self, currency: Currency, money: Money) -> String {
        let sign = if money.is_positive() { "+" } else { "" };
        format!("{sign}{}", self.money(currency, money))
    }

    /// A span in words, rounded up, so that nobody waits longer than they were told.
    pub(crate) fn span(&self, span: TimeDelta) -> String {
        let seconds = span.num_seconds().max(0).unsigned_abs();
        if seconds < 60 {
            plain!(self, "span-seconds", count = seconds)
        } else if seconds <= 120 * 60 {
            plain!(self, "span-minutes", count = seconds.div_ceil(60))
        } else if seconds <= 48 * 3600 {
            plain!(self, "span-hours", count = seconds.div_ceil(3600))
        } else {
            plain!(self, "span-days", count = seconds.div_ceil(86_400))
        }
    }

    /// So many hours in words.
    pub(crate) fn hours(&self, hours: u32) -> String {
        self.span(TimeDelta::hours(hours.into()))
    }

    /// How long ago something was, rounded down.
    pub(crate) fn ago(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
        let seconds = (now - at).num_seconds().max(0).unsigned_abs();
        if seconds < 60 {
            plain!(self, "ago-now")
        } else if seconds < 3600 {
            plain!(self, "ago-minutes", count = seconds / 60)
        } else if seconds < 86_400 {
            plain!(self, "ago-hours", count = seconds / 3600)
        } else {
            plain!(self, "ago-days", count = seconds / 86_400)
        }
    }
}

/// A countdown: `2:10`.
pub(crate) fn countdown(left: TimeDelta) -> String {
    let seconds = left.num_seconds().max(0);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_finds_its_language() {
        for (tag, expected) in [
            (Some("id"), "id"),
            (Some("id-ID"), "id"),
            (Some("ID"), "id"),
            (Some("en-GB"), "en"),
            (Some("xx"), "en"),
            (Some(""), "en"),
            (None, "en"),
        ] {
            assert_eq!(Lang::of(tag).tag(), expected, "{tag:?}");
        }
        assert_eq!(Lang::all()[0].tag(), "en");
    }

    #[test]
    fn each_language_writes_money_its_own_way() {
        let usd = Currency::from_code("USD").unwrap();
        let amount = Money::minor(1_234_550);
        assert_eq!(Lang::of(Some("en")).money(usd, amount), "$12,345.50");
        assert_eq!(Lang::of(Some("id")).money(usd, amount), "$12.345,50");
        assert_eq!(Lang::of(Some("en")).signed(usd, amount), "+$12,345.50");
        for (number, en, id) in [
            (Decimal::new(500_000_000, 2), "5,000,000", "5.000.000"),
            (Decimal::new(-1_234_550, 3), "-1,234.55", "-1.234,55"),
            (Decimal::new(7, 1), "0.7", "0,7"),
        ] {
            assert_eq!(Lang::of(Some("en")).decimal(number), en);
            assert_eq!(Lang::of(Some("id")).decimal(number), id);
        }
    }

    #[test]
    fn spans_are_told_in_words() {
        let en = Lang::of(Some("en"));
        let id = Lang::of(Some("id"));
        for (seconds, english, indonesian) in [
            (-5, "0 sec", "0 detik"),
            (59, "59 sec", "59 detik"),
            (60, "1 min", "1 menit"),
            (61, "2 min", "2 menit"),
            (20 * 60, "20 min", "20 menit"),
            (3 * 3600, "3 h", "3 jam"),
            (72 * 3600, "3 d", "3 hari"),
        ] {
            assert_eq!(en.span(TimeDelta::seconds(seconds)), english);
            assert_eq!(id.span(TimeDelta::seconds(seconds)), indonesian);
        }
        assert_eq!(countdown(TimeDelta::seconds(130)), "2:10");
        assert_eq!(countdown(TimeDelta::seconds(-1)), "0:00");
    }
}
