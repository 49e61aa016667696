//! The numshop binary: arguments in, sentences out.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use numshop::app::{self, backup, demo, doctor, export, rehearsal};

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
    /// Write orders, transfers or users as CSV into a new file, for example `export orders 30d FILE`.
    Export(export::Options),
    /// Copy the database to a file that does not exist yet; the shop may run meanwhile.
    Backup {
        /// The file.
        file: PathBuf,
    },
    /// Put a backup in the place of the database; no shop may run.
    Restore {
        /// The backup; it stays where it is.
        file: PathBuf,
        /// Even if the books in it are not right.
        #[arg(long)]
        anyway: bool,
    },
    /// Recompute the ledger; exit 1 on any difference.
    Audit,
    /// Make a new key for what is personal in the database; the old ones stay behind it.
    Newkey {
        /// The old ones are lost: erase what only they could open. The shop must be stopped.
        #[arg(long)]
        lost: bool,
    },
    /// Seal everything personal with the newest key.
    Rekey,
    /// Compare the books with every upstream, once; exit 1 on any difference.
    Reconcile,
}

#[tokio::main]
async fn main() -> ExitCode {
    app::logging::start();
    if let Err(problem) = rehearsal::die_where_told() {
        say(&format!("numshop: {problem}"));
        return ExitCode::FAILURE;
    }
    let arguments = Arguments::parse();
    let ended = match arguments.command.unwrap_or(Command::Run) {
        Command::Run => app::run(&arguments.env_file).await,
        Command::Demo(options) => demo::run(options, &say).await,
        Command::Doctor => doctor::run(&arguments.env_file, &say).await,
        Command::Migrate => app::migrate(&arguments.env_file, &say).await,
        Command::Export(options) => export::run(&arguments.env_file, &options, &say).await,
        Command::Backup { file } => backup::back_up(&arguments.env_file, &file, &say).await,
        Command::Restore { file, anyway } => {
            backup::restore(&arguments.env_file, &file, anyway, &say).await
        }
        Command::Audit => app::audit(&arguments.env_file, &say).await,
        Command::Newkey { lost: true } => app::keys::lost(&arguments.env_file, &say).await,
        Command::Newkey { lost: false } => app::keys::newkey(&arguments.env_file, &say),
        Command::Rekey => app::keys::rekey(&arguments.env_file, &say).await,
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

/// Whoever stopped reading does not want the rest: that is no reason to stop.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
