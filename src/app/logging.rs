//! What is logged, and what never is.
//!
//! Invariant: whatever `RUST_LOG` says, a library is heard only where something is wrong, and
//! never where its words can hold a token, a statement or what somebody wrote: below a warning
//! they tell addresses with tokens in them, whole updates and the values of statements.

use std::path::Path;

use log::{LevelFilter, Log, Metadata, Record};

use crate::config::Source;

/// Starts the log on the standard error. A second start changes nothing.
pub fn start() {
    let logger = pretty_env_logger::formatted_timed_builder()
        .parse_filters(&wanted())
        .build();
    let most = logger.filter();
    if log::set_boxed_logger(Box::new(Capped(logger))).is_ok() {
        log::set_max_level(most);
    }
}

/// What the settings ask for.
fn wanted() -> String {
    let wanted = Source::read(Path::new(".env"), std::env::vars())
        .ok()
        .and_then(|source| source.get("RUST_LOG").map(str::to_owned));
    wanted.unwrap_or_else(|| "info".to_owned())
}

/// How much may be heard of a target at the most.
fn most(target: &str) -> LevelFilter {
    let speaker = target.split("::").next().unwrap_or_default();
    match speaker {
        "numshop" | "migrations" => LevelFilter::Trace,
        // It prints updates that it cannot read; the bot tells by itself what goes wrong.
        teloxide if teloxide.starts_with("teloxide") => LevelFilter::Off,
        // Statements are personal.
        sql if sql.starts_with("sqlx") || sql.starts_with("sea_") => LevelFilter::Error,
        _ => LevelFilter::Warn,
    }
}

struct Capped<L>(L);

impl<L: Log> Log for Capped<L> {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= most(metadata.target()) && self.0.enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        if record.level() <= most(record.target()) {
            self.0.log(record);
        }
    }

    fn flush(&self) {
        self.0.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_quiet_and_we_are_not() {
        for (target, heard) in [
            ("numshop::shop::buy", LevelFilter::Trace),
            ("numshops::impostor", LevelFilter::Warn),
            ("teloxide::dispatching", LevelFilter::Off),
            ("teloxide_core::net", LevelFilter::Off),
            ("sqlx::query", LevelFilter::Error),
            ("sea_orm_migration::migrator", LevelFilter::Error),
            ("reqwest::connect", LevelFilter::Warn),
            ("hyper_util::client", LevelFilter::Warn),
        ] {
            assert_eq!(most(target), heard, "{target}");
        }
    }
}
