//! What was said and done about a flag's rollout: announcements, notes, QA results, roll-backs and their acknowledgement.
//!
//! ```text
//! (none) -- rollback --> unacknowledged: turning on is refused -- ack --> (none)
//!                        unacknowledged -- rollback --> unacknowledged
//! ```

use crate::StoreError;
use crate::flags::AuditEntry;
use crate::outbox::NewMessage;
use async_trait::async_trait;
use wigwag_base::{Page, PageOf, Timestamp};
use wigwag_flags::FlagName;

/// Keeps a flag's rollout log.
#[async_trait]
pub trait RolloutLog: Send + Sync {
    /// Appends an entry with its audit row and the messages that tell of it, in one transaction.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn append_rollout_entry(
        &self,
        entry: NewRolloutEntry,
        audit: AuditEntry,
        messages: Vec<NewMessage>,
    ) -> Result<i64, StoreError>;

    /// Entries of one flag, newest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn rollout_entries(&self, flag: FlagName, page: Page) -> Result<PageOf<RolloutEntry>, StoreError>;

    /// The newest roll-back of a flag that nobody acknowledged since.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn open_rollback(&self, flag: FlagName) -> Result<Option<RolloutEntry>, StoreError>;
}

/// What an entry is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RolloutEntryKind {
    /// It was announced.
    Announcement,
    /// A remark.
    Note,
    /// The result of somebody's test.
    Qa,
    /// It was rolled back.
    Rollback,
    /// The roll-back was acknowledged.
    Acknowledgement,
}

impl RolloutEntryKind {
    /// Every kind.
    pub const ALL: [RolloutEntryKind; 5] =
        [Self::Announcement, Self::Note, Self::Qa, Self::Rollback, Self::Acknowledgement];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Announcement => "announcement",
            Self::Note => "note",
            Self::Qa => "qa",
            Self::Rollback => "rollback",
            Self::Acknowledgement => "acknowledgement",
        }
    }
}

/// An entry to keep.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRolloutEntry {
    /// The flag.
    pub flag: FlagName,
    /// What it is.
    pub kind: RolloutEntryKind,
    /// The username of who made it.
    pub author: String,
    /// What was said; may be empty.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

/// An entry as kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RolloutEntry {
    /// Rising.
    pub id: i64,
    /// What was kept.
    pub entry: NewRolloutEntry,
}
