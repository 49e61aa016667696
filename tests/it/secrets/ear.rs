//! Hears everything that is logged on this thread, by whichever of the two ways of the libraries,
//! at every level.

use std::cell::RefCell;
use std::io;
use std::sync::Once;

use log::{LevelFilter, Log, Metadata, Record};
use tracing::Level;
use tracing::subscriber::DefaultGuard;

thread_local! {
    static HEARD: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Listens until it is dropped.
pub(super) struct Ear {
    _subscriber: DefaultGuard,
}

impl Ear {
    pub(super) fn listen() -> Self {
        static LOGGER: Once = Once::new();
        LOGGER.call_once(|| {
            log::set_logger(&Logs).unwrap();
            log::set_max_level(LevelFilter::Trace);
        });
        HEARD.set(Some(Vec::new()));
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(Level::TRACE)
            .with_ansi(false)
            .without_time()
            .with_writer(|| Traces)
            .finish();
        Self {
            _subscriber: tracing::subscriber::set_default(subscriber),
        }
    }

    /// What was said so far.
    pub(super) fn lines(&self) -> Vec<String> {
        HEARD.with_borrow(|heard| heard.clone().unwrap_or_default())
    }

    /// Fails unless libraries were heard: a deaf ear proves nothing.
    pub(super) fn heard_the_libraries(&self) {
        let lines = self.lines();
        for library in ["reqwest", "hyper_util", "numshop"] {
            let spoke = lines.iter().any(|line| line.contains(library));
            assert!(spoke, "nothing of {library} in {} lines", lines.len());
        }
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        HEARD.set(None);
    }
}

fn hear(line: String) {
    // A thread that is about to end has nothing left to hear with.
    let _ = HEARD.try_with(|heard| {
        if let Some(lines) = &mut *heard.borrow_mut() {
            lines.push(line);
        }
    });
}

struct Logs;

impl Log for Logs {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        HEARD
            .try_with(|heard| heard.borrow().is_some())
            .unwrap_or_default()
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            hear(format!("{} {}", record.target(), record.args()));
        }
    }

    fn flush(&self) {}
}

/// One line of a trace is one write.
struct Traces;

impl io::Write for Traces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        hear(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
