//! What may be sold, and what may not: numbers for banks, wallets and offices are what fraud is
//! made of.
//!
//! Invariant: of the rules that fit, the most exact one decides (code, then name, then kind, then
//! all), and of two for the same thing the one that was added last.

use std::collections::HashMap;

use super::denied::{self, Counts};
use super::table::{KINDS, Row};

/// The rules.
#[derive(Clone, Debug, Default)]
pub(super) struct Policy {
    /// What no other rule speaks of is denied.
    denies_all: bool,
    kinds: HashMap<String, bool>,
    names: HashMap<Vec<String>, bool>,
    codes: HashMap<String, bool>,
    /// How names of denied services count in messages, where that is not plain.
    counts: HashMap<String, Counts>,
}

/// The words of a name, in lower case.
fn words(name: &str) -> Vec<String> {
    name.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

impl Policy {
    /// Adds a row of a table.
    pub(super) fn add(&mut self, row: &Row<'_>) -> Result<(), String> {
        if row.needed("what")? == "sms" {
            return self.add_counts(row);
        }
        let is_denied = match row.needed("rule")? {
            "deny" => true,
            "allow" => false,
            other => return Err(format!("`{other}` is neither `deny` nor `allow`")),
        };
        let value = row.needed("value")?;
        match row.needed("what")? {
            "all" if value == "*" => self.denies_all = is_denied,
            "all" => return Err(format!("`all` stands before `*`, not before `{value}`")),
            "kind" if KINDS.contains(&value) => {
                self.kinds.insert(value.to_owned(), is_denied);
            }
            "kind" => {
                let kinds = KINDS.join(", ");
                return Err(format!("`{value}` is none of the kinds {kinds}"));
            }
            "name" => {
                let words = words(value);
                if words.is_empty() {
                    return Err(format!("`{value}` has no word"));
                }
                self.names.insert(words, is_denied);
            }
            "code" => {
                self.codes.insert(value.to_owned(), is_denied);
            }
            other => {
                return Err(format!(
                    "`{other}` is none of `all`, `kind`, `name`, `code`, `sms`"
                ));
            }
        }
        Ok(())
    }

    /// Adds how a name counts in messages.
    fn add_counts(&mut self, row: &Row<'_>) -> Result<(), String> {
        let counts = match row.needed("rule")? {
            "deny" => Counts::Always,
            "exact" => Counts::Exactly,
            "allow" => Counts::Never,
            other => return Err(format!("`{other}` is none of `deny`, `exact`, `allow`")),
        };
        self.counts
            .insert(denied::words(row.needed("value")?), counts);
        Ok(())
    }

    /// How a name of a denied service counts in messages, where a rule says so.
    pub(super) fn counts(&self, name: &str) -> Option<Counts> {
        self.counts.get(&denied::words(name)).copied()
    }

    /// Whether a service must not be sold.
    pub(super) fn denies(&self, key: &str, name: &str, kind: &str) -> bool {
        let by_code = self.codes.get(key).copied();
        let by_kind = self.kinds.get(kind).copied();
        by_code
            .or_else(|| self.by_name(name))
            .or(by_kind)
            .unwrap_or(self.denies_all)
    }

    /// What the names say; the longest that stands in this one decides, and between equals no.
    fn by_name(&self, name: &str) -> Option<bool> {
        let name = words(name);
        let fitting = self.names.iter().filter(|(words, _)| {
            name.windows(words.len())
                .any(|window| window == words.as_slice())
        });
        fitting
            .max_by_key(|(words, is_denied)| (words.len(), **is_denied))
            .map(|(_, is_denied)| *is_denied)
    }
}
