//! Tables of facts: tab separated, one header line, rows named by their columns.
//!
//! Invariant: a row that cannot be understood is refused with its line, never skipped.

use std::collections::HashMap;

use super::spelling::normalise;

/// The kinds of business that services are of.
pub const KINDS: [&str; 25] = [
    "ai",
    "bank",
    "cloud",
    "crypto",
    "dating",
    "education",
    "ewallet",
    "food",
    "gambling",
    "games",
    "government",
    "health",
    "identity",
    "jobs",
    "mail",
    "messenger",
    "music",
    "other",
    "payment",
    "shopping",
    "social",
    "telecom",
    "transport",
    "travel",
    "video",
];

/// Which facts a table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableKind {
    /// Services: code, name, aliases, kind, popular.
    Services,
    /// Countries: ISO codes, names, dialling code, aliases.
    Countries,
    /// Operators: the country's ISO code, name, aliases.
    Operators,
    /// Whose code means which service.
    Codes,
    /// What may be sold, and what may not.
    Policy,
}

impl TableKind {
    /// All of them, each after those it refers to.
    pub const ALL: [Self; 5] = [
        Self::Services,
        Self::Countries,
        Self::Operators,
        Self::Codes,
        Self::Policy,
    ];

    /// The name of a file with such a table.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Services => "services.tsv",
            Self::Countries => "countries.tsv",
            Self::Operators => "operators.tsv",
            Self::Codes => "codes.tsv",
            Self::Policy => "policy.tsv",
        }
    }

    /// The table that comes with the binary.
    pub(super) const fn shipped(self) -> &'static str {
        match self {
            Self::Services => include_str!("../../../data/services.tsv"),
            Self::Countries => include_str!("../../../data/countries.tsv"),
            Self::Operators => include_str!("../../../data/operators.tsv"),
            Self::Codes => include_str!("../../../data/codes.tsv"),
            Self::Policy => include_str!("../../../data/policy.tsv"),
        }
    }

    /// The columns that may stand in the header; the first ones, as many as `key` says, name the
    /// row and must be there. `name_<language>` may stand in that of countries, too.
    const fn columns(self) -> (usize, &'static [&'static str]) {
        match self {
            Self::Services => (1, &["code", "name", "aliases", "kind", "popular"]),
            Self::Countries => (
                1,
                &[
                    "iso2",
                    "iso3",
                    "name_en",
                    "dial_code",
                    "aliases",
                    "sms_activate_id",
                ],
            ),
            Self::Operators => (2, &["iso2", "operator", "aliases"]),
            Self::Codes => (2, &["provider", "code", "service"]),
            Self::Policy => (2, &["what", "value", "rule"]),
        }
    }

    fn knows(self, column: &str) -> bool {
        let (_, columns) = self.columns();
        let language = column.strip_prefix("name_");
        let names_language = language.is_some_and(|tag| !tag.is_empty());
        columns.contains(&column) || self == Self::Countries && names_language
    }
}

/// What is wrong with a table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct BadRow {
    /// Counted from 1; the header is the first.
    pub line: usize,
    /// Why.
    pub reason: String,
}

/// The rows of a table.
pub(super) struct Rows<'t> {
    lines: Vec<(usize, &'t str)>,
    header: Vec<&'t str>,
    /// The columns that name a row.
    key: &'static [&'static str],
    /// Countries stand in several rows where upstreams number them twice.
    repeats: bool,
    seen: HashMap<String, usize>,
    next: usize,
}

impl<'t> Rows<'t> {
    pub(super) fn read(kind: TableKind, text: &'t str) -> Result<Self, BadRow> {
        let mut lines = text
            .trim_start_matches('\u{feff}')
            .lines()
            .zip(1..)
            .map(|(text, line)| (line, text))
            .filter(|(_, text)| !text.trim().is_empty());
        let (line, first) = lines.next().unwrap_or((1, ""));
        let header: Vec<&str> = first.split('\t').map(str::trim).collect();
        let (key, columns) = kind.columns();
        let key = columns.get(..key).unwrap_or(columns);
        let bad = |reason| Err(BadRow { line, reason });
        for column in &header {
            if !kind.knows(column) {
                return bad(format!(
                    "`{column}` is no column; this line names the columns, separated by tabs: {}",
                    columns.join(", ")
                ));
            }
        }
        for needed in key {
            if !header.contains(needed) {
                return bad(format!("there is no column `{needed}`"));
            }
        }
        Ok(Self {
            lines: lines.collect(),
            header,
            key,
            repeats: kind == TableKind::Countries,
            seen: HashMap::new(),
            next: 0,
        })
    }

    fn row(&mut self, line: usize, text: &'t str) -> Result<Row<'t>, String> {
        let cells: Vec<&str> = text.split('\t').map(str::trim).collect();
        if cells.len() > self.header.len() {
            return Err(format!(
                "{} columns, but the first line names {}",
                cells.len(),
                self.header.len()
            ));
        }
        let row = Row {
            line,
            cells: self.header.iter().copied().zip(cells).collect(),
        };
        let key = self.key.iter().map(|column| row.get(column));
        let key = key.collect::<Vec<_>>().join(" ");
        if let Some(earlier) = self.seen.insert(key.clone(), line)
            && !self.repeats
        {
            return Err(format!("`{key}` stands in line {earlier} already"));
        }
        Ok(row)
    }
}

impl<'t> Iterator for Rows<'t> {
    type Item = Result<Row<'t>, BadRow>;

    fn next(&mut self) -> Option<Self::Item> {
        let (line, text) = *self.lines.get(self.next)?;
        self.next += 1;
        Some(
            self.row(line, text)
                .map_err(|reason| BadRow { line, reason }),
        )
    }
}

/// One row; a short one reads as empty in what it lacks.
pub(super) struct Row<'t> {
    pub(super) line: usize,
    cells: Vec<(&'t str, &'t str)>,
}

impl<'t> Row<'t> {
    pub(super) fn get(&self, column: &str) -> &'t str {
        let mut cells = self.cells.iter();
        cells
            .find(|(name, _)| *name == column)
            .map_or("", |(_, cell)| cell)
    }

    pub(super) fn needed(&self, column: &str) -> Result<&'t str, String> {
        match self.get(column) {
            "" => Err(format!("the column `{column}` is empty")),
            cell => Ok(cell),
        }
    }

    /// Language and name of each column `name_<language>`.
    pub(super) fn names(&self) -> impl Iterator<Item = (&'t str, &'t str)> {
        self.cells
            .iter()
            .filter_map(|(column, cell)| Some((column.strip_prefix("name_")?, *cell)))
    }

    /// The aliases, normalised.
    pub(super) fn aliases(&self) -> impl Iterator<Item = String> {
        self.get("aliases")
            .split(';')
            .map(normalise)
            .filter(|alias| !alias.is_empty())
    }
}

/// Two capitals.
pub(super) fn check_iso2(iso2: &str) -> Result<(), String> {
    if iso2.len() == 2 && iso2.bytes().all(|byte| byte.is_ascii_uppercase()) {
        Ok(())
    } else {
        Err(format!("`{iso2}` is no ISO 3166 code of two capitals"))
    }
}
