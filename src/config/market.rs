//! What is known of the market: the shipped facts, and the operator's own over them.
//!
//! Invariant: a file that cannot be understood as a whole ends the start with its name and line.

use std::path::Path;

use crate::config::{ConfigError, Source, unreadable};
use crate::domain::market::Market;
use crate::domain::market::table::TableKind;

const NAME: &str = "MARKET_DATA";

/// Reads the shipped facts and the tables in the folder that `MARKET_DATA` names, if it does.
///
/// # Errors
/// [`ConfigError::Unreadable`] with the file and the line.
pub fn market(source: &Source) -> Result<Market, ConfigError> {
    let mut market = Market::shipped();
    let Some(folder) = source.get(NAME).map(Path::new) else {
        return Ok(market);
    };
    let shown = folder.display();
    let broken = |error| unreadable(NAME, &format!("{shown}: {error}"));
    let names: Result<Vec<_>, _> = std::fs::read_dir(folder)
        .map_err(broken)?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect();
    let names = names.map_err(broken)?;
    for name in &names {
        let is_table = Path::new(name)
            .extension()
            .is_some_and(|kind| kind == "tsv");
        if is_table && !TableKind::ALL.iter().any(|kind| name == kind.file_name()) {
            let known = TableKind::ALL.map(TableKind::file_name).join(", ");
            let name = name.to_string_lossy();
            return Err(unreadable(
                NAME,
                &format!("{shown}/{name} is none of {known}"),
            ));
        }
    }
    for kind in TableKind::ALL {
        let name = kind.file_name();
        if !names.iter().any(|there| there == name) {
            continue;
        }
        let text = std::fs::read_to_string(folder.join(name))
            .map_err(|error| unreadable(NAME, &format!("{shown}/{name}: {error}")))?;
        market
            .add(kind, &text)
            .map_err(|bad| unreadable(NAME, &format!("{shown}/{name}, {bad}")))?;
    }
    Ok(market)
}
