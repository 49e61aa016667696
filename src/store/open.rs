//! Opening the database: created and migrated at start, or refused in one clear sentence.
//!
//! Invariant: a database that this binary cannot serve is left exactly as it was found.

mod keys;

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use migrations::Migrator;
use sea_orm::sqlx::sqlite::SqliteConnection;
use sea_orm::sqlx::{self, Connection};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, FromQueryResult,
    Statement,
};
use sea_orm_migration::MigratorTrait;

use crate::store::backup;
use crate::store::connection::With;
use crate::store::lease::{Lease, Lock};
use crate::store::sealed::Keys;
use crate::store::sealed::keyfile::{DataKey, KeyError};
use crate::store::witness::Witness;
use crate::store::writer::Writer;
use crate::store::{Store, StoreError};

/// Why the database was not opened. Nothing was written to it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is neither `sqlite://FILE` nor `postgres://…`.
    #[error("DATABASE_URL must be sqlite://FILE or postgres://…; {0}")]
    BadUrl(&'static str),
    /// The file or its folder cannot be used.
    #[error("the database file {path} cannot be opened: {reason}")]
    File {
        /// Which file.
        path: String,
        /// In the system's words.
        reason: String,
    },
    /// The file is no database, or a damaged one.
    #[error(
        "{path} is damaged or no SQLite database; it was left as it is. Restore a backup or name another file in DATABASE_URL"
    )]
    Corrupt {
        /// Which file.
        path: String,
    },
    /// It holds tables, but none of ours.
    #[error(
        "the database belongs to another program; it was left as it is. Name another one in DATABASE_URL"
    )]
    Foreign,
    /// A newer numshop has migrated it.
    #[error(
        "the database was made by a newer numshop (it holds the migration {migration}); it was left as it is. Run that version, or restore a backup"
    )]
    Newer {
        /// A migration that this binary does not know.
        migration: String,
    },
    /// The server cannot be reached, or refuses us.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// Another process serves it.
    #[error(
        "another numshop serves this database already ({holder}); one at a time: stop that one first, or give this one a DATABASE_URL of its own"
    )]
    Served {
        /// Which process.
        holder: String,
    },
    /// What stands beside the database cannot be written or locked.
    #[error(
        "the files beside the database whose names end in -lock and -newest cannot be used ({0}); see that this user may write them and that the disk is a local one"
    )]
    Unlockable(std::io::ErrorKind),
    /// There is none at this place.
    #[error(
        "there is no database at {path}; run this in the folder of the database, or name it in DATABASE_URL"
    )]
    Missing {
        /// Which file.
        path: String,
    },
    /// An older numshop made it, and nothing but a look at it was asked for.
    #[error(
        "the database was made by an older numshop; it was left as it is. Stop that one, and run `numshop migrate` or start this one first"
    )]
    Behind,
    /// The keys that it is sealed with are not there.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A migration failed and was undone.
    #[error("the database could not be brought up to date, and was left as it was: {0}")]
    Migration(String),
}

/// How long to try to reach a server that does not answer; it may be starting.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a write waits for another process to let go of the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// SQLite readers; more than cores, since a reader also waits for the disk.
const READERS: u32 = 4;
/// Reading every page of a larger file would keep users waiting for seconds at each start; there
/// the audit finds the damage.
const READ_WHOLE_BYTES: u64 = 64 * 1024 * 1024;

#[derive(Debug, FromQueryResult)]
struct Applied {
    version: String,
}

impl Store {
    /// Opens the database at `url`, creating and migrating it where needed. Another process may
    /// serve it meanwhile; then it is not migrated.
    ///
    /// # Errors
    /// [`OpenError`], each a sentence for the operator.
    pub async fn open(url: &str, key: &DataKey) -> Result<Self, OpenError> {
        let (writer, readers) = connect(url, Access::Write).await?;
        let (keys, known) = keys::read(&writer, url, key, Access::Write).await?;
        if is_behind(&writer).await? == Behind::Some {
            let lock = Lock::take(url).await?;
            bring_up_to_date(&writer).await?;
            lock.give_back().await;
        } else {
            bring_up_to_date(&writer).await?;
        }
        keys::introduce(&writer, url, &keys, &known).await?;
        Ok(Self::of(url, writer, readers, keys))
    }

    /// Opens the database at `url` to look at it: nothing is created, migrated or written, and a
    /// write is refused. Another process may serve it meanwhile.
    ///
    /// # Errors
    /// [`OpenError`]; [`OpenError::Behind`] where it would have to be migrated first.
    pub async fn inspect(url: &str, key: &DataKey) -> Result<Self, OpenError> {
        if is_sqlite_url(url) {
            let path = sqlite_path(url)?;
            if !path.exists() {
                let path = path.display().to_string();
                return Err(OpenError::Missing { path });
            }
        }
        let (writer, readers) = connect(url, Access::Look).await?;
        if is_behind(&readers).await? != Behind::No {
            return Err(OpenError::Behind);
        }
        let (keys, _) = keys::read(&readers, url, key, Access::Look).await?;
        Ok(Self::of(url, writer, readers, keys))
    }

    /// The same as [`Store::open`], to be the one that serves it: whoever did so before is kept from writing. How far
    /// it has come is noted beside its file, or in `folder` for a database on a server.
    ///
    /// # Errors
    /// [`OpenError`]; [`OpenError::Served`] while another process serves it.
    pub async fn serve(
        url: &str,
        key: &DataKey,
        folder: Option<&Path>,
        now: DateTime<Utc>,
    ) -> Result<Self, OpenError> {
        // Before anything else: a database that is being served is not migrated.
        let lock = Lock::take(url).await?;
        let witness =
            Witness::open(url, folder).map_err(|error| OpenError::Unlockable(error.kind()))?;
        let (writer, readers) = connect(url, Access::Write).await?;
        let (keys, _) = keys::read(&writer, url, key, Access::Write).await?;
        bring_up_to_date(&writer).await?;
        keys::register(&writer, &keys).await?;
        let lease = Lease::take(&writer, lock, witness, now)
            .await
            .map_err(|error| OpenError::Unreachable(plain(&error)))?;
        lease.watch(readers.clone());
        let fence = Some(lease.fence());
        Ok(Self {
            writer: Writer::start(With::new(writer, keys.clone()), fence),
            readers: With::new(readers, keys),
            file: backup::file_of(url),
            lease: Some(lease),
        })
    }

    /// One that nobody serves through.
    fn of(url: &str, writer: DatabaseConnection, readers: DatabaseConnection, keys: Keys) -> Self {
        Self {
            writer: Writer::start(With::new(writer, keys.clone()), None),
            readers: With::new(readers, keys),
            file: backup::file_of(url),
            lease: None,
        }
    }
}

pub(super) fn is_sqlite_url(url: &str) -> bool {
    url.starts_with("sqlite:")
}

/// What a database is opened for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Write,
    /// Not even the writer can write.
    Look,
}

/// The writer's connection and the readers' pool.
async fn connect(
    url: &str,
    access: Access,
) -> Result<(DatabaseConnection, DatabaseConnection), OpenError> {
    if is_sqlite_url(url) {
        return open_sqlite(url, access).await;
    }
    check_postgres_url(url)?;
    open_postgres(url, access).await
}

async fn bring_up_to_date(writer: &DatabaseConnection) -> Result<(), OpenError> {
    let done = Migrator::up(writer, None).await;
    done.map_err(|error| OpenError::Migration(plain(&error)))
}

/// Which migrations a database lacks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Behind {
    No,
    Some,
    /// It has no tables yet.
    All,
}

async fn is_behind(connection: &DatabaseConnection) -> Result<Behind, OpenError> {
    let known = Migrator::migrations().len();
    match applied(connection).await {
        Ok(Some(applied)) if applied.len() >= known => Ok(Behind::No),
        Ok(Some(_)) => Ok(Behind::Some),
        Ok(None) => Ok(Behind::All),
        Err(error) => Err(OpenError::Unreachable(plain(&error))),
    }
}

/// One connection to look at what is there.
pub(super) async fn look(url: &str) -> Result<DatabaseConnection, OpenError> {
    if !is_sqlite_url(url) {
        let mut options = quiet(url);
        options.max_connections(1);
        let connected = Database::connect(options).await;
        return connected.map_err(|error| OpenError::Unreachable(plain(&error)));
    }
    look_at_file(&sqlite_path(url)?, false).await
}

/// One connection to look at a file. Nothing is made beside one that nobody else has open: it is
/// `alone`.
pub(super) async fn look_at_file(
    path: &Path,
    alone: bool,
) -> Result<DatabaseConnection, OpenError> {
    let mut options = quiet("sqlite://numshop.db?mode=ro");
    options.max_connections(1);
    let filename = path.to_owned();
    options.map_sqlx_sqlite_opts(move |sqlite| sqlite.filename(&filename).immutable(alone));
    let connected = Database::connect(options).await;
    connected.map_err(|error| classify(path, &error))
}

/// Checks a file, brings it up to date and gives back a connection that can write.
pub(super) async fn ready_file(path: &Path) -> Result<DatabaseConnection, OpenError> {
    check_file(path)?;
    check_sqlite(path).await?;
    let writer = sqlite_writer(path).await?;
    bring_up_to_date(&writer).await?;
    Ok(writer)
}

pub(super) fn check_postgres_url(url: &str) -> Result<(), OpenError> {
    if !url.starts_with("postgres:") && !url.starts_with("postgresql:") {
        return Err(OpenError::BadUrl("another kind was given"));
    }
    if url::Url::parse(url).is_err() {
        return Err(OpenError::BadUrl("this one cannot be read"));
    }
    Ok(())
}

/// The path in a SQLite URL.
pub(super) fn sqlite_path(url: &str) -> Result<PathBuf, OpenError> {
    let rest = url
        .strip_prefix("sqlite://")
        .or_else(|| url.strip_prefix("sqlite:"))
        .unwrap_or(url);
    let path = rest.split('?').next().unwrap_or_default();
    if path.is_empty() || path.contains(":memory:") {
        return Err(OpenError::BadUrl(
            "a database in memory would lose the money",
        ));
    }
    Ok(PathBuf::from(path))
}

async fn open_sqlite(
    url: &str,
    access: Access,
) -> Result<(DatabaseConnection, DatabaseConnection), OpenError> {
    let path = sqlite_path(url)?;
    check_file(&path)?;
    let has_content = std::fs::metadata(&path).is_ok_and(|file| file.len() > 0);
    if has_content {
        check_sqlite(&path).await?;
    }
    if access == Access::Look {
        let writer = sqlite_readers(&path, 1).await?;
        return Ok((writer, sqlite_readers(&path, READERS).await?));
    }
    let writer = sqlite_writer(&path).await?;
    Ok((writer, sqlite_readers(&path, READERS).await?))
}

/// The connection that writes.
async fn sqlite_writer(path: &Path) -> Result<DatabaseConnection, OpenError> {
    let mut options = quiet("sqlite://numshop.db?mode=rwc");
    options.max_connections(1).min_connections(1);
    let filename = path.to_owned();
    options.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .filename(&filename)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL")
            // What is erased is to be gone from the file, too.
            .pragma("secure_delete", "FAST")
    });
    options.map_sqlx_sqlite_pool_opts(|pool| {
        pool.after_release(|connection, _| Box::pin(is_outside_transactions(connection)))
    });
    let connected = Database::connect(options).await;
    connected.map_err(|error| classify(path, &error))
}

/// Connections that cannot write.
async fn sqlite_readers(path: &Path, count: u32) -> Result<DatabaseConnection, OpenError> {
    let mut options = quiet("sqlite://numshop.db?mode=rw");
    options.max_connections(count).min_connections(1);
    let filename = path.to_owned();
    options.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .filename(&filename)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("query_only", "true")
    });
    let connected = Database::connect(options).await;
    connected.map_err(|error| classify(path, &error))
}

/// Whether the writer's connection may be used again. Where a commit fails, for want of disk space
/// say, SQLite ends the transaction by itself, and the driver goes on as if it were open: its next
/// transactions would be savepoints, which need not reach the disk when they are released.
async fn is_outside_transactions(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // What the driver was told to undo, it does before it answers.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// Checks what the system can tell about the file before SQLite touches it.
pub(super) fn check_file(path: &Path) -> Result<(), OpenError> {
    let refused = |reason: String| OpenError::File {
        path: path.display().to_string(),
        reason,
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    if !folder.is_dir() {
        return Err(refused(format!(
            "the folder {} does not exist",
            folder.display()
        )));
    }
    if path.is_dir() {
        return Err(refused("it is a folder".to_owned()));
    }
    // SQLite needs to create its journal beside the file, so the folder must be writable. A
    // file that is made and removed at once is the only proof that holds on every file system.
    tempfile::tempfile_in(folder).map_err(|error| {
        refused(format!(
            "the folder {} cannot be written to ({})",
            folder.display(),
            error.kind()
        ))
    })?;
    if path.exists() {
        std::fs::OpenOptions::new()
            .read(true)
            .append(true)
            .open(path)
            .map_err(|error| refused(error.kind().to_string()))?;
    }
    Ok(())
}

/// Reads an existing file without writing: whether it is a database, and whether it is ours to
/// serve.
async fn check_sqlite(path: &Path) -> Result<(), OpenError> {
    let mut options = quiet("sqlite://numshop.db?mode=ro");
    options.max_connections(1);
    let filename = path.to_owned();
    // The path is taken literally: as part of a URL, a percent sign in it would be decoded.
    // Without a journal nobody has the file open, and SQLite then needs no files beside it.
    let alone = !journal(path).exists();
    options.map_sqlx_sqlite_opts(move |sqlite| sqlite.filename(&filename).immutable(alone));
    let connection = Database::connect(options)
        .await
        .map_err(|error| classify(path, &error))?;
    let is_short = std::fs::metadata(path).is_ok_and(|file| file.len() <= READ_WHOLE_BYTES);
    let whole = if is_short {
        whole(&connection).await
    } else {
        Ok(())
    };
    let checked = match whole {
        Ok(()) => known_migrations_only(&connection).await,
        Err(damage) => Err(damage),
    };
    let checked = checked.map_err(|error| match error {
        Known::Newer(migration) => OpenError::Newer { migration },
        Known::Foreign => OpenError::Foreign,
        Known::Damaged => OpenError::Corrupt {
            path: path.display().to_string(),
        },
        Known::Db(error) => classify(path, &error),
    });
    connection
        .close()
        .await
        .map_err(|error| classify(path, &error))?;
    checked
}

/// SQLite's journal of a file.
fn journal(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

async fn open_postgres(
    url: &str,
    access: Access,
) -> Result<(DatabaseConnection, DatabaseConnection), OpenError> {
    let unreachable = |error: DbErr| OpenError::Unreachable(plain(&error));
    let mut options = quiet(url);
    options.max_connections(1).min_connections(1);
    if access == Access::Look {
        options.map_sqlx_postgres_opts(|postgres| {
            postgres.options([("default_transaction_read_only", "on")])
        });
    }
    let writer = Database::connect(options).await.map_err(unreachable)?;
    known_migrations_only(&writer)
        .await
        .map_err(|error| match error {
            Known::Newer(migration) => OpenError::Newer { migration },
            Known::Foreign | Known::Damaged => OpenError::Foreign,
            Known::Db(error) => OpenError::Unreachable(plain(&error)),
        })?;
    let mut options = quiet(url);
    options.max_connections(READERS * 2).min_connections(1);
    let readers = Database::connect(options).await.map_err(unreachable)?;
    Ok((writer, readers))
}

/// Statements are not logged: their values are personal.
pub(super) fn quiet(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url.to_owned());
    options
        .sqlx_logging(false)
        .acquire_timeout(CONNECT_TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT);
    options
}

enum Known {
    Newer(String),
    Foreign,
    Damaged,
    Db(DbErr),
}

/// Reads every page once: damage in the middle of a file shows nowhere else before it is too late.
async fn whole(connection: &DatabaseConnection) -> Result<(), Known> {
    let backend = connection.get_database_backend();
    let damage = connection
        .query_one_raw(Statement::from_string(
            backend,
            "SELECT 1 AS one FROM pragma_quick_check WHERE quick_check <> 'ok' LIMIT 1",
        ))
        .await
        .map_err(Known::Db)?;
    damage.map_or(Ok(()), |_| Err(Known::Damaged))
}

/// Refuses a database that holds a migration this binary does not know.
async fn known_migrations_only(connection: &DatabaseConnection) -> Result<(), Known> {
    let Some(applied) = applied(connection).await.map_err(Known::Db)? else {
        return refuse_foreign(connection).await;
    };
    let known: Vec<String> = Migrator::migrations()
        .iter()
        .map(|migration| migration.name().to_owned())
        .collect();
    match applied.into_iter().find(|version| !known.contains(version)) {
        Some(version) => Err(Known::Newer(version)),
        None => Ok(()),
    }
}

/// The migrations that a database has seen; `None` where it never saw one.
async fn applied(connection: &DatabaseConnection) -> Result<Option<Vec<String>>, DbErr> {
    let backend = connection.get_database_backend();
    let table = if crate::store::is_sqlite(connection) {
        "SELECT 1 AS one FROM sqlite_master WHERE type = 'table' AND name = 'seaql_migrations'"
    } else {
        "SELECT 1 AS one FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'seaql_migrations'"
    };
    let exists = connection
        .query_one_raw(Statement::from_string(backend, table))
        .await?;
    if exists.is_none() {
        return Ok(None);
    }
    let applied = Applied::find_by_statement(Statement::from_string(
        backend,
        "SELECT version FROM seaql_migrations ORDER BY version",
    ))
    .all(connection)
    .await?;
    Ok(Some(applied.into_iter().map(|row| row.version).collect()))
}

/// Migrating another program's database would mix our tables with its own.
async fn refuse_foreign(connection: &DatabaseConnection) -> Result<(), Known> {
    let tables = if crate::store::is_sqlite(connection) {
        "SELECT 1 AS one FROM sqlite_master WHERE type = 'table'"
    } else {
        // A server's extensions have tables of their own, so only names that clash count.
        "SELECT 1 AS one FROM pg_tables WHERE schemaname = current_schema()
            AND tablename IN ('accounts', 'transfers', 'users', 'orders', 'inbox', 'outbox')"
    };
    let backend = connection.get_database_backend();
    let foreign = connection
        .query_one_raw(Statement::from_string(backend, tables))
        .await
        .map_err(Known::Db)?;
    foreign.map_or(Ok(()), |_| Err(Known::Foreign))
}

fn classify(path: &Path, error: &DbErr) -> OpenError {
    let text = plain(error);
    let damaged = ["not a database", "malformed", "file is encrypted"];
    let path = path.display().to_string();
    if damaged.iter().any(|sign| text.contains(sign)) {
        OpenError::Corrupt { path }
    } else {
        OpenError::File { path, reason: text }
    }
}

/// The driver's own words, without the layers around them.
pub(super) fn plain(error: &DbErr) -> String {
    if error.to_string().contains("pool timed out") {
        return format!(
            "nothing answered within {} seconds; see that it runs, and at this host and port",
            CONNECT_TIMEOUT.as_secs()
        );
    }
    match StoreError::from_driver(error) {
        Some(text) => text,
        None => error.to_string(),
    }
}

impl StoreError {
    /// The message of the database driver inside an error, if it came from there.
    fn from_driver(error: &DbErr) -> Option<String> {
        let text = error.to_string();
        text.split_once("error returned from database: ")
            .map(|(_, driver)| driver.to_owned())
    }
}
