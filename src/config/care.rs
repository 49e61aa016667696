//! Backups, and what admins are warned of.
//!
//! Invariant: without a folder there are no backups by themselves, and no setting of theirs either.

use std::path::PathBuf;

use chrono::TimeDelta;

use crate::config::{ConfigError, Source, unreadable};

/// The settings of backups and warnings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CareConfig {
    /// Backups by themselves, where there is a folder for them.
    pub backups: Option<BackupConfig>,
    /// An upstream that was of no use for so long is one to be warned of.
    pub down_for: TimeDelta,
    /// Fewer free bytes than this are to be warned of.
    pub least_free_bytes: u64,
    /// Money that waits for a look for so long is to be warned of.
    pub waits_for: TimeDelta,
}

/// Where backups go, how often, and how many are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupConfig {
    /// The folder.
    pub folder: PathBuf,
    /// Between two of them.
    pub every: TimeDelta,
    /// How many are kept.
    pub keep: usize,
}

impl CareConfig {
    /// Reads and checks the settings.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn from_source(source: &Source) -> Result<Self, ConfigError> {
        let down = within(source, "ALERT_DOWN_MINUTES", 5, 1..=1_440)?;
        let waits = within(source, "ALERT_TOPUP_MINUTES", 30, 1..=10_080)?;
        let free_mb = within(source, "ALERT_DISK_MB", 500, 1..=1_000_000_000)?;
        Ok(Self {
            backups: backups(source)?,
            down_for: TimeDelta::minutes(down),
            least_free_bytes: free_mb.unsigned_abs().saturating_mul(1_000_000),
            waits_for: TimeDelta::minutes(waits),
        })
    }
}

fn backups(source: &Source) -> Result<Option<BackupConfig>, ConfigError> {
    let hours = within(source, "BACKUP_EVERY_HOURS", 24, 1..=8_760)?;
    let keep = within(source, "BACKUP_KEEP", 14, 1..=10_000)?;
    let Some(folder) = source.get("BACKUP_FOLDER") else {
        for name in ["BACKUP_EVERY_HOURS", "BACKUP_KEEP"] {
            if source.get(name).is_some() {
                return Err(unreadable(name, "it needs BACKUP_FOLDER"));
            }
        }
        return Ok(None);
    };
    Ok(Some(BackupConfig {
        folder: PathBuf::from(folder),
        every: TimeDelta::hours(hours),
        keep: usize::try_from(keep).unwrap_or(1),
    }))
}

fn within(
    source: &Source,
    name: &str,
    default: i64,
    range: std::ops::RangeInclusive<i64>,
) -> Result<i64, ConfigError> {
    let number = source.parsed(name, default, "a whole number")?;
    if range.contains(&number) {
        return Ok(number);
    }
    let (least, most) = (range.start(), range.end());
    let reason = format!("it must be between {least} and {most}");
    Err(unreadable(name, &reason))
}
