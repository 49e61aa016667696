//! A note outside the database of how far the database had come.
//!
//! Invariant: it is written after each commit, so it is never ahead of the database that it was
//! written for; a database that is behind its note is an older copy that was put back.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::store::open;
use crate::store::recovery::Evidence;

/// The note of one database.
#[derive(Debug)]
pub(super) struct Witness {
    file: File,
    /// What it said when it was opened: how far, and of which database.
    found: Option<(i64, String)>,
}

impl Witness {
    /// Opens the note of the database at `url`: beside its file, or in `folder` for one on a
    /// server. `None` where there is no place for it.
    pub(super) fn open(url: &str, folder: Option<&Path>) -> std::io::Result<Option<Self>> {
        let Some(path) = beside(url, folder, "-newest") else {
            return Ok(None);
        };
        let found = std::fs::read_to_string(&path).ok();
        let found = found.as_deref().and_then(|line| {
            let (commits, database) = line.trim_end().split_once(' ')?;
            Some((commits.parse().ok()?, database.to_owned()))
        });
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)?;
        Ok(Some(Self { file, found }))
    }

    /// What speaks against this database being the newest copy of itself; one that `is_new` to
    /// notes may lack its own.
    pub(super) fn evidence(&self, database: &str, is_new: bool, commits: i64) -> Option<Evidence> {
        match &self.found {
            Some((_, other)) if other != database => Some(Evidence::Moved),
            Some((noted, _)) if *noted > commits => Some(Evidence::Older),
            Some(_) => None,
            None if is_new => None,
            None => Some(Evidence::Moved),
        }
    }

    /// Notes how far the database has come. One call of the system writes the line whole; that it
    /// reaches the disk need not be waited for: a power loss leaves an older note, which is right.
    pub(super) fn note(&self, database: &str, commits: i64) {
        let line = format!("{commits:020} {database}\n");
        if let Err(error) = self.file.write_all_at(line.as_bytes(), 0) {
            log::warn!("the note beside the database was not written: {error}");
        }
    }
}

/// The file of that ending that belongs to the database at `url`.
pub(super) fn beside(url: &str, folder: Option<&Path>, ending: &str) -> Option<PathBuf> {
    if open::is_sqlite_url(url) {
        let mut name = open::sqlite_path(url).ok()?.into_os_string();
        name.push(ending);
        return Some(PathBuf::from(name));
    }
    let url = url::Url::parse(url).ok()?;
    let name: String = url
        .path()
        .trim_matches('/')
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    Some(folder?.join(format!("{name}{ending}")))
}
