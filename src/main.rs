//! The numshop binary: arguments in, sentences out.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicI64, Ordering};

use clap::{Parser, Subcommand};
use numshop::app::{self, demo, doctor};

/// A Telegram bot that sells virtual phone numbers for SMS codes.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// The file with the settings; the environment wins over it.
    #[arg(long, global = true, default_value = ".env")]
    env_file: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the bot (the default).
    Run,
    /// Try everything on this machine: simulated upstreams, a simulated Telegram and a chat page.
    Demo(demo::Options),
    /// Check all settings, the database, Telegram and each upstream.
    Doctor,
    /// Create the database or bring it up to date.
    Migrate,
    /// Recompute the ledger; exit 1 on any difference.
    Audit,
    /// Compare the books with every upstream, once; exit 1 on any difference.
    Reconcile,
}

#[tokio::main]
async fn main() -> ExitCode {
    pretty_env_logger::formatted_timed_builder()
        .parse_filters(&app::log_filters())
        .init();
    if fail::has_failpoints() {
        die_where_told();
    }
    let arguments = Arguments::parse();
    let ended = match arguments.command.unwrap_or(Command::Run) {
        Command::Run => app::run(&arguments.env_file).await,
        Command::Demo(options) => demo::run(options, &say).await,
        Command::Doctor => doctor::run(&arguments.env_file, &say).await,
        Command::Migrate => app::migrate(&arguments.env_file, &say).await,
        Command::Audit => app::audit(&arguments.env_file, &say).await,
        Command::Reconcile => app::reconcile(&arguments.env_file, &say).await,
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("numshop: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Tests build the fail points in and end the process at the one that `NUMSHOP_DIES_AT` names, as
/// suddenly as SIGKILL would: no destructor runs, nothing is flushed. `C9` dies at the first
/// passage, `C9:3` at the third. A release has no fail points.
fn die_where_told() {
    #[expect(
        clippy::disallowed_methods,
        reason = "no setting: a release does not know it"
    )]
    let Ok(told) = std::env::var("NUMSHOP_DIES_AT") else {
        return;
    };
    let (point, passage) = told.split_once(':').unwrap_or((&told, "1"));
    let left = AtomicI64::new(passage.parse().unwrap_or(1));
    let die = move || {
        if left.fetch_sub(1, Ordering::Relaxed) == 1 {
            std::process::abort();
        }
    };
    if let Err(error) = fail::cfg_callback(point, die) {
        say(&format!("numshop: no fail point {point}: {error}"));
    }
}

/// Whoever stopped reading does not want the rest: that is no reason to stop.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
