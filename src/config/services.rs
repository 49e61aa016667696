//! The operator's list of what an upstream sells, where the upstream has no call for it.
//!
//! Invariant: a list is taken whole or not at all; a row that cannot be read ends the start with a
//! sentence that names the file and the line.

use std::collections::HashSet;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord, Trim};
use rust_decimal::Decimal;

use crate::config::{ConfigError, unreadable};

const HEADER: [&str; 3] = ["slug", "name", "price"];

/// One row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoldService {
    /// What the upstream wants to be sent.
    pub slug: String,
    /// The name people know.
    pub name: String,
    /// In the upstream's currency.
    pub price: Decimal,
}

/// The list in the file that `setting` names.
///
/// # Errors
/// [`ConfigError::Unreadable`] for the setting, with what [`parse`] says.
pub(super) fn read(setting: &str, file: &Path) -> Result<Vec<SoldService>, ConfigError> {
    let shown = file.display().to_string();
    std::fs::read_to_string(file)
        .map_err(|error| format!("{shown} cannot be read: {error}"))
        .and_then(|text| parse(&shown, &text))
        .map_err(|reason| unreadable(setting, &reason))
}

/// Reads a table of `slug, name, price`; lines that begin with `#` and a header are skipped.
///
/// # Errors
/// What is wrong, naming the file as `shown`, and the line.
pub fn parse(shown: &str, text: &str) -> Result<Vec<SoldService>, String> {
    let mut services = Vec::new();
    let mut slugs = HashSet::new();
    let lines = (1..).zip(text.trim_start_matches('\u{feff}').lines());
    let mut rows = lines
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
        .peekable();
    rows.next_if(|(_, line)| fields(line).is_some_and(|fields| is_header(&fields)));
    for (number, line) in rows {
        let bad = |what: &str| format!("line {number} of {shown} {what}");
        let service = service(line).map_err(bad)?;
        if !slugs.insert(service.slug.clone()) {
            return Err(bad(&format!(
                "names the slug {} a second time",
                service.slug
            )));
        }
        services.push(service);
    }
    if services.is_empty() {
        return Err(format!("{shown} holds no service"));
    }
    Ok(services)
}

/// The fields of one line. A reader of the whole would count a row's line from the comments
/// above it.
fn fields(line: &str) -> Option<StringRecord> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .trim(Trim::All)
        .from_reader(line.as_bytes());
    reader.records().next()?.ok()
}

fn is_header(record: &StringRecord) -> bool {
    record.len() == HEADER.len()
        && record
            .iter()
            .zip(HEADER)
            .all(|(field, name)| field.eq_ignore_ascii_case(name))
}

fn service(line: &str) -> Result<SoldService, &'static str> {
    let record = fields(line).unwrap_or_default();
    let columns: Vec<&str> = record.iter().collect();
    let [slug, name, price] = columns[..] else {
        return Err("is not `slug, name, price`");
    };
    if slug.is_empty() || name.is_empty() {
        return Err("is not `slug, name, price`");
    }
    let price = Decimal::from_str_exact(price).ok();
    // Three decimals are far more likely thousands.
    let price = price.filter(|price| *price > Decimal::ZERO && price.scale() != 3);
    Ok(SoldService {
        slug: slug.to_owned(),
        name: name.to_owned(),
        price: price.ok_or("has a price that is not a plain number above zero, such as 2500")?,
    })
}
