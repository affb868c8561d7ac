//! Entries of rollout logs.

use super::{codes, time};
use crate::error::odd;
use rusqlite::{Result, Row};
use wigwag_ports::rollout_log::{NewRolloutEntry, RolloutEntry, RolloutEntryKind};

codes!(kind_code, kind, RolloutEntryKind {
    RolloutEntryKind::Announcement = 0,
    RolloutEntryKind::Note = 1,
    RolloutEntryKind::Qa = 2,
    RolloutEntryKind::Rollback = 3,
    RolloutEntryKind::Acknowledgement = 4,
});

/// Reads a row of `rollout_log`.
pub(crate) fn rollout_entry(row: &Row<'_>) -> Result<RolloutEntry> {
    let flag: String = row.get("flag")?;
    let entry = NewRolloutEntry {
        flag: flag.parse().map_err(|_| odd("flag"))?,
        kind: kind(row.get("kind")?)?,
        author: row.get("author")?,
        text: row.get("text")?,
        at: time(row, "at")?,
    };
    Ok(RolloutEntry { id: row.get("id")?, entry })
}
