//! Stored flag state per environment, and the audit log, written together.

use crate::StoreError;
use crate::outbox::NewMessage;
use async_trait::async_trait;
use bytes::Bytes;
use wigwag_base::{Page, PageOf, Timestamp};
use wigwag_flags::{FlagName, FlagState};

/// Keeps flags and the audit log.
#[async_trait]
pub trait Flags: Send + Sync {
    /// Every stored flag of every environment, read at start.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn stored_flags(&self) -> Result<Vec<StoredFlag>, StoreError>;

    /// What was stored of one flag before its last write; `None` if it was never written.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn flag_before(
        &self,
        environment: String,
        name: FlagName,
    ) -> Result<Option<FlagBefore>, StoreError>;

    /// Makes all writes and audit rows and keeps the messages that tell of them, or nothing, in one transaction.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if one flag has not the version that its write saw.
    async fn write_flags(
        &self,
        writes: Vec<FlagWrite>,
        audit: Vec<AuditEntry>,
        messages: Vec<NewMessage>,
    ) -> Result<(), StoreError>;

    /// The copies of other servers' flags, read at start.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn remote_copies(&self) -> Result<Vec<RemoteCopy>, StoreError>;

    /// Keeps a copy in place of the environment's last one, appends audit rows of what was changed there, and keeps the
    /// messages that tell of it, in one transaction.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn keep_remote(
        &self,
        copy: RemoteCopy,
        audit: Vec<AuditEntry>,
        messages: Vec<NewMessage>,
    ) -> Result<(), StoreError>;

    /// Appends audit rows of changes that are no flags.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn append_audit(&self, entries: Vec<AuditEntry>) -> Result<(), StoreError>;

    /// Audit rows, newest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn audit(&self, filter: AuditFilter, page: Page) -> Result<PageOf<AuditRow>, StoreError>;

    /// Reads the whole audit log and follows its chain; `kept` is a row's hash that was kept elsewhere, to be found
    /// again: a chain that was cut off or made anew is whole in itself.
    ///
    /// # Errors
    /// See [`StoreError`].
    async fn verify_audit(&self, kept: Option<[u8; 32]>) -> Result<AuditCheck, StoreError>;
}

/// A flag's stored state in one environment.
#[derive(Clone, PartialEq, Debug)]
pub struct StoredFlag {
    /// The environment's name.
    pub environment: String,
    /// The flag.
    pub name: FlagName,
    /// Its gates.
    pub state: FlagState,
    /// Raised by every write.
    pub version: i64,
}

/// The step that a flag's last write made, for whoever wants to take it back.
#[derive(Clone, PartialEq, Debug)]
pub struct FlagBefore {
    /// What was stored before it; `None` is nothing.
    pub before: Option<FlagState>,
    /// What is stored since; `None` is nothing.
    pub after: Option<FlagState>,
}

/// The flags of an environment that another server keeps, as they were read last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RemoteCopy {
    /// The environment's name.
    pub environment: String,
    /// The server that they were read from: the copy counts for no other.
    pub url: String,
    /// When.
    pub read_at: Timestamp,
    /// The flags, in the engine's own form.
    pub content: Bytes,
}

/// One write.
#[derive(Clone, PartialEq, Debug)]
pub struct FlagWrite {
    /// The environment's name.
    pub environment: String,
    /// The flag.
    pub name: FlagName,
    /// The version that the write was computed from; 0 for a flag without stored state.
    pub seen_version: i64,
    /// The state after it; `None` forgets the stored state (the version goes on rising).
    pub after: Option<FlagState>,
}

/// An audit row to write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// The username whose rights were used.
    pub author: String,
    /// The admin who acted as `author`, if so.
    pub sudo_by: Option<String>,
    /// Where from: `api`, `chat:CHANNEL`, `console`, `cli`, `page`.
    pub via: String,
    /// The flag, if the change is one of a flag.
    pub flag: Option<String>,
    /// The environment, likewise.
    pub environment: Option<String>,
    /// What it was, in words.
    pub before: String,
    /// What it is, in words.
    pub after: String,
    /// Why, if the author said so; ignored checks are named here.
    pub reason: Option<String>,
}

/// An audit row as kept: chained by hash to the row before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditRow {
    /// Rising by one.
    pub id: i64,
    /// What happened.
    pub entry: AuditEntry,
    /// SHA-256 over the hash of the row before and this row's fields.
    pub hash: [u8; 32],
}

/// What following the chain of the audit log came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditCheck {
    /// Rows that follow from the one before.
    pub rows: u64,
    /// The hash of the last of them; zeros of an empty log.
    pub head: [u8; 32],
    /// The first row that does not follow, or follows a gap.
    pub broken_at: Option<i64>,
    /// The row whose hash was kept elsewhere, if it is still there.
    pub kept_at: Option<i64>,
}

/// Which audit rows. Every field narrows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AuditFilter {
    /// At or after this.
    pub since: Option<Timestamp>,
    /// Of one flag.
    pub flag: Option<String>,
    /// By one author.
    pub author: Option<String>,
}
