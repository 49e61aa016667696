//! Copies of the database: made while it is served, checked, and put back.
//!
//! Invariant: a file that bears the name of a copy is whole: it was read through and synced before
//! it got that name. Putting one back removes nothing: what was there before stands beside it.

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDateTime, Utc};
use sea_orm::{ConnectionTrait, Statement};

use crate::store::audit::{self, Difference};
use crate::store::lease::Lock;
use crate::store::open::{self, OpenError};
use crate::store::recovery::{self, Evidence};
use crate::store::{Store, StoreError};

/// What the names of copies begin with, and end with.
const NAME: (&str, &str) = ("numshop-", ".db");
/// How the time stands between them.
const TIME: &str = "%Y%m%d-%H%M%S";
/// What stands behind the name while a copy is not whole.
const PART: &str = ".part";

/// Why there is no copy, or none was put back. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A server's own tools copy its databases.
    #[error(
        "a database on a PostgreSQL server is backed up and restored with its own tools: pg_dump and pg_restore"
    )]
    Server,
    /// A file of that name is there already.
    #[error("{0} exists already; it was left as it is")]
    Exists(String),
    /// The disk, or the folder.
    #[error("{path} cannot be written: {reason}")]
    File {
        /// Which file or folder.
        path: String,
        /// In the system's words.
        reason: String,
    },
    /// SQLite could not copy.
    #[error("the database could not be copied: {0}")]
    Copy(String),
    /// The copy is damaged.
    #[error("the copy is damaged ({0}), and was thrown away")]
    Damaged(String),
    /// The books in the file are not right.
    #[error(
        "the books in this file are not right: {0} differences, first: {1}. Look at it with `numshop audit`; `--anyway` puts it back all the same"
    )]
    Differences(usize, String),
    /// The database, or the file that is to take its place.
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// A copy that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Where it is.
    pub path: PathBuf,
    /// How large it is.
    pub bytes: u64,
    /// What is wrong in the books, in the copy as in the original.
    pub differences: Vec<Difference>,
}

impl Store {
    /// Copies the database, as it is at this moment, to a file that does not exist yet. Reads and
    /// writes go on meanwhile.
    ///
    /// # Errors
    /// [`BackupError`]; no file is left then.
    pub async fn back_up(&self, to: &Path) -> Result<Made, BackupError> {
        let from = self.file.as_deref().ok_or(BackupError::Server)?;
        copy(from, to).await
    }

    /// The file of the database, where it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }
}

/// The file in a SQLite URL.
pub(super) fn file_of(url: &str) -> Option<PathBuf> {
    open::is_sqlite_url(url)
        .then(|| open::sqlite_path(url).ok())
        .flatten()
}

fn refused(path: &Path) -> impl Fn(io::Error) -> BackupError {
    let path = path.display().to_string();
    move |error| BackupError::File {
        path: path.clone(),
        reason: error.kind().to_string(),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The file's folder; that of a bare name is the present one.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    }
}

async fn copy(from: &Path, to: &Path) -> Result<Made, BackupError> {
    if to.exists() {
        return Err(BackupError::Exists(to.display().to_string()));
    }
    let part = with_suffix(to, PART);
    let made = copy_to_part(from, &part).await;
    let named = made.and_then(|(bytes, differences)| {
        std::fs::rename(&part, to).map_err(refused(to))?;
        sync_folder(to)?;
        let path = to.to_owned();
        Ok(Made {
            path,
            bytes,
            differences,
        })
    });
    if named.is_err() {
        forget(&part);
    }
    named
}

/// Removes what is left of a copy that did not become whole.
fn forget(part: &Path) {
    for path in [part.to_owned(), with_suffix(part, "-journal")] {
        if let Err(error) = std::fs::remove_file(&path)
            && error.kind() != io::ErrorKind::NotFound
        {
            log::warn!("{} was not removed: {}", path.display(), error.kind());
        }
    }
}

async fn copy_to_part(from: &Path, part: &Path) -> Result<(u64, Vec<Difference>), BackupError> {
    forget(part);
    // Made here, so that nobody else can read it at any moment; SQLite takes an empty file.
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(part)
        .map_err(refused(part))?;
    let connection = open::look_at_file(from, false).await?;
    let backend = connection.get_database_backend();
    let target = part.to_string_lossy().into_owned();
    let vacuum = Statement::from_sql_and_values(backend, "VACUUM INTO ?", [target.into()]);
    let copied = connection.execute_raw(vacuum).await;
    let _ = connection.close().await;
    copied.map_err(|error| BackupError::Copy(open::plain(&error)))?;
    let file = File::open(part).map_err(refused(part))?;
    file.sync_all().map_err(refused(part))?;
    let bytes = file.metadata().map_err(refused(part))?.len();
    let differences = check(part).await?;
    Ok((bytes, differences))
}

fn sync_folder(path: &Path) -> Result<(), BackupError> {
    let folder = folder_of(path);
    let opened = File::open(folder).map_err(refused(folder))?;
    opened.sync_all().map_err(refused(folder))
}

/// Reads a copy through; what is wrong in the books is given back, damage of the file is an error.
async fn check(path: &Path) -> Result<Vec<Difference>, BackupError> {
    let connection = open::look_at_file(path, true).await?;
    let audited = audit::audit(&connection).await;
    let _ = connection.close().await;
    let differences = audited.map_err(|error| BackupError::Damaged(words(&error)))?;
    match differences.iter().find(|it| it.invariant == "file") {
        Some(damage) => Err(BackupError::Damaged(damage.detail.clone())),
        None => Ok(differences),
    }
}

fn words(error: &StoreError) -> String {
    match error {
        StoreError::Db(error) => open::plain(error),
        StoreError::NotEnough
        | StoreError::KeyReused(_)
        | StoreError::AlreadyResolved
        | StoreError::NoHold
        | StoreError::Overflow
        | StoreError::BadRow(_)
        | StoreError::IllegalStep(_)
        | StoreError::Stale
        | StoreError::Panicked
        | StoreError::NotWritten(_)
        | StoreError::Stopped => error.to_string(),
    }
}

/// A copy of that moment, in a folder.
#[must_use]
pub fn name_in(folder: &Path, at: DateTime<Utc>) -> PathBuf {
    let (begin, end) = NAME;
    folder.join(format!("{begin}{}{end}", at.format(TIME)))
}

/// The copies in a folder with their moments, the oldest first. What did not become whole is not
/// among them.
///
/// # Errors
/// Where the folder cannot be read.
pub fn in_folder(folder: &Path) -> io::Result<Vec<(DateTime<Utc>, PathBuf)>> {
    let mut copies = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if let Some(at) = moment(&path) {
            copies.push((at, path));
        }
    }
    copies.sort();
    Ok(copies)
}

fn moment(path: &Path) -> Option<DateTime<Utc>> {
    let (begin, end) = NAME;
    let name = path.file_name()?.to_str()?;
    let time = name.strip_prefix(begin)?.strip_suffix(end)?;
    let time = NaiveDateTime::parse_from_str(time, TIME).ok()?;
    Some(time.and_utc())
}

/// Makes the folder, for its owner only, and removes what earlier copies left there unfinished.
///
/// # Errors
/// Where it cannot be made or read.
pub fn prepare(folder: &Path) -> Result<(), BackupError> {
    if !folder.is_dir() {
        std::fs::create_dir_all(folder).map_err(refused(folder))?;
        let only_owner = Permissions::from_mode(0o700);
        std::fs::set_permissions(folder, only_owner).map_err(refused(folder))?;
    }
    for entry in std::fs::read_dir(folder).map_err(refused(folder))? {
        let path = entry.map_err(refused(folder))?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let whole = name.and_then(|name| name.strip_suffix(PART));
        if whole.is_some_and(|name| moment(Path::new(name)).is_some()) {
            forget(&path);
        }
    }
    Ok(())
}

/// Removes the oldest copies of a folder, so that `keep` are left.
///
/// # Errors
/// Where one cannot be removed.
pub fn rotate(folder: &Path, keep: usize) -> io::Result<()> {
    let copies = in_folder(folder)?;
    let surplus = copies.len().saturating_sub(keep.max(1));
    for (_, path) in copies.into_iter().take(surplus) {
        std::fs::remove_file(path)?;
    }
    Ok(())
}

/// How much room is left where a file is.
///
/// # Errors
/// Where the system does not say.
pub fn free_bytes(file: &Path) -> io::Result<u64> {
    let room = rustix::fs::statvfs(folder_of(file))?;
    Ok(room.f_bavail.saturating_mul(room.f_frsize))
}

/// What was put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Where what was there before stands now, where there was something.
    pub former: Option<PathBuf>,
    /// What is wrong in the books that were put back.
    pub differences: Vec<Difference>,
}

/// Puts a copy in the place of the database at `url`. It is migrated and checked before, and the
/// shop that next opens it sells nothing until an admin has looked.
///
/// # Errors
/// [`BackupError`]; the database is as it was then.
pub async fn restore(
    url: &str,
    copy: &Path,
    anyway: bool,
    now: DateTime<Utc>,
) -> Result<Restored, BackupError> {
    if !open::is_sqlite_url(url) {
        return Err(BackupError::Server);
    }
    let place = open::sqlite_path(url)?;
    if !copy.is_file() {
        let path = copy.display().to_string();
        return Err(OpenError::Missing { path }.into());
    }
    // As long as this is held, no shop serves the database.
    let lock = Lock::take(url).await?;
    let fresh = with_suffix(&place, "-restoring");
    let restored = restore_locked(&place, copy, &fresh, anyway, now).await;
    if restored.is_err() {
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(with_suffix(&fresh, suffix));
        }
    }
    lock.give_back().await;
    restored
}

async fn restore_locked(
    place: &Path,
    copy: &Path,
    fresh: &Path,
    anyway: bool,
    now: DateTime<Utc>,
) -> Result<Restored, BackupError> {
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(with_suffix(fresh, suffix));
    }
    std::fs::copy(copy, fresh).map_err(refused(fresh))?;
    let only_owner = Permissions::from_mode(0o600);
    std::fs::set_permissions(fresh, only_owner).map_err(refused(fresh))?;
    let differences = make_ready(fresh, now).await?;
    if let (Some(first), false) = (differences.first(), anyway) {
        let count = differences.len();
        return Err(BackupError::Differences(count, first.detail.clone()));
    }
    let file = File::open(fresh).map_err(refused(fresh))?;
    file.sync_all().map_err(refused(fresh))?;
    let former = set_aside(place, now)?;
    std::fs::rename(fresh, place).map_err(refused(place))?;
    sync_folder(place)?;
    Ok(Restored {
        former,
        differences,
    })
}

/// Brings the file up to date, checks it, and writes into it that it is an older copy.
async fn make_ready(fresh: &Path, now: DateTime<Utc>) -> Result<Vec<Difference>, BackupError> {
    let writer = open::ready_file(fresh).await?;
    let suspected = recovery::suspect(&writer, Evidence::Older, now).await;
    let closed = writer.close().await;
    suspected
        .and(closed)
        .map_err(|error| BackupError::Copy(open::plain(&error)))?;
    check(fresh).await
}

/// Gives the present database a second name, with the writes that are not in its file yet. At each
/// moment a database stands at its place.
fn set_aside(place: &Path, now: DateTime<Utc>) -> Result<Option<PathBuf>, BackupError> {
    if !place.exists() {
        return Ok(None);
    }
    let former = with_suffix(place, &format!("-before-{}", now.format(TIME)));
    if former.exists() {
        return Err(BackupError::Exists(former.display().to_string()));
    }
    let journal = with_suffix(place, "-wal");
    second_name(place, &former)?;
    if journal.exists() {
        second_name(&journal, &with_suffix(&former, "-wal"))?;
    }
    sync_folder(place)?;
    for path in [journal, with_suffix(place, "-shm")] {
        if path.exists() {
            std::fs::remove_file(&path).map_err(refused(&path))?;
        }
    }
    sync_folder(place)?;
    Ok(Some(former))
}

/// Not every file system knows second names; a copy does as well.
fn second_name(path: &Path, name: &Path) -> Result<(), BackupError> {
    if std::fs::hard_link(path, name).is_err() {
        std::fs::copy(path, name).map_err(refused(name))?;
        let file = File::open(name).map_err(refused(name))?;
        file.sync_all().map_err(refused(name))?;
    }
    Ok(())
}
